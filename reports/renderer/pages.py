"""Pages: headers and footers, and the choice between one page and two.

A sheet whose template asks for one page gets it unless it would shrink below 85 hundredths; then it prints at a readable
fixed scale and its pages end only where the template allows (Excel ignores manual breaks while it fits to pages).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment
from openpyxl.worksheet.pagebreak import Break, RowBreak

from reports.inert import inert
from reports.renderer.sheet import PT_PER_CHARACTER, LaidSheet, SheetPlan
from reports.renderer.text import MAX_ROW_PT

SMALLEST_SCALE = 0.85
_SEVERAL_PAGES_SCALE = 90
_RESERVE_PT = 12.0  # left free when rows stretch, because programs round the heights of rows
_PT_PER_INCH = 72.0
_PAPER_PT = {"9": (595.0, 842.0), "8": (842.0, 1191.0)}  # A4, A3
_HEADER_LIMIT = 250  # Excel keeps 255 characters in a header or footer


def choose_pages(plan: SheetPlan, laid: LaidSheet) -> None:
    """Fit to one page, or break where the template allows."""
    worksheet = laid.worksheet
    if not _wants_one_page(worksheet):
        return
    width, height = _printable(worksheet)
    needed_width = sum(plan.widths.values()) * PT_PER_CHARACTER
    if _one_page_scale(plan, laid) >= SMALLEST_SCALE:
        _stretch(laid, height / min(1.0, width / needed_width))
        return
    worksheet.sheet_properties.pageSetUpPr.fitToPage = False
    worksheet.page_setup.fitToHeight = 0
    worksheet.page_setup.scale = _several_pages_scale(plan, worksheet)
    breaks = RowBreak()
    for row in _ends(plan, laid):
        breaks.append(Break(id=row, min=0, max=16383))
    worksheet.row_breaks = breaks


def pages_needed(plan: SheetPlan, laid: LaidSheet) -> int:
    """How many pages `choose_pages` makes of a sheet that should be one; 1 of every other."""
    if not _wants_one_page(laid.worksheet) or _one_page_scale(plan, laid) >= SMALLEST_SCALE:
        return 1
    return 1 + len(_ends(plan, laid))


def _wants_one_page(worksheet: Any) -> bool:
    return bool(worksheet.sheet_properties.pageSetUpPr) and worksheet.page_setup.fitToHeight == 1


def _one_page_scale(plan: SheetPlan, laid: LaidSheet) -> float:
    width, height = _printable(laid.worksheet)
    needed_width = sum(plan.widths.values()) * PT_PER_CHARACTER
    return min(1.0, width / needed_width, height / max(laid.height_pt(), 1.0))


def _several_pages_scale(plan: SheetPlan, worksheet: Any) -> int:
    width, _ = _printable(worksheet)
    return min(_SEVERAL_PAGES_SCALE, int(100 * width / (sum(plan.widths.values()) * PT_PER_CHARACTER)))


def _ends(plan: SheetPlan, laid: LaidSheet) -> list[int]:
    _, height = _printable(laid.worksheet)
    room = height / (_several_pages_scale(plan, laid.worksheet) / 100)
    return _page_ends(laid, room, _title_height(laid))


def _stretch(laid: LaidSheet, room: float) -> None:
    """Give the rows that stretch what the page leaves empty, in equal parts."""
    rows = [index for index, row in enumerate(laid.rows) if row.stretches]
    spare = room - _RESERVE_PT - laid.height_pt()
    for index in rows if spare > 0 else ():
        row = laid.rows[index]
        laid.rows[index] = replace(row, height_pt=min(MAX_ROW_PT, (row.height_pt or 0.0) + int(spare / len(rows))))


def _printable(worksheet: Any) -> tuple[float, float]:
    width, height = _PAPER_PT.get(str(worksheet.page_setup.paperSize), _PAPER_PT["9"])
    if worksheet.page_setup.orientation == "landscape":
        width, height = height, width
    margins = worksheet.page_margins
    return (
        width - (margins.left + margins.right) * _PT_PER_INCH,
        height - (margins.top + margins.bottom) * _PT_PER_INCH,
    )


def _title_height(laid: LaidSheet) -> float:
    titles = laid.worksheet.print_title_rows
    if not titles:
        return 0.0
    top, bottom = (int(part) for part in str(titles).replace("$", "").split(":"))
    return sum(row.height_pt or 15.0 for row in laid.rows[top - 1 : bottom])


def _page_ends(laid: LaidSheet, room: float, titles: float) -> list[int]:
    """The last row of each page but the last. Where no allowed place fits, the spreadsheet breaks by itself."""
    ends: list[int] = []
    allowed = set(laid.breaks)
    used, candidate, since = 0.0, 0, 0.0
    for row in laid.rows:
        if row.number in allowed:
            candidate, since = row.number - 1, used
        height = row.height_pt or 15.0
        if used + height > room and candidate and candidate not in ends:
            ends.append(candidate)
            used = titles + used - since
        used = used + height if used + height <= room else titles + height
    return ends


def fill_headers(
    environment: ImmutableSandboxedEnvironment,
    source: Any, worksheet: Any, context: Mapping[str, Any], wording: Callable[[str], str],
) -> None:
    """Headers and footers with their items filled in; an & in the data is doubled, or Excel would take it for a code."""

    def escaped(value: object) -> str:
        return inert(wording(str(value))).replace("&", "&&").replace("\n", " ")

    overlay = environment.overlay(finalize=escaped)
    for part in ("oddHeader", "oddFooter"):
        for side in ("left", "center", "right"):
            given = getattr(getattr(source, part), side)
            if not given.text:
                continue
            made = getattr(getattr(worksheet, part), side)
            text = overlay.from_string(given.text).render(context) if "{{" in given.text else given.text
            made.text, made.size, made.font, made.color = text[:_HEADER_LIMIT], given.size, given.font, given.color
