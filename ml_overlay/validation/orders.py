"""The three orders that are compared: rules alone, model alone, and both as the week's list would take them. Higher comes first; equals are equals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.tiers.bands import bands, model_points, places, thresholds_of
from engine.tiers.decide import ScenarioInfo, decide
from engine.tiers.policy import BANDS, TierPolicy
from ml_overlay.learning.calibration import ranks_of

IntArray = npt.NDArray[np.int64]

_ROOM = 10**12
"""More than all points of a child: one integer holds its tier and what comes next in it."""


@dataclass(frozen=True)
class RuleVerdicts:
    """What the rules of one type say of some children: level (0 the highest, as in tiers.yaml), whether ① is fixed whatever the level, and points."""

    level: IntArray
    always: npt.NDArray[np.bool_]
    points: IntArray

    def of(self, rows: IntArray) -> RuleVerdicts:
        """The verdicts of some children, in the given order."""
        return RuleVerdicts(self.level[rows], self.always[rows], self.points[rows])


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


def by_blend(verdicts: RuleVerdicts, millionths: IntArray, policy: TierPolicy, hardship_type: str) -> IntArray:
    """The order of the weekly run: tier from level and band, and inside a tier points of rules and model together (`engine.tiers.bands`).

    Bands are those of a first week, with thresholds from the same children's scores. A type of which tiers.yaml says nothing is ordered by rules alone.
    """
    rule = policy.bands.get(hardship_type)
    if rule is None:
        return by_rules(verdicts, policy)
    ranks = ranks_of(millionths)
    band = bands(millionths, thresholds_of(ranks, rule), None).band
    last = rule.leave[0]
    weighed = model_points(band, places(millionths, ranks, last), last, policy.model_points)
    return _by_tier(_tiers(verdicts, policy, band), verdicts.points + weighed)


def tiers_of(order: IntArray) -> IntArray:
    """The tier of each child in an order of rules or blend: 1 ①, 2 ②, 3 ③."""
    tier: IntArray = -(order // _ROOM)
    return tier


def _tiers(verdicts: RuleVerdicts, policy: TierPolicy, band: IntArray) -> IntArray:
    table = np.array([[int(policy.table[rule.name][b]) for b in BANDS] for rule in policy.levels], dtype=np.int64)
    return np.where(verdicts.always, 1, table[verdicts.level, band])


def _by_tier(tier: IntArray, inside: IntArray) -> IntArray:
    order: IntArray = -tier * _ROOM + inside
    return order
