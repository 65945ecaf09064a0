"""A paper of tables: sheets with lines of text and tables, described once for every way to show it."""

from __future__ import annotations

from dataclasses import dataclass

Cell = str | int


@dataclass(frozen=True)
class Column:
    """A column's heading, its width in full-width characters, and whether it holds numbers."""

    title: str
    width: int
    is_number: bool = False


@dataclass(frozen=True)
class PaperTable:
    """A table with its heading; `note` stands below it. `headings`: places (from 0) of rows that head the rows after them."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    headings: frozenset[int] = frozenset()


@dataclass(frozen=True)
class PaperSheet:
    """One sheet of the workbook: lines of text, then tables."""

    name: str
    lines: tuple[str, ...]
    tables: tuple[PaperTable, ...]


@dataclass(frozen=True)
class TablePaper:
    """A workbook of tables. Whoever makes one decides what may stand in it: only the papers of a disclosure hold names and values
    of a person; trace, impact and second opinion hold pseudonyms, facts by their wording, and counts.

    `title` is followed by the sheet's name; `alarm` is what must be read first, empty if nothing. `handling` stands at the head of
    every page (取扱注意 …), `belongs_to` beside it, `made_by` at its foot.
    """

    title: str
    subtitle: str
    alarm: tuple[str, ...]
    sheets: tuple[PaperSheet, ...]
    handling: str
    belongs_to: str
    made_by: str
