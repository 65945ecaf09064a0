"""Linked rows to record tables: each row becomes at most one record of each kind its layout names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.kernel.keys import make_keys
from engine.linkage.register import column
from engine.records.layout import Layout, RecordRule
from engine.records.vocabulary import RecordKind, Vocabulary

_ARROW_TYPES = {"区分": pa.string(), "文字": pa.string(), "整数": pa.int64(), "日付": pa.date32()}
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Subjects:
    """Whose row each is: `codes` index `keys` (sorted), -1 where the row is linked to nobody."""

    codes: npt.NDArray[np.int64]
    keys: pa.Array

    def distinct(self, rows: npt.NDArray[np.bool_]) -> pa.Table:
        """The keys that occur in the chosen rows, as a table `subject_key`."""
        codes = np.unique(self.codes[rows & (self.codes >= 0)])
        return pa.table({"subject_key": self.keys.take(pa.array(codes))})


def split_records(
    table: pa.Table,
    subjects: Subjects,
    usable: npt.NDArray[np.bool_],
    layout: Layout,
    vocabulary: Vocabulary,
    secret: bytes,
) -> dict[str, pa.Table]:
    """Per record kind of the layout the records of usable rows, ordered by (subject_key, line).

    `unknown_cells` names those of the record's columns whose value was written but is not known, null if none is. A
    row whose needed column is unknown is a record all the same: something happened, nobody knows when.
    """
    return {
        record: _records(table, subjects, usable, layout, rule, vocabulary.records[record], secret)
        for record, rule in layout.records.items()
    }


def _records(
    table: pa.Table,
    subjects: Subjects,
    usable: npt.NDArray[np.bool_],
    layout: Layout,
    rule: RecordRule,
    kind: RecordKind,
    secret: bytes,
) -> pa.Table:
    chosen = usable & (subjects.codes >= 0)
    for name, wanted in rule.where.items():
        chosen &= _true(pc.equal(column(table, name), wanted))
    for name, unwanted in rule.exclude.items():
        chosen &= ~_true(pc.is_in(column(table, name), value_set=pa.array(unwanted, pa.string())))
    for needed in filter(None, (rule.needs_date, rule.needs_value)):
        filled = _true(pc.is_valid(column(table, needed, _ARROW_TYPES[kind.columns[needed].type])))
        chosen &= filled | _true(pc.is_valid(_unknown_cells(table, {needed})))
    rows = np.flatnonzero(chosen)
    lines = table["line"].to_numpy()
    order = np.lexsort((lines[rows], subjects.codes[rows]))
    rows = rows[order]
    if rule.latest is not None:
        rows = _latest(table, subjects.codes, rows, rule.latest.column, lines)
    picked = table.select(_needed(table, layout, rule, kind)).take(pa.array(rows))
    codes = pa.array(subjects.codes[rows], pa.int32())
    keys = pa.DictionaryArray.from_arrays(codes, subjects.keys).cast(pa.string())
    columns: dict[str, pa.Array] = {"subject_key": keys}
    if rule.key:
        columns["row_key"] = _row_keys(picked, rule, kind, keys, secret)
    for name, cell in kind.columns.items():
        columns[name] = _cell(picked, name, _ARROW_TYPES[cell.type], layout)
    columns["line"] = picked["line"].combine_chunks().cast(pa.int32())
    columns["unknown_cells"] = _unknown_cells(picked, kind.columns)
    return pa.table(columns)


def _needed(table: pa.Table, layout: Layout, rule: RecordRule, kind: RecordKind) -> list[str]:
    wanted = {*kind.columns, *rule.key, "line", "unknown_cells"}
    for derivation in layout.derivations.values():
        wanted |= {*(derivation.minus or ()), *(derivation.plus or ())}
    return [name for name in table.column_names if name in wanted]


def _unknown_cells(table: pa.Table, among: Collection[str]) -> pa.Array:
    """Per row the names of unknown cells, of these columns alone; null where there is none."""
    encoded = pc.dictionary_encode(column(table, "unknown_cells"))
    kept = [",".join(n for n in names.split(",") if n in among) or None for names in encoded.dictionary.to_pylist()]
    return pa.array(kept, pa.string()).take(encoded.indices)


def _true(mask: pa.Array) -> npt.NDArray[np.bool_]:
    # A row whose selecting column is unknown is not selected: it is not known to be of this kind.
    found: npt.NDArray[np.bool_] = pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
    return found


def _latest(
    table: pa.Table,
    codes: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    name: str,
    lines: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    numbers = pc.fill_null(column(table, name, pa.int64()), -1).to_numpy(zero_copy_only=False)[rows]
    order = np.lexsort((lines[rows], numbers, codes[rows]))
    ordered = codes[rows][order]
    is_last = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.array([], dtype=bool)
    kept: npt.NDArray[np.int64] = rows[np.sort(order[is_last])]
    return kept


def _row_keys(picked: pa.Table, rule: RecordRule, kind: RecordKind, keys: pa.Array, secret: bytes) -> pa.Array:
    identifying = [name for name in rule.key if name not in kind.columns]
    if identifying in ([], ["address_number"]):
        return keys
    parts = [pc.fill_null(column(picked, name), "") for name in identifying]
    joined = pc.binary_join_element_wise(*parts, _SEPARATOR) if len(parts) > 1 else parts[0]
    encoded = pc.dictionary_encode(joined)
    hashed = pa.array(make_keys(secret, "row", encoded.dictionary.to_pylist()), pa.string())
    return hashed.take(encoded.indices)


def _cell(picked: pa.Table, name: str, kind: pa.DataType, layout: Layout) -> pa.Array:
    derivation = layout.derivations.get(name)
    if name in picked.column_names or derivation is None:
        return column(picked, name, kind)
    operands = derivation.minus or derivation.plus
    if operands is None:
        return pa.nulls(picked.num_rows, kind)
    left, right = (column(picked, operand, pa.int64()) for operand in operands)
    return pc.subtract(left, right) if derivation.minus else pc.add(left, right)
