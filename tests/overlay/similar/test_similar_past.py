"""Which past households are shown with a child of today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.similar.cases import PastCase
from ml_overlay.similar.for_children import hardship_type_asked
from ml_overlay.similar.index import PastIndex, TypeParts
from ml_overlay.similar.likeness import likeness
from ml_overlay.similar.past import Asked, PastHouseholds, Terms, before_registration, by_day, day_before

_AS_OF = date(2026, 11, 20)
_FEATURES = (
    Feature("a", "欠席", "出席", 1, True, ()),
    Feature("b", "遅刻", "出席", 1, True, ()),
    Feature("c", "未納", "家計", 1, True, ()),
    Feature("d", "年齢", "年齢", 0, False, ()),
    Feature("e", "手当", "支援", -1, False, ()),
)


def _case(child: str, home: str, closed: bool = True, registered_on: date = date(2025, 3, 1)) -> PastCase:
    ended = (date(2026, 3, 1), "改善") if closed else (None, "")
    return PastCase(child, home, registered_on, *ended, "要保護", "", "", "")


def _table(children: Sequence[str], homes: Sequence[str], day: date = _AS_OF) -> FeatureTable:
    values = np.zeros((len(children), len(_FEATURES)), dtype=np.float32)
    return FeatureTable(day, np.array(children), np.array(homes), _FEATURES, values)


def _index(
    cases: Sequence[PastCase], parts: Sequence[Sequence[float]], about: Sequence[bool] | None = None
) -> PastIndex:
    everybody = np.ones(len(cases), dtype=np.bool_) if about is None else np.array(about)
    return PastIndex(
        np.array([case.child_key for case in cases]),
        np.array([case.household_key for case in cases]),
        tuple(case.registered_on for case in cases),
        (date(2025, 2, 20),) * len(cases),
        {"abuse": TypeParts(_FEATURES, np.array(parts, dtype=np.float64), everybody)},
    )


def _past(cases: Sequence[PastCase], parts: Sequence[Sequence[float]], terms: Terms) -> PastHouseholds:
    return PastHouseholds(cases, _index(cases, parts), terms)


_MANY = [_case(f"C{j}", f"H{j}") for j in range(8)]
_LIKE = [[1.0 + j / 100, 0, 0, 0, 0] for j in range(8)]


def _asked(past: PastHouseholds, parts: Sequence[float], home: str = "H9", kind: str = "abuse") -> list[str]:
    found = past.similar([Asked("C9", home, kind, np.array(parts))])
    return [each.case.household_key for each in found["C9"]]


def test_at_most_five_households_nearest_first() -> None:
    """A conference reads three to five."""
    assert _asked(_past(_MANY, _LIKE, Terms()), [1.0, 0, 0, 0, 0]) == ["H0", "H1", "H2", "H3", "H4"]


def test_the_own_household_is_never_shown() -> None:
    """Neither the child's own past case nor a sibling's."""
    assert "H0" not in _asked(_past(_MANY, _LIKE, Terms()), [1.0, 0, 0, 0, 0], home="H0")


def test_siblings_are_shown_once_by_the_nearest() -> None:
    """Three registered siblings take one place."""
    cases = [_case(f"C{j}", f"H{j // 3}") for j in range(18)]
    parts = [[1.0 + j / 100, 0, 0, 0, 0] for j in range(18)]
    assert _asked(_past(cases, parts, Terms()), [1.0, 0, 0, 0, 0]) == ["H0", "H1", "H2", "H3", "H4"]


def test_nothing_is_shown_with_too_few_closed_households_and_it_is_said() -> None:
    """Four closed households are too few; open ones and further siblings do not make up for it."""
    cases = [*_MANY[:4], _case("C4", "H3"), *(_case(f"C{j}", f"H{j}", closed=False) for j in range(5, 8))]
    past = _past(cases, _LIKE, Terms())
    assert _asked(past, [1.0, 0, 0, 0, 0]) == []
    assert "4世帯で、5世帯に足りない" in past.why_none("abuse")
    assert _past(_MANY[:5], _LIKE[:5], Terms()).why_none("abuse") == ""
    assert _past(cases, _LIKE, Terms(fewest_closed=4)).why_none("abuse") == ""


def test_closed_cases_come_before_all_but_one_of_the_open() -> None:
    """Many cases have been open for long; how they end is not known, so that at most one of them takes a place, and none uses up the search."""
    cases = [_case(f"C{j:02}", f"H{j:02}", closed=j >= 40) for j in range(46)]
    parts = [[1.0 + j / 1000, 0, 0, 0, 0] for j in range(46)]
    assert _asked(_past(cases, parts, Terms(most=3)), [1.0, 0, 0, 0, 0]) == ["H00", "H40", "H41"]
    assert _asked(_past(cases, parts, Terms(most=3, most_open=0)), [1.0, 0, 0, 0, 0]) == ["H40", "H41", "H42"]


def test_only_cases_that_may_be_shown_today_are_looked_up() -> None:
    """The index is as old as its model: who is hidden or gone since, or has another case by now, is not found; nor is a case that it does not have."""
    index = _index(_MANY, _LIKE)
    again = _case("C0", "H0", registered_on=date(2026, 2, 1))
    new = _case("C99", "H99")
    found = PastHouseholds([again, *_MANY[2:], new], index, Terms()).similar(
        [Asked("C9", "H9", "abuse", np.array([1.0, 0, 0, 0, 0]))]
    )["C9"]
    assert [each.case.household_key for each in found] == ["H2", "H3", "H4", "H5", "H6"]


def test_a_child_that_has_moved_is_known_by_the_household_of_today() -> None:
    """Its household when the model was made counts no more."""
    moved = [_case("C0", "H9"), *_MANY[1:]]
    past = PastHouseholds(moved, _index(_MANY, _LIKE), Terms())
    assert "C0" not in {
        each.case.child_key for each in past.similar([Asked("C9", "H9", "abuse", np.array([1.0, 0, 0, 0, 0]))])["C9"]
    }


def test_whom_the_model_is_not_about_is_not_likened_to() -> None:
    """A model of infants says nothing of a child who was ten before its case."""
    about = [False, False, *[True] * 6]
    past = PastHouseholds(_MANY, _index(_MANY, _LIKE, about), Terms())
    assert _asked(past, [1.0, 0, 0, 0, 0]) == ["H2", "H3", "H4", "H5", "H6"]


def test_it_is_told_how_far_apart_and_as_of_which_day() -> None:
    """For whoever audits: features and concepts differ by .02 each, in millionths of log odds."""
    past = _past(_MANY, _LIKE, Terms())
    found = past.similar([Asked("C9", "H9", "abuse", np.array([1.0, 0, 0, 0, 0]))])["C9"]
    assert [each.distance for each in found[:3]] == [0, 14_142, 28_284]
    assert found[0].looked_at == date(2025, 2, 20)


def test_households_that_are_alike_in_nothing_that_may_be_named_are_not_shown() -> None:
    """Who only has the same age, or is helped alike, is not called similar; and two are too few to be shown."""
    parts = [[0, 0, 0, 2.0, -1.0]] * 6 + [[1.0, 0, 0, 2.0, -1.0]] * 2
    past = _past(_MANY, parts, Terms())
    assert _asked(past, [1.0, 0, 0, 2.0, -1.0]) == []
    assert _asked(_past(_MANY, parts, Terms(fewest=2)), [1.0, 0, 0, 2.0, -1.0]) == ["H6", "H7"]


def test_a_type_without_a_model_shows_nothing() -> None:
    """Likeness is a matter of the model of the type that is asked about."""
    assert _asked(_past(_MANY, _LIKE, Terms()), [1.0, 0, 0, 0, 0], kind="young_carer") == []


def test_near_in_words_is_a_likeness_of_its_own() -> None:
    """Where words may be used, a household whose records read alike comes to the front, and it is said."""
    child = Asked("C9", "H9", "abuse", np.array([1.0, 0, 0, 0, 0]))
    past = _past(_MANY, _LIKE, Terms())
    found = past.similar([child], lambda child, count: ["H9", "H7", "H6"][:count])["C9"]
    # H6 and H7 are far in facts, near in words: both orders count alike.
    assert [(each.case.household_key, each.in_words) for each in found[:2]] == [("H6", True), ("H7", True)]
    assert all(each.case.household_key != "H9" for each in found)


def test_alike_is_what_speaks_for_a_difficulty_in_both() -> None:
    """Concepts, strongest first; what speaks in one of them only is said as a difference; age and support are never named."""
    both = likeness(_FEATURES, np.array([0.5, 0.2, 0.9, 3.0, 0]), np.array([0.0, 0.6, 0.8, 3.0, 0]))
    assert (both.alike, both.differing) == (("家計", "出席"), "")
    apart = likeness(_FEATURES, np.array([0.5, 0.0, 0.9, 0, 0]), np.array([0.5, 0.0, 0.1, 0, 0]))
    assert (apart.alike, apart.differing) == (("出席",), "家計")
    assert likeness(_FEATURES, np.array([-1.0, 0, 0.01, 0, -2]), np.array([-1.0, 0, 0.01, 0, -2])).alike == ()


def test_a_case_is_found_by_what_was_known_before_it_was_registered() -> None:
    """The last of the days three months apart that lies before the registration; a registration on the day itself is not before it."""
    assert day_before(_case("C", "H", registered_on=date(2026, 8, 21)), _AS_OF) == date(2026, 8, 20)
    assert day_before(_case("C", "H", registered_on=date(2026, 8, 20)), _AS_OF) == date(2026, 5, 20)
    assert day_before(_case("C", "H", registered_on=date(2015, 8, 20)), _AS_OF) is None


def test_each_child_is_taken_from_the_table_of_its_own_day() -> None:
    """Of whom nothing was known on that day, no row is made up."""
    early, late, newcomer = (
        _case("C1", "H1", registered_on=date(2025, 3, 1)),
        _case("C2", "H2", registered_on=date(2026, 3, 1)),
        _case("C3", "H3", registered_on=date(2026, 3, 2)),
    )
    days = by_day([early, late, newcomer], _AS_OF)
    assert list(days) == [date(2025, 2, 20), date(2026, 2, 20)]
    tables = [_table(["C1", "C2"], ["H1", "H2"], day) for day in days]
    for number, table in enumerate(tables):
        table.values[:] = number
    joined = before_registration(tables, days)
    assert (joined.child_keys.tolist(), joined.values[:, 0].tolist()) == (["C1", "C2"], [0.0, 1.0])


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        ({"abuse": 2, "school_absence": 1, "poverty": 1}, "school_absence"),
        ({"abuse": 2, "school_absence": 3, "young_carer": 1}, "abuse"),
        ({"abuse": 3, "young_carer": 1}, None),
    ],
)
def test_a_child_is_likened_in_its_most_active_type_that_has_a_model(
    tiers: dict[str, int], expected: str | None
) -> None:
    """Types without a model cannot be asked about; ③ is no reason to look for the like."""
    assert hardship_type_asked(tiers, {"abuse", "school_absence", "poverty"}) == expected
