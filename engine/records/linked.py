"""A delivery after linkage: keyed records without names, on their way from linkage to the store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

import pyarrow as pa

from engine.records.delivery import Delivery

_CORRECTION = re.compile(r"(?:^|_)訂正\d*$")


class LinkStatus(Enum):
    """What became of one used source row. Every used row has exactly one."""

    AUTOMATIC = "自動"
    HELD = "保留"
    UNLINKED = "未突合"
    PROTECTED = "支援措置"


@dataclass(frozen=True)
class LinkedDelivery:
    """One delivery, linked.

    `records`: per record kind a table with `subject_key`, `row_key` (only where the layout names a natural key: the
    pseudonym of the identifying part of that key), the registered columns, and `line`; ordered by (subject_key, line).
    `statuses` counts used rows by `LinkStatus.value`; their sum is `delivery.used`.
    `held` lists subjects (`subject_key`, distinct) who have a row that was held back: for them "no row" never means "no".
    `persons` and `kin` come with the register of residents only:
    `persons` (`person_key`, `household_key`, `born_on`, `sex`, `resident_status`, `became_resident_on`, `district`)
    one row per person known, `kin` (`child_key`, `member_key`, `relation`) for residents below 18 on the delivery's day.
    `review` holds the held rows with their identifiers and candidates; it may only be written into the keyring.
    `urgent_unlinked` counts rows with an urgent call (緊急連絡) of which nobody has made sure whose they are, quarantined
    ones included; `unattributed` counts quarantined rows that cannot be told to be anybody's.
    """

    delivery: Delivery
    records: Mapping[str, pa.Table]
    statuses: Mapping[str, int]
    held: pa.Table
    review: pa.Table
    persons: pa.Table | None = None
    kin: pa.Table | None = None
    urgent_unlinked: int = 0
    unattributed: int = 0

    @property
    def is_correction(self) -> bool:
        """Whether the file corrects (訂正) an earlier one, by its name."""
        return is_correction(self.delivery.file)


def is_correction(file: str) -> bool:
    """Whether a file (…_訂正.csv) brings back quarantined rows, put right: they add to the file that they belong to."""
    return _CORRECTION.search(PurePosixPath(file).stem) is not None
