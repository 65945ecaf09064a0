"""A made-up town of a few families, and clean tables as intake would hand them over. Nobody here exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from engine.linkage.deliveries import link_deliveries
from engine.linkage.keyring import Keyring, open_keyring
from engine.records.delivery import CleanTable, Delivery, QuarantinedRow
from engine.records.layout import Layout, load_layouts
from engine.records.linked import LinkedDelivery
from engine.records.vocabulary import Vocabulary, load_vocabulary

ROOT = Path(__file__).parents[2]
VOCABULARY: Vocabulary = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
LAYOUTS: dict[str, Layout] = load_layouts(ROOT / "sources", VOCABULARY)
AS_OF = date(2026, 11, 20)
CITY = "架空市"
_ARROW = {"整数": pa.int64(), "日付": pa.date32(), "年月": pa.date32()}

Cells = Mapping[str, object]


def clean(source: str, rows: Sequence[Cells], as_of: date = AS_OF, *, file: str | None = None) -> CleanTable:
    """A delivery of one source with the given rows at lines 2, 3, … ("line" in a row sets its own)."""
    layout = LAYOUTS[source]
    name = file or f"{layout.number}_{source}_{as_of:%Y%m%d}.csv"
    fields = [("line", pa.int64())]
    for cell in layout.cells.values():
        if (cell.register_id or cell.id) not in VOCABULARY.refused:
            fields.append((cell.id, _ARROW.get(cell.type, pa.string())))
    listed = [{"line": number, **row} for number, row in enumerate(rows, start=2)]
    assert not (unknown := {key for row in listed for key in row} - {n for n, _ in fields}), unknown
    table = pa.Table.from_pylist([dict(row) for row in listed], schema=pa.schema(fields))
    digest = f"{abs(hash((name, str(listed)))):016x}" * 4
    delivery = Delivery(source, layout.label, name, digest, 1, layout.encoding, as_of, len(rows), len(rows), 0)
    return CleanTable(delivery, table, ())


def with_quarantine(table: CleanTable, addresses: Sequence[str]) -> CleanTable:
    """The same delivery with quarantined rows of these 宛名番号 (as written) besides."""
    cells = [c for c in LAYOUTS[table.delivery.source].cells.values() if c.id in table.table.column_names]
    rows = tuple(
        QuarantinedRow(
            90 + i, "実施日", "E-DELIV-54", "暦にない日付です", "直してください",
            tuple(address if cell.id == "address_number" else "" for cell in cells),
        )
        for i, address in enumerate(addresses)
    )  # fmt: skip
    return replace(table, quarantined=rows)


def person(number: int, chain: str, sex: str | None, born: date | None, kana: str, **more: object) -> dict[str, object]:
    """A row of 住民記録: person `number` lives in household number // 10 unless told otherwise."""
    codes = {f"relationship_code_{i // 2 + 1}": chain[i : i + 2] for i in range(0, len(chain), 2)}
    return {
        "address_number": f"{number:010d}",
        "history_number": 1,
        "household_number": f"{number // 10:010d}",
        "resident_status": "住民",
        "name_kanji": kana.translate(_TO_KANJI),
        "name_kana": kana,
        "sex": sex,
        "born_on": born,
        "address_town": "本町一丁目",
        "address_lot": f"{number // 10}番地1",
        "became_resident_on": date(2015, 4, 1),
        **codes,
        **more,
    }


_TO_KANJI = str.maketrans({"サ": "佐", "ト": "藤", "タ": "田", "ナ": "中", "ハ": "花", "コ": "子", "ロ": "郎"})

BORN = {"father": date(1985, 5, 5), "mother": date(1986, 6, 6), "child": date(2016, 7, 7), "twin": date(2018, 8, 8)}

RESIDENTS: tuple[dict[str, object], ...] = (
    person(101, "02", "男", BORN["father"], "サトウ タロウ"),
    person(102, "12", "女", BORN["mother"], "サトウ ハナコ"),
    person(103, "20", "女", BORN["child"], "サトウ キョウコ"),
    # twins
    person(201, "02", "女", date(1990, 1, 1), "タナカ ヨウコ", address_room="みどり荘203号室"),
    person(202, "20", "男", BORN["twin"], "タナカ ハルト", address_room="みどり荘203号室"),
    person(203, "20", "男", BORN["twin"], "タナカ ハルキ", address_room="みどり荘203号室"),
    # two children of one name and birth date
    person(301, "20", "男", date(2017, 3, 3), "スズキ ユウト"),
    person(302, "02", "女", date(1988, 3, 3), "スズキ エミ"),
    person(401, "20", "男", date(2017, 3, 3), "スズキ ユウト"),
    person(402, "02", "女", date(1989, 3, 3), "スズキ ミホ"),
    # a protected mother and her child
    person(501, "02", "女", date(1991, 9, 9), "ヤマダ ナオミ"),
    person(502, "20", "女", date(2019, 9, 9), "ヤマダ サクラ"),
    # moved away
    person(601, "02", "男", date(1980, 2, 2), "イトウ ケン", resident_status="転出"),
)
PROTECTED: tuple[dict[str, object], ...] = (
    {
        "address_number": "0000000501",
        "protection_kind": "DV防止法",
        "protected_from": date(2024, 4, 1),
        "protected_to": date(2025, 3, 31),
    },
)


def base(
    as_of: date = AS_OF, residents: Sequence[Cells] = RESIDENTS, protected: Sequence[Cells] = PROTECTED
) -> list[CleanTable]:
    """The two files every run needs: residents and protected people."""
    return [clean("residents", residents, as_of), clean("address_protection", protected, as_of)]


def link(folder: Path, tables: Sequence[CleanTable]) -> tuple[Keyring, dict[str, LinkedDelivery]]:
    """Link with a keyring under `folder`; the last delivery of each source by source."""
    keyring = open_keyring(folder / "keyring")
    return keyring, {x.delivery.source: x for x in link_deliveries(tables, keyring, LAYOUTS, VOCABULARY, city=CITY)}


def key_of(keyring: Keyring, number: int) -> str:
    """The person key of a made-up person."""
    numbers = keyring.register["address_number"].to_pylist()
    return str(keyring.register["person_key"][numbers.index(f"{number:010d}")].as_py())
