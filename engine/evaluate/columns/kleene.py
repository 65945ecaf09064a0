"""Truths of many subjects at once: small integers of which AND is the minimum and OR the maximum."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Truths = npt.NDArray[np.int8]
"""One truth per subject: NO, UNKNOWN or YES."""
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.integer]

NO, UNKNOWN, YES = np.int8(0), np.int8(1), np.int8(2)


def certain(mask: Mask) -> Truths:
    """YES where the mask holds, else NO."""
    return mask.view(np.int8) << 1


def open_where(mask: Mask) -> Truths:
    """UNKNOWN where the mask holds, else NO."""
    return mask.view(np.int8)


def all_of(parts: Iterable[Truths]) -> Truths:
    """すべて: AND of at least one part."""
    return reduce(np.minimum, parts)


def any_of(parts: Iterable[Truths]) -> Truths:
    """いずれか: OR of at least one part."""
    return reduce(np.maximum, parts)


def negation(truths: Truths) -> Truths:
    """次でない: unknown stays unknown."""
    return YES - truths


def at_least(needed: int, met: Numbers, maybe: Numbers | None, otherwise: Truths | None = None) -> Truths:
    """n以上, from how many are met and how many may be. `otherwise` (NO or UNKNOWN) holds where even both are too few."""
    result = certain(met >= needed)
    if maybe is not None:
        result = np.maximum(result, open_where(met + maybe >= needed))
    return result if otherwise is None else np.maximum(result, otherwise)


def at_least_of(needed: int, parts: Iterable[Truths], subjects: int) -> Truths:
    """n以上 of the parts."""
    met, maybe = np.zeros(subjects, np.int16), np.zeros(subjects, np.int16)
    for part in parts:
        met += part == YES
        maybe += part == UNKNOWN
    return at_least(needed, met, maybe)


def to_arrow(truths: Truths) -> pa.Array:
    """A BOOLEAN column; unknown is null."""
    bits = [pa.py_buffer(np.packbits(part, bitorder="little")) for part in (truths != UNKNOWN, truths == YES)]
    return pa.Array.from_buffers(pa.bool_(), len(truths), bits)
