"""Copies of the rule files as they were approved (rulebooks/approved/): what an approval's hash stands for, kept to be read."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError
from engine.rulebook.versions.approval import TO_BE_APPROVED, Approval, read_approvals
from kizuki.settings import Workspace


def keep_approved(workspace: Workspace, approved: Approval) -> Path | None:
    """Keep a copy of a file that lies in the workspace just as it was approved; None if it does not."""
    path = workspace.rulebooks / approved.file
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != approved.sha256:
        return None
    version = re.sub(r"[^0-9A-Za-z.]+", "_", approved.version)
    return write_whole(workspace.approved / f"{path.stem}-{version}-{approved.sha256[:12]}.yaml", content)


def keep_all_approved(workspace: Workspace) -> None:
    """Keep a copy of every file that lies there as it was approved: for a new workspace, whose starter set is approved."""
    try:
        book = read_approvals(workspace.approvals, workspace.root)
    except KizukiError:
        return  # told by `rules check` and by the run
    for name in TO_BE_APPROVED:
        if last := book.last_of(name):
            keep_approved(workspace, last)


def approved_text(workspace: Workspace, approved: Approval) -> bytes | None:
    """The bytes that were approved, from the copies or from the record of a run that used them; None where neither has them."""
    stem = Path(approved.file).stem
    places = [*workspace.approved.glob(f"{stem}-*.yaml"), workspace.rulebooks / approved.file]
    places += sorted(workspace.runs.glob(f"R*/rules/rulebooks/{approved.file}"), reverse=True)
    for path in places:
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() == approved.sha256:
            return content
    return None
