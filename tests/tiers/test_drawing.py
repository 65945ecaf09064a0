"""Drawing children by chance."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.tiers.drawing import chance_millionths, in_drawing_order

keys = st.lists(st.text("ABCDEFG234567", min_size=4, max_size=8), unique=True, max_size=20)


@given(keys, st.randoms())
def test_a_run_draws_the_same_children_from_whatever_order(children, random):
    """The draw follows from the run's number and who there is, nothing else."""
    shuffled = list(children)
    random.shuffle(shuffled)
    drawn = in_drawing_order("R20261120-01", children)
    assert in_drawing_order("R20261120-01", shuffled) == drawn and set(drawn) == set(children)


@given(keys, st.text("ABCDEFG234567", min_size=9, max_size=9))
def test_who_else_there_is_does_not_change_who_comes_before_whom(children, newcomer):
    """One child more or less in the pool does not shuffle the others."""
    drawn = in_drawing_order("R20261120-01", [*children, newcomer])
    assert tuple(key for key in drawn if key != newcomer) == in_drawing_order("R20261120-01", children)


def test_over_many_weeks_everybody_is_drawn_about_as_often():
    """Of twenty children three a week: over 2,000 runs each about 300 times."""
    children = [f"P{n:02}" for n in range(20)]
    counts = Counter(key for run in range(2_000) for key in in_drawing_order(f"R{run}", children)[:3])
    assert all(240 < counts[key] < 360 for key in children)


@given(st.integers(1, 30), st.integers(1, 200_000))
def test_a_chance_lies_between_one_in_a_million_and_certainty(drawn, pool):
    """As feedback asks for it; all are drawn where there are no more than asked for."""
    assert 0 < chance_millionths(min(drawn, pool), pool) <= 1_000_000
