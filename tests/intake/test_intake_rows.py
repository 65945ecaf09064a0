"""What becomes of single rows and cells: used, used with a note, or quarantined with a reason."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest
from intake_city import RESIDENT_HEADER, RESIDENT_ROWS, VISIT_HEADER, City, csv_text

from engine.intake import FoundDelivery, read_delivery
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary

GOOD = RESIDENT_ROWS[0]


def test_a_clean_table_is_typed_and_keeps_what_was_delivered(city: City) -> None:
    """Numbers keep their zeros, kana become full width, names keep their characters, codes become words."""
    row = city.residents(
        csv_text(RESIDENT_HEADER, "１９,雉子牟田　　金糸雀 ,ｷｼﾞﾑﾀ　ｶﾅﾘｱ,S62.6.5,鸚鵡台１番地,1")
    ).table.to_pylist()[0]
    assert row == {
        "line": 2,
        "address_number": "0000000019",
        "address_number__original": "１９",
        "name_kanji": "雉子牟田 金糸雀",
        "name_kanji__original": "雉子牟田　　金糸雀 ",
        "name_kana": "キジムタ カナリア",
        "name_kana__original": "ｷｼﾞﾑﾀ　ｶﾅﾘｱ",
        "born_on": date(1987, 6, 5),
        "born_on__original": "S62.6.5",
        "address_full": "鸚鵡台１番地",
        "address_full__original": "鸚鵡台１番地",
        "resident_status": "住民",
        "resident_status__original": "1",
        "unknown_cells": None,
    }


def test_columns_may_come_in_any_order_and_under_an_alias(city: City) -> None:
    """Columns are found by name, never by position."""
    header = "住 民 状 態,住所,宛名コード,ﾌﾘｶﾞﾅ,生年月日,氏名"
    row = city.residents(csv_text(header, "02,鸚鵡台,0000000019,キジ,19870605,雉子牟田")).table.to_pylist()[0]
    assert (row["resident_status"], row["address_number"], row["name_kana"]) == ("転出", "0000000019", "キジ")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("0000000019,雉子牟田,キジ,19870605,鸚鵡台", "E-DELIV-51"),
        ("0000000019,雉子牟田,キジ,19870605,鸚鵡台,01,余り", "E-DELIV-51"),
        ("0000000019,　,キジ,19870605,鸚鵡台,01", "E-DELIV-52"),
        ("0000000019,雉子牟田,キジ,そのうち,鸚鵡台,01", "E-DELIV-53"),
        ("0000000019,雉子牟田,キジ,2025-02-29,鸚鵡台,01", "E-DELIV-54"),
        ("0000000019,雉子牟田,キジ,昭和64年1月8日,鸚鵡台,01", "E-DELIV-55"),
        ("1.23E+08,雉子牟田,キジ,19870605,鸚鵡台,01", "E-DELIV-57"),
        ("0000000019,雉子牟田,キジ,1.99E+07,鸚鵡台,01", "E-DELIV-57"),
        ("0000000019,雉子牟田,キジ,19870605,鸚鵡台,03", "E-DELIV-59"),
        ("0000000019,雉子牟田,キジ,20261121,鸚鵡台,01", "E-DELIV-61"),
        ("A000000019,雉子牟田,キジ,19870605,鸚鵡台,01", "E-DELIV-62"),
        ("00000000019,雉子牟田,キジ,19870605,鸚鵡台,01", "E-DELIV-63"),
        ('0000000019,雉子"牟田,キジ,19870605,鸚鵡台,01', "E-DELIV-64"),
    ],
)
def test_a_row_that_cannot_be_used_is_quarantined_with_its_reason(city: City, row: str, code: str) -> None:
    """The other rows are used, the counts add up, and the place is the line in the file."""
    table = city.residents(csv_text(RESIDENT_HEADER, GOOD, row, GOOD))
    assert [(q.line, q.code) for q in table.quarantined] == [(3, code)]
    assert table.quarantined[0].reason
    assert table.quarantined[0].remedy
    assert (table.delivery.received, table.delivery.used, table.delivery.quarantined) == (3, 2, 1)
    assert table.table.column("line").to_pylist() == [2, 4]


def test_a_row_tells_all_its_faults(city: City) -> None:
    """Nobody corrects a row three times."""
    table = city.residents(csv_text(RESIDENT_HEADER, GOOD, "x,,キジ,20250229,鸚鵡台,7"))
    assert table.quarantined[0].code.split() == ["E-DELIV-62", "E-DELIV-52", "E-DELIV-54", "E-DELIV-59"]
    assert table.quarantined[0].column == "宛名番号、氏名、生年月日、住民状態"
    assert table.quarantined[0].cells == ("x", "", "キジ", "20250229", "鸚鵡台", "7")


def test_cells_of_a_row_of_wrong_length_are_not_kept(city: City) -> None:
    """A shifted cell could be one that the city decided not to use, under another column's name."""
    table = city.visits("19,20261101,1,3,2,,,金糸雀", "19,20261101,1,3,2,,,5,1")
    assert table.quarantined[0].cells == ("",) * 7


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("20261101,1,32,0,,", "E-DELIV-58"),
        ("20261101,1,3.5,0,,", "E-DELIV-56"),
        ("20261101,1,2,3,,", "E-DELIV-60"),
        ("20261121,1,3,0,,", "E-DELIV-61"),
    ],
)
def test_numbers_and_days_are_checked_against_each_other(city: City, cells: str, code: str) -> None:
    """Range, checks between columns, and events after the as-of day."""
    assert [q.code for q in city.visits(f"19,{cells},,", "19,20261101,1,3,2,,,5,1").quarantined] == [code]


def test_an_end_may_lie_ahead_and_a_start_is_counted(city: City) -> None:
    """A certificate runs on; a service that begins next month is used and somebody is told."""
    table = city.visits("19,20261101,1,3,2,20261201,20271130,,", "19,20261101,1,3,2,20261101,99991231,,")
    assert table.quarantined == ()
    assert table.delivery.warnings == {"W-DELIV-28 開始日": 1}


def test_a_derived_column_is_unknown_if_either_part_is(city: City) -> None:
    """A blank is never read as nought."""
    rows = city.visits("19,,,3,1,,,,", "19,,,3,,,,,", "19,,,,1,,,,").table.to_pylist()
    assert [row["kept_count"] for row in rows] == [2, None, None]
    assert [row["visit_kind"] for row in rows] == ["なし"] * 3


def test_columns_that_may_not_be_used_stop_at_the_reader(city: City) -> None:
    """Refused, pending and unregistered columns leave no trace but their names, or their place."""
    table = city.visits("19,20261101,1,3,2,,,金糸雀,8080808,鸚鵡", header=f"{VISIT_HEADER},備考")
    assert table.delivery.left_out_columns == ("成績", "収入", "10列目")
    assert not {"school_marks", "income_yen"} & set(table.table.column_names)
    assert "金糸雀" not in str(table.table.to_pylist())
    assert "8080808" not in str(table.table.to_pylist())


def test_unknown_dates_gaiji_and_check_digits_are_used_and_counted(city: City) -> None:
    """不詳 is a legal date, a missing glyph is kept, a wrong check digit warns and never rejects."""
    rows = ("0000000018,雉子〓,キジ,年月日不詳,鸚鵡台,01", "0000000019,雉子\ue000,キジ,昭和60年00月00日,鸚鵡台,99")
    content = csv_text(RESIDENT_HEADER, *rows).encode("cp932")
    table = city.residents(content)
    assert table.quarantined == ()
    assert table.delivery.warnings == {"W-DELIV-23 生年月日": 2, "W-DELIV-24 宛名番号": 1, "W-DELIV-25 氏名": 2}
    first, second = table.table.to_pylist()
    assert (first["born_on"], first["born_on__original"]) == (None, "年月日不詳")
    assert second["name_kanji"] == "雉子\ue000"
    assert second["resident_status"] is None


@pytest.mark.parametrize("footer", ["合計,3,,,,", "総件数,３件", "合計,,,,,", "合計:3,,,,,", "総件数,3,20261120,,,"])
def test_a_total_row_that_agrees_is_no_data(city: City, footer: str) -> None:
    """Total rows are counted apart."""
    delivery = city.residents(csv_text(RESIDENT_HEADER, *RESIDENT_ROWS, footer)).delivery
    assert (delivery.received, delivery.used, delivery.footer_rows) == (3, 3, 1)


def test_subtotals_count_the_rows_since_the_last_one(city: City) -> None:
    """Several schools or districts in one file, each with its total."""
    delivery = city.residents(csv_text(RESIDENT_HEADER, GOOD, GOOD, "合計,2", GOOD, "合計,1", "総件数,3")).delivery
    assert (delivery.received, delivery.footer_rows) == (3, 3)


def test_blank_lines_are_no_data(city: City) -> None:
    """Counted and told, never read as a person."""
    delivery = city.residents(csv_text(RESIDENT_HEADER, GOOD, "", ",,,,,", GOOD)).delivery
    assert (delivery.received, delivery.used, delivery.warnings) == (2, 2, {"W-DELIV-27": 2})


def test_commas_and_line_breaks_inside_quotes_are_content(city: City) -> None:
    """And the line of the next row is still the physical one."""
    quoted = '0000000019,"雉子牟田\n金糸雀",キジ,19870605,"鸚鵡台,1 ""西棟""",01'
    rows = city.residents(csv_text(RESIDENT_HEADER, quoted, GOOD)).table.to_pylist()
    assert [row["line"] for row in rows] == [2, 4]
    assert rows[0]["address_full"] == '鸚鵡台,1 "西棟"'
    assert rows[0]["name_kanji"] == "雉子牟田 金糸雀"


def test_the_same_file_gives_the_same_table(city: City) -> None:
    """No order and no clock enters."""
    content = csv_text(RESIDENT_HEADER, *RESIDENT_ROWS, "x,,,,,")
    first, second = city.residents(content), city.residents(content)
    assert first.table.equals(second.table)
    assert (first.delivery, first.quarantined) == (second.delivery, second.quarantined)


def test_the_register_keeps_a_person_whose_birth_date_cannot_be_read(tmp_path: Path) -> None:
    """Losing the row would make the household smaller than it is; only the date becomes unknown, and is counted."""
    root = Path(__file__).parents[2]
    vocabulary = load_vocabulary(root / "rulebooks" / "fields.yaml")
    layout = load_layouts(root / "sources", vocabulary)["residents"]
    cells = dict.fromkeys(layout.cells, "")
    cells |= {
        "宛名番号": "0000000019", "履歴番号": "1", "世帯番号": "0000000027", "住民状態": "1", "氏名": "雉子牟田 金糸雀",
        "性別": "2", "生年月日": "2025-02-29", "続柄コード1": "02",
    }  # fmt: skip
    content = csv_text(",".join(cells), ",".join(cells.values())).encode("cp932")
    path = tmp_path / "01_residents_20261120.csv"
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    found = FoundDelivery(path, path.name, "residents", "住民記録", date(2026, 11, 20), digest, len(content))
    clean = read_delivery(found, layout, vocabulary)
    assert clean.table["born_on"].to_pylist() == [None]
    assert clean.table["born_on__original"].to_pylist() == ["2025-02-29"]
    assert clean.table["unknown_cells"].to_pylist() == ["born_on"]  # and not the other dates, which are blank
    assert (clean.delivery.received, clean.delivery.used, clean.delivery.quarantined) == (1, 1, 0)
    assert clean.delivery.warnings["W-DELIV-32 生年月日"] == 1


def test_what_is_written_but_says_no_value_is_unknown_and_not_blank(city: City) -> None:
    """A date that is partly 不詳 and a code listed as 不明 are named as unknown; a blank cell is not, nor a good one."""
    visits = [
        "0000000019,令和8年春,1,3,1,,,,",
        "0000000019,,1,3,1,,,,",
        "0000000019,20261101,1,3,1,令和8年10月不詳,年月日不詳,,",
        "0000000019,2026-00-00,1,3,1,,　,,",
    ]
    table = city.visits(*visits).table
    assert table["unknown_cells"].to_pylist() == ["visited_on", None, "service_from,service_until", "visited_on"]
    assert table["visited_on"].to_pylist() == [None, None, date(2026, 11, 1), None]
    residents = ["0000000019,雉子牟田,キジ,,鸚鵡台,99", "0000000027,雉子牟田,キジ,昭和62年頃,鸚鵡台,01"]
    table = city.residents(csv_text(RESIDENT_HEADER, *residents)).table
    assert table["unknown_cells"].to_pylist() == ["resident_status", "born_on"]
