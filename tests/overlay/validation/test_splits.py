"""Train on the past, test on the future."""

from __future__ import annotations

from datetime import date

import numpy as np
from made_up_rows import made_up_rows

from engine.kernel.dates import months_before
from ml_overlay.validation.splits import temporal_splits

TEST_DAYS = (date(2025, 8, 20), date(2025, 11, 20))


def test_a_row_is_learned_from_only_if_its_label_was_known_on_the_test_day() -> None:
    """Cut-off day, gap and window must have passed by the test day; a label that comes true in the last months is not used either."""
    rows = made_up_rows()
    for split in temporal_splits(rows, TEST_DAYS, label_months=6):
        assert split.trained_until is not None
        assert split.trained_until <= months_before(split.day, 6)
        left_out = len(rows.label) - len(split.rows.label)
        assert left_out == int((rows.cut_on > np.datetime64(months_before(split.day, 6))).sum()) > 0


def test_a_later_day_learns_from_no_less() -> None:
    """Splits come in order of days, and what was known stays known."""
    first, second = temporal_splits(made_up_rows(), TEST_DAYS[::-1], label_months=6)
    assert first.day < second.day
    assert len(first.rows.label) < len(second.rows.label)


def test_before_anything_was_known_there_is_nothing_to_learn() -> None:
    """A test day before the first known label has an empty split without a last day."""
    (split,) = temporal_splits(made_up_rows(), [date(2020, 1, 1)], label_months=6)
    assert len(split.rows.label) == 0 and split.trained_until is None
