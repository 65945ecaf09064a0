"""Scores of a week, and reasons for the few who are listed: the model in use, checked by hash, applied in a process with limits.

    scored = score_week(workspace.models, table)
    if isinstance(scored, NotScored): …   # say so; the rules alone decide
    told = explain_week(scored, table, children_on_the_list)

Whatever is wrong with book, files or process is a `NotScored`, never an exception: it costs the scores, not the run.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.kernel.errors import KizukiError
from engine.records.score import NO_SCORE
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.calibration import in_millionths
from ml_overlay.learning.model import OverlayModel
from ml_overlay.learning.predict import scores_of
from ml_overlay.register.approvals import ModelApproval, read_model_book
from ml_overlay.register.files import StoredModel, read_model
from ml_overlay.scoring.outcome import Explained, ExplainedType, Limits, Millionths, NotScored, ScoredWeek
from ml_overlay.scoring.process import COMMAND, WORDS, Answered, Fault, ScoringFault, ask

NO_MODEL = "使うと決めたモデルはありません。"


def model_for_week(models: Path) -> tuple[StoredModel, ModelApproval] | NotScored:
    """The model that a city uses, read and checked by hash, with the entry by which it is used.

    For whoever needs to know which features it reads before there is a table of them.
    """
    try:
        entry = read_model_book(models).in_use
        if entry is None:
            return NotScored("", NO_MODEL, is_fault=False)
        return read_model(models, entry.model_id, entry.sha256), entry
    except KizukiError as error:
        problem = error.problems[0]
        return NotScored(problem.code, f"{problem.place} {problem.what}", model_id=_meant(models))
    except OSError:
        return NotScored("E-MODEL-29", "モデルのファイルを読めませんでした。", model_id=_meant(models))


def score_week(
    models: Path,
    table: FeatureTable,
    limits: Limits | None = None,
    command: Sequence[str] = COMMAND,
    used: tuple[StoredModel, ModelApproval] | None = None,
) -> ScoredWeek | NotScored:
    """Score every child of the table with the model in use; of each type those whom its model is about.

    The table may have more features than the model reads, in any order, and must have `features.ages.AGE` for a model with
    ages. `used`: what `model_for_week` gave, to spare reading it again.
    """
    began = time.monotonic()
    in_use = used or model_for_week(models)
    if isinstance(in_use, NotScored):
        return in_use
    stored, entry = in_use
    answered = _asked(table, None, stored.model, entry.model_id, limits, command, explain=False)
    if isinstance(answered, NotScored):
        return answered
    scores = {
        name: scores_of(stored.model.types[name], table, answer.log_odds) for name, answer in answered.types.items()
    }
    return ScoredWeek(
        table.as_of,
        entry.model_id,
        entry.sha256,
        entry,
        stored.model,
        table.child_keys,
        scores,
        _milliseconds_since(began),
        answered.limits,
    )


def explain_week(
    scored: ScoredWeek,
    table: FeatureTable,
    child_keys: Collection[str],
    limits: Limits | None = None,
    command: Sequence[str] = COMMAND,
) -> Explained | NotScored:
    """What raised and lowered the scores of some children, for all types that have a model.

    The scores are worked out again together with their parts, and must be the same as in `scored`. Raises ValueError for a child who is not
    in the table.
    """
    began = time.monotonic()
    place = {str(key): row for row, key in enumerate(table.child_keys)}
    if not place.keys() >= set(child_keys):
        raise ValueError("a child who is not in the table")
    rows = np.array([place[key] for key in sorted(set(child_keys))], dtype=np.int64)
    answered = _asked(table, rows, scored.model, scored.model_id, limits, command, explain=True)
    if isinstance(answered, NotScored):
        return answered
    types: dict[str, ExplainedType] = {}
    for name, answer in answered.types.items():
        assert answer.base is not None and answer.contributions is not None
        before: Millionths = scored.scores[name][rows]
        again = np.where(before == NO_SCORE, NO_SCORE, in_millionths(answer.log_odds))
        if not np.array_equal(again, before):
            return _not_scored(Fault.PARTS_OFF, scored.model_id)
        types[name] = ExplainedType(scored.model.types[name].features, answer.base, answer.contributions)
    return Explained(rows, types, _milliseconds_since(began))


def _asked(
    table: FeatureTable,
    rows: npt.NDArray[np.int64] | None,
    model: OverlayModel,
    model_id: str,
    limits: Limits | None,
    command: Sequence[str],
    *,
    explain: bool,
) -> Answered | NotScored:
    try:
        return ask(table, rows, model.types, explain=explain, limits=limits or Limits(), command=command)
    except ScoringFault as error:
        return _not_scored(error.fault, model_id)


def _not_scored(fault: Fault, model_id: str) -> NotScored:
    return NotScored(fault.value, WORDS[fault], model_id=model_id)


def _meant(models: Path) -> str | None:
    """The model that was to be used, where the book can be read."""
    try:
        entry = read_model_book(models).in_use
    except (KizukiError, OSError):
        return None
    return entry.model_id if entry else None


def _milliseconds_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
