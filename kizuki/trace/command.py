"""`kizuki trace`: the record is opened, what was asked for is made, and it goes to the screen or into files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from engine.audit.runs import open_run
from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from kizuki.settings import open_workspace
from reports.trace.make import Explained, Tracer
from reports.trace.text import trace_text
from reports.trace.traced import Trace

if TYPE_CHECKING:
    from rich.console import Console

    from reports.paper.tables import TablePaper


@dataclass(frozen=True)
class Papers:
    """Where the trace is to be written; with none of them it goes to the screen. `out` takes both under a name of their own."""

    html: Path | None = None
    xlsx: Path | None = None
    out: Path | None = None

    @property
    def are_asked(self) -> bool:
        """Whether there is anything to write."""
        return any((self.html, self.xlsx, self.out))


def print_trace(
    folder: Path,
    child: str,
    run: str | None,
    papers: Papers,
    console: Console,
    *,
    scenario: str | None = None,
    why_not: bool = False,
    facts: bool = False,
) -> None:
    """The trace of a child by key (or its first letters), or of every child of a case by its number, in a run (None: the newest).

    Raises KizukiError: E-RUN-01 and -02 for a run or child that is not there, E-RUN-21 for such a scenario, E-STORE-21 for a damaged
    record; with `facts` also E-RUN-07 to -09, -22 and -23.
    """
    workspace, settings = open_workspace(folder)
    tracer = Tracer(open_run(workspace.runs, run))
    explained: Mapping[str, Explained] = {}
    if facts:
        from kizuki.trace.store_facts import explain_from_store

        keys, explained = explain_from_store(workspace, settings.processing, tracer, child)
    else:
        keys = tracer.meant(child)
    trace = tracer.trace(keys, scenario=scenario, why_not=why_not, explained=explained)
    if not papers.are_asked:
        console.print("\n".join(trace_text(trace)), markup=False)  # once: a call takes longer than a line
        return
    for path in write_trace(trace, papers):
        console.print(f"足取りを書きました: {path.resolve()}", markup=False)


def write_trace(trace: Trace, papers: Papers) -> Iterator[Path]:
    """Write the files that were asked for, each as a whole or not at all. Raises KizukiError (E-REPORT-11)."""
    name = f"trace_{trace.run.run_id}_{_file_name(trace)}"
    html = papers.html or (papers.out / f"{name}.html" if papers.out else None)
    xlsx = papers.xlsx or (papers.out / f"{name}.xlsx" if papers.out else None)
    if papers.out:
        papers.out.mkdir(parents=True, exist_ok=True)
    if html is not None:
        from reports.trace.html import trace_html

        yield _write(html, trace_html(trace).encode())
    if xlsx is not None:
        from reports.trace.paper import trace_paper

        yield _write_paper(trace_paper(trace), xlsx)


def _file_name(trace: Trace) -> str:
    first = trace.children[0]
    if len(trace.children) > 1 and first.case_no is not None:
        return f"case{first.case_no:02d}"
    return first.child_key


def _write(path: Path, content: bytes) -> Path:
    try:
        return write_whole(path, content, private=True)
    except OSError as error:
        raise KizukiError(_unwritable(path)) from error


def _write_paper(paper: TablePaper, path: Path) -> Path:
    from reports.paper.book import write_paper

    return write_paper(paper, path, _unwritable(path))


def _unwritable(path: Path) -> Problem:
    return Problem(
        Place(path.name),
        "E-REPORT-11",
        "足取りの資料を書き込めません。",
        "資料は作られていません。",
        "保存先のフォルダがあるか、同じ名前の資料をほかのソフトで開いたままでないかを確かめてください。",
    )


def print_difference(folder: Path, runs: tuple[str | None, str | None], child: str | None, console: Console) -> None:
    """What changed between two runs (None: the newest), for one child or for the whole list. Raises KizukiError as `print_trace`."""
    from reports.trace.diff import Difference
    from reports.trace.diff_text import child_difference_text, grounds_text, list_difference_text

    workspace, _ = open_workspace(folder)
    before, after = (Tracer(open_run(workspace.runs, name)) for name in runs)
    difference = Difference(before, after)
    if child is None:
        lines = list_difference_text(difference.of_list())
    else:
        told = (child_difference_text(each) for each in difference.of_children(child))
        lines = chain(chain.from_iterable(told), grounds_text(difference.grounds))
    console.print("\n".join(lines), markup=False)
