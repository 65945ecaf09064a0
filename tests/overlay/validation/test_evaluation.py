"""Rules, model and blend side by side, honestly: no peeking, no number out of too little, the same bytes every time."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up_cohorts import MadeUpPast, made_up_past

from engine.tiers.policy import TierPolicy, load_policy
from ml_overlay.features.feature import Feature
from ml_overlay.learning.folds import folds_of
from ml_overlay.learning.predict import raw_scores
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import train_type
from ml_overlay.validation.comparison import OrderedDay, compare
from ml_overlay.validation.evaluation import TestDay, as_table, evaluate_against_truth, evaluation_of, judge_days
from ml_overlay.validation.orders import RuleVerdicts, by_blend, by_rules
from ml_overlay.validation.results import TypeEvaluation, plain
from ml_overlay.validation.splits import days_to_test, only, split_on

RECIPE = Recipe(partitions=1, folds=3, rounds=15, minimum_positives=20)


@pytest.fixture(scope="module")
def policy() -> TierPolicy:
    return load_policy(Path(__file__).parents[3] / "rulebooks" / "tiers.yaml")


def no_rules(children: int, policy: TierPolicy) -> RuleVerdicts:
    level = np.full(children, len(policy.levels) - 1, dtype=np.int64)
    return RuleVerdicts(level, np.zeros(children, dtype=np.bool_), np.zeros(children, dtype=np.int64))


def days_of(past: MadeUpPast, policy: TierPolicy, count: int = 2) -> list[TestDay]:
    splits = [split_on("abuse", past.cohorts, past.tables, tested) for tested in days_to_test(past.cohorts, most=count)]
    return [TestDay(split, no_rules(len(split.tested.label), policy)) for split in splits]


def evaluate_type(
    hardship_type: str, days: Sequence[TestDay], recipe: Recipe, policy: TierPolicy, **said: Any
) -> TypeEvaluation:
    judged = judge_days(days, policy, lambda rows: train_type(rows, recipe))
    return evaluation_of(hardship_type, judged, **said)


def evaluated(past: MadeUpPast, policy: TierPolicy) -> TypeEvaluation:
    return evaluate_type("abuse", days_of(past, policy), RECIPE, policy, capacities=(20,), draws=50)


def test_a_sign_that_helps_is_seen_and_rules_that_say_nothing_find_the_base_rate(policy: TierPolicy) -> None:
    """The model's average precision is above the base rate with its whole interval; rules without a hit are at it."""
    result = evaluated(made_up_past(), policy)
    rules, model, blend = result.over_days
    assert result.without is None
    assert rules.order == "rules" and rules.lift is not None and rules.lift.at == 1_000_000
    assert model.lift is not None and model.lift.low > 1_500_000
    assert blend.lift is not None and blend.lift.low > 1_000_000
    assert result.calibration is not None
    assert [gain.capacity for gain in result.gains] == [20, 20]


def test_labels_drawn_by_lot_show_no_lift(policy: TierPolicy) -> None:
    """Where nothing can be learned the interval of the lift holds 1, or there is no model and the reason is told."""
    result = evaluated(made_up_past(strength=0.0, seed=4), policy)
    for day in result.days:
        assert day.without is not None or day.orders
    for over in result.over_days:
        if over.order == "model":
            assert over.lift is not None and over.lift.low < 1_150_000


def test_nobody_is_scored_by_a_booster_that_saw_its_household(policy: TierPolicy) -> None:
    """Other labels of one fold's households change no score of that fold on the test day, and scores of the others."""
    day = days_of(made_up_past(), policy)[0].split
    assert day.learned is not None
    fold = folds_of(day.learned.household_keys, 0, RECIPE.folds) == 1
    mine = folds_of(day.tested.household_keys, 0, RECIPE.folds) == 1
    assert np.isin(day.tested.household_keys[mine], day.learned.household_keys[fold]).any()
    emptied = fold & (np.cumsum(fold) % 3 == 0)
    turned = replace(day.learned, label=np.where(emptied, 0, day.learned.label).astype(np.int8))
    table = as_table(day.tested, day.day)
    before, after = (raw_scores(train_type(rows, RECIPE), table) for rows in (day.learned, turned))
    assert np.array_equal(before[mine], after[mine])
    assert not np.array_equal(before[~mine], after[~mine])


def test_too_few_labelled_give_no_figure_but_a_reason(policy: TierPolicy) -> None:
    """A day with fewer than twenty labelled children has no average precision; the reason names the number."""
    (day,) = days_of(made_up_past(), policy, count=1)
    rows = day.split.tested
    few = only(rows, (rows.label == 0) | (np.cumsum(rows.label) <= 7))
    result = evaluate_type(
        "abuse",
        [TestDay(replace(day.split, tested=few), no_rules(len(few.label), policy))],
        RECIPE,
        policy,
        draws=5,
    )
    assert result.days[0].orders == () and result.days[0].base_rate is None
    assert "7人" in (result.days[0].without or "")
    assert result.over_days == () and result.calibration is None
    assert result.without is not None


def test_a_day_on_which_no_model_could_be_trained_says_why_and_spares_the_others(policy: TierPolicy) -> None:
    """Where too little was known by the test day, the reason is the trainer's; other days have their figures."""
    first, last = days_of(made_up_past(), policy)
    assert first.split.learned is not None
    few = only(first.split.learned, np.arange(len(first.split.learned.label)) < 30)
    result = evaluate_type(
        "abuse",
        [TestDay(replace(first.split, learned=few), first.rules), last],
        RECIPE,
        policy,
        capacities=(20,),
        draws=5,
    )
    assert result.days[0].without is not None and "足りません" in result.days[0].without
    assert result.days[1].without is None and result.without is None


def test_without_any_day_to_test_on_the_type_says_so(policy: TierPolicy) -> None:
    """A history too short for a label to be seen before a test day gives a reason instead of figures."""
    past = made_up_past(days=2)
    assert days_of(past, policy) == []
    result = evaluate_type("abuse", [], RECIPE, policy)
    assert result.days == () and result.without is not None


def test_a_capacity_that_takes_everybody_says_nothing(policy: TierPolicy) -> None:
    """Recall at a capacity as large as the cohort would be 1 for any order, so none is given."""
    days = days_of(made_up_past(), policy, count=1)
    result = evaluate_type("abuse", days, RECIPE, policy, capacities=(600,), draws=5)
    assert all(at.recall is None for at in result.over_days[0].at_capacity)
    assert all(gain.ratio is None for gain in result.gains)


def test_the_same_data_give_the_same_bytes_whatever_the_order_of_rows(policy: TierPolicy) -> None:
    """An evaluation is plain data, equal to the last digit when repeated and when rows are shuffled; it holds no float."""
    days = days_of(made_up_past(300, 6), policy)
    shuffled = []
    for day in days:
        order = np.random.default_rng(2).permutation(len(day.split.tested.label))
        tested = only(day.split.tested, order)
        split = replace(day.split, tested=tested, age_months=day.split.age_months[order])
        shuffled.append(TestDay(split, day.rules.of(order)))
    texts = [
        json.dumps(plain(evaluate_type("abuse", each, RECIPE, policy, capacities=(20,), draws=20)), ensure_ascii=False)
        for each in (days, days[::-1], shuffled)
    ]
    assert texts[0] == texts[1] == texts[2]
    json.loads(texts[0], parse_float=pytest.fail)


def test_against_a_truth_there_is_no_calibration(policy: TierPolicy) -> None:
    """The model states how likely the label is and not the truth, so against a truth only orders are compared."""
    split = days_of(made_up_past(), policy, 1)[0].split
    score = np.rint(1e6 / (1 + np.exp(-split.tested.values[:, 0]))).astype(np.int64)
    result = evaluate_against_truth(
        "abuse",
        split.day,
        split.tested.household_keys,
        split.tested.label == 1,
        no_rules(len(split.tested.label), policy),
        score,
        policy,
        capacities=(20,),
        draws=20,
    )
    assert result.against == "真実" and result.calibration is None
    assert result.over_days[1].lift is not None and result.over_days[1].lift.low > 1_000_000


def test_the_blend_never_puts_a_child_below_its_tier_by_rules(policy: TierPolicy) -> None:
    """Whoever the rules put into a more active tier stays before everybody whom neither rules nor model raise that far."""
    random = np.random.default_rng(3)
    count = 2000
    level = random.integers(0, len(policy.levels), count)
    verdicts = RuleVerdicts(level, random.random(count) < 0.01, random.integers(0, 300, count))
    score = random.integers(0, 1_000_001, count)
    rules, blend = by_rules(verdicts, policy), by_blend(verdicts, score, policy, "abuse")
    tier_by_rules, tier_by_blend = (np.rint(-order / 10**12).astype(int) for order in (rules, blend))
    assert set(tier_by_rules) == {1, 2, 3}
    assert (tier_by_blend <= tier_by_rules).all()
    assert (tier_by_blend < tier_by_rules).any()


def test_nothing_found_is_no_certainty_and_gives_no_ratio() -> None:
    """An order with no labelled child among its first twenty has an interval up to what twenty children can tell, and no gain is stated."""
    keys = np.array([f"h{number:05d}" for number in range(600)])
    label = (np.arange(600) < 60).astype(np.int8)
    worst, best = np.arange(600), np.arange(600)[::-1].copy()
    day = OrderedDay(keys, label, np.ones(600), {"rules": best, "model": worst, "blend": worst}, None)
    compared = compare([day], capacities=(20,), draws=50)
    rules, model, _ = (over.at_capacity[0] for over in compared.over_days)
    assert rules.precision is not None and rules.precision.at == 1_000_000
    assert model.precision is not None and model.recall is not None and model.found is not None
    assert (model.precision.at, model.precision.low) == (0, 0)
    assert model.precision.high == round(1_000_000 * 1.96**2 / (20 + 1.96**2))
    assert model.recall.high > 0 and 3_000_000 < model.found.high < 4_000_000
    assert all(gain.ratio is None for gain in compared.gains)


def test_what_age_alone_tells_is_said(policy: TierPolicy) -> None:
    """Where only two-year-olds are labelled and nothing else is known, the model tells them from others, and not from one another."""
    past = made_up_past(children=900)
    random = np.random.default_rng(3)
    age = np.repeat(np.arange(18), 50).astype(np.float32)
    columns = (
        Feature("age.child.level", "年齢", "年齢", 0, False, ("age",)),
        *past.tables[past.cohorts[0].cut_off.on].features[1:],
    )
    tables = {
        day: replace(t, features=columns, values=np.column_stack([age, t.values[:, 1]]))
        for day, t in past.tables.items()
    }
    months = (age * 12).astype(np.int64)
    cohorts = [
        replace(c, age_months=months, outcome=((age == 2) & (random.random(900) < 0.6)).astype(np.int8))
        for c in past.cohorts
    ]
    result = evaluated(MadeUpPast(tuple(cohorts), tables), policy)
    note = next(note for note in result.notes if "AUC" in note)
    together, same_age, low, high = (float(number) for number in re.findall(r"\d\.\d\d", note)[:4])
    assert together > 0.9 and low < 0.5 and low <= same_age <= high
