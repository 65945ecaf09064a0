"""A workbook as text: what a reader sees and what a clerk may change, so that golden files show every difference."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

from openpyxl import load_workbook
from openpyxl.worksheet.merge import MergedCellRange


def open_book(source: Path | IO[bytes]) -> Any:
    """The workbook; openpyxl's slow redrawing of the borders of merged cells is left out."""
    with patch.object(MergedCellRange, "format", lambda self: None):
        return load_workbook(source)


def dump(source: Path | IO[bytes]) -> str:
    workbook = open_book(source)
    lines = [f"name {name} = {defined.attr_text}" for name, defined in sorted(workbook.defined_names.items())]
    for sheet in workbook.worksheets:
        lines += ["", f"### {sheet.title} {sheet.sheet_state}", *_settings(sheet)]
        for row in sheet.iter_rows():
            height = sheet.row_dimensions[row[0].row].height
            shown = [cell for cell in row if cell.value is not None or cell.has_style]
            if shown and height:
                lines.append(f"-- {row[0].row} height {height:.1f}")
            lines += [f"{cell.coordinate} [{_style(cell)}] {cell.data_type}:{cell.value!r}" for cell in shown]
    return "\n".join(lines) + "\n"


def _settings(s: Any) -> list[str]:
    page = s.page_setup
    lines = [
        f"print {s.print_area} titles {s.print_title_rows} freeze {s.freeze_panes}",
        f"page {page.paperSize} {page.orientation} fit {getattr(s.sheet_properties.pageSetUpPr, 'fitToPage', None)}"
        f" {page.fitToWidth}x{page.fitToHeight} scale {page.scale}",
        f"header {s.oddHeader.left.text} | {s.oddHeader.right.text}",
        f"footer {s.oddFooter.left.text} | {s.oddFooter.center.text} | {s.oddFooter.right.text}",
        f"protected {s.protection.sheet} breaks {[b.id for b in s.row_breaks.brk]}",
        "merged " + " ".join(sorted(str(m) for m in s.merged_cells.ranges)),
    ]
    for name, defined in sorted(s.defined_names.items()):
        lines.append(f"name {name} = {defined.attr_text}")
    for validation in s.data_validations.dataValidation:
        lines.append(f"choose {validation.sqref} {validation.type} {validation.formula1}")
    for fmt in s.conditional_formatting:
        lines += [f"colour {fmt.sqref} {rule.formula} {rule.dxf.font.color.rgb}" for rule in fmt.rules]
    for letter, dimension in sorted(s.column_dimensions.items()):
        lines.append(f"column {letter} {dimension.width:.1f}{' hidden' if dimension.hidden else ''}")
    lines += sorted(f"link {c.coordinate} {c.hyperlink.location}" for row in s.iter_rows() for c in row if c.hyperlink)
    return lines


def _style(c: Any) -> str:
    fill = c.fill.fgColor.rgb[2:] if c.fill.fill_type else "-"
    color = c.font.color.rgb if c.font.color and isinstance(c.font.color.rgb, str) else "-"
    sides = (c.border.left, c.border.right, c.border.top, c.border.bottom)
    edges = "".join(letter for letter, side in zip("lrtb", sides, strict=True) if side and side.style)
    flags = "".join((
        "b" if c.font.b else "", "w" if c.alignment.wrap_text else "", "q" if c.quotePrefix else "",
        "" if c.protection.locked else "U",
    ))
    return f"{c.font.name} {c.font.sz:g} {color[-6:]} {fill} {c.alignment.horizontal or '-'} {edges} {flags} {c.number_format}"
