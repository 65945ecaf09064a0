"""What a change of the rules does to the list, as headings and tables: one description for the screen and for the workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

Cell = str | int


@dataclass(frozen=True)
class Column:
    """A column's heading, its width in full-width characters, and whether it holds numbers."""

    title: str
    width: int
    is_number: bool = False


@dataclass(frozen=True)
class PaperTable:
    """A table with its heading; `note` stands below it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class PaperSheet:
    """One sheet of the workbook: lines of text, then tables."""

    name: str
    lines: tuple[str, ...]
    tables: tuple[PaperTable, ...]


@dataclass(frozen=True)
class ImpactPaper:
    """The whole: which run it is compared with, the headline, and the sheets. Pseudonyms and counts only.

    `alarm` is what must be read first because the comparison may not be trusted; empty if nothing.
    """

    city: str
    run_id: str
    as_of: date
    headline: tuple[str, ...]
    alarm: tuple[str, ...]
    sheets: tuple[PaperSheet, ...]
