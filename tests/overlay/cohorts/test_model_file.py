"""model.yaml: what a city may write about what its model learns from, and what it is told where it went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.kernel.errors import KizukiError
from engine.records.case import HARDSHIP_LABELS
from engine.records.vocabulary import load_vocabulary
from ml_overlay.cohorts.definition import load_definition, window_months

REPOSITORY = Path(__file__).parents[3]
SHIPPED = REPOSITORY / "rulebooks" / "model.yaml"
VOCABULARY = load_vocabulary(REPOSITORY / "rulebooks" / "fields.yaml")


def problems_with(tmp_path: Path, old: str, new: str) -> list[tuple[str, str, str]]:
    """Code, line and remedy of all that is wrong with the shipped file after a change."""
    text = SHIPPED.read_text("utf-8")
    assert old in text
    path = tmp_path / "model.yaml"
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(KizukiError) as caught:
        load_definition(path, VOCABULARY)
    return [
        (p.code, path.read_text("utf-8").split("\n")[(p.place.line or 1) - 1], p.remedy) for p in caught.value.problems
    ]


def test_the_shipped_file_says_something_of_every_type():
    """Each of the six types has a label or a reason to have none; windows agree with the sentences."""
    definition = load_definition(SHIPPED, VOCABULARY)
    assert {*definition.labels, *definition.without} == set(HARDSHIP_LABELS)
    for label in definition.labels.values():
        assert window_months(label.sentence) in (None, label.window_months)
    assert {"council_case", "consultation"} <= definition.hidden_records


def test_a_wrong_word_in_a_label_gets_the_suggestion_that_a_rule_gets(tmp_path):
    """The sentence of a label is read by the grammar of the rulebooks, at its column."""
    [(code, line, remedy)] = problems_with(tmp_path, "要対協への登録が1回以上", "要対協への登碌が1回以上")
    assert code.startswith("E-RULE-") and "登碌" in line and "要対協への登録" in remedy


def test_a_label_must_not_be_a_rule_s_own_result(tmp_path):
    """A model that learns who was flagged would only repeat the rules."""
    [(code, line, _)] = problems_with(tmp_path, "直近12か月に要対協への登録が1回以上ある", "シナリオAB-02に該当する")
    assert code == "E-MODEL-62" and "AB-02" in line


@pytest.mark.parametrize("window", ["直近6か月", "直近24か月", "これまで", "今年度"])
def test_the_sentence_looks_back_as_far_as_the_label_does(tmp_path, window):
    """A longer window reaches behind the gap, a shorter one misses who was found in between."""
    old = "直近12か月に要対協への登録が1回以上ある"
    [(code, _, remedy)] = problems_with(tmp_path, old, old.replace("直近12か月", window))
    assert code == "E-MODEL-63" and "直近12か月" in remedy


def test_a_history_without_a_single_whole_label_is_refused(tmp_path):
    """Gap and window must fit between the first day and today."""
    [(code, line, remedy)] = problems_with(tmp_path, "さかのぼる月数: 48", "さかのぼる月数: 14")
    assert code == "E-MODEL-64" and "14" in line and "15以上" in remedy


def test_records_that_are_hidden_must_exist(tmp_path):
    """A mistyped name would show the model what it must not see."""
    [(code, _, remedy)] = problems_with(
        tmp_path, "[council_case, consultation, npo_visit]", "[council_cases, npo_visit]"
    )
    assert code == "E-MODEL-60" and "council_case" in remedy


def test_a_type_cannot_be_both_with_and_without_a_model(tmp_path):
    """モデルをつくらない類型 and 類型 exclude each other."""
    found = problems_with(
        tmp_path, "最少の正例: 60\n", "最少の正例: 60\nモデルをつくらない類型: {poverty: 正例が少ないため}\n"
    )
    assert [code for code, *_ in found] == ["E-MODEL-61"]


def test_all_faults_are_told_at_once(tmp_path):
    """A sentence, a window and a record: three problems, not the first one."""
    text = SHIPPED.read_text("utf-8").replace("npo_visit]", "npo]").replace("さかのぼる月数: 48", "さかのぼる月数: 3")
    path = tmp_path / "model.yaml"
    path.write_text(text.replace("直近3か月の病気以外の欠席が8日以上", "シナリオAB-02に該当する"), "utf-8")
    with pytest.raises(KizukiError) as caught:
        load_definition(path, VOCABULARY)
    assert {p.code for p in caught.value.problems} == {"E-MODEL-60", "E-MODEL-62", "E-MODEL-64"}


def test_a_label_may_be_about_children_of_an_age(tmp_path):
    """Full years, from the first and below the second; one of them may be left out, and a type without is about all children."""
    labels = load_definition(SHIPPED, VOCABULARY).labels
    assert labels["postpartum_depression"].ages == (0, 1)
    assert labels["young_carer"].ages == (6, 18)
    assert labels["abuse"].ages is None


def test_ages_that_nobody_has_are_refused(tmp_path):
    """From five and below five is nobody."""
    [(code, line, _)] = problems_with(tmp_path, "{未満: 1}", "{以上: 5, 未満: 5}")
    assert code == "E-MODEL-65" and "対象の年齢" in line


def test_ages_need_an_age_in_the_register(tmp_path):
    """Where fields.yaml has no age, nobody can be told to be of one."""
    without = VOCABULARY.model_copy(update={"items": {k: v for k, v in VOCABULARY.items.items() if k != "age"}})
    with pytest.raises(KizukiError) as caught:
        load_definition(SHIPPED, without)
    assert {problem.code for problem in caught.value.problems} == {"E-MODEL-66"}
