"""The shape of a snapshot's tables, and the one way in which its connection is opened and locked.

Both kinds of snapshot, the stored (`snapshot.py`) and the one made from objects (`memory.py`), are built from here,
so that an evaluator can never tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from engine.records.case import SourceStatus
from engine.records.vocabulary import ColumnType, RecordKind, Vocabulary

ARROW_TYPES: Mapping[ColumnType, pa.DataType] = {
    "区分": pa.string(),
    "文字": pa.string(),
    "整数": pa.int64(),
    "日付": pa.date32(),
}

FIXED_TABLES: Mapping[str, pa.Schema] = {
    "person": pa.schema(
        [
            ("person_key", pa.string()),
            ("household_key", pa.string()),
            ("born_on", pa.date32()),
            ("sex", pa.string()),
            ("age_years", pa.int32()),
            ("school_grade", pa.int32()),
            ("is_child", pa.bool_()),
        ]
    ),
    "kin": pa.schema([("child_key", pa.string()), ("member_key", pa.string()), ("relation", pa.string())]),
    "coverage": pa.schema([("subject_key", pa.string()), ("source", pa.string()), ("covered_from", pa.date32())]),
    "delivered_period": pa.schema([("record", pa.string()), ("period_end", pa.date32())]),
    "delivery": pa.schema(
        [
            ("file_no", pa.int32()),
            ("source", pa.string()),
            ("file", pa.string()),
            ("sha256", pa.string()),
            ("as_of", pa.date32()),
        ]
    ),
    "household": pa.schema([("household_key", pa.string()), ("district", pa.string()), ("protected", pa.bool_())]),
}
"""The tables every snapshot has besides `rec_<record>`; columns as in docs/architecture.md.

`household` has one row per household of residents: its district (町字, null where protected or unknown) and whether a
member is under DV等支援措置. No evaluation reads it; it is for the list and its counts by district.
"""


@dataclass(frozen=True, order=True)
class UsedDelivery:
    """One delivered file that a snapshot draws on. `file_no` orders files: a later one is the newer."""

    file_no: int
    source: str
    file: str
    sha256: str
    as_of: date


@dataclass(frozen=True)
class Snapshot:
    """What was known as of a day, as tables behind a locked connection. Use as a context manager.

    `sources` tells for each source what arrived and whether its silence may be read as "no"; a snapshot made from
    objects has none.
    """

    connection: duckdb.DuckDBPyConnection
    as_of: date
    vocabulary: Vocabulary
    deliveries: tuple[UsedDelivery, ...]
    sources: tuple[SourceStatus, ...] = ()

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the memory. Further queries fail."""
        self.connection.close()


def record_schema(kind: RecordKind) -> pa.Schema:
    """The columns of `rec_<record>`: subject, the registered columns, file number, line, names of unknown cells."""
    fields = [("subject_key", pa.string())]
    fields += [(name, ARROW_TYPES[column.type]) for name, column in kind.columns.items()]
    return pa.schema([*fields, ("file_no", pa.int32()), ("line", pa.int32()), ("unknown_cells", pa.string())])


def sort_column(kind: RecordKind) -> str | None:
    """The date by which records of a kind are ordered: the event's day, else the start of validity, else none."""
    return kind.date or (kind.valid.start if kind.valid else None)


def connect(threads: int | None, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """An empty database in memory that never looks at Python variables and never spills personal data to disk."""
    config: dict[str, Any] = {
        "python_enable_replacements": "false",
        "memory_limit": memory_limit,
        "temp_directory": "",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if threads is not None:
        config["threads"] = str(threads)
    connection = duckdb.connect(":memory:", config=config)
    # Keys repeat in every table: compressed, a city takes a quarter of the memory. `pack` does it, table by table.
    connection.execute("ATTACH ':memory:' AS snapshot (COMPRESS)")
    connection.execute("USE snapshot")
    return connection


def pack(connection: duckdb.DuckDBPyConnection) -> None:
    """Compress what has been loaded so far."""
    connection.execute("CHECKPOINT snapshot")


def create_table(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Copy an Arrow table into the database."""
    connection.register("incoming", rows)
    try:
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
    finally:
        connection.unregister("incoming")


def create_from_rows(
    connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: Sequence[Mapping[str, object]]
) -> None:
    """A table from a few Python rows; an absent column is null."""
    create_table(connection, name, pa.Table.from_pylist([dict(row) for row in rows], schema=schema))


def lock(connection: duckdb.DuckDBPyConnection) -> None:
    """From here on neither files nor settings can be reached, whatever text becomes SQL."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
