"""The book of models: which one is used, by whose word; it only grows, and what cannot be read in it is never passed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.kernel.errors import KizukiError
from ml_overlay.register.approvals import (
    APPROVALS,
    ModelApproval,
    add_approval,
    doubtful_entries,
    model_in_use,
    read_model_book,
)

FIRST = ModelApproval("M20260820-0123456789ab", "a" * 64, "使う", "家庭相談係長", date(2026, 8, 25), "はじめてのモデル")
SECOND = ModelApproval(
    "M20261120-ba9876543210", "b" * 64, "使う", "こども家庭課長", date(2026, 11, 27), "欠席の見分けがよくなったため"
)


def code(models: Path) -> str:
    with pytest.raises(KizukiError) as caught:
        model_in_use(models)
    return caught.value.problems[0].code


def test_nobody_approved_a_model(tmp_path: Path):
    """Without a book, or with one that has no entry yet, no model is used."""
    assert model_in_use(tmp_path) is None
    (tmp_path / APPROVALS).write_text("承認:\n", encoding="utf-8")
    assert model_in_use(tmp_path) is None


def test_the_last_entry_counts(tmp_path: Path):
    """A newly approved model takes the place of the one before; the entry before stays as it was."""
    add_approval(tmp_path, FIRST)
    first = (tmp_path / APPROVALS).read_bytes()
    assert model_in_use(tmp_path) == (FIRST.model_id, FIRST.sha256, FIRST)
    add_approval(tmp_path, SECOND)
    assert model_in_use(tmp_path) == (SECOND.model_id, SECOND.sha256, SECOND)
    assert (tmp_path / APPROVALS).read_bytes().startswith(first)


def test_the_way_back(tmp_path: Path):
    """Taken out of use, none is used; the way back leads to the model used before the last one that was named."""
    add_approval(tmp_path, FIRST)
    assert read_model_book(tmp_path).before is None
    add_approval(tmp_path, SECOND)
    assert read_model_book(tmp_path).before == FIRST
    add_approval(tmp_path, replace(SECOND, kind="使わない", reason="警報が出たため"))
    book = read_model_book(tmp_path)
    assert (book.in_use, book.before) == (None, FIRST)
    add_approval(tmp_path, replace(FIRST, on=date(2026, 12, 1), reason="前のモデルに戻す"))
    assert read_model_book(tmp_path).before == SECOND


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("種別: 使う", "種別: 使うかも"),
        ("sha256: b", "sha256: B"),
        ("モデル: M20261120", "モデル: M2026112"),
        ('    承認者: "こども家庭課長"\n', ""),
        ("承認:\n", "承認: ない\n余分:\n"),
    ],
)
def test_an_entry_that_cannot_be_read_is_not_passed_over(tmp_path: Path, before: str, after: str):
    """Otherwise the model before it would quietly be used again: whoever spoils the last entry would choose the model."""
    add_approval(tmp_path, FIRST)
    add_approval(tmp_path, SECOND)
    path = tmp_path / APPROVALS
    text = path.read_text("utf-8")
    assert before in text
    head, _, tail = text.rpartition(before)
    path.write_text(head + after + tail, encoding="utf-8")
    assert code(tmp_path).startswith(("E-MODEL-10", "E-YAML"))
    spoiled = path.read_bytes()
    with pytest.raises(KizukiError):
        add_approval(tmp_path, SECOND)
    assert path.read_bytes() == spoiled


@pytest.mark.parametrize("text", ['係長"\n  - 種別: 使わない', "係長 # 代理", "係\u200b長: \\n", "'係長'"])
def test_what_a_person_wrote_stays_a_text(tmp_path: Path, text: str):
    """No name or reason can add an entry, end a line or hide in one."""
    book = add_approval(tmp_path, replace(FIRST, by=text, reason=text))
    assert len(book.entries) == 1
    assert read_model_book(tmp_path).entries == book.entries


@pytest.mark.parametrize("empty", ["", "  ", "\u200b\n"])
def test_a_name_and_a_reason_are_needed(tmp_path: Path, empty: str):
    """A decision that nobody made, or made for no reason, is not written."""
    with pytest.raises(KizukiError) as caught:
        add_approval(tmp_path, replace(FIRST, by=empty, reason=empty))
    assert [problem.code for problem in caught.value.problems] == ["E-MODEL-11", "E-MODEL-11"]
    assert not (tmp_path / APPROVALS).exists()


def test_days_that_go_back_are_told(tmp_path: Path):
    """A day before that of the entry above is a slip, a clock, or made up."""
    add_approval(tmp_path, SECOND)
    book = add_approval(tmp_path, FIRST)
    assert [problem.code for problem in doubtful_entries(book)] == ["W-MODEL-01"]
