"""The evidence of the listed children, and the comparison of both evaluators on every one of their conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from engine.evaluate.explanation.child import ChildExplanation, explain_child, origins_of
from engine.kernel.truth import Truth
from engine.records.household import Household
from engine.store.households import load_households
from engine.store.tables import Snapshot
from engine.tiers.listing import WeekList
from kizuki.rules.files import RuleFiles


@dataclass(frozen=True)
class Evidence:
    """Households and explanations of all listed children by child key.

    `compared` counts condition values on which SQL and reference were compared; `disagreeing` are the children for whom
    at least one differed. They are taken off the printed list, because nobody knows which answer is right.
    """

    households: Mapping[str, Household]
    explanations: Mapping[str, ChildExplanation]
    compared: int
    disagreeing: tuple[str, ...]


def collect_evidence(snapshot: Snapshot, rules: RuleFiles, truths: pa.Table, week: WeekList) -> Evidence:
    """Judge each listed child again with the reference interpreter and compare with `truths` (see `evaluate_all`)."""
    keys = sorted(child.child_key for line in week.households for child in line.children)
    households = load_households(snapshot, keys)
    origins = origins_of(snapshot.deliveries, rules.layouts)
    position = {key: i for i, key in enumerate(truths.column("child_key").to_pylist())}
    listed = truths.take(pa.array([position[key] for key in keys], pa.int64()))
    bulk = [listed.column(f"c{number}").to_pylist() for number in range(1, len(rules.plan.conditions) + 1)]
    explanations: dict[str, ChildExplanation] = {}
    disagreeing: list[str] = []
    for i, key in enumerate(keys):
        explanation = explain_child(rules.plan, households[key], rules.layouts, origins)
        explanations[key] = explanation
        if tuple(Truth(column[i]) for column in bulk) != explanation.truths:
            disagreeing.append(key)
    return Evidence(households, explanations, len(keys) * len(rules.plan.conditions), tuple(disagreeing))
