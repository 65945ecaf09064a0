"""The second opinion on children of a city: how fast with the rulebooks in force, what limits it, whether it agrees."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from engine.audit.runs import open_run
from engine.evaluate.meaning.reference import judge
from engine.evaluate.plan import make_plan, scenario_truth
from engine.records.household import Household
from engine.records.layout import load_layouts
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.replay.comparison import Opinion, compare
from engine.replay.meaning.compile import Children, CompiledRules, ReplayedChild, compile_rulebooks
from engine.replay.process.engine import start_engine
from engine.replay.process.outcome import Concluded, Unavailable
from engine.replay.replay import households_left_alone
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.model import RulebookSet
from engine.store.households import load_households
from engine.store.snapshot import open_snapshot
from kizuki.settings import open_workspace


@dataclass
class Spent:
    """What one pass through the engine took. CPU seconds of parent and engine apart, which a busy machine changes less than the wall's."""

    seconds: float
    cpu_parent: float
    cpu_engine: float
    facts: int = 0
    fired: int = 0
    signals: int = 0
    concluded: int = 0


def measure_city(folder: Path, count: int) -> None:
    """Judge `count` children of a workspace's newest run, compare each with the reference interpreter, and print what was found."""
    households, rulebooks, vocabulary = _read(folder, count)
    began = time.perf_counter()
    rules = compile_rulebooks(rulebooks, vocabulary)
    compiled = time.perf_counter() - began
    chains = rules.network.chains
    print(
        f"{len(rules.conditions)} sentences, {len(rules.scenario_sentences)} scenarios: {len(rules.network.leaves)} leaf rules, "
        f"{sum(len(each.rules) for each in chains)} chain rules in {len(chains)} networks; compiled in {compiled:.2f} s; "
        f"left out: {len(rules.chains.left_out)}"
    )
    said, started, spent = _replay(rules, households)
    n = len(households)
    print(
        "| children | start, s | children/s | CPU ms a child: parent | engine | facts | leaf rules fired | signals | concluded |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    print(
        f"| {n} | {started:.2f} | {n / spent.seconds:,.0f} | {spent.cpu_parent / n * 1e3:.2f} | {spent.cpu_engine / n * 1e3:.2f} "
        f"| {spent.facts / n:.0f} | {spent.fired / n:.0f} | {spent.signals / n:.0f} | {spent.concluded / n:.0f} |"
    )
    compared, different = _agreement(said, households, rulebooks, vocabulary)
    print(f"{compared:,} sentences and scenarios compared with the reference, truth and evidence; {different:,} differ")
    if different:
        raise SystemExit(1)


def _read(folder: Path, count: int) -> tuple[list[Household], RulebookSet, Vocabulary]:
    workspace, _ = open_workspace(folder)
    vocabulary = load_vocabulary(workspace.rulebooks / "fields.yaml")
    run = open_run(workspace.runs, (workspace.runs / "CURRENT").read_text(encoding="utf-8").strip())
    with open_snapshot(workspace.store, vocabulary, load_layouts(workspace.sources, vocabulary), run.as_of) as snapshot:
        query = "SELECT person_key FROM person WHERE is_child ORDER BY hash(person_key) LIMIT $n"
        keys = [key for (key,) in snapshot.connection.execute(query, {"n": count}).fetchall()]
        households = list(load_households(snapshot, keys).values())
    return households, load_rulebooks(workspace.rulebooks, vocabulary, as_of=run.as_of), vocabulary


def _replay(rules: CompiledRules, households: list[Household]) -> tuple[list[ReplayedChild], float, Spent]:
    children = Children(rules)
    spent = Spent(0.0, 0.0, 0.0)
    found: dict[str, ReplayedChild] = {}
    before = os.times()
    engine = start_engine(rules.network)
    if isinstance(engine, Unavailable):
        raise SystemExit(engine.reason)
    with engine, households_left_alone():
        began = time.perf_counter()
        for outcome in engine.replay((children.tell(household) for household in households), children.fold):
            if not isinstance(outcome, Concluded):
                raise SystemExit(f"{outcome}")
            found[outcome.key] = children.read(outcome)
            spent.fired += sum(map(len, outcome.matches.values()))
            spent.signals += len(outcome.signals)
            spent.concluded += sum(map(len, outcome.conclusions.values()))
        spent.seconds = time.perf_counter() - began
        started = engine.report.start_seconds
    after = os.times()
    spent.cpu_parent = after.user + after.system - before.user - before.system
    spent.cpu_engine = after.children_user + after.children_system - before.children_user - before.children_system
    spent.facts = sum(len(children.tell(household).facts) for household in households)
    return [found[household.child.key] for household in households], started, spent


def _agreement(
    said: list[ReplayedChild], households: list[Household], rulebooks: RulebookSet, vocabulary: Vocabulary
) -> tuple[int, int]:
    plan = make_plan(rulebooks, vocabulary)
    compared = different = 0
    for child, household in zip(said, households, strict=True):
        verdicts = dict(zip(plan.conditions, judge(plan, household), strict=True))
        scenarios = {p.id: scenario_truth(p, lambda sentence: verdicts[sentence].truth) for p in plan.scenarios}  # noqa: B023
        reference = Opinion({sentence: verdict.answer for sentence, verdict in verdicts.items()}, scenarios)
        found = compare({"reference": reference, "replay": Opinion(child.answers, child.scenarios)})
        compared += found.compared
        different += len(found.differences)
    return compared, different
