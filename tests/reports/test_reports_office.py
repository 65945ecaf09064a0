"""A real spreadsheet program opens the handout and prints the expected pages. Skipped where LibreOffice is not installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import made_up_cases as made
import pytest
from workbook_dump import open_book

from reports.handout import DEFAULT_TEMPLATE, write_handout

SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) がないため、開けることと頁数を確かめていません")


def _convert(path: Path, folder: Path, kind: str) -> Path:
    subprocess.run(
        [str(SOFFICE), f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", kind,
         "--outdir", str(folder), str(path)],
        check=True, capture_output=True, timeout=100,
    )
    return folder / f"{path.stem}.{kind}"


def _pages(path: Path) -> int:
    """Convert to PDF and count its pages."""
    content = _convert(path, path.parent, "pdf").read_bytes()
    return max(int(n) for n in re.findall(rb"/Type\s*/Pages\b.*?/Count\s+(\d+)", content, re.DOTALL))


def test_ordinary_week_prints_one_page_a_household(tmp_path: Path) -> None:
    """Six ordinary households: one page of list, six of households, one of data; the hidden list is not printed."""
    book = made.casebook(tuple(made.case(n, protected=n == 1) for n in range(1, 7)))
    assert _pages(write_handout(book, made.identities(book.cases), tmp_path / "week.xlsx")[0]) == 1 + 6 + 1


def test_worst_household_breaks_exactly_where_planned(tmp_path: Path) -> None:
    """A household with twenty scenarios prints as many pages as the breaks set: none runs over by itself."""
    book = made.casebook((made.worst_case(1),))
    path = write_handout(book, made.identities(book.cases), tmp_path / "worst.xlsx")[0]
    planned = len(open_book(path)["案件01"].row_breaks.brk) + 1
    assert planned >= 2
    assert _pages(path) == 1 + planned + 1


def test_template_saved_by_another_program_still_works(tmp_path: Path) -> None:
    """A template opened and saved in a spreadsheet program gives the same texts, merges, fields and page choices."""
    saved = _convert(DEFAULT_TEMPLATE, tmp_path, "xlsx")
    book = made.week(3)
    people = made.identities(book.cases)
    ours = open_book(write_handout(book, people, tmp_path / "ours.xlsx")[0])
    theirs = open_book(write_handout(book, people, tmp_path / "theirs.xlsx", template=saved)[0])
    assert theirs.sheetnames == ours.sheetnames
    for one, other in zip(ours.worksheets, theirs.worksheets, strict=True):
        values = [[(c.coordinate, c.value) for row in s.iter_rows() for c in row if c.value is not None] for s in (one, other)]
        assert values[0] == values[1]
        assert sorted(map(str, one.merged_cells.ranges)) == sorted(map(str, other.merged_cells.ranges))
        assert [b.id for b in one.row_breaks.brk] == [b.id for b in other.row_breaks.brk]
        assert {n: d.attr_text.replace("'", "") for n, d in one.defined_names.items()} == {
            n: d.attr_text.replace("'", "") for n, d in other.defined_names.items()
        }
        assert other.protection.sheet
