"""What conferences decided and what still holds of it: who is set aside this week, until when, and why a household is back.

Tiers never change by it. `listing.py` asks here; docs/adr/0025 says why the meeting's day decides and what counts as something new, 0029 what new facts do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from engine.kernel.dates import wareki_short
from engine.records.case import Tier
from engine.records.conference import Decision, PastDecision

_UNTIL_SOMETHING_NEW: frozenset[Decision] = frozenset({"既に支援中", "対象外"})
_BEING_DEALT_WITH: frozenset[Decision] = frozenset({"積極的アプローチ", "学校等への調査", "見守り", "既に支援中"})
"""Decisions after which somebody works with the family, so that a 終結 ends them."""


Evidence = Mapping[str, tuple[date, ...]]
"""By pair (`child/scenario`), the days of the facts that it rests on."""


@dataclass(frozen=True)
class Conferences:
    """What stands when a week's list is made. `standing`: by household key. `day`: of the meeting that gets the list.

    `last_as_of`, `last_day`: as-of day and meeting day of the list before; None on the first.
    `evidence`: of scenarios of which new facts matter by themselves (`facts_matter`) and that count now, by pair, the days of the facts they rest on.
    """

    day: date
    standing: Mapping[str, PastDecision] = field(default_factory=dict)
    last_as_of: date | None = None
    last_day: date | None = None
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True)
class Effect:
    """What a decision does to a household in one week.

    `is_apart`: it is shown apart; then `until` is the day on which it comes back by itself, None if only something new brings it back. `back_because`: why a
    household that had been set aside is on the list again, in sentences; empty where the decision never set it aside. `is_new`: something new brought it back.
    """

    is_apart: bool = False
    until: date | None = None
    back_because: str = ""
    is_new: bool = False


def decisions_known(decisions: Iterable[PastDecision], as_of: date, meeting_on: date) -> tuple[PastDecision, ...]:
    """What had been decided before a week's list, in the order given: by the day of its meeting, on the list of an earlier as-of day.

    So a week that is run again does not honour what was decided on its own list or later.
    """
    return tuple(each for each in decisions if _is_known(each, as_of, meeting_on))


def by_household(decisions: Iterable[PastDecision]) -> dict[str, tuple[PastDecision, ...]]:
    """The decisions on each household, newest first."""
    found: dict[str, list[PastDecision]] = {}
    for each in sorted(decisions, key=lambda each: (each.decided_on, each.run_id), reverse=True):
        found.setdefault(each.household_key, []).append(each)
    return {key: tuple(its) for key, its in found.items()}


def standing_decisions(decisions: Iterable[PastDecision]) -> dict[str, PastDecision]:
    """By household, the newest decision. A sheet on which nothing was decided leaves the decision before it standing."""
    return {
        key: decided[0]
        for key, its in by_household(decisions).items()
        if (decided := [each for each in its if each.decision is not None])
    }


def may_set_apart(decision: PastDecision) -> bool:
    """Whether a decision is one that sets its household aside, if nothing brings it back."""
    return _span(decision)[0]


def facts_matter(hardship_type: str, strength: str) -> bool:
    """Whether a new fact of a scenario that counted already brings a household back: another injury, another urgent call.

    Of strong scenarios of 虐待 only. What other scenarios rest on comes every month again (arrears, absences): it would put two of five who are set aside back
    on the list within a month, and is told in the line of the household instead.
    """
    return hardship_type == "abuse" and strength == "強"


def data_until(decision: PastDecision) -> date:
    """The last day of what the conference could know from its papers: the as-of day of its list.

    Not the day of the meeting: what happened in the days between stood on no paper.
    """
    return date.fromisoformat(as_of_of(decision.run_id))


def effect_of(
    decision: PastDecision,
    day: date,
    tier: Tier,
    pairs: Collection[str],
    evidence: Evidence = MappingProxyType({}),
) -> Effect:
    """What a decision does to its household on the day of a meeting.

    `tier`: the household's tier now; `pairs`: what counts now, as `child_key/scenario_id`; `evidence`: as of `Conferences`. A day on which it comes back is the
    first on which it is on the list again. Something new brings it back at any time: a pair that did not count then, a more active tier, or a fact of a
    pair of `evidence` that is later than the papers of the conference.
    """
    sets_aside, until, what_came = _span(decision)
    if not sets_aside:
        return Effect()
    over = []
    if until is not None and until <= day:
        over.append(f"{what_came}({wareki_short(until)})が来ました。")
    if decision.closed_on is not None and decision.closed_on <= day and decision.decision in _BEING_DEALT_WITH:
        over.append(f"支援が終結しました({wareki_short(decision.closed_on)})。")
    new = [*_something_new(decision, tier, pairs), *_new_facts(decision, pairs, evidence)]
    if over or new:
        return Effect(back_because="".join((*new, *over)), is_new=bool(new))
    return Effect(is_apart=True, until=until)


def was_on_the_list(
    decision: PastDecision, conferences: Conferences, tier_before: Tier, pairs_before: Collection[str]
) -> bool:
    """Whether the list before already had the household again, after this decision had been taken."""
    if conferences.last_as_of is None or conferences.last_day is None:
        return False
    if not _is_known(decision, conferences.last_as_of, conferences.last_day):
        return False
    then = {
        each: tuple(on for on in days if on <= conferences.last_as_of) for each, days in conferences.evidence.items()
    }
    return not effect_of(decision, conferences.last_day, tier_before, pairs_before, then).is_apart


def pair(child_key: str, scenario_id: str) -> str:
    """One scenario that counts for one child, as a decision remembers it."""
    return f"{child_key}/{scenario_id}"


def as_of_of(run_id: str) -> str:
    """The as-of day of a run as YYYYMMDD, out of its number."""
    return run_id[1:9]


def _is_known(decision: PastDecision, as_of: date, meeting_on: date) -> bool:
    return as_of_of(decision.run_id) < f"{as_of:%Y%m%d}" and decision.decided_on <= meeting_on


def _span(decision: PastDecision) -> tuple[bool, date | None, str]:
    """Whether a decision sets its household aside, until which day, and what that day is called."""
    review = "見直しの日"
    if decision.decision == "見送り":
        if decision.until is not None:
            return True, decision.until, "見送りの期限"
        return decision.review_on is not None, decision.review_on, review
    if decision.decision in _UNTIL_SOMETHING_NEW:
        return True, decision.review_on, review
    return decision.decision is not None and decision.review_on is not None, decision.review_on, review


def _something_new(decision: PastDecision, tier: Tier, pairs: Collection[str]) -> Iterable[str]:
    new = set(pairs) - set(decision.met_then)
    if new:
        scenarios = sorted({each.rpartition("/")[2] for each in new})
        yield f"新しく{'・'.join(scenarios)}に該当しました。"
    if tier < decision.tier_then:
        yield f"区分が{Tier(decision.tier_then).mark}から{tier.mark}に変わりました。"


def _new_facts(decision: PastDecision, pairs: Collection[str], evidence: Evidence) -> Iterable[str]:
    """Of pairs that counted already; what counts for the first time is told as such."""
    known_on = data_until(decision)
    newest: dict[str, date] = {}
    for each in set(pairs) & set(decision.met_then):
        scenario = each.rpartition("/")[2]
        later = [on for on in evidence.get(each, ()) if on > known_on]
        if later:
            newest[scenario] = max((*later, newest.get(scenario, date.min)))
    if newest:
        told = "・".join(f"{scenario} {wareki_short(on)}" for scenario, on in sorted(newest.items()))
        yield f"判断のあとに新しい事実があります({told})。"
