"""`kizuki rules sql`: the conditions and scenarios as one SQL script, for an auditor who reads or runs them elsewhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console

from engine.evaluate.sql.evaluation import sql_text
from engine.kernel.durable import write_whole
from kizuki.rules.files import load_rule_files, newest_day
from kizuki.settings import open_workspace

NAME = "rulebooks.sql"


def write_sql(folder: Path, as_of: date | None, out: Path | None, console: Console) -> Path:
    """Write the script for an as-of day (its windows are dates) into `out`, by default the workspace's, and print where."""
    workspace, _ = open_workspace(folder)
    files = load_rule_files(workspace, as_of or newest_day(workspace))
    path = out or workspace.out / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, sql_text(files.plan).encode())
    console.print(f"条件とシナリオをSQLに書き出しました: {path.resolve()}", markup=False, soft_wrap=True)
    return path
