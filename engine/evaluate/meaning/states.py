"""States: what holds on the day. Of several records the newest decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from engine.evaluate.meaning.records import Records, day_of
from engine.evaluate.meaning.values import within
from engine.evaluate.meaning.verdict import Subject, Verdict
from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.records.household import Row, Value
from engine.records.vocabulary import RecordKind
from engine.rulebook.language import syntax as s


class States:
    """年齢, 学年, 区分, 順序区分, 数 and 有無 of one subject."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def compare(self, key: str, bounds: tuple[s.Bound, ...], subject: Subject) -> Verdict:
        """Whether the age in years, the grade or the value that holds on the day lies within the bounds."""
        item = self._records.vocabulary.items[key]
        if item.kind not in ("年齢", "学年"):
            return self.state(key, subject, lambda row: within(self._records.cell(key, row), bounds, item.values))
        assert subject.person is not None
        age, grade = subject.person.age_years, subject.person.school_grade
        number = age if item.kind == "年齢" else grade
        if number is None:
            return Verdict(Truth.UNKNOWN, gaps=(self._records.gap(key, subject, "no_birth_date"),))
        value: Value = number
        if item.kind == "学年":
            # Before school and after 高3 there is no step of the scale, so that no comparison holds.
            value = item.values[number - 1] if 1 <= number <= len(item.values) else ""
        return Verdict(within(value, bounds, item.values), (self._records.registered(key, subject),))

    def state(self, key: str, subject: Subject, test: Callable[[Row], Truth]) -> Verdict:
        """The newest record that holds on the day decides; none: "no" if the source covers the subject."""
        item, kind = self._records.item(key)
        valid = kind.valid
        start = valid.start if valid else None
        definite: list[Row] = []
        doubtful: list[Row] = []
        for row in subject.rows.get(item.record, ()):
            holds = kleene.all_of((self._records.passes(row, item), holds_on(row, kind, self._records.as_of)))
            if holds is not Truth.NOT_MET:
                (definite if holds is Truth.MET else doubtful).append(row)
        silence_known = kind.source in subject.covered_from
        gaps = () if silence_known else (self._records.gap(key, subject, "not_covered"),)
        return self._records.newest(key, subject, definite, doubtful, start, test, gaps)


def holds_on(row: Row, kind: RecordKind, day: date) -> Truth:
    """Whether a state record is valid on a day; a record without validity columns holds at its delivery.

    A blank end is no end; after an unknown end nobody knows whether it still holds.
    """
    if kind.valid is None:
        return Truth.MET
    start = day_of(row, kind.valid.start)
    end = day_of(row, kind.valid.end) if kind.valid.end else None
    begun = Truth.UNKNOWN if start is None else kleene.of(start <= day)
    lasting = Truth.UNKNOWN if kind.valid.end in row.unknown else kleene.of(end is None or end >= day)
    return begun & lasting
