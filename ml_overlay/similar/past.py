"""The past households of a city as they were before they were registered, ready to be asked which of them is most like one of today.

past = PastHouseholds.of(cases, tables, model, settings)
past.similar(model, todays_table, {child_key: hardship_type})
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from engine.kernel.dates import months_before
from ml_overlay.cohorts.days import STEP_MONTHS
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.model import OverlayModel
from ml_overlay.learning.predict import contributions
from ml_overlay.similar.cases import PastCase
from ml_overlay.similar.likeness import Likeness, likeness
from ml_overlay.similar.neighbours import NeighbourIndex, Parts, Weights

WEIGHTS = Weights(feature=1.0, group=1.0, direction=0.5)
"""Chosen by measurement (`bench/similar.py`)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How many past households are shown at most and at least, and how many with a closed case there must be before any is."""

    most: int = 5
    fewest: int = 3
    fewest_closed: int = 5
    years_back: int = 5


@dataclass(frozen=True, slots=True)
class Found:
    """One past household that is like the asked one: the case of its nearest child, and in which concepts."""

    case: PastCase
    likeness: Likeness


def day_before(case: PastCase, as_of: date, terms: Terms) -> date | None:
    """The last cut-off day before a case was registered: what was known then is what the case is found by. None where it lies too far back.

    Every third month back from the as-of day, as in training, so that what is delivered by the month lies as far back as it does today.
    """
    for months in range(0, terms.years_back * 12 + 1, STEP_MONTHS):
        if (day := months_before(as_of, months)) < case.registered_on:
            return day
    return None


def by_day(cases: Iterable[PastCase], as_of: date, terms: Terms) -> dict[date, tuple[PastCase, ...]]:
    """Cases by the day on which they are looked at, oldest day first."""
    found: dict[date, list[PastCase]] = {}
    for case in cases:
        if (day := day_before(case, as_of, terms)) is not None:
            found.setdefault(day, []).append(case)
    return {day: tuple(found[day]) for day in sorted(found)}


def before_registration(tables: Iterable[FeatureTable], cases: Mapping[date, Sequence[PastCase]]) -> FeatureTable:
    """One table of all cases' children, each as of the day before its own case; `as_of` is the newest of them.

    A child that was not there on its day (moved in, born later) is left out: nothing of it was known before it was registered.
    """
    parts: list[FeatureTable] = []
    for table in tables:
        wanted = {case.child_key for case in cases[table.as_of]}
        rows = np.flatnonzero([str(key) in wanted for key in table.child_keys])
        parts.append(_rows_of(table, rows))
    if not parts:
        raise ValueError("there is no case to look at")
    if any(part.names != parts[0].names for part in parts):
        raise ValueError("the features are not the same on all days")
    keys = np.concatenate([part.child_keys for part in parts])
    order = np.argsort(keys)
    return FeatureTable(
        as_of=max(part.as_of for part in parts),
        child_keys=keys[order],
        household_keys=np.concatenate([part.household_keys for part in parts])[order],
        features=parts[0].features,
        values=np.concatenate([part.values for part in parts])[order],
    )


class PastHouseholds:
    """Cases by what spoke for each hardship type before they were registered, as the model in use sees it.

    `cases`: as `past_cases` gives them. `table`: as `before_registration` gives it; of whom it has no row, nothing was known before, and nobody is likened to it.
    """

    def __init__(
        self,
        cases: Sequence[PastCase],
        table: FeatureTable,
        model: OverlayModel,
        terms: Terms,
        weights: Weights = WEIGHTS,
    ) -> None:
        by_child = {case.child_key: case for case in cases}
        if unknown := [key for key in table.child_keys.tolist() if key not in by_child]:
            raise ValueError(f"{len(unknown)} children of the table have no case")
        self.terms = terms
        self._model = model
        self._cases = tuple(by_child[key] for key in table.child_keys.tolist())
        self._closed = len({case.household_key for case in self._cases if case.closed_on is not None})
        self._parts: dict[str, Parts] = {}
        self._indexes: dict[str, NeighbourIndex] = {}
        every = np.arange(len(table.child_keys))
        for kind, type_model in model.types.items():
            found = contributions(type_model, table, every)
            self._parts[kind] = found.values
            self._indexes[kind] = NeighbourIndex(
                table.child_keys, table.household_keys, found.values, found.features, weights
            )

    def why_none(self, hardship_type: str) -> str:
        """Why nothing is shown for a type; empty if it can be."""
        if hardship_type not in self._model.types:
            return self._model.without.get(hardship_type, "この類型のモデルがまだありません。")
        if self._closed < self.terms.fewest_closed:
            return f"終結した過去の世帯が{self._closed}世帯で、{self.terms.fewest_closed}世帯に足りないため、似た世帯を出していません。"
        return ""

    def similar(self, table: FeatureTable, asked: Mapping[str, str]) -> dict[str, tuple[Found, ...]]:
        """For children of today's table, each with the hardship type in which it is asked about, the past households most like it.

        Never its own household. Nearest first; of a household its nearest child. Only who is alike in at least one concept that may be named; nobody if they are
        fewer than the terms say. Raises KeyError for a child that the table does not have.
        """
        place = {key: at for at, key in enumerate(table.child_keys.tolist())}
        found: dict[str, tuple[Found, ...]] = dict.fromkeys(asked, ())
        for kind in sorted(set(asked.values())):
            children = sorted(key for key, its in asked.items() if its == kind)
            if self.why_none(kind):
                continue
            rows = np.array([place[key] for key in children], dtype=np.int64)
            today = contributions(self._model.types[kind], table, rows)
            for child, row, parts in zip(children, rows.tolist(), today.values, strict=True):
                own = str(table.household_keys[row])
                found[child] = tuple(self._alike(kind, parts, own))
        return {key: each if len(each) >= self.terms.fewest else () for key, each in found.items()}

    def _alike(self, kind: str, parts: npt.NDArray[np.float64], own: str) -> Iterator[Found]:
        features = self._model.types[kind].features
        wanted = 4 * self.terms.most
        shown = 0
        for neighbour in self._indexes[kind].nearest(parts, wanted, without={own}):
            if shown == self.terms.most:
                return
            alike = likeness(features, parts, self._parts[kind][neighbour.at])
            if alike.alike:
                shown += 1
                yield Found(self._cases[neighbour.at], alike)


def _rows_of(table: FeatureTable, rows: npt.NDArray[np.int64]) -> FeatureTable:
    return FeatureTable(
        table.as_of, table.child_keys[rows], table.household_keys[rows], table.features, table.values[rows]
    )
