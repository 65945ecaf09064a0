"""A snapshot as of a day before the first delivery: what today's deliveries say had happened by then.

Only from its first delivery on does a city have a true "known as of". Whoever learns from the past needs days before. So
everything dated later is taken out, and whatever a source states only as of its delivery is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import duckdb
import pyarrow as pa

from engine.records.layout import Layout
from engine.records.vocabulary import RecordKind, Vocabulary
from engine.store.coverage import create_coverage
from engine.store.snapshot import AGE_COLUMNS, ages_as_of, create_periods
from engine.store.tables import Snapshot, record_schema

_BORN_OF_A_DELIVERY = ("年齢", "学年")
_DUE = "期限のある記録"


@dataclass(frozen=True)
class BackdatedSnapshot(Snapshot):
    """A snapshot that lies within the database of another one, and leaves it when it is closed."""

    schema: str = ""

    def close(self) -> None:
        """Release the memory; the snapshot that it was made from stays open."""
        self.connection.execute("USE snapshot.main")
        self.connection.execute(f"DROP SCHEMA snapshot.{self.schema} CASCADE")
        self.connection.close()


def backdated(snapshot: Snapshot, day: date, layouts: Mapping[str, Layout], *, copied: bool = True) -> Snapshot:
    """The tables of an open snapshot as they would have stood on an earlier day, as far as that can be told.

    - Records: gone if they happened, began or fell due after the day; dates after it are blank, so that a bill paid later is
      unpaid and a state that ended later still holds. An unknown date stays unknown. What a check found is blank if it was
      made later.
    - Unknown are: what a state's record counts (数), and columns of states of which no item speaks (閉じた理由), for both are
      as delivered; and everything of a source with records that bear no date at all (学齢簿), which covers nobody.
    - People: residents of today who were born and resident by then, with age and grade of the day. Not there is who has left
      since. A child is who was below 18 then and is today, for of others no kin is known.
    - As delivered, because no history of it is kept: households, kin, districts, protection, who is linked to whom; the
      categories of a state or event (区分), which a later correction may have changed.
    - Coverage: from the first day of which a source tells; a source whose newest delivery was too old by then covers nobody.
      Enrolment back then is unknown: the monthly school records cover whom they had named by then.

    `copied`: the records of the day are copied out, which pays when most of them are read several times; else every
    query makes them anew. The same connection's database holds both: keep `snapshot` open as long as this is used, and close this one first. Raises
    ValueError for a day after that of the snapshot.
    """
    if day > snapshot.as_of:
        raise ValueError("a snapshot cannot be moved forward")
    vocabulary = snapshot.vocabulary
    connection = snapshot.connection.cursor()
    schema = f"before_{day:%Y%m%d}_{id(connection)}"
    undated = _sources_without_history(vocabulary)
    try:
        connection.execute("USE snapshot.main")
        held = _held(connection, layouts)
        connection.execute(f"CREATE SCHEMA snapshot.{schema}")
        connection.execute(f"USE snapshot.{schema}")
        for record, kind in vocabulary.records.items():
            query = _records_by_then(record, kind, vocabulary, day)
            connection.execute(f'CREATE {"TABLE" if copied else "VIEW"} "rec_{record}" AS {query}')
        _create_people(connection, day)
        connection.execute("CREATE VIEW delivery AS SELECT * FROM snapshot.main.delivery")
        missing = create_periods(connection, vocabulary, layouts, day)
        sources = tuple(
            replace(
                status,
                as_of=status.as_of and min(status.as_of, day),
                fresh=status.as_of is not None
                and status.source in layouts
                and (day - status.as_of).days <= layouts[status.source].freshness_days,
                missing_periods=missing.get(status.source, ()),
            )
            for status in snapshot.sources
        )
        telling = {s.source: layouts[s.source] for s in sources if s.fresh and s.source not in undated}
        register_day = next((s.as_of for s in snapshot.sources if s.source == "residents" and s.as_of), day)
        create_coverage(
            connection, vocabulary, telling, {s: held.get(s) for s in telling}, register_day, enrolment_known=False
        )
        connection.execute("ALTER VIEW coverage RENAME TO coverage_at_any_time")
        connection.execute(
            f"CREATE VIEW coverage AS SELECT * FROM coverage_at_any_time WHERE covered_from <= DATE '{day.isoformat()}'"
        )
    except BaseException:
        connection.execute("USE snapshot.main")
        connection.execute(f"DROP SCHEMA IF EXISTS snapshot.{schema} CASCADE")
        connection.close()
        raise
    return BackdatedSnapshot(connection, day, vocabulary, snapshot.deliveries, sources, schema)


def _sources_without_history(vocabulary: Vocabulary) -> frozenset[str]:
    """Sources that have records without any date of which items speak: what they said then, nobody can tell."""
    spoken_of = {item.record for item in vocabulary.items.values() if item.kind not in _BORN_OF_A_DELIVERY}
    return frozenset(kind.source for name, kind in vocabulary.records.items() if name in spoken_of and _undated(kind))


def _undated(kind: RecordKind) -> bool:
    return kind.date is None and kind.valid is None


def _records_by_then(record: str, kind: RecordKind, vocabulary: Vocabulary, on: date) -> str:
    """The query for a kind's records of the day. Which cells go depends on the columns alone, never on what came later."""
    day = f"DATE '{on.isoformat()}'"
    columns = [f'"{name}"' for name in record_schema(kind).names]
    if _undated(kind):
        return f'SELECT {", ".join(columns)} FROM snapshot.main."rec_{record}" WHERE false'
    items = [item for item in vocabulary.items.values() if item.record == record]
    due_items = [item for item in items if item.kind == _DUE]
    dates = [name for name, column in kind.columns.items() if column.type == "日付"]
    result = {f'"{name}"': f'"{name}"' for name in kind.columns}
    result |= {f'"{name}"': f'CASE WHEN "{name}" <= {day} THEN "{name}" END' for name in dates}
    other = [name for name in kind.columns if name not in dates]
    unknown_cells = '"unknown_cells"'
    if kind.valid is not None:
        spoken_of = {name for item in items for name in (item.column, *item.filters) if item.kind != "数"}
        result |= {f'"{name}"': f"CAST(NULL AS {_sql_type(kind, name)})" for name in other if name not in spoken_of}
        start = kind.valid.start
        there = f'"{start}" <= {day} OR "{start}" IS NULL'
    elif due_items:
        # The row stands from the day on which it is due; what it says of the check itself, from the check on.
        assert kind.date is not None
        stands = f'"{kind.date}" <= {day} OR "{kind.date}" IS NULL'
        of_the_plan = {name for item in due_items for name in item.filters}
        result |= {f'"{name}"': f'CASE WHEN {stands} THEN "{name}" END' for name in other if name not in of_the_plan}
        unknown_cells = f"CASE WHEN {stands} THEN unknown_cells END"
        some = " OR ".join(f'"{name}" <= {day}' for name in dates)
        unknown = " OR ".join(f"list_contains(string_split(unknown_cells, ','), '{name}')" for name in dates)
        there = f"{some} OR {unknown}"
    else:
        there = f'"{kind.date}" <= {day} OR "{kind.date}" IS NULL'
    cells = [f"{expression} AS {name}" for name, expression in result.items()]
    chosen = ["subject_key", *cells, "file_no", "line", f"{unknown_cells} AS unknown_cells"]
    return f'SELECT {", ".join(chosen)} FROM snapshot.main."rec_{record}" WHERE {there}'


def _sql_type(kind: RecordKind, column: str) -> str:
    return {"整数": "BIGINT", "日付": "DATE"}.get(kind.columns[column].type, "VARCHAR")


def _held(connection: duckdb.DuckDBPyConnection, sources: Collection[str]) -> Mapping[str, pa.Table]:
    """Whose rows were held back, by source: on what day, is not known, so that they are not covered on any."""
    names = connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'").fetchall()
    tables = {name for (name,) in names}
    return {
        source: connection.execute(f'SELECT * FROM snapshot.main."held_{source}"').to_arrow_table()
        for source in sources
        if f"held_{source}" in tables
    }


def _create_people(connection: duckdb.DuckDBPyConnection, day: date) -> None:
    connection.execute(
        "CREATE TABLE residence AS SELECT * FROM snapshot.main.residence "
        "WHERE became_resident_on <= $day OR became_resident_on IS NULL",
        {"day": day},
    )
    connection.execute(
        f"""
        CREATE TABLE person AS
        SELECT person_key, household_key, born_on, sex, {AGE_COLUMNS}, (age_years < 18 AND is_one_today) AS is_child
        FROM (SELECT person_key, household_key, born_on, sex, is_child AS is_one_today FROM snapshot.main.person)
        WHERE person_key IN (SELECT person_key FROM residence) AND (born_on <= $day OR born_on IS NULL)
        """,
        {"day": day, **ages_as_of(day)},
    )
    connection.execute("DELETE FROM residence WHERE person_key NOT IN (SELECT person_key FROM person)")
    connection.execute(
        "CREATE TABLE kin AS SELECT k.* FROM snapshot.main.kin k JOIN person c ON c.person_key = k.child_key "
        "JOIN person m ON m.person_key = k.member_key WHERE c.is_child"
    )
    connection.execute(
        "CREATE TABLE household AS SELECT * FROM snapshot.main.household "
        "WHERE household_key IN (SELECT household_key FROM person)"
    )
