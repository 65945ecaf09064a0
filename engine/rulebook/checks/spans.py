"""Which window lies within which on every day of the year, and which age is reached after which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from engine.rulebook.language.syntax import AgeLimit, Window
from engine.rulebook.language.windows import Span, age_reached_on, span_of

_CYCLE = tuple(date(2024, 1, 1) + timedelta(days=n) for n in range(4 * 365 + 1))
"""Every day that a calendar knows, 29 February included; relations between windows repeat after it."""


@cache
def _spans(window: Window | None) -> tuple[Span, ...]:
    return tuple(span_of(window, day) for day in _CYCLE)


def _always(one: Window | None, other: Window | None, holds: Callable[[Span, Span], bool]) -> bool:
    return all(holds(a, b) for a, b in zip(_spans(one), _spans(other), strict=True))


@cache
def lies_within(inner: Window | None, outer: Window | None) -> bool:
    """Whether every day of one window is a day of the other, whatever the as-of day. None: これまで.

    >>> lies_within(Window("今年度"), Window("か月", 12)), lies_within(Window("か月", 3), Window("今年度"))
    (True, False)
    """
    return _always(
        inner,
        outer,
        lambda a, b: a.until <= b.until and (b.after is None or (a.after is not None and a.after >= b.after)),
    )


@cache
def end_together(one: Window | None, other: Window | None) -> bool:
    """Whether both windows end on the same day, whatever the as-of day."""
    return _always(one, other, lambda a, b: a.until == b.until)


@cache
def comes_later(later: AgeLimit, earlier: AgeLimit) -> bool:
    """Whether one age is reached no sooner than the other, whatever the day of birth."""
    return all(age_reached_on(born, later) >= age_reached_on(born, earlier) for born in _CYCLE)


def years_reached(age: AgeLimit) -> int:
    """Full years of age (満年齢) that whoever is past an age has for certain."""
    match age.unit:
        case "歳":
            return age.n
        case "か月":
            return age.n // 12
        case "週":
            return age.n * 7 // 366
        case "日":
            return age.n // 366
