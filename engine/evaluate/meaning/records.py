"""Records as a sentence sees them: which count, when they happened, which decides, and what their absence means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from engine.evaluate.meaning.verdict import Evidence, Gap, GapReason, Silence, Subject, Verdict
from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.records.household import Household, Row, Value
from engine.records.vocabulary import Item, RecordKind, Vocabulary
from engine.rulebook.language.windows import Span


class Records:
    """The records of one household as of its day, looked at through the items of a vocabulary."""

    def __init__(self, household: Household, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.as_of = household.as_of
        self.periods = household.periods

    def item(self, key: str) -> tuple[Item, RecordKind]:
        """An item and the kind of record that it speaks of."""
        return self.vocabulary.items[key], self.vocabulary.record_of(key)

    def cell(self, key: str, row: Row) -> Value:
        """What a row says of an item; None if blank or unknown."""
        column = self.vocabulary.items[key].column
        return row.values.get(column) if column else None

    def passes(self, row: Row, item: Item) -> Truth:
        """Whether a row is one that the item speaks of.

        A blank filter cell makes that unknown; so does an unknown cell that should be empty (未納: it may be paid).
        """
        if not item.filters and not item.empty_column:
            return Truth.MET
        parts = []
        for column, allowed in item.filters.items():
            value = row.values.get(column)
            parts.append(Truth.UNKNOWN if value is None else kleene.of(value in allowed))
        if item.empty_column:
            empty = kleene.of(row.values.get(item.empty_column) is None)
            parts.append(Truth.UNKNOWN if item.empty_column in row.unknown else empty)
        return kleene.all_of(parts)

    def gap(self, key: str, subject: Subject, reason: GapReason) -> Gap:
        """Why a sentence about the item is left open, to be told to people."""
        return Gap(subject.who, self.vocabulary.record_of(key).source, key, reason)

    def unknown_in(self, key: str, row: Row) -> frozenset[str]:
        """The row's unknown columns that bear on the item."""
        item, kind = self.item(key)
        span = (kind.valid.start, kind.valid.end) if kind.valid else ()
        bearing = {item.column, item.empty_column, item.due, item.done, self.vocabulary.date_column(key), *span}
        return row.unknown & {*bearing, *item.filters}

    def lack(self, key: str, subject: Subject, rows: Iterable[Row], otherwise: GapReason) -> tuple[Gap, ...]:
        """What the rows that leave a sentence open are lacking: columns that say 不詳, or the given reason."""
        unknown = [self.unknown_in(key, row) for row in rows]
        columns = tuple(sorted(frozenset().union(*unknown)))
        gaps: list[Gap] = []
        if columns:
            source = self.vocabulary.record_of(key).source
            gaps.append(Gap(subject.who, source, key, "unknown_cell", columns=columns))
        if not all(unknown):
            gaps.append(self.gap(key, subject, otherwise))
        return tuple(gaps)

    def silence(self, key: str, subject: Subject) -> Silence:
        """That nothing is recorded, where this means that there is nothing."""
        return Silence(subject.who, self.vocabulary.record_of(key).source, key)

    def registered(self, key: str, subject: Subject) -> Evidence:
        """The person's entry in the resident register, as seen through 年齢 or 学年."""
        entries = subject.rows.get(self.vocabulary.items[key].record, ())
        row = max(entries, key=lambda entry: entry.order, default=None)
        person = subject.person
        return Evidence(
            subject.who, key, row, person.age_years if person else None, person.school_grade if person else None
        )

    def in_window(self, key: str, subject: Subject, span: Span) -> tuple[list[Row], list[Row]]:
        """Rows that lie in the window for certain, in order of date, and rows that may."""
        item, _ = self.item(key)
        column = self.vocabulary.date_column(key)
        assert column is not None
        definite: list[Row] = []
        doubtful: list[Row] = []
        for row in subject.rows.get(item.record, ()):
            day = day_of(row, column)
            if day is None:
                none = blank_date_means_none(self.vocabulary, key) and column not in row.unknown
                inside = Truth.NOT_MET if none else Truth.UNKNOWN
            else:
                inside = Truth.MET if span.contains(day) else Truth.NOT_MET
            if inside is Truth.NOT_MET:
                continue
            counts = self.passes(row, item) & inside
            if counts is not Truth.NOT_MET:
                (definite if counts is Truth.MET else doubtful).append(row)
        definite.sort(key=lambda row: (day_of(row, column) or date.min, *row.order))
        return definite, doubtful

    def silence_gaps(self, key: str, subject: Subject, span: Span, *, periods: bool = True) -> tuple[Gap, ...]:
        """What keeps the absence of records in the window from meaning "none"; empty if it does mean that."""
        item, kind = self.item(key)
        covered = subject.covered_from.get(kind.source)
        if covered is None:
            return (self.gap(key, subject, "not_covered"),)
        gaps: list[Gap] = []
        if span.first_day is not None and covered > span.first_day:
            gaps.append(Gap(subject.who, kind.source, key, "covered_later", covered_from=covered))
        if kind.period and periods:
            assert kind.date is not None
            due = [end for end in self.periods.get(item.record, ()) if span.contains(end)]
            held = {day_of(row, kind.date) for row in subject.rows.get(item.record, ())}
            missing = tuple(sorted(end for end in due if end not in held))
            if missing or not due:
                gaps.append(Gap(subject.who, kind.source, key, "periods", missing))
        return tuple(gaps)

    def newest(
        self,
        key: str,
        subject: Subject,
        definite: list[Row],
        doubtful: list[Row],
        date_column: str | None,
        test: Callable[[Row], Truth],
        gaps_of_silence: tuple[Gap, ...],
        first: bool = False,
    ) -> Verdict:
        """The newest (or first) definite row decides, unless a doubtful row that may be newer (earlier) says otherwise."""

        def when(row: Row) -> tuple[date, int, int] | None:
            day = day_of(row, date_column) if date_column else date.min
            return (day, *row.order) if day else None

        choose = min if first else max
        newest = choose(definite, key=lambda row: when(row) or (date.min, *row.order), default=None)
        rivals = doubtful
        if newest is not None:
            verdict = Verdict(test(newest), (Evidence(subject.who, key, newest),))
            if verdict.truth is Truth.UNKNOWN:
                verdict = Verdict(Truth.UNKNOWN, verdict.evidence, (), self.lack(key, subject, [newest], "blank"))
            mine = when(newest)
            assert mine is not None
            rivals = [row for row in doubtful if (at := when(row)) is None or (at < mine if first else at > mine)]
        elif gaps_of_silence:
            return Verdict(Truth.UNKNOWN, gaps=gaps_of_silence)
        else:
            verdict = Verdict(Truth.NOT_MET, silences=(self.silence(key, subject),))
        if any(test(row) is not verdict.truth for row in rivals):
            evidence = tuple(Evidence(subject.who, key, row) for row in rivals)
            return Verdict(Truth.UNKNOWN, evidence, (), self.lack(key, subject, rivals, "doubtful"))
        return verdict


def blank_date_means_none(vocabulary: Vocabulary, key: str) -> bool:
    """Whether a blank date of an item says that the event did not happen; an unknown date never does.

    So it does for a date column named by the item (督促日, 終結日) and for the done column of a due record
    (健診受診日). The day of any other record is always there, and a blank one is an unknown day.
    """
    item = vocabulary.items[key]
    column = vocabulary.date_column(key)
    return item.date is not None or any(i.record == item.record and i.done == column for i in vocabulary.items.values())


def day_of(row: Row, column: str) -> date | None:
    """The day in a column; None if blank or unknown."""
    value = row.values.get(column)
    return value if isinstance(value, date) else None
