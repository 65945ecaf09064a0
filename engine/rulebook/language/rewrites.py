"""Slips that people make when they say a sentence in their own way, and the sentence of the language that they mean.

Nothing is read loosely: a rewritten sentence is only offered to the author, who writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_WORDS = (
    ("お母さん", "母"), ("お父さん", "父"), ("母親", "母"), ("父親", "父"), ("兄弟姉妹", "きょうだい"), ("兄弟", "きょうだい"),
    ("兄", "きょうだい"), ("姉", "きょうだい"), ("弟", "きょうだい"), ("妹", "きょうだい"),
    ("祖母", "祖父母"), ("祖父", "祖父母"), ("家族", "世帯員"), ("同居人", "世帯員"),
    ("過去", "直近"), ("最近", "直近"), ("この", "直近"), ("直近の", "直近"), ("直近1年間", "直近1年"), ("昨年度", "前年度"),
    ("今年の", "今年度の"), ("今年に", "今年度に"),
    ("月間", "か月"), ("年間", "年"), ("日間", "日"), ("週間", "週"), ("ヶ月", "か月"), ("カ月", "か月"),
    ("より多い", "を超える"), ("より大きい", "を超える"), ("より上", "を超える"), ("より少ない", "未満"), ("より小さい", "未満"),
    ("より下", "未満"), ("一度も", ""), ("1度も", ""), ("全く", ""), ("まったく", ""),
    ("います", "いる"), ("いません", "いない"), ("あります", "ある"), ("ありません", "ない"), ("であります", "である"), ("です", "である"),
    ("していません", "していない"), ("しています", "している"), ("ていません", "ていない"), ("ています", "ている"),

    ("済んでいません", "済んでいない"), ("未受診", "期限を過ぎても済んでいない"), ("済んでない", "済んでいない"), ("または", "か"),
)  # fmt: skip
_ENDINGS = ("ある", "である", "こと", "場合", "とき", "。", "だ", "の場合")
_MORE = ("ある", "である", "がある", "いる", "がいる", "する")
_PATTERNS = (
    (re.compile(r"生後(?=[0-9]+歳)"), ""),
    (re.compile(r"[『“\"〈《【]([^『』“”\"〈〉《》【】「」]+)[』”\"〉》】]"), r"「\1」"),
    (re.compile(r"\(([0-9]+[^()]*)\)"), r"\1"),
    (re.compile(r"^(?=[0-9]+(日|週|か月)を過ぎても)"), "生後"),
    (re.compile(r"(?<![A-Z])([A-Z]{2,4})[-ー−‐_]?([0-9]{2,3})(?![0-9])"), r"\1-\2"),
)
_NUMERALS = str.maketrans("一二三四五六七八九", "123456789")
_SUPERFLUOUS = re.compile(r"超える?(?!る)")
_TRIES = 150


def sentence_meant(text: str, unread_from: Callable[[str], int | None]) -> str | None:
    """The sentence that a (folded) text becomes by one slip mended, or two; None where there is none.

    `unread_from` tells where a text stops being the beginning of a sentence, counted from its end; None for a sentence.

    >>> sentence_meant("お母さんがいません", lambda text: None if text == "母がいない" else len(text) - ("母" == text[0]))
    '母がいない'
    """
    unread = unread_from(text)
    if unread is None:
        return text
    tried: set[str] = {text}
    better: list[str] = []
    for changed in _mended(text):
        if changed in tried:
            continue
        tried.add(changed)
        left = unread_from(changed)
        if left is None:
            return changed
        if left < unread:
            better.append(changed)
    for changed in better:
        for again in _mended(changed):
            if len(tried) >= _TRIES:
                return None
            if again not in tried:
                tried.add(again)
                if unread_from(again) is None:
                    return again
    return None


def _mended(text: str) -> Iterator[str]:
    for wrong, right in _WORDS:
        if wrong in text:
            yield text.replace(wrong, right, 1)
    for ending in _ENDINGS:
        if text.endswith(ending):
            yield text.removesuffix(ending)
    for match in re.finditer("[にのがではを]", text):
        for particle in "にのがで":
            if particle != match.group():
                yield text[: match.start()] + particle + text[match.end() :].removeprefix("、")
    for match in _SUPERFLUOUS.finditer(text):
        yield text[: match.start()].removesuffix("を") + "を超える" + text[match.end() :]
    for more in _MORE:
        yield text + more
    for pattern, right in _PATTERNS:
        if (changed := pattern.sub(right, text, count=1)) != text:
            yield changed
    if (digits := text.translate(_NUMERALS)) != text:
        yield digits


def first_difference(text: str, other: str) -> int:
    """The position of the first character in which two texts differ."""
    for position, (one, two) in enumerate(zip(text, other, strict=False)):
        if one != two:
            return position
    return min(len(text), len(other))
