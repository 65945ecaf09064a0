"""The seal of a sheet or row: the hidden identity in column A is written with a seal over what nobody may change.

Sealed are the values outside column A and outside the blanks: of the whole sheet for an identity in A1, of its own row for one further down. Of a
name over several rows every row is a blank, as it will be when the book comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from openpyxl.utils import range_boundaries

from reports.blanks import PREFIX, read_identity
from reports.renderer.sheet import LaidCell, LaidRow, LaidSheet

Seal = Callable[[str, Sequence[str | int | date]], str]
"""Given the text of an identity and the sealed values in reading order: the text that is written instead."""


def seal_sheet(laid: LaidSheet, seal: Seal) -> None:
    """Put sealed identities in place of the plain ones. A text in column A that is no identity stays as it is."""
    sealed_rows = [at for at, row in enumerate(laid.rows) if _identity(row) is not None]
    if not sealed_rows:
        return
    blanks = [
        range_boundaries(defined.attr_text.rsplit("!", 1)[-1].replace("$", ""))
        for name, defined in laid.worksheet.defined_names.items()
        if name.startswith(PREFIX)
    ]
    for at in sealed_rows:
        row = laid.rows[at]
        rows = laid.rows if at == 0 else [row]
        values = [value for one in rows for value in _locked(one, blanks)]
        first = row.cells[0]
        text = seal(str(first.value), values)
        laid.rows[at] = replace(row, cells=(replace(first, value=text), *row.cells[1:]))


def _identity(row: LaidRow) -> LaidCell | None:
    first = row.cells[0] if row.cells else None
    return first if first and first.column == 1 and read_identity(first.value) else None


def _locked(row: LaidRow, blanks: list[tuple[int, int, int, int]]) -> list[str | int | date]:
    here = [(left, right) for left, top, right, bottom in blanks if top <= row.number <= bottom]
    return [
        cell.value
        for cell in row.cells
        if cell.column > 1
        and isinstance(cell.value, str | int | date)
        and cell.value != ""
        and not any(left <= cell.column <= right for left, right in here)
    ]
