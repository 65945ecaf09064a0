"""Drift: the same city is stable, a moved one is told, and a small one is not frightened by chance."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest

from engine.records.score import NO_SCORE
from ml_overlay.audits.drift import ALARM, Drift, drift_of, reference_of, top_overlap
from ml_overlay.features.feature import Feature, FeatureTable

FEATURES = (
    Feature("absent_days.child.sum_90d", "直近90日の欠席日数の日数", "出席", 1, True, ("absent_days",)),
    Feature("unpaid.household.count_365d", "直近365日の未納の回数", "家計", 1, True, ("unpaid",)),
    Feature("dv.member.holds", "世帯員に支援措置を受けている人がいる", "世帯", 0, False, ("dv",)),
)


def a_week(children: int = 6000, seed: int = 1) -> FeatureTable:
    random = np.random.default_rng(seed)
    absent = np.where(random.random(children) < 0.7, 0, random.poisson(8, children)).astype(np.float32)
    absent[random.random(children) < 0.2] = np.nan
    unpaid = random.poisson(0.05, children).astype(np.float32)
    holds = (random.random(children) < 0.01).astype(np.float32)
    keys = np.array([f"c{number:06d}" for number in range(children)])
    return FeatureTable(date(2026, 11, 20), keys, keys, FEATURES, np.stack([absent, unpaid, holds], axis=1))


def scores_of(table: FeatureTable) -> dict[str, np.ndarray]:
    return {"abuse": np.rint(1e5 / (1 + np.exp(-np.nan_to_num(table.values[:, 0]) / 5 + 2))).astype(np.int64)}


def drift_between(before: FeatureTable, now: FeatureTable) -> Drift:
    reference = json.loads(json.dumps(reference_of(before, scores_of(before)), ensure_ascii=False))
    return drift_of(reference, now, scores_of(now))


def test_who_has_no_score_is_not_among_the_scores() -> None:
    """A type of infants has not moved because there are more older children; a week in which nobody has a score says nothing of it."""
    table = a_week(2000)
    score = scores_of(table)["abuse"]
    few, many = score.copy(), score.copy()
    few[100:] = many[1000:] = NO_SCORE
    reference = reference_of(table, {"abuse": np.where(np.arange(2000) % 2 == 0, score, NO_SCORE)})
    assert reference["scores"]["abuse"]["children"] == 1000
    for week in (few, many):
        [moved] = drift_of(reference, table, {"abuse": week}).scores
        assert moved.state == "安定"
    assert drift_of(reference, table, {"abuse": np.full(2000, NO_SCORE)}).scores == ()


def test_the_same_week_has_not_moved_at_all() -> None:
    """A table beside its own reference, after a trip through JSON, has a PSI of 0 everywhere and nothing to say."""
    table = a_week()
    drift = drift_between(table, table)
    assert [moved.psi for moved in (*drift.features, *drift.scores)] == [0, 0, 0, 0]
    assert drift.state == "安定" and drift.sentences() == ()


def test_another_week_of_the_same_city_is_stable() -> None:
    """Other children from the same city stay below the thresholds and below chance."""
    assert drift_between(a_week(seed=1), a_week(seed=2)).state == "安定"


def test_zero_and_unknown_have_bins_of_their_own() -> None:
    """Zeros that become unknown are seen, though the known values are spread as before."""
    before, now = a_week(), a_week(seed=2)
    now.values[now.values[:, 0] == 0, 0] = np.nan
    moved = drift_between(before, now).features[0]
    assert moved.state == "警報" and moved.psi > ALARM
    assert moved.unknown_now > moved.unknown_before + 400_000


def test_what_moves_is_named_by_its_label() -> None:
    """Twice as many absences: the feature is named in the summary, by its label and not its id, and no other is."""
    before, now = a_week(), a_week(seed=2)
    now.values[:, 0] = 2 * now.values[:, 0] + 4
    drift = drift_between(before, now)
    text = "".join(drift.sentences())
    assert "「直近90日の欠席日数の日数」" in text and "absent_days" not in text
    assert [moved.state for moved in drift.features] == ["警報", "安定", "安定"]


@pytest.mark.parametrize("seed", range(8))
def test_a_small_city_is_not_alarmed_by_chance(seed: int) -> None:
    """With 60 children PSI is large by chance alone; that is no alarm."""
    drift = drift_between(a_week(60, seed=seed), a_week(60, seed=100 + seed))
    assert drift.state != "警報"


def test_a_column_that_is_gone_is_an_alarm() -> None:
    """A column that the reference has and the week does not is told, whatever the others do."""
    before, now = a_week(), a_week()
    fewer = FeatureTable(now.as_of, now.child_keys, now.household_keys, FEATURES[:2], now.values[:, :2])
    drift = drift_between(before, fewer)
    assert drift.lacking == ("dv.member.holds",) and drift.state == "警報"


def test_a_reference_holds_no_key_and_no_float() -> None:
    """What lies in the model's folder is counts of all children, in integers."""
    table = a_week(500)
    text = json.dumps(reference_of(table, scores_of(table)))
    assert "c000001" not in text and len(text) < 5_000
    assert all(isinstance(edge, int) for column in json.loads(text)["features"].values() for edge in column["edges"])


def test_overlap_of_two_models_is_the_share_of_the_top_that_both_have() -> None:
    """Equal models overlap wholly, opposite ones not at all; equal scores are told apart alike."""
    keys = np.array([f"c{number:04d}" for number in range(1000)])
    score = np.arange(1000)
    assert top_overlap(keys, score, score) == 1_000_000
    assert top_overlap(keys, score, -score) == 0
    assert top_overlap(keys, np.zeros(1000, dtype=np.int64), np.zeros(1000, dtype=np.int64)) == 1_000_000
    moved = score.copy()
    moved[:5], moved[950:955] = 2000, -1
    assert top_overlap(keys, score, moved) == 900_000
