"""When the words of consultation records may be used, and what counts in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.records.vocabulary import Vocabulary, load_vocabulary
from ml_overlay.similar.masking import MaskedText, mask
from ml_overlay.similar.text import TextIndex, why_no_text

_FIELDS = Path(__file__).parents[3] / "rulebooks" / "fields.yaml"
_REFUSAL = "  free_text: {名前: 自由記述,"
_RESPONSE = "response: {名前: 対応区分, 型: 区分}}}"
_WITH_TEXT = "response: {名前: 対応区分, 型: 区分}, free_text: {名前: 記録, 型: 文字}}}"


def _register(folder: Path, *, refused: bool, column: bool, state: str = "許可") -> Vocabulary:
    text = _FIELDS.read_text("utf-8")
    assert text.count(_REFUSAL) == 1
    assert text.count(_RESPONSE) == 1
    if not refused:
        text = "\n".join(line for line in text.splitlines() if not line.startswith(_REFUSAL)) + "\n"
    if column:
        text = text.replace(_RESPONSE, _WITH_TEXT)
    head = "目的: 相談と支援の経過の把握, 法的根拠: 個人情報保護法69条2項2号, 状態: "
    assert text.count(head + "許可") == 1
    text = text.replace(head + "許可", head + state + (", 決定: 協議中, 理由: 確認中" if state != "許可" else ""))
    path = folder / "fields.yaml"
    path.write_text(text, "utf-8")
    return load_vocabulary(path)


def test_the_register_as_it_stands_keeps_the_text_out() -> None:
    """照会中 means that no word is used, and that this is said."""
    assert "「照会中」のため使っていません" in why_no_text(load_vocabulary(_FIELDS))


def test_a_register_that_permits_the_text_lets_it_in(tmp_path: Path) -> None:
    """It must be a registered column of a permitted kind of record and no longer be among what is refused."""
    assert why_no_text(_register(tmp_path, refused=False, column=True)) == ""


def test_half_a_permission_is_none(tmp_path: Path) -> None:
    """Neither taking it off the refused list nor registering the column is enough, nor a kind of record that is itself under question."""
    assert "載っていない" in why_no_text(_register(tmp_path, refused=False, column=False))
    assert "照会中" in why_no_text(_register(tmp_path, refused=False, column=True, state="照会中"))


def test_households_with_the_same_worries_are_near_in_words() -> None:
    """What is told decides, whoever told it."""
    texts = {
        "H1": "朝になると腹痛を訴え、登校できない日が続いている。担当佐藤が面談。",
        "H2": "家賃と光熱費の支払いが苦しい。",
        "H3": "",
    }
    index = TextIndex(np.array(list(texts)), [mask(text) for text in texts.values()])
    asked = mask("腹痛で登校できない日が多い。担当鈴木が面談。")
    assert index.nearest(asked, 5)[0] == "H1"
    assert "H1" not in index.nearest(asked, 5, without={"H1"})
    assert "H3" not in index.nearest(asked, 5)
    assert index.nearest(mask(""), 5) == ()


def test_signs_that_stand_for_names_make_nobody_alike() -> None:
    """Two records that share only that somebody was named share nothing."""
    index = TextIndex(np.array(["H1", "H2"]), [mask("佐藤さん"), mask("家賃の支払い")])
    assert index.likeness(mask("鈴木様")).tolist() == [0.0, 0.0]


def test_a_city_without_any_text_likens_nobody() -> None:
    """Empty records are no fault."""
    assert TextIndex(np.array(["H1", "H2"]), [mask(""), mask("あ")]).nearest(mask("登校"), 5) == ()


def test_text_that_is_not_masked_is_refused() -> None:
    """The index takes masked text and nothing else."""
    with pytest.raises(TypeError, match="masked"):
        TextIndex(np.array(["H1"]), ["佐藤さんが来所"])  # type: ignore[list-item]
    assert isinstance(mask("佐藤さんが来所"), MaskedText)
