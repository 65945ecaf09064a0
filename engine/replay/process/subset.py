"""The part of durable_rules that was found exact, as types: what cannot be said with them cannot reach that engine.

durable_rules 2.0.28 crashes or answers wrongly on much of its own language: comparisons between facts, `none`, `count`, `any`,
`all`, values that look like another type, rules over several facts, one fact under more than 64 rules, more than 511 tests in one
place. Two kinds of rule are left, each of which looks at one fact, and every limit is checked when they are made: a leaf rule looks
at one typed fact, a chain rule at a sheet of the signals that are there. Faults raise `ValueError` or `TypeError` and never show a value,
for it may be a person's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from engine.replay.process.needs import Needs, signals_of, size_of

MOST_RULES_PER_FACT = 60
"""Of one part of the leaf rules; the engine keeps 64 places."""
MOST_RULES = 4000
"""Of one part, or of one chain network; the engine keeps 4096 places."""
MOST_KINDS = 500
MOST_WIDTH = 60
"""Of all rules over one sheet together; the engine's stack has 64 places."""
MOST_WAYS = 24
"""In which one rule can be met: it fires for each, which takes time."""
MOST_GROUPS = 14
"""In one rule; the engine keeps 31 places for their beginnings and ends."""
MOST_SHEETS = 400
"""Of one chain network; the engine keeps 511 places."""
MOST_FIELDS = 200
"""Of one kind that rules test, and signals of one sheet; the engine keeps 255 places, three of them for itself."""
LARGEST_CONSTANT = 2**31 - 1
"""The engine reads the constants of rules, not the facts, as a C `long`, which has 32 bits on Windows."""
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_SIGNAL = re.compile(r"[A-Za-z0-9_.:-]+", re.ASCII)


@dataclass(frozen=True)
class FieldTest:
    """One comparison of a field with a constant. Numbers may be ordered, texts only be equal.

    A missing field passes no test; a text passes no test for a number, nor a number one for a text.
    """

    field: str
    operator: Literal["==", "<=", ">="]
    value: int | str

    def __post_init__(self) -> None:
        if self.operator not in ("==", "<=", ">="):
            raise ValueError("no such comparison")
        _check_field(self.field)
        _check_value(self.value)
        if isinstance(self.value, int) and abs(self.value) > LARGEST_CONSTANT:
            raise ValueError("the constant is too large for the engine")
        if isinstance(self.value, str) and self.operator != "==":
            raise ValueError("texts have no order")


@dataclass(frozen=True)
class LeafRule:
    """Fires for each fact of a kind that passes every test; the facts for which it fired are what it says.

    `name` is unique within a network. Without tests it fires for every fact of the kind.
    """

    name: str
    kind: str
    tests: tuple[FieldTest, ...] = ()

    def __post_init__(self) -> None:
        _check_signal(self.name)
        _check_field(self.kind)


@dataclass(frozen=True)
class ChainRule:
    """Concludes a signal when what it needs is there. There is no "not": what is not met is a signal of its own."""

    needs: Needs
    concludes: str

    def __post_init__(self) -> None:
        for signal in (*self.signals, self.concludes):
            _check_signal(signal)
        if not fits(self.needs):
            raise ValueError("the rule is too large for the engine")

    @property
    def signals(self) -> frozenset[str]:
        """Every signal that it looks at."""
        return frozenset(signals_of(self.needs))


def fits(needs: Needs) -> bool:
    """Whether one rule may need so much. What does not fit has to be concluded in steps."""
    size = size_of(needs)
    return size.width <= MOST_WIDTH and size.ways <= MOST_WAYS and size.groups <= MOST_GROUPS


@dataclass(frozen=True)
class TypedFact:
    """A record as the engine sees it. `number` is its place in the child's list; fields are numbers or texts, absent if blank.

    A number is a count, an amount in yen, a day as a number …, always whole. A value or a list that is too large for the engine is not
    a fault of the caller: that child is reported as not replayed.
    """

    number: int
    kind: str
    fields: Mapping[str, int | str]

    def __post_init__(self) -> None:
        if isinstance(self.number, bool) or not isinstance(self.number, int):
            raise TypeError("a fact's number is a whole number")
        if self.number < 0:
            raise ValueError("facts are numbered from 0")
        _check_field(self.kind)
        for field, value in self.fields.items():
            _check_field(field)
            if type(value) is not int and type(value) is not str:
                _check_value(value)


@dataclass(frozen=True)
class Sheet:
    """Rules that look at one fact together: the signals of `signals` that are there when its turn has come."""

    rules: tuple[ChainRule, ...]

    @cached_property
    def signals(self) -> tuple[str, ...]:
        """Every signal that some of the rules look at."""
        return tuple(dict.fromkeys(signal for rule in self.rules for signal in signals_of(rule.needs)))


@dataclass(frozen=True)
class ChainNetwork:
    """The chain rules of one rulebook (`name`). What a rule concludes is a signal for the others, in whatever order they stand.

    No rule may wait for itself, for each sheet is told once, after those that conclude its signals.
    """

    name: str
    rules: tuple[ChainRule, ...]

    def __post_init__(self) -> None:
        if len(self.rules) > MOST_RULES:
            raise ValueError(f"{self.name}: more than {MOST_RULES} rules")
        if len(self.sheets) > MOST_SHEETS:
            raise ValueError(f"{self.name}: more than {MOST_SHEETS} sheets")

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The rules in parts of which each fits under one fact, those whose conclusions are needed before those that need them."""
        sheets: list[Sheet] = []
        for turn in self._turns():
            rules: list[ChainRule] = []
            signals: set[str] = set()
            width = 0
            for rule in turn:
                wider = size_of(rule.needs).width
                if rules and (width + wider > MOST_WIDTH or len(signals | rule.signals) > MOST_FIELDS):
                    sheets.append(Sheet(tuple(rules)))
                    rules, signals, width = [], set(), 0
                rules.append(rule)
                signals |= rule.signals
                width += wider
            sheets.append(Sheet(tuple(rules)))
        return tuple(sheets)

    def _turns(self) -> list[list[ChainRule]]:
        """The rules that need no conclusion of this network, then those that need only conclusions of these, and so on."""
        turns: list[list[ChainRule]] = []
        left = list(self.rules)
        while left:
            awaited = {rule.concludes for rule in left}
            turn = [rule for rule in left if awaited.isdisjoint(rule.signals)]
            if not turn:
                raise ValueError(f"{self.name}: rules that wait for themselves")
            turns.append(turn)
            left = [rule for rule in left if not awaited.isdisjoint(rule.signals)]
        return turns


@dataclass(frozen=True)
class Network:
    """Everything that one engine process evaluates: leaf rules over facts, and chain rules, rulebook by rulebook.

    Chain networks are evaluated in order; what one concludes is a signal for those after it.
    """

    leaves: tuple[LeafRule, ...]
    chains: tuple[ChainNetwork, ...]

    def __post_init__(self) -> None:
        if len({rule.name for rule in self.leaves}) != len(self.leaves):
            raise ValueError("two leaf rules of one name")
        if len({chain.name for chain in self.chains}) != len(self.chains):
            raise ValueError("two chain networks of one name")
        fields = {(rule.kind, test.field, isinstance(test.value, str)) for rule in self.leaves for test in rule.tests}
        for kind, count in Counter(kind for kind, _, _ in fields).items():
            if count > MOST_FIELDS:
                raise ValueError(f"{kind}: more than {MOST_FIELDS} tested fields")
        if len({rule.kind for rule in self.leaves}) > MOST_KINDS:
            raise ValueError(f"more than {MOST_KINDS} kinds of facts")

    @cached_property
    def shards(self) -> tuple[tuple[LeafRule, ...], ...]:
        """The leaf rules in parts such that no fact can satisfy more rules of one part than the engine bears."""
        parts: list[list[LeafRule]] = []
        kinds: list[Counter[str]] = []
        for rule in self.leaves:
            for part, used in zip(parts, kinds, strict=True):
                if used[rule.kind] < MOST_RULES_PER_FACT and len(part) < MOST_RULES:
                    break
            else:
                parts.append(part := [])
                kinds.append(used := Counter())
            part.append(rule)
            used[rule.kind] += 1
        return tuple(map(tuple, parts))


@cache
def _check_field(name: str) -> None:
    """A name that is none raises, and is not remembered; the others are few, and checked once."""
    if not _NAME.fullmatch(name):
        raise ValueError("a field or kind is a small ASCII word")


def _check_signal(name: str) -> None:
    if not _SIGNAL.fullmatch(name):
        raise ValueError("a signal is an ASCII word")


def _check_value(value: int | str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError("a value is a number or a text")
