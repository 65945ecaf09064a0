"""The week's list and its casebook from the decisions: made by the weekly job, and made again by whoever verifies a run.

Both go through here, so that what is verified is what was done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from engine.audit.run_record import RunRecord
from engine.evaluate.explanation.child import origins_of
from engine.evaluate.explanation.outline import outlines_of
from engine.records.case import Casebook, ModelUsed, Tier
from engine.records.conference import PastDecision
from engine.records.outline import ScenarioOutline
from engine.records.score import Score
from engine.store.tables import Snapshot
from engine.tiers.listing import ChildDecision, WeekList, list_households
from engine.tiers.standing import by_household
from kizuki.conferences import conferences_of
from kizuki.decisions import children_with_hits, tier_counts
from kizuki.drawn import Drawing
from kizuki.evidence import Evidence, collect_evidence
from kizuki.new_facts import with_evidence
from kizuki.past_weeks import PastWeeks
from kizuki.rules.files import RuleFiles
from kizuki.similar_week import SimilarInWeek, tiers_of
from reports.casebook.build import Beside, build_casebook
from reports.casebook.past_year import Chronicler
from reports.casebook.set_apart import apart_households
from reports.casebook.since_decided import with_new_facts


@dataclass(frozen=True)
class ListTerms:
    """What makes a list besides the decisions: which run of which city, how many households its conference has time for, and when."""

    run_id: str
    city: str
    capacity: int
    meeting_on: date


@dataclass(frozen=True)
class ListedWeek:
    """The decisions (one row per child), the list drawn from them, and why each child is on it.

    `conference`: what earlier conferences decided on the households in ① and ②, by household, oldest first.
    """

    decisions: pa.Table
    terms: ListTerms
    week: WeekList
    evidence: Evidence
    outlines: tuple[ScenarioOutline, ...]
    conference: tuple[PastDecision, ...] = ()

    @property
    def children(self) -> tuple[str, ...]:
        """The children of the listed households who are shown, by key."""
        return tuple(sorted(child.child_key for line in self.week.households for child in line.children))


def list_week(
    snapshot: Snapshot,
    rules: RuleFiles,
    decisions: pa.Table,
    before: Sequence[ChildDecision] | None,
    terms: ListTerms,
    known: Sequence[PastDecision] = (),
    last: RunRecord | None = None,
) -> ListedWeek:
    """The list of a week. `before`: the children who mattered in the run before, `last`; None for the first run.

    `known`: what conferences had decided before it.
    """
    children = children_with_hits(decisions)
    conferences = with_evidence(conferences_of(known, terms.meeting_on, last), snapshot, rules, children)
    week = list_households(children, before, terms.capacity, conferences)
    calling = {child.household_key for child in children if child.tier < Tier.NO_ACTION}
    conference = sorted(
        (each for each in known if each.household_key in calling),
        key=lambda each: (each.household_key, each.decided_on, each.run_id),
    )
    evidence = collect_evidence(snapshot, rules, week)
    return ListedWeek(decisions, terms, week, evidence, outlines_of(rules.plan), tuple(conference))


def beside_cases(
    snapshot: Snapshot,
    rules: RuleFiles,
    listed: ListedWeek,
    *,
    weeks: PastWeeks,
    drawing: Drawing,
    protected_now: Collection[str],
) -> Beside:
    """What the papers tell besides the judged cases of a list. `protected_now`: as for `casebook_of`."""
    apart = [child.child_key for line in listed.week.apart for child in line.children]
    chronicler = Chronicler(rules.vocabulary, rules.layouts, origins_of(snapshot.deliveries, rules.layouts))
    lines = apart_households(
        snapshot, listed.week.apart, tiers_of(listed.decisions, apart), listed.outlines, protected_now
    )
    return Beside(
        chronicler=chronicler,
        weeks=weeks.by_household,
        decisions=by_household(listed.conference),
        apart=with_new_facts(snapshot, lines, chronicler),
        drawn=drawing.children,
        drawn_from=drawing.pool,
    )


def casebook_of(
    snapshot: Snapshot,
    rules: RuleFiles,
    listed: ListedWeek,
    *,
    taken_off: Collection[str],
    replay: str,
    replay_note: str,
    protected_now: Collection[str],
    scores: Mapping[str, Mapping[str, Score]] | None = None,
    model: ModelUsed | None = None,
    model_note: str = "",
    similar: SimilarInWeek | None = None,
    beside: Beside | None = None,
) -> Casebook:
    """The casebook of a list. `taken_off`: children on whom engines differ; `replay`, `replay_note`: what the second engine found.

    `protected_now`: keys of households and people who were protected (DV等支援措置) when the papers were made. `scores`: of the listed children by
    type, as they went into the decisions, with reasons; `model` or `model_note` says of all what the model did. `similar`: past households like theirs.
    `beside`: what stands beside the judged cases.
    """
    return build_casebook(
        snapshot,
        listed.week,
        listed.evidence.households,
        listed.evidence.explanations,
        taken_off=taken_off,
        policy=rules.policy,
        outlines=listed.outlines,
        meeting_on=listed.terms.meeting_on,
        run_id=listed.terms.run_id,
        city=listed.terms.city,
        capacity=listed.terms.capacity,
        children_evaluated=listed.decisions.num_rows,
        tier_counts=tier_counts(listed.decisions),
        replay=replay,
        replay_note=replay_note,
        rulebook_versions=rules.rulebooks.versions,
        protected_now=protected_now,
        scores=scores,
        model=model,
        model_note=model_note,
        similar=similar.by_child if similar else None,
        similar_note=similar.note if similar else "",
        beside=beside,
    )
