"""Scores of a week: the model in use, applied in a process whose every fault costs the scores and nothing else."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from engine.records.score import NO_SCORE
from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.learning.model import OverlayModel
from ml_overlay.learning.predict import contributions, millionths
from ml_overlay.register.approvals import APPROVALS, ModelApproval, add_approval
from ml_overlay.register.files import write_model
from ml_overlay.scoring.outcome import Explained, Limits, NotScored, ScoredWeek
from ml_overlay.scoring.score_week import explain_week, model_for_week, score_week

BAD = Path(__file__).parent / "bad_worker.py"
SHORT = Limits(seconds=20)


def use(models: Path, model: OverlayModel) -> Path:
    written = write_model(models, model)
    add_approval(models, ModelApproval(written.model_id, written.sha256, "使う", "係長", date(2026, 11, 27), "試験"))
    return models


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, made_up_model: OverlayModel) -> Path:
    return use(tmp_path_factory.mktemp("models"), made_up_model)


@pytest.fixture(scope="module")
def scored(models: Path, made_up_table: FeatureTable) -> ScoredWeek:
    found = score_week(models, made_up_table)
    assert isinstance(found, ScoredWeek)
    return found


def faulty(fault: str) -> tuple[str, ...]:
    return (sys.executable, "-P", str(BAD), fault)


def code_of(outcome: object) -> str:
    assert isinstance(outcome, NotScored)
    assert outcome.is_fault and outcome.model_id is not None and outcome.reason.endswith("。")
    return outcome.code


def test_scores_are_those_of_the_model(scored: ScoredWeek, made_up_model: OverlayModel, made_up_table: FeatureTable):
    """What the process says is what the model says, in integer millionths, child by child."""
    assert set(scored.scores) == {"school_absence", "poverty"}
    for kind, model in made_up_model.types.items():
        assert np.array_equal(scored.scores[kind], millionths(model, made_up_table))
    assert scored.approval.by == "係長" and scored.model == made_up_model
    if sys.platform == "linux":
        assert scored.limits.keys() == {"memory_bytes", "cpu_seconds", "core_bytes", "file_bytes"}


def test_other_columns_and_another_order_change_nothing(models: Path, scored: ScoredWeek, made_up_table: FeatureTable):
    """A table may hold what the model does not read, and its columns in any order."""
    other = Feature("never.read", "読まない項目", "ほか", 0, False, ())
    more = replace(
        made_up_table,
        features=(other, *reversed(made_up_table.features)),
        values=np.hstack([np.full((400, 1), 7, np.float32), made_up_table.values[:, ::-1]]),
    )
    again = score_week(models, more)
    assert isinstance(again, ScoredWeek)
    for kind, scores in scored.scores.items():
        assert np.array_equal(scores, again.scores[kind])


def test_who_is_of_another_age_gets_no_score(tmp_path: Path, made_up_model: OverlayModel, made_up_table: FeatureTable):
    """NO_SCORE in that type, the usual score in the others; reasons can be asked for all the same. Without a column of age there are no scores at all."""
    age = Feature("age.child.level", "年齢", "年齢・学年", 0, False, ("age",))
    years = (np.arange(400) % 18).astype(np.float32)
    table = replace(
        made_up_table,
        features=(*made_up_table.features, age),
        values=np.hstack([made_up_table.values, years[:, None]]),
    )
    pupils = replace(made_up_model.types["poverty"], ages=(6, 16))
    model = replace(made_up_model, types={**made_up_model.types, "poverty": pupils})
    models = use(tmp_path, model)
    found = score_week(models, table)
    assert isinstance(found, ScoredWeek)
    assert np.array_equal(found.scores["poverty"] == NO_SCORE, (years < 6) | (years >= 16))
    assert np.array_equal(found.scores["poverty"], millionths(pupils, table))
    assert (found.scores["school_absence"] != NO_SCORE).all()
    assert isinstance(explain_week(found, table, table.child_keys[:3].tolist()), Explained)
    assert code_of(score_week(models, made_up_table)) == "E-MODEL-27"


def test_reasons_are_exact_parts_of_the_score(
    scored: ScoredWeek, made_up_model: OverlayModel, made_up_table: FeatureTable
):
    """Of the children who were asked for, in order of their keys; the same parts as the model gives by itself."""
    keys = [str(made_up_table.child_keys[row]) for row in (300, 7, 41)]
    told = explain_week(scored, made_up_table, keys)
    assert isinstance(told, Explained)
    assert told.rows.tolist() == [7, 41, 300]
    for kind, model in made_up_model.types.items():
        known = contributions(model, made_up_table, told.rows)
        assert told.types[kind].features == model.features
        np.testing.assert_array_equal(told.types[kind].parts, known.values)
        np.testing.assert_array_equal(told.types[kind].base, known.base)


def test_nobody_to_be_explained_and_nobody_to_be_scored(models: Path, scored: ScoredWeek, made_up_table: FeatureTable):
    """An empty list has no reasons, and a city without children no scores; neither is a fault."""
    told = explain_week(scored, made_up_table, [])
    assert isinstance(told, Explained) and not len(told.rows)
    nobody = replace(
        made_up_table,
        child_keys=np.array([], "<U17"),
        household_keys=np.array([], "<U17"),
        values=made_up_table.values[:0],
    )
    found = score_week(models, nobody)
    assert isinstance(found, ScoredWeek) and not len(found.scores["poverty"])


def test_a_child_of_another_table_is_a_mistake(scored: ScoredWeek, made_up_table: FeatureTable):
    """Whoever asks for reasons of a child who was not scored has mixed up two weeks."""
    with pytest.raises(ValueError, match="not in the table"):
        explain_week(scored, made_up_table, ["P9999999999999999"])


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("hangs", "E-MODEL-21"),
        ("hangs after a good answer", "E-MODEL-21"),
        ("dies", "E-MODEL-23"),
        ("is killed", "E-MODEL-22"),
        ("ends without a word", "E-MODEL-24"),
        ("ends with a status", "E-MODEL-23"),
        ("says something else", "E-MODEL-24"),
        ("says a list", "E-MODEL-24"),
        ("says an unknown fault", "E-MODEL-24"),
        ("never ends a line", "E-MODEL-24"),
        ("answers too little", "E-MODEL-24"),
        ("answers too much", "E-MODEL-24"),
        ("answers without end", "E-MODEL-24"),
        ("answers no number", "E-MODEL-25"),
    ],
)
def test_a_faulty_process_costs_the_scores_only(models: Path, made_up_table: FeatureTable, fault: str, code: str):
    """Whatever it does, the run is told why there are no scores, in time."""
    limits = Limits(seconds=3) if fault.startswith("hangs") else SHORT
    assert code_of(score_week(models, made_up_table, limits, faulty(fault))) == code


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("answers infinity", "E-MODEL-25"),
        ("answers other parts", "E-MODEL-26"),
        ("answers other scores", "E-MODEL-26"),
        ("dies", "E-MODEL-23"),
    ],
)
def test_reasons_that_do_not_fit_the_scores_are_not_told(
    scored: ScoredWeek, made_up_table: FeatureTable, fault: str, code: str
):
    """Parts that do not add up, or add up to another score than the one that was recorded."""
    keys = [str(key) for key in made_up_table.child_keys[:5]]
    assert code_of(explain_week(scored, made_up_table, keys, SHORT, faulty(fault))) == code


def test_a_process_that_cannot_be_started(models: Path, made_up_table: FeatureTable):
    """No such program."""
    assert code_of(score_week(models, made_up_table, SHORT, ("no-such-program",))) == "E-MODEL-20"


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process are the platform's")
def test_a_process_that_wants_too_much_memory(models: Path, made_up_table: FeatureTable):
    """The limit is the process's own; a library that cannot even be loaded under it says so or dies, and no more."""
    assert code_of(score_week(models, made_up_table, SHORT, faulty("wants more than there is"))) == "E-MODEL-22"
    small = Limits(seconds=20, memory_bytes=48 * 1024**2)
    assert code_of(score_week(models, made_up_table, small)) in ("E-MODEL-20", "E-MODEL-22", "E-MODEL-23")


def test_a_model_that_reads_what_is_not_there(models: Path, made_up_table: FeatureTable):
    """A column that the model was trained on and the table does not have is not unknown: it is a fault."""
    fewer = replace(made_up_table, features=made_up_table.features[1:], values=made_up_table.values[:, 1:])
    assert code_of(score_week(models, fewer)) == "E-MODEL-27"


def test_a_text_that_is_no_booster(tmp_path: Path, made_up_model: OverlayModel, made_up_table: FeatureTable):
    """LightGBM refuses it, or dies of it; the run outlives both."""
    kind = made_up_model.types["poverty"]
    for text in ("tree\nnot a booster\n", kind.boosters[0][0].replace("split_feature=", "split_feature=9")):
        spoiled = replace(kind, boosters=((text, kind.boosters[0][1]), kind.boosters[1]))
        models = use(tmp_path, replace(made_up_model, types={"poverty": spoiled}))
        assert code_of(score_week(models, made_up_table, SHORT)) in ("E-MODEL-23", "E-MODEL-28")


@pytest.mark.parametrize("leaf", ["nan", "inf", "1e308", "1e30", "-1e6"])
def test_leaves_out_of_all_proportion(
    tmp_path: Path, made_up_model: OverlayModel, made_up_table: FeatureTable, leaf: str
):
    """Also in a model whose every hash fits and that somebody approved: no score comes of what is no number or no probability of anything."""

    def spoiled(text: str) -> str:
        text = re.sub(r"tree_sizes=.*\n", "", text)
        return re.sub(r"leaf_value=(.*)", lambda found: "leaf_value=" + " ".join([leaf] * len(found[1].split())), text)

    types = {
        kind: replace(one, boosters=tuple(tuple(map(spoiled, folds)) for folds in one.boosters))
        for kind, one in made_up_model.types.items()
    }
    models = use(tmp_path, replace(made_up_model, types=types))
    assert code_of(score_week(models, made_up_table, SHORT)) == "E-MODEL-25"


def test_a_damaged_file_costs_the_scores_only(tmp_path: Path, made_up_model: OverlayModel, made_up_table: FeatureTable):
    """A bit turned in one booster: nothing of the model is read, and the file is named."""
    models = use(tmp_path, made_up_model)
    path = next(models.glob("M*/poverty.0.1.txt"))
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(bytes(content))
    outcome = score_week(models, made_up_table)
    assert code_of(outcome) == "E-MODEL-05"
    assert isinstance(outcome, NotScored) and "poverty.0.1.txt" in outcome.reason


def test_a_book_that_cannot_be_read_costs_the_scores_only(
    tmp_path: Path, made_up_model: OverlayModel, made_up_table: FeatureTable
):
    """Nobody knows which model is meant, so none is used."""
    models = use(tmp_path, made_up_model)
    with (models / APPROVALS).open("a", encoding="utf-8") as file:
        file.write("  - モデル: 前の\n")
    outcome = score_week(models, made_up_table)
    assert isinstance(outcome, NotScored) and outcome.is_fault and outcome.code == "E-MODEL-10"


def test_no_model_in_use_is_no_fault(tmp_path: Path, made_up_table: FeatureTable):
    """A city that approved none, or took it out of use, has rules alone; nothing is wrong with that."""
    outcome = score_week(tmp_path, made_up_table)
    assert isinstance(outcome, NotScored) and not outcome.is_fault
    assert outcome.reason == "使うと決めたモデルはありません。"
    assert isinstance(model_for_week(tmp_path), NotScored)
