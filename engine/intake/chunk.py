"""Some thousands of raw rows at once: sort out what is no data, read the columns, take out the faulty rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.cells import MISSING, Cell
from engine.intake.checks import STARTS_LATER, date_roles, derive, failing, later_than
from engine.intake.columns import ColumnReader, arrow_type
from engine.intake.deliver import FoundDelivery
from engine.intake.footers import Footer, FooterLedger, FooterWords
from engine.intake.header import MatchedHeader, fold_name
from engine.intake.permission import ReadColumn, permitted_derivations
from engine.intake.quarantine import unguard
from engine.intake.rows import RawChunk
from engine.intake.wording import ROWS
from engine.records.delivery import QuarantinedRow
from engine.records.layout import Layout
from engine.records.vocabulary import Vocabulary

MAX_FIELD_BYTES = 10 * 1024
_WELL_QUOTED = re.compile(r'(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,(?:"(?:[^"]|"")*"|[^",\r\n]*))*[\r\n]*')


UNREADABLE = "W-DELIV-32"

Fault = tuple[str, str, str]
"""Column name, code, reason."""


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


@dataclass(frozen=True)
class _Sorted:
    """A chunk after total rows, blank rows, repeated headers and rows of wrong length were set aside."""

    columns: list[pa.Array]
    lines: np.ndarray
    written: list[str] | None
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
        memos: dict[str, dict[str, Cell]] = {}
        self._readers = [ColumnReader(column.rule, memos) for column in columns]
        self._roles = date_roles(layout, vocabulary)
        self._derived = permitted_derivations(layout, vocabulary)
        self._names = {column.rule.id: column.name for column in columns}
        self._words = FooterWords(layout.footer, header.footer_position)
        sums = {p: c.rule.id for c, p in zip(columns, header.positions, strict=True) if c.rule.type == "整数"}
        probe = header.positions[0] if header.footer_position is None else header.footer_position
        self._probes = sorted({probe, 0} if layout.footer else {probe})
        self._summed = list(sums.values()) if layout.footer else []
        self._ledger = FooterLedger(sums if layout.footer else {})

    @property
    def schema(self) -> pa.Schema:
        """The columns of every batch: line, value and original of each column, the derived ones, `unknown_cells`."""
        fields = [pa.field("line", pa.int64())]
        for column in self._columns:
            fields.append(pa.field(column.rule.id, arrow_type(column.rule)))
            fields.append(pa.field(f"{column.rule.id}__original", pa.string()))
        fields += [pa.field(key, pa.int64()) for key in self._derived]
        return pa.schema([*fields, pa.field("unknown_cells", pa.string())])

    def read(self, chunk: RawChunk) -> ChunkResult:
        """Read one chunk."""
        part = self._sort(chunk)
        texts = part.columns
        faults: dict[int, list[Fault]] = {}
        notes: dict[str, np.ndarray] = {}
        values: dict[str, pa.Array] = {}
        unreadable: set[str] = set()
        unknown: dict[str, np.ndarray] = {}
        for column, reader, text in zip(self._columns, self._readers, texts, strict=True):
            reading = reader.read(text)
            values[column.rule.id] = reading.values
            notes |= {f"{code} {column.name}": rows for code, rows in reading.notes.items()}
            if reading.unknown is not None:
                unknown[column.rule.id] = reading.unknown
            if column.rule.unreadable == "不明" and reading.faults:
                notes[f"{UNREADABLE} {column.name}"] = _rows(reading.faults, len(text))
                written = _rows((row for row, code in reading.faults.items() if code != MISSING), len(text))
                unknown[column.rule.id] = written | unknown.get(column.rule.id, False)
                unreadable.add(column.rule.id)
                continue
            for row, code in reading.faults.items():
                faults.setdefault(row, []).append((column.name, code, _reason(code, column)))
                unreadable.add(column.rule.id)
        self._check_dates(values, faults, notes)
        self._check_rows(values, faults)
        self._check_quotes(part, faults)
        keep = np.ones(len(part.lines), dtype=bool)
        keep[list(faults)] = False
        reasons = Counter((name, reason) for found in faults.values() for name, _, reason in found)
        reasons.update([("", ROWS["E-DELIV-51"].what)] * len(part.wrong_width))
        data_rows = len(part.lines) + len(part.wrong_width)
        summed = {key: values[key] for key in self._summed}
        if part.wrong_width:
            unreadable |= set(summed)
        return ChunkResult(
            self._batch(part, values, unknown, keep),
            data_rows,
            len(part.footers),
            part.blank,
            self._quarantine(part, faults),
            Counter({key: int((rows & keep).sum()) for key, rows in notes.items() if (rows & keep).any()}),
            reasons,
            part.repeated,
            self._too_long(part),
            self._ledger.add_chunk(data_rows, part.footers, summed, unreadable),
        )

    def _sort(self, chunk: RawChunk) -> _Sorted:
        """Set aside what is no data row of the right length. Looks closely only at rows that may be special."""
        footers: list[tuple[int, dict[int, int]]] = []
        repeated: list[int] = []
        wrong_width: list[int] = []
        blank = 0
        for row in chunk.odd:
            if not any(cell and not cell.isspace() for cell in row.cells):
                blank += 1
            elif (numbers := self._words.numbers(row.cells)) is not None:
                footers.append((row.line, numbers))
            else:
                wrong_width.append(row.line)
        special = np.zeros(len(chunk.lines), dtype=bool)
        for index in self._may_be_special(chunk):
            cells = [column[index].as_py() for column in chunk.columns]
            line = int(chunk.lines[index])
            special[index] = True
            if not any(cell and not cell.isspace() for cell in cells):
                blank += 1
            elif (numbers := self._words.numbers(cells)) is not None:
                footers.append((line, numbers))
            elif tuple(map(fold_name, cells)) == self._header.names:
                repeated.append(line)
            else:
                special[index] = False
        columns = [chunk.columns[position] for position in self._header.positions]
        lines, written = chunk.lines, chunk.written
        if special.any():
            rest = pa.array(~special)
            columns = [column.filter(rest) for column in columns]
            lines = lines[~special]
            written = [text for text, gone in zip(written, special, strict=True) if not gone] if written else None
        if self._found.is_correction:
            columns = [pa.array([unguard(text) for text in column.to_pylist()], pa.string()) for column in columns]
        counted = []
        for line, numbers in sorted(footers, key=lambda footer: footer[0]):
            readable = int(np.searchsorted(lines, line))
            before = readable + sum(wrong < line for wrong in wrong_width)
            counted.append(Footer(line, before, readable, numbers))
        return _Sorted(columns, lines, written, counted, wrong_width, repeated, blank)

    def _may_be_special(self, chunk: RawChunk) -> list[int]:
        """Rows whose probed cells are blank, a total word or the column's own name."""
        suspects: set[int] = set()
        for position in self._probes:
            column = chunk.columns[position]
            doubtful = pc.invert(pc.match_substring_regex(column, "^[0-9]"))
            rows = np.flatnonzero(doubtful.to_numpy(zero_copy_only=False))
            if not len(rows):
                continue
            encoded = column.take(pa.array(rows)).dictionary_encode()
            name = self._header.names[position]
            looks = np.array(
                [
                    not text.strip() or fold_name(text) == name or self._words.is_word(text)
                    for text in encoded.dictionary.to_pylist()
                ]
            )
            suspects.update(rows[looks[encoded.indices.to_numpy()]].tolist())
        return sorted(suspects)

    def _check_dates(
        self, values: dict[str, pa.Array], faults: dict[int, list[Fault]], notes: dict[str, np.ndarray]
    ) -> None:
        for column in self._columns:
            role = self._roles.get(column.rule.id)
            if role is None or role == "先の日":
                continue
            late = later_than(values[column.rule.id], column.rule, self._found.as_of)
            if role == "始まり" or column.rule.unreadable == "不明":
                notes[f"{STARTS_LATER} {column.name}"] = late
                continue
            for row in np.flatnonzero(late).tolist():
                faults.setdefault(row, []).append((column.name, "E-DELIV-61", ROWS["E-DELIV-61"].what))

    def _check_rows(self, values: dict[str, pa.Array], faults: dict[int, list[Fault]]) -> None:
        for check in self._layout.checks:
            broken = failing(check, values)
            if broken is None:
                continue
            names = "、".join(self._names[key] for key in check.minus)
            for row in np.flatnonzero(broken).tolist():
                faults.setdefault(row, []).append((names, "E-DELIV-60", check.reason))

    def _check_quotes(self, part: _Sorted, faults: dict[int, list[Fault]]) -> None:
        """A quotation mark inside an unquoted cell: nobody can say what was meant, so the row is quarantined."""
        if part.written is None:
            return
        doubtful: dict[int, list[str]] = {}
        for column, text in zip(self._columns, part.columns, strict=True):
            for row in np.flatnonzero(pc.match_substring(text, '"').to_numpy(zero_copy_only=False)).tolist():
                doubtful.setdefault(row, []).append(column.name)
        for row, names in sorted(doubtful.items()):
            if not _WELL_QUOTED.fullmatch(part.written[row]):
                faults.setdefault(row, []).append(("、".join(names), "E-DELIV-64", ROWS["E-DELIV-64"].what))

    def _too_long(self, part: _Sorted) -> list[int]:
        rows: set[int] = set()
        for text in part.columns:
            long = pc.greater(pc.binary_length(text), MAX_FIELD_BYTES).to_numpy(zero_copy_only=False)
            rows.update(part.lines[long].tolist())
        return sorted(rows)

    def _quarantine(self, part: _Sorted, faults: dict[int, list[Fault]]) -> list[QuarantinedRow]:
        # Cells of a row of wrong length may stand under a wrong name, even under one that may not be read: keep none.
        wording = ROWS["E-DELIV-51"]
        nothing = ("",) * len(self._columns)
        found = [
            QuarantinedRow(line, "", "E-DELIV-51", wording.what, wording.remedy, nothing) for line in part.wrong_width
        ]
        for row, reasons in faults.items():
            found.append(
                QuarantinedRow(
                    int(part.lines[row]),
                    "、".join(dict.fromkeys(name for name, _, _ in reasons)),
                    " ".join(dict.fromkeys(code for _, code, _ in reasons)),
                    "。".join(f"列「{name}」: {reason}" for name, _, reason in reasons),
                    "。".join(dict.fromkeys(ROWS[code].remedy for _, code, _ in reasons)),
                    tuple(text[row].as_py() for text in part.columns),
                )
            )
        return sorted(found, key=lambda item: item.line)

    def _batch(
        self, part: _Sorted, values: dict[str, pa.Array], unknown: dict[str, np.ndarray], keep: np.ndarray
    ) -> pa.RecordBatch:
        arrays = [pa.array(part.lines, pa.int64())]
        for column, text in zip(self._columns, part.columns, strict=True):
            arrays += [values[column.rule.id], text]
        arrays += [derive(self._layout.derivations[key], values) for key in self._derived]
        arrays.append(_named_unknown(unknown, len(part.lines)))
        batch = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
        return batch if keep.all() else batch.filter(pa.array(keep))


def _named_unknown(unknown: dict[str, np.ndarray], count: int) -> pa.Array:
    """Per row the ids of its unknown cells, sorted and joined by commas; null where there is none."""
    names = sorted(key for key, rows in unknown.items() if rows.any())
    if not names:
        return pa.nulls(count, pa.string())
    patterns, pattern_of = np.unique(np.column_stack([unknown[key] for key in names]), axis=0, return_inverse=True)
    texts = [",".join(key for key, is_unknown in zip(names, row, strict=True) if is_unknown) for row in patterns]
    return pa.array([text or None for text in texts], pa.string()).take(pa.array(pattern_of.reshape(-1)))


def _rows(faults: Iterable[int], count: int) -> np.ndarray:
    rows = np.zeros(count, dtype=bool)
    rows[list(faults)] = True
    return rows


def _reason(code: str, column: ReadColumn) -> str:
    low, high = column.rule.range or ("", "")
    return ROWS[code].what.format(low=low, high=high, digits=column.rule.digits)
