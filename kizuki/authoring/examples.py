"""`kizuki rules test`: the in-file examples, run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console

from engine.evaluate.examples import run_examples
from kizuki.rule_files import load_rule_files, newest_day
from kizuki.settings import open_workspace


def run_rule_examples(folder: Path, as_of: date | None, console: Console) -> bool:
    """Run the in-file examples; True if all gave what their authors expect and every sentence was exercised."""
    workspace, _ = open_workspace(folder)
    files = load_rule_files(workspace, as_of or newest_day(workspace))
    labels = {source: layout.label for source, layout in files.layouts.items()}
    report = run_examples(files.rulebooks, files.vocabulary, labels)
    console.print(report.text(), markup=False)
    return report.passed
