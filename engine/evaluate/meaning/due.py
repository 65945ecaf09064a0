"""What is due: by a day that a record names (期限), or by an age (記録がない)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from engine.evaluate.meaning.records import Records, day_of
from engine.evaluate.meaning.verdict import Evidence, Gap, Subject, Verdict
from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.records.household import Row
from engine.rulebook.language import syntax as s
from engine.rulebook.language.windows import Span, age_reached_on


class Due:
    """Records of one subject that should be there."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def unrecorded(self, key: str, age: s.AgeLimit, subject: Subject) -> Verdict:
        """Past the age without a record since birth; where the source does not cover the time from birth, unknown."""
        born_on = subject.person.born_on if subject.person else None
        if born_on is None:
            return Verdict(Truth.UNKNOWN, gaps=(self._records.gap("age", subject, "no_birth_date"),))
        registered = self._records.registered("age", subject)
        if self._records.as_of <= age_reached_on(born_on, age):
            return Verdict(Truth.NOT_MET, (registered,))
        definite, doubtful = self._records.in_window(key, subject, Span(None, self._records.as_of))
        if definite:
            return Verdict(Truth.NOT_MET, (registered, *(Evidence(subject.who, key, row) for row in definite)))
        covered = subject.covered_from.get(self._records.vocabulary.record_of(key).source)
        if covered is None:
            return Verdict(Truth.UNKNOWN, gaps=(self._records.gap(key, subject, "not_covered"),))
        gaps: tuple[Gap, ...] = self._records.lack(key, subject, doubtful, "doubtful") if doubtful else ()
        if covered > born_on:
            source = self._records.vocabulary.record_of(key).source
            gaps = (*gaps, Gap(subject.who, source, key, "covered_later", covered_from=covered))
        if gaps:
            return Verdict(Truth.UNKNOWN, (), (), gaps)
        return Verdict(Truth.MET, (registered,), (self._records.silence(key, subject),))

    def overdue(self, key: str, days: int, subject: Subject) -> Verdict:
        """A row past its day, and none done: a check that was done late, or under another row, is not overdue."""
        due_rows = self._due_rows(key, subject)
        known = [row for row, passes, _, _ in self._judged(due_rows, key, days) if passes is Truth.MET]
        if not self._has_due_row(key, subject):
            return Verdict(Truth.UNKNOWN, gaps=self._no_due_row(key, subject))
        late = kleene.any_of(_late(passes, is_late) for _, passes, is_late, _ in self._judged(due_rows, key, days))
        done = self._any_done(key, subject)
        truth = late & ~done
        evidence = tuple(Evidence(subject.who, key, row) for row in known)
        gaps = self._open_due_rows(key, subject, days) if truth is Truth.UNKNOWN else ()
        return Verdict(truth, evidence, (), gaps)

    def done(self, key: str, subject: Subject) -> Verdict:
        """Whether what is due has been done by the day, however late; without a due row unknown."""
        if not self._has_due_row(key, subject):
            return Verdict(Truth.UNKNOWN, gaps=self._no_due_row(key, subject))
        truth = self._any_done(key, subject)
        rows = [row for row, passes, _, _ in self._judged(self._due_rows(key, subject), key, 1) if passes is Truth.MET]
        gaps = self._open_due_rows(key, subject, 1) if truth is Truth.UNKNOWN else ()
        return Verdict(truth, tuple(Evidence(subject.who, key, row) for row in rows), (), gaps)

    def _open_due_rows(self, key: str, subject: Subject, days: int) -> tuple[Gap, ...]:
        judged = self._judged(self._due_rows(key, subject), key, days)
        rows = [row for row, p, late, done in judged if Truth.UNKNOWN in (p, done) or late is None]
        return self._records.lack(key, subject, rows, "doubtful")

    def _no_due_row(self, key: str, subject: Subject) -> tuple[Gap, ...]:
        rows = [
            row for row, *_ in self._judged(self._due_rows(key, subject), key, 1) if self._records.unknown_in(key, row)
        ]
        return self._records.lack(key, subject, rows, "doubtful") or (self._records.gap(key, subject, "no_due_row"),)

    def _due_rows(self, key: str, subject: Subject) -> tuple[Row, ...]:
        item, _ = self._records.item(key)
        return subject.rows.get(item.record, ())

    def _judged(self, rows: Iterable[Row], key: str, days: int) -> list[tuple[Row, Truth, bool | None, Truth]]:
        """Each row that may be of this item: does it pass, is it late (None: day unknown), is it done.

        A blank day of doing says that it was not done, an unknown one that it may have been.
        """
        item, _ = self._records.item(key)
        assert item.due is not None
        assert item.done is not None
        result: list[tuple[Row, Truth, bool | None, Truth]] = []
        for row in rows:
            passes = self._records.passes(row, item)
            if passes is Truth.NOT_MET:
                continue
            due, done = day_of(row, item.due), day_of(row, item.done)
            late = None if due is None else due + timedelta(days=days) <= self._records.as_of
            undone = Truth.UNKNOWN if item.done in row.unknown else Truth.NOT_MET
            result.append((row, passes, late, undone if done is None else kleene.of(done <= self._records.as_of)))
        return result

    def _has_due_row(self, key: str, subject: Subject) -> bool:
        judged = self._judged(self._due_rows(key, subject), key, 1)
        return any(p is Truth.MET and (late is not None or done is Truth.MET) for _, p, late, done in judged)

    def _any_done(self, key: str, subject: Subject) -> Truth:
        judged = self._judged(self._due_rows(key, subject), key, 1)
        return kleene.any_of(passes & done for _, passes, _, done in judged)


def _late(passes: Truth, late: bool | None) -> Truth:
    return passes & (Truth.UNKNOWN if late is None else kleene.of(late))
