"""What the keyring holds on one person: for 開示, and for nobody who only wants to look somebody up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.keys import make_keys
from engine.linkage.keyring import Keyring

ADDRESS_DIGITS = 10
_KEY = re.compile(r"P[A-Z2-7]{16}")


@dataclass(frozen=True)
class HeldReview:
    """Rows of one delivery that were put aside because it is not certain whose they are, and may be the person's."""

    file: str
    reason: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class KnownPerson:
    """A person as the keyring knows them. `entry` is their line of the register (see `keyring.REGISTER`), None if the newest
    住民記録 does not name them; `since` is the day of that register. `mothers` counts the pairs of mother and child that name them.
    """

    key: str
    address_number: str | None
    entry: dict[str, Any] | None
    since: date | None
    household_protected: bool
    student_numbers: tuple[str, ...]
    mothers: int


def find_person(keyring: Keyring, written: str) -> KnownPerson:
    """The person of a 宛名番号 or of a whole 整理番号. A name finds nobody: people share names.

    Who is in no register still has a key; whether anything is held under it is for the store to say. Raises KizukiError
    E-PERS-01 where what is written is neither number nor key, E-PERS-02 where a key is nobody's.
    """
    text = unicodedata.normalize("NFKC", written).strip().upper()
    register = keyring.register
    if text.isascii() and text.isdecimal() and len(text) <= ADDRESS_DIGITS:
        number: str | None = text.zfill(ADDRESS_DIGITS)
        (key,) = make_keys(keyring.secret, "person", [str(number)])
    elif _KEY.fullmatch(text):
        key = text
        found = register.filter(pc.equal(register["person_key"], key))["address_number"].to_pylist()
        number = found[0] if found else None
    else:
        raise KizukiError(
            Problem(
                Place("対象の方"),
                "E-PERS-01",
                "宛名番号(10桁まで)でも整理番号(Pで始まる17文字)でもありません。",
                "氏名で探すと、同じ氏名の別の方の情報を渡すおそれがあります。",
                "窓口で本人確認をした方の宛名番号を、住民記録で確かめて書いてください。",
            )
        )
    entries = register.filter(pc.equal(register["person_key"], key)).to_pylist()
    entry = entries[0] if entries else None
    return KnownPerson(
        key=key,
        address_number=number,
        entry=entry,
        since=keyring.as_of("register"),
        household_protected=_is_protected(keyring, number, entry),
        student_numbers=_student_numbers(keyring, number),
        mothers=_mothers(keyring, number),
    )


def held_reviews(keyring: Keyring, keys: Collection[str]) -> tuple[HeldReview, ...]:
    """Every held row that names one of these keys as a candidate, by delivery."""
    found = []
    wanted = set(keys)
    for path in sorted((keyring.folder / "review").glob("*.parquet")):
        for row in pq.read_table(path, partitioning=None).to_pylist():
            if wanted & set(row["candidates"] or ()):
                source, day = path.stem.rsplit("-", 4)[0], "-".join(path.stem.rsplit("-", 4)[1:4])
                found.append(HeldReview(f"{source} {day}", row["reason"], tuple(row["lines"])))
    return tuple(found)


def _is_protected(keyring: Keyring, number: str | None, entry: dict[str, Any] | None) -> bool:
    # Wider than the flag: a start in the future, or a number that the newest register does not name, counts as well.
    listed = set(keyring.table("protection")["address_number"].to_pylist())
    if number in listed:
        return True
    if entry is None:
        return False
    return bool(entry["protected"]) or entry["household_key"] in keyring.protected_households()


def _student_numbers(keyring: Keyring, number: str | None) -> tuple[str, ...]:
    bridge = keyring.table("bridge")
    mine = bridge.filter(pc.equal(bridge["address_number"], pa.scalar(number, pa.string())))
    return tuple(sorted(filter(None, mine["student_number"].to_pylist())))


def _mothers(keyring: Keyring, number: str | None) -> int:
    pairs = keyring.table("mothers")
    wanted = pa.scalar(number, pa.string())
    named = pc.or_(pc.equal(pairs["address_number"], wanted), pc.equal(pairs["mother_number"], wanted))
    return int(pairs.filter(named).num_rows)
