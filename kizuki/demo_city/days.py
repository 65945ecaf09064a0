"""Days as whole numbers, and the ways in which municipal systems write them.

A day is the number of days since 1970-01-01. `NEVER` stands for "has not happened" and is written as a blank cell.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from engine.kernel.dates import wareki, wareki_short
from kizuki.demo_city.randomness import Ints, Texts, words

NEVER = 99_999
_EPOCH = date(1970, 1, 1)
_ERA_DIGIT = {"M": "1", "T": "2", "S": "3", "H": "4", "R": "5"}


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def day_date(number: int) -> date:
    """The calendar date of a day number."""
    return _EPOCH + timedelta(days=number)


def iso(day: date) -> str:
    """2023-04-01"""
    return day.isoformat()


def compact(day: date) -> str:
    """20230401"""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def slashed(day: date) -> str:
    """2023/4/1, as Excel writes it."""
    return f"{day.year}/{day.month}/{day.day}"


def slashed_padded(day: date) -> str:
    """2023/04/01"""
    return f"{day.year}/{day.month:02d}/{day.day:02d}"


def era_letter(day: date) -> str:
    """R5.4.1"""
    return wareki_short(day)


def era_letter_padded(day: date) -> str:
    """R05.04.01"""
    letter, year = wareki_short(day)[0], wareki_short(day)[1:].split(".")[0]
    return f"{letter}{int(year):02d}.{day.month:02d}.{day.day:02d}"


def era_digits(day: date) -> str:
    """5050401: the digit of the era, then year, month and day of the era."""
    short = wareki_short(day)
    return f"{_ERA_DIGIT[short[0]]}{int(short[1:].split('.')[0]):02d}{day.month:02d}{day.day:02d}"


def era_long(day: date) -> str:
    """令和5年4月1日"""
    return wareki(day)


def full_width(text: str) -> str:
    """Digits and hyphens as the full-width signs that older terminals put in."""
    return text.translate(_FULL_WIDTH)


_FULL_WIDTH = str.maketrans("0123456789-/.", "０１２３４５６７８９－／．")


def day_texts(days: Ints, form: Callable[[date], str]) -> Texts:
    """Days as texts of one form; NEVER and beyond as blank cells."""
    unique, inverse = np.unique(days, return_inverse=True)
    table = [form(day_date(n)) if n < NEVER else "" for n in unique.tolist()]
    return words(table, inverse.reshape(-1).astype(np.int64))


def fiscal_years(days: Ints) -> Ints:
    """年度 of each day."""
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return ((month - 3) // 12 + 1970).astype(np.int64)


def grades(births: Ints, fiscal_year: int) -> Ints:
    """学年 in a fiscal year: 1–6, 7–9, 10–12; 0 and below before school (a child born on 1 April is in the older year)."""
    return np.asarray(fiscal_year - fiscal_years(births - 1) - 6)


def ages(births: Ints, on: int) -> Ints:
    """Full years of age on a day."""
    born = births.astype("datetime64[D]")
    day = day_date(on)
    year = born.astype("datetime64[Y]").astype(np.int64) + 1970
    month = born.astype("datetime64[M]").astype(np.int64) % 12 + 1
    dom = (born - born.astype("datetime64[M]")).astype(np.int64) + 1
    before = (month > day.month) | ((month == day.month) & (dom > day.day))
    return np.asarray(day.year - year - before)
