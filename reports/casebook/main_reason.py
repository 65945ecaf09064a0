"""Why a household calls for attention, in one line: the strongest scenario of its most active child, with its hardship type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from engine.records.case import HARDSHIP_LABELS, Strength, Tier

_STRENGTH_ORDER: dict[Strength, int] = {"強": 0, "中": 1, "弱": 2}
_BY_MODEL = "似た状況の世帯より注意が必要(モデル。該当したシナリオはありません)"


class Hit(NamedTuple):
    """A scenario that counts for a child."""

    hardship_type: str
    strength: Strength
    scenario_id: str
    name: str


def main_reason(children: Iterable[tuple[Iterable[Hit], Mapping[str, int]]]) -> str:
    """The first in the order in which a sheet tells scenarios; of a child without any, that the model raised it. Empty where there is neither.

    `children`: most active first, each with its hits and the tier of each hardship type; a type without a tier stands last.

    >>> main_reason([([Hit("poverty", "中", "PV-02", "料金の未納"), Hit("abuse", "弱", "AB-01", "けが")], {"poverty": 1, "abuse": 2})])
    '貧困: 料金の未納'
    """
    kinds = list(HARDSHIP_LABELS)
    for hits, tiers in children:
        ordered = sorted(
            hits,
            key=lambda hit: (
                tiers.get(hit.hardship_type, Tier.NO_ACTION),
                kinds.index(hit.hardship_type),
                _STRENGTH_ORDER[hit.strength],
                hit.scenario_id,
            ),
        )
        if ordered:
            return f"{HARDSHIP_LABELS[ordered[0].hardship_type]}: {ordered[0].name}"
        if raised := [HARDSHIP_LABELS[kind] for kind in kinds if tiers.get(kind, Tier.NO_ACTION) < Tier.NO_ACTION]:
            return f"{'・'.join(raised)}: {_BY_MODEL}"
    return ""
