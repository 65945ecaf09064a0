"""Windows and ages as days, worked out apart from `rulebook.language.windows`: a fault there must not be shared by the second opinion.

Written from docs/rulebook-language.md 「期間」. A span is told by its first and last day; months are counted, and a day that a month does
not have is its last.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from engine.rulebook.language.syntax import AgeLimit, Growth, Window

_OLDEST = 150  # years; nobody whose age is asked for was born earlier


@dataclass(frozen=True)
class Span:
    """From the first to the last day, both inside. `first_day` None: as far back as records go (これまで)."""

    first_day: date | None
    until: date


def span_of(window: Window | None, as_of: date) -> Span:
    """The days of a window as of a day; no window is これまで.

    >>> span_of(Window("日", 30), date(2026, 11, 20))
    Span(first_day=datetime.date(2026, 10, 22), until=datetime.date(2026, 11, 20))
    >>> span_of(Window("か月", 1), date(2026, 3, 31))
    Span(first_day=datetime.date(2026, 3, 1), until=datetime.date(2026, 3, 31))
    """
    if window is None or window.kind == "これまで":
        return Span(None, as_of)
    april = date(as_of.year if as_of.month >= 4 else as_of.year - 1, 4, 1)
    if window.kind == "今年度":
        return Span(april, as_of)
    if window.kind == "前年度":
        return Span(april.replace(year=april.year - 1), date(april.year, 3, 31))
    return Span(_next(_back(as_of, window.kind, window.n)), as_of)


def earlier_span(growth: Growth, as_of: date) -> Span:
    """The span with which 「…の2倍以上」 compares: the same days of the year before (前年), or as many just before it (直前).

    >>> earlier_span(Growth("x", Window("か月", 3), 2, earlier="直前"), date(2026, 11, 20))
    Span(first_day=datetime.date(2026, 5, 21), until=datetime.date(2026, 8, 20))
    """
    window, span = growth.window, span_of(growth.window, as_of)
    if span.first_day is None:
        raise ValueError("what has no beginning has nothing before it")
    if growth.earlier == "前年":
        eve = date.fromordinal(span.first_day.toordinal() - 1)
        return Span(_next(_months_on(eve, -12)), _months_on(span.until, -12))
    if window.n == 0:
        raise ValueError("what has no length has no span as long before it")
    return Span(_next(_back(as_of, window.kind, 2 * window.n)), _back(as_of, window.kind, window.n))


def last_birth_past(age: AgeLimit, as_of: date) -> date:
    """The latest day of birth with which a person is past an age on a day.

    >>> last_birth_past(AgeLimit(2, "歳"), date(2026, 3, 1))
    datetime.date(2024, 2, 29)
    """
    first = as_of.toordinal() - _OLDEST * 366
    days = range(first, as_of.toordinal() + 1)
    # Who is born later never reaches an age earlier, so that the days part into those past it and those not.
    past = bisect_left(days, True, key=lambda born: _back(date.fromordinal(born), age.unit, -age.n) >= as_of)
    return date.fromordinal(days[past] - 1)


def _back(day: date, unit: str, n: int) -> date:
    """The day so many 日, 週, か月, 年 or 歳 ago (later, for a negative number)."""
    if unit in ("日", "週"):
        return date.fromordinal(day.toordinal() - n * (7 if unit == "週" else 1))
    if unit in ("か月", "年", "歳"):
        return _months_on(day, -n * (1 if unit == "か月" else 12))
    raise ValueError(f"no length is counted in {unit}")


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
