"""The part of durable_rules that was found exact, as types: what cannot be said with them cannot reach that engine.

durable_rules 2.0.28 crashes or answers wrongly on much of its own language: comparisons between facts, `none`, `count`, `any`,
`all`, values that look like another type, more than 16 patterns, one fact under more than 64 rules, more than 511 values of one
field. Two kinds of rule are left, and every limit is checked when they are made: a leaf rule looks at one typed fact, a chain
rule at signals that are there or not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

MOST_PATTERNS = 16
MOST_RULES_PER_FACT = 60
MOST_VALUES_PER_FIELD = 500
_LARGEST = 2**53
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_SIGNAL = re.compile(r"[A-Za-z0-9_.:-]+", re.ASCII)


@dataclass(frozen=True)
class FieldTest:
    """One comparison of a field with a constant. Numbers may be ordered, texts only be equal. A missing field passes no test."""

    field: str
    operator: Literal["==", "<=", ">="]
    value: int | str

    def __post_init__(self) -> None:
        _check_field(self.field)
        _check_value(self.value)
        if isinstance(self.value, str) and self.operator != "==":
            raise ValueError("texts have no order")


@dataclass(frozen=True)
class LeafRule:
    """Fires for each fact of a kind that passes every test; the facts for which it fired are what it says."""

    name: str
    kind: str
    tests: tuple[FieldTest, ...] = ()

    def __post_init__(self) -> None:
        _check_signal(self.name)
        _check_field(self.kind)


@dataclass(frozen=True)
class ChainRule:
    """Concludes a signal when all of its signals are there. There is no "not": what is not met is a signal of its own."""

    signals: tuple[str, ...]
    concludes: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.signals) <= MOST_PATTERNS or len(set(self.signals)) != len(self.signals):
            raise ValueError(f"1 to {MOST_PATTERNS} different signals")
        for signal in (*self.signals, self.concludes):
            _check_signal(signal)


@dataclass(frozen=True)
class TypedFact:
    """A record as the engine sees it. `number` is its place in the child's list; fields are numbers or texts, absent if blank."""

    number: int
    kind: str
    fields: Mapping[str, int | str]

    def __post_init__(self) -> None:
        _check_field(self.kind)
        for field, value in self.fields.items():
            _check_field(field)
            _check_value(value)


@dataclass(frozen=True)
class ChainNetwork:
    """The chain rules of one rulebook (`name`)."""

    name: str
    rules: tuple[ChainRule, ...]

    def __post_init__(self) -> None:
        # One signal is one fact: it may take part in no more rules than a fact may satisfy.
        _check_counts(Counter(signal for rule in self.rules for signal in rule.signals), MOST_RULES_PER_FACT)


@dataclass(frozen=True)
class Network:
    """Everything that one engine process evaluates: leaf rules over facts, and chain rules, rulebook by rulebook."""

    leaves: tuple[LeafRule, ...]
    chains: tuple[ChainNetwork, ...]

    def __post_init__(self) -> None:
        if len({rule.name for rule in self.leaves}) != len(self.leaves):
            raise ValueError("two leaf rules of one name")
        values: dict[str, set[int | str]] = {}
        for rule in self.leaves:
            for test in rule.tests:
                if test.operator == "==":
                    values.setdefault(test.field, set()).add(test.value)
        _check_counts(Counter({field: len(its) for field, its in values.items()}), MOST_VALUES_PER_FIELD)

    @cached_property
    def shards(self) -> tuple[tuple[LeafRule, ...], ...]:
        """The leaf rules in parts such that no fact can satisfy more rules of one part than the engine bears."""
        parts: list[list[LeafRule]] = []
        used: list[Counter[str]] = []
        for rule in self.leaves:
            for part, kinds in zip(parts, used, strict=True):
                if kinds[rule.kind] < MOST_RULES_PER_FACT:
                    part.append(rule)
                    kinds[rule.kind] += 1
                    break
            else:
                parts.append([rule])
                used.append(Counter({rule.kind: 1}))
        return tuple(map(tuple, parts))


def _check_field(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError("a field or kind is a small ASCII word")


def _check_signal(name: str) -> None:
    if not _SIGNAL.fullmatch(name):
        raise ValueError("a signal is an ASCII word")


def _check_value(value: int | str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError("a value is a number or a text")
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError("the number is too large for the engine")


def _check_counts(counts: Mapping[str, int], most: int) -> None:
    if worst := _first(name for name, count in counts.items() if count > most):
        raise ValueError(f"{worst}: more than {most}")


def _first(names: Iterable[str]) -> str | None:
    return next(iter(names), None)
