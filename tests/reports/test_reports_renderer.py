"""The template language on small templates: what repeats, what follows its rows, and how mistakes are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from workbook_dump import open_book

from engine.kernel.errors import KizukiError
from reports.inert import CELL_LIMIT, CUT_MARK, inert
from reports.letter_widths import em_width
from reports.renderer.check import check_template
from reports.renderer.fill import Link
from reports.renderer.render import render_workbook
from reports.renderer.template import read_template
from reports.renderer.text import Face, fit_row, text_height, wrapped_lines


@dataclass(frozen=True)
class Person:
    name: str
    age: int
    notes: tuple[str, ...] = ()


PEOPLE = (Person("甲", 10, ("一", "二")), Person("乙", 11), Person("丙", 12, ("三",)))


def _template(tmp_path: Path, cells: dict[str, Any], prepare: Any = None) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "表"
    for where, value in cells.items():
        sheet[where] = value
    if prepare:
        prepare(sheet)
    path = tmp_path / "試し.xlsx"
    workbook.save(path)
    return path


def _render(path: Path, **context: Any) -> Any:
    stream = BytesIO()
    render_workbook(path, {"people": PEOPLE, **context}, stream)
    stream.seek(0)
    return open_book(stream)


def _rows(sheet: Any, first: int = 2) -> list[list[Any]]:
    return [[c.value for c in row] for row in sheet.iter_rows(min_col=first)]


LOOP = {
    "B1": "名簿", "A2": "{% for person in people %}", "B3": "{{ person.name }}さん", "C3": "{{ person.age }}",
    "A4": "{% for note in person.notes %}", "B5": "・{{ note }}", "A6": "{% endfor %}", "A7": "{% endfor %}", "B8": "以上",
}


def test_rows_repeat_inside_tags_and_tag_rows_are_not_printed(tmp_path: Path) -> None:
    """Loops may stand in loops; a loop over nothing prints nothing."""
    sheet = _render(_template(tmp_path, LOOP))["表"]
    assert _rows(sheet) == [
        ["名簿", None], ["甲さん", 10], ["・一", None], ["・二", None], ["乙さん", 11], ["丙さん", 12], ["・三", None], ["以上", None],
    ]


def test_single_expressions_keep_their_type(tmp_path: Path) -> None:
    """A number stays a number, a day a day; text around an item makes text; nothing stays blank."""
    sheet = _render(_template(tmp_path, {
        "B1": "{{ number }}", "C1": "{{ day }}", "D1": "{{ number }}人", "E1": "{{ nothing }}", "F1": " {{- number -}} ",
    }), number=7, day=date(2026, 11, 20), nothing=None)["表"]
    assert _rows(sheet) == [[7, 46346, "7人", None, 7]]


def test_fractions_are_refused(tmp_path: Path) -> None:
    """A fraction could only be a probability or a share, so a template cannot print one by itself."""
    with pytest.raises(KizukiError, match="セル B1: 小数は印刷できません"):
        _render(_template(tmp_path, {"B1": "{{ 0.39 }}"}))


def test_conditions_choose_rows(tmp_path: Path) -> None:
    """if, elif, else and for-else choose among rows."""
    cells = {"A1": "{% if people|length > 2 %}", "B2": "多い", "A3": "{% else %}", "B4": "少ない", "A5": "{% endif %}",
             "A6": "{% for x in nobody %}", "B7": "{{ x }}", "A8": "{% else %}", "B9": "なし", "A10": "{% endfor %}"}
    assert _rows(_render(_template(tmp_path, cells), nobody=())["表"]) == [["多い"], ["なし"]]


def test_merges_validations_formats_and_areas_follow_their_rows(tmp_path: Path) -> None:
    """Whatever the template attached to a row is found at every place where the row is printed."""
    def prepare(sheet: Any) -> None:
        sheet.merge_cells("B5:C5")
        choice = DataValidation(type="list", formula1='"a,b"')
        choice.add("D3")
        sheet.add_data_validation(choice)
        sheet.conditional_formatting.add("C3", FormulaRule(formula=["AND($C3>10,$B$1=\"名簿\")"], fill=PatternFill(bgColor="FF0000")))
        sheet.print_area = "B1:D8"
        sheet.print_title_rows = "1:1"
        sheet.freeze_panes = "A2"
        sheet.row_dimensions[3].height = 33
    sheet = _render(_template(tmp_path, LOOP, prepare))["表"]
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["B3:C3", "B4:C4", "B7:C7"]
    assert str(sheet.data_validations.dataValidation[0].sqref) == "D2 D5:D6"
    (fmt,) = sheet.conditional_formatting
    assert str(fmt.sqref) == "C2 C5:C6"
    assert fmt.rules[0].formula == ['AND($C2>10,$B$1="名簿")']
    assert sheet.print_area == "'表'!$B$1:$D$8"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.freeze_panes == "A2"
    assert [sheet.row_dimensions[n].height for n in (2, 5, 6)] == [33, 33, 33]


def test_a_tall_merge_grows_with_the_rows_inside_it(tmp_path: Path) -> None:
    """A cell merged beside a loop spans all rows that the loop prints."""
    cells = {"B1": "見出し", "C1": "先頭", "A2": "{% for person in people %}", "C3": "{{ person.name }}", "A4": "{% endfor %}"}
    sheet = _render(_template(tmp_path, cells, lambda s: s.merge_cells("B1:B3")))["表"]
    assert [str(m) for m in sheet.merged_cells.ranges] == ["B1:B4"]


def test_one_sheet_for_each_item(tmp_path: Path) -> None:
    """The command in A1 makes a sheet for each item; links lead to it; names that Excel refuses are told."""
    cells = {"A1": "{% sheet for person in people named person.name %}", "B2": "{{ person.age }}"}
    assert _render(_template(tmp_path, cells)).sheetnames == ["甲", "乙", "丙"]
    with pytest.raises(KizukiError, match="シート名が長すぎるか、使えない文字"):
        _render(_template(tmp_path, cells), people=(Person("甲/乙", 1),))
    with pytest.raises(KizukiError, match="重なっています"):
        _render(_template(tmp_path, cells), people=(Person("甲", 1), Person("甲", 2)))


def test_links_stay_inside_the_workbook(tmp_path: Path) -> None:
    """A link shows its text and leads to the sheet's first visible cell."""
    sheet = _render(_template(tmp_path, {"B1": "{{ link }}"}), link=Link("1", "表"))["表"]
    assert (sheet["B1"].value, sheet["B1"].hyperlink.location, sheet["B1"].hyperlink.target) == ("1", "'表'!B1", None)


def test_all_mistakes_are_told_at_once_with_sheet_and_cell(tmp_path: Path) -> None:
    """Misspelt items in different cells are all listed, each once, with the nearest existing name."""
    cells = dict(LOOP, B3="{{ person.nmae }}", C3="{{ person.aeg }}歳", B8="{{ peopel }}")
    with pytest.raises(KizukiError) as caught:
        _render(_template(tmp_path, cells))
    told = [problem.what for problem in caught.value.problems]
    assert told == [
        "シート「表」のセル B3: 「nmae」という項目はありません。「name」ではありませんか。",
        "シート「表」のセル B8: 「peopel」という項目はありません。「people」ではありませんか。",
        "シート「表」のセル C3: 「aeg」という項目はありません。「age」ではありませんか。",
    ]
    assert {problem.code for problem in caught.value.problems} == {"E-REPORT-03"}


def test_all_writing_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Unclosed braces, unknown filters and formulas in different cells are listed together, before any data are used."""
    cells = {"B1": "{{ people", "B2": "{{ people|upcase }}", "C2": "{{ people|uper }}", "B3": "=SUM(A1:A2)", "B4": "{{ }}"}
    with pytest.raises(KizukiError) as caught:
        _render(_template(tmp_path, cells))
    told = "\n".join(problem.what for problem in caught.value.problems)
    assert "セル B1: 開いた括弧やタグが閉じられていません" in told
    assert "セル B2: 「upcase」というフィルターはありません" in told
    assert "セル C2: 「uper」というフィルターはありません。「upper」ではありませんか" in told
    assert "セル B3: テンプレートに数式は書けません" in told
    assert "セル B4: {{ }} の中が空です" in told
    assert len(caught.value.problems) == 5


@pytest.mark.parametrize(("cells", "where"), [
    ({"A1": "{% for person in people %}", "B2": "x"}, "A1"),
    ({"B1": "x", "A2": "{% endfor %}"}, "A2"),
    ({"A1": "{% foo %}", "B2": "x"}, "A1"),
    ({"A1": "{% for person in peopel %}", "B2": "x", "A3": "{% endfor %}"}, "A1"),
    ({"A1": "{% set x = 1 %}", "B1": "見落とし"}, "B1"),
    ({"B1": "x", "A2": "{% sheet for p in people named p.name %}"}, "A2"),
])
def test_mistakes_in_tags_name_their_cell(tmp_path: Path, cells: dict[str, str], where: str) -> None:
    """Tags that do not pair, are unknown, stand in a wrong place, or share their row with content name their cell."""
    with pytest.raises(KizukiError) as caught:
        _render(_template(tmp_path, cells))
    (problem,) = caught.value.problems
    assert f"セル {where}: " in problem.what


@pytest.mark.parametrize("attack", [
    "{{ people.__class__ }}", "{{ people.__class__.__mro__ }}", "{{ ''.__class__.__subclasses__() }}", "{{ table.clear() }}",
    "{{ people[0].__init__.__globals__ }}", "{{ cycler }}", "{{ lipsum.__globals__ }}", "{{ range(10**9)|length }}",
    "{{ 'a' * 10000000000 }}", "{{ ([1] * 10000000000)|length }}", "{{ 9 ** 9 ** 9 ** 9 }}", "{{ 9 ** people[0].age }}",
    "{{ 'a'|center(10000000000) }}", "{{ 'a'.ljust(10000000000) }}", "{{ '{:>9999999999}'.format('a') }}", "{{ '%9999999999d' % 1 }}",
    "{{ '%9999999999d'|format(1) }}",
    "{% for a in range(999999) %}{% for b in range(999999) %}{% endfor %}{% endfor %}",
    "{% for a in range(999999) %}{% for b in range(999999) %}{% for c in range(0) %}{% endfor %}{% endfor %}{% endfor %}",
])
def test_templates_cannot_reach_out_of_their_box(tmp_path: Path, attack: str) -> None:
    """Private attributes, changing of data, endless ranges, loops in loops and what grows without bounds are refused with the cell."""
    table = {"a": 1}
    with pytest.raises(KizukiError, match="セル B1: "):
        _render(_template(tmp_path, {"B1": attack}), table=table)
    assert table == {"a": 1}


def test_numbers_may_be_multiplied_and_rows_counted(tmp_path: Path) -> None:
    """What guards against endless templates leaves the arithmetic of a form alone, and a missing item is still told by name."""
    sheet = _render(_template(tmp_path, {"B1": "{{ people[0].age * 2 }}", "C1": "{% for n in range(3) %}{{ n % 2 }}{% endfor %}"}))["表"]
    assert (sheet["B1"].value, sheet["C1"].value) == (20, "010")
    with pytest.raises(KizukiError, match="「agee」という項目はありません。「age」"):
        _render(_template(tmp_path, {"B1": "{{ people[0].agee * 2 }}"}))


def test_messages_never_carry_values(tmp_path: Path) -> None:
    """A calculation that fails on a person's data tells the cell and the kind of fault, not the value."""
    path = _template(tmp_path, {"B1": "{{ people[0].name + 1 }}", "C1": "{{ table[people[0].name] }}"})
    with pytest.raises(KizukiError) as caught:
        _render(path, people=(Person("秘密の名前", 1),), table={})
    assert "秘密" not in str(caught.value)
    assert "セル C1: 表から引いた項目がありません" in str(caught.value)
    assert "セル B1: 計算できませんでした(TypeError)" in str(caught.value)


def test_long_text_makes_its_row_taller(tmp_path: Path) -> None:
    """A wrapped text of several lines raises the row; the template's height is the least."""
    def prepare(sheet: Any) -> None:
        sheet["B1"].alignment = Alignment(wrap_text=True)
        sheet.column_dimensions["B"].width = 20
        sheet.row_dimensions[1].height = 20
    path = _template(tmp_path, {"B1": "{{ text }}"}, prepare)
    short = _render(path, text="短い")["表"].row_dimensions[1].height
    long = _render(path, text="とても長い文章です。" * 10)["表"].row_dimensions[1].height
    assert short == 20.25  # whole pixels
    assert 7 * 11 <= long <= 9 * 11


def test_pages_end_only_where_the_template_allows(tmp_path: Path) -> None:
    """A sheet too long for one readable page is parted at the allowed rows nearest before each page's end."""
    def prepare(sheet: Any) -> None:
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToHeight = 1
        sheet.page_setup.paperSize = 9
        sheet.row_dimensions[3].height = sheet.row_dimensions[4].height = 50
    cells = {"A1": "{% for i in range(n) %}", "A2": "{# 改ページ可 #}", "B3": "{{ i }}", "B4": "続き", "A5": "{% endfor %}"}
    path = _template(tmp_path, cells, prepare)
    one = _render(path, n=6)["表"]
    assert one.sheet_properties.pageSetUpPr.fitToPage
    many = _render(path, n=20)["表"]
    assert not many.sheet_properties.pageSetUpPr.fitToPage
    ends = [b.id for b in many.row_breaks.brk]
    assert ends
    assert all(end % 2 == 0 for end in ends)  # each item has two rows: none is parted
    rows = [0, *ends, 40]
    assert max(b - a for a, b in pairwise(rows)) * 50 * 0.9 <= 842


def test_a_marked_row_takes_what_the_page_leaves_empty(tmp_path: Path) -> None:
    """On a one-page sheet the row under 余白まで伸ばす grows to the page's end; on a full page it keeps its height."""
    def prepare(sheet: Any) -> None:
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToHeight = 1
        sheet.page_setup.paperSize = 9
        sheet.row_dimensions[2].height = 99
        sheet.row_dimensions[5].height = 39
    cells = {"A1": "{% for i in range(n) %}", "B2": "{{ i }}", "A3": "{% endfor %}", "A4": "{# 余白まで伸ばす #}", "B5": "メモ"}
    path = _template(tmp_path, cells, prepare)
    heights = {n: _render(path, n=n)["表"].row_dimensions[n + 1].height for n in (4, 5, 7, 20)}
    assert heights[4] - heights[5] == 99  # what the rows above leave goes to the memo
    assert heights[5] > 99
    assert heights[7] == heights[20] == 39  # nothing is left: one page shrunk a little, and several pages


@pytest.mark.parametrize(("n", "kept"), [(3, True), (7, False), (9, True), (13, False), (16, True)])
def test_a_row_that_may_be_left_out_never_takes_a_page_of_its_own(tmp_path: Path, n: int, kept: bool) -> None:
    """Kept where one page has room, or where another is needed anyway and has room; left out where it alone would need one more. What follows moves up with it."""
    def prepare(sheet: Any) -> None:
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToHeight = 1
        sheet.page_setup.paperSize = 9
        for row, height in ((3, 100), (7, 150), (9, 40)):
            sheet.row_dimensions[row].height = height
    cells = {
        "A1": "{% for i in range(n) %}", "A2": "{# 改ページ可 #}", "B3": "{{ i }}", "A4": "{% endfor %}",
        "A5": "{# 改ページ可 #}", "A6": "{# 1枚に収まらなければ省く #}", "B7": "参考", "A8": "{# 改ページ可 #}", "B9": "{{ n }}件",
    }
    sheet = _render(_template(tmp_path, cells, prepare), n=n)["表"]
    texts = [sheet.cell(row, 2).value for row in range(1, sheet.max_row + 1)]
    assert ("参考" in texts) is kept
    assert texts[-1] == f"{n}件"
    assert len(texts) == n + 1 + kept


def test_hidden_rows_stay_hidden_and_take_no_room(tmp_path: Path) -> None:
    """A row that the template hides is hidden at every place where it is printed, and counts for no page."""
    def prepare(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[3].height = 300
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToHeight = 1
    sheet = _render(_template(tmp_path, LOOP, prepare))["表"]
    assert [sheet.row_dimensions[row].hidden for row in range(1, 9)] == [False, True, False, False, True, True, False, False]
    assert not sheet.row_breaks.brk


def test_a_template_gives_the_same_bytes_however_often_it_was_used(tmp_path: Path) -> None:
    """Read once, rendered for several volumes: each is as from a fresh template."""
    book = read_template(_template(tmp_path, dict(LOOP, A1="{% set x = 1 %}", B1=None, B8="{{ end }}"), lambda s: setattr(s.oddFooter.left, "text", "{{ end }}")))
    made = []
    for end in ("甲", "乙", "甲"):
        stream = BytesIO()
        render_workbook(book, {"people": PEOPLE, "end": end}, stream)
        made.append(stream.getvalue())
    assert made[0] == made[2] != made[1]
    assert open_book(BytesIO(made[1]))["表"].oddFooter.left.text == "乙"


def test_check_reports_what_would_be_lost(tmp_path: Path) -> None:
    """The template check lists mistakes, then warns of comments and pictures that are not carried over."""
    from openpyxl.comments import Comment
    def prepare(sheet: Any) -> None:
        sheet["C1"].comment = Comment("メモ", "係")
    problems = check_template(_template(tmp_path, {"B1": "{{ peple }}", "C1": "x"}, prepare), [{"people": ()}])
    assert problems[0].code == "E-REPORT-03"
    assert {p.code for p in problems[1:]} == {"W-REPORT-01"}
    assert any("コメント" in problem.what for problem in problems)


@pytest.mark.parametrize(("part", "content", "told"), [
    ("xl/drawings/drawing1.xml", "<x/>", "図形・テキストボックス・画像"), ("xl/charts/chart1.xml", "<x/>", "グラフ"), ("xl/media/image1.png", "png", "画像"),
    ("xl/worksheets/sheet9.xml", '<x><x14:dataValidation/></x>', "じかに指す入力規則"), ("xl/worksheets/sheet9.xml", "<x><x14:sparklineGroup/></x>", "スパークライン"),
    ("xl/worksheets/sheet9.xml", '<x differentFirst="1"/>', "先頭の頁だけのヘッダー"),
    ("xl/worksheets/sheet9.xml", "<is><r><t>太</t></r></is>", "文字ごとに変えた書式"),
])
def test_each_part_that_would_be_lost_is_told_by_its_name(tmp_path: Path, part: str, content: str, told: str) -> None:
    """Pictures, charts and what only newer files have: one warning, in the words of whoever put it there."""
    path = _template(tmp_path, {"B1": "x"})
    with ZipFile(path, "a") as archive:
        archive.writestr(part, content)
    (warning,) = check_template(path, [{}])
    assert warning.code == "W-REPORT-01"
    assert told in warning.what


def test_a_file_that_is_no_workbook_is_refused_in_words(tmp_path: Path) -> None:
    """A missing or broken template is explained, not thrown."""
    broken = tmp_path / "壊れた.xlsx"
    broken.write_bytes(b"not a zip")
    for path in (broken, tmp_path / "ない.xlsx"):
        with pytest.raises(KizukiError, match="E-REPORT-01"):
            _render(path)


@given(st.text(max_size=200))
def test_inert_text_is_stable_and_printable(text: str) -> None:
    """Cleaning twice is cleaning once, and what is left can be written as XML."""
    once = inert(text)
    assert inert(once) == once
    once.encode("utf-8")
    assert not any(ord(c) < 32 and c not in "\t\n" for c in once)


@given(st.text(alphabet="あ漢a1。\n", max_size=300), st.floats(40, 400), st.floats(7, 14))
def test_more_width_never_needs_more_lines(text: str, width: float, size: float) -> None:
    """Line estimates shrink with width, and the longest line is never counted as too few lines."""
    face = Face(size)
    lines = wrapped_lines(text, width, face)
    assert wrapped_lines(text, width + 20, face) <= lines
    assert lines * width >= em_width(text.replace("\n", "")) * size


def test_a_latin_word_is_not_broken_and_a_full_stop_does_not_begin_a_line() -> None:
    """Lines are estimated as a spreadsheet breaks them: a name in Latin letters moves whole, 。 stays with its word."""
    face = Face(10)
    assert wrapped_lines("漢" * 8 + "NGUYEN", 10 * 10 / 0.985 + 5, face) == 2
    assert wrapped_lines("漢" * 11, 11 * 10 / 0.985 + 5, face) == 1
    assert wrapped_lines("漢" * 11 + "。", 11 * 10 / 0.985 + 5, face) == 2
    assert wrapped_lines("漢" * 30, 10 * 10 / 0.985 + 5, face) == 3


def test_bold_letters_and_unknown_fonts_are_taken_wider() -> None:
    """Latin letters and kana are measured, thin and bold; of a font that was never measured every kana is full width."""
    thin, bold, other = Face(10), Face(10, bold=True), Face(10, font="游ゴシック")
    text = "シナリオに該当していない" * 3
    widths = [next(w for w in range(50, 900) if wrapped_lines(text, w, face) == 1) for face in (thin, bold, other)]
    assert widths == sorted(widths)
    assert len(set(widths)) == 3


def test_long_text_is_cut_with_a_mark() -> None:
    """Cutting is visible, at the cell's limit and at the tallest row."""
    assert inert("x" * 40_000).endswith(CUT_MARK)
    assert len(inert("x" * 40_000)) == CELL_LIMIT
    fitted = fit_row("長" * 30_000, 200, Face(10))
    assert fitted.endswith(CUT_MARK)
    assert text_height(wrapped_lines(fitted, 200, Face(10)), 10) <= 409
    assert fit_row("短い", 200, Face(10)) == "短い"
