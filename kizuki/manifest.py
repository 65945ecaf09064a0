"""What a run says of itself: everything that went in, by hash, so that it can be made again and compared."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from engine.audit.run_record import RunRecord
from engine.store.catalogue import read_catalogue
from engine.store.tables import Snapshot
from kizuki import __version__
from kizuki.rules.changes import RuleChanges, approval_data
from kizuki.rules.files import RuleFiles
from kizuki.settings import SETTINGS_FILE, Workspace


def make_manifest(
    workspace: Workspace,
    *,
    key_id: str,
    rules: RuleFiles,
    snapshot: Snapshot,
    previous: RunRecord | None,
    changes: RuleChanges,
    replay: str,
    disagreements: Sequence[str],
) -> Mapping[str, Any]:
    """The manifest without the outputs' hashes, which publishing adds. Holds no personal data and no float."""
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
        }
        for entry in read_catalogue(workspace.store)
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
        "previous_run": previous.run_id if previous else None,
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
        "settings": _sha256(workspace.root / SETTINGS_FILE),
        "model": None,
        "replay": replay,
        "evaluators_disagree_on": list(disagreements),
        "key_id": key_id,
        "versions": {
            "kizuki": __version__,
            "code": _code_digest(),
            "python": platform.python_version(),
            "duckdb": version("duckdb"),
            "sqlglot": version("sqlglot"),
            "lark": version("lark"),
            "pyarrow": version("pyarrow"),
        },
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _code_digest() -> str:
    """One hash of the engine's and the pipeline's sources: tells whether two runs were made by the same code."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for package in ("engine", "kizuki", "ml_overlay", "reports"):
        for path in sorted((root / package).rglob("*.py")):
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
