"""The past households of a city as they were before they were registered, ready to be asked which of them is most like one of today.

past = PastHouseholds(past_cases(snapshot, hidden), read_index(content, model), terms)
past.similar(asked)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.kernel.dates import months_before
from ml_overlay.cohorts.days import STEP_MONTHS
from ml_overlay.features.feature import FeatureTable
from ml_overlay.similar.cases import PastCase, closed_households
from ml_overlay.similar.index import PastIndex, TypeParts
from ml_overlay.similar.likeness import Likeness, likeness
from ml_overlay.similar.neighbours import NeighbourIndex, Weights

WEIGHTS = Weights(feature=1, group=1, direction=0)
"""Chosen by measurement (`bench/similar.py`)."""

_WIDE = 4
"""How many times as many as are shown are looked at: some are alike in nothing that may be named."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How many past households are shown at most and at least, how many of them at most with an open case, and how many with a closed case there must be
    before any is shown."""

    most: int = 5
    fewest: int = 3
    most_open: int = 1
    fewest_closed: int = 5


USUAL = Terms()
ON_A_SHEET = Terms(most=3)
YEARS_BACK = 5
"""How far back cases are looked for, as a model does when it learns."""


@dataclass(frozen=True, slots=True)
class Found:
    """One past household that is like the asked one: the case of its nearest child, the day on which that child is looked at, in which concepts they are
    alike, and how far apart the two explanations are (millionths of log odds)."""

    case: PastCase
    looked_at: date
    likeness: Likeness
    distance: int
    in_words: bool = False


@dataclass(frozen=True)
class Asked:
    """A child of today: its household, the hardship type in which it is likened, and what each feature added there."""

    child_key: str
    household_key: str
    hardship_type: str
    parts: npt.NDArray[np.float64]


class Words(Protocol):
    """Likeness in words (`TextIndex`), asked for a child of today: keys of past households, nearest first."""

    def __call__(self, child_key: str, count: int) -> Sequence[str]: ...


def day_before(case: PastCase, as_of: date) -> date | None:
    """The last cut-off day before a case was registered: what was known then is what the case is found by. None where it lies too far back.

    Every third month back from the as-of day, as in training, so that what is delivered by the month lies as far back as it does today.
    """
    for months in range(0, YEARS_BACK * 12 + 1, STEP_MONTHS):
        if (day := months_before(as_of, months)) < case.registered_on:
            return day
    return None


def by_day(cases: Iterable[PastCase], as_of: date) -> dict[date, tuple[PastCase, ...]]:
    """Cases by the day on which they are looked at, oldest day first."""
    found: dict[date, list[PastCase]] = {}
    for case in cases:
        if (day := day_before(case, as_of)) is not None:
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
    """Past households of today's register, looked up in a model's index.

    `cases`: those that may be shown today (`past_cases`). A case that the index does not have, because it was registered since the model was made, is not found;
    nor is a row of the index whose case is hidden, gone, or another one by now.
    """

    def __init__(
        self, cases: Sequence[PastCase], index: PastIndex, terms: Terms = USUAL, weights: Weights = WEIGHTS
    ) -> None:
        by_child = {case.child_key: case for case in cases}
        shown = [
            (at, case)
            for at, (key, on) in enumerate(zip(index.child_keys.tolist(), index.registered_on, strict=True))
            if (case := by_child.get(key)) is not None and case.registered_on == on
        ]
        self.terms = terms
        self._of: dict[str, _OfType] = {}
        for kind, parts in index.parts.items():
            its = [(at, case) for at, case in shown if parts.about[at]]
            rows = np.array([at for at, _ in its], dtype=np.int64)
            of_type = tuple(case for _, case in its)
            keys, homes = (
                np.array([getattr(case, name) for case in of_type], dtype=np.str_)
                for name in ("child_key", "household_key")
            )
            near = NeighbourIndex(keys, homes, parts.values[rows], parts.features, weights)
            days = tuple(index.looked_at[at] for at in rows.tolist())
            self._of[kind] = _OfType(
                of_type, days, TypeParts(parts.features, parts.values[rows], parts.about[rows]), near
            )

    def why_none(self, hardship_type: str) -> str:
        """Why nobody is shown in a type that has a model; empty if somebody can be."""
        closed = closed_households(self._of[hardship_type].cases)
        if closed >= self.terms.fewest_closed:
            return ""
        return (
            f"登録の前のようすが分かる終結した世帯が{closed}世帯で、{self.terms.fewest_closed}世帯に足りないため、"
            "過去の似た世帯は出していません。"
        )

    def similar(self, asked: Iterable[Asked], words: Words | None = None) -> dict[str, tuple[Found, ...]]:
        """For children of today, whom the model of their type is about, the past households most like each, by child key.

        Never its own household; nearest first; of a household its nearest child; of open cases not more than the terms say. Only who is alike in at least one
        concept that may be named, or in words where `words` is given; nobody if they are fewer than the terms say.
        """
        found: dict[str, tuple[Found, ...]] = {}
        for child in asked:
            found[child.child_key] = ()
            if child.hardship_type in self._of and not self.why_none(child.hardship_type):
                near = self._alike(child, words)
                found[child.child_key] = near if len(near) >= self.terms.fewest else ()
        return found

    def _alike(self, child: Asked, words: Words | None) -> tuple[Found, ...]:
        its = self._of[child.hardship_type]
        wide = _WIDE * self.terms.most
        spoken = [key for key in words(child.child_key, wide + 1) if key != child.household_key] if words else []
        in_words = {key: rank for rank, key in enumerate(spoken)}
        ranked: list[tuple[int, int, Found]] = []
        looked = 0
        for rank, neighbour in enumerate(its.near.nearest(child.parts, len(its.cases), without={child.household_key})):
            case = its.cases[neighbour.at]
            by_words = in_words.get(case.household_key, wide)
            # Open cases are many, and few of them are shown: those that are looked at do not use up the places of the closed.
            if looked >= wide and by_words >= wide:
                continue
            looked += case.closed_on is not None
            alike = likeness(its.parts.features, child.parts, its.parts.values[neighbour.at])
            near_in_words = by_words < self.terms.most
            if alike.alike or near_in_words:
                day = its.looked_at[neighbour.at]
                found = Found(case, day, alike, neighbour.distance, near_in_words)
                # Places in both orders are added up: neither kind of likeness has a scale of its own.
                ranked.append((min(rank, wide) + by_words if words else rank, rank, found))
        return tuple(self._not_too_many_open([found for _, _, found in sorted(ranked, key=lambda each: each[:2])]))

    def _not_too_many_open(self, found: Iterable[Found]) -> Iterator[Found]:
        shown = still_open = 0
        for each in found:
            still_open += each.case.closed_on is None
            if shown < self.terms.most and (each.case.closed_on is not None or still_open <= self.terms.most_open):
                shown += 1
                yield each


@dataclass(frozen=True)
class _OfType:
    """The cases of one type's index that may be shown, row by row."""

    cases: tuple[PastCase, ...]
    looked_at: tuple[date, ...]
    parts: TypeParts
    near: NeighbourIndex


def _rows_of(table: FeatureTable, rows: npt.NDArray[np.int64]) -> FeatureTable:
    return FeatureTable(
        table.as_of, table.child_keys[rows], table.household_keys[rows], table.features, table.values[rows]
    )
