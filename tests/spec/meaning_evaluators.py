"""Every evaluator that must give the language the same meaning, each as one function from questions to answers.

A new evaluator is one entry in `EVALUATORS`; from then on every row of every table runs on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import pyarrow as pa
from meaning_households import household_of
from meaning_tables import VOCABULARY, Answer, Case, cases, rulebook_plan
from replaying import by_engine, by_stand_in

from engine.evaluate.columns import evaluation as columns
from engine.evaluate.meaning.reference import judge_sentences
from engine.evaluate.meaning.verdict import Verdict
from engine.evaluate.plan import Plan, cancelled_column, outcome_of, scenario_truth, truth_column
from engine.evaluate.sql import evaluation as sql
from engine.kernel.truth import Truth
from engine.records.household import Household
from engine.replay.meaning.compile import CompiledRules, ReplayedChild, compile_scenarios
from engine.rulebook.language.syntax import Sentence, sentences_of
from engine.rulebook.model import Outcome
from engine.store.memory import snapshot_of
from engine.store.tables import Snapshot


@dataclass(frozen=True)
class Asked:
    """A sentence of the plan, or a scenario by its 番号, asked of one household."""

    household: Household
    what: Sentence | str


JudgeAll = Callable[[CompiledRules, Sequence[Household]], list[ReplayedChild]]
Evaluator = Callable[[Plan, Sequence[Asked]], list[Outcome]]
"""All questions of one plan; they agree on the as-of day and on the periods that have been delivered."""


def by_reference(plan: Plan, questions: Sequence[Asked]) -> list[Outcome]:
    """The interpreter that defines the meaning."""
    answers = []
    for asked in questions:
        if isinstance(asked.what, str):
            planned = plan.by_id[asked.what]
            parts = (planned.requirement, *planned.scenario.cancels)
            wanted = [sentence for part in parts for sentence in sentences_of(part)]
            judged = judge_sentences(wanted, plan.by_id, asked.household, plan.vocabulary)
            answers.append(outcome_of(*scenario_truth(planned, partial(_truth_in, judged))))
        else:
            judged = judge_sentences((asked.what,), {}, asked.household, plan.vocabulary)
            answers.append(outcome_of(judged[asked.what].truth, Truth.NOT_MET))
    return answers


def _truth_in(judged: Mapping[Sentence, Verdict], sentence: Sentence) -> Truth:
    return judged[sentence].truth


def by_table(
    evaluate_all: Callable[[Snapshot, Plan], pa.Table], plan: Plan, questions: Sequence[Asked]
) -> list[Outcome]:
    """An evaluation of everybody at once: all households in one snapshot, all sentences in one plan."""
    with snapshot_of([asked.household for asked in questions], plan.vocabulary) as snapshot:
        found = {row["child_key"]: row for row in evaluate_all(snapshot, plan).to_pylist()}
    answers = []
    for asked in questions:
        row = found[asked.household.child.key]
        if isinstance(asked.what, str):
            planned = plan.by_id[asked.what]
            columns = (truth_column(planned), cancelled_column(planned))
            answers.append(outcome_of(*(Truth(row[column]) for column in columns)))
        else:
            answers.append(outcome_of(Truth(row[f"c{plan.number_of(asked.what)}"]), Truth.NOT_MET))
    return answers


def by_replay(judge_all: JudgeAll, plan: Plan, questions: Sequence[Asked]) -> list[Outcome]:
    """The second engine, which is told the same scenarios and sentences."""
    scenarios = [planned.scenario for planned in plan.scenarios]
    rules = compile_scenarios(plan.as_of, scenarios, plan.vocabulary, plan.conditions)
    assert not rules.unsaid and not rules.chains.left_out
    answers = []
    for asked, said in zip(questions, judge_all(rules, [asked.household for asked in questions]), strict=True):
        if isinstance(asked.what, str):
            answers.append(outcome_of(*said.scenarios[asked.what]))
        else:
            answers.append(outcome_of(said.answers[asked.what].truth, Truth.NOT_MET))
    return answers


EVALUATORS: dict[str, Evaluator] = {
    "reference": by_reference,
    "sql": partial(by_table, sql.evaluate_all),
    "columns": partial(by_table, columns.evaluate_all),
    "replay": partial(by_replay, by_engine),
    "replay, rules at their word": partial(by_replay, by_stand_in),
}


def answer(evaluator: str, case: Case) -> Answer:
    """What an evaluator says to one row. All rows that can share a snapshot are asked at once, and only once."""
    return _answers(evaluator, _batch_of(case))[case]


_Batch = tuple[str, object, object]


def _batch_of(case: Case) -> _Batch:
    """Rows share a snapshot if they share rulebooks (or have none), the as-of day and the delivered periods."""
    household = household_of(case)
    return (case.file if case.family.rulebooks else "", household.as_of, tuple(sorted(household.periods.items())))


@cache
def _batches() -> dict[_Batch, list[Case]]:
    batches: dict[_Batch, list[Case]] = {}
    for case in cases():
        batches.setdefault(_batch_of(case), []).append(case)
    return batches


@cache
def _answers(evaluator: str, batch: _Batch) -> dict[Case, Answer]:
    rows = _batches()[batch]
    as_of = household_of(rows[0]).as_of
    if rows[0].family.rulebooks:
        plan = rulebook_plan(rows[0].file, as_of)
    else:
        sentences = dict.fromkeys(case.sentence for case in rows if case.sentence is not None)
        plan = Plan(as_of, VOCABULARY, tuple(sentences), ())
    answers: dict[Case, Answer] = {}
    for case in rows:
        if case.question.scenario is not None and case.question.scenario not in plan.by_id:
            answers[case] = "なし"
    there = [case for case in rows if case not in answers]
    if there:
        questions = [Asked(household_of(case), case.sentence or case.question.asked) for case in there]
        answers.update(zip(there, EVALUATORS[evaluator](plan, questions), strict=True))
    return answers
