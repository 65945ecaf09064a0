"""The SQL for everybody and the reference interpreter give the same truth, whatever the sentence and the data."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_worlds import World, records_of

from engine.evaluate.plan import Plan, PlannedScenario, scenario_truth
from engine.evaluate.reference import judge
from engine.evaluate.sql import cancelled_column, evaluate_all, truth_column
from engine.kernel.truth import Truth
from engine.records.household import Household, Person, Row
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.rulebook.printer import to_japanese
from engine.rulebook.syntax import Sentence, sentences_of
from engine.store.memory import snapshot_of

VOCABULARY = load_vocabulary(Path(__file__).parents[2] / "rulebooks" / "fields.yaml")
TIMES = int(os.environ.get("KIZUKI_GENERATIVE_TIMES", "1"))
AS_OF = (date(2026, 11, 20), date(2026, 3, 31), date(2026, 4, 1), date(2028, 2, 29))
SLOW = settings(
    max_examples=8 * TIMES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


def world_of(seed: int, sentences: int = 30, households: int = 30) -> tuple[Plan, list[Household], World]:
    world = World(random.Random(seed), VOCABULARY)
    as_of = world.rng.choice(AS_OF)
    conditions = tuple(dict.fromkeys(world.sentence() for _ in range(sentences)))
    scenarios = tuple(PlannedScenario(n, world.scenario(n, conditions)) for n in range(1, 7))
    return (
        Plan(as_of, VOCABULARY, conditions, scenarios),
        world.households(households, as_of, records_of(conditions, VOCABULARY)),
        world,
    )


def bulk(plan: Plan, households: list[Household], vocabulary: Vocabulary = VOCABULARY) -> dict[str, dict[str, object]]:
    with snapshot_of(households, vocabulary) as snapshot:
        table = evaluate_all(snapshot, plan)
    return {str(row["child_key"]): row for row in table.to_pylist()}


@SLOW
@given(st.integers(0, 2**32 - 1))
def test_sql_and_reference_agree_on_every_condition_and_scenario(seed: int) -> None:
    """For random rulebooks and households with holes in their data, both evaluators give the same three values."""
    plan, households, _ = world_of(seed)
    rows = bulk(plan, households)
    for household in households:
        row = rows[household.child.key]
        truths: dict[Sentence, Truth] = {}
        for number, (sentence, verdict) in enumerate(zip(plan.conditions, judge(plan, household), strict=True), 1):
            truths[sentence] = verdict.truth
            said = to_japanese(sentence, VOCABULARY)
            assert row[f"c{number}"] is verdict.truth.value, (said, household)
        for planned in plan.scenarios:
            truth, cancelled = scenario_truth(planned, truths.__getitem__)
            assert (row[truth_column(planned)], row[cancelled_column(planned)]) == (truth.value, cancelled.value)


def test_the_normal_run_compares_enough_values_and_meets_all_three() -> None:
    """A run in which nearly everything were unknown would prove nothing."""
    counted = dict.fromkeys(Truth, 0)
    for seed in range(3):
        plan, households, _ = world_of(seed)
        for household in households:
            for verdict in judge(plan, household):
                counted[verdict.truth] += 1
    assert sum(counted.values()) * SLOW.max_examples / 3 >= 5_000
    assert min(counted.values()) / sum(counted.values()) > 0.1


@pytest.mark.parametrize("seed", range(2))
def test_order_of_rows_and_members_changes_nothing(seed: int) -> None:
    """A delivery sorted another way gives the same truths, by either evaluator."""
    plan, households, world = world_of(seed)
    shuffled = [_shuffled(household, world.rng) for household in households]
    assert [_truths(plan, h) for h in households] == [_truths(plan, h) for h in shuffled]
    world.rng.shuffle(shuffled)
    assert bulk(plan, households) == bulk(plan, shuffled)


@pytest.mark.parametrize("seed", range(2))
def test_an_unrelated_household_changes_nobody(seed: int) -> None:
    """A child's truth depends on its own household alone."""
    plan, households, _ = world_of(seed)
    few = [household for household in households if household.key < "H0008"]
    alone, together = bulk(plan, few), bulk(plan, households)
    assert alone == {key: together[key] for key in alone}


def test_a_modifier_or_sentence_of_a_scenario_is_always_planned() -> None:
    """Every sentence of a made-up scenario has a number, else scenarios would be judged on nothing."""
    plan, _, _ = world_of(0)
    for planned in plan.scenarios:
        for condition in (planned.requirement, *planned.scenario.cancels):
            assert all(plan.number_of(sentence) for sentence in sentences_of(condition))


def _truths(plan: Plan, household: Household) -> list[Truth]:
    return [verdict.truth for verdict in judge(plan, household)]


def _shuffled(household: Household, rng: random.Random) -> Household:
    def rows(key: str, of: Mapping[str, tuple[Row, ...]]) -> dict[str, tuple[Row, ...]]:
        own = random.Random(key)  # two children of one household see the same persons in the same order
        return {record: tuple(own.sample(its, len(its))) for record, its in sorted(of.items(), reverse=True)}

    def person(of: Person) -> Person:
        return replace(of, rows=rows(of.key, of.rows))

    members = [person(member) for member in household.members]
    rng.shuffle(members)
    own_rows = rows(household.key, household.rows)
    return replace(household, child=person(household.child), members=tuple(members), rows=own_rows)
