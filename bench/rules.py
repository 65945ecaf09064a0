"""Measure the evaluation of rules alone, beside hand-written numpy and polars versions of the very same conditions.

    python run.py bench rules                 # 18,000 and 200,000 children; 15, 60 and 240 scenarios
    python run.py bench rules --full          # 1,000,000 children as well
    python run.py bench rules --sql           # the same plans as SQL, too
    python run.py bench rules --generative    # first the evaluators against each other on ten times as many made-up worlds

Made-up snapshots and plans (`made_up_snapshot`, `made_up_plans`); nullable truth of every condition and scenario for every
child. All versions must agree in every cell, else the measurement fails. They start from the snapshot's tables; reading
these into sorted arrays is the same for all (`reading`) and contained in each. The least of three runs (one above 100,000
children) by CPU seconds, which a busy machine hardly changes; memory is the highest during the work, above that of
the process before it. polars is measured if it is installed (dependency group `bench`).
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
from made_up_plans import made_up_plan
from made_up_snapshot import made_up_snapshot
from rules_in_numpy import Facts, judge_in_numpy

from engine.evaluate.columns import evaluation as columns
from engine.evaluate.columns.arrays import part_into_shards, read_everybody, read_kin, read_records
from engine.evaluate.columns.sentences import columns_of, needs_order
from engine.evaluate.plan import Plan
from engine.evaluate.sql import evaluation as sql
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language import syntax as s
from engine.rulebook.language.parsing import parser_for
from engine.store.tables import Snapshot

REPOSITORY = Path(__file__).resolve().parent.parent
RULEBOOKS = REPOSITORY / "rulebooks"
AS_OF = date(2026, 11, 20)
T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, nargs="+", default=[18_000, 200_000])
    parser.add_argument("--scenarios", type=int, nargs="+", default=[15, 60, 240])
    parser.add_argument("--full", action="store_true", help="1,000,000 children, too")
    parser.add_argument("--sql", action="store_true", help="the same plan as SQL, too")
    parser.add_argument("--generative", action="store_true", help="compare the evaluators on made-up worlds first")
    arguments = parser.parse_args()
    if arguments.generative:
        compare_evaluators()
    vocabulary = load_vocabulary(RULEBOOKS / "fields.yaml")
    measure_loading(vocabulary)
    has_polars = importlib.util.find_spec("polars") is not None
    if not has_polars:
        print("polars is not installed (dependency group `bench`): measured without it")
    for children in [*arguments.children, *([1_000_000] if arguments.full else [])]:
        plans = [made_up_plan(n, RULEBOOKS, vocabulary, AS_OF) for n in arguments.scenarios]
        measure(children, plans, vocabulary, with_sql=arguments.sql, with_polars=has_polars)


def compare_evaluators() -> None:
    """The generative tests ten times as long: more than a million condition values."""
    environment = {**os.environ, "KIZUKI_GENERATIVE_TIMES": "10"}
    tests = REPOSITORY / "tests" / "generative" / "test_evaluators_agree.py"
    subprocess.run([sys.executable, "-m", "pytest", "-q", str(tests)], check=True, cwd=REPOSITORY, env=environment)


def measure_loading(vocabulary: Vocabulary) -> None:
    """How long a start waits for the rulebooks; most of it is reading the sentences."""
    parser_for(vocabulary)
    began = time.perf_counter()
    rulebooks = load_rulebooks(RULEBOOKS, vocabulary, as_of=AS_OF)
    print(
        f"the six rulebooks ({len(list(rulebooks.scenarios))} scenarios) are read in {time.perf_counter() - began:.1f} s"
    )


def measure(children: int, plans: list[Plan], vocabulary: Vocabulary, *, with_sql: bool, with_polars: bool) -> None:
    """One size of city, every plan, every version."""
    records = {vocabulary.items[i].record for plan in plans for st in plan.conditions for i in s.items_of(st)}
    repeats = 1 if children > 100_000 else 3
    memory = f"{max(2, children // 50_000)}GB"
    with made_up_snapshot(children, AS_OF, vocabulary, records, memory_limit=memory) as snapshot:
        columns.evaluate_all(snapshot, plans[0])  # so that no version pays for the first look at the tables
        print(f"\n{children:,} children")
        head = ("scenarios", "conditions", "version", "wall s", "CPU s", "children/s", "peak MB", "CPU ÷ ours")
        print("{:>9}{:>12}  {:<9}{:>9}{:>9}{:>12}{:>9}{:>12}".format(*head), flush=True)
        for plan in plans:
            versions: dict[str, Callable[[], pa.Table | None]] = {
                "ours": partial(columns.evaluate_all, snapshot, plan),
                "reading": partial(only_read, snapshot, plan),
                "numpy": partial(in_numpy, snapshot, plan),
            }
            if with_polars:
                versions["polars"] = partial(in_polars, snapshot, plan)
            if with_sql:
                versions["our SQL"] = partial(sql.evaluate_all, snapshot, plan)
            ours: tuple[pa.Table, float] | None = None
            for name, version in versions.items():
                table, wall, cpu, peak = min((measured(version) for _ in range(repeats)), key=lambda found: found[2])
                if ours is None:
                    assert table is not None
                    ours = table, cpu
                elif table is not None:
                    assert_equal(ours[0], table, name)
                print(
                    f"{len(plan.scenarios):>9}{len(plan.conditions):>12}  {name:<9}{wall:>9.2f}{cpu:>9.2f}"
                    f"{children / wall:>12,.0f}{peak:>9,}{cpu / ours[1]:>12.1f}",
                    flush=True,
                )


def assert_equal(ours: pa.Table, theirs: pa.Table, name: str) -> None:
    """Every condition and scenario of every child."""
    for column in ours.column_names:
        if column in theirs.column_names and not ours[column].combine_chunks().equals(theirs[column].combine_chunks()):
            raise AssertionError(f"{name} differs in {column}")
    missing = set(ours.column_names) - set(theirs.column_names) - {"child_key"}
    if missing:
        raise AssertionError(f"{name} lacks {sorted(missing)}")


def only_read(snapshot: Snapshot, plan: Plan) -> None:
    """What all versions but the SQL begin with."""
    read_facts(snapshot, plan)


def in_numpy(snapshot: Snapshot, plan: Plan) -> pa.Table:
    """The hand-written numpy version."""
    truths = judge_in_numpy(plan, read_facts(snapshot, plan))
    return pa.table({name: pa.array(truth == 2, mask=truth == 1) for name, truth in truths.items()})


def in_polars(snapshot: Snapshot, plan: Plan) -> pa.Table:
    """The hand-written polars version."""
    from rules_in_polars import judge_in_polars

    return judge_in_polars(plan, read_facts(snapshot, plan))


def read_facts(snapshot: Snapshot, plan: Plan) -> Facts:
    """Sorted columns of every kind of record that the plan looks at, as our own evaluation reads them."""
    vocabulary, connection = plan.vocabulary, snapshot.connection
    asked: dict[str, list[s.Sentence]] = {"child": [], "member": [], "household": []}
    relations: dict[str, None] = {}
    for sentence in plan.conditions:
        if isinstance(sentence, s.Members):
            relations[sentence.who.relation] = None
            asked["member"] += sentence.who.modifiers
        elif not isinstance(sentence, s.Refers):
            household = vocabulary.record_of(sentence.item).subject == "世帯"
            asked["household" if household else "child"].append(sentence)
    sources = {vocabulary.record_of(i).source for st in (*asked["child"], *asked["member"]) for i in s.items_of(st)}
    of_households = {vocabulary.record_of(i).source for st in asked["household"] for i in s.items_of(st)}
    part_into_shards(connection, sys.maxsize)
    everybody = read_everybody(connection, sources, of_households)
    subjects = {"child": everybody.children, "member": everybody.people, "household": everybody.households}
    records = {}
    for role, sentences in asked.items():
        by_record: dict[str, list[s.Sentence]] = {}
        for sentence in sentences:
            (key,) = s.items_of(sentence)
            if vocabulary.items[key].kind not in ("年齢", "学年"):
                by_record.setdefault(vocabulary.items[key].record, []).append(sentence)
        for record, its in by_record.items():
            columns = columns_of((sentence.item for sentence in its), vocabulary)  # type: ignore[union-attr]
            kind = vocabulary.records[record]
            records[role, record] = read_records(
                connection, record, kind, subjects[role], columns, with_order=needs_order(its)
            )  # type: ignore[arg-type]
    kin = read_kin(connection, list(relations)) if relations else {}
    delivered: dict[str, list[date]] = {}
    for record, end in connection.execute("SELECT DISTINCT record, period_end FROM delivered_period").fetchall():
        delivered.setdefault(record, []).append(end)
    return Facts(subjects, records, everybody.household_of_child, kin, delivered)


def measured(work: Callable[[], T]) -> tuple[T, float, float, int]:
    """What the work gives, its wall and CPU seconds, and the highest memory during it above that before, in MB."""
    gc.collect()
    before = resident()
    highest = before
    done = threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.05):
            highest = max(highest, resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        result = work()
    finally:
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        done.set()
        watcher.join()
    return result, wall, cpu, (highest - before) // 1_000_000


def resident() -> int:
    """Bytes of memory of this process now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
