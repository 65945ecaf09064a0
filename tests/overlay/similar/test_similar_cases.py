"""Which past cases may be told of, and what is told of them."""

from __future__ import annotations

from datetime import date

from made_up_past_families import AS_OF, case, city, consultation, family

from engine.records.feedback import Feedback
from engine.records.household import Row
from ml_overlay.similar.cases import closed_households, courses_of, past_cases, registered_cases
from ml_overlay.similar.words import conference_words, course_words, decided_words, ended_words, support_words

_OPENED, _CLOSED = date(2024, 5, 10), date(2025, 7, 12)


def _closed() -> Row:
    return case(_OPENED, _CLOSED, "改善", severity="中度", abuse_kind="ネグレクト", lead_agency="児童相談所")


def test_a_protected_household_is_never_among_the_past_cases() -> None:
    """Under DV等支援措置 a household is not told of, closed or open, whichever of its children was registered."""
    with city(family("H1", [[_closed()], [_closed()]]), family("H2", [[_closed()]]), protected=["H1"]) as snapshot:
        assert {each.household_key for each in past_cases(snapshot)} == {"H2"}


def test_whoever_was_protected_in_any_list_hides_the_whole_household() -> None:
    """A mother in an older or newer list of protected people is enough, though the snapshot does not call the household protected."""
    with city(family("H1", [[_closed()]]), family("H2", [[_closed()]])) as snapshot:
        assert {each.household_key for each in past_cases(snapshot, hidden={"H1M"})} == {"H2"}
        assert {each.household_key for each in past_cases(snapshot, hidden={"H2"})} == {"H1"}


def test_closed_and_long_open_cases_are_told_of_and_new_ones_are_not() -> None:
    """A case that was opened lately has no course yet."""
    long_open, new = case(date(2026, 1, 5)), case(date(2026, 10, 1))
    with city(family("H1", [[_closed()]]), family("H2", [[long_open]]), family("H3", [[new]])) as snapshot:
        cases = past_cases(snapshot)
        assert [(each.child_key, each.closed_on) for each in cases] == [("H10", _CLOSED), ("H20", None)]
        # They are kept with a model all the same: by the time that it is asked they may have one.
        assert [each.child_key for each in registered_cases(snapshot)] == ["H10", "H20", "H30"]


def test_a_case_that_is_closed_after_the_day_is_still_open_on_it() -> None:
    """What was planned for later has not happened yet."""
    with city(family("H1", [[case(_OPENED, date(2026, 12, 1), "改善")]])) as snapshot:
        assert past_cases(snapshot)[0].closed_on is None


def test_siblings_cases_count_as_one() -> None:
    """Three registered siblings are one household with a closed case."""
    with city(family("H1", [[_closed()], [_closed()], [_closed()]]), family("H2", [[_closed()]])) as snapshot:
        cases = past_cases(snapshot)
        assert (len(cases), closed_households(cases)) == (4, 2)


def test_of_several_cases_of_a_child_the_last_is_told() -> None:
    """Registered again after it was closed: the later course."""
    again = case(date(2025, 9, 1), date(2026, 3, 1), "施設入所")
    with city(family("H1", [[_closed(), again]])) as snapshot:
        assert [each.closed_reason for each in past_cases(snapshot)] == ["施設入所"]


def test_the_course_is_what_happened_while_the_case_was_open() -> None:
    """Consultations of any member and support begun between registration and closing; nothing from before or after."""
    records = [
        _closed(),
        consultation(date(2024, 4, 1), "不登校", "助言"),
        consultation(date(2024, 6, 1), "養護・虐待", "継続支援"),
        consultation(date(2025, 8, 1), "経済", "終了"),
        Row("npo_visit", {"watched_on": date(2024, 9, 1), "organisation": "こども食堂"}),
        Row("npo_visit", {"watched_on": date(2024, 10, 1), "organisation": "こども食堂"}),
        Row("disability_service", {"service_kind": "放課後等デイサービス", "service_from": date(2024, 8, 1)}),
    ]
    mother = [
        consultation(date(2024, 7, 1), "養護・虐待", "助言"),
        Row("public_assistance", {"assistance_from": date(2020, 1, 1)}),
    ]
    with city(family("H1", [records], mother)) as snapshot:
        (past,) = past_cases(snapshot)
        course = courses_of(snapshot, [past])["H10"]
        assert courses_of(snapshot, [past, past])["H10"] == course  # like two children of today, and no course twice as long
    assert course_words(course) == ("相談2回(養護・虐待2回)", "対応は助言1回、継続支援1回")
    assert support_words(course) == (
        "2024年8月から児童発達支援・放課後等デイサービス",
        "2024年8月から障害福祉サービス",
        "2024年9月から見守り訪問(2回)",
    )


def test_a_case_is_told_in_plain_words() -> None:
    """What was decided and how it ended: months, no day, no score."""
    with city(family("H1", [[_closed()]]), family("H2", [[case(date(2026, 2, 10))]])) as snapshot:
        closed, still_open = past_cases(snapshot)
    assert decided_words(closed, 2) == (
        "2024年5月に要保護(ネグレクト、中度)として登録。主担当は児童相談所。きょうだい2人も登録"
    )
    assert ended_words(closed, AS_OF) == "14か月で終結(改善)"
    assert ended_words(still_open, AS_OF) == "継続中(9か月)"


def test_later_decisions_of_a_conference_are_told_once_per_household() -> None:
    """Siblings with the same decision are one line; what was decided after the day is not known yet."""
    entries = [
        Feedback(day, child, "H1", None, decision, "困難あり", "一覧", None, "R1")
        for day, child, decision in (
            (date(2026, 10, 9), "H11", "見守り"),
            (date(2026, 10, 9), "H10", "見守り"),
            (date(2026, 11, 6), "H10", "積極的アプローチ"),
            (date(2026, 12, 4), "H10", "対象外"),
        )
    ]
    assert conference_words(entries, AS_OF) == {
        "H1": ("2026年10月の会議で見守り", "2026年11月の会議で積極的アプローチ")
    }
