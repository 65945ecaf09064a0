"""Spellings of one name or place have one match key; different ones do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.linkage.normalise import (
    Gazetteer,
    fold_kana,
    fold_kanji,
    fold_place,
    is_corporate,
    split_kana,
    weaken_kana,
)

CITY = Gazetteer(["本町一丁目", "本町二丁目", "一ヶ岡", "三ツ瀬町", "大字岡富", "旭町", "日の出町", "緑ケ丘"], "架空市")


@pytest.mark.parametrize(
    ("one", "other"),
    [("髙橋", "高橋"), ("山﨑", "山崎"), ("渡邉", "渡辺"), ("渡邊", "渡辺"), ("斎藤", "斉藤"), ("齋藤", "斉藤"), ("𠮷田", "吉田"), ("廣澤", "広沢"),
     ("薮内", "藪内"), ("葛\U000e0100城", "葛城"), ("濵田", "浜田"), ("安穏", "安穩"), ("真", "眞"), ("富", "冨"), ("曽", "曾"), ("渕", "淵"), ("桧", "檜"),
     ("佐藤　花子", "佐藤 花子")],
)  # fmt: skip
def test_variants_of_a_kanji_name(one: str, other: str) -> None:
    """Shape variants, 外字 selectors and spaces do not part a name."""
    assert fold_kanji(one) == fold_kanji(other)


def test_every_kanji_folds_to_something_stable() -> None:
    """For each kanji of the common planes, folding the fold changes nothing: no two variants swap places."""
    for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)):
        for code in range(first, last + 1):
            assert fold_kanji(fold_kanji(chr(code))) == fold_kanji(chr(code)), hex(code)


@pytest.mark.parametrize(
    ("one", "other"),
    [("坂本", "阪本"), ("伊東", "伊藤"), ("河野", "川野"), ("太田", "大田"), ("玉井", "王井"), ("書子", "昼子")],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    """Names that only sound or look alike are not folded together."""
    assert fold_kanji(one) != fold_kanji(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ｷｮｳｺ", "キョウコ"), ("キヨウコ", "きょうこ"), ("ミツヅカ", "ミツズカ"), ("シヅヲ", "シズオ"), ("ﾊﾙﾄ", "ハルト"), ("サ トウ", "サトウ"), ("ツ－ジ", "ツージ")],
)  # fmt: skip
def test_variants_of_a_kana_name(one: str, other: str) -> None:
    """Half width, hiragana, lost small kana, ヂヅヲ and spaces do not part a kana name."""
    assert fold_kana(one) == fold_kana(other)


def test_the_weak_key_forgets_long_vowels_and_voicing() -> None:
    """Only the weak key, which merely proposes, takes オオノ and ヤマタ for ヤマダ."""
    assert fold_kana("ヤマダ") != fold_kana("ヤマタ")
    assert weaken_kana(fold_kana("ヤマダ")) == weaken_kana(fold_kana("ヤマタ"))
    assert weaken_kana(fold_kana("ユウコ")) == weaken_kana(fold_kana("ユーコ"))


def test_surname_and_given_name_are_split_at_the_space_only() -> None:
    """Without a space nobody guesses where the surname ends."""
    assert split_kana("ｻﾄｳ　ｷﾖｳｺ") == ("サトウ", "キヨウコ")
    assert split_kana("サトウキョウコ") == (None, None)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("架空県架空市本町一丁目２番地３号", "本町1-2-3"),
        ("架空市本町1-2-3", "本町1-2-3"),
        ("本町１丁目２－３　サンハイツ203号室", "本町1-2-3-203"),
        ("本町1-2-3-203", "本町1-2-3-203"),
        ("一ケ岡12-1", "一ケ岡12-1"),
        ("一ヶ岡１２番地１", "一ケ岡12-1"),
        ("三ッ瀬町三丁目4番5号", "三ツ瀬町3-4-5"),
        ("岡富10番地の2", "岡富10-2"),
        ("旭町百二十番地", "旭町120"),
        ("日ノ出町1番", "日ノ出町1"),
        ("緑が丘２番地", "緑ケ丘2"),
    ],
)
def test_one_line_addresses(line: str, place: str) -> None:
    """Digits, hyphens, 丁目・番地・号, ヶ, kanji numerals and buildings fold to one spelling."""
    assert CITY.line_key(line).place == place


def test_an_equal_town_name_elsewhere_is_not_ours() -> None:
    """Another city's 本町 is unknown here, and so is a line that begins with a building."""
    assert not CITY.line_key("隣町市本町1-2-3").known
    assert not CITY.line_key("東京都新宿区本町1-2-3").known
    assert CITY.line_key("").place is None


def test_register_columns_and_lines_agree() -> None:
    """The register's three columns and a line of the same place have one key."""
    parts = CITY.parts_key("本町一丁目", "２番３号", "サンハイツ２０３号")
    line = CITY.line_key("架空市本町1丁目2-3 サンハイツ203")
    assert (parts.place, parts.base) == (line.place, line.base) == ("本町1-2-3-203", "本町1-2-3")
    assert CITY.parts_key("大字岡富", "10番地2", None).place == CITY.line_key("岡富10-2").place


@pytest.mark.parametrize(
    "name",
    [
        "カ)ノベオカ",
        "ｶ)ｱｻﾋﾌﾄﾞｳｻﾝ",
        "カブシキガイシャ アサヒ",
        "タイキヨウケンタクカ)",
        "ユ)ミドリ",
        "シヤカイフクシホウジンワカバカイ",
    ],
)
def test_firms(name: str) -> None:
    """Firms and associations among the water users are recognised by their legal form."""
    assert is_corporate(name)


@pytest.mark.parametrize("name", ["サトウ タロウ", "カワカミ ユウ", "ドイ カナ", "シヤチ ケン"])
def test_people_are_no_firms(name: str) -> None:
    """A person's name is not taken for a firm."""
    assert not is_corporate(name)


@given(st.text(max_size=30))
def test_folding_is_idempotent(text: str) -> None:
    """A key folds to itself, and no text whatever breaks the folds."""
    assert fold_kana(fold_kana(text)) == fold_kana(text)
    assert fold_kanji(fold_kanji(text)) == fold_kanji(text)
    fold_place(text)
    CITY.line_key(text)
