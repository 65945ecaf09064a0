"""The bulk evaluation as the other rooms see it: its table, its script for auditors, its sameness."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from engine.evaluate.plan import Plan, PlannedScenario, make_plan
from engine.evaluate.sql import evaluate_all, sql_text, statements
from engine.kernel.errors import Place
from engine.records.household import Household, Person
from engine.records.vocabulary import load_vocabulary
from engine.rulebook import syntax as s
from engine.rulebook.model import Rulebook, RulebookSet, Scenario
from engine.rulebook.parsing import parse_sentence
from engine.store.memory import snapshot_of

VOCABULARY = load_vocabulary(Path(__file__).parents[2] / "rulebooks" / "fields.yaml")
AS_OF = date(2026, 11, 20)


def plan_of(*texts: str) -> Plan:
    sentences = tuple(parse_sentence(text, VOCABULARY) for text in texts)
    scenario = Scenario(
        "PV-01", "poverty", "名前", "", "", "弱", sentences[0], s.Group("すべて", sentences), (sentences[-1],),
        (), (), Place("poverty.yaml"),
    )  # fmt: skip
    return Plan(AS_OF, VOCABULARY, sentences, (PlannedScenario(1, scenario),))


def children(*ages: int | None) -> list[Household]:
    return [Household(f"H{n}", AS_OF, Person(f"P{n}", age_years=age)) for n, age in enumerate(ages)]


def test_one_row_per_child_with_scenarios_and_conditions() -> None:
    """The table holds every child once, in order of key, and unknown stays null."""
    with snapshot_of(children(5, 12, None), VOCABULARY) as snapshot:
        table = evaluate_all(snapshot, plan_of("年齢が6歳以上", "母がいない"))
        assert table.to_pylist() == [
            {"child_key": "P0", "PV-01": False, "PV-01_cancelled": True, "c1": False, "c2": True},
            {"child_key": "P1", "PV-01": True, "PV-01_cancelled": True, "c1": True, "c2": True},
            {"child_key": "P2", "PV-01": None, "PV-01_cancelled": True, "c1": None, "c2": True},
        ]
        left = snapshot.connection.execute("SELECT table_name FROM duckdb_tables() WHERE temporary ORDER BY 1")
        assert [name for (name,) in left.fetchall()] == ["scenario_truth", "truth"]


def test_evaluating_twice_gives_the_same() -> None:
    """A second evaluation in the same snapshot replaces the first and says the same."""
    plan = plan_of("年齢が6歳以上", "直近3か月に相談がない")
    with snapshot_of(children(5, 12), VOCABULARY) as snapshot:
        assert evaluate_all(snapshot, plan).equals(evaluate_all(snapshot, plan))


def test_a_plan_of_another_day_is_refused() -> None:
    """Window dates are part of the plan's SQL, so a plan cannot judge another day's snapshot."""
    plan = plan_of("年齢が6歳以上")
    with snapshot_of(children(5), VOCABULARY) as snapshot, pytest.raises(ValueError, match="different days"):
        evaluate_all(snapshot, Plan(date(2026, 11, 13), VOCABULARY, plan.conditions, plan.scenarios))


def test_the_auditors_script_names_each_condition_and_runs() -> None:
    """The script is the evaluation itself: plain SQL with dates as literals, sentences as comments."""
    plan = plan_of("年齢が6歳以上", "直近3か月の欠席が10日以上", "直近6か月に水道料金の督促がある", "母がいない")
    script = sql_text(plan, AS_OF)
    assert "-- c2: 直近3か月の欠席が10日以上" in script
    assert "'2026-08-20'" in script
    assert script == sql_text(plan)
    assert not any(word in script.lower() for word in ("bool_or", "bool_and", "current_date", "now("))
    with snapshot_of(children(5, 12), VOCABULARY) as snapshot:
        for statement in duckdb.extract_statements(script):
            snapshot.connection.execute(statement)
        query = "SELECT * FROM scenario_truth JOIN truth USING (child_key) ORDER BY child_key"
        by_hand = snapshot.connection.execute(query).to_arrow_table()
        assert by_hand.equals(evaluate_all(snapshot, plan))


def test_each_record_table_is_read_once_for_each_role() -> None:
    """Many sentences about one kind of record share one grouping, else the city would take too long."""
    texts = [f"直近3か月の欠席が{n}日以上" for n in range(1, 9)] + [f"直近{n}か月の遅刻が3回以上" for n in range(1, 5)]
    made = [statement.table for statement in statements(plan_of(*texts))]
    assert made.count("child_school_month") == 1
    assert "member_school_month" not in made


def test_equal_sentences_share_one_condition() -> None:
    """A sentence that two scenarios use is evaluated once."""
    scenario = plan_of("母がいない", "父がいない").scenarios[0].scenario
    rulebook = Rulebook(
        "poverty", "", "1", "", scenario.target, (scenario, scenario), (), "poverty.yaml", ""
    )
    plan = make_plan(RulebookSet(AS_OF, (rulebook,)), VOCABULARY)
    assert len(plan.conditions) == 2
    assert [planned.number for planned in plan.scenarios] == [1, 2]
