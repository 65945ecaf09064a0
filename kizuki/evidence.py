"""The evidence of the listed children: their households, and why each of them is on the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.evaluate.explanation.child import ChildExplanation, Explainer, origins_of
from engine.records.household import Household
from engine.store.households import load_households
from engine.store.tables import Snapshot
from engine.tiers.listing import WeekList
from kizuki.rules.files import RuleFiles


@dataclass(frozen=True)
class Evidence:
    """Households and explanations of all listed children by child key."""

    households: Mapping[str, Household]
    explanations: Mapping[str, ChildExplanation]


def collect_evidence(snapshot: Snapshot, rules: RuleFiles, week: WeekList) -> Evidence:
    """Judge each listed child with the reference interpreter, which names the records that decided."""
    keys = sorted(child.child_key for line in week.households for child in line.children)
    households = load_households(snapshot, keys)
    origins = origins_of(snapshot.deliveries, rules.layouts)
    explainer = Explainer(rules.plan, rules.layouts, origins)
    return Evidence(households, {key: explainer.explain(households[key]) for key in keys})
