"""Options that several commands share."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from pathlib import Path

import click

_NEWEST = ("最新", "latest")
_MISREAD = str.maketrans({"0": "O", "1": "I", "8": "B"})  # signs that are in no head, for those that they are taken for

WORKSPACE = click.option(
    "-w",
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    metavar="フォルダ",
    help="作業フォルダ(既定はいまのフォルダ)",
)


class Day(click.ParamType[date]):
    """A day as 2026-11-20."""

    name = "日付"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day that was written; click refuses every other form in words."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            self.fail("日付は 2026-11-20 の形で書いてください。", param, ctx)


class RunNumber(click.ParamType[str | None]):
    """A run by its number, in capitals or not; 最新 is the newest, which is None."""

    name = "実行"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str | None:
        """The number as the record's folder is named, or None for the newest."""
        word = unicodedata.normalize("NFKC", str(value)).strip()
        return None if word in _NEWEST else word.upper()


class RecordHead(click.ParamType[str]):
    """The head of a run record as people type it off a paper: in capitals or not, with blanks, digits that are none of its letters."""

    name = "見出し"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Its 26 letters and digits; click refuses every other length and sign in words."""
        folded = re.sub(r"[\s‐-―ー-]", "", unicodedata.normalize("NFKC", str(value))).upper().translate(_MISREAD)
        if not re.fullmatch(r"[A-Z2-7]{26}", folded):
            self.fail("見出しは、会議資料の表紙にある26字(英字と2〜7の数字)です。", param, ctx)
        return folded


AS_OF = click.option(
    "--as-of", "as_of", type=Day(), metavar="年-月-日", help="基準日(既定は受領データのいちばん新しい日)"
)
