"""The catalogue of deliveries: one JSON line per file ever taken in, and the Parquet parts that hold its records.

The catalogue is what makes a part exist: a part that no line names is debris of an interrupted run and is never read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem

CATALOGUE = "deliveries.jsonl"


@dataclass(frozen=True)
class Part:
    """One Parquet file: what it holds (`facts/<record>`, `persons`, `kin`, `held`), where, and its SHA-256."""

    content: str
    path: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class Entry:
    """One delivered file as it entered the store. `statuses` counts used rows by linkage status.

    `urgent_unlinked` and `unattributed` are those of `LinkedDelivery`; 0 in lines written before they were counted.
    `layout_sha256` and `vocabulary_sha256` tell with which definitions it was read; "" where that was not yet kept.
    `subjects` and `totals` are its control totals; `totals` is None in lines written before they were kept.
    """

    source: str
    label: str
    file: str
    sha256: str
    as_of: date
    is_correction: bool
    bytes: int
    encoding: str
    received: int
    used: int
    quarantined: int
    footer_rows: int
    left_out_columns: tuple[str, ...]
    statuses: Mapping[str, int]
    parts: tuple[Part, ...]
    urgent_unlinked: int = 0
    unattributed: int = 0
    layout_sha256: str = ""
    vocabulary_sha256: str = ""
    subjects: int | None = None
    totals: Mapping[str, int | None] | None = None

    def part(self, content: str) -> Part | None:
        """The part with this content, if the delivery has one."""
        return next((part for part in self.parts if part.content == content), None)


def read_catalogue(store: Path) -> tuple[Entry, ...]:
    """All entries in the order in which they were taken in. Raises KizukiError E-STORE-01 if a line is damaged."""
    path = store / CATALOGUE
    if not path.exists():
        return ()
    state = path.stat()
    return _read(path, (state.st_ino, state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=4)
def _read(path: Path, _state: tuple[int, int, int]) -> tuple[Entry, ...]:
    # Asked once for each delivered file; the file's state in the key makes a stale answer impossible.
    entries, problems = [], []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            entries.append(_entry(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            what = "受領台帳のこの行が読めません。"
            why = "どのデータを受け取ったか確かめられません。"
            problems.append(
                Problem(Place(CATALOGUE, number), "E-STORE-01", what, why, "控えの受領台帳を戻してください。")
            )
    if problems:
        raise KizukiError(problems)
    return tuple(entries)


def append_entry(store: Path, entry: Entry) -> None:
    """Add a line; the file is replaced as a whole, so that it is never half written."""
    path = store / CATALOGUE
    before = path.read_bytes() if path.exists() else b""
    data = asdict(entry) | {"as_of": entry.as_of.isoformat()}
    line = json.dumps(data, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    write_whole(path, before + line)


def read_part(store: Path, part: Part) -> bytes:
    """The bytes of a part. Raises KizukiError E-STORE-02 where it is missing or not what was written."""
    path = store / part.path
    content = path.read_bytes() if path.exists() else None
    if content is None or hashlib.sha256(content).hexdigest() != part.sha256:
        what = "保存データがありません。" if content is None else "保存データが受領時から変わっています。"
        why = "この記録をもとに判定すると、根拠を確かめられません。"
        remedy = "控えから戻すか、storeフォルダを空にして受領ファイルを取り込み直してください。"
        raise KizukiError(Problem(Place(part.path), "E-STORE-02", what, why, remedy))
    return content


def _entry(data: Mapping[str, Any]) -> Entry:
    return Entry(
        **{
            **data,
            "as_of": date.fromisoformat(data["as_of"]),
            "left_out_columns": tuple(data["left_out_columns"]),
            "parts": tuple(Part(**part) for part in data["parts"]),
        }
    )
