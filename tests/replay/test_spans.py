"""Windows and ages are worked out twice, by separate code: once for the evaluators, once for the second opinion."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.replay.meaning import spans
from engine.rulebook.language import windows
from engine.rulebook.language.syntax import AgeLimit, Growth, Window

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
WINDOWS = st.one_of(
    st.builds(Window, st.sampled_from(["日", "週", "か月", "年"]), st.integers(1, 60)),
    st.sampled_from([Window("今年度"), Window("前年度"), Window("これまで")]),
)
AGES = st.builds(AgeLimit, st.integers(0, 90), st.sampled_from(["歳", "か月", "週", "日"]))


@given(st.none() | WINDOWS, DAYS)
def test_a_window_has_the_same_days_both_times(window, as_of):
    """直近n日, 週, か月, 年, 今年度, 前年度, これまで: first and last day agree on every day of a century."""
    span = windows.span_of(window, as_of)
    assert spans.span_of(window, as_of) == spans.Span(span.first_day, span.until)


@given(WINDOWS.filter(lambda w: w.kind != "これまで"), st.sampled_from(["前年", "直前"]), DAYS)
def test_an_earlier_span_has_the_same_days_both_times(window, earlier, as_of):
    """The year before, and as long just before."""
    if earlier == "直前" and not window.n:
        window = Window("か月", 3)
    growth = Growth("absent_days", window, 2, earlier=earlier)
    span = windows.earlier_span(growth, as_of)
    assert spans.earlier_span(growth, as_of) == spans.Span(span.first_day, span.until)


@given(AGES, DAYS)
def test_an_age_is_passed_by_the_same_people_both_times(age, as_of):
    """The latest birth with which one is past an age: the next day's child is not past it yet."""
    born = spans.last_birth_past(age, as_of)
    assert born == windows.last_birth_past(age, as_of)
    assert windows.age_reached_on(born, age) < as_of <= windows.age_reached_on(born + timedelta(days=1), age)


@pytest.mark.parametrize("window", [Window("これまで"), Window("今年度")])
def test_what_has_no_length_has_nothing_as_long_before_it(window):
    """Such a comparison is refused, not guessed."""
    with pytest.raises(ValueError, match="what has no"):
        spans.earlier_span(Growth("absent_days", window, 2, earlier="直前"), date(2026, 11, 20))
