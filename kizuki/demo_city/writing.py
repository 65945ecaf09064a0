"""Sheets of text cells, and how they go to disk as a municipal system's CSV export."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kizuki.demo_city.days import NEVER
from kizuki.demo_city.randomness import Bools, Ints, Texts, happens

_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class Week:
    """One weekly delivery: its number from 1, its as-of day, and the as-of day before it (None at the initial load)."""

    number: int
    day: int
    before: int | None
    monthly: bool
    second_friday: bool

    @property
    def first(self) -> bool:
        """The initial load, which brings the full history of every source."""
        return self.before is None

    def seen(self, days: Ints) -> Ints:
        """Days after the as-of day are not known yet."""
        return np.where(days <= self.day, days, NEVER)

    def known(self, days: Ints) -> Bools:
        """What has happened by the as-of day."""
        return days <= self.day

    def new(self, days: Ints) -> Bools:
        """What has happened since the delivery before; everything at the initial load."""
        return self.known(days) if self.before is None else (days <= self.day) & (days > self.before)


@dataclass(frozen=True)
class Sheet:
    """One file to be written: `file` is the name without the date, `rows` are finished CSV lines without line ends."""

    file: str
    encoding: str
    header: Sequence[str]
    rows: Sequence[str]
    footers: Sequence[str] = ()
    newline: str = "\r\n"


@dataclass
class Columns:
    """Cells of a sheet column by column, in the order of the export; a column that a block lacks stays blank."""

    names: Sequence[str]
    _blocks: list[list[str]] = field(default_factory=list)
    quote_all: bool = False

    def add(self, cells: Mapping[str, Texts], rows: int) -> None:
        """Rows given as columns."""
        unknown = set(cells) - set(self.names)
        if unknown:
            raise KeyError(sorted(unknown))
        blank = [""] * rows
        parts = [cells[name].tolist() if name in cells else blank for name in self.names]
        if self.quote_all:
            self._blocks.append(['"' + '","'.join(row) + '"' for row in zip(*parts, strict=True)])
        else:
            self._blocks.append(list(map(",".join, zip(*parts, strict=True))))

    def rows(self) -> list[str]:
        """All lines in the order in which they were added."""
        return [row for block in self._blocks for row in block]


def quoted(texts: Texts) -> Texts:
    """Texts as quoted CSV cells where they hold a comma, a quote or a line break."""
    out = np.empty(len(texts), dtype=object)
    out[:] = ['"' + t.replace('"', '""') + '"' if any(sign in t for sign in ',"\n\r') else t for t in texts.tolist()]
    return out


def spoil(rng: np.random.Generator, texts: Texts, wrong: Sequence[str], share: float) -> Texts:
    """A copy in which a small share of the cells holds an impossible or unreadable text, as real exports do."""
    out = texts.copy()
    hit = np.flatnonzero(happens(rng, share, len(texts)))
    out[hit] = np.array([wrong[n] for n in rng.integers(0, len(wrong), len(hit)).tolist()], dtype=object)
    return out


def blank_some(rng: np.random.Generator, texts: Texts, share: float) -> Texts:
    """A copy in which some cells were left blank."""
    out = texts.copy()
    out[happens(rng, share, len(texts))] = ""
    return out


def write_sheet(sheet: Sheet, path: Path) -> tuple[int, str]:
    """Write one CSV file; gives the number of data rows and the SHA-256 of the bytes."""
    digest = hashlib.sha256()
    encoding = "utf-8" if sheet.encoding == "utf-8-sig" else sheet.encoding
    with path.open("wb") as stream:
        head = "\ufeff".encode() if sheet.encoding == "utf-8-sig" else b""
        head += (",".join(sheet.header) + sheet.newline).encode(encoding)
        stream.write(head)
        digest.update(head)
        for begin in range(0, len(sheet.rows), _ROWS_AT_ONCE):
            part = (sheet.newline.join(sheet.rows[begin : begin + _ROWS_AT_ONCE]) + sheet.newline).encode(encoding)
            stream.write(part)
            digest.update(part)
        if sheet.footers:
            tail = (sheet.newline.join(sheet.footers) + sheet.newline).encode(encoding)
            stream.write(tail)
            digest.update(tail)
    data_rows = len(sheet.rows)
    return data_rows, digest.hexdigest()
