"""The handout as the room holds it: complete, inert, discreet, the same each time."""

from __future__ import annotations

import os
import re
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import made_up_cases as made
import pytest
from openpyxl.utils import get_column_letter
from workbook_dump import dump, open_book

from engine.kernel.errors import KizukiError
from engine.kernel.truth import Truth
from engine.records.case import Casebook, Identity, ScenarioResult, SentenceResult, Tier
from reports.blanks import DRAWN_BLANKS, HOUSEHOLD_BLANKS, SheetIdentity, read_identity
from reports.handout import CASES_PER_VOLUME, write_handout
from reports.inert import CUT_MARK
from reports.sheet_words.case_view import view_case
from reports.wording import NAME_IN_KEYRING

GOLDEN = Path(__file__).parents[1] / "golden" / "handout_four_households.txt"


def _write(tmp_path: Path, book: Casebook, identities: dict[str, Identity] | None = None, **options: Any) -> Any:
    people = made.identities(book.cases) if identities is None else identities
    return open_book(write_handout(book, people, tmp_path / "handout.xlsx", **options)[0])


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[Casebook, Path, Any]:
    """A week of three households (protected, worst, nearly empty): records, file, opened workbook. Read only."""
    book = made.week(3)
    path = write_handout(book, made.identities(book.cases), tmp_path_factory.mktemp("three") / "handout.xlsx")[0]
    return book, path, open_book(path)


Three = tuple[Casebook, Path, Any]


def _texts(workbook: Any) -> list[str]:
    return [str(c.value) for sheet in workbook for row in sheet.iter_rows() for c in row if c.value is not None]


def _everything(path: Path) -> str:
    """All parts of the file as text."""
    with ZipFile(path) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def test_the_whole_workbook_is_as_reviewed(tmp_path: Path) -> None:
    """Every cell, style, validation and print setting of a small week equals the reviewed dump."""
    book = made.week(4)
    path = write_handout(book, made.identities(book.cases, skip=4), tmp_path / "handout.xlsx")[0]
    found = dump(path)
    if os.environ.get("KIZUKI_UPDATE_GOLDEN"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    """Writing the same week twice gives the same file, byte for byte."""
    book = made.week(3)
    first, second = (
        write_handout(book, made.identities(book.cases), tmp_path / name)[0].read_bytes() for name in ("a.xlsx", "b.xlsx")
    )
    assert first == second
    with ZipFile(tmp_path / "a.xlsx") as archive:  # no clock: neither in the zip nor in the properties
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-11-20T00:00:00Z</dcterms:modified>" in archive.read("docProps/core.xml")


def test_sheets_are_list_then_households_then_data(three: Three) -> None:
    """The list comes first, one fixed-name sheet per household follows, and no tab carries a personal name."""
    _, _, workbook = three
    assert workbook.sheetnames == ["一覧", "案件01", "案件02", "案件03", "データの状況", "_選択肢"]
    assert workbook["_選択肢"].sheet_state == "hidden"


def test_list_is_grouped_by_tier_and_change_and_numbers_run_down_it(tmp_path: Path) -> None:
    """① before ②, whom a model raised behind the rules' own; each group under tier, change and count; every line links to its sheet, in the order of the numbers."""
    week = (("新規", Tier.ACTIVE, None), ("継続", Tier.ACTIVE, None), ("継続", Tier.ACTIVE, None), ("上昇", Tier.ACTIVE, Tier.INQUIRY),
            ("新規", Tier.INQUIRY, None), ("見送り明け", Tier.INQUIRY, None))
    book = made.casebook(tuple(
        made.case(n, change=change, tier=tier, lifted_from=lifted) for n, (change, tier, lifted) in enumerate(week, start=1)))
    sheet = _write(tmp_path, book)["一覧"]
    links = [(c.value, c.hyperlink.location) for row in sheet.iter_rows() for c in row if c.hyperlink]
    assert links == [(str(n), f"'案件{n:02d}'!B1") for n in range(1, 7)]
    bands = [c.value for row in sheet.iter_rows(min_col=2, max_col=2) for c in row if re.fullmatch(r"[①②] [★▲▼―◆].+ \d+世帯", str(c.value))]
    assert bands == ["① ★新規 1世帯", "① ―継続 2世帯", "① ▲上昇(モデルが1段上げた世帯) 1世帯", "② ★新規 1世帯", "② ◆見送り明け 1世帯"]


def test_the_cover_counts_households_and_children_apart(tmp_path: Path) -> None:
    """Households of ① and ② wherever they are told, with where; children of everybody evaluated by themselves; households of ③ are not counted."""
    book = replace(made.casebook((made.case(1, tier=Tier.ACTIVE), made.case(2, tier=Tier.INQUIRY)), apart=(made.apart(41),)), not_printed=7,
                   tier_counts={"①": 3, "②": 12, "③": 1_234}, children_evaluated=1_249)
    values = [c.value for row in _write(tmp_path, book)["一覧"].iter_rows() for c in row if c.value]
    assert "① 1世帯(一覧 1)  ② 9世帯(一覧 1・別に示す 1・次回以降 7)" in [str(value).strip() for value in values]
    assert "評価したこども 1,249人 ①3人 ②12人 ③1,234人" in values


def test_changes_since_last_week_come_before_the_list(tmp_path: Path) -> None:
    """Counts of new, raised, lowered, unchanged and returned stand above the first household; who left ① and ② stands below the last."""
    book = made.week(6)
    sheet = _write(tmp_path, book)["一覧"]
    rows = [[c.value for c in row if c.value is not None] for row in sheet.iter_rows()]
    label = next(i for i, row in enumerate(rows) if "▲上昇" in row)
    head = next(i for i, row in enumerate(rows) if "整理番号" in row)
    assert label < head
    assert rows[label + 1][1:6] == [2, 2, 2, 0, 0]
    [left] = [row for row in rows if row and str(row[0]).startswith("①②でなくなった世帯")]
    assert left[0] == "①②でなくなった世帯 2世帯"
    assert all(key[:8] in left[1] for key in book.dropped)


def test_the_cover_tells_days_verdict_and_the_head_of_the_record(tmp_path: Path) -> None:
    """The as-of day of every source, the verdict of the replay, and the record's printed head in groups of four stand above the list."""
    texts = _texts(_write(tmp_path, made.week(1), head="ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    assert any("住民記録 R8.11.1、" in text and "NPO等見守り ―" in text for text in texts)
    assert "再現(検算):未実施" in texts
    assert any("ABCD EFGH IJKL MNOP QRST UVWX YZ" in text for text in texts)
    assert not any("記録の見出し" in text for text in _texts(_write(tmp_path, made.week(1))))


def test_households_set_aside_stand_apart_one_line_each(tmp_path: Path) -> None:
    """Number, children, tier, what was decided, when they return, who leads; of a protected household no place; not among the list's lines."""
    one, other = made.apart(41), made.apart(42, protected=True, until=None)
    book = made.casebook((made.case(1),), apart=(one, other))
    people = made.identities(book.cases) | {m.key: Identity("甲斐 花", "", None, "女") for a in book.apart for m in a.children}
    sheet = _write(tmp_path, book, people)["別に示す世帯"]
    lines = [[c.value for c in row if c.value is not None] for row in sheet.iter_rows() if row[1].value in (one.household_key[:8], other.household_key[:8])]
    assert [line[:5] for line in lines] == [
        [one.household_key[:8], "甲斐 花(12歳)", "恒富地区", "②", "見送り(R8.10.23)"],
        [other.household_key[:8], "甲斐 花(12歳)", "住所非表示", "②", "見送り(R8.10.23)"],
    ]
    assert [(line[5], line[-1]) for line in lines] == [("R9.1.15", "学校教育課"), ("新しい該当があるとき", "学校教育課")]
    assert "別に示す世帯" not in _write(tmp_path, made.week(1)).sheetnames


def test_children_drawn_by_chance_have_a_sheet_of_their_own(tmp_path: Path) -> None:
    """A row each with its hidden identity and its blanks; a sentence says that chance brought them here and that it says nothing about them."""
    book = made.casebook((made.case(1),), drawn=(made.drawn(1), made.drawn(2)), drawn_from=17_204)
    people = made.identities(book.cases) | {child.child_key: Identity("河野 空", "カワノ ソラ", None, "男") for child in book.drawn}
    workbook = _write(tmp_path, book, people)
    sheet = workbook["無作為の確認"]
    ids = [row[0].value for row in sheet.iter_rows() if row[0].value]
    assert [read_identity(text) for text in ids] == [
        SheetIdentity(book.run_id, "無作為", child.household_key, child.child_key, child.number) for child in book.drawn
    ]
    rows = [row[0].row for row in sheet.iter_rows() if row[0].value]
    for blank in DRAWN_BLANKS:
        area = sheet.defined_names[blank.name].attr_text.split("!")[1].replace("$", "")
        assert [cell.row for line in sheet[area] for cell in line] == rows
        assert not any(cell.protection.locked or cell.value for line in sheet[area] for cell in line)
    assert any("17,204人の中から、くじで選ばれました" in str(c.value) and "心配な点が見つかったためではありません" in str(c.value)
               for row in sheet.iter_rows() for c in row)
    assert "無作為の確認" not in _write(tmp_path, made.week(1)).sheetnames


def test_a_household_that_came_back_says_why_and_what_was_decided(three: Three) -> None:
    """Why it is here again stands at the top; each earlier conference with its terms, what came of it, and the words that were written."""
    book, _, _ = three
    past = made.decided(2, outcome="連絡がとれない", outcome_on=date(2026, 11, 2), rightness="一部合っていた")
    case = replace(book.cases[1], decisions=(past,))
    view = view_case(case, {}, run_id="R", as_of=made.AS_OF, texts={(past.run_id, past.household_key): made.WORDS})
    assert view.back_because == "前に見送り・別扱いとした世帯です: 新しい該当(SA-01)があります。"
    [told] = view.decisions
    assert (told.decided_on, told.decision, told.terms) == ("R8.10.23", "見送り", "R8.11.20まで・学校教育課")
    assert told.came_of_it == "連絡がとれない(R8.11.2)、気づきは一部合っていた"
    assert told.words == (
        "理由: 担任が様子を見ているため キーパーソン: 担任の先生 役割: 学校教育課 担任に登校の様子をうかがう(R8.11.13まで) メモ: 祖母の通院の日に重なる"
    )


@pytest.mark.parametrize(
    "poison",
    ["=HYPERLINK(\"http://x\",\"y\")", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "#N/A", "{{ book.run_id }}", "_x0041_", "<b>&amp;</b>"],
)
def test_text_never_becomes_anything_but_text(tmp_path: Path, poison: str) -> None:
    """Whatever a text field holds, its cell is a string with quotePrefix, and nothing in the file is a formula."""
    book, people = _poisoned(poison)
    path = write_handout(book, people, tmp_path / "handout.xlsx")[0]
    with ZipFile(path) as archive:
        sheets = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
    assert not any(re.search(r"<f[ >/]", sheet) for sheet in sheets)
    workbook = open_book(path)
    expected = poison.replace("_x0041_", "_x005F_x0041_")
    hits = [c for sheet in workbook for row in sheet.iter_rows() for c in row if c.value == expected]
    assert len(hits) >= 3
    assert all(cell.quotePrefix for cell in hits)


def test_unprintable_and_reordering_characters_are_removed(tmp_path: Path) -> None:
    """Control characters and right-to-left marks vanish; the file opens and the rest of the text stays."""
    book, people = _poisoned("前\x00\x08\x1f\u202e\u2067\ud800\ufffe後\r\n次")
    texts = _texts(_write(tmp_path, book, people))
    assert any("前後\n次" in text for text in texts)
    assert not any(re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text) for text in texts)


def test_forty_thousand_characters_are_cut_visibly(tmp_path: Path) -> None:
    """A text that no cell or no row can show ends in words that say so."""
    book, people = _poisoned("長" * 40_000)
    workbook = _write(tmp_path, book, people)
    long = [text for text in _texts(workbook) if text.count("長") > 100]
    assert long
    assert all(text.rstrip("】)").endswith(CUT_MARK) or CUT_MARK in text for text in long)
    assert max(map(len, long)) <= 32_767
    heights = [d.height for sheet in workbook for d in sheet.row_dimensions.values() if d.height]
    assert max(heights) <= 409


def test_no_percentage_and_no_points_anywhere(tmp_path: Path) -> None:
    """Not a percent sign in any part of the file, even if a rule's text cites one; points that order are not shown."""
    book, people = _poisoned("的中の見込み 39.5％、別の表では12 %、9パーセント")
    book = replace(book, cases=tuple(replace(case, points=987_654) for case in book.cases))
    path = write_handout(book, people, tmp_path / "handout.xlsx")[0]
    content = _everything(path)
    assert not re.search(r"[%％]|パーセント", re.sub(r"<a:.*?>", "", content))
    assert "39.5" not in content
    assert "987654" not in content.replace(",", "")


def test_protected_household_shows_no_place(tmp_path: Path) -> None:
    """Of a household under 支援措置 neither address nor district nor school is anywhere in the file."""
    canary = {"address": "カナリア町9丁目", "school": "カナリア小学校"}
    case = made.case(1, protected=True, district="カナリア地区")
    people = {key: replace(person, **canary) for key, person in made.identities((case,)).items()}
    path = write_handout(made.casebook((case,)), people, tmp_path / "handout.xlsx")[0]
    content = _everything(path)
    assert "カナリア" not in content
    assert content.count("住所非表示") >= 2


def test_addresses_are_never_printed(tmp_path: Path) -> None:
    """Even where an address is known and unprotected, the handout does not carry it: the room needs the district only."""
    case = made.case(1)
    people = {key: replace(p, address="カナリア町9丁目") for key, p in made.identities((case,)).items()}
    path = write_handout(made.casebook((case,)), people, tmp_path / "handout.xlsx")[0]
    assert "カナリア" not in _everything(path)


def test_missing_names_are_said_to_be_missing(tmp_path: Path) -> None:
    """A member whose name was not rejoined is printed as to be looked up, never as blank."""
    sheet = _write(tmp_path, made.casebook((made.case(1),)), {})["案件01"]
    assert [c.value for row in sheet.iter_rows() for c in row].count(NAME_IN_KEYRING) == 4


def test_rare_characters_of_names_survive(tmp_path: Path) -> None:
    """𠮷, 髙, 﨑, 濵, ① and variation selectors come back as they went in."""
    name = "𠮷髙﨑濵 葛\U000e0100子"
    case = made.case(1)
    people = {key: replace(p, name=name) for key, p in made.identities((case,)).items()}
    assert name in _texts(_write(tmp_path, made.casebook((case,)), people))


def test_unknown_is_shown_as_unknown(tmp_path: Path) -> None:
    """○ stands beside what decided; what is not known is said in one line, also of a cancel, and the hit stays."""
    sheet = _write(tmp_path, made.casebook((made.case(1, children=(made.child(1, hits=3),)),)))["案件01"]
    values = [c.value for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]
    assert {"○", "?"} <= set(values)
    assert values.count("不明: 「教育相談の利用が月2回以上」") == 2
    assert "不明: 「教育相談の利用が月2回以上」、打ち消す条件の「教育支援センターを利用している」(確認が必要です)" in values


def test_origin_of_a_fact_is_printed_once(tmp_path: Path) -> None:
    """Where the fact's own text ends with its origin, the sheet shows it once, behind the fact."""
    told = made.fact("給水停止 R8.9.17(上下水道 R8.11.1時点)", subject="世帯", source="上下水道")
    child = made.child(1, hits=1)
    sentence = SentenceResult(0, "直近6か月に給水停止がある", Truth.MET, (told,))
    case = made.case(1, children=(replace(child, results=(replace(child.results[0], sentences=(sentence,)),)),))
    texts = _texts(_write(tmp_path, made.casebook((case,))))
    assert [text for text in texts if "給水停止 R8.9.17" in text] == ["世帯: 給水停止 R8.9.17〔上下水道 R8.11.1〕"]


def test_cancelled_scenario_is_a_strength_and_not_a_reason(tmp_path: Path) -> None:
    """A scenario whose cancel is met is not among the reasons; the support that cancels it is named as a strength."""
    child = made.child(1, hits=1)
    off = replace(child.results[0], name="打ち消された筋書き", cancelled=Truth.MET)
    case = made.case(1, children=(replace(child, results=(off,)),))
    texts = _texts(_write(tmp_path, made.casebook((case,))))
    assert "打ち消された筋書き" not in texts
    assert any("「打ち消された筋書き」は、支援につながっているため打ち消しました" in text for text in texts)


def test_only_the_blanks_can_be_written_in(three: Three) -> None:
    """Every blank that reading back asks for is there, unlocked and empty, everything else is locked, without a password."""
    _, path, workbook = three
    sheet = workbook["案件02"]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    targets = {name: sheet[defined.attr_text.split("!")[1].replace("$", "")] for name, defined in sheet.defined_names.items()}
    assert set(targets) == {blank.name for blank in HOUSEHOLD_BLANKS}
    assert len({cell.coordinate for cell in targets.values()}) == len(targets)
    assert all(cell.value is None and not cell.protection.locked for cell in targets.values())
    assert all(c.protection.locked for row in sheet.iter_rows() for c in row if c.value is not None)
    with ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet3.xml").decode()
    styles = {found[1]: int(found[2]) for found in re.finditer(r'<c r="([A-Z]+\d+)" s="(\d+)"', xml)}
    for area in sheet.merged_cells.ranges:  # a merged blank is open as a whole: openpyxl itself tells of its first cell only
        if area.coord.split(":")[0] in {cell.coordinate for cell in targets.values()}:
            cells = [f"{get_column_letter(column)}{row}" for row, column in area.cells]
            assert not any(sheet.parent._protections[sheet.parent._cell_styles[styles[cell]].protectionId].locked for cell in cells), area


def test_what_is_chosen_is_chosen_from_the_agreed_words(three: Three) -> None:
    """Every blank with choices has its drop-down on the hidden list; 主担当機関 and 確かめた困難 suggest, and let other text through."""
    _, _, workbook = three
    for number in (1, 2, 3):
        sheet = workbook[f"案件{number:02d}"]
        cells = {name: defined.attr_text.split("!")[1].replace("$", "") for name, defined in sheet.defined_names.items()}
        choices = {str(choice.sqref): (choice.formula1, bool(choice.showErrorMessage)) for choice in sheet.data_validations.dataValidation}
        closed = {cells[blank.name]: (f"選択肢_{blank.label}", True) for blank in HOUSEHOLD_BLANKS if blank.kind == "選択"}
        assert choices == closed | {cells["入力_主担当機関"]: ("選択肢_主担当機関", False), cells["入力_確かめた困難"]: ("選択肢_類型", False)}
    hidden = workbook["_選択肢"]
    for blank in HOUSEHOLD_BLANKS:
        if blank.kind == "選択":
            area = workbook.defined_names[f"選択肢_{blank.label}"].attr_text.split("!")[1].replace("$", "")
            assert tuple(cell.value for (cell,) in hidden[area]) == blank.choices


def test_filled_sheet_can_be_traced_to_its_household(three: Three) -> None:
    """A hidden cell of each sheet says which record it is, for reading the decisions back."""
    book, _, workbook = three
    for case in book.cases:
        sheet = workbook[f"案件{case.case_no:02d}"]
        assert read_identity(sheet["A1"].value) == SheetIdentity(book.run_id, "案件", case.household_key, "", case.case_no)
        assert sheet.column_dimensions["A"].hidden
        assert sheet.print_area.startswith(f"'{sheet.title}'!$B$1:$Q$")


def test_every_page_says_handle_with_care_and_its_number(tmp_path: Path) -> None:
    """Header and footer carry 取扱注意, page n/N and the copy; sizes are parted from the text, A4 everywhere."""
    book = replace(made.week(3), run_id="2026&11")
    path = write_handout(book, made.identities(book.cases), tmp_path / "handout.xlsx")[0]
    workbook = open_book(path)
    for sheet in workbook.worksheets[:-1]:
        assert "取扱注意" in sheet.oddHeader.right.text
        assert sheet.oddFooter.center.text == "&P / &N"
        assert sheet.page_setup.paperSize == 9
        assert sheet.print_title_rows
    assert '&amp;8 2026&amp;&amp;11' in _everything(path)
    assert workbook["一覧"].page_setup.orientation == "landscape"
    assert workbook["案件01"].page_setup.orientation == "portrait"


def test_a_usual_case_fits_one_page_and_a_long_one_is_not_shrunk(three: Three) -> None:
    """One page while it stays readable; otherwise fixed scale and pages that end between scenarios."""
    _, _, workbook = three
    usual, worst = workbook["案件01"], workbook["案件02"]
    assert usual.sheet_properties.pageSetUpPr.fitToPage
    assert usual.page_setup.fitToHeight == 1
    assert not worst.sheet_properties.pageSetUpPr.fitToPage
    assert worst.page_setup.scale >= 85
    assert len(worst.row_breaks.brk) >= 1
    for page_end in worst.row_breaks.brk:
        following = [c.value for row in worst.iter_rows(page_end.id + 1, page_end.id + 2) for c in row if c.value]
        assert re.match(r"SA-\d\d|[2-6] ", following[0]), following


def test_large_weeks_are_split_into_volumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file holds more than a hundred households; together they hold all, and each says which volume it is."""
    assert CASES_PER_VOLUME == 100
    monkeypatch.setattr("reports.handout.CASES_PER_VOLUME", 2)
    book = made.week(5)
    paths = write_handout(book, made.identities(book.cases), tmp_path / "handout.xlsx")
    assert [path.name for path in paths] == [f"handout_{i}of3.xlsx" for i in (1, 2, 3)]
    names = [open_book(path).sheetnames[1:-2] for path in paths]
    assert names == [["案件01", "案件02"], ["案件03", "案件04"], ["案件05"]]
    assert "全3分冊の第3分冊(案件5～5)" in _texts(open_book(paths[2]))[0]


def test_copies_are_numbered(tmp_path: Path) -> None:
    """Each copy is its own file with its number on every sheet; a single copy leaves the number to the pen."""
    book = made.week(1)
    paths = write_handout(book, made.identities(book.cases), tmp_path / "handout.xlsx", copies=2)
    assert [path.name for path in paths] == ["handout_No01.xlsx", "handout_No02.xlsx"]
    assert open_book(paths[1])["案件01"].oddHeader.left.text == "会議資料No. 2 / 2"
    single = _write(tmp_path, book)
    assert single["案件01"].oddHeader.left.text == "会議資料No. ＿＿＿"


def test_a_week_without_cases_is_said_in_words(tmp_path: Path) -> None:
    """An empty list is printed with the reminder that it does not mean safe."""
    texts = _texts(_write(tmp_path, made.casebook(())))
    assert any("載る世帯はありません" in text and "安全" in text for text in texts)


def test_missing_and_old_data_are_named_on_the_list(tmp_path: Path) -> None:
    """The first sheet names each source that has not come or is old, and what that means for the reader."""
    texts = _texts(_write(tmp_path, made.week(1)))
    assert any("上下水道(R8.8.1時点)、NPO等見守り(未着)" in text and "不明" in text for text in texts)


def test_nothing_is_left_behind_if_the_folder_cannot_be_written(tmp_path: Path) -> None:
    """A missing folder is explained in Japanese; no partial file stays."""
    book = made.week(1)
    with pytest.raises(KizukiError, match="会議資料のファイルを書き込めません"):
        write_handout(book, {}, tmp_path / "none" / "handout.xlsx")
    target = tmp_path / "handout.xlsx"
    target.mkdir()
    with pytest.raises(KizukiError, match="E-REPORT-07"):
        write_handout(book, {}, target)
    assert list(tmp_path.iterdir()) == [target]


def test_progress_is_told_sheet_by_sheet(tmp_path: Path) -> None:
    """The caller hears each finished sheet and how many there are."""
    heard: list[tuple[int, int]] = []
    book = made.week(3)
    write_handout(book, {}, tmp_path / "handout.xlsx", progress=lambda done, total: heard.append((done, total)))
    assert heard == [(n, 6) for n in range(1, 7)]


def _poisoned(text: str) -> tuple[Casebook, dict[str, Identity]]:
    """One ordinary household with the text in every free text field of every record."""
    book = made.casebook((made.case(1),))
    return _with_text(book, text), {k: _with_text(p, text) for k, p in made.identities(book.cases).items()}


_KEPT = {
    "child_key", "household_key", "key", "hardship_type", "strength", "change", "id", "file", "kind", "run_id", "decision", "outcome", "parents",
}


def _with_text(record: Any, text: str) -> Any:
    if isinstance(record, tuple):
        return tuple(_with_text(item, text) for item in record)
    if isinstance(record, (Truth, date)) or not is_dataclass(record):
        return text if isinstance(record, str) else record
    changed = {
        f.name: _with_text(getattr(record, f.name), text) for f in fields(record) if f.name not in _KEPT
    }
    if isinstance(record, Casebook):
        changed["dropped"] = record.dropped
        changed["rulebook_versions"] = {"young_carer": text}
    return replace(record, **changed)


def test_poison_reaches_every_level() -> None:
    """The hostile tests are not vacuous: facts, sentences, scenarios, members and sources carry the text."""
    book, people = _poisoned("毒")
    result: ScenarioResult = book.cases[0].children[0].results[0]
    sentence: SentenceResult = result.sentences[0]
    assert {book.city, result.name, sentence.text, sentence.facts[0].text, sentence.facts[0].provenance.source_label,
            book.cases[0].members[0].relation, book.sources[0].label} == {"毒"}
    assert {person.name for person in people.values()} == {"毒"}


@pytest.mark.parametrize(
    ("replay", "said"),
    [("一致", ""), ("一部未実施", "【再現:一部未実施】注。"), ("未実施", "【再現:未実施】注。"),
     ("不一致", "【再現:不一致】注。会議の前に、管理者と「再現の食い違いの表」を確かめてください。")],
)
def test_the_cover_says_plainly_that_a_list_was_not_confirmed(replay: str, said: str) -> None:
    """Unless another engine confirmed the list, this is the first thing that the cover tells of its data."""
    from dataclasses import replace

    from reports.sheet_words.casebook_view import Copy, view_casebook

    book = replace(made.week(1), replay=replay, replay_note="注。")
    attention = view_casebook(book, book.cases, made.identities(book.cases), Copy()).attention
    assert attention.startswith(said)
    assert ("【再現" in attention) is bool(said)
