"""`rules draft`: a scenario from a household, of which the author deletes what is not meant."""

from __future__ import annotations

import re
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from engine.audit.runs import open_run
from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.examples.run import run_examples
from engine.evaluate.plan import Plan
from engine.kernel.errors import KizukiError
from engine.kernel.strict_yaml import parse_yaml
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.authoring.formatting import thresholds_of
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language.parsing import parse_sentence
from engine.store.snapshot import open_snapshot
from kizuki.authoring.approve import Signature, approve_rules
from kizuki.authoring.draft import draft_scenario
from kizuki.demo_city import build_demo_city
from kizuki.pipeline import run_week
from kizuki.rules.files import load_rule_files
from kizuki.settings import Workspace
from kizuki.workspace_files import make_workspace

AS_OF = date(2026, 11, 20)
HOUSEHOLD = """\
事実:
  本人: {年齢: 13, 学年: 中1}
  世帯員: [{続柄: 祖父母, 年齢: 81, 要介護度: 要介護4, 介護サービス: なし}, {続柄: 母, 年齢: 44}]
  出来事:
    - {種類: 欠席, 量: 12, 日前: 30}
    - {種類: 水道料金の督促, 日前: 20}
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small city after one run."""
    folder = tmp_path_factory.mktemp("city")
    workspace = make_workspace(folder, "見本市")
    build_demo_city(folder, people=3_000, weeks=1, seed=7)
    quiet = Console(quiet=True)
    (workspace.rulebooks / "approvals.yaml").unlink(missing_ok=True)  # whatever is being edited is approved here anew
    approve_rules(folder, Signature("家庭相談係長", AS_OF, "試験のため"), quiet, today=AS_OF, confirm=lambda: True)
    run_week(folder, AS_OF, quiet)
    return workspace


def drafted(workspace: Workspace, type_word: str, **wanted: object) -> str:
    out = StringIO()
    options = {"household": None, "case": None, "run_id": None, "append": False, **wanted}
    draft_scenario(workspace.root, type_word, today=AS_OF, console=Console(file=out, width=400), **options)  # type: ignore[arg-type]
    return out.getvalue()


def scenario_in(text: str) -> dict[str, object]:
    """The drafted fragment, read as YAML."""
    return parse_yaml("シナリオ:\n" + text[text.index("  - 番号:") :], "draft.yaml").data["シナリオ"][0]  # type: ignore[no-any-return]


def sentences_in(scenario: dict[str, object]) -> list[str]:
    condition = scenario["条件"]
    assert isinstance(condition, dict)
    return list(condition["すべて"])


@pytest.fixture(scope="module")
def from_example(city: Workspace, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("example") / "household.yaml"
    path.write_text(HOUSEHOLD, "utf-8")
    return drafted(city, "ヤングケアラー", household=path)


def test_each_present_fact_becomes_a_sentence(from_example: str):
    """Care without services, absence and the demand are all said, in the rulebook's own words."""
    sentences = sentences_in(scenario_in(from_example))
    assert any("介護サービスを利用していない" in sentence and "要介護度" in sentence for sentence in sentences)
    assert any(sentence.startswith("直近3か月の欠席が") for sentence in sentences)
    assert any("水道料金の督促" in sentence for sentence in sentences)


def test_the_rarest_sentence_comes_first(from_example: str):
    """The author sees at each line how many children of the city it holds for."""
    counts = [int(n.replace(",", "")) for n in re.findall(r"  # 市で([\d,]+)人", from_example)]
    assert min(counts) >= 7  # of fewer children the number is not told
    assert len(counts) == len(sentences_in(scenario_in(from_example)))
    assert counts == sorted(counts)


def test_examples_hold_once_the_author_has_written(city: Workspace, from_example: str, tmp_path: Path):
    """Finished, the draft loads, and its examples are 該当, 非該当 and 不明 as they say."""
    folder = tmp_path / "rulebooks"
    folder.mkdir()
    for path in city.rulebooks.glob("*.yaml"):
        if path.name != "approvals.yaml":
            (folder / path.name).write_bytes(path.read_bytes())
    count = iter(range(1000))
    written = re.sub(r"（ここに[^）]*）", lambda _: f"書いたこと{next(count)}", from_example[from_example.index("  - 番号:") :])
    book = folder / "young_carer.yaml"
    book.write_text(book.read_text("utf-8").rstrip() + "\n\n" + written, "utf-8")
    vocabulary = load_vocabulary(city.vocabulary)
    labels = {key: layout.label for key, layout in load_layouts(city.sources, vocabulary).items()}
    number = re.search(r"番号: (YC-\d+)", written)
    assert number
    runs = [
        run
        for run in run_examples(load_rulebooks(folder, vocabulary, as_of=AS_OF), vocabulary, labels).runs
        if run.scenario_id == number[1]
    ]
    assert {run.expected for run in runs} == {"該当", "非該当", "不明"}
    assert [run.title for run in runs if not run.passed] == []


def listed(city: Workspace) -> list[tuple[int, str]]:
    book = open_run(city.runs).casebook()
    return [(case.case_no, child.child_key) for case in book.cases for child in case.children]


def test_a_listed_child_becomes_a_draft_without_names_or_keys(city: Workspace):
    """Sentences that hold for the child itself in the city, and facts that tell neither its key nor a day."""
    case_no, key = listed(city)[0]
    text = drafted(city, "虐待", case=f"案件{case_no:02d}")
    shown = scenario_in(text)
    assert key not in text
    body = text[text.index("    試験:") :]
    assert not re.search(r"\d{4}-\d{2}-\d{2}", body.replace(f"基準日: {AS_OF.isoformat()}", ""))
    assert "実在の世帯と分からないようにする" in body

    rules = load_rule_files(city, AS_OF)
    layouts = load_layouts(city.sources, rules.vocabulary)
    texts = {path.name: path.read_text("utf-8") for path in city.rulebooks.glob("*.yaml")}
    thresholds = thresholds_of(texts, rules.vocabulary, AS_OF)
    asked = tuple(parse_sentence(one, rules.vocabulary, thresholds=thresholds) for one in sentences_in(shown))
    with open_snapshot(city.store, rules.vocabulary, layouts, AS_OF) as snapshot:
        table = evaluate_all(snapshot, Plan(AS_OF, rules.vocabulary, asked, ()))
    row = table.column("child_key").to_pylist().index(key)
    assert [table.column(f"c{n}")[row].as_py() for n in range(1, len(asked) + 1)] == [True] * len(asked)


def test_help_that_a_family_uses_is_no_reason(city: Workspace, tmp_path: Path):
    """That a family uses help is never proposed, whatever else is."""
    path = tmp_path / "household.yaml"
    facts = "本人: {年齢: 10, 学年: 小4, 就学援助: あり}\n世帯員: [{続柄: 母, 年齢: 40}]\n"
    path.write_text(facts + "出来事: [{種類: 水道料金の督促, 日前: 20}]\n", "utf-8")
    sentences = sentences_in(scenario_in(drafted(city, "貧困", household=path)))
    assert any("水道料金の督促" in sentence for sentence in sentences)
    assert not any("就学援助" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("本人: {年令: 10}\n", "E-RULE-65"),
        ("本人: {年齢: 2}\n", "E-RULE-66"),
        ("こども: {年齢: 10}\n", "E-RULE-90"),
    ],
)
def test_a_household_that_cannot_be_used_is_refused(city: Workspace, tmp_path: Path, content: str, code: str):
    """Unknown words at their place, and a child whom the rulebook does not watch over."""
    path = tmp_path / "household.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(KizukiError) as caught:
        drafted(city, "ヤングケアラー", household=path)
    assert code in {problem.code for problem in caught.value.problems}


def test_a_case_that_is_not_listed_is_told(city: Workspace):
    """No household is guessed."""
    with pytest.raises(KizukiError, match="E-RUN-02"):
        drafted(city, "虐待", case="案件999")


def test_without_a_city_the_sentences_come_without_counts(tmp_path: Path):
    """Before the first delivery a draft can be made all the same, and it says that nothing was counted."""
    workspace = make_workspace(tmp_path / "city", "見本市")
    path = tmp_path / "household.yaml"
    path.write_text(HOUSEHOLD, "utf-8")
    text = drafted(workspace, "ヤングケアラー", household=path)
    assert "まだ受領データが取り込まれていない" in text
    assert "市で" not in text.split("条件:")[1]
