"""What a chain rule needs: signals, all of several, any of several; and how large such a thing is for the engine.

The engine follows every way in which what is needed can be there, and keeps what it has still to look at on a stack of 64 places that all
rules over one fact share. So three sizes are known of everything that can be said, and bounded where it is said (`subset`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod


@dataclass(frozen=True)
class AllOf:
    """There if every part is there."""

    parts: tuple[Needs, ...]

    def __post_init__(self) -> None:
        _check(self.parts)


@dataclass(frozen=True)
class AnyOf:
    """There if some part is there."""

    parts: tuple[Needs, ...]

    def __post_init__(self) -> None:
        _check(self.parts)


Needs = str | AllOf | AnyOf


@dataclass(frozen=True)
class Size:
    """`width`: how many places of the stack it can fill at most. `ways`: in how many ways it can be there, each of which fires.
    `groups`: how many there are in it."""

    width: int
    ways: int
    groups: int


def size_of(needs: Needs) -> Size:
    """The size of what a rule needs.

    On a way through `AllOf` each part leaves behind at most its own branches but the one that was taken; all branches of `AnyOf` lie on the
    stack together.
    """
    if isinstance(needs, str):
        return Size(1, 1, 0)
    sizes = [size_of(part) for part in needs.parts]
    groups = 1 + sum(size.groups for size in sizes)
    if isinstance(needs, AllOf):
        return Size(1 + sum(size.width - 1 for size in sizes), prod(size.ways for size in sizes), groups)
    return Size(sum(size.width for size in sizes), sum(size.ways for size in sizes), groups)


def signals_of(needs: Needs) -> Iterator[str]:
    """Every signal that is named, as often as it is."""
    if isinstance(needs, str):
        yield needs
    else:
        for part in needs.parts:
            yield from signals_of(part)


def _check(parts: tuple[Needs, ...]) -> None:
    if len(parts) < 2 or len(set(parts)) != len(parts):
        raise ValueError("a group has two or more different parts")
