"""The delivered template in the language of xltpl (0.21), and a handout made with it. Only measured against; `bench/handout.py` calls it.

Row tags go into a comment of the next printed row; what only our renderer has (pages, stretching, figures, seals, one sheet for each item) is left out.
Whatever xltpl does not carry over (conditional formats, print areas, heights of wrapped text) costs it no time.
"""

from __future__ import annotations

import re
from copy import copy
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

_SHEET = re.compile(r"\{%\s*sheet for (\w+) in (\S+) named (\S+)\s*%\}")


def convert(template: Path, target: Path) -> dict[str, tuple[str, str]]:
    """Write the template; per sheet with a loop the item's name and the list's name."""
    source, made = load_workbook(template), Workbook()
    made._named_styles, loops = source._named_styles, {}
    made.remove(made.active)
    for sheet in source.worksheets:
        loop = _copy_sheet(sheet, made.create_sheet(sheet.title))
        if loop:
            loops[sheet.title] = loop
    for name, defined in source.defined_names.items():
        made.defined_names[name] = copy(defined)
    made.save(target)
    return loops


def _copy_sheet(sheet: Any, target: Any) -> tuple[str, str] | None:
    loop, waiting, places, row = None, "", {}, 0
    for cells in sheet.iter_rows():
        tag = cells[0].value
        if isinstance(tag, str) and re.match(r"\s*\{[%#]", tag):
            if found := _SHEET.match(tag):
                loop = (found[1], found[2].rsplit(".", 1)[1])
            elif not tag.startswith("{#"):
                waiting += tag
            continue
        row += 1
        places[cells[0].row] = row
        target.row_dimensions[row].height = sheet.row_dimensions[cells[0].row].height
        for cell in cells:
            made = target.cell(row, cell.column)
            text = cell.value
            if isinstance(text, str) and ("case.genogram" in text or "case.timeline" in text):
                text = None
            if text == "{{ case.link }}":
                text = "{{ case.number }}"
            made.value = text
            for part in ("font", "fill", "border", "alignment", "protection", "number_format"):
                setattr(made, part, copy(getattr(cell, part)))
        _before(target, row, waiting)
        waiting = ""
    _before(target, row + 1, waiting)
    _copy_rest(sheet, target, places)
    return loop


def _before(target: Any, row: int, tags: str) -> None:
    if tags:
        target.cell(row, 1).comment = Comment(f"beforerow{tags}", "bench")


def _copy_rest(sheet: Any, target: Any, places: dict[int, int]) -> None:
    for area in sheet.merged_cells.ranges:
        left, top, right, bottom = area.bounds
        rows = [places[row] for row in range(top, bottom + 1) if row in places]
        target.merge_cells(start_row=min(rows), end_row=max(rows), start_column=left, end_column=right)
    for validation in sheet.data_validations.dataValidation:
        moved = DataValidation(type=validation.type, formula1=validation.formula1)
        for area in validation.sqref.ranges:
            left, top, right, bottom = area.bounds
            moved.add(f"{target.cell(places[top], left).coordinate}:{target.cell(places[bottom], right).coordinate}")
        target.add_data_validation(moved)
    for letter, dimension in sheet.column_dimensions.items():
        target.column_dimensions[letter].width, target.column_dimensions[letter].hidden = (
            dimension.width,
            dimension.hidden,
        )
    target.sheet_state = sheet.sheet_state
    target.page_setup.orientation, target.page_setup.paperSize = (
        sheet.page_setup.orientation,
        sheet.page_setup.paperSize,
    )


def write(template: Path, loops: dict[str, tuple[str, str]], book: Any, target: Path) -> None:
    """Fill the converted template with the same words that ours is filled with."""
    from xltpl.writerx import BookWriter

    writer = BookWriter(str(template))
    payloads = []
    for title in [state.name for state in writer.sheet_resource_map.sheet_state_list]:
        if title not in loops:
            payloads.append({"book": book, "tpl_name": title, "sheet_name": title})
            continue
        item, items = loops[title]
        payloads += [
            {"book": book, item: one, "tpl_name": title, "sheet_name": one.sheet} for one in getattr(book, items)
        ]
    writer.render_book(payloads)
    writer.save(str(target))
