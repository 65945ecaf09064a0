"""What conferences decided: added, never rewritten, and noticed if somebody changed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.kernel.errors import KizukiError
from engine.records.feedback import Feedback, append_feedback, known_by, read_feedback

MONDAY, LATER = date(2026, 11, 30), date(2026, 12, 14)
LISTED = Feedback(MONDAY, "P1", "H1", "poverty", "見守り", "分からない", "一覧", None, "R1")
DRAWN = Feedback(MONDAY, "P2", "H2", None, "対象外", "困難なし", "無作為", 600, "R1")


def test_what_was_added_is_read_in_order(tmp_path: Path):
    """Two workbooks, one after the other; a folder that is not there holds nothing."""
    assert read_feedback(tmp_path / "feedback") == ()
    append_feedback(tmp_path, MONDAY, [DRAWN, LISTED])
    other = replace(LISTED, child_key="P0", run_id="R2", decided_on=LATER)
    append_feedback(tmp_path, LATER, [other])
    assert read_feedback(tmp_path) == (LISTED, DRAWN, other)
    assert known_by(read_feedback(tmp_path), MONDAY) == (LISTED, DRAWN)


def test_the_same_workbook_adds_nothing_the_second_time(tmp_path: Path):
    """Reading back is idempotent, and nothing is no file."""
    first = append_feedback(tmp_path, MONDAY, [LISTED, DRAWN])
    assert first is not None and append_feedback(tmp_path, MONDAY, [DRAWN, LISTED]) is None
    assert append_feedback(tmp_path, MONDAY, []) is None
    assert len(list(tmp_path.iterdir())) == 1


def test_a_later_word_replaces_an_earlier_one_and_leaves_it_in_place(tmp_path: Path):
    """An outcome that came two weeks later counts; what was said first can still be read in its own file."""
    append_feedback(tmp_path, MONDAY, [LISTED])
    outcome = replace(LISTED, decided_on=LATER, finding="困難あり")
    append_feedback(tmp_path, LATER, [outcome])
    assert read_feedback(tmp_path) == (outcome,)
    assert len(list(tmp_path.iterdir())) == 2


def test_the_order_of_reading_decides_also_within_a_day(tmp_path: Path):
    """A workbook corrected and read again on the same day counts, whatever the hashes of the two are."""
    for finding in ("困難なし", "困難あり", "分からない"):
        append_feedback(tmp_path, MONDAY, [replace(LISTED, finding=finding)])
        assert [entry.finding for entry in read_feedback(tmp_path)] == [finding]


def test_a_missing_file_is_noticed(tmp_path: Path):
    """A file taken away would change what the model learns from, and nobody would know."""
    first = append_feedback(tmp_path, MONDAY, [LISTED])
    append_feedback(tmp_path, LATER, [DRAWN])
    assert first is not None
    first.unlink()
    with pytest.raises(KizukiError):
        read_feedback(tmp_path)


@pytest.mark.parametrize(("old", "new"), [("分からない", "困難あり"), ("R1", "R9"), ("\n", "\n\n"), ("{", "")])
def test_a_changed_file_is_refused_without_naming_anybody(tmp_path: Path, old: str, new: str):
    """The name of a file tells the hash of its content."""
    path = append_feedback(tmp_path, MONDAY, [LISTED])
    assert path is not None
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(KizukiError) as caught:
        read_feedback(tmp_path)
    [problem] = caught.value.problems
    assert problem.code == "E-FEEDBACK-01" and "P1" not in str(problem)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(LISTED, chance_millionths=600),
        replace(DRAWN, chance_millionths=None),
        replace(DRAWN, chance_millionths=0),
        replace(LISTED, hardship_type="貧困"),
        replace(LISTED, decision="要観察"),
    ],
)
def test_entries_that_contradict_themselves_are_not_written(tmp_path: Path, wrong: Feedback):
    """A chance belongs to a random draw and to nothing else; types and decisions are those that there are."""
    with pytest.raises(ValueError, match=r"that there is not|a random draw"):
        append_feedback(tmp_path, MONDAY, [wrong])
    assert not list(tmp_path.iterdir())
