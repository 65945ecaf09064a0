"""Made-up training rows and cohorts for the tests of validation and audits: a sign that helps, one that does not, households of one to three children."""

from __future__ import annotations

from datetime import date

import numpy as np

from engine.kernel.dates import months_before
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.feature import Feature

FEATURES = (
    Feature("absence.child.sum_90d", "直近90日の欠席の日数", "出席", 1, True, ("absent_days",)),
    Feature("nothing.child.count_90d", "関係のない回数", "その他", 0, True, ("nothing",)),
)
LAST = date(2026, 11, 20)


def made_up_rows(children: int = 600, days: int = 8, seed: int = 1, strength: float = 1.6) -> TrainingSet:
    """Everybody on every cut-off day, three months apart; about one in twelve is labelled, more often with many absences."""
    random = np.random.default_rng(seed)
    home_of = np.repeat(np.arange(children), random.integers(1, 4, children))[:children]
    cut_ons = [months_before(LAST, 3 * (number + 4)) for number in reversed(range(days))]
    parts = []
    for day in cut_ons:
        sign = random.normal(size=(children, 2)).astype(np.float32)
        odds = strength * sign[:, 0] - 3.2
        label = (random.random(children) < 1 / (1 + np.exp(-odds))).astype(np.int8)
        parts.append((np.full(children, np.datetime64(day)), sign, label))
    return TrainingSet(
        hardship_type="abuse",
        features=FEATURES,
        values=np.concatenate([part[1] for part in parts]),
        label=np.concatenate([part[2] for part in parts]),
        child_keys=np.tile(np.array([f"c{number:05d}" for number in range(children)]), days),
        household_keys=np.tile(np.array([f"h{number:05d}" for number in home_of]), days),
        cut_on=np.concatenate([part[0] for part in parts]),
        weight=np.ones(children * days),
    )
