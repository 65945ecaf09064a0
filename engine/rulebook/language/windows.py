"""Windows of time as dates. All evaluators take their dates from here, so that none computes them its own way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engine.kernel.dates import fiscal_year, months_before
from engine.rulebook.language.syntax import AgeLimit, Growth, Window


@dataclass(frozen=True)
class Span:
    """Days after `after` up to and including `until`. `after` None: as far back as records go (これまで)."""

    after: date | None
    until: date

    @property
    def first_day(self) -> date | None:
        """The first day inside; a source must cover the person from this day on for its silence to mean "no"."""
        return None if self.after is None else self.after + timedelta(days=1)

    def contains(self, day: date) -> bool:
        """Whether a day lies inside."""
        return day <= self.until and (self.after is None or day > self.after)


def span_of(window: Window | None, as_of: date) -> Span:
    """The days of a window as of a day; no window is これまで.

    >>> span_of(Window("か月", 3), date(2026, 11, 20))
    Span(after=datetime.date(2026, 8, 20), until=datetime.date(2026, 11, 20))
    >>> span_of(Window("前年度"), date(2026, 11, 20))
    Span(after=datetime.date(2025, 3, 31), until=datetime.date(2026, 3, 31))
    """
    if window is None:
        return Span(None, as_of)
    this_year = date(fiscal_year(as_of), 3, 31)
    match window.kind:
        case "日":
            return Span(as_of - timedelta(days=window.n), as_of)
        case "週":
            return Span(as_of - timedelta(weeks=window.n), as_of)
        case "か月":
            return Span(months_before(as_of, window.n), as_of)
        case "年":
            return Span(months_before(as_of, 12 * window.n), as_of)
        case "今年度":
            return Span(this_year, as_of)
        case "前年度":
            return Span(date(this_year.year - 1, 3, 31), this_year)
        case _:
            return Span(None, as_of)


def year_before(span: Span) -> Span:
    """The same span one year earlier. Raises ValueError for これまで, which has no earlier year."""
    if span.after is None:
        raise ValueError("a window without a beginning has no year before")
    return Span(months_before(span.after, 12), months_before(span.until, 12))


def just_before(window: Window, as_of: date) -> Span:
    """The equally long span that ends where the window begins. Raises ValueError for a window without a length (今年度).

    >>> just_before(Window("か月", 3), date(2026, 11, 20))
    Span(after=datetime.date(2026, 5, 20), until=datetime.date(2026, 8, 20))
    """
    span = span_of(window, as_of)
    if not window.n or span.after is None:
        raise ValueError("a window without a length has no span just before it")
    return Span(span_of(Window(window.kind, 2 * window.n), as_of).after, span.after)


def earlier_span(growth: Growth, as_of: date) -> Span:
    """The span with which 「…の2倍以上」 compares the window."""
    if growth.earlier == "直前":
        return just_before(growth.window, as_of)
    return year_before(span_of(growth.window, as_of))


def age_reached_on(born_on: date, age: AgeLimit) -> date:
    """The day on which an age is reached; past it (を過ぎても) is every later day.

    >>> age_reached_on(date(2026, 9, 1), AgeLimit(60, "日"))
    datetime.date(2026, 10, 31)
    >>> age_reached_on(date(2024, 2, 29), AgeLimit(2, "歳"))
    datetime.date(2026, 2, 28)
    """
    match age.unit:
        case "日":
            return born_on + timedelta(days=age.n)
        case "週":
            return born_on + timedelta(weeks=age.n)
        case "か月":
            return months_before(born_on, -age.n)
        case "歳":
            return months_before(born_on, -12 * age.n)


def last_birth_past(age: AgeLimit, as_of: date) -> date:
    """The latest day of birth with which a person is past an age on a day (later births never reach an age earlier).

    >>> last_birth_past(AgeLimit(2, "歳"), date(2026, 3, 1))
    datetime.date(2024, 2, 29)
    """
    born_on = as_of
    while age_reached_on(born_on, age) >= as_of:
        born_on -= max(age_reached_on(born_on, age) - as_of, timedelta(days=1))
    while age_reached_on(born_on + timedelta(days=1), age) < as_of:
        born_on += timedelta(days=1)
    return born_on
