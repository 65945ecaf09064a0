"""The nearest of many children by what speaks for a hardship in each: distances between explanations, exact and always in the same order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_overlay.features.feature import Feature, FloatMatrix, Texts

Parts = npt.NDArray[np.float64]
"""n × m: what each feature adds to or takes from the log odds (exact TreeSHAP), without the constant."""

_TIE = 9
"""Decimals of a squared distance below which two children are equally near; their keys decide then."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One near child: its place in the index, its key and its squared distance."""

    at: int
    key: str
    distance: float


@dataclass(frozen=True)
class Weights:
    """What a distance is made of, each a factor on squared differences of log odds.

    `feature`: of single features, so that the same group must be met in the same way. `group`: of sums per `Feature.group`. `direction`: of the
    whole sum, so that a child is not likened to one for whom far more or far less speaks.
    """

    feature: float = 1.0
    group: float = 0.0
    direction: float = 0.0


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
        self._projection = _projection(features, weights)
        self._points = contributions.astype(np.float64) @ self._projection
        self._squares = np.einsum("ij,ij->i", self._points, self._points)

    def __len__(self) -> int:
        return len(self._keys)

    def nearest(
        self, contributions: npt.NDArray[np.float64], count: int, *, without: Collection[str] = ()
    ) -> tuple[Neighbour, ...]:
        """The nearest children of as many households as asked for, nearest first; equals in the order of their keys.

        `contributions`: the asked child's, m. `without`: keys of households that are not to be found.
        """
        point = contributions.astype(np.float64) @ self._projection
        squared = np.maximum(self._squares - 2.0 * (self._points @ point) + point @ point, 0.0)
        distance = np.round(squared, _TIE)
        wanted = min(len(distance), 8 * count + 64)
        while True:
            found = self._households_of(self._first(distance, wanted), distance, without)
            if len(found) >= count or wanted == len(distance):
                return found[:count]
            wanted = min(len(distance), wanted * 8)

    def _households_of(
        self, places: npt.NDArray[np.intp], distance: npt.NDArray[np.float64], without: Collection[str]
    ) -> tuple[Neighbour, ...]:
        seen = set(without)
        found = []
        for at in places.tolist():
            household = str(self._households[at])
            if household not in seen:
                seen.add(household)
                found.append(Neighbour(at, str(self._keys[at]), float(distance[at])))
        return tuple(found)

    def _first(self, distance: npt.NDArray[np.float64], wanted: int) -> npt.NDArray[np.intp]:
        """Places of at least `wanted` nearest, sorted by distance and key; all that are as near as the last are among them."""
        last = np.partition(distance, wanted - 1)[wanted - 1] if wanted else 0.0
        near = np.flatnonzero(distance <= last)
        return near[np.lexsort((self._keys[near], distance[near]))]


def group_sums(contributions: Parts, features: Sequence[Feature]) -> tuple[tuple[str, ...], Parts]:
    """Contributions added up per group: the groups in alphabetical order, and n × groups."""
    groups = tuple(sorted({feature.group for feature in features}))
    return groups, contributions @ _membership(features, groups)


def _membership(features: Sequence[Feature], groups: Sequence[str]) -> npt.NDArray[np.float64]:
    place = {group: j for j, group in enumerate(groups)}
    member = np.zeros((len(features), len(groups)))
    member[np.arange(len(features)), [place[feature.group] for feature in features]] = 1.0
    return member


def _projection(features: Sequence[Feature], weights: Weights) -> npt.NDArray[np.float64]:
    """Columns by which contributions are multiplied, so that plain squared distances are the weighted ones."""
    m = len(features)
    groups = sorted({feature.group for feature in features})
    parts = [
        np.sqrt(weights.feature) * np.eye(m),
        np.sqrt(weights.group) * _membership(features, groups),
        np.sqrt(weights.direction) * np.ones((m, 1)),
    ]
    return np.hstack([part for part in parts if part.any()])


def standardised(values: FloatMatrix, like: FloatMatrix) -> Parts:
    """Raw values in standard deviations of `like`, unknown as its mean: what distances between explanations are measured against."""
    known = np.isfinite(like)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, like, 0.0).sum(axis=0, dtype=np.float64) / count
    spread = np.sqrt((np.where(known, like - mean, 0.0) ** 2).sum(axis=0, dtype=np.float64) / count)
    return np.where(np.isfinite(values), (values - mean) / np.where(spread > 0, spread, 1.0), 0.0)
