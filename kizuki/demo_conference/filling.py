"""Write answers into the blanks of a handout as it was printed, and change nothing else of it.

Cells are replaced in the package itself: a library would drop the drawings, and take seconds for what takes none here. Only for workbooks that our own renderer made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import fromstring
from xml.sax.saxutils import escape
from zipfile import ZipFile

from engine.kernel.durable import write_whole
from reports.blanks import PREFIX, SheetIdentity, read_identity

Answer = str | int
"""Text as typed, or a day as the serial number that the spreadsheet makes of one."""
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MARK = re.compile(r'<c r="A(\d+)"[^>]*><is><t[^>]*>(kizuki\|[^<]*)</t></is></c>')
_CELL = re.compile(r'<c r="([A-Z]+\d+)" s="(\d+)"/>')
_PLACE = re.compile(r"\$([A-Z]+)\$(\d+)(?::\$[A-Z]+\$\d+)?$")


def fill_in(source: Path, target: Path, answers: Callable[[SheetIdentity], Mapping[str, Answer]]) -> int:
    """Write the workbook with the answers to each of its identities, by the label of the blank; returns how many blanks were filled.

    Raises ValueError for a label that the sheet does not ask for, or a blank that is not empty.
    """
    filled = 0
    content = BytesIO()
    with ZipFile(source) as archive, ZipFile(content, "w") as written:
        sheets = dict(_sheets(archive))
        for info in archive.infolist():
            data = archive.read(info)
            if info.filename in sheets:
                text, number = _filled(data.decode(), sheets[info.filename], answers)
                data, filled = text.encode(), filled + number
            written.writestr(info, data, compress_type=info.compress_type)
    write_whole(target, content.getvalue(), private=True)
    return filled


def _sheets(archive: ZipFile) -> Iterator[tuple[str, dict[str, tuple[str, int]]]]:
    """The file of each sheet, and its blanks by label: column and first row."""
    book = fromstring(archive.read("xl/workbook.xml"))
    related = {
        each.attrib["Id"]: each.attrib["Target"] for each in fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    names = [name for name in book.iter(f"{_MAIN}definedName") if name.attrib["name"].startswith(PREFIX)]
    for number, sheet in enumerate(book.iter(f"{_MAIN}sheet")):
        blanks = {}
        for name in names:
            place = _PLACE.search(name.text or "")
            if name.attrib.get("localSheetId") == str(number) and place:
                blanks[name.attrib["name"].removeprefix(PREFIX)] = (place[1], int(place[2]))
        target = related[sheet.attrib[f"{_RELATED}id"]].lstrip("/")
        yield target if target.startswith("xl/") else f"xl/{target}", blanks


def _filled(
    text: str, blanks: Mapping[str, tuple[str, int]], answers: Callable[[SheetIdentity], Mapping[str, Answer]]
) -> tuple[str, int]:
    wanted: dict[str, Answer] = {}
    for row, mark in _MARK.findall(text):
        identity = read_identity(unescape(mark))
        if identity is None:
            continue
        for label, answer in answers(identity).items():
            if label not in blanks:
                raise ValueError(f"a {identity.kind} has no blank {label}")
            column, first = blanks[label]
            wanted[f"{column}{first if identity.kind == '案件' else row}"] = answer
    if not wanted:
        return text, 0
    found: set[str] = set()

    def write(cell: re.Match[str]) -> str:
        answer = wanted.get(cell[1])
        if answer is None:
            return cell[0]
        found.add(cell[1])
        if isinstance(answer, int):
            return f'<c r="{cell[1]}" s="{cell[2]}"><v>{answer}</v></c>'
        return f'<c r="{cell[1]}" s="{cell[2]}" t="inlineStr"><is><t xml:space="preserve">{escape(answer)}</t></is></c>'

    result = _CELL.sub(write, text)
    if found != set(wanted):
        raise ValueError(f"{len(set(wanted) - found)} blanks are not empty cells")
    return result, len(found)
