"""What cannot be said to durable_rules, and that the encoding keeps clear of the engine's known faults."""

from __future__ import annotations

import json

import pytest

from engine.replay.process.encoding import LARGEST_NUMBER, LONGEST_TEXT, MOST_FACTS, Encoding, UnfitFactError
from engine.replay.process.needs import AllOf, AnyOf, Needs, Size, size_of
from engine.replay.process.subset import (
    LARGEST_CONSTANT,
    MOST_FIELDS,
    MOST_GROUPS,
    MOST_RULES,
    MOST_RULES_PER_FACT,
    MOST_SHEETS,
    MOST_WAYS,
    MOST_WIDTH,
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
    "needs",
    [
        "a b",
        "条件",
        AnyOf(tuple(f"s{n}" for n in range(MOST_WAYS + 1))),
        AllOf(tuple(AnyOf((f"a{n}", f"b{n}")) for n in range(5))),
        AllOf((*(AllOf((f"a{n}", f"b{n}")) for n in range(MOST_GROUPS)), "c")),
    ],
)
def test_a_chain_rule_is_no_larger_than_the_engine_bears(needs: Needs) -> None:
    """Signals are ASCII words; a rule is met in at most 24 ways and has at most 14 groups."""
    with pytest.raises(ValueError, match=r"."):
        ChainRule(needs, "out")


@pytest.mark.parametrize("parts", [(), ("a",), ("a", "a")])
@pytest.mark.parametrize("kind", [AllOf, AnyOf])
def test_a_group_has_two_or_more_different_parts(kind: type[AllOf | AnyOf], parts: tuple[str, ...]) -> None:
    """Nothing is all or any of one, and none is told twice."""
    with pytest.raises(ValueError, match="different"):
        kind(parts)


def test_the_size_of_what_a_rule_needs() -> None:
    """Alternatives lie side by side, what must all be there one behind the other."""
    any_ = AnyOf(("a", "b", AllOf(("c", "d"))))
    assert size_of("a") == Size(1, 1, 0)
    assert size_of(any_) == Size(3, 3, 2)
    assert size_of(AllOf(("x", any_, AnyOf(("e", "f"))))) == Size(4, 6, 4)


def test_rules_that_wait_for_themselves_are_refused() -> None:
    """Each sheet of signals is told once, after those that conclude what is on it."""
    with pytest.raises(ValueError, match="wait for themselves"):
        ChainNetwork("x", (ChainRule("a", "b"), ChainRule(AllOf(("b", "c")), "a")))


def test_every_sheet_fits_under_one_fact_and_comes_after_those_that_it_needs() -> None:
    """At most a width of 60 and 200 signals; each rule once; a conclusion is needed on later sheets only."""
    rules = [
        ChainRule(AllOf((f"s{n}", f"s{n + 1}", AnyOf((f"x{n}", f"y{n}", f"z{n}")))), f"s{n + 2}") for n in range(300)
    ]
    rules += [ChainRule(AllOf(tuple(f"t{n}.{m}" for m in range(20))), f"u{n}") for n in range(100)]
    chain = ChainNetwork("x", tuple(reversed(rules)))
    told: set[str] = set()
    for sheet in chain.sheets:
        assert sum(size_of(rule.needs).width for rule in sheet.rules) <= MOST_WIDTH
        assert len(sheet.signals) <= MOST_FIELDS
        later = {rule.concludes for rule in chain.rules} - told
        assert later.isdisjoint(sheet.signals)
        told |= {rule.concludes for rule in sheet.rules}
    assert sorted(rule.concludes for sheet in chain.sheets for rule in sheet.rules) == sorted(
        r.concludes for r in rules
    )


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
        ChainNetwork("x", tuple(ChainRule("a", f"s{n}") for n in range(MOST_RULES + 1)))
    with pytest.raises(ValueError, match="sheets"):
        ChainNetwork("x", tuple(ChainRule(f"s{n}", f"s{n + 1}") for n in range(MOST_SHEETS + 1)))
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
    properties = [*json.loads(str(message)), "boot", "sid", "$s", "$forward", *(f"g{n}" for n in range(MOST_SHEETS))]
    properties += [f"{letter}{n}" for letter in "ts" for n in range(MOST_FIELDS)]
    facts = [*map(str, range(max(MOST_FACTS, 20_000))), "boot", "sid-0"]
    for names in (properties, facts):
        assert len({fnv_1a(name) for name in names}) == len(names)


def test_the_hash_is_the_engines() -> None:
    """The two names that were found to be one for the engine have one hash here."""
    assert fnv_1a("evt-462789") == fnv_1a("evt-679192")


def test_a_sheet_is_told_as_one_fact_that_only_its_own_rules_test() -> None:
    """The property that names the sheet is tested first, then signals, then alternatives."""
    needs = AllOf((AnyOf(("a", AllOf(("b", "c")))), "d"))
    encoding = Encoding(Network((), (ChainNetwork("x", (ChainRule(needs, "e"), ChainRule("e", "f"))),)))
    [told] = encoding.rules()["chains"]  # type: ignore[misc]
    assert json.loads(told["rules"]) == {
        "boot": {"all": [{"m": {"boot": 1}}]},
        "0": {"all": [{"m": {"$and": [{"g0": 1}, {"s3": 1}, {"$or": [{"s0": 1}, {"$and": [{"s1": 1}, {"s2": 1}]}]}]}}]},
        "1": {"all": [{"m": {"$and": [{"g1": 1}, {"s0": 1}]}}]},
    }
    codes = encoding.signal_codes
    assert [codes[name] for name in "ef"] == told["concludes"]
    assert told["sheets"] == [
        ['{"id":"0","g0":1', [[codes[name], f',"s{n}":1'] for n, name in enumerate("abcd")]],
        ['{"id":"1","g1":1', [[codes["e"], ',"s0":1']]],
    ]


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
