"""Windows of time as dates. All evaluators take their dates from here, so that none computes them its own way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engine.kernel.dates import fiscal_year, months_before
from engine.rulebook.syntax import Window


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
