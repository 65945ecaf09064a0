"""A day as people write it into a blank: 和暦 or 西暦, with any digits and separators, or as a day or number of the spreadsheet. Never guessed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from enum import Enum

from openpyxl.utils.datetime import from_excel

from engine.kernel.dates import DateFault, parse_date

_SERIALS = range(30_000, 80_000)
"""Serial numbers that are taken for days: 1982 to 2119. Others were meant otherwise (20261211, or a number that is no day)."""
_WEEKDAY = re.compile(r"[(（]?([月火水木金土日])曜日?[)）]?$|[(（]([月火水木金土日])[)）]$")
_CLOCK = re.compile(r"(?<=[\d日])[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_BETWEEN = re.compile(r"(?<=[\d元])[,、・。．](?=\d)")
_DASHES = re.compile(r"(?<=[\d元])[‐‑–—―−ーｰ](?=\d)")
_KANJI = re.compile(r"[一二三四五六七八九十]+(?=[年月日])")
_KANJI_DIGITS = {letter: number for number, letter in enumerate("一二三四五六七八九", start=1)}
_NO_YEAR = re.compile(r"\d{1,2}[-/.月]\d{1,2}日?$")
_NO_ERA = re.compile(r"(\d{1,2}|元)[-/.年]\d{1,2}[-/.月]\d{1,2}日?$")
_PROMPT = re.compile(r"(令和|R)?年月日$|R?[./-]{2}$")


class DayFault(Enum):
    """Why what was written is no day that can be taken."""

    NO_YEAR = "年がありません"
    NO_ERA = "元号か西暦かが分かりません"
    NOT_IN_CALENDAR = "暦にない日です"
    OUTSIDE_ERA = "元号の期間の外の日です"
    WEEKDAY = "日付と曜日が合いません"
    UNREADABLE = "日付として読めません"


def read_day(value: object, epoch: datetime) -> date | DayFault | None:
    """The day that a cell says; None for nothing, and for a form that was left as printed (令和 年 月 日).

    `value`: text, number or day of the cell; `epoch`: from which day the workbook counts.

    >>> from openpyxl.utils.datetime import WINDOWS_EPOCH as epoch
    >>> read_day("Ｒ８．１２．１１", epoch), read_day("令和八年十二月十一日（金）", epoch), read_day(46367, epoch)
    (datetime.date(2026, 12, 11), datetime.date(2026, 12, 11), datetime.date(2026, 12, 11))
    >>> read_day("12/11", epoch)
    <DayFault.NO_YEAR: '年がありません'>
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return DayFault.UNREADABLE
    if isinstance(value, int | float):
        return _of_number(value, epoch)
    if isinstance(value, str):
        return _of_text(value, epoch)
    return None if value is None else DayFault.UNREADABLE


def _of_number(value: int | float, epoch: datetime) -> date | DayFault:
    if int(value) in _SERIALS:
        day = from_excel(int(value), epoch)
        return day.date() if isinstance(day, datetime) else DayFault.UNREADABLE
    return _parsed(str(int(value))) if value == int(value) else DayFault.UNREADABLE


def _of_text(written: str, epoch: datetime) -> date | DayFault | None:
    text = unicodedata.normalize("NFKC", written).strip().removesuffix("まで").removesuffix("迄").strip()
    text = re.sub(r"\s+", "", _CLOCK.sub("", text))
    if not text or _PROMPT.match(text):
        return None
    weekday = _WEEKDAY.search(text)
    if weekday:
        text = text[: weekday.start()]
    text = _DASHES.sub("-", _BETWEEN.sub(".", _KANJI.sub(_arabic, text)))
    if re.fullmatch(r"\d{5}", text):
        return _of_number(int(text), epoch)
    day = _parsed(text)
    if weekday and isinstance(day, date) and "月火水木金土日"[day.weekday()] != (weekday[1] or weekday[2]):
        return DayFault.WEEKDAY
    return day


def _parsed(text: str) -> date | DayFault:
    if _NO_YEAR.match(text):
        return DayFault.NO_YEAR
    if _NO_ERA.match(text):
        return DayFault.NO_ERA
    day = parse_date(text)
    if isinstance(day, date):
        return day
    if day is DateFault.NOT_IN_CALENDAR or day is DateFault.OUTSIDE_ERA:
        return DayFault[day.name]
    return DayFault.UNREADABLE


def _arabic(found: re.Match[str]) -> str:
    """Up to 99, as days and years of an era are written; anything else is left as it is, and refused."""
    tens, ten, ones = found[0].rpartition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return found[0]
    if not ten:
        return str(_KANJI_DIGITS[ones])
    return str((_KANJI_DIGITS[tens] if tens else 1) * 10 + (_KANJI_DIGITS[ones] if ones else 0))
