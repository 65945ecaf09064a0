"""The case register as a workbook: what a chair reads, what may be written, and what is never printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from made_up_register import END, LATER, LATER_RUN, ON, RUN, START, decided, household, identities, known, words
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from engine.records.conference import ConferenceEntry, ConferenceTexts
from reports.blanks import REGISTER_BLANKS, read_identity
from reports.register.book import REGISTER_TEMPLATE, register_bytes
from reports.register.rows import Known, make_register
from reports.register.view import NO_AGENCY, NOT_NAMED, view_register
from reports.seal import sealing_with
from reports.templates.register import build

KEY = b"k" * 32


def made(*entries: ConferenceEntry, of: Known | None = None, **how: Any) -> Any:
    numbers = range(1, 10)
    register = make_register("見本市", entries, of or known(*numbers), on=ON, start=START, end=END)
    content = register_bytes(register, identities(*numbers), "R20261218-01", seal=sealing_with(KEY), **how)
    return load_workbook(BytesIO(content))


def texts(sheet: Any) -> str:
    return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)


def identified(sheet: Any) -> dict[str, int]:
    """Rows of the register by household."""
    found = {row[0].row: read_identity(row[0].value) for row in sheet.iter_rows(max_col=1)}
    return {one.household_key: number for number, one in found.items() if one is not None}


def blank_columns(sheet: Any) -> dict[str, tuple[int, int, int, int]]:
    return {
        name: range_boundaries(defined.attr_text.rsplit("!", 1)[-1].replace("$", ""))
        for name, defined in sheet.defined_names.items()
    }


def test_the_delivered_template_is_what_its_script_makes():
    stream = BytesIO()
    build().save(stream)
    ours, delivered = ZipFile(stream), ZipFile(REGISTER_TEMPLATE)
    names = set(ours.namelist()) - {"docProps/core.xml"}
    assert names == set(delivered.namelist()) - {"docProps/core.xml"}
    assert [name for name in names if ours.read(name) != delivered.read(name)] == []


def test_every_household_has_a_sealed_identity_and_every_blank_a_cell_in_its_row():
    """Reading back finds a row by its hidden identity, and its blanks by the names that stretch over all rows."""
    sheet = made(*(decided(n) for n in range(1, 6)))["台帳"]
    rows = identified(sheet)
    assert set(rows) == {household(n) for n in range(1, 6)}
    columns = blank_columns(sheet)
    for key, row in rows.items():
        one = read_identity(sheet.cell(row, 1).value)
        assert one is not None and one.kind == "台帳" and one.run_id == RUN and one.seal, key
        for blank in REGISTER_BLANKS:
            left, top, right, bottom = columns[blank.name]
            assert left == right and top <= row <= bottom
            assert not sheet.cell(row, left).protection.locked
            assert sheet.cell(row, left).value is None
    assert sheet.column_dimensions["A"].hidden and sheet.protection.sheet


def test_urgency_and_severity_are_for_people_to_write():
    """Data rate no danger: both columns are empty, and apart from ①②③."""
    sheet = made(decided(1))["台帳"]
    row = identified(sheet)[household(1)]
    for name in ("入力_緊急度", "入力_重症度"):
        cell = sheet.cell(row, blank_columns(sheet)[name][0])
        assert cell.value is None and not cell.protection.locked
    assert "② 貧困" in texts(sheet)


def test_the_front_page_says_what_a_chair_asks_first():
    front = texts(
        made(decided(1, review_on=date(2026, 11, 1)), decided(2, "対象外"), decided(3, closed_on=date(2026, 12, 1)))["表紙"]
    )
    assert "見直しの期限が\n過ぎている" in front
    view = view_register(
        make_register(
            "見本市",
            [decided(1, review_on=date(2026, 11, 1)), decided(2, "対象外"), decided(3, closed_on=date(2026, 12, 1))],
            known(1, 2, 3), on=ON, start=START, end=END,
        ),
        {}, "R20261218-01",
    )  # fmt: skip
    assert (view.open, view.overdue, view.without_contact, view.received, view.closed) == (2, 1, 1, 3, 1)
    assert [group.title for group in view.groups] == ["見直しの期限が過ぎている 1世帯", "見送り・対象外(見直しの日なし) 1世帯"]


def test_groups_by_leading_agency_begin_where_nobody_leads():
    register = make_register(
        "見本市",
        [decided(2, lead_agency="児童相談所"), decided(3), decided(4, lead_agency="児童相談所")],
        known(2, 3, 4), on=ON, start=START, end=END,
    )  # fmt: skip
    view = view_register(register, {}, "R20261218-01", grouping="主担当")
    assert [group.title for group in view.groups] == [f"{NO_AGENCY} 1世帯", "児童相談所 2世帯"]
    assert [row.number for group in view.groups for row in group.rows] == [1, 2, 3]


def test_what_is_no_named_agency_is_printed_and_not_counted_by_its_name():
    """In the row as it was written; among the counts and headings only that somebody wrote something else: a name may stand there."""
    entries = [decided(2, texts=ConferenceTexts(lead_agency_text="佐藤相談員")), decided(3, lead_agency="児童相談所")]
    register = make_register("見本市", entries, known(2, 3), on=ON, start=START, end=END)
    view = view_register(register, {}, "R20261218-01", grouping="主担当")
    assert {line.label: line.open for line in view.by_agency} == {NOT_NAMED: 1, "児童相談所": 1}
    (row,) = [row for group in view.groups if NOT_NAMED in group.title for row in group.rows]
    assert "◎佐藤相談員" in row.agencies


def test_a_protected_household_is_marked_and_without_place():
    """Neither school nor district; the name stays, for the room must know of whom it speaks."""
    sheet = texts(made(decided(1), of=known(1, protected=frozenset({household(1)})))["台帳"])
    assert "【支援措置】" in sheet and "学校名非表示" in sheet and "𠮷田 陽菜" in sheet
    assert "南小学校" not in sheet and "恒富" not in sheet
    assert "南小学校" in texts(made(decided(1))["台帳"])


def test_what_people_wrote_comes_back_with_who_and_until_when():
    sheet = texts(made(decided(2, texts=words(2), lead_agency="こども家庭センター"))["台帳"])
    assert "・学校教育課: 登校の様子を聞く(R8.10.23まで)" in sheet
    assert "理由: 欠席が増え" in sheet and "キーパーソン: 担任" in sheet
    assert "◎こども家庭センター\n・学校教育課" in sheet


def test_what_came_of_an_earlier_decision_is_told_until_there_is_something_newer():
    """With the day of the conference that it belongs to."""
    first = decided(2, "学校等への調査", outcome="面談・訪問ができた", outcome_on=date(2026, 10, 12))
    again = decided(2, "見守り", run_id=LATER_RUN, decided_on=LATER)
    assert "結果: (R8.10.9の会議のあと)面談・訪問ができた(R8.10.12)" in texts(made(first, again)["台帳"])
    assert "結果: 断られた(R8.12.1)" in texts(
        made(first, replace(again, decision=replace(again.decision, outcome="断られた", outcome_on=date(2026, 12, 1))))["台帳"]
    )


def test_hostile_words_stay_words():
    """A formula, a percentage or a control character in what somebody wrote is text, or gone."""
    hostile = ConferenceTexts("=HYPERLINK(\"http://x\")39%\x07", "@SUM(1)", ())
    sheet = made(decided(2, texts=hostile))["台帳"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert "39%" not in texts(sheet) and "\x07" not in texts(sheet)


def test_an_empty_quarter_is_a_register_without_rows():
    book = made()
    assert "台帳にある世帯はありません。" in texts(book["台帳"])
    assert "この期間に終結した世帯はありません。" in texts(book["終結"])
    assert identified(book["台帳"]) == {}


def test_equal_registers_are_equal_bytes():
    register = make_register("見本市", [decided(1)], known(1), on=ON, start=START, end=END)
    assert register_bytes(register, identities(1), "R20261218-01") == register_bytes(
        replace(register), identities(1), "R20261218-01"
    )
