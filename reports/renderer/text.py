"""Text in a cell, measured: how many lines it takes, how high they are, what the tallest row can show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from reports.inert import CUT_MARK
from reports.letter_widths import FONT, em_width

_LINE_EM = 1.1  # measured in LibreOffice, at most; Excel rounds each line up to a pixel, which is no more at 7.5 points and above
_ROW_PADDING_PT = 2.2
_CELL_PADDING_PT = 4.0
_NARROWEST_EM = 0.3
PIXEL_PT = 0.75  # Excel keeps heights in whole pixels: what is not, it rounds by itself, and many rows add up to a line
MAX_ROW_PT = 409.0 // PIXEL_PT * PIXEL_PT

# What a line is broken into: Latin words and numbers stay whole, also over a 、 between them, and 、。) never begin a line, ( never ends one.
_UNBREAKABLE = re.compile(r"[「『〔【(（]*(?:(?:[!-'*-~]+[、・]?)+|\s|.)[、。」』〕】)）・ー]*")


@dataclass(frozen=True)
class Face:
    """The letters of a cell: font, size in points, bold or not."""

    size_pt: float
    bold: bool = False
    font: str = FONT


@lru_cache(maxsize=16384)
def wrapped_lines(text: str, width_pt: float, face: Face) -> int:
    """How many lines the text needs in a cell of that width."""
    # A little is held back, because programs and printers differ a little in the width of the same font.
    usable = max(face.size_pt, (width_pt - _CELL_PADDING_PT) * 0.985)
    return sum(_broken(line, usable / face.size_pt, face) for line in text.split("\n"))


def _broken(line: str, room: float, face: Face) -> int:
    """Lines that one paragraph takes; a piece longer than a line is broken anywhere."""
    if em_width(line, bold=face.bold, font=face.font) <= room:
        return 1
    lines, used = 1, 0.0
    for piece in _UNBREAKABLE.findall(line):
        width = em_width(piece, bold=face.bold, font=face.font)
        if used + width <= room:
            used += width
            continue
        begun = ceil(width / room)
        lines += begun if used else begun - 1
        used = width - (begun - 1) * room
    return lines


def text_height(lines: int, size_pt: float) -> float:
    """Height in points of that many lines."""
    return lines * size_pt * _LINE_EM + _ROW_PADDING_PT


def whole_pixels(height_pt: float) -> float:
    """The height rounded up to whole pixels, as far as a row may be high."""
    return min(MAX_ROW_PT, ceil(round(height_pt / PIXEL_PT, 3)) * PIXEL_PT)


def fit_row(text: str, width_pt: float, face: Face) -> str:
    """The text, cut visibly where the tallest row that Excel allows could not show it."""
    most = int((MAX_ROW_PT - _ROW_PADDING_PT) / (face.size_pt * _LINE_EM))
    letters = int(most * (width_pt / face.size_pt / _NARROWEST_EM + 1))  # more do not fit, however narrow
    if len(text) <= letters and wrapped_lines(text, width_pt, face) <= most:
        return text
    low, high = 0, min(len(text), letters)
    while low < high:  # the longest beginning that fits together with the mark
        middle = (low + high + 1) // 2
        fits = wrapped_lines(text[:middle] + CUT_MARK, width_pt, face) <= most
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low] + CUT_MARK
