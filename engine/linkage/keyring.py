"""The keyring: the only place that knows which person a key stands for.

`<workspace>/keyring/` (mode 0700) holds the secret of all pseudonyms, the register of residents with names and
addresses, who is protected, and the numbers by which other systems know a person. Only `engine.linkage` and
`kizuki.pipeline` import this module, and names rejoin a case last of all, for printing.

Room for what is to come: `keyring/review/` takes the held rows of each delivery. A review workflow will read them
there, write its append-only decisions beside them, and `cascade.py` will consult these before its own rules;
probabilistic linkage (Splink) will add proposals to the same list. Neither changes what is stored here.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.case import Identity
from engine.records.linked import LinkedDelivery

_SECRET_BYTES = 32
_AS_OF = b"kizuki.as_of"

REGISTER = pa.schema(
    [
        ("person_key", pa.string()),
        ("address_number", pa.string()),
        ("history_number", pa.int64()),
        ("household_key", pa.string()),
        ("household_number", pa.string()),
        ("resident_status", pa.string()),
        ("name", pa.string()),
        ("kana", pa.string()),
        ("common_name", pa.string()),
        ("former_surname", pa.string()),
        ("sex", pa.string()),
        ("born_on", pa.date32()),
        ("relationship", pa.string()),
        ("town", pa.string()),
        ("lot", pa.string()),
        ("room", pa.string()),
        ("became_resident_on", pa.date32()),
        ("protected", pa.bool_()),
    ]
)
"""One row per person of 住民記録, resident or not, ordered by person_key. `relationship` is the 続柄 chain (2020 = 子の子);
`protected` holds for every member of a household with a protected member."""

PROTECTION = pa.schema([("address_number", pa.string()), ("protected_from", pa.date32())])
BRIDGE = pa.schema([("student_number", pa.string()), ("address_number", pa.string())])
MOTHERS = pa.schema([("address_number", pa.string()), ("mother_number", pa.string())])
_SCHEMAS = {"register": REGISTER, "protection": PROTECTION, "bridge": BRIDGE, "mothers": MOTHERS}
_SOURCE_OF = {
    "register": "residents",
    "protection": "address_protection",
    "bridge": "school_register",
    "mothers": "maternal_health",
}


@dataclass
class Keyring:
    """The opened keyring. Its tables are read on first use; each knows the as-of day of the delivery it came from."""

    folder: Path
    secret: bytes = field(repr=False)
    _tables: dict[str, pa.Table] = field(default_factory=dict, repr=False)

    @property
    def key_id(self) -> str:
        """First 8 hex digits of the secret's SHA-256: tells in a manifest which secret made the pseudonyms."""
        return hashlib.sha256(self.secret).hexdigest()[:8]

    @property
    def register(self) -> pa.Table:
        """Everyone in the newest 住民記録 (see `REGISTER`)."""
        return self.table("register")

    def table(self, name: str) -> pa.Table:
        """One of register, protection, bridge, mothers; empty if none has been delivered yet.

        Raises KizukiError E-STORE-11 where the file is not what was written.
        """
        if name not in self._tables:
            path = self.folder / f"{name}.parquet"
            self._tables[name] = _read(path, _SCHEMAS[name]) if path.exists() else _SCHEMAS[name].empty_table()
        return self._tables[name]

    def as_of(self, name: str) -> date | None:
        """The day whose state a table shows, or None if none has been delivered."""
        text = (self.table(name).schema.metadata or {}).get(_AS_OF)
        return date.fromisoformat(text.decode()) if text else None

    def known_days(self) -> dict[str, date | None]:
        """By source, the day whose state the keyring shows: what facts of that source in a store must not outrun."""
        return {source: self.as_of(name) for name, source in _SOURCE_OF.items()}

    def protected_households(self) -> set[str]:
        """Households of the newest register with a resident under the newest list of protected people.

        Whatever the day of a run: printing obeys the newest list. A start in the future does not count yet.
        """
        return self._protected("household_key")

    def protected_people(self) -> set[str]:
        """Everyone living in a protected household (see `protected_households`), wherever they lived before."""
        return self._protected("person_key")

    def _protected(self, key: str) -> set[str]:
        living_here = pc.fill_null(pc.equal(self.register["resident_status"], "住民"), False)
        rows = self.register.filter(pc.and_(living_here, pc.fill_null(self.register["protected"], False)))
        return set(rows[key].drop_null().to_pylist())

    def put(self, name: str, rows: pa.Table, as_of: date) -> None:
        """Replace a table, on disk and here."""
        table = rows.cast(_SCHEMAS[name]).replace_schema_metadata({_AS_OF: as_of.isoformat().encode()})
        _write(self.folder / f"{name}.parquet", table)
        self._tables[name] = table

    def write_review(self, linked: LinkedDelivery) -> Path | None:
        """Keep the held rows of a delivery, with their identifiers, under `review/`. None if there are none."""
        if linked.review.num_rows == 0:
            return None
        delivery = linked.delivery
        _private_folder(self.folder / "review")
        path = self.folder / "review" / f"{delivery.source}-{delivery.as_of.isoformat()}-{delivery.sha256[:8]}.parquet"
        _write(path, linked.review)
        return path

    def identities(self, keys: Iterable[str]) -> dict[str, Identity]:
        """Names for printing, by person key; keys that are not in the register are absent.

        The address is None where a member of the household is protected (DV等支援措置).
        """
        wanted = pa.array(sorted(set(keys)), type=pa.string())
        found = self.register.filter(pc.is_in(self.register["person_key"], value_set=wanted))
        return {
            row["person_key"]: Identity(
                name=row["name"] or "",
                kana=row["kana"] or "",
                born_on=row["born_on"],
                sex=row["sex"],
                address=None if row["protected"] else _address(row["town"], row["lot"], row["room"]),
            )
            for row in found.to_pylist()
        }


def open_keyring(folder: Path, *, may_create: bool = True) -> Keyring:
    """Open the keyring, making the folder and its secret the first time.

    Raises KizukiError E-STORE-10 if the secret is damaged, or missing while tables made with it exist or the caller
    knows of facts made with it (`may_create` False): a new secret would give every person a new key, and nothing
    stored before would belong to anyone.
    """
    path = folder / "secret.key"
    if may_create or folder.exists():
        _private_folder(folder)
    if not path.exists():
        if not may_create or any(folder.glob("*.parquet")):
            raise _secret_fault(path, "鍵ファイルがありません。")
        write_whole(path, secrets.token_bytes(_SECRET_BYTES), private=True)
    secret = path.read_bytes()
    if len(secret) != _SECRET_BYTES:
        raise _secret_fault(path, "鍵ファイルが壊れています。")
    return Keyring(folder, secret)


def _secret_fault(path: Path, what: str) -> KizukiError:
    why = "これまでに取り込んだ記録と住民を対応づけられません。"
    return KizukiError(Problem(Place(path.name), "E-STORE-10", what, why, "鍵庫(keyring)の控えを戻してください。"))


def _read(path: Path, schema: pa.Schema) -> pa.Table:
    try:
        table = pq.read_table(path, partitioning=None, page_checksum_verification=True)
        date.fromisoformat((table.schema.metadata or {})[_AS_OF].decode())
        if not table.schema.remove_metadata().equals(schema):
            raise ValueError("another schema")
    except (pa.ArrowException, OSError, ValueError, KeyError):
        what = "鍵庫のこの一覧が壊れています。"
        why = "氏名・宛名番号と整理番号を対応づけられず、支援措置の対象も分かりません。"
        remedy = "鍵庫(keyring)の控えを戻してください。控えがなければ、keyringとstoreを空にして取り込み直してください。"
        raise KizukiError(Problem(Place(f"keyring/{path.name}"), "E-STORE-11", what, why, remedy)) from None
    return table


def _address(*parts: str | None) -> str | None:
    return " ".join(part for part in parts if part) or None


def _private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)


def _write(path: Path, table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    write_whole(path, sink.getvalue().to_pybytes(), private=True)
