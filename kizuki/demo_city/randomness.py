"""Seeded random streams, one for each subject, and the few draws that every subject needs.

Each subject asks for its stream by name, so that a change in one source does not shift the draws of the others.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]


def stream(seed: int, name: str) -> np.random.Generator:
    """The random stream of one subject: the same seed and name give the same draws on every machine."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode())])))


def chance(value: Floats | float) -> Floats:
    """The logistic function: a score on the log-odds scale as a probability."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(value, dtype=np.float64))))


def happens(rng: np.random.Generator, probability: Floats | float, size: int | None = None) -> Bools:
    """True with the given probability, for each element."""
    wanted = np.asarray(probability, dtype=np.float64)
    return np.asarray(rng.random(wanted.shape if size is None else size) < wanted)


def pick(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Indices drawn with the given weights."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.asarray(np.minimum(found, len(edges) - 1), dtype=np.int64)


def words(values: Sequence[str], index: Ints) -> Texts:
    """The texts at the given indices."""
    table = np.empty(len(values), dtype=object)
    table[:] = list(values)
    return np.asarray(table[index])


def text_of(numbers: Ints) -> Texts:
    """Whole numbers as texts; negative ones, which stand for "no entry", as blank cells."""
    unique, inverse = np.unique(numbers, return_inverse=True)
    return words([str(n) if n >= 0 else "" for n in unique.tolist()], inverse.reshape(-1).astype(np.int64))


def padded(numbers: Ints, digits: int) -> Texts:
    """Whole numbers with leading zeros; negative ones as blank cells."""
    out = np.empty(len(numbers), dtype=object)
    out[:] = [f"{n:0{digits}d}" if n >= 0 else "" for n in numbers.tolist()]
    return out
