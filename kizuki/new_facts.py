"""The facts of households that a conference may have set aside: on which days what counts rests, where a new fact brings a household back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from engine.evaluate.explanation.child import ChildExplanation, Explainer, origins_of
from engine.evaluate.explanation.outline import outlines_of
from engine.kernel.truth import Truth
from engine.store.households import load_households
from engine.store.tables import Snapshot
from engine.tiers.listing import ChildDecision
from engine.tiers.standing import Conferences, Evidence, facts_matter, may_set_apart, pair
from kizuki.rules.files import RuleFiles


def with_evidence(
    conferences: Conferences, snapshot: Snapshot, rules: RuleFiles, children: Sequence[ChildDecision]
) -> Conferences:
    """What stands, with the days of the facts of those whom a decision sets aside. `children`: all with a hit.

    Only children of such households with a hit of which new facts matter are explained, for explaining takes its time.
    """
    wanted = {
        outline.id for outline in outlines_of(rules.plan) if facts_matter(outline.hardship_type, outline.strength)
    }
    standing = {key for key, decision in conferences.standing.items() if may_set_apart(decision)}
    asked = {child.child_key: child for child in children if child.household_key in standing and child.hits & wanted}
    if not asked:
        return conferences
    explainer = Explainer(rules.plan, rules.layouts, origins_of(snapshot.deliveries, rules.layouts))
    households = load_households(snapshot, sorted(asked))
    evidence: dict[str, tuple[date, ...]] = {}
    for key, child in asked.items():
        evidence |= _days(key, explainer.explain(households[key]), child.hits & wanted)
    return replace(conferences, evidence=evidence)


def _days(child_key: str, explanation: ChildExplanation, scenarios: frozenset[str]) -> Evidence:
    """Of the sentences that are met, for only these speak for the scenario."""
    return {
        pair(child_key, result.scenario_id): tuple(
            sorted(
                {
                    fact.on
                    for sentence in result.sentences
                    if sentence.truth is Truth.MET
                    for fact in sentence.facts
                    if fact.on is not None
                }
            )
        )
        for result in explanation.results
        if result.scenario_id in scenarios
    }
