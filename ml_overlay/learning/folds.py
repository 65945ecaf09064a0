"""Households parted into folds: who is judged by which booster is a matter of the household's pseudonymous key alone."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ml_overlay.features.feature import Texts

LABEL = "kizuki.learning.folds.1"
"""Part of what is hashed: another use of a household's key (sampling, salts) never falls together with its fold. Changing it unseats every stored model."""


def folds_of(household_keys: Texts, partition: int, folds: int = 5) -> npt.NDArray[np.int8]:
    """Fold of each household in a partition, 0 … folds-1: SHA-256 of label, partition and key, modulo the number of folds.

    A household's fold depends on nothing but its key, so siblings never part, nobody moves when others come or go, and the booster that must not have seen a
    household is known in production as well as in training.

    >>> keys = np.array(["h1", "h2", "h1"])
    >>> folds_of(keys, partition=0).tolist() == folds_of(keys[::-1], partition=0)[::-1].tolist()
    True
    """
    unique, inverse = np.unique(household_keys, return_inverse=True)
    fold = np.array([_fold(str(key), partition, folds) for key in unique], dtype=np.int8)
    return fold[inverse]


@lru_cache(maxsize=2**18)  # all types of a model ask for the same households
def _fold(household_key: str, partition: int, folds: int) -> int:
    digest = hashlib.sha256(f"{LABEL}\0{partition}\0{household_key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % folds
