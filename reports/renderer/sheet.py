"""Lay out a filled sheet: everything the template attached to rows follows its rows to where they are now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidationList
from openpyxl.worksheet.hyperlink import Hyperlink

from reports.figures.drawingml import PlacedFigure
from reports.figures.figure import Figure
from reports.renderer.fill import FilledSheet, Link, Value
from reports.renderer.template import TemplateRow, TemplateSheet
from reports.renderer.text import fit_row, text_height, whole_pixels, wrapped_lines

# One column-width unit is the widest digit of the body font: BIZ UDPゴシック 10 pt has 0.76 em, 10 pixels at 96 dpi.
PT_PER_CHARACTER = 7.5
_DEFAULT_WIDTH = 8.43
DEFAULT_HEIGHT_PT = 15.0
_ABSOLUTE = re.compile(r"(\$?\b[A-Z]{1,3}\$)(\d+)")


@dataclass(frozen=True)
class LaidCell:
    """One cell to write."""

    column: int
    style: int
    value: Value


@dataclass(frozen=True)
class LaidRow:
    """One row to write; `height_pt` None leaves the height to the spreadsheet."""

    number: int
    height_pt: float | None
    cells: tuple[LaidCell, ...]
    stretches: bool = False
    hidden: bool = False


@dataclass
class LaidSheet:
    """A sheet ready to write: openpyxl's sheet holds all but cells, links, merges and figures, which are many and slow there.

    `figures`: by row and column of the cell that holds them. `sources`: the template row of each row.
    `breaks`: rows before which a page may end. `second_from`: the row with which the second page begins, if any was sent there.
    `placed`: the same figures with their places on the sheet, known once all heights are.
    """

    worksheet: Any
    rows: list[LaidRow]
    links: list[Hyperlink] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)
    figures: dict[tuple[int, int], Figure] = field(default_factory=dict)
    sources: list[int] = field(default_factory=list)
    placed: list[PlacedFigure] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    second_from: int | None = None

    def heights_pt(self) -> list[float]:
        """Height of each row, 0 of hidden ones."""
        return [0.0 if row.hidden else row.height_pt or DEFAULT_HEIGHT_PT for row in self.rows]


_AREA_OF_SHEET = re.compile(r"(?:'(?:[^']|'')+'|[^'!,]+)!\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?")


class SheetPlan:
    """What one template sheet asks of every sheet made from it, read once."""

    def __init__(self, sheet: TemplateSheet) -> None:
        self.sheet = sheet
        worksheet = sheet.worksheet
        self.widths = _column_widths(worksheet)
        self.merges = [merged.bounds for merged in sorted(worksheet.merged_cells.ranges, key=lambda m: m.bounds)]
        self.spans = {(top, left): right for left, top, right, bottom in self.merges if top == bottom}
        self.tall = {(top, left) for left, top, _, bottom in self.merges if top != bottom}
        self.validations = list(worksheet.data_validations.dataValidation)
        self.formats = [(fmt.sqref, fmt.rules) for fmt in worksheet.conditional_formatting]
        # Sheets whose rows fall alike share the moved rule: copying openpyxl's rules is slow.
        self.moved_rules: dict[tuple[str, int, tuple[str, ...]], Any] = {}
        self.book_names = [
            (name, defined.attr_text)
            for name, defined in sorted(worksheet.parent.defined_names.items())
            if sheet.loop is None and _leads_to(defined.attr_text, worksheet.title)
        ]
        self.names = [(name, defined.attr_text) for name, defined in sorted(worksheet.defined_names.items())]

    def width_pt(self, row: int, column: int) -> float:
        """Width of a cell, or of the merged cells it heads."""
        last = self.spans.get((row, column), column)
        return sum(self.column_pt(index) for index in range(column, last + 1))

    def column_pt(self, column: int) -> float:
        """Width of a column, 0 where it is hidden."""
        return self.widths.get(column, _DEFAULT_WIDTH) * PT_PER_CHARACTER


def _column_widths(worksheet: Any) -> dict[int, float]:
    """Width of each column in characters, hidden ones 0. Excel writes one entry for neighbours of equal width."""
    widths = dict.fromkeys(range(1, max(worksheet.max_column, 1) + 1), _DEFAULT_WIDTH)
    for letter, dimension in worksheet.column_dimensions.items():
        first = dimension.min or column_index_from_string(letter)
        for index in range(first, min(dimension.max or first, max(widths)) + 1):
            widths[index] = 0.0 if dimension.hidden else float(dimension.width or _DEFAULT_WIDTH)
    return widths


def lay_out(plan: SheetPlan, filled: FilledSheet, worksheet: Any) -> LaidSheet:
    """Put a filled sheet onto an empty worksheet of the same workbook."""
    _copy_settings(plan.sheet.worksheet, worksheet)
    places: dict[int, list[int]] = {}
    laid = LaidSheet(worksheet, [], breaks=[at for at, row in enumerate(filled.rows, start=1) if row.may_break])
    laid.second_from = None if filled.second_from is None else filled.second_from + 1
    for number, row in enumerate(filled.rows, start=1):
        places.setdefault(row.source, []).append(number)
        laid.sources.append(row.source)
        laid.rows.append(_lay_row(plan, plan.sheet.rows[row.source], number, row.values, laid))
    mapping = _RowMap(places, laid.sources)
    laid.merges = [area for bounds in plan.merges for area in mapping.blocks(*bounds)]
    _attach_validations(plan, mapping, worksheet)
    _attach_formats(plan, mapping, worksheet)
    _attach_names(plan, mapping, worksheet)
    _attach_print_ranges(plan.sheet.worksheet, mapping, worksheet)
    return laid


def _lay_row(
    plan: SheetPlan, row: TemplateRow, number: int, values: dict[int, Value], laid: LaidSheet
) -> LaidRow:
    cells: list[LaidCell] = []
    height = row.height_pt
    for cell in row.cells:
        value: Value = values.get(cell.column) if cell.filled else cell.value
        if isinstance(value, Link):
            where = f"{get_column_letter(cell.column)}{number}"
            laid.links.append(Hyperlink(ref=where, location=f"'{value.sheet}'!B1", display=value.text))
            value = value.text
        if isinstance(value, Figure):
            laid.figures[number, cell.column] = value
            value = None
        if isinstance(value, str) and value and cell.wraps and (row.number, cell.column) not in plan.tall:
            width = plan.width_pt(row.number, cell.column)
            value = fit_row(value, width, cell.face)
            needed = text_height(wrapped_lines(value, width, cell.face), cell.face.size_pt)
            height = max(height or 0.0, needed)
        quoted = cell.filled and isinstance(value, str)
        cells.append(LaidCell(cell.column, cell.quoted_style if quoted else cell.style, value))
    return LaidRow(number, height and whole_pixels(height), tuple(cells), row.stretches, row.hidden)


class _RowMap:
    """Where each template row is now (from 1), none, once, or many times."""

    def __init__(self, places: dict[int, list[int]], sources: list[int]) -> None:
        self.places = places
        self.sources = sources

    def first(self, row: int) -> int | None:
        found = self.places.get(row)
        return found[0] if found else None

    def runs(self, left: int, top: int, right: int, bottom: int) -> list[CellRange]:
        """The range at all its new places, neighbours joined."""
        rows = sorted(number for row in range(top, bottom + 1) for number in self.places.get(row, ()))
        areas: list[CellRange] = []
        for number in rows:
            if areas and areas[-1].max_row == number - 1:
                areas[-1] = CellRange(None, left, areas[-1].min_row, right, number)
            else:
                areas.append(CellRange(None, left, number, right, number))
        return areas

    def blocks(self, left: int, top: int, right: int, bottom: int) -> Iterator[str]:
        """The range once for each time its first printed row appears; it grows with rows repeated inside it."""
        head = next((row for row in range(top, bottom + 1) if row in self.places), None)
        for start in self.places.get(head, ()) if head is not None else ():
            end = start
            while end < len(self.sources) and top <= self.sources[end] <= bottom and self.sources[end] != head:
                end += 1
            if end > start or right > left:
                yield f"{get_column_letter(left)}{start}:{get_column_letter(right)}{end}"


def _copy_settings(source: Any, target: Any) -> None:
    target.sheet_state = source.sheet_state
    target.sheet_properties = copy(source.sheet_properties)
    target.sheet_format = copy(source.sheet_format)
    target.page_margins = copy(source.page_margins)
    target.page_setup = copy(source.page_setup)
    target.page_setup._parent = target
    target.print_options = copy(source.print_options)
    target.protection = copy(source.protection)
    target.views.sheetView[0] = copy(source.views.sheetView[0])
    target.views.sheetView[0].tabSelected = None
    for letter, dimension in sorted(source.column_dimensions.items()):
        made = target.column_dimensions[letter]
        made.min, made.max = dimension.min, dimension.max
        made.width, made.hidden = dimension.width, dimension.hidden


def _attach_validations(plan: SheetPlan, mapping: _RowMap, worksheet: Any) -> None:
    kept = []
    for validation in plan.validations:
        areas = [area for r in validation.sqref.ranges for area in mapping.runs(*r.bounds)]
        if areas:
            moved = copy(validation)
            moved.sqref = MultiCellRange(areas)
            kept.append(moved)
    worksheet.data_validations = DataValidationList(dataValidation=kept)


def _attach_formats(plan: SheetPlan, mapping: _RowMap, worksheet: Any) -> None:
    formats = ConditionalFormattingList()
    for sqref, rules in plan.formats:
        areas = [area for r in sqref.ranges for area in mapping.runs(*r.bounds)]
        if not areas:
            continue
        where = " ".join(str(area) for area in areas)
        origin = min(sqref.ranges, key=lambda r: r.bounds)
        begin = f"{get_column_letter(origin.min_col)}{origin.min_row}"
        target = f"{get_column_letter(areas[0].min_col)}{areas[0].min_row}"
        for index, rule in enumerate(rules):
            formulas = tuple(_follow(formula, begin, target, mapping) for formula in rule.formula)
            key = (str(sqref), index, formulas)
            if key not in plan.moved_rules:
                moved = copy(rule)
                moved.dxf, moved.formula = rule.dxf, list(formulas)
                plan.moved_rules[key] = moved
            formats.add(where, plan.moved_rules[key])
    worksheet.conditional_formatting = formats


def _follow(formula: str, begin: str, target: str, mapping: _RowMap) -> str:
    """A formula moved with its range: relative rows shift, absolute rows go to where their row is printed first."""
    shifted = Translator(f"={formula}", origin=begin).translate_formula(target)[1:]
    return _ABSOLUTE.sub(lambda found: f"{found[1]}{mapping.first(int(found[2])) or found[2]}", shifted)


def _attach_names(plan: SheetPlan, mapping: _RowMap, worksheet: Any) -> None:
    worksheet.defined_names.clear()  # a sheet may be laid out more than once, with other rows
    for names, kept in ((plan.names, worksheet.defined_names), (plan.book_names, worksheet.parent.defined_names)):
        for name, reference in names:
            cells = _moved(reference, mapping)
            if cells:
                kept[name] = DefinedName(name, attr_text=f"'{worksheet.title}'!{cells}")


def _moved(reference: str, mapping: _RowMap) -> str:
    """The cells of a name where its rows are now, from the first to the last; empty where they are left out."""
    left, top, right, bottom = range_boundaries(reference.rsplit("!", 1)[-1].replace("$", ""))
    areas = mapping.runs(left, top, right, bottom)
    if not areas:
        return ""
    cells = f"${get_column_letter(left)}${areas[0].min_row}"
    if (left, areas[0].min_row) != (right, areas[-1].max_row):
        cells += f":${get_column_letter(right)}${areas[-1].max_row}"
    return cells


def _leads_to(reference: str | None, title: str) -> bool:
    """Whether a name of the whole book stands for one area of this sheet."""
    if reference is None or not _AREA_OF_SHEET.fullmatch(reference):
        return False
    return reference.rsplit("!", 1)[0].strip("'").replace("''", "'") == title


def _attach_print_ranges(source: Any, mapping: _RowMap, worksheet: Any) -> None:
    if source.print_area:
        reference = str(source.print_area).rsplit("!", 1)[-1].replace("$", "")
        left, _, right, _ = range_boundaries(reference)
        last = max(len(mapping.sources), 1)
        worksheet.print_area = f"{get_column_letter(left)}1:{get_column_letter(right)}{last}"
    if source.print_title_rows:
        top, bottom = (int(part) for part in str(source.print_title_rows).replace("$", "").split(":"))
        rows = [number for row in range(top, bottom + 1) for number in mapping.places.get(row, ())]
        if rows:
            worksheet.print_title_rows = f"{min(rows)}:{max(rows)}"
    frozen = source.freeze_panes
    if frozen:
        left, top, _, _ = range_boundaries(frozen)
        # The row above the line stays above it: the line itself may stand before rows that are repeated or left out.
        above = [number for row in range(1, top) for number in mapping.places.get(row, ())]
        worksheet.freeze_panes = f"{get_column_letter(left)}{max(above, default=0) + 1}"
