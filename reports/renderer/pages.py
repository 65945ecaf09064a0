"""Pages: headers and footers, and how a sheet that should be one page prints.

It prints on one page unless it would shrink below 85 hundredths; then it prints at a readable fixed scale and its pages end only where the
template allows (Excel ignores manual breaks while it fits to pages). What is on which page is chosen in `fitting.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import Template, pass_context
from jinja2.runtime import Context
from openpyxl.worksheet.pagebreak import Break, RowBreak

from reports.inert import inert
from reports.renderer.sheet import LaidSheet, SheetPlan
from reports.renderer.template import TemplateBook
from reports.renderer.text import MAX_ROW_PT, PIXEL_PT

SMALLEST_SCALE = 0.85
_SEVERAL_PAGES_SCALE = 0.90
_RESERVE_PT = 9.0  # left free on a page, because programs differ a little in what they print on one
_PT_PER_INCH = 72.0
_PAPER_PT = {"9": (595.0, 842.0), "8": (842.0, 1191.0)}  # A4, A3
_WORDING = "_wording"
_HEADER_LIMIT = 250  # Excel keeps 255 characters in a header or footer


@dataclass(frozen=True)
class PageRooms:
    """Heights in points of what a page holds, in the sheet's own measure.

    `one`: all of a sheet that prints on one page. `several`: a page of a sheet on several. `first`: the first page of a sheet of which rows were sent
    to a second, which holds as much as is legible. `titles`: rows printed at the top of every further page. `width_scale`: what the width allows.
    """

    one: float
    several: float
    first: float
    titles: float
    width_scale: float


def rooms_of(plan: SheetPlan) -> PageRooms | None:
    """What the pages of a sheet hold; None where the template does not want one page."""
    worksheet = plan.sheet.worksheet
    if not (worksheet.sheet_properties.pageSetUpPr and worksheet.page_setup.fitToHeight == 1):
        return None
    width, height = _printable(worksheet)
    width_scale = min(1.0, width / sum(plan.column_pt(column) for column in plan.widths))
    return PageRooms(
        one=height / SMALLEST_SCALE if width_scale >= SMALLEST_SCALE else 0.0,
        several=height / min(_SEVERAL_PAGES_SCALE, width_scale) - _RESERVE_PT,
        first=height / min(SMALLEST_SCALE, width_scale) - _RESERVE_PT,
        titles=_title_height(worksheet),
        width_scale=width_scale,
    )


def choose_pages(laid: LaidSheet, rooms: PageRooms | None) -> None:
    """Fit to one page, or break where the template allows. `rooms` None leaves the template's own setting."""
    if rooms is None:
        return
    heights = laid.heights_pt()
    if laid.second_from is None and sum(heights) <= rooms.one:
        _, height = _printable(laid.worksheet)
        _stretch(laid, len(heights), height / rooms.width_scale)
        return
    scale, room = (_SEVERAL_PAGES_SCALE, rooms.several) if laid.second_from is None else (SMALLEST_SCALE, rooms.first)
    worksheet = laid.worksheet
    worksheet.sheet_properties.pageSetUpPr.fitToPage = False
    worksheet.page_setup.fitToHeight = 0
    worksheet.page_setup.scale = int(100 * min(scale, rooms.width_scale))
    allowed = set(laid.breaks)
    rows = [(height, at in allowed) for at, height in enumerate(heights, start=1)]
    ends = _page_ends(rows, room, rooms.titles)
    if laid.second_from is not None:
        before = laid.second_from - 1
        first = _page_ends(rows[:before], room, rooms.titles)
        if not first:
            _stretch(laid, before, room)
        behind = _page_ends([(rooms.titles, False), *rows[before:]], room, rooms.titles)
        ends = [*first, before, *(before - 1 + end for end in behind)]
    breaks = RowBreak()
    for row in ends:
        breaks.append(Break(id=row, min=0, max=16383))
    worksheet.row_breaks = breaks


def pages_of(rows: Sequence[tuple[float, bool]], rooms: PageRooms) -> int:
    """How many pages rows take that are printed on several; each with its height and whether a page may end before it."""
    return 1 + len(_page_ends(rows, rooms.several, rooms.titles))


def _stretch(laid: LaidSheet, last: int, room: float) -> None:
    """Give the rows that stretch what their page leaves empty, in equal parts; the page ends with row `last`."""
    rows = [index for index, row in enumerate(laid.rows[:last]) if row.stretches]
    spare = room - _RESERVE_PT - sum(laid.heights_pt()[:last])
    for index in rows if spare > 0 else ():
        row = laid.rows[index]
        more = spare / len(rows) // PIXEL_PT * PIXEL_PT
        laid.rows[index] = replace(row, height_pt=min(MAX_ROW_PT, (row.height_pt or 0.0) + more))


def _printable(worksheet: Any) -> tuple[float, float]:
    width, height = _PAPER_PT.get(str(worksheet.page_setup.paperSize), _PAPER_PT["9"])
    if worksheet.page_setup.orientation == "landscape":
        width, height = height, width
    margins = worksheet.page_margins
    return (
        width - (margins.left + margins.right) * _PT_PER_INCH,
        height - (margins.top + margins.bottom) * _PT_PER_INCH,
    )


def _title_height(worksheet: Any) -> float:
    titles = worksheet.print_title_rows
    if not titles:
        return 0.0
    top, bottom = (int(part) for part in str(titles).replace("$", "").split(":"))
    return sum(worksheet.row_dimensions[row].height or 15.0 for row in range(top, bottom + 1))


def _page_ends(rows: Sequence[tuple[float, bool]], room: float, titles: float) -> list[int]:
    """The last row (from 1) of each page but the last. Where no allowed place fits, the spreadsheet breaks by itself."""
    ends: list[int] = []
    used, candidate, since = 0.0, 0, 0.0
    for number, (height, may_break) in enumerate(rows, start=1):
        if may_break:
            candidate, since = number - 1, used
        if used + height > room and candidate and candidate not in ends:
            ends.append(candidate)
            used = titles + used - since
        used = used + height if used + height <= room else titles + height
    return ends


def fill_headers(
    book: TemplateBook, source: Any, worksheet: Any, context: Mapping[str, Any], wording: Callable[[str], str]
) -> None:
    """Headers and footers with their items filled in; an & in the data is doubled, or Excel would take it for a code."""
    for part in ("oddHeader", "oddFooter"):
        for side in ("left", "center", "right"):
            given = getattr(getattr(source, part), side)
            if not given.text:
                continue
            made = getattr(getattr(worksheet, part), side)
            text = _header(book, given.text).render({**context, _WORDING: wording}) if "{{" in given.text else given.text
            made.text, made.size, made.font, made.color = text[:_HEADER_LIMIT], given.size, given.font, given.color


def _header(book: TemplateBook, text: str) -> Template:
    if text not in book.headers:
        book.headers[text] = book.environment.overlay(finalize=_in_header).from_string(text)
    return book.headers[text]


@pass_context
def _in_header(context: Context, value: object) -> str:
    words: Callable[[str], str] = context[_WORDING]
    return inert(words(str(value))).replace("&", "&&").replace("\n", " ")
