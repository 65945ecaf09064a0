"""An item of the vocabulary as the second engine looks at it: which rows are of it, when they happened, what a silence means.

A look says what it needs to know of each cell when it is made (`Asked`), and reads it from what the engine said afterwards.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Set
from datetime import date

from engine.kernel.truth import Truth, all_of
from engine.records.vocabulary import Vocabulary
from engine.replay.meaning.asked import BLANK, UNKNOWN, Asked, CannotBeSaidError, Stretch
from engine.replay.meaning.facts import Seeing, Seen, Subject
from engine.replay.meaning.spans import Span
from engine.rulebook.language.syntax import Bound

Told = Callable[[Seen], Truth]
"""What the engine said of one row."""
_GAPS = (BLANK, UNKNOWN)
_NONE: list[tuple[Seen, Truth]] = []
_NO_ROWS: tuple[list[Seen], list[Seen]] = ([], [])


class Look:
    """One item, of the child, the household or a relation (`whose`)."""

    def __init__(self, item_id: str, whose: str, as_of: date, vocabulary: Vocabulary, asked: Asked) -> None:
        self.item_id, self.whose, self.as_of, self.asked = item_id, whose, as_of, asked
        self.item = vocabulary.items[item_id]
        self.kind = vocabulary.record_of(item_id)
        self.record = self.item.record
        asked.look(self.record, whose)
        self._of_item, self._by_period = asked.slot(("rows", item_id)), asked.slot(("periods", self.record))
        self._truths = asked.slot(("truths", item_id))
        self._filters = [(name, asked.column(self.record, name).words(its)) for name, its in self.item.filters.items()]
        if self.item.empty_column:
            asked.column(self.record, self.item.empty_column)
        self.day_column = vocabulary.date_column(item_id)
        # A day that the item names itself, or on which something due is done, is blank until it comes; others are never blank.
        self.blank_is_none = self.item.date is not None or any(
            other.record == self.record and other.done == self.day_column for other in vocabulary.items.values()
        )

    def rows(self, subject: Subject) -> list[tuple[Seen, Truth]]:
        """The rows that are of this item for certain (met), or may be (unknown)."""
        if self.record not in subject.rows:
            return _NONE
        found: list[tuple[Seen, Truth]] | None = subject.cache.get(self._of_item)
        if found is None:
            judged = [(seen, self._is_of_item(seen)) for seen in subject.rows.get(self.record, ())]
            found = subject.cache[self._of_item] = [
                (seen, truth) for seen, truth in judged if truth is not Truth.NOT_MET
            ]
        return found

    def truths(self, subject: Subject) -> dict[Seen, Truth]:
        """Of the same rows, which are of this item; others are not."""
        found: dict[Seen, Truth] | None = subject.cache.get(self._truths)
        if found is None:
            found = subject.cache[self._truths] = dict(self.rows(subject))
        return found

    def _is_of_item(self, seen: Seen) -> Truth:
        truth = Truth.MET
        for column, allowed in self._filters:
            code = seen.read.get(column)
            if code in _GAPS:
                truth = Truth.UNKNOWN
            elif code not in allowed:
                return Truth.NOT_MET
        if self.item.empty_column:
            code = seen.read.get(self.item.empty_column)
            if code == UNKNOWN:
                return Truth.UNKNOWN
            if code != BLANK:
                return Truth.NOT_MET
        return truth

    def day_within(self, column: str, span: Span, *, blank_is_none: bool) -> Told:
        """Whether the day in a column lies in a span; an unknown day may."""
        stretch = self.asked.column(self.record, column).between(
            None if span.first_day is None else span.first_day.toordinal(), span.until.toordinal()
        )
        blank = Truth.NOT_MET if blank_is_none else Truth.UNKNOWN

        def told(seen: Seen) -> Truth:
            code = seen.read.get(column)
            if code == BLANK:
                return blank
            if code == UNKNOWN:
                return Truth.UNKNOWN
            return Truth.MET if code in stretch else Truth.NOT_MET

        return told

    def within(self, span: Span) -> Callable[[Subject], tuple[list[Seen], list[Seen]]]:
        """The rows in a window: those that lie in it for certain, and those that may."""
        if self.day_column is None:
            raise CannotBeSaidError(f"項目「{self.item.label}」に日付がありません。")
        inside = self.day_within(self.day_column, span, blank_is_none=self.blank_is_none)
        slot = self.asked.slot(("within", self.item_id, span))

        def rows(subject: Subject) -> tuple[list[Seen], list[Seen]]:
            if self.record not in subject.rows:  # as most people have no record of most kinds
                return _NO_ROWS
            found: tuple[list[Seen], list[Seen]] | None = subject.cache.get(slot)
            if found is None:
                of_this_item = self.rows(subject)
                if not of_this_item:
                    return _NO_ROWS
                definite: list[Seen] = []
                doubtful: list[Seen] = []
                for seen, of_item in of_this_item:
                    truth = inside(seen)
                    if truth is not Truth.NOT_MET:
                        (definite if of_item is truth is Truth.MET else doubtful).append(seen)
                found = subject.cache[slot] = (definite, doubtful)
            return found

        return rows

    def covers(self, first_day: date | None) -> Callable[[Subject], bool]:
        """Whether the source covers the subject from a day on (None: at all)."""
        source = self.kind.source
        stretch = self.asked.covers(source, self.whose, None if first_day is None else first_day.toordinal())
        return lambda subject: subject.coverage.read.get(source) in stretch

    def silence(self, span: Span, *, periods: bool = True) -> Callable[[Seeing, Subject], bool]:
        """Whether what is not recorded in a window did not happen.

        The source covers the subject from the first day on; of a record that is due for every period each one delivered is there.
        """
        covers = self.covers(span.first_day)
        period_column = self.kind.date if self.kind.period and periods else None
        if period_column is None:
            return lambda seeing, subject: covers(subject)

        slot, ends = self.asked.slot(("silence", self.record, span)), self.ends(span)

        def complete(seeing: Seeing, subject: Subject) -> bool:
            found: bool | None = subject.cache.get(slot)
            if found is None:
                due = ends(seeing)
                held = self.by_period(subject)
                found = subject.cache[slot] = covers(subject) and bool(due) and all(end in held for end in due)
            return found

        return complete

    def ends(self, span: Span) -> Callable[[Seeing], tuple[date, ...]]:
        """The ends of the periods that the source delivered in a window, in order of time."""
        slot = self.asked.slot(("ends", self.record, span))

        def ends(seeing: Seeing) -> tuple[date, ...]:
            found: tuple[date, ...] | None = seeing.household.cache.get(slot)
            if found is None:
                every = sorted(seeing.periods.get(self.record, ()))
                first = 0 if span.first_day is None else bisect_left(every, span.first_day)
                found = seeing.household.cache[slot] = tuple(every[first : bisect_right(every, span.until)])
            return found

        return ends

    def by_period(self, subject: Subject) -> dict[date, list[Seen]]:
        """The subject's rows of this kind by the end of their period, whether or not they are of the item."""
        found: dict[date, list[Seen]] | None = subject.cache.get(self._by_period)
        if found is None:
            found = subject.cache[self._by_period] = {}
            for seen in subject.rows.get(self.record, ()):
                if self.kind.date and (day := seen.day(self.kind.date)):
                    found.setdefault(day, []).append(seen)
        return found

    def amounts(self, rows: Iterable[Seen]) -> tuple[int, bool]:
        """The sum of the amounts that are known, and whether all are."""
        column = self.item.column
        assert column is not None
        known, whole = 0, True
        for seen in rows:
            amount = seen.row.values.get(column) if seen.row else None
            if seen.read.get(column) in _GAPS or not isinstance(amount, int):
                whole = False
            else:
                known += amount
        return known, whole

    def ask_amounts(self) -> None:
        """The engine is to say which amounts are blank or unknown."""
        assert self.item.column is not None
        self.asked.column(self.record, self.item.column)

    def value_within(self, bounds: Iterable[Bound]) -> Told:
        """Whether the value lies within bounds. On an ordered scale a value that is no step lies within none."""
        column, steps = self.item.column, self.item.values
        assert column is not None
        if self.item.kind == "順序区分":
            low, high = limits([Bound(b.operator, steps.index(str(b.value))) for b in bounds])
            return self.value_is(step for n, step in enumerate(steps) if low <= n <= high)
        low, high = limits(bounds)
        stretch = self.asked.column(self.record, column).between(*_told(low, high))
        return _told_by(column, stretch)

    def value_is(self, words: Iterable[str]) -> Told:
        """Whether the value is one of some words."""
        assert self.item.column is not None
        return _told_by(self.item.column, self.asked.column(self.record, self.item.column).words(words))


NO_LIMIT = 10**12


def limits(bounds: Iterable[Bound]) -> tuple[int, int]:
    """The smallest and the largest whole number within all bounds; `NO_LIMIT` where there is none."""
    low, high = -NO_LIMIT, NO_LIMIT
    for bound in bounds:
        value = bound.value
        if not isinstance(value, int):
            raise CannotBeSaidError("数でない限度は、再現の仕組みで比べられません。")
        match bound.operator:
            case "以上":
                low = max(low, value)
            case "を超える":
                low = max(low, value + 1)
            case "以下":
                high = min(high, value)
            case "未満":
                high = min(high, value - 1)
    return low, high


def _told(low: int, high: int) -> tuple[int | None, int | None]:
    return (None if low == -NO_LIMIT else low, None if high == NO_LIMIT else high)


def between(asked: Asked, kind: str, column: str, low: int, high: int) -> Stretch:
    """Ask whether a number that is never blank lies between two limits, as `limits` gives them."""
    return asked.column(kind, column, gaps=False).between(*_told(low, high))


def _told_by(column: str, allowed: Set[int]) -> Told:
    def told(seen: Seen) -> Truth:
        code = seen.read.get(column)
        if code in _GAPS:
            return Truth.UNKNOWN
        return Truth.MET if code in allowed else Truth.NOT_MET

    return told


def all_told(*tellings: Told) -> Told:
    """What all of several say together."""
    return lambda seen: all_of(told(seen) for told in tellings)
