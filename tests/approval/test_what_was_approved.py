"""The text behind an approval stays at hand, also before the first run."""

from __future__ import annotations

import re
import shutil
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from engine.rulebook.versions.approval import APPROVALS, TO_BE_APPROVED, read_approvals
from kizuki.authoring.approve import Signature, approve_rules
from kizuki.rules.approved_texts import approved_text
from kizuki.settings import Workspace
from kizuki.workspace_files import make_workspace

REPOSITORY = Path(__file__).parents[2]
TODAY = date(2026, 11, 27)
FIRST = Signature("家庭相談係長", date(2026, 3, 20), "初版")


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rule files of the repository, approved as they are, in a folder that is no workspace."""
    folder = tmp_path_factory.mktemp("starter")
    for name in ("rulebooks", "sources"):
        shutil.copytree(REPOSITORY / name, folder / name)
    (folder / "rulebooks" / APPROVALS).unlink(missing_ok=True)
    approve_rules(folder, FIRST, Console(quiet=True), today=TODAY, confirm=lambda: True)
    return folder


def approve(workspace: Workspace, confirm: bool = True) -> str:
    console = Console(file=StringIO(), width=300)
    signature = Signature("学校教育課長", TODAY, "見直し")
    approve_rules(workspace.root, signature, console, today=TODAY, raise_versions=True, confirm=lambda: confirm)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_a_starter_set_is_approved_by_one_command(starter: Path):
    """Every file has its entry; no copies are kept beside a set that is no workspace."""
    book = read_approvals(starter / "rulebooks" / APPROVALS)
    assert [entry.file for entry in book.entries] == list(TO_BE_APPROVED)
    assert not (starter / "rulebooks" / "approved").exists()


def test_the_change_is_shown_before_anything_was_ever_run(starter: Path, tmp_path: Path):
    """A new workspace keeps what its starter set approved, so the first change can be told sentence by sentence."""
    workspace = make_workspace(tmp_path / "w", "見本市", starter=starter)
    path = workspace.rulebooks / "school_absence.yaml"
    approved = path.read_bytes()
    book = read_approvals(workspace.approvals)
    text = re.sub(r"強さ: 強", "強さ: 中", approved.decode(), count=1)
    path.write_text(text, encoding="utf-8")

    shown = approve(workspace, confirm=False)
    assert "意味が変わった" in shown and "強さ 強→中" in shown and "承認しませんでした" in shown
    assert path.read_text(encoding="utf-8") == text and read_approvals(workspace.approvals) == book

    assert "版を上げました" in approve(workspace)
    after = read_approvals(workspace.approvals)
    assert after.continues(book) and [e.file for e in after.entries[len(book.entries) :]] == ["school_absence.yaml"]
    assert approved_text(workspace, book.last_of("school_absence.yaml")) == approved
    assert approved_text(workspace, after.last_of("school_absence.yaml")) == path.read_bytes()
