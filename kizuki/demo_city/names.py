"""Made-up people's names with the frequencies of real ones, and how each system writes them.

Surnames follow their real population (japanese-personal-name-dataset, MIT); given names follow rough fashions of
the year of birth. No name belongs to anybody.
"""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from kizuki.demo_city.randomness import Floats, Ints, pick

_VARIANTS = {
    "高": "髙",
    "崎": "﨑",
    "沢": "澤",
    "辺": "邊",
    "斉": "齊",
    "斎": "齋",
    "浜": "濱",
    "桜": "櫻",
    "広": "廣",
    "国": "國",
    "吉": "𠮷",
}
_FOREIGN = (
    ("NGUYEN", "THI LAN", "グエン", "ティ ラン", "ベトナム"),
    ("NGUYEN", "VAN MINH", "グエン", "ヴァン ミン", "ベトナム"),
    ("TRAN", "VAN HUNG", "チャン", "ヴァン フン", "ベトナム"),
    ("SANTOS", "MARIA", "サントス", "マリア", "フィリピン"),
    ("CRUZ", "JOSE", "クルス", "ホセ", "フィリピン"),
    ("REYES", "ANGEL", "レイエス", "アンヘル", "フィリピン"),
    ("王", "芳", "オウ", "ホウ", "中国"),
    ("李", "明", "リ", "メイ", "中国"),
    ("陳", "静", "チン", "セイ", "中国"),
    ("金", "英姫", "キン", "ヨンヒ", "韓国"),
    ("朴", "俊", "ボク", "シュン", "韓国"),
    ("SHRESTHA", "SITA", "シュレスタ", "シタ", "ネパール"),
    ("GURUNG", "RAM", "グルン", "ラム", "ネパール"),
    ("SILVA", "ANA", "シルバ", "アナ", "ブラジル"),
)
_OLD_WOMEN = (
    "キヨ",
    "ハル",
    "フミ",
    "ミツ",
    "スミ",
    "ツル",
    "トミ",
    "キミ",
    "ヨシ",
    "サチ",
    "チヨ",
    "シズ",
    "マツ",
    "ウメ",
    "タケ",
    "トシ",
)
_OLD_MEN_ENDS = (
    "お",
    "じ",
    "ぞう",
    "いち",
    "のり",
    "し",
    "ひろ",
    "ろう",
    "かず",
    "たか",
    "ゆき",
    "はる",
    "まさ",
    "よし",
)


@dataclass(frozen=True)
class NameBook:
    """Surnames and given names as parallel tuples (kanji, katakana); `given_weights[sex][cohort]` draws given names.

    Cohorts: 0 born before 1955, 1 before 1990, 2 since. Sex: 1 male, 2 female, as in 住民記録.
    """

    surname_kanji: tuple[str, ...]
    surname_kana: tuple[str, ...]
    surname_weights: Floats
    given_kanji: tuple[str, ...]
    given_kana: tuple[str, ...]
    given_weights: dict[tuple[int, int], Floats]
    foreign_from: int

    def draw_surnames(self, rng: np.random.Generator, count: int) -> Ints:
        """Indices of Japanese surnames by their real population."""
        return pick(rng, self.surname_weights, count)

    def draw_given(self, rng: np.random.Generator, sex: Ints, birth_year: Ints) -> Ints:
        """Indices of given names fitting sex and year of birth."""
        cohort = np.where(birth_year < 1955, 0, np.where(birth_year < 1990, 1, 2))
        found = np.zeros(len(sex), dtype=np.int64)
        for key, weights in self.given_weights.items():
            chosen = np.flatnonzero((sex == key[0]) & (cohort == key[1]))
            found[chosen] = pick(rng, weights, len(chosen))
        return found


@lru_cache(maxsize=1)
def name_book() -> NameBook:
    """The names of the dataset in a fixed order, read once."""
    folder = files("japanese_personal_name_dataset") / "dataset"
    surnames = [
        row for row in csv.reader((folder / "last_name_org.csv").read_text("utf-8").splitlines()) if len(row) >= 3
    ]
    kanji, kana, base, sexes = [], [], [], []
    for sex, name in ((1, "first_name_man_opti.csv"), (2, "first_name_woman_opti.csv")):
        rows = [row for row in csv.reader((folder / name).read_text("utf-8").splitlines()) if len(row) >= 3]
        signs = Counter(sign for row in rows for text in row[2:] for sign in text)
        for row in rows:
            variants = [text for text in row[2:] if _in_cp932(text)]
            commonness = np.array([min(signs[sign] for sign in text) for text in variants], dtype=np.float64) ** 1.5
            # A reading that can be written in more ways is, roughly, a more common name.
            weights = commonness / max(commonness.sum(), 1.0) * len(row) ** 1.3
            for text, weight in zip(variants, weights.tolist(), strict=True):
                kanji.append(text)
                kana.append(katakana(row[0]))
                base.append(weight)
                sexes.append(sex)
    for text in _OLD_WOMEN:
        kanji.append(text)
        kana.append(text)
        base.append(0.0)
        sexes.append(2)
    weight, sex_of = np.array(base), np.array(sexes)
    old_woman = np.array([text in _OLD_WOMEN for text in kanji])
    ko = np.array([text.endswith("コ") for text in kana])
    mi = np.array([text.endswith(("ミ", "エ", "ヨ")) for text in kana])
    old_man = np.array([text.endswith(tuple(map(katakana, _OLD_MEN_ENDS))) for text in kana])
    weight = weight * np.where(np.array([len(text) > 2 for text in kanji]), 0.25, 1.0)
    men, women = weight * (sex_of == 1), weight * (sex_of == 2)
    drawn = {
        (1, 0): men * np.where(old_man, 1.0, 0.1),
        (1, 1): men * np.where(old_man, 1.0, 0.5),
        (1, 2): men * np.where(old_man, 0.25, 1.0),
        (2, 0): women * np.where(ko, 2.5, np.where(mi, 0.8, 0.03)) + old_woman * women.sum() * 0.01,
        (2, 1): women * np.where(ko, 2.0, np.where(mi, 1.0, 0.4)),
        (2, 2): women * np.where(ko, 0.08, 1.0),
    }
    foreign_from = len(surnames)
    return NameBook(
        tuple(row[0] for row in surnames) + tuple(row[0] for row in _FOREIGN),
        tuple(katakana(row[2]) for row in surnames) + tuple(row[2] for row in _FOREIGN),
        np.array([float(row[1]) for row in surnames]),
        tuple(kanji) + tuple(row[1] for row in _FOREIGN),
        tuple(kana) + tuple(row[3] for row in _FOREIGN),
        drawn,
        foreign_from,
    )


def foreign_given_from() -> int:
    """Index of the first foreign given name; the n-th foreign surname goes with the n-th foreign given name."""
    return len(name_book().given_kanji) - len(_FOREIGN)


def foreign_count() -> int:
    """How many foreign names there are."""
    return len(_FOREIGN)


def nationality(surname: int) -> str:
    """国籍名等 that goes with a surname; blank for Japanese."""
    start = name_book().foreign_from
    return _FOREIGN[surname - start][4] if surname >= start else ""


def katakana(text: str) -> str:
    """Hiragana as katakana."""
    return "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in text)


def old_form(text: str) -> str:
    """The surname in the old form in which a family registered it: 高橋 → 髙橋."""
    for new, old in _VARIANTS.items():
        if new in text:
            return text.replace(new, old)
    return text


def as_vendor_gaiji(text: str, lost: bool) -> str:
    """What a CP932 export makes of a sign it cannot write: 〓 if it was lost, else the vendor's private-use sign."""
    return "".join(sign if _in_cp932(sign) else ("〓" if lost else "\ue000") for sign in text)


def _in_cp932(text: str) -> bool:
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


_SMALL = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")
_HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF61, 0xFFA0)}
_HALF.update(
    {
        unicodedata.normalize("NFKC", chr(code) + mark): chr(code) + mark
        for code in range(0xFF66, 0xFF9E)
        for mark in "ﾞﾟ"
        if len(unicodedata.normalize("NFKC", chr(code) + mark)) == 1
    }
)
_HALF["　"] = " "


def without_small_kana(text: str) -> str:
    """ショウ → シヨウ: older systems have no small kana."""
    return text.translate(_SMALL)


def half_width(text: str) -> str:
    """クロキ → ｸﾛｷ."""
    return "".join(_HALF.get(sign, sign) for sign in text)
