"""Past cases of the council and what came of them: read from the facts of today, for households that may be shown to anyone who reads a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from engine.records.vocabulary import Item, RecordKind
from engine.store.tables import Snapshot

LONG_OPEN_DAYS = 183
"""A case that has been open for so long has a course that can be told, though no end."""


@dataclass(frozen=True, slots=True)
class PastCase:
    """One child's case that is closed, or has been open for long. `closed_on` is None while it is open. Cells that the register leaves blank are empty."""

    child_key: str
    household_key: str
    registered_on: date
    closed_on: date | None
    closed_reason: str
    kind: str
    abuse_kind: str
    severity: str
    lead_agency: str


@dataclass(frozen=True)
class Support:
    """Help that a household began to use, or was given, while the case was open: the item's label, first day, how often (0 for a state)."""

    label: str
    first_on: date
    times: int


@dataclass(frozen=True)
class Course:
    """What is recorded of a household while the case was open: consultations by topic and by response, support begun."""

    topics: Mapping[str, int]
    responses: Mapping[str, int]
    supports: tuple[Support, ...]


def past_cases(snapshot: Snapshot, hidden: Collection[str] = ()) -> tuple[PastCase, ...]:
    """The cases that may be told of: `registered_cases` but those opened only lately, which have no course yet."""
    opened_by = snapshot.as_of - timedelta(days=LONG_OPEN_DAYS)
    every = registered_cases(snapshot, hidden)
    return tuple(case for case in every if case.closed_on is not None or case.registered_on <= opened_by)


def registered_cases(snapshot: Snapshot, hidden: Collection[str] = ()) -> tuple[PastCase, ...]:
    """Cases of children who are resident today, by child; of several of one child the last.

    Left out are protected households (DV等支援措置) and `hidden` ones, given by the key of the household or of any of its members, entirely and also where
    only a sibling was registered. Left out too are cases without a day of registration.
    """
    rows = snapshot.connection.execute(
        """
        SELECT r.subject_key, p.household_key, r.registered_on, r.closed_on, r.closed_reason, r.council_kind, r.abuse_kind, r.severity, r.lead_agency
        FROM rec_council_case r JOIN person p ON p.person_key = r.subject_key JOIN household h ON h.household_key = p.household_key
        WHERE p.is_child AND NOT h.protected AND r.registered_on <= $as_of
        ORDER BY r.subject_key, r.registered_on, r.file_no, r.line
        """,
        {"as_of": snapshot.as_of},
    ).fetchall()
    closed_to_all = households_of(snapshot, hidden)
    last: dict[str, PastCase] = {}
    for child, household, registered_on, closed_on, *cells in rows:
        if household in closed_to_all:
            continue
        ended = closed_on if closed_on is not None and closed_on <= snapshot.as_of else None
        if ended is not None and ended < registered_on:
            continue
        last[child] = PastCase(
            child, household, registered_on, ended, *("" if cell is None else cell for cell in cells)
        )
    return tuple(last.values())


def closed_households(cases: Iterable[PastCase]) -> int:
    """Households of which at least one case is closed: siblings' cases count as one."""
    return len({case.household_key for case in cases if case.closed_on is not None})


def courses_of(snapshot: Snapshot, cases: Collection[PastCase]) -> dict[str, Course]:
    """The course of each case by child key: what is recorded of any member of its household between registration and closing (or today).

    A case that is given twice, because it is like two children of today, is told once.
    """
    cases = tuple({case.child_key: case for case in cases}.values())
    span = {case.child_key: (case.registered_on, case.closed_on or snapshot.as_of) for case in cases}
    members = _members_of(snapshot, {case.household_key for case in cases})
    topics: dict[str, Counter[str]] = {key: Counter() for key in span}
    responses: dict[str, Counter[str]] = {key: Counter() for key in span}
    supports: dict[str, list[Support]] = {key: [] for key in span}
    everyone = {person for people in members.values() for person in people}
    consultations = _rows(snapshot, "consultation", "consulted_on", ("topic", "response"), everyone)
    begun = {
        item.label: _rows(snapshot, item.record, day, tuple(item.filters), everyone)
        for item, day in _support_items(snapshot)
    }
    filters = {item.label: item.filters for item, _ in _support_items(snapshot)}
    events = {item.label for item, _ in _support_items(snapshot) if item.kind == "出来事"}
    for case in cases:
        first, until = span[case.child_key]
        subjects = members[case.household_key]
        for person in sorted(subjects):
            for on, topic, response in consultations.get(person, ()):
                if first <= on <= until:
                    topics[case.child_key][topic or "記載なし"] += 1
                    responses[case.child_key][response or "記載なし"] += 1
        for label, rows in begun.items():
            wanted = filters[label].items()
            days = sorted(
                on
                for person in subjects
                for on, *cells in rows.get(person, ())
                if first <= on <= until and all(cell in values for cell, (_, values) in zip(cells, wanted, strict=True))
            )
            if days:
                supports[case.child_key].append(Support(label, days[0], len(days) if label in events else 0))
    return {
        key: Course(topics[key], responses[key], tuple(sorted(supports[key], key=lambda s: (s.first_on, s.label))))
        for key in span
    }


def _support_items(snapshot: Snapshot) -> Iterator[tuple[Item, str]]:
    """Permitted items that mean support, each with the column that says when it began; consultations are told apart."""
    vocabulary = snapshot.vocabulary
    for item in vocabulary.items.values():
        kind = vocabulary.records[item.record]
        told = item.support and item.permission == kind.permission == "許可" and item.record != "consultation"
        if told and (day := item.date or _beginning(kind)) is not None:
            yield item, day


def _beginning(kind: RecordKind) -> str | None:
    if kind.valid is not None:
        return kind.valid.start
    dates = [name for name, column in kind.columns.items() if column.type == "日付"]
    return kind.date or (dates[0] if len(dates) == 1 else None)


def _rows(
    snapshot: Snapshot, record: str, day: str, columns: tuple[str, ...], subjects: Collection[str]
) -> dict[str, list[tuple[Any, ...]]]:
    cells = "".join(f', "{column}"' for column in columns)
    found: dict[str, list[tuple[Any, ...]]] = {}
    for subject, *row in snapshot.connection.execute(
        f'SELECT subject_key, "{day}"{cells} FROM "rec_{record}" WHERE "{day}" IS NOT NULL'
        " AND subject_key IN (SELECT unnest(string_split($keys, ' '))) ORDER BY ALL",
        {"keys": " ".join(sorted(subjects))},
    ).fetchall():
        found.setdefault(subject, []).append(tuple(row))
    return found


def _members_of(snapshot: Snapshot, households: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {household: set() for household in households}
    for household, person in snapshot.connection.execute(
        "SELECT household_key, person_key FROM person WHERE household_key IN (SELECT unnest(string_split($keys, ' ')))",
        {"keys": " ".join(sorted(households))},
    ).fetchall():
        found[household].add(person)
    return found


def households_of(snapshot: Snapshot, keys: Collection[str]) -> frozenset[str]:
    """Households that are among the keys or have a member among them, whoever of them is protected in whichever list."""
    found = snapshot.connection.execute(
        "SELECT DISTINCT household_key FROM person WHERE person_key IN (SELECT unnest(string_split($keys, ' ')))"
        " OR household_key IN (SELECT unnest(string_split($keys, ' ')))",
        {"keys": " ".join(sorted(keys))},
    ).fetchall()
    return frozenset(household for (household,) in found)
