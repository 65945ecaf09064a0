"""The week's list and its casebook from the decisions: made by the weekly job, and made again by whoever verifies a run.

Both go through here, so that what is verified is what was done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from engine.evaluate.explanation.outline import outlines_of
from engine.records.case import Casebook, ModelUsed
from engine.records.outline import ScenarioOutline
from engine.records.score import Score
from engine.store.tables import Snapshot
from engine.tiers.listing import ChildDecision, WeekList, list_households
from kizuki.decisions import children_with_hits, tier_counts
from kizuki.evidence import Evidence, collect_evidence
from kizuki.rules.files import RuleFiles
from kizuki.similar_week import SimilarInWeek
from reports.casebook import build_casebook


@dataclass(frozen=True)
class ListTerms:
    """What makes a list besides the decisions: which run of which city, how many households its conference has time for, and when."""

    run_id: str
    city: str
    capacity: int
    meeting_on: date


@dataclass(frozen=True)
class ListedWeek:
    """The decisions (one row per child), the list drawn from them, and why each child is on it."""

    decisions: pa.Table
    terms: ListTerms
    week: WeekList
    evidence: Evidence
    outlines: tuple[ScenarioOutline, ...]

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
) -> ListedWeek:
    """The list of a week. `before`: the children who mattered in the run before; None for the first run."""
    week = list_households(children_with_hits(decisions), before, terms.capacity)
    return ListedWeek(decisions, terms, week, collect_evidence(snapshot, rules, week), outlines_of(rules.plan))


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
) -> Casebook:
    """The casebook of a list. `taken_off`: children on whom engines differ; `replay`, `replay_note`: what the second engine found.

    `protected_now`: keys of households and people who were protected (DV等支援措置) when the papers were made. `scores`: of the listed children by
    type, as they went into the decisions, with reasons; `model` or `model_note` says of all what the model did. `similar`: past households like theirs.
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
    )
