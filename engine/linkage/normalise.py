"""Match keys: spellings of one name or place folded to one text. Keys serve to compare, never to show.

Folding is generous inside a key; certainty comes from asking several keys to agree (see `cascade.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import jntajis
import pyarrow as pa
import pyarrow.compute as pc

# Pairs in daily use that the character tables do not fold: different characters by origin, one name on the doorplate.
_SUPPLEMENT = str.maketrans("斎薮篭桧渕冨曾埜槇梼蛎舘", "斉藪籠檜淵富曽野槙檮蠣館")
# Listed as variants in the notices on family registers, yet different words in a name (玉/王, 書/昼, 師/帥).
_NO_VARIANTS = frozenset("玉王功切書昼師帥丑宍肉舛升汎吊弔柁丒")
_ALL_SCHEMES = sum(int(scheme) for scheme in jntajis.MJShrinkSchemeCombo)
_IVS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = re.compile(r"\s+")
_LARGE = dict(
    zip(
        map(ord, "ァィゥェォッャュョヮヵヶヂヅヲヰヱー−‐-―"),
        map(ord, "アイウエオツヤユヨワカケジズオイエーーーーー"),
        strict=True,
    )
)
_KANA = _LARGE | {code: _LARGE.get(code + 0x60, code + 0x60) for code in range(0x3041, 0x3097)}
_NOT_KANA = re.compile(r"[^ァ-ヺーA-Z]")
_VOICED = "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴ"
_WEAK = str.maketrans(_VOICED, "カキクケコサシスセソタチツテトハヒフヘホハヒフヘホウ", "ーウ")
_CORPORATE = re.compile(
    r"カブシキ|ユウゲン|ゴウドウガイシヤ|ゴウシガイシヤ|ガイシヤ|ホウジン|クミアイ|キヨウカイ|シヨウカイ|フドウサン|ジムシヨ|ビヨウイン|ホイクエン|"
    r"\(カ|カ\)|\(ユ|ユ\)|\(ド|ド\)|\(シヤ|\(フク|\(イ\)|シヤクシヨ|カンリ"
)


@lru_cache(maxsize=65536)
def fold_character(character: str) -> str:
    """One kanji to the plainest of its variants by the MJ縮退 map: 邉 → 辺, 髙 → 高.

    Some pairs point at each other (穏, 穩); then the one of the lower JIS level stands for both.
    """
    reached, ends = {character}, set()
    waiting = [character]
    while waiting:
        here = waiting.pop()
        onward = _variants(here)
        ends |= set() if onward else {here}
        waiting += onward - reached
        reached |= onward
    return min(ends or reached, key=_plainness)


def _variants(character: str) -> set[str]:
    if character in _NO_VARIANTS:
        return set()
    found = {unicodedata.normalize("NFKC", c) for c in jntajis.mj_shrink_candidates(character, _ALL_SCHEMES)}
    return {c for c in found if len(c) == 1 and c != character}


def _plainness(character: str) -> tuple[int, str]:
    try:
        row = character.encode("euc_jp")[0] - 0xA0
    except UnicodeEncodeError:
        return 3, character
    return (0 if row < 16 else 1 if row < 48 else 2), character


def fold_kanji(name: str) -> str:
    """A kanji name without spaces, variation selectors and variant shapes.

    >>> fold_kanji("髙﨑　邉") == fold_kanji("高崎辺")
    True
    """
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", _IVS.sub("", name)))
    composed = unicodedata.normalize("NFC", plain)
    return "".join(map(fold_character, composed)).translate(_SUPPLEMENT)


def _katakana(name: str) -> str:
    return unicodedata.normalize("NFKC", name).upper().translate(_KANA)


def fold_kana(name: str) -> str:
    """A kana name in large katakana without spaces: half width, small kana, ヂ/ヅ/ヲ no longer matter.

    >>> fold_kana("ｷｮｳｺ"), fold_kana("きよう こ")
    ('キヨウコ', 'キヨウコ')
    """
    return _NOT_KANA.sub("", _katakana(name))


def weaken_kana(key: str) -> str:
    """The second key: a folded kana name without long vowels, ウ and voicing. Only for proposals to a person."""
    return key.translate(_WEAK)


def split_kana(name: str) -> tuple[str | None, str | None]:
    """Folded (surname, given name) where a space divides them, else (None, None)."""
    return kana_keys(name)[2:]


def kana_keys(name: str) -> tuple[str | None, str | None, str | None, str | None]:
    """All keys of a kana name: folded, weak, surname, given name; None where there is none."""
    parts = [part for part in (_NOT_KANA.sub("", part) for part in _katakana(name).split()) if part]
    whole = "".join(parts)
    surname, given = (parts[0], "".join(parts[1:])) if len(parts) > 1 else (None, None)
    return whole or None, weaken_kana(whole) or None, surname, given


def is_corporate(name: str) -> bool:
    """Whether a water user is a firm, an association or an office: never linked to a household."""
    return _CORPORATE.search(_katakana(name)) is not None


_KANJI_DIGITS = {"〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_KANJI_NUMBER = re.compile(r"[〇一二三四五六七八九十百]+(?=丁目|番|号|地割|の\d)")
_LOT_WORD = re.compile(r"(?<=\d)(?:丁目|番地の|番地|番の|番|号室|号棟|号|地割|の|ノ|[-ー−‐―–—~])+(?=\d|$|[^\d])")
_SECTION = re.compile(r"(?<![0-9A-Za-z])大?字")
_DASH_RUN = re.compile(r"-+")
_NUMBERS = re.compile(r"\d+")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ー−‐―–—ｰ](?=\d)")


@dataclass(frozen=True)
class AddressKey:
    """A place as a match key: `town` and the numbers of the lot, then those of the room.

    `place` is the town with all numbers; `base` without the room. `known` tells whether the town is one of the city.
    """

    place: str | None
    base: str | None
    known: bool


def _kanji_number(match: re.Match[str]) -> str:
    text = match[0]
    if not set(text) & {"十", "百"}:
        return "".join(str(_KANJI_DIGITS[c]) for c in text)
    total, current = 0, 0
    for character in text:
        if character in "十百":
            total += (current or 1) * (10 if character == "十" else 100)
            current = 0
        else:
            current = _KANJI_DIGITS[character]
    return str(total + current)


class _PlaceLetters(dict[int, str]):
    """One letter of a place name folded: kanji variants, ヶ/ガ, ツ, ノ. Filled as letters are met."""

    def __missing__(self, code: int) -> str:
        letter = fold_character(chr(code)).translate(_SUPPLEMENT)
        self[code] = {
            **dict.fromkeys("ヶけがガヵ", "ケ"),
            "ッ": "ツ",
            "つ": "ツ",
            "っ": "ツ",
            "の": "ノ",
            "之": "ノ",
        }.get(letter, letter)
        return self[code]


_PLACE_LETTERS = _PlaceLetters()


def fold_place(text: str) -> str:
    """An address line in one spelling: digits plain, ヶ/ガ folded, 丁目・番地・号 as hyphens, 大字・字 dropped.

    >>> fold_place("本町一丁目２番地３号"), fold_place("本町1-2-3")
    ('本町1-2-3', '本町1-2-3')
    """
    plain = _LOT_WORD.sub("-", _BETWEEN_DIGITS.sub("-", _fold_numbers(text)))
    if "字" in plain:
        plain = _SECTION.sub("", plain)
    return _DASH_RUN.sub("-", plain.translate(_PLACE_LETTERS)).strip("-")


def _fold_numbers(text: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", _IVS.sub("", text)).split())
    return _KANJI_NUMBER.sub(_kanji_number, plain)


class Gazetteer:
    """The towns of the city, taken from the register itself, and the reading of addresses against them.

    `city` is the city's own name (延岡市): before the town, only it and its prefecture may stand. An equal town name in
    another city is not ours; without `city`, a line that begins with anything but a town is unknown.
    """

    def __init__(self, towns: Iterable[str], city: str | None = None) -> None:
        self._before = re.compile(
            rf"(?:\D{{2,3}}[都道府県])?(?:\D{{1,4}}郡)?{re.escape(fold_place(city))}" if city else "$^"
        )
        # A town that carries its 丁目 (本町一丁目) is known by its name before the number as well.
        names = {re.split(r"\d", fold_place(town), maxsplit=1)[0] for town in towns}
        self._towns = {name for name in names if name}
        self._folded: dict[str, str] = {}
        self._lengths = sorted({len(name) for name in self._towns}, reverse=True)

    def _find_town(self, text: str) -> tuple[str, int] | None:
        prefix = self._before.match(text)
        start = prefix.end() if prefix else 0
        for length in self._lengths:
            name = text[start : start + length]
            if len(name) == length and name in self._towns:
                return name, start + length
        return None

    def line_key(self, address: str) -> AddressKey:
        """The key of an address written in one line."""
        text = fold_place(address)
        if not text:
            return AddressKey(None, None, False)
        found = self._find_town(text)
        if found is None:
            return AddressKey(None, None, False)
        town, end = found
        numbers = _NUMBERS.findall(text[end:])
        if not numbers:
            return AddressKey(None, None, True)
        lot = re.match(r"\D{0,3}?(\d+(?:-\d+)*)", text[end:])
        base = f"{town}{'-'.join(_NUMBERS.findall(lot[1]))}" if lot else None
        return AddressKey(f"{town}{'-'.join(_plain(numbers))}", _strip_zeros(base), True)

    def parts_key(self, town: str | None, lot: str | None, room: str | None) -> AddressKey:
        """The key of an address in the register's three columns."""
        front = self._folded_town(town or "")
        found = self._find_town(front)
        if found is None:
            return AddressKey(None, None, False)
        name, end = found
        numbers = _NUMBERS.findall(front[end:]) + _NUMBERS.findall(_fold_numbers(lot or ""))
        if not numbers:
            return AddressKey(None, None, True)
        rooms = _NUMBERS.findall(_fold_numbers(room)) if room else []
        base = f"{name}{'-'.join(_plain(numbers))}"
        return AddressKey("-".join([base, *_plain(rooms)]), base, True)

    def _folded_town(self, town: str) -> str:
        if town not in self._folded:
            self._folded[town] = fold_place(town)
        return self._folded[town]


def _plain(numbers: Iterable[str]) -> list[str]:
    return [number.lstrip("0") or "0" for number in numbers]


def _strip_zeros(key: str | None) -> str | None:
    return None if key is None else _NUMBERS.sub(lambda match: match[0].lstrip("0") or "0", key)


def map_distinct(values: pa.Array, fold: Callable[[str], Sequence[str | None]], width: int) -> list[pa.Array]:
    """Fold each distinct text once into `width` columns; blank stays null in all of them."""
    encoded = pc.dictionary_encode(values)
    folded = [fold(text) for text in encoded.dictionary.to_pylist()]
    columns = list(zip(*folded, strict=True)) if folded else [()] * width
    return [pa.array(list(column), pa.string()).take(encoded.indices) for column in columns]
