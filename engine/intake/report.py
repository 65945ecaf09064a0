"""What somebody should know about a delivery that was read: left-out columns, notes, quarantined rows."""

from __future__ import annotations

from pathlib import Path

from engine.intake.permission import left_out_problem
from engine.intake.wording import problem
from engine.kernel.errors import Place, Problem
from engine.records.delivery import Delivery
from engine.records.layout import Layout
from engine.records.vocabulary import Vocabulary


def delivery_warnings(delivery: Delivery, layout: Layout, vocabulary: Vocabulary) -> list[Problem]:
    """The W-DELIV messages of one delivery, in order of column names and codes. No message holds a cell."""
    found = [
        left_out_problem(name, Place(delivery.file, field=name), layout, vocabulary)
        for name in sorted(delivery.left_out_columns)
    ]
    for key, count in sorted((delivery.warnings or {}).items()):
        code, _, column = key.partition(" ")
        found.append(problem(code, Place(delivery.file, field=column or None), count=count))
    if delivery.quarantined:
        values = {"quarantined": delivery.quarantined, "received": delivery.received}
        found.append(problem("W-DELIV-31", Place(delivery.file), stem=Path(delivery.file).stem, **values))
    return found
