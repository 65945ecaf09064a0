"""Periods in a row (続いている, 続いたことがある): the longest run that is certain, and the longest that is possible."""

from __future__ import annotations

from datetime import date

from engine.evaluate.meaning.records import Records, day_of
from engine.evaluate.meaning.values import as_at_least
from engine.evaluate.meaning.verdict import Evidence, Subject, Verdict
from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.records.household import Row
from engine.rulebook.language import syntax as s
from engine.rulebook.language.windows import span_of


class Runs:
    """Runs of delivered periods of one subject."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def streak(self, streak: s.Streak, subject: Subject) -> Verdict:
        """The longest run of delivered periods in the window that are such for certain, and that may be such.

        続いている looks only at the run that reaches the newest of them.
        """
        key = streak.item
        item, kind = self._records.item(key)
        assert kind.date is not None
        span = span_of(streak.window, self._records.as_of)
        due = sorted(end for end in self._records.periods.get(item.record, ()) if span.contains(end))
        rows: dict[date, list[Row]] = {end: [] for end in due}
        for row in subject.rows.get(item.record, ()):
            day = day_of(row, kind.date)
            if day in rows:
                rows[day].append(row)
        judged = [self._period_is_such(streak, its) if (its := rows[end]) else Truth.UNKNOWN for end in due]
        run_of = _newest_run if streak.ongoing else _longest_run
        certain = run_of([truth is Truth.MET for truth in judged])
        possible = run_of([truth is not Truth.NOT_MET for truth in judged])
        such = [row for end, truth in zip(due, judged, strict=True) if truth is Truth.MET for row in rows[end]]
        evidence = tuple(Evidence(subject.who, key, row) for row in such)
        if len(certain) >= streak.length:
            run = set(due[certain.start : certain.stop])
            return Verdict(Truth.MET, tuple(e for e in evidence if e.row and e.row.values[kind.date] in run))
        gaps = self._records.silence_gaps(key, subject, span)
        if not due or kind.source not in subject.covered_from or len(possible) >= streak.length:
            open_rows = [r for end, t in zip(due, judged, strict=True) if t is Truth.UNKNOWN for r in rows[end]]
            lacks = self._records.lack(key, subject, open_rows, "blank") if open_rows else ()
            return Verdict(Truth.UNKNOWN, evidence, (), tuple(dict.fromkeys((*lacks, *gaps))))
        return Verdict(Truth.NOT_MET, evidence, (self._records.silence(key, subject),))

    def _period_is_such(self, streak: s.Streak, rows: list[Row]) -> Truth:
        """Whether the rows of one period hold an event, or amounts whose sum lies within the bound."""
        item, _ = self._records.item(streak.item)
        passing = [(row, self._records.passes(row, item)) for row in rows]
        if streak.bound is None:
            return kleene.any_of(passes & self._has_happened(streak.item, row) for row, passes in passing)
        amounts = [self._records.cell(streak.item, row) for row, passes in passing if passes is Truth.MET]
        known = sum(amount for amount in amounts if isinstance(amount, int))
        whole = None not in amounts and all(passes is not Truth.UNKNOWN for _, passes in passing)
        _, limit = as_at_least(streak.bound)
        enough = Truth.MET if known >= limit else kleene.of(False) if whole else Truth.UNKNOWN
        return enough if streak.bound.operator in ("以上", "を超える") else ~enough

    def _has_happened(self, key: str, row: Row) -> Truth:
        """Whether the day by which an item dates its events has come; a row that is itself the event has."""
        column = self._records.vocabulary.items[key].date
        if column is None:
            return Truth.MET
        day = day_of(row, column)
        if day is None:
            return Truth.UNKNOWN if column in row.unknown else Truth.NOT_MET
        return kleene.of(day <= self._records.as_of)


def _newest_run(marks: list[bool]) -> range:
    """The run of True that reaches the last mark, as a range of positions."""
    start = len(marks)
    while start and marks[start - 1]:
        start -= 1
    return range(start, len(marks))


def _longest_run(marks: list[bool]) -> range:
    """The first of the longest runs of True, as a range of positions."""
    best = range(0)
    start = 0
    for index, mark in enumerate([*marks, False]):
        if not mark:
            if index - start > len(best):
                best = range(start, index)
            start = index + 1
    return best
