"""The records that an item may speak of, in order of day: how many up to a day, what sum, which is the newest.

A count or sum over a window is the difference of two running totals. So each further window costs one look per subject
instead of one per record, and each further threshold on the same window nothing but a comparison.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from engine.evaluate.columns.arrays import NO_DAY, Days, Records, day_number
from engine.evaluate.columns.kleene import NO, UNKNOWN, YES, Mask, Numbers, Truths
from engine.rulebook.language.windows import Span

Positions = npt.NDArray[np.int64]


class Timeline:
    """Rows of `records` that count for certain or may (`passes` is not NO), as two parts: those with a known day, by
    subject and day (`dated`, with `certain` telling which count for certain; None: all), and those without (`undated`)."""

    def __init__(self, records: Records, passes: Truths | None, day: Days, *, in_order: bool) -> None:
        self.subjects = records.subjects.size
        self.records = records
        known = day != NO_DAY
        kept = known if passes is None else known & (passes != NO)
        rows = None if kept.all() else np.flatnonzero(kept)
        if not in_order:
            rows = np.arange(len(records)) if rows is None else rows
            within_day = [column[rows] for column in reversed(records.order)]
            rows = rows[np.lexsort((*within_day, day[rows], records.subject[rows]))]
        self.dated: slice | npt.NDArray[np.int64] = slice(None) if rows is None else rows
        self.certain: Mask | None = None
        if passes is not None and not (certain := passes[self.dated] == YES).all():
            self.certain = certain
        self.undated = np.flatnonzero(~known if passes is None else ~known & (passes != NO))
        self.day = day[self.dated]
        self.starts = np.zeros(self.subjects + 1, np.int64)
        np.cumsum(np.bincount(records.subject[self.dated], minlength=self.subjects), out=self.starts[1:])
        self._present = _present(self.day)
        self._ends: dict[int, Positions] = {}
        self._counts: dict[Span, tuple[Numbers, Numbers | None]] = {}
        self._sums: dict[tuple[str, Span], tuple[Numbers, Mask | None]] = {}
        self._totals: dict[str, Numbers] = {}
        self._amounts: dict[str, tuple[Numbers, Numbers | None]] = {}
        self._undated_count: Numbers | None = None

    # ── windows ──

    def _end(self, day: date | None) -> Positions:
        """For each subject, the position after its last row up to a day (None: before all of its rows).

        Two days between which no record lies are one: of monthly records there are no more ends than months.
        """
        days = 0 if day is None else int(np.searchsorted(self._present, day_number(day), side="right"))
        if days not in self._ends:
            if days in (0, len(self._present)):
                self._ends[days] = self.starts[1:] if days else self.starts[:-1]
            else:
                until = running_total(self.day <= self._present[days - 1])
                self._ends[days] = self.starts[:-1] + (until[self.starts[1:]] - until[self.starts[:-1]])
        return self._ends[days]

    def window(self, span: Span) -> tuple[Positions, Positions]:
        """For each subject, the positions of its first row in the window and after its last one."""
        return self._end(span.after), self._end(span.until)

    def counts(self, span: Span) -> tuple[Numbers, Numbers | None]:
        """How many rows lie in the window for certain, and how many may besides (None: for no subject any)."""
        if span not in self._counts:
            low, high = self.window(span)
            maybe: Numbers | None = None
            if self.certain is None:
                met: Numbers = high - low
            else:
                certain, open_ = self._running("certain"), self._running("open")
                met, maybe = certain[high] - certain[low], open_[high] - open_[low]
            if len(self.undated):
                maybe = self._undated() if maybe is None else maybe + self._undated()
            self._counts[span] = met, maybe
        return self._counts[span]

    def sums(self, span: Span, column: str) -> tuple[Numbers, Mask | None]:
        """The sum of what is known in the window, and where it may not be the whole sum (None: nowhere)."""
        if (column, span) not in self._sums:
            low, high = self.window(span)
            total, lacks = self._running_amounts(column)
            lacking = None if lacks is None else lacks[high] > lacks[low]
            if len(self.undated):
                doubtful = self._undated() > 0
                lacking = doubtful if lacking is None else lacking | doubtful
            self._sums[column, span] = total[high] - total[low], lacking
        return self._sums[column, span]

    def _running(self, of: str) -> Numbers:
        if of not in self._totals:
            assert self.certain is not None
            self._totals[of] = running_total(self.certain if of == "certain" else ~self.certain)
        return self._totals[of]

    def _running_amounts(self, column: str) -> tuple[Numbers, Numbers | None]:
        """Running totals of the amounts that count and are known, and of the rows that lack theirs."""
        if column not in self._amounts:
            values, known = self.records.amounts(column)
            values, counted = values[self.dated], self.certain
            if known is not None:
                counted = known[self.dated] if counted is None else known[self.dated] & counted
            if counted is None:
                self._amounts[column] = running_total(values), None
            else:
                self._amounts[column] = running_total(values * counted), running_total(~counted)
        return self._amounts[column]

    def _undated(self) -> Numbers:
        if self._undated_count is None:
            self._undated_count = self._undated_where(None)
        return self._undated_count

    def _undated_where(self, mask: Mask | None) -> Numbers:
        rows = self.undated if mask is None else self.undated[mask]
        return np.bincount(self.records.subject[rows], minlength=self.subjects)

    # ── the newest or first ──

    def decided_by_newest(self, span: Span, said: Truths, silence: Truths, *, first: bool, open_before: bool) -> Truths:
        """What the newest (or first) certain row in the window says, unless a row that may count, and may be newer
        (earlier), says otherwise. `said`: what each record says; `silence`: NO or UNKNOWN, for subjects without a row.

        `open_before`: without silence that means "none", an earlier row may exist that nobody delivered.
        """
        low, high = self.window(span)
        position, found = self.newest(low, high, first)
        says = said[self.dated]
        verdict = silence.copy()
        verdict[found] = says[position[found]]
        # A subject without a certain row has all its doubtful rows for rivals.
        position = np.where(found, position, high if first else low - 1)
        rivals = np.zeros(self.subjects, bool)
        for value in (NO, YES):
            against = np.zeros(self.subjects, bool)
            if self.certain is not None:
                total = running_total(~self.certain & (says != value))
                against = total[position] > total[low] if first else total[high] > total[position + 1]
            if len(self.undated):
                against = against | (self._undated_where(said[self.undated] != value) > 0)
            rivals |= against & (verdict == value)
        verdict[rivals] = UNKNOWN
        return np.where(found & (silence == UNKNOWN), UNKNOWN, verdict) if open_before else verdict

    def newest(self, low: Positions, high: Positions, first: bool) -> tuple[Positions, Mask]:
        """The position of each subject's newest (or first) certain row in the window, and whether there is one."""
        size = len(self.day)
        if self.certain is None:
            return (low if first else high - 1), high > low
        if first:
            next_certain = np.full(size + 1, size)
            next_certain[:-1][self.certain] = np.flatnonzero(self.certain)
            position = np.minimum.accumulate(next_certain[::-1])[::-1][low]
            return position, position < high
        last_certain = np.full(size + 1, -1)
        last_certain[1:][self.certain] = np.flatnonzero(self.certain)
        position = np.maximum.accumulate(last_certain)[high]
        return position, position >= low


def _present(day: Days) -> Days:
    """The days on which there is a record, in order."""
    if not len(day):
        return day
    first = day.min()
    return np.asarray(np.flatnonzero(np.bincount(day - first)) + first, np.int32)


def running_total(of: npt.NDArray[np.integer] | Mask) -> Numbers:
    """The sum of everything before each position. Counts of records fit 32 bits, sums may not."""
    total: Numbers = np.zeros(len(of) + 1, np.int32 if of.dtype == bool else np.int64)
    np.cumsum(of, out=total[1:])
    return total


def held_periods(records: Records, column: str, delivered: Days) -> Timeline:
    """One row for each subject and delivered period of which it has a record."""
    day = records.days(column)
    again = np.zeros(len(records), bool)
    again[1:] = (day[1:] == day[:-1]) & (records.subject[1:] == records.subject[:-1])
    passes = np.where(np.isin(day, delivered) & ~again, YES, NO).astype(np.int8)
    return Timeline(records, passes, day, in_order=True)
