"""What to tell the author of a sentence that cannot be read: which word is wrong, and which word fits there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF
from lark.lexer import PatternStr

from engine.records.vocabulary import Item, Vocabulary
from engine.rulebook.language.folding import Folded, fold
from engine.rulebook.language.grammar import GrammarText
from engine.rulebook.language.rewrites import first_difference, sentence_meant

_BOUNDARY = re.compile(r"[がのにをは、でか]|かつ")
_NEAR = 0.6
_NOUN = re.compile(r"[一-龠々ァ-ヴー]{2,}")
_MARK = re.compile(r"[○×✓✗?・•●◯〇](?:条件:|打ち消し:|対象:)?")
_OPERATORS = ("以上", "以下", "未満", "を超える")

_HOW_TO_SAY = {
    "年齢": "「{0}が6歳以上」",
    "学年": "「{0}が小1以上」",
    "区分": "「{0}が…である」",
    "順序区分": "「{0}が…以上」",
    "数": "「{0}が3{1}以上」",
    "出来事": "「直近6か月に{0}がある」",
    "量": "「直近3か月の{0}が10{1}以上」か「最新の{0}が10{1}以上」",
    "最新の区分": "「最新の{0}が…である」",
    "期限のある記録": "「{0}が期限を過ぎても済んでいない」か「{0}が済んでいる」",
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a sentence. `column` counts characters from 0, in the folded text until it is reported.

    `about` is the name of a threshold that is unknown (E-RULE-44), else empty.
    """

    column: int
    code: str
    what: str
    why: str
    remedy: str
    about: str = ""


def _shared_start(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


class Diagnosis:
    """Explains unreadable sentences in the words of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary, grammar: GrammarText, parser: Lark) -> None:
        self._parser = parser
        self._words = dict(grammar.words)
        for terminal in parser.terminals:
            if isinstance(terminal.pattern, PatternStr):
                self._words.setdefault(terminal.name, (terminal.pattern.value,))
        self._vocabulary = vocabulary
        self._labels = {fold(label).text: key for label, key in vocabulary.by_label.items()}
        self._closed = {fold(r.label).text: r for r in vocabulary.refused.values()}
        self._identifying = {fold(i.label).text: i for i in vocabulary.identifiers.values()}

    def of_unreadable(self, folded: Folded, error: UnexpectedCharacters | UnexpectedEOF) -> Fault:
        """The fault of a sentence that the grammar does not accept, at its original column."""
        text = folded.text
        if isinstance(error, UnexpectedEOF) or (error.pos_in_stream or 0) >= len(text):
            at, allowed = len(text), self._allowed_after(text)
        else:
            at, allowed = error.pos_in_stream or 0, self._allowed_after(text[: error.pos_in_stream])
        start = max((m.end() for m in _BOUNDARY.finditer(text[:at])), default=0)
        fault = (
            _copied(text)
            or self._closed_word(text)
            or self._said_otherwise(text)
            or self._misplaced_label(text, start, at)
            or self._near_word(text, start, at, allowed)
            or self._rest(text, at, allowed)
        )
        return Fault(folded.columns[fault.column], fault.code, fault.what, fault.why, fault.remedy)

    def _allowed_after(self, prefix: str) -> list[str]:
        try:
            self._parser.parse(prefix + "\x01")
        except UnexpectedCharacters as error:
            return sorted(error.allowed or ()) if error.pos_in_stream == len(prefix) else []
        except UnexpectedEOF:
            pass
        return []

    def _closed_word(self, text: str) -> Fault | None:
        for label, refused in self._closed.items():
            if label in text and not any(label in known and known in text for known in self._labels):
                return Fault(
                    text.index(label),
                    "E-RULE-05",
                    f"「{refused.label}」は使えません(所管 {refused.owner}、状態 {refused.permission}、{refused.decision})。",
                    f"{refused.reason}です。",
                    "別の項目で書き直してください。",
                )
        for label, identifier in self._identifying.items():
            if text.startswith(label):
                return Fault(
                    0,
                    "E-RULE-05",
                    f"「{identifier.label}」は識別項目です。",
                    "名寄せにだけ使い、判定には使えません。",
                    "別の項目で書き直してください。",
                )
        return None

    def _said_otherwise(self, text: str) -> Fault | None:
        """A sentence that is only said in another way than the language has it."""
        meant = sentence_meant(text, self._unread_from)
        if meant is None:
            return None
        at = first_difference(text, meant)
        run = self._as_run(text, meant)
        if run:
            item, position, run_text = run
            return Fault(
                position,
                "E-RULE-03",
                f"「{item.label}」(種類: {item.kind})はこの言い方では使えません。",
                "文の意味が決まりません。",
                f"期間の合計なら「{meant}」、続いた長さなら「{run_text}」のように書いてください。",
            )
        return Fault(
            at,
            "E-RULE-02",
            _unreadable(text, at),
            "条件の意味が決まりません。",
            f"「{meant}」ではありませんか。",
        )

    def _as_run(self, text: str, meant: str) -> tuple[Item, int, str] | None:
        """The same words as a run of periods (直近3か月に欠席が10日以上 … の月が3か月以上続いている), if they begin one."""
        for word, period in (("月", "か月"), ("期", "期")):
            run = f"{text}の{word}が3{period}以上続いている"
            if not meant.endswith(_OPERATORS) or not self._is_sentence(run):
                continue
            found = [label for label in self._labels if label in text and self._vocabulary.items[self._labels[label]].kind == "量"]
            for label in sorted(found, key=len, reverse=True):
                item = self._vocabulary.items[self._labels[label]]
                if self._vocabulary.records[item.record].period == {"月": "月", "期": "2か月"}[word]:
                    return item, text.index(label), run
        return None

    def _is_sentence(self, text: str) -> bool:
        return self._unread_from(text) is None

    def _unread_from(self, text: str) -> int | None:
        """How much of the end is not read; None for a sentence."""
        try:
            self._parser.parse(text)
        except UnexpectedCharacters as error:
            return len(text) - (error.pos_in_stream or 0)
        except UnexpectedEOF:
            return 0
        return None

    def _misplaced_label(self, text: str, start: int, at: int) -> Fault | None:
        found = [
            (position, label)
            for label in self._labels
            for position in {start, at}
            if text.startswith(label, position) and position + len(label) > at
        ]
        for position, label in sorted(found, key=lambda hit: (-len(hit[1]), hit)):
            if any(label in self._words.get(name, ()) for name in self._allowed_after(text[:position])):
                continue
            item = self._vocabulary.items[self._labels[label]]
            how = item.positive and item.negative and f"「{item.positive}」か「{item.negative}」"
            how = how or self._with_a_period(text, item) or _HOW_TO_SAY[item.kind].format(item.label, item.unit or "")
            return Fault(
                position,
                "E-RULE-03",
                f"「{item.label}」(種類: {item.kind})はこの言い方では使えません。",
                "文の意味が決まりません。",
                f"{how}のように書いてください。",
            )
        return None

    def _with_a_period(self, text: str, item: Item) -> str | None:
        """An amount with its number but without its days: the author's own number in both ways to say it."""
        said = [f"{period}{text}" for period in ("直近3か月の", "最新の")]
        if item.kind != "量" or not all(self._is_sentence(each) for each in said):
            return None
        return "か".join(f"「{each}」" for each in said)

    def _near_word(self, text: str, start: int, at: int, allowed: list[str]) -> Fault | None:
        best: tuple[tuple[float, int, str], int, str, str] | None = None
        starts = [(start, self._allowed_after(text[:start])), (at, allowed)] if start != at else [(at, allowed)]
        for position, names in starts:
            rest = text[position:]
            boundary = _BOUNDARY.search(rest, 1)
            written = rest[: boundary.start()] if boundary else rest
            for name, word in ((each, word) for each in names for word in self._words.get(each, ())):
                if len(word) < 2 or not rest or rest.startswith(word):
                    continue
                for piece in {written, *(rest[: len(word) + more] for more in (-1, 0, 1))}:
                    ratio = SequenceMatcher(None, word, piece).ratio() if piece else 0.0
                    rank = (-ratio, -_shared_start(word, piece), word)
                    if ratio >= _NEAR and (best is None or rank < best[0]):
                        shown = written if self._is_label(name) and len(written) <= len(word) + 4 else piece
                        best = (rank, position, shown, word)
        if best is None:
            return None
        _, position, shown, word = best
        return Fault(
            position,
            "E-RULE-01",
            f"「{shown}」ということばはここでは使えません。",
            "文の意味が決まりません。",
            f"「{word}」ではありませんか(使えることばは fields.yaml にあります)。",
        )

    def _is_label(self, name: str) -> bool:
        return name.startswith(("LABEL_", "VALUE_", "RELATION"))

    def _rest(self, text: str, at: int, allowed: list[str]) -> Fault:
        words = sorted({word for name in allowed for word in self._words.get(name, ()) if "\\" not in word} - {"、", "「"})
        if "NUMBER" in allowed:
            words.insert(0, "数")
        if any("「" in self._words.get(name, ()) for name in allowed):
            words.append("閾値の名前(かぎかっこ付き)")
        if "OPERATOR" in allowed:
            words = [*_OPERATORS, *(word for word in words if word not in (*_OPERATORS, "("))]
        more = f"ここに書けるのは「{'」「'.join(words[:6])}」{'など' if len(words) > 6 else ''}です。" if words else ""
        if len(words) > 12:
            more = "項目の名前(fields.yaml)、続柄(母・きょうだいなど)、期間(直近3か月・今年度など)のどれかを書いてください。"
        remedy = self._items_meant(text) + (more or "文の形を rulebook-language.md の表で確かめてください。")
        return Fault(at, "E-RULE-02", _unreadable(text, at), "条件の意味が決まりません。", remedy)


    def _items_meant(self, text: str) -> str:
        """Items whose names share a word with a sentence that names none."""
        if any(label in text for label in self._labels):
            return ""
        for word in _NOUN.findall(text):
            for end in range(len(word), 1, -1):
                alike = [item for item in self._vocabulary.by_label if word[:end] in fold(item).text]
                if alike and word[:end] not in self._vocabulary.relations:
                    return f"「{'」「'.join(alike[:4])}」{'など' if len(alike) > 4 else ''}のことですか。"
        return ""


def _copied(text: str) -> Fault | None:
    """A line taken over from the screen or the sheet, with its mark in front or the facts behind the arrow."""
    mark = _MARK.match(text)
    if mark is None and "←" not in text:
        return None
    at = 0 if mark else text.index("←")
    meant = text[mark.end() if mark else 0 :].partition("←")[0].strip()
    return Fault(
        at,
        "E-RULE-02",
        "画面や会議資料の行を、印や事実ごと写しています。" if mark else "「←」から後ろは、そのお子さんの事実です。",
        "条件の文として読めません。",
        f"文だけを書いてください(「{meant}」)。" if meant else "文だけを書いてください。",
    )


def _unreadable(text: str, at: int) -> str:
    if at >= len(text):
        return "文が途中で終わっています。"
    what = "文の初め" if at == 0 else f"「{text[:at]}」のあと"
    return f"{what}の「{text[at : at + 12]}」を読めません。"
