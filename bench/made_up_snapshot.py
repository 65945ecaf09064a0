"""A snapshot of made-up children of any number, with holes in its data, for measuring and comparing evaluators."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from engine.kernel.dates import month_end, months_before
from engine.records.vocabulary import RecordKind, Vocabulary
from engine.store.tables import FIXED_TABLES, Snapshot, connect, create_from_rows, lock, pack, record_schema

_ROWS_EACH = {"school_month": 24, "water_bill": 12, "vaccination": 8, "resident_move": 2, "health_check": 2}


def made_up_snapshot(
    children: int, as_of: date, vocabulary: Vocabulary, records: Collection[str], *, memory_limit: str
) -> Snapshot:
    """Children from 0 to 17, for each two adults of whom the second is there for half of them, and their households.

    Only the given kinds of record have rows. About one cell in thirty is blank, some of these 不詳; one subject in ten is
    not covered by a source, one in ten only of late.
    """
    connection = connect(2, memory_limit)
    for name in ("delivery", "household", "delivered_period", "coverage", "kin", "person"):
        create_from_rows(connection, name, FIXED_TABLES[name], [])
    day = f"DATE '{as_of.isoformat()}'"
    connection.execute(f"""
        INSERT INTO person
        SELECT 'P' || lpad(no::TEXT, 8, '0') || role, 'H' || lpad((no // 2)::TEXT, 8, '0'), born_on, NULL,
            date_diff('year', born_on, {day}) - (strftime(born_on, '%m%d') > strftime({day}, '%m%d'))::INTEGER, NULL, role = 'c'
        FROM (
            SELECT no, role, {day} - (CASE role WHEN 'c' THEN hash(no) % 6500 ELSE 8000 + hash(no, role) % 20000 END)::INTEGER AS born_on
            FROM range({children}) AS child(no), (VALUES ('c'), ('m'), ('f')) AS roles(role)
            WHERE role <> 'f' OR hash(no, 'f') % 2 = 0
        )
    """)
    connection.execute("UPDATE person SET school_grade = age_years - 6 WHERE age_years < 25")
    connection.execute("""
        INSERT INTO kin
        SELECT c.person_key, m.person_key, relation
        FROM person AS c JOIN person AS m ON m.household_key = c.household_key AND m.person_key <> c.person_key,
            (VALUES ('世帯員', 'cmf'), ('母', 'm'), ('父', 'f'), ('きょうだい', 'c'), ('祖父母', 'f')) AS relations(relation, roles)
        WHERE c.is_child AND contains(roles, right(m.person_key, 1)) AND (relation <> '祖父母' OR m.age_years > 60)
    """)
    sources = sorted({(vocabulary.records[r].source, vocabulary.records[r].subject) for r in records})
    for source, subject in sources:
        connection.execute(f"""
            INSERT INTO coverage
            SELECT subject_key, '{source}', {day} - (CASE WHEN hash(subject_key, '{source}', 1) % 10 = 0 THEN 60 ELSE 5000 END)::INTEGER
            FROM {_subjects(subject)} WHERE hash(subject_key, '{source}') % 10 > 0
        """)
    for record, kind in vocabulary.records.items():
        create_from_rows(connection, f"rec_{record}", record_schema(kind), [])
        if kind.period:
            step = 1 if kind.period == "月" else 2
            ends = {month_end(months_before(as_of, back)) for back in range(1, 25, step)}
            values = ", ".join(f"('{record}', DATE '{end.isoformat()}')" for end in sorted(ends))
            connection.execute(f"INSERT INTO delivered_period VALUES {values}")
        if record in records:
            connection.execute(_rows(record, kind, vocabulary, day))
    pack(connection)
    lock(connection)
    return Snapshot(connection, as_of, vocabulary, ())


def _subjects(subject: str) -> str:
    if subject == "人":
        return "(SELECT person_key AS subject_key, is_child FROM person)"
    return "(SELECT DISTINCT household_key AS subject_key, TRUE AS is_child FROM person)"


def _rows(record: str, kind: RecordKind, vocabulary: Vocabulary, day: str) -> str:
    """Rows of one kind: of periodic records nearly one per period and subject, of others a few for one subject in three."""
    each = _ROWS_EACH.get(record, 2)
    periodic = kind.period is not None
    cells = []
    blanks = []
    for place, (column, definition) in enumerate(kind.columns.items()):
        chance = f"(hash(subject_key, n, '{record}', {place}) % 1000003)::BIGINT"
        if definition.type == "整数":
            value = f"CASE WHEN {chance} % 4 < 2 THEN 0 ELSE ({chance} // 4) % 13 END"
        elif definition.type == "日付":
            value = f"{day} - (({chance} // 7) % 1200)::INTEGER"
        else:
            words = _words(record, column, vocabulary)
            value = f"[{', '.join(repr(word) for word in words)}][1 + ({chance} // 7) % {len(words)}]"
        if periodic and column == kind.date:
            cells.append("period_end")
            continue
        blank = f"hash(subject_key, n, {place}, '{record}') % 30 = 0"
        cells.append(f"CASE WHEN {blank} THEN NULL ELSE {value} END")
        if definition.type == "日付" or column in {i.empty_column for i in vocabulary.items.values()}:
            blanks.append(f"CASE WHEN {blank} AND hash(n, subject_key) % 4 = 0 THEN '{column}' END")
    unknown = f"nullif(concat_ws(',', {', '.join(blanks)}), '')" if blanks else "NULL"
    if periodic:
        source = (
            f"{_subjects(kind.subject)} AS subject JOIN (SELECT period_end, row_number() OVER (ORDER BY period_end) AS n "
            f"FROM delivered_period WHERE record = '{record}') AS due ON hash(subject_key, n) % 50 > 0 WHERE is_child"
        )
    else:
        source = f"{_subjects(kind.subject)} AS subject, range({each}) AS times(n) WHERE hash(subject_key, '{record}') % 3 = 0"
    return (
        f"INSERT INTO rec_{record} SELECT subject_key, {', '.join(cells)}, 1 + n % 3, "
        f"row_number() OVER (), {unknown} FROM {source}"
    )


def _words(record: str, column: str, vocabulary: Vocabulary) -> list[str]:
    words = {"その他"}
    for item in vocabulary.items.values():
        if item.record == record:
            words.update(item.filters.get(column, ()))
            words.update(item.values if item.column == column else ())
    return sorted(words)
