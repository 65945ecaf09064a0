"""One column of many rows at once: what Arrow can do alone, and the cell function once for each distinct text.

The cell functions of `cells.py` define the meaning. `_quick_*` only recognise the texts for which their result is
plain to see (a number in full length, a name without odd characters); every other text goes through the function.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.cells import CHECK_DIGIT, Cell, ReadCell, cell_reader
from engine.records.layout import CellRule, CellType

_MEMO_LIMIT = 5_000
_DATE_MEMO_LIMIT = 60_000  # more than all the days on which living people were born
_TYPES: dict[CellType, pa.DataType] = {"日付": pa.date32(), "年月": pa.date32(), "整数": pa.int64()}

# No white space, no private use, no mark of a missing glyph: kept as written.
_KEPT = (
    r"[^\x00-\x20\x7f-\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
    r"〓\x{e000}-\x{f8ff}\x{fffd}\x{f0000}-\x{10ffff}]"
)
# Characters that NFKC leaves alone, whatever stands beside them.
_STABLE = "[!-~ぁ-ゖァ-ヺー・一-鿋々]"
# With the full-width and half-width forms, whose folding has not changed since Unicode 3.
_FOLDING = "[!-~ぁ-ゖァ-ヺー・一-鿋々！-～ｦ-ﾟ]"


def arrow_type(rule: CellRule) -> pa.DataType:
    """date32 for 日付 and 年月, int64 for 整数, else string."""
    return _TYPES.get(rule.type, pa.string())


@dataclass
class ColumnReading:
    """One chunk of one column as read: values (null = blank, unknown or faulty), faults by row, notes counted.

    `unknown`: the boolean rows whose cell says that the value is not known (不詳), None if there is none. `notes` maps a
    note's code to the boolean rows it holds for, so that quarantined rows are not counted twice.
    """

    values: pa.Array
    faults: dict[int, str] = field(default_factory=dict)
    notes: dict[str, np.ndarray] = field(default_factory=dict)
    unknown: np.ndarray | None = None


class ColumnReader:
    """Reads one column, chunk by chunk, remembering what frequent texts mean.

    `memos` is shared by the columns of one file, so that a date is read once for all of them.
    """

    def __init__(self, rule: CellRule, memos: dict[str, dict[str, Cell]]) -> None:
        self.rule = rule
        self.type = arrow_type(rule)
        self._read: ReadCell = cell_reader(rule)
        is_date = rule.type == "日付"
        self._memo = memos.setdefault(f"日付 {rule.required} {rule.unknown}" if is_date else rule.id, {})
        self._memo_limit = _DATE_MEMO_LIMIT if is_date else _MEMO_LIMIT

    def read(self, texts: pa.Array) -> ColumnReading:
        """Read a chunk of cells (strings, never null)."""
        quick = self._quick(texts)
        if quick is None:
            return self._read_distinct(texts)
        values, easy, notes = quick
        hard = np.flatnonzero(~easy)
        if not len(hard):
            return ColumnReading(values, notes=notes)
        rest = self._read_distinct(texts.take(pa.array(hard)))
        values = pc.replace_with_mask(values, pa.array(~easy), rest.values)
        reading = ColumnReading(values, {int(hard[row]): code for row, code in rest.faults.items()}, notes)
        for code, rows in rest.notes.items():
            everywhere = np.zeros(len(texts), dtype=bool)
            everywhere[hard] = rows
            reading.notes[code] = everywhere | reading.notes[code] if code in reading.notes else everywhere
        if rest.unknown is not None:
            reading.unknown = np.zeros(len(texts), dtype=bool)
            reading.unknown[hard] = rest.unknown
        return reading

    def _quick(self, texts: pa.Array) -> tuple[pa.Array, np.ndarray, dict[str, np.ndarray]] | None:
        """Values, the rows for which they are right, and notes on those rows; None where it would not help."""
        if self.rule.unknown:
            return None
        match self.rule.type:
            case "番号" if self.rule.digits and self.rule.digits > 4:
                return _quick_numbers(texts, self.rule.digits, self.rule.check_digit)
            case "整数":
                return _quick_integers(texts, self.rule.range)
            case "氏名" | "住所":
                spaced = pc.replace_substring(texts, "　", " ")
                return spaced, _matches(spaced, rf"^{_KEPT}+(?: {_KEPT}+)*\z"), {}
            case "カナ" | "文字":
                return _quick_folded(texts)
            case _:
                return None

    def _read_distinct(self, texts: pa.Array) -> ColumnReading:
        encoded = texts.dictionary_encode()
        cells = [self._cell(text) for text in encoded.dictionary.to_pylist()]
        reading = ColumnReading(pa.array([cell.value for cell in cells], self.type).take(encoded.indices))
        if any([cell.fault or cell.note or cell.unknown for cell in cells]):  # noqa: C419 - a list is faster here
            indices = encoded.indices.to_numpy()
            faulty = np.array([cell.fault is not None for cell in cells])[indices]
            for row in np.flatnonzero(faulty).tolist():
                reading.faults[row] = cells[indices[row]].fault or ""
            for note in sorted({cell.note for cell in cells if cell.note}):
                reading.notes[note] = np.array([cell.note == note for cell in cells])[indices]
            unknown = np.array([cell.unknown for cell in cells])[indices]
            reading.unknown = unknown if unknown.any() else None
        return reading

    def _cell(self, text: str) -> Cell:
        cell = self._memo.get(text)
        if cell is None:
            cell = self._read(text)
            if len(self._memo) < self._memo_limit:
                self._memo[text] = cell
        return cell


def _matches(texts: pa.Array, pattern: str) -> np.ndarray:
    found: np.ndarray = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


def _quick_folded(texts: pa.Array) -> tuple[pa.Array, np.ndarray, dict[str, np.ndarray]]:
    spaced = pc.replace_substring(texts, "　", " ")
    stable = _matches(spaced, rf"^{_STABLE}+(?: {_STABLE}+)*\z")
    if stable.all():
        return spaced, stable, {}
    folding = _matches(spaced, rf"^{_FOLDING}+(?: {_FOLDING}+)*\z")
    return (pc.utf8_normalize(spaced, "NFKC"), folding, {}) if folding.any() else (spaced, stable, {})


def _quick_integers(
    texts: pa.Array, limits: tuple[int, int] | None
) -> tuple[pa.Array, np.ndarray, dict[str, np.ndarray]]:
    figures = pc.match_substring_regex(texts, r"^[0-9]{1,9}\z")
    values = pc.cast(pc.if_else(figures, texts, pa.scalar("0")), pa.int64())
    if limits:
        figures = pc.and_(figures, pc.and_(pc.greater_equal(values, limits[0]), pc.less_equal(values, limits[1])))
    return values, figures.to_numpy(zero_copy_only=False), {}


def _quick_numbers(texts: pa.Array, digits: int, check: bool) -> tuple[pa.Array, np.ndarray, dict[str, np.ndarray]]:
    easy = _matches(texts, rf"^[0-9]{{{digits}}}\z")
    if not check or not easy.any():
        return texts, easy, {}
    whole = texts if easy.all() else texts.filter(pa.array(easy))
    offsets = np.frombuffer(whole.buffers()[1], dtype=np.int32, count=len(whole) + 1, offset=whole.offset * 4)
    data = np.frombuffer(whole.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    figures = data.reshape(len(whole), digits).astype(np.int32) - ord("0")
    weights = np.array([2 + i % 6 for i in range(digits - 1)][::-1], dtype=np.int32)
    remainder = (figures[:, :-1] @ weights) % 11
    wrong = np.zeros(len(texts), dtype=bool)
    wrong[easy] = figures[:, -1] != np.where(remainder <= 1, 0, 11 - remainder)
    return texts, easy, {CHECK_DIGIT: wrong} if wrong.any() else {}
