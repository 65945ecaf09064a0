"""What the records of one kind say of each of their subjects, in numbers: the measures of `looks` over arrays.

Rests on the timelines, windows and silences with which the rules are judged (`engine.evaluate.columns`), so that a feature and
a sentence that ask the same never disagree about what is known. Unknown is NaN: the source does not cover the subject, or
covers it only from a later day than the window's first, or a period that is due is missing, or a cell that bears on it is unknown.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from engine.evaluate.columns.arrays import NO_DAY, Records, Subjects, day_number
from engine.evaluate.columns.kleene import UNKNOWN, YES, Mask, Numbers, Truths
from engine.evaluate.columns.sentences import ColumnarJudge
from engine.evaluate.columns.timelines import Timeline
from engine.records.vocabulary import Item, Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.windows import Span
from ml_overlay.features.looks import SINCE_LIMIT_DAYS, Measure

Values = npt.NDArray[np.float64]
"""One number per subject, whole or NaN."""


class Measured:
    """Measures of the items of one kind of record, for all subjects of a role."""

    def __init__(self, records: Records, judge: ColumnarJudge, vocabulary: Vocabulary, as_of: date) -> None:
        self._records = records
        self._judge = judge
        self._vocabulary = vocabulary
        self._as_of = as_of
        self._subjects: Subjects = records.subjects

    def of(self, item_id: str, measure: Measure) -> Values:
        """One measure of one item."""
        item = self._vocabulary.items[item_id]
        match measure.quantity:
            case "holds":
                return _from_truths(self._judge.judge(s.Has(item_id, True)))
            case "lasting":
                return self._lasting(item_id)
            case "level":
                return self._level(item_id, item)
            case "count":
                return self._count(item_id, self._last(measure.days))
            case "since":
                return self._since(item_id)
            case "sum":
                return self._sum(item_id, self._last(measure.days))
            case "latest":
                return self._latest(item_id, item, measure.days)
            case "trend":
                earlier = Span(self._days_ago(2 * measure.days), self._days_ago(measure.days))
                return self._sum(item_id, self._last(measure.days)) - self._sum(item_id, earlier)
            case "overdue":
                return self._overdue(item_id)

    def _days_ago(self, days: int) -> date:
        return self._as_of - timedelta(days=days)

    def _last(self, days: int) -> Span:
        return Span(self._days_ago(days), self._as_of)

    # ── states ──

    def _lasting(self, item_id: str) -> Values:
        """Days since what holds began; 0 where it does not hold."""
        holds = self._judge.judge(s.Has(item_id, True))
        timeline = self._judge.states_of(item_id)
        begun, _ = _newest(timeline, _EVER, self._records.days(self._start()), None)
        return np.where(holds == YES, day_number(self._as_of) - begun, _from_truths(holds))

    def _start(self) -> str:
        valid = self._records.kind.valid
        assert valid is not None
        return valid.start

    def _level(self, item_id: str, item: Item) -> Values:
        """The value that holds, a step of a scale by its place from 1; 0 without a record, and off the scale."""
        values, known = self._said(item)
        newest, open_ = _newest(self._judge.states_of(item_id), _EVER, values, known, or_else=0)
        silent = np.isnan(newest) & ~open_ & (self._judge.not_covered() != UNKNOWN)
        return np.where(silent & ~self._has_row(item_id), 0, newest)

    def _has_row(self, item_id: str) -> Mask:
        met, _ = self._judge.states_of(item_id).counts(_EVER)
        return met > 0

    def _said(self, item: Item) -> tuple[Numbers, Mask | None]:
        """What each record says, and where it says it."""
        assert item.column is not None
        if not item.values:
            return self._records.amounts(item.column)
        codes, words = self._records.coded(item.column)
        steps = np.array([item.values.index(word) + 1 if word in item.values else 0 for word in words] + [-1])[codes]
        return steps, None if not (steps < 0).any() else steps >= 0

    # ── events and amounts ──

    def _count(self, item_id: str, span: Span) -> Values:
        met, maybe = self._judge.events_of(item_id).counts(span)
        unknown = self._judge.silence(span) == UNKNOWN
        if maybe is not None:
            unknown = unknown | (maybe > 0)
        return np.where(unknown, np.nan, met)

    def _sum(self, item_id: str, span: Span) -> Values:
        item = self._vocabulary.items[item_id]
        assert item.column is not None
        total, lacking = self._judge.events_of(item_id).sums(span, item.column)
        unknown = self._judge.silence(span) == UNKNOWN
        return np.where(unknown if lacking is None else unknown | lacking, np.nan, total)

    def _since(self, item_id: str) -> Values:
        """Days since the newest event. None within the limit, or in the person's life: the limit."""
        timeline = self._judge.events_of(item_id)
        column = self._vocabulary.date_column(item_id)
        assert column is not None
        newest, open_ = _newest(timeline, Span(None, self._as_of), self._records.days(column), None)
        span = self._last(SINCE_LIMIT_DAYS)
        told = self._judge.silence(span, periods=False) != UNKNOWN
        covered = self._subjects.covered_from[self._records.kind.source]
        told |= (self._subjects.born_on != NO_DAY) & (covered <= self._subjects.born_on)
        ago = np.minimum(day_number(self._as_of) - newest, SINCE_LIMIT_DAYS)
        none = np.where(told & ~open_ & (covered != NO_DAY), SINCE_LIMIT_DAYS, np.nan)
        return np.where(np.isnan(newest), none, ago)

    def _latest(self, item_id: str, item: Item, days: int) -> Values:
        """What the newest record says; without one there is nothing to be known. Off the scale says nothing."""
        values, known = self._said(item)
        span = self._last(days) if days else Span(None, self._as_of)
        newest, _ = _newest(self._judge.events_of(item_id), span, values, known)
        return np.where(newest == 0, np.nan, newest) if item.values else newest

    # ── what is due ──

    def _overdue(self, item_id: str) -> Values:
        """Days since the earliest due day, if nothing has been done; 0 if it was, or is not due yet."""
        passes, due, done, there = self._judge.due_records(item_id)
        is_done = self._records.any_by_subject(np.minimum(passes, done))
        earliest = np.full(self._subjects.size, NO_DAY)
        rows = np.flatnonzero(passes == YES)
        np.minimum.at(earliest, self._records.subject[rows], due[rows])
        # A row that may be of this item, or whose day is unknown, may have been due before all others.
        doubtful = np.flatnonzero((passes == UNKNOWN) | ((passes == YES) & (due == NO_DAY)))
        unknown = np.zeros(self._subjects.size, bool)
        mine = self._records.subject[doubtful]
        unknown[mine[(due[doubtful] == NO_DAY) | (due[doubtful] < earliest[mine])]] = True
        days = np.maximum(day_number(self._as_of) - earliest.astype(np.int64), 0)
        late = np.where(unknown | (is_done == UNKNOWN), np.nan, days)
        return np.where(~there, np.nan, np.where(is_done == YES, 0, late))


_EVER = Span(None, date.max)


def _from_truths(truths: Truths) -> Values:
    return np.where(truths == UNKNOWN, np.nan, truths == YES)


def _newest(
    timeline: Timeline, span: Span, values: Numbers, known: Mask | None, or_else: int | None = None
) -> tuple[Values, Mask]:
    """What the newest certain record in the window says, and of whom a record that may count, and may be newer, says otherwise.

    NaN where there is none, where its cell is unknown, and where it is contested. `or_else`: what having no record would
    say, against which a record that may count is held where none counts for certain.
    """
    low, high = timeline.window(span)
    position, found = timeline.newest(low, high, False)
    said = np.where(known, values, np.nan) if known is not None else values.astype(np.float64)
    newest = np.full(timeline.subjects, np.nan)
    newest[found] = said[timeline.dated][position[found]]
    held = np.where(found, newest, np.nan if or_else is None else or_else)
    position = np.where(found, position, low - 1)
    contested = np.zeros(timeline.subjects, bool)
    if timeline.certain is not None:
        rivals = np.flatnonzero(~timeline.certain)
        subject = timeline.records.subject[timeline.dated][rivals]
        newer = (rivals > position[subject]) & (rivals < high[subject])
        contested[subject[newer & (said[timeline.dated][rivals] != held[subject])]] = True
    undated = timeline.undated
    subject = timeline.records.subject[undated]
    contested[subject[said[undated] != held[subject]]] = True
    return np.where(contested, np.nan, newest), contested
