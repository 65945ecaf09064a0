"""A past day as rules and model would have seen it: features and what the rules of each type said, from one reading of the snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.plan import Plan
from ml_overlay.cohorts.days import PastDays
from ml_overlay.cohorts.labels import Progress
from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.features.sentences import plan_with
from ml_overlay.features.table import build_features

Hits = dict[str, npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class PastDay:
    """One day: features of all its children, and for each scenario whether it was met and not cancelled, in the same order."""

    table: FeatureTable
    hits: Hits


def look_back(
    days: PastDays,
    plan: Plan,
    declared: Sequence[Feature],
    wanted: Iterable[date],
    progress: Progress = lambda _: None,
) -> Iterator[PastDay]:
    """Each of the wanted days, oldest first. `plan`: of the rulebooks in force now, which are asked about the past."""
    listed = sorted(set(wanted))
    for number, day in enumerate(listed, start=1):
        progress(f"過去の時点のルールと特徴を確かめています({day.isoformat()}、{number}/{len(listed)}日)")
        with days.open(day) as snapshot:
            of_day = plan_with(replace(plan, as_of=day), declared)
            truths = evaluate_all(snapshot, of_day)
            table = build_features(snapshot, of_day, truths, declared)
        yield PastDay(table, {s.id: _met(truths, s.id) & ~_met(truths, f"{s.id}_cancelled") for s in plan.scenarios})


def _met(truths: pa.Table, column: str) -> npt.NDArray[np.bool_]:
    filled: npt.NDArray[np.bool_] = np.asarray(
        truths[column].combine_chunks().fill_null(False).to_numpy(zero_copy_only=False), dtype=np.bool_
    )
    return filled
