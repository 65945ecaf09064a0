"""Splitting decoded text into rows and cells, strictly, with the physical line on which each row begins.

Two ways with one meaning: the standard library's `csv` for files with quotation marks, and Arrow's splitter, several
times faster, for files without any, where a comma is always a separator and a line end always ends a row.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.csv

CHUNK_ROWS = 50_000


@dataclass(frozen=True)
class OddRow:
    """A row with another number of cells than the header."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class RawChunk:
    """Some thousands of rows: all columns in file order as strings, their lines, and the rows of another width.

    `written` holds the rows' physical texts where the file has quotation marks, so that a doubtful row can be looked
    at again as written.
    """

    columns: list[pa.Array]
    lines: np.ndarray
    odd: list[OddRow]
    written: list[str] | None = None


@dataclass
class RowSplitter:
    """Splits one file. `header` is None for a file without a line; `begins` is the line of the row being read."""

    blocks: Iterator[str]
    quoted: bool
    begins: int = 1
    header: list[str] | None = None
    _rest: str = ""
    _kept: list[str] = field(default_factory=list)
    _rows: Iterator[list[str]] = field(default_factory=lambda: iter(()))

    def read_header(self) -> list[str] | None:
        """The first row. Raises csv.Error where its quotation marks do not close."""
        if self.quoted:
            self._rows = csv.reader(self._lines(), strict=True)
            self.header = next(self._rows, None)
        elif (first := next(self.blocks, None)) is not None:
            line = io.StringIO(first, newline="").readline()
            self._rest = first[len(line) :]
            self.header = line.rstrip("\r\n").split(",")
        return self.header

    def chunks(self) -> Iterator[RawChunk]:
        """The rows after the header."""
        assert self.header is not None
        return self._quoted_chunks(len(self.header)) if self.quoted else self._plain_chunks(len(self.header))

    def drain(self) -> None:
        """Read on to the end without splitting, so that faults of the bytes are found."""
        for _ in self.blocks:
            pass

    def _lines(self) -> Iterator[str]:
        for block in self.blocks:
            for line in io.StringIO(block, newline=""):
                self._kept.append(line)
                yield line

    def _quoted_chunks(self, width: int) -> Iterator[RawChunk]:
        reader = self._rows
        begin = self.begins = reader.line_num + 1  # type: ignore[attr-defined]
        self._kept.clear()
        rows: list[list[str]] = []
        begins: list[int] = []
        first = begin
        for row in reader:
            rows.append(row)
            begins.append(begin)
            begin = self.begins = reader.line_num + 1  # type: ignore[attr-defined]
            if len(rows) >= CHUNK_ROWS:
                yield self._chunk(rows, begins, first, width)
                self._kept.clear()
                rows, begins, first = [], [], begin
        if rows:
            yield self._chunk(rows, begins, first, width)

    def _chunk(self, rows: list[list[str]], begins: list[int], first: int, width: int) -> RawChunk:
        ends = [*begins[1:], first + len(self._kept)]
        whole = [i for i, row in enumerate(rows) if len(row) == width]
        odd = [OddRow(begins[i], row) for i, row in enumerate(rows) if len(row) != width]
        kept = rows if not odd else [rows[i] for i in whole]
        cells = list(zip(*kept, strict=True)) if kept else [()] * width
        written = ["".join(self._kept[begins[i] - first : ends[i] - first]) for i in whole]
        lines = np.array([begins[i] for i in whole], dtype=np.int64)
        return RawChunk([pa.array(column, pa.string()) for column in cells], lines, odd, written)

    def _plain_chunks(self, width: int) -> Iterator[RawChunk]:
        line = self.begins = 2
        pending, size = [self._rest], len(self._rest)
        for block in self.blocks:
            if size >= 4 << 20:
                chunk, count = _split_plain("".join(pending), width, line)
                yield chunk
                line += count
                pending, size = [], 0
            pending.append(block)
            size += len(block)
        if size:
            yield _split_plain("".join(pending), width, line)[0]


def _split_plain(text: str, width: int, first_line: int) -> tuple[RawChunk, int]:
    """Split text without quotation marks; also the number of its lines."""
    odd: list[OddRow] = []

    def set_aside(row: pyarrow.csv.InvalidRow) -> str:
        odd.append(OddRow(first_line + row.number - 1, row.text.rstrip("\r\n").split(",")))
        return "skip"

    data = codecs.BOM_UTF8 + text.encode()  # Arrow drops one leading mark; a mark inside the file is content
    names = [str(i) for i in range(width)]
    table = pyarrow.csv.read_csv(
        pa.BufferReader(data),
        read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        parse_options=pyarrow.csv.ParseOptions(
            quote_char=False, double_quote=False, ignore_empty_lines=False, invalid_row_handler=set_aside
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )
    count = table.num_rows + len(odd)
    lines = np.arange(first_line, first_line + count, dtype=np.int64)
    if odd:
        lines = np.delete(lines, [row.line - first_line for row in odd])
    columns = [column.combine_chunks() if column.num_chunks != 1 else column.chunk(0) for column in table.columns]
    return RawChunk(columns, lines, odd), count
