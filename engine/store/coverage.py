"""Whom a source covers (対象者): for them, and only for them, a missing record means "no"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from engine.records.layout import Layout
from engine.records.vocabulary import Vocabulary
from engine.store.tables import create_table

BY_NAME = ("氏名等", "使用者と場所")
PERIOD_MONTHS = {"月": 1, "2か月": 2}


def create_coverage(
    connection: duckdb.DuckDBPyConnection,
    vocabulary: Vocabulary,
    fresh: Mapping[str, Layout],
    held: Mapping[str, pa.Table | None],
    register_day: date,
    *,
    enrolment_known: bool = True,
) -> None:
    """The view `coverage` over fresh sources; a source that has not arrived in time covers nobody.

    Not covered is whoever has a row that was held back (`held`: it might be theirs), and, by a source that is linked by
    name or place, every member of a protected household: their rows are put aside unread. Who became a resident on an
    unknown day is covered from the register's day, the first on which residence is certain. A source that adds (追加)
    covers nobody before the first event that it ever told of, whatever its layout promises. Without `enrolment_known`
    (a day before the first delivery) a source on those enrolled covers everybody whom it has named.

    Reads `person`, `residence`, `household`, `rec_*`; expects a connection that is not yet locked.
    """
    branches = []
    for source, layout in fresh.items():
        query = _subjects(connection, source, layout, vocabulary, register_day, enrolment_known)
        rows = held[source]
        if rows is not None:
            create_table(connection, f"held_{source}", rows)
            query = f"SELECT * FROM ({query}) WHERE subject_key NOT IN (SELECT subject_key FROM held_{source})"
        branches.append(f"SELECT subject_key, '{source}' AS source, covered_from FROM ({query})")
    nobody = "SELECT NULL::VARCHAR AS subject_key, NULL::VARCHAR AS source, NULL::DATE AS covered_from WHERE false"
    connection.execute("CREATE VIEW coverage AS " + " UNION ALL ".join([*branches, nobody]))


def _subjects(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    layout: Layout,
    vocabulary: Vocabulary,
    register_day: date,
    enrolment_known: bool,
) -> str:
    history = f"DATE '{date.fromisoformat(layout.history_from).isoformat()}'"
    rule = layout.coverage
    records = list(layout.records)
    spans = _spans(records, vocabulary)
    if rule.kind == "突合できた世帯":
        return (
            f"SELECT s.subject_key, greatest({history}, min(s.day)) AS covered_from FROM ({spans}) s"
            " JOIN household h ON h.household_key = s.subject_key WHERE NOT h.protected AND s.day IS NOT NULL"
            " GROUP BY s.subject_key"
        )
    wanted = ["true"]
    if rule.kind == "学年":
        if rule.grades is None:
            raise ValueError(f"{source}: coverage by 学年 without grades")
        wanted.append(f"p.school_grade BETWEEN {rule.grades[0]} AND {rule.grades[1]}")
    if rule.kind == "在籍者":
        if enrolment_known:
            prefixes = " OR ".join(f"starts_with(e.school_code, '{prefix}')" for prefix in rule.school_code_prefixes)
            wanted.append(f"p.person_key IN (SELECT e.subject_key FROM rec_enrolment e WHERE {prefixes})")
        linked = " UNION ".join(f'SELECT subject_key FROM "rec_{record}"' for record in records)
        wanted.append(f"p.person_key IN ({linked})")
    if any(r.link in BY_NAME for r in layout.records.values()):
        wanted.append("p.household_key NOT IN (SELECT household_key FROM household WHERE protected)")
    begins = history
    if layout.delivery == "追加" and spans:
        # What adds up may have begun later than promised: before its first known event it tells nothing about anyone.
        (earliest,) = connection.execute(f"SELECT min(day) FROM ({spans})").fetchall()[0]
        if earliest is None:
            wanted.append("false")
        else:
            begins = f"greatest({history}, DATE '{earliest.isoformat()}')"
    return (
        "SELECT p.person_key AS subject_key,"
        f" greatest({begins}, coalesce(r.became_resident_on, DATE '{register_day.isoformat()}')) AS covered_from"
        f" FROM person p JOIN residence r ON r.person_key = p.person_key WHERE {' AND '.join(wanted)}"
    )


def _spans(records: Sequence[str], vocabulary: Vocabulary) -> str:
    """Subject and day from which each dated record tells something; a periodic record from its period's first day."""
    parts = []
    for record in records:
        kind = vocabulary.records[record]
        if kind.date is None:
            continue
        months = PERIOD_MONTHS[kind.period] - 1 if kind.period else 0
        first = f"date_trunc('month', \"{kind.date}\")::DATE" if kind.period else f'"{kind.date}"'
        parts.append(f'SELECT subject_key, CAST({first} - INTERVAL {months} MONTH AS DATE) AS day FROM "rec_{record}"')
    return " UNION ALL ".join(parts)
