"""Train on the past, test on the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from made_up_cohorts import made_up_past

from ml_overlay.validation.splits import days_to_test, known_by, split_on


def test_a_row_is_learned_from_only_if_its_label_had_been_seen_to_its_end_by_the_test_day() -> None:
    """Cut-off day, gap and window must have passed by the test day; what comes true in the last months is not used either."""
    past = made_up_past()
    for tested in days_to_test(past.cohorts):
        split = split_on("abuse", past.cohorts, past.tables, tested)
        assert split.learned is not None and split.trained_until is not None
        days = set(split.learned.cut_on.tolist())
        assert days == {c.cut_off.on for c in past.cohorts if c.cut_off.seen_until <= split.day}
        assert max(days) == split.trained_until < split.day


def test_what_happens_after_the_test_day_changes_nothing_that_is_learned() -> None:
    """Other outcomes on and after the test day leave the rows, labels and weights of its training set as they are."""
    past = made_up_past()
    tested = days_to_test(past.cohorts)[0]
    otherwise = tuple(
        c if c.cut_off.seen_until <= tested.cut_off.on else replace(c, outcome=np.roll(c.outcome, 7))
        for c in past.cohorts
    )
    one, other = (split_on("abuse", cohorts, past.tables, tested).learned for cohorts in (past.cohorts, otherwise))
    assert one is not None and other is not None
    for name in ("values", "label", "child_keys", "cut_on", "weight"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name == "values")


def test_the_latest_days_are_tested_and_each_has_something_known_before() -> None:
    """At most four days, oldest first, and none before the first label was known."""
    past = made_up_past()
    days = days_to_test(past.cohorts)
    assert [cohort.cut_off.on for cohort in days] == [cohort.cut_off.on for cohort in past.cohorts[-4:]]
    assert days_to_test(past.cohorts[:2]) == ()
    assert known_by(past.cohorts, past.cohorts[0].cut_off.on) == ()


def test_everybody_at_risk_is_tested_once() -> None:
    """The tested rows are all children of the day whose label is known or open, each standing for itself."""
    past = made_up_past()
    tested = days_to_test(past.cohorts)[-1]
    rows = split_on("abuse", past.cohorts, past.tables, tested).tested
    assert len(rows.label) == int((tested.outcome >= 0).sum()) < len(tested.outcome)
    assert (rows.weight == 1).all() and rows.positives == tested.positives
