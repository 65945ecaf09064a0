"""The three orders that are compared: rules alone, model alone, and both as the week's list would take them. Higher comes first; equals are equals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.tiers.decide import ScenarioInfo, decide
from engine.tiers.policy import BANDS, TierPolicy

IntArray = npt.NDArray[np.int64]

BandsOf = Callable[[IntArray], IntArray]
"""Scores in millionths of everybody on a day to indices into BANDS, as the bands of tiers.yaml part them."""

_ROOM = 1_000_000
"""More than points or millionths can be: one integer holds a tier, what comes next in it, and the last tie-breaker."""


@dataclass(frozen=True)
class RuleVerdicts:
    """What the rules of one type say of some children: level (0 the highest, as in tiers.yaml), whether ① is fixed whatever the level, and points."""

    level: IntArray
    always: npt.NDArray[np.bool_]
    points: IntArray


def rule_verdicts(
    hits: Mapping[str, npt.NDArray[np.bool_]],
    scenarios: Sequence[ScenarioInfo],
    policy: TierPolicy,
    hardship_type: str,
    children: int,
) -> RuleVerdicts:
    """The rules' verdict in one type, by the same `decide` as in the weekly run. `hits[scenario]`: met and not cancelled."""
    mine = [scenario for scenario in scenarios if scenario.hardship_type == hardship_type]
    decided = decide(hits, mine, policy, children)
    always = np.zeros(children, dtype=np.bool_)
    for scenario in mine:
        if scenario.scenario_id in policy.always_active:
            always |= hits[scenario.scenario_id]
    return RuleVerdicts(decided.type_level[hardship_type], always, decided.points)


def by_rules(verdicts: RuleVerdicts, policy: TierPolicy) -> IntArray:
    """Tier, then points. Whoever the rules say nothing of stands at the end, all equal."""
    return _by_tier(_tiers(verdicts, policy, np.zeros(len(verdicts.level), dtype=np.int64)), verdicts.points)


def by_blend(verdicts: RuleVerdicts, millionths: IntArray, policy: TierPolicy, bands_of: BandsOf) -> IntArray:
    """Tier from level and band, and inside a tier points together with the model's part, as `points_with` adds them."""
    tier = _tiers(verdicts, policy, bands_of(millionths))
    return _by_tier(tier, points_with(verdicts.points, millionths))


def points_with(points: IntArray, millionths: IntArray) -> IntArray:
    """Points of the rules and of the model on one scale, in hundredths: 100 points of rules weigh as much as one unit of log odds does.

    Measured on nine data sets: log odds added to the rules' weight found more than rules first and the model among equals. Integers, monotone in both.
    """
    share = np.clip(millionths, 1, _ROOM - 1) / _ROOM
    odds: IntArray = np.rint(np.log(share / (1 - share)) * 10_000).astype(np.int64)
    return points * 100 + odds


def share_bands(low: int, middle: int, high: int) -> BandsOf:
    """Bands by rank on the day itself: so many of each thousand children are at least 下, 中 and 上. Equal scores fall into one band, the lower one."""

    def bands(millionths: IntArray) -> IntArray:
        ordered = np.sort(millionths)[::-1]
        band = np.zeros(len(millionths), dtype=np.int64)
        for index, thousandth in ((BANDS.index("下"), low), (BANDS.index("中"), middle), (BANDS.index("上"), high)):
            room = len(millionths) * thousandth // 1000
            if room < len(ordered):
                band[millionths > ordered[room]] = index
            else:
                band[:] = index
        return band

    return bands


def _tiers(verdicts: RuleVerdicts, policy: TierPolicy, band: IntArray) -> IntArray:
    table = np.array([[int(policy.table[rule.name][b]) for b in BANDS] for rule in policy.levels], dtype=np.int64)
    return np.where(verdicts.always, 1, table[verdicts.level, band])


def _by_tier(tier: IntArray, inside: IntArray) -> IntArray:
    order: IntArray = -tier * (_ROOM * _ROOM) + inside
    return order
