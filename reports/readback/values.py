"""What was written in one blank, by its kind: text, a day, one of a list, hardship types; or what is wrong with it, told without the value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from engine.kernel.dates import wareki_short
from engine.kernel.errors import Problem
from engine.records.case import HARDSHIP_LABELS
from reports.blanks import Blank
from reports.inert import inert
from reports.readback.days import DayFault, read_day
from reports.readback.records import Cell
from reports.readback.spot import Spot, cell_name
from reports.seal import plain_text

MOST_CHARACTERS = 4_000
"""Of one blank: several times what fits on its sheet."""

Answer = str | date | tuple[str, ...]
"""Text as written; a day; one of the choices; hardship types by id, sorted."""

_SEPARATORS = re.compile(r"[、・,，/／;；\s]+")
_SAME_TYPE = {
    "発達障害": "developmental_disorder",
    "発達障碍": "developmental_disorder",
    "産後うつ病": "postpartum_depression",
}
_NOT_READ = "書かれたことを間違えて取り込まないよう、読み取りません。"
_DAY_FORM = "「R8.12.11」「令和8年12月11日」「2026/12/11」のように、年から書いてください。"


def read_blank(blank: Blank, cells: Sequence[Cell], spot: Spot, epoch: datetime) -> tuple[Answer | None, list[Problem]]:
    """The answer in a blank's cells, None for nothing that counts as one; and every problem."""
    where = cell_name(cells[0].row, cells[0].column)
    problems = list(_unreadable(blank, cells, spot))
    if problems:
        return None, problems
    if blank.kind == "文":
        return _text(blank, cells, spot, where)
    if len(cells) > 1:
        what = f"この欄の2つ以上のセル({'、'.join(cell_name(cell.row, cell.column) for cell in cells[:3])})に書かれています。"
        return None, [
            spot.cell_problem(where, blank.label, "E-READ-24", what, _NOT_READ, "1つのセルにまとめてください。")
        ]
    value = cells[0].value
    if blank.kind == "日":
        return _day(blank, value, spot, where, epoch)
    return _choice(blank, value, spot, where) if blank.kind == "選択" else _types(blank, value, spot, where)


def _unreadable(blank: Blank, cells: Iterable[Cell], spot: Spot) -> Iterable[Problem]:
    for cell in cells:
        if cell.kind in "fe":
            what = "数式が入っています。" if cell.kind == "f" else "エラーか、読み取れない値が入っています。"
            where = cell_name(cell.row, cell.column)
            yield spot.cell_problem(
                where, blank.label, "E-READ-23", what, _NOT_READ, "文字か日付で書き直してください。"
            )


def _text(blank: Blank, cells: Iterable[Cell], spot: Spot, where: str) -> tuple[Answer | None, list[Problem]]:
    text = "\n".join(inert(plain_text(_as_text(cell.value))).strip() for cell in cells).strip()
    if len(text) > MOST_CHARACTERS:
        what = f"{len(text):,}字あります(上限は{MOST_CHARACTERS:,}字)。"
        remedy = "要点だけを書き、残りは別の記録に残してください。"
        return None, [
            spot.cell_problem(where, blank.label, "E-READ-22", what, "途中で切って取り込むことはしません。", remedy)
        ]
    return text or None, []


def _as_text(value: object) -> str:
    """A spreadsheet turns 12/11 into a day and 5 into a number by itself; as text they are written plainly."""
    if isinstance(value, datetime):
        return wareki_short(value.date())
    if isinstance(value, date):
        return wareki_short(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _day(blank: Blank, value: object, spot: Spot, where: str, epoch: datetime) -> tuple[Answer | None, list[Problem]]:
    day = read_day(plain_text(value) if isinstance(value, str) else value, epoch)
    if not isinstance(day, DayFault):
        return day, []
    code = "E-READ-17" if day in (DayFault.NO_YEAR, DayFault.NO_ERA) else "E-READ-16"
    return None, [
        spot.cell_problem(where, blank.label, code, f"{day.value}。", "いつのことか決められません。", _DAY_FORM)
    ]


def one_of(text: str, choices: Iterable[str]) -> str | None:
    """The choice that a text is, whatever its width and spaces; None for a text of its own."""
    written = _folded(text)
    return next((choice for choice in choices if _folded(choice) == written), None)


def _choice(blank: Blank, value: object, spot: Spot, where: str) -> tuple[Answer | None, list[Problem]]:
    written = _folded(value)
    if not written:
        return None, []
    found = [choice for choice in blank.choices if _folded(choice) == written]
    if found:
        return found[0], []
    remedy = f"「{'」「'.join(blank.choices)}」から選んでください。"
    return None, [spot.cell_problem(where, blank.label, "E-READ-19", "選択肢にない書き方です。", _NOT_READ, remedy)]


def _types(blank: Blank, value: object, spot: Spot, where: str) -> tuple[Answer | None, list[Problem]]:
    ids = {_folded(label): kind for kind, label in HARDSHIP_LABELS.items()} | _SAME_TYPE
    parts = [part for part in map(_folded, _SEPARATORS.split(plain_text(_as_text(value)))) if part]
    if all(part in ids for part in parts):
        return tuple(sorted({ids[part] for part in parts})) or None, []
    remedy = f"「{'」「'.join(blank.choices)}」から選び、2つ以上は「、」で区切ってください。"
    return None, [
        spot.cell_problem(where, blank.label, "E-READ-21", "困難の類型にない書き方があります。", _NOT_READ, remedy)
    ]


def _folded(value: object) -> str:
    """Without what looks alike and is written otherwise: full and half width, spaces, case."""
    text = inert(plain_text(_as_text(value)))
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
