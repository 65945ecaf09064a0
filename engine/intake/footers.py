"""Total rows (合計行): no data, but their numbers must agree with the rows that were read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.cells import fold
from engine.kernel.dates import parse_date
from engine.records.layout import FooterRule

_COUNT = re.compile(r"-?[\d,]+件?$")


@dataclass(frozen=True)
class Footer:
    """One total row: its line, how many rows of its chunk come before it, and the numbers in it by position."""

    line: int
    rows_before: int
    readable_before: int
    numbers: Mapping[int, int]


class FooterWords:
    """Recognises total rows of one layout: the word stands in the footer column or in the first cell."""

    def __init__(self, rule: FooterRule | None, position: int | None) -> None:
        self.position = position
        words = "|".join(map(re.escape, sorted(map(fold, rule.words), key=len, reverse=True))) if rule else ""
        self._pattern = re.compile(rf"(?:{words})\s*:?\s*([\d,]+件?)?$") if rule else None

    def is_word(self, text: str) -> bool:
        """Whether a cell may mark a total row."""
        return self._pattern is not None and self._pattern.match(fold(text)) is not None

    def numbers(self, row: Sequence[str]) -> dict[int, int] | None:
        """The numbers of a total row by position, or None if the row is data."""
        if self._pattern is None:
            return None
        for position in {0, self.position if self.position is not None else 0}:
            if position < len(row) and (match := self._pattern.match(fold(row[position]))):
                found = {i: _count(folded) for i, cell in enumerate(row) if _is_count(folded := fold(cell))}
                return found | ({position: _count(match[1])} if match[1] else {})
        return None


def _is_count(text: str) -> bool:
    """A number, but not the day on which the file was made."""
    return _COUNT.match(text) is not None and not (len(text) == 8 and isinstance(parse_date(text), date))


def _count(text: str) -> int:
    return int(text.replace(",", "").removesuffix("件"))


class FooterLedger:
    """Running row counts and column sums, over all rows and since the last total row (学校計 and other subtotals)."""

    def __init__(self, sum_ids: Mapping[int, str]) -> None:
        self._ids = sum_ids
        self._rows = [0, 0]
        self._sums: dict[str, list[int]] = {key: [0, 0] for key in sum_ids.values()}
        self._unreadable: set[str] = set()

    def add_chunk(
        self, rows: int, footers: Sequence[Footer], values: Mapping[str, pa.Array], unreadable: set[str]
    ) -> list[int]:
        """Count a chunk; returns the lines of total rows that do not agree.

        A number agrees with the rows so far, the rows since the last total row, or (in a number column) the sum of
        its column over either span. Where a cell of that column could not be read, its sum cannot be judged.
        """
        self._unreadable |= unreadable
        wrong = []
        seen_rows = seen_values = 0
        for footer in footers:
            self._count(footer.rows_before - seen_rows, values, seen_values, footer.readable_before)
            seen_rows, seen_values = footer.rows_before, footer.readable_before
            if not all(self._agrees(position, number) for position, number in footer.numbers.items()):
                wrong.append(footer.line)
            self._rows[1] = 0
            for sums in self._sums.values():
                sums[1] = 0
        readable = len(next(iter(values.values()))) if values else 0
        self._count(rows - seen_rows, values, seen_values, readable)
        return wrong

    def _count(self, rows: int, values: Mapping[str, pa.Array], begin: int, end: int) -> None:
        self._rows = [count + rows for count in self._rows]
        for key, sums in self._sums.items():
            part = pc.sum(values[key].slice(begin, end - begin)).as_py() or 0
            self._sums[key] = [total + part for total in sums]

    def _agrees(self, position: int, number: int) -> bool:
        key = self._ids.get(position)
        if number in self._rows:
            return True
        return key is not None and (key in self._unreadable or number in self._sums[key])
