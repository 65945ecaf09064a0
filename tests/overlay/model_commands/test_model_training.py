"""`kizuki model train` on a small made-up city: what it writes, that it writes the same again, and what it says."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from engine.kernel.errors import KizukiError
from engine.rulebook.versions.approval import HEADING, TO_BE_APPROVED, Approval, written
from kizuki.demo_city import build_demo_city
from kizuki.manifest import versions_now
from kizuki.model import judging, material
from kizuki.model.approving import Signature, approve_model
from kizuki.model.training import train_model
from kizuki.pipeline import run_week
from kizuki.settings import Workspace
from kizuki.workspace_files import make_workspace
from ml_overlay.learning.recipe import Recipe
from ml_overlay.register.files import ModelFiles, read_model

DAY = date(2026, 11, 20)
SMALL = Recipe(partitions=1, folds=2, rounds=40, minimum_positives=20)


class Trained:
    """The workspace, its model, and what was said."""

    def __init__(self, workspace: Workspace, files: ModelFiles, said: str) -> None:
        self.workspace, self.files, self.said = workspace, files, said


def approve_as_it_is(workspace: Workspace) -> None:
    import hashlib

    entries = []
    for name in TO_BE_APPROVED:
        raw = (workspace.rulebooks / name).read_bytes()
        version = re.search(r'(?m)^版: "?([^"\n]+)', raw.decode())[1]
        entries.append(
            Approval(name, version, hashlib.sha256(raw).hexdigest(), "係長", date(2026, 3, 20), "試験のため")
        )
    workspace.approvals.write_text(HEADING + written(entries), encoding="utf-8")


def train(workspace: Workspace, *, shown: bool = True) -> tuple[ModelFiles, str]:
    """Train with the hash of the code held: somebody may be editing it while the tests run, and it is part of the model's number.

    `shown`: as if every type had been shown to be worth using, which nothing is in a city of a few hundred children.
    """
    versions = {**versions_now(), "code": "0" * 64}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(material, "versions_now", lambda: versions)
        if shown:
            patch.setattr(judging, "why_not_used", lambda evaluation: None)
        return _train(workspace)


def _train(workspace: Workspace) -> tuple[ModelFiles, str]:
    out = Console(file=io.StringIO(), width=400, soft_wrap=True, highlight=False)
    files = train_model(workspace.root, None, out, SMALL)
    assert isinstance(out.file, io.StringIO)
    return files, out.file.getvalue()


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """One label with a short past, so that few days have to be looked back to, and one of them can be tested on."""
    folder = tmp_path_factory.mktemp("learning")
    workspace = make_workspace(folder, "見本市")
    path = workspace.rulebooks / "model.yaml"
    text = path.read_text("utf-8")
    text = re.sub(r"最少の正例: \d+", "最少の正例: 20", text)
    head, _, kinds = text.partition("\n類型:\n")
    kept = "".join(re.findall(r"(?m)^  school_absence:\n(?:    .*\n)+", kinds))
    assert "対象の年齢: {以上: 6, 未満: 16}" in kept
    kept = re.sub(r"正例の文: .+", "正例の文: 直近3か月の欠席が2日以上", kept)
    kept = re.sub(r"さかのぼる月数: \d+", "さかのぼる月数: 15", kept)
    path.write_text(f"{head}\n類型:\n{kept}", encoding="utf-8")
    approve_as_it_is(workspace)
    build_demo_city(folder, people=6_000, weeks=1, seed=7)
    with pytest.MonkeyPatch.context() as patch:
        # The key decides the folds, and of so few children some partings show nothing.
        patch.setattr("engine.linkage.keyring.secrets.token_bytes", lambda size: bytes([7]) * size)
        run_week(folder, None, Console(quiet=True))
    return Trained(workspace, *train(workspace))


def test_the_model_lies_there_whole_with_all_that_is_known_of_it(trained: Trained):
    """Model, evaluation, reference for drift, card as data and page; and every path is told."""
    stored = read_model(trained.workspace.models, trained.files.model_id, trained.files.sha256)
    assert set(stored.extra) == {"evaluation.json", "reference.json", "card.json", "card.html", "similar.parquet"}
    assert set(stored.model.types) == {"school_absence"}
    assert stored.model.as_of == DAY
    assert stored.model.types["school_absence"].positives >= 20
    assert {each["as_of"] for each in stored.model.inputs["deliveries"]} == {DAY.isoformat()}
    assert set(stored.model.inputs["rules"]) == set(TO_BE_APPROVED)
    for name in ("model.json", "card.html"):
        assert (trained.files.folder / name).is_file()
    assert str(trained.files.folder.resolve()) in trained.said


def test_each_type_is_told_with_its_positives_or_why_there_is_no_model(trained: Trained):
    """Nobody has to wonder why a type is missing."""
    assert re.search(r"不登校: モデルあり\(正例\d+行", trained.said)
    for label in ("虐待", "ヤングケアラー", "貧困"):
        assert f"{label}: モデルなし。model.yaml に正例の決まりがありません。" in trained.said
    stored = read_model(trained.workspace.models, trained.files.model_id, trained.files.sha256)
    assert set(stored.model.without) == {
        "abuse",
        "young_carer",
        "poverty",
        "postpartum_depression",
        "developmental_disorder",
    }


def test_training_again_gives_the_same_bytes(trained: Trained):
    """The same data, rules and code: the same number and the same hash of everything, the evaluation included."""
    again, _ = train(trained.workspace)
    assert again == trained.files


def test_a_type_that_is_not_shown_to_be_worth_it_gets_no_model(trained: Trained):
    """A few hundred children show nothing: the reason is said with its figures, and nothing is written."""
    with pytest.raises(KizukiError) as caught:
        train(trained.workspace, shown=False)
    assert [problem.code for problem in caught.value.problems] == ["E-MODEL-52"]
    assert [path.name for path in trained.workspace.models.iterdir() if path.is_dir()] == [trained.files.model_id]


def test_the_model_is_about_pupils_and_nobody_else(trained: Trained):
    """Ages come from model.yaml; the evaluation tells how children of the same age are told apart."""
    stored = read_model(trained.workspace.models, trained.files.model_id, trained.files.sha256)
    assert stored.model.types["school_absence"].ages == (6, 16)
    assert stored.model.recipe["labels"]["school_absence"]["ages"] == [6, 16]
    apart = json.loads(stored.extra["evaluation.json"])["types"]["school_absence"]["evaluation"]["apart"]
    assert apart["same_age"]["low"] < apart["same_age"]["at"] < apart["same_age"]["high"]


def test_no_model_sees_the_childs_own_hidden_records(trained: Trained):
    """Neither as a look at the record nor as a sentence about it."""
    stored = read_model(trained.workspace.models, trained.files.model_id, trained.files.sha256)
    hidden = stored.model.recipe["hidden_records"]
    assert "council_case" in hidden
    evaluation = json.loads(stored.extra["evaluation.json"])
    refused = {each["name"] for each in evaluation["types"]["school_absence"]["refused"]}
    assert not refused & {feature.name for feature in stored.model.types["school_absence"].features}
    assert evaluation["stop"] == []


def test_the_reference_for_drift_is_of_the_model_and_its_day(trained: Trained):
    """Of the children of the as-of day, every column that the model reads and no other."""
    stored = read_model(trained.workspace.models, trained.files.model_id, trained.files.sha256)
    reference = json.loads(stored.extra["reference.json"])
    assert reference["as_of"] == DAY.isoformat()
    assert set(reference["features"]) == {f.name for f in stored.model.types["school_absence"].features}


def test_the_next_run_uses_an_approved_model(trained: Trained):
    """From the approval on; the run's manifest names it."""
    signature = Signature("こども家庭課長", date(2026, 11, 27), "説明書を確かめたため")
    approve_model(
        trained.workspace.root,
        trained.files.model_id,
        signature,
        Console(quiet=True),
        today=signature.on,
        confirm=lambda: True,
    )
    outcome = run_week(trained.workspace.root, DAY, Console(quiet=True))
    manifest = json.loads((outcome.run_folder / "manifest.json").read_bytes())
    assert manifest["model"]["id"] == trained.files.model_id
    assert not outcome.model_failed


def test_too_few_labels_make_no_model(trained: Trained, tmp_path: Path):
    """A city whose labels do not reach the least number is told so, and nothing is written."""
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(trained.workspace.root, copy, ignore=shutil.ignore_patterns("models", "runs", "out", ".lock"))
    workspace = Workspace(copy)
    path = workspace.rulebooks / "model.yaml"
    path.write_text(path.read_text("utf-8").replace("最少の正例: 20", "最少の正例: 9999"), encoding="utf-8")
    approve_as_it_is(workspace)
    with pytest.raises(KizukiError) as caught:
        train(workspace)
    assert [problem.code for problem in caught.value.problems] == ["E-MODEL-41"]
    assert not workspace.models.exists()
