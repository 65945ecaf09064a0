"""One person's records through time: every delivery that was ever kept, not only what the newest snapshot draws on.

For 開示 (a person asks what is held) and nothing else: rules never look here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.store.catalogue import Entry, Part, read_catalogue, read_part

_FACTS = "facts/"
_HELD = "held/"
_OF_THE_ROW = frozenset(("subject_key", "row_key", "line", "unknown_cells"))


@dataclass(frozen=True)
class StoredRow:
    """One record as one delivery told it. `cells` are the columns of that day; None is blank, or unknown if it is named in `unknown`."""

    record: str
    subject_key: str
    entry: Entry
    line: int
    cells: Mapping[str, Any]
    unknown: frozenset[str]


@dataclass(frozen=True)
class RegisterLine:
    """What one delivery of 住民記録 said of a person, as it is kept without names."""

    entry: Entry
    household_key: str | None
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class PersonHistory:
    """Everything that the store holds under some keys. `rows` are ordered by record kind, delivery and line.

    `held_in`: deliveries with a row that may be the person's but was put aside (保留, 隔離); `held_for_household`: that may be a
    household's, also one in which the person lives no more. `kin_lines` counts, over all deliveries, the lines that tell of the person's
    relatives, or of the person as somebody's relative.
    """

    rows: tuple[StoredRow, ...]
    register: tuple[RegisterLine, ...]
    held_in: tuple[Entry, ...]
    held_for_household: tuple[Entry, ...]
    kin_lines: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is held."""
        return not (self.rows or self.register or self.held_in)


def households_of(store: Path, person_key: str) -> frozenset[str]:
    """Every household in which some delivery of 住民記録 saw the person."""
    lines = _register(store, person_key)
    return frozenset(line.household_key for line in lines if line.household_key)


def read_history(store: Path, person_key: str, household_keys: Collection[str]) -> PersonHistory:
    """All that is stored of a person and of households. Raises KizukiError E-STORE-02 where a part is not what was written."""
    keys = pa.array(sorted({person_key, *household_keys}), pa.string())
    rows: list[StoredRow] = []
    held: list[Entry] = []
    held_for_household: list[Entry] = []
    kin = 0
    for entry in read_catalogue(store):
        for part in entry.parts:
            if part.content.startswith(_FACTS):
                rows += _rows(store, entry, part, keys)
            elif part.content.startswith(_HELD):
                found = set(_matching(store, part, "subject_key", keys)["subject_key"].to_pylist())
                held += [entry] if person_key in found else []
                held_for_household += [entry] if found - {person_key} else []
            elif part.content == "kin":
                table = _read(store, part)
                concerned = pc.or_(pc.equal(table["child_key"], person_key), pc.equal(table["member_key"], person_key))
                kin += table.filter(concerned).num_rows
    rows.sort(key=lambda row: (row.record, row.entry.as_of, row.entry.file, row.line))
    return PersonHistory(tuple(rows), tuple(_register(store, person_key)), tuple(held), tuple(held_for_household), kin)


def ever_in(store: Path, record: str, keys: Collection[str]) -> bool:
    """Whether any delivery ever had a record of this kind for one of these keys."""
    wanted = pa.array(sorted(keys), pa.string())
    parts = (entry.part(f"{_FACTS}{record}") for entry in read_catalogue(store))
    return any(_matching(store, part, "subject_key", wanted).num_rows for part in parts if part)


def members_of(store: Path, household_keys: Collection[str]) -> frozenset[str]:
    """Everyone whom some delivery of 住民記録 saw in one of these households."""
    wanted = pa.array(sorted(household_keys), pa.string())
    parts = [part for entry in read_catalogue(store) if (part := entry.part("persons"))]
    return frozenset(
        key for part in parts for key in _matching(store, part, "household_key", wanted)["person_key"].to_pylist()
    )


def _register(store: Path, person_key: str) -> Iterator[RegisterLine]:
    wanted = pa.array([person_key], pa.string())
    for entry in read_catalogue(store):
        part = entry.part("persons")
        if part is not None:
            for row in _matching(store, part, "person_key", wanted).to_pylist():
                household = row.pop("household_key")
                row.pop("person_key")
                yield RegisterLine(entry, household, row)


def _rows(store: Path, entry: Entry, part: Part, keys: pa.Array) -> Iterator[StoredRow]:
    record = part.content.removeprefix(_FACTS)
    for row in _matching(store, part, "subject_key", keys).to_pylist():
        cells = {name: value for name, value in row.items() if name not in _OF_THE_ROW}
        unknown = frozenset((row.get("unknown_cells") or "").split(",")) - {""}
        yield StoredRow(record, row["subject_key"], entry, row["line"], cells, unknown)


def _matching(store: Path, part: Part, column: str, keys: pa.Array) -> pa.Table:
    table = _read(store, part)
    return table.filter(pc.is_in(table[column], value_set=keys))


def _read(store: Path, part: Part) -> pa.Table:
    return pq.read_table(pa.BufferReader(read_part(store, part)))
