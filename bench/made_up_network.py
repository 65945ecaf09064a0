"""Made-up networks of any size, children for them, and what must come out, in plain Python: for measuring the engine process."""

from __future__ import annotations

import random

from engine.replay.process.outcome import Matches, ReplayInput
from engine.replay.process.subset import ChainNetwork, ChainRule, FieldTest, LeafRule, Network, TypedFact

KINDS = 20
WORDS = ("有", "無", "済", "未", "12", "true", "保育所", "小学校", "中学校", "不詳")


def made_up_network(leaves: int, rulebooks: int, rules_each: int, seed: int = 1) -> Network:
    """Leaf rules of one to three tests over 20 kinds; chain rules of two to five signals, a third of them over conclusions."""
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
            rules.append(ChainRule(tuple(sorted(signals)), f"book{book}.{place // 2}"))
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
        while more := {rule.concludes for rule in chain.rules if known.issuperset(rule.signals)} - concluded:
            concluded |= more
            known |= more
        conclusions[chain.name] = frozenset(concluded)
    return conclusions


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
