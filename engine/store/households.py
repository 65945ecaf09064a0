"""Households as objects, read from a snapshot: for the few children who are listed, explained or replayed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.records.household import Household, Person, Row
from engine.records.vocabulary import Vocabulary
from engine.store.tables import Snapshot, sort_column

_RowsByKind = Mapping[str, tuple[Row, ...]]


def load_households(snapshot: Snapshot, child_keys: Iterable[str]) -> dict[str, Household]:
    """The household of each child by child key, exactly as the snapshot's tables describe it.

    Rows are ordered by (date, file_no, line), a row without date first; record kinds without rows, sources that do not
    cover and periodic kinds without a period are absent. Members are ordered by key. A key that is no person of the
    snapshot raises KeyError.
    """
    wanted = sorted(set(child_keys))
    kin = _fetch(
        snapshot,
        "SELECT child_key, member_key, relation FROM kin WHERE child_key IN (SELECT unnest(string_split($keys, ' ')))"
        " ORDER BY child_key, member_key, relation",
        wanted,
    )
    relations: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for child, member, relation in kin:
        relations[child][member].add(relation)
    everyone = sorted({*wanted, *(member for _, member, _ in kin)})
    people: dict[str, tuple[str, int | None, int | None, date | None]] = {
        key: (household, age, grade, born_on)
        for key, household, age, grade, born_on in _fetch(
            snapshot,
            "SELECT person_key, household_key, age_years, school_grade, born_on FROM person"
            " WHERE person_key IN (SELECT unnest(string_split($keys, ' '))) ORDER BY person_key",
            everyone,
        )
    }
    if missing := [key for key in wanted if key not in people]:
        raise KeyError(missing[0])
    subjects = sorted({*everyone, *(people[key][0] for key in wanted)})
    rows = _rows_by_subject(snapshot, subjects)
    covered: dict[str, dict[str, date]] = defaultdict(dict)
    for key, source, covered_from in _fetch(
        snapshot,
        "SELECT subject_key, source, covered_from FROM coverage WHERE subject_key IN (SELECT unnest(string_split($keys, ' ')))"
        " ORDER BY subject_key, source",
        subjects,
    ):
        covered[key][source] = covered_from
    periods: dict[str, tuple[date, ...]] = {}
    for record, end in snapshot.connection.execute(
        "SELECT record, period_end FROM delivered_period ORDER BY record, period_end"
    ).fetchall():
        periods[record] = (*periods.get(record, ()), end)

    def person(key: str, as_seen: frozenset[str] = frozenset()) -> Person:
        _, age, grade, born_on = people[key]
        return Person(key, as_seen, age, grade, rows.get(key, {}), covered.get(key, {}), born_on)

    found: dict[str, Household] = {}
    for key in wanted:
        household = people[key][0]
        members = tuple(person(member, frozenset(seen)) for member, seen in sorted(relations[key].items()))
        found[key] = Household(
            household,
            snapshot.as_of,
            person(key),
            members,
            rows.get(household, {}),
            covered.get(household, {}),
            periods,
        )
    return found


def _rows_by_subject(snapshot: Snapshot, subjects: list[str]) -> dict[str, _RowsByKind]:
    found: dict[str, dict[str, tuple[Row, ...]]] = defaultdict(dict)
    for record, query in _record_queries(snapshot.vocabulary):
        columns = tuple(snapshot.vocabulary.records[record].columns)
        grouped: dict[str, list[Row]] = defaultdict(list)
        for subject, file_no, line, unknown, *values in _fetch(snapshot, query, subjects):
            cells = dict(zip(columns, values, strict=True))
            names = frozenset(unknown.split(",")) if unknown else frozenset()
            grouped[subject].append(Row(record, cells, file_no, line, names))
        for subject, its_rows in grouped.items():
            found[subject][record] = tuple(its_rows)
    return dict(found)


def _record_queries(vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    for record, kind in vocabulary.records.items():
        columns = ", ".join(f'"{name}"' for name in kind.columns)
        dated = sort_column(kind)
        order = f'"{dated}" NULLS FIRST, file_no, line' if dated else "file_no, line"
        yield (
            record,
            f'SELECT subject_key, file_no, line, unknown_cells, {columns} FROM "rec_{record}"'
            f" WHERE subject_key IN (SELECT unnest(string_split($keys, ' '))) ORDER BY subject_key, {order}",
        )


def _fetch(snapshot: Snapshot, query: str, keys: list[str]) -> list[tuple[Any, ...]]:
    # One text instead of a list: a list parameter is converted value by value, which takes longer than the query.
    return snapshot.connection.execute(query, {"keys": " ".join(keys)}).fetchall()
