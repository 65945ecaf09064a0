"""The log of papers printed again: one JSON line for each time, without a name, so that it is known later which papers there are of a list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from engine.kernel.durable import append_json_line

LOG = "printed.jsonl"


def append_printed(
    out: Path,
    at: datetime,
    run_id: str,
    kind: str,
    cases: Iterable[int] | None,
    template_sha256: str,
    files: Iterable[Path],
) -> Path:
    """Add a line to `out/printed.jsonl`. `cases`: numbers on the list, None for all. Of each file its name and SHA-256."""
    line = {
        "at": at.isoformat(timespec="seconds"),
        "run_id": run_id,
        "kind": kind,
        "cases": None if cases is None else sorted(cases),
        "template": template_sha256,
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }
    return append_json_line(out / LOG, line)
