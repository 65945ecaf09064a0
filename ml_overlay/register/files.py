"""A model as a folder: LightGBM texts and JSON, everything listed by hash, nothing that could run when it is read.

    models/M20261120-3f9a0c41d2b7/
      contents.json    every other file with its size and SHA-256; its own SHA-256 is what an approval names
      model.json       features, calibration, ranks, recipe, inputs, and the hash of each booster
      <type>.<p>.<k>.txt   boosters as LightGBM writes them
      evaluation.json, card.json …   what was known of the model when it was made

A folder never changes: writing the same again does nothing, and other content under the same number is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.audit.canonical import canonical_json
from engine.kernel.durable import sync_folder, write_whole
from engine.kernel.errors import KizukiError, Problem
from ml_overlay.learning.model import OverlayModel
from ml_overlay.register import faults
from ml_overlay.register.plain import FORMAT, MODEL_FILE, model_of, plain_model

CONTENTS_FILE = "contents.json"
MODEL_ID = re.compile(r"M\d{8}-[0-9a-f]{12}", re.ASCII)
_FILE_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,79}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LARGEST_CONTENTS = 1024**2
_LARGEST_FILE = 256 * 1024**2


@dataclass(frozen=True)
class ModelFiles:
    """A model on disk. `sha256` is of contents.json, which lists everything else by hash: it stands for the whole folder."""

    model_id: str
    sha256: str
    folder: Path


@dataclass(frozen=True)
class StoredModel:
    """A model whose every byte was checked before any of it was read. `extra`: the other files, such as evaluation and card."""

    files: ModelFiles
    model: OverlayModel
    extra: Mapping[str, bytes]


def model_id_of(model: OverlayModel) -> str:
    """The number that a model has from its day and its content: the same training gives the same number.

    It holds no clock and no counter; neither evaluation nor card changes it.
    """
    digest = hashlib.sha256(plain_model(model)[0]).hexdigest()
    return f"M{model.as_of:%Y%m%d}-{digest[:12]}"


def write_model(models: Path, model: OverlayModel, extra: Mapping[str, bytes] | None = None) -> ModelFiles:
    """Write a model and what belongs to it into `models/<number>/`, whole or not at all.

    Writing the same again changes nothing. Raises KizukiError (E-MODEL-08) if the number is taken by other content.
    """
    raw, texts = plain_model(model)
    model_id = model_id_of(model)
    files = {MODEL_FILE: raw, **texts}
    for name, content in (extra or {}).items():
        if not _FILE_NAME.fullmatch(name) or name in files or name == CONTENTS_FILE:
            raise ValueError(f"{name}: not the name of a file beside a model")
        files[name] = content
    contents = canonical_json(
        {
            "format": FORMAT,
            "model_id": model_id,
            "files": {name: [len(content), _sha256(content)] for name, content in files.items()},
        }
    )
    written = ModelFiles(model_id, _sha256(contents), models / model_id)
    if written.folder.exists():
        _require_same(written)
        return written
    models.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = models / f".draft-{model_id}"
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    for name, content in {**files, CONTENTS_FILE: contents}.items():
        write_whole(draft / name, content, private=True)
    draft.rename(written.folder)
    sync_folder(models)
    return written


def find_model(models: Path, model_id: str) -> ModelFiles:
    """A model by its number, with the SHA-256 that its folder has now; nothing but contents.json is read.

    Raises KizukiError: E-MODEL-01 where there is none of that number, E-MODEL-03 where its list is missing or no list.
    """
    folder = models / model_id
    if not MODEL_ID.fullmatch(model_id) or not folder.is_dir():
        raise faults.no_such_model(list_models(models))
    return ModelFiles(model_id, _sha256(_read_contents(folder)), folder)


def list_models(models: Path) -> tuple[str, ...]:
    """The numbers of all models in the folder, oldest day first; drafts and strange names are left out."""
    if not models.is_dir():
        return ()
    return tuple(sorted(path.name for path in models.iterdir() if MODEL_ID.fullmatch(path.name) and path.is_dir()))


def read_model(models: Path, model_id: str, sha256: str) -> StoredModel:
    """Read a model that was approved as `sha256`. The hashes of all its files are checked before any of them is parsed.

    Raises KizukiError: E-MODEL-01 no such model; -02 its list is not what was approved; -03 no list; -04 a file is missing; -05 a
    file has other content; -06 a file too many; -07 a format that this version does not know; -09 not what a model must say.
    """
    found = find_model(models, model_id)
    raw = _read_contents(found.folder)
    if _sha256(raw) != sha256:
        raise faults.not_as_approved(model_id, CONTENTS_FILE)
    listed = _listed(raw, model_id)
    files = _checked_files(found.folder, model_id, listed)
    model = model_of(files, model_id)
    try:
        number = model_id_of(model)
    except (ValueError, TypeError, RecursionError):  # texts or numbers that no model of ours holds
        raise faults.misshapen(model_id, MODEL_FILE) from None
    if number != model_id:
        raise faults.misshapen(model_id, MODEL_FILE)
    own = plain_model(model)[1].keys() | {MODEL_FILE}
    return StoredModel(found, model, {name: content for name, content in files.items() if name not in own})


def _listed(raw: bytes, model_id: str) -> dict[str, tuple[int, str]]:
    """What contents.json lists: name → size and SHA-256."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        raise faults.misshapen(model_id, CONTENTS_FILE) from None
    if not isinstance(said, dict):
        raise faults.misshapen(model_id, CONTENTS_FILE)
    if said.get("format") != FORMAT:
        raise faults.unknown_format(model_id, CONTENTS_FILE)
    files = said.get("files")
    if said.get("model_id") != model_id or not isinstance(files, dict) or set(said) != {"format", "model_id", "files"}:
        raise faults.misshapen(model_id, CONTENTS_FILE)
    listed: dict[str, tuple[int, str]] = {}
    for name, entry in files.items():
        match entry:
            case [int(size), str(digest)] if (
                _FILE_NAME.fullmatch(name) and 0 <= size <= _LARGEST_FILE and _SHA256.fullmatch(digest)
            ):
                listed[name] = (size, digest)
            case _:
                raise faults.misshapen(model_id, CONTENTS_FILE)
    return listed


def _checked_files(folder: Path, model_id: str, listed: Mapping[str, tuple[int, str]]) -> dict[str, bytes]:
    """The bytes of all files, exactly those that are listed and exactly as they are listed. Every fault is told at once."""
    problems: list[Problem] = []
    with os.scandir(folder) as entries:
        there = {entry.name for entry in entries}
    for name in sorted(there - listed.keys() - {CONTENTS_FILE}):
        problems.append(faults.extra_file(model_id, name if _FILE_NAME.fullmatch(name) else None))
    files: dict[str, bytes] = {}
    for name, (size, digest) in sorted(listed.items()):
        path = folder / name
        if path.is_symlink() or not path.is_file():
            problems.append(faults.missing_file(model_id, name))
            continue
        with path.open("rb") as file:
            content = file.read(size + 1)
        if len(content) != size or _sha256(content) != digest:
            problems.append(faults.damaged_file(model_id, name))
            continue
        files[name] = content
    if problems:
        raise KizukiError(problems)
    return files


def _read_contents(folder: Path) -> bytes:
    path = folder / CONTENTS_FILE
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST_CONTENTS:
        raise faults.no_list(folder.name, CONTENTS_FILE)
    return path.read_bytes()


def _require_same(written: ModelFiles) -> None:
    """Raise unless the folder holds exactly what would be written."""
    try:
        read_model(written.folder.parent, written.model_id, written.sha256)
    except KizukiError as error:
        raise faults.other_content(written.model_id, sorted({p.code for p in error.problems})) from None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
