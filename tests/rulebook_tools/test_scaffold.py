"""`rules new`: a scenario to be written, and what is said of one that is half written."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from engine.evaluate.examples.run import run_examples
from engine.kernel.errors import KizukiError
from engine.kernel.strict_yaml import parse_yaml
from engine.records.case import HARDSHIP_LABELS
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.authoring.scaffold import appended, fragment, hardship_type_of, skeleton
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.files.unfinished import unfinished
from engine.rulebook.model import RulebookSet
from kizuki.authoring.fmt import format_rules
from kizuki.authoring.new import new_scenario
from kizuki.settings import Workspace
from kizuki.workspace_files import make_workspace

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 20)


def quiet() -> Console:
    return Console(quiet=True)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    make_workspace(folder, "見本市")
    return folder


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Workspace:
    """A workspace of its own, with the rulebooks of the repository."""
    shutil.copytree(template, tmp_path / "city")
    return Workspace(tmp_path / "city")


def problems_of(workspace: Workspace) -> list[str]:
    vocabulary = load_vocabulary(workspace.vocabulary)
    try:
        load_rulebooks(workspace.rulebooks, vocabulary, as_of=TODAY)
    except KizukiError as error:
        return [problem.code for problem in error.problems]
    return []


def finished(text: str) -> str:
    """The author writes: every （ここに…） becomes a text of its own."""
    count = iter(range(1000))
    return re.sub(r"（ここに[^）]*）", lambda _: f"書いたこと{next(count)}", text)


@pytest.mark.parametrize("hardship_type", HARDSHIP_LABELS)
def test_a_new_scenario_lacks_only_what_its_author_must_write(workspace: Workspace, hardship_type: str):
    """The skeleton's keys, sentence and three examples hold; only the texts are missing, and check says where."""
    path = workspace.rulebooks / f"{hardship_type}.yaml"
    before = path.read_text("utf-8")
    new_scenario(workspace.root, hardship_type, None, None, TODAY, quiet())
    after = path.read_text("utf-8")
    assert after.startswith(before.rstrip())
    assert problems_of(workspace) == ["E-RULE-60"] * after.count("（ここに")
    assert "（ここに" in after

    path.write_text(finished(after), "utf-8")
    vocabulary = load_vocabulary(workspace.vocabulary)
    labels = {key: layout.label for key, layout in load_layouts(workspace.sources, vocabulary).items()}
    books = load_rulebooks(workspace.rulebooks, vocabulary, as_of=TODAY)
    book = next(b for b in books.rulebooks if b.hardship_type == hardship_type)
    new = RulebookSet(TODAY, (replace(book, scenarios=book.scenarios[-1:]),))
    runs = run_examples(new, vocabulary, labels).runs
    assert [run.expected for run in runs] == ["該当", "非該当", "不明"]
    assert [run.outcome for run in runs] == ["該当", "非該当", "不明"]


def test_a_new_scenario_is_in_the_canonical_form(workspace: Workspace):
    """What rules new writes, rules fmt leaves as it is."""
    format_rules(workspace.root, [], check=False, console=quiet())
    new_scenario(workspace.root, "貧困", None, None, TODAY, quiet())
    assert format_rules(workspace.root, [Path("poverty")], check=True, console=quiet())


def test_the_next_free_number_is_taken(workspace: Workspace):
    """Two new scenarios follow the last one, also while the first is still half written."""
    path = workspace.rulebooks / "young_carer.yaml"
    numbers = re.findall(r"番号: YC-(\d+)", path.read_text("utf-8"))
    for _ in range(2):
        new_scenario(workspace.root, "young_carer", None, None, TODAY, quiet())
    last = max(map(int, numbers))
    assert re.findall(r"番号: YC-(\d+)", path.read_text("utf-8")) == [*numbers, f"{last + 1:02d}", f"{last + 2:02d}"]


def test_a_copy_begins_with_everything_but_its_name(workspace: Workspace):
    """--from copies conditions, examples and remarks of a scenario, also of another type, under a number of its own."""
    new_scenario(workspace.root, "貧困", "PV-77", "YC-03", TODAY, quiet())
    text = (workspace.rulebooks / "poverty.yaml").read_text("utf-8")
    copy = parse_yaml(text, "poverty.yaml").data["シナリオ"][-1]
    original = next(
        s
        for s in parse_yaml((workspace.rulebooks / "young_carer.yaml").read_text("utf-8"), "y").data["シナリオ"]
        if s["番号"] == "YC-03"
    )
    assert copy["番号"] == "PV-77"
    assert copy["有効期間"] == {"開始": "2026-11-20"}
    assert original["名前"] in copy["名前"] and copy["名前"].startswith("（ここに")
    for key in ("ねらい", "出典", "強さ", "条件", "試験"):
        assert copy[key] == original[key]


@pytest.mark.parametrize(
    ("word", "number", "copied", "code"),
    [
        ("ヤング", None, None, "E-RULE-61"),
        ("young_carer", "YC-01", None, "E-RULE-62"),
        ("young_carer", "AB-77", None, "E-RULE-62"),
        ("young_carer", "yc77", None, "E-RULE-62"),
        ("young_carer", None, "YC-99", "E-RULE-63"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    workspace: Workspace, word: str, number: str | None, copied: str | None, code: str
):
    """An unknown type, a number in use or of another type, a scenario that is not there: told, and nothing is written."""
    before = {path: path.read_bytes() for path in workspace.rulebooks.glob("*.yaml")}
    with pytest.raises(KizukiError) as caught:
        new_scenario(workspace.root, word, number, copied, TODAY, quiet())
    assert [problem.code for problem in caught.value.problems] == [code]
    assert {path: path.read_bytes() for path in workspace.rulebooks.glob("*.yaml")} == before


def test_a_type_is_named_as_people_name_it():
    """By its Japanese name, its id, or its file."""
    assert {hardship_type_of(word) for word in ("産後うつ", "postpartum_depression", "rulebooks/postpartum_depression.yaml")} == {
        "postpartum_depression"
    }


def test_a_file_is_not_torn(tmp_path: Path):
    """Where シナリオ is not the last part of the file, nothing is added in a wrong place."""
    with pytest.raises(KizukiError, match="E-RULE-64"):
        appended("シナリオ:\n  - 番号: YC-01\n担当: 見本\n", skeleton("YC-02", [], [], start=TODAY), "book.yaml")


def test_windows_line_ends_are_kept():
    """An editor's line ends stay what they are."""
    text = appended("シナリオ:\r\n  - 番号: YC-01\r\n", skeleton("YC-02", [], [], start=TODAY), "book.yaml")
    assert "\n" not in text.replace("\r\n", "")
    assert "番号: YC-02" in text


@pytest.mark.parametrize(
    ("text", "column"),
    [("名前: （ここに、名前を書く）", 5), ("名前: 見本(ここに書く)", 5), ("表: [{名前: （ここに書く）}]", 10)],
)
def test_unfinished_texts_are_found_where_they_stand(text: str, column: int):
    """Full-width or half-width, deep or not: the place and the words are told."""
    (problem,) = unfinished(parse_yaml(text, "book.yaml"))
    assert problem.code == "E-RULE-60"
    assert (problem.place.line, problem.place.column) == (1, column)
    assert "ここに" in problem.what


def test_finished_texts_are_left_alone():
    """「ここに」 in a sentence is no placeholder."""
    assert list(unfinished(parse_yaml("名前: ここに住む(半年)", "book.yaml"))) == []


def test_every_key_of_a_skeleton_says_what_to_write():
    """Beside each key stands a remark in plain Japanese."""
    lines = fragment(skeleton("YC-02", [], [], start=TODAY)).split("\n")
    keys = [line for line in lines if re.match(r"^ {4}\S+:", line)]
    assert len(keys) == 9
    assert [line for line in keys if "条件" not in line and "  # " not in line] == []
