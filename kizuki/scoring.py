"""A model's way into the week: features, scores, bands, and reasons for the listed children. Rules alone where anything of it fails.

The weekly job and whoever verifies a run both go through here, so that what is verified is what was done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from engine.audit.run_record import RunRecord
from engine.evaluate.columns.evaluation import evaluate_all
from engine.kernel.errors import KizukiError
from engine.records.case import ModelUsed, Tier
from engine.records.score import NO_SCORE, Score, ScoreReason
from engine.records.vocabulary import Vocabulary
from engine.store.tables import Snapshot
from engine.tiers.policy import BANDS
from engine.tiers.week_scores import WeekScores, band_week, recorded_scores, thresholds_data
from kizuki.decisions import lifted_children
from kizuki.rules.files import RuleFiles
from ml_overlay.features.ages import AGE
from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.features.looks import age_feature
from ml_overlay.features.reasons import score_reasons
from ml_overlay.features.sentences import plan_with
from ml_overlay.features.table import build_features
from ml_overlay.scoring.outcome import Explained, NotScored, ScoredWeek
from ml_overlay.scoring.score_week import explain_week, model_for_week, score_week
from ml_overlay.similar.index import INDEX_FILE

if TYPE_CHECKING:
    from ml_overlay.register.approvals import ModelApproval
    from ml_overlay.register.files import StoredModel

_FAR_MORE = 10
_ALWAYS_ALLOWED = 20
_HIGH = BANDS.index("上")
OTHER_KEY = "このモデルは、いまの鍵庫とは別の鍵で仮名にした世帯から学んでいます。学んだ世帯と、そうでない世帯を見分けられません。"
FLOODED = "点がいちばん高い帯に入るこどもが、tiers.yaml で見込む人数の10倍を大きく超えました。モデルか受領データに、学んだときと違うところがあります。"
NO_BANDS = "tiers.yaml に「モデルの帯」がないので、モデルは使いません。"


@dataclass(frozen=True)
class ScoresOfListed:
    """The scores of a few children by key and type with their reasons, and the contributions behind these (None where there is no child)."""

    by_child: Mapping[str, Mapping[str, Score]]
    explained: Explained | None


@dataclass(frozen=True)
class ScoredByModel:
    """The scores of a week with their bands, and what is needed to tell the reasons of a few, and past households like theirs (`past_index`, of the same model)."""

    scored: ScoredWeek
    table: FeatureTable
    scores: WeekScores
    vocabulary: Vocabulary
    past_index: bytes | None = None

    def for_manifest(self) -> dict[str, Any]:
        """Which model, by whose word, and what a score had to reach: plain data without floats."""
        return {
            "id": self.scored.model_id,
            "sha256": self.scored.sha256,
            "approved_by": self.scored.approval.by,
            "approved_on": self.scored.approval.on.isoformat(),
            "carried_from": self.scores.carried_from,
            "types": thresholds_data(self.scores),
            "without": dict(sorted(self.scored.model.without.items())),
        }

    def scores_of(self, child_keys: Collection[str]) -> ScoresOfListed | NotScored:
        """The scores of a few children by key and type, each with what raised it."""
        if not child_keys:
            return ScoresOfListed({}, None)
        explained = explain_week(self.scored, self.table, child_keys)
        if isinstance(explained, NotScored):
            return explained
        reasons = _reasons(self.scored, explained, self.table, self.vocabulary, child_keys)
        if isinstance(reasons, NotScored):
            return reasons
        return ScoresOfListed({key: self.scores.of(key, reasons.get(key)) for key in child_keys}, explained)

    def told(self, truths: pa.Table, rules: RuleFiles) -> ModelUsed:
        """What the model did, in numbers."""
        approval = self.scored.approval
        lifted = lifted_children(truths, rules.plan, rules.policy, self.scores)
        return model_used(self.scores, rules, lifted, approved_by=approval.by, approved_on=approval.on)


def model_used(
    scores: WeekScores, rules: RuleFiles, lifted: Mapping[Tier, int], *, approved_by: str, approved_on: date
) -> ModelUsed:
    """What a model did in a week, in numbers. `planned`: what tiers.yaml foresees for the types that it scores, whole children."""
    scored = {kind: int((each.millionths != NO_SCORE).sum()) for kind, each in scores.types.items()}
    high = {kind: each.state.band == _HIGH for kind, each in scores.types.items()}
    alone = {kind: each.millionths >= each.thresholds.enter[-1] for kind, each in scores.types.items()}
    return ModelUsed(
        model_id=scores.model_id,
        approved_by=approved_by,
        approved_on=approved_on,
        to_inquiry=lifted[Tier.INQUIRY],
        to_active=lifted[Tier.ACTIVE],
        in_high=sum(int(band.sum()) for band in high.values()),
        kept=sum(int((high[kind] & ~alone[kind]).sum()) for kind in high),
        planned=sum(rules.policy.bands[kind].enter[-1] * scored[kind] // 1000 for kind in scores.types),
    )


def score_children(
    models: Path,
    snapshot: Snapshot,
    rules: RuleFiles,
    truths: pa.Table,
    before: RunRecord | None,
    key_id: str,
    used: tuple[StoredModel, ModelApproval] | None = None,
) -> ScoredByModel | NotScored:
    """Score and band every child with the model in use, or say why there are no scores.

    `truths`: what `evaluate_all` says by the plan of `rules`; `before`: the run whose bands are carried on; `used`: another model than the one
    in use; `key_id`: the key of which the snapshot's pseudonyms are. Never raises for what is wrong with a model: the run goes on with rules alone.
    """
    if not rules.policy.bands:
        return NotScored("", NO_BANDS, is_fault=False)
    in_use = used or model_for_week(models)
    if isinstance(in_use, NotScored):
        return in_use
    stored, _ = in_use
    name = stored.files.model_id
    if stored.model.inputs.get("key_id") != key_id:
        return NotScored("E-MODEL-33", OTHER_KEY, model_id=name)
    try:
        table = _features(snapshot, rules, truths, stored)
    except KizukiError as error:
        problem = error.problems[0]
        return NotScored(problem.code, f"{problem.place} {problem.what}", model_id=name)
    except Exception as error:  # whatever it is, it costs the scores and not the conference
        return NotScored(
            "E-MODEL-30", f"モデルに見せる項目をつくれませんでした({type(error).__name__})。", model_id=name
        )
    scored = score_week(models, table, used=in_use)
    if isinstance(scored, NotScored):
        return scored
    try:
        scores = band_week(
            scored.model_id,
            tuple(str(key) for key in scored.child_keys),
            scored.scores,
            {kind: model.ranks for kind, model in scored.model.types.items()},
            rules.policy,
            recorded_scores(before) if before is not None else None,
            before.run_id if before is not None else None,
        )
    except KizukiError as error:
        return NotScored(error.problems[0].code, f"{error.problems[0].place} {error.problems[0].what}", model_id=name)
    except (KeyError, ValueError, OverflowError):
        what = "このモデルからは、tiers.yaml の「モデルの帯」の境目が決まりません。"
        return NotScored("E-MODEL-31", what, model_id=name)
    if _is_flooded(scores, rules):
        return NotScored("E-MODEL-34", FLOODED, model_id=name)
    return ScoredByModel(scored, table, scores, rules.vocabulary, stored.extra.get(INDEX_FILE))


def _is_flooded(scores: WeekScores, rules: RuleFiles) -> bool:
    """Whether far more children than tiers.yaml foresees reach 上 of some type by this week's score alone: a fault of model or data, not so many more in need."""
    for kind, each in scores.types.items():
        planned = rules.policy.bands[kind].enter[-1] * int((each.millionths != NO_SCORE).sum()) // 1000
        if int((each.millionths >= each.thresholds.enter[-1]).sum()) > _FAR_MORE * planned + _ALWAYS_ALLOWED:
            return True
    return False


def note_of(missing: NotScored) -> str:
    """Why the rules alone decided, in a sentence for manifest, summary and cover."""
    if not missing.is_fault:
        return missing.reason
    which = f"モデル {missing.model_id} の点を" if missing.model_id else "モデルの点を"
    return f"{which}使えませんでした: {missing.reason.rstrip('。')}({missing.code})。"


def _features(snapshot: Snapshot, rules: RuleFiles, truths: pa.Table, stored: StoredModel) -> FeatureTable:
    declared: dict[str, Feature] = {f.name: f for model in stored.model.types.values() for f in model.features}
    if any(model.ages is not None for model in stored.model.types.values()):
        declared.setdefault(AGE, age_feature(rules.vocabulary))
    wanted = [declared[name] for name in sorted(declared)]
    plan = plan_with(rules.plan, wanted)
    if plan is not rules.plan:  # a sentence that the model reads is no longer in the rulebooks
        truths = evaluate_all(snapshot, plan)
    return build_features(snapshot, plan, truths, wanted)


def _reasons(
    scored: ScoredWeek,
    explained: Explained,
    table: FeatureTable,
    vocabulary: Vocabulary,
    child_keys: Collection[str],
) -> Mapping[str, Mapping[str, tuple[ScoreReason, ...]]] | NotScored:
    """What raised the scores of some children, by key and type."""
    told: dict[str, dict[str, tuple[ScoreReason, ...]]] = {key: {} for key in child_keys}
    columns = {name: column for column, name in enumerate(table.names)}
    try:
        for kind, said in explained.types.items():
            places = np.array([columns[feature.name] for feature in said.features], dtype=np.int64)
            few = FeatureTable(
                table.as_of,
                table.child_keys[explained.rows],
                table.household_keys[explained.rows],
                said.features,
                table.values[np.ix_(explained.rows, places)],
            )
            for key, reasons in zip(few.child_keys, score_reasons(few, said.parts, vocabulary), strict=True):
                told[str(key)][kind] = reasons
    except Exception as error:  # as in `score_children`
        why = f"点の理由を言葉にできませんでした({type(error).__name__})。"
        return NotScored("E-MODEL-32", why, model_id=scored.model_id)
    return told
