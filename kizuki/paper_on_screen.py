"""A table of a paper on the screen."""

from __future__ import annotations

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from reports.paper.tables import PaperTable

_ROWS_ON_SCREEN = 20
_HEADING = 8


def print_table(table: PaperTable, console: Console) -> None:
    """The first twenty rows, numbers to the right, the note below."""
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


def _heading(title: str) -> str:
    """A long title over a column of numbers, on two lines: eight columns of them have room on a screen of 80."""
    if cell_len(title) <= _HEADING:
        return title
    at = title.find("(") if "(" in title else (len(title) + 1) // 2
    return f"{title[:at]}\n{title[at:]}"
