"""Whose store it is: facts belong to people only through the secret that made their keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.store.catalogue import read_catalogue

KEY_FILE = "key_id"
_REMEDY = "鍵庫(keyring)の控えを戻してください。控えがなければ、keyringとstoreを空にして、受領ファイルを取り込み直してください。"


def holds_deliveries(store: Path) -> bool:
    """Whether anything has been taken in: then a new secret must not be made."""
    return bool(read_catalogue(store))


def key_of(store: Path) -> str:
    """The number of the key to which a store belongs; empty where it does not say."""
    path = store / KEY_FILE
    return path.read_text("utf-8", errors="replace").strip() if path.is_file() else ""


def require_key(store: Path, key_id: str, known_days: Mapping[str, date | None] | None = None) -> None:
    """Make an empty store belong to a key, and refuse a store that belongs to another one.

    `known_days` tells by source the day whose state the keyring shows; it must not be behind what the store holds of
    that source, or its register, list of protected people or numbers are lost or older than the facts.

    Raises KizukiError E-STORE-12 where the store was made with another key or does not say with which, E-STORE-13 where
    a part of the keyring is missing or out of date.
    """
    path = store / KEY_FILE
    entries = read_catalogue(store)
    if not entries:
        write_whole(path, f"{key_id}\n".encode())
        return
    made_with = path.read_text("utf-8", errors="replace").strip() if path.exists() else None
    if made_with != key_id:
        what = (
            "保管した事実が、どの鍵でつくられたか分かりません(key_idのファイルがありません)。"
            if made_with is None
            else "保管した事実は、いまの鍵庫とは別の鍵でつくられています。"
        )
        why = "同じ人の記録がつながらず、困難のある家庭が一覧から消えます。"
        raise KizukiError(Problem(Place(f"store/{KEY_FILE}"), "E-STORE-12", what, why, _REMEDY))
    problems = []
    for source, day in (known_days or {}).items():
        newest = max((entry for entry in entries if entry.source == source), key=lambda e: e.as_of, default=None)
        if newest is None or (day is not None and day >= newest.as_of):
            continue
        what = (
            f"鍵庫に「{newest.label}」の一覧がありません。"
            if day is None
            else f"鍵庫の「{newest.label}」の一覧({day.isoformat()})が、保管した事実({newest.as_of.isoformat()})より古くなっています。"
        )
        why = "住民・支援措置・番号の対応が、保管した事実と食い違います。"
        problems.append(Problem(Place("keyring"), "E-STORE-13", what, why, _REMEDY))
    if problems:
        raise KizukiError(problems)
