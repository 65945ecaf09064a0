"""Signs that a feature knows what came of a child: how well it alone tells the labelled, and whether it jumps when a child is registered.

Both come with a bound that must be passed, so that few labelled children raise no false alarm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_overlay.features.feature import FloatMatrix

IntArray = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_FEWEST = 10
_STEADY = 0.05
BOUND = 2.326
"""Standard errors below an estimate: 99 of 100 estimates lie above."""


@dataclass(frozen=True)
class Telling:
    """How well one feature alone tells labelled rows from others of the same stratum: the area under the ROC curve, at least .5, and its lower bound."""

    auc: float
    low: float


def telling(values: npt.NDArray[np.float32], label: npt.NDArray[np.int8], weight: Reals, stratum: IntArray) -> Telling:
    """The AUC of one feature within strata, in whichever direction and whatever unknown stands for.

    Pairs of a labelled and another row of one stratum are compared: where everybody at risk is young, being young tells nothing. Unknown is tried as lowest, as
    highest, as the only thing that counts, and left out. The bound is Hanley & McNeil's (1982) with the numbers of rows, not of weights; the
    trial with the highest bound is given.
    """
    unknown = np.isnan(values)
    everybody = np.ones(len(values), dtype=np.bool_)
    trials = [(np.where(unknown, -np.inf, values).astype(np.float64), everybody)]
    if unknown.any():
        trials += [
            (np.where(unknown, np.inf, values).astype(np.float64), everybody),
            (unknown.astype(np.float64), everybody),
            (values.astype(np.float64), ~unknown),
        ]
    tried = [_telling(each[rows], label[rows], weight[rows], stratum[rows]) for each, rows in trials]
    return max(tried, key=lambda one: (one.low, one.auc))


def _telling(values: Reals, label: npt.NDArray[np.int8], weight: Reals, stratum: IntArray) -> Telling:
    if not len(label):
        return Telling(0.5, 0.0)
    area = auc_within(values, label, weight, stratum)
    area = max(area, 1 - area)
    # Only labelled rows that have somebody to be compared with say anything.
    others = np.bincount(stratum, weights=label == 0)
    positives, negatives = int(label[others[stratum] > 0].sum()), int((label == 0).sum())
    if positives < _FEWEST or negatives < _FEWEST:
        return Telling(area, 0.0)
    return Telling(area, area - BOUND * _hanley_mcneil(area, positives, negatives))


def auc_within(values: Reals, label: npt.NDArray[np.int8], weight: Reals, stratum: IntArray) -> float:
    """Area under the ROC curve over pairs of a labelled and another row of one stratum, ties as half; .5 without a pair."""
    order = np.lexsort((values, stratum))
    value, labelled, mass, group = values[order], label[order] == 1, weight[order], stratum[order]
    below = np.where(labelled, 0.0, mass)
    before = np.concatenate([[0.0], np.cumsum(below)])
    new_group = np.concatenate([[True], group[1:] != group[:-1]])
    new_tie = new_group | np.concatenate([[True], value[1:] != value[:-1]])
    group_start = np.flatnonzero(new_group)
    tie_start = np.flatnonzero(new_tie)
    tie_end = np.concatenate([tie_start[1:], [len(value)]])
    group_end = np.concatenate([group_start[1:], [len(value)]])
    tie, part = np.cumsum(new_tie) - 1, np.cumsum(new_group) - 1
    lower = before[tie_start][tie] - before[group_start][part]
    equal = before[tie_end][tie] - before[tie_start][tie]
    all_others = before[group_end][part] - before[group_start][part]
    won = float((mass * (lower + 0.5 * equal))[labelled].sum())
    pairs = float((mass * all_others)[labelled].sum())
    return won / pairs if pairs > 0 else 0.5


def _hanley_mcneil(auc: float, positives: int, negatives: int) -> float:
    q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc)
    return float(np.sqrt(max(0.0, spread) / (positives * negatives)))


@dataclass(frozen=True)
class Jump:
    """How much more a feature changed for children registered between two days than for others of the same days, in standard deviations, and its lower bound.

    `what`: 値 for the value where known on both days, 有無 for its being known at all. `before`: the same difference in the time before, when nobody was registered.
    """

    what: str
    size: float
    low: float
    before: float


def jumps(
    earlier: FloatMatrix | None, before: FloatMatrix, after: FloatMatrix, registered: Mask, stratum: IntArray
) -> tuple[Jump, ...]:
    """One difference in differences per column, the larger of value and being known. Rows are the same children on three days.

    `earlier`: a day as long before `before` as `after` is after it; what moved the same way already then is no consequence. Compared within strata (age), for a
    school year or a check comes to all of an age. With fewer than ten registered children nothing can be told and `low` is 0; neither where a source has begun or
    ended between the days, so that a feature became known of all others, too: whose worry is known first is who has one.
    """
    found = []
    for column in range(before.shape[1]):
        early = earlier[:, column] if earlier is not None else None
        if not _steady(before[~registered, column], after[~registered, column]):
            found.append(Jump("値", 0.0, 0.0, 0.0))
            continue
        each = _jump("値", early, before[:, column], after[:, column], registered, stratum)
        known = _jump(
            "有無",
            None if early is None else _known(early),
            _known(before[:, column]),
            _known(after[:, column]),
            registered,
            stratum,
        )
        found.append(max(each, known, key=lambda jump: jump.low))
    return tuple(found)


def _steady(before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]) -> bool:
    if not len(before):
        return False
    return abs(float(np.isnan(after).mean()) - float(np.isnan(before).mean())) <= _STEADY


def _known(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return (~np.isnan(values)).astype(np.float32)


def _jump(
    what: str,
    earlier: npt.NDArray[np.float32] | None,
    before: npt.NDArray[np.float32],
    after: npt.NDArray[np.float32],
    registered: Mask,
    stratum: IntArray,
) -> Jump:
    size, low, sign = _difference(after.astype(np.float64) - before, registered, stratum)
    if earlier is None or low <= 0:
        return Jump(what, size, low, 0.0)
    trend, _, trend_sign = _difference(before.astype(np.float64) - earlier, registered, stratum)
    already = trend if trend_sign == sign else 0.0
    return Jump(what, size, low - already, already)


def _difference(change: Reals, registered: Mask, stratum: IntArray) -> tuple[float, float, int]:
    """Size and lower bound in standard deviations of the change, and its direction."""
    known = np.isfinite(change)
    mine, others = known & registered, known & ~registered
    if int(mine.sum()) < _FEWEST or int(others.sum()) < _FEWEST:
        return 0.0, 0.0, 1
    strata = int(stratum.max()) + 1
    count = np.bincount(stratum[others], minlength=strata)
    total = np.bincount(stratum[others], weights=change[others], minlength=strata)
    usable = mine & (count[stratum] > 0)
    if int(usable.sum()) < _FEWEST:
        return 0.0, 0.0, 1
    expected = total / np.maximum(count, 1)
    left = change[usable] - expected[stratum[usable]]
    spread = float(np.std(np.concatenate([left, change[others] - expected[stratum[others]]])))
    if spread == 0:
        return 0.0, 0.0, 1
    mean = float(left.mean()) / spread
    error = float(left.std(ddof=1)) / spread / np.sqrt(len(left))
    return abs(mean), max(0.0, abs(mean) - BOUND * error), 1 if mean >= 0 else -1
