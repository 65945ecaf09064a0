"""The blanks of the sheets, by the names that mark them in a template, and the hidden identity of a sheet or row.

The templates carry these names as defined names of the sheet (`入力_判断`), and the identity in hidden column A: in A1 for a sheet that is one record, in
the row itself where every row is one. Reading back asks for the same names, so that blanks may be moved in Excel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from engine.records.case import HARDSHIP_LABELS
from engine.records.conference import (
    CLOSED_BECAUSE,
    DECISIONS,
    OUTCOMES,
    RIGHTNESS,
    SEVERITIES,
    URGENCIES,
    WHY_WRONG,
)
from engine.records.feedback import FINDINGS

PREFIX = "入力_"
_ID = re.compile(r"kizuki\|(R\d{8}-\d{2})\|(案件|無作為|台帳)\|([^|]+)\|([^|]*)\|(\d{1,5})(?:\|([0-9A-Z]+))?")

Kind = Literal["文", "日", "選択", "類型"]
SheetKind = Literal["案件", "無作為", "台帳"]


@dataclass(frozen=True)
class Blank:
    """One blank: what people call it, how it is written, and from what it is chosen.

    文: as written, several lines allowed; its `choices` are only suggested. 日: a day as people write it. 選択: one of `choices`.
    類型: any of `choices`, several, apart by 、 or ・.
    """

    label: str
    kind: Kind
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The defined name that marks it."""
        return PREFIX + self.label


TYPES = tuple(HARDSHIP_LABELS.values())
_RIGHT = (
    Blank("気づき", "選択", RIGHTNESS),
    Blank("確かめた困難", "類型", TYPES),
    Blank("違った理由", "選択", WHY_WRONG),
)
_ROLE: tuple[tuple[str, Kind], ...] = (("誰が", "文"), ("何を", "文"), ("いつまで", "日"))
_CAME_OF_IT = (Blank("結果", "選択", OUTCOMES), Blank("結果の日", "日"))

HOUSEHOLD_BLANKS: tuple[Blank, ...] = (
    Blank("判断", "選択", DECISIONS),
    Blank("見送り期限", "日"),
    Blank("理由", "文"),
    Blank("主担当機関", "文"),
    Blank("キーパーソン", "文"),
    *(Blank(f"役割{n}_{part}", kind) for n in (1, 2, 3) for part, kind in _ROLE),
    Blank("次回見直し", "日"),
    *_CAME_OF_IT,
    *_RIGHT,
    Blank("違った理由の説明", "文"),
    Blank("メモ", "文"),
)
"""One household's sheet (案件)."""

DRAWN_BLANKS: tuple[Blank, ...] = (
    Blank("見立て", "選択", FINDINGS),
    Blank("確かめた困難", "類型", TYPES),
    Blank("理由", "文"),
)
"""One row of the sheet of children drawn by chance (無作為)."""

RATINGS: tuple[Blank, ...] = (Blank("緊急度", "選択", URGENCIES), Blank("重症度", "選択", SEVERITIES))
"""What only people rate: data never say how great a danger is."""

REGISTER_BLANKS: tuple[Blank, ...] = (
    *RATINGS,
    Blank("主担当機関", "文"),
    Blank("次回見直し", "日"),
    *_CAME_OF_IT,
    *_RIGHT,
    Blank("終結日", "日"),
    Blank("終結理由", "文", CLOSED_BECAUSE),
    Blank("メモ", "文"),
)
"""One row of the case register (台帳), the quarterly roll-up."""

BLANKS: dict[SheetKind, tuple[Blank, ...]] = {"案件": HOUSEHOLD_BLANKS, "無作為": DRAWN_BLANKS, "台帳": REGISTER_BLANKS}


@dataclass(frozen=True)
class SheetIdentity:
    """Which record a sheet or row is. `run_id` of 台帳 is that of the decision which the row follows up. `seal`: over what is locked, empty before it is made.

    >>> SheetIdentity("R20261120-01", "案件", "HX", "", 3).text
    'kizuki|R20261120-01|案件|HX||3'
    """

    run_id: str
    kind: SheetKind
    household_key: str
    child_key: str
    number: int
    seal: str = ""

    @property
    def text(self) -> str:
        """As it stands in the hidden cell."""
        sealed = f"|{self.seal}" if self.seal else ""
        return f"kizuki|{self.run_id}|{self.kind}|{self.household_key}|{self.child_key}|{self.number}{sealed}"


def read_identity(text: object) -> SheetIdentity | None:
    """The identity in a hidden cell, None where it is none."""
    found = _ID.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    kind: SheetKind = "無作為" if found[2] == "無作為" else "台帳" if found[2] == "台帳" else "案件"
    return SheetIdentity(found[1], kind, found[3], found[4], int(found[5]), found[6] or "")
