"""From raw scores to probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from ml_overlay.learning.calibration import fit_platt, in_millionths, ranks_of, sigmoid


def drawn(slope: float, intercept: float, n: int = 40_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    raw = rng.normal(-3, 1.5, n)
    return raw, (rng.random(n) < sigmoid(slope * raw + intercept)).astype(np.int8)


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.6, -1.0), (1.7, 1.5)])
def test_a_known_probability_is_recovered(slope: float, intercept: float) -> None:
    """Labels drawn by a line through the scores give that line back."""
    raw, label = drawn(slope, intercept)
    line = fit_platt(raw, label, np.ones(len(raw)))
    assert line.slope == pytest.approx(slope, abs=0.06)
    assert line.intercept == pytest.approx(intercept, abs=0.15)


def test_it_is_the_maximum_that_a_library_finds() -> None:
    """With the same labels and weights scikit-learn's logistic regression without penalty finds the same line (but for the drawing in of labels)."""
    raw, label = drawn(0.8, -0.5, n=5000)
    weight = np.random.default_rng(8).uniform(0.5, 4, len(raw))
    line = fit_platt(raw, label, weight)
    other = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(raw[:, None], label, sample_weight=weight)
    assert line.slope == pytest.approx(float(other.coef_[0, 0]), rel=0.01)
    assert line.intercept == pytest.approx(float(other.intercept_[0]), rel=0.02)


def test_weights_count_as_many_rows() -> None:
    """A row of weight three is three rows: unlabelled children who stand for others lower the probability accordingly."""
    raw, label = drawn(1.0, 0.0, n=3000)
    weight = np.where(label == 1, 1.0, 3.0)
    repeated = np.repeat(np.arange(len(raw)), weight.astype(int))
    one = fit_platt(raw, label, weight)
    other = fit_platt(raw[repeated], label[repeated], np.ones(len(repeated)))
    assert one.slope == pytest.approx(other.slope, rel=1e-9) and one.intercept == pytest.approx(
        other.intercept, rel=1e-9
    )
    mean = np.average(sigmoid(one.slope * raw + one.intercept), weights=weight)
    assert mean == pytest.approx(np.average(label, weights=weight), rel=0.01)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_the_order_of_rows_changes_no_bit(seed: int) -> None:
    """Sums are exact: permuted rows give the same line to the bit."""
    raw, label = drawn(0.9, -0.2, n=300)
    weight = np.linspace(0.1, 7, 300)
    order = np.random.default_rng(seed).permutation(300)
    assert fit_platt(raw, label, weight) == fit_platt(raw[order], label[order], weight[order])


def test_perfectly_parted_labels_give_a_finite_line() -> None:
    """Scores that part the labels without fault are still no certainty."""
    raw = np.linspace(-2, 2, 100)
    line = fit_platt(raw, (raw > 0).astype(np.int8), np.ones(100))
    assert 0 < line.slope < 100 and abs(line.intercept) < 10


def test_nothing_to_calibrate_is_refused() -> None:
    """Only one label, or only one score, is no calibration."""
    with pytest.raises(ValueError, match="both labels"):
        fit_platt(np.arange(5.0), np.zeros(5, dtype=np.int8), np.ones(5))
    with pytest.raises(ValueError, match="more than one score"):
        fit_platt(np.zeros(4), np.array([0, 1, 0, 1], dtype=np.int8), np.ones(4))


def test_probabilities_are_integers_in_millionths() -> None:
    """Whole numbers from 0 to a million, rising with the log odds, also far out."""
    found = in_millionths(np.array([-800.0, -3.0, 0.0, 3.0, 800.0]))
    assert found.dtype == np.int64
    assert found.tolist() == [0, 47426, 500000, 952574, 1_000_000]


def test_weighted_thresholds_count_whom_a_row_stands_for() -> None:
    """A score that stands for five children takes five places of the thousand."""
    scores = np.array([900, 500, 100])
    assert ranks_of(scores, np.array([5.0, 15.0, 980.0]), up_to=21) == (901,) * 4 + (900,) * 15 + (500,) * 2
