"""The scores made again by the model that the record names, and held against scores.parquet; then the bands, from the run that they were carried on from.

Where the model's files are gone or changed, the recorded scores are banded again, so that all that follows from them can still be told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from engine.audit.canonical import table_digest
from engine.audit.run_record import SCORES, RunRecord
from engine.audit.runs import open_run
from engine.kernel.errors import KizukiError
from engine.records.case import Casebook, ModelUsed
from engine.store.ownership import key_of
from engine.store.tables import Snapshot
from engine.tiers.bands import bands
from engine.tiers.week_scores import WeekScores, carried, recorded_scores
from kizuki.audit.findings import Cause, Check, Finding, finding
from kizuki.audit.tables import table_difference
from kizuki.decisions import lifted_children
from kizuki.past_facts import delivered_to
from kizuki.rules.files import RuleFiles
from kizuki.scoring import ScoredByModel, ScoresOfListed, model_used, note_of, score_children
from kizuki.settings import Workspace
from kizuki.similar_week import SimilarInWeek, hidden_households, similar_in_week
from ml_overlay.register.approvals import ModelApproval, read_model_book
from ml_overlay.register.files import StoredModel, read_model
from ml_overlay.scoring.outcome import NotScored

_NAME = "モデルの点"


@dataclass(frozen=True)
class ScoredAgain:
    """What the scores are when they are made again. `scores` None: the record has none, or nothing can be made of them (`is_lost`).

    `by_model` None: the model could not be asked; then `scores` are the recorded ones in bands made again.
    """

    check: Check | None
    scores: WeekScores | None
    by_model: ScoredByModel | None

    @property
    def is_lost(self) -> bool:
        """Whether scores went into the decisions that nobody can make again."""
        return self.scores is None and self.check is not None and self.check.not_done

    def of_listed(self, children: Collection[str], recorded: Casebook) -> ScoresOfListed | None:
        """The scores of the listed children with their reasons. Without the model the reasons are the recorded ones, and nothing is behind them."""
        if self.scores is None:
            return None
        if self.by_model is not None:
            told = self.by_model.scores_of(children)
            if not isinstance(told, NotScored):
                return told
        said = {
            child.child_key: {score.hardship_type: score.reasons for score in child.scores}
            for case in recorded.cases
            for child in case.children
        }
        return ScoresOfListed({key: self.scores.of(key, said.get(key)) for key in children}, None)

    def similar(
        self,
        scores: ScoresOfListed | None,
        decisions: pa.Table,
        run: RunRecord,
        snapshot: Snapshot,
        store: Path,
        recorded: Casebook,
    ) -> SimilarInWeek:
        """Past households like those of the listed children, by their decisions made again. Without the model they are the recorded ones."""
        if scores is None:
            return SimilarInWeek()
        said = {child.child_key: child.similar for case in recorded.cases for child in case.children if child.similar}
        if self.by_model is None or (scores.explained is None and scores.by_child):
            return SimilarInWeek(said, recorded.similar_note)
        # A household that was shown then, and protected only since, was rightly shown: lists that came later tell of it today.
        shown = {similar.household_key for its in said.values() for similar in its}
        since = shown - hidden_households(snapshot, store, delivered_to(run))
        hidden = hidden_households(snapshot, store) - since
        return similar_in_week(self.by_model, scores.explained, snapshot, decisions, hidden)

    def told(self, run: RunRecord, truths: pa.Table, rules: RuleFiles) -> ModelUsed | None:
        """What the model did, in numbers."""
        if self.scores is None:
            return None
        model = run.manifest["model"]
        lifted = lifted_children(truths, rules.plan, rules.policy, self.scores)
        approved_on = date.fromisoformat(model["approved_on"])
        return model_used(self.scores, rules, lifted, approved_by=model["approved_by"], approved_on=approved_on)

    def for_manifest(self, run: RunRecord) -> Mapping[str, Any] | None:
        """What the manifest says of the model, made again; as recorded where the model could not be asked."""
        said: Mapping[str, Any] | None = run.manifest.get("model")
        return said if self.by_model is None else self.by_model.for_manifest()


def score_again(
    workspace: Workspace, run: RunRecord, snapshot: Snapshot, rules: RuleFiles, truths: pa.Table
) -> ScoredAgain:
    """The scores of a run once more. Every child's score, place, band and runs below are compared with the record."""
    model = run.manifest.get("model")
    place = f"runs/{run.run_id}/{SCORES}"
    if model is None:
        if SCORES not in run.manifest["outputs"]:
            return ScoredAgain(None, None, None)
        detail = "目録では、モデルは使われていません。"
        return ScoredAgain(
            _check("点の記録だけがあります", finding("E-AUDIT-17", Cause.RECORD, place, detail)), None, None
        )
    recorded, previous = _recorded(run), run.manifest["previous_run"]
    try:
        before = open_run(workspace.runs, previous) if previous else None
        state = recorded_scores(before) if before else None
    except KizukiError as error:
        if model["carried_from"] is not None:
            detail = f"帯を引き継いだ前回の実行({previous})の記録を読めません({error.problems[0].code})。"
            found = finding("E-AUDIT-13", Cause.RECORD, place, detail)
            return ScoredAgain(_check("帯をつくり直せません", found, not_done=True), recorded, None)
        before = state = None
    used = _model_of(workspace, model)
    scored = (
        used
        if isinstance(used, Finding)
        else score_children(workspace.models, snapshot, rules, truths, before, key_of(workspace.store), used)
    )
    if isinstance(scored, NotScored):
        scored = finding("E-AUDIT-16", Cause.MODEL, f"models/{model['id']}", note_of(scored))
    if isinstance(scored, Finding):
        if recorded is None:
            return ScoredAgain(_check("記録の点も、モデルも読めません", scored, not_done=True), None, None)
        again = _banded(recorded, state)
        told, _ = _told(run, recorded, again, place)
        compared = "モデルで計算し直せないので、記録の点から帯だけをつくり直して比べました"
        return ScoredAgain(_check(compared, scored, *told, not_done=True), again, None)
    told, notes = _told(run, recorded, scored.scores, place)
    children, types = len(scored.scores.child_keys), len(scored.scores.types)
    compared = f"こども{children:,}人の点と帯 {children * types:,}個を、モデル {model['id']} で計算し直して比べました"
    check = _check(compared, *told, *_approval(workspace, model), notes=notes)
    return ScoredAgain(check, scored.scores, scored)


def _recorded(run: RunRecord) -> WeekScores | None:
    try:
        return recorded_scores(run)
    except KizukiError:  # a changed file is told by its hash
        return None


def _check(compared: str, *findings: Finding, notes: tuple[str, ...] = (), not_done: bool = False) -> Check:
    return Check(_NAME, compared, findings, notes, not_done)


def _model_of(workspace: Workspace, model: Mapping[str, Any]) -> tuple[StoredModel, ModelApproval] | Finding:
    """The model that the manifest names, by its hash, whichever is in use today."""
    try:
        stored = read_model(workspace.models, model["id"], model["sha256"])
    except (KizukiError, OSError) as error:
        why = f"{error.problems[0].code} {error.problems[0].what}" if isinstance(error, KizukiError) else "読めません。"
        return finding("E-AUDIT-16", Cause.MODEL, f"models/{model['id']}", why)
    by, on = model["approved_by"], date.fromisoformat(model["approved_on"])
    return stored, ModelApproval(model["id"], model["sha256"], "使う", by, on, "")


def _approval(workspace: Workspace, model: Mapping[str, Any]) -> list[Finding]:
    try:
        entries = read_model_book(workspace.models).entries
    except KizukiError as error:
        return [finding("E-AUDIT-18", Cause.MODEL, "models/approvals.yaml", f"{error.problems[0].code}。")]
    wanted = (model["id"], model["sha256"], "使う", model["approved_by"], model["approved_on"])
    if wanted in [(e.model_id, e.sha256, e.kind, e.by, e.on.isoformat()) for e in entries]:
        return []
    return [finding("E-AUDIT-18", Cause.MODEL, "models/approvals.yaml", f"モデル {model['id']}。")]


def _banded(recorded: WeekScores, before: WeekScores | None) -> WeekScores:
    """The recorded scores in bands made again by the thresholds of the manifest. Their places only the model could give."""
    if before is not None and before.model_id != recorded.model_id:
        before = None
    types = {
        kind: replace(
            scores, state=bands(scores.millionths, scores.thresholds, carried(before, kind, recorded.child_keys))
        )
        for kind, scores in recorded.types.items()
    }
    return replace(recorded, types=types, carried_from=recorded.carried_from if before is not None else None)


def _told(
    run: RunRecord, recorded: WeekScores | None, again: WeekScores, place: str
) -> tuple[list[Finding], tuple[str, ...]]:
    """Where the scores differ from the record, and a remark where the file cannot be read but its content is known."""
    other = again.table()
    same_content = table_digest(other) == run.manifest["scores_content"]
    if recorded is None:
        if same_content:
            return [], ("点の記録は読めませんが、計算し直した結果は目録のハッシュと同じです。",)
        return [finding("E-AUDIT-17", Cause.RECOMPUTED, place, "目録のハッシュとも違います。")], ()
    d = table_difference(recorded.table(), other)
    if d is None:
        if same_content:
            return [], ()
        detail = "記録の内容のハッシュ(scores_content)が、内容と合いません。"
        return [finding("E-AUDIT-10", Cause.RECORD, f"runs/{run.run_id}/manifest.json", detail)], ()
    if d.columns:
        detail = f"表の列が違います({'、'.join(d.columns[:5])})。"
    else:
        if d.column is None:
            here, there = ("あり" if found else "なし" for found in (d.recorded, d.recomputed))
            first = f"整理番号 {d.child_key} の行は、記録では{here}、計算し直すと{there}"
        else:
            one, two = ("なし" if value is None else value for value in (d.recorded, d.recomputed))
            first = f"整理番号 {d.child_key} の {d.column} は、記録では「{one}」、計算し直すと「{two}」"
        detail = f"最初の違い: {first}。違いは、こども{d.children:,}人・{d.cells:,}か所です。"
    return [finding("E-AUDIT-17", Cause.RECOMPUTED, place, detail, count=d.cells)], ()
