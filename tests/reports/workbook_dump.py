"""A workbook as text: what a reader sees and what a clerk may change, so that golden files show every difference."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from openpyxl import load_workbook


def dump(source: Path | IO[bytes]) -> str:
    workbook = load_workbook(source)
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


def _settings(sheet: object) -> list[str]:
    s = sheet
    page = s.page_setup  # type: ignore[attr-defined]
    lines = [
        f"print {s.print_area} titles {s.print_title_rows} freeze {s.freeze_panes}",  # type: ignore[attr-defined]
        f"page {page.paperSize} {page.orientation} fit {s.sheet_properties.pageSetUpPr and s.sheet_properties.pageSetUpPr.fitToPage}"  # type: ignore[attr-defined]
        f" {page.fitToWidth}x{page.fitToHeight} scale {page.scale}",
        f"header {s.oddHeader.left.text} | {s.oddHeader.right.text}",  # type: ignore[attr-defined]
        f"footer {s.oddFooter.left.text} | {s.oddFooter.center.text} | {s.oddFooter.right.text}",  # type: ignore[attr-defined]
        f"protected {s.protection.sheet} breaks {[b.id for b in s.row_breaks.brk]}",  # type: ignore[attr-defined]
        "merged " + " ".join(sorted(str(m) for m in s.merged_cells.ranges)),  # type: ignore[attr-defined]
    ]
    for name, defined in sorted(s.defined_names.items()):  # type: ignore[attr-defined]
        lines.append(f"name {name} = {defined.attr_text}")
    for validation in s.data_validations.dataValidation:  # type: ignore[attr-defined]
        lines.append(f"choose {validation.sqref} {validation.type} {validation.formula1}")
    for fmt in s.conditional_formatting:  # type: ignore[attr-defined]
        lines += [f"colour {fmt.sqref} {rule.formula} {rule.dxf.font.color.rgb}" for rule in fmt.rules]
    for letter, dimension in sorted(s.column_dimensions.items()):  # type: ignore[attr-defined]
        lines.append(f"column {letter} {dimension.width:.1f}{' hidden' if dimension.hidden else ''}")
    lines += sorted(f"link {c.coordinate} {c.hyperlink.location}" for row in s.iter_rows() for c in row if c.hyperlink)  # type: ignore[attr-defined]
    return lines


def _style(cell: object) -> str:
    c = cell
    fill = c.fill.fgColor.rgb[2:] if c.fill.fill_type else "-"  # type: ignore[attr-defined]
    color = c.font.color.rgb if c.font.color and isinstance(c.font.color.rgb, str) else "-"  # type: ignore[attr-defined]
    edges = "".join(
        letter for letter, side in zip("lrtb", (c.border.left, c.border.right, c.border.top, c.border.bottom), strict=True)  # type: ignore[attr-defined]
        if side and side.style
    )
    flags = "".join((
        "b" if c.font.b else "", "w" if c.alignment.wrap_text else "", "q" if c.quotePrefix else "",  # type: ignore[attr-defined]
        "" if c.protection.locked else "U",  # type: ignore[attr-defined]
    ))
    return f"{c.font.name} {c.font.sz:g} {color[-6:]} {fill} {c.alignment.horizontal or '-'} {edges} {flags} {c.number_format}"  # type: ignore[attr-defined]
