"""What is true of the families of a made-up city, by pseudonym. Opens the keyring of a demonstration, for the truth is kept by 宛名番号.

Answers of the made-up conference and measurements may read it; nothing that judges or learns does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from engine.linkage.keyring import open_keyring
from engine.records.case import HARDSHIP_LABELS


@dataclass(frozen=True)
class Truth:
    """Hardships by child key, and of each child whether the family can be reached (above the middle of `contact`)."""

    hardships: dict[str, frozenset[str]]
    reachable: dict[str, bool]

    def of(self, keys: Collection[str]) -> frozenset[str]:
        """The hardships of any of these people."""
        return frozenset().union(*(self.hardships.get(key, frozenset()) for key in keys))

    def is_reachable(self, keys: Collection[str]) -> bool:
        """Whether one of them is; a family of which nothing is known is not."""
        return any(self.reachable.get(key, False) for key in keys)


def read_truth(city: Path) -> Truth:
    """The truth of a demonstration's folder; empty where the city was made elsewhere."""
    path = city / "truth" / "truth.parquet"
    if not path.exists():
        return Truth({}, {})
    register = open_keyring(city / "keyring", may_create=False).register
    keys = dict(zip(register["address_number"].to_pylist(), register["person_key"].to_pylist(), strict=True))
    table = pq.read_table(path, columns=["address_number", "contact", *HARDSHIP_LABELS]).to_pylist()
    rows = [(keys.get(row["address_number"]), row) for row in table]
    return Truth(
        {key: frozenset(kind for kind in HARDSHIP_LABELS if row[kind]) for key, row in rows if key},
        {key: row["contact"] > 0 for key, row in rows if key},
    )
