"""Masking of free text: whatever tells who somebody is gives way to a fixed sign, before anything else is done with the text.

It errs on the side of covering: a word too many lost costs likeness, a name too few gives somebody away. Names come from three places: those that
the caller knows (a household's own, in kanji and kana; they never survive), the surnames and given names of the dataset, and what stands before
さん, 先生, 宅 or behind 担当 and its like.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import jntajis

from ml_overlay.similar.name_words import BEFORE_A_NAME, CALLED_WITHOUT_A_NAME, CALLINGS, CAPITALS, OFFICES, ORDINARY

NAME, PHONE, LOT, NUMBER, DAY = "◆", "☎", "⌂", "♯", "◇"
"""What stands for a name, a telephone number or address of the net, a lot or room, a number of four or more digits, a full date."""

MARKS = frozenset({NAME, PHONE, LOT, NUMBER, DAY})

_KANJI = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々〆"
_KATAKANA = "ァ-ヺー"
_NOT_SHOWN = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u200b-\u200f\u2060\ufeff]")
_ERA = "(?:明治|大正|昭和|平成|令和|[MTSHR])"
_DIGITS = "[0-9〇一二三四五六七八九十百元]"
_DASH = "[-‐‑‒–—―−ー]"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII), PHONE),
    (
        re.compile(
            rf"(?:(?:19|20)[0-9]{{2}}|{_ERA}\s*{_DIGITS}{{1,3}})\s*[年./・-]\s*{_DIGITS}{{1,3}}\s*[月./・-]\s*{_DIGITS}{{1,3}}日?(?:生まれ|生)?"
        ),
        DAY,
    ),
    (re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])"), DAY),
    (re.compile(rf"{_DIGITS}{{1,3}}月{_DIGITS}{{1,3}}日(?:生まれ|生)"), DAY),
    (
        re.compile(
            rf"\(?(?:\+81|0)[0-9]{{1,4}}\s*(?:{_DASH}|[()\s])\s*[0-9]{{1,4}}\s*(?:{_DASH}|[()\s])\s*[0-9]{{3,4}}"
        ),
        PHONE,
    ),
    (re.compile(r"(?<![0-9])0[0-9]{9,10}(?![0-9])"), PHONE),
    (re.compile(rf"{_DIGITS}+\s*丁目(?:\s*{_DIGITS}+(?:番地?|号)?(?:の|ノ|{_DASH})?)*"), LOT),
    (re.compile(rf"{_DIGITS}+\s*番地?(?:の|ノ|{_DASH})?\s*(?:{_DIGITS}+\s*号?)?(?=[^号目線]|$)"), LOT),
    (re.compile(rf"[0-9]+\s*{_DASH}\s*[0-9]+(?:\s*{_DASH}\s*[0-9]+)*(?:\s*号室?)?"), LOT),
    (re.compile(rf"{_DIGITS}+\s*号[室棟]?"), LOT),
    (re.compile(r"[0-9](?:,?[0-9]){3,}|[〇一二三四五六七八九]{4,}"), NUMBER),
)


def _any_of(words: Collection[str]) -> str:
    """A pattern; a longer word goes before one that it begins with."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


_CALLING = _any_of(CALLINGS)
_CALL = r"(?:さん|さま|様(?![子式相々])|くん(?!だ|です|でしょ|じゃ)|君|ちゃん|氏(?!名)|先生)"
_FOLLOWED = re.compile(
    rf"{_CALL}|(?:{_CALLING})|(?:が|は|も)(?:引き続き|継続して)?(?:担当|面談|訪問|対応|架電|同席)|(?:に|へ)引き?継|より(?:連絡|電話)"
)

_IN_CHARGE = re.compile("(?:が|は)(?:引き続き|継続して)?(?:担当|面談|訪問|架電|同席)")
"""Who does so is a person; an office that does so is covered too."""
_PARTICLE = re.compile("[がはもにへとの、,]|より|から")

_KANJI_RUN = re.compile(rf"[{_KANJI}]+(?:[ノヶケ][{_KANJI}]+)?")
_WORD_BEFORE_CALL = re.compile(
    rf"((?<![ぁ-ゖ])[ぁ-ゖ]{{2,3}}[子代江美]|[{_KANJI}]+|[{_KATAKANA}][{_KATAKANA}・]*|[ぁ-ゖー]+?)(?={_CALL})"
)
_LATIN = re.compile(r"[A-Z][a-z]{2,}(?:[ ・][A-Z][a-z]+)*|[A-Z]{4,}(?:[ ・][A-Z]{2,})*")
_LEAD = re.compile(rf"(?:{_any_of(BEFORE_A_NAME)})+")


@dataclass(frozen=True, slots=True)
class MaskedText:
    """Text that has been masked: the only text that `TextIndex` takes. Made by `mask` alone."""

    text: str


def mask(text: str, names: Collection[str] = ()) -> MaskedText:
    """The text in NFKC with names, numbers and dates as signs; none of `names`, or of their parts at a blank, is left in it.

    `names`: as the caller knows them, kanji or kana. A name is also found in the other kana and in another shape of its characters (髙, 高).

    >>> mask("佐藤が担当。自宅は山下町3丁目12-4、0982-12-3456。令和2年4月1日生。").text
    '◆が担当。自宅は山下町⌂、☎。◇。'
    """
    folded = _NOT_SHOWN.sub("", unicodedata.normalize("NFKC", text))
    known = _known_spellings(names)
    covered = _cover(folded, known)
    for pattern, sign in _PATTERNS:
        covered = pattern.sub(sign, covered)
    covered = _LATIN.sub(lambda found: found[0] if found[0] in CAPITALS else NAME, covered)
    covered = _WORD_BEFORE_CALL.sub(_called, covered)
    covered = _book().mixed.sub(NAME, covered)
    covered = "".join(_runs(covered))
    return MaskedText(re.sub(f"{NAME}[{NAME} ・]*{NAME}", NAME, _cover(covered, known)))


def _cover(text: str, spellings: tuple[str, ...]) -> str:
    """Every place where a known spelling stands, found on a text of plain characters of the same length."""
    if not spellings:
        return text
    # A sign in the place of a name never makes another name: it is no character that a spelling has.
    plain = _plain(text)
    hidden = bytearray(len(text))
    for spelling in spellings:
        at = plain.find(spelling)
        while at >= 0:
            hidden[at : at + len(spelling)] = b"\1" * len(spelling)
            at = plain.find(spelling, at + 1)
    pieces = []
    for j, sign in enumerate(text):
        if not hidden[j]:
            pieces.append(sign)
        elif not j or not hidden[j - 1]:
            pieces.append(NAME)
    return "".join(pieces)


def _known_spellings(names: Collection[str]) -> tuple[str, ...]:
    found: set[str] = set()
    for name in names:
        parts = unicodedata.normalize("NFKC", _NOT_SHOWN.sub("", name)).split()
        found.update(_plain(part) for part in (*parts, "".join(parts)) if not set(part) & MARKS)
    return tuple(sorted(found - {""}, key=lambda spelling: (-len(spelling), spelling)))


def _plain(text: str) -> str:
    """Character by character, so that places stay: kana as katakana, kanji in its plainest shape, capitals."""
    return "".join(map(_plain_character, text))


@lru_cache(maxsize=65536)
def _plain_character(character: str) -> str:
    if "ぁ" <= character <= "ゖ":
        return chr(ord(character) + 0x60)
    if character.isascii():
        return character.upper()
    reached, waiting = {character}, [character]
    while waiting:
        onward = {c for c in jntajis.mj_shrink_candidates(waiting.pop(), _ALL_SHAPES) if len(c) == 1} - reached
        reached |= onward
        waiting += onward
    # Some shapes point at each other; the smallest stands for all that can be reached from any of them.
    return min(reached, key=lambda c: (ord(c) > 0x9FFF, c))


_ALL_SHAPES = sum(int(scheme) for scheme in jntajis.MJShrinkSchemeCombo)


def _called(found: re.Match[str]) -> str:
    """What stands before さん and its like: a name, unless it is what families and offices call each other."""
    word = found[1]
    if word in CALLED_WITHOUT_A_NAME:
        return word
    if any(len(kin) > 1 and word.endswith(kin) for kin in CALLED_WITHOUT_A_NAME):
        return word
    if re.fullmatch(r"[ぁ-ゖー]+", word):
        # Particles run into a name in hiragana; the longest reading at the end is the name, all of it if there is none.
        readings = _book().readings
        start = next((j for j in range(len(word) - 1) if word[j:] in readings), 0)
        return word[:start] + NAME
    lead = _LEAD.match(word)
    return word[: lead.end()] + NAME if lead and lead.end() < len(word) else NAME


def _runs(text: str) -> Iterator[str]:
    """The text with each run of kanji looked at: is it a name, does it begin with one, or end with one behind 担当?"""
    end = 0
    for run in _KANJI_RUN.finditer(text):
        yield text[end : run.start()]
        yield _masked_run(run[0], text[run.end() : run.end() + 8])
        end = run.end()
    yield text[end:]


def _masked_run(run: str, after: str) -> str:
    if _is_name(run):
        return NAME
    known = CALLED_WITHOUT_A_NAME | ORDINARY
    if len(run) <= 3 and not run.startswith("担当") and run not in known and _IN_CHARGE.match(after):
        return NAME
    lead = _LEAD.match(run)
    if lead and lead.end() < len(run) and run[lead.end() :] not in OFFICES:
        if run.startswith("担当") and len(run) <= 5 and _PARTICLE.match(after):
            return run[:2] + NAME
        rest = (
            _masked_run(run[lead.end() :], after)
            if run[lead.end() :] not in CALLED_WITHOUT_A_NAME
            else run[lead.end() :]
        )
        if NAME in rest:
            return run[: lead.end()] + rest
        if _is_short_name(run[lead.end() :]):
            return run[: lead.end()] + NAME
    if (calling := re.search(rf"(?:{_CALL}|{_CALLING})$", run)) and calling.start() > 0:
        front = run[: calling.start()]
        if front not in CALLED_WITHOUT_A_NAME and (_is_name(front) or _is_short_name(front)):
            return NAME + calling[0]
    if len(run) == 1 and run in _book().short and (call := _FOLLOWED.match(after)) and call[0] != "家":
        return run if run in CALLED_WITHOUT_A_NAME else NAME
    return run


def _is_name(run: str) -> bool:
    """Two or more kanji that are a surname, a given name, or one behind the other."""
    book, plain = _book(), _plain(run)
    if len(plain) < 2 or run in ORDINARY:
        return False
    if plain in book.surnames or plain in book.given:
        return True
    if len(plain) < 3 or run.endswith(("町", "中", "市", "園", "校", "区", "県", "生", "日", "月", "年")):
        return False
    return any(plain[:j] in book.surnames and plain[j:] in book.given for j in range(1, len(plain)))


def _is_short_name(run: str) -> bool:
    return len(run) == 1 and _plain(run) in _book().short and run not in CALLED_WITHOUT_A_NAME


@dataclass(frozen=True)
class _NameBook:
    """Names in plain characters: surnames and given names of all lengths, those with kana in them, readings of two or more kana."""

    surnames: frozenset[str]
    given: frozenset[str]
    short: frozenset[str]
    mixed: re.Pattern[str]
    readings: frozenset[str]


@lru_cache(maxsize=1)
def _book() -> _NameBook:
    surnames: set[str] = set()
    given: set[str] = set()
    readings: set[str] = set()
    mixed: set[str] = set()
    folder = files("japanese_personal_name_dataset") / "dataset"
    for row in csv.reader((folder / "last_name_org.csv").read_text("utf-8").splitlines()):
        if len(row) >= 3:
            surnames.add(_plain(row[0]))
            readings.add(row[2])
    for name in ("first_name_man_org", "first_name_man_opti", "first_name_woman_org", "first_name_woman_opti"):
        for row in csv.reader((folder / f"{name}.csv").read_text("utf-8").splitlines()):
            if len(row) >= 3:
                readings.add(row[0])
                given.update(map(_plain, row[2:]))
                mixed.update(text for text in row[2:] if re.search("[ぁ-ゖ]", text))
    longest_first = sorted(mixed - {"その子"}, key=lambda name: (-len(name), name))
    long = {reading for reading in readings if len(reading) > 1}
    short = frozenset(name for name in surnames | given if len(name) == 1)
    return _NameBook(
        frozenset(surnames),
        frozenset(given),
        short,
        re.compile("|".join(map(re.escape, longest_first))),
        frozenset(long),
    )
