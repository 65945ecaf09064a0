"""The canonical form of a rulebook file: keys in the documented order, sentences in the canonical wording, one layout.

Nothing else changes: comments, blank lines, texts and the order of lists stay. What was written in brackets stays so
where it fits on a line. The form of a formatted file is itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import YamlDocument, parse_yaml, validate
from engine.records.vocabulary import Vocabulary
from engine.rulebook.authoring.written import Entry, WrittenFile, WrittenValue, read_written
from engine.rulebook.language.parsing import parser_for
from engine.rulebook.language.printer import to_japanese
from engine.rulebook.language.thresholds import Threshold, Thresholds, read_thresholds
from engine.rulebook.model import RulebookText

_WIDTH = 200
"""How wide a line in brackets may be, in columns; a Japanese character takes two."""

_PLAIN_START = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]|[-?:](?=[^\s,\[\]{}])")
_NOT_TEXT = re.compile(
    r"(?:~|null|true|false|yes|no|on|off|y|n)"
    r"|[-+]?(?:0[0-9]+|0[xob][0-9a-f_]+|[0-9][0-9_]*_[0-9_]*|[0-9]*\.[0-9]*(?:e[-+]?[0-9]+)?|[0-9]+e[-+]?[0-9]+|\.inf|\.nan)"
    r"|[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?|=|<<",
    re.IGNORECASE,
)
"""Plain words that other YAML readers take for no text: an author's editor is one of them."""

_Path = tuple[str | None, ...]
_ORDERS: Mapping[_Path, tuple[str, ...]] = {
    ("閾値", None): ("値", "出典", "改定"),
    ("シナリオ", None, "試験", None, "事実", "世帯員", None): ("続柄",),
}
"""Where the order is not that of the model."""

_IN_BLOCKS = ("条件", "打ち消し", "確認すること", "シナリオ", "試験")
"""What is read line by line is written so, also where it would fit into brackets."""


def format_rulebook(text: str, file: str, vocabulary: Vocabulary, thresholds: Thresholds) -> str:
    """The canonical form of a rulebook file. `file` is its name in messages; `thresholds` are those of all rulebooks.

    Raises KizukiError with every fault for which a file is left as it is: of its YAML, its keys, its sentences.
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    document = parse_yaml(plain, file)
    validate(document, RulebookText, kind="RULE")
    written = read_written(plain)
    if written.root.data != document.data:
        raise AssertionError("the tree of the file is not what the strict reader sees")
    _Canonical(document, vocabulary, thresholds).apply(written.root)
    result = "".join(f"{line}\n" for line in _lines_of(written))
    # What is written is read again: a layout must never change what a rulebook says.
    if parse_yaml(result, file).data != written.root.data:
        raise AssertionError("the formatted file would not say what the author wrote")
    return result


def thresholds_of(texts: Mapping[str, str], vocabulary: Vocabulary, as_of: date = date.max) -> Thresholds:
    """The thresholds of all sound files (text by file name) by folded name; faulty ones are told by `rules check`.

    For the wording any value of a threshold will do, so the newest is taken.
    """
    found: dict[str, Threshold] = {}
    for file, text in texts.items():
        try:
            document = parse_yaml(text.removeprefix("\ufeff").replace("\r\n", "\n"), file)
            book = validate(document, RulebookText, kind="RULE")
        except KizukiError:
            continue
        for read in read_thresholds(document, book.thresholds, vocabulary, as_of):
            if isinstance(read, Threshold):
                found.setdefault(read.name, read)
    return found


# ── what is written: order and wording ──


class _Canonical:
    def __init__(self, document: YamlDocument, vocabulary: Vocabulary, thresholds: Thresholds) -> None:
        self._document = document
        self._vocabulary = vocabulary
        self._thresholds = thresholds
        self._parser = parser_for(vocabulary)
        self._problems: list[Problem] = []

    def apply(self, root: WrittenValue) -> None:
        self._order(root, ())
        for entry in root.entries or ():
            if entry.key == "対象":
                self._condition(entry.value, ("対象",))
            elif entry.key == "シナリオ":
                for index, scenario in enumerate(entry.value.entries or ()):
                    self._scenario(scenario.value, ("シナリオ", index))
        if self._problems:
            raise KizukiError(self._problems)

    def _scenario(self, scenario: WrittenValue, path: tuple[str | int, ...]) -> None:
        for entry in scenario.entries or ():
            if entry.key == "条件":
                self._condition(entry.value, (*path, "条件"))
            elif entry.key == "打ち消し":
                for index, cancel in enumerate(entry.value.entries or ()):
                    self._condition(cancel.value, (*path, "打ち消し", index))

    def _condition(self, value: WrittenValue, path: tuple[str | int, ...]) -> None:
        if value.entries is None:
            value.text = self._sentence(value.text or "", path)
            return
        value.flow = False
        for index, entry in enumerate(value.entries):
            self._condition(entry.value, (*path, entry.key if value.keyed and entry.key is not None else index))

    def _sentence(self, text: str, path: tuple[str | int, ...]) -> str:
        sentence = self._parser.read(text, self._thresholds)
        if not isinstance(sentence, tuple):
            return to_japanese(sentence, self._vocabulary, values=False)
        place = self._document.place(*path, "値") if isinstance(path[-1], str) else self._document.place(*path)
        for fault in sentence:
            at = Place(place.file, place.line, (place.column or 1) + fault.column)
            self._problems.append(Problem(at, fault.code, f"「{text}」: {fault.what}", fault.why, fault.remedy))
        return text

    def _order(self, value: WrittenValue, path: _Path) -> None:
        for entry in value.entries or ():
            step = entry.key if value.keyed and path != ("閾値",) else None
            self._order(entry.value, (*path, step))
            if entry.key in _IN_BLOCKS and value.keyed:
                entry.value.flow = False
                if entry.key in ("シナリオ", "試験"):
                    for item in entry.value.entries or ():
                        item.value.flow = False
        order = _ORDERS.get(path) or _keys_at(path)
        if value.keyed and value.entries and order:
            places = {key: place for place, key in enumerate(order)}
            value.entries.sort(key=lambda entry: places.get(entry.key or "", len(places)))


@cache
def _keys_at(path: _Path) -> tuple[str, ...]:
    """The keys of the mapping at a path of a rulebook (None: any item or name), in the order of its model."""
    there: Any = RulebookText
    for step in path:
        model = _model_in(there)
        if model is not None:
            fields = {field.alias or name: field for name, field in model.model_fields.items()}
            if step not in fields:
                return ()
            there = fields[step].annotation
        else:
            arguments = [one for one in get_args(there) if one is not Ellipsis]
            if not arguments:
                return ()
            there = arguments[-1]
    model = _model_in(there)
    return tuple(field.alias or name for name, field in model.model_fields.items()) if model else ()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation is, or may be (Validity | None)."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Annotated, Union, UnionType):
        return next((model for one in get_args(annotation) if (model := _model_in(one))), None)
    return None


# ── how it is written: lines ──


def scenario_lines(scenarios: WrittenValue, indent: int) -> list[str]:
    """The lines of a list of scenarios in the canonical layout, dashes at `indent`."""
    return list(_block(scenarios, indent, ("シナリオ",)))


def _lines_of(written: WrittenFile) -> Iterator[str]:
    head = _collapsed(written.head)
    yield from head
    yield from _block(written.root, 0, ())
    foot = _collapsed(written.foot)
    while foot and not foot[-1]:
        foot.pop()
    yield from foot


def _collapsed(notes: list[str]) -> list[str]:
    """Several blank lines as one, none at the very top."""
    kept: list[str] = []
    for note in notes:
        if note or (kept and kept[-1]):
            kept.append(note)
    return kept


def _block(value: WrittenValue, indent: int, path: _Path) -> Iterator[str]:
    """The lines of a mapping or a list, one entry after the other."""
    for index, entry in enumerate(value.entries or ()):
        if not value.keyed and entry.beside and entry.value.entries and not _fits(entry.value, indent + 2):
            # Behind a dash alone a comment would seem to belong to the line above.
            entry.above, entry.beside = [*entry.above, entry.beside], None
        yield from _above(entry, index, indent, is_scenario=path == ("シナリオ",))
        inner = (*path, entry.key)
        lines = _keyed(entry, indent, inner) if value.keyed else _item(entry, indent, inner)
        yield from lines
        yield from (" " * indent + note for note in entry.below)


def _above(entry: Entry, index: int, indent: int, *, is_scenario: bool) -> Iterator[str]:
    notes = list(entry.above)
    while notes and not notes[0]:
        notes.pop(0)
    had_gap = len(notes) < len(entry.above)
    if index and (had_gap or is_scenario):
        yield ""
    previous = "x"
    for note in notes:
        if note or previous:
            yield " " * indent + note if note else ""
        previous = note


def _keyed(entry: Entry, indent: int, path: _Path) -> Iterator[str]:
    assert entry.key is not None
    start = " " * indent + _scalar(entry.key, in_flow=False) + ":"
    yield from _after(start, entry, indent, path)


def _item(entry: Entry, indent: int, path: _Path) -> Iterator[str]:
    start = " " * indent + "-"
    value = entry.value
    if not value.entries or _fits(value, len(start) + 1):
        yield from _after(start, entry, indent, path)
        return
    # The first key of an item stands beside its dash, unless a comment must stand between.
    lines = list(_block(value, indent + 2, path))
    if lines[0].strip().startswith("#") or not lines[0].strip():
        yield start
        yield from lines
    else:
        yield start + " " + lines[0][indent + 2 :]
        yield from lines[1:]


def _after(start: str, entry: Entry, indent: int, path: _Path) -> Iterator[str]:
    """A value behind its key or dash: on the same line where it fits, else in the lines below."""
    value = entry.value
    beside = f"  {entry.beside}" if entry.beside else ""
    if value.entries is None:
        first, *rest = _text_lines(value, indent + 2)
        yield f"{start} {first}{beside}".rstrip() if first else start + beside
        yield from rest
    elif not value.entries or _fits(value, _columns(start) + 1):
        yield f"{start} {_flow(value)}{beside}"
    else:
        yield start + beside
        yield from _block(value, indent + 2, path)


def _fits(value: WrittenValue, columns: int) -> bool:
    """Whether a collection is written in brackets: the author did, no comment stands inside, and the line is not too wide."""
    if not value.flow or value.entries is None or any(entry.is_commented for entry in value.entries):
        return False
    return columns + _columns(_flow(value)) <= _WIDTH


def _flow(value: WrittenValue) -> str:
    if value.entries is None:
        return "null" if value.text is None else _scalar(value.text, in_flow=True)
    if value.keyed:
        parts = []
        for entry in value.entries:
            text = "" if entry.value.entries is None and entry.value.text is None else " " + _flow(entry.value)
            parts.append(f"{_scalar(entry.key or '', in_flow=True)}:{text}")
        return "{" + ", ".join(parts) + "}"
    return "[" + ", ".join(_flow(entry.value) for entry in value.entries) + "]"


def _text_lines(value: WrittenValue, indent: int) -> list[str]:
    if value.text is None:
        return [""]
    if not value.block_text or ("\n" not in value.text.rstrip("\n") and not value.text.endswith("\n")):
        return [_scalar(value.text, in_flow=False)]
    body = value.text.rstrip("\n")
    if not body or body[0] in " \n" or any(line != line.rstrip() for line in body.split("\n")):
        return [_quoted(value.text)]
    ending = len(value.text) - len(body)
    mark = "|-" if not ending else "|" if ending == 1 else "|+"
    lines = [" " * indent + line if line else "" for line in body.split("\n")]
    return [mark, *lines, *[""] * (ending - 1)]


def _scalar(text: str, *, in_flow: bool) -> str:
    """Text without quotes where every reader of YAML takes it for that text, else with double ones."""
    plain = (
        text == text.strip()
        and "\n" not in text
        and _PLAIN_START.match(text)
        and not _NOT_TEXT.fullmatch(text)
        and ": " not in text
        and not text.endswith(":")
        and not re.search(r"\s#", text)
        and not text.startswith(("---", "..."))
        and not (in_flow and re.search(r"[,\[\]{}]|:(?=[,\[\]{}]|$)", text))
        and not any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in text)
    )
    return text if plain else _quoted(text)


_ESCAPES: Mapping[str, str] = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\u0085": "\\N"}


def _quoted(text: str) -> str:
    escaped = (
        _ESCAPES.get(c) or (f"\\u{ord(c):04X}" if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and ord(c) < 65536 else c)
        for c in text
    )
    return '"' + "".join(escaped) + '"'


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "FWA" else 1 for char in text)


