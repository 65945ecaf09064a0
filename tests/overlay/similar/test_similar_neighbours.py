"""Whom a child is likened to: the nearest by what speaks for a difficulty, exactly, once per household, always in the same order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_overlay.features.feature import Feature
from ml_overlay.similar.neighbours import NeighbourIndex, Weights, standardised

_FEATURES = tuple(
    Feature(f"f{j}", f"項目{j}", group, 1, True, ()) for j, group in enumerate(["出席", "出席", "家計", "健診"])
)


def _index(parts: np.ndarray, households: list[str] | None = None, weights: Weights | None = None) -> NeighbourIndex:
    keys = np.array([f"C{j:03}" for j in range(len(parts))])
    homes = np.array(households or [f"H{j:03}" for j in range(len(parts))])
    return NeighbourIndex(keys, homes, parts, _FEATURES, weights or Weights())


@given(seed=st.integers(0, 2**32), n=st.integers(1, 400), direction=st.sampled_from([0, 2]))
def test_the_nearest_are_those_of_the_slow_way(seed: int, n: int, direction: int) -> None:
    """Sorting everybody by plain weighted distance and taking the first child of each household gives the same."""
    rng = np.random.default_rng(seed)
    parts = rng.integers(-2, 3, (n, 4)).astype(np.float64)
    homes = [f"H{j}" for j in rng.integers(0, max(1, n // 2), n)]
    asked = rng.integers(-2, 3, 4).astype(np.float64)
    index = _index(parts, homes, Weights(1, 0, direction))
    difference = parts - asked
    distance = (difference**2).sum(axis=1) + direction * difference.sum(axis=1) ** 2
    expected: list[str] = []
    seen: set[str] = {"H0"}
    for at in sorted(range(n), key=lambda at: (round(distance[at], 9), f"C{at:03}")):
        if homes[at] not in seen:
            seen.add(homes[at])
            expected.append(f"C{at:03}")
    assert [near.key for near in index.nearest(asked, 5, without={"H0"})] == expected[:5]


def test_a_child_is_at_no_distance_from_itself() -> None:
    """Asked about a child of the index, the child itself comes first, at distance 0, unless its household is left out."""
    parts = np.random.default_rng(1).normal(size=(50, 4))
    index = _index(parts, weights=Weights(1, 2, 1))
    first = index.nearest(parts[7], 3)[0]
    assert (first.key, first.distance) == ("C007", 0)
    assert "C007" not in {near.key for near in index.nearest(parts[7], 49, without={"H007"})}


def test_distances_are_exact_millionths() -> None:
    """One feature 0.3 and its concept 0.3 apart: the root of 2 × 0.09, rounded down; the same wherever it is worked out."""
    index = _index(np.array([[0.3, 0, 0, 0]]), weights=Weights(1, 1, 0))
    assert index.nearest(np.zeros(4), 1)[0].distance == 424_264


def test_siblings_are_one_household() -> None:
    """Of siblings in the index only the nearest is found."""
    parts = np.array([[0, 0, 0, 0.0], [0.1, 0, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0]])
    found = _index(parts, ["A", "A", "B", "C"]).nearest(np.zeros(4), 4)
    assert [near.key for near in found] == ["C000", "C002", "C003"]


def test_equals_come_in_the_order_of_their_keys_whatever_the_order_of_rows() -> None:
    """The order of the index's rows decides nothing."""
    parts = np.zeros((30, 4))
    keys = np.array([f"C{j:03}" for j in range(30)])
    order = np.random.default_rng(3).permutation(30)
    shuffled = NeighbourIndex(keys[order], keys[order], parts[order], _FEATURES, Weights())
    assert [near.key for near in shuffled.nearest(np.zeros(4), 5)] == keys[:5].tolist()


def test_a_group_counts_as_one_where_the_weights_say_so() -> None:
    """With distances between groups, absence met through one feature is like absence met through another."""
    parts = np.array([[0, 1, 0, 0.0], [0, 0, 1, 0]])
    index = _index(parts, weights=Weights(feature=0, group=1))
    assert index.nearest(np.array([1.0, 0, 0, 0]), 1)[0].key == "C000"


def test_an_empty_index_finds_nobody() -> None:
    """No past case, no neighbour."""
    assert _index(np.zeros((0, 4))).nearest(np.zeros(4), 5) == ()


def test_unknown_is_the_mean_and_not_nothing() -> None:
    """For raw distances a cell that is unknown is as far from everybody as the mean is."""
    like = np.array([[0.0], [4.0], [np.nan]], dtype=np.float32)
    assert standardised(like, like).ravel().tolist() == [-1.0, 1.0, 0.0]


def test_tables_that_do_not_fit_are_refused() -> None:
    """Keys of other children than the rows are a fault of the program."""
    with pytest.raises(ValueError, match="do not fit"):
        NeighbourIndex(np.array(["a"]), np.array(["a", "b"]), np.zeros((2, 4)), _FEATURES, Weights())
