"""One child with its household as it was known at an as-of day: the input of the reference evaluator.

Built only for few children (those listed, in-file examples, tests); in bulk the same records stay in tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Value = str | int | date | None
"""A cleansed cell. None: the record exists, but this cell is blank; or unknown, if `Row.unknown` names it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: one line of one delivered file, cleansed. `file_no` indexes the run's deliveries.

    `unknown` names the columns in which something was written that does not tell the value (令和8年春, 不詳): a blank day
    may say that nothing happened, an unknown one never does.
    """

    record: str
    values: Mapping[str, Value]
    file_no: int = 0
    line: int = 0
    unknown: frozenset[str] = frozenset()

    @property
    def order(self) -> tuple[int, int]:
        """A total order among rows of equal date: later file, then later line, is the newer."""
        return (self.file_no, self.line)

    @property
    def fact_id(self) -> str:
        """Names the record within a run, for every engine: `<record>/<file_no>/<line>`."""
        return f"{self.record}/{self.file_no}/{self.line}"


@dataclass(frozen=True, slots=True)
class Person:
    """A child or a member of its household.

    `relations` are as seen from the child ("母", "きょうだい" …; every member is also 世帯員; the child has none).
    `age_years`, `school_grade` and `born_on` are None when the birth date is unknown. `covered_from` holds, for each source that
    covers the person and has arrived, the first day for which "no row" means "no"; other sources are absent.
    """

    key: str
    relations: frozenset[str] = frozenset()
    age_years: int | None = None
    school_grade: int | None = None
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    covered_from: Mapping[str, date] = field(default_factory=dict)
    born_on: date | None = None


@dataclass(frozen=True, slots=True)
class Household:
    """A child, the other members, and the household's own records (water bills), as of a day.

    `periods` lists, per periodic record kind, the period ends that the source has delivered up to the as-of day.
    """

    key: str
    as_of: date
    child: Person
    members: tuple[Person, ...] = ()
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    covered_from: Mapping[str, date] = field(default_factory=dict)
    periods: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
