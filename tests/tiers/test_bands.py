"""From scores to bands: who is lifted at once, who stays for a while, and who is never in any."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tiers.bands import (
    NO_SCORE,
    NOBODY,
    BandState,
    Thresholds,
    bands,
    model_points,
    places,
    thresholds_of,
)
from engine.tiers.policy import BandRule

RULE = BandRule(enter=(20, 5, 1), leave=(30, 8, 2), weeks=4)
RANKS = tuple(200_000 - 1_000 * place for place in range(200))
THRESHOLDS = thresholds_of(RANKS, RULE)
NONE, LOW, MEDIUM, HIGH = range(4)

score = st.one_of(st.just(NO_SCORE), st.integers(0, 1_000_000), st.integers(160_000, 205_000))
# Steps between places, taken in turn: some are none, so that scores are shared.
ranks = st.builds(
    lambda top, steps: tuple(np.maximum(0, top - np.cumsum([0, *steps * 200][:200])).tolist()),
    st.integers(0, 1_000_000),
    st.lists(st.one_of(st.just(0), st.integers(0, 20_000)), min_size=1, max_size=5),
)
quotas = st.lists(st.integers(0, 130), min_size=3, max_size=3).map(lambda q: sorted(q, reverse=True))
rules = st.builds(
    lambda enter, tenths, weeks: BandRule(tuple(enter), tuple(-(-q * tenths // 10) for q in enter), weeks),
    quotas,
    st.integers(10, 15),
    st.integers(1, 6),
)
thresholds = st.builds(thresholds_of, ranks, rules)
models = st.tuples(ranks, rules)
state = st.tuples(st.integers(0, 3), st.integers(0, 5))


def weeks_of(scores: list[int], of: Thresholds = THRESHOLDS) -> list[int]:
    """The band of one child week after week."""
    now, told = None, []
    for each in scores:
        now = bands(np.array([each]), of, now)
        told.append(int(now.band[0]))
    return told


def one(each: int, of: Thresholds, before: tuple[int, int] | None = None) -> tuple[int, int]:
    was = None if before is None else BandState(np.array([before[0]]), np.array([before[1]]))
    now = bands(np.array([each]), of, was)
    return int(now.band[0]), int(now.weeks_below[0])


def test_the_thresholds_are_the_scores_at_the_ends_of_the_quotas():
    """With 1, 5 and 20 of a thousand, the scores of the 1st, 5th and 20th child enter, those of the 2nd, 8th and 30th keep."""
    assert THRESHOLDS.enter == (RANKS[19], RANKS[4], RANKS[0])
    assert THRESHOLDS.leave == (RANKS[29], RANKS[7], RANKS[1])


def test_a_score_shared_across_the_end_of_a_quota_lets_nobody_in():
    """If the 20th and the 21st child of a thousand have the same score, who has it is not in the band: it could be thousands."""
    flat = (*RANKS[:15], *([RANKS[15]] * 185))
    reached = thresholds_of(flat, RULE)
    assert reached.enter[0] == RANKS[15] + 1
    assert one(RANKS[15], reached) == (NONE, 0)


def test_a_quota_of_nobody_is_a_band_that_nobody_enters():
    """上: 0 takes the band out of use, whatever the score."""
    unused = thresholds_of(RANKS, replace(RULE, enter=(20, 5, 0), leave=(30, 8, 0)))
    assert unused.enter[2] == NOBODY
    assert one(1_000_000, unused) == (MEDIUM, 0)


def test_ranks_that_do_not_reach_far_enough_or_rise_are_no_ranks():
    """A model that cannot say where the widest band ends gives no thresholds."""
    for wrong in (RANKS[:30], tuple(reversed(RANKS))):
        with pytest.raises(ValueError, match="ranks"):
            thresholds_of(wrong, RULE)


def test_a_child_goes_up_at_once_and_leaves_after_four_weeks_below():
    """Upward without delay; three weeks below change nothing, the fourth does, and then the child is where the score is."""
    high, kept, below = RANKS[0], RANKS[1], RANKS[2]
    assert weeks_of([0, high]) == [NONE, HIGH]
    assert weeks_of([high, below, below, below, below, below]) == [HIGH, HIGH, HIGH, HIGH, MEDIUM, MEDIUM]
    assert weeks_of([high, below, below, below, kept, below, below, below]) == [HIGH] * 8
    assert weeks_of([high, *[kept] * 10]) == [HIGH] * 11
    assert weeks_of([high, 0, 0, 0, 0]) == [HIGH, HIGH, HIGH, HIGH, NONE]


def test_without_a_score_there_is_no_band_and_nothing_is_carried_on():
    """A child whom the model gave no score is in なし at once, and begins anew when it has one again."""
    assert weeks_of([RANKS[0], NO_SCORE, RANKS[1]]) == [HIGH, NONE, MEDIUM]


@given(thresholds, score, score, state)
def test_a_higher_score_never_gives_a_lower_band(of, one_score, other, before):
    """Monotone in the score, whatever the week before was."""
    low, high = sorted((one_score, other))
    assert one(low, of, before)[0] <= one(high, of, before)[0]


@given(thresholds, score, state, state)
def test_who_was_in_a_higher_band_is_never_in_a_lower_one_for_it(of, each, before, other):
    """With the same score and no week below yet, the higher band of last week never harms."""
    low, high = sorted((before[0], other[0]))
    assert one(each, of, (low, 0))[0] <= one(each, of, (high, 0))[0] or of.weeks == 1


@given(thresholds, score, state)
def test_upward_is_never_delayed(of, each, before):
    """The band is at least the one that the score alone would give."""
    fresh = one(each, of)[0]
    assert one(each, of, before)[0] >= fresh
    assert fresh == (0 if each == NO_SCORE else sum(each >= wanted for wanted in of.enter))


@given(thresholds, st.lists(st.integers(0, 1_000_000), min_size=2, max_size=12))
def test_a_band_is_left_only_after_so_many_weeks_below(of, scores):
    """Whenever the band goes down, the score was below what keeps that band this week and the weeks before, as many as the rule says."""
    told = weeks_of(scores, of)
    for week in range(1, len(told)):
        if told[week] < told[week - 1]:
            held = told[week - 1]
            assert week >= of.weeks
            assert all(scores[week - back] < of.leave[held - 1] for back in range(of.weeks))


@given(thresholds, st.lists(st.tuples(score, state), min_size=1, max_size=20))
def test_children_do_not_matter_to_each_other(of, children):
    """All at once is one by one."""
    scores, before = zip(*children, strict=True)
    together = bands(
        np.array(scores), of, BandState(np.array([b for b, _ in before]), np.array([w for _, w in before]))
    )
    alone = [one(each, of, was) for each, was in children]
    assert list(zip(together.band.tolist(), together.weeks_below.tolist(), strict=True)) == alone


@given(models, score, score, state, st.integers(0, 1000))
def test_points_follow_the_band_and_then_the_place(model, one_score, other, before, weight):
    """A higher band weighs more, in a band a higher score never less, in なし nothing; and none weighs four times the weight or more."""
    reached, rule = model
    last = rule.leave[0]
    told = []
    for each in sorted((one_score, other)):
        band, _ = one(each, thresholds_of(reached, rule), before)
        at = places(np.array([each]), reached, last)
        told.append((band, int(model_points(np.array([band]), at, last, weight)[0])))
    (low_band, low), (high_band, high) = told
    assert low <= high
    assert low < high or low_band == high_band or weight == 0
    assert all((points == 0) == (band == 0 or weight == 0) for band, points in told)
    assert high < 4 * weight or high == 0


@given(models, score)
def test_a_place_is_how_many_of_a_thousand_are_ahead(model, each):
    """The place is the first of the ranks that the score reaches, counted from 1; further down than the bands go it is one past them."""
    reached, rule = model
    last = rule.leave[0]
    expected = next((place for place in range(1, last + 1) if each >= reached[place - 1]), last + 1)
    assert int(places(np.array([each]), reached, last)[0]) == expected
