"""From scores to bands: who is among the highest of each thousand, and who stays there a while when the score goes down.

Whole numbers only, all children of a type at once. A score is in millionths; a child without one is in band なし and leaves nothing to be carried on.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.records.score import NO_SCORE
from engine.tiers.policy import BandRule

IntArray = npt.NDArray[np.int64]
NOBODY = 1_000_001
"""A threshold that no score reaches: the band is not used."""


@dataclass(frozen=True)
class Thresholds:
    """What a score of one type must reach, in millionths: to `enter` 下, 中, 上 (in this order), and not to count as below (`leave`).

    Who was below for `weeks` runs in a row leaves.
    """

    enter: tuple[int, int, int]
    leave: tuple[int, int, int]
    weeks: int


@dataclass(frozen=True)
class BandState:
    """For each child the index of its band in `policy.BANDS`, and for how many runs in a row its score has been below what keeps the band."""

    band: IntArray
    weeks_below: IntArray


def thresholds_of(ranks: Sequence[int], rule: BandRule) -> Thresholds:
    """The thresholds that a model's `ranks` give to the quotas of tiers.yaml.

    A score that is shared across the end of a quota lets nobody in with it: else everybody of whom nothing is known could be in a band
    together. Raises ValueError for ranks that are too few or that rise.
    """
    last = rule.leave[0]
    if len(ranks) <= last or any(later > earlier for earlier, later in itertools.pairwise(ranks)):
        raise ValueError("ranks must not rise, and must reach one place further than the widest band")
    return Thresholds(_all_reached(ranks, rule.enter), _all_reached(ranks, rule.leave), rule.weeks)


def _all_reached(ranks: Sequence[int], quotas: tuple[int, int, int]) -> tuple[int, int, int]:
    low, medium, high = (_reached(ranks, place) for place in quotas)
    return low, medium, high


def _reached(ranks: Sequence[int], place: int) -> int:
    if place == 0:
        return NOBODY
    shared = ranks[place] == ranks[place - 1]
    return ranks[place - 1] + shared


def bands(millionths: IntArray, thresholds: Thresholds, before: BandState | None) -> BandState:
    """This week's bands. `millionths`: a score or NO_SCORE for each child; `before`: last week's state of the same children in the same order.

    Up goes who reaches a higher band, at once. Whose score is below what keeps the band stays for `weeks` - 1 runs, and then falls to the highest
    band that the score keeps. Monotone in the score, given the same state before.
    """
    reached = _count_reached(millionths, thresholds.enter)
    kept = _count_reached(millionths, thresholds.leave)
    if before is None:
        return BandState(reached, np.zeros_like(reached))
    held = np.where(millionths == NO_SCORE, 0, before.band)
    below = kept < held
    weeks = np.where(below, before.weeks_below + 1, 0)
    falls = weeks >= thresholds.weeks
    band = np.where(reached >= held, reached, np.where(below & falls, kept, held))
    return BandState(band, np.where(below & ~falls & (band == held), weeks, 0))


def _count_reached(millionths: IntArray, wanted: tuple[int, int, int]) -> IntArray:
    counted: IntArray = np.sum([millionths >= each for each in wanted], axis=0, dtype=np.int64)
    return np.where(millionths == NO_SCORE, 0, counted)


def places(millionths: IntArray, ranks: Sequence[int], last: int) -> IntArray:
    """The place in a thousand that a score has among those of the model's training, from 1; `last` + 1 where it is further down or there is none.

    `last`: as far down as any band keeps anybody (`BandRule.leave` of 下).
    """
    descending = np.array(ranks[:last], dtype=np.int64)
    ahead = last - np.searchsorted(descending[::-1], millionths, side="right")
    found: IntArray = ahead.astype(np.int64) + 1
    return found


def model_points(band: IntArray, place: IntArray, last: int, weight: int) -> IntArray:
    """The model's part in the order inside a tier: `weight` × 1, 2, 3 for 下, 中, 上, and less than `weight` more by place; 0 in band なし.

    So a higher band always weighs more, and inside a band a higher score never less.
    """
    part = weight * (last + 1 - np.minimum(place, last + 1)) // (last + 1)
    points: IntArray = np.where(band > 0, weight * band + part, 0)
    return points
