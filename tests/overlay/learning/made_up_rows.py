"""Made-up children to learn from: two thirds of the columns say nothing, a few raise the chance, one (support) goes with it and must not count against anybody."""

from __future__ import annotations

from datetime import date

import numpy as np

from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.feature import Feature, FeatureTable, Sign
from ml_overlay.learning.recipe import Recipe

SIGNS: tuple[Sign, ...] = (1, 1, 1, -1, 0, 0, 0, 0)
NAMES = (
    "absence.child.sum_90d",
    "bill.household.unpaid",
    "sentence.0a1b",
    "support.child.count_365d",
    "age.child.level",
    "check.child.since_d",
    "nursery.child.holds",
    "epds.mother.latest",
)
FEATURES = tuple(
    Feature(name=name, label=f"目印{number}", group=f"分野{number % 3}", sign=sign, may_be_named=True, items=())
    for number, (name, sign) in enumerate(zip(NAMES, SIGNS, strict=True))
)
QUICK = Recipe(partitions=2, folds=3, rounds=25, learning_rate=0.1, minimum_positives=20)


def rows(children: int = 600, seed: int = 1) -> TrainingSet:
    """Rows of a made-up hardship; two children to a household, a tenth of the cells unknown, unlabelled children counting threefold."""
    rng = np.random.default_rng(seed)
    values = rng.poisson(1.5, size=(children, len(FEATURES))).astype(np.float32)
    chance = 1 / (1 + np.exp(-(0.8 * values[:, 0] + 0.8 * values[:, 1] + 0.5 * values[:, 3] - 4.5)))
    label = (rng.random(children) < chance).astype(np.int8)
    values[rng.random(values.shape) < 0.1] = np.nan
    number = np.arange(children)
    return TrainingSet(
        hardship_type="abuse",
        features=FEATURES,
        values=values,
        label=label,
        child_keys=np.array([f"child{one:05}" for one in number]),
        household_keys=np.array([f"house{one // 2:05}" for one in number]),
        cut_on=np.where(number % 2, np.datetime64("2025-02-01"), np.datetime64("2025-05-01")),
        weight=np.where(label == 1, 1.0, 3.0),
    )


def table(of: TrainingSet) -> FeatureTable:
    """The same children as of today."""
    return FeatureTable(date(2026, 11, 20), of.child_keys, of.household_keys, of.features, of.values)
