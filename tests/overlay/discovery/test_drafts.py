"""A draft is a scenario in the rulebooks' own form that no run ever reads, and that cannot be used before a person has finished it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from engine.kernel.errors import KizukiError
from engine.rulebook.authoring.scaffold import appended
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language.parsing import parse_sentence
from kizuki.rules.files import RuleFiles, load_rule_files, read_rule_texts
from kizuki.settings import Workspace
from ml_overlay.cohorts.definition import LabelDefinition
from ml_overlay.discovery.drafts import OPEN_QUESTION, Desk, Drafted, draft_scenarios
from ml_overlay.discovery.gathering import Material, Today
from ml_overlay.discovery.paper import TypeResult, write_paper
from ml_overlay.discovery.search import Evidence, Figures, Finding
from ml_overlay.discovery.sentences import Candidate, topic_of

AS_OF = date(2026, 11, 20)
NEW = ("直近3か月の遅刻・早退が12回以上", "直近12か月に給水停止がある")
OLDER = "直近2か月に見守りからの緊急連絡がある"  # what AB-02 says alone


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleFiles:
    root = tmp_path_factory.mktemp("city")
    shutil.copytree("rulebooks", root / "rulebooks")
    shutil.copytree("sources", root / "sources")
    return load_rule_files(Workspace(root), AS_OF)


@pytest.fixture(scope="module")
def material(rules: RuleFiles) -> Material:
    vocabulary = rules.vocabulary
    sentences = [parse_sentence(text, vocabulary) for text in (*NEW, OLDER)]
    bank = tuple(Candidate(one, topic_of(one, vocabulary)) for one in sentences)  # type: ignore[arg-type]
    children = 400
    met = np.zeros((children, 3), dtype=bool)
    met[:60, 0], met[30:90, 1], met[:20, 2] = True, True, True
    label = np.zeros(children, dtype=bool)
    label[25:45] = True
    days = np.full(children, np.datetime64("2025-02-20"))
    none = np.zeros(children, dtype=bool)
    evidence = Evidence(met, label, np.array([f"H{n:04d}" for n in range(children)]), days, none)
    districts = np.array(["見本町1丁目" if n % 2 else "見本町2丁目" for n in range(children)])
    book = next(book for book in rules.rulebooks.rulebooks if book.hardship_type == "abuse")
    assert rules.model is not None
    label_of: LabelDefinition = rules.model.labels["abuse"]
    return Material(
        label_of, book, bank, evidence, Today(met, none, label, districts), date(2024, 2, 20), date(2025, 2, 20)
    )


def _finding(*sentences: int) -> Finding:
    some = Figures(30, 15, 0.33, 0.67, 10.0)
    return Finding(sentences, some, 20, 20, some, some, some, 28, 13, ())


@pytest.fixture(scope="module")
def desk(rules: RuleFiles) -> Desk:
    labels = {source: layout.label for source, layout in rules.layouts.items()}
    return Desk(rules.texts, rules.rulebooks, rules.vocabulary, labels)


@pytest.fixture(scope="module")
def drafted(material: Material, desk: Desk) -> Drafted:
    return draft_scenarios(material, [_finding(0, 1), _finding(2)], desk, AS_OF)


def _with_pasted(rules: RuleFiles, folder: Path, text: str) -> Path:
    for name, content in rules.texts.items():
        if name.startswith("rulebooks/"):
            (folder / Path(name).name).write_bytes(content)
    (folder / "abuse.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_finding_becomes_a_weak_scenario_under_the_next_number(drafted: Drafted) -> None:
    """It has the next free number, says where it comes from, and is weak."""
    (draft,) = drafted.drafts

    assert draft.number == "AB-16"
    assert "- 番号: AB-16" in drafted.text
    assert "出典: データからの下書き(2026年11月)。当市の確認前" in drafted.text
    assert "強さ: 弱" in drafted.text
    assert all(f"- {text}" in drafted.text for text in NEW)


def test_what_a_scenario_says_already_is_no_draft(drafted: Drafted) -> None:
    """A finding whose children a scenario of the type hits anyway is left out, and the scenario is named."""
    ((finding, reason),) = drafted.left_out

    assert finding.sentences == (2,)
    assert "AB-02" in reason


def test_pasted_as_it_is_it_stops_with_what_is_still_to_be_written(
    drafted: Drafted, rules: RuleFiles, desk: Desk, tmp_path: Path
) -> None:
    """The only fault of a rulebook with a pasted draft is the open question: nobody can use a draft by mistake."""
    text = appended(desk.text("abuse"), drafted.drafts[0].scenario, "abuse.yaml")

    with pytest.raises(KizukiError) as caught:
        load_rulebooks(_with_pasted(rules, tmp_path, text), rules.vocabulary, as_of=AS_OF)

    assert {problem.code for problem in caught.value.problems} == {"E-RULE-60"}


def test_with_the_question_written_it_loads(drafted: Drafted, rules: RuleFiles, desk: Desk, tmp_path: Path) -> None:
    """Once a person has written what to ask, it is a scenario like any other."""
    text = appended(desk.text("abuse"), drafted.drafts[0].scenario, "abuse.yaml")
    text = text.replace(OPEN_QUESTION, "困っていることがないか、ご家族にうかがってください。")

    loaded = load_rulebooks(_with_pasted(rules, tmp_path, text), rules.vocabulary, as_of=AS_OF)

    assert "AB-16" in {scenario.id for scenario in loaded.scenarios}


def test_its_examples_are_made_up_and_of_all_three_kinds(drafted: Drafted) -> None:
    """The examples cover met, not met for want of each sentence, and unknown; they have passed the rulebooks' own test."""
    outcomes = [line.split(": ")[1] for line in drafted.text.splitlines() if line.strip().startswith("結果:")]

    assert outcomes == ["該当", "非該当", "非該当", "不明"]


def test_drafts_beside_the_rulebooks_are_read_by_nothing(rules: RuleFiles, drafted: Drafted, tmp_path: Path) -> None:
    """With draft files in the workspace every rule file that decides is byte for byte the same, and so is the plan."""
    shutil.copytree("rulebooks", tmp_path / "rulebooks")
    shutil.copytree("sources", tmp_path / "sources")
    workspace = Workspace(tmp_path)
    before, plan = read_rule_texts(workspace), load_rule_files(workspace, AS_OF).plan
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "abuse-2026-11-20.yaml").write_text(drafted.text, encoding="utf-8")

    assert read_rule_texts(workspace) == before
    assert load_rule_files(workspace, AS_OF).plan == plan


def test_the_paper_tells_what_it_is_not(drafted: Drafted, material: Material, rules: RuleFiles) -> None:
    """It says that drafts decide nothing, give no cause and inherit who was noticed; without a percentage or a key."""
    result = TypeResult(material, drafted, "drafts/abuse-2026-11-20.yaml")
    paper = write_paper({"abuse": result}, {"poverty": "正例が12人です。"}, rules.vocabulary, AS_OF, "見本市")

    assert "判定には使われません" in paper
    assert "原因ではありません" in paper
    assert "だれが気づかれてきたかを引き継いでいます" in paper
    assert "正例が12人です。" in paper
    assert "%" not in paper
    assert "％" not in paper
    assert "H0001" not in paper


def test_few_children_are_not_counted_out(drafted: Drafted, material: Material, rules: RuleFiles) -> None:
    """Fewer than eight children are told as that."""
    few = np.zeros_like(material.today.met)
    few[:3] = True
    small = Material(
        material.label,
        material.book,
        material.bank,
        material.evidence,
        Today(few, material.today.already, material.today.labelled, material.today.districts),
        material.first_day,
        material.last_day,
    )
    paper = write_paper({"abuse": TypeResult(small, drafted, "x.yaml")}, {}, rules.vocabulary, AS_OF, "見本市")

    assert "いまの市では: 7人以下が当たります" in paper
