"""Every single sentence and every pair of them, counted at once, and how sure one can be of what they find.

A pair is met where both sentences are; unknown counts as not met. Counts of all pairs are two matrix products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

_Z = 1.96


@dataclass(frozen=True)
class PairCounts:
    """Of m sentences, m × m each, symmetric, single sentences on the diagonal: how many children meet both, and for how many of them the label came true."""

    support: Counts
    hits: Counts
    children: int
    positives: int

    @property
    def base(self) -> float:
        """The share of all children for whom the label came true."""
        return self.positives / self.children if self.children else 0.0


def count_pairs(met: Flags, label: Flags) -> PairCounts:
    """`met`: n children × m sentences; `label`: n. Exact: counts below 2^24 are whole in float32."""
    if len(met) >= 1 << 24:
        raise ValueError("more rows than counts in float32 can tell apart")
    columns = met.astype(np.float32)
    of_positives = columns[label]
    return PairCounts(
        np.rint(columns.T @ columns).astype(np.int64),
        np.rint(of_positives.T @ of_positives).astype(np.int64),
        len(met),
        int(label.sum()),
    )


def wilson(hits: npt.ArrayLike, support: npt.ArrayLike, z: float = _Z) -> tuple[Numbers, Numbers]:
    """The bounds between which a share lies with 95 % (Wilson 1927); 0 and 1 where there is nobody."""
    k, n = np.asarray(hits, dtype=np.float64), np.asarray(support, dtype=np.float64)
    safe = np.maximum(n, 1.0)
    share = k / safe
    middle = (share + z * z / (2 * safe)) / (1 + z * z / safe)
    reach = z / (1 + z * z / safe) * np.sqrt(share * (1 - share) / safe + z * z / (4 * safe * safe))
    nobody = n == 0
    return np.where(nobody, 0.0, np.maximum(middle - reach, 0.0)), np.where(
        nobody, 1.0, np.minimum(middle + reach, 1.0)
    )


def merits(counts: PairCounts, low: Numbers, weight: float) -> Numbers:
    """m × m: how much a pair surely finds beyond what chance would: children^weight × (lower bound of the share - share of all).

    With weight 0 the smallest and purest groups come first, with 1 those in which most are found. -1 where `low` is.
    """
    return np.where(low >= 0, counts.support.astype(np.float64) ** weight * (low - counts.base), -1.0)


def lower_bounds(counts: PairCounts, allowed: Flags, *, fewest_children: int, fewest_hits: int) -> Numbers:
    """m × m, above and on the diagonal: the lower bound of the share for whom the label came true; -1 where a pair is out of question."""
    low, _ = wilson(counts.hits, counts.support)
    possible = allowed & (counts.support >= fewest_children) & (counts.hits >= fewest_hits)
    return np.where(np.triu(possible), low, -1.0)


def gains_on_parts(low: Numbers, counts: PairCounts) -> Flags:
    """m × m: whether a pair is surely better than each of its sentences alone: the lower bound of its share lies above their shares.

    Else the second sentence is chance, and another one would stand there with other children. Single sentences gain.
    """
    children = np.diag(counts.support)
    share = np.divide(np.diag(counts.hits), children, out=np.zeros(len(low)), where=children > 0)
    return (low > np.maximum(share[:, None], share[None, :])) | np.eye(len(low), dtype=bool)
