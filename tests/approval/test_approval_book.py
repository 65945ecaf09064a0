"""The approval book: what an approval holds for, and what a book edited by hand is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.errors import KizukiError, Place
from engine.rulebook.versions.approval import (
    APPROVALS,
    HEADING,
    Approval,
    ApprovalBook,
    Content,
    content_of,
    doubtful_entries,
    next_version,
    read_approvals,
    unapproved,
    with_next_version,
    written,
)

TEXT = '版: "2026.1"\n対象: 年齢が18歳未満\n'.encode()


def content(raw: bytes = TEXT, version: str = "2026.1") -> Content:
    return content_of("poverty.yaml", version, raw, "rulebooks/poverty.yaml")


def approval_of(of: Content, reason: str = "見直したため") -> Approval:
    return Approval(of.file, of.version, of.sha256, "家庭相談係長", date(2026, 3, 20), reason)


def codes(book: ApprovalBook, of: Content) -> list[str]:
    return [problem.code for problem in unapproved(book, [of])]


def test_an_approval_is_of_the_very_bytes():
    """One more space, and nobody has approved it; put back as it was, it is approved again."""
    book = ApprovalBook((approval_of(content()),))
    assert codes(book, content()) == []
    assert codes(book, content(TEXT + b" ")) == ["E-RULE-51"]
    assert codes(book, content()) == []


def test_a_new_version_needs_an_approval_of_its_own():
    """A content under a 版 that nobody approved is refused in other words than one changed under its 版."""
    book = ApprovalBook((approval_of(content()),))
    assert codes(book, content(TEXT.replace(b"2026.1", b"2026.2"), "2026.2")) == ["E-RULE-50"]
    assert codes(ApprovalBook(), content()) == ["E-RULE-50"]


def test_the_message_stands_at_the_version():
    """The author is led to the line that she has to raise."""
    (problem,) = unapproved(ApprovalBook((approval_of(content()),)), [content(TEXT + b"#")])
    assert problem.place == Place("rulebooks/poverty.yaml", 1, 1)
    assert "「2026.2」" in problem.remedy


@pytest.mark.parametrize(
    ("line", "raised"),
    [
        ('版: "2026.1"  # 春の版', '版: "2026.2"  # 春の版'),
        ("版: 2026.9", "版: 2026.10"),
        ("版: '試行'", "版: '試行の2'"),
        ('版: "2026.1"\r', '版: "2026.2"\r'),
    ],
)
def test_raising_a_version_changes_its_line_and_nothing_else(line: str, raised: str):
    """Comments, quotes and line ends stay as the author wrote them."""
    assert with_next_version(f"# 注\n{line}\n対象: x\n".encode()) == f"# 注\n{raised}\n対象: x\n".encode()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_whatever_a_person_writes_as_a_reason_reads_back_as_one_line(tmp_path_factory, reason: str):
    """Quotes, colons, new lines and characters nobody sees cannot break the book or add an entry to it."""
    path = tmp_path_factory.mktemp("book") / APPROVALS
    path.write_text(
        HEADING + written([approval_of(content(), f"あ{reason}"), approval_of(content())]), encoding="utf-8"
    )
    book = read_approvals(path)
    assert len(book.entries) == 2 and book.problems == ()
    assert "\n" not in book.entries[0].reason
    assert book.approval_of(content()) == book.entries[1]


def test_an_entry_edited_by_hand_is_a_warning_and_approves_nothing(tmp_path: Path):
    """A hash that is none, a day that is none, a file that needs no approval: told by line, the others still count."""
    text = HEADING + written([approval_of(content())])
    text += written([approval_of(content())]).replace("2026-03-20", "春ごろ")
    text += written([approval_of(content())]).replace("poverty.yaml", "water.yaml")
    (tmp_path / APPROVALS).write_text(text, encoding="utf-8")
    book = read_approvals(tmp_path / APPROVALS, tmp_path)
    assert [(problem.code, problem.place.line) for problem in doubtful_entries(book)] == [
        ("W-RULE-41", 14),
        ("W-RULE-42", 16),
    ]
    assert codes(book, content()) == []


def test_two_contents_under_one_version_look_like_a_hand(tmp_path: Path):
    """The command never writes that; whoever did is asked to look at the copy in the last run."""
    book = ApprovalBook((approval_of(content()), approval_of(content(b"x"))))
    assert [problem.code for problem in doubtful_entries(book)] == ["W-RULE-43"]


def test_a_day_before_the_last_approval_is_told():
    """A slip, a wrong clock or a day made up: the book says when a file was approved, in the order in which it was."""
    later = replace(approval_of(content(b"x", "2026.2")), on=date(2026, 3, 19))
    assert [problem.code for problem in doubtful_entries(ApprovalBook((approval_of(content()), later)))] == [
        "W-RULE-44"
    ]
    assert not list(doubtful_entries(ApprovalBook((later, approval_of(content())))))


def test_a_book_goes_on_only_if_its_earlier_entries_stand():
    """Adding is going on; a changed, missing or reordered entry is not."""
    one, two = approval_of(content()), approval_of(content(b"x", "2026.2"))
    assert ApprovalBook((one, two)).continues(ApprovalBook((one,)))
    assert not ApprovalBook((two, one)).continues(ApprovalBook((one, two)))
    assert not ApprovalBook((one,)).continues(ApprovalBook((one, two)))


def test_no_book_is_an_empty_book_and_a_broken_one_an_error(tmp_path: Path):
    """Before the first approval there is nothing to read; what is no YAML is said so, at its line."""
    assert read_approvals(tmp_path / APPROVALS) == ApprovalBook()
    (tmp_path / APPROVALS).write_text("承認: [\n", encoding="utf-8")
    with pytest.raises(KizukiError):
        read_approvals(tmp_path / APPROVALS)


def test_versions_count_on_by_their_last_number():
    """2026.9 is followed by 2026.10, not by 2026.91 or 2027."""
    assert [next_version(v) for v in ("2026.1", "2026.9", "1", "R8-3版")] == ["2026.2", "2026.10", "2", "R8-4版"]
