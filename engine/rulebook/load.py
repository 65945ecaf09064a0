"""Loading the six rulebooks: every problem of every file is found before anything is evaluated."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import YamlDocument, near_name, read_yaml, validate
from engine.records.case import HARDSHIP_LABELS
from engine.records.vocabulary import Vocabulary
from engine.rulebook import syntax as s
from engine.rulebook.group_checks import contradictions, counts_only_support, duplicates
from engine.rulebook.model import Rulebook, RulebookSet, RulebookText, Scenario, ScenarioText
from engine.rulebook.parsing import parser_for
from engine.rulebook.references import reference_problems
from engine.rulebook.thresholds import Threshold, Thresholds, read_thresholds

_AT_LEAST = re.compile(r"([0-9]+)つ以上$")
_REQUIRED_OUTCOMES = ("該当", "非該当", "不明")

Path_ = tuple[str | int, ...]


def load_rulebooks(
    folder: Path,
    vocabulary: Vocabulary,
    *,
    as_of: date,
    types: Collection[str] = tuple(HARDSHIP_LABELS),
    root: Path | None = None,
) -> RulebookSet:
    """Read the rulebook of each type (`<type>.yaml`), with the scenarios in force on `as_of`.

    Raises KizukiError with every problem of all files. A missing file is a problem, too: five rulebooks would
    silently watch over fewer children than six.
    """
    problems: list[Problem] = []
    texts: list[tuple[YamlDocument, RulebookText]] = []
    read_as: list[str] = []
    for hardship_type in (t for t in HARDSHIP_LABELS if t in types):
        try:
            document = read_yaml(folder / f"{hardship_type}.yaml", root)
            text = validate(document, RulebookText, kind="RULE")
        except KizukiError as error:
            problems.extend(error.problems)
            continue
        texts.append((document, text))
        read_as.append(hardship_type)
    by_book, thresholds = _thresholds(texts, vocabulary, as_of, problems)
    books = [
        _Book(document, text, vocabulary, as_of, own, thresholds)
        for (document, text), own in zip(texts, by_book, strict=True)
    ]
    rulebooks = [book.read(hardship_type) for book, hardship_type in zip(books, read_as, strict=True)]
    problems += [problem for book in books for problem in book.problems]
    problems.extend(_number_problems(texts))
    written = {scenario.id for _, text in texts for scenario in text.scenarios}
    problems.extend(reference_problems(rulebooks, written))
    if problems:
        raise KizukiError(problems)
    return RulebookSet(as_of, tuple(rulebooks))


def _thresholds(
    texts: list[tuple[YamlDocument, RulebookText]], vocabulary: Vocabulary, as_of: date, problems: list[Problem]
) -> tuple[list[tuple[Threshold, ...]], Thresholds]:
    """The thresholds of each file, and all of them by name: a name means one value in every rulebook."""
    by_book: list[tuple[Threshold, ...]] = []
    by_name: dict[str, Threshold] = {}
    for document, text in texts:
        own: list[Threshold] = []
        for read in read_thresholds(document, text.thresholds, vocabulary, as_of):
            if isinstance(read, Problem):
                problems.append(read)
                continue
            if read.name in by_name:
                problems.append(
                    Problem(
                        read.place,
                        "E-RULE-48",
                        f"閾値「{read.name}」は{by_name[read.name].place}でも決められています。",
                        "どちらの値で判定するか決まりません。",
                        "1か所だけに残してください(ほかのルールブックの閾値もそのまま使えます)。",
                    )
                )
                continue
            by_name[read.name] = read
            own.append(read)
        by_book.append(tuple(own))
    return by_book, by_name


def _number_problems(texts: list[tuple[YamlDocument, RulebookText]]) -> list[Problem]:
    problems = []
    seen: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for document, text in texts:
        if not text.scenarios:
            problems.append(
                Problem(
                    document.place("シナリオ"),
                    "E-RULE-15",
                    "シナリオが1つもありません。",
                    "この類型では誰も見つけられません。",
                    "シナリオを書き足してください。",
                )
            )
            continue
        own = text.scenarios[0].id.split("-")[0]
        for index, scenario in enumerate(text.scenarios):
            place = document.place("シナリオ", index, "番号")
            if scenario.id in seen:
                problems.append(
                    Problem(
                        place,
                        "E-RULE-20",
                        f"番号「{scenario.id}」は{seen[scenario.id]}でも使われています。",
                        "どのシナリオの結果か見分けられません。",
                        "使われていない番号にしてください。",
                    )
                )
            seen.setdefault(scenario.id, str(place))
            prefix = scenario.id.split("-")[0]
            if prefix != own or prefixes.setdefault(prefix, document.file) != document.file:
                problems.append(
                    Problem(
                        place,
                        "E-RULE-21",
                        f"番号「{scenario.id}」の頭が、このルールブックのものではありません。",
                        "番号から類型が分からなくなります。",
                        "類型ごとに1つの頭(例: YC)にそろえてください。",
                    )
                )
    return problems


class _Book:
    """One file on its way from nested YAML to trees."""

    def __init__(
        self,
        document: YamlDocument,
        text: RulebookText,
        vocabulary: Vocabulary,
        as_of: date,
        own_thresholds: tuple[Threshold, ...],
        thresholds: Thresholds,
    ) -> None:
        self._document = document
        self._text = text
        self._vocabulary = vocabulary
        self._parser = parser_for(vocabulary)
        self._as_of = as_of
        self._own_thresholds = own_thresholds
        self._thresholds = thresholds
        self._places: dict[int, Path_] = {}
        self._marks: dict[str | int, dict[Path_, tuple[int, int]]] = {}
        for path, mark in document.marks.items():
            if len(path) > 1 and path[0] == "シナリオ":
                self._marks.setdefault(path[1], {})[path[2:]] = mark
        self.problems: list[Problem] = []

    def read(self, hardship_type: str) -> Rulebook:
        text = self._text
        if text.hardship_type != hardship_type:
            self._problem(
                ("類型",),
                "E-RULE-22",
                f"類型「{text.hardship_type}」がファイル名と違います。",
                "別の類型の判定に使われてしまいます。",
                f"「{hardship_type}」に直すか、ファイル名を直してください。",
            )
        target = self._condition(self._document.data["対象"], ("対象",))
        scenarios: list[Scenario] = []
        inactive: list[str] = []
        resting: list[Scenario] = []
        for index, scenario in enumerate(text.scenarios):
            read = self._scenario(scenario, index, target)
            validity = scenario.validity
            in_force = not validity or (
                validity.start <= self._as_of and (validity.end is None or self._as_of <= validity.end)
            )
            if not in_force:
                inactive.append(scenario.id)
            if read is not None:
                (scenarios if in_force else resting).append(read)
        return Rulebook(
            text.hardship_type,
            text.title,
            text.version,
            text.owner,
            target if target is not None else s.Group("すべて", ()),
            tuple(scenarios),
            tuple(inactive),
            self._document.file,
            self._document.sha256,
            self._own_thresholds,
            tuple(resting),
        )

    def _scenario(self, text: ScenarioText, index: int, target: s.Condition | None) -> Scenario | None:
        base: Path_ = ("シナリオ", index)
        self._places.clear()  # equal texts share one tree, so places hold for one scenario at a time
        condition = self._condition(text.condition, (*base, "条件"))
        cancels = [self._condition(part, (*base, "打ち消し", i)) for i, part in enumerate(text.cancels)]
        if text.validity and text.validity.end and text.validity.end < text.validity.start:
            self._problem(
                (*base, "有効期間"),
                "E-RULE-23",
                "有効期間の終了が開始より前です。",
                "一度も使われないシナリオになります。",
                "日付を確かめてください。",
            )
        for outcome in _REQUIRED_OUTCOMES:
            if all(example.outcome != outcome for example in text.examples):
                self._problem(
                    (*base, "試験"),
                    "E-RULE-24",
                    f"シナリオ「{text.id}」に、結果が「{outcome}」の試験がありません。",
                    "ねらいどおりに働くかを確かめられません。",
                    f"結果が「{outcome}」になる例を書き足してください。",
                )
        if target is None or condition is None or None in cancels:
            return None
        self._contradictions(target, condition, base)
        if counts_only_support(condition, self._vocabulary):
            self._problem(
                (*base, "条件"),
                "E-RULE-25",
                "支援を利用していることだけで該当になります。",
                "支援の利用を不利に扱わない取り決めに反します。",
                "困りごとを表す条件と組み合わせるか、「打ち消し」に書いてください。",
            )
        return Scenario(
            text.id,
            self._text.hardship_type,
            text.name,
            text.purpose,
            text.source,
            text.strength,
            target,
            condition,
            tuple(part for part in cancels if part is not None),
            text.ask,
            text.examples,
            self._document.place(*base, "番号"),
            text.validity,
            self._marks.get(index, {}),
            _digest(self._document.data["シナリオ"][index]),
        )

    def _contradictions(self, target: s.Condition, condition: s.Condition, base: Path_) -> None:
        for sentence, label in contradictions((target, condition), self._vocabulary):
            self._problem(
                self._places.get(id(sentence), (*base, "条件")),
                "E-RULE-12",
                f"「{label}」についての条件が、ほかの条件か「対象」と両立しません。",
                "誰も該当しないシナリオになっています。",
                "範囲や言い方を確かめてください。",
            )

    def _condition(self, data: Any, path: Path_) -> s.Condition | None:
        """The tree of a sentence or group, or None when a problem was noted."""
        if isinstance(data, str):
            return self._sentence(data, path)
        if not isinstance(data, dict) or len(data) != 1:
            self._problem(
                path,
                "E-RULE-13",
                "条件がないか、文でも1つの組でもありません。",
                "何を満たせばよいか決まりません。",
                "文を1つ書くか、「すべて:」「いずれか:」などの組を1つだけ書いてください。",
            )
            return None
        heading, parts = next(iter(data.items()))
        needed = _AT_LEAST.match(heading)
        if heading not in ("すべて", "いずれか", "次でない") and not needed:
            near = near_name(heading, ("すべて", "いずれか", "次でない", "2つ以上", "3つ以上"))
            self._problem(
                (*path, heading),
                "E-RULE-13",
                f"「{heading}」という組はありません。",
                "条件のつながり方が決まりません。",
                f"「{near}」ではありませんか。"
                if near
                else "「すべて」「いずれか」「2つ以上」「次でない」のどれかです。",
            )
            return None
        return self._group(heading, int(needed[1]) if needed else 0, parts, (*path, heading))

    def _group(self, heading: str, needed: int, parts: Any, path: Path_) -> s.Group | None:
        if heading == "次でない":
            inner = self._condition(parts, path) if not isinstance(parts, list) or len(parts) != 1 else None
            if isinstance(parts, list) and len(parts) == 1:
                inner = self._condition(parts[0], (*path, 0))
            return s.Group("次でない", (inner,)) if inner is not None else None
        if not isinstance(parts, list) or not parts:
            self._problem(
                path,
                "E-RULE-13",
                f"「{heading}」の中に条件がありません。",
                "何を満たせばよいか決まりません。",
                "「- 」で始まる行に条件を書いてください。",
            )
            return None
        read = [self._condition(part, (*path, i)) for i, part in enumerate(parts)]
        if needed and not 2 <= needed <= len(parts):
            self._problem(
                path,
                "E-RULE-14",
                f"「{heading}」なのに条件は{len(parts)}つです。",
                "決して満たされないか、「いずれか」と同じ意味になります。",
                "数か条件を見直してください。",
            )
        kept = tuple(part for part in read if part is not None)
        if len(kept) < len(read):
            return None
        kind: Any = "n以上" if needed else heading
        group = s.Group(kind, kept, needed)
        for fault in duplicates(group, tuple(p if isinstance(p, str) else next(iter(p)) for p in parts)):
            self._problem((*path, *fault.path), fault.code, fault.what, fault.why, fault.remedy)
        return group

    def _sentence(self, text: str, path: Path_) -> s.Sentence | None:
        outcome = self._parser.read(text, self._thresholds)
        if not isinstance(outcome, tuple):
            self._places[id(outcome)] = path
            return outcome
        place = self._value_place(path)
        for fault in outcome:
            at = Place(place.file, place.line, (place.column or 1) + fault.column)
            self.problems.append(Problem(at, fault.code, f"「{text}」: {fault.what}", fault.why, fault.remedy))
        return None

    def _value_place(self, path: Path_) -> Place:
        return self._document.place(*path, "値") if isinstance(path[-1], str) else self._document.place(*path)

    def _problem(self, path: Path_, code: str, what: str, why: str, remedy: str) -> None:
        self.problems.append(Problem(self._document.place(*path), code, what, why, remedy))


def _digest(written: Any) -> str:
    return hashlib.sha256(json.dumps(written, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
