"""`kizuki rules impact`: what the working rules would do to a past run's list, before they count."""

from __future__ import annotations

from pathlib import Path

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from engine.audit.runs import open_run
from engine.kernel.dates import wareki
from kizuki.authoring.impact.facts import compare_with_run
from kizuki.authoring.impact.words import make_paper
from kizuki.progress import Stages
from kizuki.settings import open_workspace
from reports.impact.book import write_impact_book
from reports.impact.paper import ImpactPaper
from reports.paper.tables import PaperTable

_ROWS_ON_SCREEN = 20
_HEADING = 8


def show_impact(folder: Path, against: str | None, out: Path | None, console: Console) -> bool:
    """Compare, print, and write the workbook if asked for; False if the past run could not be reproduced."""
    workspace, settings = open_workspace(folder)
    stages = Stages(console)
    compared = compare_with_run(workspace, settings, open_run(workspace.runs, against), stages)
    paper = make_paper(compared, settings.city.name)
    print_paper(paper, console)
    if out is not None:
        console.print(f"影響の表: {write_impact_book(paper, out).resolve()}", markup=False)
    return not compared.differing


def print_paper(paper: ImpactPaper, console: Console) -> None:
    """The paper on the screen: headline first, then the tables that have rows."""
    console.print()
    console.print(
        f"[bold]ルールの変更の影響[/bold]  {paper.run_id}(基準日 {wareki(paper.as_of, weekday=True)})の事実で比べました"
    )
    for line in paper.alarm:
        console.print(line, style="bold red", markup=False)
    console.print()
    for number, line in enumerate(paper.headline):
        console.print(line, style="bold" if number == 0 else None, markup=False)
    for sheet in paper.sheets:
        for line in sheet.lines[len(paper.headline) :]:
            console.print(line, markup=False)
    for sheet in paper.sheets:
        for table in sheet.tables:
            if table.rows:
                console.print()
                _print_table(table, console)


def _heading(title: str) -> str:
    """A long title over a column of numbers, on two lines: eight columns of them have room on a screen of 80."""
    if cell_len(title) <= _HEADING:
        return title
    at = title.find("(") if "(" in title else (len(title) + 1) // 2
    return f"{title[:at]}\n{title[at:]}"


def _print_table(table: PaperTable, console: Console) -> None:
    shown = Table(
        title=table.title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for number, column in enumerate(table.columns):
        last = number == len(table.columns) - 1
        shown.add_column(
            _heading(column.title) if column.is_number else column.title,
            justify="right" if column.is_number else "left",
            overflow="fold",
            no_wrap=column.is_number,
            ratio=1 if last and not column.is_number else None,
            min_width=min(column.width, 8) if not column.is_number else None,
        )
    for row in table.rows[:_ROWS_ON_SCREEN]:
        shown.add_row(*(f"{cell:,}" if isinstance(cell, int) else cell for cell in row))
    console.print(shown, markup=False)
    if len(table.rows) > _ROWS_ON_SCREEN:
        console.print(f"ほか{len(table.rows) - _ROWS_ON_SCREEN}行(--out の表にすべて載ります)", markup=False)
    if table.note:
        console.print(table.note, style="dim", markup=False)
