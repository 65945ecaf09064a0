"""The evaluation over columns, the SQL and the reference interpreter give the same truth, whatever sentence and data."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from made_up_sentences import FORMS, form_of
from made_up_worlds import World, records_of

from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.meaning.reference import judge
from engine.evaluate.plan import Plan, PlannedScenario, cancelled_column, make_plan, scenario_truth, truth_column
from engine.evaluate.sql import evaluation as sql
from engine.kernel.truth import Truth
from engine.records.household import Household, Person, Row
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language.printer import to_japanese
from engine.rulebook.language.syntax import Sentence, sentences_of
from engine.rulebook.model import RulebookSet
from engine.store.memory import snapshot_of

RULEBOOKS = Path(__file__).parents[2] / "rulebooks"
VOCABULARY = load_vocabulary(RULEBOOKS / "fields.yaml")
TIMES = int(os.environ.get("KIZUKI_GENERATIVE_TIMES", "1"))
"""How many times the normal number of worlds: 10 compares more than a million values, as `bench/rules.py` does."""
AS_OF = (date(2026, 11, 20), date(2026, 3, 31), date(2026, 4, 1), date(2028, 2, 29))
WORLDS = settings(
    max_examples=20 * TIMES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),  # a smaller seed is no smaller world
    suppress_health_check=list(HealthCheck),
)


def world_of(seed: int, sentences: int = 70, households: int = 60) -> tuple[Plan, list[Household], World]:
    world = World(random.Random(seed), VOCABULARY)
    as_of = world.rng.choice(AS_OF)
    about_records = tuple(dict.fromkeys(world.sentence() for _ in range(sentences)))
    scenarios, references = world.scenarios(8, about_records)
    conditions: list[Sentence] = [*about_records, *references]
    world.rng.shuffle(conditions)
    return (
        Plan(
            as_of,
            VOCABULARY,
            tuple(conditions),
            tuple(PlannedScenario(n, scenario) for n, scenario in enumerate(scenarios, start=1)),
        ),
        world.households(households, as_of, records_of(about_records, VOCABULARY)),
        world,
    )


def bulk(plan: Plan, households: list[Household], vocabulary: Vocabulary = VOCABULARY) -> dict[str, dict[str, object]]:
    with snapshot_of(households, vocabulary) as snapshot:
        table = evaluate_all(snapshot, plan)
        assert sql.evaluate_all(snapshot, plan).equals(table)
    return {str(row["child_key"]): row for row in table.to_pylist()}


def test_the_evaluators_agree_on_100_000_condition_values() -> None:
    """For random rulebooks and households with holes in their data, all evaluators give the same three values, for
    every form of sentence and every scenario; and each form takes all three of them."""
    counted: dict[str, Counter[Truth]] = {form: Counter() for form in (*FORMS, "シナリオの参照")}

    @WORLDS
    @given(st.integers(0, 2**32 - 1))
    def compare(seed: int) -> None:
        plan, households, _ = world_of(seed)
        forms = [form_of(sentence, VOCABULARY) for sentence in plan.conditions]
        rows = bulk(plan, households)
        for household in households:
            row = rows[household.child.key]
            truths: dict[Sentence, Truth] = {}
            for number, (sentence, verdict) in enumerate(zip(plan.conditions, judge(plan, household), strict=True), 1):
                truths[sentence] = verdict.truth
                counted[forms[number - 1]][verdict.truth] += 1
                if row[f"c{number}"] is not verdict.truth.value:
                    said = to_japanese(sentence, VOCABULARY)
                    pytest.fail(f"{said}: {row[f'c{number}']}, not {verdict.truth}; seed {seed}, {household}")
            for planned in plan.scenarios:
                truth, cancelled = scenario_truth(planned, truths.__getitem__)
                assert (row[truth_column(planned)], row[cancelled_column(planned)]) == (truth.value, cancelled.value)

    compare()
    assert sum(counts.total() for counts in counted.values()) >= 100_000 * TIMES
    never = {form: [truth for truth in Truth if not counts[truth]] for form, counts in counted.items()}
    assert not any(never.values()), never


@pytest.mark.parametrize("seed", range(2))
def test_order_of_rows_and_members_changes_nothing(seed: int) -> None:
    """A delivery sorted another way gives the same truths, by either evaluator."""
    plan, households, world = world_of(seed)
    shuffled = [_shuffled(household, world.rng) for household in households]
    assert [_truths(plan, h) for h in households] == [_truths(plan, h) for h in shuffled]
    world.rng.shuffle(shuffled)
    assert bulk(plan, households) == bulk(plan, shuffled)


@pytest.mark.parametrize("seed", range(2))
def test_order_of_sentences_and_scenarios_changes_nothing(seed: int) -> None:
    """Where a sentence or a scenario stands in the rulebooks has no bearing on what it says."""
    plan, households, world = world_of(seed)
    conditions, scenarios = list(plan.conditions), list(plan.scenarios)
    world.rng.shuffle(conditions)
    world.rng.shuffle(scenarios)
    other = Plan(plan.as_of, VOCABULARY, tuple(conditions), tuple(scenarios))
    one, another = bulk(plan, households), bulk(other, households)
    for key, row in one.items():
        for sentence in conditions:
            assert row[f"c{plan.number_of(sentence)}"] is another[key][f"c{other.number_of(sentence)}"]
        for planned in scenarios:
            for name in (truth_column(planned), cancelled_column(planned)):
                assert row[name] is another[key][name]


def test_order_of_rulebook_files_changes_nothing() -> None:
    """Files read in another order number their sentences otherwise, and every scenario comes out as before."""
    rulebooks = load_rulebooks(RULEBOOKS, VOCABULARY, as_of=AS_OF[0])
    backwards = RulebookSet(rulebooks.as_of, tuple(reversed(rulebooks.rulebooks)))
    plan, other = make_plan(rulebooks, VOCABULARY), make_plan(backwards, VOCABULARY)
    assert plan.conditions != other.conditions
    world = World(random.Random(5), VOCABULARY)
    households = world.households(60, AS_OF[0], records_of(plan.conditions, VOCABULARY))
    names = [name(planned) for planned in plan.scenarios for name in (truth_column, cancelled_column)]
    one, another = bulk(plan, households), bulk(other, households)
    assert {key: [row[n] for n in names] for key, row in one.items()} == {
        key: [row[n] for n in names] for key, row in another.items()
    }


@pytest.mark.parametrize("seed", range(2))
def test_an_unrelated_household_changes_nobody(seed: int) -> None:
    """A child's truth depends on its own household alone."""
    plan, households, _ = world_of(seed)
    few = [household for household in households if household.key < "H0015"]
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


@pytest.mark.parametrize("seed", range(2))
def test_a_city_judged_in_shards_is_judged_alike(seed: int) -> None:
    """However many children are judged at a time, the table is the same, in the same order."""
    plan, households, _ = world_of(seed)
    with snapshot_of(households, VOCABULARY) as snapshot:
        whole = evaluate_all(snapshot, plan)
        assert whole.num_rows > 20
        for most in (1, 7):
            assert evaluate_all(snapshot, plan, most_children=most).equals(whole)
