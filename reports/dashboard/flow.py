"""Who moved from which tier to which since the run before: households and children, from the decisions of two runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from engine.records.case import Tier

Place = Tier | None
"""A tier, or None for not being there: not yet a resident child, or no longer one."""

PLACES: tuple[Place, ...] = (Tier.ACTIVE, Tier.INQUIRY, Tier.NO_ACTION, None)


@dataclass(frozen=True)
class RunBefore:
    """The run that a week is held against: its number, its day, and its decisions (`RunRecord.decisions`)."""

    run_id: str
    as_of: date
    decisions: pa.Table


@dataclass(frozen=True)
class Move:
    """From one place to another: so many households and so many children. The two are counted each by its own tier."""

    before: Place
    now: Place
    households: int
    children: int

    @property
    def is_news(self) -> bool:
        """Whether ① or ② is touched and something changed or stayed there; the rest is nearly everybody and moves nothing."""
        return self.before in (Tier.ACTIVE, Tier.INQUIRY) or self.now in (Tier.ACTIVE, Tier.INQUIRY)


def moves(before: pa.Table, now: pa.Table) -> tuple[Move, ...]:
    """Every way that anybody went, ①②③ and 'not there' in this order, first by where it began."""
    homes = _ways(_households(before), _households(now))
    children = _ways(_children(before), _children(now))
    return tuple(
        Move(start, end, homes[start, end], children[start, end])
        for start in PLACES
        for end in PLACES
        if homes[start, end] or children[start, end]
    )


def _children(decisions: pa.Table) -> Mapping[str, int]:
    return dict(zip(decisions.column("child_key").to_pylist(), decisions.column("tier").to_pylist(), strict=True))


def _households(decisions: pa.Table) -> Mapping[str, int]:
    homes = decisions.group_by("household_key").aggregate([("tier", "min")])
    return dict(zip(homes.column("household_key").to_pylist(), homes.column("tier_min").to_pylist(), strict=True))


def _ways(before: Mapping[str, int], now: Mapping[str, int]) -> Counter[tuple[Place, Place]]:
    return Counter((_place(before.get(key)), _place(now.get(key))) for key in {*before, *now})


def _place(tier: int | None) -> Place:
    return None if tier is None else Tier(tier)
