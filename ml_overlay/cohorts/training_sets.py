"""The training sets of all hardship types, made in one walk through the cut-off days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.plan import Plan
from engine.records.case import HARDSHIP_LABELS
from engine.records.feedback import Feedback, known_by
from engine.store.tables import Snapshot
from ml_overlay.cohorts.days import PastDays
from ml_overlay.cohorts.definition import ModelDefinition
from ml_overlay.cohorts.labels import CAME_TRUE, Cohort, Progress, judge_labels
from ml_overlay.cohorts.looked_at import listing_weights, measured_otherwise, with_feedback
from ml_overlay.cohorts.rows import ChosenRows, choose_rows
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.features.sentences import plan_with
from ml_overlay.features.table import build_features

FEWEST_TOLD = 8
"""Of fewer children with a label no message and no file that is read by people says how many."""


@dataclass(frozen=True)
class Learning:
    """What there is to learn from as of a day.

    `sets`: by hardship type, of those with labels enough. `without`: the others, each with the reason in Japanese. `cohorts`:
    all children of all cut-off days by type, also where there is no set: for validation, and to count.
    """

    as_of: date
    sets: Mapping[str, TrainingSet]
    without: Mapping[str, str]
    cohorts: Mapping[str, tuple[Cohort, ...]]


def training_sets(
    days: PastDays,
    plan: Plan,
    definition: ModelDefinition,
    declared: Sequence[Feature],
    progress: Progress = lambda _: None,
    feedback: Sequence[Feedback] = (),
) -> Learning:
    """Judge the labels, choose the rows, and build their features. `plan`: of the rulebooks in force; its own day is not used.

    `fewest_positives` counts children, not rows: one registration shows on several cut-off days. `feedback`: all that
    conferences ever said; what came after the as-of day is not looked at.
    """
    cohorts = cohorts_of(days, definition, progress, feedback)
    wanted = days_to_learn_from(cohorts, definition)
    return learn_from(cohorts, definition, days.as_of, feature_tables(days, plan, declared, wanted, progress))


def cohorts_of(
    days: PastDays, definition: ModelDefinition, progress: Progress = lambda _: None, feedback: Sequence[Feedback] = ()
) -> dict[str, tuple[Cohort, ...]]:
    """All children of all cut-off days by hardship type, with what came of them, in the records and in conferences."""
    judged = judge_labels(days, definition.labels.values(), progress)
    known = known_by(feedback, days.as_of)
    return {kind: with_feedback(cohorts, kind, known) for kind, cohorts in judged.items()}


def days_to_learn_from(cohorts: Mapping[str, Sequence[Cohort]], definition: ModelDefinition) -> frozenset[date]:
    """The cut-off days of all types that have labels enough."""
    without = _without(definition, cohorts)
    return frozenset(cohort.cut_off.on for kind, its in cohorts.items() if kind not in without for cohort in its)


def learn_from(
    cohorts: Mapping[str, tuple[Cohort, ...]],
    definition: ModelDefinition,
    as_of: date,
    tables: Iterable[FeatureTable],
) -> Learning:
    """The training sets, from the cohorts and the features of all children on their cut-off days.

    `tables`: at least those days on which a row is chosen, oldest first; taken one at a time.
    """
    without = _without(definition, cohorts)
    chosen = {kind: choose_rows(cohorts[kind], kind) for kind in cohorts if kind not in without}
    weights = {kind: _listing_weights(cohorts[kind], chosen[kind]) for kind in chosen}
    parts: dict[str, list[TrainingSet]] = {kind: [] for kind in chosen}
    for table in tables:
        for kind, rows in chosen.items():
            for cohort, chosen_rows in zip(cohorts[kind], rows, strict=True):
                if cohort.cut_off.on == table.as_of and len(chosen_rows.places):
                    parts[kind].append(_part(kind, table, cohort, chosen_rows))
    for kind, rows in chosen.items():
        if sum(len(part.label) for part in parts[kind]) != sum(len(each.places) for each in rows):
            raise ValueError(f"{kind}: a cut-off day on which rows are chosen has no table of features, or comes twice")
    sets = {kind: _weighed(_joined(parts[kind]), weights[kind]) for kind in chosen}
    return Learning(as_of, sets, without, cohorts)


def feature_tables(
    days: PastDays,
    plan: Plan,
    declared: Sequence[Feature],
    wanted: Iterable[date],
    progress: Progress = lambda _: None,
) -> Iterator[FeatureTable]:
    """The features of all children on each of the days, oldest first, one table at a time."""
    listed = sorted(wanted)
    for number, day in enumerate(listed, start=1):
        progress(f"過去の時点の特徴をつくっています({day.isoformat()}、{number}/{len(listed)}日)")
        with days.open(day) as snapshot:
            table = features_as_of(snapshot, plan, declared)
        yield table


def features_as_of(snapshot: Snapshot, plan: Plan, declared: Sequence[Feature]) -> FeatureTable:
    """The features of all children of a snapshot; the plan's sentences are judged as of its day."""
    todays = plan_with(replace(plan, as_of=snapshot.as_of), declared)
    return build_features(snapshot, todays, evaluate_all(snapshot, todays), declared)


def cohort_rows(hardship_type: str, table: FeatureTable, cohort: Cohort) -> TrainingSet:
    """All children of a cohort whose label is known or open, for validation; each stands for itself."""
    places = np.flatnonzero(cohort.outcome >= 0)
    return _part(hardship_type, table, cohort, ChosenRows(places, np.ones(len(places))))


def _without(definition: ModelDefinition, cohorts: Mapping[str, Sequence[Cohort]]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for kind in HARDSHIP_LABELS:
        if kind in definition.without:
            reasons[kind] = definition.without[kind]
        elif kind not in cohorts:
            reasons[kind] = "model.yaml に正例の決まりがありません。"
        elif (found := len(_children_with_label(cohorts[kind]))) < definition.fewest_positives:
            reasons[kind] = (
                f"あとで困難が分かったこども(正例)が{told_children(found)}で、最少の{definition.fewest_positives}人に足りません。"
            )
    return reasons


def told_children(found: int) -> str:
    """How many children a label came true for, in words: a number that could point at one family is not told."""
    return f"{FEWEST_TOLD}人未満" if 0 < found < FEWEST_TOLD else f"{found}人"


def _children_with_label(cohorts: Sequence[Cohort]) -> set[str]:
    return {key for cohort in cohorts for key in cohort.child_keys[cohort.outcome == CAME_TRUE].tolist()}


def _part(kind: str, table: FeatureTable, cohort: Cohort, rows: ChosenRows) -> TrainingSet:
    if not np.array_equal(table.child_keys, cohort.child_keys):
        raise ValueError("features and labels are of different children")
    places = rows.places
    return TrainingSet(
        hardship_type=kind,
        features=table.features,
        values=table.values[places],
        label=(cohort.outcome[places] == CAME_TRUE).astype(np.int8),
        child_keys=table.child_keys[places],
        household_keys=table.household_keys[places],
        cut_on=np.full(len(places), np.datetime64(table.as_of, "D")),
        weight=rows.weight,
    )


def _listing_weights(cohorts: Sequence[Cohort], chosen: Sequence[ChosenRows]) -> npt.NDArray[np.float64]:
    """For the chosen rows of all cohorts, in order."""
    outcome, looked, chance = (
        np.concatenate([getattr(cohort, name)[rows.places] for cohort, rows in zip(cohorts, chosen, strict=True)])
        for name in ("outcome", "looked", "chance")
    )
    return listing_weights(outcome, looked, chance, measured_otherwise(cohorts))


def _weighed(rows: TrainingSet, weights: npt.NDArray[np.float64]) -> TrainingSet:
    return replace(rows, weight=rows.weight * weights)


def _joined(parts: Sequence[TrainingSet]) -> TrainingSet:
    """Parts of one type in order of day, as one set."""
    return TrainingSet(
        hardship_type=parts[0].hardship_type,
        features=parts[0].features,
        values=np.concatenate([part.values for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        child_keys=np.concatenate([part.child_keys for part in parts]),
        household_keys=np.concatenate([part.household_keys for part in parts]),
        cut_on=np.concatenate([part.cut_on for part in parts]),
        weight=np.concatenate([part.weight for part in parts]),
    )
