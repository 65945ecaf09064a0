"""What a run says of itself: everything that went in, by hash, so that it can be made again and compared."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from engine.audit.run_record import RunRecord
from engine.store.catalogue import read_catalogue
from engine.store.tables import Snapshot
from kizuki import __version__
from kizuki.rules.changes import RuleChanges, approval_data
from kizuki.rules.files import RuleFiles

_ENGINES = ("duckdb", "numpy", "sqlglot", "lark", "pyarrow", "pydantic", "durable_rules", "lightgbm")


@dataclass(frozen=True)
class ListInputs:
    """What made the list besides the decisions: the week before, the room of the conference, who is protected today.

    `protected_now`: how many households and how many people were protected when the papers were made. No key of them is kept. `conference_files`: the files of
    the store of conferences, whose names hold their hashes. `weeks`: the runs from which the weeks of households are told, with their seals. `drawn`: how many
    children were to be drawn by chance.
    """

    previous: RunRecord | None
    capacity: int
    meeting_on: date
    protected_now: tuple[int, int]
    conference_files: tuple[str, ...] = ()
    weeks: Mapping[str, str | None] = field(default_factory=dict)
    drawn: int = 0

    def for_manifest(self) -> dict[str, Any]:
        """The same as plain data, with the hashes by which the week before is known again."""
        before = self.previous.manifest if self.previous else {}
        return {
            "previous_decisions": before.get("decisions_content"),
            "previous_seal": before.get("seal"),
            "capacity": self.capacity,
            "meeting_on": self.meeting_on.isoformat(),
            "protected_now": {"households": self.protected_now[0], "people": self.protected_now[1]},
            "conference_files": list(self.conference_files),
            "weeks": dict(self.weeks),
            "drawn": self.drawn,
        }


def make_manifest(
    store: Path,
    *,
    key_id: str,
    rules: RuleFiles,
    snapshot: Snapshot,
    settings: bytes,
    list_inputs: ListInputs,
    changes: RuleChanges,
    replay: str,
    disagreements: Sequence[str],
    model: Mapping[str, Any] | None,
    model_note: str,
    templates: Mapping[str, str],
) -> dict[str, Any]:
    """The manifest without the outputs' hashes and the seal, which publishing adds. Holds no personal data and no float.

    `settings`: the bytes of kizuki.toml as it was read. What differs from machine to machine and from hour to hour is not in
    it, but for `versions`. `model`: which model's scores entered, with the thresholds of its bands; None with a `model_note` that says why the
    rules alone decided. `templates`: SHA-256 of the workbook that the papers are printed from, by its name. docs/run-record.md tells every key.
    """
    used = {(delivery.file, delivery.sha256) for delivery in snapshot.deliveries}
    deliveries = [
        {
            "file": entry.file,
            "source": entry.source,
            "as_of": entry.as_of.isoformat(),
            "sha256": entry.sha256,
            "bytes": entry.bytes,
            "encoding": entry.encoding,
            "received": entry.received,
            "used": entry.used,
            "quarantined": entry.quarantined,
            "footer_rows": entry.footer_rows,
            "statuses": dict(entry.statuses),
            "left_out_columns": list(entry.left_out_columns),
            "subjects": entry.subjects,
            "totals": dict(entry.totals) if entry.totals is not None else None,
            "parts": {part.content: part.sha256 for part in entry.parts},
        }
        for entry in read_catalogue(store)
        if (entry.file, entry.sha256) in used
    ]
    books = {
        content.file: {
            "version": content.version,
            "sha256": content.sha256,
            **approval_data(rules.approvals.approval_of(content)),
        }
        for content in rules.contents
    }
    return {
        "as_of": snapshot.as_of.isoformat(),
        "previous_run": list_inputs.previous.run_id if list_inputs.previous else None,
        "list_inputs": list_inputs.for_manifest(),
        "deliveries": sorted(deliveries, key=lambda d: (str(d["as_of"]), str(d["file"]))),
        "rulebooks": books,
        "approvals": {"sha256": rules.approvals.sha256, "entries": len(rules.approvals.entries)},
        "rule_changes": changes.for_manifest(),
        "scenarios": {
            s.id: {"name": s.scenario.name, "type": s.scenario.hardship_type, "strength": s.scenario.strength}
            for s in rules.plan.scenarios
        },
        "sources": {
            name.removeprefix("sources/"): hashlib.sha256(text).hexdigest()
            for name, text in rules.texts.items()
            if name.startswith("sources/")
        },
        "settings": hashlib.sha256(settings).hexdigest(),
        "templates": dict(templates),
        "model": dict(model) if model is not None else None,
        "model_note": model_note,
        "replay": replay,
        "evaluators_disagree_on": list(disagreements),
        "key_id": key_id,
        "versions": versions_now(),
    }


def versions_now() -> dict[str, str | None]:
    """The code that runs and the libraries that take part in a decision; None for one that is not installed."""
    return {
        "kizuki": __version__,
        "code": _code_digest(),
        "python": platform.python_version(),
        **{name: _version(name) for name in _ENGINES},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _code_digest() -> str:
    """One hash of the engine's and the pipeline's sources: tells whether two runs were made by the same code."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for package in ("engine", "kizuki", "ml_overlay", "reports"):
        for path in sorted((root / package).rglob("*.py")):
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
