"""A paper of tables as a workbook, A4 landscape: headings, lines and tables that print as they look on the screen."""

from __future__ import annotations

from copy import copy
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Problem
from reports.inert import inert
from reports.paper.tables import Cell, Column, PaperSheet, PaperTable, TablePaper
from reports.renderer.text import MAX_ROW_PT, Face, wrapped_lines
from reports.templates.style import ALERT, CENTER, HEAD, NAVY, NOTE, PALE_BLUE, TEXT, TITLE, Look, put

_FULL_WIDTH = 2.0  # a full-width character takes two of Excel's column units
_LINE = Look(size=10, border="none")
_COUNT = Look(across="right")
_HEADING = Look(bold=True, color=NAVY, fill=PALE_BLUE)
_SHEET_UNITS = 132.0  # what fits across A4 landscape at 100 %

_Looks = dict[tuple[Look, bool], Any]
"""The style of a book's cells by look, and whether they hold text."""


def write_paper(paper: TablePaper, path: Path, refusal: Problem) -> Path:
    """Write the workbook as a whole or not at all. Raises KizukiError with `refusal` where it cannot be written."""
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = book.properties.lastModifiedBy = "kizuki"
    book.properties.title = paper.title
    looks: _Looks = {}
    for sheet in paper.sheets:
        _fill(book.create_sheet(sheet.name), sheet, paper, looks)
    content = BytesIO()
    book.save(content)
    try:
        return write_whole(path, content.getvalue(), private=True)
    except OSError as error:
        raise KizukiError(refusal) from error


def _fill(page: Any, sheet: PaperSheet, paper: TablePaper, looks: _Looks) -> None:
    widths = _widths(sheet)
    for number, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    across = get_column_letter(len(widths))
    room = sum(widths)
    row = 1
    _line(page, row, across, f"{paper.title} {sheet.name}", TITLE, room)
    row += 1
    _line(page, row, across, paper.subtitle, NOTE, room)
    row += 1
    for text in paper.alarm:
        _line(page, row, across, text, ALERT, room)
        row += 1
    for text in sheet.lines:
        _line(page, row, across, text, _LINE, room)
        row += 1
    title_row = None
    for table in sheet.tables:
        row += 1
        _line(page, row, across, table.title, Look(size=11, bold=True, border="none"), room)
        row += 1
        title_row = title_row or row
        row = _table(page, row, table, widths, looks)
        if table.note:
            _line(page, row, across, table.note, NOTE, room)
            row += 1
    _set_up(page, paper, row, across, title_row if len(sheet.tables) == 1 else None)


def _widths(sheet: PaperSheet) -> list[float]:
    """One width for each column, wide enough for every table of the sheet."""
    count = max((len(table.columns) for table in sheet.tables), default=0)
    widths = [
        max((t.columns[i].width for t in sheet.tables if i < len(t.columns)), default=6) * _FULL_WIDTH
        for i in range(count)
    ]
    rest = _SHEET_UNITS - sum(widths)
    return [*widths, rest] if rest > 0 else widths  # the lines of text use the whole width of the paper


def _table(page: Any, row: int, table: PaperTable, widths: list[float], looks: _Looks) -> int:
    for number, column in enumerate(table.columns, start=1):
        put(page, f"{get_column_letter(number)}{row}", inert(column.title), HEAD)
    page.row_dimensions[row].height = _height([c.title for c in table.columns], widths, HEAD.size)
    for place, cells in enumerate(table.rows):
        row += 1
        for number, (cell, column) in enumerate(zip(cells, table.columns, strict=True), start=1):
            _put(page, f"{get_column_letter(number)}{row}", cell, column, looks, heads=place in table.headings)
        page.row_dimensions[row].height = _height([str(cell) for cell in cells], widths, TEXT.size)
    return row + 1


def _put(page: Any, at: str, cell: Cell, column: Column, looks: _Looks, *, heads: bool) -> None:
    if isinstance(cell, int):
        _dress_like_the_others(page, at, _COUNT, looks, is_text=False)
        page[at].value = cell
        page[at].number_format = "#,##0"
        return
    _dress_like_the_others(page, at, _HEADING if heads else CENTER if column.is_number else TEXT, looks, is_text=True)
    page[at].value = inert(cell)
    page[at].data_type = "s"


def _dress_like_the_others(page: Any, at: str, look: Look, looks: _Looks, *, is_text: bool) -> None:
    """The look of one cell of a table: made once, then shared, because making a style takes longer than writing a cell."""
    if (look, is_text) not in looks:
        put(page, at, None, look)
        page[at].quotePrefix = is_text
        looks[look, is_text] = page[at]._style
    page[at]._style = copy(looks[look, is_text])


def _set_text(cell: Any, text: str) -> None:
    """Text that no program takes for a formula, whatever it begins with."""
    cell.value = inert(text)
    cell.data_type = "s"
    cell.quotePrefix = True


def _line(page: Any, row: int, across: str, text: str, look: Look, room: float) -> None:
    put(page, f"A{row}:{across}{row}", None, look)
    _set_text(page[f"A{row}"], text)
    page.row_dimensions[row].height = _height([text], [room], look.size)


def _height(texts: list[str], widths: list[float], size: float) -> float:
    lines = max(
        (wrapped_lines(text, (width * 7 + 5) * 0.75, Face(size, bold=True)) for text, width in zip(texts, widths, strict=False)),
        default=1,
    )
    return min(MAX_ROW_PT, lines * size * 1.3 + 5)


def _set_up(page: Any, paper: TablePaper, last_row: int, across: str, title_row: int | None) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_area = f"A1:{across}{max(last_row - 1, 1)}"
    if title_row is not None:
        page.print_title_rows = f"{title_row}:{title_row}"
        page.freeze_panes = f"A{title_row + 1}"
    page.page_margins.left = page.page_margins.right = 0.5
    page.page_margins.top, page.page_margins.bottom = 0.8, 0.8
    page.page_margins.header = page.page_margins.footer = 0.4
    page.oddHeader.left.text = paper.handling
    page.oddHeader.right.text = paper.belongs_to
    page.oddFooter.left.text = paper.made_by
    page.oddFooter.right.text = "&P / &N"
