"""Scores and their reasons from a trained model: everybody by the boosters that never saw their household, in production as in training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import lightgbm
import numpy as np
import numpy.typing as npt

from engine.records.score import NO_SCORE
from ml_overlay.features.ages import AGE, within, years_of
from ml_overlay.features.feature import Feature, FeatureTable, FloatMatrix, Texts
from ml_overlay.learning.calibration import Floats, Integers, in_millionths
from ml_overlay.learning.folds import folds_of
from ml_overlay.learning.model import TypeModel

_TOLERANCE = 1e-9


class MissingColumnsError(ValueError):
    """A table lacks columns that the model was trained on. Names of features only. Unknown cells are NaN; a missing column is a fault, not an unknown."""

    def __init__(self, hardship_type: str, names: tuple[str, ...]) -> None:
        super().__init__(
            f"the model of {hardship_type} reads {len(names)} columns that the table does not have: {', '.join(names[:5])}"
        )
        self.hardship_type = hardship_type
        self.names = names


@dataclass(frozen=True)
class Contributions:
    """What each feature added to some children's log odds (exact TreeSHAP, mean over partitions, on the calibrated scale).

    `rows`: which rows of the table. `values`: rows × features in the order of `features`; `base`: log odds before anything of the child is known. `base` and a
    row of `values` add up to the log odds of the probability that is recorded.
    """

    features: tuple[Feature, ...]
    rows: npt.NDArray[np.int64]
    values: Floats
    base: Floats


def raw_scores(model: TypeModel, table: FeatureTable) -> Floats:
    """Mean raw score (log odds, uncalibrated) of each child of the table. Columns are found by name. Raises MissingColumnsError."""
    return raw_scores_of(model, columns_for(model, table.features, table.values), table.household_keys)


def raw_scores_of(model: TypeModel, values: FloatMatrix, household_keys: Texts) -> Floats:
    """As `raw_scores`, for values whose columns are exactly the model's (`columns_for`): the rows of a training set."""
    total = np.zeros(len(values), dtype=np.float64)
    for booster, rows in _shares(model, household_keys):
        total[rows] += booster.predict(values[rows], raw_score=True, num_threads=1)
    return total / len(model.boosters)


def log_odds(model: TypeModel, table: FeatureTable) -> Floats:
    """Calibrated log odds of each child."""
    return model.slope * raw_scores(model, table) + model.intercept


def millionths(model: TypeModel, table: FeatureTable) -> Integers:
    """Probability of each child in integer millionths, NO_SCORE for whom the model is not about: what is recorded, banded and shown in the trace.

    Raises MissingColumnsError.
    """
    return scores_of(model, table, log_odds(model, table))


def scores_of(model: TypeModel, table: FeatureTable, said: Floats) -> Integers:
    """`millionths` where the log odds of all children have been worked out. Raises MissingColumnsError."""
    return np.where(is_about(model, table), in_millionths(said), NO_SCORE)


def is_about(model: TypeModel, table: FeatureTable) -> npt.NDArray[np.bool_]:
    """Which children of the table are of the model's ages. Raises MissingColumnsError where it has ages and the table no column of age."""
    if model.ages is None:
        return within(None, np.zeros(len(table.child_keys), dtype=np.int64))
    years = years_of(table.features, table.values)
    if years is None:
        raise MissingColumnsError(model.hardship_type, (AGE,))
    return within(model.ages, years)


def contributions(model: TypeModel, table: FeatureTable, rows: npt.NDArray[np.int64]) -> Contributions:
    """What raised and lowered the scores of some rows. Raises MissingColumnsError, ArithmeticError if parts and score do not agree."""
    values = columns_for(model, table.features, table.values)[rows]
    keys = table.household_keys[rows]
    parts = np.zeros((len(rows), len(model.features) + 1), dtype=np.float64)
    for booster, share in _shares(model, keys):
        parts[share] += booster.predict(values[share], pred_contrib=True, num_threads=1)
    parts /= len(model.boosters)
    off = np.abs(parts.sum(axis=1) - raw_scores_of(model, values, keys))
    if off.size and float(off.max()) > _TOLERANCE:
        raise ArithmeticError(f"parts of the scores of {model.hardship_type} do not add up to the scores")
    return Contributions(
        features=model.features,
        rows=rows,
        values=model.slope * parts[:, :-1],
        base=model.slope * parts[:, -1] + model.intercept,
    )


def columns_for(model: TypeModel, features: tuple[Feature, ...], values: FloatMatrix) -> FloatMatrix:
    """The model's columns, in its order, out of a table that may have more, or others in between. Raises MissingColumnsError."""
    place = {feature.name: column for column, feature in enumerate(features)}
    missing = tuple(feature.name for feature in model.features if feature.name not in place)
    if missing:
        raise MissingColumnsError(model.hardship_type, missing)
    return np.ascontiguousarray(values[:, [place[feature.name] for feature in model.features]], dtype=np.float32)


def _shares(model: TypeModel, household_keys: Texts) -> Iterator[tuple[lightgbm.Booster, npt.NDArray[np.int64]]]:
    """Each booster with the rows that it judges: those of the fold that it was trained without."""
    for partition, boosters in enumerate(model.boosters):
        fold = folds_of(household_keys, partition, len(boosters))
        for k, text in enumerate(boosters):
            rows = np.flatnonzero(fold == k)
            if len(rows):
                yield lightgbm.Booster(model_str=text), rows
