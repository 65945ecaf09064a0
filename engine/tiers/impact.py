"""Two decision tables of the same children, compared: who enters the list, leaves, moves, and which scenarios did it.

Pure: both tables are as `decisions_table` makes them (child_key, household_key, tier, tier_<type>, <scenario>,
<scenario>_cancelled), one under the rules before, one under the rules after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.records.case import HARDSHIP_LABELS, Strength, Tier

Standing = Literal["該当", "打ち消し", "不明", "非該当"]
"""How a scenario stands for a child. 該当 counts towards the tier; the others do not."""

_STANDINGS: tuple[Standing, ...] = ("該当", "打ち消し", "不明", "非該当")
_HIT, _CANCELLED, _UNKNOWN, _NOT = range(4)
_ABSENT = -1


@dataclass(frozen=True)
class Shift:
    """One scenario that came to stand otherwise for one child, or that weighs otherwise.

    None: the scenario is not in force on that side. `strengths` are those of both sides.
    """

    scenario_id: str
    before: Standing | None
    after: Standing | None
    strengths: tuple[Strength | None, Strength | None]

    @property
    def gained(self) -> bool:
        """Whether it counts now and did not before."""
        return self.after == "該当" != self.before

    @property
    def lost(self) -> bool:
        """Whether it counted before and does not now."""
        return self.before == "該当" != self.after


@dataclass(frozen=True)
class Move:
    """One child whose tier is another one now. `types`: tier by hardship type, where it differs.

    `shifts`: every scenario that counts otherwise for the child, by type and 番号; none where only the tier policy changed.
    """

    child_key: str
    household_key: str
    before: Tier
    after: Tier
    types: Mapping[str, tuple[Tier, Tier]]
    shifts: tuple[Shift, ...]

    @property
    def kind(self) -> MoveKind:
        """入る, 外れる, 上がる or 下がる."""
        return move_kind(self.before, self.after)


MoveKind = Literal["入る", "外れる", "上がる", "下がる"]
MOVE_KINDS: tuple[MoveKind, ...] = ("入る", "外れる", "上がる", "下がる")


def move_kind(before: Tier, after: Tier) -> MoveKind:
    """入る: from ③ to ① or ②; 外れる: the way back; 上がる: ② to ①; 下がる: ① to ②."""
    if before is Tier.NO_ACTION:
        return "入る"
    if after is Tier.NO_ACTION:
        return "外れる"
    return "上がる" if after < before else "下がる"


@dataclass(frozen=True)
class ScenarioCount:
    """One scenario over all children: hits before and after (None: not in force), hits gained and lost, and how many children
    it moved: those whose tier changed and for whom it counts otherwise."""

    scenario_id: str
    before: int | None
    after: int | None
    gained: int
    lost: int
    unknown_before: int
    unknown_after: int
    moved: int


@dataclass(frozen=True)
class Impact:
    """Everything that differs between two sets of rules on the same facts.

    `tiers`: children by tier, before and after. `moves`: by tier after, kind and key. `shifted`: children for whom some scenario
    counts otherwise although the tier stays. `otherwise`: by scenario, the children whom it hits now and did not, or the other way round.
    """

    children: int
    tiers: tuple[Mapping[Tier, int], Mapping[Tier, int]]
    moves: tuple[Move, ...]
    shifted: int
    scenarios: tuple[ScenarioCount, ...]
    otherwise: Mapping[str, tuple[str, ...]]

    @cached_property
    def kinds(self) -> Mapping[MoveKind, int]:
        """How many children enter, leave, go up, go down."""
        counted = Counter(move.kind for move in self.moves)
        return {kind: counted[kind] for kind in MOVE_KINDS}

    @property
    def by_type(self) -> Mapping[str, Mapping[MoveKind, int]]:
        """By hardship type: children whose tier of that type moved. A child can be in several."""
        return {
            kind: Counter(move_kind(*move.types[kind]) for move in self.moves if kind in move.types)
            for kind in HARDSHIP_LABELS
        }


def count_by(
    moves: Iterable[Move], group_of: Mapping[str, str], otherwise: str
) -> Mapping[str, Mapping[MoveKind, int]]:
    """Moves counted by a group of the child, such as its school or district; by name of the group, `otherwise` last."""
    counted: dict[str, Counter[MoveKind]] = {}
    for move in moves:
        counted.setdefault(group_of.get(move.child_key, otherwise), Counter())[move.kind] += 1
    return {name: counted[name] for name in sorted(counted, key=lambda name: (name == otherwise, name))}


def compare(
    before: pa.Table,
    after: pa.Table,
    strengths_before: Mapping[str, Strength],
    strengths_after: Mapping[str, Strength],
) -> Impact:
    """Compare the decisions under two sets of rules. The order of rows and of columns means nothing.

    `strengths_…` name the scenarios of each side, in the order in which they are to be shown. Raises ValueError if the tables
    are not of the same children.
    """
    before, after = before.sort_by("child_key"), after.sort_by("child_key")
    keys = after.column("child_key").to_pylist()
    if before.column("child_key").to_pylist() != keys:
        raise ValueError("the two tables are not of the same children")
    scenarios = [*strengths_after, *(s for s in strengths_before if s not in strengths_after)]
    old = {s: _standing(before, s) if s in strengths_before else _absent(len(keys)) for s in scenarios}
    new = {s: _standing(after, s) if s in strengths_after else _absent(len(keys)) for s in scenarios}
    counts_otherwise = {
        s: ((old[s] == _HIT) != (new[s] == _HIT))
        | ((old[s] == _HIT) & (new[s] == _HIT) & (strengths_before.get(s) != strengths_after.get(s)))
        for s in scenarios
    }
    tiers = [table.column("tier").to_numpy() for table in (before, after)]
    moved = tiers[0] != tiers[1]
    any_shift = np.logical_or.reduce(list(counts_otherwise.values())) if scenarios else np.zeros(len(keys), np.bool_)
    homes = after.column("household_key")
    moves = []
    for i in np.flatnonzero(moved).tolist():
        shifts = tuple(
            Shift(s, _word(old[s][i]), _word(new[s][i]), (strengths_before.get(s), strengths_after.get(s)))
            for s in scenarios
            if counts_otherwise[s][i]
        )
        types = {
            kind: (Tier(old_tier), Tier(new_tier))
            for kind in HARDSHIP_LABELS
            if (old_tier := before.column(f"tier_{kind}")[i].as_py())
            != (new_tier := after.column(f"tier_{kind}")[i].as_py())
        }
        moves.append(Move(keys[i], homes[i].as_py(), Tier(int(tiers[0][i])), Tier(int(tiers[1][i])), types, shifts))
    moves.sort(key=lambda move: (MOVE_KINDS.index(move.kind), move.after, move.before, move.child_key))
    return Impact(
        len(keys),
        (_tier_counts(tiers[0]), _tier_counts(tiers[1])),
        tuple(moves),
        int((any_shift & ~moved).sum()),
        tuple(
            _count(s, old[s], new[s], counts_otherwise[s] & moved, strengths_before, strengths_after) for s in scenarios
        ),
        {s: tuple(keys[i] for i in np.flatnonzero((old[s] == _HIT) != (new[s] == _HIT)).tolist()) for s in scenarios},
    )


def _standing(table: pa.Table, scenario: str) -> npt.NDArray[np.int8]:
    met = table.column(scenario).cast(pa.int8()).fill_null(2).to_numpy()
    cancelled = table.column(f"{scenario}_cancelled").cast(pa.int8()).fill_null(2).to_numpy()
    hit = np.where(cancelled == 1, _CANCELLED, _HIT)
    return np.where(met == 1, hit, np.where(met == 2, _UNKNOWN, _NOT)).astype(np.int8)


def _absent(children: int) -> npt.NDArray[np.int8]:
    return np.full(children, _ABSENT, np.int8)


def _word(standing: int) -> Standing | None:
    return None if standing == _ABSENT else _STANDINGS[standing]


def _tier_counts(tiers: npt.NDArray[np.int8]) -> Mapping[Tier, int]:
    return {tier: int((tiers == tier).sum()) for tier in Tier}


def _count(
    scenario: str,
    old: npt.NDArray[np.int8],
    new: npt.NDArray[np.int8],
    moved: npt.NDArray[np.bool_],
    strengths_before: Mapping[str, Strength],
    strengths_after: Mapping[str, Strength],
) -> ScenarioCount:
    return ScenarioCount(
        scenario,
        int((old == _HIT).sum()) if scenario in strengths_before else None,
        int((new == _HIT).sum()) if scenario in strengths_after else None,
        int(((old != _HIT) & (new == _HIT)).sum()),
        int(((old == _HIT) & (new != _HIT)).sum()),
        int((old == _UNKNOWN).sum()),
        int((new == _UNKNOWN).sum()),
        int(moved.sum()),
    )


def list_changes(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys that are only on the list after, and only on the list before."""
    return tuple(sorted(set(after) - set(before))), tuple(sorted(set(before) - set(after)))
