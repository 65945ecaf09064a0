"""Quarantined rows: they yield no fact, but whose they may be must be known, so that silence is not read as "no"."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from engine.kernel.dates import parse_date
from engine.linkage.cascade import link_people
from engine.linkage.directory import IDENTITY, Directory
from engine.linkage.keyring import Keyring
from engine.records.delivery import CleanTable
from engine.records.layout import CellRule, Layout
from engine.records.vocabulary import Vocabulary

URGENT = "urgent_call"
_NUMBERS = {"宛名番号": "address_number", "学籍番号": "student_number"}


@dataclass(frozen=True)
class Quarantine:
    """Of one delivery: `subjects` whose row may lie in quarantine (keys, sorted), how many rows point to nobody, and how
    many hold, or may hold, an urgent call (緊急連絡).
    """

    subjects: tuple[str, ...]
    unattributed: int
    urgent: int


def judge_quarantine(
    clean: CleanTable,
    layout: Layout,
    vocabulary: Vocabulary,
    keyring: Keyring,
    register: pa.Table,
    directory: Directory | None,
) -> Quarantine:
    """Whose rows lie in quarantine, as far as their number or their name, birth date and address can be read.

    Periodic records need no such mark: the missing period itself makes every window that holds it unknown.
    """
    cells = [rule for rule in layout.cells.values() if rule.id in clean.table.column_names]
    written = [
        {rule.id: unicodedata.normalize("NFKC", text).strip() for rule, text in zip(cells, row.cells, strict=True)}
        for row in clean.quarantined
    ]
    rules = {rule.id: rule for rule in cells}
    urgent = sum(_may_be_urgent(row[URGENT], rules[URGENT]) for row in written) if URGENT in rules else 0
    if not written or all(vocabulary.records[record].period for record in layout.records):
        return Quarantine((), 0, urgent)
    method = next(iter(layout.records.values())).link
    if method in _NUMBERS:
        owners = _by_number(
            [row.get(_NUMBERS[method], "") for row in written], rules[_NUMBERS[method]], keyring, register
        )
    elif method == "氏名等" and directory is not None:
        owners = _by_identity(written, rules, directory)
    else:
        owners = [[] for _ in written]
    subjects = {key for keys in owners for key in keys}
    return Quarantine(tuple(sorted(subjects)), sum(not keys for keys in owners), urgent)


def _may_be_urgent(text: str, rule: CellRule) -> bool:
    # What is written but is no known code may well be a call: only blank and 無 are none.
    codes = {unicodedata.normalize("NFKC", code): value for code, value in rule.codes.items()}
    plain = text.lstrip("0") or "0" if text.isdecimal() else text
    return codes.get(text, codes.get(plain, "有" if text else "無")) != "無"


def _by_number(texts: Sequence[str], rule: CellRule, keyring: Keyring, register: pa.Table) -> list[list[str]]:
    numbers = [text.zfill(rule.digits or 0) if text.isdecimal() else "" for text in texts]
    owners = {number: [number] for number in numbers}
    if rule.id == "student_number":
        bridge = keyring.table("bridge")
        theirs = bridge.filter(pc.is_in(bridge["student_number"], value_set=pa.array(numbers, pa.string())))
        owners = {number: [] for number in numbers}
        for row in theirs.to_pylist():
            owners[row["student_number"]].append(row["address_number"])
    wanted = pa.array(sorted({address for each in owners.values() for address in each}), pa.string())
    known = register.filter(pc.is_in(register["address_number"], value_set=wanted))
    keys = dict(zip(known["address_number"].to_pylist(), known["person_key"].to_pylist(), strict=True))
    return [[keys[address] for address in owners[number] if address in keys] for number in numbers]


def _by_identity(
    written: Sequence[dict[str, str]], rules: dict[str, CellRule], directory: Directory
) -> list[list[str]]:
    cells: dict[str, pa.Array] = {}
    for name in (name for name in IDENTITY if name in rules):
        texts = [row[name] or None for row in written]
        if name == "born_on":
            cells[name] = pa.array([_day(text) for text in texts], pa.date32())
        elif name == "sex":
            cells[name] = pa.array([rules[name].codes.get(text or "") for text in texts], pa.string())
        else:
            cells[name] = pa.array(texts, pa.string())
    decisions = link_people(pa.table(cells), directory)
    return [
        sorted({*concerned, *filter(None, [key])})
        for key, concerned in zip(decisions.key.to_pylist(), decisions.concerns.to_pylist(), strict=True)
    ]


def _day(text: str | None) -> date | None:
    found = parse_date(text) if text else None
    return found if isinstance(found, date) else None
