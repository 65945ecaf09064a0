"""Temporal splits: a model tested on a day has learned only from labels that were known by that day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from ml_overlay.cohorts.labels import LEFT_OUT, Cohort
from ml_overlay.cohorts.looked_at import listing_weights, measured_otherwise
from ml_overlay.cohorts.rows import ChosenRows, choose_rows
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.cohorts.training_sets import cohort_rows
from ml_overlay.features.feature import FeatureTable

MOST_DAYS = 4


@dataclass(frozen=True)
class Split:
    """A test day: what could be learned from by then (None: nothing), and everybody at risk on it with what came of them.

    `trained_until`: the last cut-off day learned from; its label had been seen to its end by the test day. `age_months`: of the
    rows of `tested`, -1 where unknown.
    """

    day: date
    learned: TrainingSet | None
    trained_until: date | None
    tested: TrainingSet
    age_months: npt.NDArray[np.int64]


def days_to_test(cohorts: Sequence[Cohort], most: int = MOST_DAYS) -> tuple[Cohort, ...]:
    """The latest cohorts by whose day the label of an earlier one had been seen to its end; oldest first."""
    usable = [cohort for cohort in cohorts if known_by(cohorts, cohort.cut_off.on)]
    return tuple(sorted(usable, key=lambda cohort: cohort.cut_off.on)[-most:])


def known_by(cohorts: Sequence[Cohort], day: date) -> tuple[Cohort, ...]:
    """The cohorts whose labels had been seen to their end by a day.

    One whose window is still open is left out also where a label has come true already: keeping it would teach that recent children are the labelled ones.
    """
    return tuple(cohort for cohort in cohorts if cohort.cut_off.seen_until <= day)


def split_on(
    hardship_type: str, cohorts: Sequence[Cohort], tables: Mapping[date, FeatureTable], tested: Cohort
) -> Split:
    """What a model of the tested cohort's day could have learned, chosen anew from the cohorts known by then.

    Rows are not taken out of today's training set: whom that leaves out as labelled later, nobody knew on the test day. `tables`: of each cohort's day.
    """
    day = tested.cut_off.on
    known = known_by(cohorts, day)
    until = max(cohort.cut_off.on for cohort in known) if known else None
    learned = learned_by(hardship_type, cohorts, tables, day)
    everybody = cohort_rows(hardship_type, tables[day], tested)
    return Split(day, learned, until, everybody, tested.age_months[tested.outcome >= 0])


def learned_by(
    hardship_type: str, cohorts: Sequence[Cohort], tables: Mapping[date, FeatureTable], day: date
) -> TrainingSet | None:
    """The rows to learn from that were known by a day, chosen among the cohorts known by then; None where nothing came true."""
    known = known_by(cohorts, day)
    chosen = choose_rows(known, hardship_type)
    kept = [(cohort, rows) for cohort, rows in zip(known, chosen, strict=True) if len(rows.places)]
    if not kept:
        return None
    joined = _joined([_part(hardship_type, tables[cohort.cut_off.on], cohort, rows) for cohort, rows in kept])
    outcome, looked, chance = (
        np.concatenate([getattr(cohort, name)[rows.places] for cohort, rows in kept])
        for name in ("outcome", "looked", "chance")
    )
    return replace(joined, weight=joined.weight * listing_weights(outcome, looked, chance, measured_otherwise(known)))


def _part(hardship_type: str, table: FeatureTable, cohort: Cohort, rows: ChosenRows) -> TrainingSet:
    outcome = np.full(len(cohort.outcome), LEFT_OUT)
    outcome[rows.places] = cohort.outcome[rows.places]
    return replace(cohort_rows(hardship_type, table, replace(cohort, outcome=outcome)), weight=rows.weight)


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


def _joined(parts: Sequence[TrainingSet]) -> TrainingSet:
    return replace(
        parts[0],
        values=np.concatenate([part.values for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        child_keys=np.concatenate([part.child_keys for part in parts]),
        household_keys=np.concatenate([part.household_keys for part in parts]),
        cut_on=np.concatenate([part.cut_on for part in parts]),
        weight=np.concatenate([part.weight for part in parts]),
    )
