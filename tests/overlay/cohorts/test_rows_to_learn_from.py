"""Which children are examples, for how many they stand, and what undoes that the list decides who is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.dates import months_before
from engine.records.feedback import Feedback
from ml_overlay.cohorts.days import CutOff
from ml_overlay.cohorts.labels import (
    BY_CHANCE,
    BY_LIST,
    CAME_TRUE,
    LEFT_OUT,
    NOT_LOOKED_AT,
    UNLABELLED,
    Cohort,
)
from ml_overlay.cohorts.looked_at import (
    MOST,
    UNMEASURED,
    chance_otherwise,
    listing_weights,
    measured_otherwise,
    with_feedback,
)
from ml_overlay.cohorts.rows import choose_rows

DAY = date(2026, 2, 20)


def cohort(outcomes: dict[str, int], months_back: int = 0) -> Cohort:
    """Children by key; the gap ends three months after the cut-off day, the window six months after."""
    on, gap, seen = (months_before(DAY, months_back - m) for m in (0, 3, 6))
    keys = np.array(sorted(outcomes))
    outcome = np.array([outcomes[key] for key in sorted(outcomes)], np.int8)
    ages = np.full(len(keys), 100)
    return Cohort(
        CutOff(on, gap, seen), keys, keys, ages, outcome, np.full(len(keys), NOT_LOOKED_AT), np.zeros(len(keys))
    )


def said(child: str, on: date, finding: str = "困難あり", **other: object) -> Feedback:
    usual = {"decision": "積極的アプローチ", "seen_by": "一覧", "chance_millionths": None, "hardship_type": "poverty"}
    return Feedback(
        decided_on=on, child_key=child, household_key="H", finding=finding, run_id="R1", **{**usual, **other}
    )  # type: ignore[arg-type]


def test_every_label_counts_and_the_unlabelled_stand_for_all_their_days():
    """A child whose label came true on two days gives both; one without a label one row, which weighs its days."""
    days = [cohort({"a": CAME_TRUE, "b": UNLABELLED, "c": UNLABELLED}, back) for back in (6, 3, 0)]
    days[2].outcome[:] = [UNLABELLED, UNLABELLED, LEFT_OUT]
    rows = choose_rows(days, "poverty")
    chosen = [
        (str(d.child_keys[p]), w)
        for d, r in zip(days, rows, strict=True)
        for p, w in zip(r.places, r.weight, strict=True)
    ]
    assert [one for one in chosen if one[0] == "a"] == [("a", 1.0), ("a", 1.0)]
    assert [one for one in chosen if one[0] != "a"] in ([("b", 3.0), ("c", 2.0)], [("c", 2.0), ("b", 3.0)])


def test_unlabelled_children_are_drawn_where_the_labels_are():
    """With nine labels on one day and three on the other, about three of four unlabelled rows are of the first day."""
    many = {f"u{n}": int(UNLABELLED) for n in range(2000)}
    first = cohort({**many, **{f"p{n}": int(CAME_TRUE) for n in range(9)}}, 3)
    second = cohort({**many, **{f"q{n}": int(CAME_TRUE) for n in range(3)}}, 0)
    third = cohort(many, 9)  # nobody's label came true on it
    rows = choose_rows([third, first, second], "poverty")
    sizes = [len(each.places) for each in rows]
    assert sizes[0] == 0 and 1420 < sizes[1] - 9 < 1580 and sum(sizes) == 2012


@given(st.permutations(range(40)), st.integers(0, 3))
def test_the_draw_depends_on_the_child_alone(order: list[int], added: int):
    """Neither the order of children nor who else is there moves a child to another day."""
    labels = {"p": int(CAME_TRUE)}
    few = {f"u{n}": int(UNLABELLED) for n in range(40)}
    more = {f"u{n}": int(UNLABELLED) for n in order} | {f"v{n}": int(LEFT_OUT) for n in range(added)}

    def drawn(of: dict[str, int]) -> list[set[str]]:
        days = [cohort({**of, **labels}, back) for back in (3, 0)]
        return [set(d.child_keys[r.places]) for d, r in zip(days, choose_rows(days, "poverty"), strict=True)]

    assert drawn(few) == drawn(more)


def test_a_confirmed_difficulty_is_a_label_and_an_old_one_is_known_already():
    """Confirmed in the window: came true. Confirmed by the end of the gap: in no row. Of another type: nothing."""
    children = cohort({"a": UNLABELLED, "b": UNLABELLED, "c": UNLABELLED, "d": UNLABELLED})
    [after] = with_feedback(
        [children],
        "poverty",
        [
            said("a", date(2026, 7, 1)),
            said("b", date(2026, 4, 1)),
            said("c", date(2026, 7, 1), hardship_type="abuse"),
            said("d", date(2026, 12, 1)),
        ],
    )
    assert after.outcome.tolist() == [CAME_TRUE, LEFT_OUT, UNLABELLED, UNLABELLED]
    assert after.looked.tolist() == [BY_LIST, NOT_LOOKED_AT, NOT_LOOKED_AT, NOT_LOOKED_AT]


def test_looked_at_and_nothing_found_is_a_weak_negative():
    """The row of that day is kept with a weight of one; the child's other days are drawn as ever."""
    days = [cohort({"a": UNLABELLED, "p": CAME_TRUE}, back) for back in (24, 12, 0)]
    days = list(with_feedback(days, "poverty", [said("a", date(2026, 7, 1), "困難なし")]))
    assert days[2].outcome[0] == UNLABELLED and days[2].looked[0] == BY_LIST
    rows = choose_rows(days, "poverty")
    of_a = [
        float(r.weight[list(d.child_keys[r.places]).index("a")])
        for d, r in zip(days, rows, strict=True)
        if "a" in d.child_keys[r.places]
    ]
    assert of_a == [2.0, 1.0]


def test_support_in_place_or_an_open_question_says_nothing():
    """既に支援中 and 分からない: no row, for nobody can tell what would have come of the child."""
    children = cohort({"a": UNLABELLED, "b": UNLABELLED, "c": UNLABELLED})
    [after] = with_feedback(
        [children],
        "poverty",
        [
            said("a", date(2026, 7, 1), "困難なし", decision="既に支援中", hardship_type=None),
            said("b", date(2026, 7, 1), "分からない"),
            said("c", date(2026, 7, 1), "困難あり", hardship_type=None),
        ],
    )
    assert after.outcome.tolist() == [LEFT_OUT, LEFT_OUT, UNLABELLED] and after.looked[2] == BY_LIST


def test_an_official_label_outweighs_a_conference_that_saw_nothing():
    """Registered within the window although a conference had found nothing: it came true."""
    [after] = with_feedback([cohort({"a": CAME_TRUE})], "poverty", [said("a", date(2026, 7, 1), "困難なし")])
    assert after.outcome.tolist() == [CAME_TRUE]


def test_whom_nobody_was_led_to_weighs_more_than_who_was_listed():
    """Where a difficulty comes out by itself in two of five cases, each one that did stands for two and a half."""
    labels = np.array([1, 1, 1, 0, 0], np.int8)
    looked = np.array([BY_LIST, NOT_LOOKED_AT, BY_CHANCE, BY_LIST, NOT_LOOKED_AT])
    weights = listing_weights(labels, looked, np.array([1, 0, 0.5, 1, 0.0]), 0.4)
    assert weights[1] / weights[0] == pytest.approx(2.5)
    assert weights[2] / weights[0] == pytest.approx(1 / 0.7)
    assert weights[:3].sum() == pytest.approx(3) and weights[3:].tolist() == [1, 1]


def test_without_a_list_all_labels_weigh_the_same():
    """Before the first conference nobody was led to anybody: nothing to undo."""
    weights = listing_weights(np.array([1, 0, 1], np.int8), np.zeros(3, np.int8), np.zeros(3), UNMEASURED)
    assert weights.tolist() == [1, 1, 1]


@given(st.data())
def test_no_labelled_row_weighs_more_than_the_limit(data: st.DataObject):
    """At most MOST times a listed one, however small the chance; the share of labels among all rows stays."""
    size = data.draw(st.integers(1, 30))
    labels = np.array(data.draw(st.lists(st.sampled_from([0, 1]), min_size=size, max_size=size)), np.int8)
    looked = np.array(data.draw(st.lists(st.sampled_from([0, 1, 2]), min_size=size, max_size=size)), np.int8)
    chance = np.array(data.draw(st.lists(st.floats(0, 1), min_size=size, max_size=size)))
    weights = listing_weights(labels, looked, chance, data.draw(st.floats(0, 1)))
    assert weights.sum() == pytest.approx(size)
    if labels.any():
        assert weights[labels == 1].max() / weights[labels == 1].min() <= MOST + 1e-9
    assert (weights[labels == 0] == 1).all()


def test_the_random_sample_measures_how_much_comes_out_by_itself():
    """Of 10,000 not listed 60 were labelled; the sample finds 3 % in need: one in five came out. Few draws say little."""
    assert chance_otherwise(60, 10_000, 300, 10_000) == pytest.approx(0.204, abs=0.01)
    assert chance_otherwise(60, 10_000, 0, 0) == UNMEASURED
    assert abs(chance_otherwise(60, 10_000, 1, 10) - UNMEASURED) < 0.05
    assert chance_otherwise(5000, 10_000, 0, 10_000) > 0.95 and chance_otherwise(0, 10_000, 500, 10_000) == 1 / MOST


def test_what_comes_out_by_itself_is_counted_among_those_not_listed():
    """Listed children and days without a conference do not count."""
    quiet = cohort({f"q{n}": int(CAME_TRUE) for n in range(50)}, 12)
    keys = {f"k{n:04}": int(CAME_TRUE if n < 20 else UNLABELLED) for n in range(1000)}
    busy = cohort(keys)
    looked = busy.looked.copy()
    looked[:10], looked[500:1000] = BY_LIST, BY_CHANCE
    busy = replace(busy, looked=looked, chance=np.where(looked == BY_CHANCE, 0.001, 0.0))
    assert measured_otherwise([quiet, busy]) == chance_otherwise(10, 990, 0, 500)
    assert measured_otherwise([quiet]) == UNMEASURED
