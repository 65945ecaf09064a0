"""Loading the six rulebooks: every problem of every file is found before anything is evaluated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import MAX_BYTES, near_name
from engine.records.case import HARDSHIP_LABELS
from engine.records.vocabulary import Vocabulary
from engine.rulebook.checks.references import reference_problems
from engine.rulebook.checks.review import scenario_errors
from engine.rulebook.files.conditions import ConditionReader, Path_
from engine.rulebook.files.numbering import number_problems
from engine.rulebook.files.texts import BookText, read_book_text
from engine.rulebook.files.unfinished import unfinished
from engine.rulebook.language import syntax as s
from engine.rulebook.language.folding import fold
from engine.rulebook.language.parsing import parser_for
from engine.rulebook.language.thresholds import Threshold, Thresholds, read_thresholds
from engine.rulebook.model import Rulebook, RulebookSet, RulebookText, Scenario, ScenarioText


def load_rulebooks(
    folder: Path,
    vocabulary: Vocabulary,
    *,
    as_of: date,
    types: Collection[str] = tuple(HARDSHIP_LABELS),
    root: Path | None = None,
) -> RulebookSet:
    """Read the rulebook of each type (`<type>.yaml`), with the scenarios in force on `as_of`.

    Raises KizukiError with every problem of all files, those of a file's structure together with those of its sentences.
    A missing file is a problem, too: five rulebooks would silently watch over fewer children than six.
    """
    problems: list[Problem] = []
    texts: list[BookText] = []
    unread = _Unread()
    for hardship_type in (t for t in HARDSHIP_LABELS if t in types):
        text, faults = read_book_text(folder / f"{hardship_type}.yaml", hardship_type, root)
        problems += faults
        if text is not None:
            texts.append(text)
        else:
            unread.add(folder / f"{hardship_type}.yaml")
    problems += _stray_files(folder, root) if set(types) == set(HARDSHIP_LABELS) else []
    thresholds = _Thresholds(texts, vocabulary, as_of, unread)
    problems += thresholds.problems
    books = [_Book(text, vocabulary, as_of, thresholds) for text in texts]
    problems += [problem for book in books for problem in book.problems]
    problems += number_problems(texts)
    problems += [fault for text in texts for fault in unfinished(text.document)]
    in_force = [scenario for book in books for scenario in book.in_force]
    resting = [scenario for book in books for scenario in book.resting]
    lost = unread.with_names(id_ for book in books for id_ in book.lost)
    problems += reference_problems(in_force, resting, lost)
    problems += scenario_errors([*in_force, *resting], vocabulary)
    if problems:
        raise KizukiError(problems)
    return RulebookSet(as_of, tuple(book.rulebook() for book in books))


def _stray_files(folder: Path, root: Path | None) -> list[Problem]:
    """Files that look like a rulebook and are read by nobody."""
    known = {*(f"{t}.yaml" for t in HARDSHIP_LABELS), "fields.yaml", "tiers.yaml", "model.yaml", "approvals.yaml"}
    found = []
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.suffix.lower() not in (".yaml", ".yml") or path.name in known:
            continue
        near = _book_meant(path.stem) or near_name(path.name, sorted(known), cutoff=0.7)
        shown = str(path.relative_to(root)) if root and path.is_relative_to(root) else path.name
        found.append(
            Problem(
                Place(shown),
                "E-RULE-18",
                "この名前のファイルは読み込まれません。",
                "書いたシナリオが、黙って使われないままになります。",
                _where_to(near, folder),
            )
        )
    return found


def _book_meant(stem: str) -> str | None:
    """The file of the hardship type that a file is named after (貧困.yaml, young_carer - コピー.yaml)."""
    named = [t for t, label in HARDSHIP_LABELS.items() if label in stem or t in stem]
    return f"{named[0]}.yaml" if len(named) == 1 else None


def _where_to(near: str | None, folder: Path) -> str:
    if near is None:
        return f"使うのは{'・'.join(f'{t}.yaml' for t in HARDSHIP_LABELS)}だけです。rulebooks の外に移してください。"
    if (folder / near).is_file():
        return f"使われるのは「{near}」です。こちらにだけ書いたところがあればそこへ写し、このファイルは rulebooks の外に移してください。"
    return f"名前を「{near}」に直すか、rulebooks の外に移してください。"


class _Unread:
    """Names that may be given where nobody could read: in files that are no YAML or not there, and in parts with faults.

    A sentence that uses such a name is no further fault; the one that hides the name is told.
    """

    def __init__(self, names: Iterable[str] = (), texts: Iterable[str] = (), missing: bool = False) -> None:
        self._names = {fold(name).text for name in names}
        self._texts = list(texts)
        self._missing = missing

    def add(self, path: Path) -> None:
        """A file that could not be read as YAML, or is missing."""
        if path.is_file() and 0 < path.stat().st_size <= MAX_BYTES:
            raw = path.read_bytes()
            self._missing |= raw[:2] == b"PK"  # a workbook in place of the file: what it named cannot be known
            for encoding in ("utf-8", "cp932", "utf-16"):
                self._texts.append(fold(raw.decode(encoding, "ignore")).text)
        else:
            self._missing = True

    def with_names(self, names: Iterable[str]) -> _Unread:
        """These names as well."""
        return _Unread({*self._names, *names}, self._texts, self._missing)

    def __contains__(self, name: object) -> bool:
        folded = fold(str(name)).text
        return self._missing or folded in self._names or any(folded in text for text in self._texts)


class _Thresholds:
    """The thresholds of each file, and all of them by name: a name means one value in every rulebook."""

    def __init__(self, texts: Sequence[BookText], vocabulary: Vocabulary, as_of: date, unread: _Unread) -> None:
        self.by_name: dict[str, Threshold] = {}
        self.of_file: dict[str, list[Threshold]] = {}
        self.problems: list[Problem] = []
        lost = {name for text in texts for name in text.lost_thresholds}
        for text in texts:
            own = self.of_file[text.document.file] = []
            readable = set()
            for read in read_thresholds(text.document, text.thresholds, vocabulary, as_of):
                if isinstance(read, Problem):
                    self.problems.append(read)
                    continue
                readable.add(read.name)
                earlier = self.by_name.setdefault(read.name, read)
                if earlier is not read:
                    self.problems.append(_defined_twice(read, earlier))
                    continue
                own.append(read)
            lost |= set(text.thresholds) - readable
        self.lost = unread.with_names(lost)


def _defined_twice(again: Threshold, first: Threshold) -> Problem:
    return Problem(
        again.place,
        "E-RULE-48",
        f"閾値「{again.name}」は{first.place}でも決められています。",
        "どちらの値で判定するか決まりません。",
        "1か所だけに残してください(ほかのルールブックの閾値もそのまま使えます)。",
    )


@dataclass(frozen=True)
class _Read:
    """The conditions of one scenario; None where a problem was noted."""

    condition: s.Condition | None
    cancels: tuple[s.Condition | None, ...]


class _Book:
    """One file on its way from text to scenarios. `lost`: 番号 of scenarios whose own faults are told."""

    def __init__(self, text: BookText, vocabulary: Vocabulary, as_of: date, thresholds: _Thresholds) -> None:
        self._text = text
        self._document = text.document
        self._as_of = as_of
        self._thresholds = tuple(thresholds.of_file[text.document.file])
        known: Thresholds = thresholds.by_name
        self._reader = ConditionReader(text.document, parser_for(vocabulary), known, thresholds.lost)
        self._marks: dict[str | int, dict[Path_, tuple[int, int]]] = {}
        of_target = {path: mark for path, mark in text.document.marks.items() if path[:1] == ("対象",)}
        for path, mark in text.document.marks.items():
            if len(path) > 1 and path[0] == "シナリオ":
                self._marks.setdefault(path[1], dict(of_target))[path[2:]] = mark
        self.problems: list[Problem] = []
        self.in_force: list[Scenario] = []
        self.resting: list[Scenario] = []
        self.lost: set[str] = set()
        self._not_in_force: list[str] = []
        self._check_type()
        self._target = self._reader.read(text.target, ("対象",)) if text.target is not None else None
        for index, (written, scenario) in enumerate(zip(text.written, text.scenarios, strict=True)):
            self._scenario(index, written, scenario)
        self.problems += self._reader.problems

    def _check_type(self) -> None:
        written = self._document.data.get("類型")
        if written in HARDSHIP_LABELS and written != self._text.hardship_type:
            self._problem(
                ("類型",),
                "E-RULE-22",
                f"類型「{written}」がファイル名と違います。",
                "別の類型の判定に使われてしまいます。",
                f"「{self._text.hardship_type}」に直すか、ファイル名を直してください。",
            )

    def _scenario(self, index: int, written: Any, text: ScenarioText | None) -> None:
        base: Path_ = ("シナリオ", index)
        read = self._conditions(written, base)
        if text is None:
            if isinstance(written.get("番号"), str):
                self.lost.add(written["番号"])
            return
        validity = text.validity
        if validity and validity.end and validity.end < validity.start:
            self._problem(
                (*base, "有効期間"),
                "E-RULE-23",
                "有効期間の終了が開始より前です。",
                "一度も使われないシナリオになります。",
                "日付を確かめてください。",
            )
        applies = not validity or (
            validity.start <= self._as_of and (validity.end is None or self._as_of <= validity.end)
        )
        if not applies:
            self._not_in_force.append(text.id)
        if self._target is None or read.condition is None or None in read.cancels:
            self.lost.add(text.id)
            return
        scenario = Scenario(
            text.id,
            self._text.hardship_type,  # type: ignore[arg-type]  # a key of HARDSHIP_LABELS
            text.name,
            text.purpose,
            text.source,
            text.strength,
            self._target,
            read.condition,
            tuple(part for part in read.cancels if part is not None),
            text.ask,
            text.examples,
            self._document.place(*base, "番号"),
            validity,
            self._marks.get(index, {}),
            _digest(written),
        )
        (self.in_force if applies else self.resting).append(scenario)

    def _conditions(self, written: Any, base: Path_) -> _Read:
        condition = self._reader.read(written["条件"], (*base, "条件")) if "条件" in written else None
        cancels = written.get("打ち消し")
        read: Iterable[s.Condition | None] = ()
        if isinstance(cancels, list):
            read = [self._reader.read(part, (*base, "打ち消し", i)) for i, part in enumerate(cancels)]
        return _Read(condition, tuple(read))

    def _problem(self, path: Path_, code: str, what: str, why: str, remedy: str) -> None:
        self.problems.append(Problem(self._document.place(*path), code, what, why, remedy))

    def rulebook(self) -> Rulebook:
        """The finished rulebook; only where the file has no faults."""
        text = self._text.whole
        assert isinstance(text, RulebookText) and self._target is not None
        return Rulebook(
            text.hardship_type,
            text.title,
            text.version,
            text.owner,
            self._target,
            tuple(self.in_force),
            tuple(self._not_in_force),
            self._document.file,
            self._document.sha256,
            self._thresholds,
            tuple(self.resting),
        )


def _digest(written: Any) -> str:
    return hashlib.sha256(json.dumps(written, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
