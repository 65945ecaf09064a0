"""The leak guard over a whole training: what no model may see, type by type, each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from engine.store.tables import Snapshot
from kizuki.model.material import Material
from ml_overlay.cohorts.before import only_children, without_later, without_own_records
from ml_overlay.cohorts.days import PastDays
from ml_overlay.cohorts.guard import (
    Refusal,
    refused_by_consequence,
    refused_by_own_records,
    refused_by_recomputing,
    refused_by_structure,
    refused_by_telling,
    without,
)
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.cohorts.training_sets import features_as_of
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.recipe import Recipe
from ml_overlay.validation.hanging import auc_without

_LENGTHS_OF_MONTHS = 5
"""In days: three months are not always equally long."""


def refused_for_all(
    material: Material, tables: Mapping[date, FeatureTable], progress: Callable[[str], None]
) -> tuple[Refusal, ...]:
    """What no type's model may see, found by working features out again from altered deliveries and by looking at registrations.

    `tables`: past days by day, at least one.
    """
    found: list[Refusal] = []
    plan, declared, hidden = material.rules.plan, material.declared, material.definition.hidden_records
    days = sorted(tables)
    day = days[len(days) // 2]
    progress(f"未来の記録を見ていないか確かめています({day.isoformat()})")
    with without_later(material.snapshot, day) as copy, PastDays(copy, material.rules.layouts).open(day) as then:
        found += refused_by_recomputing(tables[day], features_as_of(then, plan, declared))
    progress(f"本人の登録や相談の記録を見ていないか確かめています({day.isoformat()})")
    alone = only_children(material.snapshot)
    alone = alone[np.isin(alone, tables[day].child_keys)]
    with (
        without_own_records(material.snapshot, hidden, alone) as copy,
        PastDays(copy, material.rules.layouts).open(day) as then,
    ):
        found += refused_by_own_records(tables[day], features_as_of(then, plan, declared), alone)
    if len(days) > 2:
        before, middle, after = days[-3:]
        if abs((after - middle) - (middle - before)).days <= _LENGTHS_OF_MONTHS:
            # Each kind by itself: what follows few registrations would drown among many consultations.
            for registered in _registered_between(material.snapshot, hidden, middle, after):
                found += refused_by_consequence(
                    tables[before], tables[middle], tables[after], registered, material.rules.vocabulary, hidden
                )
    return tuple(found)


def refused_for_type(
    material: Material, rows: TrainingSet, for_all: Sequence[Refusal], recipe: Recipe
) -> tuple[Refusal, ...]:
    """What the model of one type may not see: what none may, what alone tells its label, and what the model would hang on alone."""
    vocabulary = material.rules.vocabulary
    found = [
        *refused_by_structure(rows.features, vocabulary, material.definition.hidden_records),
        *for_all,
    ]
    refused = {refusal.feature.name for refusal in found}
    found += [each for each in refused_by_telling(rows, vocabulary) if each.feature.name not in refused]
    left = without(rows, found)
    found += refused_by_telling(left, vocabulary, auc_without(left, recipe))
    first: dict[str, Refusal] = {}
    for refusal in found:
        first.setdefault(refusal.feature.name, refusal)
    return tuple(first[name] for name in sorted(first))


def _registered_between(snapshot: Snapshot, hidden: frozenset[str], after: date, until: date) -> Iterator[set[str]]:
    """For each kind of hidden record, whoever has one that begins within the days."""
    for record in sorted(hidden):
        kind = snapshot.vocabulary.records[record]
        begins = kind.date or (kind.valid.start if kind.valid else None)
        if begins is None or kind.subject != "人":
            continue
        query = f'SELECT DISTINCT subject_key FROM "rec_{record}" WHERE "{begins}" > ? AND "{begins}" <= ?'
        yield {key for (key,) in snapshot.connection.execute(query, [after, until]).fetchall()}
