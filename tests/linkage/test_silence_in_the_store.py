"""Silence that must not be read as "no": quarantined rows, urgent calls of nobody yet, months that nobody has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from made_up_town import AS_OF, CITY, LAYOUTS, RESIDENTS, VOCABULARY, base, clean, key_of, link

from engine.linkage.deliveries import link_deliveries
from engine.linkage.keyring import Keyring, open_keyring
from engine.records.case import SourceStatus
from engine.records.delivery import CleanTable, QuarantinedRow
from engine.records.layout import Layout
from engine.store.catalogue import CATALOGUE, read_catalogue
from engine.store.facts import add_delivery
from engine.store.snapshot import open_snapshot
from engine.store.tables import Snapshot

MOTHER = {"watched_on": date(2026, 6, 1), "name_kana": "サトウ ハナコ", "born_on": date(1986, 6, 6)}
UNREADABLE_DAY = {"watched_on": "きのう", "name_kana": "ｻﾄｳ ｷｮｳｺ", "born_on": "平成28年7月7日"}


def torn(table: CleanTable, rows: Sequence[Mapping[str, str]]) -> CleanTable:
    """The delivery with quarantined rows besides, given by the cells that are filled, as written."""
    cells = [c for c in LAYOUTS[table.delivery.source].cells.values() if c.id in table.table.column_names]
    found = tuple(
        QuarantinedRow(90 + i, "訪問日", "E-DELIV-53", "読めません", "", tuple(row.get(c.id, "") for c in cells))
        for i, row in enumerate(rows)
    )
    counted = replace(table.delivery, received=table.delivery.received + len(rows), quarantined=len(rows))
    return replace(table, delivery=counted, quarantined=found)


def take_in(folder: Path, tables: Sequence[CleanTable]) -> Keyring:
    keyring = open_keyring(folder / "keyring")
    for linked in link_deliveries(tables, keyring, LAYOUTS, VOCABULARY, city=CITY):
        add_delivery(folder / "store", linked)
    return keyring


def opened(folder: Path, as_of: date = AS_OF, layouts: Mapping[str, Layout] = LAYOUTS) -> Snapshot:
    return open_snapshot(folder / "store", VOCABULARY, layouts, as_of, threads=1)


def status(snapshot: Snapshot, source: str) -> SourceStatus:
    return next(s for s in snapshot.sources if s.source == source)


def covered(snapshot: Snapshot, source: str) -> dict[str, date]:
    found = snapshot.connection.execute(
        f"SELECT subject_key, covered_from FROM coverage WHERE source = '{source}'"
    ).fetchall()
    return dict(found)


def test_a_quarantined_visit_makes_the_named_child_s_silence_unknown(tmp_path: Path) -> None:
    """A row whose day cannot be read still names a child: this source's silence about the child means nothing."""
    keyring = take_in(tmp_path, [*base(), torn(clean("npo_watch", [MOTHER]), [UNREADABLE_DAY])])
    with opened(tmp_path) as snapshot:
        found = covered(snapshot, "npo_watch")
        assert key_of(keyring, 103) not in found
        assert key_of(keyring, 101) in found
        assert status(snapshot, "npo_watch").unattributed == 0


def test_everyone_whom_a_quarantined_visit_may_mean_is_held(tmp_path: Path) -> None:
    """Two children of one name and birth date: the row may be either's, so neither's silence is a "no"."""
    row = {"watched_on": "？", "name_kana": "スズキ ユウト", "born_on": "2017-03-03"}
    keyring, linked = link(tmp_path, [*base(), torn(clean("npo_watch", [MOTHER]), [row])])
    held = set(linked["npo_watch"].held["subject_key"].to_pylist())
    assert {key_of(keyring, 301), key_of(keyring, 401)} <= held
    by_address = {
        "name_kana": "タナカ ハルト",
        "born_on": "平成30年8月某日",
        "address_full": "本町1-20-1 みどり荘203号室",
    }
    keyring, linked = link(tmp_path / "b", [*base(), torn(clean("npo_watch", [MOTHER]), [by_address])])
    assert key_of(keyring, 202) in linked["npo_watch"].held["subject_key"].to_pylist()


@pytest.mark.parametrize("source", ["npo_watch", "vaccination", "long_term_care"])
def test_a_row_that_is_nobody_s_is_counted(tmp_path: Path, source: str) -> None:
    """A torn row without a readable number or name, or with a number of nobody, makes no one unknown; it is counted."""
    rows = [{}, {"address_number": "１２Ａ", "name_kana": "ダレカ ワカラナイ"}, {"address_number": "9999999999"}]
    _, linked = link(tmp_path, [*base(), torn(clean(source, []), rows)])
    assert linked[source].unattributed == 3
    assert linked[source].held.num_rows == 0


def test_a_readable_number_is_not_counted(tmp_path: Path) -> None:
    """A quarantined row with a known number makes that person unknown, and is not one of nobody."""
    row = {"address_number": "１０３"}
    keyring, linked = link(tmp_path, [*base(), torn(clean("vaccination", []), [row])])
    assert linked["vaccination"].unattributed == 0
    assert linked["vaccination"].held["subject_key"].to_pylist() == [key_of(keyring, 103)]


CALLS = [
    MOTHER | {"urgent_call": "有"},  # linked: the scenario sees it
    {"watched_on": date(2026, 10, 1), "name_kana": "スズキ ユウト", "born_on": date(2017, 3, 3), "urgent_call": "有"},
    {"watched_on": date(2026, 10, 2), "name_kana": "ダレデモ ナイ", "urgent_call": "有"},
    {"watched_on": date(2026, 10, 3), "name_kana": "ヤマダ サクラ", "born_on": date(2019, 9, 9), "urgent_call": "有"},
    {"watched_on": date(2026, 10, 4), "name_kana": "ダレデモ ナイ", "urgent_call": "無"},
]
TORN_CALLS = [
    {"urgent_call": "１"},
    {"urgent_call": "有"},
    {"urgent_call": "至急"},
    {"urgent_call": "0"},
    {"urgent_call": ""},
]


def test_urgent_calls_of_nobody_yet_are_counted(tmp_path: Path) -> None:
    """Held (1), unknown (1) and protected (1) calls, and quarantined ones (3, one in unknown words), never vanish."""
    _, linked = link(tmp_path, [*base(), torn(clean("npo_watch", CALLS), TORN_CALLS)])
    assert dict(linked["npo_watch"].statuses) == {"自動": 1, "保留": 1, "未突合": 2, "支援措置": 1}
    assert linked["npo_watch"].urgent_unlinked == 6


def test_the_alarm_stands_for_a_month_also_when_a_newer_file_came(tmp_path: Path) -> None:
    """What adds up is not superseded: an urgent call of nobody stays on the cover for 31 days."""
    later = AS_OF + timedelta(days=28)
    take_in(tmp_path, [*base(), torn(clean("npo_watch", CALLS), TORN_CALLS)])
    take_in(tmp_path, [*base(later), clean("npo_watch", [], later)])
    with opened(tmp_path, later) as snapshot:
        assert status(snapshot, "npo_watch").urgent_unlinked == 6
        assert status(snapshot, "npo_watch").unattributed == 5
    with opened(tmp_path, AS_OF + timedelta(days=32)) as snapshot:
        assert status(snapshot, "npo_watch").urgent_unlinked == 0
    with opened(tmp_path) as snapshot:
        assert status(snapshot, "npo_watch").urgent_unlinked == 6
        assert status(snapshot, "residents").urgent_unlinked == 0


def test_a_catalogue_of_before_reads_as_zero(tmp_path: Path) -> None:
    """Lines written before the counts existed are still read."""
    take_in(tmp_path, base())
    path = tmp_path / "store" / CATALOGUE
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        del line["urgent_unlinked"], line["unattributed"]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    assert {(e.urgent_unlinked, e.unattributed) for e in read_catalogue(tmp_path / "store")} == {(0, 0)}


SCHOOL = {"address_number": "0000000103", "student_number": "00000001", "school_code": "101", "register_grade": 4}


def months(*ends: date) -> CleanTable:
    cells = {"student_number": "00000001", "absent_days": 0, "sick_absent_days": 0}
    return clean("school_attendance", [cells | {"school_month_on": end} for end in ends])


def periods(snapshot: Snapshot, record: str) -> list[date]:
    query = f"SELECT period_end FROM delivered_period WHERE record = '{record}' ORDER BY ALL"
    return [day for (day,) in snapshot.connection.execute(query).fetchall()]


def test_a_month_that_nobody_has_is_a_hole(tmp_path: Path) -> None:
    """June, July, September came: August is due, so that a window over it is unknown, and the hole is told."""
    came = months(date(2026, 6, 30), date(2026, 7, 31), date(2026, 9, 30))
    take_in(tmp_path, [*base(), clean("school_register", [SCHOOL]), came])
    whole = [date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30)]
    with opened(tmp_path) as snapshot:
        assert periods(snapshot, "school_month") == whole
        assert status(snapshot, "school_attendance").missing_periods == (date(2026, 8, 31),)
        assert status(snapshot, "water").missing_periods == ()
    resting = {
        **LAYOUTS,
        "school_attendance": LAYOUTS["school_attendance"].model_copy(update={"no_period_months": (8,)}),
    }
    with opened(tmp_path, layouts=resting) as snapshot:
        assert periods(snapshot, "school_month") == [day for day in whole if day.month != 8]
        assert status(snapshot, "school_attendance").missing_periods == ()


def test_two_month_periods_are_counted_back_from_the_newest(tmp_path: Path) -> None:
    """Bills of December and April: February's is missing for everybody; the months between are none."""
    bill = {
        "water_meter_number": "000000001",
        "name_kana": "サトウ タロウ",
        "address_full": "本町1-10-1",
        "billed_yen": 900,
    }
    bills = [bill | {"billed_on": end} for end in (date(2025, 12, 31), date(2026, 4, 30))]
    take_in(tmp_path, [*base(), clean("water", bills)])
    with opened(tmp_path) as snapshot:
        assert periods(snapshot, "water_bill") == [date(2025, 12, 31), date(2026, 2, 28), date(2026, 4, 30)]
        assert status(snapshot, "water").missing_periods == (date(2026, 2, 28),)


def test_what_adds_up_covers_from_its_first_event(tmp_path: Path) -> None:
    """A first delivery that comes late is not read as the full history that its layout promises."""
    shots = [
        {"address_number": f"{number:010d}", "vaccine_kind": "BCG", "dose": 1, "vaccinated_on": day}
        for number, day in ((101, date(2026, 3, 5)), (103, date(2026, 9, 9)))
    ]
    keyring = take_in(tmp_path, [*base(), clean("vaccination", shots), clean("consultation", [])])
    with opened(tmp_path) as snapshot:
        assert set(covered(snapshot, "vaccination").values()) == {date(2026, 3, 5)}
        assert key_of(keyring, 202) in covered(snapshot, "vaccination")
        assert covered(snapshot, "consultation") == {}


def test_a_person_without_a_name_stays_in_the_household(tmp_path: Path) -> None:
    """A blank 氏名 drops nobody: the mother is still the child's mother, and her name is empty where one is asked for."""
    nameless = [r if r["address_number"] != "0000000102" else r | {"name_kanji": None} for r in RESIDENTS]
    assert nameless != list(RESIDENTS)
    keyring = take_in(tmp_path, base(residents=nameless))
    child, mother = key_of(keyring, 103), key_of(keyring, 102)
    with opened(tmp_path) as snapshot:
        found = snapshot.connection.execute(
            "SELECT member_key FROM kin WHERE relation = '母' AND child_key = $child", {"child": child}
        ).fetchall()
    assert found == [(mother,)]
    assert keyring.identities([mother])[mother].name == ""
