"""One directory per weekly run: manifest, decisions, cases. Published by one rename; read back without the store.

runs/R20261120-01/manifest.json   hashes of everything that went in, verdict, hashes of everything below
runs/R20261120-01/decisions.parquet   one row per child evaluated: tiers, points, truth of every scenario
runs/R20261120-01/cases.json      the listed households with their evidence, without names
runs/CURRENT                      the id of the newest run
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from engine.kernel.durable import sync_folder, write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.case import Casebook

RUN_ID = re.compile(r"R(\d{8})-(\d{2})")
_CASEBOOK: TypeAdapter[Casebook] = TypeAdapter(Casebook)


@dataclass(frozen=True)
class RunRecord:
    """A published run, opened for reading. Every file is checked against the manifest's hash when it is read."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def run_id(self) -> str:
        """R + as-of day + number of the run on that day."""
        return self.folder.name

    @property
    def as_of(self) -> date:
        """The day whose state was judged."""
        return date.fromisoformat(self.manifest["as_of"])

    def decisions(self) -> pa.Table:
        """One row per child: child_key, household_key, tier, points, tier_<type>, <scenario>, <scenario>_cancelled."""
        return pq.read_table(pa.BufferReader(self._checked("decisions.parquet")))

    def casebook(self) -> Casebook:
        """The listed households with their evidence."""
        return _CASEBOOK.validate_json(self._checked("cases.json"))

    def _checked(self, name: str) -> bytes:
        content = (self.folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.manifest["outputs"][name]:
            raise KizukiError(
                Problem(
                    Place(f"runs/{self.run_id}/{name}"),
                    "E-STORE-21",
                    "記録が、作られたときの内容と違います。",
                    "この記録から判定の理由を示すことはできません。",
                    "控え(バックアップ)から戻し、管理者に知らせてください。",
                )
            )
        return content


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys and no floats: equal content is equal bytes."""
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a float must not enter a record")
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
        _refuse_floats(child)


def next_run_id(runs: Path, as_of: date) -> str:
    """The id of the next run of an as-of day."""
    stem = f"R{as_of:%Y%m%d}"
    used = [int(match[2]) for path in runs.glob(f"{stem}-*") if (match := RUN_ID.fullmatch(path.name))]
    return f"{stem}-{max(used, default=0) + 1:02d}"


def publish(runs: Path, run_id: str, manifest: Mapping[str, Any], decisions: pa.Table, casebook: Casebook) -> RunRecord:
    """Write a run into a staging folder, flush it, rename it into place, and point CURRENT at it.

    Whenever it is killed, `runs/` holds the earlier runs whole and either all or nothing of this one.
    """
    staging = runs / f".staging-{run_id}"
    sweep(runs)
    staging.mkdir(parents=True)
    sink = pa.BufferOutputStream()
    pq.write_table(decisions, sink, compression="zstd", write_statistics=False)
    outputs = {
        "decisions.parquet": sink.getvalue().to_pybytes(),
        "cases.json": _CASEBOOK.dump_json(casebook),
    }
    for name, content in outputs.items():
        write_whole(staging / name, content)
    complete = {
        **manifest,
        "run_id": run_id,
        "outputs": {name: hashlib.sha256(content).hexdigest() for name, content in outputs.items()},
        "decisions_content": table_digest(decisions),
    }
    write_whole(staging / "manifest.json", canonical_json(complete))
    sync_folder(staging)
    os.rename(staging, runs / run_id)
    sync_folder(runs)
    write_whole(runs / "CURRENT", f"{run_id}\n".encode())
    return RunRecord(runs / run_id, complete)


def sweep(runs: Path) -> None:
    """Remove what an interrupted run left behind; published runs are never touched."""
    runs.mkdir(parents=True, exist_ok=True)
    for leftover in runs.glob(".staging-*"):
        shutil.rmtree(leftover)


def table_digest(table: pa.Table) -> str:
    """A hash of a table's content that does not depend on the Parquet writer."""
    digest = hashlib.sha256()
    for name in table.column_names:
        digest.update(name.encode())
        digest.update(json.dumps(table.column(name).to_pylist(), ensure_ascii=False, separators=(",", ":")).encode())
    return digest.hexdigest()


def open_run(runs: Path, run_id: str | None = None) -> RunRecord:
    """A published run by id, or the newest one. Raises KizukiError (E-RUN) when there is none."""
    if run_id is None:
        pointer = runs / "CURRENT"
        if not pointer.is_file():
            raise KizukiError(_no_run("実行の記録がまだありません。", "先に `kizuki run` を実行してください。"))
        run_id = pointer.read_text().strip()
    if not RUN_ID.fullmatch(run_id) or not (runs / run_id / "manifest.json").is_file():
        known = sorted(path.name for path in runs.glob("R*") if RUN_ID.fullmatch(path.name))
        shown = "、".join(known[-5:]) or "なし"
        raise KizukiError(
            _no_run("その番号の実行の記録はありません。", f"番号を確かめてください(新しいもの: {shown})。")
        )
    return RunRecord(runs / run_id, json.loads((runs / run_id / "manifest.json").read_bytes()))


def previous_run(runs: Path, as_of: date) -> RunRecord | None:
    """The newest published run of an earlier as-of day: "last week" for the list."""
    earlier = [
        path.name
        for path in runs.glob("R*")
        if (match := RUN_ID.fullmatch(path.name))
        and match[1] < f"{as_of:%Y%m%d}"
        and (path / "manifest.json").is_file()
    ]
    return open_run(runs, max(earlier)) if earlier else None


def _no_run(what: str, remedy: str) -> Problem:
    return Problem(Place("runs"), "E-RUN-01", what, "示すものがありません。", remedy)
