"""Scores and reasons: signs are kept, parts add up, columns are found by name."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_rows import FEATURES, NAMES, QUICK, SIGNS, rows, table

from engine.records.score import NO_SCORE
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.calibration import ranks_of
from ml_overlay.learning.model import TypeModel
from ml_overlay.learning.predict import MissingColumnsError, contributions, is_about, log_odds, millionths, raw_scores
from ml_overlay.learning.train import NoModelError, ranked_on, train_type


@cache
def model() -> TypeModel:
    return train_type(rows(), QUICK)


CELL = st.one_of(st.just(float("nan")), st.integers(0, 12).map(float))


@given(
    st.lists(CELL, min_size=8, max_size=8),
    st.integers(0, 7),
    st.integers(0, 12),
    st.integers(0, 12),
    st.integers(0, 50),
)
def test_more_of_a_worry_never_lowers_and_more_support_never_raises(
    cells: list[float], column: int, one: int, other: int, house: int
) -> None:
    """Whatever else is known of a child: raising a feature of sign +1 never lowers its score, raising one of sign −1 never raises it."""
    low, high = sorted((one, other))
    values = np.array([cells, cells], dtype=np.float32)
    values[:, column] = low, high
    houses = np.array([f"house{house:05}"] * 2)
    asked = replace(table(rows(2)), child_keys=np.array(["a", "b"]), household_keys=houses, values=values)
    less, more = millionths(model(), asked)
    if SIGNS[column]:
        assert SIGNS[column] * (more - less) >= 0


def test_signs_are_what_keeps_support_from_counting_against_a_family() -> None:
    """In the made-up rows support goes with the label: without its sign it would raise scores, with it it never does."""
    of = rows()
    asked = table(of)
    much = asked.values.copy()
    much[:, 3] = np.nan_to_num(much[:, 3]) + 3
    free = train_type(replace(of, features=tuple(replace(feature, sign=0) for feature in FEATURES)), QUICK)
    helped = replace(asked, values=much)
    assert (raw_scores(free, helped) - raw_scores(free, asked)).max() > 0.1
    known = ~np.isnan(asked.values[:, 3])
    assert (raw_scores(model(), helped) - raw_scores(model(), asked))[known].max() <= 0


def test_parts_add_up_to_the_recorded_probability() -> None:
    """Base and parts of a child add up to the log odds of its probability, for any selection of rows in any order."""
    asked = table(rows())
    chosen = np.array([17, 3, 400, 3])
    parts = contributions(model(), asked, chosen)
    assert parts.features == model().features and parts.rows.tolist() == chosen.tolist()
    assert np.abs(parts.base + parts.values.sum(axis=1) - log_odds(model(), asked)[chosen]).max() < 1e-9
    assert np.abs(parts.values).max() > 0.1


def test_a_table_may_have_more_columns_in_another_order() -> None:
    """Columns are found by name: others in between change nothing."""
    asked = table(rows())
    extra = np.full((len(asked.values), 1), 99, dtype=np.float32)
    wider = FeatureTable(
        asked.as_of,
        asked.child_keys,
        asked.household_keys,
        (replace(FEATURES[0], name="unheard.of"), *FEATURES[::-1]),
        np.hstack([extra, asked.values[:, ::-1]]),
    )
    assert (millionths(model(), wider) == millionths(model(), asked)).all()


def test_a_missing_column_is_a_fault_and_no_unknown() -> None:
    """A table that lacks a column is refused with the column's name; it is never read as unknown."""
    asked = table(rows())
    narrow = replace(asked, features=FEATURES[1:], values=asked.values[:, 1:])
    for ask in (raw_scores, millionths, lambda m, t: contributions(m, t, np.array([0]))):
        with pytest.raises(MissingColumnsError, match=r"absence\.child\.sum_90d") as refused:
            ask(model(), narrow)
        assert refused.value.names == ("absence.child.sum_90d",)


def test_damaged_parts_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts that do not add up to the score are no reasons: the program stops instead."""
    import lightgbm

    predict = lightgbm.Booster.predict

    def off(self: lightgbm.Booster, data: object, **how: object) -> object:
        return predict(self, data, **how) + (0.01 if how.get("pred_contrib") else 0)

    monkeypatch.setattr(lightgbm.Booster, "predict", off)
    with pytest.raises(ArithmeticError):
        contributions(model(), table(rows()), np.array([0, 1]))


def test_nobody_asked_nothing_answered() -> None:
    """A table without children has no scores and no reasons, and is no error."""
    asked = table(rows())
    none = replace(
        asked, child_keys=asked.child_keys[:0], household_keys=asked.household_keys[:0], values=asked.values[:0]
    )
    assert len(millionths(model(), none)) == 0
    assert contributions(model(), none, np.array([], dtype=np.int64)).values.shape == (0, 8)


def test_who_is_not_of_the_models_ages_gets_no_score_and_is_not_counted() -> None:
    """A model of children from one to below three: the others, and whose age is unknown, have no score at all, and bands are thousandths of the scored."""
    asked = table(rows())
    age = asked.values[:, NAMES.index("age.child.level")]
    about = ranked_on(model(), asked, (1, 3))
    scores = millionths(about, asked)
    assert np.array_equal(scores != NO_SCORE, (age >= 1) & (age < 3))
    everybody = millionths(model(), asked)
    assert np.array_equal(scores[scores != NO_SCORE], everybody[scores != NO_SCORE])
    assert about.ranks == ranks_of(scores[scores != NO_SCORE]) != ranks_of(everybody)


def test_without_anybody_of_its_ages_there_is_no_model() -> None:
    """Nobody could be banded, and nobody scored."""
    with pytest.raises(NoModelError, match="対象の年齢"):
        ranked_on(model(), table(rows()), (17, 18))


def test_a_table_without_ages_cannot_tell_whom_a_model_is_about() -> None:
    """A missing column is a fault also where no booster reads it: nobody is scored by mistake."""
    asked = table(rows())
    keep = [place for place, name in enumerate(NAMES) if name != "age.child.level"]
    less = replace(asked, features=tuple(FEATURES[place] for place in keep), values=asked.values[:, keep])
    unread = replace(model(), features=less.features, ages=(0, 1))
    with pytest.raises(MissingColumnsError, match=r"age\.child\.level"):
        is_about(unread, less)
