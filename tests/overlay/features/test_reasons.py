"""What raised a score is told in a caseworker's words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from seen_families import AS_OF, VOCABULARY, features_by_name

from engine.records.score import ScoreReason
from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.features.reasons import MOST_REASONS, score_reasons

UNKNOWN = float("nan")


def reasons(told: Mapping[str, tuple[float, float]]) -> tuple[ScoreReason, ...]:
    """The reasons of one child. `told`: by a feature's name or label its value and its contribution."""
    known = features_by_name()
    by_label = {feature.label: feature for feature in known.values()}
    features: list[Feature] = [known.get(name) or by_label[name] for name in told]
    values = np.array([[value for value, _ in told.values()]], np.float32)
    parts = np.array([[part for _, part in told.values()]])
    table = FeatureTable(AS_OF, np.array(["P1"]), np.array(["H1"]), tuple(features), values)
    [found] = score_reasons(table, parts, VOCABULARY)
    return found


def texts(told: Mapping[str, tuple[float, float]]) -> list[str]:
    return [reason.text for reason in reasons(told)]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("absence.child.sum_90d", 12, "出席: 直近90日の欠席が12日"),
        ("absence.child.trend_90d", 8, "出席: 直近90日の欠席が、その前の90日より8日多い"),
        ("absence.sibling.sum_90d", 12, "出席: きょうだいの直近90日の欠席が12日"),
        ("absence.child.latest_90d", 6, "出席: 最新の月の欠席が6日"),
        ("water_demand.household.count_365d", 3, "家計: 水道料金の督促が直近1年に3回"),
        ("nursery_fee_arrears.child.level", 2, "家計: 保育料の滞納が2か月"),
        ("care_level.member.level", 5, "家族の世話: 世帯員の要介護度が要介護3"),
        ("judgement_3y.child.latest", 2, "発達: 最新の3歳児健診の判定が要観察"),
        ("epds_total.mother.latest", 11, "こころの健康: 母の最新のEPDSの合計点が11点"),
        ("prenatal_visits.mother.latest", 3, "妊娠・出産: 母の最新の妊婦健診の受診回数が3回"),
        ("check_3y.child.overdue_d", 120, "健診・予防接種: 3歳児健診が期限を120日過ぎている"),
        ("in_council.sibling.holds", 1, "登録歴: きょうだいに要対協に登録されている人がいる"),
        ("in_council.sibling.lasting_d", 320, "登録歴: きょうだいの要対協の登録が320日続いている"),
        ("council_registered.sibling.since_d", 45, "登録歴: きょうだいの要対協への登録が45日前にある"),
        ("council_registered.sibling.since_d", 0, "登録歴: きょうだいの要対協への登録が当日にある"),
        ("school_fee_arrears.child.sum_90d", 18, "家計: 学校納付金の滞納が直近90日にある"),
        ("school_fee_arrears.child.trend_90d", 9, "家計: 学校納付金の滞納が、その前の90日より増えている"),
        ("school_fee_arrears.child.latest_90d", 6, "家計: 最新の月の学校納付金の滞納が6か月"),
        ("vaccination.child.count_365d", 0, "健診・予防接種: 予防接種が直近1年にない"),
        ("vaccination.child.since_d", 730, "健診・予防接種: 予防接種が2年以上ない"),
        ("check_3y.child.overdue_d", UNKNOWN, "健診・予防接種: 3歳児健診のことは記録になく、分かっていません"),
        ("直近6か月に水道料金の督促が2回以上ある", 1, "家計: 直近6か月に水道料金の督促が2回以上ある"),
        ("直近6か月に水道料金の督促が2回以上ある", UNKNOWN, "家計: 「直近6か月に水道料金の督促が2回以上ある」かどうかは分かっていません"),
    ],
)  # fmt: skip
def test_a_value_in_words(name: str, value: float, text: str) -> None:
    """Each kind of feature has one phrase; what is not known is said to be not known."""
    assert texts({name: (value, 0.5)}) == [text]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("absence.child.sum_90d", 0), ("absence.child.trend_90d", -3), ("water_demand.household.count_365d", 0),
        ("check_3y.child.overdue_d", 0), ("judgement_3y.child.latest", 1), ("in_council.sibling.holds", 0),
        ("care_level.member.level", 0), ("council_registered.sibling.since_d", 730), ("直近6か月に水道料金の督促が2回以上ある", 0),
        ("直近3か月の教育相談が1回以上", 1),
    ],
)  # fmt: skip
def test_nothing_is_no_reason(name: str, value: float) -> None:
    """No absence, no reminder, nothing found at a check: whatever it contributes, it is not told as a reason."""
    assert texts({name: (value, 0.5)}) == []


@pytest.mark.parametrize(
    "name",
    ["on_public_assistance.member.holds", "child_rearing_allowance.child.holds", "age.child.level", "grade.child.level",
     "これまでに精密健診がない"],
)  # fmt: skip
def test_what_may_not_be_named_is_no_reason(name: str) -> None:
    """Neither support, nor age, nor a sentence that asks for little: not even that it is unknown."""
    assert texts({name: (1, 0.9)}) == texts({name: (0, 0.9)}) == texts({name: (UNKNOWN, 0.9)}) == []


def test_contributions_are_added_up_by_concept() -> None:
    """Concepts come by what they contribute together; what lowers the score is set off; of none below zero is told."""
    found = reasons({
        "absence.child.sum_90d": (12, 0.25), "lateness.child.sum_90d": (4, 0.25), "nurse_room.child.sum_90d": (3, 0.4),
        "water_demand.household.count_365d": (3, 0.3), "water_unpaid.household.count_365d": (0, -0.1),
        "epds_total.mother.latest": (3, -0.2), "check_3y.child.overdue_d": (30, 0.05),
        "on_public_assistance.member.holds": (0, 5.0),
    })  # fmt: skip
    assert [(reason.group, reason.millionths) for reason in found] == [
        ("出席", 500_000), ("学校生活", 400_000), ("家計", 200_000)
    ]  # fmt: skip
    assert len(found) == MOST_REASONS


def test_one_or_two_facts_stand_for_a_concept() -> None:
    """The heaviest fact, and a second one of another item if it weighs at least a third of it."""
    facts = {
        "absence.child.sum_90d": (12, 0.6),
        "absence.child.sum_365d": (31, 0.5),
        "lateness.child.sum_90d": (4, 0.2),
    }
    assert texts(facts) == ["出席: 直近90日の欠席が12日、直近90日の遅刻が4回"]
    assert texts({**facts, "lateness.child.sum_90d": (4, 0.19)}) == ["出席: 直近90日の欠席が12日"]


def test_what_is_not_known_of_others_stands_back() -> None:
    """That a sibling's check, or the absences of a child of four, are not known is told only where nothing else can be."""
    idle = {"absence.child.sum_90d": (UNKNOWN, 0.6), "check_3y.sibling.overdue_d": (UNKNOWN, 0.5)}
    known = {"water_demand.household.count_365d": (3, 0.1)}
    assert texts({**idle, **known}) == ["家計: 水道料金の督促が直近1年に3回"]
    assert texts({**idle, "check_3y.child.overdue_d": (UNKNOWN, 0.1)}) == [
        "健診・予防接種: 3歳児健診のことは記録になく、分かっていません"
    ]
    assert texts(idle) == [
        "出席: 欠席のことは記録になく、分かっていません",
        "健診・予防接種: きょうだいの3歳児健診のことは記録になく、分かっていません",
    ]


def test_the_same_records_are_not_told_twice() -> None:
    """遅刻 is part of 遅刻・早退, and a consultation on abuse is a consultation: side by side they would seem twice as much."""
    late = {"late_or_early.child.sum_365d": (83, 0.6), "lateness.child.sum_365d": (66, 0.5)}
    assert texts(late) == ["出席: 直近1年の遅刻・早退が83回"]
    assert texts({**late, "non_sick_absence.child.sum_90d": (7, 0.3), "absence.child.sum_90d": (9, 0.2)}) == [
        "出席: 直近1年の遅刻・早退が83回、直近90日の病気以外の欠席が7日"
    ]
    asked = {"consulted.sibling.since_d": (164, 0.4), "consulted_abuse.sibling.since_d": (164, 0.3)}
    assert texts(asked) == ["相談: きょうだいの相談が164日前にある"]


def test_no_reason_speaks_of_a_cause_or_a_probability() -> None:
    """Whatever the values, a reason holds neither 原因 nor a percentage, and no number that is not the fact's own."""
    for name, feature in features_by_name().items():
        steps = max((len(VOCABULARY.items[item].values) for item in feature.items), default=0)
        most = 1 if name.startswith("sentence.") else steps or 730
        for value in (*(n for n in (0, 1, 2, 5, 90, 730) if n <= most), UNKNOWN):
            for text in texts({name: (value, 0.123456)}):
                assert not any(word in text for word in ("原因", "%", "確率", "123"))
                assert not any(item in text for item in feature.items)


def test_a_child_without_contributions_has_no_reason() -> None:
    """Nothing is made up where nothing raised the score; and a matrix of another shape is refused."""
    assert texts({"absence.child.sum_90d": (12, 0.0)}) == []
    table = FeatureTable(
        AS_OF,
        np.array(["P1"]),
        np.array(["H1"]),
        (features_by_name()["absence.child.sum_90d"],),
        np.zeros((1, 1), np.float32),
    )
    with pytest.raises(ValueError, match="shape"):
        score_reasons(table, np.zeros((1, 2)), VOCABULARY)
