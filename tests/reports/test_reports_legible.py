"""What a reader must read prints at 7.5 points or more, and captions at 7: at the scale at which each sheet prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import made_up_cases as made
import pytest
from openpyxl.utils import get_column_letter
from workbook_dump import open_book

from reports.figures.figure import Label
from reports.figures.timeline import timeline
from reports.handout import write_handout
from reports.renderer.pages import SMALLEST_SCALE, _printable
from reports.renderer.sheet import PT_PER_CHARACTER
from reports.templates.build import CASE_SHEET
from reports.templates.household import NEVER_SAFE
from reports.templates.register import build
from reports.templates.sheets import A3

READ_PT, CAPTION_PT = 7.5, 7.0
_HEADINGS_OF_TYPES = {"虐待", "不登校", "ヤング\nケアラー", "貧困", "産後\nうつ", "発達\n障がい"}
_CAPTIONS = ("●①の類型", "答えは、一覧を作る仕組みが", "「未着」と「古くなっています」", "記録の見出し", NEVER_SAFE[:10])


def _scale(sheet: Any) -> float:
    """At which the sheet prints: its own, or what its page's width and, where it wants one page, height allow."""
    if not sheet.sheet_properties.pageSetUpPr.fitToPage:
        return float(sheet.page_setup.scale) / 100
    width, height = _printable(sheet)
    columns = (sheet.column_dimensions[get_column_letter(i)] for i in range(1, sheet.max_column + 1))
    scale = min(1.0, width / sum((c.width or 0.0) * PT_PER_CHARACTER for c in columns if not c.hidden))
    if sheet.page_setup.fitToHeight == 1:
        rows = (sheet.row_dimensions[i] for i in range(1, sheet.max_row + 1))
        scale = min(scale, height / sum(row.height or 15.0 for row in rows if not row.hidden))
    return scale


@pytest.mark.parametrize("kind", ["会議資料", "個票"])
def test_nothing_prints_too_small_to_be_read(tmp_path: Path, kind: str) -> None:
    """On every sheet, of households with twenty scenarios and with none, on one page and on two."""
    cases = (made.worst_case(1), made.empty_case(2), *(made.case(n, protected=n == 3) for n in range(3, 6)))
    book = made.casebook(cases, apart=(made.apart(41),), drawn=(made.drawn(1),))
    options = {"template": CASE_SHEET} if kind == "個票" else {}
    workbook = open_book(write_handout(book, made.identities(book.cases), tmp_path / "book.xlsx", **options)[0])
    shown = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    assert any(sheet.row_breaks.brk for sheet in shown)
    small = [
        (sheet.title, cell.coordinate, round(cell.font.size * _scale(sheet), 2))
        for sheet in shown
        for row in sheet.iter_rows(min_col=2)
        for cell in row
        if cell.value not in (None, "") and not sheet.row_dimensions[cell.row].hidden
        if cell.font.size * _scale(sheet) < (CAPTION_PT if _is_caption(str(cell.value)) else READ_PT)
    ]
    assert small == []


def test_the_register_can_be_read_on_its_paper() -> None:
    """Every cell of the register's table, on A3."""
    sheet = build()["台帳"]
    sizes = {cell.font.size for row in sheet.iter_rows(min_col=2) for cell in row if cell.value not in (None, "")}
    assert sheet.page_setup.paperSize == A3
    assert min(sizes) * _scale(sheet) >= READ_PT


def test_the_timeline_is_lettered_like_a_caption() -> None:
    """Its labels are drawn in points of the sheet, and shrink with it."""
    labels = [shape for shape in timeline(made.case(1), made.AS_OF).shapes if isinstance(shape, Label)]
    assert labels and min(label.size for label in labels) * SMALLEST_SCALE >= CAPTION_PT


def _is_caption(text: str) -> bool:
    return text in _HEADINGS_OF_TYPES or text.startswith(_CAPTIONS) or "で確かめられます" in text or "記録にある続柄だけ" in text \
        or "●事実 ■連絡" in text or text.startswith(("★は、", "日付は R8", "1つ1つの"))
