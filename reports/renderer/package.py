"""Write the workbook: openpyxl's package with our own rows.

Cell objects are the slow part of openpyxl; rows are written here as text instead. Every text is an inline string, so that
nothing in the data can be a formula. Nothing touches the disk but the stream given: openpyxl would leave names in /tmp.
Equal input gives equal bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import IO, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.packaging.relationship import Relationship
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.dimensions import SheetDimension
from openpyxl.worksheet.related import Related
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.functions import Element, SubElement  # of lxml where it is installed: openpyxl mixes no kinds

from reports.figures.drawingml import CONTENT_TYPE, drawing_part
from reports.renderer.sheet import LaidRow, LaidSheet

_EMPTY_ROWS = b"<sheetData></sheetData>"
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_STAMP = (1980, 1, 1, 0, 0, 0)


def write_package(workbook: Any, sheets: list[LaidSheet], stream: IO[bytes]) -> None:
    """Write the whole .xlsx. Every sheet of the workbook must be among `sheets`."""
    with _StampedZip(stream, "w", ZIP_DEFLATED, compresslevel=6) as archive:
        _Package(workbook, archive, {sheet.worksheet.title: sheet for sheet in sheets}).write_data()


class _StampedZip(ZipFile):
    """A zip whose members all carry the same time, so that equal content gives equal bytes."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *args: Any, **kwargs: Any) -> None:
        info = ZipInfo(str(zinfo_or_arcname), _STAMP)
        info.compress_type = ZIP_DEFLATED
        super().writestr(info, data, *args, **kwargs)


class _Package(ExcelWriter):  # type: ignore[misc]  # openpyxl has no types
    def __init__(self, workbook: Any, archive: ZipFile, sheets: dict[str, LaidSheet]) -> None:
        super().__init__(workbook, archive)
        self.sheets = sheets
        self.drawn = 0

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = None
        laid = self.sheets[ws.title]
        out = BytesIO()
        writer = _SheetWriter(ws, out)
        writer.laid = laid
        ws._hyperlinks = laid.links
        if laid.placed:
            writer.drawing = self._write_figures(laid)
        writer.write()
        head, found, tail = out.getvalue().partition(_EMPTY_ROWS)
        if not found:
            raise AssertionError("openpyxl no longer writes an empty sheetData element")
        ws._rels = writer._rels
        rows = "".join(_row_xml(row) for row in laid.rows)
        self._archive.writestr(ws.path[1:], b"".join((head, b"<sheetData>", rows.encode(), b"</sheetData>", tail)))
        self.manifest.append(ws)

    def _write_figures(self, laid: LaidSheet) -> str:
        """Write the drawing part of a sheet; its path."""
        self.drawn += 1
        part = _DrawingPart(f"/xl/drawings/drawing{self.drawn}.xml")
        self._archive.writestr(part.path[1:], drawing_part(laid.placed))
        self.manifest.append(part)
        return part.path


@dataclass(frozen=True)
class _DrawingPart:
    """What openpyxl's list of contents asks of a part."""

    path: str
    mime_type: str = CONTENT_TYPE


class _SheetWriter(WorksheetWriter):  # type: ignore[misc]  # openpyxl has no types
    laid: LaidSheet
    drawing = ""

    def write_dimensions(self) -> None:
        columns = [cell.column for row in self.laid.rows for cell in row.cells] or [1]
        last = f"{get_column_letter(max(columns))}{max(len(self.laid.rows), 1)}"
        self.xf.send(SheetDimension(f"A1:{last}").to_tree())

    def rows(self) -> list[Any]:
        return []

    def write_drawings(self) -> None:
        if self.drawing:
            relation = Relationship(type="drawing", Target=self.drawing)
            self._rels.append(relation)
            self.xf.send(Related(id=relation.id).to_tree("drawing"))

    def write_merged_cells(self) -> None:
        if self.laid.merges:
            merges = Element("mergeCells", count=str(len(self.laid.merges)))
            for area in self.laid.merges:
                SubElement(merges, "mergeCell", ref=area)
            self.xf.send(merges)


def _row_xml(row: LaidRow) -> str:
    number = row.number
    height = f' ht="{row.height_pt:.2f}" customHeight="1"' if row.height_pt else ""
    hidden = ' hidden="1"' if row.hidden else ""
    parts = [f'<row r="{number}"{height}{hidden}>']
    for cell in row.cells:
        start = f'<c r="{get_column_letter(cell.column)}{number}" s="{cell.style}"'
        value = cell.value
        if isinstance(value, str) and value:
            text = escape(_LOOKS_ESCAPED.sub("_x005F_", value))
            parts.append(f'{start} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>')
        elif isinstance(value, int):
            parts.append(f"{start}><v>{value}</v></c>")
        elif isinstance(value, date):
            parts.append(f"{start}><v>{int(to_excel(value))}</v></c>")
        else:
            parts.append(f"{start}/>")
    parts.append("</row>")
    return "".join(parts)
