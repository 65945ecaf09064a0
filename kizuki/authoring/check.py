"""`kizuki rules check`: every fault of every rule file at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console

from engine.records.case import HARDSHIP_LABELS
from engine.rulebook.approval import notices
from kizuki.rule_files import load_rule_files, newest_day
from kizuki.settings import open_workspace


def check_rules(folder: Path, as_of: date | None, console: Console) -> None:
    """Check every rule file at once and say what was read. Raises KizukiError with all problems."""
    workspace, _ = open_workspace(folder)
    files = load_rule_files(workspace, as_of or newest_day(workspace))
    for book in files.rulebooks.rulebooks:
        label = HARDSHIP_LABELS[book.hardship_type]
        outside = f"(期間外 {'、'.join(book.not_in_force)})" if book.not_in_force else ""
        console.print(
            f"○ {book.file}  {label}  版{book.version}  シナリオ{len(book.scenarios)}件{outside}", markup=False
        )
    console.print(f"○ rulebooks/tiers.yaml  版{files.policy.version}", markup=False)
    console.print(
        f"○ rulebooks/fields.yaml  版{files.vocabulary.version}  項目{len(files.vocabulary.items)}件", markup=False
    )
    console.print(f"○ sources/  取り込み定義{len(files.layouts)}件", markup=False)
    for notice in notices(files.approvals, files.contents):
        console.print(str(notice), style="yellow", markup=False)
    console.print(
        f"問題はありません。シナリオ{len(files.plan.scenarios)}件、条件の文{len(files.plan.conditions)}種類。"
    )
