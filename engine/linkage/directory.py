"""The match keys of everyone who lives here now, and of the rows that look for them."""

from __future__ import annotations

from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from engine.linkage.keyring import Keyring
from engine.linkage.normalise import Gazetteer, fold_kanji, kana_keys, map_distinct
from engine.linkage.register import RESIDENT, column

IDENTITY = ("name_kanji", "name_kana", "born_on", "sex", "address_full")
"""Columns by which a row without a number may identify a person; any may be absent."""

_KANA_KEYS = ("kana", "weak", "surname", "given")
_SEPARATOR = "\x1f"


class Directory:
    """The keyring's register as it stands, with match keys that are made once, when first needed.

    `city` is the city's own name, which may stand before the town in an address.
    """

    def __init__(self, keyring: Keyring, city: str | None) -> None:
        self._register = keyring.register.filter(
            pc.fill_null(pc.equal(keyring.register["resident_status"], RESIDENT), False)
        )
        self._gazetteer = Gazetteer(keyring.register["town"].unique().drop_null().to_pylist(), city)

    @cached_property
    def residents(self) -> pa.Table:
        """One row per resident: keys of person and household, `protected`, match keys. 通称 and 旧氏 are not used."""
        register = self._register
        kana = map_distinct(column(register, "kana"), kana_keys, len(_KANA_KEYS))
        parts = [pc.fill_null(column(register, name), "") for name in ("town", "lot", "room")]
        place, base = map_distinct(pc.binary_join_element_wise(*parts, _SEPARATOR), self._parts, 2)
        return pa.table(
            {
                "person_key": column(register, "person_key"),
                "household_key": column(register, "household_key"),
                "protected": column(register, "protected", pa.bool_()),
                "born_on": column(register, "born_on", pa.date32()),
                "sex": column(register, "sex"),
                **dict(zip(_KANA_KEYS, kana, strict=True)),
                "place": place,
                "base": base,
            }
        )

    @cached_property
    def residents_with_kanji(self) -> pa.Table:
        """`residents` with the folded kanji name, for sources that have one."""
        (kanji,) = map_distinct(column(self._register, "name"), lambda name: (fold_kanji(name) or None,), 1)
        return self.residents.append_column("kanji", kanji)

    def source_keys(self, identities: pa.Table) -> pa.Table:
        """Match keys of source identities (columns `IDENTITY`), in order; `id` is the position.

        `known` is false where the address lies in another city, null where there is no address.
        """
        kana = map_distinct(column(identities, "name_kana"), kana_keys, len(_KANA_KEYS))
        (kanji,) = map_distinct(column(identities, "name_kanji"), lambda name: (fold_kanji(name) or None,), 1)
        place, base, known = map_distinct(column(identities, "address_full"), self._line, 3)
        return pa.table(
            {
                "id": pa.array(range(identities.num_rows), pa.int64()),
                "kanji": kanji,
                **dict(zip(_KANA_KEYS, kana, strict=True)),
                "born_on": column(identities, "born_on", pa.date32()),
                "sex": column(identities, "sex"),
                "place": place,
                "base": base,
                "known": pc.equal(known, "1"),
            }
        )

    def _parts(self, joined: str) -> tuple[str | None, str | None]:
        key = self._gazetteer.parts_key(*joined.split(_SEPARATOR))
        return key.place, key.base

    def _line(self, address: str) -> tuple[str | None, str | None, str]:
        key = self._gazetteer.line_key(address)
        return key.place, key.base, "1" if key.known else "0"
