"""Which model a city uses, who said so, on what day and why: a book that only grows (models/approvals.yaml).

An entry is of bytes: model number and SHA-256 of its contents.json together. 使う takes a model into use from the next run on, in place of
the one before; an entry that names an earlier model is the way back. 使わない takes the model out of use, and none is used.
The last entry counts. One that cannot be read is never passed over: then nobody knows which model is meant, and none is used.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import StrictModel, read_yaml, validate
from engine.rulebook.versions.approval import one_line, quoted

APPROVALS = "approvals.yaml"
Kind = Literal["使う", "使わない"]

HEADING = """\
# モデルの承認簿: だれが、いつ、どのモデルを使うと決めたか。`kizuki model approve` と `rollback` が最後に書き足します。
# 前の記載は直したり消したりしません。いちばん下の記載が、次の実行から効きます。sha256 はモデルの中身の指紋です。
承認:
"""


class _EntryText(StrictModel):
    model_id: str = Field(alias="モデル", pattern=r"^M\d{8}-[0-9a-f]{12}$")
    sha256: str = Field(alias="sha256", pattern=r"^[0-9a-f]{64}$")
    kind: Kind = Field(alias="種別")
    by: str = Field(alias="承認者", min_length=1)
    on: date = Field(alias="日")
    reason: str = Field(alias="理由", min_length=1)


@dataclass(frozen=True)
class ModelApproval:
    """One entry: this model, with exactly this content, is used (使う) or no longer used (使わない)."""

    model_id: str
    sha256: str
    kind: Kind
    by: str
    on: date
    reason: str


@dataclass(frozen=True)
class ModelBook:
    """All entries, oldest first. `sha256` is of the book's bytes."""

    entries: tuple[ModelApproval, ...] = ()
    sha256: str = hashlib.sha256(b"").hexdigest()

    @property
    def in_use(self) -> ModelApproval | None:
        """The entry by which a model is used; None where none is."""
        last = self.entries[-1] if self.entries else None
        return last if last is not None and last.kind == "使う" else None

    @property
    def before(self) -> ModelApproval | None:
        """The newest entry that took another model into use than the last one named: where a rollback leads."""
        if not self.entries:
            return None
        now = (self.entries[-1].model_id, self.entries[-1].sha256)
        used = (e for e in reversed(self.entries) if e.kind == "使う" and (e.model_id, e.sha256) != now)
        return next(used, None)


def read_model_book(models: Path) -> ModelBook:
    """Read the book; a missing one is empty. Raises KizukiError where it is no YAML (E-YAML-…) or an entry cannot be read (E-MODEL-10)."""
    path = models / APPROVALS
    if not path.is_file():
        return ModelBook()
    document = read_yaml(path, models.parent)
    listed = document.data.get("承認") if isinstance(document.data, dict) else None
    if listed is None and isinstance(document.data, dict) and set(document.data) == {"承認"}:
        listed = []
    if not isinstance(listed, list) or set(document.data) != {"承認"}:
        raise KizukiError(_unreadable(Place(f"models/{APPROVALS}"), "一覧「承認」の形が変わっています"))
    entries: list[ModelApproval] = []
    problems: list[Problem] = []
    for index in range(len(listed)):
        try:
            text = validate(document, _EntryText, kind="MODEL", base=("承認", index))
        except KizukiError as error:
            problems += [_unreadable(problem.place, problem.what.rstrip("。")) for problem in error.problems]
            continue
        entries.append(ModelApproval(text.model_id, text.sha256, text.kind, text.by, text.on, text.reason))
    if problems:
        raise KizukiError(problems)
    return ModelBook(tuple(entries), hashlib.sha256(path.read_bytes()).hexdigest())


def model_in_use(models: Path) -> tuple[str, str, ModelApproval] | None:
    """Number, SHA-256 and entry of the model that the next run uses; None where none is approved or it was taken out of use.

    Raises KizukiError where the book cannot be read: then no model may be used.
    """
    entry = read_model_book(models).in_use
    return (entry.model_id, entry.sha256, entry) if entry else None


def add_approval(models: Path, entry: ModelApproval) -> ModelBook:
    """Add one entry at the end of the book. Nothing is written unless the book can be read before and after.

    Raises KizukiError: E-MODEL-10 for a book that cannot be read, E-MODEL-11 where name or reason are empty.
    """
    entry = ModelApproval(
        entry.model_id, entry.sha256, entry.kind, one_line(entry.by), entry.on, one_line(entry.reason)
    )
    if problems := list(_empty_parts(entry)):
        raise KizukiError(problems)
    before = read_model_book(models)
    path = models / APPROVALS
    text = path.read_bytes() if path.is_file() else HEADING.encode()
    text += (b"" if text.endswith(b"\n") else b"\n") + _written(entry).encode()
    with tempfile.TemporaryDirectory() as name:
        write_whole(Path(name) / APPROVALS, text)
        after = read_model_book(Path(name))
    if after.entries != (*before.entries, entry):
        raise KizukiError(_unreadable(Place(f"models/{APPROVALS}"), "書き足すと前の記載が変わります"))
    write_whole(path, text)
    return after


def doubtful_entries(book: ModelBook) -> Iterator[Problem]:
    """Warnings: the day of an entry lies before the one above it. It may be a slip, a clock, or a day made up."""
    for above, entry in zip(book.entries, book.entries[1:], strict=False):
        if entry.on < above.on:
            yield Problem(
                Place(f"models/{APPROVALS}"),
                "W-MODEL-01",
                f"{entry.model_id} の記載の日({entry.on.isoformat()})が、その上の記載({above.on.isoformat()})より前です。",
                "いつからどのモデルを使っていたかを、後から示せません。",
                "日付とパソコンの時計を確かめてください。書き足した記載は消さず、理由を控えてください。",
            )


def _empty_parts(entry: ModelApproval) -> Iterator[Problem]:
    for option, value in (("--by", entry.by), ("--reason", entry.reason)):
        if not value:
            yield Problem(
                Place(f"models/{APPROVALS}"),
                "E-MODEL-11",
                f"{option} が空です。",
                "だれが、なぜ決めたかを残せません。",
                f"{option} に、役職や氏名、決めた理由を書いてください。",
            )


def _written(entry: ModelApproval) -> str:
    return (
        f"  - モデル: {entry.model_id}\n"
        f"    sha256: {entry.sha256}\n"
        f"    種別: {entry.kind}\n"
        f"    承認者: {quoted(entry.by)}\n"
        f"    日: {entry.on.isoformat()}\n"
        f"    理由: {quoted(entry.reason)}\n"
    )


def _unreadable(place: Place, what: str) -> Problem:
    return Problem(
        place,
        "E-MODEL-10",
        f"モデルの承認簿のこの記載を読めません({what})。",
        "どのモデルを使うと決めたのか分からないため、モデルは使いません。",
        "手で直したのなら元に戻してください。記載は `kizuki model approve` と `kizuki model rollback` で書き足します。",
    )
