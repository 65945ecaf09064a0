"""The log of disclosures: one JSON line for each time papers were made. Holds no name of the person and no value.

The tamper-evident log of the project will take its lines from here; what is written is never changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

LOG = "log.jsonl"


def append_line(
    folder: Path, at: datetime, person_key: str, requester: str, reason: str, officer: str, papers: Mapping[str, str]
) -> Path:
    """Add one line and flush it to disk. `papers`: SHA-256 by file name, so that a paper can be told from a forged one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    line = {
        "at": at.isoformat(timespec="seconds"),
        "person_key": person_key,
        "requester": requester,
        "reason": reason,
        "officer": officer,
        "papers": dict(papers),
    }
    path = folder / LOG
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return path
