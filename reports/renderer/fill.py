"""Run a template sheet's program over the data: rows with values come out, every faulty cell is noted, none stops the rest."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from engine.kernel.errors import Problem
from reports.figures.figure import Figure, Label
from reports.inert import inert
from reports.renderer.language import is_missing, refuse, runtime_problem
from reports.renderer.template import TemplateSheet


@dataclass(frozen=True)
class Link:
    """Text that leads to a cell of another sheet in the same workbook."""

    text: str
    sheet: str


Value = str | int | date | Link | Figure | None


@dataclass
class FilledRow:
    """One row to print: the template row it comes from and the values of its filled cells by column.

    `at`: its place before anything is left out or moved. `may_break`: a page may end before it.
    `block`: which of the blocks that may go to a second page it belongs to, 0 for none; `degree` of that block.
    """

    source: int
    values: dict[int, Value] = field(default_factory=dict)
    at: int = 0
    may_break: bool = False
    block: int = 0
    degree: int = 0


@dataclass
class FilledSheet:
    """All rows of one sheet in order. `second_from`: index of the row with which the second page begins, None where no row was sent there."""

    rows: list[FilledRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    second_from: int | None = None


_NOTHING = object()


class _Run:
    """What the program calls while it runs."""

    def __init__(self, sheet: TemplateSheet, wording: Callable[[str], str], names: tuple[str, ...]) -> None:
        self.sheet = sheet
        self.wording = wording
        self.names = names
        self.filled = FilledSheet()
        self.pending: object = _NOTHING
        self.may_end = False
        self.blocks = 0
        self.block = self.degree = 0
        self.typed = {(row.number, cell.column) for row in sheet.rows.values() for cell in row.cells if cell.typed}

    def row(self, number: int) -> str:
        rows = self.filled.rows
        rows.append(FilledRow(number, {}, len(rows), self.may_end, self.block, self.degree))
        self.may_end = False
        return ""

    def may_break(self) -> str:
        self.may_end = True
        return ""

    def second(self, degree: int) -> str:
        """A block that may go to the second page begins, or (0) ends."""
        self.blocks += bool(degree)
        self.block, self.degree = (self.blocks, degree) if degree else (0, 0)
        return ""

    def value(self, value: object) -> str:
        self.pending = value
        return ""

    def cell(self, row: int, column: int, caller: Callable[[], str]) -> str:
        self.pending = _NOTHING
        try:
            text = caller()
            result = self._accept(self.pending if (row, column) in self.typed else text)
        except Exception as error:
            self.filled.problems.append(
                runtime_problem(self.sheet.spot(row, column), error, self.sheet.sources[row, column], self.names)
            )
            return ""
        self.filled.rows[-1].values[column] = result
        return ""

    def _accept(self, value: object) -> Value:
        if is_missing(value):
            str(value)  # raises with the nearest name
        if isinstance(value, str):
            return inert(self.wording(value))
        if isinstance(value, Link):
            return Link(inert(self.wording(value.text)), value.sheet)
        if isinstance(value, Figure):
            return _with_words(value, lambda text: inert(self.wording(text)))
        if value is None or isinstance(value, date) or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        return refuse(value)


def _with_words(figure: Figure, wording: Callable[[str], str]) -> Figure:
    """The figure with every text of it as `wording` gives it."""
    shapes = tuple(replace(one, text=wording(one.text)) if isinstance(one, Label) else one for one in figure.shapes)
    return replace(figure, shapes=shapes, description=wording(figure.description))


def fill_sheet(sheet: TemplateSheet, context: Mapping[str, Any], wording: Callable[[str], str]) -> FilledSheet:
    """The rows of one output sheet. Problems are returned, all of them, each with its cell."""
    run = _Run(sheet, wording, tuple(context))
    calls = {
        "_row": run.row, "_cell": run.cell, "_value": run.value, "_may_break": run.may_break, "_second": run.second, "_newline": "\n",
    }
    try:
        sheet.program.render({**context, **calls})
    except Exception as error:
        row, column = _where(sheet, error)
        run.filled.problems.append(
            runtime_problem(sheet.spot(row, column), error, sheet.sources[row, column], run.names)
        )
    return run.filled


def _where(sheet: TemplateSheet, error: Exception) -> tuple[int, int]:
    """The cell whose source line raised: the innermost frame of the program."""
    found = 1
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == f"<{sheet.title}>" and frame.lineno:
            found = frame.lineno
    return sheet.lines[min(found, len(sheet.lines)) - 1]
