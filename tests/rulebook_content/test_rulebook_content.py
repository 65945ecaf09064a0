"""The six rulebooks as the conference uses them: they load, their examples hold, and they keep the city's promises."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rulebook_promises import (
    own_council_registration,
    resolved,
    separate_room_hides,
    support_held_against,
    texts_of,
    too_short_for_late_deliveries,
    unguarded_school_sentences,
    unnamed_policy_numbers,
    uses,
)

from engine.evaluate.examples.run import ExampleReport, run_examples
from engine.evaluate.meaning.reference import judge_sentences
from engine.evaluate.plan import make_plan, scenario_truth
from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS
from engine.records.household import Household
from engine.records.layout import load_layouts
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.rulebook.checks.promises import is_met_without_need
from engine.rulebook.examples.households import build_household
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language import syntax as s
from engine.rulebook.language.parsing import parser_for
from engine.rulebook.model import Example, RulebookSet, Scenario

ROOT = Path(__file__).parents[2]
AS_OF = date(2026, 11, 20)
PREFIXES = {
    "abuse": "AB",
    "school_absence": "SA",
    "young_carer": "YC",
    "poverty": "PV",
    "postpartum_depression": "PD",
    "developmental_disorder": "DD",
}
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml", ROOT)
RULEBOOKS = load_rulebooks(ROOT / "rulebooks", VOCABULARY, as_of=AS_OF, root=ROOT)
SCENARIOS = tuple(RULEBOOKS.scenarios)
PLAN = make_plan(RULEBOOKS, VOCABULARY)
BY_ID = {scenario.id: scenario for scenario in SCENARIOS}
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return VOCABULARY


@pytest.fixture(scope="module")
def rulebooks() -> RulebookSet:
    return RULEBOOKS


@pytest.fixture(scope="module")
def source_labels() -> dict[str, str]:
    layouts = load_layouts(ROOT / "sources", VOCABULARY, ROOT)
    return {source: layout.label for source, layout in layouts.items()}


@pytest.fixture(scope="module")
def report(source_labels: dict[str, str]) -> ExampleReport:
    return run_examples(RULEBOOKS, VOCABULARY, source_labels)


def condition(*lines: str) -> s.Condition:
    """すべて of the sentences as written."""
    parser = parser_for(VOCABULARY)
    parts = []
    for line in lines:
        read = parser.read(line)
        assert not isinstance(read, tuple), f"{line}: {read}"
        parts.append(read)
    return s.Group("すべて", tuple(parts))


def asked_by(scenario: Scenario) -> s.Condition:
    """What a scenario asks, with the scenarios to which it refers written out."""
    return resolved(scenario.condition, BY_ID)


def truths_for(household: Household) -> dict[str, tuple[Truth, Truth]]:
    """Whether each scenario is met, and whether it is cancelled, by 番号."""
    judged = judge_sentences(PLAN.conditions, PLAN.by_id, household, VOCABULARY)
    return {planned.id: scenario_truth(planned, lambda t: judged[t].truth) for planned in PLAN.scenarios}


# ── they load and do what their authors said ──


def test_all_six_types_have_a_rulebook(rulebooks: RulebookSet) -> None:
    """Every hardship type has its file, in force, with ten to fifteen scenarios numbered without gaps."""
    assert [book.hardship_type for book in rulebooks.rulebooks] == list(HARDSHIP_LABELS)
    for book in rulebooks.rulebooks:
        assert not book.not_in_force
        prefix = PREFIXES[book.hardship_type]
        assert [scenario.id for scenario in book.scenarios] == [
            f"{prefix}-{number:02}" for number in range(1, len(book.scenarios) + 1)
        ]
        assert 10 <= len(book.scenarios) <= 15


def test_every_example_holds(report: ExampleReport) -> None:
    """Each made-up household gets the outcome that its author wrote."""
    assert len(report.runs) > 3 * len(SCENARIOS)
    assert not report.problems
    assert [f"{run.scenario_id} {run.title}" for run in report.runs if not run.passed] == []


def test_every_sentence_is_seen_met_and_not_met(report: ExampleReport) -> None:
    """No sentence of any scenario is there without an example that shows what it does, both ways."""
    assert [f"{gap.scenario_id} {gap.text} {gap.lacking}" for gap in report.coverage if gap.lacking] == []


@each_scenario
def test_every_cancelling_fact_has_its_example(scenario: Scenario) -> None:
    """Each way of 打ち消し is shown by a household of its own."""
    outcomes = Counter(example.outcome for example in scenario.examples)
    assert outcomes["打ち消し"] >= len(scenario.cancels)
    assert (outcomes["打ち消し"] > 0) == bool(scenario.cancels)


@each_scenario
def test_examples_explain_themselves(scenario: Scenario) -> None:
    """An example says in words what makes it come out as it does, and no two examples say the same."""
    titles = [example.title for example in scenario.examples]
    assert all(len(title) >= 8 for title in titles)
    assert len(set(titles)) == len(titles)


# ── what a scenario must carry ──


@each_scenario
def test_every_scenario_says_why_and_whence(scenario: Scenario) -> None:
    """Purpose, source and questions are there; the source says what is documented and what is the city's own choice."""
    assert len(scenario.purpose) >= 20
    assert " " not in scenario.purpose  # a folded line of YAML would leave a gap in Japanese text
    assert "[D]" in scenario.source or "[E]" in scenario.source
    if "[E]" in scenario.source:
        assert "当市の既定" in scenario.source
    assert scenario.ask


def test_every_threshold_says_whence(rulebooks: RulebookSet) -> None:
    """Beside each named number stands whether it is documented or the city's own choice."""
    for book in rulebooks.rulebooks:
        assert len(book.thresholds) >= 5, book.file
        for threshold in book.thresholds:
            source = threshold.source or ""
            assert "[D]" in source or ("[E]" in source and "当市の既定" in source), threshold.name


@each_scenario
def test_policy_numbers_stand_in_one_place(scenario: Scenario) -> None:
    """Days, times and points that a city may want to change are named under 閾値 and not written into sentences."""
    assert [t for part in (scenario.condition, *scenario.cancels) for t in unnamed_policy_numbers(part)] == []


@each_scenario
def test_questions_are_polite(scenario: Scenario) -> None:
    """Questions to a family or a school are whole polite sentences, or hand over to the ordinary notification."""
    polite = (
        "通常の通告手順へ",
        "ください。",
        "ですか。",
        "ますか。",
        "ませんか。",
        "でしょうか。",
        "ましたか。",
        "でしたか。",
    )
    assert [question for question in scenario.ask if not question.endswith(polite)] == []


def test_strengths_are_spread(rulebooks: RulebookSet) -> None:
    """Each rulebook has strong, middle and weak scenarios, and strong ones are the smaller part."""
    for book in rulebooks.rulebooks:
        counts = Counter(scenario.strength for scenario in book.scenarios)
        assert set(counts) == {"強", "中", "弱"}, book.file
        assert 2 <= counts["強"] <= 5
    total = Counter(scenario.strength for scenario in SCENARIOS)
    assert total["強"] < total["中"]
    assert total["強"] * 3 <= len(SCENARIOS)


# ── promises to families ──


@each_scenario
def test_support_is_never_held_against_a_family(scenario: Scenario, vocabulary: Vocabulary) -> None:
    """Using support never helps to meet a scenario; only its lack may, and its use may cancel."""
    assert support_held_against(asked_by(scenario), vocabulary) == []


@each_scenario
def test_no_scenario_is_met_without_a_need(scenario: Scenario, vocabulary: Vocabulary) -> None:
    """Being a single-parent family, having moved, or using or not using support is never enough by itself."""
    assert not is_met_without_need(asked_by(scenario), vocabulary)


@each_scenario
def test_the_childs_own_registration_is_no_reason(scenario: Scenario) -> None:
    """That the council already knows the child is no sign of a new difficulty; a sibling's registration may be one."""
    assert own_council_registration(asked_by(scenario)) == []


@each_scenario
def test_separate_room_never_hides_absence(scenario: Scenario) -> None:
    """Days in a separate room count as attendance in the books; here they never cancel nor disprove absence."""
    assert not separate_room_hides(asked_by(scenario), scenario.cancels)


@each_scenario
def test_words_rate_no_danger_and_no_nationality(scenario: Scenario) -> None:
    """What is read aloud holds no score, no degree of danger and no nationality."""
    text = texts_of(scenario)
    for word in ("緊急度", "重症度", "最重度", "危険度", "スコア", "外国籍", "国籍", "リスク"):
        assert word not in text, word
    assert not re.search(r"[0-9.]+[%%]", re.sub(r"高校2年生の4\.1%", "", text))


@each_scenario
def test_urgent_signs_go_the_ordinary_way(scenario: Scenario) -> None:
    """A scenario fed by an urgent call, a sign of injury or thoughts of self-harm points to the ordinary procedure."""
    if {"npo_urgent", "npo_injury", "epds_item10"} & {item for item, _ in uses(asked_by(scenario))}:
        assert any("通常の通告手順へ" in question for question in scenario.ask)
        assert not scenario.cancels
    if {"npo_urgent", "npo_injury"} & {item for item, _ in uses(asked_by(scenario))}:
        assert scenario.ask == ("通常の通告手順へ",)


def test_urgent_signs_are_watched() -> None:
    """Urgent calls, signs of injury and item 10 each have their scenario (or the tests above would watch nothing)."""
    watched = {item for scenario in SCENARIOS for item, positive in uses(asked_by(scenario)) if positive}
    assert watched >= {"npo_urgent", "npo_injury", "epds_item10", "separate_room"}


@pytest.mark.parametrize("total", [0, 3, 8, 9, 30])
def test_item_ten_counts_whatever_the_total(total: int, source_labels: dict[str, str]) -> None:
    """One point on item 10 of the EPDS meets a strong scenario at any total, even if help is already there."""
    example = Example.model_validate(
        {
            "例": "項目10が1点",
            "結果": "該当",
            "事実": {
                "本人": {"年齢": "0"},
                "世帯員": [{"続柄": "母", "年齢": "30"}, {"続柄": "父", "年齢": "31"}],
                "出来事": [
                    {"種類": "EPDSの合計点", "量": total, "日前": 20, "誰": "母"},
                    {"種類": "EPDSの項目10", "量": 1, "日前": 20, "誰": "母"},
                    {"種類": "継続支援中の相談", "日前": 5},
                    {"種類": "見守り訪問", "日前": 5},
                ],
            },
        }
    )
    assert "PD-01" in standing_hits(example, source_labels)


@pytest.mark.parametrize("age", [3, 16])
def test_unknown_never_comes_from_schools_for_children_without_one(age: int, source_labels: dict[str, str]) -> None:
    """A toddler or a 16-year-old, with siblings likewise, is never 不明 merely because no city school covers them."""
    example = Example.model_validate(
        {
            "例": "市の学校の対象ではない",
            "結果": "非該当",
            "事実": {
                "本人": {"年齢": str(age)},
                "世帯員": [
                    {"続柄": "母", "年齢": "40"},
                    {"続柄": "きょうだい", "年齢": "2"},
                    {"続柄": "きょうだい", "年齢": "17"},
                ],
                "出来事": [
                    {"種類": "3〜4か月児健診", "期限から": 900, "実施": 890},
                    {"種類": "1歳6か月児健診", "期限から": 500, "実施": 490},
                    {"種類": "3歳児健診", "期限から": 30, "実施": 20},
                    # one need of every kind, so that nothing but the schools' silence is left to decide
                    {"種類": "水道料金の督促", "日前": 20},
                    {"種類": "給水停止", "日前": 20},
                    {"種類": "生活保護の廃止", "日前": 100},
                    {"種類": "家族の介護・家事の見守り記録", "日前": 20},
                    {"種類": "養護・虐待の相談", "日前": 100},
                    {"種類": "就学相談の辞退", "日前": 100},
                ],
                "不明": ["校務支援(出欠・学校生活)", "学齢簿・就学援助"],
            },
        }
    )
    household = build_household(example, VOCABULARY, source_labels)
    assert not isinstance(household, tuple)
    assert [id_ for id_, (met, _) in truths_for(household).items() if met is Truth.UNKNOWN] == []


@each_scenario
def test_school_records_are_asked_of_school_children_only(scenario: Scenario, vocabulary: Vocabulary) -> None:
    """Beside every sentence about school records stands the 学年, so that a toddler is 非該当 and not 不明."""
    whole = s.Group("すべて", (scenario.target, scenario.condition, *scenario.cancels))
    grade = (
        any(
            isinstance(t, s.Compare) and t.item == "grade"
            for t in (scenario.target, *getattr(scenario.condition, "parts", ()))
        )
        and getattr(scenario.condition, "kind", "すべて") == "すべて"
    )
    assert list(unguarded_school_sentences(whole, vocabulary, grade)) == []


@each_scenario
def test_windows_bear_late_deliveries(scenario: Scenario, vocabulary: Vocabulary) -> None:
    """No window is so short that a monthly delivery comes too late to be seen in it."""
    assert too_short_for_late_deliveries(asked_by(scenario), vocabulary) == []


def test_unclaimed_support_is_looked_for() -> None:
    """At least four types have a scenario on support that a family could have and does not: their names say so."""
    found: dict[str, list[str]] = {}
    for scenario in SCENARIOS:
        if re.search(r"(受け取れる|使える)はず", scenario.name):
            found.setdefault(scenario.hardship_type, []).append(scenario.id)
            lacking = {item for item, positive in uses(asked_by(scenario)) if not positive}
            assert any(VOCABULARY.items[item].support for item in lacking), scenario.id
    assert len(found) >= 4
    assert len(found["poverty"]) >= 2


def standing_hits(example: Example, source_labels: dict[str, str]) -> set[str]:
    """Ids of the scenarios that an example's household meets and nothing cancels."""
    household = build_household(example, VOCABULARY, source_labels)
    assert not isinstance(household, tuple), household
    return {
        id_
        for id_, (met, cancelled) in truths_for(household).items()
        if met is Truth.MET and cancelled is not Truth.MET
    }


# ── families whom no scenario may touch ──


QUIET_FAMILIES = {
    "大人が一人で、児童扶養手当と就学援助を受け、元気に通っている": {
        "本人": {
            "年齢": "9",
            "児童扶養手当の全部支給": "あり",
            "児童扶養手当": "あり",
            "就学援助": "あり",
            "児童手当": "あり",
        },
        "世帯員": [{"続柄": "母", "年齢": "34"}, {"続柄": "きょうだい", "年齢": "7"}],
    },
    "大人が一人で、手当も援助も受けていないが、困りごとはない": {
        "本人": {"年齢": "9", "児童手当": "あり"},
        "世帯員": [{"続柄": "父", "年齢": "41"}],
    },
    "生活保護を利用し、落ち着いて暮らしている": {
        "本人": {"年齢": "13", "生活保護": "あり", "就学援助": "あり", "児童手当": "あり"},
        "世帯員": [{"続柄": "母", "年齢": "44", "生活保護": "あり", "医療扶助": "あり"}],
    },
    "引っ越してきたばかりの家族": {
        "本人": {"年齢": "10", "児童手当": "あり"},
        "世帯員": [{"続柄": "母", "年齢": "36"}, {"続柄": "父", "年齢": "38"}],
        "出来事": [
            {"種類": "転入", "日前": 60},
            {"種類": "転入", "日前": 60, "誰": "母"},
            {"種類": "転入", "日前": 60, "誰": "父"},
        ],
    },
    "要対協で見守られていて、新しい困りごとはない": {
        "本人": {"年齢": "11", "要対協の登録": "あり", "児童手当": "あり"},
        "世帯員": [{"続柄": "母", "年齢": "36"}, {"続柄": "父", "年齢": "38"}],
    },
    "通級で学び、放課後等デイサービスに通い、相談も続けている": {
        "本人": {
            "年齢": "9",
            "学級区分": "通級",
            "児童発達支援・放課後等デイサービス": "あり",
            "療育手帳": "あり",
            "児童手当": "あり",
        },
        "世帯員": [{"続柄": "母", "年齢": "36"}, {"続柄": "父", "年齢": "38"}],
        "出来事": [{"種類": "継続支援中の相談", "日前": 20}, {"種類": "教育相談", "量": 5, "日前": 51}],
    },
    "祖母の介護に介護サービスを使い、こどもは元気に通っている": {
        "本人": {"年齢": "14", "児童手当": "あり"},
        "世帯員": [
            {"続柄": "母", "年齢": "44"},
            {"続柄": "祖父母", "年齢": "80", "要介護度": "要介護4", "介護サービス": "あり"},
        ],
    },
    "避難してきて、支援措置を受け、園にも通えている": {
        "本人": {"年齢": "4", "DV等支援措置": "あり", "保育施設": "あり", "児童手当": "あり"},
        "世帯員": [{"続柄": "母", "年齢": "30", "DV等支援措置": "あり"}],
        "出来事": [
            {"種類": "3〜4か月児健診", "期限から": 1300, "実施": 1290},
            {"種類": "1歳6か月児健診", "期限から": 900, "実施": 890},
            {"種類": "3歳児健診", "期限から": 200, "実施": 190},
        ],
    },
}


@pytest.mark.parametrize("facts", QUIET_FAMILIES.values(), ids=QUIET_FAMILIES.keys())
def test_a_family_without_a_need_meets_nothing(facts: dict[str, object], source_labels: dict[str, str]) -> None:
    """A family that is poor, single-parent, new in town or supported, and gets along, meets no scenario at all."""
    example = Example.model_validate({"例": "困りごとのない家族", "結果": "非該当", "事実": facts})
    assert standing_hits(example, source_labels) == set()


# ── the tests can fail ──


def test_an_example_that_does_not_hold_is_found(source_labels: dict[str, str]) -> None:
    """When a scenario's threshold is changed, its own examples speak up; so does a sentence nobody exercises."""
    book = RULEBOOKS.rulebooks[0]
    honest = book.scenarios[1]
    changed = replace(honest, condition=condition("直近2か月に見守りからの緊急連絡が9回以上ある"))
    report = run_examples(
        replace(RULEBOOKS, rulebooks=(replace(book, scenarios=(changed,)),)), VOCABULARY, source_labels
    )
    assert not report.passed
    assert any(not run.passed for run in report.runs)
    assert any(gap.lacking for gap in report.coverage if gap.scenario_id == honest.id)


@pytest.mark.parametrize(
    ("lines", "item"),
    [
        (("生活保護を受給している",), "on_public_assistance"),
        (("医療扶助を受けている母がいる",), "on_medical_aid"),
        (("直近3か月に見守り訪問がある",), "npo_visited"),
        (("直近3か月に、母に継続支援中の相談が2回以上ある",), "consultation_ongoing"),
        (("介護サービスを利用していない世帯員が0人以下である",), "care_service_used"),
    ],
)
def test_support_held_against_a_family_is_found(lines: tuple[str, ...], item: str) -> None:
    """The watch over support finds it in every form of sentence in which it could be written."""
    assert support_held_against(condition(*lines), VOCABULARY) == [item]
    assert support_held_against(s.Group("次でない", (condition(*lines),)), VOCABULARY) == []


def test_lack_of_support_turned_round_is_found() -> None:
    """「次でない: 受けていない」 is receiving, and is found."""
    turned = s.Group("次でない", (condition("就学援助を受けていない"),))
    assert support_held_against(turned, VOCABULARY) == ["school_expense_aid"]


@pytest.mark.parametrize(
    "lines",
    [
        ("父がいない", "児童扶養手当を受給していない"),
        ("年齢が18歳以上の世帯員が1人以下である", "年齢が6歳未満のきょうだいが2人以上いる"),
        ("児童扶養手当の全部支給を受けている", "就学援助を受けていない"),
        ("DV等支援措置を受けている",),
        ("直近12か月に転入がある", "保育施設を利用していない"),
    ],
)
def test_a_scenario_without_a_need_is_found(lines: tuple[str, ...]) -> None:
    """Household shape and benefits alone are recognised as no need; with an unpaid bill beside them there is one."""
    assert is_met_without_need(condition(*lines), VOCABULARY)
    assert not is_met_without_need(condition(*lines, "直近6か月に水道料金の督促がある"), VOCABULARY)


def test_other_broken_promises_are_found() -> None:
    """The child's own registration, short windows and unguarded school records are recognised."""
    assert own_council_registration(condition("これまでに要対協への登録がある"))
    assert own_council_registration(condition("要対協に登録されている"))
    assert not own_council_registration(condition("これまでに、きょうだいに要対協への登録がある"))
    assert too_short_for_late_deliveries(condition("直近1か月の欠席が3日以上"), VOCABULARY)
    assert not too_short_for_late_deliveries(condition("直近2か月で最新の欠席が3日以上"), VOCABULARY)
    assert list(unguarded_school_sentences(condition("直近3か月の欠席が3日以上"), VOCABULARY))
    assert list(unguarded_school_sentences(condition("きょうだいの直近3か月の欠席が3日以上"), VOCABULARY))
    assert not list(
        unguarded_school_sentences(condition("学年が小1以上中3以下", "直近3か月の欠席が3日以上"), VOCABULARY)
    )


@pytest.mark.parametrize(
    ("bare", "named"),
    [
        ("今年度の病気以外の欠席が30日以上", "今年度の病気以外の欠席が「不登校の目安」以上"),
        ("母の最新のEPDSの合計点が9点以上", "母の最新のEPDSの合計点が「EPDSの目安」以上"),
        ("直近6か月に水道料金の督促が2回以上ある", "直近6か月に水道料金の督促が「督促のくり返しの目安」以上ある"),
        (
            "直近12か月に病気以外の欠席が3日以上の月が3か月以上続いている",
            "直近12か月に病気以外の欠席が「月の休みの目安」以上の月が「休みが続く長さ」以上続いている",
        ),
        (
            "3歳児健診が期限を90日過ぎても済んでいない",
            "3歳児健診が期限を「健診を確かめに行く日数」過ぎても済んでいない",
        ),
        (
            "生後3か月を過ぎても予防接種の記録がない",
            "生後「予防接種が始まっている目安」を過ぎても予防接種の記録がない",
        ),
    ],
)
def test_a_policy_number_in_a_sentence_is_found(bare: str, named: str) -> None:
    """A number that nobody named is found in each form of sentence; with its name it is in order."""
    assert len(unnamed_policy_numbers(condition(bare))) == 1
    thresholds = {threshold.name: threshold for book in RULEBOOKS.rulebooks for threshold in book.thresholds}
    read = parser_for(VOCABULARY).read(named, thresholds)
    assert not isinstance(read, tuple), read
    assert unnamed_policy_numbers(read) == []


def test_separate_room_used_to_hide_absence_is_found() -> None:
    """A scenario that excuses absence by days in a separate room is recognised, as condition and as 打ち消し."""
    excused = condition("今年度の病気以外の欠席が30日以上", "今年度の別室登校が5日未満")
    assert separate_room_hides(excused)
    plain = condition("今年度の病気以外の欠席が30日以上")
    assert separate_room_hides(plain, (condition("今年度の別室登校が20日以上"),))
    assert not separate_room_hides(plain)


def test_a_promise_broken_by_reference_is_found() -> None:
    """What a scenario must not ask itself it may not ask through another one either."""
    model = SCENARIOS[0]
    broken = replace(
        model, id="AB-98", condition=condition("生活保護を受給している", "要対協に登録されている"), cancels=()
    )
    by_reference = resolved(condition("シナリオAB-98に該当する"), {"AB-98": broken})
    assert support_held_against(by_reference, VOCABULARY) == ["on_public_assistance"]
    assert own_council_registration(by_reference)
    shape = replace(broken, condition=condition("父がいない", "就学援助を受けていない"))
    assert is_met_without_need(resolved(condition("シナリオAB-98に該当する"), {"AB-98": shape}), VOCABULARY)
    turned = resolved(condition("シナリオAB-98に該当しない"), {"AB-98": shape})
    assert support_held_against(turned, VOCABULARY) == ["school_expense_aid"]
