"""The same deliveries as if nothing had happened after a day, or as if some children's own records of a kind did not exist: for the leak guard to recompute.

Made by other means than `engine.store.backdated`, whose work is checked with it: here rows go and cells are emptied before anything is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import duckdb
import numpy as np

from engine.records.vocabulary import RecordKind, Vocabulary
from engine.store.tables import Snapshot, connect, create_table, lock, sort_column
from ml_overlay.features.feature import Texts

_RECORD = "rec_"


def without_later(snapshot: Snapshot, day: date) -> Snapshot:
    """A copy of a snapshot from which everything dated after a day is gone, of the same as-of day; only good for being looked back from to that day.

    Rows that happened or began later, and people who were born or became residents later, are gone; later dates in other rows are empty, and so is what a
    check that was made later found. Close it after use; the snapshot stays as it is.
    """
    after = f"> DATE '{day.isoformat()}'"
    changes: dict[str, str] = {
        "residence": f"SELECT * FROM t WHERE NOT coalesce(became_resident_on {after}, false)",
        "delivered_period": f"SELECT * FROM t WHERE NOT period_end {after}",
    }
    for record, kind in snapshot.vocabulary.records.items():
        changes[f"{_RECORD}{record}"] = _records_without_later(record, kind, snapshot.vocabulary, after)
    gone = f"SELECT person_key FROM t WHERE born_on {after}"
    copy = _changed_copy(snapshot, changes, {})
    try:
        late = {key for (key,) in copy.connection.execute(gone.replace("FROM t", "FROM person")).fetchall()}
        _forget(copy.connection, late)
        lock(copy.connection)
    except BaseException:
        copy.close()
        raise
    return copy


def without_own_records(snapshot: Snapshot, records: Collection[str], children: Texts) -> Snapshot:
    """A copy of a snapshot without the given children's own records of some kinds."""
    changes = {
        f"{_RECORD}{record}": "SELECT * FROM t WHERE subject_key NOT IN (SELECT key FROM chosen)" for record in records
    }
    copy = _changed_copy(snapshot, changes, {"chosen": children.tolist()})
    lock(copy.connection)
    return copy


def only_children(snapshot: Snapshot) -> Texts:
    """Children in whose household there is no other child: nobody else's features may change with their own records. In order of key."""
    rows = snapshot.connection.execute(
        "SELECT min(person_key) FROM person WHERE is_child GROUP BY household_key HAVING count(*) = 1 ORDER BY 1"
    ).fetchall()
    return np.array([key for (key,) in rows], dtype=np.str_)


def _records_without_later(record: str, kind: RecordKind, vocabulary: Vocabulary, after: str) -> str:
    main = sort_column(kind)
    due = [item for item in vocabulary.items.values() if item.record == record and item.kind == "期限のある記録"]
    dates = [name for name, column in kind.columns.items() if column.type == "日付"]
    emptied = [f'CASE WHEN "{name}" {after} THEN NULL ELSE "{name}" END AS "{name}"' for name in dates]
    where = "true"
    if due and main is not None:
        # A row that stands from its due day on: the check itself came later.
        of_the_plan = {name for item in due for name in item.filters}
        said = [name for name in kind.columns if name not in dates and name not in of_the_plan]
        emptied += [f'CASE WHEN "{main}" {after} THEN NULL ELSE "{name}" END AS "{name}"' for name in said]
        emptied.append(f'CASE WHEN "{main}" {after} THEN NULL ELSE unknown_cells END AS unknown_cells')
        if dates:
            earliest = ", ".join(f'"{name}"' for name in dates)
            where = f"NOT coalesce(least({earliest}) {after}, false)"
    elif main is not None:
        where = f'NOT coalesce("{main}" {after}, false)'
    replaced = f" REPLACE ({', '.join(emptied)})" if emptied else ""
    return f"SELECT *{replaced} FROM t WHERE {where}"


def _changed_copy(snapshot: Snapshot, changes: Mapping[str, str], chosen: Mapping[str, list[str]]) -> Snapshot:
    """All tables of a snapshot in a database of their own, some through a query that reads `t`."""
    source = snapshot.connection.cursor()
    names = [
        name
        for (name,) in source.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'snapshot' AND schema_name = 'main'"
        ).fetchall()
    ]
    connection = connect(1, "2GB")
    try:
        for name, keys in chosen.items():
            connection.execute(f"CREATE TABLE {name} (key VARCHAR)")
            if keys:
                connection.execute(f"INSERT INTO {name} SELECT unnest(?)", [keys])
        for name in names:
            rows = source.execute(f'SELECT * FROM snapshot.main."{name}"').to_arrow_table()
            query = changes.get(name)
            if query is None:
                create_table(connection, name, rows)
                continue
            create_table(connection, "t", rows)
            connection.execute(f'CREATE TABLE "{name}" AS {query}')
            connection.execute("DROP TABLE t")
        for name in chosen:
            connection.execute(f"DROP TABLE {name}")
    except BaseException:
        connection.close()
        raise
    finally:
        source.close()
    return Snapshot(connection, snapshot.as_of, snapshot.vocabulary, snapshot.deliveries, snapshot.sources)


def _forget(connection: duckdb.DuckDBPyConnection, people: Collection[str]) -> None:
    if not people:
        return
    connection.execute("CREATE TABLE gone AS SELECT unnest(?) AS key", [sorted(people)])
    for table, column in (
        ("person", "person_key"),
        ("residence", "person_key"),
        ("kin", "child_key"),
        ("kin", "member_key"),
    ):
        connection.execute(f'DELETE FROM "{table}" WHERE "{column}" IN (SELECT key FROM gone)')
    connection.execute("DROP TABLE gone")
