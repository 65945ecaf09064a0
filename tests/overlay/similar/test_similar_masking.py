"""What free text is stripped of before anything else is done with it: whatever tells who somebody is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ml_overlay.similar.masking import DAY, LOT, MARKS, NAME, NUMBER, PHONE, mask

_KANJI = st.text(
    st.sampled_from("佐藤髙橋高斎齋渡邉辺田中山川愛翔陽菜太郎花子林森母氏名番日月一二"), min_size=1, max_size=4
)
_KANA = st.text(st.sampled_from("あいうえおかきくけこさとうみなアイウエオカサトウミナー"), min_size=1, max_size=5)
_LATIN = st.text(st.sampled_from("abcNGUYEN"), min_size=2, max_size=8)
_NAMES = st.one_of(
    _KANJI, _KANA, _LATIN, st.builds("{} {}".format, _KANJI, _KANJI), st.builds("{} {}".format, _KANA, _KANA)
)
_AROUND = st.text(
    st.one_of(st.sampled_from("母がさんくん、。担当1年0-番地宅佐藤アイ愛◆♯\n "), st.characters(codec="utf-8")),
    max_size=12,
)


@given(names=st.lists(_NAMES, min_size=1, max_size=4), around=st.lists(_AROUND, min_size=5, max_size=5))
@example(names=["愛"], around=["", "さんと", "", "", ""])
@example(names=["アイ"], around=["あ", "い", "", "", ""])
@example(names=["髙橋 邉"], around=["高", "橋", "", "", ""])
@example(names=["氏名"], around=["氏", "名", "", "", ""])
def test_no_name_that_the_caller_gave_survives(names: list[str], around: list[str]) -> None:
    """Whatever stands around them, neither a given name nor a surname of the household is in the masked text, in either kana."""
    text = "".join(piece for pair in zip(around, [*names, ""], strict=False) for piece in pair)
    masked = mask(text, names).text
    for name in names:
        for part in unicodedata.normalize("NFKC", name).split():
            assert part not in masked
            assert _other_kana(part) not in masked


@given(st.one_of(st.text(max_size=60), st.text(st.sampled_from("0123456789０９-ー番地号室年月日丁目 、"), max_size=30)))
def test_any_text_can_be_masked(text: str) -> None:
    """Masking never fails, and what comes out holds no run of four digits."""
    masked = mask(text).text
    assert not any(masked[j : j + 4].isascii() and masked[j : j + 4].isdigit() for j in range(len(masked) - 3))


@given(st.text(max_size=40), st.lists(_NAMES, max_size=3))
def test_masking_what_is_masked_changes_no_sign_back(text: str, names: list[str]) -> None:
    """A second masking only ever covers more: signs stay signs."""
    once = mask(text, names).text
    twice = mask(once, names).text
    assert sum(twice.count(sign) for sign in MARKS) <= sum(once.count(sign) for sign in MARKS) + len(once)
    assume(not MARKS & set(text))
    assert all(sign in twice for sign in MARKS & set(once))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("担当宮崎が面談。", f"担当{NAME}が面談。"),
        ("髙橋先生より連絡。渡邉宅を訪問。", f"{NAME}先生より連絡。{NAME}宅を訪問。"),
        ("森が引き続き担当。", f"{NAME}が引き続き担当。"),
        ("担当鈷川が面談。鈷川が訪問", f"担当{NAME}が面談。{NAME}が訪問"),
        ("近隣の林さん宅にも声をかけている。", f"近隣の{NAME}さん宅にも声をかけている。"),
        ("陽菜が登校できない。", f"{NAME}が登校できない。"),
        ("佐藤美咲と面談", f"{NAME}と面談"),
        ("さくらちゃんとあおいくんが来た", f"{NAME}ちゃんと{NAME}くんが来た"),
        ("グエンさん、NGUYEN THI LAN", f"{NAME}さん、{NAME}"),
    ],
)
def test_names_of_others_are_covered(text: str, masked: str) -> None:
    """Names that nobody told of: by the list of names, by what stands before さん or behind 担当."""
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "母より電話。お母さんは元気で、お姉ちゃんも心配している。",
        "学校に行くんだと話す。友だちと遊んでいた様子。",
        "赤ちゃん返り。祖母の世話。たくさん食べた。",
        "担当者が面談。担任が訪問。父母が同席。",
        "週に1日ほど保健室で過ごしている。結果は今月末に伝える。",
        "EPDS 12点。3歳児健診は要観察。",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    """Whom families and offices call each other is no name, and neither is every word that is also somebody's."""
    assert mask(text).text == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("090-1234-5678に折り返し", f"{PHONE}に折り返し"),
        ("(0982)22-1111", PHONE),
        ("09012345678", PHONE),
        ("０９０ー１２３４ー５６７８", PHONE),
        ("山下町二丁目三番地の五に転居", f"山下町{LOT}に転居"),
        ("12番地3号", LOT),
        ("3-4-5 101号室", f"{LOT} {LOT}"),
        ("2018年4月1日生まれ", DAY),
        ("平成30年4月1日生", DAY),
        ("H30.4.1", DAY),
        ("20180401", DAY),
        ("宛名番号8935966698", f"宛名番号{NUMBER}"),
        ("月12,000円", f"月{NUMBER}円"),
        ("yamada@example.jp", PHONE),
    ],
)
def test_numbers_that_lead_to_a_person_are_covered(text: str, masked: str) -> None:
    """Telephone numbers, lots and rooms, birth dates, and every number of four or more digits."""
    assert mask(text).text == masked


def test_counts_that_matter_stay() -> None:
    """How many days and how old is what a record is about."""
    assert mask("欠席12日、小4、弟3歳、週2回").text == "欠席12日、小4、弟3歳、週2回"


def _other_kana(text: str) -> str:
    shifted = [
        chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text
    ]
    return "".join(shifted)
