"""A handout filled in and saved by a real spreadsheet program reads as it was meant. Skipped where LibreOffice is not installed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from made_up_conference import DRAWN, HOMES, RUN, Conference, places
from office import MISSING, SOFFICE, Office, text, typed

from engine.kernel.errors import KizukiError

pytestmark = pytest.mark.skipif(SOFFICE is None, reason=MISSING)

FILLED = [
    typed("案件01", "判断", "見送り"),
    typed("案件01", "見送り期限", "2027/3/31"),
    text("案件01", "次回見直し", "R9.1.15"),
    'Blank(doc, "案件01", "理由").String = "一行目" & Chr(13) & Chr(10) & "=二行目 髙橋・𠮷田"',
    text("案件01", "メモ", "+81"),
    text("案件02", "判断", "　見守り "),
    text("案件02", "気づき", "一部合っていた"),
    text("案件02", "確かめた困難", "ﾔﾝｸﾞｹｱﾗｰ"),
    typed("案件03", "結果", "連絡がとれた"),
    text("案件03", "結果の日", "令和８年１２月１日（火）"),
    text("無作為の確認", "見立て", "困難なし"),
]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


def check(conference: Conference) -> None:
    """What `FILLED` says is in the store, each at its household."""
    entries = {entry.decision.household_key: entry for entry in conference.book.entries}
    assert {home: entry.decision.decision for home, entry in entries.items()} == {HOMES[1]: "見送り", HOMES[2]: "見守り", HOMES[3]: None}
    first = entries[HOMES[1]]
    assert (first.decision.until, first.decision.review_on) == (date(2027, 3, 31), date(2027, 1, 15))
    assert (first.texts.reason, first.texts.memo) == ("一行目\n=二行目 髙橋・𠮷田", "+81")
    assert entries[HOMES[2]].decision.found_types == ("young_carer",)
    assert entries[HOMES[3]].decision.outcome_on == date(2026, 12, 1)
    assert [(answer.child_key, answer.finding) for answer in conference.book.drawn] == [(DRAWN[8], "困難なし")]


def test_a_blank_handout_saved_by_another_program_is_unchanged(office: Office, conference: Conference, tmp_path: Path):
    """Every seal holds after saving, also by way of another format, and nothing seems to be written."""
    saved = office.save(conference.printed, tmp_path / "saved.xlsx")
    back = office.save(office.save(conference.printed, tmp_path / "a.ods"), tmp_path / "back.xlsx")
    for path in (saved, back):
        result = conference.read(path, missing_is_none=False)
        assert {line.state for line in result.plan.lines} == {"記入なし"}
        assert {line.answers.record.seal_state for line in result.plan.lines} == {"unchanged"}


def test_a_filled_handout_reads_as_it_was_meant(office: Office, conference: Conference, tmp_path: Path):
    """Days that were typed, texts of several lines, half-width kana."""
    conference.read(office.save(conference.printed, tmp_path / "a.xlsx", FILLED), missing_is_none=False)
    check(conference)


def test_sheets_may_be_renamed_moved_and_deleted(office: Office, conference: Conference, tmp_path: Path):
    """The deleted one is asked about, the others are read as ever."""
    path = office.save(conference.printed, tmp_path / "a.xlsx", [
        *FILLED, 'sheets.getByName("案件01").Name = "田中さん"', 'sheets.moveByName("案件03", 0)', 'sheets.removeByName("案件04")',
    ])  # fmt: skip
    with pytest.raises(KizukiError, match="案件04 が、戻ってきたファイルにありません"):
        conference.read(path, missing_is_none=False)
    result = conference.read(path)
    assert "田中さん" in {line.answers.record.spot.sheet for line in result.plan.lines}
    check(conference)


def test_a_copied_sheet_is_asked_about(office: Office, conference: Conference, tmp_path: Path):
    """The program copies identity and names along; which counts is said by the sheet's name."""
    copied = ['sheets.copyByName("案件02", "案件02_2", 5)', text("案件02_2", "判断", "対象外")]
    path = office.save(conference.printed, tmp_path / "a.xlsx", [*FILLED, *copied])
    with pytest.raises(KizukiError) as raised:
        conference.read(path)
    assert [problem.code for problem in raised.value.problems] == ["E-READ-12"]
    conference.read(path, use=("案件02",))
    check(conference)


def test_rows_may_be_inserted_and_blanks_moved(office: Office, conference: Conference, tmp_path: Path):
    """Protection was taken off for it: identity, names and seals follow."""
    moved = [
        's = sheets.getByName("案件01")', 's.unprotect("")', "s.Rows.insertByIndex(0, 2)",
        'a = Blank(doc, "案件01", "メモ").CellAddress', "r = s.getCellRangeByPosition(a.Column, a.Row, a.Column, a.Row)",
        's.moveRange(s.getCellRangeByName("Z90").CellAddress, r.RangeAddress)',
    ]  # fmt: skip
    path = office.save(conference.printed, tmp_path / "a.xlsx", [*FILLED, *moved])
    assert places(path)["案件01"][1]["メモ"] == "Z90"
    conference.read(path, missing_is_none=False)
    check(conference)


def test_a_locked_cell_that_was_typed_over_is_told(office: Office, conference: Conference, tmp_path: Path):
    """The program's interface allows it although the sheet is protected."""
    edit = ['s = sheets.getByName("案件04")', "c = s.getCellRangeByName(\"B3\")", 'c.String = c.String & "?"']
    with pytest.raises(KizukiError) as raised:
        conference.read(office.save(conference.printed, tmp_path / "a.xlsx", [*FILLED, *edit]))
    (problem,) = raised.value.problems
    assert problem.code == "E-READ-10" and "シート「案件04」" in problem.what
    assert RUN not in problem.remedy
