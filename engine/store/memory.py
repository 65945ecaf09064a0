"""A snapshot made from `Household` objects, for comparing evaluators on the very same facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from engine.records.household import Household, Person, Row
from engine.records.vocabulary import Vocabulary
from engine.store.tables import FIXED_TABLES, Snapshot, UsedDelivery, connect, create_from_rows, lock, record_schema

_Rows = dict[str, list[dict[str, object]]]


def snapshot_of(
    households: Sequence[Household], vocabulary: Vocabulary, *, threads: int | None = 1, memory_limit: str = "1GB"
) -> Snapshot:
    """The same tables as a stored snapshot, filled with the given households.

    Several children may share a household (equal `key`): a person who appears twice must be described equally, apart
    from the relations. All households must agree on the as-of day and on the delivered periods, because a snapshot
    has one of each. Sex is not part of a `Household`, so `person.sex` is null; `is_child` holds for each household's
    child (also when its age is unknown) and for everyone below 18.

    Raises ValueError where the objects contradict each other, use a column that the register does not have, or name a
    cell unknown that has a value.
    """
    if not households:
        raise ValueError("a snapshot needs at least one household")
    as_of, periods = households[0].as_of, households[0].periods
    if any(h.as_of != as_of or dict(h.periods) != dict(periods) for h in households):
        raise ValueError("households of one snapshot must agree on the as-of day and the delivered periods")
    people: dict[str, tuple[str, Person]] = {}
    shared: dict[str, tuple[Mapping[str, tuple[Row, ...]], Mapping[str, date]]] = {}
    kin: list[dict[str, object]] = []
    children: set[str] = set()
    for household in households:
        if household.child.key in children:
            raise ValueError(f"the child {household.child.key} is given twice")
        children.add(household.child.key)
        if shared.setdefault(household.key, (household.rows, household.covered_from)) != (
            household.rows,
            household.covered_from,
        ):
            raise ValueError(f"two descriptions of the household {household.key}")
        for person in (household.child, *household.members):
            before = people.setdefault(person.key, (household.key, person))
            if before[0] != household.key or _facts(before[1]) != _facts(person):
                raise ValueError(f"two descriptions of the person {person.key}")
        for member in household.members:
            if "世帯員" not in member.relations:
                raise ValueError(f"the member {member.key} lacks the relation 世帯員")
            kin += [
                {"child_key": household.child.key, "member_key": member.key, "relation": relation}
                for relation in sorted(member.relations)
            ]
    tables: _Rows = {name: [] for name in FIXED_TABLES}
    tables["kin"] = kin
    for key, (household_key, person) in people.items():
        age = person.age_years
        is_child = key in children or (age is not None and age < 18)
        tables["person"].append(
            {
                "person_key": key,
                "household_key": household_key,
                "born_on": person.born_on,
                "age_years": age,
                "school_grade": person.school_grade,
                "is_child": is_child if is_child or age is not None else None,
            }
        )
        tables["coverage"] += _coverage(key, person.covered_from)
    for key, (_, covered) in shared.items():
        tables["coverage"] += _coverage(key, covered)
        tables["household"].append({"household_key": key, "protected": False})
    tables["delivered_period"] = [
        {"record": record, "period_end": end} for record, ends in periods.items() for end in ends
    ]
    records: _Rows = {record: [] for record in vocabulary.records}
    used: set[tuple[int, str]] = set()
    owners = [(key, person.rows) for key, (_, person) in people.items()] + [
        (k, rows) for k, (rows, _) in shared.items()
    ]
    for key, by_kind in owners:
        for record, rows in by_kind.items():
            columns = vocabulary.records[record].columns
            for row in rows:
                if unknown := sorted(set(row.values) - set(columns)):
                    raise ValueError(f"the record kind {record} has no column {unknown[0]}")
                if filled := sorted(n for n in row.unknown if n not in columns or row.values.get(n) is not None):
                    raise ValueError(f"the cell {filled[0]} of the record kind {record} cannot be unknown")
                cells = {"subject_key": key, **row.values, "file_no": row.file_no, "line": row.line}
                records[record].append({**cells, "unknown_cells": ",".join(sorted(row.unknown)) or None})
                used.add((row.file_no, vocabulary.records[record].source))
    deliveries = tuple(UsedDelivery(no, source, f"{source}-{no}", "", as_of) for no, source in sorted(used))
    tables["delivery"] = [
        {"file_no": d.file_no, "source": d.source, "file": d.file, "sha256": d.sha256, "as_of": d.as_of}
        for d in deliveries
    ]
    connection = connect(threads, memory_limit)
    for name, schema in FIXED_TABLES.items():
        create_from_rows(connection, name, schema, tables[name])
    for record, kind in vocabulary.records.items():
        create_from_rows(connection, f"rec_{record}", record_schema(kind), records[record])
    lock(connection)
    return Snapshot(connection, as_of, vocabulary, deliveries)


def _facts(person: Person) -> tuple[object, ...]:
    return (person.age_years, person.school_grade, person.born_on, dict(person.rows), dict(person.covered_from))


def _coverage(key: str, covered_from: Mapping[str, date]) -> list[dict[str, object]]:
    return [{"subject_key": key, "source": s, "covered_from": day} for s, day in covered_from.items()]
