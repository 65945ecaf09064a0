"""What stands on the first page of a sheet: left out by degree, or sent to a second page, only as far as it must be."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.properties import PageSetupProperties
from workbook_dump import open_book

from engine.kernel.errors import KizukiError
from reports.renderer.pages import SMALLEST_SCALE
from reports.renderer.render import render_workbook

PAGE_PT = 842 - 2 * 72  # A4 and openpyxl's margins of an inch
ROW = 60


def _template(tmp_path: Path, lines: list[tuple[str, str | None]]) -> Path:
    """A one-page sheet of (tag in column A, text in column B); every printed row is 60 points high."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "表"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight, sheet.page_setup.paperSize = 1, 9
    for row, (tag, text) in enumerate(lines, start=1):
        sheet.cell(row, 1).value = tag or None
        sheet.cell(row, 2).value = text
        if text is not None:
            sheet.row_dimensions[row].height = ROW
        if text == "記入欄":
            sheet.defined_names["入力_判断"] = DefinedName("入力_判断", attr_text=f"'表'!$B${row}")
    path = tmp_path / "試し.xlsx"
    workbook.save(path)
    return path


def _sheet(path: Path, **context: Any) -> Any:
    stream = BytesIO()
    render_workbook(path, context, stream)
    stream.seek(0)
    return open_book(stream)["表"]


def _pages(sheet: Any) -> list[list[str]]:
    """The texts of each page."""
    texts = [str(sheet.cell(row, 2).value) for row in range(1, sheet.max_row + 1)]
    ends = [*(b.id for b in sheet.row_breaks.brk), len(texts)]
    return [texts[a:b] for a, b in zip([0, *ends], ends, strict=False)]


DEGREES: list[tuple[str, str | None]] = [
    ("{% for i in range(n) %}", None), ("", "{{ i }}"), ("{% endfor %}", None),
    ("{# 1枚に収まらなければ省く 2 #}", None), ("", "先に省く"),
    ("{# 1枚に収まらなければ省く #}", None), ("", "後で省く"),
    ("", "記入欄"),
]  # fmt: skip


@pytest.mark.parametrize(("n", "kept"), [(10, {"先に省く", "後で省く"}), (11, {"後で省く"}), (12, set()), (14, {"先に省く", "後で省く"})])
def test_rows_are_left_out_by_degree_and_only_where_that_saves_a_page(tmp_path: Path, n: int, kept: set[str]) -> None:
    """The higher number goes first; where no leaving out makes it one page, everything is printed on two."""
    sheet = _sheet(_template(tmp_path, DEGREES), n=n)
    assert {text for page in _pages(sheet) for text in page} - {"記入欄", *map(str, range(n))} == kept


BLOCKS: list[tuple[str, str | None]] = [
    ("", "頭"),
    ("{% for i in range(n) %}", None), ("{# 2枚目へ #}", None), ("", "根拠{{ i }}"), ("", "細目{{ i }}"), ("{# 2枚目へ ここまで #}", None), ("{% endfor %}", None),
    ("{# 2枚目へ 2 #}", None), ("", "参考"), ("{# 1枚に収まらなければ省く 3 #}", None), ("", "参考の細目"), ("{# 2枚目へ ここまで #}", None),
    ("{# 2枚目があるときだけ #}", None), ("", "つづきは2枚目"),
    ("", "記入欄"),
    ("{# 2枚目だけ #}", None), ("", "2枚目の頭"),
]  # fmt: skip


def test_a_sheet_that_fits_has_one_page_and_no_word_of_a_second(tmp_path: Path) -> None:
    """Nothing moves and nothing is said of a second page while one will do."""
    (page,) = _pages(_sheet(_template(tmp_path, BLOCKS), n=3))
    assert page == ["頭", "根拠0", "細目0", "根拠1", "細目1", "根拠2", "細目2", "参考", "参考の細目", "記入欄"]


def test_leaving_out_is_tried_before_a_second_page(tmp_path: Path) -> None:
    """One page with something left out is better than two with everything."""
    (page,) = _pages(_sheet(_template(tmp_path, BLOCKS), n=5))
    assert "参考" in page and "参考の細目" not in page


def test_blocks_move_until_the_first_page_ends_with_the_blanks(tmp_path: Path) -> None:
    """The highest number first, then from the bottom; moved blocks keep their order, and what was left out of them is printed there."""
    sheet = _sheet(_template(tmp_path, BLOCKS), n=6)
    first, second = _pages(sheet)
    assert first == ["頭", *(f"{kind}{i}" for i in range(5) for kind in ("根拠", "細目")), "つづきは2枚目", "記入欄"]
    assert second == ["根拠5", "細目5", "参考", "参考の細目", "2枚目の頭"]
    assert sheet.page_setup.scale == round(SMALLEST_SCALE * 100)
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.defined_names["入力_判断"].attr_text.endswith("$B$13")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40))
def test_whatever_the_length_the_first_page_holds_the_blanks_and_is_full(n: int) -> None:
    """The blanks never leave the first page, no page is too long, nothing but what may be left out is missing, and no block moves that had room."""
    from tempfile import TemporaryDirectory
    with TemporaryDirectory() as folder:
        sheet = _sheet(_template(Path(folder), BLOCKS), n=n)
    pages = _pages(sheet)
    assert "記入欄" in pages[0]
    most = PAGE_PT / SMALLEST_SCALE / ROW
    assert all(len(page) <= most for page in pages)
    texts = {text for page in pages for text in page}
    assert {f"{kind}{i}" for i in range(n) for kind in ("根拠", "細目")} <= texts
    if len(pages) > 1:
        assert len(pages[0]) + 2 > most - 0.2  # a block has two rows


def test_rows_that_no_block_holds_break_where_they_may(tmp_path: Path) -> None:
    """Where the rest is too long for one page even so, it ends where 改ページ可 allows, and the moved blocks come last."""
    lines: list[tuple[str, str | None]] = [
        ("{% for i in range(20) %}", None), ("{# 改ページ可 #}", None), ("", "行{{ i }}"), ("{% endfor %}", None),
        ("{# 2枚目へ #}", None), ("", "参考"), ("{# 2枚目へ ここまで #}", None), ("", "記入欄"),
    ]  # fmt: skip
    pages = _pages(_sheet(_template(tmp_path, lines)))
    assert len(pages) == 3
    assert pages[1][-1] == "記入欄"
    assert pages[2] == ["参考"]


@pytest.mark.parametrize(("tag", "what"), [
    ("{# 2枚目へ #}", "対になっていません"), ("{# 2枚目へ ここまで #}", "対になっていません"),
    ("{# 1枚に収まらなければ略す #}", "「1枚に収まらなければ省く」ではありませんか"), ("{# 覚え書き #}", "この印の書き方はありません"),
])
def test_tags_that_would_silently_do_nothing_are_told(tmp_path: Path, tag: str, what: str) -> None:
    """A misspelt tag of paging, or half of a pair, names its cell."""
    with pytest.raises(KizukiError, match=what) as caught:
        _sheet(_template(tmp_path, [("", "頭"), (tag, None), ("", "行")]))
    assert "セル A2: " in str(caught.value)


def test_a_blank_that_is_left_out_leaves_no_name_behind(tmp_path: Path) -> None:
    """Its name would mark whatever cell has taken its place as one that anybody may change."""
    lines: list[tuple[str, str | None]] = [
        ("{% for i in range(11) %}", None), ("", "{{ i }}"), ("{% endfor %}", None), ("", "終わり"),
        ("{# 1枚に収まらなければ省く #}", None), ("", "記入欄"), ("", "後ろ"),
    ]  # fmt: skip
    sheet = _sheet(_template(tmp_path, lines))
    assert [text for page in _pages(sheet) for text in page][-2:] == ["終わり", "後ろ"]
    assert "入力_判断" not in sheet.defined_names
