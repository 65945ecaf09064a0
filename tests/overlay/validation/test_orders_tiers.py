"""The tier that an order of rules or blend holds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ml_overlay.validation.orders import _by_tier, tiers_of


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 10**9)), min_size=1))
def test_the_tier_comes_back_from_an_order(children: list[tuple[int, int]]):
    """Whatever the points inside it."""
    tier, points = (np.array(column, dtype=np.int64) for column in zip(*children, strict=True))
    assert tiers_of(_by_tier(tier, points)).tolist() == tier.tolist()
