"""Strict YAML with positions: scalars stay text, and what people mistype is refused at its line and column.

Rulebooks, the vocabulary and source layouts are edited by people who are not programmers. Ordinary loaders read
`010` as 8, `no` as false and `12:30` as 750, let the last of two equal keys win, and turn a full-width indent into
a silently missing condition. Here every scalar is the text that was written, and every doubtful thing is an error.
"""

from __future__ import annotations

import hashlib
import re
import types
import typing
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
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


class StrictModel(BaseModel):
    """Base of everything read from YAML: unknown keys are errors, values do not change, Japanese keys are aliases."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


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
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _fault(
            shown,
            line,
            "01",
            "文字コードがUTF-8ではありません。",
            "このままでは文字を正しく読めません。",
            "UTF-8で保存し直してください。",
        ) from None
    return replace(parse_yaml(text, shown), sha256=hashlib.sha256(raw).hexdigest())


@lru_cache(maxsize=64)
def parse_yaml(text: str, file: str) -> YamlDocument:
    """Parse text as one strict document. Kept: two versions of a city's rules differ in few files. Do not change its data."""
    problems = _check_text(text, file)
    if problems:
        raise KizukiError(problems)
    builder = _Builder(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except KizukiError:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        raise KizukiError(_from_parser(place)) from None
    except (YAMLError, ValueError, TypeError, AttributeError, RecursionError):
        raise _fault(
            file,
            None,
            "02",
            "YAMLとして読めません。",
            "このファイルの内容は使えません。",
            "直前に変更した箇所を見直してください。",
        ) from None
    if builder.problems:
        raise KizukiError(builder.problems)
    return YamlDocument(file, builder.root, hashlib.sha256(text.encode()).hexdigest(), builder.marks)


def validate(document: YamlDocument, model: type[Model], *, kind: str, base: Path_ = ()) -> Model:
    """Turn (part of) a document into a pydantic model; every misfit becomes a Problem at its place.

    `kind` is the error family (VOCAB, LAYOUT, RULE, TIER, CONF). Unknown keys get a near name as a suggestion.
    """
    data = document.data
    for step in base:
        data = data[step]
    try:
        return model.model_validate(data if data is not None else {})
    except ValidationError as error:
        raise KizukiError(
            [_from_pydantic(document, base, model, kind, dict(item)) for item in error.errors()]
        ) from None


def _fault(file: str, line: int | None, number: str, what: str, why: str, remedy: str) -> KizukiError:
    return KizukiError(Problem(Place(file, line), f"E-YAML-{number}", what, why, remedy))


_FULL_WIDTH_COLON = re.compile(r"^[  \t-]*[^\s:#'\"{\[「『]{1,40}：\s*\S*")


def _check_text(text: str, file: str) -> list[Problem]:
    if len(text.encode()) > MAX_BYTES:
        return list(
            _fault(
                file,
                None,
                "03",
                f"ファイルが大きすぎます(上限{MAX_BYTES // 1024}KB)。",
                "誤って別の内容が混ざったおそれがあります。",
                "ファイルを分けてください。",
            ).problems
        )
    problems = []
    for number, line in enumerate(text.split("\n"), start=1):
        indent = line[: len(line) - len(line.lstrip())]
        if "　" in indent or "\t" in indent or "\u00a0" in indent:
            column = min(i for i, c in enumerate(indent) if c in "　\t\u00a0") + 1
            name = "タブ" if indent[column - 1] == "\t" else "全角の空白"
            problems.append(
                Problem(
                    Place(file, number, column),
                    "E-YAML-04",
                    f"字下げに{name}が使われています。",
                    "段がずれて、条件が黙って消えるおそれがあります。",
                    "半角の空白で字下げしてください。",
                )
            )
        stripped = line.strip()
        colon = stripped.find("：")
        if (
            colon > 0
            and not stripped.startswith("#")
            and ":" not in stripped
            and _FULL_WIDTH_COLON.match(line)
            and not stripped.startswith("- ")
        ):
            problems.append(
                Problem(
                    Place(file, number, line.index("：") + 1),
                    "E-YAML-05",
                    "全角の「：」が使われています。",
                    "項目名と値が分かれず、1つの文として読まれてしまいます。",
                    "半角の「: 」(うしろに空白)に直してください。",
                )
            )
        for column, char in enumerate(line, start=1):
            if unicodedata.category(char) in ("Cc", "Cf") and char not in "\t\r\ufeff\u200d":
                problems.append(
                    Problem(
                        Place(file, number, column),
                        "E-YAML-06",
                        f"目に見えない文字(U+{ord(char):04X})が入っています。",
                        "見た目と違う意味に読まれるおそれがあります。",
                        "その文字を消してください。",
                    )
                )
                break
    return problems


@dataclass
class _Frame:
    """A mapping or list that is being filled. `key` is the key that waits for its value."""

    container: dict[str, Any] | list[Any]
    path: Path_
    key: str | None = None


class _Builder:
    """Builds the document from parser events in one pass, refusing what the strict dialect does not know."""

    def __init__(self, file: str) -> None:
        self.root: Any = None
        self.marks: dict[Path_, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._stack: list[_Frame] = []
        self._nodes = 0
        self._documents = 0

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
        self._documents += isinstance(event, DocumentStartEvent)
        if len(self._stack) > MAX_DEPTH or self._nodes > MAX_NODES or self._documents > 1:
            raise KizukiError(
                Problem(
                    place,
                    "E-YAML-10",
                    "段が深すぎるか、項目が多すぎるか、「---」で複数に分かれています。",
                    "人が読んで確かめられる大きさを超えています。",
                    "ファイルを分けるか、段を減らしてください。",
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
        if event.value in frame.container:
            self.problems.append(
                Problem(
                    place,
                    "E-YAML-11",
                    "同じ項目名が2回書かれています。",
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


def _from_parser(place: Place) -> Problem:
    return Problem(
        place,
        "E-YAML-02",
        "YAMLとして読めません。",
        "ここより後の内容がつながらなくなっています。",
        "字下げ、「: 」のあとの空白、かっこや引用符の閉じ忘れを確かめてください。",
    )


def near_name(word: str, candidates: typing.Iterable[str], *, cutoff: float = 0.5) -> str | None:
    """The candidate that a person most likely meant, or None when nothing is closer than `cutoff` (1: equal)."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(candidates), n=1, cutoff=cutoff)
    return found[0] if found else None


def _from_pydantic(
    document: YamlDocument, base: Path_, model: type[BaseModel], kind: str, item: dict[str, Any]
) -> Problem:
    path = (*base, *(step for step in item["loc"] if step not in ("[key]",)))
    name = next((str(step) for step in reversed(item["loc"]) if isinstance(step, str)), "全体")
    place = document.place(*path)
    match item["type"]:
        case "extra_forbidden":
            near = near_name(name, _keys_at(model, item["loc"][:-1]))
            hint = f"「{near}」ではありませんか。" if near else "項目名を確かめてください。"
            return Problem(
                place,
                f"E-{kind}-90",
                f"「{name}」という項目はここに書けません。",
                "読み飛ばすと意図と違う動きになります。",
                hint,
            )
        case "missing":
            return Problem(
                place,
                f"E-{kind}-91",
                f"「{name}」がありません。",
                "これがないと意味が決まりません。",
                f"「{name}: …」を書き足してください。",
            )
        case "value_error":
            return Problem(place, f"E-{kind}-92", str(item["ctx"]["error"]), "", "値を直してください。")
        case "literal_error" | "enum":
            return Problem(
                place,
                f"E-{kind}-93",
                f"「{name}」の値が選択肢にありません。",
                "意味が決まりません。",
                f"次のどれかにしてください: {_choices(item['ctx']['expected'])}",
            )
        case _:
            return Problem(
                place,
                f"E-{kind}-94",
                f"「{name}」の値の形が違います。",
                "数・日付・一覧などの決まった形で読めません。",
                "ほかの箇所の書き方にならって直してください。",
            )


def _choices(expected: str) -> str:
    """pydantic's "'強', '中' or '弱'" as 強・中・弱."""
    return "・".join(re.findall(r"'([^']*)'", expected)) or expected


def _keys_at(model: Any, loc: tuple[str | int, ...]) -> list[str]:
    for step in loc:
        if isinstance(model, type) and issubclass(model, BaseModel):
            model = next((f.annotation for n, f in model.model_fields.items() if step in (n, f.alias)), None)
        else:
            arguments = typing.get_args(model)
            model = next((a for a in reversed(arguments) if a is not Ellipsis), None)  # tuple[X, ...], dict[str, X]
        if typing.get_origin(model) in (types.UnionType, typing.Union):
            model = next((a for a in typing.get_args(model) if a is not type(None)), None)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [f.alias or n for n, f in model.model_fields.items()]
    return []
