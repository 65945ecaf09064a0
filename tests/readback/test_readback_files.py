"""Which files are let in: Excel workbooks that are only that. Each refusal says what to do."""

from __future__ import annotations

import tracemalloc
import zlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from made_up_conference import Conference, fill, rewrite

from engine.kernel.errors import ExitStatus, KizukiError
from reports.encryption import encrypted
from reports.readback.package import MOST_BYTES, needs_password, open_filled


def refused(path: Path, password: str | None = None) -> str:
    """The code with which a file is refused."""
    with pytest.raises(KizukiError) as raised:
        open_filled(path, password)
    (problem,) = raised.value.problems
    assert problem.place.file == path.name and problem.remedy and raised.value.exit_status is ExitStatus.READBACK
    return problem.code


def with_part(source: Path, target: Path, name: str, content: bytes = b"x") -> Path:
    rewrite(source, target, {})
    with ZipFile(target, "a", ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "判断,見守り\n", "%PDF-1.7", "<html></html>"])
def test_other_files_are_told_by_how_they_begin(tmp_path: Path, content: str):
    """Whatever the name says: a .csv renamed to .xlsx is no workbook."""
    path = tmp_path / "handout.xlsx"
    path.write_bytes(content.encode("cp932"))
    assert refused(path) == "E-READ-01"


def test_old_and_other_workbooks_are_told(tmp_path: Path, conference: Conference):
    """.xls begins as an encrypted workbook does, .ods is a zip as well."""
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000))
    assert refused(old) == "E-READ-02"
    with ZipFile(tmp_path / "other.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office/>")
    assert refused(tmp_path / "other.ods") == "E-READ-02"


@pytest.mark.parametrize(
    "part", ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/embeddings/a.bin", "xl/activeX/a.bin", "xl/connections.xml"]
)
def test_programs_and_links_are_refused(conference: Conference, tmp_path: Path, part: str):
    """A handout has none, and nothing that comes from outside is run or followed."""
    assert refused(with_part(conference.printed, tmp_path / "a.xlsx", part)) == "E-READ-05"


def test_a_bomb_is_not_unpacked(conference: Conference, tmp_path: Path):
    """A small file that swells is refused by the size that it declares."""
    bomb = with_part(conference.printed, tmp_path / "a.xlsx", "xl/media/a.bin", bytes(MOST_BYTES + 1))
    assert bomb.stat().st_size < 1_000_000
    assert refused_cheaply(bomb) == "E-READ-04"


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_either(conference: Conference, tmp_path: Path):
    """Declared as two bytes, with their checksum, while a hundred megabytes are packed."""
    path = with_part(conference.printed, tmp_path / "a.xlsx", "xl/comments1.xml", bytes(2 * MOST_BYTES))
    lie = zlib.crc32(bytes(2)).to_bytes(4, "little")
    content = path.read_bytes()
    with ZipFile(path) as archive:
        part = archive.getinfo("xl/comments1.xml")
    sizes = b"".join(size.to_bytes(4, "little") for size in (part.CRC, part.compress_size, part.file_size))
    assert content.count(sizes) == 2
    path.write_bytes(content.replace(sizes, lie + sizes[4:8] + (2).to_bytes(4, "little")))
    assert refused_cheaply(path) == "E-READ-06"


def refused_cheaply(path: Path) -> str:
    """Refused within a few megabytes of memory."""
    tracemalloc.start()
    try:
        return refused(path)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 10_000_000


def test_too_many_parts_are_refused(conference: Conference, tmp_path: Path):
    """Thousands of empty parts cost time without any size."""
    path = rewrite(conference.printed, tmp_path / "a.xlsx", {})
    with ZipFile(path, "a") as archive:
        for number in range(4_100):
            archive.writestr(f"xl/media/{number}", b"")
    assert refused(path) == "E-READ-04"


@pytest.mark.parametrize("before", ["", f"<!--{'-'.join('x' * 2000)}-->"])
def test_entities_are_not_expanded(conference: Conference, tmp_path: Path, before: str):
    """A document type could swell a part, or reach for other files, also behind a long comment."""
    with ZipFile(conference.printed) as archive:
        head = archive.read("xl/workbook.xml")[:20].decode()
    path = rewrite(conference.printed, tmp_path / "a.xlsx", {"xl/workbook.xml": [(head, f'{before}<!DOCTYPE x [<!ENTITY a "aa">]>{head}')]})
    assert refused(path) == "E-READ-06"


@pytest.mark.parametrize("damage", ["cut", "sheet", "strings"])
def test_a_damaged_workbook_is_told(conference: Conference, tmp_path: Path, damage: str):
    """Cut short while it was copied, or with a part that is no XML: in words, without a traceback."""
    path = tmp_path / "a.xlsx"
    content = conference.printed.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "sheet":
        rewrite(conference.printed, path, {"xl/worksheets/sheet2.xml": [("<sheetData>", "<sheetData><row")]})
    else:
        rewrite(conference.printed, path, {"xl/styles.xml": [("<cellXfs", "<cellXfs<")]})
    with pytest.raises(KizukiError, match="E-READ-06"):
        conference.read(path)


def test_a_workbook_of_somebody_else_is_told(conference: Conference, tmp_path: Path):
    """Without a hidden identity there is nothing to read, whatever the sheets are called."""
    workbook = openpyxl.Workbook()
    workbook.active.title = "案件01"
    workbook.active["A1"] = "kizuki|R20261120-01|案件"
    workbook.save(tmp_path / "a.xlsx")
    with pytest.raises(KizukiError, match="E-READ-07"):
        conference.read(tmp_path / "a.xlsx")


def test_all_files_are_told_at_once(conference: Conference, tmp_path: Path):
    """Of three files two are faulty: both are named."""
    for name in ("a.xlsx", "b.xlsx"):
        (tmp_path / name).write_text("no workbook")
    with pytest.raises(KizukiError) as raised:
        conference.read(tmp_path / "a.xlsx", conference.printed, tmp_path / "b.xlsx")
    assert [problem.place.file for problem in raised.value.problems] == ["a.xlsx", "b.xlsx"]


def test_a_book_under_a_password_is_read_with_it(conference: Conference, tmp_path: Path):
    """Opened in memory; without the password or with another one it is refused, and the message does not hold it."""
    filled = fill(conference.printed, tmp_path / "a.xlsx", {"案件01": {"判断": "見守り"}})
    path = tmp_path / "locked.xlsx"
    path.write_bytes(encrypted(filled.read_bytes(), "会議の合言葉１２３"))
    assert needs_password(path) and not needs_password(filled)
    assert refused(path) == refused(path, "別の合言葉") == "E-READ-03"
    conference.read(path, password="会議の合言葉１２３")
    (entry,) = conference.book.entries
    assert entry.decision.decision == "見守り"


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path):
    """By its size on the disk."""
    path = tmp_path / "a.xlsx"
    with path.open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    assert refused(path) == "E-READ-04"
