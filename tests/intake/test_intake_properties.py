"""Laws of the reader: nothing is lost, nothing is guessed, and shortcuts mean the same as the plain functions."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_city import AS_OF, RESIDENT_HEADER, VISIT_HEADER, make_definitions

from engine.intake import FoundDelivery, read_delivery
from engine.intake.cells import cell_reader, check_digit_holds
from engine.intake.columns import ColumnReader
from engine.intake.rows import RowSplitter
from engine.intake.wording import CONTENT
from engine.kernel.errors import KizukiError
from engine.records.delivery import CleanTable
from engine.records.layout import CellRule

_FOLDER = Path(tempfile.mkdtemp(prefix="intake-"))
LAYOUTS, VOCABULARY = make_definitions(_FOLDER)
LENIENT = {key: layout.model_copy(update={"quarantine_limit": 1.0}) for key, layout in LAYOUTS.items()}

# What municipal exports hold, the odd included; no NUL and no 0x1A, which refuse the file.
_BLANKS = ["", " ", "　", "\t", "\u00a0", "\u2028", "\x0b", "\ufeff", "\n", "\r\n", "\r"]
_NUMBERS = ["0", "19", "0000000019", "１２", "-1", "−5", "1,234", "1.23E+08", "01", "02", "99", "A-1"]
_DATES = ["2026-02-29", "R8.11.20", "20261120", "不詳", "昭和64年1月8日"]
_NAMES = ["雉子", "ｷｼﾞ", "ﾞ", "゛", "〓", "\ue000", "髙", "﨑", "㈱", "①", "e\u0301", "\u3099", "👪", "𠮷", "ー", "～"]
_SIGNS = ['"', "'", "=1", ",", "合計", "件数", "宛名番号"]
PIECES = st.sampled_from([*_BLANKS, *_NUMBERS, *_DATES, *_NAMES, *_SIGNS])
CELLS = st.lists(PIECES, max_size=3).map("".join)
PLAIN_CELLS = CELLS.map(lambda cell: cell.translate(dict.fromkeys(map(ord, '",\n'))))


def _deliver(source: str, data: bytes) -> FoundDelivery:
    path = _FOLDER / f"{source}.csv"
    path.write_bytes(data)
    layout = LAYOUTS[source]
    digest = hashlib.sha256(data).hexdigest()
    return FoundDelivery(path, path.name, source, layout.label, AS_OF, digest, len(data))


def _written(header: str, rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return text.getvalue().encode()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=9, max_size=9), max_size=6))
def test_every_cell_is_kept_or_quarantined_with_a_reason(rows: list[list[str]]) -> None:
    """Any table that csv can write comes back cell for cell, as used or as quarantined rows; the counts add up."""
    layout = LENIENT["visits"]
    table = read_delivery(_deliver("visits", _written(VISIT_HEADER, rows)), layout, VOCABULARY)
    delivery = table.delivery
    assert delivery.received == delivery.used + delivery.quarantined == table.table.num_rows + len(table.quarantined)
    kept = [name for name in table.table.column_names if name.endswith("__original")]
    used = [tuple(row[name] for name in kept) for row in table.table.to_pylist()]
    lines = table.table.column("line").to_pylist()
    back = dict(zip(lines, used, strict=True)) | {row.line: row.cells for row in table.quarantined}
    assert len(back) == delivery.received
    assert all(row.code and row.reason and row.remedy for row in table.quarantined)
    sent = [tuple(row[:7]) for row in rows if any(cell.strip() for cell in row)]
    assert [back[line] for line in sorted(back)] == sent


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["residents", "visits", "address_protection"]))
def test_no_bytes_cause_anything_but_a_table_or_a_refusal(noise: bytes, source: str) -> None:
    """Whatever a medium carries, there is no traceback."""
    header = {"residents": RESIDENT_HEADER, "visits": VISIT_HEADER}.get(source, "宛名番号,開始日,終了日")
    for data in (noise, header.encode(LAYOUTS[source].encoding) + b"\r\n" + noise):
        try:
            table = read_delivery(_deliver(source, data), LENIENT[source], VOCABULARY)
        except KizukiError as error:
            codes = {problem.code for problem in error.problems}
        else:
            assert table.delivery.received == table.delivery.used + table.delivery.quarantined
            continue
        assert codes <= set(CONTENT)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(PLAIN_CELLS, max_size=4), max_size=8), st.booleans())
def test_both_ways_of_splitting_rows_mean_the_same(rows: list[list[str]], ends: bool) -> None:
    """A file without quotation marks is split in bulk exactly as the csv module splits it."""
    lines = ["a,b,c", *(",".join(row) for row in rows)]
    text = "\r\n".join(lines) + ("\r\n" if ends else "")
    results = []
    for quoted in (False, True):
        splitter = RowSplitter(iter([text]), quoted=quoted)
        assert splitter.read_header() == ["a", "b", "c"]
        whole: list[tuple[int, list[str]]] = []
        for chunk in splitter.chunks():
            cells = zip(*(column.to_pylist() for column in chunk.columns), strict=True)
            whole += ((int(n), list(row)) for n, row in zip(chunk.lines, cells, strict=True))
            whole += ((row.line, row.cells) for row in chunk.odd)
        results.append(sorted(row for row in whole if any(row[1])))
    assert results[0] == results[1]


RULES = [
    CellRule(id="a", type="番号", digits=10, check_digit=True, required=True),
    CellRule(id="a", type="番号", digits=8),
    CellRule(id="a", type="番号", digits=2),
    CellRule(id="a", type="整数", range=(0, 31)),
    CellRule(id="a", type="整数"),
    CellRule(id="a", type="日付", unknown=("0",)),
    CellRule(id="a", type="年月"),
    CellRule(id="a", type="区分", codes={"01": "甲", "02": "乙", "1": "丙"}),
    CellRule(id="a", type="文字"),
    CellRule(id="a", type="氏名", required=True),
    CellRule(id="a", type="カナ"),
    CellRule(id="a", type="住所"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.type}{rule.digits or ''}")
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(CELLS | st.text(max_size=4) | st.from_regex(r"[0-9]{8,11}", fullmatch=True), max_size=30))
def test_a_whole_column_is_read_as_each_cell_alone(rule: CellRule, texts: list[str]) -> None:
    """The shortcuts for many cells at once give the very value, fault and note that the cell's own function gives."""
    reading = ColumnReader(rule, {}).read(pa.array(texts, pa.string()))
    read = cell_reader(rule)
    values = reading.values.to_pylist()
    for row, text in enumerate(texts):
        cell = read(text)
        notes = {code for code, rows in reading.notes.items() if rows[row]}
        assert reading.faults.get(row) == cell.fault
        assert notes == ({cell.note} if cell.note else set())
        if cell.fault is None:
            assert values[row] == cell.value


@given(st.integers(min_value=0, max_value=10**9 - 1))
def test_exactly_one_check_digit_fits(number: int) -> None:
    """Modulus 11 with remainder 0 and 1 giving 0."""
    assert sum(check_digit_holds(f"{number:09d}{digit}") for digit in range(10)) == 1


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(7)))
def test_the_order_of_rows_changes_no_row(order: list[int]) -> None:
    """A row means the same wherever it stands."""
    rows = [["19", f"2026110{i + 1}", "1", "5", str(i), "", "", "", ""] for i in range(7)]

    def read(chosen: list[list[str]]) -> CleanTable:
        return read_delivery(_deliver("visits", _written(VISIT_HEADER, chosen)), LENIENT["visits"], VOCABULARY)

    def content(table: CleanTable) -> list[str]:
        return sorted(str({k: v for k, v in row.items() if k != "line"}) for row in table.table.to_pylist())

    mixed = read([rows[i] for i in order])
    assert content(mixed) == content(read(rows))
    assert {row.cells for row in mixed.quarantined} == {row.cells for row in read(rows).quarantined}


def test_rows_beyond_one_chunk_keep_their_lines_and_totals(tmp_path: Path) -> None:
    """A large file is read in parts; lines, counts and total rows run on across them, quoted or not."""
    count = 120_003
    body = "".join(f"{i:010d},20261101,1,5,{i % 6},,,,\r\n" for i in range(count))
    plain = read_delivery(_deliver("visits", (VISIT_HEADER + "\r\n" + body).encode()), LENIENT["visits"], VOCABULARY)
    quoted = body.replace("20261101", '"20261101"', 1)
    other = read_delivery(_deliver("visits", (VISIT_HEADER + "\r\n" + quoted).encode()), LENIENT["visits"], VOCABULARY)
    assert plain.delivery.received == count
    assert plain.table.column("line").to_pylist() == list(range(2, count + 2))
    assert plain.table.equals(other.table)
    assert plain.table.column("visited_on").unique().to_pylist() == [date(2026, 11, 1)]
