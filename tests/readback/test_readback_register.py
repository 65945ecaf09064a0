"""Rows of the case register follow sheets up: later outcomes come in, and what a row leaves blank erases nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from made_up_conference import AS_OF, HOMES, RUN, Conference, fill, made_up_casebook

from engine.kernel.errors import KizukiError
from kizuki.handout_key import sealing
from kizuki.readback.command import Result
from reports.register.book import register_bytes
from reports.register.rows import Known, make_register

P1 = "P0001AAAABBBBCCCC"
LATER = date(2027, 1, 8)
SHEET = {"判断": "積極的アプローチ", "理由": "すぐに会う", "主担当機関": "こども家庭センター", "次回見直し": "R9.1.15", "メモ": "朝は不在"}


def register(conference: Conference, path: Path) -> tuple[Path, dict[str, str]]:
    """The register of the quarter, and the row of each household."""
    cases = {(RUN, case.household_key): case for case in made_up_casebook().cases}
    rows = make_register(
        "見本市", conference.book.entries, Known(cases, {}, {}, (), AS_OF), on=LATER, start=date(2026, 10, 1), end=date(2026, 12, 31)
    )
    path.write_bytes(register_bytes(rows, {}, RUN, seal=sealing(conference.workspace)))
    lines = conference.read(path, dry_run=True, on=LATER, missing_is_none=False).plan.lines
    assert {line.state for line in lines} == {"記入なし"}
    return path, {line.answers.record.identity.household_key: line.answers.record.spot.name for line in lines}


def follow_up(conference: Conference, tmp_path: Path, answers: dict[str, Any], name: str = "r") -> Result:
    """Fill one household's row and read it."""
    path, rows = register(conference, tmp_path / f"{name}.xlsx")
    filled = fill(path, tmp_path / f"{name}_filled.xlsx", {rows[HOMES[1]]: answers})
    return conference.read(filled, on=LATER, missing_is_none=False)


@pytest.fixture
def decided(conference: Conference, tmp_path: Path) -> Conference:
    """Two households on which the conference decided."""
    conference.read(fill(conference.printed, tmp_path / "a.xlsx", {"案件01": SHEET, "案件02": {"判断": "見守り"}}))
    return conference


def test_a_later_outcome_comes_in(decided: Conference, tmp_path: Path):
    """The decision and its words stay; outcome, finding and new review are added; the finding is of the outcome's day."""
    follow_up(decided, tmp_path, {"結果": "支援につながった", "結果の日": "R8.12.24", "気づき": "合っていた", "次回見直し": "R9.4.1", "メモ": "家計の相談"})
    entry = decided.book.of(RUN, HOMES[1])
    assert entry is not None
    said, texts = entry.decision, entry.texts
    assert (said.decision, said.lead_agency, texts.reason) == ("積極的アプローチ", "こども家庭センター", "すぐに会う")
    assert (said.outcome, said.outcome_on, said.review_on, texts.memo) == ("支援につながった", date(2026, 12, 24), date(2027, 4, 1), "家計の相談")
    assert (entry.form, entry.read_on) == ("案件", LATER)
    found = decided.feedback[P1, "poverty"]
    assert (found.finding, found.decided_on, found.decision) == ("困難あり", date(2026, 12, 24), "積極的アプローチ")


def test_a_finding_without_an_outcome_was_known_when_it_was_read(decided: Conference, tmp_path: Path):
    """A model that learns of a past day must not know what was found later."""
    follow_up(decided, tmp_path, {"気づき": "違っていた"})
    assert (decided.feedback[P1, "poverty"].finding, decided.feedback[P1, "poverty"].decided_on) == ("困難なし", LATER)


def test_a_blank_row_says_nothing(decided: Conference, tmp_path: Path):
    """Nobody wrote in it: nothing is stored, and rows that are not there are not missed."""
    path, _ = register(decided, tmp_path / "r.xlsx")
    before = decided.book
    result = decided.read(path, on=LATER, missing_is_none=False)
    assert result.stored is not None and result.stored.conference is None and decided.book == before


def test_a_case_is_closed_with_its_day(decided: Conference, tmp_path: Path):
    """終結 needs its day, which is not to come."""
    for answers, code in (({"終結理由": "転出"}, "E-READ-25"), ({"終結日": "R9.2.1"}, "E-READ-18"), ({"終結日": "R8.11.1"}, "E-READ-18")):
        with pytest.raises(KizukiError, match=code):
            follow_up(decided, tmp_path, answers)
    follow_up(decided, tmp_path, {"終結日": "R8.12.25", "終結理由": "転出"})
    entry = decided.book.of(RUN, HOMES[1])
    assert entry is not None and (entry.decision.closed_on, entry.decision.closed_because) == (date(2026, 12, 25), "転出")


def test_what_people_rate_is_kept_and_shown_again(decided: Conference, tmp_path: Path):
    """緊急度 and 重症度 are read as people write them, each by itself, and stand in the next register; an empty cell takes neither back."""
    follow_up(decided, tmp_path, {"緊急度": "ａａ", "重症度": " 中度"}, "first")
    follow_up(decided, tmp_path, {"重症度": "重度"}, "second")
    entry = decided.book.of(RUN, HOMES[1])
    assert entry is not None and (entry.decision.urgency, entry.decision.severity) == ("AA", "重度")
    path, rows = register(decided, tmp_path / "next.xlsx")
    row = int(rows[HOMES[1]].rpartition(":")[2])
    printed = [str(cell.value) for cell in openpyxl.load_workbook(path)["台帳"][row] if cell.value]
    assert "緊急度 AA\n重症度 重度" in printed


def test_a_rating_that_nobody_knows_is_not_read(decided: Conference, tmp_path: Path):
    with pytest.raises(KizukiError, match="E-READ-19"):
        follow_up(decided, tmp_path, {"緊急度": "E"})


@pytest.mark.parametrize(
    ("said", "expected"), [("施設入所･里親委託", ("施設入所・里親委託", "")), ("佐藤さんの家へ", ("", "佐藤さんの家へ"))]
)
def test_a_reason_of_its_own_is_kept_as_words(decided: Conference, tmp_path: Path, said: str, expected: tuple[str, str]):
    """終結理由 is one of the list, whatever its width, or words: a name may stand in them."""
    follow_up(decided, tmp_path, {"終結日": "R8.12.25", "終結理由": said})
    entry = decided.book.of(RUN, HOMES[1])
    assert entry is not None and (entry.decision.closed_because, entry.texts.closed_because_text) == expected


def test_a_leading_agency_in_words_replaces_one_that_was_named(decided: Conference, tmp_path: Path):
    """One or the other stands, never both; that it is not counted by its name is told."""
    result = follow_up(decided, tmp_path, {"主担当機関": "佐藤相談員"})
    entry = decided.book.of(RUN, HOMES[1])
    assert entry is not None and (entry.decision.lead_agency, entry.texts.lead_agency_text) == ("", "佐藤相談員")
    (warning,) = result.plan.warnings
    assert warning.code == "W-READ-03" and "佐藤" not in str(warning)
    follow_up(decided, tmp_path, {"主担当機関": "　児童相談所 "}, "named")
    entry = decided.book.of(RUN, HOMES[1])
    assert entry is not None and (entry.decision.lead_agency, entry.texts.lead_agency_text) == ("児童相談所", "")


def test_the_same_row_twice_stores_nothing_new(decided: Conference, tmp_path: Path):
    """Also when it is read on another day."""
    answers = {"結果": "断られた", "結果の日": "R8.12.24", "気づき": "まだ分からない"}
    path, rows = register(decided, tmp_path / "r.xlsx")
    filled = fill(path, tmp_path / "f.xlsx", {rows[HOMES[1]]: answers})
    decided.read(filled, on=LATER, missing_is_none=False)
    again = decided.read(filled, on=date(2027, 2, 5), missing_is_none=False)
    assert again.stored is not None and (again.stored.conference, again.stored.feedback) == (None, None)


def test_a_corrected_sheet_takes_back_only_what_it_changes(decided: Conference, tmp_path: Path):
    """A later outcome from the register survives the correction of a reason, and yields to a corrected outcome."""
    follow_up(decided, tmp_path, {"結果": "断られた", "結果の日": "R8.12.24"})
    decided.read(fill(decided.printed, tmp_path / "b.xlsx", {"案件01": {**SHEET, "理由": "書き直し"}}))
    entry = decided.book.of(RUN, HOMES[1])
    assert entry is not None and (entry.decision.outcome, entry.texts.reason) == ("断られた", "書き直し")
    decided.read(fill(decided.printed, tmp_path / "c.xlsx", {"案件01": {**SHEET, "結果": "連絡がとれた", "結果の日": "R8.12.1"}}))
    entry = decided.book.of(RUN, HOMES[1])
    assert entry is not None and (entry.decision.outcome, entry.decision.outcome_on) == ("連絡がとれた", date(2026, 12, 1))
