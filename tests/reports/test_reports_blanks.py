"""What may be written on a delivered paper is what reading back knows: nobody's words are lost in silence."""

from __future__ import annotations

from pathlib import Path

import made_up_cases as made
import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from workbook_dump import open_book

from reports.blanks import BLANKS, PREFIX, SheetKind
from reports.handout import DEFAULT_TEMPLATE, write_handout
from reports.register.book import REGISTER_TEMPLATE
from reports.templates.build import CASE_SHEET

KINDS: dict[str, SheetKind] = {"案件": "案件", "個票": "案件", "無作為の確認": "無作為", "台帳": "台帳"}
SHEETS = [
    (path.name, sheet.title)
    for path in (DEFAULT_TEMPLATE, CASE_SHEET, REGISTER_TEMPLATE)
    for sheet in load_workbook(path).worksheets
    if sheet.sheet_state == "visible"
]


@pytest.mark.parametrize(("file", "title"), SHEETS)
def test_every_cell_that_can_be_written_is_a_blank_that_is_read_back(file: str, title: str) -> None:
    """No sheet has an open cell outside a named blank of its kind, and every blank of its kind is there and open; the sheet itself is protected."""
    sheet = load_workbook(DEFAULT_TEMPLATE.parent / file)[title]
    names = {name: defined.attr_text.rsplit("!", 1)[-1].replace("$", "") for name, defined in sheet.defined_names.items() if name.startswith(PREFIX)}
    known = {blank.name for blank in BLANKS[KINDS[title]]} if title in KINDS else set()
    assert set(names) == known
    heads = {area.split(":")[0] for area in names.values()}
    covered = {cell.coordinate for merged in sheet.merged_cells.ranges if merged.coord.split(":")[0] in heads for row in sheet[merged.coord] for cell in row}
    for area in names.values():
        left, top, right, bottom = range_boundaries(area)
        covered |= {sheet.cell(row, column).coordinate for row in range(top, bottom + 1) for column in range(left, right + 1)}
    opened = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert opened <= covered and heads <= opened
    assert sheet.protection.sheet


def test_the_leading_agencies_are_those_that_the_city_names(tmp_path: Path) -> None:
    """The drop-down's list has as many rows as there are names, and the names of the book follow it; the next book is not touched by the one before."""
    book = made.casebook((made.case(1),))
    for agencies in (("市民相談室", "=児童相談所", "南部保健センター"), ("一つだけの課",)):
        path = write_handout(book, made.identities(book.cases), tmp_path / f"{len(agencies)}.xlsx", agencies=agencies)[0]
        workbook = open_book(path)
        area = workbook.defined_names["選択肢_主担当機関"].attr_text.split("!")[1].replace("$", "")
        cells = workbook["_選択肢"][area]
        found = [cell for (cell,) in cells] if isinstance(cells, tuple) else [cells]
        assert [cell.value for cell in found] == list(agencies)
        assert all(cell.data_type == "s" for cell in found)
