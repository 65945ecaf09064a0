"""The second engine gives the truth and the evidence of the reference interpreter, whatever rulebooks and data."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from made_up_sentences import FORMS, form_of
from replaying import EngineIsMissingError, by_engine, by_stand_in
from test_evaluators_agree import TIMES, VOCABULARY, world_of

from engine.evaluate.meaning.reference import judge
from engine.evaluate.plan import Plan, scenario_truth
from engine.kernel.truth import Truth
from engine.records.household import Household
from engine.replay.meaning.compile import CompiledRules, ReplayedChild, compile_scenarios
from engine.rulebook.language.printer import to_japanese


def worlds(how_many: int) -> settings:
    """As many worlds as each of which compares some 5,000 values of sentences."""
    return settings(
        max_examples=how_many,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def test_durable_rules_agrees_on_100_000_condition_values() -> None:
    """For random rulebooks and households with holes in their data, durable_rules gives the truth and the records that the
    interpreter gives, for every form of sentence and every scenario; and each form takes all three truths."""
    counted: dict[str, Counter[Truth]] = {form: Counter() for form in (*FORMS, "シナリオの参照")}

    @worlds(20 * TIMES)
    @given(st.integers(0, 2**32 - 1))
    def compare(seed: int) -> None:
        plan, households, _ = world_of(seed)
        compare_with_reference(plan, households, by_engine(rules_of(plan), households), counted)

    try:
        compare()
    except EngineIsMissingError as missing:
        if os.environ.get("KIZUKI_REPLAY_REQUIRED"):
            raise
        pytest.skip(f"durable_rules cannot be imported (docs/replay.md): {missing}")
    assert sum(counts.total() for counts in counted.values()) >= 100_000 * TIMES
    never = {form: [truth for truth in Truth if not counts[truth]] for form, counts in counted.items()}
    assert not any(never.values()), never


@pytest.mark.parametrize("seed", range(3))
def test_rules_taken_at_their_word_agree(seed: int) -> None:
    """What is told to the engine means what the interpreter says, also where the engine itself is not installed."""
    plan, households, _ = world_of(seed, households=20)
    compare_with_reference(plan, households, by_stand_in(rules_of(plan), households), {})


def rules_of(plan: Plan) -> CompiledRules:
    rules = compile_scenarios(plan.as_of, [p.scenario for p in plan.scenarios], VOCABULARY, plan.conditions)
    assert not rules.unsaid and not rules.chains.left_out
    return rules


def compare_with_reference(
    plan: Plan, households: list[Household], said: list[ReplayedChild], counted: dict[str, Counter[Truth]]
) -> None:
    """Fail at the first sentence or scenario on which the two differ."""
    for household, child in zip(households, said, strict=True):
        truths = {}
        for sentence, verdict in zip(plan.conditions, judge(plan, household), strict=True):
            truths[sentence] = verdict.truth
            if child.answers[sentence] != verdict.answer:
                words = to_japanese(sentence, VOCABULARY)
                pytest.fail(f"{words}: {child.answers[sentence]}, not {verdict.answer}; {household}")
            if counted:
                counted[form_of(sentence, VOCABULARY)][verdict.truth] += 1
        for planned in plan.scenarios:
            assert child.scenarios[planned.id] == scenario_truth(planned, truths.__getitem__)
