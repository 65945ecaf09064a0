"""`kizuki rules new`: a scenario to be written, at the end of its rulebook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console

from engine.evaluate.starting_line import find_starting_line
from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import near_name, parse_yaml
from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS
from engine.records.layout import load_layouts
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.rulebook.conditions import ConditionReader
from engine.rulebook.formatting import thresholds_of
from engine.rulebook.parsing import parser_for
from engine.rulebook.printer import to_japanese
from engine.rulebook.scaffold import (
    Line,
    Trial,
    appended,
    copy_of,
    free_number,
    hardship_type_of,
    skeleton,
)
from engine.rulebook.syntax import Condition
from engine.rulebook.texts import BookText, read_book_text
from engine.rulebook.thresholds import Thresholds
from engine.rulebook.written import WrittenValue
from kizuki.rule_files import newest_day
from kizuki.settings import Workspace, open_workspace

_TITLES = {Truth.MET: "該当", Truth.NOT_MET: "非該当", Truth.UNKNOWN: "不明"}


@dataclass(frozen=True)
class Desk:
    """What an author's command needs of a workspace, also while a rulebook is half written."""

    workspace: Workspace
    vocabulary: Vocabulary
    source_labels: dict[str, str]
    books: tuple[BookText, ...]
    thresholds: Thresholds

    def book(self, hardship_type: str) -> BookText:
        """The rulebook of a type."""
        return next(book for book in self.books if book.hardship_type == hardship_type)

    def path(self, hardship_type: str) -> Path:
        """Its file."""
        return self.workspace.rulebooks / f"{hardship_type}.yaml"

    def text(self, hardship_type: str) -> str:
        """Its text as it is on disk, with its line ends."""
        return self.path(hardship_type).read_bytes().decode("utf-8")

    def conditions(self, hardship_type: str) -> tuple[Condition | None, list[Condition]]:
        """対象, and 条件 of every scenario that can be read."""
        book = self.book(hardship_type)
        reader = ConditionReader(book.document, parser_for(self.vocabulary), self.thresholds)
        target = reader.read(book.target, ("対象",))
        read = [
            reader.read(written["条件"], ("シナリオ", index, "条件"))
            for index, written in enumerate(book.written)
            if "条件" in written
        ]
        return target, [condition for condition in read if condition is not None]


def open_desk(folder: Path, hardship_type: str) -> Desk:
    """Read the workspace's rule files. Raises KizukiError with the faults of the YAML of the rulebook to be written in."""
    workspace, _ = open_workspace(folder)
    vocabulary = load_vocabulary(workspace.vocabulary, workspace.root)
    layouts = load_layouts(workspace.sources, vocabulary, workspace.root)
    books = []
    for each in HARDSHIP_LABELS:
        book, problems = read_book_text(workspace.rulebooks / f"{each}.yaml", each, workspace.root)
        if book is not None:
            books.append(book)
        elif each == hardship_type:
            raise KizukiError(problems)
    labels = {source: layout.label for source, layout in layouts.items()}
    texts = {
        book.document.file: (workspace.rulebooks / f"{book.hardship_type}.yaml").read_bytes().decode("utf-8")
        for book in books
    }
    return Desk(workspace, vocabulary, labels, tuple(books), thresholds_of(texts, vocabulary))


def new_scenario(
    folder: Path, type_word: str, number: str | None, copied: str | None, today: date, console: Console
) -> None:
    """Add a skeleton (or a copy of the scenario `copied`) under a free number, and say what is still to be written.

    It is in force from the newest delivery's day on, so that `rules impact` on the last run sees it; without deliveries,
    from today on.
    """
    hardship_type = hardship_type_of(type_word)
    desk = open_desk(folder, hardship_type)
    start = start_day(desk.workspace, today)
    number = free_number(desk.books, hardship_type, number)
    scenario = _copied(desk, copied, number, start) if copied else _skeleton(desk, hardship_type, number, start)
    add_scenario(desk, hardship_type, scenario)
    console.print(f"書き足しました: {desk.path(hardship_type).resolve()}", markup=False)
    console.print(f"  {number}(ファイルの最後)  {f'{copied} の写し' if copied else '書きはじめの形'}", markup=False)
    tell_next_steps(console)


def start_day(workspace: Workspace, today: date) -> date:
    """The day from which a new scenario is in force."""
    try:
        return newest_day(workspace)
    except KizukiError:
        return today  # nothing has been delivered yet


def add_scenario(desk: Desk, hardship_type: str, scenario: WrittenValue) -> None:
    """Write a scenario at the end of its rulebook; the file is read again before it takes its place."""
    shown = desk.book(hardship_type).document.file
    text = appended(desk.text(hardship_type), scenario, shown)
    parse_yaml(text.removeprefix("\ufeff").replace("\r\n", "\n"), shown)
    write_whole(desk.path(hardship_type), text.encode())


def tell_next_steps(console: Console) -> None:
    """What the author does next."""
    console.print("次にすること:")
    console.print("  1. （ここに…）をすべて書き、要らない書き添え(#)を消す", markup=False)
    console.print("  2. `kizuki rules check` と `kizuki rules test` で確かめる", markup=False)
    console.print("  3. `kizuki rules impact` で、だれが一覧に入るかを見る", markup=False)
    console.print("  4. `kizuki rules approve` で承認を受ける(それまで判定には使われません)", markup=False)


def _skeleton(desk: Desk, hardship_type: str, number: str, start: date) -> WrittenValue:
    target, conditions = desk.conditions(hardship_type)
    examples = [e for written in desk.book(hardship_type).written for e in written.get("試験") or () if isinstance(e, dict)]
    found = None
    if target is not None:
        found = find_starting_line(target, conditions, examples, desk.vocabulary, desk.source_labels)
    if found is None:
        blank = "（ここに、どんな世帯かを書く）"
        trials = [Trial(blank, {}, outcome) for outcome in _TITLES.values()]
        return skeleton(number, [Line("（ここに、条件の文を書く）")], trials, start=start)
    trials = [
        Trial(f"（ここに、{_TITLES[truth]}になる世帯の説明を書く）", found.facts[truth], _TITLES[truth])
        for truth in (Truth.MET, Truth.NOT_MET, Truth.UNKNOWN)
    ]
    sentence = to_japanese(found.sentence, desk.vocabulary, values=False)
    remark = "見本の文。気づきたい状況の文に書き直し、下に足していく"
    return skeleton(number, [Line(sentence, remark)], trials, start=start, heading="文を1行に1つ。すべて満たすと該当")


def _copied(desk: Desk, copied: str, number: str, start: date) -> WrittenValue:
    ids = {id_: (book, index) for book in desk.books for index, id_ in book.ids.items()}
    if copied not in ids:
        near = near_name(copied, ids)
        raise KizukiError(
            Problem(
                Place(copied),
                "E-RULE-63",
                f"もとにするシナリオ「{copied}」がありません。",
                "写すものがありません。",
                f"「{near}」ではありませんか。" if near else "番号を確かめてください。",
            )
        )
    book, index = ids[copied]
    return copy_of(desk.text(book.hardship_type), index, number, start)


