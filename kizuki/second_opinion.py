"""Every engine asked about the same children: those on the list, and some who are not, drawn by chance.

Three ways to the same answers: over columns for everybody (一括), the reference interpreter (基準), and durable_rules in a process of its
own (再現), which knows the rulebooks only from their syntax trees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from engine.evaluate.meaning.reference import judge
from engine.evaluate.plan import Plan, cancelled_column, scenario_truth, truth_column
from engine.kernel.truth import Truth
from engine.records.answer import Answer
from engine.records.household import Household
from engine.replay.comparison import Difference, Opinion, compare
from engine.replay.replay import replay_households
from engine.replay.second_opinion import SecondOpinion, sample_of
from engine.store.households import load_households
from engine.store.tables import Snapshot
from kizuki.evidence import Evidence
from kizuki.rules.files import RuleFiles

BULK, REFERENCE, REPLAY = "一括", "基準", "再現"
"""The engines as error sheets and records call them."""


def ask_engines(
    snapshot: Snapshot,
    rules: RuleFiles,
    truths: pa.Table,
    evidence: Evidence,
    *,
    run_id: str,
    sample: int,
    progress: Callable[[float], None] = lambda share: None,
) -> SecondOpinion:
    """Compare what the engines say of the listed children (those of `evidence`) and of `sample` others.

    `truths` is what `evaluate_all` gave. A second engine that is not there is said, and the other two are compared all the same.
    """
    listed = tuple(sorted(evidence.households))
    everybody: list[str] = truths.column("child_key").to_pylist()
    sampled = sample_of(set(everybody) - set(listed), run_id, sample)
    households = {**evidence.households, **load_households(snapshot, sampled)}
    keys = (*listed, *sampled)
    bulk = _bulk_opinions(rules.plan, truths, everybody, keys)
    replayed = replay_households(rules.rulebooks, rules.vocabulary, households, progress)
    differences: dict[str, tuple[Difference, ...]] = {}
    compared = 0
    for key in keys:
        opinions = {BULK: bulk[key], REFERENCE: _reference_opinion(rules.plan, evidence, households[key], key)}
        if key in replayed.opinions:
            opinions[REPLAY] = replayed.opinions[key]
        found = compare(opinions)
        compared += found.compared
        if found.differences:
            differences[key] = found.differences
    return SecondOpinion(
        listed,
        sampled,
        compared,
        differences,
        engine=replayed.engine,
        unavailable=replayed.unavailable,
        not_replayed=replayed.not_replayed,
        left_out=replayed.left_out,
        limits=replayed.limits,
        start_up_ms=replayed.start_up_ms,
        replay_ms=replayed.replay_ms,
    )


def _bulk_opinions(
    plan: Plan, truths: pa.Table, everybody: Sequence[str], keys: Sequence[str]
) -> Mapping[str, Opinion]:
    position = {key: number for number, key in enumerate(everybody)}
    rows = truths.take(pa.array([position[key] for key in keys], pa.int64()))
    conditions = [rows.column(f"c{number}").to_pylist() for number in range(1, len(plan.conditions) + 1)]
    scenarios = {
        planned.id: (rows.column(truth_column(planned)).to_pylist(), rows.column(cancelled_column(planned)).to_pylist())
        for planned in plan.scenarios
    }
    return {
        key: Opinion(
            {s: Answer(Truth(column[i])) for s, column in zip(plan.conditions, conditions, strict=True)},
            {number: (Truth(met[i]), Truth(cancelled[i])) for number, (met, cancelled) in scenarios.items()},
            names_facts=False,
        )
        for i, key in enumerate(keys)
    }


def _reference_opinion(plan: Plan, evidence: Evidence, household: Household, key: str) -> Opinion:
    """What was explained of a listed child; anyone else is judged here."""
    explained = evidence.explanations.get(key)
    said = explained.answers if explained else [verdict.answer for verdict in judge(plan, household)]
    answers = dict(zip(plan.conditions, said, strict=True))
    scenarios = {
        planned.id: scenario_truth(planned, lambda sentence: answers[sentence].truth) for planned in plan.scenarios
    }
    return Opinion(answers, scenarios)
