"""From hits to tiers: the policy file, and what it decides."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.errors import KizukiError
from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS, ScenarioResult, Tier
from engine.records.score import Score
from engine.tiers.decide import ScenarioInfo, decide, explain_types
from engine.tiers.policy import BANDS, load_policy

_QUOTAS = "  既定: {上: 1, 中: 5, 下: 20}\n  類型ごと: {postpartum_depression: {上: 4, 中: 15, 下: 50}}\n"
REPOSITORY = Path(__file__).parents[2]
POLICY = replace(
    load_policy(REPOSITORY / "rulebooks" / "tiers.yaml"), always_active=frozenset({"abuse-2", "poverty-1"})
)
KINDS = list(HARDSHIP_LABELS)
SCENARIOS = [ScenarioInfo(f"{kind}-{i}", kind, "強中弱"[i % 3]) for kind in KINDS for i in range(6)]
hits_of_a_child = st.sets(st.sampled_from([s.scenario_id for s in SCENARIOS]))


def results(hits: set[str]) -> list[ScenarioResult]:
    return [
        ScenarioResult(s.scenario_id, s.hardship_type, "", "", s.strength, "", Truth.MET, Truth.NOT_MET, ())
        for s in SCENARIOS
        if s.scenario_id in hits
    ]


def bulk(children: list[set[str]], bands=None):
    hits = {s.scenario_id: np.array([s.scenario_id in child for child in children]) for s in SCENARIOS}
    return decide(hits, SCENARIOS, POLICY, len(children), bands)


@given(st.lists(hits_of_a_child, min_size=1, max_size=5))
def test_the_bulk_decision_and_the_explained_one_agree(children):
    """Every child gets the same tier from the table for all as from the explanation on its sheet."""
    decisions = bulk(children)
    for i, child in enumerate(children):
        types, tier, by_rules = explain_types(results(child), POLICY)
        assert by_rules is tier
        assert int(tier) == decisions.tier[i]
        for kind in types:
            assert int(kind.tier) == decisions.type_tier[kind.hardship_type][i]


@given(hits_of_a_child, st.sampled_from([s.scenario_id for s in SCENARIOS]))
def test_one_more_hit_never_makes_a_child_less_urgent(child, more):
    """The tier is monotone in the rules."""
    decisions = bulk([child, child | {more}])
    assert decisions.tier[1] <= decisions.tier[0]


@given(hits_of_a_child, st.dictionaries(st.sampled_from(KINDS), st.sampled_from(BANDS)))
def test_the_model_never_lowers_a_tier_and_never_makes_a_one_alone(child, bands):
    """A score raises by at most one step per type, and without a hit of that type never to ①."""
    scores = {kind: Score("P", kind, 0, "m", band) for kind, band in bands.items()}
    without, tier_without, _ = explain_types(results(child), POLICY)
    with_model, tier_with, by_rules = explain_types(results(child), POLICY, scores)
    assert by_rules is tier_without
    plain = {t.hardship_type: t.tier for t in without}
    assert tier_with <= tier_without
    for t in with_model:
        before = plain.get(t.hardship_type, Tier.NO_ACTION)
        assert before - 1 <= t.tier <= before
        assert t.lifted_from == (before if t.tier < before else None)
        if not t.scenario_ids:
            assert t.tier is not Tier.ACTIVE


def test_an_unknown_scenario_is_no_hit():
    """不明 does not raise a tier; it is listed to be checked instead."""
    unknown = ScenarioResult("YC-1", "young_carer", "", "", "強", "", Truth.UNKNOWN, Truth.NOT_MET, ())
    cancelled = ScenarioResult("YC-2", "young_carer", "", "", "強", "", Truth.MET, Truth.MET, ())
    doubtful = ScenarioResult("YC-3", "young_carer", "", "", "強", "", Truth.MET, Truth.UNKNOWN, ())
    assert not unknown.is_hit
    assert not cancelled.is_hit
    assert doubtful.is_hit
    assert explain_types([unknown, cancelled], POLICY) == ((), Tier.NO_ACTION, Tier.NO_ACTION)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("中: {なし: ②, 下: ②, 中: ②, 上: ①}", "中: {なし: ②, 下: ③, 中: ②, 上: ①}"), "E-TIER-04"),
        (("高: {なし: ①, 下: ①, 中: ①, 上: ①}", "高: {なし: ③, 下: ③, 中: ③, 上: ③}"), "E-TIER-05"),
        (("無: {なし: ③, 下: ③, 中: ③, 上: ②}", "無: {なし: ③, 下: ③, 中: ③, 上: ①}"), "E-TIER-06"),
        (("  - {名前: 無}\n", "  - {名前: 無, 弱: 1}\n"), "E-TIER-01"),
        (("  低: {なし: ③, 下: ③, 中: ③, 上: ②}\n", ""), "E-TIER-02"),
        (("重なり: {数: 3,", "重なり: {かず: 3,"), "E-TIER-90"),
        (("  - {名前: 高, 強: 2}\n", "  - {名前: 高}\n"), "E-TIER-08"),
        (("  - {名前: 高, 強: 1, 中: 2}\n", "  - {名前: 低, 弱: 3}\n  - {名前: 高, 強: 1, 中: 2}\n"), "E-TIER-05"),
        (("無: {なし: ③, 下: ③, 中: ③, 上: ②}", "無: {なし: ②, 下: ②, 中: ②, 上: ②}"), "E-TIER-09"),
        (("点: {強: 100,", "点: {強: 9999999999,"), "E-TIER-94"),
        (("既定: {上: 1, 中: 5,", "既定: {上: 6, 中: 5,"), "E-TIER-10"),
        (("下: 20}", "下: 133}"), "E-TIER-11"),
        (("postpartum_depression: {上: 4, 中: 15, 下: 50}", "poverty: {上: 3, 中: 2, 下: 1}"), "E-TIER-10"),
        (("postpartum_depression: {上: 4, 中: 15, 下: 50}", "povety: {上: 1, 中: 2, 下: 3}"), "E-TIER-93"),
        ((f"モデルの帯:\n{_QUOTAS}", ""), "E-TIER-12"),
        (("倍: 1.5", "倍: 0.9"), "E-TIER-94"),
        (("倍: 1.5", "倍: 1.55"), "E-TIER-94"),
        (("週: 4", "週: 0"), "E-TIER-94"),
    ],
)
def test_a_policy_that_breaks_a_promise_is_refused(tmp_path, change, code):
    """tiers.yaml is checked when it is read: monotone in both directions, one step for the model, no gaps, nobody without a hit."""
    text = (REPOSITORY / "rulebooks" / "tiers.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    broken = tmp_path / "tiers.yaml"
    broken.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(KizukiError) as caught:
        load_policy(broken)
    assert code in {p.code for p in caught.value.problems}


def test_very_many_hits_of_one_strength_stay_hits_of_that_strength():
    """With more weak scenarios than fit into ten bits, a child who meets them all does not count as having one of 中."""
    scenarios = [ScenarioInfo(f"weak-{i}", "abuse", "弱") for i in range(1500)]
    hits = {s.scenario_id: np.array([True]) for s in scenarios}
    decisions = decide(hits, scenarios, POLICY, 1)
    level = POLICY.levels[decisions.type_level["abuse"][0]]
    assert level == POLICY.level(0, 0, 1500)
