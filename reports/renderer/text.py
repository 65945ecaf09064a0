"""Text in a cell, measured: how many lines it takes, how high they are, what the tallest row can show."""

from __future__ import annotations

import re
from functools import lru_cache
from math import ceil

from reports.inert import CUT_MARK

_LINE_FACTOR = 1.25
_ROW_PADDING_PT = 3.0
_CELL_PADDING_PT = 5.0
MAX_ROW_PT = 409.0

# Widths in em, measured on BIZ UDPゴシック and rounded up (kana: their mean, bold, rounded up); whatever is not named here
# is taken as full width.
_EM = (
    {chr(code): 0.35 for code in range(0x20, 0x7F)}
    | dict.fromkeys("0123456789ABCDEFGHIJKLNOPQRSTUVXYZ+=<>~#&", 0.76)
    | dict.fromkeys("abcdefghknopqrsuvxyz?_", 0.68)
    | dict.fromkeys("MWmw@%", 1.0)
    | dict.fromkeys("()[]", 0.5)
    | {chr(code): 0.98 for code in range(0x3041, 0x3097)}
    | {chr(code): 0.95 for code in range(0x30A1, 0x30FB)}
    | dict.fromkeys("、。", 0.61)
    | dict.fromkeys("・「」『』〔〕【】：", 0.52)
)
# What a line is broken into: Latin words and numbers stay whole, also over a 、 between them, and 、。) never begin a line, ( never ends one.
_UNBREAKABLE = re.compile(r"[「『〔【(（]*(?:(?:[!-'*-~]+[、・]?)+|\s|.)[、。」』〕】)）・ー]*")


def em_width(text: str) -> float:
    """Width in units of the font size. Errs on the wide side."""
    return sum(_EM.get(letter, 1.0) for letter in text)


@lru_cache(maxsize=4096)
def wrapped_lines(text: str, width_pt: float, font_pt: float) -> int:
    """How many lines the text needs in a cell of that width."""
    # A little is held back, because programs and printers differ a little in the width of the same font.
    usable = max(font_pt, (width_pt - _CELL_PADDING_PT) * 0.97)
    return sum(_broken(line, usable / font_pt) for line in text.split("\n"))


def _broken(line: str, room: float) -> int:
    """Lines that one paragraph takes; a piece longer than a line is broken anywhere."""
    lines, used = 1, 0.0
    for piece in _UNBREAKABLE.findall(line):
        width = em_width(piece)
        if used + width <= room:
            used += width
            continue
        begun = ceil(width / room)
        lines += begun if used else begun - 1
        used = width - (begun - 1) * room
    return lines


def text_height(lines: int, font_pt: float) -> float:
    """Height in points of that many lines."""
    return lines * font_pt * _LINE_FACTOR + _ROW_PADDING_PT


def fit_row(text: str, width_pt: float, font_pt: float) -> str:
    """The text, cut visibly where the tallest row that Excel allows could not show it."""
    most = int((MAX_ROW_PT - _ROW_PADDING_PT) / (font_pt * _LINE_FACTOR))
    if wrapped_lines(text, width_pt, font_pt) <= most:
        return text
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits together with the mark
        middle = (low + high + 1) // 2
        fits = wrapped_lines(text[:middle] + CUT_MARK, width_pt, font_pt) <= most
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low] + CUT_MARK
