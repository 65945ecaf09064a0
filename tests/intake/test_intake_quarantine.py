"""The way there and back: quarantined, corrected in a spreadsheet, delivered again."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_city import AS_OF, RESIDENT_HEADER, RESIDENT_ROWS, City, csv_text

from engine.intake import find_deliveries, write_quarantine
from engine.intake.quarantine import guard, unguard

DANGEROUS = "0000000027,=HYPERLINK(1),ｷｼﾞ,2025-02-29,＝１＋１,01"


def _quarantined(city: City, folder: Path, *rows: str) -> Path:
    table = city.residents(csv_text(RESIDENT_HEADER, *RESIDENT_ROWS, *rows))
    path = write_quarantine(table, city.layouts["residents"], folder)
    assert path is not None
    return path


def test_the_quarantine_file_tells_a_person_what_to_do(city: City, tmp_path: Path) -> None:
    """File, line, columns, reason, advice, then the row as delivered, readable by a spreadsheet and only its owner."""
    path = _quarantined(city, tmp_path / "quarantine", DANGEROUS)
    assert path == tmp_path / "quarantine" / "2026-11-20" / "01_residents_20261120_隔離.csv"
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert path.stat().st_mode & 0o077 == 0
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["隔離_ファイル", "隔離_行", "隔離_列", "隔離_理由", "隔離_直し方", *RESIDENT_HEADER.split(",")]
    assert rows[1][:3] == ["01_residents_20261120.csv", "5", "生年月日"]
    assert rows[1][5:] == ["0000000027", "'=HYPERLINK(1)", "ｷｼﾞ", "2025-02-29", "'＝１＋１", "01"]


def test_a_corrected_row_comes_back(city: City, tmp_path: Path) -> None:
    """Corrected in the quarantine file and saved as …_訂正.csv, the row is read whatever encoding the layout declares."""
    path = _quarantined(city, tmp_path / "quarantine", DANGEROUS)
    corrected = path.read_bytes().decode("utf-8-sig").replace("2025-02-29", "2025-02-28")
    city.put("01_residents_20261120_訂正.csv", corrected.encode("utf-8-sig"))
    found = find_deliveries(city.folder, city.layouts, as_of=AS_OF)
    assert [item.is_correction for item in found] == [False, True, False]
    table = city.read("01_residents_20261120_訂正.csv")
    assert table.quarantined == ()
    assert table.delivery.left_out_columns == ()
    row = table.table.to_pylist()[0]
    assert (row["name_kanji__original"], row["address_full__original"]) == ("=HYPERLINK(1)", "＝１＋１")


def test_a_correction_needs_no_entry_in_the_slip(city: City, tmp_path: Path) -> None:
    """People made it after the slip was written."""
    import hashlib

    path = _quarantined(city, tmp_path / "quarantine", DANGEROUS)
    names = [item.path for item in find_deliveries(city.folder, city.layouts, as_of=AS_OF)]
    counts = {"01_residents_20261120.csv": 4, "02_protection_20261120.csv": 1}
    lines = [f"{p.name},{counts[p.name]},{hashlib.sha256(p.read_bytes()).hexdigest()}" for p in names]
    city.put("manifest.csv", csv_text("ファイル名,行数,SHA-256", *lines), encoding="utf-8-sig")
    city.put("01_residents_20261120_訂正.csv", path.read_bytes())
    assert len(find_deliveries(city.folder, city.layouts, as_of=AS_OF)) == 3


def test_a_row_that_was_not_corrected_is_quarantined_again(city: City, tmp_path: Path) -> None:
    """Nothing slips through on the second try, and the second quarantine file has a name of its own."""
    path = _quarantined(city, tmp_path / "quarantine", DANGEROUS, "x")
    city.put("01_residents_20261120_訂正.csv", path.read_bytes())
    table = city.read("01_residents_20261120_訂正.csv")
    assert table.delivery.quarantined == 2
    again = write_quarantine(table, city.layouts["residents"], tmp_path / "quarantine")
    assert again is not None
    assert again.name == "01_residents_20261120_訂正_隔離.csv"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＋1", "－1", "＠x"])
def test_a_cell_that_a_spreadsheet_could_run_is_made_harmless(text: str) -> None:
    """Such a cell begins with an apostrophe in the quarantine file."""
    assert guard(text) == f"'{text}"


@given(st.text(alphabet="'=+-@\t\r＝＋－＠a1雉", max_size=6))
def test_guarding_a_cell_loses_nothing(text: str) -> None:
    """Whatever was delivered comes back from the quarantine file unchanged."""
    assert unguard(guard(text)) == text
    assert not guard(text).startswith(tuple("=+-@\t\r＝＋－＠"))
