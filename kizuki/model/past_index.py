"""The index of past cases that is written beside a model: each case as the model saw its child before it was registered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from engine.store.some_households import some_households
from engine.store.tables import Snapshot
from kizuki.model.material import Material
from ml_overlay.cohorts.days import PastDays
from ml_overlay.cohorts.training_sets import features_as_of
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.model import OverlayModel
from ml_overlay.similar.cases import registered_cases
from ml_overlay.similar.index import INDEX_FILE, index_bytes, index_of
from ml_overlay.similar.past import before_registration, by_day


def past_index(
    material: Material,
    model: OverlayModel,
    known: Mapping[date, FeatureTable],
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, bytes]:
    """The file to write beside the model; none where the register has no case to look back from.

    `known`: the features of all children on the days that training has looked at. The other days, most of them too late to learn from, are opened here. Cases that
    were opened lately are among them: they have a course to tell by the time that somebody asks. Whoever is protected is left out here already.
    """
    cases = by_day(registered_cases(material.snapshot), material.snapshot.as_of)
    if not cases:
        return {}
    households = {case.household_key for its in cases.values() for case in its}
    with some_households(material.snapshot, households) as few:
        before = before_registration(_tables(material, few, list(cases), known, progress), cases)
    return {INDEX_FILE: index_bytes(index_of(before, cases, model))}


def _tables(
    material: Material,
    few: Snapshot,
    days: list[date],
    known: Mapping[date, FeatureTable],
    progress: Callable[[str], None],
) -> Iterator[FeatureTable]:
    backdated = PastDays(few, material.rules.layouts)
    for number, day in enumerate(days, start=1):
        progress(f"過去の案件の、登録の前のようすをそろえています({day.isoformat()}、{number}/{len(days)}日)")
        if day in known:
            yield known[day]
            continue
        # As it was known then, as in training; where only today's deliveries tell of it, the households in question are enough.
        with (material.days if material.days.was_delivered(day) else backdated).open(day) as snapshot:
            yield features_as_of(snapshot, material.rules.plan, material.declared)
