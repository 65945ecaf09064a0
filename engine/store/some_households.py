"""A snapshot of a few households out of one of a whole city, so that what is worked out day by day for them takes no time."""

from __future__ import annotations

from collections.abc import Collection

from engine.store.tables import Snapshot, connect, create_table, lock

_BY_HOUSEHOLD = ("person", "household")
_WHOLE = ("delivered_period", "delivery")


def some_households(snapshot: Snapshot, household_keys: Collection[str], *, memory_limit: str = "1GB") -> Snapshot:
    """The same day, deliveries and sources, with the residents of these households, their kin, records and coverage only.

    Every table is as in the whole snapshot for whom it still speaks of, so that conditions and features of a child come out the same. Close it apart from
    the snapshot that it was made from.
    """
    keys = " ".join(sorted(set(household_keys)))
    within = "IN (SELECT unnest(string_split($keys, ' ')))"
    people = f"(SELECT person_key FROM person WHERE household_key {within})"
    subject = f"(subject_key {within} OR subject_key IN {people})"
    chosen = {name: f"household_key {within}" for name in _BY_HOUSEHOLD}
    chosen |= {"kin": f"child_key IN {people}", "coverage": subject}
    chosen |= {f"rec_{record}": subject for record in snapshot.vocabulary.records}
    connection = connect(1, memory_limit)
    for name, condition in chosen.items():
        rows = snapshot.connection.execute(f'SELECT * FROM "{name}" WHERE {condition}', {"keys": keys})
        create_table(connection, name, rows.to_arrow_table())
    for name in _WHOLE:
        create_table(connection, name, snapshot.connection.execute(f'SELECT * FROM "{name}"').to_arrow_table())
    lock(connection)
    return Snapshot(connection, snapshot.as_of, snapshot.vocabulary, snapshot.deliveries, snapshot.sources)
