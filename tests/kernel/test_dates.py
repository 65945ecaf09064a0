"""Dates as municipal systems write them."""

import doctest
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel import dates, keys, truth
from engine.kernel.dates import (
    DateFault,
    age_on,
    months_before,
    parse_date,
    parse_month,
    school_grade,
    wareki,
    wareki_short,
)

days = st.dates(date(1873, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize("module", [dates, keys, truth])
def test_examples_in_docstrings_hold(module):
    """What a docstring shows is what happens."""
    assert doctest.testmod(module).failed == 0


@given(days)
def test_every_printed_wareki_reads_back(day):
    """A date printed on a sheet, long or short, reads back as the same day."""
    assert parse_date(wareki(day)) == day
    assert parse_date(wareki_short(day)) == day


@given(days)
def test_three_western_forms_read_alike(day):
    """ISO, YYYYMMDD and slashes mean the same day."""
    assert (
        parse_date(day.isoformat())
        == parse_date(f"{day:%Y%m%d}")
        == parse_date(f"{day.year}/{day.month}/{day.day}")
        == day
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("H31.5.1", DateFault.OUTSIDE_ERA),
        ("昭和64年1月8日", DateFault.OUTSIDE_ERA),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("５０５０４０１", date(2023, 4, 1)),
        ("令5.4.1", date(2023, 4, 1)),
        ("2023-02-29", DateFault.NOT_IN_CALENDAR),
        ("平成29年2月29日", DateFault.NOT_IN_CALENDAR),
        ("年月日不詳", DateFault.PARTLY_UNKNOWN),
        ("令和3年春", DateFault.PARTLY_UNKNOWN),
        ("19870000", DateFault.PARTLY_UNKNOWN),
        ("1.23E+08", DateFault.UNREADABLE),
        ("46000", DateFault.UNREADABLE),
        ("", DateFault.UNREADABLE),
    ],
)
def test_a_doubtful_date_is_refused_with_its_reason_and_never_shifted(text, expected):
    """Era boundaries, unknown parts and impossible days are told apart; nothing is guessed."""
    assert parse_date(text) == expected


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_a_reason(text):
    """No text makes the reader fail."""
    assert isinstance(parse_date(text), date | DateFault)
    assert isinstance(parse_month(text), date | DateFault)


@pytest.mark.parametrize("text", ["202610", "2026-10", "2026/10", "R8.10", "令和8年10月", "50810", "２０２６年１０月"])
def test_a_billing_month_is_its_last_day(text):
    """調定年月 and 出欠の年月 stand for the month's last day, however they are written."""
    assert parse_month(text) == date(2026, 10, 31)


def test_a_child_born_on_the_first_of_april_is_in_the_older_year():
    """2020-04-01 enters school in April 2026, 2020-04-02 a year later (学校教育法17条)."""
    assert school_grade(date(2020, 4, 1), date(2026, 4, 1)) == 1
    assert school_grade(date(2020, 4, 2), date(2026, 4, 1)) == 0
    assert school_grade(date(2020, 4, 1), date(2026, 3, 31)) == 0


@given(days, st.integers(0, 30_000))
def test_age_grows_by_one_a_year(born, lived):
    """満年齢 is never negative after birth and is the number of birthdays passed."""
    day = born + timedelta(days=lived)
    age = age_on(born, day)
    assert age >= 0
    assert (day - born).days // 366 <= age <= (day - born).days // 365


def test_a_window_in_months_ends_on_a_day_that_exists():
    """One month before 31 March is the last day of February."""
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 13) == date(2024, 12, 15)
