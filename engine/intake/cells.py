"""How one cell is read, by cell type: a text comes in, a value, a fault or a note comes out. Never a guess.

Each function is pure and works on one value, so that the reader can call it once per distinct text. A fault is a code
of `wording.ROWS` (the row is quarantined), a note a code of `wording.NOTES` (the value is used and counted).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import NamedTuple

from engine.kernel.dates import DateFault, parse_date, parse_month
from engine.records.layout import CellRule

MISSING = "E-DELIV-52"
PARTLY_UNKNOWN = "W-DELIV-23"
CHECK_DIGIT = "W-DELIV-24"
GAIJI = "W-DELIV-25"

_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d*)?[eE][+-]?\d+$")
_INTEGER = re.compile(r"[+-]?(?:\d{1,18}|\d{1,3}(?:,\d{3}){1,5})$")
# Private use (vendor gaiji), the geta mark that stands for a missing glyph, and the sign of a lossy conversion.
_GAIJI = re.compile("[\ue000-\uf8ff〓\ufffd\U000f0000-\U0010ffff]")
_DATE_FAULTS = {
    DateFault.UNREADABLE: "E-DELIV-53",
    DateFault.NOT_IN_CALENDAR: "E-DELIV-54",
    DateFault.OUTSIDE_ERA: "E-DELIV-55",
}


class Cell(NamedTuple):
    """One cell as read. `value` is None when blank or unknown; `unknown`: something was written, but not what it is."""

    value: str | int | date | None
    fault: str | None = None
    note: str | None = None
    unknown: bool = False


ReadCell = Callable[[str], Cell]
_BLANK = Cell(None)
_UNKNOWN = Cell(None, unknown=True)
_MISSING = Cell(None, MISSING)


def fold(text: str) -> str:
    """NFKC with runs of blanks made one: full-width digits and letters become half-width, half-width kana full-width.

    >>> fold("　ﾔﾏﾀﾞ　 ﾊﾅｺ")
    'ヤマダ ハナコ'
    """
    return " ".join(unicodedata.normalize("NFKC", text).split())


def fold_spaces(text: str) -> str:
    """The text as written, with runs of blanks made one half-width blank: names and addresses keep their characters."""
    return " ".join(text.split())


def cell_reader(rule: CellRule) -> ReadCell:
    """The function that reads this column's cells. Equal rules read equal texts equally."""
    blank = _MISSING if rule.required else _BLANK
    unknown = frozenset(map(fold, rule.unknown))
    match rule.type:
        case "区分":
            return _code_reader(rule, blank, unknown)
        case "番号":
            inner: ReadCell = partial(_number, digits=rule.digits, check=rule.check_digit)
        case "整数":
            inner = partial(_integer, limits=rule.range)
        case "日付":
            inner = partial(_dated, parse=parse_date)
        case "年月":
            inner = partial(_dated, parse=parse_month)
        case "氏名" | "住所":
            inner = _as_written
        case _:
            inner = _plain
    return partial(_read, inner=inner, blank=blank, unknown=unknown)


def _read(text: str, inner: ReadCell, blank: Cell, unknown: frozenset[str]) -> Cell:
    if not text or text.isspace():
        return blank
    if unknown and fold(text) in unknown:
        return _UNKNOWN
    return inner(text)


def _plain(text: str) -> Cell:
    return Cell(fold(text), None, GAIJI if _GAIJI.search(text) else None)


def _as_written(text: str) -> Cell:
    return Cell(fold_spaces(text), None, GAIJI if _GAIJI.search(text) else None)


def _dated(text: str, parse: Callable[[str], date | DateFault]) -> Cell:
    found = parse(text)
    if isinstance(found, date):
        return Cell(found)
    if found is DateFault.PARTLY_UNKNOWN:
        return Cell(None, None, PARTLY_UNKNOWN, unknown=True)
    if found is DateFault.UNREADABLE and _SCIENTIFIC.match(fold(text)):
        return Cell(None, "E-DELIV-57")
    return Cell(None, _DATE_FAULTS[found])


def _integer(text: str, limits: tuple[int, int] | None) -> Cell:
    folded = fold(text).replace("\u2212", "-")
    if not folded.isascii() or not _INTEGER.match(folded):
        return Cell(None, "E-DELIV-57" if _SCIENTIFIC.match(folded) else "E-DELIV-56")
    value = int(folded.replace(",", ""))
    if limits and not limits[0] <= value <= limits[1]:
        return Cell(None, "E-DELIV-58")
    return Cell(value)


def _number(text: str, digits: int | None, check: bool) -> Cell:
    folded = fold(text)
    if not folded.isascii() or not folded.isdigit():
        return Cell(None, "E-DELIV-57" if _SCIENTIFIC.match(folded) else "E-DELIV-62")
    if digits is not None:
        if len(folded) > digits:
            return Cell(None, "E-DELIV-63")
        folded = folded.zfill(digits)
    return Cell(folded, None, CHECK_DIGIT if check and not check_digit_holds(folded) else None)


def check_digit_holds(number: str) -> bool:
    """Modulus 11 over all digits but the last, weights 2 … 7 repeating from the right; remainder 0 or 1 gives 0.

    The scheme of 個人番号 and of most municipal numbers (総務省令第85号); older numbers have none, so a failure only
    warns.

    >>> check_digit_holds("0000000019"), check_digit_holds("0000000018")
    (True, False)
    """
    remainder = sum(int(d) * (2 + i % 6) for i, d in enumerate(reversed(number[:-1]))) % 11
    return int(number[-1]) == (0 if remainder <= 1 else 11 - remainder)


def _code_reader(rule: CellRule, blank: Cell, unknown: frozenset[str]) -> ReadCell:
    codes = {fold(text): value for text, value in rule.codes.items()}
    # A code that passed through a spreadsheet lost or gained leading zeros: 02 arrives as 2. Only where one value fits.
    by_number: dict[int, set[str]] = {}
    for text, value in codes.items():
        if text.isascii() and text.isdigit():
            by_number.setdefault(int(text), set()).add(value)

    def read(text: str) -> Cell:
        folded = fold(text)
        if folded in codes:
            return Cell(codes[folded])
        if folded in unknown:
            return _UNKNOWN if folded else _BLANK
        if not folded:
            return blank
        if folded.isascii() and folded.isdigit() and len(folded) <= 18:
            fitting = by_number.get(int(folded), set())
            if len(fitting) == 1:
                return Cell(next(iter(fitting)))
        return Cell(None, "E-DELIV-57" if _SCIENTIFIC.match(folded) else "E-DELIV-59")

    return read
