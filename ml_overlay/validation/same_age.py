"""How well a model tells apart children of the same age, and whether that is shown to be better than chance: only then is a type's model used.

Where a label can come true only at an age (a check at three, a questionnaire after birth), the most telling thing is how old a child is. That finds nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_overlay.features.feature import Texts
from ml_overlay.validation.comparison import DRAWS, LEAST_LABELLED
from ml_overlay.validation.measures import IntArray, Reals, times_drawn
from ml_overlay.validation.results import MILLION, Apart, TypeEvaluation, figure

BY_CHANCE = MILLION // 2
_SCHOOL_AGE = 72
"""In months. Before school, checks, vaccinations and questionnaires come by the month, and children are compared by the month."""


@dataclass(frozen=True)
class ScoredDay:
    """Everybody at risk on a test day: what came of them, how old they were (months, -1 unknown), and what a model of that day gave them."""

    child_keys: Texts
    household_keys: Texts
    age_months: IntArray
    label: npt.NDArray[np.int8]
    weight: Reals
    score: IntArray


def apart_on(days: Sequence[ScoredDay], *, draws: int = DRAWS, seed: int = 1) -> Apart | None:
    """The AUC over all pairs of a labelled and another child of the same day, and of the same day and age. Intervals over households drawn with all their days.

    None with fewer than 20 labelled children, or where nobody labelled has another child of its age beside it.
    """
    labelled = {str(key) for day in days for key in day.child_keys[day.label == 1]}
    if len(labelled) < LEAST_LABELLED:
        return None
    homes, home = np.unique(np.concatenate([day.household_keys for day in days]), return_inverse=True)
    times = times_drawn(len(homes), draws, seed)
    number = np.concatenate([np.full(len(day.label), at, dtype=np.int64) for at, day in enumerate(days)])
    age = np.concatenate([_age_group(day.age_months) for day in days])
    score, label, weight = (
        np.concatenate([getattr(day, name) for day in days]) for name in ("score", "label", "weight")
    )
    rows = _Rows(score, label, weight, home.astype(np.int64))
    everybody, same_age = (
        figure(_areas(rows, group, times)) for group in (number, number * (int(age.max()) + 1) + age)
    )
    return None if everybody is None or same_age is None else Apart(everybody, same_age)


def why_not_used(evaluation: TypeEvaluation) -> str | None:
    """Why a type gets no model, in Japanese, unless its evaluation shows that the model tells apart children of the same age better than chance.

    Shown: the lower end of the 95 % interval lies above .5, all test days taken together. What cannot be told is not shown.
    """
    apart = evaluation.apart
    if apart is None:
        return (
            f"先の期間で、同じ年齢のこどもどうしを見分けられるかを確かめられません(確かめられる日がないか、どの日を合わせても正例のこどもが{LEAST_LABELLED}人に足りません)。"
            "役に立つと示せないモデルは使いません。"
        )
    if apart.same_age.low > BY_CHANCE:
        return None
    at, low, high = (each / MILLION for each in (apart.same_age.at, apart.same_age.low, apart.same_age.high))
    return (
        f"先の期間で確かめると、同じ年齢のこどもどうしでの見分け(AUC)が{at:.2f}({low:.2f}〜{high:.2f})で、でたらめ(0.50)よりよいと示せませんでした。"
        "役に立つと示せないモデルは使いません。"
    )


@dataclass(frozen=True)
class _Rows:
    score: IntArray
    label: npt.NDArray[np.int8]
    weight: Reals
    home: IntArray


def _age_group(months: IntArray) -> IntArray:
    """Months before school, years from then on; whose age is unknown is compared with the like."""
    years = _SCHOOL_AGE + 1 + (months - _SCHOOL_AGE) // 12
    return np.where(months < 0, 0, np.where(months < _SCHOOL_AGE, months + 1, years))


def _areas(rows: _Rows, group: IntArray, times: Reals) -> Reals:
    """The area under the ROC curve over pairs of one group, ties as half, per draw; NaN without a pair."""
    order = np.lexsort((rows.score, group))
    grouped, score, labelled = group[order], rows.score[order], rows.label[order] == 1
    starts_group = np.concatenate([[True], grouped[1:] != grouped[:-1]])
    starts_tie = starts_group | np.concatenate([[True], score[1:] != score[:-1]])

    def ends(starts: npt.NDArray[np.bool_]) -> tuple[IntArray, IntArray]:
        """Of each labelled row where its tie or group begins and ends."""
        begins = np.flatnonzero(starts)
        part = (np.cumsum(starts) - 1)[labelled]
        return begins[part], np.append(begins[1:], len(order))[part]

    (tie, tie_end), (first, last) = ends(starts_tie), ends(starts_group)
    weight, home = rows.weight[order], rows.home[order]
    areas = np.full(times.shape[1], np.nan)
    for draw in range(times.shape[1]):
        mass = weight * times[home, draw]
        before = np.concatenate([[0.0], np.cumsum(np.where(labelled, 0.0, mass))])
        mine = mass[labelled]
        won = float(mine @ ((before[tie] + before[tie_end]) / 2 - before[first]))
        pairs = float(mine @ (before[last] - before[first]))
        if pairs > 0:
            areas[draw] = won / pairs
    return areas
