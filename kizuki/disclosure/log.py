"""The log of disclosures: one JSON line for each time papers were made. Holds no name of the person and no value.

The tamper-evident log of the project will take its lines from here; what is written is never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from engine.kernel.durable import append_json_line

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
    return append_json_line(folder / LOG, line)
