"""Training: the same bytes whatever the order, nobody judged by a booster that saw the household, and refusal where there is too little to learn from."""

from __future__ import annotations

from dataclasses import replace

import lightgbm
import numpy as np
import pytest
from made_up_rows import FEATURES, NAMES, QUICK, SIGNS, rows, table

from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.feature import Feature
from ml_overlay.learning.folds import folds_of
from ml_overlay.learning.predict import millionths, raw_scores
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import NoModelError, cross_fit, ranked_on, train_type


def permuted(of: TrainingSet, seed: int) -> TrainingSet:
    rng = np.random.default_rng(seed)
    order, columns = rng.permutation(len(of.label)), rng.permutation(len(of.features))
    return replace(
        of,
        features=tuple(of.features[column] for column in columns),
        values=np.asfortranarray(of.values[order][:, columns]),
        label=of.label[order],
        child_keys=of.child_keys[order],
        household_keys=of.household_keys[order],
        cut_on=of.cut_on[order],
        weight=of.weight[order],
    )


@pytest.mark.parametrize(("threads", "seed"), [(1, None), (1, 5), (2, 6)])
def test_same_rows_same_bytes(threads: int, seed: int | None) -> None:
    """Repeated, on one or two threads, with rows and columns in another order: the same texts, calibration, thresholds and scores."""
    of = rows()
    recipe = replace(QUICK, rounds=8)
    first = train_type(of, recipe)
    again = train_type(of if seed is None else permuted(of, seed), recipe, threads=threads)
    assert again == first
    assert (millionths(again, table(of)) == millionths(first, table(of))).all()


def test_a_booster_text_tells_nothing_of_the_machine() -> None:
    """The parameters, which hold the number of threads, are not in a booster's text; it can be read all the same."""
    text = train_type(rows(), QUICK).boosters[0][0]
    assert "num_threads" not in text and "parameters" not in text
    assert lightgbm.Booster(model_str=text).num_trees() == QUICK.rounds


def test_nobody_is_judged_by_a_booster_that_saw_the_household() -> None:
    """Whatever a household's own labels, weights and features are in training, its score stays the same to the bit."""
    of = rows()
    asked = table(of)
    model = train_type(of, QUICK)
    rng = np.random.default_rng(3)
    for house in ("house00003", "house00100"):
        own = of.household_keys == house
        values, label, weight = of.values.copy(), of.label.copy(), of.weight.copy()
        values[own] = rng.poisson(40, size=values[own].shape)
        label[own], weight[own] = 1 - label[own], 50.0
        changed = train_type(replace(of, values=values, label=label, weight=weight), QUICK)
        assert (raw_scores(changed, asked)[own] == raw_scores(model, asked)[own]).all()
        assert not (raw_scores(changed, asked)[~own] == raw_scores(model, asked)[~own]).all()


def test_out_of_fold_scores_are_those_of_production() -> None:
    """The scores that calibration rests on are the scores that the same children get from the finished model."""
    fit = cross_fit(rows(), QUICK)
    of = fit.training_set
    assert (raw_scores(fit.model, table(of)) == fit.raw).all()
    by_hand = np.zeros(len(fit.raw))
    for partition, boosters in enumerate(fit.model.boosters):
        fold = folds_of(of.household_keys, partition, QUICK.folds)
        scores = np.array([lightgbm.Booster(model_str=text).predict(of.values, raw_score=True) for text in boosters])
        by_hand += scores[fold, np.arange(len(fold))] / QUICK.partitions
    assert np.allclose(by_hand, fit.raw, atol=1e-12)


def test_a_model_finds_what_was_planted() -> None:
    """Children with what raises the chance get higher scores than others, out of fold."""
    fit = cross_fit(rows(), QUICK)
    label = fit.training_set.label
    higher = (fit.raw[label == 1][:, None] > fit.raw[label == 0][None, :]).mean()
    assert higher > 0.65


def test_columns_that_say_next_to_nothing_are_left_out() -> None:
    """A column that is known and off its commonest value in fewer rows than the recipe asks for is no column of the model."""
    of = rows()
    thin = np.zeros(len(of.label), dtype=np.float32)
    thin[:5] = 1
    never = np.full(len(of.label), 730, dtype=np.float32)
    never[:5] = 3
    unknown = np.full(len(of.label), np.nan, dtype=np.float32)
    more = tuple(Feature(f"thin.{number}", "", "", 1, True, ()) for number in range(3))
    wide = replace(of, features=of.features + more, values=np.column_stack([of.values, thin, never, unknown]))
    assert train_type(wide, QUICK) == train_type(of, QUICK)


def test_too_few_positives_have_no_model() -> None:
    """Below the minimum of children (not rows) there is no model, and the reason is said in Japanese with both numbers."""
    of = rows()
    children = len(np.unique(of.child_keys[of.label == 1]))
    with pytest.raises(NoModelError) as refused:
        train_type(of, replace(QUICK, minimum_positives=children + 1))
    assert f"{children}人" in refused.value.reason and f"{children + 1}人に足りません" in refused.value.reason
    assert refused.value.hardship_type == "abuse"


def test_labels_without_unlabelled_have_no_model() -> None:
    """Where everybody is labelled there is nothing to tell apart."""
    of = rows()
    with pytest.raises(NoModelError, match="比べる相手"):
        train_type(replace(of, label=np.ones_like(of.label)), QUICK)


def test_scores_that_say_the_opposite_are_no_model() -> None:
    """If out-of-fold scores fall where labels are, the type has no model: a rank turned round would be worse than none."""
    of = rows()
    houses = folds_of(of.household_keys, 0, 3)
    # One partition: in each fold the children with many absences are labelled, in the other folds those with few.
    values = of.values.copy()
    values[:, 1:] = 0
    values[:, 0] = np.arange(len(of.label)) % 2
    label = (values[:, 0] == 1).astype(np.int8)
    label[houses == 0] = 1 - label[houses == 0]
    label[houses == 1] = 0
    label[(houses == 1) & (np.arange(len(of.label)) % 40 == 0)] = 1
    odd = replace(of, values=values, label=label, weight=np.ones(len(of.label)))
    free = tuple(replace(feature, sign=0) for feature in FEATURES)
    with pytest.raises(NoModelError, match="高いとはいえません"):
        train_type(replace(odd, features=free), replace(QUICK, partitions=1))


def test_faulty_rows_are_refused() -> None:
    """A child twice on one day, or two columns of one name, is a fault of whoever made the rows."""
    of = rows()
    twice = of.child_keys.copy()
    twice[2] = twice[0]
    with pytest.raises(ValueError, match="twice"):
        train_type(replace(of, child_keys=twice), QUICK)
    with pytest.raises(ValueError, match="same name"):
        train_type(replace(of, features=(FEATURES[1], *FEATURES[1:])), QUICK)


def test_thresholds_fall_and_fit_the_children_of_today() -> None:
    """Of a thousand children no more than k have a score above the k-th threshold, and at least that many reach it."""
    of = rows()
    model = ranked_on(train_type(of, QUICK), table(of))
    scores = millionths(model, table(of))
    assert len(model.ranks) == 200 and list(model.ranks) == sorted(model.ranks, reverse=True)
    assert model.ranks[0] == scores.max() + 1  # 600 children: not even one is one of a thousand
    for k in (2, 50, 200):
        allowed = len(scores) * k // 1000
        assert (scores > model.ranks[k - 1]).sum() < allowed <= (scores >= model.ranks[k - 1]).sum()


def test_progress_is_told_booster_by_booster() -> None:
    """Whoever waits sees how many boosters are done, of how many."""
    seen: list[tuple[int, int]] = []
    train_type(rows(), replace(QUICK, rounds=2), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 6) for done in range(1, 7)]


def test_a_recipe_is_plain_data() -> None:
    """What is written into a model's file gives the recipe back."""
    assert Recipe(**QUICK.as_data()) == QUICK
    assert len(SIGNS) == len(NAMES)
