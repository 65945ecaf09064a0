"""Control totals (コントロールトータル): sums by which an auditor holds a delivery against the source system's own figures."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from engine.records.delivery import CleanTable, ControlTotals
from engine.records.layout import Layout
from engine.records.linked import LinkedDelivery

FEWEST_PEOPLE = 10
"""A sum to which fewer people contribute says something about one of them, and is not kept."""


def control_totals(clean: CleanTable, linked: LinkedDelivery, layout: Layout) -> ControlTotals:
    """What was read of a delivery, summed: over its used rows, for every permitted 整数 column of the layout.

    Quarantined rows are in no sum; their number stands beside it, and their cells in the quarantine file. A blank or unknown
    cell adds nothing. A sum is None where rows other than zero belong to fewer than `FEWEST_PEOPLE` subjects (a person, or a
    household where the source is about households); `subjects` is None where there are fewer in the whole delivery.
    """
    keyed = [table.select(["subject_key", "line"]) for table in linked.records.values() if table.num_rows]
    owners = pa.concat_tables(keyed, promote_options="permissive") if keyed else None
    names = {name: rule.id for name, rule in layout.cells.items() if rule.type == "整数"}
    read = {name: clean.table[key] for name, key in names.items() if key in clean.table.column_names}
    sums = {name: _sum(cells, clean.table["line"], owners) for name, cells in read.items()}
    subjects = pc.count_distinct(owners["subject_key"]).as_py() if owners is not None else 0
    return ControlTotals(subjects if subjects >= FEWEST_PEOPLE else None, sums)


def _sum(cells: pa.ChunkedArray, lines: pa.ChunkedArray, owners: pa.Table | None) -> int | None:
    telling = lines.filter(pc.fill_null(pc.not_equal(cells, 0), False))
    if not len(telling):
        return 0
    if owners is None:
        return None
    its = owners.filter(pc.is_in(owners["line"].cast(pa.int64()), value_set=telling.cast(pa.int64()).combine_chunks()))
    if pc.count_distinct(its["subject_key"]).as_py() < FEWEST_PEOPLE:
        return None
    total: int = pc.sum(cells).as_py()
    return total
