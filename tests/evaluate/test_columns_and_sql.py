"""The bulk evaluation as the other rooms see it: its table, its script for auditors, its sameness."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from engine.evaluate.columns import evaluation as columns
from engine.evaluate.plan import Plan, PlannedScenario, make_plan
from engine.evaluate.sql import evaluation as sql
from engine.evaluate.sql.evaluation import sql_text
from engine.evaluate.sql.statements import statements
from engine.kernel.errors import Place
from engine.records.household import Household, Person
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.parsing import parse_sentence
from engine.rulebook.model import Rulebook, RulebookSet, Scenario
from engine.store.memory import snapshot_of

VOCABULARY = load_vocabulary(Path(__file__).parents[2] / "rulebooks" / "fields.yaml")
AS_OF = date(2026, 11, 20)
EVALUATORS = pytest.mark.parametrize("evaluator", [columns, sql])


def plan_of(*texts: str) -> Plan:
    sentences = tuple(parse_sentence(text, VOCABULARY) for text in texts)
    scenario = Scenario(
        "PV-01", "poverty", "名前", "", "", "弱", sentences[0], s.Group("すべて", sentences), (sentences[-1],),
        (), (), Place("poverty.yaml"),
    )  # fmt: skip
    return Plan(AS_OF, VOCABULARY, sentences, (PlannedScenario(1, scenario),))


def children(*ages: int | None) -> list[Household]:
    return [Household(f"H{n}", AS_OF, Person(f"P{n}", age_years=age)) for n, age in enumerate(ages)]


@pytest.mark.parametrize(("evaluator", "tables_left"), [(columns, []), (sql, ["scenario_truth", "truth"])])
def test_one_row_per_child_with_scenarios_and_conditions(evaluator: ModuleType, tables_left: list[str]) -> None:
    """The table holds every child once, in order of key, and unknown stays null."""
    with snapshot_of(children(5, 12, None), VOCABULARY) as snapshot:
        table = evaluator.evaluate_all(snapshot, plan_of("年齢が6歳以上", "母がいない"))
        assert table.to_pylist() == [
            {"child_key": "P0", "PV-01": False, "PV-01_cancelled": True, "c1": False, "c2": True},
            {"child_key": "P1", "PV-01": True, "PV-01_cancelled": True, "c1": True, "c2": True},
            {"child_key": "P2", "PV-01": None, "PV-01_cancelled": True, "c1": None, "c2": True},
        ]
        left = snapshot.connection.execute("SELECT table_name FROM duckdb_tables() WHERE temporary ORDER BY 1")
        assert [name for (name,) in left.fetchall()] == tables_left


@EVALUATORS
def test_evaluating_twice_gives_the_same(evaluator: ModuleType) -> None:
    """A second evaluation in the same snapshot replaces the first and says the same."""
    plan = plan_of("年齢が6歳以上", "直近3か月に相談がない")
    with snapshot_of(children(5, 12), VOCABULARY) as snapshot:
        assert evaluator.evaluate_all(snapshot, plan).equals(evaluator.evaluate_all(snapshot, plan))


@EVALUATORS
def test_a_plan_of_another_day_is_refused(evaluator: ModuleType) -> None:
    """Window dates are part of the plan's SQL, so a plan cannot judge another day's snapshot."""
    plan = plan_of("年齢が6歳以上")
    with snapshot_of(children(5), VOCABULARY) as snapshot, pytest.raises(ValueError, match="different days"):
        evaluator.evaluate_all(snapshot, Plan(date(2026, 11, 13), VOCABULARY, plan.conditions, plan.scenarios))


def test_the_auditors_script_names_each_condition_and_runs() -> None:
    """The script is the evaluation itself: plain SQL with dates as literals, sentences as comments."""
    plan = plan_of("年齢が6歳以上", "直近3か月の欠席が10日以上", "直近6か月に水道料金の督促がある", "母がいない")
    (planned,) = plan.scenarios
    named = replace(planned, scenario=replace(planned.scenario, name="二行の\nDROP TABLE person; 名前"))
    plan = replace(plan, scenarios=(named,))
    script = sql_text(plan)
    assert "-- PV-01: 二行の DROP TABLE person; 名前" in script
    assert "-- c2: 直近3か月の欠席が10日以上" in script
    assert "'2026-08-20'" in script
    assert not any(word in script.lower() for word in ("bool_or", "bool_and", "current_date", "now("))
    with snapshot_of(children(5, 12), VOCABULARY) as snapshot:
        for statement in duckdb.extract_statements(script):
            snapshot.connection.execute(statement)
        query = "SELECT * FROM scenario_truth JOIN truth USING (child_key) ORDER BY child_key"
        by_hand = snapshot.connection.execute(query).to_arrow_table()
        assert by_hand.equals(columns.evaluate_all(snapshot, plan))


@EVALUATORS
def test_a_snapshot_without_records_or_relatives_leaves_everything_open(evaluator: ModuleType) -> None:
    """Where no source has said anything, whatever rests on records is unknown, and nobody has relatives."""
    texts = ["直近3か月の欠席が10日以上", "直近12か月に欠席が5日以上の月が3か月以上続いている", "最初のEPDSの合計点が9点以上",
             "生後60日を過ぎても新生児訪問の記録がない", "3歳児健診が済んでいる", "要介護度が要介護1以上の世帯員がいる",
             "直近6か月に水道料金の未納がある"]  # fmt: skip
    with snapshot_of(children(5), VOCABULARY) as snapshot:
        [row] = evaluator.evaluate_all(snapshot, plan_of(*texts)).to_pylist()
    assert [row[f"c{n}"] for n in range(1, 8)] == [None, None, None, None, None, False, None]


@EVALUATORS
def test_a_reference_asks_whether_the_other_hit_stands(evaluator: ModuleType) -> None:
    """A cancelled hit is none, whatever the order in which the scenarios are written."""
    met, refers = (parse_sentence(text, VOCABULARY) for text in ("年齢が6歳以上", "シナリオPV-01に該当する"))
    other = parse_sentence("シナリオPV-02に該当しない", VOCABULARY)
    base = plan_of("年齢が6歳以上").scenarios[0].scenario
    scenarios = (
        replace(base, id="PV-03", target=other, condition=other, cancels=()),
        replace(base, id="PV-02", target=refers, condition=refers, cancels=()),
        replace(base, cancels=(parse_sentence("年齢が15歳以上", VOCABULARY),)),
    )
    rulebook = Rulebook("poverty", "", "1", "", met, scenarios, (), "poverty.yaml", "")
    plan = make_plan(RulebookSet(AS_OF, (rulebook,)), VOCABULARY)
    with snapshot_of(children(5, 12, 16, None), VOCABULARY) as snapshot:
        rows = evaluator.evaluate_all(snapshot, plan).to_pylist()
    assert [(row["PV-02"], row["PV-03"]) for row in rows] == [(False, True), (True, False), (False, True), (None, None)]


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
