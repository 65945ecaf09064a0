"""Which features there are, what they are called, and which way they may move a score."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

import pytest
from seen_families import AS_OF, HIDDEN, NO_RULES, SHIPPED, VOCABULARY, family, features_by_name, person, plan_of, seen

from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.plan import Plan
from engine.kernel.errors import KizukiError
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.parsing import parse_sentence
from engine.store.memory import snapshot_of
from ml_overlay.features.sentences import plan_with, sentence_of
from ml_overlay.features.table import build_features, declare_features


def sentence(text: str) -> s.Sentence:
    return parse_sentence(text, VOCABULARY)


def with_item(item: str, **changes: object) -> Vocabulary:
    changed = VOCABULARY.items[item].model_copy(update=changes)
    return VOCABULARY.model_copy(update={"items": {**VOCABULARY.items, item: changed}})


def test_each_feature_has_a_name_of_its_own_and_a_label_in_japanese() -> None:
    """A label is what a caseworker would say: Japanese, without an id, and never that of another feature of records."""
    features = features_by_name()
    of_records = [feature.label for name, feature in features.items() if not name.startswith("sentence.")]
    assert len(of_records) == len(set(of_records)) > 150
    for feature in features.values():
        assert feature.name.isascii()
        assert re.search("[ぁ-んァ-ヶ一-龠]", feature.label) and "_" not in feature.label
        assert not any(item in feature.label for item in feature.items)


@pytest.mark.parametrize(
    ("name", "label", "group", "sign"),
    [
        ("absence.child.sum_90d", "直近90日の欠席の日数", "出席", 1),
        ("absence.child.trend_90d", "欠席の、直近90日とその前の90日の差", "出席", 1),
        ("absence.sibling.sum_365d", "きょうだいの直近365日の欠席の日数(いちばん多い人)", "出席", 1),
        ("water_demand.household.count_365d", "直近365日の水道料金の督促の回数", "家計", 1),
        ("check_3y.child.overdue_d", "3歳児健診の期限から過ぎた日数", "健診・予防接種", 1),
        ("epds_total.mother.latest", "母の最新のEPDSの合計点", "こころの健康", 1),
        ("prenatal_visits.mother.latest", "母の最新の妊婦健診の受診回数", "妊娠・出産", -1),
        ("vaccination.child.since_d", "いちばん新しい予防接種からの日数", "健診・予防接種", 1),
        ("council_registered.sibling.since_d", "きょうだいのいちばん新しい要対協への登録からの日数", "登録歴", -1),
        ("care_level.member.level", "世帯員の要介護度(いちばん多い人)", "家族の世話", 1),
        ("in_council.sibling.holds", "きょうだいに要対協に登録されている人がいる", "登録歴", 1),
        ("school_counselling.child.sum_90d", "直近90日の教育相談の回数", "学校生活", 0),
    ],
)
def test_what_is_measured_of_an_item(name: str, label: str, group: str, sign: int) -> None:
    """Level, count, sum, trend and time since follow from the item's kind; the sign from its 心配の向き."""
    feature = features_by_name()[name]
    assert (feature.label, feature.group, feature.sign, feature.may_be_named) == (label, group, sign, True)


def test_support_never_raises_a_score_and_is_never_a_reason() -> None:
    """Whatever is made from an item marked 支援 has sign -1 and may not be named."""
    of_support = [f for f in features_by_name().values() if any(VOCABULARY.items[item].support for item in f.items)]
    assert len(of_support) > 10
    assert {(feature.sign, feature.may_be_named) for feature in of_support} == {(-1, False)}


def test_what_only_describes_a_family_is_not_seen_but_age_and_grade() -> None:
    """転入, 学級区分 and the like give no feature; age and grade do, without a sign and without being named."""
    described = [f for f in features_by_name().values() if any(VOCABULARY.items[i].no_need for i in f.items)]
    alone = {f.name: (f.sign, f.may_be_named) for f in described if not f.name.startswith("sentence.")}
    assert alone == {"age.child.level": (0, False), "grade.child.level": (0, False)}
    for feature in described:
        assert {item for item in feature.items if VOCABULARY.items[item].no_need} <= {"age", "grade"}


def test_the_childs_own_hidden_records_are_not_seen_but_those_of_siblings_are() -> None:
    """A registration's consequences in the child's own records would give the label away."""
    hidden_items = {key for key, item in VOCABULARY.items.items() if item.record in HIDDEN}
    for feature in features_by_name().values():
        if hidden_items & set(feature.items):
            told = sentence_of(feature, VOCABULARY) if feature.name.startswith("sentence.") else None
            assert s.owner_of(told) is not None if told else feature.name.split(".")[1] in ("mother", "sibling")
    assert "council_registered.sibling.since_d" in features_by_name()
    with pytest.raises(ValueError, match="no such record kind"):
        declare_features(VOCABULARY, NO_RULES, ["council"])


@pytest.mark.parametrize("permission", ["照会中", "不許可"])
@pytest.mark.parametrize("item", ["absence", "water_demand", "age"])
def test_what_is_not_permitted_is_not_seen(item: str, permission: Literal["照会中", "不許可"]) -> None:
    """An item that is pending or refused gives no feature, and a sentence that mentions it none either."""
    changed = with_item(item, permission=permission)
    assert any(item in feature.items for feature in features_by_name().values())
    assert not any(item in feature.items for feature in features_by_name(changed).values())


def test_a_record_kind_that_is_not_permitted_is_not_seen() -> None:
    """The record's 状態 counts for all its items."""
    kind = VOCABULARY.records["water_bill"].model_copy(update={"permission": "照会中"})
    changed = VOCABULARY.model_copy(update={"records": {**VOCABULARY.records, "water_bill": kind}})
    assert not any(
        VOCABULARY.items[i].record == "water_bill" for f in features_by_name(changed).values() for i in f.items
    )


def test_a_model_that_asks_for_what_is_no_longer_permitted_is_told_so() -> None:
    """A kept model's feature whose item was withdrawn since is an error, never a column of something else."""
    household = family(person("P1"))
    absence = [f for f in features_by_name(plan=NO_RULES).values() if f.items == ("absence",)]
    changed = with_item("absence", permission="不許可")
    with snapshot_of([household], changed) as snapshot:
        plan = Plan(AS_OF, changed, (), ())
        with pytest.raises(KizukiError) as caught:
            build_features(snapshot, plan, evaluate_all(snapshot, plan), absence)
    assert [problem.code for problem in caught.value.problems] == ["E-MODEL-51"] * len(absence)


# ── sentences ──

DEMAND, DEMANDS = "直近6か月に水道料金の督促がある", "直近12か月に水道料金の督促が3回以上ある"
SIBLING, NORMAL = "要対協に登録されているきょうだいがいる", "最新の3歳児健診の判定が異常なしである"
COUNSELLED = "直近3か月の教育相談が1回以上"


@pytest.mark.parametrize(
    ("plan", "signs"),
    [
        (plan_of(sentence(DEMAND)), {DEMAND: 1}),
        (plan_of(sentence(DEMAND), sentence(COUNSELLED)), {DEMAND: 1, COUNSELLED: -1}),
        (plan_of(s.Group("すべて", (sentence(DEMAND), s.Group("次でない", (sentence(COUNSELLED),))))), {DEMAND: 1, COUNSELLED: -1}),
        (plan_of(sentence(COUNSELLED), sentence(COUNSELLED)), {COUNSELLED: 0}),
        (plan_of(s.Group("すべて", (sentence(DEMAND), s.Group("次でない", (sentence(DEMANDS),)))), sentence(DEMAND)), {DEMAND: 1, DEMANDS: 0}),
        (plan_of(sentence("前年度の病気以外の欠席が15日未満")), {"前年度の病気以外の欠席が15日未満": 0}),
        (plan_of(sentence("直近3か月の教育相談が1回未満")), {"直近3か月の教育相談が1回未満": 0}),
        (plan_of(sentence(SIBLING), sentence(SIBLING)), {SIBLING: 1}),
        (plan_of(sentence(SIBLING), sentence(NORMAL)), {SIBLING: 1, NORMAL: -1}),
        (plan_of(sentence("4歳を過ぎても3歳児健診の記録がない")), {"4歳を過ぎても3歳児健診の記録がない": 1}),
    ],
)  # fmt: skip
def test_the_sign_of_a_sentence(plan: Plan, signs: dict[str, int]) -> None:
    """A condition is +1, what only prevents or cancels a hit -1, both ways 0, unless fields.yaml tells; never against what
    it tells; and asking for little of something raises nothing by itself."""
    found = {f.label: f.sign for f in declare_features(VOCABULARY, plan, HIDDEN) if f.name.startswith("sentence.")}
    assert found == signs


@pytest.mark.parametrize(
    "text",
    [
        "年齢が6歳以上", "学年が小1以上中3以下", "母がいない", "年齢が18歳以上の世帯員が1人以下である", "児童扶養手当を受給している",
        "直近12か月に転入がある", "直近6か月に相談がある", "要対協に登録されていない", "直近6か月に、世帯員に見守り訪問がある",
    ],
)  # fmt: skip
def test_sentences_that_no_model_sees(text: str) -> None:
    """Age and grade, who lives there, support, what only describes a family, the child's own hidden records."""
    assert features_by_name(plan=plan_of(sentence(text))).keys() == features_by_name(plan=NO_RULES).keys()


def test_what_asks_for_little_is_no_reason() -> None:
    """「精密健診がない」 is true of almost everybody: it may stand beside others, and is never named."""
    features = {f.label: f.may_be_named for f in features_by_name().values()}
    assert not features["これまでに精密健診がない"]
    assert features["直近12か月に予防接種がない"]  # of vaccinations little is of concern


def test_a_sentence_outlives_its_rulebook() -> None:
    """A model keeps its sentences: what the rulebooks of a later day lack is read again from the label and judged beside."""
    features = [f for f in features_by_name().values() if f.name.startswith("sentence.")]
    assert plan_with(SHIPPED, features) is SHIPPED
    later = plan_with(plan_of(sentence(DEMAND)), features)
    assert {sentence_of(f, VOCABULARY) for f in features} <= set(later.conditions)
    reworded = [replace(f, name=f"sentence.{n:012x}") for n, f in enumerate(features)]
    assert plan_with(SHIPPED, reworded) is SHIPPED
    household = family(person("P1"))
    with snapshot_of([household], VOCABULARY) as snapshot:
        table = build_features(snapshot, later, evaluate_all(snapshot, later), features)
        truths = evaluate_all(snapshot, SHIPPED)
        shipped = build_features(snapshot, SHIPPED, truths, features)
        otherwise = build_features(snapshot, SHIPPED, truths, reworded)
    assert table.values.tobytes() == shipped.values.tobytes() == otherwise.values.tobytes()
    with pytest.raises(ValueError, match="lacks the sentence"), snapshot_of([household], VOCABULARY) as snapshot:
        build_features(snapshot, NO_RULES, evaluate_all(snapshot, NO_RULES), features)


def test_the_table_has_children_in_order_with_their_households() -> None:
    """One row per child by key, one column per declared feature in the order asked."""
    table = seen(family(person("P2")), family(person("P1")))
    assert table.child_keys.tolist() == ["P1", "P2"]
    assert table.household_keys.tolist() == ["H-P1", "H-P2"]
    assert table.values.shape == (2, len(table.features))
    assert table.names == tuple(sorted(table.names))
