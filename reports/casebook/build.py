"""The casebook: the week's list with its evidence, still without names, as the record keeps and the handout prints it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from engine.evaluate.explanation.child import ChildExplanation
from engine.kernel.truth import Truth
from engine.records.case import (
    ApartHousehold,
    Case,
    Casebook,
    ChildCase,
    DrawnChild,
    ModelUsed,
    WeekTier,
)
from engine.records.conference import PastDecision
from engine.records.household import Household
from engine.records.outline import ScenarioOutline
from engine.records.score import Score
from engine.records.similar import SimilarCase
from engine.store.tables import Snapshot
from engine.tiers.decide import explain_types
from engine.tiers.listing import ChildDecision, ListedHousehold, WeekList
from engine.tiers.policy import TierPolicy
from engine.tiers.turning import TurningPoints
from reports.casebook.main_reason import Hit, main_reason
from reports.casebook.member_lines import member_lines, with_parents
from reports.casebook.past_year import Chronicler, PastYear


def build_casebook(
    snapshot: Snapshot,
    week: WeekList,
    households: Mapping[str, Household],
    explanations: Mapping[str, ChildExplanation],
    *,
    taken_off: Collection[str],
    policy: TierPolicy,
    outlines: Sequence[ScenarioOutline],
    meeting_on: date,
    run_id: str,
    city: str,
    capacity: int,
    children_evaluated: int,
    tier_counts: Mapping[str, int],
    replay: str,
    replay_note: str,
    rulebook_versions: Mapping[str, str],
    protected_now: Collection[str] = frozenset(),
    scores: Mapping[str, Mapping[str, Score]] | None = None,
    model: ModelUsed | None = None,
    model_note: str = "",
    similar: Mapping[str, tuple[SimilarCase, ...]] | None = None,
    similar_note: str = "",
    beside: Beside | None = None,
) -> Casebook:
    """Cases in the order of the list, numbered from 1. Households with a child in `taken_off` are left out.

    `households` and `explanations` are by child key. Raises AssertionError where the explained tier of a child differs
    from the one decided in bulk: both come from the same policy.

    `outlines`: the scenarios as judged, from which it is told what one answer would change.

    `protected_now`: keys of households and people who are protected (DV等支援措置) today, whatever the day of the
    snapshot. A case of theirs shows no district and counts as protected: printing obeys the newest list.

    `scores`: of each listed child by type, with reasons; None where no model was used, which `model_note` explains. `similar`: past households by
    child key; `similar_note` explains where there are none. `beside`: what stands
    beside the judged cases.
    """
    beside = beside or Beside()
    protected_today = frozenset(protected_now)
    places = {
        key: (district, protected)
        for key, district, protected in snapshot.connection.execute(
            "SELECT household_key, district, protected FROM household"
        ).fetchall()
    }
    judge = _Judge(policy, TurningPoints(outlines, policy), scores or {}, similar or {})
    kept = [line for line in week.households if not any(child.child_key in taken_off for child in line.children)]
    return Casebook(
        as_of=snapshot.as_of,
        meeting_on=meeting_on,
        run_id=run_id,
        city=city,
        capacity=capacity,
        sources=snapshot.sources,
        cases=tuple(
            _case(snapshot, number, line, households, explanations, judge, beside, protected_today, *places[line.household_key])
            for number, line in enumerate(kept, start=1)
        ),
        dropped=week.dropped,
        children_evaluated=children_evaluated,
        tier_counts=dict(tier_counts),
        replay=replay,
        replay_note=replay_note,
        rulebook_versions=dict(rulebook_versions),
        not_printed=week.waiting,
        model=model,
        model_note=model_note,
        similar_note=similar_note,
        apart=beside.apart,
        drawn=beside.drawn,
        drawn_from=beside.drawn_from,
    )


@dataclass(frozen=True)
class Beside:
    """What the papers tell besides the judged cases of a week.

    `chronicler`: tells the twelve months of a household, None to tell nothing. `weeks`, `decisions`: by household key. `apart`, `drawn`, `drawn_from`: as in the
    casebook.
    """

    chronicler: Chronicler | None = None
    weeks: Mapping[str, tuple[WeekTier, ...]] = field(default_factory=dict)
    decisions: Mapping[str, tuple[PastDecision, ...]] = field(default_factory=dict)
    apart: tuple[ApartHousehold, ...] = ()
    drawn: tuple[DrawnChild, ...] = ()
    drawn_from: int = 0


@dataclass(frozen=True)
class _Judge:
    """What turns the explanation of a child into a tier: the policy, its turning points, and the scores of the listed children; and what is told beside it."""

    policy: TierPolicy
    turning: TurningPoints
    scores: Mapping[str, Mapping[str, Score]]
    similar: Mapping[str, tuple[SimilarCase, ...]]


def _case(
    snapshot: Snapshot,
    number: int,
    line: ListedHousehold,
    households: Mapping[str, Household],
    explanations: Mapping[str, ChildExplanation],
    judge: _Judge,
    beside: Beside,
    protected_today: frozenset[str],
    district: str | None,
    protected: bool,
) -> Case:
    children = tuple(
        _child(decision, households[decision.child_key], explanations[decision.child_key], judge)
        for decision in line.children
    )
    household, listed = households[children[0].child_key], {child.child_key for child in children}
    members = with_parents(snapshot, member_lines(household, listed))
    past_year = beside.chronicler.past_year(household, listed) if beside.chronicler else PastYear((), 0)
    by_rules = min(child.lifted_from or child.tier for child in children)
    protected = protected or not protected_today.isdisjoint({line.household_key, *(member.key for member in members)})
    return Case(
        case_no=number,
        household_key=line.household_key,
        tier=line.tier,
        change=line.change,
        previous_tier=line.previous_tier,
        points=line.points,
        over_capacity=line.over_capacity,
        protected=protected,
        district=None if protected else district,
        children=children,
        members=members,
        main_reason=_main_reason(children),
        new_scenarios=line.new_scenarios,
        lifted_from=by_rules if by_rules != line.tier else None,
        timeline=past_year.entries,
        timeline_left_out=past_year.left_out,
        weeks=beside.weeks.get(line.household_key, ()),
        decisions=beside.decisions.get(line.household_key, ()),
        back_because=line.back_because,
    )


def _child(
    decision: ChildDecision,
    household: Household,
    explanation: ChildExplanation,
    judge: _Judge,
) -> ChildCase:
    scores = judge.scores.get(decision.child_key, {})
    types, tier, by_rules = explain_types(explanation.results, judge.policy, scores)
    if tier != decision.tier:
        raise AssertionError("the explained tier differs from the one decided in bulk")
    bands = {kind: score.band for kind, score in scores.items()}
    points = judge.turning.of(dict(enumerate(explanation.truths, start=1)), bands)
    unknown = [each.number for point in points if point.now is Truth.UNKNOWN for each in (point, *point.also)]
    return ChildCase(
        child_key=decision.child_key,
        age_years=household.child.age_years,
        school_grade=household.child.school_grade,
        tier=tier,
        types=types,
        # 非該当 scenarios stay in the table of decisions; the sheet shows what is met, cancelled or unknown.
        results=tuple(result for result in explanation.results if result.truth is not Truth.NOT_MET),
        to_check=explanation.to_check_first(unknown),
        missing=explanation.missing,
        supports=explanation.supports,
        turning_points=points,
        scores=tuple(score for score in scores.values() if score.band != "なし"),
        lifted_from=by_rules if by_rules != tier else None,
        similar=judge.similar.get(decision.child_key, ()),
    )


def _main_reason(children: tuple[ChildCase, ...]) -> str:
    return main_reason(
        (
            [Hit(r.hardship_type, r.strength, r.scenario_id, r.name) for r in child.results if r.is_hit],
            {decision.hardship_type: decision.tier for decision in child.types},
        )
        for child in children
    )
