"""Made-up networks of any size, children for them, and what must come out, in plain Python: for measuring the engine process."""

from __future__ import annotations

import random
from collections.abc import Set

from engine.replay.process.needs import AllOf, AnyOf, Needs
from engine.replay.process.outcome import Matches, ReplayInput
from engine.replay.process.subset import ChainNetwork, ChainRule, FieldTest, LeafRule, Network, TypedFact

KINDS = 20
WORDS = ("有", "無", "済", "未", "12", "true", "保育所", "小学校", "中学校", "不詳")


def made_up_network(leaves: int, rulebooks: int, rules_each: int, seed: int = 1) -> Network:
    """Leaf rules of one to three tests over 20 kinds; chain rules of two to five signals, every second with
    alternatives, a third of them over conclusions."""
    draw = random.Random(seed)
    made = []
    for place in range(leaves):
        tests = [FieldTest(f"text{draw.randrange(3)}", "==", draw.choice(WORDS))]
        tests += [
            FieldTest(f"number{draw.randrange(3)}", draw.choice((">=", "<=")), draw.randrange(100))
            for _ in range(place % 3)
        ]
        made.append(LeafRule(f"leaf{place}", f"kind{place % KINDS}", tuple(tests)))
    chains = []
    for book in range(rulebooks):
        rules: list[ChainRule] = []
        for place in range(rules_each):
            signals = {signal(draw.randrange(leaves), draw.random() < 0.5) for _ in range(draw.randint(2, 5))}
            if rules and place % 3 == 0:
                signals.add(draw.choice(rules).concludes)
            rules.append(ChainRule(_needs(sorted(signals), alternatives=place % 2 == 0), f"book{book}.{place}"))
        chains.append(ChainNetwork(f"book{book}", tuple(rules)))
    return Network(tuple(made), tuple(chains))


def made_up_children(count: int, facts: int, seed: int = 2) -> list[ReplayInput]:
    """Children with that many facts each, of all kinds in turn; one field in ten is blank."""
    draw = random.Random(seed)
    fields = [*(f"text{n}" for n in range(3)), *(f"number{n}" for n in range(3))]
    return [
        ReplayInput(
            f"child{place}",
            tuple(
                TypedFact(
                    number,
                    f"kind{number % KINDS}",
                    {
                        name: draw.choice(WORDS) if name.startswith("text") else draw.randrange(100)
                        for name in fields
                        if draw.random() > 0.1
                    },
                )
                for number in range(facts)
            ),
        )
        for place in range(count)
    ]


def signal(leaf: int, met: bool) -> str:
    return f"leaf{leaf}.{'met' if met else 'not_met'}"


def signals_of(network: Network, matches: Matches) -> set[str]:
    """Every leaf is a condition that is met if it fired."""
    return {signal(place, rule.name in matches) for place, rule in enumerate(network.leaves)}


def matches_by_hand(network: Network, child: ReplayInput) -> Matches:
    found = {}
    for rule in network.leaves:
        facts = tuple(
            fact.number
            for fact in child.facts
            if fact.kind == rule.kind and all(_passes(fact.fields.get(test.field), test) for test in rule.tests)
        )
        if facts:
            found[rule.name] = facts
    return found


def conclusions_by_hand(network: Network, signals: frozenset[str]) -> dict[str, frozenset[str]]:
    known = set(signals)
    conclusions = {}
    for chain in network.chains:
        concluded: set[str] = set()
        while more := {rule.concludes for rule in chain.rules if is_there(rule.needs, known)} - concluded:
            concluded |= more
            known |= more
        conclusions[chain.name] = frozenset(concluded)
    return conclusions


def is_there(needs: Needs, signals: Set[str]) -> bool:
    if isinstance(needs, str):
        return needs in signals
    parts = [is_there(part, signals) for part in needs.parts]
    return all(parts) if isinstance(needs, AllOf) else any(parts)


def _needs(signals: list[str], *, alternatives: bool) -> Needs:
    if len(signals) == 1:
        return signals[0]
    if alternatives and len(signals) > 2:
        return AllOf((signals[0], AnyOf(tuple(signals[1:]))))
    return AllOf(tuple(signals))


def _passes(value: int | str | None, test: FieldTest) -> bool:
    if isinstance(value, str) or isinstance(test.value, str):
        return value == test.value
    if value is None:
        return False
    return (
        value == test.value
        if test.operator == "=="
        else value <= test.value
        if test.operator == "<="
        else value >= test.value
    )
