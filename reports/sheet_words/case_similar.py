"""Similar past households on one household's sheet: in what they are alike, what was decided, how it ended, what helped. No key, no name, no number of likeness."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.records.case import HARDSHIP_LABELS, Case, ChildCase
from engine.records.similar import SimilarCase
from reports.sheet_words.names import Names

SHOWN = 3
_OPEN_SHOWN = 1
_SUPPORTS_SHOWN = 2
_OPEN = "継続中"
_SINCE = re.compile(r"^\d+年\d+月から")


@dataclass(frozen=True)
class SimilarRow:
    """One past household. `alike`: with whom and in what; `told`: what was decided, how it ended, support meanwhile."""

    number: str
    alike: str
    told: str


def similar_rows(case: Case, names: Names) -> tuple[SimilarRow, ...]:
    """At most three for the household, the nearest of each child first; each past household once, and of open ones at most one."""
    ranked = [
        (child, similar)
        for rank in range(max((len(child.similar) for child in case.children), default=0))
        for child in case.children
        for similar in child.similar[rank : rank + 1]
    ]
    kept: dict[str, tuple[ChildCase, SimilarCase]] = {}
    still_open = 0
    for child, similar in ranked:
        is_open = similar.ended.startswith(_OPEN)
        if len(kept) == SHOWN or similar.household_key in kept or (is_open and still_open == _OPEN_SHOWN):
            continue
        still_open += is_open
        kept[similar.household_key] = child, similar
    return tuple(
        SimilarRow(str(number), _alike(child, similar, names), _told(similar))
        for number, (child, similar) in enumerate(kept.values(), start=1)
    )


def _alike(child: ChildCase, similar: SimilarCase, names: Names) -> str:
    label = HARDSHIP_LABELS.get(similar.hardship_type, similar.hardship_type)
    return f"{label}{names.tag([child])}: {similar.likeness}"


def _told(similar: SimilarCase) -> str:
    supports = list(dict.fromkeys(_SINCE.sub("", text) for text in similar.support))
    rest = len(supports) - _SUPPORTS_SHOWN
    named = "、".join(supports[:_SUPPORTS_SHOWN]) + (f"ほか{rest}つ" if rest > 0 else "")
    return f"{similar.decided[0]} → {similar.ended}。支援: {named or '記録なし'}"
