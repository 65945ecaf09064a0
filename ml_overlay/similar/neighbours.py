"""The nearest of many children by what speaks for a hardship in each: distances between explanations, exact and always in the same order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import isqrt

import numpy as np
import numpy.typing as npt

from ml_overlay.features.feature import Feature, FloatMatrix, Texts

Parts = npt.NDArray[np.float64]
"""n × m: what each feature adds to or takes from the log odds (exact TreeSHAP), without the constant."""

Whole = npt.NDArray[np.int64]
MILLION = 1_000_000
"""Contributions are compared in whole millionths, so that distances are exact and the same everywhere."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One near child: its place in the index, its key and its distance in millionths of log odds, rounded down."""

    at: int
    key: str
    distance: int


@dataclass(frozen=True)
class Weights:
    """What a distance is made of, each a whole factor on squared differences of log odds.

    `feature`: of single features, so that the same group must be met in the same way. `group`: of sums per `Feature.group`. `direction`: of the
    whole sum, so that a child is not likened to one for whom far more or far less speaks.
    """

    feature: int = 1
    group: int = 0
    direction: int = 0


class NeighbourIndex:
    """Children by their contributions, built once as arrays and asked many times.

    `keys`: n child keys; `households`: n, the same children's. A household is found once, by the nearest of its children. Asking is exact: every distance is worked out.
    """

    def __init__(
        self,
        keys: Texts,
        households: Texts,
        contributions: Parts,
        features: Sequence[Feature],
        weights: Weights,
    ) -> None:
        if len(keys) != len(contributions) or len(households) != len(keys) or contributions.shape[1] != len(features):
            raise ValueError("keys, households, contributions and features do not fit each other")
        self._keys, self._households = keys, households
        self._membership = _membership(features, tuple(sorted({feature.group for feature in features})))
        self._weights = weights
        self._points = self._point(contributions)
        self._factors = self._factors_of(len(features))
        self._squares = (self._points * self._points) @ self._factors

    def __len__(self) -> int:
        return len(self._keys)

    def nearest(
        self, contributions: npt.NDArray[np.float64], count: int, *, without: Collection[str] = ()
    ) -> tuple[Neighbour, ...]:
        """The nearest children of as many households as asked for, nearest first; equals in the order of their keys.

        `contributions`: the asked child's, m. `without`: keys of households that are not to be found.
        """
        point = self._point(contributions)
        weighed = point * self._factors
        distance = self._squares - 2 * (self._points @ weighed) + point @ weighed
        wanted = min(len(distance), 8 * count + 64)
        while True:
            found = self._households_of(self._first(distance, wanted), distance, without)
            if len(found) >= count or wanted == len(distance):
                return found[:count]
            wanted = min(len(distance), wanted * 8)

    def _point(self, contributions: npt.NDArray[np.float64]) -> Whole:
        """Single features, sums per group and the whole sum, in millionths: what differences are taken of."""
        parts: Whole = np.rint(contributions * MILLION).astype(np.int64)
        return np.concatenate([parts, parts @ self._membership, parts.sum(axis=-1, keepdims=True)], axis=-1)

    def _factors_of(self, features: int) -> Whole:
        weights, groups = self._weights, self._membership.shape[1]
        return np.repeat(np.array([weights.feature, weights.group, weights.direction]), [features, groups, 1])

    def _households_of(
        self, places: npt.NDArray[np.intp], distance: Whole, without: Collection[str]
    ) -> tuple[Neighbour, ...]:
        seen = set(without)
        found = []
        for at in places.tolist():
            household = str(self._households[at])
            if household not in seen:
                seen.add(household)
                found.append(Neighbour(at, str(self._keys[at]), isqrt(int(distance[at]))))
        return tuple(found)

    def _first(self, distance: Whole, wanted: int) -> npt.NDArray[np.intp]:
        """Places of at least `wanted` nearest, sorted by distance and key; all that are as near as the last are among them."""
        last = np.partition(distance, wanted - 1)[wanted - 1] if wanted else 0
        near = np.flatnonzero(distance <= last)
        return near[np.lexsort((self._keys[near], distance[near]))]


def _membership(features: Sequence[Feature], groups: Sequence[str]) -> Whole:
    place = {group: j for j, group in enumerate(groups)}
    member = np.zeros((len(features), len(groups)), dtype=np.int64)
    member[np.arange(len(features)), [place[feature.group] for feature in features]] = 1
    return member


def standardised(values: FloatMatrix, like: FloatMatrix) -> Parts:
    """Raw values in standard deviations of `like`, unknown as its mean: what distances between explanations are measured against."""
    known = np.isfinite(like)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, like, 0.0).sum(axis=0, dtype=np.float64) / count
    spread = np.sqrt((np.where(known, like - mean, 0.0) ** 2).sum(axis=0, dtype=np.float64) / count)
    return np.where(np.isfinite(values), (values - mean) / np.where(spread > 0, spread, 1.0), 0.0)
