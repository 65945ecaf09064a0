"""Writing the records that an example's words imply, as a delivery would have brought them.

Where one fact needs a record that other words of the vocabulary also read, the record is written so that it makes none
of the unmentioned words true if that can be avoided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import product
from typing import Final

from engine.kernel.dates import month_end, months_before
from engine.records.household import Row, Value
from engine.records.vocabulary import Item, RecordKind, Vocabulary

_PERIOD_MONTHS = 60
_OTHER = "その他"  # a known value that no filter and no sentence asks for
_STATE_DAYS = 730


class Unknown:
    """A cell in which something is written that does not tell the value (不詳)."""


UNKNOWN: Final = Unknown()
Cells = dict[str, Value | Unknown]


@dataclass
class Draft:
    """One record being written: the cells that the example fixes; the rest is filled with harmless values.

    `nth` counts the records of a kind that an example lists for one item, from the oldest.
    """

    record: str
    cells: Cells
    holds_now: bool = False
    nth: int = 0


@dataclass
class Subject:
    """Somebody whose records are written. `present` and `absent`: items said to be あり and なし; `uncovered`: sources that
    say nothing of this person."""

    drafts: list[Draft] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    uncovered: set[str] = field(default_factory=set)


class RecordWriter:
    """Writes and completes the records of one example, numbering them line by line."""

    def __init__(self, vocabulary: Vocabulary, as_of: date) -> None:
        self._vocabulary = vocabulary
        self._as_of = as_of
        self._line = 0

    # ── periods ──

    def periods(self, kind: RecordKind) -> tuple[date, ...]:
        """Ends of the periods delivered up to the as-of day, oldest first."""
        return _delivered_periods(self._as_of, 1 if kind.period == "月" else 2)

    def period_of(self, day: date, kind: RecordKind) -> date:
        """The delivered period in which a day lies; a day in a period that is still running counts for the newest."""
        ends = self.periods(kind)
        return next((end for end in ends if end >= day), ends[-1])

    def write_period(self, subject: Subject, item: Item, on: str, period: date | Unknown, cells: Cells) -> None:
        """Add cells to the record of a period; amounts of one item and period add up."""
        for draft in subject.drafts:
            if draft.record == item.record and draft.cells[on] == period and period is not UNKNOWN:
                for column, value in cells.items():
                    before = draft.cells.get(column)
                    both = column == item.column and isinstance(before, int) and isinstance(value, int)
                    draft.cells[column] = (
                        before + value if both and isinstance(before, int) and isinstance(value, int) else value
                    )
                return
        subject.drafts.append(Draft(item.record, {on: period, **cells}))

    # ── other records ──

    def write(
        self, subject: Subject, item: Item, cells: Cells, *, merge: bool, holds_now: bool = False, nth: int = 0
    ) -> None:
        """Write a record that makes an item hold; with `merge` into one that is there, if nothing contradicts."""
        choices = self._choices(subject, item, cells)
        valid = self._vocabulary.records[item.record].valid
        ends = valid is not None and valid.end in cells  # an end belongs to an earlier record, not to one that holds
        for choice in choices if merge else ():
            for draft in subject.drafts:
                if draft.record != item.record or draft.nth != nth or (ends and draft.holds_now):
                    continue
                together = {**draft.cells, **choice}
                if all(draft.cells.get(column, value) == value for column, value in choice.items()) and (
                    valid is None or _in_order(together, valid.start, valid.end)
                ):
                    draft.cells.update(choice)
                    return
        subject.drafts.append(Draft(item.record, choices[0], holds_now, nth))

    def write_doubtful(self, subject: Subject, item: Item) -> bool:
        """Write a record of which nobody can tell whether it makes an 有無 hold; False where no record can be so."""
        kind = self._vocabulary.records[item.record]
        if item.filters:
            column = next(reversed(item.filters))
        elif kind.valid:
            column = kind.valid.start
        else:
            return False
        chosen = {**self._choices(subject, item, {})[0], column: UNKNOWN}
        for draft in subject.drafts:
            if draft.record == item.record and all(draft.cells.get(c, v) == v for c, v in chosen.items()):
                draft.cells.update(chosen)
                return True
        subject.drafts.append(Draft(item.record, chosen))
        return True

    def _choices(self, subject: Subject, item: Item, cells: Cells) -> list[Cells]:
        """Cells that make the item hold, those first that make the fewest unmentioned words hold as well."""
        columns = list(item.filters)
        options: list[Cells] = [
            {**dict(zip(columns, values, strict=True)), **cells} for values in product(*item.filters.values())
        ]

        def side_effects(choice: Cells) -> int:
            return sum(
                all(choice.get(c) in allowed for c, allowed in other.filters.items())
                for key, other in self._vocabulary.items.items()
                if other.record == item.record and other.filters and key not in subject.present and other != item
            )

        return options if len(options) == 1 else sorted(options, key=side_effects)

    # ── completion ──

    def rows(
        self,
        subject: Subject,
        of: str,
        gone: set[str],
        covered: Mapping[str, date],
        delivered: Mapping[str, tuple[date, ...]],
    ) -> dict[str, tuple[Row, ...]]:
        """All records of a person (人) or household (世帯): those written, and for each delivered period one with zeros,
        as far back as its source covers the subject."""
        result: dict[str, tuple[Row, ...]] = {}
        for record, kind in self._vocabulary.records.items():
            if kind.subject != of:
                continue
            drafts = sorted((draft for draft in subject.drafts if draft.record == record), key=lambda draft: draft.nth)
            if kind.date and record in delivered and kind.source not in gone:
                on, since = kind.date, covered.get(kind.source, date.min)
                held = {draft.cells[on] for draft in drafts}
                drafts += [Draft(record, {on: end}) for end in delivered[record] if end not in held and end >= since]
                drafts.sort(key=lambda draft: str(draft.cells[on]))
            if drafts:
                result[record] = tuple(self._rows_of(drafts, kind, subject))
        return result

    def _rows_of(self, drafts: list[Draft], kind: RecordKind, subject: Subject) -> Iterator[Row]:
        record = drafts[0].record
        items = {key: item for key, item in self._vocabulary.items.items() if item.record == record}
        empties = {item.empty_column for item in items.values()}
        denied = any(key in subject.absent and not item.filters for key, item in items.items())
        for draft in drafts:
            self._line += 1
            cells = dict(draft.cells)
            self._complete_span(cells, kind, draft.nth, denied)
            for column, definition in kind.columns.items():
                if column in cells:
                    continue
                if definition.type == "整数":
                    cells[column] = 0
                elif definition.type == "日付":
                    cells[column] = cells.get(kind.date or "") if column in empties else None
                else:
                    cells[column] = _OTHER
            unknown = frozenset(column for column, value in cells.items() if value is UNKNOWN)
            values = {column: value for column, value in cells.items() if not isinstance(value, Unknown)}
            yield Row(record, values | dict.fromkeys(unknown), 0, self._line, unknown)

    def _complete_span(self, cells: Cells, kind: RecordKind, nth: int, denied: bool) -> None:
        if kind.valid is None:
            return
        end = kind.valid.end
        if kind.valid.start not in cells:
            ended = cells.get(end) if end else None
            last = ended if isinstance(ended, date) else self._as_of
            cells[kind.valid.start] = last - timedelta(days=_STATE_DAYS - nth)
        if end and end not in cells and denied:
            cells[end] = self._as_of - timedelta(days=1)


@lru_cache(maxsize=64)
def _delivered_periods(as_of: date, step: int) -> tuple[date, ...]:
    newest = month_end(as_of)
    if newest > as_of:
        newest = month_end(months_before(as_of, 1))
    return tuple(month_end(months_before(newest, back * step)) for back in range(_PERIOD_MONTHS // step - 1, -1, -1))


def _in_order(cells: Cells, start: str, end: str | None) -> bool:
    begun, ended = cells.get(start), cells.get(end) if end else None
    return not isinstance(begun, date) or not isinstance(ended, date) or begun <= ended
