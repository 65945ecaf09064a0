"""Households parted into folds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ml_overlay.learning.folds import folds_of

KEYS = st.lists(st.text(alphabet="0123456789abcdef", min_size=1, max_size=12), min_size=1, max_size=40)


@given(KEYS, st.integers(0, 9))
def test_a_fold_depends_on_the_key_alone(keys: list[str], partition: int) -> None:
    """A household keeps its fold in any order, in any company; its children share it."""
    together = dict(zip(keys, folds_of(np.array(keys), partition).tolist(), strict=True))
    assert all(folds_of(np.array([key]), partition).tolist() == [fold] for key, fold in together.items())
    backwards = folds_of(np.array(keys[::-1]), partition)[::-1].tolist()
    assert backwards == [together[key] for key in keys]


def test_folds_are_even_and_partitions_differ() -> None:
    """Each fold gets about a fifth of the households, and two partitions part them differently."""
    keys = np.array([f"household{number}" for number in range(5000)])
    one, other = folds_of(keys, 0), folds_of(keys, 1)
    assert np.bincount(one, minlength=5).min() > 900
    assert 0.15 < float((one == other).mean()) < 0.25


def test_folds_never_change() -> None:
    """Stored models are cross-fitted by these very folds: another hash would have households judged by boosters that saw them."""
    assert folds_of(np.array(["a", "b", "c", "d", "e", "f"]), 0).tolist() == [4, 2, 1, 3, 0, 3]
