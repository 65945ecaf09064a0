"""Where the children of a snapshot go to school and live: for counts by school and by district, which no rule reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from pyarrow import BufferReader

from engine.store.catalogue import read_catalogue, read_part
from engine.store.tables import Snapshot

PROTECTED = "保護"
NOT_KNOWN = "不明・就学前など"
_PROTECTION = "address_protection"
_SCHOOL = ("school_month", "school_name")


def protected_people(store: Path, only: Collection[tuple[str, str]] | None = None) -> frozenset[str]:
    """Keys of everyone under DV等支援措置 in any list that was ever delivered, whatever the day of the snapshot.

    What is shown of a household obeys every protection known today; that one has ended does not bring its place back here. `only`: lists among these
    deliveries (file and SHA-256).
    """
    keys: set[str] = set()
    for entry in read_catalogue(store):
        if only is not None and (entry.file, entry.sha256) not in only:
            continue
        part = entry.part(f"facts/{_PROTECTION}")
        if part is not None:
            keys.update(pq.read_table(BufferReader(read_part(store, part)), columns=["subject_key"])[0].to_pylist())
    return frozenset(keys)


@dataclass(frozen=True)
class Places:
    """School and district (町字) by child key. 保護 for both where the household is protected; NOT_KNOWN where nobody says."""

    school: Mapping[str, str]
    district: Mapping[str, str]


def places_of(snapshot: Snapshot, hidden: Set[str]) -> Places:
    """Of every child: the school of the newest school month known, and the district of the register.

    `hidden`: people whose households are shown as 保護 besides those protected on the day (see `protected_people`).
    """
    connection = snapshot.connection
    children = connection.execute(
        "SELECT person_key, household_key FROM person WHERE is_child ORDER BY person_key"
    ).fetchall()
    districts = dict(connection.execute("SELECT household_key, district FROM household").fetchall())
    protected = {h for (h,) in connection.execute("SELECT household_key FROM household WHERE protected").fetchall()}
    homes = connection.execute("SELECT person_key, household_key FROM person").fetchall()
    protected |= {household for person, household in homes if person in hidden}
    schools = _schools(snapshot)

    def shown(known: str | None, household: str) -> str:
        return PROTECTED if household in protected else known or NOT_KNOWN

    return Places(
        {child: shown(schools.get(child), household) for child, household in children},
        {child: shown(districts.get(household), household) for child, household in children},
    )


def _schools(snapshot: Snapshot) -> Mapping[str, str]:
    record, column = _SCHOOL
    kind = snapshot.vocabulary.records.get(record)
    if kind is None or column not in kind.columns or kind.date is None:
        return {}
    query = (
        f'SELECT subject_key, arg_max("{column}", ("{kind.date}", file_no, line)) FROM "rec_{record}" '
        f'WHERE "{kind.date}" <= $as_of AND "{column}" IS NOT NULL GROUP BY subject_key'
    )
    return dict(snapshot.connection.execute(query, {"as_of": snapshot.as_of}).fetchall())
