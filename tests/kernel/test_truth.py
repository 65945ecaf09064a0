"""Kleene's logic, as the rulebooks rely on it."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.truth import Truth, all_of, any_of, at_least, of

M, N, U = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
truths = st.lists(st.sampled_from(Truth))


def possible(values: list[Truth]) -> list[tuple[bool, ...]]:
    """Every way in which the unknown ones could turn out."""
    return list(product(*[(True, False) if v is U else (v is M,) for v in values]))


def agreed(outcomes: set[bool]) -> Truth:
    return U if len(outcomes) == 2 else of(outcomes.pop())


@given(truths.filter(lambda v: len(v) <= 6))
def test_all_and_any_say_unknown_exactly_when_the_unknown_facts_could_decide(values):
    """すべて and いずれか are unknown only if the facts that are missing could turn the answer either way."""
    assert all_of(values) is agreed({all(world) for world in possible(values)})
    assert any_of(values) is agreed({any(world) for world in possible(values)})


@given(truths.filter(lambda v: len(v) <= 6), st.integers(0, 7))
def test_at_least_says_unknown_exactly_when_the_unknown_facts_could_decide(values, needed):
    """n以上 counts the met ones, and is unknown only while the unknown ones could still make it enough."""
    assert at_least(needed, values) is agreed({sum(world) >= needed for world in possible(values)})


def test_not_turns_met_and_not_met_and_keeps_unknown():
    """次でない: 該当 becomes 非該当 and the reverse; 不明 stays 不明."""
    assert [~t for t in (M, N, U)] == [N, M, U]


def test_a_truth_cannot_be_used_as_a_yes_or_no():
    """Writing `if truth:` raises, because it would read 不明 as 該当 or as 非該当 without anybody noticing."""
    for truth in Truth:
        with pytest.raises(TypeError):
            bool(truth)
