"""Whether a model tells apart children of the same age, and that only such a model is used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ml_overlay.validation.results import Apart, Figure, TypeEvaluation
from ml_overlay.validation.same_age import ScoredDay, apart_on, why_not_used

EMPTY = TypeEvaluation("abuse", "正例", (), (), (), None, ())


def day(
    seed: int, *, children: int = 600, by_age: float = 0.0, by_sign: float = 0.0, labelled: float = 0.1
) -> ScoredDay:
    """Children of all ages, two to a household, of whom more are labelled the older they are; a score that knows the age, or something of the child."""
    random = np.random.default_rng(seed)
    age = random.integers(0, 18, children) * 12
    sign = random.normal(size=children)
    odds = np.log(labelled / (1 - labelled)) + (age - 108) / 36 + sign
    label = (random.random(children) < 1 / (1 + np.exp(-odds))).astype(np.int8)
    score = np.rint(1000 * (by_age * age + by_sign * sign + 0.5 * random.normal(size=children))).astype(np.int64)
    keys = np.array([f"c{number:05d}" for number in range(children)])
    homes = np.array([f"h{number // 2:05d}" for number in range(children)])
    return ScoredDay(keys, homes, age, label, np.ones(children), score)


def test_a_model_that_knows_only_the_age_is_not_used() -> None:
    """It finds many of all children, and of children of the same age no more than chance; a city without labels of another kind gets no model from it."""
    apart = apart_on([day(1, by_age=1.0), day(2, by_age=1.0)])
    assert apart is not None
    assert apart.everybody.low > 700_000
    assert apart.same_age.low < 500_000 < apart.same_age.high
    reason = why_not_used(replace(EMPTY, apart=apart))
    assert reason is not None and "同じ年齢のこどもどうし" in reason and "%" not in reason


def test_a_model_that_knows_something_of_the_child_is_used() -> None:
    """The whole interval lies above chance."""
    apart = apart_on([day(1, by_sign=1.0), day(2, by_sign=1.0)])
    assert apart is not None and apart.same_age.low > 500_000
    assert why_not_used(replace(EMPTY, apart=apart)) is None


@pytest.mark.parametrize(("low", "used"), [(500_000, False), (500_001, True)])
def test_it_is_the_lower_end_of_the_interval_that_decides(low: int, used: bool) -> None:
    """A good figure that may be chance shows nothing."""
    apart = Apart(Figure(900_000, 890_000, 910_000), Figure(700_000, low, 900_000))
    assert (why_not_used(replace(EMPTY, apart=apart)) is None) is used


def test_what_cannot_be_told_is_not_shown() -> None:
    """Fewer than twenty labelled children, on however many days, or no day at all: no figure, and no model."""
    few = day(3, by_sign=1.0, children=60, labelled=0.02)
    assert 0 < few.label.sum() < 20
    assert apart_on([few, few, few, few]) is None
    assert apart_on([]) is None
    reason = why_not_used(EMPTY)
    assert reason is not None and "20人に足りません" in reason


def test_days_with_few_labels_show_something_together() -> None:
    """Rare difficulties give no figure on any day; what several days together show is shown all the same."""
    few = [
        replace(
            day(seed, by_sign=3.0, children=300, labelled=0.02),
            child_keys=np.array([f"{seed}-{n}" for n in range(300)]),
        )
        for seed in range(6, 12)
    ]
    apart = apart_on(few)
    assert apart is not None
    assert why_not_used(replace(EMPTY, apart=apart, without="確かめられる日がありません。")) is None


def test_small_children_are_compared_by_the_month() -> None:
    """Checks and questionnaires come by the month: who tells newborns from older infants tells nothing of a newborn."""
    infants = day(4, by_age=1.0)
    months = np.arange(600) % 12
    label = ((months == 0) & (np.arange(600) // 12 % 3 > 0)).astype(np.int8)
    apart = apart_on([replace(infants, age_months=months, label=label, score=-months)])
    assert apart is not None and apart.everybody.at > 950_000 and apart.same_age.at == 500_000


def test_over_all_children_of_a_day_it_is_the_usual_area() -> None:
    """As scikit-learn defines it."""
    one = day(5, by_sign=1.0)
    apart = apart_on([replace(one, score=one.score // 200)])
    assert apart is not None
    assert apart.everybody.at == round(1e6 * roc_auc_score(one.label, one.score // 200))
