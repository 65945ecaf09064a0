"""The evaluation of one hardship type: for each test day a model of what was known by then, judged on everybody of that day.

Nothing peeks: a row is learned from only if its label was known on the test day, and everybody is scored by boosters that never saw their household
(`learning.folds`), also those whom the council had registered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from engine.evaluate.plan import Plan
from engine.tiers.decide import scenario_infos
from engine.tiers.policy import TierPolicy
from ml_overlay.cohorts.labels import Cohort
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.feature import FeatureTable, Texts
from ml_overlay.learning.model import TypeModel
from ml_overlay.learning.predict import millionths as probabilities
from ml_overlay.learning.train import NoModelError
from ml_overlay.validation.comparison import (
    CAPACITIES,
    DRAWS,
    LEAST_LABELLED,
    Compared,
    ComparedDay,
    OrderedDay,
    compare,
)
from ml_overlay.validation.looking_back import PastDay
from ml_overlay.validation.orders import RuleVerdicts, by_blend, by_rules, rule_verdicts
from ml_overlay.validation.results import MILLION, Apart, DayResult, Order, TypeEvaluation
from ml_overlay.validation.same_age import ScoredDay, apart_on
from ml_overlay.validation.splits import MOST_DAYS, Split, days_to_test, only, split_on

IntArray = npt.NDArray[np.int64]
Trainer = Callable[[TrainingSet], TypeModel]

_CLOSING = (
    "正例は、あとで分かったこどもです。分からなかったこどもに困難がないとは限りません。",
    "区間は、世帯を引き直して500回計算した95%の範囲です。",
)


@dataclass(frozen=True)
class TestDay:
    """A test day: its split, and what the rules said of each child of `split.tested` on that day, in its order."""

    __test__ = False  # a day to test a model on, and nothing of pytest's

    split: Split
    rules: RuleVerdicts


@dataclass(frozen=True)
class JudgedDay:
    """What was made of a test day: the model (None and why), and the orders of everybody."""

    split: Split
    model: TypeModel | None
    ordered: OrderedDay | None
    without: str | None


def days_of_type(
    hardship_type: str,
    cohorts: Sequence[Cohort],
    past: Mapping[date, PastDay],
    plan: Plan,
    policy: TierPolicy,
    most: int = MOST_DAYS,
) -> tuple[TestDay, ...]:
    """The latest days of a type on which a model of that day can be tested. `past`: every cohort's day, as `look_back` gives them."""
    tables = {day: each.table for day, each in past.items()}
    days = []
    for cohort in days_to_test(cohorts, most):
        split = split_on(hardship_type, cohorts, tables, cohort)
        of_day = past[split.day]
        verdicts = rule_verdicts(of_day.hits, scenario_infos(plan), policy, hardship_type, len(of_day.table.child_keys))
        days.append(TestDay(split, verdicts.of(np.flatnonzero(cohort.outcome >= 0))))
    return tuple(days)


def judge_days(days: Sequence[TestDay], policy: TierPolicy, train: Trainer) -> tuple[JudgedDay, ...]:
    """What a model of each day would have said, in order of days. The expensive part; the comparisons are cheap.

    A day on which `train` raises NoModelError says why and gives no figure.
    """
    judged = []
    for day in sorted((_in_order(each) for each in days), key=lambda each: each.split.day):
        split = day.split
        try:
            if split.learned is None:
                raise NoModelError(split.tested.hardship_type, "その日までに分かった正例がありませんでした。")
            model = train(split.learned)
        except NoModelError as error:
            judged.append(JudgedDay(split, None, None, error.reason))
            continue
        score = probabilities(model, as_table(split.tested, split.day))
        judged.append(JudgedDay(split, model, _ordered(day, score, policy), None))
    return tuple(judged)


def evaluation_of(
    hardship_type: str,
    judged: Sequence[JudgedDay],
    *,
    capacities: Sequence[int] = CAPACITIES,
    draws: int = DRAWS,
    seed: int = 1,
) -> TypeEvaluation:
    """Rules, model and blend against labels, day by day and over days, of days that have been judged.

    Days without a model, or with fewer than 20 labelled children, say so and give no figure.
    """
    ordered = [day.ordered for day in judged if day.ordered is not None]
    compared = compare(ordered, capacities=capacities, draws=draws, seed=seed)
    return _assembled(hardship_type, judged, compared, apart_on(_scored(judged), draws=draws, seed=seed))


def as_table(rows: TrainingSet, day: date) -> FeatureTable:
    """A day's cohort as the table that a model reads."""
    return FeatureTable(day, rows.child_keys, rows.household_keys, rows.features, rows.values)


def _assembled(
    hardship_type: str, judged: Sequence[JudgedDay], compared: Compared, apart: Apart | None
) -> TypeEvaluation:
    """The result of a comparison whose days are the tested days that have a model, in their order."""
    of_day = iter(compared.days)
    days = tuple(_result(day, next(of_day) if day.ordered is not None else None) for day in judged)
    measured = [day for day in days if day.without is None]
    without = None
    if not judged:
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
        (*_CLOSING, *_apart_in_words(apart)),
        without,
        apart,
    )


def _scored(judged: Sequence[JudgedDay]) -> list[ScoredDay]:
    return [
        ScoredDay(
            (rows := day.split.tested).child_keys,
            rows.household_keys,
            day.split.age_months,
            rows.label,
            rows.weight,
            day.ordered.orders["model"],
        )
        for day in judged
        if day.ordered is not None
    ]


def _apart_in_words(apart: Apart | None) -> tuple[str, ...]:
    """How much of what a model tells is told by age alone: where only children about to be examined can be found, an average precision says mostly who they are."""
    if apart is None:
        return ()
    everybody, same = (each.at / MILLION for each in (apart.everybody, apart.same_age))
    low, high = apart.same_age.low / MILLION, apart.same_age.high / MILLION
    return (
        f"モデルの見分け(AUC)は{everybody:.2f}、同じ年齢(就学前は月齢)のこどもどうしで比べると{same:.2f}({low:.2f}〜{high:.2f})です。"
        "差は、年齢だけで分かる部分です。0.50はでたらめと同じです。",
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
    rows, learned = day.split.tested, day.split.learned
    without = day.without
    if without is None and figures is None:
        without = _too_few(rows.positives)
    return DayResult(
        day=day.split.day,
        trained_rows=len(learned.label) if learned else 0,
        trained_positives=learned.positives if learned else 0,
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


def _ordered(day: TestDay, score: IntArray, policy: TierPolicy) -> OrderedDay:
    rows = day.split.tested
    orders: dict[Order, IntArray] = {
        "rules": by_rules(day.rules, policy),
        "model": score,
        "blend": by_blend(day.rules, score, policy, rows.hardship_type),
    }
    return OrderedDay(rows.household_keys, rows.label, rows.weight, orders, score)


def _in_order(day: TestDay) -> TestDay:
    """Children by key: what is drawn for each of them must not depend on where a row happens to stand."""
    order = np.argsort(day.split.tested.child_keys, kind="stable")
    split = replace(day.split, tested=only(day.split.tested, order), age_months=day.split.age_months[order])
    return TestDay(split, day.rules.of(order))
