"""What people wrote becomes decisions and findings: once, whole, and only what they wrote."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from stat import S_IMODE

import pytest
from made_up_conference import AS_OF, CHANCE, DRAWN, HOMES, MEETING, RUN, TODAY, Conference, fill

from engine.kernel.errors import KizukiError
from engine.records.conference import Assignment
from engine.records.conference_store import append_conference
from kizuki.readback import storing

P1, P21, P22, P3, P4 = (f"P{number}AAAABBBBCCCC" for number in ("0001", "0021", "0022", "0003", "0004"))
WATCH = {"判断": "見守り", "次回見直し": "R9.1.15", "理由": "本人と会えた"}


def test_a_blank_handout_says_nothing(conference: Conference):
    """Sheets on which nobody wrote are no feedback: neither store is touched."""
    result = conference.read(conference.printed)
    assert {line.state for line in result.plan.lines} == {"記入なし"}
    assert not conference.workspace.conference.exists() and not conference.workspace.feedback.exists()


def test_every_blank_of_a_household_is_kept(conference: Conference, tmp_path: Path):
    """Decision, words, roles, review, outcome and finding of one sheet, with who read it in, and what counted then."""
    path = fill(conference.printed, tmp_path / "a.xlsx", {"案件01": {
        "判断": "見送り", "見送り期限": "令和9年3月31日", "理由": "転校の手続き中", "主担当機関": "学校教育課", "キーパーソン": "担任",
        "役割1_誰が": "SSW", "役割1_何を": "家庭訪問", "役割1_いつまで": "R8.12.25", "役割3_何を": "経過の確認",
        "次回見直し": date(2027, 1, 15), "結果": "連絡がとれた", "結果の日": "2026/12/1", "気づき": "一部合っていた",
        "確かめた困難": "貧困・不登校", "違った理由": "すでに解決していた", "違った理由の説明": "滞納は解消", "メモ": "次は年明け",
    }})  # fmt: skip
    conference.read(path)
    entry = conference.book.entries[0]
    said = entry.decision
    assert (said.run_id, said.household_key, said.decided_on) == (RUN, HOMES[1], MEETING)
    assert (said.decision, said.until, said.review_on) == ("見送り", date(2027, 3, 31), date(2027, 1, 15))
    assert (said.outcome, said.outcome_on) == ("連絡がとれた", date(2026, 12, 1))
    assert (said.rightness, said.found_types, said.why_wrong) == ("一部合っていた", ("poverty", "school_absence"), "すでに解決していた")
    assert (said.lead_agency, said.met_then, said.tier_then) == ("学校教育課", (f"{P1}/PO-01", f"{P1}/SC-01"), 2)
    assert entry.texts.reason == "転校の手続き中" and entry.texts.key_person == "担任" and entry.texts.memo == "次は年明け"
    assert entry.texts.assignments == (
        Assignment("SSW", "家庭訪問", date(2026, 12, 25)), Assignment("", "経過の確認", None),
    )  # fmt: skip
    assert (entry.read_by, entry.read_on, entry.form) == ("係長", TODAY, "案件")


def test_only_their_owner_can_read_what_people_wrote(conference: Conference, tmp_path: Path):
    """Words about people are personal data: folder and file are closed to others."""
    conference.read(fill(conference.printed, tmp_path / "a.xlsx", {"案件01": WATCH}))
    folder = conference.workspace.conference
    assert S_IMODE(folder.stat().st_mode) == 0o700
    assert [S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]
    assert "本人と会えた" not in "".join(path.read_text() for path in conference.workspace.feedback.iterdir())


def test_a_dry_run_stores_nothing(conference: Conference, tmp_path: Path):
    """It shows what would be stored, and needs no name."""
    result = conference.read(fill(conference.printed, tmp_path / "a.xlsx", {"案件01": WATCH}), dry_run=True, by="")
    assert result.stored is None and len(result.plan.new_words) == 1
    assert not conference.workspace.conference.exists()


def test_reading_needs_a_name(conference: Conference):
    """Who read in what a conference decided can be shown later."""
    with pytest.raises(KizukiError, match="E-READ-27"):
        conference.read(conference.printed, by="  ")


def test_the_same_file_twice_stores_nothing_new(conference: Conference, tmp_path: Path):
    """Neither by the same person nor, later, by another."""
    path = fill(conference.printed, tmp_path / "a.xlsx", {"案件01": {**WATCH, "気づき": "合っていた"}})
    conference.read(path)
    before = sorted(path.name for folder in ("conference", "feedback") for path in (conference.workspace.root / folder).iterdir())
    again = conference.read(path, on=date(2027, 1, 8), by="次の係長")
    assert again.stored is not None and (again.stored.conference, again.stored.feedback) == (None, None)
    assert before == sorted(path.name for folder in ("conference", "feedback") for path in (conference.workspace.root / folder).iterdir())


def test_a_corrected_file_stores_what_changed(conference: Conference, tmp_path: Path):
    """Of two sheets only the corrected one is written again, blanks included; and a correction can be taken back."""
    first = fill(conference.printed, tmp_path / "a.xlsx", {"案件01": WATCH, "案件03": WATCH})
    second = fill(conference.printed, tmp_path / "b.xlsx", {"案件01": {"判断": "対象外"}, "案件03": WATCH})
    conference.read(first)
    result = conference.read(second)
    assert result.stored is not None and result.stored.words == 1
    entry = conference.book.of(RUN, HOMES[1])
    assert entry is not None and (entry.decision.decision, entry.decision.review_on, entry.texts.reason) == ("対象外", None, "")
    conference.read(first)
    entry = conference.book.of(RUN, HOMES[1])
    assert entry is not None and entry.decision.decision == "見守り"
    assert conference.feedback[P1, "poverty"].decision == "見守り"


def test_a_sheet_that_is_blank_now_keeps_what_was_read(conference: Conference, tmp_path: Path):
    """Somebody may have read an empty copy: it is told, and erases nothing."""
    conference.read(fill(conference.printed, tmp_path / "a.xlsx", {"案件01": WATCH}))
    result = conference.read(conference.printed)
    assert [warning.code for warning in result.plan.warnings] == ["W-READ-02"]
    assert len(conference.book.entries) == 1


def test_a_machine_that_stopped_between_both_stores_is_healed(conference: Conference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The words are there and the findings are not: reading the same file again adds them."""
    path = fill(conference.printed, tmp_path / "a.xlsx", {"案件01": {**WATCH, "気づき": "合っていた"}})

    def stop(*_: object) -> None:
        raise RuntimeError("no power")

    with monkeypatch.context() as broken:
        broken.setattr(storing, "append_feedback", stop)
        with pytest.raises(RuntimeError):
            conference.read(path)
    assert len(conference.book.entries) == 1 and not conference.feedback
    result = conference.read(path)
    assert result.stored is not None and result.stored.words == 0 and result.stored.findings == 2
    assert conference.feedback[P1, "poverty"].finding == "困難あり"


def test_nothing_is_stored_while_anything_is_wrong(conference: Conference, tmp_path: Path):
    """One faulty sheet keeps the good ones from being stored: a conference is read in whole."""
    path = fill(conference.printed, tmp_path / "a.xlsx", {"案件01": WATCH, "案件02": {"判断": "見送り"}})
    with pytest.raises(KizukiError, match="E-READ-25"):
        conference.read(path)
    assert not conference.workspace.conference.exists()


FINDINGS = [
    # 案件, answers → finding of each listed child and flagged (or confirmed) type
    ("案件01", {"判断": "見守り", "気づき": "合っていた"}, {(P1, "poverty"): "困難あり", (P1, "school_absence"): "困難あり"}),
    ("案件01", {"判断": "見守り", "気づき": "合っていた", "確かめた困難": "貧困"}, {(P1, "poverty"): "困難あり", (P1, "school_absence"): "分からない"}),
    ("案件01", {"判断": "見守り", "気づき": "一部合っていた", "確かめた困難": "貧困"}, {(P1, "poverty"): "困難あり", (P1, "school_absence"): "困難なし"}),
    ("案件01", {"気づき": "違っていた"}, {(P1, "poverty"): "困難なし", (P1, "school_absence"): "困難なし"}),
    ("案件01", {"判断": "見守り", "気づき": "まだ分からない"}, {(P1, "poverty"): "分からない", (P1, "school_absence"): "分からない"}),
    ("案件01", {"判断": "見守り"}, {(P1, "poverty"): "分からない", (P1, "school_absence"): "分からない"}),
    ("案件01", {"メモ": "資料が届かない"}, {}),
    ("案件01", {"気づき": "違っていた", "違った理由": "別の困難だった", "確かめた困難": "虐待"},
     {(P1, "poverty"): "困難なし", (P1, "school_absence"): "困難なし", (P1, "abuse"): "困難あり"}),
    ("案件02", {"判断": "見守り", "気づき": "一部合っていた", "確かめた困難": "ヤングケアラー"}, {(P21, "young_carer"): "困難あり", (P22, "poverty"): "困難なし"}),
    ("案件02", {"判断": "見守り", "気づき": "一部合っていた", "確かめた困難": "虐待、貧困"},
     {(P21, "young_carer"): "困難なし", (P22, "poverty"): "困難あり", (P21, "abuse"): "分からない", (P22, "abuse"): "分からない"}),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "answers", "expected"), FINDINGS)
def test_what_a_sheet_says_of_each_child_and_type(
    conference: Conference, tmp_path: Path, sheet: str, answers: dict[str, str], expected: dict[tuple[str, str], str]
):
    """The table in kizuki/readback/findings.py."""
    conference.read(fill(conference.printed, tmp_path / "a.xlsx", {sheet: answers}))
    assert {key: each.finding for key, each in conference.feedback.items()} == expected
    assert all(each.seen_by == "一覧" and each.decision == answers.get("判断") for each in conference.feedback.values())


def test_a_finding_is_of_the_day_on_which_it_came_about(conference: Conference, tmp_path: Path):
    """A finding that came with a later outcome was not known at the conference."""
    answers = {"判断": "見守り", "気づき": "合っていた", "結果": "面談・訪問ができた", "結果の日": "R8.12.10"}
    conference.read(fill(conference.printed, tmp_path / "a.xlsx", {"案件03": answers, "案件04": {"判断": "見守り", "気づき": "違っていた"}}))
    assert conference.feedback[P3, "developmental_disorder"].decided_on == date(2026, 12, 10)
    assert conference.feedback[P4, "abuse"].decided_on == MEETING


def test_what_a_corrected_sheet_does_not_say_any_more_is_unknown(conference: Conference, tmp_path: Path):
    """A confirmed type that was a mistake must not stay a label."""
    said = {"気づき": "違っていた", "違った理由": "別の困難だった", "確かめた困難": "虐待"}
    conference.read(fill(conference.printed, tmp_path / "a.xlsx", {"案件01": said}))
    conference.read(fill(conference.printed, tmp_path / "b.xlsx", {"案件01": {"気づき": "違っていた"}}))
    assert conference.feedback[P1, "abuse"].finding == "分からない"
    assert conference.feedback[P1, "poverty"].finding == "困難なし"
    conference.read(fill(conference.printed, tmp_path / "c.xlsx", {"案件01": {"メモ": "白紙に戻す"}}))
    assert {each.finding for each in conference.feedback.values()} == {"分からない"}


def test_a_flag_cannot_be_wrong_and_its_difficulty_be_confirmed(conference: Conference, tmp_path: Path):
    """違っていた with the very type for which the child is listed: somebody ticked the wrong line."""
    path = fill(conference.printed, tmp_path / "a.xlsx", {"案件01": {"気づき": "違っていた", "確かめた困難": "貧困"}})
    with pytest.raises(KizukiError, match="E-READ-26"):
        conference.read(path)


def _drawn_rows(conference: Conference) -> dict[int, str]:
    """By household number, the sheet and row of a child drawn by chance."""
    result = conference.read(conference.printed, dry_run=True)
    rows = {line.answers.record.identity.child_key: line.answers.record.spot.name for line in result.plan.lines}
    return {number: rows[key] for number, key in DRAWN.items()}


def test_children_drawn_by_chance_are_answers_of_their_own(conference: Conference, tmp_path: Path):
    """All six types were looked at; the chance of the draw goes with the answer, and no decision does."""
    rows = _drawn_rows(conference)
    path = fill(conference.printed, tmp_path / "a.xlsx", {
        rows[8]: {"見立て": "困難あり", "確かめた困難": "不登校", "理由": "欠席が続く"}, rows[9]: {"見立て": "困難なし"},
    })  # fmt: skip
    conference.read(path)
    found = conference.feedback
    assert len(found) == 12
    assert {(each.seen_by, each.chance_millionths, each.decision) for each in found.values()} == {("無作為", CHANCE, None)}
    assert {kind for (child, kind), each in found.items() if child == DRAWN[8] and each.finding == "困難あり"} == {"school_absence"}
    assert {each.finding for (child, _), each in found.items() if child == DRAWN[9]} == {"困難なし"}
    assert [(answer.child_key, answer.reason) for answer in conference.book.drawn] == [(DRAWN[8], "欠席が続く"), (DRAWN[9], "")]
    assert not conference.book.entries
    again = conference.read(path)
    assert again.stored is not None and again.stored.conference is None and again.stored.feedback is None


def test_a_household_that_was_never_on_the_list_is_refused(conference: Conference, tmp_path: Path):
    """A sheet of another city's handout, or of a run that is not on record."""
    other = conference.copy_to(tmp_path / "other")
    (other.workspace.runs / RUN).rename(other.workspace.runs / "R20261120-02")
    with pytest.raises(KizukiError, match="E-READ-08"):
        other.read(conference.printed)


def test_an_old_file_that_undoes_a_correction_says_so(conference: Conference, tmp_path: Path):
    """Whoever reads the same folder twice must not put back silently what was corrected in between."""
    old = fill(conference.printed, tmp_path / "a.xlsx", {"案件01": WATCH})
    conference.read(old)
    corrected = conference.read(fill(conference.printed, tmp_path / "b.xlsx", {"案件01": {**WATCH, "判断": "対象外"}}))
    assert not [each for each in corrected.plan.warnings if each.code == "W-READ-04"]
    assert [each.code for each in conference.read(old, dry_run=True).plan.warnings] == ["W-READ-04"]


def test_a_changed_store_is_noticed(conference: Conference, tmp_path: Path):
    """What was decided cannot be changed by hand."""
    conference.read(fill(conference.printed, tmp_path / "a.xlsx", {"案件01": WATCH}))
    path = next(conference.workspace.conference.iterdir())
    path.write_text(path.read_text().replace("見守り", "対象外"))
    with pytest.raises(KizukiError, match="E-FEEDBACK-02"):
        conference.read(conference.printed)


def test_the_store_adds_and_never_rewrites(conference: Conference):
    """Nothing is no file."""
    assert append_conference(conference.workspace.conference, []) is None
    assert AS_OF < MEETING < TODAY
