"""`kizuki rules manual`: the rulebooks as a book for people."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from rich.console import Console

from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run, published_ids
from engine.kernel.durable import write_whole
from kizuki.outcomes.precision import scenario_precision
from kizuki.rules.files import RuleFiles, load_rule_files, newest_day
from kizuki.settings import Workspace, open_workspace
from reports.manual.book import ApprovalLine, Book
from reports.manual.counts import hit_counts, run_line
from reports.manual.html import to_html
from reports.manual.make import BookInputs, make_book
from reports.manual.markdown import to_markdown

NAME = "rulebook_manual"


def print_manual(
    folder: Path, as_of: date | None, out: Path | None, console: Console, *, html: bool, markdown: bool, english: bool
) -> tuple[Path, ...]:
    """Write the book (HTML, Markdown or both) into `out`, by default the workspace's, and print where it lies."""
    workspace, settings = open_workspace(folder)
    files = load_rule_files(workspace, as_of or newest_day(workspace))
    book = book_of(workspace, files, settings.city.name, english=english)
    target = out or workspace.out
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for wanted, suffix, render in ((html, "html", to_html), (markdown, "md", to_markdown)):
        if wanted:
            path = target / f"{NAME}.{suffix}"
            write_whole(path, render(book).encode())
            written.append(path)
            console.print(f"ルールの冊子をつくりました: {path.resolve()}", markup=False, soft_wrap=True)
    return tuple(written)


def book_of(workspace: Workspace, files: RuleFiles, city: str, *, english: bool = False) -> Book:
    """The book of a workspace's rule files, with the counts of its newest run and what conferences found of each scenario, if there is any."""
    record: RunRecord | None = open_run(workspace.runs) if published_ids(workspace.runs) else None
    hashes = {path.name: _sha256(path) for path in sorted(workspace.rulebooks.glob("*.yaml"))}
    approvals = {content.file: files.approvals.approval_of(content) for content in files.contents}
    return make_book(
        BookInputs(
            city=city,
            rulebooks=files.rulebooks,
            vocabulary=files.vocabulary,
            policy=files.policy,
            source_labels={source: layout.label for source, layout in files.layouts.items()},
            vocabulary_sha256=hashes[workspace.vocabulary.name],
            approvals={name: ApprovalLine(a.by, a.on, a.reason) for name, a in approvals.items() if a is not None},
            run=run_line(record) if record else None,
            counts=hit_counts(record, files.rulebooks, hashes) if record else {},
            decisions=scenario_precision(workspace, files.rulebooks),
            english=english,
        )
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
