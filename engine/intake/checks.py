"""Checks that need more than one cell: dates against the as-of day, numbers of one row against each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.kernel.dates import month_end
from engine.records.layout import CellRule, Derivation, Layout, RowCheck
from engine.records.vocabulary import Vocabulary

DateRole = Literal["出来事", "始まり", "先の日"]
STARTS_LATER = "W-DELIV-28"


def date_roles(layout: Layout, vocabulary: Vocabulary) -> dict[str, DateRole]:
    """What each date column of a source may hold, by column id.

    先の日: ends of validity, due days (項目の「期限」), and columns named `…_to`: may lie ahead. 始まり: starts of validity,
    which are often decided ahead (a renewed care level): may lie ahead but are counted. Every other date is of
    something that has happened and cannot be later than the delivery's as-of day.
    """
    kinds = dict(vocabulary.records_of_source(layout.source))
    ends = {kind.valid.end for kind in kinds.values() if kind.valid}
    dues = {item.due for item in vocabulary.items.values() if item.record in kinds}
    starts = {kind.valid.start for kind in kinds.values() if kind.valid and kind.valid.start}
    roles: dict[str, DateRole] = {}
    for rule in layout.cells.values():
        if rule.type in ("日付", "年月"):
            ahead = rule.id in ends or rule.id in dues or rule.id.endswith("_to")
            roles[rule.id] = "先の日" if ahead else "始まり" if rule.id in starts else "出来事"
    return roles


def later_than(values: pa.Array, rule: CellRule, as_of: date) -> np.ndarray:
    """Rows whose date is after the as-of day; a month (kept as its last day) is later only if it begins later."""
    limit = month_end(as_of) if rule.type == "年月" else as_of
    return _true(pc.greater(values, pa.scalar(limit, pa.date32())))


def failing(check: RowCheck, values: Mapping[str, pa.Array]) -> np.ndarray | None:
    """Rows that break a check between two columns. A blank or unreadable number breaks nothing; None if not read."""
    first, second = check.minus
    if first not in values or second not in values:
        return None
    return _true(pc.less(pc.subtract(values[first], values[second]), check.at_least))


def derive(rule: Derivation, values: Mapping[str, pa.Array]) -> pa.Array:
    """The difference (差) or sum (和) of two columns; unknown if either is unknown."""
    if rule.minus:
        return pc.subtract(values[rule.minus[0]], values[rule.minus[1]])
    assert rule.plus is not None
    return pc.add(values[rule.plus[0]], values[rule.plus[1]])


def _true(mask: pa.Array) -> np.ndarray:
    found: np.ndarray = pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
    return found
