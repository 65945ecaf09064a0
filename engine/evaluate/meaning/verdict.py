"""What the reference interpreter says about one sentence: its truth, and everything needed to explain it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from engine.kernel.truth import Truth
from engine.records.answer import Answer
from engine.records.case import LackReason
from engine.records.household import Household, Person, Row

GapReason = LackReason


@dataclass(frozen=True)
class Subject:
    """Whom records are looked up for: the child (本人), a member (by relation) or the household (世帯)."""

    who: str
    person: Person | None
    rows: Mapping[str, tuple[Row, ...]]
    covered_from: Mapping[str, date]


@dataclass(frozen=True)
class Evidence:
    """A record that decided a sentence, seen through an item. `row` None: the register has no row at hand.

    Age and grade are given where the item is 年齢 or 学年, which are no cells of a record.
    """

    who: str
    item: str
    row: Row | None
    age_years: int | None = None
    school_grade: int | None = None


@dataclass(frozen=True)
class Gap:
    """Why something is not known: source, about whom, and what is lacking.

    `periods`: ends of missing periods; `columns`: the record's columns in which the delivery says 不詳.
    """

    who: str
    source: str
    item: str
    reason: GapReason
    periods: tuple[date, ...] = ()
    covered_from: date | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Silence:
    """A source that would show a record if there were one: it makes an absence mean "no"."""

    who: str
    source: str
    item: str


@dataclass(frozen=True)
class Verdict:
    """The truth of a sentence with the records that decided it, the silences it rests on, and what is lacking."""

    truth: Truth
    evidence: tuple[Evidence, ...] = ()
    silences: tuple[Silence, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def answer(self) -> Answer:
        """The truth and the ids of the records that decided it, to be compared with another engine's."""
        return Answer(self.truth, frozenset(e.row.fact_id for e in self.evidence if e.row is not None))

    def __invert__(self) -> Verdict:
        return Verdict(~self.truth, self.evidence, self.silences, self.gaps)


def combine(truth: Truth, verdicts: list[Verdict]) -> Verdict:
    """One verdict of several, keeping of each only what bears on `truth`."""
    bearing = [v for v in verdicts if v.truth is truth] or verdicts
    return Verdict(
        truth,
        tuple(_once(e for v in bearing for e in v.evidence)),
        tuple(dict.fromkeys(s for v in bearing for s in v.silences)),
        tuple(dict.fromkeys(g for v in bearing for g in v.gaps)),
    )


def _once(evidence: Iterable[Evidence]) -> list[Evidence]:
    kept: list[Evidence] = []  # a Row holds a mapping and so has no hash
    for one in evidence:
        if one not in kept:
            kept.append(one)
    return kept


def child_of(household: Household) -> Subject:
    """The child itself (本人)."""
    return subject_of("本人", household.child)


def subject_of(who: str, person: Person) -> Subject:
    """A person, called by what it is to the child."""
    return Subject(who, person, person.rows, person.covered_from)


def household_subject(household: Household) -> Subject:
    """The household as the subject of its own records."""
    return Subject("世帯", None, household.rows, household.covered_from)
