"""The engine process against two oracles in plain Python: which facts pass, and what follows from which signals."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replaying import conclusions_of

from engine.replay.process.engine import ReplayEngine, start_engine
from engine.replay.process.needs import AllOf, AnyOf, Needs, signals_of, size_of
from engine.replay.process.outcome import Concluded, Matches, ReplayInput
from engine.replay.process.subset import (
    MOST_GROUPS,
    MOST_WAYS,
    ChainNetwork,
    ChainRule,
    FieldTest,
    LeafRule,
    Network,
    TypedFact,
    fits,
)

pytestmark = pytest.mark.usefixtures("durable_rules")

KINDS = ("resident", "school_month", "event")
FIELDS = ("amount", "code", "day")
TEXTS = st.one_of(
    st.sampled_from(
        ["", "0", "12", "-1", "true", "false", "null", "1e5", "=12", '"', "\\", "'", '12",', "済", "済 ", "𠮷", "\x00"]
    ),
    st.text(max_size=4),
)
NUMBERS = st.one_of(st.integers(-3, 14), st.sampled_from([20261120, 2**31 - 1, -(2**31) + 1]))
VALUES = st.one_of(NUMBERS, TEXTS)
LARGE = st.sampled_from([2**31, -(2**31), 2**40, 2**53, -(2**53)])
SIGNALS = [f"s{n}" for n in range(9)]


@st.composite
def field_tests(draw: st.DrawFn) -> FieldTest:
    value = draw(VALUES)
    operator = "==" if isinstance(value, str) else draw(st.sampled_from(["==", "<=", ">="]))
    return FieldTest(draw(st.sampled_from(FIELDS)), operator, value)


def needs() -> st.SearchStrategy[Needs]:
    """Signals, and groups of groups of them, as large as one rule may be."""

    def grouped(parts: st.SearchStrategy[Needs]) -> st.SearchStrategy[Needs]:
        several = st.lists(parts, min_size=2, max_size=4, unique=True).map(tuple)
        return st.one_of(several.map(AllOf), several.map(AnyOf))

    return st.recursive(st.sampled_from(SIGNALS), grouped, max_leaves=12).filter(fits)


@st.composite
def chain_rules(draw: st.DrawFn) -> ChainRule:
    """A rule that concludes a signal which none before it in the alphabet needs, so that none waits for itself."""
    needed = draw(needs())
    later = [name for name in [*SIGNALS, "t0", "t1"] if name > max(signals_of(needed))]
    return ChainRule(needed, draw(st.sampled_from(later)))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    leaves = draw(st.lists(st.tuples(st.sampled_from(KINDS), st.lists(field_tests(), max_size=4)), max_size=12))
    chains = draw(st.lists(st.lists(chain_rules(), max_size=8), max_size=3))
    return Network(
        tuple(LeafRule(f"r{place}", kind, tuple(tests)) for place, (kind, tests) in enumerate(leaves)),
        tuple(ChainNetwork(f"book{place}", tuple(its)) for place, its in enumerate(chains)),
    )


@st.composite
def children(draw: st.DrawFn, network: Network) -> list[ReplayInput]:
    """Facts that are often exactly what a rule asks for, and signals drawn freely."""
    asked: list[int | str] = [test.value for rule in network.leaves for test in rule.tests] or [0]
    values = st.one_of(st.sampled_from(asked), VALUES, LARGE)
    fact = st.tuples(st.sampled_from([*KINDS, "letter"]), st.dictionaries(st.sampled_from([*FIELDS, "note"]), values))
    lists = draw(st.lists(st.lists(fact, max_size=10), min_size=1, max_size=8))
    return [
        ReplayInput(f"child{place}", tuple(TypedFact(number, kind, its) for number, (kind, its) in enumerate(facts)))
        for place, facts in enumerate(lists)
    ]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_the_engine_fires_and_concludes_exactly_what_it_should(data: st.DataObject) -> None:
    """Every rule's facts are those that pass its tests, and every network's conclusions those that follow, child by child."""
    network = data.draw(networks())
    inputs = data.draw(children(network))
    given_signals = {one.key: frozenset(data.draw(st.sets(st.sampled_from(SIGNALS)))) for one in inputs}
    with started(network) as engine:
        outcomes = list(engine.replay(inputs, lambda key, _: given_signals[key]))
    assert [outcome.key for outcome in outcomes] == [one.key for one in inputs]
    for one, outcome in zip(inputs, outcomes, strict=True):
        assert isinstance(outcome, Concluded)
        assert outcome.matches == matches_by_hand(network, one)
        assert outcome.conclusions == conclusions_of(network, given_signals[one.key])


def test_a_fact_under_hundreds_of_rules_meets_them_all() -> None:
    """400 rules over one kind, which one fact all satisfies, with 700 different values tested on one field."""
    leaves = [LeafRule(f"r{n}", "event", (FieldTest("amount", ">=", n),)) for n in range(400)]
    leaves += [LeafRule(f"e{n}", "event", (FieldTest("amount", "==", n),)) for n in range(700)]
    network = Network(tuple(leaves), ())
    one = ReplayInput("child", (TypedFact(0, "event", {"amount": 399}), TypedFact(1, "event", {"amount": 650})))
    with started(network) as engine:
        [outcome] = engine.replay([one], lambda *_: ())
    assert isinstance(outcome, Concluded)
    assert outcome.matches == matches_by_hand(network, one)
    assert len(outcome.matches) == 402


def test_hundreds_of_signals_and_one_signal_in_every_rule() -> None:
    """1,500 rules over 1,501 signals, one of which stands in all of them, and a chain of 300 steps across two networks."""
    wide = ChainNetwork("wide", tuple(ChainRule(AllOf(("all", f"s{n}")), f"out{n}") for n in range(1500)))
    long = ChainNetwork("long", tuple(ChainRule(f"t{n}", f"t{n + 1}") for n in range(300)))
    link = ChainNetwork("link", (ChainRule(AllOf(("out7", "t300")), "end"),))
    network = Network((), (wide, long, link))
    signals = frozenset({"all", "t0", *(f"s{n}" for n in range(0, 1500, 7))})
    with started(network) as engine:
        outcomes = list(
            engine.replay(
                [ReplayInput("a", ()), ReplayInput("b", ())], lambda key, _: signals if key == "a" else {"all"}
            )
        )
    assert isinstance(outcomes[0], Concluded) and isinstance(outcomes[1], Concluded)
    assert outcomes[0].conclusions == conclusions_of(network, signals)
    assert outcomes[0].conclusions["link"] == {"end"}
    assert outcomes[1].conclusions == {"wide": set(), "long": set(), "link": set()}


def test_everything_is_there_and_every_rule_is_as_large_as_it_may_be() -> None:
    """The engine's stack, its lists and its count of groups bear what the limits allow, with every signal given."""
    widest = AnyOf(tuple(f"s{n}" for n in range(MOST_WAYS)))
    ways = AllOf((AnyOf(("a", "b")), AnyOf(("c", "d", "e")), AnyOf(("f", "g", "h", "i"))))
    groups: Needs = "s0"
    for n in range(1, MOST_GROUPS + 1):
        groups = AllOf((groups, f"s{n}")) if n % 2 else AnyOf((groups, f"s{n}"))
    assert size_of(widest).ways == size_of(ways).ways == MOST_WAYS and size_of(groups).groups == MOST_GROUPS
    same = tuple(ChainRule(AllOf(("s0", "s1")), f"same{n}") for n in range(300))
    chain = ChainNetwork(
        "x",
        tuple(ChainRule(needs, f"out{n}") for n, needs in enumerate([widest, ways, groups] * 40)) + same,
    )
    network = Network((), (chain,))
    every = frozenset(signal for rule in chain.rules for signal in rule.signals)
    with started(network) as engine:
        outcomes = list(
            engine.replay(
                [ReplayInput(str(n), ()) for n in range(2)],
                lambda key, _: every if key == "0" else every - {"s0", "a", "f"},
            )
        )
    for outcome in outcomes:
        assert isinstance(outcome, Concluded)
        assert outcome.conclusions == conclusions_of(network, outcome.signals)


def test_thousands_of_children_leave_nothing_behind() -> None:
    """3,000 children in one process: each is judged by its own facts, whatever those before it had."""
    network = Network(
        tuple(LeafRule(f"r{n}", "event", (FieldTest("amount", "<=", n),)) for n in range(70)),
        (ChainNetwork("x", (ChainRule(AllOf(("few", "many")), "both"), ChainRule("few", "only"))),),
    )
    inputs = [
        ReplayInput(
            str(n), tuple(TypedFact(place, "event", {"amount": (n * 7 + place) % 90}) for place in range(n % 5))
        )
        for n in range(3000)
    ]

    def fold(key: str, matches: Matches) -> set[str]:
        return {"few"} if len(matches) < 40 else {"few", "many"}

    with started(network) as engine:
        for one, outcome in zip(inputs, engine.replay(inputs, fold), strict=True):
            assert isinstance(outcome, Concluded)
            assert outcome.matches == matches_by_hand(network, one)
            assert outcome.conclusions == conclusions_of(network, outcome.signals)
        assert engine.report.concluded == 3000 and engine.report.starts == 1


def started(network: Network) -> ReplayEngine:
    engine = start_engine(network)
    assert isinstance(engine, ReplayEngine), engine
    return engine


def matches_by_hand(network: Network, child: ReplayInput) -> Matches:
    """The definition: a fact of the kind that has every tested field, of the tested type, with a value that compares so."""
    matches = {}
    for rule in network.leaves:
        facts = [
            fact for fact in child.facts if fact.kind == rule.kind and all(passes(fact, test) for test in rule.tests)
        ]
        if facts:
            matches[rule.name] = tuple(fact.number for fact in facts)
    return matches


def passes(fact: TypedFact, test: FieldTest) -> bool:
    value = fact.fields.get(test.field)
    if isinstance(value, str) or isinstance(test.value, str):
        return value == test.value
    if value is None:
        return False
    return {"==": value == test.value, "<=": value <= test.value, ">=": value >= test.value}[test.operator]
