"""What conferences wrote: added, never rewritten, put together by what each form may say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.errors import ExitStatus, KizukiError
from engine.records.conference import OUTCOMES, RIGHTNESS, Assignment, ConferenceEntry, ConferenceTexts, PastDecision
from engine.records.conference_store import (
    DrawnAnswer,
    all_words,
    append_conference,
    put_together,
    read_conference,
    says_the_same,
    texts,
)

DAY = date(2026, 11, 27)
SHEET = ConferenceEntry(
    PastDecision("R20261120-01", "H1", DAY, "見守り", review_on=date(2027, 1, 15), lead_agency="学校教育課", met_then=("P1/PO-01",), tier_then=2),
    ConferenceTexts("会えた", "担任", (Assignment("SSW", "訪問", DAY),), memo="朝は\u2028不在"),
    DAY, "係長", "ab",
)  # fmt: skip
ROW = ConferenceEntry(PastDecision("R20261120-01", "H1", DAY), read_on=DAY + timedelta(30), read_by="主任", form="台帳")
DRAWN = DrawnAnswer("R20261120-01", "H2", "P2", DAY, "困難あり", ("poverty",), "欠席", DAY, "係長", "ab")


def row(**said: object) -> ConferenceEntry:
    """A row of the register that says only this."""
    words = {name: said.pop(name) for name in ("memo", "why_wrong_text") if name in said}
    return replace(ROW, decision=replace(ROW.decision, **said), texts=replace(ROW.texts, **words))  # type: ignore[arg-type]


def test_what_was_added_is_read_again(tmp_path: Path):
    """Every field, words with odd line ends included; a folder that is not there holds nothing."""
    assert read_conference(tmp_path / "conference").entries == ()
    append_conference(tmp_path, [SHEET, DRAWN])
    book = read_conference(tmp_path)
    assert (book.entries, book.drawn) == ((SHEET,), (DRAWN,))
    assert texts(book.entries) == {("R20261120-01", "H1"): SHEET.texts}
    assert book.of("R20261120-01", "H1") == SHEET and book.of("R20261120-01", "H9") is None


def test_nothing_is_ever_rewritten(tmp_path: Path):
    """A correction is a file of its own, and what was said first can still be read."""
    first = append_conference(tmp_path, [SHEET])
    assert first is not None
    before = first.read_bytes()
    corrected = replace(SHEET, decision=replace(SHEET.decision, decision="対象外"))
    append_conference(tmp_path, [corrected])
    assert first.read_bytes() == before and len(list(tmp_path.iterdir())) == 2
    assert read_conference(tmp_path).entries == (corrected,) and len(all_words(tmp_path)) == 2
    assert read_conference(tmp_path, first=1).entries == (SHEET,)


@pytest.mark.parametrize("harm", ["changed", "missing", "renamed"])
def test_a_changed_or_missing_file_is_noticed(tmp_path: Path, harm: str):
    """In words, with the status of the store."""
    path = append_conference(tmp_path, [SHEET])
    append_conference(tmp_path, [DRAWN])
    assert path is not None
    if harm == "changed":
        path.write_bytes(path.read_bytes().replace("会えた".encode(), "会えぬ".encode()))
    elif harm == "missing":
        path.unlink()
    else:
        path.rename(path.with_name(path.name.replace("00001", "00003")))
    with pytest.raises(KizukiError, match="E-FEEDBACK-02") as raised:
        read_conference(tmp_path)
    assert raised.value.exit_status is ExitStatus.STORE and "会え" not in str(raised.value)


def test_a_blank_of_the_register_erases_nothing():
    """The decision and the words of the sheet stand; what the row says is added."""
    whole = put_together([SHEET, row(outcome="断られた", outcome_on=date(2026, 12, 24))])
    assert (whole.decision.decision, whole.decision.lead_agency, whole.texts) == ("見守り", "学校教育課", SHEET.texts)
    assert (whole.decision.outcome, whole.decision.outcome_on, whole.form) == ("断られた", date(2026, 12, 24), "案件")
    assert (whole.read_on, whole.read_by) == (ROW.read_on, "主任")


def test_what_belongs_together_is_replaced_together():
    """A new 気づき takes the old reason for being wrong with it."""
    wrong = row(rightness="違っていた", why_wrong="その他", why_wrong_text="聞き違い", found_types=("abuse",))
    whole = put_together([SHEET, wrong, row(rightness="合っていた")])
    assert (whole.decision.rightness, whole.decision.why_wrong, whole.decision.found_types, whole.texts.why_wrong_text) == ("合っていた", None, (), "")


def test_a_finding_of_the_register_has_its_own_day():
    """The day of its outcome, else the day on which it was read in; a sheet's finding is of the conference."""
    assert put_together([SHEET, row(rightness="合っていた")]).found_on == ROW.read_on
    assert put_together([SHEET, row(rightness="合っていた", outcome="断られた", outcome_on=DAY)]).found_on == DAY
    assert put_together([replace(SHEET, decision=replace(SHEET.decision, rightness="合っていた"))]).found_on is None


def test_a_row_without_its_sheet_stands_alone():
    """The sheet never came back: nothing was decided, as far as is known."""
    whole = put_together([row(outcome="転出した", outcome_on=DAY, memo="転出")])
    assert (whole.decision.decision, whole.decision.outcome, whole.texts.memo, whole.form) == (None, "転出した", "転出", "台帳")


_OUTCOMES = st.tuples(st.sampled_from(OUTCOMES), st.dates(DAY, date(2027, 3, 31)))
_ROWS = st.builds(
    lambda outcome, right, review, memo: row(
        outcome=outcome and outcome[0], outcome_on=outcome and outcome[1], rightness=right, review_on=review, memo=memo
    ),
    st.none() | _OUTCOMES, st.none() | st.sampled_from(RIGHTNESS), st.none() | st.dates(DAY, date(2027, 3, 31)), st.sampled_from(["", "甲", "乙"]),
)  # fmt: skip


@given(st.lists(_ROWS | st.just(SHEET), min_size=1, max_size=6))
def test_the_newest_word_of_each_kind_counts(words: list[ConferenceEntry]):
    """Of 結果, 次回見直し and メモ the last one that was said; and reading the same once more changes nothing."""
    whole = put_together([SHEET, *words])
    rows = [word for word in words if word.form == "台帳"]
    said = [word.decision for word in rows if word.decision.outcome]
    if said:
        assert (whole.decision.outcome, whole.decision.outcome_on) == (said[-1].outcome, said[-1].outcome_on)
    memos = [word.texts.memo for word in rows if word.texts.memo]
    reviews = [word.decision.review_on for word in rows if word.decision.review_on]
    assert whole.texts.memo == (memos or [SHEET.texts.memo])[-1]
    assert whole.decision.review_on == (reviews or [SHEET.decision.review_on])[-1]
    assert says_the_same(whole, put_together([SHEET, *words, words[-1]]))
