"""Text of people made inert: without what a cell, an XML file or a drawing refuses or reads otherwise than it stands, and cut visibly."""

from __future__ import annotations

import re

CELL_LIMIT = 32_767  # characters Excel keeps in one cell
CUT_MARK = "…(長いため、以下を省略しました)"

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls, bidirectional marks, the byte order mark, lone surrogates and non-characters: XML forbids them, or they
# make a line read differently from what is stored. Variation selectors stay, because names need them.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)

def inert(text: str) -> str:
    """The text without characters that Excel refuses or that reorder a line, cut visibly to what one cell can hold.

    >>> inert("a\\u202eb\\x00c\\r\\nd")
    'abc\\nd'
    """
    cleaned = _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text))
    return cut(cleaned, CELL_LIMIT)


def cut(text: str, limit: int) -> str:
    """The text, or its beginning with a mark that says that the rest is left out."""
    if len(text) <= limit:
        return text
    return text[: max(0, limit - len(CUT_MARK))] + CUT_MARK
