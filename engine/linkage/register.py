"""The register of residents: the newest 住民記録 with its protection flags, and the numbers other systems use."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.keys import make_keys
from engine.linkage.keyring import BRIDGE, MOTHERS, PROTECTION, REGISTER, Keyring
from engine.records.delivery import CleanTable
from engine.records.linked import is_correction

RESIDENT = "住民"
_REGISTER_CELLS = frozenset(
    (
        *("address_number", "history_number", "household_number", "resident_status", "became_resident_on"),
        *("name_kanji", "name_kanji__original", "name_kana", "common_name", "former_surname"),
        *("sex", "born_on", "born_on_unknown", "address_town", "address_lot", "address_room"),
        *(f"relationship_code_{n}" for n in range(1, 5)),
    )
)


def column(table: pa.Table, name: str, kind: pa.DataType | None = None) -> pa.Array:
    """One column as a single array; all null if the delivery does not have it."""
    wanted = kind or pa.string()
    if name not in table.column_names:
        return pa.nulls(table.num_rows, wanted)
    values = table[name].combine_chunks()
    return (values if isinstance(values, pa.Array) else pa.concat_arrays(values.chunks)).cast(wanted)


def absorb_protection(keyring: Keyring, clean: CleanTable) -> None:
    """Take the list of protected people (支援措置) into the keyring and refresh the register's flags at once."""
    as_of = clean.delivery.as_of
    rows = pa.table(
        [column(clean.table, "address_number"), column(clean.table, "protected_from", pa.date32())], schema=PROTECTION
    )
    if is_correction(clean.delivery.file):
        rows = pa.concat_tables([keyring.table("protection").replace_schema_metadata(None), rows])
    elif not _is_newest(keyring, "protection", as_of):
        return
    keyring.put("protection", rows, max(as_of, keyring.as_of("protection") or as_of))
    register_day = keyring.as_of("register")
    if register_day is not None:
        flagged = _flag_protected(keyring.register, rows, max(as_of, register_day))
        keyring.put("register", flagged, register_day)


def require_protection(keyring: Keyring, day: date, freshness_days: int) -> None:
    """Refuse to link anything while nobody has said who is protected, or when that list is out of date."""
    known = keyring.as_of("protection")
    remedy = (
        "市民課から支援措置の一覧を受け取り、同じフォルダに置いて、もう一度実行してください。"
        "該当者が1人もいないときは、見出しだけのファイルを置き、取り込み定義に「空でもよい: true」と書いてください。"
    )
    if known is None:
        what = "支援措置のファイルがありません。"
    elif (day - known).days > freshness_days:
        what = f"支援措置のファイルが古くなっています({(day - known).days}日前)。"
    else:
        return
    why = "支援措置を受けている方の住所を守れないおそれがあるため、処理を中止しました。"
    raise KizukiError(Problem(Place("02 支援措置"), "E-PROT-01", what, why, remedy))


def absorb_student_numbers(keyring: Keyring, clean: CleanTable) -> None:
    """Take 学齢簿's pairs of 学籍番号 and 宛名番号: the bridge for school records.

    A number that the newest list does not name keeps its older meaning (children who have left school).
    """
    rows = pa.table(
        [column(clean.table, "student_number"), column(clean.table, "address_number")], schema=BRIDGE
    ).filter(pc.is_valid(column(clean.table, "student_number")))
    _merge(keyring, "bridge", "student_number", rows, clean.delivery.as_of)


def absorb_mothers(keyring: Keyring, clean: CleanTable) -> None:
    """Take from 出生 rows who gave birth to whom (母親_宛名番号)."""
    births = pc.fill_null(pc.equal(column(clean.table, "maternal_record_kind"), "出生"), False)
    rows = pa.table([column(clean.table, "address_number"), column(clean.table, "mother_number")], schema=MOTHERS)
    rows = rows.filter(pc.and_(births, pc.is_valid(rows["mother_number"])))
    _merge(keyring, "mothers", "address_number", rows, clean.delivery.as_of)


def _merge(keyring: Keyring, name: str, key: str, rows: pa.Table, as_of: date) -> None:
    known = keyring.table(name).replace_schema_metadata(None)
    newer, older = (rows, known) if _is_newest(keyring, name, as_of) else (known, rows)
    kept = older.filter(pc.invert(pc.is_in(older[key], value_set=newer[key].combine_chunks())))
    merged = pa.concat_tables([newer, kept]).group_by(rows.column_names).aggregate([]).select(rows.column_names)
    order = [(column_name, "ascending") for column_name in rows.column_names]
    keyring.put(name, merged.sort_by(order), max(as_of, keyring.as_of(name) or as_of))


def _is_newest(keyring: Keyring, name: str, as_of: date) -> bool:
    known = keyring.as_of(name)
    return known is None or as_of >= known


def build_register(keyring: Keyring, clean: CleanTable) -> pa.Table:
    """Everyone in a delivery of 住民記録, once: the row with the last 履歴番号 (then the last line) wins.

    A correction (訂正) adds rows that had been quarantined: it changes a person where its 履歴番号 is not the older.
    """
    wanted = [name for name in clean.table.column_names if name in _REGISTER_CELLS]
    latest = clean.table.select(wanted).take(pa.array(last_rows(clean.table)))
    numbers = column(latest, "address_number")
    unknown_birth = pc.fill_null(pc.equal(column(latest, "born_on_unknown"), "不詳"), False)
    born_on = column(latest, "born_on", pa.date32())
    name = "name_kanji__original" if "name_kanji__original" in latest.column_names else "name_kanji"
    chain = pc.binary_join_element_wise(
        *[column(latest, f"relationship_code_{n}") for n in range(1, 5)], "", null_handling="replace"
    )
    values = {
        "person_key": _keys(keyring, "person", "address_number", numbers),
        "address_number": numbers,
        "history_number": column(latest, "history_number", pa.int64()),
        "household_key": _keys(keyring, "household", "household_number", column(latest, "household_number")),
        "household_number": column(latest, "household_number"),
        "resident_status": column(latest, "resident_status"),
        "name": pc.utf8_trim_whitespace(column(latest, name)),
        "kana": column(latest, "name_kana"),
        "common_name": column(latest, "common_name"),
        "former_surname": column(latest, "former_surname"),
        "sex": column(latest, "sex"),
        "born_on": pc.if_else(unknown_birth, pa.scalar(None, pa.date32()), born_on),
        "relationship": pc.if_else(pc.equal(chain, ""), pa.scalar(None, pa.string()), chain),
        "town": column(latest, "address_town"),
        "lot": column(latest, "address_lot"),
        "room": column(latest, "address_room"),
        "became_resident_on": column(latest, "became_resident_on", pa.date32()),
        "protected": pa.nulls(latest.num_rows, pa.bool_()),
    }
    rows = pa.table([values[name] for name in REGISTER.names], schema=REGISTER)
    if is_correction(clean.delivery.file):
        both = pa.concat_tables([keyring.register.replace_schema_metadata(None), rows])
        rows = both.take(pa.array(last_rows(both)))
    return _flag_protected(rows.sort_by("person_key"), keyring.table("protection"), clean.delivery.as_of)


def _keys(keyring: Keyring, label: str, number_column: str, numbers: pa.Array) -> pa.Array:
    # Nearly everybody was here last week: their keys are looked up, only the new ones are computed.
    distinct = pc.unique(numbers)
    known = keyring.register.select([number_column, f"{label}_key"])
    keys = (
        known[f"{label}_key"]
        .combine_chunks()
        .take(pc.index_in(distinct, value_set=known[number_column].combine_chunks(), skip_nulls=True))
    )
    is_new = pc.is_null(keys)
    fresh = pa.array(make_keys(keyring.secret, label, distinct.filter(is_new).to_pylist()), pa.string())
    filled = pc.replace_with_mask(keys, is_new, fresh)
    return filled.take(pc.index_in(numbers, value_set=distinct))


def last_rows(table: pa.Table) -> npt.NDArray[np.int64]:
    """Positions of the last history row of each person; of equal 履歴番号 the later line, else the later row, counts."""
    numbers = pc.dictionary_encode(column(table, "address_number")).indices.to_numpy(zero_copy_only=False)
    history = pc.fill_null(column(table, "history_number", pa.int64()), -1).to_numpy(zero_copy_only=False)
    lines = table["line"].to_numpy() if "line" in table.column_names else np.arange(len(numbers))
    order = np.lexsort((lines, history, numbers))
    ordered = numbers[order]
    is_last = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.array([], dtype=bool)
    found: npt.NDArray[np.int64] = order[is_last]
    return found


def _flag_protected(register: pa.Table, protection: pa.Table, day: date) -> pa.Table:
    # An end date does not end a protection, and an unknown start does not delay it: only a future start does.
    future = pc.fill_null(pc.greater(protection["protected_from"], pa.scalar(day, pa.date32())), False)
    numbers = protection.filter(pc.invert(future))["address_number"].combine_chunks()
    own = pc.is_in(register["address_number"], value_set=numbers)
    living_here = pc.fill_null(pc.equal(register["resident_status"], RESIDENT), False)
    homes = register.filter(pc.and_(own, living_here))["household_key"].combine_chunks()
    flags = pc.or_(own, pc.is_in(register["household_key"], value_set=homes))
    at = register.schema.get_field_index("protected")
    return register.set_column(at, REGISTER.field("protected"), flags)
