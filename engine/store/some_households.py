"""A snapshot of a few households out of one of a whole city, so that what is worked out day by day for them takes no time."""

from __future__ import annotations

from collections.abc import Collection

from engine.records.vocabulary import RecordKind
from engine.store.tables import Snapshot, connect, create_table, lock, pack

NOBODY = ""
"""Subject of the rows that stand for the city as a whole: its key is nobody's."""


def some_households(snapshot: Snapshot, household_keys: Collection[str], *, memory_limit: str = "1GB") -> Snapshot:
    """The same day, deliveries and sources, with the residents of these households, their kin, records and coverage only.

    Conditions and features of a child come out as in the whole snapshot, on its day and on any day before (`backdated`). For that, one record of nobody is kept
    for each period that was delivered, and for the first day of which a kind of record tells: both are matters of the city, not of a household.
    Close it apart from the snapshot that it was made from.
    """
    source = snapshot.connection
    names = {name for (name,) in source.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    keys = " ".join(sorted(set(household_keys)))
    households = "(SELECT unnest(string_split($keys, ' ')))"
    people = f"(SELECT person_key FROM person WHERE household_key IN {households})"
    subject = f"subject_key IN (FROM {people} UNION ALL FROM {households})"
    chosen = dict.fromkeys(("person", "household"), f"household_key IN {households}")
    chosen |= {"kin": f"child_key IN {people}", "coverage": subject}
    if "residence" in names:
        chosen["residence"] = f"person_key IN {people}"
    chosen |= {name: subject for name in names if name.startswith("held_")}
    connection = connect(1, memory_limit)
    try:
        for name in ("delivery", "delivered_period"):
            create_table(connection, name, source.execute(f'SELECT * FROM "{name}"').to_arrow_table())
        for name, condition in sorted(chosen.items()):
            found = source.execute(f'SELECT * FROM "{name}" WHERE {condition}', {"keys": keys})
            create_table(connection, name, found.to_arrow_table())
        for record, kind in snapshot.vocabulary.records.items():
            query = f'SELECT * FROM "rec_{record}" WHERE {subject}{_of_the_city(record, kind)}'
            create_table(connection, f"rec_{record}", source.execute(query, {"keys": keys}).to_arrow_table())
        pack(connection)
        lock(connection)
    except BaseException:
        connection.close()
        raise
    return Snapshot(connection, snapshot.as_of, snapshot.vocabulary, snapshot.deliveries, snapshot.sources)


def _of_the_city(record: str, kind: RecordKind) -> str:
    """A row of nobody, with its date only, for each period, or for the first day of all."""
    if kind.date is None:
        return ""
    cells = [f'{"day" if name == kind.date else "NULL"} AS "{name}"' for name in kind.columns]
    days = f'SELECT DISTINCT "{kind.date}" AS day' if kind.period else f'SELECT min("{kind.date}") AS day'
    columns = ", ".join([f"'{NOBODY}' AS subject_key", *cells, "0 AS file_no", "0 AS line", "NULL AS unknown_cells"])
    return f' UNION ALL SELECT {columns} FROM ({days} FROM "rec_{record}") WHERE day IS NOT NULL'
