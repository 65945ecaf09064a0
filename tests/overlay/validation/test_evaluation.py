"""Rules, model and blend side by side, honestly: no peeking, no number out of too little, the same bytes every time."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up_rows import made_up_rows

from engine.tiers.policy import TierPolicy, load_policy
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.learning.folds import folds_of
from ml_overlay.learning.model import TypeModel
from ml_overlay.learning.predict import raw_scores
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import train_type
from ml_overlay.validation.evaluation import DayCohort, as_table, evaluate_against_truth, evaluate_type
from ml_overlay.validation.orders import RuleVerdicts, by_blend, by_rules
from ml_overlay.validation.results import TypeEvaluation, plain
from ml_overlay.validation.splits import only

RECIPE = Recipe(partitions=1, folds=3, rounds=15, minimum_positives=20)
LABEL_MONTHS = 6


@pytest.fixture(scope="module")
def policy() -> TierPolicy:
    return load_policy(Path(__file__).parents[3] / "rulebooks" / "tiers.yaml")


def no_rules(children: int, policy: TierPolicy) -> RuleVerdicts:
    level = np.full(children, len(policy.levels) - 1, dtype=np.int64)
    return RuleVerdicts(level, np.zeros(children, dtype=np.bool_), np.zeros(children, dtype=np.int64))


def last_days(rows: TrainingSet, policy: TierPolicy, count: int = 2) -> list[DayCohort]:
    days = np.unique(rows.cut_on)[-count:]
    cohorts = [only(rows, rows.cut_on == day) for day in days]
    return [DayCohort(cohort, no_rules(len(cohort.label), policy)) for cohort in cohorts]


def evaluated(rows: TrainingSet, policy: TierPolicy) -> TypeEvaluation:
    return evaluate_type(
        rows, last_days(rows, policy), RECIPE, policy, label_months=LABEL_MONTHS, capacities=(20,), draws=50
    )


def test_a_sign_that_helps_is_seen_and_rules_that_say_nothing_find_the_base_rate(policy: TierPolicy) -> None:
    """The model's average precision is above the base rate with its whole interval; rules without a hit are at it."""
    result = evaluated(made_up_rows(), policy)
    rules, model, blend = result.over_days
    assert result.without is None
    assert rules.order == "rules" and rules.lift is not None and rules.lift.at == 1_000_000
    assert model.lift is not None and model.lift.low > 1_500_000
    assert blend.lift is not None and blend.lift.low > 1_000_000
    assert result.calibration is not None
    assert [gain.capacity for gain in result.gains] == [20, 20]


def test_without_anything_to_learn_the_interval_holds_the_base_rate(policy: TierPolicy) -> None:
    """Labels drawn by lot give a lift whose interval holds 1, or no model at all."""
    result = evaluated(made_up_rows(strength=0.0, seed=4), policy)
    for over in result.over_days:
        if over.order == "model":
            assert over.lift is not None and over.lift.low < 1_150_000


def test_nobody_is_scored_by_a_booster_that_saw_its_household_and_no_label_is_known_too_early(
    policy: TierPolicy,
) -> None:
    """The rows that a test day's model was trained on end before the day, and a household's booster was trained on other folds."""
    rows = made_up_rows()
    seen: list[TrainingSet] = []

    def train(split: TrainingSet) -> TypeModel:
        seen.append(split)
        return train_type(split, RECIPE)

    cohorts = last_days(rows, policy)
    evaluate_type(rows, cohorts, RECIPE, policy, label_months=LABEL_MONTHS, trainer=train, capacities=(20,), draws=5)
    for split, cohort in zip(seen, cohorts, strict=True):
        assert split.cut_on.max() < cohort.rows.cut_on.min()
        both = np.intersect1d(split.household_keys, cohort.rows.household_keys)
        assert len(both) > 0  # otherwise this test says nothing
        assert set(folds_of(both, 0, RECIPE.folds).tolist()) == {0, 1, 2}
    # Labels of one fold's households, drawn anew, change no score of that fold.
    day = cohorts[0]
    fold = folds_of(seen[0].household_keys, 0, RECIPE.folds) == 1
    turned = replace(seen[0], label=np.where(fold, np.roll(seen[0].label, 1), seen[0].label).astype(np.int8))
    mine = folds_of(day.rows.household_keys, 0, RECIPE.folds) == 1
    table = as_table(day.rows, day.rows.cut_on[0].astype(object))
    before, after = (raw_scores(train_type(rows_, RECIPE), table) for rows_ in (seen[0], turned))
    assert np.array_equal(before[mine], after[mine])
    assert not np.array_equal(before[~mine], after[~mine])


def test_too_few_labelled_give_no_figure_but_a_reason(policy: TierPolicy) -> None:
    """A day with fewer than twenty labelled children has no average precision; the reason names the number."""
    rows = made_up_rows()
    days = np.unique(rows.cut_on)
    cohort = only(rows, rows.cut_on == days[-1])
    few = only(cohort, (cohort.label == 0) | (np.cumsum(cohort.label) <= 7))
    result = evaluate_type(
        rows, [DayCohort(few, no_rules(len(few.label), policy))], RECIPE, policy, label_months=LABEL_MONTHS, draws=5
    )
    assert result.days[0].orders == ()
    assert "7人" in (result.days[0].without or "")
    assert result.over_days == () and result.calibration is None
    assert result.without is not None


def test_a_day_on_which_no_model_could_be_trained_says_why(policy: TierPolicy) -> None:
    """Where too little was known by the test day, the reason is the trainer's, and other days are unaffected."""
    rows = made_up_rows()
    days = np.unique(rows.cut_on)
    cohorts = [only(rows, rows.cut_on == day) for day in (days[1], days[-1])]
    result = evaluate_type(
        rows,
        [DayCohort(cohort, no_rules(len(cohort.label), policy)) for cohort in cohorts],
        RECIPE,
        policy,
        label_months=LABEL_MONTHS,
        capacities=(20,),
        draws=5,
    )
    assert result.days[0].without is not None and "足りません" in result.days[0].without
    assert result.days[1].without is None and result.without is None


def test_a_capacity_that_takes_everybody_says_nothing(policy: TierPolicy) -> None:
    """Recall at a capacity as large as the cohort would be 1 for any order, so none is given."""
    rows = made_up_rows()
    result = evaluate_type(
        rows, last_days(rows, policy, 1), RECIPE, policy, label_months=LABEL_MONTHS, capacities=(600,), draws=5
    )
    assert all(at.recall is None for at in result.over_days[0].at_capacity)


def test_the_same_data_give_the_same_bytes_whatever_the_order_of_rows(policy: TierPolicy) -> None:
    """An evaluation is plain data, equal to the last digit when repeated and when rows are shuffled."""
    rows = made_up_rows(300, 6)
    order = np.random.default_rng(2).permutation(len(rows.label))
    shuffled = replace(
        rows,
        **{
            name: getattr(rows, name)[order]
            for name in ("values", "label", "child_keys", "household_keys", "cut_on", "weight")
        },
    )
    texts = [json.dumps(plain(evaluated(each, policy)), ensure_ascii=False) for each in (rows, rows, shuffled)]
    assert texts[0] == texts[1] == texts[2]
    assert not re.search(r"\d\.\d", texts[0])


def test_against_a_truth_there_is_no_calibration(policy: TierPolicy) -> None:
    """The model states how likely the label is and not the truth, so against a truth only orders are compared."""
    rows = made_up_rows()
    cohort = last_days(rows, policy, 1)[0].rows
    score = np.rint(1e6 / (1 + np.exp(-cohort.values[:, 0]))).astype(np.int64)
    result = evaluate_against_truth(
        "abuse",
        cohort.cut_on[0].astype(object),
        cohort.household_keys,
        cohort.label == 1,
        no_rules(len(cohort.label), policy),
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
