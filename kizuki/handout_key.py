"""The key that seals handouts: `keyring/handout.key`, random, of its own. It never leaves the machine and is in no workbook.

Whoever has it could print sheets that pass for ours, and learns nothing of anyone: it makes no pseudonym.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from kizuki.settings import Workspace
from reports.seal import Seal, sealing_with

HANDOUT_KEY = "handout.key"
_BYTES = 32


def sealing(workspace: Workspace) -> Seal:
    """What seals the sheets of a handout while it is written; the key is made the first time.

    The workspace must be locked. Raises KizukiError E-READ-20 where the key is damaged.
    """
    key = handout_key(workspace)
    if key is None:
        key = secrets.token_bytes(_BYTES)
        workspace.keyring.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(_path(workspace), key, private=True)
    return sealing_with(key)


def handout_key(workspace: Workspace) -> bytes | None:
    """The key, None where there is none (never made, or lost: then sheets read as sealed with another key).

    Raises KizukiError E-READ-20 where it is damaged.
    """
    path = _path(workspace)
    if not path.exists():
        return None
    key = path.read_bytes()
    if len(key) != _BYTES:
        raise KizukiError(
            Problem(
                Place(f"keyring/{HANDOUT_KEY}"),
                "E-READ-20",
                "会議資料の封印の鍵が壊れています。",
                "資料に封印をつけることも、戻ってきた資料が書き換えられていないかを確かめることもできません。",
                "鍵庫(keyring)の控えからこのファイルを戻してください。控えがないときはこのファイルを消すと新しい鍵ができますが、"
                "それまでの資料の封印は確かめられなくなります。",
            )
        )
    return key


def _path(workspace: Workspace) -> Path:
    return workspace.keyring / HANDOUT_KEY
