"""References between scenarios that are not in force on the same days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.kernel.errors import Problem
from engine.rulebook.checks.references import referring_sentences
from engine.rulebook.model import Scenario, Validity


def uncovered_references(scenarios: Sequence[Scenario], by_id: Mapping[str, Scenario]) -> Iterator[Problem]:
    """W-RULE-09: on some day in force, the scenario that is referred to is not; that day, the rulebooks do not load."""
    for scenario in scenarios:
        for id_, place in referring_sentences(scenario):
            other = by_id.get(id_)
            gap = other and other.validity and _gap(scenario.validity, other.validity)
            if not gap:
                continue
            yield Problem(
                place,
                "W-RULE-09",
                f"参照しているシナリオ「{id_}」の有効期間が、「{scenario.id}」の有効期間をすべては含みません({gap})。",
                "その日になると、ルールブックを読み込めずに止まります。",
                "2つのシナリオの「有効期間」をそろえてください。",
            )


def _gap(mine: Validity | None, other: Validity) -> str | None:
    """On which side the other's days do not cover mine, in words."""
    parts = []
    if mine is None or mine.start < other.start:
        parts.append(f"{other.start.isoformat()}より前")
    if other.end is not None and (mine is None or mine.end is None or mine.end > other.end):
        parts.append(f"{other.end.isoformat()}より後")
    return "と".join(parts) or None
