"""The draw of unlisted children made again, as far as it can be without knowing who became protected later."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from engine.audit.run_record import RunRecord
from engine.records.case import Casebook
from engine.store.tables import Snapshot
from engine.tiers.drawing import in_drawing_order
from kizuki.drawn import Drawing, draw_children, pool_of


@dataclass(frozen=True)
class DrawnAgain:
    """The draw, and remarks that make nothing unconfirmed."""

    drawing: Drawing
    notes: tuple[str, ...] = ()


def draw_again(snapshot: Snapshot, decisions: pa.Table, run: RunRecord, recorded: Casebook) -> DrawnAgain:
    """The same number by the same run, from the same pool.

    Who was protected only after the snapshot's day is known to the keyring alone: whom the record passed over in drawing is passed over again if its pool is
    smaller by at least as many, and told. The other way round, a child who could not have been drawn, is a difference.
    """
    number = run.manifest.get("list_inputs", {}).get("drawn", 0)
    if not number:
        return DrawnAgain(Drawing())
    pool = pool_of(snapshot, decisions)
    order = in_drawing_order(run.run_id, pool)
    said = {child.child_key for child in recorded.drawn}
    last = max((place for place, key in enumerate(order) if key in said), default=-1)
    passed = {key for key in order[: last + 1] if key not in said}
    fewer = len(pool) - recorded.drawn_from
    if not fewer > 0 or len(passed) > fewer:
        return DrawnAgain(draw_children(snapshot, decisions, run.run_id, number, ()))
    again = draw_children(snapshot, decisions, run.run_id, number, passed, pool=recorded.drawn_from)
    note = (
        f"無作為に選ぶもとから、{fewer:,}人のこどもが、基準日より後に支援措置の対象になった世帯として除かれています。"
    )
    return DrawnAgain(again, (note,))
