"""One child's household as facts for the engine, and the way back from a fact's number to the record and whose it is.

Only what some sentence can look at becomes a fact. Days are told as their ordinals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.records.household import Household, Person, Row, Value
from engine.records.vocabulary import RELATIONS
from engine.replay.meaning.asked import (
    CHILD,
    COVERAGE,
    HOUSEHOLD,
    PERSON,
    RESIDENT,
    Asked,
    Column,
    value_field,
)
from engine.replay.process.outcome import Matches
from engine.replay.process.subset import TypedFact

AGE, GRADE, BORN = "age", "grade", "born"


class Seen:
    """One fact with what the engine said of its cells: `read` is column → class. A word for which nobody asked is in no class."""

    __slots__ = ("fact_id", "order", "read", "row")

    def __init__(self, row: Row | None = None) -> None:
        self.row = row
        self.read: dict[str, int] = {}
        self.fact_id = row.fact_id if row else ""
        self.order = row.order if row else (0, 0)

    def day(self, column: str) -> date | None:
        """The day in a column; None if blank or unknown."""
        day = self.row.values.get(column) if self.row else None
        return day if isinstance(day, date) else None


class Subject:
    """A person, or the household as the subject of its own records: what the engine saw of it."""

    __slots__ = ("_registered", "cache", "coverage", "covered_from", "person", "rows", "seen")

    def __init__(self, person: Person | None, covered_from: Mapping[str, date]) -> None:
        self.person = person
        self.covered_from = covered_from
        self.seen, self.coverage = Seen(), Seen()
        self.rows: dict[str, list[Seen]] = {}
        self.cache: dict[int, Any] = {}
        """What was worked out already, by slot."""
        self._registered: frozenset[str] | None = None

    @property
    def registered(self) -> frozenset[str]:
        """The newest entry in the register of residents: the record that tells age, grade and that the person is there."""
        if self._registered is None:
            entry = max(self.rows.get(RESIDENT, ()), key=lambda seen: seen.order, default=None)
            self._registered = frozenset((entry.fact_id,) if entry else ())
        return self._registered


class Seeing:
    """One child while it is replayed: its subjects, and the facts told of them in the order of their numbers."""

    def __init__(self, household: Household, asked: Asked, by_kind: Mapping[str, tuple[Column, ...]]) -> None:
        self.facts: list[TypedFact] = []
        self._seen: list[Seen] = []
        self._asked, self._by_kind = asked, by_kind
        self.periods = household.periods
        self.child = self._subject(household.child, household.child.rows, household.child.covered_from, {CHILD})
        self.household = self._subject(None, household.rows, household.covered_from, {HOUSEHOLD})
        self.members = [self._subject(m, m.rows, m.covered_from, m.relations) for m in household.members]

    def take(self, matches: Matches, classes: Mapping[str, tuple[str, int]]) -> None:
        """Note at each fact what the engine said of it."""
        seen = self._seen
        for rule, numbers in matches.items():
            told = classes.get(rule)
            if told is None:  # a kind without cells: that it is there
                continue
            column, code = told
            for number in numbers:
                seen[number].read[column] = code

    def _subject(
        self,
        person: Person | None,
        rows: Mapping[str, Iterable[Row]],
        covered_from: Mapping[str, date],
        whose: Iterable[str],
    ) -> Subject:
        subject = Subject(person, covered_from)
        who = frozenset(whose)
        if person is not None:
            self._tell(PERSON, subject.seen, _of_person(person))
        sources = {
            value_field(source): day.toordinal()
            for source, day in covered_from.items()
            if not who.isdisjoint(self._asked.sources.get(source, ()))
        }
        if sources:
            self._tell(COVERAGE, subject.coverage, sources)
        for record, asked_of in self._asked.looked_at.items():
            if record in rows and not who.isdisjoint(asked_of):
                columns = self._by_kind.get(record, ())
                its = subject.rows[record] = [Seen(row) for row in rows[record]]
                for seen in its:
                    assert seen.row is not None
                    self._tell(record, seen, _of_row(seen.row, columns))
        return subject

    def _tell(self, kind: str, seen: Seen, fields: Mapping[str, int | str]) -> None:
        self.facts.append(TypedFact(len(self._seen), kind, fields))
        self._seen.append(seen)


def _of_person(person: Person) -> dict[str, int | str]:
    fields: dict[str, int | str] = {value_field(kin_column(relation)): 1 for relation in person.relations}
    for name, number in ((AGE, person.age_years), (GRADE, person.school_grade)):
        if number is not None:
            fields[value_field(name)] = number
    if person.born_on is not None:
        fields[value_field(BORN)] = person.born_on.toordinal()
    return fields


def _of_row(row: Row, columns: Iterable[Column]) -> dict[str, int | str]:
    fields: dict[str, int | str] = {}
    for column in columns:
        told, blank, unknown = column.fields
        value: Value = row.values.get(column.name)
        if value is None:
            fields[unknown if column.name in row.unknown else blank] = 1
        else:
            fields[told] = value.toordinal() if isinstance(value, date) else value
    return fields


def kin_column(relation: str) -> str:
    """The column of a person that is there if the person has a relation to the child."""
    return f"kin{RELATIONS.index(relation)}"
