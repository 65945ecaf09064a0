"""Measures of an order: what they are, and that all draws of a bootstrap at once are the draws one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from ml_overlay.validation.measures import (
    Units,
    average_precision,
    base_rate,
    calibration_by_chance,
    calibration_error,
    cut,
    expected_over_observed,
    found_at,
    households_of,
    times_drawn,
)


@st.composite
def children(draw: st.DrawFn) -> tuple[np.ndarray, Units, int]:
    count = draw(st.integers(3, 40))
    homes = draw(st.integers(1, 12))
    home = np.array(draw(st.lists(st.integers(0, homes - 1), min_size=count, max_size=count)), dtype=np.int64)
    label = np.array(draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)), dtype=np.int8)
    label[draw(st.integers(0, count - 1))] = 1
    order = np.array(draw(st.lists(st.integers(0, 6), min_size=count, max_size=count)), dtype=np.int64)
    weight = np.array(draw(st.lists(st.sampled_from([1.0, 2.5]), min_size=count, max_size=count)))
    return order, Units(label, weight, home), homes


@settings(max_examples=40)
@given(children())
def test_average_precision_is_that_of_scikit_learn_in_every_draw(made: tuple[np.ndarray, Units, int]) -> None:
    """Each draw's average precision is scikit-learn's with the households of the draw as weights, ties included."""
    order, units, homes = made
    times = times_drawn(homes, 5, 7)
    ours = average_precision(cut(order, units, homes), times)
    for draw in range(times.shape[1]):
        weight = units.weight * times[units.home, draw]
        if (weight * units.label).sum() == 0:
            assert np.isnan(ours[draw])
        else:
            assert ours[draw] == pytest.approx(average_precision_score(units.label, order, sample_weight=weight))


@settings(max_examples=40)
@given(children(), st.integers(1, 40))
def test_found_at_a_capacity_is_what_lots_among_equals_give_on_average(
    made: tuple[np.ndarray, Units, int], capacity: int
) -> None:
    """The number found is the expected number when equals are drawn by lot; never more than there are or fit."""
    order, units, homes = made
    alone = Units(units.label, np.ones(len(order)), units.home)
    found, labelled = found_at(cut(order, alone, homes), np.ones((homes, 1)), capacity)
    room, expected = float(capacity), 0.0
    for value in np.unique(order)[::-1]:
        tie = order == value
        share = min(1.0, room / tie.sum())
        expected += share * units.label[tie].sum()
        room = max(0.0, room - tie.sum())
    assert found[0] == pytest.approx(expected)
    assert labelled[0] == units.label.sum()


def test_everybody_equal_finds_the_base_rate() -> None:
    """An order that says nothing has the base rate as its average precision and as its precision at any capacity."""
    label = np.array([1, 0, 0, 0] * 25, dtype=np.int8)
    units = Units(label, np.ones(100), np.arange(100))
    pieces = cut(np.zeros(100, dtype=np.int64), units, 100)
    times = np.ones((100, 1))
    assert average_precision(pieces, times)[0] == pytest.approx(0.25)
    assert found_at(pieces, times, 20)[0][0] / 20 == pytest.approx(0.25)
    assert base_rate(units, times)[0] == pytest.approx(0.25)


def test_a_household_stands_where_its_first_child_stands() -> None:
    """A household counts once, in the place of its highest child, and is labelled if any of its children is."""
    units = Units(np.array([0, 1, 0], dtype=np.int8), np.ones(3), np.array([0, 0, 2]))
    best, households = households_of(np.array([9, 1, 5]), units, 3)
    assert best.tolist() == [9, 5]
    assert households.label.tolist() == [1, 0]
    assert households.home.tolist() == [0, 2]


def test_siblings_are_drawn_together() -> None:
    """A draw takes or leaves whole households, as many as there are."""
    times = times_drawn(30, 50, 3)
    assert (times[:, 0] == 1).all()
    assert (times.sum(axis=0) == 30).all()
    assert np.array_equal(times, times_drawn(30, 50, 3))


def test_right_probabilities_have_an_error_within_what_chance_gives() -> None:
    """Exactly right probabilities stay in the range of chance and at a level of 1; doubled ones leave both."""
    random = np.random.default_rng(5)
    probability = random.beta(1, 30, size=8000)
    label = (random.random(8000) < probability).astype(np.int8)
    units = Units(label, np.ones(8000), np.arange(8000))
    times = np.ones((8000, 1))
    chance = calibration_by_chance(probability, units, 8000, 1, draws=60)
    assert calibration_error(probability, units, times)[0] < np.quantile(chance, 0.975)
    assert calibration_error(np.minimum(1, 2 * probability), units, times)[0] > chance.max()
    assert expected_over_observed(probability, units, times)[0] == pytest.approx(1, abs=0.15)
    assert expected_over_observed(2 * probability, units, times)[0] == pytest.approx(2, abs=0.3)
