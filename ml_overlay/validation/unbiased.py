"""What the weekly random sample says beside what the labels say: of children drawn by lot, how many are in difficulty, and how many of those an order finds.

Labels come from whoever was noticed or listed. Children drawn at random among those not listed, with a known chance, tell what is missed: each stands for one over
its chance, a listed child for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from ml_overlay.cohorts.labels import BY_CHANCE, CAME_TRUE, NOT_LOOKED_AT, Cohort
from ml_overlay.features.feature import Texts
from ml_overlay.validation.comparison import CAPACITIES, DRAWS, LEAST_LABELLED
from ml_overlay.validation.measures import times_drawn
from ml_overlay.validation.results import Figure, Order, figure, millionths

IntArray = npt.NDArray[np.int64]
FEWEST_DRAWN = 10
NONE_YET = "無作為に選んだこどもの確認は、まだありません。見落としの割合は、確認がたまるまで分かりません。"


@dataclass(frozen=True)
class SampleEstimate:
    """The random sample of a type. `drawn` children of whom `found` were in difficulty; `share` of the children not listed, with its Wilson interval.

    `recall[order][capacity]`: share of all in difficulty whom the first so many children of an order hold, each child weighed by one over its chance of
    having been looked at. `says`: in Japanese, why there is no figure or how far it carries.
    """

    drawn: int
    found: int
    share: Figure | None
    recall: Mapping[Order, Mapping[int, Figure | None]]
    says: str


def sample_estimate(
    cohorts: Sequence[Cohort],
    ordered: Cohort | None,
    household_keys: Texts,
    orders: Mapping[Order, IntArray],
    *,
    capacities: Sequence[int] = CAPACITIES,
    draws: int = DRAWS,
    seed: int = 1,
) -> SampleEstimate:
    """From all cohorts of a type the share found by lot; from the `ordered` one (rows: its children at risk, as `orders` and `household_keys`) the recalls.

    A child drawn on one day stands in the windows of several cohorts and is counted once.
    """
    drawn, found = _drawn(cohorts)
    if drawn == 0:
        return SampleEstimate(0, 0, None, {}, NONE_YET)
    share = None
    if drawn >= FEWEST_DRAWN:
        interval = binomtest(found, drawn).proportion_ci(method="wilson")
        share = Figure(millionths(found / drawn), millionths(interval.low), millionths(interval.high))
    says = f"無作為に選んで確認したこども{drawn}人のうち、{found}人に困難がありました。"
    if ordered is None:
        return SampleEstimate(drawn, found, share, {}, says)
    at_risk = ordered.outcome >= 0
    looked, chance = ordered.looked[at_risk], ordered.chance[at_risk]
    label = ((ordered.outcome[at_risk] == CAME_TRUE) & (looked != NOT_LOOKED_AT)).astype(np.int8)
    if int(label.sum()) < LEAST_LABELLED or not (looked == BY_CHANCE).any():
        return SampleEstimate(
            drawn, found, share, {}, f"{says}困難のあったこどもが少なく、見つけた割合はまだ述べられません。"
        )
    recall = _recalls(label, looked, chance, household_keys, orders, capacities, draws, seed)
    return SampleEstimate(drawn, found, share, recall, says)


def _drawn(cohorts: Sequence[Cohort]) -> tuple[int, int]:
    drawn: set[str] = set()
    found: set[str] = set()
    for cohort in cohorts:
        by_lot = (cohort.looked == BY_CHANCE) & (cohort.outcome >= 0)
        drawn.update(cohort.child_keys[by_lot].tolist())
        found.update(cohort.child_keys[by_lot & (cohort.outcome == CAME_TRUE)].tolist())
    return len(drawn), len(found)


def _recalls(
    label: npt.NDArray[np.int8],
    looked: npt.NDArray[np.int8],
    chance: npt.NDArray[np.float64],
    household_keys: Texts,
    orders: Mapping[Order, IntArray],
    capacities: Sequence[int],
    draws: int,
    seed: int,
) -> dict[Order, dict[int, Figure | None]]:
    """Everybody takes a place in the order; who was found while looked at counts one over the chance of having been looked at."""
    homes, home = np.unique(household_keys, return_inverse=True)
    times = times_drawn(len(homes), draws, seed)
    stands_for = np.where(looked == NOT_LOOKED_AT, 0.0, 1.0 / np.maximum(chance, 1e-6)) * label
    result: dict[Order, dict[int, Figure | None]] = {}
    for order, values in orders.items():
        result[order] = {}
        for capacity in capacities:
            inside = _share_inside(values, capacity)
            found = np.bincount(home, weights=stands_for * inside, minlength=len(homes)) @ times
            in_all = np.bincount(home, weights=stands_for, minlength=len(homes)) @ times
            with np.errstate(invalid="ignore", divide="ignore"):
                result[order][capacity] = figure(np.where(in_all > 0, found / in_all, np.nan))
    return result


def _share_inside(order: IntArray, capacity: int) -> npt.NDArray[np.float64]:
    """For each child the chance to be among the first `capacity`, equals drawn by lot."""
    ranked = np.sort(order)[::-1]
    if capacity >= len(ranked):
        return np.ones(len(order))
    edge = ranked[capacity]
    above = int((order > edge).sum())
    equal = int((order == edge).sum())
    return np.where(order > edge, 1.0, np.where(order == edge, (capacity - above) / equal, 0.0))
