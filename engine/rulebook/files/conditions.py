"""From nested YAML to the tree of a condition, with the place of every part and every fault on the way."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

from engine.kernel.errors import Place, Problem
from engine.kernel.strict_yaml import YamlDocument, near_name
from engine.rulebook.language import syntax as s
from engine.rulebook.language.parsing import SentenceParser
from engine.rulebook.language.thresholds import Thresholds

_AT_LEAST = re.compile(r"([0-9]+)つ以上$")
_HEADINGS = ("すべて", "いずれか", "次でない")

_SAID_OTHERWISE = {
    "または": "いずれか", "もしくは": "いずれか", "どれか": "いずれか", "どちらか": "いずれか",
    "かつ": "すべて", "全て": "すべて", "両方": "すべて", "以外": "次でない", "ではない": "次でない", "でない": "次でない",
}  # fmt: skip

Path_ = tuple[str | int, ...]


class ConditionReader:
    """Reads the conditions of one file; `problems` are those met so far.

    `lost_thresholds`: names whose own fault is told elsewhere, so that sentences that use them are no further faults.
    """

    def __init__(
        self,
        document: YamlDocument,
        parser: SentenceParser,
        thresholds: Thresholds,
        lost_thresholds: Container[str] = (),
    ) -> None:
        self._document = document
        self._parser = parser
        self._thresholds = thresholds
        self._lost = lost_thresholds
        self.problems: list[Problem] = []

    def read(self, data: Any, path: Path_) -> s.Condition | None:
        """The tree of a sentence or group, or None when a problem was noted."""
        if isinstance(data, str):
            return self._sentence(data, path)
        if not isinstance(data, dict) or len(data) != 1:
            self._no_condition(data, path)
            return None
        heading, parts = next(iter(data.items()))
        needed = _AT_LEAST.match(heading)
        if heading not in _HEADINGS and not needed:
            near = near_name(heading, (*_HEADINGS, "2つ以上", "3つ以上"))
            if "←" in heading:
                remedy = f"「←」から後ろ(そのお子さんの事実)を消し、文だけを書いてください(「{heading.partition('←')[0].strip()}」)。"
            elif heading in _SAID_OTHERWISE:
                remedy = f"「{_SAID_OTHERWISE[heading]}」と書いてください。"
            elif near is None and parts is None:
                remedy = "文の終わりの「:」を消してください。"
            else:
                remedy = (
                    f"「{near}」ではありませんか。"
                    if near
                    else "「すべて」「いずれか」「2つ以上」「次でない」のどれかです。"
                )
            self._problem(
                (*path, heading),
                "E-RULE-13",
                f"「{heading}」という組はありません。",
                "条件のつながり方が決まりません。",
                remedy,
            )
            self._read_inside(parts, (*path, heading))
            return None
        return self._group(heading, int(needed[1]) if needed else 0, parts, (*path, heading))

    def _no_condition(self, data: Any, path: Path_) -> None:
        why = "何を満たせばよいか決まりません。"
        remedy = "文を1つ書くか、「すべて:」「いずれか:」などの組を1つだけ書いてください。"
        if isinstance(data, list) and data:
            what = "条件が並んでいますが、「すべて」か「いずれか」が書かれていません。"
            why = "すべてを満たすのか、どれか1つでよいのか決まりません。"
            remedy = "「すべて:」か「いずれか:」の行を上に足し、条件をその下に字下げしてください。"
        elif isinstance(data, dict) and data:
            what = f"「{'」と「'.join(data)}」が1つの条件の中に並んでいます。"
            remedy = "「すべて:」の下に、「- いずれか:」のように1つずつ入れてください。"
        else:
            what = "条件がありません。"
        self._problem(path, "E-RULE-13", what, why, remedy)
        self._read_inside(data, path)

    def _read_inside(self, data: Any, path: Path_) -> None:
        """Reads what stands in a group that is none, for the faults of its sentences."""
        if isinstance(data, list):
            for index, part in enumerate(data):
                if part is not None:
                    self.read(part, (*path, index))
        elif isinstance(data, dict):
            for heading, parts in data.items():
                if heading in _HEADINGS or _AT_LEAST.match(heading):
                    self.read({heading: parts}, path)

    def _group(self, heading: str, needed: int, parts: Any, path: Path_) -> s.Group | None:
        if heading == "次でない":
            if isinstance(parts, list) and len(parts) == 1:
                inner = self.read(parts[0], (*path, 0))
            elif isinstance(parts, list) and parts:
                self._problem(
                    path,
                    "E-RULE-13",
                    f"「次でない」の中に条件が{len(parts)}つ並んでいます。",
                    "すべてが成り立つときでないのか、どれも成り立たないのか決まりません。",
                    "「次でない:」の下に「いずれか:」(どれも成り立たない)か「すべて:」を1つ入れてください。",
                )
                self._read_inside(parts, path)
                return None
            else:
                inner = self.read(parts, path)
            return s.Group("次でない", (inner,)) if inner is not None else None
        if not isinstance(parts, list) or not parts:
            self._problem(
                path,
                "E-RULE-13",
                f"「{heading}」の中に条件がありません。",
                "何を満たせばよいか決まりません。",
                "「- 」で始まる行に条件を書いてください。",
            )
            self._read_inside(parts, path)
            return None
        read = [self.read(part, (*path, i)) for i, part in enumerate(parts)]
        if _AT_LEAST.match(heading) and not 2 <= needed <= len(parts):
            self._wrong_number(heading, needed, len(parts), path)
            return None
        kept = tuple(part for part in read if part is not None)
        for index, part in enumerate(read):
            if part is not None and part in read[:index]:
                self._duplicate(heading, parts, read.index(part), index, path)
        if len(kept) < len(read):
            return None
        kind: Any = heading if heading in _HEADINGS else "n以上"
        return s.Group(kind, kept, needed)

    def _wrong_number(self, heading: str, needed: int, written: int, path: Path_) -> None:
        why = "決して満たされません。" if needed > written else "「いずれか」と同じ意味か、いつも成り立つ組になります。"
        self._problem(
            path, "E-RULE-14", f"「{heading}」なのに条件は{written}つです。", why, "数か条件を見直してください。"
        )

    def _duplicate(self, heading: str, parts: list[Any], first: int, again: int, path: Path_) -> None:
        text = parts[again] if isinstance(parts[again], str) else next(iter(parts[again]))
        line = self._document.place(*path, first).line
        self._problem(
            (*path, again),
            "E-RULE-11",
            f"同じ条件が1つの「{heading}」に2回あります(「{text}」、{line}行目)。",
            "別の条件を書くつもりだったおそれがあります。",
            "片方を消すか直してください。",
        )

    def _sentence(self, text: str, path: Path_) -> s.Sentence | None:
        outcome = self._parser.read(text, self._thresholds)
        if not isinstance(outcome, tuple):
            return outcome
        place = value_place(self._document, path)
        for fault in outcome:
            if fault.code == "E-RULE-44" and fault.about in self._lost:
                continue
            at = Place(place.file, place.line, (place.column or 1) + fault.column)
            self.problems.append(Problem(at, fault.code, f"「{text}」: {fault.what}", fault.why, fault.remedy))
        return None

    def _problem(self, path: Path_, code: str, what: str, why: str, remedy: str) -> None:
        self.problems.append(Problem(self._document.place(*path), code, what, why, remedy))


def value_place(document: YamlDocument, path: Path_) -> Place:
    """Where a value begins: a list item where it stands, the value of a key behind the key."""
    return document.place(*path, "値") if isinstance(path[-1], str) else document.place(*path)
