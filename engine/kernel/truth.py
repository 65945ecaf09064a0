"""Kleene's three-valued truth: 該当, 非該当, 不明.

Unknown is neither true nor false. Nothing in the project may turn an unknown into a yes or a no.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """Whether a condition holds for a child: met (該当), not met (非該当) or unknown (不明).

    It has no boolean value on purpose: `if truth:` raises, because it would silently read unknown as yes.

    >>> Truth.MET & Truth.UNKNOWN
    <Truth.UNKNOWN: None>
    >>> Truth.NOT_MET & Truth.UNKNOWN
    <Truth.NOT_MET: False>
    """

    MET = True
    NOT_MET = False
    UNKNOWN = None

    __hash__ = object.__hash__
    """There is one object of each, and an Enum works its hash out anew from its name each time."""

    def __bool__(self) -> bool:
        raise TypeError("a Truth has three values; compare it with Truth.MET, Truth.NOT_MET or Truth.UNKNOWN")

    def __and__(self, other: Truth) -> Truth:
        return all_of((self, other))

    def __or__(self, other: Truth) -> Truth:
        return any_of((self, other))

    def __invert__(self) -> Truth:
        if self is Truth.UNKNOWN:
            return Truth.UNKNOWN
        return Truth.NOT_MET if self is Truth.MET else Truth.MET

    @property
    def label(self) -> str:
        """The word a caseworker reads."""
        return {Truth.MET: "該当", Truth.NOT_MET: "非該当", Truth.UNKNOWN: "不明"}[self]

    @property
    def mark(self) -> str:
        """The sign printed beside a sentence: ○ × ?."""
        return {Truth.MET: "○", Truth.NOT_MET: "×", Truth.UNKNOWN: "?"}[self]


def of(value: bool | None) -> Truth:
    """The truth of a nullable boolean, as SQL returns it."""
    return Truth(value)


def all_of(truths: Iterable[Truth]) -> Truth:
    """すべて: not met if any is not met, else unknown if any is unknown, else met (also when there are none)."""
    result = Truth.MET
    for truth in truths:
        if truth is Truth.NOT_MET:
            return Truth.NOT_MET
        if truth is Truth.UNKNOWN:
            result = Truth.UNKNOWN
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """いずれか: met if any is met, else unknown if any is unknown, else not met (also when there are none)."""
    result = Truth.NOT_MET
    for truth in truths:
        if truth is Truth.MET:
            return Truth.MET
        if truth is Truth.UNKNOWN:
            result = Truth.UNKNOWN
    return result


def at_least(needed: int, truths: Iterable[Truth]) -> Truth:
    """n以上: met if enough are met, unknown if the unknown ones could make it enough, else not met.

    >>> at_least(2, [Truth.MET, Truth.UNKNOWN, Truth.NOT_MET])
    <Truth.UNKNOWN: None>
    """
    met = unknown = 0
    for truth in truths:
        met += truth is Truth.MET
        unknown += truth is Truth.UNKNOWN
    if met >= needed:
        return Truth.MET
    return Truth.UNKNOWN if met + unknown >= needed else Truth.NOT_MET
