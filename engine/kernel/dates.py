"""Japanese administrative dates: 和暦, 年度, 学年, windows counted back from an as-of day.

Nothing here reads the clock.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta
from enum import Enum

# First day of each era; an era ends the day before the next begins.
_ERAS: tuple[tuple[str, str, str, date], ...] = (
    ("令和", "R", "5", date(2019, 5, 1)),
    ("平成", "H", "4", date(1989, 1, 8)),
    ("昭和", "S", "3", date(1926, 12, 25)),
    ("大正", "T", "2", date(1912, 7, 30)),
    ("明治", "M", "1", date(1873, 1, 1)),  # the civil calendar became Gregorian on this day
)
_ERA_INDEX = {name: i for i, era in enumerate(_ERAS) for name in (*era[:3], era[0][0], era[1].lower())}
_WEEKDAYS = "月火水木金土日"


class DateFault(Enum):
    """Why a text is no date. The Japanese value is shown to the person who must correct it."""

    UNREADABLE = "日付として読めません"
    NOT_IN_CALENDAR = "暦にない日付です"
    OUTSIDE_ERA = "元号の期間の外の日付です"
    PARTLY_UNKNOWN = "年月日の一部が不詳です"


_SEPARATED = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_ERA_LONG = re.compile(r"(明治?|大正?|昭和?|平成?|令和?|[MTSHRmtshr])(\d{1,2}|元)[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
_ERA_COMPACT = re.compile(r"([1-5MTSHR])(\d{2})(\d{2})(\d{2})$")
_UNKNOWN = re.compile(r"不詳|不明|[春夏秋冬]|上旬|中旬|下旬|頃")
_MONTH = re.compile(r"(\d{4})(?:[-/.年](?=\d)|(?=\d{2}$))(\d{1,2})月?$")
_ERA_MONTH = re.compile(r"(明治?|大正?|昭和?|平成?|令和?|[MTSHR1-5])(\d{1,2}|元)[-/.年]?(\d{2}|(?<=[-/.年])\d)月?$")


def parse_date(text: str) -> date | DateFault:
    """Read a date as municipal systems write it; never guesses, never shifts.

    Accepts ISO, YYYYMMDD, slashes and dots, era names, letters and digits (1 明治 … 5 令和), full width. A date
    that is legally unknown (不詳, a season) or impossible comes back as the reason instead.

    >>> parse_date("令和5年4月1日"), parse_date("R5.4.1"), parse_date("5050401")
    (datetime.date(2023, 4, 1), datetime.date(2023, 4, 1), datetime.date(2023, 4, 1))
    >>> parse_date("昭和64年1月8日")
    <DateFault.OUTSIDE_ERA: '元号の期間の外の日付です'>
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if _UNKNOWN.search(folded):
        return DateFault.PARTLY_UNKNOWN
    if match := _SEPARATED.match(folded) or _COMPACT.match(folded):
        return _civil(int(match[1]), int(match[2]), int(match[3]))
    compact = folded.replace(" ", "")
    if match := _ERA_LONG.match(compact) or _ERA_COMPACT.match(compact):
        return _in_era(match[1], match[2], int(match[3]), int(match[4]))
    return DateFault.UNREADABLE


def parse_month(text: str) -> date | DateFault:
    """Read a year and month (調定年月, 出欠の年月) and return the last day of that month.

    >>> parse_month("202610"), parse_month("R8.10"), parse_month("令和8年10月")
    (datetime.date(2026, 10, 31), datetime.date(2026, 10, 31), datetime.date(2026, 10, 31))
    """
    folded = unicodedata.normalize("NFKC", text).replace(" ", "").strip()
    if match := _MONTH.match(folded):
        first = _civil(int(match[1]), int(match[2]), 1)
    elif match := _ERA_MONTH.match(folded):
        first = _in_era(match[1], match[2], int(match[3]), 1)
    else:
        return DateFault.UNREADABLE
    return month_end(first) if isinstance(first, date) else first


def _civil(year: int, month: int, day: int) -> date | DateFault:
    if month == 0 or day == 0:
        return DateFault.PARTLY_UNKNOWN
    try:
        return date(year, month, day)
    except ValueError:
        return DateFault.NOT_IN_CALENDAR


def _in_era(era: str, era_year: str, month: int, day: int) -> date | DateFault:
    index = _ERA_INDEX[era]
    begin = _ERAS[index][3]
    first_year = 1868 if index == len(_ERAS) - 1 else begin.year
    number = 1 if era_year == "元" else int(era_year)
    if number == 0:
        return DateFault.NOT_IN_CALENDAR
    found = _civil(first_year + number - 1, month, day)
    if isinstance(found, date) and (found < begin or (index > 0 and found >= _ERAS[index - 1][3])):
        return DateFault.OUTSIDE_ERA
    return found


def wareki(day: date, *, weekday: bool = False) -> str:
    """令和8年11月20日(金), the form printed on a handout."""
    name, year = _era_year(day)
    text = f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{text}({_WEEKDAYS[day.weekday()]})" if weekday else text


def wareki_short(day: date) -> str:
    """R8.11.20, the form for narrow cells."""
    name, year = _era_year(day)
    letter = next(era[1] for era in _ERAS if era[0] == name)
    return f"{letter}{year}.{day.month}.{day.day}"


def _era_year(day: date) -> tuple[str, int]:
    for name, _, _, begin in _ERAS:
        if day >= begin:
            return name, day.year - (1868 if name == "明治" else begin.year) + 1
    raise ValueError("a day before the Gregorian calendar was introduced in Japan")


def fiscal_year(day: date) -> int:
    """年度: the April-to-March year, named by the year in which it begins."""
    return day.year if day.month >= 4 else day.year - 1


def age_on(born_on: date, day: date) -> int:
    """Full years of age (満年齢). A person born on 29 February ages on 28 February's end, i.e. on 1 March here."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def school_grade(born_on: date, day: date) -> int:
    """学年 by age: 1–6 小学校, 7–9 中学校, 10–12 高校; 0 and below before school.

    A child born on 1 April belongs to the older year (学校教育法17条 with 年齢計算ニ関する法律).
    """
    school_year_of_birth = fiscal_year(born_on - timedelta(days=1))
    return fiscal_year(day) - school_year_of_birth - 6


def grade_label(grade: int) -> str:
    """小1 … 小6, 中1 … 中3, 高1 … 高3, 未就学."""
    if 1 <= grade <= 6:
        return f"小{grade}"
    if 7 <= grade <= 9:
        return f"中{grade - 6}"
    if 10 <= grade <= 12:
        return f"高{grade - 9}相当"
    return "未就学" if grade < 1 else "卒業"


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, clamped to the month's end (31 March → 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return date(day.year, day.month, monthrange(day.year, day.month)[1])
