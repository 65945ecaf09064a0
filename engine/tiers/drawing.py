"""Drawing by chance: every child of a pool has the same chance, and who drew can show it afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

_MILLION = 1_000_000


def in_drawing_order(run_id: str, child_keys: Iterable[str]) -> tuple[str, ...]:
    """The children in the order in which this run draws them: by SHA-256 of run and key, which nobody can steer or foresee.

    >>> in_drawing_order("R20261120-01", ["PA", "PB", "PC"]) == in_drawing_order("R20261120-01", ["PC", "PA", "PB"])
    True
    """
    return tuple(sorted(child_keys, key=lambda key: (hashlib.sha256(f"{run_id}|{key}".encode()).digest(), key)))


def chance_millionths(drawn: int, pool: int) -> int:
    """The chance of each child of being drawn, at least one in a million.

    >>> chance_millionths(3, 12_000), chance_millionths(2, 2)
    (250, 1000000)
    """
    return max(1, drawn * _MILLION // pool)
