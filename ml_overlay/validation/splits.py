"""Temporal splits: a model tested on a day has learned only from labels that were known by that day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from engine.kernel.dates import months_before
from ml_overlay.cohorts.training_set import TrainingSet


@dataclass(frozen=True)
class Split:
    """Rows to learn from for one test day, and the last cut-off day among them (None without rows)."""

    day: date
    rows: TrainingSet
    trained_until: date | None


def known_by(rows: TrainingSet, day: date, label_months: int) -> TrainingSet:
    """The rows whose label was known on a day: cut-off day plus `label_months` (gap and window together) is not after it.

    A row whose label window has not ended is left out also if its label has come true already: keeping it would teach that recent children are the labelled ones.
    """
    return only(rows, rows.cut_on <= np.datetime64(months_before(day, label_months)))


def temporal_splits(rows: TrainingSet, test_days: Sequence[date], label_months: int) -> tuple[Split, ...]:
    """One split per test day, in order of days."""
    splits = []
    for day in sorted(set(test_days)):
        known = known_by(rows, day, label_months)
        until = known.cut_on.max().astype(object) if len(known.label) else None
        splits.append(Split(day, known, until))
    return tuple(splits)


def only(rows: TrainingSet, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> TrainingSet:
    """Some rows of a training set, in their order (a mask) or in the given one (their numbers)."""
    return replace(
        rows,
        values=rows.values[chosen],
        label=rows.label[chosen],
        child_keys=rows.child_keys[chosen],
        household_keys=rows.household_keys[chosen],
        cut_on=rows.cut_on[chosen],
        weight=rows.weight[chosen],
    )
