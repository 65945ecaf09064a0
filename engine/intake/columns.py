"""One column of many rows at once: the cell function runs once for each distinct text, Arrow does the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.cells import CHECK_DIGIT, Cell, ReadCell, cell_reader
from engine.records.layout import CellRule, CellType

_MEMO_LIMIT = 20_000
_TYPES: dict[CellType, pa.DataType] = {"日付": pa.date32(), "年月": pa.date32(), "整数": pa.int64()}


def arrow_type(rule: CellRule) -> pa.DataType:
    """date32 for 日付 and 年月, int64 for 整数, else string."""
    return _TYPES.get(rule.type, pa.string())


@dataclass
class ColumnReading:
    """One chunk of one column as read: values (null = blank, unknown or faulty), faults by row, notes counted.

    `notes` maps a note's code to the boolean rows it holds for, so that quarantined rows are not counted twice.
    """

    values: pa.Array
    faults: dict[int, str]
    notes: dict[str, np.ndarray] = field(default_factory=dict)


class ColumnReader:
    """Reads one column, chunk by chunk, remembering what frequent texts mean."""

    def __init__(self, rule: CellRule) -> None:
        self.rule = rule
        self.type = arrow_type(rule)
        self._read: ReadCell = cell_reader(rule)
        self._memo: dict[str, Cell] = {}

    def read(self, texts: pa.Array) -> ColumnReading:
        """Read a chunk of cells (strings, never null)."""
        if self.rule.type == "番号" and self.rule.digits and not self.rule.unknown:
            quick = self._read_full_numbers(texts, self.rule.digits)
            if quick is not None:
                return quick
        encoded = texts.dictionary_encode()
        cells = [self._cell(text) for text in encoded.dictionary.to_pylist()]
        values = pa.array([cell.value for cell in cells], self.type).take(encoded.indices)
        reading = ColumnReading(values, {})
        if any(cell.fault or cell.note for cell in cells):
            indices = encoded.indices.to_numpy()
            faulty = np.array([cell.fault is not None for cell in cells])[indices]
            for row in np.flatnonzero(faulty).tolist():
                reading.faults[row] = cells[indices[row]].fault or ""
            for note in sorted({cell.note for cell in cells if cell.note}):
                reading.notes[note] = np.array([cell.note == note for cell in cells])[indices]
        return reading

    def _cell(self, text: str) -> Cell:
        cell = self._memo.get(text)
        if cell is None:
            cell = self._read(text)
            if len(self._memo) < _MEMO_LIMIT:
                self._memo[text] = cell
        return cell

    def _read_full_numbers(self, texts: pa.Array, digits: int) -> ColumnReading | None:
        """The common case of a whole chunk of numbers in full length, without a Python call for each.

        None when any cell is different; then the ordinary way decides.
        """
        if not len(texts) or not pc.all(pc.match_substring_regex(texts, rf"^[0-9]{{{digits}}}\z")).as_py():
            return None
        if not self.rule.check_digit:
            return ColumnReading(texts, {})
        start = texts.offset * 4
        offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32, count=len(texts) + 1, offset=start)
        data = np.frombuffer(texts.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
        figures = data.reshape(len(texts), digits).astype(np.int32) - ord("0")
        weights = np.array([2 + i % 6 for i in range(digits - 1)][::-1], dtype=np.int32)
        remainder = (figures[:, :-1] @ weights) % 11
        wrong = figures[:, -1] != np.where(remainder <= 1, 0, 11 - remainder)
        return ColumnReading(texts, {}, {CHECK_DIGIT: wrong} if wrong.any() else {})
