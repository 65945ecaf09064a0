"""The sheets and rows of a filled-in workbook that carry an identity, with what stands in their blanks and in their locked cells.

Found by the hidden identity and the defined names alone: sheets may have been renamed, moved, copied or saved by another program, rows inserted or
sorted, blanks moved.
"""

from __future__ import annotations

import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from io import BytesIO
from typing import Any, NamedTuple
from xml.etree.ElementTree import iterparse

import openpyxl
from openpyxl.utils import range_boundaries
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import DATA_TAG, INLINE_STRING, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

from engine.kernel.errors import KizukiError, Place, Problem
from reports.blanks import BLANKS, PREFIX, SheetIdentity, read_identity
from reports.readback.package import FilledFile, damaged
from reports.readback.spot import Spot
from reports.seal import ErrorValue, LockedValue, SealState, check_seal

_TEXT = f"{{{SHEET_MAIN_NS}}}t"
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")


class Cell(NamedTuple):
    """One cell that is not empty. `kind`: s text, n number, d day, b truth, e error, f formula."""

    row: int
    column: int
    value: Any
    kind: str


@dataclass(frozen=True)
class SheetRecord:
    """One record of a filled-in workbook: a whole sheet (案件), or one row (無作為, 台帳).

    `written`: by blank, the cells that are not empty. `missing_blanks`: whose name was destroyed, so that nobody can tell what was written in them.
    """

    spot: Spot
    sha256: str
    identity: SheetIdentity
    seal_state: SealState
    written: Mapping[str, tuple[Cell, ...]]
    missing_blanks: tuple[str, ...]
    epoch: datetime

    @property
    def is_blank(self) -> bool:
        """Nothing was written."""
        return not self.written and not self.missing_blanks


class _Area(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class _Sheet:
    title: str
    cells: Sequence[Cell]
    blanks: Mapping[str, tuple[_Area, ...]]
    lost: tuple[str, ...]

    def blank_at(self, cell: Cell) -> str | None:
        """The blank of which a cell is part."""
        for label, left, right in self._by_row.get(cell.row, ()):
            if left <= cell.column <= right:
                return label
        return None

    @cached_property
    def _by_row(self) -> Mapping[int, list[tuple[str, int, int]]]:
        """Of rows that hold anything: the blanks that cross them, with their columns."""
        found: dict[int, list[tuple[str, int, int]]] = {}
        rows = sorted({cell.row for cell in self.cells})
        for label, areas in self.blanks.items():
            for left, top, right, bottom in areas:
                for row in rows[bisect_left(rows, top) : bisect_right(rows, bottom)]:
                    found.setdefault(row, []).append((label, left, right))
        return found


def read_records(file: FilledFile, key: bytes | None) -> list[SheetRecord]:
    """Every record of a workbook, in the order of its sheets and rows. `key`: the key of the seals, None where there is none.

    Raises KizukiError E-READ-06 for what cannot be parsed, E-READ-07 where no sheet has an identity, E-READ-15 for sheets whose blanks cannot be told.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that the library does not keep: nothing is written back
            sheets, epoch = _sheets(file.content)
    except (
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        SyntaxError,
        OverflowError,
        InvalidFileException,
        OSError,
    ):
        raise damaged(file.name) from None
    records: list[SheetRecord] = []
    problems: list[Problem] = []
    for sheet in sheets:
        found = [(cell, identity) for cell in sheet.cells if (identity := _identity(cell))]
        whole = [identity for _, identity in found if identity.kind == "案件"]
        if len(whole) > 1 or (whole and len(found) > 1):
            problems.append(_two_in_one(Spot(file.name, sheet.title)))
            continue
        if found and not sheet.blanks and not sheet.lost:
            problems.append(_no_blanks(Spot(file.name, sheet.title)))
            continue
        records += [_record(file, sheet, cell, identity, key, epoch) for cell, identity in found]
    if problems:
        raise KizukiError(problems)
    if not records:
        raise KizukiError(
            Problem(
                Place(file.name),
                "E-READ-07",
                "kizuki の会議資料のシートがありません(隠れた目印が見つかりません)。",
                "どの世帯について書かれたものか決められません。",
                "配った会議資料のブックに書き込んだものかを確かめてください。値だけを別のブックに写したものは読み取れません。",
            )
        )
    return records


def _identity(cell: Cell) -> SheetIdentity | None:
    return read_identity(cell.value.strip()) if cell.kind == "s" and cell.value.startswith("kizuki|") else None


def _record(
    file: FilledFile, sheet: _Sheet, mark: Cell, identity: SheetIdentity, key: bytes | None, epoch: datetime
) -> SheetRecord:
    is_row = identity.kind != "案件"
    cells = [cell for cell in sheet.cells if cell.column != mark.column and (not is_row or cell.row == mark.row)]
    written: dict[str, list[Cell]] = {}
    locked: list[LockedValue] = []
    for cell in cells:
        label = sheet.blank_at(cell)
        if label is not None:
            if not (cell.kind == "s" and not cell.value.strip()):
                written.setdefault(label, []).append(cell)
        elif cell.kind != "f":
            locked.append(ErrorValue(str(cell.value)) if cell.kind == "e" else cell.value)
    known = {blank.label for blank in BLANKS[identity.kind]}
    return SheetRecord(
        Spot(file.name, sheet.title, mark.row if is_row else 0),
        file.sha256,
        identity,
        check_seal(key, _unsealed(identity), locked, identity.seal),
        {label: tuple(found) for label, found in written.items() if label in known},
        tuple(label for label in sheet.lost if label in known),
        epoch,
    )


def _unsealed(identity: SheetIdentity) -> str:
    text = identity.text
    return text.removesuffix(f"|{identity.seal}") if identity.seal else text


def _sheets(content: bytes) -> tuple[list[_Sheet], datetime]:
    workbook = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        common = _blanks_by_sheet(workbook)
        return [_sheet(workbook, worksheet, common) for worksheet in workbook.worksheets], workbook.epoch
    finally:
        workbook.close()


def _blanks_by_sheet(workbook: Any) -> dict[str, dict[str, str]]:
    """Names of the whole book by the sheet to which they lead: some programs make them so of a sheet's own names."""
    found: dict[str, dict[str, str]] = {}
    for name, defined in workbook.defined_names.items():
        if name.startswith(PREFIX) and "!" in (defined.attr_text or ""):
            title = defined.attr_text.rsplit("!", 1)[0].strip("$'").replace("''", "'")
            found.setdefault(title, {})[name] = defined.attr_text
    return found


def _sheet(workbook: Any, worksheet: Any, common: Mapping[str, Mapping[str, str]]) -> _Sheet:
    names = {**common.get(worksheet.title, {})}
    names |= {name: defined.attr_text or "" for name, defined in worksheet.defined_names.items()}
    blanks: dict[str, tuple[_Area, ...]] = {}
    lost: list[str] = []
    for name, text in names.items():
        if not name.startswith(PREFIX):
            continue
        label = name.removeprefix(PREFIX)
        areas = _areas(text)
        if areas:
            blanks[label] = areas
        else:
            lost.append(label)
    return _Sheet(worksheet.title, list(_cells(workbook, worksheet)), blanks, tuple(lost))


def _areas(text: str) -> tuple[_Area, ...]:
    """What a defined name covers, none where its cells were deleted (#REF!). The sheet in it may be an old name of this one."""
    found = []
    for part in re.split(r",(?=[^,]*!)", text):
        match = _AREA.fullmatch(part.rsplit("!", 1)[-1])
        if match is None:
            return ()
        left, top, right, bottom = range_boundaries(match[0].replace("$", ""))
        found.append(_Area(left, top, right, bottom))
    return tuple(found)


def _cells(workbook: Any, worksheet: Any) -> Iterator[Cell]:
    """The cells that are not empty, row by row. Read here because the library also parses all that stands around the cells."""
    with worksheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            worksheet._shared_strings,
            epoch=workbook.epoch,
            date_formats=workbook._date_formats,
            timedelta_formats=workbook._timedelta_formats,
        )
        for _, element in iterparse(source):
            if element.tag == ROW_TAG:
                yield from _of_row(parser, element)
                element.clear()
            elif element.tag == DATA_TAG:
                return


def _of_row(parser: Any, row: Any) -> Iterator[Cell]:
    """Most cells of a handout are style and nothing else, and most others plain text: for both the library's own way is long."""
    if "r" not in row.attrib or not all("r" in cell.attrib for cell in row):
        # A program that leaves places out counts rows and cells, and so does the parser.
        yield from _not_empty(parser.parse_row(row)[1])
        return
    for cell in row:
        if not len(cell):
            continue
        inline = cell.find(INLINE_STRING)
        if inline is not None and len(cell) == len(inline) == 1 and inline[0].tag == _TEXT:
            if inline[0].text:
                at, column = coordinate_to_tuple(cell.attrib["r"])
                yield Cell(at, column, inline[0].text, "s")
        else:
            yield from _not_empty((parser.parse_cell(cell),))


def _not_empty(cells: Iterable[Mapping[str, Any]]) -> Iterator[Cell]:
    for cell in cells:
        value = cell["value"]
        if cell["data_type"] == "f":
            yield Cell(cell["row"], cell["column"], None, "f")
        elif value is not None and value != "":
            yield Cell(cell["row"], cell["column"], value, _kind(value, cell["data_type"]))


def _kind(value: object, data_type: str) -> str:
    if data_type == "e" or not isinstance(value, str | int | float | date):
        return "e"  # a duration or a time of day is nothing that a handout prints or asks for
    if isinstance(value, str):
        return "s"
    if isinstance(value, bool):
        return "b"
    return "d" if isinstance(value, date) else "n"


def _two_in_one(spot: Spot) -> Problem:
    return spot.problem(
        "E-READ-29",
        "1枚のシートに、2世帯分の資料が入っています。",
        "書かれたことがどちらの世帯のものか決められません。",
        "1世帯を1枚のシートに戻してください(貼り付けた分を消し、配った会議資料のシートに書いてください)。",
    )


def _no_blanks(spot: Spot) -> Problem:
    return spot.problem(
        "E-READ-15",
        "記入欄の名前がなくなっています。",
        "どのセルに何が書かれているか決められません。",
        "配った会議資料のシートに書き直してください。",
    )
