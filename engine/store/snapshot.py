"""The snapshot: which deliveries were known on a day, and the tables that follow from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from engine.kernel.dates import fiscal_year
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.case import SourceStatus
from engine.records.layout import Layout, RecordRule
from engine.records.vocabulary import RecordKind, Vocabulary
from engine.store.catalogue import Entry, read_catalogue, read_part
from engine.store.coverage import BY_NAME, PERIOD_MONTHS, create_coverage
from engine.store.tables import (
    FIXED_TABLES,
    Snapshot,
    UsedDelivery,
    connect,
    create_from_rows,
    create_table,
    lock,
    pack,
    record_schema,
)

Delivered = tuple[str, str]
"""A delivered file: its name and SHA-256."""

_PERSONS_SOURCE = "residents"
_WORTH_PACKING = 200_000
_UNLINKED = ("保留", "未突合")
_ALARM_DAYS = 31

# Birth dates are compared by month and day, as the law counts ages; 学年 turns on 2 April (see kernel.dates).
AGE_COLUMNS = """
    CAST($year - year(born_on) - CAST(month(born_on) * 100 + day(born_on) > $month_day AS INTEGER) AS INTEGER) AS age_years,
    CAST($fiscal_year - (year(born_on - 1) - CAST(month(born_on - 1) < 4 AS INTEGER)) - 6 AS INTEGER) AS school_grade"""
"""Age and grade from `born_on`, in SQL; its parameters are those of `ages_as_of`."""


def ages_as_of(day: date) -> dict[str, int]:
    """The parameters of `AGE_COLUMNS` for a day."""
    return {"year": day.year, "month_day": day.month * 100 + day.day, "fiscal_year": fiscal_year(day)}


def open_snapshot(
    store: Path,
    vocabulary: Vocabulary,
    layouts: Mapping[str, Layout],
    as_of: date,
    *,
    threads: int | None = None,
    memory_limit: str = "1GB",
    only: Collection[Delivered] | None = None,
) -> Snapshot:
    """Everything known as of a day, as the tables of docs/architecture.md.

    Of a source that delivers everything (全件) the newest delivery not after the day counts, with the corrections that add
    to it. Of a source that adds (追加) all deliveries count, the last row of a natural key wins by (as-of, file, line).

    `only`: as if nothing else had been delivered, to see what a past run saw. Raises KizukiError E-STORE-02 where a part is
    not what was written, E-STORE-04 if no register of residents is known on that day.
    """
    used = _chosen(store, layouts, as_of, only)
    if not used.get(_PERSONS_SOURCE):
        what = f"{as_of.isoformat()}の時点で取り込み済みの住民記録がありません。"
        why = "だれがこどもで、どの世帯にいるかが分かりません。"
        raise KizukiError(
            Problem(Place("01 住民記録"), "E-STORE-04", what, why, "住民記録を取り込んでから実行してください。")
        )
    chosen = sorted((e for each in used.values() for e in each), key=lambda e: (e.as_of, e.source, _newest_last(e)))
    file_no = {entry.file: number for number, entry in enumerate(chosen)}
    deliveries = tuple(UsedDelivery(file_no[e.file], e.source, e.file, e.sha256, e.as_of) for e in chosen)
    sources = tuple(_status(layout, used[source], as_of) for source, layout in layouts.items())
    connection = connect(threads, memory_limit)
    try:
        create_from_rows(connection, "delivery", FIXED_TABLES["delivery"], [vars(d) for d in deliveries])
        for source, layout in layouts.items():
            for record, rule in layout.records.items():
                _create_records(connection, store, record, vocabulary.records[record], rule, used[source], file_no)
        for record, kind in vocabulary.records.items():
            if kind.source not in layouts or record not in layouts[kind.source].records:
                create_table(connection, f"rec_{record}", record_schema(kind).empty_table())
        _create_people(connection, store, [e for e in used[_PERSONS_SOURCE] if e.part("persons")][-1], as_of)
        missing = create_periods(connection, vocabulary, layouts, as_of)
        sources = tuple(replace(status, missing_periods=missing.get(status.source, ())) for status in sources)
        held = {source: _held(store, layout, used[source]) for source, layout in layouts.items()}
        fresh = {status.source for status in sources if status.fresh}
        register_day = used[_PERSONS_SOURCE][-1].as_of
        _drop_links_of_the_protected(connection, layouts)
        create_coverage(connection, vocabulary, {s: layouts[s] for s in layouts if s in fresh}, held, register_day)
        pack(connection)
        lock(connection)
    except BaseException:
        connection.close()
        raise
    return Snapshot(connection, as_of, vocabulary, deliveries, sources)


def known_deliveries(
    store: Path, layouts: Mapping[str, Layout], as_of: date, only: Collection[Delivered] | None = None
) -> frozenset[Delivered]:
    """The deliveries that a snapshot of this day draws on."""
    return frozenset((e.file, e.sha256) for each in _chosen(store, layouts, as_of, only).values() for e in each)


def _chosen(
    store: Path, layouts: Mapping[str, Layout], as_of: date, only: Collection[Delivered] | None
) -> dict[str, list[Entry]]:
    entries = [
        entry
        for entry in read_catalogue(store)
        if entry.as_of <= as_of and entry.source in layouts and (only is None or (entry.file, entry.sha256) in only)
    ]
    return {source: _known(source, layout, entries) for source, layout in layouts.items()}


def _held(store: Path, layout: Layout, entries: Sequence[Entry]) -> pa.Table | None:
    """Subjects with a row that was held back or quarantined, less those for whom a correction (訂正) has come since."""
    content = f"held/{layout.source}"
    parts = [entry for entry in entries if entry.part(content)]
    if not parts:
        return None
    held = _read(store, [e for e in parts if not e.is_correction], content)
    subjects = set(held["subject_key"].to_pylist()) if held is not None else set()
    for correction in (entry for entry in entries if entry.is_correction):
        for record in layout.records:
            corrected = _read(store, [correction], f"facts/{record}")
            subjects -= set(corrected["subject_key"].to_pylist()) if corrected is not None else set()
    again = _read(store, [e for e in parts if e.is_correction], content)
    subjects |= set(again["subject_key"].to_pylist()) if again is not None else set()
    return pa.table({"subject_key": pa.array(sorted(subjects), pa.string())})


def _newest_last(entry: Entry) -> tuple[bool, str, str]:
    return (entry.is_correction, entry.file, entry.sha256)


def _known(source: str, layout: Layout, entries: Sequence[Entry]) -> list[Entry]:
    mine = sorted((e for e in entries if e.source == source), key=lambda e: (e.as_of, _newest_last(e)))
    if layout.delivery == "追加":
        return mine
    full = [entry for entry in mine if not entry.is_correction]
    if not full:
        return []
    return [full[-1], *(e for e in mine if e.is_correction and e.as_of >= full[-1].as_of)]


def _status(layout: Layout, used: Sequence[Entry], as_of: date) -> SourceStatus:
    newest = max((entry.as_of for entry in used), default=None)
    last = [entry for entry in used if entry.as_of == newest]
    # Files that add up are not superseded by the next one: what is unsettled stays on the cover for a month.
    open_ones = [entry for entry in used if entry in last or (as_of - entry.as_of).days <= _ALARM_DAYS]
    return SourceStatus(
        source=layout.source,
        label=layout.label,
        as_of=newest,
        fresh=newest is not None and (as_of - newest).days <= layout.freshness_days,
        received=sum(entry.received for entry in last),
        used=sum(entry.used for entry in last),
        quarantined=sum(entry.quarantined for entry in last),
        unlinked=sum(entry.statuses.get(status, 0) for entry in last for status in _UNLINKED),
        urgent_unlinked=sum(entry.urgent_unlinked for entry in open_ones),
        unattributed=sum(entry.unattributed for entry in open_ones),
    )


def _read(
    store: Path,
    entries: Sequence[Entry],
    content: str,
    number: Mapping[str, int] | None = None,
    kind: RecordKind | None = None,
) -> pa.Table | None:
    tables = []
    for entry in entries:
        part = entry.part(content)
        if part is None:
            continue
        table = pq.read_table(pa.BufferReader(read_part(store, part)))
        if kind is not None:
            table = _with_unread_columns_named(table, kind)
        if number is not None:
            table = table.append_column("file_no", pa.repeat(pa.scalar(number[entry.file], pa.int32()), len(table)))
        tables.append(table)
    # A part written before `unknown_cells` existed names none.
    return pa.concat_tables(tables, promote_options="default") if tables else None


def _create_records(
    connection: duckdb.DuckDBPyConnection,
    store: Path,
    record: str,
    kind: RecordKind,
    rule: RecordRule,
    used: Sequence[Entry],
    file_no: Mapping[str, int],
) -> None:
    rows = _read(store, used, f"facts/{record}", file_no, kind)
    if rows is None:
        create_table(connection, f"rec_{record}", record_schema(kind).empty_table())
        return
    rows = _with_todays_columns(rows, kind, rule)
    columns = ", ".join(f'"{name}"' for name in record_schema(kind).names)
    latest = ""
    if rule.key:
        in_record = [name for name in rule.key if name in kind.columns]
        key = ", ".join(["row_key", *(f'"{name}"' for name in in_record)])
        # Rows whose key is partly unknown may be of different events: none of them replaces another.
        doubtful = " OR ".join(f"list_contains(string_split(unknown_cells, ','), '{name}')" for name in in_record)
        newest = f"row_number() OVER (PARTITION BY {key} ORDER BY file_no DESC, line DESC) = 1"
        latest = f"QUALIFY {newest} OR {doubtful}" if doubtful else f"QUALIFY {newest}"
    elif rule.latest is not None and len(used) > 1:
        latest = "QUALIFY file_no = max(file_no) OVER (PARTITION BY subject_key)"
    connection.register("incoming", rows)
    connection.execute(f'CREATE TABLE "rec_{record}" AS SELECT {columns} FROM incoming {latest}')
    connection.unregister("incoming")
    if len(rows) > _WORTH_PACKING:
        pack(connection)


def _with_unread_columns_named(part: pa.Table, kind: RecordKind) -> pa.Table:
    """A part stored before a column was registered: the column is unknown in its rows, not blank."""
    unread = [name for name in kind.columns if name not in part.column_names]
    if not unread:
        return part
    named = part["unknown_cells"] if "unknown_cells" in part.column_names else pa.nulls(len(part), pa.string())
    texts = [",".join(sorted({*unread, *(text.split(",") if text else ())})) for text in named.to_pylist()]
    kept = [name for name in part.column_names if name != "unknown_cells"]
    return part.select(kept).append_column("unknown_cells", pa.array(texts, pa.string()))


def _with_todays_columns(rows: pa.Table, kind: RecordKind, rule: RecordRule) -> pa.Table:
    """What was stored before a column was registered says nothing about it: unknown, not an error."""
    for field in record_schema(kind):
        if field.name not in rows.column_names:
            rows = rows.append_column(field, pa.nulls(len(rows), field.type))
    if rule.key and "row_key" not in rows.column_names:
        # A row stored without the natural key that is asked for today replaces no other.
        own = [f"{file}/{line}" for file, line in zip(*(rows[n].to_pylist() for n in ("file_no", "line")), strict=True)]
        rows = rows.append_column("row_key", pa.array(own, pa.string()))
    return rows


def _drop_links_of_the_protected(connection: duckdb.DuckDBPyConnection, layouts: Mapping[str, Layout]) -> None:
    """Take out what was linked by name or place to a household that is protected on the day of the snapshot.

    Linkage puts such rows aside from then on, but what it linked before still joins the household to a name or a place.
    """
    for layout in layouts.values():
        for record, rule in layout.records.items():
            if rule.link in BY_NAME:
                connection.execute(
                    f"""
                    DELETE FROM "rec_{record}" WHERE subject_key IN (
                        SELECT household_key FROM household WHERE protected
                        UNION ALL SELECT p.person_key FROM person p JOIN household h USING (household_key) WHERE h.protected
                    )"""
                )


def _create_people(connection: duckdb.DuckDBPyConnection, store: Path, entry: Entry, as_of: date) -> None:
    for content in ("persons", "kin"):
        rows = _read(store, [entry], content)
        if rows is None:
            raise ValueError(f"the register delivery {entry.sha256[:8]} has no {content}")
        create_table(connection, f"incoming_{content}", rows)
    connection.execute(
        f"""
        CREATE TABLE person AS
        SELECT person_key, household_key, born_on, sex, {AGE_COLUMNS}, age_years < 18 AS is_child
        FROM incoming_persons WHERE resident_status = '住民'
        """,
        ages_as_of(as_of),
    )
    connection.execute(
        "CREATE TABLE kin AS SELECT k.* FROM incoming_kin k JOIN person p ON p.person_key = k.child_key WHERE p.is_child"
    )
    # A protection may have been granted after the register was delivered: the district must not outlive it.
    connection.execute(
        """
        CREATE TABLE household AS
        WITH protected AS (
            SELECT DISTINCT p.household_key FROM person p JOIN rec_address_protection a ON a.subject_key = p.person_key
            WHERE a.protected_from IS NULL OR a.protected_from <= $as_of
        )
        SELECT p.household_key,
            CASE WHEN bool_or(x.household_key IS NOT NULL) THEN NULL ELSE min(p.district) END AS district,
            bool_or(x.household_key IS NOT NULL) AS protected
        FROM incoming_persons p LEFT JOIN protected x ON x.household_key = p.household_key
        WHERE p.resident_status = '住民' GROUP BY p.household_key
        """,
        {"as_of": as_of},
    )
    connection.execute(
        "CREATE TABLE residence AS SELECT person_key, became_resident_on FROM incoming_persons WHERE resident_status = '住民'"
    )
    connection.execute("DROP TABLE incoming_kin")
    connection.execute("DROP TABLE incoming_persons")


def create_periods(
    connection: duckdb.DuckDBPyConnection, vocabulary: Vocabulary, layouts: Mapping[str, Layout], as_of: date
) -> dict[str, tuple[date, ...]]:
    """The table `delivered_period`, and by source the periods that are due and were delivered for nobody.

    Due is every period between the first and the newest that came, months of rest (休みの月) left out; of two-month periods
    every second month before the newest. What lies outside the history of the source says nothing and is not listed.
    """
    rows: list[dict[str, object]] = []
    missing: dict[str, tuple[date, ...]] = {}
    for record, kind in vocabulary.records.items():
        if kind.period is None or kind.date is None:
            continue
        found = connection.execute(
            f'SELECT DISTINCT "{kind.date}" FROM "rec_{record}" WHERE "{kind.date}" <= $as_of', {"as_of": as_of}
        ).fetchall()
        delivered = {day for (day,) in found}
        layout = layouts.get(kind.source)
        due = _due(delivered, PERIOD_MONTHS[kind.period], layout) if layout and delivered else set()
        if holes := tuple(sorted(due - delivered)):
            missing[kind.source] = tuple(sorted({*missing.get(kind.source, ()), *holes}))
        rows += [{"record": record, "period_end": day} for day in sorted(delivered | due)]
    create_from_rows(connection, "delivered_period", FIXED_TABLES["delivered_period"], rows)
    return missing


def _due(delivered: Set[date], step: int, layout: Layout) -> set[date]:
    first = max(min(delivered), date.fromisoformat(layout.history_from))
    due: set[date] = set()
    newest = max(delivered)
    month = newest.year * 12 + newest.month - 1
    while (end := _month_end(month)) >= first:
        if end.month not in layout.no_period_months:
            due.add(end)
        month -= step
    return due


def _month_end(month: int) -> date:
    return date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
