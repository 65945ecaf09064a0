"""Where two tables of one row per child differ: the first child and column, and how much in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class TableDifference:
    """The first difference by child key, then by column; `cells` and `children` count all of them.

    `column` is None where only one of the tables has the child (`recorded` or `recomputed` is then False) or where both have
    other columns, which are named in `columns`.
    """

    child_key: str | None
    column: str | None
    recorded: Any
    recomputed: Any
    cells: int
    children: int
    columns: tuple[str, ...] = ()


def table_difference(recorded: pa.Table, recomputed: pa.Table) -> TableDifference | None:
    """None where both hold the same children, columns, types and values in the same order. Null is a value of its own."""
    if recorded.schema.remove_metadata() != recomputed.schema.remove_metadata():
        ours, theirs = ({(f.name, str(f.type)) for f in table.schema} for table in (recorded, recomputed))
        names = tuple(sorted({name for name, _ in ours ^ theirs})) or tuple(recorded.column_names)
        return TableDifference(None, None, None, None, len(names), 0, names)
    keys, again = recorded["child_key"].combine_chunks(), recomputed["child_key"].combine_chunks()
    if not keys.equals(again):
        here, there = set(keys.to_pylist()), set(again.to_pylist())
        if here == there:  # the same children, each once or more, but not in the same order
            at = next(
                (i for i, (a, b) in enumerate(zip(keys.to_pylist(), again.to_pylist(), strict=False)) if a != b), -1
            )
            return TableDifference(keys[at].as_py(), "child_key", at, "別の行", len(here), len(here))
        only = sorted(here ^ there)
        return TableDifference(only[0], None, only[0] in here, only[0] in there, len(only), len(only))
    wrong = {name: _unequal(recorded[name], recomputed[name]) for name in recorded.column_names}
    first = [int(np.argmax(rows)) for rows in wrong.values() if rows.any()]
    if not first:
        return None
    row = min(first)
    column = next(name for name, rows in wrong.items() if rows[row])
    return TableDifference(
        keys[row].as_py(),
        column,
        recorded[column][row].as_py(),
        recomputed[column][row].as_py(),
        sum(int(rows.sum()) for rows in wrong.values()),
        int(np.logical_or.reduce(list(wrong.values())).sum()),
    )


def _unequal(one: pa.ChunkedArray, other: pa.ChunkedArray) -> np.ndarray:
    both = pc.fill_null(pc.not_equal(one, other), False)
    null = pc.xor(pc.is_null(one), pc.is_null(other))
    found: np.ndarray = pc.or_(both, null).to_numpy(zero_copy_only=False).astype(np.bool_)
    return found
