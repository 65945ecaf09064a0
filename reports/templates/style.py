"""The look of the delivered template: fonts, colours, borders, and how a block of cells is put on a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import range_boundaries

FONT = "BIZ UDPゴシック"
NAVY, RED, ORANGE, GREY, INK = "1F3864", "C00000", "C55A11", "595959", "000000"
PALE_BLUE, PALE_ORANGE, PALE_RED, PALE_GREY, INPUT = "DCE6F1", "FCE4D6", "FDE9E7", "F2F2F2", "FFF9DB"
LINE = Side(style="thin", color="A6A6A6")
_HEAVY = Side(style="medium", color=RED)


@dataclass(frozen=True)
class Look:
    """How a cell looks. `inside` False draws no border."""

    size: float = 9
    bold: bool = False
    color: str = INK
    fill: str | None = None
    across: str = "left"
    down: str = "center"
    border: str = "thin"
    wraps: bool = True
    writable: bool = False
    underline: bool = False


TITLE = Look(size=15, bold=True, color=NAVY, border="none", wraps=False)
SUBTITLE = Look(size=8.5, color=GREY, border="none")
NOTICE = Look(size=13, bold=True, color=RED, across="center", border="heavy", wraps=False)
BAR = Look(size=10, bold=True, color="FFFFFF", fill=NAVY, wraps=False)
BAR_SMALL = Look(size=8.5, color="FFFFFF", fill=NAVY, across="right", wraps=False)
BAR_INPUT = Look(size=10, bold=True, color="FFFFFF", fill=ORANGE, wraps=False)
HEAD = Look(bold=True, color="FFFFFF", fill=NAVY, across="center")
LABEL = Look(bold=True, color=NAVY, fill=PALE_BLUE, across="center")
LABEL_INPUT = Look(bold=True, color="833C0B", fill=PALE_ORANGE, across="center")
TEXT = Look()
CENTER = Look(across="center")
STRONG = Look(size=10, bold=True)
SMALL = Look(size=8, color=GREY)
EVIDENCE = Look(size=8.5)
LISTED = Look(size=8.5, down="top")
ORIGIN = Look(size=7.5, color=GREY)
NOTE = Look(size=8, color=GREY, border="none")
ALERT = Look(bold=True, color=RED, fill=PALE_RED)
WRITE = Look(size=10, fill=INPUT, writable=True)
WRITE_TOP = Look(size=10, fill=INPUT, writable=True, down="top")


def put(sheet: Any, area: str, text: str | None, look: Look) -> None:
    """Write one text over an area (merged if more than one cell), every cell with the look."""
    left, top, right, bottom = range_boundaries(area)
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            _dress(sheet.cell(row, column), look, (left, top, right, bottom))
    sheet.cell(top, left).value = text
    if (left, top) != (right, bottom):
        sheet.merge_cells(area)


def _dress(cell: Any, look: Look, area: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = area
    cell.font = Font(name=FONT, size=look.size, bold=look.bold, color=look.color, underline="single" if look.underline else None)
    if look.fill:
        cell.fill = PatternFill("solid", fgColor=look.fill)
    cell.alignment = Alignment(horizontal=look.across, vertical=look.down, wrap_text=look.wraps)
    if look.border != "none":
        side = _HEAVY if look.border == "heavy" else LINE
        cell.border = Border(
            left=side if cell.column == left else None, right=side if cell.column == right else None,
            top=side if cell.row == top else None, bottom=side if cell.row == bottom else None,
        )
    cell.protection = Protection(locked=not look.writable)
