"""The past households of a city as they were before they were registered, ready to be asked which of them is most like one of today.

past = PastHouseholds.of(cases, tables, model, settings)
past.similar(model, todays_table, {child_key: hardship_type})
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.kernel.dates import months_before
from ml_overlay.cohorts.days import STEP_MONTHS
from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.similar.cases import PastCase, closed_households
from ml_overlay.similar.likeness import Likeness, likeness
from ml_overlay.similar.neighbours import NeighbourIndex, Parts, Weights

WEIGHTS = Weights(feature=1.0, group=1.0, direction=0.0)
"""Chosen by measurement (`bench/similar.py`)."""

_WIDE = 4
"""How many times as many as are shown are looked at: some are alike in nothing that may be named."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How many past households are shown at most and at least, and how many with a closed case there must be before any is."""

    most: int = 5
    fewest: int = 3
    fewest_closed: int = 5
    years_back: int = 5


USUAL = Terms()


@dataclass(frozen=True, slots=True)
class Found:
    """One past household that is like the asked one: the case of its nearest child, and in which concepts."""

    case: PastCase
    likeness: Likeness
    in_words: bool = False


@dataclass(frozen=True)
class TypeParts:
    """What each feature of one type's model adds to the log odds of the rows of a table, as `scoring` tells it."""

    features: tuple[Feature, ...]
    values: Parts


class Words(Protocol):
    """Likeness in words (`TextIndex`), asked for a child of today: keys of past households, nearest first."""

    def __call__(self, child_key: str, count: int) -> Sequence[str]: ...


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
    `parts`: by hardship type, of the rows of `table`.
    """

    def __init__(
        self,
        cases: Sequence[PastCase],
        table: FeatureTable,
        parts: Mapping[str, TypeParts],
        terms: Terms = USUAL,
        weights: Weights = WEIGHTS,
    ) -> None:
        by_child = {case.child_key: case for case in cases}
        keys = table.child_keys.tolist()
        if any(key not in by_child for key in keys):
            raise ValueError("a child of the table has no case")
        self.terms = terms
        self._cases = tuple(by_child[key] for key in keys)
        self._closed = closed_households(self._cases)
        self._parts = dict(parts)
        self._indexes = {
            kind: NeighbourIndex(table.child_keys, table.household_keys, each.values, each.features, weights)
            for kind, each in parts.items()
        }

    def why_none(self) -> str:
        """Why nothing is shown of anybody; empty if it can be."""
        if self._closed >= self.terms.fewest_closed:
            return ""
        return (
            f"登録の前のようすが分かる終結した世帯が{self._closed}世帯で、{self.terms.fewest_closed}世帯に足りないため、"
            "過去の似た世帯は出していません。"
        )

    def similar(
        self,
        table: FeatureTable,
        parts: Mapping[str, TypeParts],
        asked: Mapping[str, str],
        words: Words | None = None,
    ) -> dict[str, tuple[Found, ...]]:
        """For children of today's table, each with the hardship type in which it is asked about, the past households most like it.

        `parts`: by type, of the rows of `table`, by the same model. Never its own household; nearest first; of a household its nearest child. Only who is alike in at
        least one concept that may be named, or in words where `words` is given; nobody if they are fewer than the terms say. Raises KeyError for a child that the
        table does not have.
        """
        place = {key: at for at, key in enumerate(table.child_keys.tolist())}
        found: dict[str, tuple[Found, ...]] = {}
        for child in sorted(asked):
            kind, row = asked[child], place[child]
            if kind not in self._indexes or kind not in parts or self.why_none():
                found[child] = ()
                continue
            near = self._alike(kind, parts[kind].values[row], str(table.household_keys[row]), child, words)
            found[child] = near if len(near) >= self.terms.fewest else ()
        return found

    def _alike(
        self, kind: str, parts: npt.NDArray[np.float64], own: str, child: str, words: Words | None
    ) -> tuple[Found, ...]:
        wide = _WIDE * self.terms.most
        spoken = [key for key in words(child, wide + 1) if key != own] if words else []
        in_words = {key: rank for rank, key in enumerate(spoken)}
        ranked: list[tuple[int, int, Found]] = []
        for rank, neighbour in enumerate(self._indexes[kind].nearest(parts, len(self._cases), without={own})):
            case = self._cases[neighbour.at]
            by_words = in_words.get(case.household_key, wide)
            if rank >= wide and by_words >= wide:
                continue
            alike = likeness(self._parts[kind].features, parts, self._parts[kind].values[neighbour.at])
            near_in_words = by_words < self.terms.most
            if alike.alike or near_in_words:
                # Places in both orders are added up: neither kind of likeness has a scale of its own.
                ranked.append((min(rank, wide) + (by_words if words else 0), rank, Found(case, alike, near_in_words)))
        return tuple(found for _, _, found in sorted(ranked, key=lambda each: each[:2])[: self.terms.most])


def _rows_of(table: FeatureTable, rows: npt.NDArray[np.int64]) -> FeatureTable:
    return FeatureTable(
        table.as_of, table.child_keys[rows], table.household_keys[rows], table.features, table.values[rows]
    )
