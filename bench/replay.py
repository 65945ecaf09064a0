"""Measure the second opinion: its engine alone over made-up networks, or all of it on children of a city.

    python run.py bench replay
    python run.py bench replay --leaves 300 --rules 600 --children 400
    python run.py bench replay --workspace demo --children 1000

Every answer is compared with plain Python; one difference, or one child not replayed, and the measurement fails. Wall seconds
from the start of the process to the last answer; CPU seconds of parent and engine apart, which a busy machine hardly changes.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

from made_up_network import (
    conclusions_by_hand,
    is_there,
    made_up_children,
    made_up_network,
    matches_by_hand,
    signals_of,
)
from replay_city import measure_city

from engine.replay.process.engine import start_engine
from engine.replay.process.outcome import Concluded, Matches, ReplayInput, Unavailable
from engine.replay.process.subset import Network

RULEBOOKS = 6


@dataclass(frozen=True)
class Measured:
    """One run of the engine process over some children."""

    started: float
    seconds: float
    cpu_parent: float
    cpu_engine: float
    firings: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, default=400)
    parser.add_argument("--facts", type=int, nargs="+", default=[30, 300], help="facts of a child")
    parser.add_argument("--leaves", type=int, default=300)
    parser.add_argument("--rules", type=int, default=600, help="chain rules, in six rulebooks")
    parser.add_argument(
        "--workspace", type=Path, help="a city with a run: its rulebooks on its children, against the reference"
    )
    asked = parser.parse_args()
    if asked.workspace:
        measure_city(asked.workspace, asked.children)
        return
    measure_engine(asked.children, asked.facts, asked.leaves, asked.rules)


def measure_engine(count: int, sizes: list[int], leaves: int, rules: int) -> None:
    whole = made_up_network(leaves, RULEBOOKS, rules // RULEBOOKS)
    sheets = sum(len(chain.sheets) for chain in whole.chains)
    print(f"{count} children; {leaves} leaf rules; {rules} chain rules on {sheets} sheets in {RULEBOOKS} rulebooks")
    print(
        "| facts a child | network | start, s | children/s | CPU ms a child: parent | engine | firings a child | engine µs a firing |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for facts in sizes:
        children = made_up_children(count, facts)
        parts = {"both": whole, "leaves": Network(whole.leaves, ()), "chains": Network((), whole.chains)}
        for name, network in parts.items():
            run = measure(network, whole, children)
            print(
                f"| {facts} | {name} | {run.started:.2f} | {count / run.seconds:,.0f} | {run.cpu_parent / count * 1e3:.2f} "
                f"| {run.cpu_engine / count * 1e3:.2f} | {run.firings / count:.0f} | {run.cpu_engine / run.firings * 1e6:.1f} |",
                flush=True,
            )


def measure(network: Network, whole: Network, children: list[ReplayInput]) -> Measured:
    """`whole` makes the signals, also where the engine is asked about chains only."""
    known = {child.key: signals_of(whole, matches_by_hand(whole, child)) for child in children}
    outcomes = []
    began, cpu = time.perf_counter(), os.times()

    def fold(key: str, _: Matches) -> set[str]:
        return known[key]

    engine = start_engine(network)
    if isinstance(engine, Unavailable):
        raise SystemExit(engine.reason)
    with engine:
        outcomes = list(engine.replay(children, fold))
        seconds = time.perf_counter() - began
    spent = os.times()
    firings = 0
    for child, outcome in zip(children, outcomes, strict=True):
        if not isinstance(outcome, Concluded):
            raise SystemExit(f"{outcome}")
        if outcome.matches != matches_by_hand(network, child) or outcome.conclusions != conclusions_by_hand(
            network, outcome.signals
        ):
            raise SystemExit(f"{child.key}: another answer than plain Python's")
        firings += sum(map(len, outcome.matches.values()))
        given = set(outcome.signals)
        for chain in network.chains:
            given |= outcome.conclusions[chain.name]
            firings += sum(is_there(rule.needs, given) for rule in chain.rules)
    return Measured(
        engine.report.start_seconds,
        seconds,
        spent.user + spent.system - cpu.user - cpu.system,
        spent.children_user + spent.children_system - cpu.children_user - cpu.children_system,
        firings,
    )


if __name__ == "__main__":
    main()
