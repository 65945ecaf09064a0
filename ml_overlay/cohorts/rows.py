"""Which rows of the cohorts a model learns from: all who came true, and of the unlabelled one day each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_overlay.cohorts.labels import CAME_TRUE, NOT_LOOKED_AT, UNLABELLED, Cohort

_PARTS = 2**64


@dataclass(frozen=True)
class ChosenRows:
    """Rows of one cohort: their places in it, ascending, and how many rows of all cohorts each stands for."""

    places: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]


def choose_rows(cohorts: Sequence[Cohort], hardship_type: str) -> tuple[ChosenRows, ...]:
    """Rows of each cohort to learn from.

    Every child whose label came true, on every day on which it did, stands for itself. A child that is unlabelled on all of its
    days is kept on one of them and stands for all. The day is drawn by a hash of the child, in proportion to how many came
    true on it: so the day by itself tells nothing, and what has only become known lately (sources that begin late) does not
    pass for a sign. A child with a label on one day is on no other day an example of a child without. Where a conference looked at a
    child and found nothing, the row is kept and stands for itself; for the child's other days one is drawn as ever.
    """
    positives = np.array([cohort.positives for cohort in cohorts], np.int64)
    unlabelled: dict[str, list[int]] = {}
    labelled: set[str] = set()
    for number, cohort in enumerate(cohorts):
        labelled.update(cohort.child_keys[cohort.outcome == CAME_TRUE].tolist())
        open_ = (cohort.outcome == UNLABELLED) & (cohort.looked == NOT_LOOKED_AT)
        for key in cohort.child_keys[open_].tolist():
            unlabelled.setdefault(key, []).append(number)
    drawn: list[dict[str, int]] = [{} for _ in cohorts]
    for key, days in unlabelled.items():
        shares = positives[days]
        if key not in labelled and shares.sum():
            drawn[days[_drawn(f"{hardship_type}/{key}", shares)]][key] = len(days)
    return tuple(_rows(cohort, stands_for) for cohort, stands_for in zip(cohorts, drawn, strict=True))


def _rows(cohort: Cohort, stands_for: dict[str, int]) -> ChosenRows:
    weight = np.array([stands_for.get(key, 0) for key in cohort.child_keys.tolist()], np.float64)
    weight[(cohort.outcome == UNLABELLED) & (cohort.looked != NOT_LOOKED_AT)] = 1
    weight[cohort.outcome == CAME_TRUE] = 1
    places = np.flatnonzero(weight)
    return ChosenRows(places, weight[places])


def _drawn(key: str, shares: npt.NDArray[np.int64]) -> int:
    """The place of one share, each as likely as it is large; the same for the same key, whatever else is in the table."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return int(np.searchsorted(np.cumsum(shares), number * int(shares.sum()) // _PARTS, side="right"))
