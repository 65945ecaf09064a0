"""Households through the second engine: through durable_rules in its process, or through a stand-in that takes each rule at its word.

The stand-in evaluates every leaf and chain rule in plain Python, one after the other. It is the test oracle of what the rules say; that
the engine does as they say is tested by running both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from engine.records.household import Household
from engine.replay.meaning.compile import Children, CompiledRules, ReplayedChild
from engine.replay.process.engine import start_engine
from engine.replay.process.needs import AllOf, Needs
from engine.replay.process.outcome import Concluded, Matches, Unavailable
from engine.replay.process.subset import ChainNetwork, FieldTest, Network, TypedFact


class EngineIsMissingError(Exception):
    """durable_rules cannot run here."""


def by_stand_in(rules: CompiledRules, households: Iterable[Household]) -> list[ReplayedChild]:
    """Each child, judged by rules that are taken at their word."""
    children = Children(rules)
    found = []
    for household in households:
        told = children.tell(household)
        matches = matches_of(rules.network, told.facts)
        signals = frozenset(children.fold(told.key, matches))
        found.append(children.read(Concluded(told.key, matches, signals, conclusions_of(rules.network, signals))))
    return found


def by_engine(rules: CompiledRules, households: Sequence[Household]) -> list[ReplayedChild]:
    """Each child, judged by durable_rules. Raises EngineIsMissingError where it cannot run, and fails if it gives up on a child."""
    engine = start_engine(rules.network)
    if isinstance(engine, Unavailable):
        raise EngineIsMissingError(engine.reason)
    children = Children(rules)
    found: dict[str, ReplayedChild] = {}
    with engine:
        for outcome in engine.replay((children.tell(household) for household in households), children.fold):
            assert isinstance(outcome, Concluded), outcome
            found[outcome.key] = children.read(outcome)
    return [found[household.child.key] for household in households]


def matches_of(network: Network, facts: Sequence[TypedFact]) -> Matches:
    """For each leaf rule that any fact passes, the numbers of those facts."""
    found = {
        rule.name: tuple(
            fact.number for fact in facts if fact.kind == rule.kind and all(_passes(fact, test) for test in rule.tests)
        )
        for rule in network.leaves
    }
    return {name: numbers for name, numbers in found.items() if numbers}


def _passes(fact: TypedFact, test: FieldTest) -> bool:
    value = fact.fields.get(test.field)
    if isinstance(value, int) and isinstance(test.value, int):
        return {"==": value == test.value, "<=": value <= test.value, ">=": value >= test.value}[test.operator]
    return value is not None and value == test.value


def conclusions_of(network: Network, signals: frozenset[str]) -> dict[str, frozenset[str]]:
    """What each chain network concludes from the signals and from what those before it concluded."""
    known = set(signals)
    found = {}
    for chain in network.chains:
        found[chain.name] = _concluded(chain, known)
        known |= found[chain.name]
    return found


def _concluded(chain: ChainNetwork, known: set[str]) -> frozenset[str]:
    concluded: set[str] = set()
    while True:
        there = known | concluded
        more = {rule.concludes for rule in chain.rules if is_there(rule.needs, there)} - concluded
        if not more:
            return frozenset(concluded)
        concluded |= more


def is_there(needs: Needs, signals: Set[str]) -> bool:
    """Whether what a rule needs is there."""
    if isinstance(needs, str):
        return needs in signals
    parts = [is_there(part, signals) for part in needs.parts]
    return all(parts) if isinstance(needs, AllOf) else any(parts)
