"""The evaluation of one hardship type: for each test day a model of what was known by then, judged on everybody of that day.

Nothing peeks: a row is learned from only if its label was known on the test day, and everybody is scored by boosters that never saw their household
(`learning.folds`), also those whom the council had registered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from engine.tiers.policy import TierPolicy
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.feature import FeatureTable, Texts
from ml_overlay.learning.model import TypeModel
from ml_overlay.learning.predict import millionths as probabilities
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import NoModelError, train_type
from ml_overlay.validation.comparison import (
    CAPACITIES,
    DRAWS,
    LEAST_LABELLED,
    Compared,
    ComparedDay,
    OrderedDay,
    compare,
)
from ml_overlay.validation.orders import RuleVerdicts, by_blend, by_rules
from ml_overlay.validation.results import DayResult, Order, TypeEvaluation
from ml_overlay.validation.splits import Split, only, temporal_splits

IntArray = npt.NDArray[np.int64]
Trainer = Callable[[TrainingSet], TypeModel]

_CLOSING = (
    "正例は、あとで分かったこどもです。分からなかったこどもに困難がないとは限りません。",
    "区間は、世帯を引き直して500回計算した95%の範囲です。",
)


@dataclass(frozen=True)
class DayCohort:
    """Everybody at risk on a test day, one row per child (weights 1 where nobody was sampled), and what the rules said of each on that day."""

    rows: TrainingSet
    rules: RuleVerdicts


@dataclass(frozen=True)
class JudgedDay:
    """What was made for a test day: the model (None and why), and the orders of its cohort."""

    split: Split
    cohort: DayCohort
    model: TypeModel | None
    ordered: OrderedDay | None
    without: str | None


def evaluate_type(
    training: TrainingSet,
    cohorts: Sequence[DayCohort],
    recipe: Recipe,
    policy: TierPolicy,
    *,
    label_months: int,
    trainer: Trainer | None = None,
    capacities: Sequence[int] = CAPACITIES,
    draws: int = DRAWS,
    seed: int = 1,
) -> TypeEvaluation:
    """Rules, model and blend against labels, day by day and over days.

    `label_months`: gap and window of the label together. Days on which no
    model could be trained, or with fewer than 20 labelled children, say so and give no figure. Raises ValueError if a cohort is of several days.
    """
    tested = judge_days(training, cohorts, recipe, policy, label_months=label_months, trainer=trainer)
    usable = [day for day in tested if day.ordered is not None]
    compared = compare(
        [day.ordered for day in usable if day.ordered is not None], capacities=capacities, draws=draws, seed=seed
    )
    return _assembled(training.hardship_type, tested, compared)


def judge_days(
    training: TrainingSet,
    cohorts: Sequence[DayCohort],
    recipe: Recipe,
    policy: TierPolicy,
    *,
    label_months: int,
    trainer: Trainer | None = None,
) -> tuple[JudgedDay, ...]:
    """One per cohort, in order of days: what a model of that day would have said. The expensive part; its comparisons are cheap."""
    by_day = {_day_of(cohort): _in_order(cohort) for cohort in cohorts}
    if len(by_day) < len(cohorts):
        raise ValueError("two cohorts are of one day")
    train = trainer or (lambda rows: train_type(rows, recipe))
    tested = []
    for split in temporal_splits(training, list(by_day), label_months):
        cohort = by_day[split.day]
        try:
            model = train(split.rows)
        except NoModelError as error:
            tested.append(JudgedDay(split, cohort, None, None, error.reason))
            continue
        score = probabilities(model, as_table(cohort.rows, split.day))
        tested.append(JudgedDay(split, cohort, model, _ordered(cohort, score, policy), None))
    return tuple(tested)


def as_table(rows: TrainingSet, day: date) -> FeatureTable:
    """A day's cohort as the table that a model reads."""
    return FeatureTable(day, rows.child_keys, rows.household_keys, rows.features, rows.values)


def _assembled(hardship_type: str, tested: Sequence[JudgedDay], compared: Compared) -> TypeEvaluation:
    """The result of a comparison whose days are the tested days that have a model, in their order."""
    of_day = iter(compared.days)
    days = tuple(_result(day, next(of_day) if day.ordered is not None else None) for day in tested)
    measured = [day for day in days if day.without is None]
    without = None
    if not tested:
        without = "正例が分かるところまで時間のたった日がなく、先の期間で確かめられません。"
    elif not measured:
        without = "確かめられる日がありません。" + "".join(sorted({day.without for day in days if day.without}))
    return TypeEvaluation(
        hardship_type,
        "正例",
        days,
        compared.over_days,
        compared.gains,
        compared.calibration,
        _CLOSING,
        without,
    )


def evaluate_against_truth(
    hardship_type: str,
    day: date,
    household_keys: Texts,
    truth: npt.NDArray[np.bool_],
    rules: RuleVerdicts,
    millionths: IntArray,
    policy: TierPolicy,
    *,
    capacities: Sequence[int] = CAPACITIES,
    draws: int = DRAWS,
    seed: int = 1,
) -> TypeEvaluation:
    """Rules, model and blend of a day against a truth that only a made-up city has. `millionths` are scores by boosters that never saw the household.

    No calibration: the model states the probability of the label, which is not the truth.
    """
    orders: dict[Order, IntArray] = {
        "rules": by_rules(rules, policy),
        "model": millionths,
        "blend": by_blend(rules, millionths, policy, hardship_type),
    }
    ordered = OrderedDay(household_keys, truth.astype(np.int8), np.ones(len(truth)), orders, None)
    compared = compare([ordered], capacities=capacities, draws=draws, seed=seed)
    figures = compared.days[0]
    result = DayResult(
        day=day,
        trained_rows=0,
        trained_positives=0,
        trained_until=None,
        children=len(truth),
        households=len(np.unique(household_keys)),
        positives=int(truth.sum()),
        base_rate=figures.base_rate if figures else None,
        orders=figures.orders if figures else (),
        calibration=None,
        gains=figures.gains if figures else (),
        without=None if figures else _too_few(int(truth.sum())),
    )
    note = "架空の市の隠された真実と比べたものです。実在の市では測れません。"
    return TypeEvaluation(
        hardship_type, "真実", (result,), compared.over_days, compared.gains, None, (note, _CLOSING[1]), result.without
    )


def _too_few(positives: int) -> str:
    return f"正例が{positives}人で、{LEAST_LABELLED}人に足りません。率を出すと偶然を述べることになります。"


def _result(day: JudgedDay, figures: ComparedDay | None) -> DayResult:
    rows = day.cohort.rows
    without = day.without
    if without is None and figures is None:
        without = _too_few(rows.positives)
    return DayResult(
        day=day.split.day,
        trained_rows=len(day.split.rows.label),
        trained_positives=day.split.rows.positives,
        trained_until=day.split.trained_until,
        children=len(rows.label),
        households=len(np.unique(rows.household_keys)),
        positives=rows.positives,
        base_rate=figures.base_rate if figures else None,
        orders=figures.orders if figures else (),
        calibration=figures.calibration if figures else None,
        gains=figures.gains if figures else (),
        without=without,
    )


def _ordered(cohort: DayCohort, score: IntArray, policy: TierPolicy) -> OrderedDay:
    orders: dict[Order, IntArray] = {
        "rules": by_rules(cohort.rules, policy),
        "model": score,
        "blend": by_blend(cohort.rules, score, policy, cohort.rows.hardship_type),
    }
    rows = cohort.rows
    return OrderedDay(rows.household_keys, rows.label, rows.weight, orders, score)


def _in_order(cohort: DayCohort) -> DayCohort:
    """Children by key: what is drawn for each of them must not depend on where a row happens to stand."""
    order = np.argsort(cohort.rows.child_keys, kind="stable")
    rules = cohort.rules
    return DayCohort(
        only(cohort.rows, order), RuleVerdicts(rules.level[order], rules.always[order], rules.points[order])
    )


def _day_of(cohort: DayCohort) -> date:
    days = np.unique(cohort.rows.cut_on)
    if len(days) != 1:
        raise ValueError("a cohort to test on is of exactly one day")
    day: date = days[0].astype(object)
    return day
