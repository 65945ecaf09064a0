"""The seal of a sheet or row: the hidden identity in column A is written with a seal over what nobody may change.

Sealed are the values outside column A and outside the blanks: of the whole sheet for a household's (案件, in A1 as the templates are shipped), of
its own row for a record that is a row. Of a name over several rows every row is a blank, as it will be when the book comes back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from openpyxl.utils import range_boundaries

from reports.blanks import PREFIX, SheetIdentity, read_identity
from reports.renderer.fill import Link
from reports.renderer.sheet import LaidRow, LaidSheet
from reports.seal import Seal


def seal_sheet(laid: LaidSheet, seal: Seal) -> None:
    """Put sealed identities in place of the plain ones. A text in column A that is no identity stays as it is."""
    sealed_rows = [(at, identity) for at, row in enumerate(laid.rows) if (identity := _identity(row)) is not None]
    if not sealed_rows:
        return
    blanks = [
        range_boundaries(defined.attr_text.rsplit("!", 1)[-1].replace("$", ""))
        for name, defined in laid.worksheet.defined_names.items()
        if name.startswith(PREFIX)
    ]
    for at, identity in sealed_rows:
        row = laid.rows[at]
        rows = laid.rows if identity.kind == "案件" else [row]
        values = [value for one in rows for value in _locked(one, blanks)]
        first = row.cells[0]
        text = seal(str(first.value), values)
        laid.rows[at] = replace(row, cells=(replace(first, value=text), *row.cells[1:]))


def _identity(row: LaidRow) -> SheetIdentity | None:
    first = row.cells[0] if row.cells else None
    return read_identity(first.value) if first and first.column == 1 else None


def _locked(row: LaidRow, blanks: list[tuple[int, int, int, int]]) -> list[str | int | date]:
    here = [(left, right) for left, top, right, bottom in blanks if top <= row.number <= bottom]
    values = [
        cell.value.text if isinstance(cell.value, Link) else cell.value
        for cell in row.cells
        if cell.column > 1 and not any(left <= cell.column <= right for left, right in here)
    ]
    return [value for value in values if isinstance(value, str | int | date) and value != ""]
