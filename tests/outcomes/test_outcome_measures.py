"""What is counted as what: contact, newly found families, agreement, and how long answers take."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from made_up_outcomes import FIRST, RUNS, SECOND, TODAY, drew, household, listed, measured, said, week

from engine.kernel.truth import Truth
from engine.records.case import SUPPORTED_NOW, Case, Casebook, ChildCase, MemberLine, ScenarioResult, Tier, TypeDecision
from reports.outcomes.measures import Agreement, Days, ListedHousehold, NewlyFound, days_of, listed_week

DECISIONS = ("積極的アプローチ", "学校等への調査", "見守り", "見送り", "既に支援中", "対象外")


def test_contact_is_counted_from_the_day_of_the_conference():
    """連絡がとれた, 面談 and 支援 are contact; 連絡がとれない is none, and the family waits still."""
    made = measured(
        said(1, outcome="面談・訪問ができた", outcome_on=FIRST + timedelta(days=4)),
        said(2, outcome="連絡がとれない", outcome_on=FIRST + timedelta(days=4)),
        said(3),
    ).contact
    assert (made.decided, made.reached, made.waiting.count) == (3, Days(1, 4, 4, 4, 4), 2)
    assert made.waiting.median == (TODAY - FIRST).days


def test_nobody_was_to_be_in_touch_after_being_put_off_or_out_of_scope():
    """Nor where support is in place already: these families are not waiting for us."""
    assert measured(*(said(n, decision) for n, decision in enumerate(DECISIONS))).contact.decided == 3


def test_the_first_contact_counts_and_the_first_decision_that_asked_for_it():
    """A second conference on the same family starts no new clock."""
    made = measured(
        said(1, "学校等への調査"),
        said(1, "見守り", day=SECOND, outcome="支援につながった", outcome_on=SECOND + timedelta(days=2)),
    ).contact
    assert made.reached == Days(1, 9, 9, 9, 9)


def test_a_row_of_the_register_does_not_hide_an_earlier_contact():
    """What is known of the household now is 支援; that somebody spoke with them weeks before stands in the words."""
    now = said(1, outcome="支援につながった", outcome_on=FIRST + timedelta(days=20))
    words = [
        said(1, outcome="連絡がとれた", outcome_on=FIRST + timedelta(days=2)),
        said(1, None, form="台帳", outcome="支援につながった", outcome_on=FIRST + timedelta(days=20)),
    ]
    assert measured(now, words=words).contact.reached.median == 2


def test_a_corrected_sheet_counts_as_it_reads_now():
    """A contact that was written by mistake and taken back is none."""
    mistaken = said(1, outcome="連絡がとれた", outcome_on=FIRST)
    corrected = said(1)
    made = measured(corrected, words=[mistaken, corrected]).contact
    assert (made.reached.count, made.waiting.count) == (0, 1)


def test_a_contact_before_the_conference_is_no_answer_to_it():
    made = measured(said(1, outcome="連絡がとれた", outcome_on=FIRST - timedelta(days=3))).contact
    assert (made.reached.count, made.waiting.count) == (0, 1)


def test_contact_without_a_day_is_contact_all_the_same():
    made = measured(said(1, outcome="連絡がとれた")).contact
    assert (made.reached.count, made.day_unknown, made.waiting.count) == (0, 1, 0)


def test_newly_found_are_neither_registered_nor_supported_already():
    weeks = [week(FIRST, [listed(1, registered=True), listed(2), listed(3), listed(4)])]
    made = measured(said(1), said(2, "既に支援中"), said(3), said(4, "見送り"), weeks=weeks)
    assert made.new == NewlyFound(decided=4, registered=1, supported=1, new=2, new_taken_up=1)


def test_a_household_counts_once_by_its_newest_decision():
    made = measured(said(1, "見送り"), said(1, "積極的アプローチ", day=SECOND))
    assert made.whole == Agreement(decided=1, taken_up=1)


def test_support_in_place_is_agreement_and_putting_off_is_none():
    made = measured(*(said(n, decision) for n, decision in enumerate(DECISIONS)))
    assert made.whole == Agreement(decided=6, taken_up=4)


def test_a_later_sheet_without_a_finding_does_not_take_the_finding_back():
    """And まだ分からない is no answer."""
    made = measured(
        said(1, rightness="合っていた"), said(1, day=SECOND, rightness="まだ分からない"), said(2, rightness="まだ分からない")
    )
    assert (made.whole.answered, made.whole.right) == (1, 1)


def test_a_household_counts_in_each_of_its_types_and_scenarios():
    weeks = [week(FIRST, [listed(1, types=("poverty", "abuse"), scenarios=("PV-01", "SA-01"), raised=True)])]
    made = measured(said(1, rightness="一部合っていた"), weeks=weeks)
    one = Agreement(1, 1, 1, 1)
    assert made.by_type == {"poverty": one, "abuse": one}
    assert made.by_scenario == {"PV-01": one, "SA-01": one}
    assert (made.by_tier, made.by_origin) == ({Tier.INQUIRY: one}, {True: one})


def test_why_it_was_wrong_is_told_by_scenario():
    made = measured(
        said(1, rightness="違っていた", why_wrong="すでに解決していた"), said(2, rightness="一部合っていた", why_wrong="別の困難だった"), said(3, rightness="違っていた")
    )  # fmt: skip
    assert made.wrong_by_scenario == {"PV-01": {"すでに解決していた": 1, "別の困難だった": 1, "": 1}}


def test_only_conferences_of_the_period_count():
    made = measured(said(1), said(2, day=SECOND), end=FIRST)
    assert (made.whole.decided, [one.meeting_on for one in made.weeks]) == (1, [FIRST])


def test_an_answer_came_back_on_the_day_it_was_first_read_in():
    """A row of the register that follows weeks later is no late answer."""
    now = said(1, read_after=40)
    words = [said(1, read_after=3), said(1, None, form="台帳", read_after=40, outcome="連絡がとれない")]
    made = measured(now, words=words)
    assert made.came_back.median == 3
    assert made.weeks[0].came_back.median == 3


def test_drawn_children_who_are_not_clear_are_not_looked_at():
    made = measured(said(1), drawn=[drew(1, "困難あり"), drew(2, "困難なし"), drew(3, "分からない")]).drawn
    assert (made.drawn, made.looked_at, made.found, made.unclear) == (3, 2, 1, 1)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_quartiles_are_days_that_occurred(days: list[int]):
    """No share of a day: each quartile is somebody's, with at least its quarter of all at or below it."""
    made = days_of(days)
    for quarter, day in enumerate((made.lower, made.median, made.upper), start=1):
        assert day in days
        assert 4 * sum(each <= day for each in days) >= quarter * len(days)
        assert 4 * sum(each < day for each in days) < quarter * len(days)
    assert made.longest == max(days)


def test_without_any_conference_there_is_nothing():
    assert measured(weeks=[], today=date(2026, 1, 1)).weeks == ()


def test_what_a_list_tells_of_a_household():
    """Its types above ③, the scenarios that counted, whether a model raised it, and whether one of the family, also a sibling, is registered."""
    child = ChildCase(
        "P1", 9, 3, Tier.INQUIRY,
        (TypeDecision("poverty", Tier.INQUIRY, "", ("PV-01",)), TypeDecision("abuse", Tier.NO_ACTION, "", ())),
        (
            ScenarioResult("PV-01", "poverty", "納付金", "", "強", "", Truth.MET, Truth.UNKNOWN, ()),
            ScenarioResult("PV-02", "poverty", "督促", "", "中", "", Truth.MET, Truth.MET, ()),
            ScenarioResult("AB-01", "abuse", "通告", "", "強", "", Truth.UNKNOWN, Truth.NOT_MET, ()),
        ), (), (), (),
    )  # fmt: skip
    sibling = MemberLine("P2", "きょうだい", 5, False, SUPPORTED_NOW)
    case = Case(
        1, household(1), Tier.INQUIRY, "新規", None, 1, False, False, None, (child,), (MemberLine("P1", "本人", 9, True), sibling), "",
        lifted_from=Tier.NO_ACTION,
    )  # fmt: skip
    book = Casebook(FIRST, FIRST, RUNS[FIRST], "見本市", 50, (), (case,), (), 1, {}, "一致", {})
    assert listed_week(book).households[household(1)] == ListedHousehold(
        household(1), ("poverty",), Tier.INQUIRY, ("PV-01",), raised=True, registered=True
    )
