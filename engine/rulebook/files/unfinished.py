"""What an author has still to write: full-width brackets that begin 「（ここに」. While one is left, no draft ever counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.kernel.errors import Problem
from engine.kernel.strict_yaml import YamlDocument

_UNFINISHED = re.compile(r"[（(]ここに[^（）()]*[）)]?")

Path_ = tuple[str | int, ...]


def unfinished(document: YamlDocument) -> Iterator[Problem]:
    """Every text of a rulebook in which the author has still something to write (E-RULE-60)."""
    for path, text in _texts(document.data, ()):
        if found := _UNFINISHED.search(text):
            place = document.place(*path, "値") if isinstance(path[-1], str) else document.place(*path)
            yield Problem(
                place,
                "E-RULE-60",
                f"書きかけのところがあります{found[0] if found[0].endswith(('）', ')')) else '（ここに…）'}。",
                "書き終わるまで、このルールブックは判定に使えません。",
                "（ここに…）をかっこごと消して書いてください。要らない行なら、行ごと消してください。",
            )


def _texts(data: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, (*path, index))
