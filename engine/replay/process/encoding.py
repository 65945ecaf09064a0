"""From networks and facts to what durable_rules reads, in a form in which its known faults cannot occur.

| fault of the engine | why it cannot occur |
|---|---|
| texts that look like a number or a truth match one | a text is written `=text`; the same field as number and as text are two properties |
| property names are compared by a 32-bit hash only | properties are `k`, `g0` … `g399`, and `n`, `s`, `t` with 0 … 199: their hashes differ (tested) |
| facts are told apart by a 32-bit hash of their name | names are small decimals, whose hashes differ up to 797,186 (tested) |
| more than 511 different tests in one place: endless loop | a kind or a sheet is tested first, then ≤ 60 rules |
| one fact under more than 64 rules: error | parts of ≤ 60 rules for each kind (`Network.shards`), sheets of a width of ≤ 60 (`ChainNetwork.sheets`) |
| more than 127 alternatives or 255 rules behind one test overrun a list | a sheet has fewer, for each adds to its width |
| a rule with alternatives fires once for each way in which it is met | ≤ 24 ways; the process counts a rule once |
| more than 31 beginnings and ends of groups in a rule | `MOST_GROUPS` |
| whole numbers above 32 bits in rules (Windows), 63 bits in facts | `LARGEST_CONSTANT`, `LARGEST_NUMBER` |
| texts are compared by lengths of 16 bits | `LONGEST_TEXT` |
| null, fractions, 1e5 | cannot be said with the types |
| a session deleted before a rule fired in it frees what it does not own | each ruleset has a rule that fires on `BOOT`, the first fact of each session |
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.replay.process.needs import AllOf, AnyOf, Needs, signals_of
from engine.replay.process.subset import ChainNetwork, FieldTest, Network, TypedFact

BOOT = '{"id":"boot","boot":1}'
MOST_FACTS = 20_000
LONGEST_TEXT = 1000
"""In characters. Escaped, a character has at most 12 bytes; the engine counts 65,535."""
LARGEST_NUMBER = 2**53
_encode = json.JSONEncoder(separators=(",", ":")).encode
_OPERATORS = {"<=": "$lte", ">=": "$gte"}

_BOOT_RULE = {"all": [{"m": {"boot": 1}}]}


class UnfitFactError(ValueError):
    """A fact's value is larger than the engine bears. Never shows the value."""


@dataclass(frozen=True)
class Encoding:
    """One network in the engine's words, and the way back. The process is told codes only: no name of a rule, field or signal."""

    network: Network
    signal_codes: dict[str, int] = field(init=False)
    """Every signal of the chain networks, those that are only concluded included → its code."""
    _kinds: dict[str, tuple[int, dict[str, str], dict[str, str]]] = field(init=False)
    """Kind → its code, and the property of each tested field, as number and as text."""

    def __post_init__(self) -> None:
        names = dict.fromkeys(
            s
            for chain in self.network.chains
            for rule in chain.rules
            for s in (*signals_of(rule.needs), rule.concludes)
        )
        object.__setattr__(self, "signal_codes", {name: code for code, name in enumerate(names)})
        kinds: dict[str, tuple[int, dict[str, str], dict[str, str]]] = {}
        for rule in self.network.leaves:
            _, numbers, texts = kinds.setdefault(rule.kind, (len(kinds), {}, {}))
            for test in rule.tests:
                letter, properties = ("t", texts) if isinstance(test.value, str) else ("n", numbers)
                properties.setdefault(test.field, f"{letter}{len(properties)}")
        object.__setattr__(self, "_kinds", kinds)

    def rules(self) -> dict[str, object]:
        """The network as the process wants it: rulesets as JSON texts, what each looks at, what each rule concludes."""
        places = {rule.name: place for place, rule in enumerate(self.network.leaves)}
        leaves = [
            {
                "kinds": sorted({self._kinds[rule.kind][0] for rule in shard}),
                "rules": _ruleset(
                    (places[rule.name], [{"m": _all_of(self._tests(rule.kind, rule.tests))}]) for rule in shard
                ),
            }
            for shard in self.network.shards
        ]
        return {"leaves": leaves, "chains": [self._chain(chain) for chain in self.network.chains]}

    def facts(self, facts: Iterable[TypedFact]) -> list[list[object]]:
        """Facts as [code of the kind, message]. Kinds and fields that no rule looks at are left out.

        Raises:
            UnfitFactError: a number or text is too large, or there are too many facts.
        """
        told: list[list[object]] = []
        for fact in facts:
            if fact.number >= MOST_FACTS:
                raise UnfitFactError(f"more than {MOST_FACTS} facts")
            if fact.kind not in self._kinds:
                continue
            code, numbers, texts = self._kinds[fact.kind]
            message: dict[str, int | str] = {"id": str(fact.number), "k": code}
            for name, value in fact.fields.items():
                if isinstance(value, str):
                    if name in texts:
                        if len(value) > LONGEST_TEXT:
                            raise UnfitFactError(f"{fact.kind}.{name}: longer than {LONGEST_TEXT} characters")
                        message[texts[name]] = f"={value}"
                elif name in numbers:
                    if abs(value) > LARGEST_NUMBER:
                        raise UnfitFactError(f"{fact.kind}.{name}: larger than {LARGEST_NUMBER}")
                    message[numbers[name]] = value
            told.append([code, _json(message)])
        return told

    def _tests(self, kind: str, tests: Iterable[FieldTest]) -> list[dict[str, object]]:
        """The kind first, then equalities, so that rules share their beginnings."""
        code, numbers, texts = self._kinds[kind]
        said: list[dict[str, object]] = [{"k": code}]
        for test in sorted(
            set(tests), key=lambda test: (test.operator != "==", test.field, test.operator, str(test.value))
        ):
            if isinstance(test.value, str):
                said.append({texts[test.field]: f"={test.value}"})
            elif test.operator == "==":
                said.append({numbers[test.field]: test.value})
            else:
                said.append({_OPERATORS[test.operator]: {numbers[test.field]: test.value}})
        return said

    def _chain(self, chain: ChainNetwork) -> dict[str, object]:
        """Each sheet as the beginning of its fact and, for each of its signals, what is added to it."""
        rules: list[tuple[int, list[dict[str, object]]]] = []
        concludes = []
        sheets = []
        for place, sheet in enumerate(chain.sheets):
            properties = {signal: f"s{number}" for number, signal in enumerate(sheet.signals)}
            for rule in sheet.rules:
                rules.append((len(rules), [{"m": _all_of([{f"g{place}": 1}, *_needed(rule.needs, properties)])}]))
                concludes.append(self.signal_codes[rule.concludes])
            its = [[self.signal_codes[signal], f',"{name}":1'] for signal, name in properties.items()]
            sheets.append([f'{{"id":"{place}","g{place}":1', its])
        return {"rules": _ruleset(rules), "concludes": concludes, "sheets": sheets}


def _needed(needs: Needs, properties: Mapping[str, str]) -> list[dict[str, object]]:
    """What a rule needs as tests that must all be passed, signals first, so that rules share their beginnings."""
    parts = needs.parts if isinstance(needs, AllOf) else (needs,)
    said: list[dict[str, object]] = [{properties[part]: 1} for part in parts if isinstance(part, str)]
    for part in parts:
        if isinstance(part, AllOf):
            said += _needed(part, properties)
        elif isinstance(part, AnyOf):
            said.append({"$or": [_all_of(_needed(each, properties)) for each in part.parts]})
    return said


def _ruleset(rules: Iterable[tuple[int, Sequence[Mapping[str, object]]]]) -> str:
    return _json({"boot": _BOOT_RULE, **{str(place): {"all": patterns} for place, patterns in rules}})


def _all_of(tests: list[dict[str, object]]) -> dict[str, object]:
    return tests[0] if len(tests) == 1 else {"$and": tests}


def _json(value: object) -> str:
    """Pure ASCII: the engine compares escaped texts as they are written, and both sides are written here."""
    return _encode(value)
