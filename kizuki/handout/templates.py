"""Which template a paper is printed from: the city's own in the workspace's `templates/`, or the one that is delivered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from kizuki.settings import Workspace

Kind = Literal["会議資料", "個票", "進行管理台帳"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FILES: dict[Kind, str] = {"会議資料": "conference.xlsx", "個票": "case_sheet.xlsx", "進行管理台帳": "register.xlsx"}
FOLDER = "templates"
_DELIVERED = Path(__file__).parents[2] / "reports" / FOLDER


@dataclass(frozen=True)
class ChosenTemplate:
    """A template and the SHA-256 of its file. `is_own`: whether the city has put its own in the workspace, or named one."""

    path: Path
    sha256: str
    is_own: bool

    @property
    def told(self) -> str:
        """For the screen: which one, and its hash's beginning."""
        whose = "市のテンプレート" if self.is_own else "標準のテンプレート"
        return f"{whose} {self.path.name}(SHA-256 {self.sha256[:12]}…)"


def delivered(kind: Kind) -> Path:
    """The template of a kind that comes with kizuki."""
    return _DELIVERED / FILES[kind]


def template_of(workspace: Workspace, kind: Kind, named: Path | None = None) -> ChosenTemplate:
    """The template that is `named`, else the workspace's own, else the delivered one. Raises KizukiError E-REPORT-01 if it cannot be read."""
    own = workspace.root / FOLDER / FILES[kind]
    path = named or (own if own.exists() else delivered(kind))
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        raise KizukiError(
            Problem(
                Place(path.name),
                "E-REPORT-01",
                "会議資料のテンプレートを開けません。",
                "資料を作れません。",
                "ファイルがあるか、ほかの人が開いていないかを確かめてください。",
            )
        ) from None
    return ChosenTemplate(path, digest, path != delivered(kind))


def take_template(workspace: Workspace, kind: Kind) -> Path:
    """Copy the delivered template into the workspace, where it is used from now on. Raises KizukiError E-REPORT-12 where there is one already."""
    target = workspace.root / FOLDER / FILES[kind]
    if target.exists():
        raise KizukiError(is_there(target))
    return write_whole(target, delivered(kind).read_bytes())


def is_there(path: Path) -> Problem:
    """The refusal to write over a file."""
    return Problem(
        Place(path.name),
        "E-REPORT-12",
        "同じ名前のファイルがすでにあります。",
        "手を入れたものや書き込んだものを失わないよう、上書きはしません。",
        "別の名前を --out に書くか、いらないものであれば消すか移してから、もう一度実行してください。",
    )
