"""One directory per weekly run: manifest, decisions, cases. Read back without the store; `runs.py` publishes it.

runs/R20261120-01/manifest.json   hashes of everything that went in, verdict, hashes of everything below
runs/R20261120-01/decisions.parquet   one row per child evaluated: tiers, points, truth of every scenario
runs/R20261120-01/conditions.parquet  one row per child evaluated: truth of every numbered condition (sentence)
runs/R20261120-01/scores.parquet  one row per child evaluated: the model's scores and bands; only where a model was used
runs/R20261120-01/scenarios.json  the scenarios' outlines: which sentence is which number
runs/R20261120-01/cases.json      the listed households with their evidence, without names
runs/R20261120-01/conference.json what earlier conferences decided on the households in ① and ②, without the words
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
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
from pydantic import TypeAdapter

from engine.audit.canonical import canonical_json, parquet_bytes, read_table
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.case import Casebook
from engine.records.conference import PastDecision
from engine.records.outline import ScenarioOutline

RULES = "rules"
SCORES = "scores.parquet"
CONFERENCE = "conference.json"
_BESIDE = ("manifest.json", "timings.json")
_CASEBOOK: TypeAdapter[Casebook] = TypeAdapter(Casebook)
_CONFERENCE: TypeAdapter[tuple[PastDecision, ...]] = TypeAdapter(tuple[PastDecision, ...])
_OUTLINES: TypeAdapter[tuple[ScenarioOutline, ...]] = TypeAdapter(tuple[ScenarioOutline, ...])


@dataclass(frozen=True)
class RunContents:
    """What a run leaves to be read later, besides the manifest.

    `decisions`: one row per child (see `RunRecord.decisions`). `conditions`: the same children in the same order,
    `child_key` and `c1` … `cn`, int8, 1, 0 or null for 不明. `replay`: as canonical JSON. `texts`: every file that a person edits and
    that was used, by its path in a workspace. `scores`: the same children with the model's scores and bands; None where no model was used. `conference`: what
    earlier conferences decided on the households in ① and ②, by household, oldest first.
    """

    decisions: pa.Table
    conditions: pa.Table
    outlines: tuple[ScenarioOutline, ...]
    casebook: Casebook
    replay: Mapping[str, Any]
    texts: Mapping[str, bytes]
    scores: pa.Table | None = None
    conference: tuple[PastDecision, ...] = ()

    def files(self) -> dict[str, bytes]:
        """The bytes of every file of the record but the manifest, by path in the run's folder."""
        return {
            "decisions.parquet": parquet_bytes(self.decisions),
            "conditions.parquet": parquet_bytes(self.conditions),
            **({} if self.scores is None else {SCORES: parquet_bytes(self.scores)}),
            "scenarios.json": _OUTLINES.dump_json(self.outlines),
            "cases.json": _CASEBOOK.dump_json(self.casebook),
            CONFERENCE: _CONFERENCE.dump_json(self.conference),
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
        """One row per child: child_key, household_key, tier, rule_tier, points, tier_<type>, <scenario>, <scenario>_cancelled."""
        return read_table(self._checked("decisions.parquet"))

    def tiers(self) -> pa.Table:
        """Of `decisions` only household_key and tier: quick enough to be asked of a year of runs."""
        return read_table(self._checked("decisions.parquet"), ("household_key", "tier"))

    def conditions(self) -> pa.Table:
        """One row per child, as in `decisions`: child_key, c1 … cn, each 1, 0 or null (不明). Which is which: `outlines`."""
        return read_table(self._checked("conditions.parquet"))

    def scores(self) -> pa.Table | None:
        """One row per child, as in `decisions`: the model's scores and bands; None where the rules alone decided.

        `engine.tiers.week_scores.recorded_scores` reads it.
        """
        if self.manifest.get("model") is None:
            return None
        if SCORES not in self.manifest["outputs"]:
            raise self.damaged(SCORES)
        try:
            return read_table(self._checked(SCORES))
        except pa.ArrowException:
            raise self.damaged(SCORES) from None

    def outlines(self) -> tuple[ScenarioOutline, ...]:
        """Every scenario that was judged, line by line over the numbers of `conditions`."""
        return _OUTLINES.validate_json(self._checked("scenarios.json"))

    def casebook(self) -> Casebook:
        """The listed households with their evidence."""
        return _CASEBOOK.validate_json(self._checked("cases.json"))

    def conference(self) -> tuple[PastDecision, ...]:
        """What earlier conferences had decided on the households in ① and ②; empty in records of runs before 2026-11-28."""
        if CONFERENCE not in self.manifest["outputs"]:
            return ()
        return _CONFERENCE.validate_json(self._checked(CONFERENCE))

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
        """What is not as it was published: files with other bytes or missing, and whatever the manifest does not know.

        A link is never what was published, wherever it leads; nor is a folder in which no file of the record lies.
        """
        outputs = self.manifest["outputs"]
        folders = {parent.as_posix() for name in outputs for parent in PurePosixPath(name).parents}
        there, others = set(), set()
        for path in self.folder.rglob("*"):
            name = path.relative_to(self.folder).as_posix()
            if path.is_file() and not path.is_symlink():
                there.add(name)
            elif path.is_symlink() or not path.is_dir() or name not in folders:
                others.add(name)
        changed = {name for name in outputs if name not in there or _sha256(self.folder / name) != outputs[name]}
        return sorted(changed | others | (there - {*outputs, *_BESIDE}))

    def _checked(self, name: str) -> bytes:
        path = self.folder / name
        content = path.read_bytes() if path.is_file() else None
        if content is None or hashlib.sha256(content).hexdigest() != self.manifest["outputs"][name]:
            raise self.damaged(name)
        return content

    def damaged(self, name: str) -> KizukiError:
        """E-STORE-21: a file of the record is not what was published."""
        return KizukiError(self._changed(name))

    def _changed(self, name: str) -> Problem:
        return Problem(
            Place(f"runs/{self.run_id}/{name}"),
            "E-STORE-21",
            "記録が、作られたときの内容と違います。",
            "この記録から判定の理由を示すことはできません。",
            "控え(バックアップ)から戻し、管理者に知らせてください。",
        )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
