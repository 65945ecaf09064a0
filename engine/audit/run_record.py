"""One directory per weekly run: manifest, decisions, cases. Published by one rename; read back without the store.

runs/R20261120-01/manifest.json   hashes of everything that went in, verdict, hashes of everything below
runs/R20261120-01/decisions.parquet   one row per child evaluated: tiers, points, truth of every scenario
runs/R20261120-01/conditions.parquet  one row per child evaluated: truth of every numbered condition (sentence)
runs/R20261120-01/scenarios.json  the scenarios' outlines: which sentence is which number
runs/R20261120-01/cases.json      the listed households with their evidence, without names
runs/R20261120-01/replay.json     what the second engine was asked, what it answered otherwise, what it did not replay
runs/R20261120-01/rules/…         the rulebooks, tiers, vocabulary, approvals, source layouts and kizuki.toml as they were used
runs/R20261120-01/timings.json    how long it took; no part of the record, for it differs from run to run
runs/CURRENT                      the id of the newest run

docs/run-record.md lists every key of the manifest. Its `seal` is the hash of all the rest of it, and the next run names the seal
of the run before: what was changed later can be told, if not by whom.
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
from engine.records.outline import ScenarioOutline

RUN_ID = re.compile(r"R(\d{8})-(\d{2})")
RULES = "rules"
_BESIDE = ("manifest.json", "timings.json")
_CASEBOOK: TypeAdapter[Casebook] = TypeAdapter(Casebook)
_OUTLINES: TypeAdapter[tuple[ScenarioOutline, ...]] = TypeAdapter(tuple[ScenarioOutline, ...])


@dataclass(frozen=True)
class RunContents:
    """What a run leaves to be read later, besides the manifest.

    `decisions`: one row per child (see `RunRecord.decisions`). `conditions`: the same children in the same order,
    `child_key` and `c1` … `cn`, int8, 1, 0 or null for 不明. `replay`: as canonical JSON. `texts`: every file that a person edits and
    that was used, by its path in a workspace.
    """

    decisions: pa.Table
    conditions: pa.Table
    outlines: tuple[ScenarioOutline, ...]
    casebook: Casebook
    replay: Mapping[str, Any]
    texts: Mapping[str, bytes]

    def files(self) -> dict[str, bytes]:
        """The bytes of every file of the record but the manifest, by path in the run's folder."""
        return {
            "decisions.parquet": parquet_bytes(self.decisions),
            "conditions.parquet": parquet_bytes(self.conditions),
            "scenarios.json": _OUTLINES.dump_json(self.outlines),
            "cases.json": _CASEBOOK.dump_json(self.casebook),
            "replay.json": canonical_json(self.replay),
            **{f"{RULES}/{name}": content for name, content in self.texts.items()},
        }


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
        return _read_table(self._checked("decisions.parquet"))

    def conditions(self) -> pa.Table:
        """One row per child, as in `decisions`: child_key, c1 … cn, each 1, 0 or null (不明). Which is which: `outlines`."""
        return _read_table(self._checked("conditions.parquet"))

    def outlines(self) -> tuple[ScenarioOutline, ...]:
        """Every scenario that was judged, line by line over the numbers of `conditions`."""
        return _OUTLINES.validate_json(self._checked("scenarios.json"))

    def casebook(self) -> Casebook:
        """The listed households with their evidence."""
        return _CASEBOOK.validate_json(self._checked("cases.json"))

    def replay(self) -> Mapping[str, Any]:
        """What the second engine was asked, what it answered otherwise, and what it did not replay."""
        found: Mapping[str, Any] = json.loads(self._checked("replay.json"))
        return found

    @property
    def is_complete(self) -> bool:
        """Whether every sentence's truth was kept; records before 2026-11-27 hold the scenarios' only."""
        return "conditions.parquet" in self.manifest["outputs"]

    @property
    def rules_folder(self) -> Path:
        """Where the rule files lie, laid out as in a workspace. Read them through `rules`, which checks them."""
        return self.folder / RULES

    def rules(self) -> Mapping[str, bytes]:
        """Every rule file as it was used, by its path in a workspace (rulebooks/abuse.yaml).

        Empty for a run that was recorded before rule files were kept. Raises KizukiError E-STORE-21 if one was changed,
        is missing or was put there later.
        """
        kept = [name for name in self.manifest["outputs"] if name.startswith(f"{RULES}/")]
        texts = {name.removeprefix(f"{RULES}/"): self._checked(name) for name in kept}
        there = {path for path in self.rules_folder.rglob("*") if path.is_file()} if kept else set()
        for path in sorted(there - {self.folder / name for name in kept}):
            raise KizukiError(self._changed(path.relative_to(self.folder).as_posix()))
        return texts

    def text(self, name: str) -> bytes | None:
        """One file as it was used, by its path in a workspace; None if it was not kept. Raises KizukiError as `rules`."""
        kept = f"{RULES}/{name}"
        return self._checked(kept) if kept in self.manifest["outputs"] else None

    def changed_files(self) -> list[str]:
        """What is not as it was published: files with other bytes or missing, and files that the manifest does not know."""
        outputs = self.manifest["outputs"]
        there = {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}
        changed = {name for name in outputs if name not in there or _sha256(self.folder / name) != outputs[name]}
        return sorted(changed | (there - {*outputs, *_BESIDE}))

    def _checked(self, name: str) -> bytes:
        path = self.folder / name
        content = path.read_bytes() if path.is_file() else None
        if content is None or hashlib.sha256(content).hexdigest() != self.manifest["outputs"][name]:
            raise KizukiError(self._changed(name))
        return content

    def _changed(self, name: str) -> Problem:
        return Problem(
            Place(f"runs/{self.run_id}/{name}"),
            "E-STORE-21",
            "記録が、作られたときの内容と違います。",
            "この記録から判定の理由を示すことはできません。",
            "控え(バックアップ)から戻し、管理者に知らせてください。",
        )


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


def publish(runs: Path, run_id: str, manifest: Mapping[str, Any], contents: RunContents) -> RunRecord:
    """Write a run into a staging folder, flush it, rename it into place, and point CURRENT at it.

    Whenever it is killed, `runs/` holds the earlier runs whole and either all or nothing of this one.
    """
    staging = runs / f".staging-{run_id}"
    sweep(runs)
    staging.mkdir(parents=True)
    outputs = contents.files()
    for name, content in outputs.items():
        write_whole(staging / name, content)
    complete = sealed(
        {
            **manifest,
            "run_id": run_id,
            "outputs": {name: hashlib.sha256(content).hexdigest() for name, content in outputs.items()},
            "decisions_content": table_digest(contents.decisions),
            "conditions_content": table_digest(contents.conditions),
        }
    )
    write_whole(staging / "manifest.json", canonical_json(complete))
    sync_folder(staging)
    os.rename(staging, runs / run_id)
    sync_folder(runs)
    if newest_run_id(runs) == run_id:
        write_whole(runs / "CURRENT", f"{run_id}\n".encode())
    return RunRecord(runs / run_id, complete)


def sealed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest with the hash of everything else that it says."""
    said = {name: value for name, value in manifest.items() if name != "seal"}
    return {**said, "seal": hashlib.sha256(canonical_json(said)).hexdigest()}


def _is_intact(manifest: Mapping[str, Any], raw: bytes) -> bool:
    """Whether a manifest is byte for byte what was written; those written before 2026-11-27 have no seal to tell it."""
    return "seal" not in manifest or (sealed(manifest) == manifest and canonical_json(manifest) == raw)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as the record keeps it: the same content is the same bytes, however it came to be cut into chunks."""
    sink = pa.BufferOutputStream()
    plain = table.combine_chunks().replace_schema_metadata(None)
    pq.write_table(plain, sink, compression="zstd", write_statistics=False)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _read_table(content: bytes) -> pa.Table:
    # Not `pq.read_table`: it imports pyarrow.dataset, which takes longer than a trace may take to read a city's decisions.
    return pq.ParquetFile(pa.BufferReader(content)).read()


def newest_run_id(runs: Path) -> str | None:
    """The published run with the newest as-of day, the last one of that day; re-running an old week changes nothing."""
    return max(published_ids(runs), default=None)


def published_ids(runs: Path) -> list[str]:
    """Ids of all published runs, oldest as-of day first."""
    return sorted(p.name for p in runs.glob("R*") if RUN_ID.fullmatch(p.name) and (p / "manifest.json").is_file())


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
    """A published run by id, or the newest one.

    Raises KizukiError: E-RUN-01 when there is none, E-STORE-22 when its manifest is damaged.
    """
    if run_id is None:
        pointer = runs / "CURRENT"
        if not pointer.is_file():
            raise KizukiError(_no_run("実行の記録がまだありません。", "先に `kizuki run` を実行してください。"))
        run_id = pointer.read_bytes().decode("ascii", errors="replace").strip()
    known = published_ids(runs)
    if run_id not in known:
        shown = "、".join(known[-5:]) or "なし"
        raise KizukiError(
            _no_run("その番号の実行の記録はありません。", f"番号を確かめてください(新しいもの: {shown})。")
        )
    try:
        raw = (runs / run_id / "manifest.json").read_bytes()
        manifest = json.loads(raw)
        date.fromisoformat(manifest["as_of"])
        if not _is_intact(manifest, raw):
            raise ValueError("the manifest is not what was sealed")
    except (ValueError, KeyError, TypeError):
        raise KizukiError(
            Problem(
                Place(f"runs/{run_id}/manifest.json"),
                "E-STORE-22",
                "実行の記録の目録が壊れています。",
                "この記録から判定の理由を示すことはできません。",
                "控え(バックアップ)から戻し、管理者に知らせてください。",
            )
        ) from None
    return RunRecord(runs / run_id, manifest)


def previous_run(runs: Path, as_of: date) -> tuple[RunRecord | None, list[Problem]]:
    """The newest sound run of an earlier as-of day ("last week" for the list), and what was wrong with newer ones.

    A damaged record must not stop this week's conference; it is passed over and named.
    """
    problems: list[Problem] = []
    for run_id in reversed(published_ids(runs)):
        if run_id[1:9] >= f"{as_of:%Y%m%d}":
            continue
        try:
            record = open_run(runs, run_id)
            record.decisions()
        except KizukiError as error:
            problems += error.problems
            continue
        return record, problems
    return None, problems


def _no_run(what: str, remedy: str) -> Problem:
    return Problem(Place("runs"), "E-RUN-01", what, "示すものがありません。", remedy)
