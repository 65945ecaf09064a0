"""The random sample: counted once, weighed by its chance, and silent where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up_cohorts import made_up_past

from ml_overlay.cohorts.labels import BY_CHANCE, BY_LIST, NOT_LOOKED_AT
from ml_overlay.validation.results import MILLION
from ml_overlay.validation.unbiased import NONE_YET, sample_estimate


def test_without_a_random_sample_it_says_none_yet() -> None:
    """Before anybody was drawn by lot there is no number, only that sentence."""
    estimate = sample_estimate(made_up_past().cohorts, None, np.array([], dtype=np.str_), {})
    assert (estimate.drawn, estimate.share, estimate.recall, estimate.says) == (0, None, {}, NONE_YET)


def test_a_child_drawn_once_counts_once_though_it_stands_in_several_windows() -> None:
    """Cohorts of several days share their children; the sample is of children."""
    past = made_up_past()
    looked = np.full(600, NOT_LOOKED_AT)
    looked[:40] = BY_CHANCE
    outcome = np.zeros(600, dtype=np.int8)
    outcome[:8] = 1
    cohorts = [replace(c, looked=looked, chance=np.full(600, 0.1), outcome=outcome) for c in past.cohorts]
    estimate = sample_estimate(cohorts, None, np.array([], dtype=np.str_), {})
    assert (estimate.drawn, estimate.found) == (40, 8)
    assert estimate.share is not None and estimate.share.at == MILLION // 5
    assert estimate.share.low < MILLION // 5 < estimate.share.high


def test_recall_counts_a_child_drawn_by_lot_for_all_whom_nobody_looked_at() -> None:
    """30 listed and 20 of the not listed found at a chance of one in ten: the list holds 30 of 230, and not 30 of 50."""
    cohort = made_up_past().cohorts[-1]
    looked, outcome = np.full(600, NOT_LOOKED_AT), np.zeros(600, dtype=np.int8)
    looked[:30], looked[30:90] = BY_LIST, BY_CHANCE
    outcome[:50] = 1
    chance = np.where(looked == BY_LIST, 1.0, 0.1)
    seen = replace(cohort, looked=looked, chance=chance, outcome=outcome)
    order = np.arange(600)[::-1].copy()
    estimate = sample_estimate([seen], seen, cohort.household_keys, {"rules": order}, capacities=(30,), draws=50)
    recall = estimate.recall["rules"][30]
    assert recall is not None and recall.at == pytest.approx(MILLION * 30 / 230, abs=1)
    assert recall.low < recall.at < recall.high


def test_a_sample_without_enough_found_gives_no_recall() -> None:
    """With few in difficulty among those looked at, the number drawn and found is told and nothing else."""
    cohort = made_up_past().cohorts[-1]
    looked, outcome = np.full(600, NOT_LOOKED_AT), np.zeros(600, dtype=np.int8)
    looked[:50], outcome[:2] = BY_CHANCE, 1
    seen = replace(cohort, looked=looked, chance=np.full(600, 0.1), outcome=outcome)
    estimate = sample_estimate(
        [seen], seen, cohort.household_keys, {"rules": np.arange(600)}, capacities=(30,), draws=5
    )
    assert estimate.recall == {} and "50人" in estimate.says and "2人" in estimate.says
