"""New scenarios to be written: their skeleton, their number and their place at the end of a rulebook.

What an author must still write stands in full-width brackets that begin 「（ここに」 (`engine/rulebook/files/unfinished.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import near_name
from engine.records.case import HARDSHIP_LABELS
from engine.rulebook.authoring.formatting import scenario_lines
from engine.rulebook.authoring.written import Entry, WrittenValue, read_written, written_of
from engine.rulebook.files.texts import BookText

_NUMBER = re.compile(r"([A-Z]{2,4})-([0-9]{2,3})")

Path_ = tuple[str | int, ...]


# ── which rulebook, which number ──


def hardship_type_of(word: str) -> str:
    """The type that an author names by its id, its file or its Japanese label. Raises KizukiError E-RULE-61."""
    key = word.strip().removesuffix(".yaml").rpartition("/")[2]
    by_word = {**{key: key for key in HARDSHIP_LABELS}, **{label: key for key, label in HARDSHIP_LABELS.items()}}
    if key in by_word:
        return by_word[key]
    near = near_name(key, by_word)
    raise KizukiError(
        Problem(
            Place(word),
            "E-RULE-61",
            f"「{word}」という類型はありません。",
            "どのルールブックに書くか決まりません。",
            f"「{near}」ではありませんか。" if near else f"使えるのは{'・'.join(HARDSHIP_LABELS.values())}です。",
        )
    )


def free_number(books: Sequence[BookText], hardship_type: str, wanted: str | None = None) -> str:
    """The next 番号 of a rulebook that no scenario has, or the wanted one if it may be used (else E-RULE-62)."""
    used = {id_: book.document.file for book in books for id_ in book.ids.values()}
    own = [id_ for book in books if book.hardship_type == hardship_type for id_ in book.ids.values()]
    found = [number for id_ in own if (number := _NUMBER.fullmatch(id_))]
    prefix = found[0][1] if found else ""
    counted = max((int(number[2]) for number in found if number[1] == prefix), default=0)
    free = f"{prefix}-{counted + 1:02d}"
    if wanted is None:
        return free
    number = _NUMBER.fullmatch(wanted)
    if number and wanted not in used and number[1] == (prefix or number[1]):
        return wanted
    if wanted in used:
        what = f"番号「{wanted}」は{used[wanted]}で使われています。"
    elif number:
        what = f"番号「{wanted}」の頭が、このルールブックのもの({prefix})ではありません。"
    else:
        what = f"「{wanted}」は番号の形(英大文字の頭、-、数字2〜3けた)ではありません。"
    why = "どのシナリオの結果か見分けられなくなります。"
    raise KizukiError(Problem(Place(wanted), "E-RULE-62", what, why, f"次に空いている番号は「{free}」です。"))


# ── a scenario to be written ──


@dataclass(frozen=True)
class Line:
    """One sentence of the condition with a remark for its author."""

    sentence: str
    remark: str | None = None


@dataclass(frozen=True)
class Trial:
    """One example: its household (事実, nested text as in a rulebook) and the outcome that was found for it."""

    title: str
    facts: Mapping[str, Any]
    outcome: str
    remark: str | None = None


def skeleton(
    number: str,
    lines: Sequence[Line],
    trials: Sequence[Trial],
    *,
    start: date,
    cancels: Sequence[Line] = (),
    heading: str | None = None,
) -> WrittenValue:
    """A scenario with every key, each with a remark that tells what to write there, as a list of one."""
    entries = [
        _entry("番号", number),
        _entry("名前", "（ここに、会議で読み上げる一文を書く）", "どんな状況に気づきたいか。ご家庭を責めない言い方で"),
        _entry("ねらい", "（ここに、なぜ気づきたいかを書く）", "気づいたら何を支えるか"),
        _entry("出典", "（ここに、数の根拠を書く）", "[D] 法令・通知・調査 / [E] 当市の既定"),
        _entry("有効期間", written_of({"開始": start.isoformat()}, flow=True), "この日の判定から使う。試行だけなら「終了」も書ける"),
        _entry("強さ", "弱", "強・中・弱。迷ったら弱から始める"),
        _entry("条件", _all_of(lines), heading),
        _entry("打ち消し", _sentences(cancels), "支援につながっているなど、会議に出さなくてよい場合の文。なければこの行を消す"),
        _entry(
            "確認すること", written_of(["（ここに、ご家庭や関係する課に確かめることを書く）"]), "会議資料に載る。責めずに、たずねる形で"
        ),
        _entry(
            "試験",
            WrittenValue(entries=[_trial(trial) for trial in trials]),
            "該当・非該当・不明の例が1つずつ要る。架空の世帯だけを書く",
        ),
    ]
    return WrittenValue(entries=[Entry(None, WrittenValue(entries=entries, keyed=True), 0, 0)])


def _entry(key: str, value: Any, remark: str | None = None) -> Entry:
    return Entry(key, written_of(value), 0, 0, beside=f"# {remark}" if remark else None)


def _sentences(lines: Sequence[Line]) -> WrittenValue:
    parts = [Entry(None, written_of(line.sentence), 0, 0, beside=f"# {line.remark}" if line.remark else None) for line in lines]
    return WrittenValue(entries=parts, flow=not parts)


def _all_of(lines: Sequence[Line]) -> WrittenValue:
    return WrittenValue(entries=[_entry("すべて", _sentences(lines))], keyed=True)


def _trial(trial: Trial) -> Entry:
    facts: dict[str, Any] = {}
    for key, value in trial.facts.items():
        if key == "出来事":
            facts[key] = WrittenValue(entries=[Entry(None, written_of(one, flow=True), 0, 0) for one in value])
        else:
            facts[key] = written_of(value, flow=True)
    entries = [_entry("例", trial.title), _entry("事実", facts), _entry("結果", trial.outcome, trial.remark)]
    if not facts:
        entries[1].value = written_of({}, flow=True)
    return Entry(None, WrittenValue(entries=entries, keyed=True), 0, 0)


def copy_of(text: str, index: int, number: str, start: date) -> WrittenValue:
    """A scenario of a rulebook (by its position) under a new number, its 名前 to be written anew, in force from a day on."""
    listed = next(entry.value for entry in read_written(_plain(text)).root.entries or () if entry.key == "シナリオ")
    entry = (listed.entries or [])[index]
    entry.above, entry.below = [], []
    for part in entry.value.entries or ():
        if part.key == "番号":
            old, part.value = part.value.text, written_of(number)
        elif part.key == "名前":
            part.value = written_of(f"（ここに、新しいシナリオの名前を書く）もとは「{part.value.text}」")
        elif part.key == "有効期間":
            part.value, part.beside = written_of({"開始": start.isoformat()}, flow=True), None
    entry.value.entries = [part for part in entry.value.entries or () if part.key]
    entry.value.entries[0].beside = f"# {old} をもとにした書きかけ"
    return WrittenValue(entries=[entry])


# ── its place ──


def fragment(scenario: WrittenValue, indent: int = 2) -> str:
    """A scenario as it stands in a rulebook."""
    return "".join(f"{line}\n" for line in scenario_lines(scenario, indent))


def appended(text: str, scenario: WrittenValue, file: str) -> str:
    """A rulebook's text with a scenario at its end; not a character before it changes.

    Raises KizukiError E-RULE-64 where シナリオ is not the last key or is written in brackets.
    """
    root = read_written(_plain(text)).root
    last = root.entries[-1] if root.entries else None
    if last is None or last.key != "シナリオ" or last.value.flow or not last.value.entries:
        raise KizukiError(
            Problem(
                Place(file, last.line + 1 if last else 1),
                "E-RULE-64",
                "「シナリオ:」がファイルの最後にないか、かっこの中に書かれています。",
                "書き足す場所が決まりません。",
                "先に `kizuki rules fmt` で書き方を整えてください。",
            )
        )
    line_end = "\r\n" if "\r\n" in text else "\n"
    added = fragment(scenario, last.value.entries[0].column).replace("\n", line_end)
    return text.rstrip() + line_end * 2 + added


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")
