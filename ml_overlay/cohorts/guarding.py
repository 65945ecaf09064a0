"""All questions of the leak guard put to a city and to each training set: what `kizuki model train` calls before anything is learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.evaluate.plan import Plan
from engine.kernel.dates import months_before
from engine.rulebook.language import syntax as s
from engine.store.tables import Snapshot
from ml_overlay.cohorts.before import only_children, without_later, without_own_records
from ml_overlay.cohorts.days import PastDays
from ml_overlay.cohorts.definition import LabelDefinition, ModelDefinition
from ml_overlay.cohorts.guard import (
    AucWithout,
    Refusal,
    refused_by_consequence,
    refused_by_own_records,
    refused_by_recomputing,
    refused_by_structure,
    refused_by_telling,
    without,
)
from ml_overlay.cohorts.labels import CAME_TRUE, Cohort
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.cohorts.training_sets import features_as_of
from ml_overlay.features.feature import Feature, FeatureTable

FEWEST_REGISTERED = 20
Tables = Callable[[Snapshot], FeatureTable]
"""Features of a snapshot of any day."""


@dataclass(frozen=True)
class Guarded:
    """A training set without what was refused, and the refusals, one per feature: the first question that it failed."""

    rows: TrainingSet
    refusals: tuple[Refusal, ...]


def refusals_of_city(
    days: PastDays,
    day: date,
    hidden_records: frozenset[str],
    make: Tables,
) -> tuple[Refusal, ...]:
    """Features that read the future or a child's own hidden records, whatever they are called: found by making them again without these.

    `day`: a past day, best one with several months after it. `make` is what makes features of a snapshot, in training and in use. Takes as long as three more days.
    """
    newest = days.newest
    with days.open(day) as snapshot:
        as_they_are = make(snapshot)
    alone = only_children(newest)
    refusals: list[Refusal] = []
    for copy, compare in (
        (without_later(newest, day), refused_by_recomputing),
        (
            without_own_records(newest, hidden_records, alone),
            lambda one, other: refused_by_own_records(one, other, alone),
        ),
    ):
        # Looked back from, not opened from the store: what was delivered later must be gone there, too.
        with copy, replace(days, newest=copy, store=None).open(day) as snapshot:
            refusals += compare(as_they_are, make(snapshot))
    return _first(refusals)


def features_by(plan: Plan, declared: Sequence[Feature]) -> Tables:
    """The features of the overlay as `make` for `refusals_of_city`."""
    return lambda snapshot: features_as_of(snapshot, plan, declared)


def guard(
    rows: TrainingSet,
    label: LabelDefinition,
    definition: ModelDefinition,
    days: PastDays,
    *,
    cohorts: Sequence[Cohort] = (),
    tables: Mapping[date, FeatureTable] | None = None,
    auc_without: AucWithout | None = None,
    of_city: Sequence[Refusal] = (),
) -> Guarded:
    """The training set of one type without the features that know what came of a child.

    `of_city`: from `refusals_of_city`, asked once for all types. `cohorts` and `tables`: to see what jumps at registration, where the label is one; asked if there
    is a cohort with twenty children who were registered between two days of which there are tables, and a table as long before. `auc_without`: see
    `refused_by_telling`.
    """
    vocabulary = days.newest.vocabulary
    refusals = [
        *refused_by_structure(rows.features, vocabulary, definition.hidden_records, label.sentence),
        *(refusal for refusal in of_city if refusal.feature in rows.features),
        *refused_by_telling(rows, vocabulary),
    ]
    three = _three_days(cohorts, tables or {}) if _is_registration(label, definition, days) else None
    if three is not None:
        cohort, earlier, before, after = three
        registered = cohort.child_keys[cohort.outcome == CAME_TRUE].tolist()
        refusals += refused_by_consequence(earlier, before, after, registered, vocabulary, definition.hidden_records)
    refusals = list(_first(refusals))
    if auc_without is not None:
        refusals += refused_by_telling(without(rows, refusals), vocabulary, auc_without)
    found = _first(refusals)
    return Guarded(without(rows, found), found)


def _is_registration(label: LabelDefinition, definition: ModelDefinition, days: PastDays) -> bool:
    """Whether the label comes from a record that is hidden because others follow from it; only then can a feature be its consequence.

    A label of another kind (30 days absent) moves its own items by definition.
    """
    vocabulary = days.newest.vocabulary
    return all(vocabulary.items[item].record in definition.hidden_records for item in s.items_of(label.sentence))


def _three_days(
    cohorts: Sequence[Cohort], tables: Mapping[date, FeatureTable]
) -> tuple[Cohort, FeatureTable, FeatureTable, FeatureTable] | None:
    """The latest cohort of which there are tables before and after its label's window, and one as long before."""
    for cohort in sorted(cohorts, key=lambda each: each.cut_off.on, reverse=True):
        before, after = cohort.cut_off.gap_until, cohort.cut_off.seen_until
        months = 12 * (after.year - before.year) + after.month - before.month
        earlier = months_before(before, months)
        if cohort.positives >= FEWEST_REGISTERED and {earlier, before, after} <= set(tables):
            return cohort, tables[earlier], tables[before], tables[after]
    return None


def _first(refusals: Sequence[Refusal]) -> tuple[Refusal, ...]:
    """One per feature, the first reason kept, in order of name."""
    by_name: dict[str, Refusal] = {}
    for refusal in refusals:
        by_name.setdefault(refusal.feature.name, refusal)
    return tuple(by_name[name] for name in sorted(by_name))
