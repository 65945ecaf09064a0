"""The strict reader: one delivered file in, one `CleanTable` out, or every reason why the file is refused.

Rows are read in chunks; per chunk each permitted column becomes an Arrow array, faulty rows are taken out, and only
the typed columns and the original texts stay in memory.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from engine.intake.chunk import MAX_FIELD_BYTES, ChunkReader
from engine.intake.deliver import FoundDelivery
from engine.intake.header import MatchedHeader, match_header
from engine.intake.lines import DecodedFile, has_quotes
from engine.intake.permission import permitted_columns, register_labels
from engine.intake.rows import RawChunk, RowSplitter
from engine.intake.wording import list_lines, problem
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.delivery import CleanTable, Delivery, QuarantinedRow
from engine.records.layout import Layout
from engine.records.vocabulary import Vocabulary

_SHOWN_REASONS = 5
_BOM = b"\xef\xbb\xbf"


@dataclass
class _Reading:
    """What has been read of one file so far."""

    received: int = 0
    footers: int = 0
    blank_lines: int = 0
    batches: list[pa.RecordBatch] = field(default_factory=list)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    repeated: list[int] = field(default_factory=list)
    too_long: list[int] = field(default_factory=list)
    wrong_footers: list[int] = field(default_factory=list)
    last_row_cells: int = 0
    last_line: int = 1


def read_delivery(found: FoundDelivery, layout: Layout, vocabulary: Vocabulary) -> CleanTable:
    """Read one delivered file as its layout says.

    The table has one row per used data row: `line` (physical first line, from 1), then for each permitted column
    `<id>` (typed; null = blank or unknown) and `<id>__original` (as delivered), then the derived columns and
    `unknown_cells` (see `CleanTable`). Rows that cannot be used are in `quarantined`. Control totals: received = used +
    quarantined; total rows are no data.

    Raises KizukiError with every problem of the file (E-DELIV-05, -11, -21 … -37). No message holds a cell.
    """
    encoding = _encoding(found, layout)
    place = Place(found.file)
    file = DecodedFile(found.path, encoding, place)
    columns = permitted_columns(layout, vocabulary)
    reading = _Reading()
    problems: list[Problem] = []
    splitter = RowSplitter(file.blocks(), quoted=has_quotes(found.path))
    header: MatchedHeader | None = None
    schema: pa.Schema | None = None
    try:
        first = splitter.read_header()
        if first is not None and not file.is_another_encoding:
            header, faults = match_header(
                first,
                layout,
                columns,
                register_labels(vocabulary),
                is_correction=found.is_correction,
                path=found.path,
                file=found.file,
            )
            problems += faults
        if header:
            chunk_reader = ChunkReader(found, layout, vocabulary, columns, header)
            schema = chunk_reader.schema
            for chunk in splitter.chunks():
                _take(chunk, chunk_reader, reading)
    except csv.Error as error:
        problems.append(_csv_problem(str(error), Place(found.file, splitter.begins)))
    splitter.drain()
    problems += file.problems
    problems += _file_problems(found, layout, file, header, reading, complete=not problems)
    if problems:
        raise KizukiError(problems)
    assert header is not None
    assert schema is not None
    table = pa.Table.from_batches(reading.batches, schema)
    if reading.received != table.num_rows + len(reading.quarantined):
        raise AssertionError("rows were lost while reading a delivery")
    return CleanTable(_delivery(found, encoding, file, header, reading), table, tuple(reading.quarantined))


def _encoding(found: FoundDelivery, layout: Layout) -> str:
    """As declared; a correction that was saved in a spreadsheet may instead be UTF-8 with BOM, as its mark proves."""
    if found.is_correction:
        with found.path.open("rb") as file:
            if file.read(3) == _BOM:
                return "utf-8-sig"
    return layout.encoding


def _take(chunk: RawChunk, reader: ChunkReader, reading: _Reading) -> None:
    result = reader.read(chunk)
    reading.received += result.received
    reading.footers += result.footers
    reading.blank_lines += result.blank_lines
    reading.batches.append(result.batch)
    reading.quarantined += result.quarantined
    reading.notes.update(result.notes)
    reading.reasons.update(result.reasons)
    reading.repeated += result.repeated_headers
    reading.too_long += result.too_long
    reading.wrong_footers += result.wrong_footers
    last = int(chunk.lines[-1]) if len(chunk.lines) else 0
    short = [row for row in chunk.odd if row.line > last]
    reading.last_line = short[-1].line if short else last
    reading.last_row_cells = len(short[-1].cells) if short else len(chunk.columns)


def _csv_problem(error: str, place: Place) -> Problem:
    if "unexpected end of data" in error or "expected after" in error:
        return problem("E-DELIV-32", place)
    if "field larger than field limit" in error:
        return problem("E-DELIV-36", place, limit=MAX_FIELD_BYTES // 1024, lines=list_lines([place.line or 1]))
    return problem("E-DELIV-37", place)


def _file_problems(
    found: FoundDelivery,
    layout: Layout,
    file: DecodedFile,
    header: MatchedHeader | None,
    reading: _Reading,
    *,
    complete: bool,
) -> Iterator[Problem]:
    """Faults of the file as a whole; totals only where the file could be read to its end."""
    place = Place(found.file)
    if complete and header is None and not file.problems:
        yield problem("E-DELIV-26", place)
    if header is None:
        return
    if reading.repeated:
        lines_text = list_lines(reading.repeated)
        yield problem("E-DELIV-31", Place(found.file, min(reading.repeated)), lines=lines_text)
    if reading.too_long:
        at = Place(found.file, min(reading.too_long))
        yield problem("E-DELIV-36", at, limit=MAX_FIELD_BYTES // 1024, lines=list_lines(reading.too_long))
    if not complete or file.problems:
        return
    if file.sha256 != found.sha256:
        yield problem("E-DELIV-11", place)
    if not file.ends_with_newline and reading.received and 0 < reading.last_row_cells < header.width:
        yield problem("E-DELIV-33", Place(found.file, reading.last_line))
    for line in reading.wrong_footers:
        yield problem("E-DELIV-34", Place(found.file, line), actual=reading.received)
    if found.listed_rows is not None and found.listed_rows != reading.received:
        yield problem("E-DELIV-05", place, expected=found.listed_rows, actual=reading.received)
    if not reading.received and layout.delivery == "全件" and not layout.may_be_empty and not found.is_correction:
        yield problem("E-DELIV-27", place)
    if len(reading.quarantined) > layout.quarantine_limit * reading.received and not found.is_correction:
        yield problem(
            "E-DELIV-35",
            place,
            received=reading.received,
            quarantined=len(reading.quarantined),
            limit=f"{layout.quarantine_limit:.1%}",
            reasons=_reasons(reading),
        )


def _reasons(reading: _Reading) -> str:
    common = sorted(reading.reasons.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN_REASONS]
    return "、".join(
        f"列「{column}」{reason}({count}行)" if column else f"{reason}({count}行)" for (column, reason), count in common
    )


def _delivery(
    found: FoundDelivery, encoding: str, file: DecodedFile, header: MatchedHeader, reading: _Reading
) -> Delivery:
    notes = Counter(reading.notes)
    if not file.ends_with_newline and reading.received:
        notes["W-DELIV-26"] = 1
    if reading.blank_lines:
        notes["W-DELIV-27"] = reading.blank_lines
    if not reading.received:
        notes["W-DELIV-29"] = 1
    return Delivery(
        source=found.source,
        label=found.label,
        file=found.file,
        sha256=file.sha256,
        bytes=file.bytes,
        encoding=encoding,
        as_of=found.as_of,
        received=reading.received,
        used=reading.received - len(reading.quarantined),
        quarantined=len(reading.quarantined),
        footer_rows=reading.footers,
        left_out_columns=header.left_out,
        warnings=dict(sorted(notes.items())),
    )
