"""What an author's commands share: the rule files as they lie there, also half written, and adding a scenario to one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError
from engine.kernel.strict_yaml import parse_yaml
from engine.records.case import HARDSHIP_LABELS
from engine.records.layout import load_layouts
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.rulebook.authoring.formatting import thresholds_of
from engine.rulebook.authoring.scaffold import appended
from engine.rulebook.authoring.written import WrittenValue
from engine.rulebook.files.conditions import ConditionReader
from engine.rulebook.files.texts import BookText, read_book_text
from engine.rulebook.language.parsing import parser_for
from engine.rulebook.language.syntax import Condition
from engine.rulebook.language.thresholds import Thresholds
from kizuki.rules.files import newest_day
from kizuki.settings import Workspace, open_workspace


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
