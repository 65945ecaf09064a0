"""Strict YAML with positions: scalars stay text, and what people mistype is refused at its line and column.

Rulebooks, the vocabulary and source layouts are edited by people who are not programmers. Ordinary loaders read
`010` as 8, `no` as false and `12:30` as 750, let the last of two equal keys win, and turn a full-width indent into
a silently missing condition. Here every scalar is the text that was written, and every doubtful thing is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.misfits import StrictModel as StrictModel
from engine.kernel.misfits import misfit
from engine.kernel.misfits import near_name as near_name
from engine.kernel.yaml_faults import (
    continued_problem,
    dash_problem,
    odd_dash,
    parser_problem,
    swallowed_key,
    swallowed_problem,
    text_problems,
)

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 50_000

Path_ = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class YamlDocument:
    """A YAML file as nested dicts, lists and text, with the place of every key and value, and the SHA-256 of its bytes.

    `marks` maps a path such as ("シナリオ", 0, "条件") to its (line, column), both from 1. An empty value is None.
    """

    file: str
    data: Any
    sha256: str
    marks: Mapping[Path_, tuple[int, int]] = field(repr=False)

    def place(self, *path: str | int) -> Place:
        """The position of a path, or of the nearest enclosing one that exists."""
        while path and path not in self.marks:
            path = path[:-1]
        line, column = self.marks.get(path, (1, 1))
        return Place(self.file, line, column)


def read_yaml(path: Path, root: Path | None = None) -> YamlDocument:
    """Read one file; `root` shortens the name shown in messages. Raises KizukiError with every fault found."""
    shown = str(path.relative_to(root)) if root and path.is_relative_to(root) else path.name
    if not path.is_file():
        raise _fault(
            shown,
            None,
            "07",
            "ファイルがありません。",
            "このファイルがないと処理を始められません。",
            "ファイルを戻すか、名前を確かめてください。",
        )
    if path.stat().st_size > MAX_BYTES:
        raise _too_large(shown)
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(raw, error.start, shown) from None
    return replace(parse_yaml(text, shown), sha256=hashlib.sha256(raw).hexdigest())


def _not_utf8(raw: bytes, start: int, shown: str) -> KizukiError:
    if raw[:2] == b"PK":
        return _fault(
            shown,
            None,
            "01",
            "文字のファイルではありません。Excelのブックなどの中身です。",
            "ルールとして読めません。",
            "元の文字のファイルに戻してください(Excelではなく、メモ帳などで開いて直します)。",
        )
    line = raw[:start].count(b"\n") + 1
    saved_as = ""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        saved_as, line = "UTF-16(メモ帳の「Unicode」)で保存されています。", 1
    else:
        try:
            raw.decode("cp932")
            saved_as = "Shift_JIS(メモ帳の「ANSI」)で保存されているようです。"
        except UnicodeDecodeError:
            pass
    what = f"文字コードがUTF-8ではありません。{saved_as}"
    remedy = "メモ帳などの「名前を付けて保存」で、文字コードを「UTF-8」にして保存し直してください。"
    return _fault(shown, line, "01", what, "このままでは文字を正しく読めません。", remedy)


@lru_cache(maxsize=64)
def parse_yaml(text: str, file: str) -> YamlDocument:
    """Parse text as one strict document. The same text is parsed once; nobody changes what comes of it."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _too_large(file)
    problems = text_problems(text, file)
    if any(problem.code == "E-YAML-06" for problem in problems):
        raise KizukiError(problems)  # a parser may stop anywhere on such characters
    builder = _Builder(file, text.split("\n"))
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except KizukiError as error:
        raise KizukiError(_once_a_line([*problems, *builder.problems, *error.problems])) from None
    except MarkedYAMLError as error:
        found = parser_problem(error, text, file)
        raise KizukiError(_once_a_line([*problems, *builder.problems, found])) from None
    except (YAMLError, ValueError, TypeError, AttributeError, RecursionError, IndexError):
        what, why = "YAMLとして読めません。", "このファイルの内容は使えません。"
        raise _fault(file, None, "02", what, why, "直前に変更した箇所を見直してください。") from None
    problems += [*builder.problems, *builder.swallowed()]
    if problems:
        raise KizukiError(_once_a_line(problems))
    return YamlDocument(file, builder.root, hashlib.sha256(text.encode()).hexdigest(), builder.marks)


def _once_a_line(problems: list[Problem]) -> list[Problem]:
    """The parser stumbles over what was found in the text already: a line is told once."""
    told: dict[tuple[int | None, str], Problem] = {}
    lines: set[int | None] = set()
    for problem in problems:
        if problem.code == "E-YAML-11" or problem.place.line not in lines:
            told.setdefault((problem.place.line, problem.code), problem)
        lines.add(problem.place.line)
    return list(told.values())


def _too_large(file: str) -> KizukiError:
    return _fault(
        file,
        None,
        "03",
        f"ファイルが大きすぎます(上限{MAX_BYTES // 1024}KB)。",
        "誤って別の内容が混ざったおそれがあります。",
        "ファイルを分けてください。",
    )


def validate(document: YamlDocument, model: type[Model], *, kind: str, base: Path_ = ()) -> Model:
    """Turn (part of) a document into a pydantic model; every misfit becomes a Problem at its place.

    `kind` is the error family (VOCAB, LAYOUT, RULE, TIER, CONF). Unknown keys get a near name as a suggestion.
    """
    data = document.data
    for step in base:
        data = data[step]
    if data is None and not base:
        why = "これがないと処理を始められません。"
        raise _fault(
            document.file, 1, "21", "ファイルに何も書かれていません。", why, "控えから戻すか、書き直してください。"
        )
    try:
        return model.model_validate(data if data is not None else {})
    except ValidationError as error:
        raise KizukiError([_misfit(document, base, model, kind, dict(item)) for item in error.errors()]) from None


def _misfit(document: YamlDocument, base: Path_, model: type[BaseModel], kind: str, item: dict[str, Any]) -> Problem:
    path = (*base, *(step for step in item["loc"] if step != "[key]"))
    number, what, why, remedy = misfit(model, item)
    exact = (*path, "値") if number in ("93", "94") and (*path, "値") in document.marks else path
    return Problem(document.place(*exact), f"E-{kind}-{number}", what, why, remedy)


def _fault(file: str, line: int | None, number: str, what: str, why: str, remedy: str) -> KizukiError:
    return KizukiError(Problem(Place(file, line), f"E-YAML-{number}", what, why, remedy))


@dataclass
class _Frame:
    """A mapping or list that is being filled. `key` is the key that waits for its value."""

    container: dict[str, Any] | list[Any]
    path: Path_
    key: str | None = None


class _Builder:
    """Builds the document from parser events in one pass, refusing what the strict dialect does not know."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.root: Any = None
        self.marks: dict[Path_, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._lines = lines
        self._continued: list[int] = []
        self._stack: list[_Frame] = []
        self._nodes = 0
        self._documents = 0
        self._texts: list[tuple[str, Place]] = []
        self._keys: set[str] = set()

    def swallowed(self) -> list[Problem]:
        """Keys that were read as part of a text, because the colon behind them is none."""
        found = []
        for text, place in self._texts:
            if key := swallowed_key(text, self._keys):
                found.append(swallowed_problem(place, *key))
        for number in self._continued:
            if number < len(self._lines):
                place = Place(self._file, number + 1)
                problem = continued_problem(self._lines[number], self._lines[number - 1], place, self._keys)
                found += [problem] if problem else []
        return found

    def take(self, event: Any) -> None:
        """Add one event. Raises KizukiError for anchors, tags, complex keys and too much of anything."""
        mark = event.start_mark
        place = Place(self._file, mark.line + 1, mark.column + 1) if mark else Place(self._file)
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise KizukiError(
                Problem(
                    place,
                    "E-YAML-08",
                    "「&」「*」による使い回しは使えません。",
                    "読む人から内容が見えなくなります。",
                    "同じ内容をもう一度書いてください。",
                )
            )
        if isinstance(event, (ScalarEvent, CollectionStartEvent)):
            if _explicit_tag(event):
                raise KizukiError(
                    Problem(
                        place,
                        "E-YAML-09",
                        "「!」で始まる型の指定は使えません。",
                        "書いたとおりの文字として読むためです。",
                        "「!」から始まる語を消してください。",
                    )
                )
            self._nodes += 1
            self._node(event, place)
        elif isinstance(event, CollectionEndEvent):
            self._stack.pop()
        if isinstance(event, DocumentStartEvent):
            self._document(event, place)
        if len(self._stack) > MAX_DEPTH or self._nodes > MAX_NODES:
            deep = len(self._stack) > MAX_DEPTH
            raise KizukiError(
                Problem(
                    place,
                    "E-YAML-10",
                    f"段が深すぎます(上限{MAX_DEPTH}段)。" if deep else f"項目が多すぎます(上限{MAX_NODES:,}個)。",
                    "人が読んで確かめられる大きさを超えています。",
                    "ファイルを分けるか、段を減らしてください。",
                )
            )

    def _document(self, event: Any, place: Place) -> None:
        self._documents += 1
        if getattr(event, "version", None) or getattr(event, "tags", None):
            what = "「%」で始まる行は使えません。"
            raise KizukiError(
                Problem(place, "E-YAML-18", what, "書いたとおりの文字として読むためです。", "その行を消してください。")
            )
        if self._documents > 1:
            raise KizukiError(
                Problem(
                    place,
                    "E-YAML-20",
                    "「---」か「...」で、1つのファイルが2つに分かれています。",
                    "後ろの部分が黙って使われないおそれがあります。",
                    "区切りの行を消すか、ファイルを分けてください。",
                )
            )

    def _node(self, event: Any, place: Place) -> None:
        position = (place.line or 1, place.column or 1)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and isinstance(frame.container, dict) and frame.key is None:
            self._key(event, frame, place, position)
            return
        path: Path_ = ()
        value = _value_of(event)
        if isinstance(value, str) and not event.style:
            self._plain_text(value, event, place)
        if frame is None:
            self.root = value
        elif isinstance(frame.container, list):
            path = (*frame.path, len(frame.container))
            frame.container.append(value)
        else:
            assert frame.key is not None
            path = (*frame.path, frame.key)
            frame.container.setdefault(frame.key, value)
            self.marks.setdefault((*path, "値"), position)
            frame.key = None
        self.marks.setdefault(path, position)
        if not isinstance(event, ScalarEvent):
            self._stack.append(_Frame(value, path))

    def _plain_text(self, value: str, event: Any, place: Place) -> None:
        """Notes texts without quotes that look as if a list or a key was meant."""
        if dash := odd_dash(value):
            self.problems.append(dash_problem(place, dash))
        self._texts.append((value, place))
        # A line that continues a text may be an item or a key that was indented too far.
        self._continued += range(event.start_mark.line + 1, event.end_mark.line + 1)

    def _key(self, event: Any, frame: _Frame, place: Place, position: tuple[int, int]) -> None:
        if not isinstance(event, ScalarEvent):
            raise KizukiError(
                Problem(
                    place,
                    "E-YAML-02",
                    "項目名が文字ではありません。",
                    "何の項目か決められません。",
                    "「項目名: 値」の形に直してください。",
                )
            )
        if event.value == "<<" and not event.style:
            raise KizukiError(
                Problem(
                    place,
                    "E-YAML-08",
                    "「<<」による使い回しは使えません。",
                    "読む人から内容が見えなくなります。",
                    "同じ内容をもう一度書いてください。",
                )
            )
        if not event.style and (colon := next((c for c in event.value if c in ":："), None)):
            self.problems.append(swallowed_problem(place, event.value.split(colon)[0], colon))
        self._keys.add(event.value)
        if event.value in frame.container:
            self.problems.append(
                Problem(
                    place,
                    "E-YAML-11",
                    f"「{event.value}」が2回書かれています。",
                    "どちらが正しいか決められません。",
                    "1つにまとめてください。",
                )
            )
        frame.key = event.value
        self.marks.setdefault((*frame.path, event.value), position)


def _value_of(event: Any) -> Any:
    """What an event becomes: its text (None if nothing was written), or a mapping or list still to be filled."""
    if isinstance(event, ScalarEvent):
        return None if event.value == "" and not event.style else event.value
    return {} if isinstance(event, MappingStartEvent) else []


def _explicit_tag(event: Any) -> bool:
    tag = getattr(event, "tag", None) or getattr(event, "ctag", None)
    return bool(tag) and str(tag) not in ("None", "")
