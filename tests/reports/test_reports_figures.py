"""Figures and seals in a workbook: drawn over their cells as locked native shapes, and sealed over what nobody may change."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from workbook_dump import open_book

from engine.kernel.errors import KizukiError
from reports.blanks import read_identity
from reports.figures.figure import Box, Figure, Label, Line
from reports.renderer.render import render_workbook

SOFFICE = shutil.which("soffice")
XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
CIRCLE = Figure(60, 120, (Box("ellipse", 0, 0, 60, 60), Line(0, 120, 60, 60), Label(0, 0, 60, 60, "髙")), "丸")
IDENTITY = "kizuki|R20261120-01|案件|HX||3"


def _template(tmp_path: Path, cells: dict[str, Any], prepare: Any = None) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "表"
    sheet.protection.sheet = True
    for where, value in cells.items():
        sheet[where] = value
    if prepare:
        prepare(sheet)
    path = tmp_path / "試し.xlsx"
    workbook.save(path)
    return path


def _render(path: Path, seal: Any = None, **context: Any) -> bytes:
    stream = BytesIO()
    render_workbook(path, context, stream, seal=seal)
    return stream.getvalue()


def _anchors(content: bytes) -> list[ElementTree.Element]:
    with ZipFile(BytesIO(content)) as archive:
        return list(ElementTree.fromstring(archive.read("xl/drawings/drawing1.xml")))


def _corner(anchor: ElementTree.Element, name: str) -> tuple[int, int]:
    corner = anchor.find(f"{XDR}{name}")
    assert corner is not None
    return int(corner.findtext(f"{XDR}col", "")), int(corner.findtext(f"{XDR}row", ""))


def test_a_figure_lies_over_the_merged_area_of_its_cell_wherever_its_row_is_printed(tmp_path: Path) -> None:
    """Inside a loop each repetition has its own, between its own rows; the cells themselves stay empty."""
    cells = {"B1": "上", "A2": "{% for each in figures %}", "B3": "{{ each }}", "B4": "下", "A5": "{% endfor %}"}
    content = _render(_template(tmp_path, cells, lambda s: s.merge_cells("B3:D3")), figures=[CIRCLE, CIRCLE])
    anchors = _anchors(content)
    assert [(_corner(one, "from"), _corner(one, "to")) for one in anchors] == [((2, 1), (2, 1)), ((2, 3), (2, 3))]
    sheet = open_book(BytesIO(content))["表"]
    assert [sheet[f"B{row}"].value for row in range(1, 6)] == ["上", None, "下", None, "下"]
    group = anchors[0].find(f"{XDR}grpSp/{XDR}nvGrpSpPr/{XDR}cNvPr")
    assert group is not None and group.get("descr") == "丸"


def test_a_row_without_height_grows_to_the_figure_and_a_given_height_makes_it_smaller(tmp_path: Path) -> None:
    """Natural size where the template leaves the height open; where it gives one, down to three quarters and no further."""
    heights: dict[float | None, float] = {}
    sizes: dict[float | None, int] = {}
    for given in (None, 99, 20):
        def prepare(sheet: Any, given: float | None = given) -> None:
            sheet.row_dimensions[1].height = given
            sheet.column_dimensions["B"].width = 20
        path = _template(tmp_path, {"B1": "{{ it }}"}, prepare)
        content = _render(path, it=CIRCLE)
        heights[given] = open_book(BytesIO(content))["表"].row_dimensions[1].height
        extent = _anchors(content)[0].find(f"{XDR}grpSp/{XDR}grpSpPr/{A}xfrm/{A}ext")
        assert extent is not None
        sizes[given] = round(int(extent.get("cy", "")) / 12_700)
    assert heights == {None: pytest.approx(124, abs=1), 99: 99, 20: pytest.approx(94, abs=1)}
    assert sizes == {None: 120, 99: 95, 20: 90}


def test_shapes_are_locked_on_a_protected_sheet(tmp_path: Path) -> None:
    """Nobody shifts a figure by accident: objects are protected with the sheet, and each figure locks with it."""
    content = _render(_template(tmp_path, {"B1": "{{ it }}"}), it=CIRCLE)
    assert open_book(BytesIO(content))["表"].protection.objects
    (anchor,) = _anchors(content)
    locked = anchor.find(f"{XDR}clientData")
    assert locked is not None and locked.get("fLocksWithSheet") is None  # true unless said otherwise


def test_every_sheet_has_its_own_drawing_and_each_part_is_declared(tmp_path: Path) -> None:
    """Sheets made by a loop do not share figures; each drawing is among the package's contents and relations."""
    cells = {"A1": "{% sheet for each in figures named each.description %}", "B2": "{{ each }}"}
    from dataclasses import replace
    content = _render(_template(tmp_path, cells), figures=[CIRCLE, replace(CIRCLE, description="別の丸")])
    with ZipFile(BytesIO(content)) as archive:
        contents = archive.read("[Content_Types].xml").decode()
        for number in (1, 2):
            assert f'"/xl/drawings/drawing{number}.xml"' in contents
            assert f"/xl/drawings/drawing{number}.xml" in archive.read(f"xl/worksheets/_rels/sheet{number}.xml.rels").decode()
            assert b"<drawing " in archive.read(f"xl/worksheets/sheet{number}.xml")
        assert "別の丸" in archive.read("xl/drawings/drawing2.xml").decode()


def test_words_in_a_figure_are_inert(tmp_path: Path) -> None:
    """Marks that reorder a line, controls and XML signs in a label or description do no harm."""
    nasty = Figure(50, 50, (Label(0, 0, 50, 50, "a\u202eb\x00<c>&\r\n\"d\" \ud800"),), "\u202e<説明>\x07\"&")
    (anchor,) = _anchors(_render(_template(tmp_path, {"B1": "{{ it }}"}), it=nasty))
    assert anchor.findtext(f".//{A}t") == 'ab<c>& "d"'
    described = anchor.find(f"{XDR}grpSp/{XDR}nvGrpSpPr/{XDR}cNvPr")
    assert described is not None and described.get("descr") == '<説明>"&'


def test_a_figure_needs_a_cell_of_its_own(tmp_path: Path) -> None:
    """A figure among words would print its Python form, names and all: refused with its cell."""
    with pytest.raises(KizukiError, match="セル B1: 図は"):
        _render(_template(tmp_path, {"B1": "図 {{ it }}"}), it=CIRCLE)


@dataclass(frozen=True)
class Row:
    id_text: str
    name: str
    born: date
    count: int


def _sealing(seen: list[tuple[str, list[Any]]]) -> Any:
    def seal(identity: str, values: Sequence[str | int | date]) -> str:
        seen.append((identity, list(values)))
        return f"{identity}|{'A' * len(values)}"
    return seal


def test_an_identity_in_a1_is_sealed_over_the_whole_sheet_but_its_blanks(tmp_path: Path) -> None:
    """In reading order, without empty cells, column A and cells that people fill in, also where the template filled these beforehand."""
    def prepare(sheet: Any) -> None:
        sheet.defined_names["入力_判断"] = DefinedName("入力_判断", attr_text="'表'!$C$3")
    cells = {"A1": "{% set x = 1 %}", "A2": "{{ id }}", "B2": "題", "C2": "{{ day }}", "B3": "判断", "C3": "未定", "D3": 7, "A4": "覚え", "B4": "{{ none }}"}
    seen: list[tuple[str, list[Any]]] = []
    sheet = open_book(BytesIO(_render(
        _template(tmp_path, cells, prepare), _sealing(seen), id=IDENTITY, day=date(2026, 11, 20), none=None)))["表"]
    assert seen == [(IDENTITY, ["題", date(2026, 11, 20), "判断", 7])]
    assert sheet["A1"].value == f"{IDENTITY}|AAAA"
    assert sheet["A3"].value == "覚え"


def test_an_identity_in_a_row_is_sealed_over_its_own_row(tmp_path: Path) -> None:
    """Each repeated row has its own identity in column A and its own seal; a blank stretched over all rows is left out of each."""
    def prepare(sheet: Any) -> None:
        sheet.defined_names["入力_理由"] = DefinedName("入力_理由", attr_text="'表'!$D$3")
    rows = [Row(f"kizuki|R20261120-01|無作為|H{n}|P{n}|{n}", "甲乙"[n], date(2015, 4, 2), n) for n in (0, 1)]
    cells = {"B1": "表題", "A2": "{% for row in rows %}", "A3": "{{ row.id_text }}", "B3": "{{ row.name }}", "C3": "{{ row.count }}",
             "D3": "書く所", "A4": "{% endfor %}"}
    seen: list[tuple[str, list[Any]]] = []
    sheet = open_book(BytesIO(_render(_template(tmp_path, cells, prepare), _sealing(seen), rows=rows)))["表"]
    assert seen == [(rows[0].id_text, ["甲", 0]), (rows[1].id_text, ["乙", 1])]
    identity = read_identity(sheet["A3"].value)
    assert identity is not None and (identity.child_key, identity.seal) == ("P1", "AA")


def test_without_a_seal_identities_are_written_plain(tmp_path: Path) -> None:
    """A template check needs no key."""
    assert open_book(BytesIO(_render(_template(tmp_path, {"A1": "{{ id }}"}), id=IDENTITY)))["表"]["A1"].value == IDENTITY


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) がないため、ほかのソフトで保存しても図が残ることを確かめていません")
def test_figures_and_identities_survive_another_program(tmp_path: Path) -> None:
    """Opened and saved by LibreOffice: the group is there with its shapes and words, at its cells, and the identity as it was."""
    cells = {"A1": "{{ id }}", "B1": "上", "B2": "{{ it }}", "B3": "下"}
    path = tmp_path / "図.xlsx"
    path.write_bytes(_render(_template(tmp_path, cells), _sealing([]), id=IDENTITY, it=CIRCLE))
    subprocess.run(
        [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "saved"), str(path)],
        check=True, capture_output=True, timeout=100,
    )
    content = (tmp_path / "saved" / "図.xlsx").read_bytes()
    (anchor,) = _anchors(content)
    assert (_corner(anchor, "from")[1], _corner(anchor, "to")[1]) == (1, 1)
    group = anchor.find(f"{XDR}grpSp")
    assert group is not None
    assert "".join(text.text or "" for text in group.iter(f"{A}t")) == "髙"
    assert len(group.findall(f"{XDR}sp")) + len(group.findall(f"{XDR}cxnSp")) == len(CIRCLE.shapes)
    assert open_book(BytesIO(content))["表"]["A1"].value == f"{IDENTITY}|AA"
