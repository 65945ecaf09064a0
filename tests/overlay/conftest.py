"""A small model of made-up numbers, trained once, for the tests of what is done with a model."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.learning.model import OverlayModel
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import ranked_on, train_type

AS_OF = date(2026, 11, 20)
RECIPE = Recipe(partitions=2, folds=2, rounds=6, minimum_positives=20)


@pytest.fixture(scope="session")
def made_up_table() -> FeatureTable:
    """400 children in 250 households, six columns, one cell in ten unknown."""
    random = np.random.default_rng(5)
    values = random.integers(0, 30, (400, 6)).astype(np.float32)
    values[random.random(values.shape) < 0.1] = np.nan
    features = tuple(
        Feature(f"absence.child.sum_{days}d", f"直近{days}日の欠席の日数", "出席", 1, True, ("absence",))
        for days in (30, 60, 90)
    ) + tuple(
        Feature(f"bill.household.count_{days}d", f"直近{days}日の滞納の件数", "家計", 1, True, ("bill",))
        for days in (30, 60, 90)
    )
    children = np.array([f"P{number:016d}" for number in range(400)])
    households = np.array([f"H{number % 250:016d}" for number in range(400)])
    return FeatureTable(AS_OF, children, households, features, values)


@pytest.fixture(scope="session")
def made_up_model(made_up_table: FeatureTable) -> OverlayModel:
    """Models of two types, which a few absences or unpaid bills raise, and a type without one."""
    days = np.full(400, np.datetime64("2026-02-20"))
    types = {}
    for kind, column in (("school_absence", 0), ("poverty", 4)):
        label = (np.nan_to_num(made_up_table.values[:, column]) > 22).astype(np.int8)
        rows = TrainingSet(
            kind,
            made_up_table.features,
            made_up_table.values,
            label,
            made_up_table.child_keys,
            made_up_table.household_keys,
            days,
            np.ones(400),
        )
        types[kind] = ranked_on(train_type(rows, RECIPE), made_up_table)
    recipe = {
        "boosting": RECIPE.as_data(),
        "labels": {"poverty": {"正例の文": "世帯員に生活保護を受給している人がいる"}},
    }
    return OverlayModel(AS_OF, types, {"young_carer": "正例が12人です。"}, recipe, {"deliveries": ["ab" * 32]})
