"""From a booster's raw score to a probability: Platt's line through out-of-fold log odds, and integer millionths from there on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_STEPS = 100
_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Platt:
    """`slope` × raw score + `intercept` are log odds."""

    slope: float
    intercept: float


def fit_platt(raw: Floats, label: npt.NDArray[np.int8], weight: Floats) -> Platt:
    """The line that makes the weighted likelihood of the labels greatest, by Newton's method; sums are exact, so that the order of rows changes no bit.

    Labels are drawn in a little, as Platt did (1 → (n₁+1)/(n₁+2), 0 → 1/(n₀+2), n: weighted rows), so that scores which part the labels perfectly do not give an
    infinite slope. Isotonic regression was rejected: its ties cost average precision. Raises ValueError if all labels are the same or all scores are.

    Source: Platt 1999; Lin, Lin & Weng 2007.
    """
    ones = math.fsum(weight[label == 1])
    zeros = math.fsum(weight[label == 0])
    if ones == 0 or zeros == 0 or np.ptp(raw) == 0:
        raise ValueError("calibration needs both labels and more than one score")
    target = np.where(label == 1, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    # Standardised: Newton's steps then behave alike whatever the scale of the scores.
    total = ones + zeros
    centre = math.fsum(weight * raw) / total
    scale = math.sqrt(math.fsum(weight * (raw - centre) ** 2) / total)
    x = (raw - centre) / scale
    slope, intercept = 0.0, math.log(ones / zeros)
    loss = _loss(slope * x + intercept, target, weight)
    for _ in range(_STEPS):
        p = sigmoid(slope * x + intercept)
        error, curve = weight * (p - target), weight * p * (1 - p)
        g1, g0 = math.fsum(error * x), math.fsum(error)
        h11, h10, h00 = math.fsum(curve * x * x), math.fsum(curve * x), math.fsum(curve)
        h11, h00 = h11 + _TOLERANCE * total, h00 + _TOLERANCE * total
        determinant = h11 * h00 - h10 * h10
        d1, d0 = (h00 * g1 - h10 * g0) / determinant, (h11 * g0 - h10 * g1) / determinant
        step = 1.0
        while step > _TOLERANCE:
            candidate = _loss((slope - step * d1) * x + intercept - step * d0, target, weight)
            if candidate <= loss:
                break
            step /= 2
        else:
            break
        slope, intercept = slope - step * d1, intercept - step * d0
        if loss - candidate <= _TOLERANCE * abs(loss):
            break
        loss = candidate
    return Platt(slope=slope / scale, intercept=intercept - slope * centre / scale)


def sigmoid(log_odds: Floats) -> Floats:
    """Probability of log odds, without overflow."""
    half: Floats = np.tanh(log_odds / 2)
    return (1 + half) / 2


def in_millionths(log_odds: Floats) -> Integers:
    """Probability as an integer, 0 … 1,000,000: what is recorded and compared."""
    millionths: Integers = np.rint(sigmoid(log_odds) * 1_000_000).astype(np.int64)
    return millionths


def ranks_of(millionths: Integers, weight: Floats | None = None, up_to: int = 200) -> tuple[int, ...]:
    """Scores that the highest 1, 2, … `up_to` of each thousand reached.

    If not even one child is k of a thousand (a small city), the k-th is above the highest score: nobody reaches it. `weight`: how many children each score
    stands for. Children with the same score are taken together.
    """
    order = np.argsort(-millionths, kind="stable")
    scores = millionths[order]
    reached = np.cumsum(np.ones(len(order)) if weight is None else weight[order])
    ranks: list[int] = []
    for k in range(1, up_to + 1):
        # The last of those who are within k of a thousand; a hair of tolerance for sums of weights.
        last = (
            int(np.searchsorted(reached, reached[-1] * k / 1000 * (1 + 1e-12), side="right")) - 1 if len(order) else -1
        )
        ranks.append(int(scores[last]) if last >= 0 else (int(scores[0]) if len(order) else 0) + 1)
    return tuple(ranks)


def _loss(log_odds: Floats, target: Floats, weight: Floats) -> float:
    return math.fsum(weight * (np.logaddexp(0, log_odds) - target * log_odds))
