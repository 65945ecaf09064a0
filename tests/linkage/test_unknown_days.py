"""A day that a delivery calls unknown stays unknown all the way: it is never read as "did not happen"."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from made_up_town import AS_OF, LAYOUTS, VOCABULARY, base, clean, key_of, link

from engine.evaluate.meaning.reference import judge
from engine.evaluate.plan import Plan
from engine.evaluate.sql.evaluation import evaluate_all
from engine.intake import FoundDelivery, read_delivery
from engine.records.delivery import CleanTable
from engine.rulebook.language.parsing import parse_sentence
from engine.store.facts import add_delivery
from engine.store.households import load_households
from engine.store.snapshot import open_snapshot

CHECK = {"記録区分": "乳幼児健診", "健診コード": "36", "健診対象日": "20250707"}
CHILD, OTHER = 103, 202


def delivered(folder: Path, source: str, rows: list[dict[str, str]]) -> CleanTable:
    """A CSV file of the source with the given cells, read as every delivery is."""
    layout = LAYOUTS[source]
    lines = [list(layout.cells), *({**dict.fromkeys(layout.cells, ""), **row}.values() for row in rows)]
    content = "".join(",".join(cells) + "\r\n" for cells in lines).encode(layout.encoding)
    path = folder / layout.file_pattern.replace("*", f"{AS_OF:%Y%m%d}")
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    found = FoundDelivery(path, path.name, source, layout.label, AS_OF, digest, len(content))
    return read_delivery(found, layout, VOCABULARY)


def truths(folder: Path, tables: list[CleanTable], number: int, *texts: str) -> list[bool | None]:
    """What the sentences are for one person, by both evaluators, from a store filled with the deliveries."""
    keyring, linked = link(folder, [*base(), *tables])
    for each in linked.values():
        add_delivery(folder / "store", each)
    plan = Plan(AS_OF, VOCABULARY, tuple(parse_sentence(text, VOCABULARY) for text in texts), ())
    key = key_of(keyring, number)
    with open_snapshot(folder / "store", VOCABULARY, LAYOUTS, AS_OF, threads=1) as snapshot:
        [row] = [row for row in evaluate_all(snapshot, plan).to_pylist() if row["child_key"] == key]
        own = judge(plan, load_households(snapshot, [key])[key])
    bulk = [row[f"c{n}"] for n in range(1, len(texts) + 1)]
    assert bulk == [verdict.truth.value for verdict in own]
    return bulk


@pytest.mark.parametrize(("taken_on", "overdue"), [("", True), ("令和8年春", None), ("20260401", False)])
def test_a_check_taken_on_an_unknown_day_is_not_overdue_for_certain(
    tmp_path: Path, taken_on: str, overdue: bool | None
) -> None:
    """健診受診日 「令和8年春」 in the delivered file: 不明; only a blank one says that the child was not there."""
    rows = [{**CHECK, "宛名番号": f"{CHILD:010d}", "健診受診日": taken_on}]
    tables = [delivered(tmp_path, "maternal_health", rows)]
    done = None if overdue is None else not overdue
    said = truths(tmp_path, tables, CHILD, "3歳児健診が期限を90日過ぎても済んでいない", "3歳児健診が済んでいる")
    assert said == [overdue, done]


def test_an_event_on_an_unknown_day_is_an_event(tmp_path: Path) -> None:
    """A row whose needed day is unknown stays a record; one whose needed day is blank is none."""
    kind = {"記録区分": "EPDS", "EPDS合計": "12"}
    rows = [
        {**kind, "宛名番号": f"{CHILD:010d}", "EPDS実施日": "年月日不詳"},
        {**kind, "宛名番号": f"{OTHER:010d}", "EPDS実施日": ""},
    ]
    table = delivered(tmp_path, "maternal_health", rows)
    assert truths(tmp_path / "a", [table], CHILD, "これまでにEPDSの実施がない") == [None]
    assert truths(tmp_path / "b", [table], OTHER, "これまでにEPDSの実施がない") == [True]
    _, linked = link(tmp_path / "c", [*base(), table])
    epds = linked["maternal_health"].records["epds"].to_pylist()
    assert [(row["line"], row["epds_on"], row["unknown_cells"]) for row in epds] == [(2, None, "epds_on")]
    assert linked["maternal_health"].records["birth"]["unknown_cells"].to_pylist() == []


def test_rows_of_unknown_days_do_not_replace_each_other(tmp_path: Path) -> None:
    """Two consultations on unknown days may be two: they are not taken for one that was delivered twice."""
    consultation = {"address_number": f"{CHILD:010d}", "topic": "発達", "route": "学校"}
    table = clean("consultation", [consultation, consultation])
    named = replace(table, table=_with_unknown(table, ["consulted_on", "consulted_on"]))
    assert truths(tmp_path, [named], CHILD, "直近12か月に発達の相談が2回以上ある") == [None]
    with open_snapshot(tmp_path / "store", VOCABULARY, LAYOUTS, AS_OF, threads=1) as snapshot:
        assert snapshot.connection.execute("SELECT unknown_cells FROM rec_consultation").fetchall() == [
            ("consulted_on",),
            ("consulted_on",),
        ]


@pytest.mark.parametrize(
    ("absent", "named"), [(["unknown_cells"], None), (["unknown_cells", "vaccinated_on"], "vaccinated_on")]
)
def test_older_parts_are_read_beside_newer_ones(tmp_path: Path, absent: list[str], named: str | None) -> None:
    """What was stored before unknown cells were named names none; a column that was not read then is unknown in it."""
    before = AS_OF - timedelta(days=7)
    visit = {"address_number": f"{CHILD:010d}", "vaccine_kind": "MR", "vaccinated_on": date(2026, 1, 5)}
    tables = [clean("vaccination", [{**visit, "dose": dose}], day) for dose, day in ((1, before), (2, AS_OF))]
    _, linked = link(tmp_path, [*base(), tables[1]])
    older = link(tmp_path / "older", [*base(before), tables[0]])[1]["vaccination"]
    older = replace(older, records={k: t.drop_columns(absent) for k, t in older.records.items()})
    for each in [*linked.values(), older]:
        add_delivery(tmp_path / "store", each)
    with open_snapshot(tmp_path / "store", VOCABULARY, LAYOUTS, AS_OF, threads=1) as snapshot:
        found = snapshot.connection.execute("SELECT dose, unknown_cells FROM rec_vaccination ORDER BY dose").fetchall()
    assert found == [(1, named), (2, None)]


def _with_unknown(table: CleanTable, names: list[str]) -> pa.Table:
    return table.table.append_column("unknown_cells", pa.array(names, pa.string()))
