"""Whom the case register holds, in which order, and what it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from made_up_register import CONFERENCE, END, LATER, LATER_RUN, ON, RUN, START, case, decided, household, known

from engine.records.conference import ConferenceEntry
from reports.register.rows import Known, Register, make_register


def register(*entries: ConferenceEntry, of: Known | None = None) -> Register:
    numbers = range(1, 20)
    return make_register("見本市", entries, of or known(*numbers), on=ON, start=START, end=END)


def keys(made: Register) -> list[str]:
    return [row.household_key for row in made.open]


def test_every_household_with_a_decision_is_there_whatever_was_decided():
    """Nobody is left out for having been put off, set aside or called out of scope: the meeting reviews every case."""
    decisions = ("積極的アプローチ", "学校等への調査", "見守り", "見送り", "既に支援中", "対象外")
    made = register(*(decided(n, decision) for n, decision in enumerate(decisions, start=1)))
    assert sorted(keys(made)) == sorted(household(n) for n in range(1, 7))


def test_a_word_without_a_decision_makes_no_case():
    """A sheet on which only an outcome was written is not yet a decision."""
    assert keys(register(decided(1, None, outcome="連絡がとれた"))) == []


def test_the_overdue_come_first_the_longest_overdue_at_the_top():
    made = register(
        decided(1, review_on=date(2027, 1, 15)),
        decided(2, review_on=date(2026, 12, 20)),
        decided(3, review_on=date(2026, 11, 1)),
        decided(4),
        decided(5, review_on=date(2027, 6, 1)),
        decided(6, "対象外"),
    )
    assert [row.due for row in made.open] == ["期限超過", "期限超過", "期間内", "その先", "未定", "経過だけ"]
    assert keys(made)[:2] == [household(3), household(2)]
    assert made.overdue == 2


def test_a_review_is_overdue_from_the_day_after_it():
    """On the day itself there is still time."""
    assert register(decided(1, review_on=ON)).overdue == 0


def test_being_put_off_is_reviewed_when_it_ends():
    row = register(decided(1, "見送り", until=date(2026, 12, 1))).open[0]
    assert (row.review_on, row.due) == (date(2026, 12, 1), "期限超過")


def test_no_contact_counts_only_where_somebody_was_to_be_in_touch():
    """Days are counted from the first decision that asked for it, also where a later conference decided again."""
    made = register(
        decided(1, "積極的アプローチ"),
        decided(1, "見守り", run_id=LATER_RUN, decided_on=LATER),
        decided(2, "見送り"),
        decided(3, "学校等への調査", outcome="連絡がとれない"),
        decided(4, "見守り", outcome="面談・訪問ができた", outcome_on=date(2026, 10, 20)),
    )
    waits = {row.household_key: row.waits for row in made.open}
    assert waits == {household(1): (ON - CONFERENCE).days, household(2): None, household(3): 73, household(4): None}
    assert made.without_contact == 2


def test_a_closed_household_leaves_the_open_list_for_that_of_the_quarter():
    made = register(decided(1, closed_on=date(2026, 11, 30), closed_because="支援につながった"), decided(2))
    assert keys(made) == [household(2)]
    assert [(row.household_key, row.closed_because) for row in made.closed] == [(household(1), "支援につながった")]


def test_a_case_closed_before_the_quarter_is_in_neither_list():
    made = register(decided(1, decided_on=date(2026, 7, 1), run_id="R20260626-01", closed_on=date(2026, 9, 1)))
    assert (made.open, made.closed) == ((), ())


def test_a_household_decided_on_again_after_it_was_closed_is_open():
    made = register(
        decided(1, closed_on=date(2026, 11, 1)), decided(1, "積極的アプローチ", run_id=LATER_RUN, decided_on=LATER)
    )
    assert keys(made) == [household(1)]
    assert made.open[0].decision.run_id == LATER_RUN
    assert made.open[0].received_on == CONFERENCE


def test_whoever_was_protected_after_the_list_was_made_is_protected():
    """Printing obeys the newest list of 支援措置, of any member of the household."""
    made = register(decided(1), of=known(1, protected=frozenset({"PMADEUP001M"})))
    assert made.open[0].protected


def test_the_council_leads_where_the_conference_named_nobody():
    made = register(decided(1), decided(2, lead_agency="児童相談所"))
    assert {row.household_key: row.lead_agency for row in made.open} == {
        household(1): "学校教育課",
        household(2): "児童相談所",
    }


def test_a_household_whose_list_is_gone_is_counted_and_not_lost():
    lost = replace(known(1), cases={(RUN, household(1)): case(1)})
    made = register(decided(1), decided(2), of=lost)
    assert (keys(made), made.without_case) == ([household(1)], 1)


def test_received_counts_open_and_closed_of_the_quarter():
    made = register(
        decided(1),
        decided(2, closed_on=date(2026, 12, 1)),
        decided(3, decided_on=date(2026, 9, 4), run_id="R20260828-01"),
        of=replace(known(1, 2), cases={**known(1, 2).cases, ("R20260828-01", household(3)): case(3)}),
    )
    assert made.received == 2
