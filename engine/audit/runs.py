"""The folder of all runs: a run is published by one rename, and opened by its number.

`runs/CURRENT` names the newest. Whatever happens while a run is written, `runs/` holds the earlier ones whole.
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

from engine.audit.canonical import canonical_json, head_of, is_intact, sealed, table_digest
from engine.audit.run_record import RunContents, RunRecord
from engine.kernel.durable import sync_folder, write_whole
from engine.kernel.errors import KizukiError, Place, Problem

RUN_ID = re.compile(r"R(\d{8})-(\d{2})")


def next_run_id(runs: Path, as_of: date) -> str:
    """The id of the next run of an as-of day."""
    stem = f"R{as_of:%Y%m%d}"
    used = [int(match[2]) for path in runs.glob(f"{stem}-*") if (match := RUN_ID.fullmatch(path.name))]
    return f"{stem}-{max(used, default=0) + 1:02d}"


@dataclass(frozen=True)
class SealedRun:
    """A run that is complete and sealed, and of which nothing has been written yet."""

    run_id: str
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]

    @property
    def head(self) -> str:
        """What the papers print of the record."""
        return head_of(self.manifest)


def seal_run(run_id: str, manifest: Mapping[str, Any], contents: RunContents) -> SealedRun:
    """Everything that a run leaves, in memory: the bytes of its files, and the manifest with their hashes and its seal."""
    files = contents.files()
    complete = sealed(
        {
            **manifest,
            "run_id": run_id,
            "outputs": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
            "decisions_content": table_digest(contents.decisions),
            "conditions_content": table_digest(contents.conditions),
            **({} if contents.scores is None else {"scores_content": table_digest(contents.scores)}),
        }
    )
    return SealedRun(run_id, complete, files)


def publish(runs: Path, run: SealedRun) -> RunRecord:
    """Write a run into a staging folder, flush it, rename it into place, and point CURRENT at it.

    Whenever it is killed, `runs/` holds the earlier runs whole and either all or nothing of this one.
    """
    staging = runs / f".staging-{run.run_id}"
    sweep(runs)
    staging.mkdir(parents=True)
    for name, content in run.files.items():
        write_whole(staging / name, content)
    write_whole(staging / "manifest.json", canonical_json(run.manifest))
    sync_folder(staging)
    os.rename(staging, runs / run.run_id)
    sync_folder(runs)
    if newest_run_id(runs) == run.run_id:
        write_whole(runs / "CURRENT", f"{run.run_id}\n".encode())
    return RunRecord(runs / run.run_id, run.manifest)


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
        if not is_intact(manifest, raw):
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
            record.scores()
        except KizukiError as error:
            problems += error.problems
            continue
        return record, problems
    return None, problems


def _no_run(what: str, remedy: str) -> Problem:
    return Problem(Place("runs"), "E-RUN-01", what, "示すものがありません。", remedy)
