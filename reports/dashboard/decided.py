"""What became of what earlier conferences decided: set apart, back, still listed, no longer listed, and how it came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.records.case import Casebook
from engine.records.conference import DECISIONS, OUTCOMES, PastDecision
from engine.tiers.standing import standing_decisions


@dataclass(frozen=True)
class DecisionLine:
    """Households of which the newest decision is this one, and where they are this week. `outcomes`: how many came out how, in words."""

    decision: str
    households: int
    apart: int
    back: int
    listed: int
    elsewhere: int
    outcomes: str


def decisions_so_far(casebook: Casebook, past: Iterable[PastDecision]) -> tuple[DecisionLine, ...]:
    """A line for each kind of decision that stands for any household, in the order of the choices on the sheet.

    `past`: what conferences had decided before the run, one for each run and household, with what is known of it now. What the casebook itself
    tells of a household is added, so that a page made from the record alone counts no fewer than its sheets show.
    """
    told = (*(one.decision for one in casebook.apart), *(one for case in casebook.cases for one in case.decisions))
    known = {(one.run_id, one.household_key): one for one in (*told, *past)}
    groups: dict[str, list[PastDecision]] = {}
    for decision in standing_decisions(known.values()).values():
        if decision.decision is not None:
            groups.setdefault(decision.decision, []).append(decision)
    return tuple(_line(name, groups[name], casebook) for name in DECISIONS if name in groups)


def _line(name: str, decisions: Sequence[PastDecision], casebook: Casebook) -> DecisionLine:
    keys = {decision.household_key for decision in decisions}
    apart = {household.household_key for household in casebook.apart}
    listed = {case.household_key for case in casebook.cases}
    back = {case.household_key for case in casebook.cases if case.back_because}
    outcomes: Counter[str] = Counter(decision.outcome for decision in decisions if decision.outcome)
    return DecisionLine(
        decision=name,
        households=len(keys),
        apart=len(keys & apart),
        back=len(keys & back),
        listed=len((keys & listed) - back),
        elsewhere=len(keys - apart - listed),
        outcomes="、".join(f"{outcome} {outcomes[outcome]}世帯" for outcome in OUTCOMES if outcomes[outcome])
        or "まだ分かりません",
    )
