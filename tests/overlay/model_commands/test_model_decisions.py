"""Taking a model into use and back: what the person is shown, what is refused, what the book then says."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from made_up_judgement import card_of, complete, judged, put
from rich.console import Console

from engine.audit.canonical import canonical_json
from engine.kernel.errors import KizukiError
from kizuki.model.approving import CARD, EVALUATION, Signature, approve_model, roll_back
from kizuki.model.showing import show_evaluation, show_status, write_card
from ml_overlay.learning.model import OverlayModel
from ml_overlay.register.approvals import APPROVALS, model_in_use
from ml_overlay.register.files import ModelFiles, write_model

TODAY = date(2026, 11, 27)
BY = Signature("こども家庭課長", TODAY, "説明書を確かめたため")


class Shown(Console):
    def __init__(self) -> None:
        super().__init__(file=io.StringIO(), width=400, soft_wrap=True, highlight=False)

    @property
    def text(self) -> str:
        assert isinstance(self.file, io.StringIO)
        return self.file.getvalue()


@pytest.fixture
def first(tmp_path: Path, made_up_model: OverlayModel) -> ModelFiles:
    model = complete(made_up_model)
    return put(tmp_path, model, judged(model))


@pytest.fixture
def second(tmp_path: Path, made_up_model: OverlayModel) -> ModelFiles:
    model = replace(complete(made_up_model), as_of=date(2026, 11, 27))
    return put(tmp_path, model, judged(model, gain=0.8))


def approve(folder: Path, model: ModelFiles, says_yes: bool = True, **changes: object) -> Shown:
    shown = Shown()
    approve_model(folder, model.model_id, replace(BY, **changes), shown, today=TODAY, confirm=lambda: says_yes)  # type: ignore[arg-type]
    return shown


def codes(do: Callable[[], object]) -> list[str]:
    with pytest.raises(KizukiError) as caught:
        do()
    return sorted({problem.code for problem in caught.value.problems})


def test_an_approved_model_is_in_use(tmp_path: Path, first: ModelFiles):
    """Who approved, when and why, stands in the book; the main lines of the card and the way to it were shown first."""
    text = approve(tmp_path, first).text
    assert "不登校: 正例" in text and "1.30倍(1.17〜1.43)で、モデルを添えると増えるといえます。" in text
    assert "いま使っているモデルはありません。" in text and "漏れの点検で外した特徴が1件あります" in text
    assert str(first.folder / "card.html") in text and str(tmp_path / "models" / APPROVALS) in text
    used = model_in_use(tmp_path / "models")
    assert used is not None and used[:2] == (first.model_id, first.sha256)
    assert (used[2].by, used[2].on, used[2].reason) == ("こども家庭課長", TODAY, "説明書を確かめたため")


def test_a_person_who_says_no_changes_nothing(tmp_path: Path, first: ModelFiles):
    """Nothing is written."""
    assert "承認しませんでした" in approve(tmp_path, first, says_yes=False).text
    assert not (tmp_path / "models" / APPROVALS).exists()


def test_what_makes_it_worse_is_said(tmp_path: Path, first: ModelFiles, second: ModelFiles):
    """Whoever approves a model that finds fewer than the rules alone has read so, beside which model it replaces."""
    approve(tmp_path, first)
    text = approve(tmp_path, second).text
    assert "モデルを添えると減っています" in text and f"いまのモデル: {first.model_id}" in text


@pytest.mark.parametrize(
    "reason", ["貧困: 漏れの点検で、見てはならない記録から作られた特徴が1件見つかりました。", "データが動いています。"]
)
def test_an_evaluation_that_says_stop_cannot_be_approved(tmp_path: Path, made_up_model: OverlayModel, reason: str):
    """The guard's or the drift's alarm is no matter of taste: there is no option against it."""
    model = complete(made_up_model)
    stopped = put(tmp_path, model, judged(model, stop=[reason, "ほかの理由。"]))
    with pytest.raises(KizukiError, match=reason) as caught:
        approve(tmp_path, stopped)
    assert [problem.code for problem in caught.value.problems] == ["E-MODEL-42", "E-MODEL-42"]
    assert not (tmp_path / "models" / APPROVALS).exists()
    assert not show_evaluation(tmp_path, None, Shown())


@pytest.mark.parametrize("finding", ["leak", "drift"])
def test_a_stop_that_was_taken_out_follows_from_the_findings(tmp_path: Path, made_up_model: OverlayModel, finding: str):
    """Whoever empties `stop` and makes every hash fit is still told what the guard or the drift found."""
    model = complete(made_up_model)
    evaluation = judged(model)
    if finding == "leak":
        evaluation["types"]["poverty"]["refused"][0]["kind"] = "未来の記録"
    else:
        drift = {"state": "警報", "sentences": [], "columns": [], "scores": []}
        evaluation["compared"] = {"model_id": "M20260101-000000000000", "as_of": "2026-01-01", "overlap": {}}
        evaluation["compared"]["drift"] = drift
    files = {
        EVALUATION: canonical_json(evaluation),
        CARD: canonical_json(card_of(model, evaluation)),
    }
    put(tmp_path, replace(model, as_of=date(2026, 5, 20)), judged(replace(model, as_of=date(2026, 5, 20))))
    stopped = write_model(tmp_path / "models", model, files)
    assert codes(lambda: approve(tmp_path, stopped)) == ["E-MODEL-42"]
    assert not show_evaluation(tmp_path, stopped.model_id, Shown())


def test_the_evaluation_of_another_model_approves_nothing(tmp_path: Path, made_up_model: OverlayModel):
    """Evaluation and card must be of this very model, of all its types, and say whether it may be used."""
    model = complete(made_up_model)
    other = replace(model, as_of=date(2026, 5, 20))
    put(tmp_path / "other", other, judged(other))
    own, its = judged(model), judged(other)
    less = {**own, "types": {"poverty": own["types"]["poverty"]}}
    pairs = [
        (its, card_of(other, its)),
        (own, card_of(other, its)),
        (less, card_of(model, own)),
        ({name: said for name, said in own.items() if name != "stop"}, card_of(model, own)),
        ({**own, "stop": "なし"}, card_of(model, own)),
        ({**own, "stop": ["x"]}, card_of(model, own)),
        ([], card_of(model, own)),
        (own, []),
    ]
    for number, (evaluation, card) in enumerate(pairs):
        folder = tmp_path / str(number)
        put(folder, other, judged(other))  # a workspace
        files = {EVALUATION: canonical_json(evaluation), CARD: canonical_json(card)}
        forged = write_model(folder / "models", model, files)
        assert codes(lambda folder=folder, forged=forged: approve(folder, forged)) == ["E-MODEL-43"]


def test_what_else_is_refused(tmp_path: Path, first: ModelFiles):
    """A day to come, no name, no such model, a damaged one, and one that is in use already."""
    assert codes(lambda: approve(tmp_path, first, on=date(2026, 11, 28))) == ["E-MODEL-44"]
    assert codes(lambda: approve(tmp_path, first, by=" ")) == ["E-MODEL-11"]
    assert codes(lambda: approve(tmp_path, replace(first, model_id="M20260101-000000000000"))) == ["E-MODEL-01"]
    approve(tmp_path, first)
    assert codes(lambda: approve(tmp_path, first)) == ["E-MODEL-45"]
    (first.folder / "poverty.0.0.txt").write_bytes(b"")
    assert codes(lambda: approve(tmp_path, first)) == ["E-MODEL-05"]


def test_a_model_without_its_card_is_refused(tmp_path: Path, made_up_model: OverlayModel, first: ModelFiles):
    """Nobody can have read what is not there."""
    bare = write_model(tmp_path / "models", replace(made_up_model, as_of=date(2026, 8, 20)))
    assert codes(lambda: approve(tmp_path, bare)) == ["E-MODEL-43"]
    shown = Shown()
    assert show_status(tmp_path, shown)
    assert f"{bare.model_id}  確かめた結果か説明書がそろわず、承認できません(E-MODEL-43)" in shown.text
    assert f"{first.model_id}  " in shown.text


def test_back_to_the_model_before(tmp_path: Path, first: ModelFiles, second: ModelFiles):
    """One command, one entry: the model before is used again, and the book keeps all three decisions."""
    approve(tmp_path, first)
    approve(tmp_path, second)
    shown = Shown()
    book = roll_back(tmp_path, None, BY, shown, today=TODAY, no_model=False)
    assert [entry.model_id for entry in book.entries] == [first.model_id, second.model_id, first.model_id]
    assert f"{first.model_id} に戻しました" in shown.text


def test_to_rules_alone_and_back(tmp_path: Path, first: ModelFiles):
    """--none takes the model out of use; the same model can then be gone back to by its number."""
    approve(tmp_path, first)
    roll_back(tmp_path, None, BY, Shown(), today=TODAY, no_model=True)
    assert model_in_use(tmp_path / "models") is None
    assert codes(lambda: roll_back(tmp_path, None, BY, Shown(), today=TODAY, no_model=True)) == ["E-MODEL-46"]
    roll_back(tmp_path, first.model_id, BY, Shown(), today=TODAY, no_model=False)
    assert model_in_use(tmp_path / "models") is not None
    assert codes(lambda: roll_back(tmp_path, first.model_id, BY, Shown(), today=TODAY, no_model=False)) == [
        "E-MODEL-46"
    ]


def test_only_to_what_was_in_use_and_is_whole(tmp_path: Path, first: ModelFiles, second: ModelFiles):
    """A model that nobody approved is no way back, and neither is one that is damaged."""
    assert codes(lambda: roll_back(tmp_path, None, BY, Shown(), today=TODAY, no_model=False)) == ["E-MODEL-46"]
    approve(tmp_path, first)
    assert codes(lambda: roll_back(tmp_path, second.model_id, BY, Shown(), today=TODAY, no_model=False)) == [
        "E-MODEL-47"
    ]
    approve(tmp_path, second)
    (first.folder / "model.json").unlink()
    assert codes(lambda: roll_back(tmp_path, None, BY, Shown(), today=TODAY, no_model=False)) == ["E-MODEL-04"]


def test_the_status_tells_what_is_in_use_and_what_is_there(tmp_path: Path, first: ModelFiles, second: ModelFiles):
    """The model in use, since when and by whom; every model with its types; a damaged one by its code, and the command fails if it is in use."""
    shown = Shown()
    assert show_status(tmp_path, shown)
    assert (
        "いま使っているモデルはありません。" in shown.text and f"{second.model_id}  不登校・貧困(未承認)" in shown.text
    )
    approve(tmp_path, first)
    shown = Shown()
    assert show_status(tmp_path, shown)
    assert f"使っているモデル: {first.model_id}" in shown.text and "2026-11-27から  承認者 こども家庭課長" in shown.text
    (second.folder / "model.json").unlink()
    assert show_status(tmp_path, Shown())
    (first.folder / "model.json").unlink()
    shown = Shown()
    assert not show_status(tmp_path, shown)
    assert "壊れています(E-MODEL-04)" in shown.text


def test_the_card_is_written_with_the_decision(tmp_path: Path, first: ModelFiles, second: ModelFiles):
    """The newest model's, or the one that is named; before it is approved, it says so."""
    path = write_card(tmp_path, None, None, Shown())
    assert path.parent == tmp_path / "out" and second.model_id in path.read_text("utf-8")
    assert "まだ承認されていません" in path.read_text("utf-8")
    approve(tmp_path, first)
    page = write_card(tmp_path, first.model_id, tmp_path / "card.html", Shown()).read_text("utf-8")
    assert "<b>使う</b>" in page and "説明書を確かめたため" in page


def test_several_models_of_a_day_are_told_apart_by_number(
    tmp_path: Path, made_up_model: OverlayModel, first: ModelFiles
):
    """ "The newest" is none of two."""
    other = complete(replace(made_up_model, without={"young_carer": "正例が13人です。"}))
    put(tmp_path, other, judged(other))
    assert codes(lambda: write_card(tmp_path, None, None, Shown())) == ["E-MODEL-50"]
    assert codes(lambda: write_card(tmp_path / "models", None, None, Shown())) == ["E-CONF-01"]
