"""What may stand in a blank, and what blanks may not say together; each fault with sheet and cell, all at once, without what was written."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from made_up_conference import HOMES, RUN, Conference, fill, places
from openpyxl.utils.datetime import to_excel

from engine.kernel.errors import KizukiError, Problem
from engine.records.conference import ConferenceEntry

SECRET = "延岡花子"


def faults(conference: Conference, tmp_path: Path, answers: dict[str, Any], sheet: str = "案件01") -> list[Problem]:
    """What is wrong with one sheet's answers."""
    with pytest.raises(KizukiError) as raised:
        conference.read(fill(conference.printed, tmp_path / "a.xlsx", {sheet: answers}), dry_run=True)
    return list(raised.value.problems)


def said(conference: Conference, tmp_path: Path, answers: dict[str, Any]) -> ConferenceEntry:
    """What the store would keep of one sheet."""
    result = conference.read(fill(conference.printed, tmp_path / "a.xlsx", {"案件01": answers}), dry_run=True)
    (word,) = result.plan.new_words
    assert isinstance(word, ConferenceEntry)
    return word


@pytest.mark.parametrize("written", ["見守り", " 見守り　", "見守り\n", "見 守 り", "_x000D_見守り"])
def test_a_choice_is_taken_as_it_looks(conference: Conference, tmp_path: Path, written: str):
    """Spaces and line ends that a drop-down never has come with a pasted text."""
    assert said(conference, tmp_path, {"判断": written}).decision.decision == "見守り"


@pytest.mark.parametrize("written", ["虐待、ヤングケアラー", "ﾔﾝｸﾞｹｱﾗｰ・虐待", "虐待 ヤングケアラー", "虐待，ヤングケアラー\n", "虐待/虐待/ヤングケアラー"])
def test_types_are_apart_by_what_people_put_between_them(conference: Conference, tmp_path: Path, written: str):
    """、・, or a space; half-width kana as well; the same twice is once."""
    answers = {"気づき": "一部合っていた", "確かめた困難": written}
    assert said(conference, tmp_path, answers).decision.found_types == ("abuse", "young_carer")


@pytest.mark.parametrize("written", ["発達障がい", "発達障害", "発達障碍"])
def test_one_type_is_known_by_three_writings(conference: Conference, tmp_path: Path, written: str):
    """The law and the city write it differently."""
    answers = {"気づき": "一部合っていた", "確かめた困難": written}
    assert said(conference, tmp_path, answers).decision.found_types == ("developmental_disorder",)


@pytest.mark.parametrize("written", [date(2027, 1, 15), int(to_excel(date(2027, 1, 15))), "Ｒ９．１．１５", "令和九年一月十五日(金)"])
def test_a_day_in_a_cell_of_any_kind(conference: Conference, tmp_path: Path, written: object):
    """As the spreadsheet's day or number, or typed."""
    assert said(conference, tmp_path, {"判断": "見守り", "次回見直し": written}).decision.review_on == date(2027, 1, 15)


def test_what_a_spreadsheet_made_of_a_text_is_text_again(conference: Conference, tmp_path: Path):
    """A key person written as a number or a truth is no reason to refuse a sheet."""
    assert said(conference, tmp_path, {"キーパーソン": 3, "メモ": "0120"}).texts.key_person == "3"


HOSTILE = ["+81", "-1", "@SUM(A1)", "\u202e逆さ", "a\u200bb", "𠮷田と髙橋", "<script>", "{{ book }}", "=1+1の話", "'quoted", "1\u20282\u20293"]


@pytest.mark.parametrize("text", HOSTILE[:8] + HOSTILE[9:])
def test_text_is_kept_and_does_nothing(conference: Conference, tmp_path: Path, text: str):
    """What a program could take for a formula, for code or for another order of letters is text; marks that only mislead the eye are gone."""
    kept = said(conference, tmp_path, {"メモ": text}).texts.memo
    assert kept == text.replace("\u202e", "").replace("\u2028", "\n").replace("\u2029", "\n")


def test_a_very_long_text_is_refused_and_not_cut(conference: Conference, tmp_path: Path):
    """Cut words could say the contrary."""
    (problem,) = faults(conference, tmp_path, {"判断": "見守り", "理由": SECRET * 2_000})
    assert problem.code == "E-READ-22" and "8,000字" in problem.what and SECRET not in str(problem)


FAULTS: list[tuple[dict[str, Any], dict[str, str]]] = [
    # answers → code and blank of each problem
    ({"判断": "=\"見守り\""}, {"判断": "E-READ-23"}),
    ({"メモ": "#N/A"}, {"メモ": "E-READ-23"}),
    ({"判断": "様子見"}, {"判断": "E-READ-19"}),
    ({"判断": 3}, {"判断": "E-READ-19"}),
    ({"判断": "見守り", "次回見直し": "12/11"}, {"次回見直し": "E-READ-17"}),
    ({"判断": "見守り", "次回見直し": "R9.2.30"}, {"次回見直し": "E-READ-16"}),
    ({"判断": "見守り", "次回見直し": "R8.11.20"}, {"次回見直し": "E-READ-18"}),
    ({"判断": "見守り", "次回見直し": "R8.11.27"}, {"次回見直し": "E-READ-18"}),
    ({"判断": "見守り", "次回見直し": "R80.1.15"}, {"次回見直し": "E-READ-18"}),
    ({"判断": "見送り"}, {"見送り期限": "E-READ-25"}),
    ({"判断": "見送り", "見送り期限": "R8.11.1"}, {"見送り期限": "E-READ-18"}),
    ({"判断": "見守り", "見送り期限": "R9.1.15"}, {"判断": "E-READ-26"}),
    ({"役割2_いつまで": "R9.1.15"}, {"役割2_いつまで": "E-READ-25"}),
    ({"役割1_誰が": "担任", "役割1_いつまで": "R8.11.1"}, {"役割1_いつまで": "E-READ-18"}),
    ({"結果": "連絡がとれた"}, {"結果の日": "E-READ-25"}),
    ({"結果の日": "R8.12.1"}, {"結果の日": "E-READ-25"}),
    ({"結果": "連絡がとれた", "結果の日": "R8.12.31"}, {"結果の日": "E-READ-18"}),
    ({"結果": "連絡がとれた", "結果の日": "R8.11.1"}, {"結果の日": "E-READ-18"}),
    ({"気づき": "一部合っていた"}, {"確かめた困難": "E-READ-25"}),
    ({"気づき": "違っていた", "違った理由": "別の困難だった"}, {"確かめた困難": "E-READ-25"}),
    ({"確かめた困難": "貧困"}, {"気づき": "E-READ-26"}),
    ({"気づき": "まだ分からない", "確かめた困難": "貧困"}, {"気づき": "E-READ-26"}),
    ({"気づき": "合っていた", "違った理由": "その他"}, {"気づき": "E-READ-26"}),
    ({"気づき": "一部合っていた", "確かめた困難": f"貧困、{SECRET}"}, {"確かめた困難": "E-READ-21"}),
    ({"判断": SECRET, "次回見直し": SECRET, "結果の日": "12/11"}, {"判断": "E-READ-19", "次回見直し": "E-READ-16", "結果の日": "E-READ-17"}),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "expected"), FAULTS)
def test_every_fault_names_sheet_and_cell(conference: Conference, tmp_path: Path, answers: dict[str, Any], expected: dict[str, str]):
    """Where, what, why, what to do; all at once; never what was written."""
    found = faults(conference, tmp_path, answers)
    assert sorted(problem.code for problem in found) == sorted(expected.values())
    cells = places(conference.printed)["案件01"][1]
    for label, code in expected.items():
        (problem,) = [problem for problem in found if problem.code == code and f"「{label}」" in problem.what]
        assert "シート「案件01」" in problem.what and problem.why and problem.remedy
        assert label not in answers or f"のセル {cells[label]}「{label}」" in problem.what
        assert SECRET not in str(problem)


def test_a_row_of_a_child_drawn_by_chance_is_checked_too(conference: Conference, tmp_path: Path):
    """困難あり without a type is no label; a type without 困難あり contradicts; the row is named."""
    blank = conference.read(conference.printed, dry_run=True)
    rows = [line.answers.record.spot.name for line in blank.plan.lines if line.answers.record.spot.row]
    for answers, code in (({"見立て": "困難あり"}, "E-READ-25"), ({"見立て": "困難なし", "確かめた困難": "貧困"}, "E-READ-26"), ({"理由": "会えた"}, "E-READ-25")):
        (problem,) = faults(conference, tmp_path, answers, rows[0])
        assert problem.code == code and rows[0].split(":")[0] in problem.what


def test_a_forgotten_decision_is_told_and_stops_nothing(conference: Conference, tmp_path: Path):
    """A decision is due; where none was taken, the rest is kept all the same."""
    result = conference.read(fill(conference.printed, tmp_path / "a.xlsx", {"案件01": {"理由": "話し合いの途中"}}))
    assert [warning.code for warning in result.plan.warnings] == ["W-READ-01"]
    entry = conference.book.of(RUN, HOMES[1])
    assert entry is not None and entry.decision.decision is None and entry.texts.reason == "話し合いの途中"
