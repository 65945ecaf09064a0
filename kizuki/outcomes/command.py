"""Gather what came of the lists of a workspace, show it, and write it as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from rich.console import Console

from engine.audit.runs import open_run, published_ids
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.conference_store import all_words, read_conference
from kizuki.paper_on_screen import print_table
from kizuki.settings import Workspace, open_workspace
from reports.outcomes.book import write_outcome_book
from reports.outcomes.measures import ListedWeek, Measures, listed_week, measure
from reports.outcomes.paper import OutcomePaper, outcome_paper


def show_outcomes(
    folder: Path, start: date | None, end: date | None, out: Path | None, console: Console, *, today: date
) -> OutcomePaper:
    """Print the figures of the conferences from `start` to `end` (default: all up to today), and write them as a workbook where asked for.

    Raises KizukiError: E-OUTCOME-01 where the days are the wrong way round, E-OUTCOME-02 where the workbook cannot be written, and whatever is wrong with
    records that are needed.
    """
    workspace, settings = open_workspace(folder)
    measures = measures_of(workspace, start, end, today)
    paper = outcome_paper(settings.city.name, measures, wilson)
    _print(paper, console)
    if out is not None:
        console.print(f"集計の表: {write_outcome_book(paper, out).resolve()}", markup=False, soft_wrap=True)
    return paper


def measures_of(workspace: Workspace, start: date | None, end: date | None, today: date) -> Measures:
    """The figures of a workspace. Of several runs of one as-of day the one counts on which the conference decided, else the last."""
    book = read_conference(workspace.conference)
    weeks = tuple(_weeks(workspace, {entry.decision.run_id for entry in book.entries}))
    start = start or min((week.meeting_on for week in weeks), default=today)
    end = end or max((week.meeting_on for week in weeks), default=today)
    if start > end:
        raise KizukiError(
            Problem(
                Place("--from と --to"),
                "E-OUTCOME-01",
                "始めの日が、終わりの日より後です。",
                "どの会議を数えるのか決まりません。",
                "日付を入れ替えるか、どちらかを書かずに実行してください。",
            )
        )
    return measure(weeks, book.entries, all_words(workspace.conference), book.drawn, start=start, end=end, today=today)


def _weeks(workspace: Workspace, decided: set[str]) -> Iterator[ListedWeek]:
    """The lists that went to a conference: a day that was run again went there once."""
    by_day: dict[str, list[str]] = {}
    for run_id in published_ids(workspace.runs):
        by_day.setdefault(run_id[1:9], []).append(run_id)
    for runs in by_day.values():
        went = [run_id for run_id in runs if run_id in decided] or runs[-1:]
        yield from (listed_week(open_run(workspace.runs, run_id).casebook()) for run_id in went)


def wilson(found: int, looked_at: int) -> tuple[int, int]:
    """The Wilson interval in hundredths, rounded outwards so that it never tells more than it knows."""
    from math import ceil, floor

    from scipy.stats import binomtest

    interval = binomtest(found, looked_at).proportion_ci(method="wilson")
    return max(0, floor(100 * interval.low)), min(100, ceil(100 * interval.high))


def _print(paper: OutcomePaper, console: Console) -> None:
    console.print()
    console.print(f"[bold]会議の結果の集計[/bold]  {paper.city}  {paper.period}")
    console.print("分析する人と監査の人のための集計です。割合を会議の資料に写さないでください。", style="dim")
    console.print()
    for line in paper.headline:
        console.print(f"・{line}", markup=False)
    for sheet in paper.sheets:
        for table in sheet.tables:
            if table.rows:
                console.print()
                print_table(table, console)
