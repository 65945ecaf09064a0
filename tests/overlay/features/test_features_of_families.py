"""What is seen of made-up families, in numbers; None is unknown."""

from __future__ import annotations

from datetime import date

import pytest
from seen_families import MONTHS, ago, family, months, numbers, person, row

SUMS = tuple(f"absence.child.{what}" for what in ("sum_90d", "sum_365d", "latest_90d", "trend_90d"))


def test_amounts_are_summed_and_compared_with_the_time_before() -> None:
    """Of five months of school: the last 90 days (since 22 August), the year, the newest month, and what has changed."""
    assert numbers(family(person("P1", *months(1, 2, 0, 4, 8))), *SUMS) == [12, 15, 8, 9]


def test_a_missing_month_leaves_the_sum_unknown() -> None:
    """Without October's row nobody knows the sum of 90 days; the newest month is September."""
    child = person("P1", *months(1, 2, 0, 4, of=MONTHS[:4]))
    assert numbers(family(child), *SUMS) == [None, None, 4, None]


def test_an_unknown_cell_leaves_the_sum_unknown() -> None:
    """A month whose absence is blank is not a month without absence."""
    assert numbers(family(person("P1", *months(1, 2, 0, 4, None))), *SUMS) == [None, None, None, None]


def test_who_is_not_covered_has_no_sum() -> None:
    """A child of a school that delivers nothing: unknown, never 0."""
    assert numbers(family(person("P1", uncovered=("school_attendance",))), *SUMS) == [None] * 4


def test_coverage_from_within_the_window_leaves_it_unknown() -> None:
    """Who is covered for 100 days is known for 90 days and not for a year."""
    child = person("P1", *months(4, 8, of=MONTHS[3:]), covered=ago(100))
    assert numbers(family(child, periods=MONTHS[3:]), *SUMS[:2]) == [12, None]


def bill(number: int, end: date, demanded: date | None = None, unknown: tuple[str, ...] = ()) -> object:
    return row("water_bill", 2 + number, unknown, billed_on=end, demanded_on=demanded)


def test_events_of_the_household_are_counted() -> None:
    """Three reminders within a year, one within 90 days; a bill without one is no reminder."""
    ends = (date(2026, 2, 28), date(2026, 4, 30), date(2026, 6, 30), date(2026, 8, 31), date(2026, 10, 31))
    demands = (ago(240), None, ago(120), None, ago(10))
    bills = tuple(bill(n, end, day) for n, (end, day) in enumerate(zip(ends, demands, strict=True)))
    names = ("water_demand.household.count_90d", "water_demand.household.count_365d")
    assert numbers(family(person("P1"), bills=bills), *names) == [1, 3]  # type: ignore[arg-type]
    unclear = (*bills[:4], bill(4, ends[4], None, ("demanded_on",)))
    assert numbers(family(person("P1"), bills=unclear), *names) == [None, None]  # type: ignore[arg-type]


SINCE, COUNT = "vaccination.child.since_d", "vaccination.child.count_365d"


def vaccinated(*days_ago: int) -> tuple[object, ...]:
    return tuple(row("vaccination", 2 + n, vaccinated_on=ago(days)) for n, days in enumerate(days_ago))


@pytest.mark.parametrize(
    ("days_ago", "covered", "years", "known"),
    [
        ((40, 400), date(2010, 4, 1), 9, [40, 1]),
        ((900,), date(2010, 4, 1), 9, [730, 0]),
        ((), date(2010, 4, 1), 9, [730, 0]),
        ((), ago(400), 9, [None, 0]),
        ((), ago(100), 9, [None, None]),
        ((40,), ago(100), 9, [40, None]),
    ],
)
def test_time_since_an_event(days_ago: tuple[int, ...], covered: date, years: int, known: list[float | None]) -> None:
    """Days since the newest; two years where it is longer ago or never was; unknown where nobody told of two years."""
    child = person("P1", *vaccinated(*days_ago), years=years, covered=covered)  # type: ignore[arg-type]
    assert numbers(family(child), SINCE, COUNT) == known


def test_a_baby_covered_from_birth_never_had_what_is_not_recorded() -> None:
    """For a baby of five months, told of since its birth, no vaccination is known to be none in its life."""
    baby = person("P1", years=0, covered=date(2026, 6, 1))
    assert numbers(family(baby), SINCE) == [730]


def test_states_hold_on_the_day() -> None:
    """A certificate handed back does not hold; one in force does, for so many days; silence of a source is unknown."""
    issued = row("disability_certificate", certificate_kind="療育", certificate_issued_on=ago(200))
    returned = row(
        "disability_certificate",
        certificate_kind="療育",
        certificate_issued_on=ago(500),
        certificate_returned_on=ago(30),
    )
    names = ("intellectual_certificate.child.holds", "intellectual_certificate.child.lasting_d")
    assert numbers(family(person("P1", issued)), *names) == [1, 200]
    assert numbers(family(person("P1", returned)), *names) == [0, 0]
    assert numbers(family(person("P1", uncovered=("disability",))), *names) == [None, None]
    unknown_end = row("disability_certificate", 2, ("certificate_returned_on",), certificate_kind="療育",
                      certificate_issued_on=ago(500))  # fmt: skip
    assert numbers(family(person("P1", unknown_end)), *names) == [None, None]


def test_steps_of_a_scale_count_from_one() -> None:
    """要介護3 is the fifth step; nobody certified is 0; a certification whose level is blank is unknown."""
    grandmother = person("P2", row("care_certification", care_level="要介護3", certified_from=ago(100)),
                         years=80, relations=("祖父母",))  # fmt: skip
    blank = person("P2", row("care_certification", certified_from=ago(100)), years=80, relations=("祖父母",))
    name = "care_level.member.level"
    assert numbers(family(person("P1"), grandmother), name) == [5]
    assert numbers(family(person("P1"), person("P2", years=40, relations=("母",))), name) == [0]
    assert numbers(family(person("P1"), blank), name) == [None]


def test_the_newest_value_counts_of_records_that_do_not_add_up() -> None:
    """Two EPDS scores are not a sum: the newer counts, within a year only if it lies within one."""
    mother = person("P2", row("epds", 2, epds_on=ago(500), epds_total=12), row("epds", 3, epds_on=ago(400), epds_total=7),
                    years=35, relations=("母",))  # fmt: skip
    names = ("epds_total.mother.latest", "epds_total.mother.latest_365d")
    assert numbers(family(person("P1"), mother), *names) == [7, None]
    assert numbers(family(person("P1"), person("P2", years=35, relations=("母",))), *names) == [None, None]


def test_what_is_due_is_overdue_from_its_day() -> None:
    """Not done 100 days after its day: 100; done, or due later: 0; without a due day at hand: unknown."""
    name = "check_3y.child.overdue_d"

    def check(**cells: object) -> float | None:
        due = row("health_check", check_kind="3歳児健診", **cells)  # type: ignore[arg-type]
        [found] = numbers(family(person("P1", due, years=4)), name)
        return found

    assert check(due_on=ago(100)) == 100
    assert check(due_on=ago(100), taken_on=ago(3)) == 0
    assert check(due_on=ago(-20)) == 0
    assert numbers(family(person("P1", years=4)), name) == [None]


def test_of_several_siblings_the_one_who_worries_most_counts() -> None:
    """The most absences; the smallest weight at birth; the most recent event."""

    def sibling(key: str, absent: int, weight: int, registered: int) -> object:
        return person(
            key, *months(0, 0, 0, 0, absent), row("birth", delivered_on=ago(3000), birth_weight_g=weight),
            row("council_case", registered_on=ago(registered)), relations=("きょうだい",),
        )  # fmt: skip

    household = family(person("P1"), sibling("P2", 3, 3100, 300), sibling("P3", 9, 2200, 20))  # type: ignore[arg-type]
    names = ("absence.sibling.sum_90d", "birth_weight.sibling.latest", "council_registered.sibling.since_d")
    assert numbers(household, *names) == [9, 2200, 20]


def test_one_siblings_absence_is_known_though_anothers_is_not() -> None:
    """What is known of one is so much at least; only "none" cannot be told while one of them is unknown."""
    absent = person("P2", *months(0, 0, 0, 0, 9), relations=("きょうだい",))
    never = person("P2", *months(0, 0, 0, 0, 0), relations=("きょうだい",))
    unknown = person("P3", uncovered=("school_attendance",), relations=("きょうだい",))
    name = "absence.sibling.sum_90d"
    assert numbers(family(person("P1"), absent, unknown), name) == [9]
    assert numbers(family(person("P1"), never, unknown), name) == [None]
    assert numbers(family(person("P1"), unknown), name) == [None]
    assert numbers(family(person("P1")), name) == [0]


def test_the_child_is_not_among_its_own_relatives() -> None:
    """A registered child's own case is not seen by way of the household; for its sibling it is."""
    case = row("council_case", registered_on=ago(50))
    child, sibling = person("P1", case), person("P2", relations=("きょうだい",))
    name = "in_council.sibling.holds"
    assert numbers(family(child, sibling), name) == [0]
    assert numbers(family(person("P2"), person("P1", case, relations=("きょうだい",))), name) == [1]


def test_age_and_grade_are_seen_as_they_are() -> None:
    """Years, and the school grade; before school it is 0 and less."""
    names = ("age.child.level", "grade.child.level")
    assert numbers(family(person("P1", years=9)), *names) == [9, 3]
    assert numbers(family(person("P1", years=3)), *names) == [3, -3]


def test_a_relative_who_is_not_there_has_no_records() -> None:
    """Without a mother there are no events of hers, as the rules say too; a score of hers there is none."""
    names = ("consulted_parenting.mother.count_365d", "consulted_parenting.mother.since_d", "epds_total.mother.latest")
    assert numbers(family(person("P1")), *names) == [0, 730, None]
