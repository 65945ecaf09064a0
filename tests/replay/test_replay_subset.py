"""What cannot be said to durable_rules, and that the encoding keeps clear of the engine's known faults."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from engine.replay.process.encoding import LARGEST_NUMBER, LONGEST_TEXT, MOST_FACTS, Encoding, UnfitFactError
from engine.replay.process.subset import (
    LARGEST_CONSTANT,
    MOST_FIELDS,
    MOST_PATTERNS,
    MOST_RULES,
    MOST_RULES_PER_FACT,
    MOST_SIGNALS,
    ChainNetwork,
    ChainRule,
    FieldTest,
    LeafRule,
    Network,
    TypedFact,
)


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        ("amount", "!=", 1),
        ("amount", "<", 1),
        ("name", ">=", "あ"),
        ("金額", "==", 1),
        ("$and", "==", 1),
        ("a.b", "==", 1),
        ("amount", "<=", LARGEST_CONSTANT + 1),
        ("amount", "<=", -LARGEST_CONSTANT - 1),
    ],
)
def test_a_comparison_that_the_engine_gets_wrong_cannot_be_made(field: str, operator: str, value: int | str) -> None:
    """Only == <= >= with a small ASCII field name; texts are only equal; constants fit 32 bits."""
    with pytest.raises(ValueError, match=r"."):
        FieldTest(field, operator, value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [True, None, 1.5, [1], {"a": 1}])
def test_a_value_is_a_whole_number_or_a_text(value: object) -> None:
    """Truths, blanks, fractions and nested values, which the engine confuses, are refused in tests and in facts."""
    with pytest.raises(TypeError):
        FieldTest("a", "==", value)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        TypedFact(0, "event", {"a": value})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "signals", [(), ("a", "a"), tuple(f"s{n}" for n in range(MOST_PATTERNS + 1)), ("a b",), ("条件",)]
)
def test_a_chain_rule_has_one_to_sixteen_different_signals(signals: tuple[str, ...]) -> None:
    """The engine has 16 places for patterns, and never lets one fact fill two."""
    with pytest.raises(ValueError, match=r"."):
        ChainRule(signals, "out")


def test_a_network_does_not_show_a_persons_value_when_it_refuses_it() -> None:
    """A fault names the field, never the value."""
    network = Network((LeafRule("a", "event", (FieldTest("what", "==", "x"), FieldTest("much", ">=", 1))),), ())
    secret = "山田花子" * LONGEST_TEXT
    with pytest.raises(UnfitFactError) as text:
        Encoding(network).facts([TypedFact(0, "event", {"what": secret})])
    with pytest.raises(UnfitFactError) as number:
        Encoding(network).facts([TypedFact(0, "event", {"much": LARGEST_NUMBER + 7})])
    with pytest.raises(UnfitFactError):
        Encoding(network).facts([TypedFact(MOST_FACTS, "event", {})])
    assert "山田" not in str(text.value) and "event.what" in str(text.value)
    assert str(LARGEST_NUMBER + 7) not in str(number.value)


def test_names_are_unique_and_counts_bounded() -> None:
    """Two rules of one name, too many fields of a kind and too many chain rules are refused when the network is made."""
    with pytest.raises(ValueError, match="one name"):
        Network((LeafRule("a", "event"), LeafRule("a", "event")), ())
    with pytest.raises(ValueError, match="tested fields"):
        Network(tuple(LeafRule(f"r{n}", "event", (FieldTest(f"f{n}", "==", 1),)) for n in range(MOST_FIELDS + 1)), ())
    with pytest.raises(ValueError, match="rules"):
        ChainNetwork("x", tuple(ChainRule(("a",), f"s{n}") for n in range(MOST_RULES + 1)))
    with pytest.raises(ValueError, match="one name"):
        Network((), (ChainNetwork("x", ()), ChainNetwork("x", ())))


def test_no_fact_can_satisfy_more_rules_of_one_part_than_the_engine_bears() -> None:
    """Every part has at most 60 rules of each kind and 4,000 in all; together the parts are the network."""
    leaves = tuple(LeafRule(f"{kind}.{n}", f"k{kind}") for n in range(3 * MOST_RULES_PER_FACT) for kind in range(70))
    network = Network(leaves, ())
    for part in network.shards:
        assert len(part) <= MOST_RULES
        for kind in {rule.kind for rule in part}:
            assert sum(rule.kind == kind for rule in part) <= MOST_RULES_PER_FACT
    assert sorted(rule.name for part in network.shards for rule in part) == sorted(rule.name for rule in leaves)


def test_the_engine_can_tell_every_name_that_it_is_told_apart() -> None:
    """It compares names of facts, properties and patterns by 32-bit hashes alone; those of all that can be told differ."""
    fields = [FieldTest(f"f{n}", "==", 1) for n in range(MOST_FIELDS)]
    encoding = Encoding(Network((LeafRule("a", "event", tuple(fields)),), ()))
    [[_, message]] = encoding.facts([TypedFact(0, "event", {test.field: 1 for test in fields})])
    properties = [*json.loads(str(message)), "boot", "sid", "$s", "v", *(f"g{n}" for n in range(500))]
    properties += [name.replace("n", "t") for name in properties if name.startswith("n")]
    facts = [*map(str, range(max(MOST_FACTS, 20_000))), "boot", "sid-0"]
    patterns = ["m", *(f"c{n}" for n in range(MOST_PATTERNS))]
    for names in (properties, facts, patterns):
        assert len({fnv_1a(name) for name in names}) == len(names)


def test_the_hash_is_the_engines() -> None:
    """The two names that were found to be one for the engine have one hash here."""
    assert fnv_1a("evt-462789") == fnv_1a("evt-679192")


def test_a_signal_in_many_rules_is_told_in_copies() -> None:
    """No copy of a signal takes part in more than 200 patterns: the engine's list of 255 overruns silently."""
    chain = ChainNetwork("x", tuple(ChainRule(("all", f"s{n}"), f"out{n}") for n in range(1000)))
    encoding = Encoding(Network((), (chain,)))
    [told] = encoding.rules()["chains"]  # type: ignore[misc]
    assert len(told["signals"][encoding.signal_codes["all"]]) == 5
    tests = [
        json.dumps(pattern)
        for rule in json.loads(told["rules"]).values()
        for one in rule["all"]
        for pattern in one.values()
    ]
    assert max(map(tests.count, tests)) == 200


def test_the_largest_chain_network_stays_below_511_tests_in_one_place() -> None:
    """As many signals, rules and copies as can be said: at most 500 groups beside each other, of eight signals each."""
    signals = [f"s{n}" for n in range(MOST_SIGNALS)]
    shared, others = signals[: MOST_PATTERNS - 1], signals[MOST_PATTERNS - 1 :]
    rules = (ChainRule((*shared, others[n % len(others)]), f"out{n}") for n in range(MOST_RULES))
    [told] = Encoding(Network((), (ChainNetwork("x", tuple(rules)),))).rules()["chains"]  # type: ignore[misc]
    groups = Counter(str(sorted(json.loads(message))) for messages in told["signals"].values() for message in messages)
    assert len(told["signals"]) == MOST_SIGNALS
    assert len(groups) <= 500 and max(groups.values()) <= 8


def test_texts_never_look_like_another_type() -> None:
    """A text is told with a mark before it, and a field's numbers and texts are two properties."""
    tests = (FieldTest("code", "==", "12"), FieldTest("code", ">=", 1))
    encoding = Encoding(Network((LeafRule("a", "event", tests),), ()))
    told = encoding.facts([TypedFact(0, "event", {"code": "12"}), TypedFact(1, "event", {"code": 12})])
    assert [json.loads(str(message)) for _, message in told] == [
        {"id": "0", "k": 0, "t0": "=12"},
        {"id": "1", "k": 0, "n0": 12},
    ]


def test_what_no_rule_looks_at_does_not_leave_the_parent() -> None:
    """Kinds and fields without a rule are not told to the engine."""
    encoding = Encoding(Network((LeafRule("a", "event", (FieldTest("what", "==", "x"),)),), ()))
    told = encoding.facts(
        [TypedFact(0, "event", {"what": "x", "note": "secret"}), TypedFact(1, "letter", {"what": "x"})]
    )
    assert told == [[0, '{"id":"0","k":0,"t0":"=x"}']]


def fnv_1a(name: str) -> int:
    """The engine's hash of a name."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value
