"""Decisions and list of a week: by the rules, and with what a model adds where there is one and its reasons can be told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow as pa

from engine.audit.run_record import RunRecord
from engine.records.case import ModelUsed
from engine.records.conference import PastDecision
from engine.store.tables import Snapshot
from kizuki.decisions import children_with_hits, decisions_table
from kizuki.rules.files import RuleFiles
from kizuki.scoring import ScoredByModel, ScoresOfListed, note_of
from kizuki.similar_week import SimilarInWeek, similar_in_week
from kizuki.week_list import ListedWeek, ListTerms, list_week
from ml_overlay.scoring.outcome import NotScored


@dataclass(frozen=True)
class JudgedWeek:
    """The list of the week, and what a model had to do with it. `scores`: of the listed children, with reasons; None where rules alone decided."""

    listed: ListedWeek
    scored: ScoredByModel | NotScored
    scores: ScoresOfListed | None
    model: ModelUsed | None

    @property
    def by_model(self) -> ScoredByModel | None:
        """What the model said of everybody; None where rules alone decided."""
        return None if isinstance(self.scored, NotScored) else self.scored

    @property
    def model_note(self) -> str:
        """Why rules alone decided, in a sentence; empty where a model took part."""
        return note_of(self.scored) if isinstance(self.scored, NotScored) else ""

    def similar(self, snapshot: Snapshot, hidden: Collection[str]) -> SimilarInWeek:
        """Past households like those of the listed children; nobody where rules alone decided."""
        if self.by_model is None or self.scores is None:
            return SimilarInWeek()
        return similar_in_week(self.by_model, self.scores.explained, snapshot, self.listed.decisions, hidden)


def judge_week(
    snapshot: Snapshot,
    rules: RuleFiles,
    truths: pa.Table,
    scored: ScoredByModel | NotScored,
    before: RunRecord | None,
    terms: ListTerms,
    known: Sequence[PastDecision],
) -> JudgedWeek:
    """Decisions and list with the scores; where their reasons cannot be told, with rules alone: nobody is lifted without a reason."""
    last = children_with_hits(before.decisions()) if before else None
    if isinstance(scored, NotScored):
        decisions = decisions_table(snapshot, truths, rules.plan, rules.policy)
        return JudgedWeek(list_week(snapshot, rules, decisions, last, terms, known, before), scored, None, None)
    decisions = decisions_table(snapshot, truths, rules.plan, rules.policy, scored.scores)
    listed = list_week(snapshot, rules, decisions, last, terms, known, before)
    scores = scored.scores_of(listed.children)
    if isinstance(scores, NotScored):
        return judge_week(snapshot, rules, truths, scores, before, terms, known)
    return JudgedWeek(listed, scored, scores, scored.told(truths, rules))
