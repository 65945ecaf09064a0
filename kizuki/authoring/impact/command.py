"""`kizuki rules impact`: what the working rules would do to a past run's list, before they count."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from engine.audit.runs import open_run
from engine.kernel.dates import wareki
from kizuki.authoring.impact.facts import compare_with_run
from kizuki.authoring.impact.words import make_paper
from kizuki.paper_on_screen import print_table
from kizuki.progress import Stages
from kizuki.settings import open_workspace
from reports.impact.book import write_impact_book
from reports.impact.paper import ImpactPaper


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
                print_table(table, console)
