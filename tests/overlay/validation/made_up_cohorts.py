"""A made-up past for the tests of validation and audits: a sign that helps, one that does not, households of one to three children."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.kernel.dates import months_before
from ml_overlay.cohorts.days import CutOff
from ml_overlay.cohorts.labels import NOT_LOOKED_AT, Cohort
from ml_overlay.features.feature import Feature, FeatureTable

FEATURES = (
    Feature("absence.child.sum_90d", "直近90日の欠席の日数", "出席", 1, True, ("absent_days",)),
    Feature("nothing.child.count_90d", "関係のない回数", "その他", 0, True, ("nothing",)),
)
LAST = date(2026, 11, 20)
LABEL_MONTHS = 6


@dataclass(frozen=True)
class MadeUpPast:
    """Cohorts of every third month, oldest first, and the features of each of their days."""

    cohorts: tuple[Cohort, ...]
    tables: dict[date, FeatureTable]


def made_up_past(children: int = 600, days: int = 8, seed: int = 1, strength: float = 1.6) -> MadeUpPast:
    """Everybody on every cut-off day; about one in twelve is labelled within six months, more often with many absences."""
    random = np.random.default_rng(seed)
    home_of = np.repeat(np.arange(children), random.integers(1, 4, children))[:children]
    children_ = np.array([f"c{number:05d}" for number in range(children)])
    homes = np.array([f"h{number:05d}" for number in home_of])
    cohorts, tables = [], {}
    for number in reversed(range(days)):
        back = LABEL_MONTHS + 3 * number
        day = months_before(LAST, back)
        sign = random.normal(size=(children, 2)).astype(np.float32)
        odds = strength * sign[:, 0] - 3.2
        outcome = (random.random(children) < 1 / (1 + np.exp(-odds))).astype(np.int8)
        outcome[random.random(children) < 0.05] = -1
        cut_off = CutOff(day, day, months_before(LAST, back - LABEL_MONTHS))
        nobody = np.full(children, NOT_LOOKED_AT)
        age = np.arange(children) % 216
        cohorts.append(Cohort(cut_off, children_, homes, age, outcome, nobody, np.zeros(children)))
        tables[day] = FeatureTable(day, children_, homes, FEATURES, sign)
    return MadeUpPast(tuple(cohorts), tables)
