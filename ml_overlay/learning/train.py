"""Training of one hardship type's model: cross-fitted boosters, calibration on scores by boosters that did not see the household, thresholds for bands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import lightgbm
import numpy as np
import numpy.typing as npt

from engine.records.score import NO_SCORE
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.ages import Ages
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.calibration import Floats, fit_platt, in_millionths, ranks_of
from ml_overlay.learning.folds import folds_of
from ml_overlay.learning.model import TypeModel
from ml_overlay.learning.predict import millionths, raw_scores_of
from ml_overlay.learning.recipe import Recipe

Progress = Callable[[int, int], None]
"""Boosters done, boosters in all."""


class NoModelError(Exception):
    """A type gets no model. `reason`: why, in Japanese, for `OverlayModel.without`, the model card and the log; never anything of a person."""

    def __init__(self, hardship_type: str, reason: str) -> None:
        super().__init__(f"{hardship_type}: {reason}")
        self.hardship_type = hardship_type
        self.reason = reason


@dataclass(frozen=True)
class CrossFit:
    """A model and what its own training rows scored out of fold: rows as in `training_set`, which is sorted and has the model's columns only."""

    model: TypeModel
    training_set: TrainingSet
    raw: Floats


def train_type(
    training_set: TrainingSet, recipe: Recipe, threads: int = 1, progress: Progress | None = None
) -> TypeModel:
    """A model of the training set's hardship type; the same bytes whatever the order of rows and columns and the number of threads.

    `ranks` are of the training rows as weighted; `ranked_on` takes those of the children of a day instead. Raises NoModelError (too few positives, nothing to learn
    from, scores that say the opposite of the labels), ValueError if a child comes twice on one day or two columns have one name.
    """
    return cross_fit(training_set, recipe, threads, progress).model


def cross_fit(
    training_set: TrainingSet, recipe: Recipe, threads: int = 1, progress: Progress | None = None
) -> CrossFit:
    """As `train_type`, with the out-of-fold raw scores of the training rows: for calibration, validation and comparison of recipes."""
    _refuse_too_few(training_set, recipe)
    rows = _in_order(training_set, recipe)
    signs = [feature.sign for feature in rows.features]
    texts = []
    for partition in range(recipe.partitions):
        fold = folds_of(rows.household_keys, partition, recipe.folds)
        of_partition = []
        for k in range(recipe.folds):
            parameters = recipe.parameters(signs, partition, k, threads)
            of_partition.append(_booster(rows, fold != k, recipe, parameters))
            if progress is not None:
                progress(partition * recipe.folds + k + 1, recipe.partitions * recipe.folds)
        texts.append(tuple(of_partition))
    model = TypeModel(
        hardship_type=rows.hardship_type,
        features=rows.features,
        boosters=tuple(texts),
        slope=1.0,
        intercept=0.0,
        ranks=(),
        positives=rows.positives,
        rows=len(rows.label),
    )
    raw = raw_scores_of(model, rows.values, rows.household_keys)
    return CrossFit(model=_calibrated(model, rows, raw), training_set=rows, raw=raw)


def ranked_on(model: TypeModel, table: FeatureTable, ages: Ages | None = None) -> TypeModel:
    """The model for the children of some ages, with thresholds for bands from those of them in a table.

    How many of a thousand reach a score is a matter of the children of today. Raises NoModelError where nobody of these ages is there.
    """
    about = replace(model, ages=ages)
    scores = millionths(about, table)
    scored = scores[scores != NO_SCORE]
    if not len(scored):
        raise NoModelError(model.hardship_type, "対象の年齢のこどもが、いまはいません。")
    return replace(about, ranks=ranks_of(scored))


def _calibrated(model: TypeModel, rows: TrainingSet, raw: Floats) -> TypeModel:
    try:
        line = fit_platt(raw, rows.label, rows.weight)
    except ValueError as error:
        raise NoModelError(rows.hardship_type, "どのこどもも同じ点数になり、見分けられませんでした。") from error
    if line.slope <= 0:
        raise NoModelError(
            rows.hardship_type,
            "学習に使わなかった世帯で確かめると、困難の分かったこどもほど点数が高いとはいえませんでした。",
        )
    calibrated = in_millionths(line.slope * raw + line.intercept)
    return replace(model, slope=line.slope, intercept=line.intercept, ranks=ranks_of(calibrated, rows.weight))


def _refuse_too_few(training_set: TrainingSet, recipe: Recipe) -> None:
    # A child may come true on several days; it is still one child to learn from.
    children = len(np.unique(training_set.child_keys[training_set.label == 1]))
    if children < recipe.minimum_positives:
        raise NoModelError(
            training_set.hardship_type,
            f"困難が後で分かったこどもが{children}人で、{recipe.minimum_positives}人に足りません。少ない例から学ぶと、偶然を規則と取り違えます。",
        )
    if children == len(np.unique(training_set.child_keys)):
        raise NoModelError(training_set.hardship_type, "まだ分からないこどもの行がなく、比べる相手がいません。")


def _in_order(training_set: TrainingSet, recipe: Recipe) -> TrainingSet:
    """Rows by day and child, columns by name, without columns that say next to nothing: LightGBM sums in the order of rows, so their order must be ours."""
    order = np.lexsort((training_set.child_keys, training_set.cut_on))
    children, days = training_set.child_keys[order], training_set.cut_on[order]
    if np.any((children[1:] == children[:-1]) & (days[1:] == days[:-1])):
        raise ValueError("a child comes twice on one cut-off day")
    names = [feature.name for feature in training_set.features]
    if len(set(names)) != len(names):
        raise ValueError("two columns have the same name")
    enough = _mass(training_set.values) >= recipe.minimum_mass
    columns = [column for column in sorted(range(len(names)), key=names.__getitem__) if enough[column]]
    if not columns:
        raise NoModelError(training_set.hardship_type, "手がかりになる記録のある行が少なすぎます。")
    return TrainingSet(
        hardship_type=training_set.hardship_type,
        features=tuple(training_set.features[column] for column in columns),
        values=np.ascontiguousarray(training_set.values[order][:, columns], dtype=np.float32),
        label=training_set.label[order],
        child_keys=children,
        household_keys=training_set.household_keys[order],
        cut_on=days,
        weight=training_set.weight[order],
    )


def _mass(values: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Known rows of each column that do not stand where most stand: at 0, at the smallest or at the largest value (never, and as long ago as is counted)."""
    known = np.count_nonzero(~np.isnan(values), axis=0)
    low = np.fmin.reduce(values, axis=0)
    high = np.fmax.reduce(values, axis=0)
    most = np.maximum.reduce([np.count_nonzero(values == there, axis=0) for there in (np.zeros_like(low), low, high)])
    mass: npt.NDArray[np.int64] = known - most
    return mass


def _booster(rows: TrainingSet, seen: npt.NDArray[np.bool_], recipe: Recipe, parameters: dict[str, object]) -> str:
    """LightGBM text of a booster that sees only some rows: bins, mass and trees come from these alone."""
    values = rows.values[seen]
    # A column that only the households of the left-out fold would lift over the minimum must not be seen either; constant columns are never split on.
    values[:, _mass(values) < recipe.minimum_mass] = 0
    data = lightgbm.Dataset(
        values,
        label=rows.label[seen],
        weight=rows.weight[seen],
        feature_name=[feature.name for feature in rows.features],
        params=parameters,
    )
    booster = lightgbm.train(parameters, data, num_boost_round=recipe.rounds)
    # The parameters at the end of the text hold the number of threads; the recipe is kept in the model's own file.
    text, mark, _ = booster.model_to_string().partition("\nparameters:\n")
    if not mark:
        raise ValueError(
            "LightGBM wrote a model without a list of parameters; how this version writes models must be looked at"
        )
    return text + "\n"
