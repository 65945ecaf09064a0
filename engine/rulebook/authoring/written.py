"""A YAML file as it is written: values with their comments, blank lines and styles, so that it can be written anew.

Only for text that `strict_yaml` has found sound. A comment belongs to the entry (a key or a list item) before which,
behind which or under which it stands; so it stays with it when entries change their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")


@dataclass
class WrittenValue:
    """A value: text (None: nothing is written), or entries. `keyed`: a mapping. `flow`: written in brackets."""

    text: str | None = None
    block_text: bool = False
    entries: list[Entry] | None = None
    keyed: bool = False
    flow: bool = False

    @property
    def data(self) -> Any:
        """The value as `strict_yaml` reads it."""
        if self.entries is None:
            return self.text
        if self.keyed:
            return {entry.key: entry.value.data for entry in self.entries}
        return [entry.value.data for entry in self.entries]


@dataclass
class Entry:
    """A key with its value, or a list item (`key` None).

    `above` are the comments and blank lines ("") before it, `beside` the comment at the end of its line, `below`
    comments under its last line that are indented like it.
    """

    key: str | None
    value: WrittenValue
    line: int
    column: int
    above: list[str] = field(default_factory=list)
    beside: str | None = None
    below: list[str] = field(default_factory=list)

    @property
    def is_commented(self) -> bool:
        """Whether anything is noted at this entry or inside it."""
        return bool(self.above or self.beside or self.below) or any(e.is_commented for e in self.value.entries or ())


@dataclass
class WrittenFile:
    """A whole file: `head` are the comments before the first entry, `foot` those after the last."""

    root: WrittenValue
    head: list[str]
    foot: list[str]


def read_written(text: str) -> WrittenFile:
    """The tree of a sound text, with every comment and blank line at its entry."""
    reader = _Reader(text)
    root = reader.read()
    notes = _Notes(text, reader)
    return WrittenFile(root, notes.head, notes.foot)


class _Reader:
    """Builds the tree from parser events, and notes which characters belong to scalars."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._events = iter(YAML(typ="safe", pure=True).parse(text))
        self.entries: list[tuple[Entry, tuple[Entry, ...], bool]] = []
        self.scalars: list[tuple[int, int]] = []
        self.headers: list[tuple[int, str]] = []

    def read(self) -> WrittenValue:
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                return self._value(next(self._events), ())
        return WrittenValue()

    def _value(self, event: Any, within: tuple[Entry, ...]) -> WrittenValue:
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        assert isinstance(event, (MappingStartEvent, SequenceStartEvent))
        keyed = isinstance(event, MappingStartEvent)
        value = WrittenValue(entries=[], keyed=keyed, flow=bool(event.flow_style))
        assert value.entries is not None
        for first in self._events:
            if isinstance(first, CollectionEndEvent):
                break
            key = self._scalar(first).text or "" if keyed else None
            # The parser says where an item's value begins; its dash stands where the list does.
            column = (first if keyed or value.flow else event).start_mark.column
            entry = Entry(key, WrittenValue(), first.start_mark.line, column)
            value.entries.append(entry)
            # In document order, each with the entries around it.
            self.entries.append((entry, within, value.flow))
            entry.value = self._value(next(self._events) if keyed else first, (*within, entry))
        return value

    def _scalar(self, event: Any) -> WrittenValue:
        start, end = event.start_mark.index, event.end_mark.index
        block = event.style in ("|", ">")
        if block:
            header = self._text[start:].split("\n", 1)[0]
            if noted := _COMMENT.search(header):
                self.headers.append((event.start_mark.line, noted[0].rstrip()))
            end = start + len(self._text[start:end].rstrip())
        if end > start:
            self.scalars.append((start, end))
        return WrittenValue(None if event.value == "" and not event.style else event.value, block_text=block)


class _Notes:
    """Gives every comment and blank line of the text to its entry."""

    def __init__(self, text: str, reader: _Reader) -> None:
        self.head: list[str] = []
        self.foot: list[str] = []
        self._entries = reader.entries
        starting: dict[int, list[tuple[Entry, tuple[Entry, ...], bool]]] = {}
        for found in reader.entries:
            starting.setdefault(found[0].line, []).append(found)
        waiting: list[tuple[int | None, str]] = []  # column (None: a blank line) and comment
        covered = _lines_inside(text, reader.scalars)
        headers = dict(reader.headers)
        for number, (line, comment_at) in enumerate(_lines(text, reader.scalars)):
            begins = starting.get(number, [])
            if begins:
                self._place_waiting(waiting, begins[0], number)
                waiting = []
            comment = headers.get(number) or (line[comment_at:].rstrip() if comment_at is not None else None)
            is_alone = comment is not None and not line[: comment_at or 0].strip() and number not in headers
            if comment is not None and is_alone:
                waiting.append((comment_at, comment))
            elif comment is not None:
                self._beside(comment, begins, number)
            elif not line.strip() and number not in covered:
                waiting.append((None, ""))
        self._place_waiting(waiting, None, len(text))

    def _place_waiting(
        self, waiting: list[tuple[int | None, str]], found: tuple[Entry, tuple[Entry, ...], bool] | None, number: int
    ) -> None:
        """Comments on lines of their own: those indented deeper than what follows belong to what went before."""
        if not waiting:
            return
        column = found[0].column if found and not found[2] else 0
        before = [entry for entry, *_ in self._entries if entry.line < number]
        if not before:
            self.head += [text for _, text in waiting]
            return
        while waiting and (deep := waiting[0])[0] is not None and deep[0] > column:
            owner = self._like(before[-1], deep[0])
            owner.below.append(deep[1])
            waiting.pop(0)
        target = found[0].above if found else self.foot
        target += [text for _, text in waiting]

    def _like(self, last: Entry, column: int) -> Entry:
        """Of the last entry and those around it, the deepest that does not stand right of the column."""
        around = next(within for entry, within, _ in self._entries if entry is last)
        return next((entry for entry in (last, *reversed(around)) if entry.column <= column), last)

    def _beside(self, comment: str, begins: list[tuple[Entry, tuple[Entry, ...], bool]], number: int) -> None:
        in_block = [entry for entry, _, flow in begins if not flow]
        if in_block:
            entry = in_block[-1]
        elif begins:
            entry = begins[0][0]
        else:
            entry = [entry for entry, *_ in self._entries if entry.line < number][-1]
        if entry.beside is None:
            entry.beside = comment
        else:
            entry.above.append(comment)


def _lines(text: str, scalars: list[tuple[int, int]]) -> Iterator[tuple[str, int | None]]:
    """Each line with the column at which its comment begins, if it has one."""
    start = 0
    for line in text.split("\n"):
        at = None
        for found in re.finditer(r"(?:^|(?<=\s))#", line):
            index = start + found.start()
            if not any(first <= index < last for first, last in scalars):
                at = found.start()
                break
        yield line, at
        start += len(line) + 1


def _lines_inside(text: str, scalars: list[tuple[int, int]]) -> set[int]:
    """Numbers of lines that lie wholly or partly inside a scalar of several lines, but for its first."""
    inside: set[int] = set()
    for first, last in scalars:
        above = text.count("\n", 0, first)
        inside.update(range(above + 1, above + 1 + text.count("\n", first, last)))
    return inside


def written_of(data: Any, *, flow: bool = False) -> WrittenValue:
    """A value to be written anew: nested dicts and lists of text; in brackets with `flow`. A ready value stays as it is."""
    if isinstance(data, WrittenValue):
        return data
    if isinstance(data, dict):
        entries = [Entry(key, written_of(value, flow=flow), 0, 0) for key, value in data.items()]
        return WrittenValue(entries=entries, keyed=True, flow=flow)
    if isinstance(data, list | tuple):
        return WrittenValue(entries=[Entry(None, written_of(value, flow=flow), 0, 0) for value in data], flow=flow)
    return WrittenValue(str(data))
