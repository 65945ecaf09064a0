"""Folding of written variants (full-width digits, spaces, ヶ月) with a way back to the original columns."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Folded:
    """Folded text; `columns[i]` is the index in the original text of folded character i (one more at the end)."""

    text: str
    columns: tuple[int, ...]


@lru_cache(maxsize=16384)
def fold(text: str) -> Folded:
    """NFKC, spaces dropped, wave dashes unified, ヶ・ヵ・カ・ケ・箇 before 月 read as か.

    >>> fold("直近 3ヶ月の欠席が 10日以上").text
    '直近3か月の欠席が10日以上'
    """
    chars: list[str] = []
    columns: list[int] = []
    for index, original in enumerate(text):
        for char in unicodedata.normalize("NFKC", original):
            if char.isspace():
                continue
            chars.append({"~": "〜", ",": "、", "､": "、"}.get(char, char))
            columns.append(index)
    for i in range(1, len(chars) - 1):
        if chars[i] in "ヶヵカケ箇" and chars[i + 1] == "月" and chars[i - 1].isdigit():
            chars[i] = "か"
    return Folded("".join(chars), (*columns, len(text)))
