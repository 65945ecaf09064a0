"""The file of past cases beside a model: the same cases are the same bytes, and only its own model reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_overlay.features.feature import Feature
from ml_overlay.learning.model import OverlayModel, TypeModel
from ml_overlay.similar.index import PastIndex, TypeParts, UnreadableIndexError, index_bytes, read_index

_FEATURES = tuple(Feature(f"f{j}", f"項目{j}", "出席", 1, True, ()) for j in range(3))


def _index(seed: int = 1, n: int = 6) -> PastIndex:
    rng = np.random.default_rng(seed)
    parts = {
        kind: TypeParts(
            _FEATURES[:width], np.round(rng.normal(size=(n, width)), 6), rng.integers(0, 2, n).astype(np.bool_)
        )
        for kind, width in (("abuse", 3), ("poverty", 2))
    }
    keys = np.array([f"P{j:02}" for j in range(n)], dtype=np.str_)
    return PastIndex(
        keys,
        np.array([f"H{j // 2:02}" for j in range(n)], dtype=np.str_),
        (date(2025, 3, 1),) * n,
        (date(2025, 2, 20),) * n,
        parts,
    )


def _model(**features: int) -> OverlayModel:
    types = {kind: TypeModel(kind, _FEATURES[:width], (), 1.0, 0.0, (), 0, 0) for kind, width in features.items()}
    return OverlayModel(date(2026, 11, 20), types, {}, {}, {})


@given(seed=st.integers(0, 2**32), n=st.integers(0, 20))
def test_what_is_read_is_what_was_written(seed: int, n: int) -> None:
    """Keys, days, whom the model is about, and of those every part to the millionth; and the same bytes again."""
    index = _index(seed, n)
    content = index_bytes(index)
    read = read_index(content, _model(abuse=3, poverty=2))
    assert (read.child_keys.tolist(), read.household_keys.tolist()) == (
        index.child_keys.tolist(),
        index.household_keys.tolist(),
    )
    assert (read.registered_on, read.looked_at) == (index.registered_on, index.looked_at)
    for kind, parts in index.parts.items():
        assert read.parts[kind].about.tolist() == parts.about.tolist()
        assert np.array_equal(
            np.rint(read.parts[kind].values[parts.about] * 1e6), np.rint(parts.values[parts.about] * 1e6)
        )
    assert index_bytes(read) == content


@pytest.mark.parametrize(
    "features", [{"abuse": 3}, {"abuse": 2, "poverty": 2}, {"abuse": 3, "poverty": 2, "young_carer": 1}]
)
def test_the_index_of_another_model_is_refused(features: dict[str, int]) -> None:
    """Other types, or features that do not fit: distances between them would mean nothing."""
    with pytest.raises(UnreadableIndexError):
        read_index(index_bytes(_index()), _model(**features))


def test_what_is_no_index_is_refused_without_saying_what_it_holds() -> None:
    """Neither a table of other columns nor what is no table at all."""
    for content in (b"", b"PAR1 no table", index_bytes(_index())[:-40]):
        with pytest.raises(UnreadableIndexError) as error:
            read_index(content, _model(abuse=3, poverty=2))
        assert "P00" not in str(error.value)


def test_columns_that_do_not_fit_are_refused() -> None:
    """A fault of the program is not written."""
    with pytest.raises(ValueError, match="do not fit"):
        replace(_index(), looked_at=())
