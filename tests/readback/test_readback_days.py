"""Days as people type them: every writing of a day reads as that day, and what could be another day is refused."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, to_excel

from reports.readback.days import DayFault, read_day

DAYS = st.dates(date(2019, 5, 1), date(2045, 12, 31))
WEEKDAYS = "月火水木金土日"
_KANJI = "〇一二三四五六七八九"


def _kanji(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (("" if tens == 1 else _KANJI[tens]) + "十" if tens else "") + (_KANJI[ones] if ones else "")


def _full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def writings(day: date) -> list[object]:
    """The ways in which a person or a spreadsheet writes one day of 令和."""
    year, month, on = day.year - 2018, day.month, day.day
    era = "元" if year == 1 else str(year)
    texts = [
        *(f"{day.year}{mark}{month}{mark}{on}" for mark in "/-.・、‐−ー"), f"{day.year}/{month:02d}/{on:02d}", f"{day.year}年{month}月{on}日",
        *(f"R{era}{mark}{month}{mark}{on}" for mark in "./-・"), f"r{era}.{month}.{on}", f"R{year:02d}.{month:02d}.{on:02d}", f"令{era}.{month}.{on}",
        f"令和{era}年{month}月{on}日", f"令和{era}.{month}.{on}", f"㋿{era}年{month}月{on}日", f"{day:%Y%m%d}", f"{day.isoformat()} 00:00:00",
        f"令和{'元' if year == 1 else _kanji(year)}年{_kanji(month)}月{_kanji(on)}日", str(to_excel(day)).removesuffix(".0"),
    ]  # fmt: skip
    texts += [_full_width(text) for text in texts]
    texts += [f"  {text}\n" for text in texts[:4]] + [f"{text}まで" for text in texts[:4]]
    weekday = WEEKDAYS[day.weekday()]
    texts += [f"令和{era}年{month}月{on}日{written}" for written in (f"({weekday})", f"（{weekday}）", f"({weekday}曜日)", f" {weekday}曜日")]
    texts += [f"令和 {era} 年 {month} 月 {on} 日", f"{day.year} / {month} / {on}"]
    return [*texts, day, datetime.combine(day, time(9, 30)), int(to_excel(day)), to_excel(day) + 0.25, int(f"{day:%Y%m%d}")]


@given(DAYS)
def test_every_writing_of_a_day_reads_as_that_day(day: date):
    """和暦 and 西暦, full and half width, with any separator or weekday, as a day, a moment or a number of the spreadsheet."""
    for written in writings(day):
        assert read_day(written, WINDOWS_EPOCH) == day, written


@given(DAYS)
def test_a_workbook_that_counts_from_1904_reads_alike(day: date):
    """Workbooks of old Macs number their days otherwise, and say so."""
    assert read_day(int(to_excel(day, MAC_EPOCH)), MAC_EPOCH) == day


@given(DAYS, st.integers(1, 6))
def test_a_weekday_of_another_day_is_refused(day: date, off: int):
    """One of both is a slip, and nobody can tell which."""
    wrong = WEEKDAYS[(day.weekday() + off) % 7]
    assert read_day(f"{day.year}年{day.month}月{day.day}日({wrong})", WINDOWS_EPOCH) is DayFault.WEEKDAY


REFUSED = [
    ("12/11", DayFault.NO_YEAR), ("12月11日", DayFault.NO_YEAR), ("十二月十一日", DayFault.NO_YEAR), ("１２．１１", DayFault.NO_YEAR),
    ("8.12.11", DayFault.NO_ERA), ("8年12月11日", DayFault.NO_ERA), ("26/12/11", DayFault.NO_ERA),
    ("R8.13.1", DayFault.NOT_IN_CALENDAR), ("2026/2/29", DayFault.NOT_IN_CALENDAR), ("令和8年11月31日", DayFault.NOT_IN_CALENDAR),
    ("平成31年5月1日", DayFault.OUTSIDE_ERA), ("12月末", DayFault.UNREADABLE), ("来週の金曜日", DayFault.UNREADABLE), ("未定", DayFault.UNREADABLE),
    ("R8.12", DayFault.UNREADABLE), ("R8.12.11-12.18", DayFault.UNREADABLE), (True, DayFault.UNREADABLE), (5, DayFault.UNREADABLE), (0.5, DayFault.UNREADABLE),
    (-46367, DayFault.UNREADABLE), (1e300, DayFault.UNREADABLE), (timedelta(1), DayFault.UNREADABLE),
]  # fmt: skip


@pytest.mark.parametrize(("written", "fault"), REFUSED)
def test_what_could_be_another_day_is_refused(written: object, fault: DayFault):
    """No year is ever supplied, and no day put right."""
    assert read_day(written, WINDOWS_EPOCH) is fault


@pytest.mark.parametrize("written", [None, "", "  ", "　", "令和　年　月　日", "年　月　日", "R . .", "/ /"])
def test_a_form_that_was_left_as_printed_says_nothing(written: object):
    """A prompt to write a day is no day."""
    assert read_day(written, WINDOWS_EPOCH) is None


@given(st.text())
def test_no_text_breaks_the_reading(text: str):
    """Whatever is written, it is a day, a reason, or nothing."""
    assert isinstance(read_day(text, WINDOWS_EPOCH), date | DayFault | None)
