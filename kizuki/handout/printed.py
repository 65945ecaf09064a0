"""The log of papers printed again: one JSON line for each time, without a name, so that it is known later which papers there are of a list."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

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
    path = out / LOG
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return path
