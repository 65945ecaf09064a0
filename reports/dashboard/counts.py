"""How many children and households are in which tier of which hardship type: of everybody evaluated, and of the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from engine.records.case import HARDSHIP_LABELS, Case, Tier
from reports.wording import TIER_ORDER, tier_label

OVERALL = "全体"
_SHADES = 4


@dataclass(frozen=True)
class CountCell:
    """Children and households of one tier in one type. `shade`: 0 for nobody, up to 4 for the most of its row, for the eye only."""

    children: int
    households: int
    shade: int


@dataclass(frozen=True)
class CountRow:
    """One tier across the types, in the order of `TYPE_COLUMNS`."""

    mark: str
    label: str
    cells: tuple[CountCell, ...]


TYPE_COLUMNS = (*HARDSHIP_LABELS.values(), OVERALL)


def of_everybody(decisions: pa.Table) -> tuple[CountRow, ...]:
    """Rows ①②③ of all children of a run's decisions (`RunRecord.decisions`). A household's tier in a type is its most active child's."""
    columns = [*(f"tier_{kind}" for kind in HARDSHIP_LABELS), "tier"]
    homes = decisions.group_by("household_key").aggregate([(name, "min") for name in columns])
    return _rows(
        [_counted(decisions.column(name).to_pylist()) for name in columns],
        [_counted(homes.column(f"{name}_min").to_pylist()) for name in columns],
    )


def of_the_list(cases: Iterable[Case]) -> tuple[CountRow, ...]:
    """Rows ①②③ of the children on the list, who are those with a hit or raised by the model."""
    homes = [
        [_tiers(child.tier, {t.hardship_type: t.tier for t in child.types}) for child in case.children]
        for case in cases
    ]
    children = [_counted(child[i] for home in homes for child in home) for i in range(len(TYPE_COLUMNS))]
    households = [_counted(min(child[i] for child in home) for home in homes if home) for i in range(len(TYPE_COLUMNS))]
    return _rows(children, households)


def _tiers(overall: Tier, by_type: Mapping[str, Tier]) -> tuple[int, ...]:
    return (*(int(by_type.get(kind, Tier.NO_ACTION)) for kind in HARDSHIP_LABELS), int(overall))


def _counted(tiers: Iterable[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for tier in tiers:
        counts[tier] = counts.get(tier, 0) + 1
    return counts


def _rows(children: list[dict[int, int]], households: list[dict[int, int]]) -> tuple[CountRow, ...]:
    rows = []
    for tier in TIER_ORDER:
        pairs = [(c.get(tier, 0), h.get(tier, 0)) for c, h in zip(children, households, strict=True)]
        most = max((count for count, _ in pairs[:-1]), default=0)
        cells = [CountCell(c, h, 0 if tier is Tier.NO_ACTION else _shade(c, most)) for c, h in pairs[:-1]]
        rows.append(CountRow(tier.mark, tier_label(tier), (*cells, CountCell(*pairs[-1], 0))))
    return tuple(rows)


def _shade(count: int, most: int) -> int:
    """In whole steps: nobody 0, the most 4."""
    return -(-_SHADES * count // most) if most else 0
