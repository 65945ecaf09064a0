"""In which respects two children are alike, said by concepts: what speaks for a difficulty in both of them, and what in one only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_overlay.features.feature import Feature

SPEAKS = 0.05
"""Log odds that a concept must add before it is said to speak for a difficulty."""
MATCHES = 0.5
"""Share of the larger part that the smaller one must reach for both to be called alike."""
NAMED = 3


@dataclass(frozen=True, slots=True)
class Likeness:
    """Concepts that speak for the difficulty in both, strongest first, at most three; and the one that does so in one of them only, empty if none."""

    alike: tuple[str, ...]
    differing: str


def likeness(features: Sequence[Feature], one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> Likeness:
    """Compare two children's contributions. Only features that may be named enter; support, and what only describes a family, never does."""
    mine, theirs = _by_concept(features, one), _by_concept(features, other)
    alike, apart = [], []
    for concept in sorted(mine):
        low, high = sorted((max(mine[concept], 0.0), max(theirs[concept], 0.0)))
        if low >= SPEAKS and low >= MATCHES * high:
            alike.append((-low, concept))
        elif high >= SPEAKS and low < MATCHES * high:
            apart.append((low - high, concept))
    return Likeness(tuple(concept for _, concept in sorted(alike)[:NAMED]), min(apart)[1] if apart else "")


def _by_concept(features: Sequence[Feature], parts: npt.NDArray[np.float64]) -> dict[str, float]:
    found: dict[str, float] = {}
    for feature, part in zip(features, parts.tolist(), strict=True):
        if feature.may_be_named:
            found[feature.group] = found.get(feature.group, 0.0) + part
    return found
