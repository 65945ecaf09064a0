"""Sentences about the records of one kind, judged for all subjects of a role at once.

The same meaning as `meaning/reference.py`, form by form, over arrays. Each method gives one truth per subject.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np

from engine.evaluate.columns.arrays import NO_DAY, Days, Records, Subjects, any_within, day_number
from engine.evaluate.columns.kleene import (
    NO,
    UNKNOWN,
    YES,
    Mask,
    Numbers,
    Truths,
    all_of,
    any_of,
    at_least,
    certain,
    negation,
    open_where,
)
from engine.evaluate.columns.timelines import Timeline, held_periods
from engine.evaluate.meaning.records import blank_date_means_none
from engine.records.vocabulary import Item, RecordKind, Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.windows import Span, earlier_span, last_birth_past, span_of


def columns_of(items: Iterable[str], vocabulary: Vocabulary) -> set[str]:
    """Every column of the record at which sentences about the items look."""
    columns: set[str | None] = set()
    for key in items:
        item, kind = vocabulary.items[key], vocabulary.record_of(key)
        columns |= {item.column, item.date, item.empty_column, item.due, item.done, kind.date, *item.filters}
        if kind.valid:
            columns |= {kind.valid.start, kind.valid.end}
    return {column for column in columns if column}


def needs_order(sentences: Iterable[s.ItemSentence]) -> bool:
    """Whether a sentence asks for one record among several, so that file and line decide within a day."""
    return any(isinstance(sentence, (s.Compare, s.IsOneOf, s.Latest, s.LatestIs)) for sentence in sentences)


def judge_age(sentence: s.Compare, subjects: Subjects, vocabulary: Vocabulary) -> Truths:
    """年齢 and 学年, which rest on the date of birth alone."""
    item = vocabulary.items[sentence.item]
    if item.kind == "年齢":
        number, known, met = subjects.age, subjects.age_known, np.ones(subjects.size, bool)
    else:
        # Before school and after 高3 there is no step of the scale, so that no comparison holds.
        number, known = subjects.grade, subjects.grade_known
        met = (number >= 1) & (number <= len(item.values))
    for bound in sentence.bounds:
        limit = int(bound.value) if item.kind == "年齢" else item.values.index(str(bound.value)) + 1
        met &= _COMPARISONS[bound.operator](number, limit)
    return np.where(known, certain(met), UNKNOWN)


_COMPARISONS: dict[str, Callable[[Any, int], Any]] = {
    "以上": operator.ge,
    "以下": operator.le,
    "未満": operator.lt,
    "を超える": operator.gt,
}


def _steps_within(steps: tuple[str, ...], bounds: tuple[s.Bound, ...]) -> list[str]:
    """The steps of a scale that lie within all bounds."""
    limits = [(_COMPARISONS[bound.operator], steps.index(str(bound.value))) for bound in bounds]
    return [step for index, step in enumerate(steps) if all(compare(index, limit) for compare, limit in limits)]


class ColumnarJudge:
    """Judges sentences on the records of one kind. `delivered`: the period ends that its source has delivered."""

    def __init__(self, records: Records, vocabulary: Vocabulary, as_of: date, delivered: Collection[date]) -> None:
        self._records = records
        self._kind: RecordKind = records.kind
        self._subjects = records.subjects
        self._vocabulary = vocabulary
        self._as_of = as_of
        self._delivered = sorted(delivered)
        self._delivered_numbers: Days = np.array([day_number(end) for end in self._delivered], np.int32)
        self._timelines: dict[tuple[object, ...], Timeline] = {}
        self._held: Timeline | None = None
        self._silences: dict[tuple[Span, bool], Truths] = {}
        self._has: dict[str, Truths] = {}

    def judge(self, sentence: s.ItemSentence) -> Truths:
        """One truth per subject. Age and grade are judged by `judge_age`."""
        match sentence:
            case s.Compare(key, bounds):
                return self._state(key, self._says_within(key, bounds))
            case s.IsOneOf(key, values):
                return self._state(key, self._records.one_of(self._column(key), values))
            case s.Has(key, positive):
                if key not in self._has:
                    self._has[key] = self._holds(key)
                return self._has[key] if positive else negation(self._has[key])
            case s.Events(key, window, count):
                return self._events(key, span_of(window, self._as_of), count)
            case s.Total(key, window, bound):
                return self._total(key, span_of(window, self._as_of), bound)
            case s.Growth():
                return self._growth(sentence)
            case s.Latest(key, bound, window, _, first):
                return self._latest(key, window, self._says_within(key, (bound,)), first)
            case s.LatestIs(key, values, window, _, first):
                return self._latest(key, window, self._records.one_of(self._column(key), values), first)
            case s.Streak():
                return self._streak(sentence)
            case s.Unrecorded(key, age):
                return self._unrecorded(key, age)
            case s.Overdue(key, days):
                return self._overdue(key, days)
            case s.Done(key):
                return self._done(key)

    # ── what a record says ──

    def _column(self, key: str) -> str:
        column = self._vocabulary.items[key].column
        assert column is not None
        return column

    def _says_within(self, key: str, bounds: tuple[s.Bound, ...]) -> Truths:
        """What each record says of a comparison."""
        item = self._vocabulary.items[key]
        if item.values:
            return self._records.one_of(self._column(key), _steps_within(item.values, bounds))
        values, known = self._records.amounts(self._column(key))
        said = all_of(certain(_COMPARISONS[bound.operator](values, int(bound.value))) for bound in bounds)
        return said if known is None else np.where(known, said, UNKNOWN)

    def _valid(self) -> Truths | None:
        """Whether each record is valid on the day. A blank end is no end; after an unknown one nobody knows."""
        valid, records = self._kind.valid, self._records
        if valid is None:
            return None
        start = records.days(valid.start)
        begun = np.where(start == NO_DAY, UNKNOWN, certain(start <= day_number(self._as_of)))
        if valid.end is None:
            return begun
        lasting = certain(records.days(valid.end) >= day_number(self._as_of))  # NO_DAY is later than every day
        said = records.said_unknown(valid.end)
        return np.minimum(begun, lasting if said is None else np.where(said, UNKNOWN, lasting))

    # ── what silence means ──

    def _covered(self) -> Days:
        return self._subjects.covered_from[self._kind.source]

    def not_covered(self) -> Truths:
        """UNKNOWN for subjects whom the source does not cover, else NO."""
        return open_where(self._covered() == NO_DAY)

    def silence(self, span: Span, *, periods: bool = True) -> Truths:
        """NO where the absence of records in the span means "none", else UNKNOWN."""
        counts_periods = periods and self._kind.period is not None
        if (span, counts_periods) not in self._silences:
            first_day = span.first_day
            late = self._covered() > day_number(first_day) if first_day else self._covered() == NO_DAY
            if counts_periods:
                assert self._kind.date is not None
                if self._held is None:
                    self._held = held_periods(self._records, self._kind.date, self._delivered_numbers)
                due = sum(span.contains(end) for end in self._delivered)
                held, _ = self._held.counts(span)
                late = late | (held < due) if due else np.ones(self._subjects.size, bool)
            self._silences[span, counts_periods] = open_where(late)
        return self._silences[span, counts_periods]

    # ── states ──

    def states_of(self, key: str) -> Timeline:
        """The records of an item that are valid on the day, by the start of their validity."""
        item = self._vocabulary.items[key]
        by = ("state", *_of_rows(item))
        if by not in self._timelines:
            parts = [part for part in (self._records.passes(item), self._valid()) if part is not None]
            valid = self._kind.valid
            # Without a start, the file and line decide.
            day = self._records.days(valid.start) if valid else np.zeros(len(self._records), np.int32)
            in_order = self._kind.date is None
            self._timelines[by] = Timeline(self._records, all_of(parts) if parts else None, day, in_order=in_order)
        return self._timelines[by]

    def _state(self, key: str, said: Truths) -> Truths:
        ever = Span(None, date.max)
        return self.states_of(key).decided_by_newest(ever, said, self.not_covered(), first=False, open_before=False)

    def _holds(self, key: str) -> Truths:
        met, maybe = self.states_of(key).counts(Span(None, date.max))
        return at_least(1, met, maybe, self.not_covered())

    # ── events and amounts ──

    def events_of(self, key: str) -> Timeline:
        """The records of an item by the day that dates its events."""
        item = self._vocabulary.items[key]
        column = self._vocabulary.date_column(key)
        assert column is not None
        none_if_blank = blank_date_means_none(self._vocabulary, key)
        by = ("event", column, none_if_blank, *_of_rows(item))
        if by not in self._timelines:
            day = self._records.days(column)
            passes = self._records.passes(item)
            if none_if_blank:
                said = self._records.said_unknown(column)
                written = certain(day != NO_DAY if said is None else (day != NO_DAY) | said)
                passes = written if passes is None else np.minimum(passes, written)
            self._timelines[by] = Timeline(self._records, passes, day, in_order=column == self._kind.date)
        return self._timelines[by]

    def _events(self, key: str, span: Span, count: s.Count) -> Truths:
        met, maybe = self.events_of(key).counts(span)
        needed = count.n if count.operator == "以上" else count.n + 1
        enough = at_least(needed, met, maybe, self.silence(span))
        return enough if count.operator == "以上" else negation(enough)

    def _total(self, key: str, span: Span, bound: s.Bound) -> Truths:
        known, lacking = self.events_of(key).sums(span, self._column(key))
        open_ = self.silence(span) if lacking is None else np.maximum(self.silence(span), open_where(lacking))
        limit = int(bound.value) + (bound.operator in ("を超える", "以下"))
        enough = np.maximum(certain(known >= limit), open_)  # amounts are not negative, so that the rest can only add
        return enough if bound.operator in ("以上", "を超える") else negation(enough)

    def _growth(self, growth: s.Growth) -> Truths:
        spans = (span_of(growth.window, self._as_of), earlier_span(growth, self._as_of))
        (now, lacking_now), (before, lacking_before) = (
            self.events_of(growth.item).sums(span, self._column(growth.item)) for span in spans
        )
        open_now, open_before = (
            any_of([self.silence(span), *([] if lacking is None else [open_where(lacking)])]) == UNKNOWN
            for span, lacking in zip(spans, (lacking_now, lacking_before), strict=True)
        )
        # Amounts are not negative: what is lacking can only add.
        grown = (now >= 1) & (now >= growth.times * before)
        return np.where(np.where(grown, open_before, open_now), UNKNOWN, certain(grown))

    def _latest(self, key: str, window: s.Window | None, said: Truths, first: bool) -> Truths:
        span = span_of(window, self._as_of)
        silence = self.silence(span, periods=False)
        # What came before the source began to cover may hold an earlier record.
        open_before = first and window is not None
        return self.events_of(key).decided_by_newest(span, said, silence, first=first, open_before=open_before)

    # ── periods in a row ──

    def _streak(self, streak: s.Streak) -> Truths:
        """A run that is certain meets it; one that is possible, with periods of which nobody knows, leaves it open."""
        span = span_of(streak.window, self._as_of)
        due = [end for end in self._delivered if span.contains(end)]
        if not due:
            return np.full(self._subjects.size, UNKNOWN)
        run = possible = best = best_possible = np.zeros(self._subjects.size, np.int16)
        for such in self._by_period(streak, due):
            run = np.where(such == YES, run + 1, 0)
            possible = np.where(such != NO, possible + 1, 0)
            best, best_possible = np.maximum(best, run), np.maximum(best_possible, possible)
        if streak.ongoing:
            best, best_possible = run, possible
        open_ = np.maximum(open_where(best_possible >= streak.length), self.not_covered())
        return np.maximum(certain(best >= streak.length), open_)

    def _by_period(self, streak: s.Streak, due: list[date]) -> Iterable[Truths]:
        """For each period, whether its records hold an event, or amounts whose sum lies within the bound; without a
        record, unknown."""
        records, item = self._records, self._vocabulary.items[streak.item]
        assert self._kind.date is not None
        ends = np.array([day_number(end) for end in due], np.int32)
        day = records.days(self._kind.date)
        passes = records.passes(item)
        rows = np.flatnonzero(np.isin(day, ends))
        number = np.searchsorted(ends, day[rows])
        for period in range(len(due)):
            mine = rows[number == period]
            its = None if passes is None else passes[mine]
            yield self._period(streak, item, mine, its)

    def _period(self, streak: s.Streak, item: Item, rows: Numbers, passes: Truths | None) -> Truths:
        size, subject = self._subjects.size, self._records.subject[rows]
        passes = np.full(len(rows), YES) if passes is None else passes
        if streak.bound is None:
            if item.date is not None:
                day, said = self._records.days(item.date)[rows], self._records.said_unknown(item.date)
                come = certain(day <= day_number(self._as_of))
                passes = np.minimum(passes, come if said is None else np.where(said[rows], UNKNOWN, come))
            return any_within(passes, subject, np.full(size, UNKNOWN))
        values, known = self._records.amounts(self._column(streak.item))
        counted = passes == YES
        lacking = passes == UNKNOWN
        if known is not None:
            lacking |= counted & ~known[rows]
        total = np.zeros(size, np.int64)
        np.add.at(total, subject[counted], values[rows][counted])
        limit = int(streak.bound.value) + (streak.bound.operator in ("を超える", "以下"))
        open_ = any_within(open_where(lacking), subject, np.full(size, UNKNOWN))
        enough = np.maximum(certain(total >= limit), open_)
        return enough if streak.bound.operator in ("以上", "を超える") else negation(enough)

    # ── what is due by age ──

    def _unrecorded(self, key: str, age: s.AgeLimit) -> Truths:
        """Past the age without a record since birth; where the source does not cover the time from birth, unknown."""
        born_on = self._subjects.born_on
        met, maybe = self.events_of(key).counts(Span(None, self._as_of))
        none = open_where(self._covered() > born_on)
        if maybe is not None:
            none = np.maximum(none, open_where(maybe > 0))
        past = certain(born_on <= day_number(last_birth_past(age, self._as_of)))
        lacking = np.minimum(negation(np.where(met > 0, YES, none)), past)
        return np.where(born_on == NO_DAY, UNKNOWN, lacking)

    # ── records that are due ──

    def due_records(self, key: str) -> tuple[Truths, Days, Truths, Mask]:
        """Each record: does it pass, its due day, is it done; and for each subject, whether there is a due record."""
        item, records = self._vocabulary.items[key], self._records
        assert item.due is not None
        assert item.done is not None
        passes = records.passes(item)
        passes = np.full(len(records), YES) if passes is None else passes
        due = records.days(item.due)
        done = certain(records.days(item.done) <= day_number(self._as_of))
        said = records.said_unknown(item.done)
        if said is not None:
            done = np.where(said, UNKNOWN, done)
        there = records.any_by_subject(certain((passes == YES) & ((due != NO_DAY) | (done == YES))))
        return passes, due, done, there == YES

    def _done(self, key: str) -> Truths:
        passes, _, done, there = self.due_records(key)
        return np.where(there, self._records.any_by_subject(np.minimum(passes, done)), UNKNOWN)

    def _overdue(self, key: str, days: int) -> Truths:
        passes, due, done, there = self.due_records(key)
        is_done = self._records.any_by_subject(np.minimum(passes, done))
        past = np.where(due == NO_DAY, UNKNOWN, certain(due <= day_number(self._as_of - timedelta(days=days))))
        late = self._records.any_by_subject(np.minimum(passes, past))
        return np.where(there, np.minimum(late, negation(is_done)), UNKNOWN)


def _of_rows(item: Item) -> tuple[object, ...]:
    """What decides of which records an item speaks."""
    return (item.empty_column, *sorted(item.filters.items()))
