"""The author's commands as they are typed: what they write, what they leave alone, and how they end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from engine.kernel.errors import KizukiError
from kizuki.authoring.schema import schema_of
from kizuki.cli import kizuki
from kizuki.console import show_usage
from kizuki.settings import Workspace
from kizuki.workspace_files import make_workspace


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    make_workspace(folder, "見本市")
    CliRunner().invoke(kizuki, ["rules", "fmt", "-w", str(folder)], standalone_mode=False)
    return folder


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(template, tmp_path / "city")
    return Workspace(tmp_path / "city")


def run(workspace: Workspace, *words: str) -> object:
    """The command's exit status as the shell gets it; raises what the command line shows as problems."""
    result = CliRunner().invoke(kizuki, ["rules", *words, "-w", str(workspace.root)], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.return_value


def test_check_only_tells(workspace: Workspace):
    """fmt --check ends with 5 where a file would change, and changes nothing; fmt then makes it end with 0."""
    path = workspace.rulebooks / "poverty.yaml"
    typed = path.read_text("utf-8").replace("対象: ", "対象:   ").encode()
    path.write_bytes(typed)
    assert run(workspace, "fmt", "--check") == 5
    assert path.read_bytes() == typed
    assert run(workspace, "fmt", "poverty") == 0
    assert path.read_bytes() != typed
    assert run(workspace, "fmt", "--check") == 0


def test_a_file_with_faults_is_not_touched(workspace: Workspace):
    """The faulty file stays as it is and its faults are told; the sound one beside it is formatted all the same."""
    faulty = workspace.rulebooks / "abuse.yaml"
    faulty.write_text(faulty.read_text("utf-8").replace("対象: ", "対　象:  ", 1), "utf-8")
    before = faulty.read_bytes()
    sound = workspace.rulebooks / "poverty.yaml"
    good = sound.read_bytes()
    sound.write_bytes(good.replace("担当: ".encode(), "担当:    ".encode()))
    with pytest.raises(KizukiError) as caught:
        run(workspace, "fmt")
    assert {problem.place.file for problem in caught.value.problems} == {"rulebooks/abuse.yaml"}
    assert faulty.read_bytes() == before
    assert sound.read_bytes() == good


def test_a_new_workspace_helps_its_editor(workspace: Workspace):
    """init puts the schema beside the rulebooks; rules schema makes it anew from the vocabulary."""
    path = workspace.rulebooks / "rulebook.schema.json"
    assert path.read_bytes() == schema_of(workspace)
    fields = workspace.vocabulary.read_text("utf-8").replace("名前: 欠席,", "名前: お休み,")
    workspace.vocabulary.write_text(fields, "utf-8")
    assert run(workspace, "schema") is None
    kinds = json.loads(path.read_text("utf-8"))["$defs"]["ExampleEvent"]["properties"]["種類"]["enum"]
    assert "お休み" in kinds and "欠席" not in kinds


def test_a_draft_needs_one_household(workspace: Workspace):
    """Neither both nor none of --household and --case."""
    with pytest.raises(KizukiError, match="E-RULE-69"):
        run(workspace, "draft", "貧困")


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    """A mistyped file of a household is told by its name, not as a value that cannot be read."""
    with pytest.raises(click.BadParameter) as caught:
        kizuki.main(["rules", "draft", "貧困", "--household", str(tmp_path / "世帯.yaml")], standalone_mode=False)
    show_usage(caught.value)
    told = capsys.readouterr().err.replace("\n", "")
    assert "--household の" in told and "世帯.yaml」がありません。" in told


def test_the_auditors_sql_names_every_scenario(workspace: Workspace):
    """rules sql writes one script for a day, with each sentence beside its column and each scenario by its number."""
    assert run(workspace, "sql", "--as-of", "2026-11-20", "--out", str(workspace.root / "rules.sql")) is None
    script = (workspace.root / "rules.sql").read_text("utf-8")
    assert script.startswith("-- 基準日 2026-11-20: ")
    assert "-- AB-01: " in script and 'AS "DD-15_cancelled"' in script
