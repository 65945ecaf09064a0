"""Some thousands of raw rows at once: sort out what is no data, read the columns, take out the faulty rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.checks import STARTS_LATER, date_roles, derive, failing, later_than
from engine.intake.columns import ColumnReader, arrow_type
from engine.intake.deliver import FoundDelivery
from engine.intake.footers import Footer, FooterLedger, FooterWords
from engine.intake.header import MatchedHeader, fold_name
from engine.intake.permission import ReadColumn, permitted_derivations
from engine.intake.quarantine import unguard
from engine.intake.wording import ROWS
from engine.records.delivery import QuarantinedRow
from engine.records.layout import Layout
from engine.records.vocabulary import Vocabulary

MAX_FIELD_BYTES = 10 * 1024
_MEMO_LIMIT = 10_000
_WELL_QUOTED = re.compile(r'(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,(?:"(?:[^"]|"")*"|[^",\r\n]*))*[\r\n]*')


@dataclass
class RawChunk:
    """Rows as the csv module gave them, the line each begins on, and the physical lines from `first_line` on."""

    rows: list[list[str]]
    lines: list[int]
    written: list[str]
    first_line: int


@dataclass(frozen=True)
class ChunkResult:
    """What became of a chunk; `notes` counts by "<code> <column>", `reasons` by (column, reason)."""

    batch: pa.RecordBatch
    received: int
    footers: int
    blank_lines: int
    quarantined: list[QuarantinedRow]
    notes: Counter[str]
    reasons: Counter[tuple[str, str]]
    repeated_headers: list[int]
    too_long: list[int]
    wrong_footers: list[int]


@dataclass
class _Sorted:
    """A chunk after total rows, blank rows, repeated headers and rows of wrong length were set aside."""

    rows: list[list[str]]
    lines: list[int]
    ends: list[int]
    footers: list[Footer]
    wrong_width: list[int]
    repeated: list[int]
    blank: int


class ChunkReader:
    """Reads the chunks of one file in order, keeping the running totals that total rows are checked against."""

    def __init__(
        self,
        found: FoundDelivery,
        layout: Layout,
        vocabulary: Vocabulary,
        columns: Sequence[ReadColumn],
        header: MatchedHeader,
    ) -> None:
        self._found = found
        self._layout = layout
        self._columns = columns
        self._header = header
        self._readers = [ColumnReader(column.rule) for column in columns]
        self._roles = date_roles(layout, vocabulary)
        self._derived = permitted_derivations(layout, vocabulary)
        self._names = {column.rule.id: column.name for column in columns}
        self._words = FooterWords(layout.footer, header.footer_position)
        sums = {p: c.rule.id for c, p in zip(columns, header.positions, strict=True) if c.rule.type == "整数"}
        self._ordinary: set[str] = set()
        self._ledger = FooterLedger(sums if layout.footer else {})

    @property
    def schema(self) -> pa.Schema:
        """The columns of every batch: line, then value and original of each column, then the derived ones."""
        fields = [pa.field("line", pa.int64())]
        for column in self._columns:
            fields.append(pa.field(column.rule.id, arrow_type(column.rule)))
            fields.append(pa.field(f"{column.rule.id}__original", pa.string()))
        return pa.schema([*fields, *(pa.field(key, pa.int64()) for key in self._derived)])

    def read(self, chunk: RawChunk) -> ChunkResult:
        """Read one chunk."""
        part = self._sort(chunk)
        texts = self._texts(part)
        faults: dict[int, list[tuple[str, str, str]]] = {}
        readings = [reader.read(column) for reader, column in zip(self._readers, texts, strict=True)]
        values = {column.rule.id: reading.values for column, reading in zip(self._columns, readings, strict=True)}
        for column, reading in zip(self._columns, readings, strict=True):
            for row, code in reading.faults.items():
                faults.setdefault(row, []).append((column.name, code, _reason(code, column)))
        notes = {f"{k} {c.name}": v for c, r in zip(self._columns, readings, strict=True) for k, v in r.notes.items()}
        self._check_dates(values, faults, notes)
        self._check_rows(values, faults)
        too_long = self._check_texts(part, texts, chunk, faults)
        summed = {key: values[key] for key in self._ledger_ids()}
        unreadable = {c.rule.id for c, r in zip(self._columns, readings, strict=True) if r.faults}
        if part.wrong_width:
            unreadable |= set(summed)
        data_rows = len(part.rows) + len(part.wrong_width)
        wrong_footers = self._ledger.add_chunk(data_rows, part.footers, summed, unreadable)
        keep = np.ones(len(part.rows), dtype=bool)
        keep[list(faults)] = False
        quarantined = self._quarantine(part, faults)
        reasons = Counter((name, reason) for found in faults.values() for name, _, reason in found)
        reasons.update([("", ROWS["E-DELIV-51"].what)] * len(part.wrong_width))
        return ChunkResult(
            self._batch(part, texts, values, keep),
            data_rows,
            len(part.footers),
            part.blank,
            quarantined,
            Counter({key: int((rows & keep).sum()) for key, rows in notes.items() if (rows & keep).any()}),
            reasons,
            part.repeated,
            too_long,
            wrong_footers,
        )

    def _ledger_ids(self) -> list[str]:
        return [c.rule.id for c in self._columns if c.rule.type == "整数"] if self._layout.footer else []

    def _sort(self, chunk: RawChunk) -> _Sorted:
        """Set aside what is no data row of the right length. Looks closely only at rows that may be special."""
        width, names = self._header.width, self._header.names
        probe = self._header.footer_position if self._header.footer_position is not None else self._header.positions[0]
        footer_rule = self._layout.footer is not None
        special: dict[int, str | dict[int, int]] = {}
        ordinary = self._ordinary
        for i, row in enumerate(chunk.rows):
            text = row[probe] if len(row) == width else ""
            if (text[:1].isdigit() or text in ordinary) and not (footer_rule and row[0][:1] > "9"):
                continue
            if not any(cell and not cell.isspace() for cell in row):
                special[i] = "blank"
            elif (numbers := self._words.numbers(row)) is not None:
                special[i] = numbers
            elif len(row) != width:
                special[i] = "width"
            elif fold_name(row[probe]) == names[probe] and tuple(map(fold_name, row)) == names:
                special[i] = "header"
            elif not footer_rule and text and len(ordinary) < _MEMO_LIMIT and fold_name(text) != names[probe]:
                ordinary.add(text)
        ends = [*chunk.lines[1:], chunk.first_line + len(chunk.written)]
        if not special:
            return _Sorted(chunk.rows, chunk.lines, ends, [], [], [], 0)
        result = _Sorted([], [], [], [], [], [], 0)
        for i, row in enumerate(chunk.rows):
            kind = special.get(i)
            match kind:
                case None:
                    result.rows.append(row)
                    result.lines.append(chunk.lines[i])
                    result.ends.append(ends[i])
                case "blank":
                    result.blank += 1
                case "width":
                    result.wrong_width.append(chunk.lines[i])
                case "header":
                    result.repeated.append(chunk.lines[i])
                case dict():
                    before = len(result.rows)
                    result.footers.append(Footer(chunk.lines[i], before + len(result.wrong_width), before, kind))
        return result

    def _texts(self, part: _Sorted) -> list[pa.Array]:
        cells = list(zip(*part.rows, strict=True)) if part.rows else [()] * self._header.width
        if not self._found.is_correction:
            return [pa.array(cells[position], pa.string()) for position in self._header.positions]
        return [pa.array([unguard(text) for text in cells[p]], pa.string()) for p in self._header.positions]

    def _check_dates(
        self, values: dict[str, pa.Array], faults: dict[int, list[tuple[str, str, str]]], notes: dict[str, np.ndarray]
    ) -> None:
        for column in self._columns:
            role = self._roles.get(column.rule.id)
            if role is None or role == "先の日":
                continue
            late = later_than(values[column.rule.id], column.rule, self._found.as_of)
            if role == "始まり":
                notes[f"{STARTS_LATER} {column.name}"] = late
                continue
            for row in np.flatnonzero(late).tolist():
                faults.setdefault(row, []).append((column.name, "E-DELIV-61", ROWS["E-DELIV-61"].what))

    def _check_rows(self, values: dict[str, pa.Array], faults: dict[int, list[tuple[str, str, str]]]) -> None:
        for check in self._layout.checks:
            broken = failing(check, values)
            if broken is None:
                continue
            names = "、".join(self._names[key] for key in check.minus)
            for row in np.flatnonzero(broken).tolist():
                faults.setdefault(row, []).append((names, "E-DELIV-60", check.reason))

    def _check_texts(
        self,
        part: _Sorted,
        texts: Sequence[pa.Array],
        chunk: RawChunk,
        faults: dict[int, list[tuple[str, str, str]]],
    ) -> list[int]:
        """Stray quotes (the row is quarantined) and fields too long to be true (the file is refused)."""
        too_long: set[int] = set()
        doubtful: set[int] = set()
        for column in texts:
            long = pc.greater(pc.binary_length(column), MAX_FIELD_BYTES).to_numpy(zero_copy_only=False)
            too_long.update(part.lines[row] for row in np.flatnonzero(long).tolist())
            quoted = pc.match_substring(column, '"').to_numpy(zero_copy_only=False)
            doubtful.update(np.flatnonzero(quoted).tolist())
        for row in sorted(doubtful):
            first, end = part.lines[row] - chunk.first_line, part.ends[row] - chunk.first_line
            if not _WELL_QUOTED.fullmatch("".join(chunk.written[first:end])):
                names = "、".join(
                    c.name for c, text in zip(self._columns, texts, strict=True) if '"' in text[row].as_py()
                )
                faults.setdefault(row, []).append((names, "E-DELIV-64", ROWS["E-DELIV-64"].what))
        return sorted(too_long)

    def _quarantine(self, part: _Sorted, faults: dict[int, list[tuple[str, str, str]]]) -> list[QuarantinedRow]:
        # Cells of a row of wrong length may stand under a wrong name, even under one that may not be read: keep none.
        wording = ROWS["E-DELIV-51"]
        nothing = ("",) * len(self._columns)
        found = [
            QuarantinedRow(line, "", "E-DELIV-51", wording.what, wording.remedy, nothing) for line in part.wrong_width
        ]
        clean = unguard if self._found.is_correction else str
        for row, reasons in faults.items():
            cells = tuple(clean(part.rows[row][position]) for position in self._header.positions)
            found.append(
                QuarantinedRow(
                    part.lines[row],
                    "、".join(name for name, _, _ in reasons),
                    " ".join(dict.fromkeys(code for _, code, _ in reasons)),
                    "。".join(f"列「{name}」: {reason}" for name, _, reason in reasons),
                    "。".join(dict.fromkeys(ROWS[code].remedy for _, code, _ in reasons)),
                    cells,
                )
            )
        return sorted(found, key=lambda item: item.line)

    def _batch(
        self, part: _Sorted, texts: Sequence[pa.Array], values: dict[str, pa.Array], keep: np.ndarray
    ) -> pa.RecordBatch:
        arrays = [pa.array(part.lines, pa.int64())]
        for column, text in zip(self._columns, texts, strict=True):
            arrays += [values[column.rule.id], text]
        arrays += [derive(self._layout.derivations[key], values) for key in self._derived]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
        return batch if keep.all() else batch.filter(pa.array(keep))


def _reason(code: str, column: ReadColumn) -> str:
    low, high = column.rule.range or ("", "")
    return ROWS[code].what.format(low=low, high=high, digits=column.rule.digits)
