"""The rulebooks that a new workspace starts with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from engine.rulebook.versions.approval import TO_BE_APPROVED, doubtful_entries
from kizuki.rules.files import load_rule_files, require_approval
from kizuki.settings import Workspace

REPOSITORY = Path(__file__).parents[2]


def test_the_shipped_files_are_approved():
    """A new workspace runs at once. After a change: `kizuki rules approve --raise --by … --reason … -w .`"""
    rules = load_rule_files(Workspace(REPOSITORY), date(2026, 11, 20))
    require_approval(rules)
    assert {content.file for content in rules.contents} == set(TO_BE_APPROVED)
    assert not list(doubtful_entries(rules.approvals))
