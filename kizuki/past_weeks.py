"""In which tier households were in earlier weeks, from the records of those runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run, published_ids
from engine.kernel.dates import months_before
from engine.kernel.errors import KizukiError
from engine.records.case import Tier, WeekTier

MONTHS = 12


@dataclass(frozen=True)
class PastWeeks:
    """The weeks of each household, oldest first, and from which runs they are told: their seals by number (None: of a record without one)."""

    by_household: Mapping[str, tuple[WeekTier, ...]] = field(default_factory=dict)
    seals: Mapping[str, str | None] = field(default_factory=dict)


def past_weeks(runs: Path, as_of: date, key_id: str, household_keys: Collection[str]) -> PastWeeks:
    """Of each as-of day of the twelve months before, the newest sound run; damaged and missing records are passed over.

    `key_id`: runs whose pseudonyms are of another key tell of nobody who is known today, and are passed over too. A household that was not there in a
    week has no entry for it.
    """
    return told_by(_newest_of_each_day(runs, as_of, key_id), household_keys)


def told_by(records: Iterable[RunRecord], household_keys: Collection[str]) -> PastWeeks:
    """What these runs, oldest first, say of the households; of an as-of day the first record that can be read counts."""
    wanted = pa.array(sorted(household_keys), pa.string())
    weeks: dict[str, list[WeekTier]] = {}
    seals: dict[str, str | None] = {}
    told: set[date] = set()
    for record in records:
        if record.as_of in told:
            continue
        try:
            tiers = record.tiers()
        except (KizukiError, pa.ArrowException):
            continue
        told.add(record.as_of)
        seals[record.run_id] = record.manifest.get("seal")
        ours = tiers.filter(pc.is_in(tiers.column("household_key"), value_set=wanted))
        best = ours.group_by("household_key").aggregate([("tier", "min")])
        for key, tier in zip(
            best.column("household_key").to_pylist(), best.column("tier_min").to_pylist(), strict=True
        ):
            weeks.setdefault(key, []).append(WeekTier(record.as_of, record.run_id, Tier(tier)))
    return PastWeeks({key: tuple(its) for key, its in weeks.items()}, seals)


def _newest_of_each_day(runs: Path, as_of: date, key_id: str) -> Iterable[RunRecord]:
    """Sound manifests only, oldest day first and of one day the newest run first."""
    first, last = f"{months_before(as_of, MONTHS):%Y%m%d}", f"{as_of:%Y%m%d}"
    ids = sorted(
        (run_id for run_id in published_ids(runs) if first < run_id[1:9] < last),
        key=lambda run_id: (run_id[1:9], -int(run_id[10:])),
    )
    for run_id in ids:
        try:
            record = open_run(runs, run_id)
        except KizukiError:
            continue
        if record.manifest["key_id"] == key_id:
            yield record
