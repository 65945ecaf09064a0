"""One delivery from end to end: whose row is each, what becomes of it, and the keyed records that leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.linkage.cascade import Decisions, link_people
from engine.linkage.directory import IDENTITY, Directory
from engine.linkage.households import derive_kin
from engine.linkage.keyring import Keyring
from engine.linkage.quarantined import URGENT, judge_quarantine
from engine.linkage.register import (
    absorb_mothers,
    absorb_protection,
    absorb_student_numbers,
    build_register,
    column,
    require_protection,
)
from engine.linkage.splitting import Subjects, split_records
from engine.linkage.water import link_households
from engine.records.delivery import CleanTable
from engine.records.layout import Layout
from engine.records.linked import LinkedDelivery, LinkStatus, is_correction
from engine.records.vocabulary import Vocabulary

REGISTER_SOURCE, PROTECTION_SOURCE = "residents", "address_protection"
SCHOOL_SOURCE, BIRTH_SOURCE = "school_register", "maternal_health"

_REVIEW_CELLS = ("student_number", "water_meter_number", "name_kanji", "name_kana", "born_on", "sex", "address_full")
REVIEW = pa.schema(
    [
        *[(name, pa.string()) for name in _REVIEW_CELLS],
        ("reason", pa.string()),
        ("candidates", pa.list_(pa.string())),
        ("lines", pa.list_(pa.int64())),
    ]
)
"""One row per held identity: the cells that identify it, why it is held, the keys in question, its lines in the file."""


@dataclass(frozen=True)
class _Rows:
    """Per row of a delivery: the subject's key or null, and the position of its `LinkStatus`."""

    keys: pa.Array
    status: npt.NDArray[np.int8]
    held: pa.Array
    review: pa.Table


_STATUSES = tuple(LinkStatus)
_NUMBER_OF = {status.value: number for number, status in enumerate(_STATUSES)}


def link_deliveries(
    tables: Sequence[CleanTable],
    keyring: Keyring,
    layouts: Mapping[str, Layout],
    vocabulary: Vocabulary,
    *,
    city: str | None = None,
) -> Iterator[LinkedDelivery]:
    """Link deliveries, oldest day first, yielding each when it is done.

    Within a day the list of protected people is taken in first, then birth records and 学齢簿 (whose mother, whose
    学籍番号), then the register of residents, then everything is linked against it. `city` is the city's own name, which
    may stand before the town in an address.

    Raises KizukiError E-PROT-01 if no list of protected people is known, or if it is older than its layout allows.
    """
    for day in sorted({clean.delivery.as_of for clean in tables}):
        todays = sorted((c for c in tables if c.delivery.as_of == day), key=lambda c: c.delivery.file)
        by_source = {source: [c for c in todays if c.delivery.source == source] for source in layouts}
        for clean in by_source.get(PROTECTION_SOURCE, []):
            absorb_protection(keyring, clean)
        require_protection(keyring, day, layouts[PROTECTION_SOURCE].freshness_days)
        for clean in by_source.get(BIRTH_SOURCE, []):
            absorb_mothers(keyring, clean)
        for clean in by_source.get(SCHOOL_SOURCE, []):
            absorb_student_numbers(keyring, clean)
        for clean in by_source.get(REGISTER_SOURCE, []):
            yield _link_register(clean, keyring, layouts, vocabulary)
        directory = Directory(keyring, city)
        for source, its_tables in by_source.items():
            for clean in its_tables:
                if source != REGISTER_SOURCE:
                    yield _link(clean, keyring, keyring.register, layouts[source], vocabulary, directory)


def _link_register(
    clean: CleanTable, keyring: Keyring, layouts: Mapping[str, Layout], vocabulary: Vocabulary
) -> LinkedDelivery:
    day, known_day = clean.delivery.as_of, keyring.as_of("register")
    layout = layouts[clean.delivery.source]
    if is_correction(clean.delivery.file) and known_day is not None and known_day > day:
        # A later register has replaced the corrected one: the rows are kept, the households are not made anew.
        return _link(clean, keyring, keyring.register, layout, vocabulary, None)
    register = build_register(keyring, clean)
    if known_day is None or day >= known_day:
        keyring.put("register", register, day)
    linked = _link(clean, keyring, register, layout, vocabulary, None)
    persons = pa.table(
        {
            "person_key": register["person_key"],
            "household_key": register["household_key"],
            "born_on": register["born_on"],
            "sex": register["sex"],
            "resident_status": register["resident_status"],
            "became_resident_on": register["became_resident_on"],
            "district": pc.if_else(register["protected"], pa.scalar(None, pa.string()), register["town"]),
        }
    )
    records = dict(linked.records)
    if linked.is_correction:
        for record in (record for record, rule in layout.records.items() if rule.latest):
            records[record] = _without_superseded(records[record], clean, register)
    return replace(linked, records=records, persons=persons, kin=derive_kin(register, keyring, day))


def _without_superseded(records: pa.Table, clean: CleanTable, register: pa.Table) -> pa.Table:
    # A corrected row may be an old history row: it must not pose as the person's latest.
    history = dict(zip(clean.table["line"].to_pylist(), clean.table["history_number"].to_pylist(), strict=True))
    current = register.select(["person_key", "history_number"])
    position = pc.index_in(records["subject_key"], value_set=current["person_key"].combine_chunks())
    latest = current["history_number"].take(position)
    own = pa.array([history[line] for line in records["line"].to_pylist()], pa.int64())
    return records.filter(pc.fill_null(pc.greater_equal(own, latest), True))


def _link(
    clean: CleanTable,
    keyring: Keyring,
    register: pa.Table,
    layout: Layout,
    vocabulary: Vocabulary,
    directory: Directory | None,
) -> LinkedDelivery:
    methods = {rule.link for rule in layout.records.values()}
    if len(methods) != 1:
        raise ValueError(f"the layout {layout.source} mixes linkage methods")
    method = methods.pop()
    table = clean.table
    if method == "宛名番号":
        rows = _by_number(table, column(table, "address_number"), register)
    elif method == "学籍番号":
        rows = _by_student_number(table, keyring, register)
    elif directory is None:
        raise ValueError("the register itself is linked by number")
    elif method == "氏名等":
        names = [name for name in IDENTITY if name in table.column_names]
        rows = _by_identity(table, names, lambda identities: link_people(identities, directory))
    else:
        names = ["water_meter_number", "name_kana", "address_full"]
        rows = _by_identity(table, names, lambda identities: link_households(identities, directory))
    subjects = _subjects(rows.keys)
    usable = rows.status == _NUMBER_OF[LinkStatus.AUTOMATIC.value]
    counts = Counter(rows.status.tolist())
    statuses = {status.value: counts.get(number, 0) for number, status in enumerate(_STATUSES)}
    if sum(statuses.values()) != table.num_rows or table.num_rows != clean.delivery.used:
        raise AssertionError(f"{clean.delivery.file}: rows without exactly one status")
    quarantine = judge_quarantine(clean, layout, vocabulary, keyring, register, directory)
    urgent = pc.fill_null(pc.equal(column(table, URGENT), "有"), False).to_numpy(zero_copy_only=False)
    return LinkedDelivery(
        clean.delivery,
        split_records(table, subjects, usable, layout, vocabulary, keyring.secret),
        statuses,
        pa.table({"subject_key": _merged(rows.held, quarantine.subjects)}),
        rows.review,
        urgent_unlinked=int((urgent & ~usable).sum()) + quarantine.urgent,
        unattributed=quarantine.unattributed,
    )


def _merged(first: pa.Array, second: Sequence[str]) -> pa.Array:
    return pa.array(sorted({*first.to_pylist(), *second}), pa.string())


def _subjects(keys: pa.Array) -> Subjects:
    encoded = pc.dictionary_encode(keys)
    order = pc.array_sort_indices(encoded.dictionary)
    rank = np.full(len(order) + 1, -1, dtype=np.int64)  # the last entry is where null points to
    rank[order.to_numpy()] = np.arange(len(order))
    codes = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    return Subjects(rank[codes], encoded.dictionary.take(order))


def _by_number(table: pa.Table, numbers: pa.Array, register: pa.Table) -> _Rows:
    # A number that 住民記録 does not know belongs to nobody here: no fact, but counted.
    position = pc.index_in(numbers, value_set=register["address_number"].combine_chunks())
    keys = register["person_key"].combine_chunks().take(position)
    status = np.where(
        pc.is_valid(keys).to_numpy(zero_copy_only=False),
        _NUMBER_OF[LinkStatus.AUTOMATIC.value],
        _NUMBER_OF[LinkStatus.UNLINKED.value],
    ).astype(np.int8)
    return _Rows(keys, status, pa.array([], pa.string()), REVIEW.empty_table())


def _by_student_number(table: pa.Table, keyring: Keyring, register: pa.Table) -> _Rows:
    bridge = keyring.table("bridge").replace_schema_metadata(None)
    owners = bridge.group_by("student_number").aggregate([("address_number", "count_distinct")])
    sure = owners.filter(pc.equal(owners["address_number_count_distinct"], 1))["student_number"].combine_chunks()
    is_sure = pc.is_in(bridge["student_number"], value_set=sure)
    certain, doubtful = bridge.filter(is_sure), bridge.filter(pc.invert(is_sure))
    students = column(table, "student_number")
    position = pc.index_in(students, value_set=certain["student_number"].combine_chunks())
    rows = _by_number(table, certain["address_number"].combine_chunks().take(position), register)
    held = pc.is_in(students, value_set=doubtful["student_number"].combine_chunks())
    rows.status[held.to_numpy(zero_copy_only=False)] = _NUMBER_OF[LinkStatus.HELD.value]
    doubtful_keys = _by_number(table, doubtful["address_number"].combine_chunks(), register).keys
    review = []
    for number in pc.unique(students.filter(held)).to_pylist():
        mine = pc.equal(doubtful["student_number"], number)
        lines = table.filter(pc.fill_null(pc.equal(students, number), False))["line"].to_pylist()
        candidates = sorted(filter(None, doubtful_keys.filter(mine.combine_chunks()).to_pylist()))
        review.append(
            {
                "student_number": number,
                "reason": "学籍番号が2人にあります",
                "candidates": candidates,
                "lines": sorted(lines),
            }
        )
    concerned = pa.array(sorted({key for row in review for key in row["candidates"]}), pa.string())
    return _Rows(rows.keys, rows.status, concerned, pa.Table.from_pylist(review, schema=REVIEW))


def _by_identity(table: pa.Table, names: Sequence[str], decide: Callable[[pa.Table], Decisions]) -> _Rows:
    parts = [pc.fill_null(column(table, name, _kind(name)).cast(pa.string()), "") for name in names]
    encoded = pc.dictionary_encode(pc.binary_join_element_wise(*parts, "\x1f"))
    identity = encoded.indices.to_numpy(zero_copy_only=False)
    _, first = np.unique(identity, return_index=True)
    cells = {name: column(table, name, _kind(name)).take(pa.array(first)) for name in names}
    decisions = decide(pa.table(cells))
    by_identity = np.array([_NUMBER_OF[value] for value in decisions.status.to_pylist()], dtype=np.int8)
    held_ids = np.flatnonzero(by_identity == _NUMBER_OF[LinkStatus.HELD.value])
    lines = table["line"].to_numpy()
    order = np.argsort(identity, kind="stable")
    starts = np.searchsorted(identity[order], held_ids, side="left")
    ends = np.searchsorted(identity[order], held_ids, side="right")
    review = pa.Table.from_pylist(
        [
            {
                **{name: _text(cells[name][int(number)].as_py()) for name in names},
                "reason": decisions.rule[int(number)].as_py(),
                "candidates": decisions.candidates[int(number)].as_py(),
                "lines": sorted(lines[order[start:end]].tolist()),
            }
            for number, start, end in zip(held_ids, starts, ends, strict=True)
        ],
        schema=REVIEW,
    )
    concerned = sorted(set(pc.list_flatten(decisions.concerns).to_pylist()))
    rows = pa.array(identity)
    return _Rows(decisions.key.take(rows), by_identity[identity], pa.array(concerned, pa.string()), review)


def _kind(name: str) -> pa.DataType:
    return pa.date32() if name == "born_on" else pa.string()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
