"""The dictionary of items: walked from the classes of what a template sees, so that an item can neither be missing nor linger; each with a meaning and an example."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from reports.figures.figure import Figure
from reports.placeholders.meanings import ITEM_NAMES, MEANINGS, TITLES
from reports.renderer.fill import Link

_EXAMPLE = 40  # letters of an example that are shown


@dataclass(frozen=True)
class Item:
    """One item: how a cell names it, what it means, an example from the made-up week (empty where it is blank there). `is_list`: repeated by a tag in column A."""

    path: str
    meaning: str
    example: str
    is_list: bool


@dataclass(frozen=True)
class Section:
    """The items of one thing: the book, a household, a member …"""

    title: str
    items: tuple[Item, ...]


def dictionary(root: Any) -> list[Section]:
    """Every item that can be reached from what a template calls `book`, the book first. Raises KeyError for an item without a meaning."""
    found: dict[type, list[Any]] = {}
    _gather(root, found)
    return [_section(kind, instances) for kind, instances in found.items()]


def items_of(kind: type) -> dict[str, Any]:
    """Names and types of what a template may ask of a class: its fields and its public properties."""
    hints = typing.get_type_hints(kind)
    properties = {
        name: typing.get_type_hints(getattr(kind, name).fget).get("return")
        for name in vars(kind)
        if isinstance(getattr(kind, name), property) and not name.startswith("_")
    }
    return {**{one.name: hints[one.name] for one in fields(kind)}, **properties}


def _gather(value: Any, found: dict[type, list[Any]]) -> None:
    if isinstance(value, tuple):
        for one in value:
            _gather(one, found)
    elif _is_view(value):
        found.setdefault(type(value), []).append(value)
        for name in items_of(type(value)):
            _gather(getattr(value, name), found)


def _is_view(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, Figure | Link | type)


def _section(kind: type, instances: list[Any]) -> Section:
    return Section(TITLES[kind.__name__], tuple(_items(kind, instances)))


def _items(kind: type, instances: list[Any]) -> Iterator[Item]:
    for name in items_of(kind):
        values = [getattr(one, name) for one in instances]
        example = next((told for told in map(_told, values) if told), "")
        is_list = any(isinstance(value, tuple) for value in values)
        yield Item(f"{ITEM_NAMES[kind.__name__]}.{name}", MEANINGS[kind.__name__, name], example, is_list)


def _told(value: Any) -> str:
    """A short example. Of a list of texts or numbers its first; a figure and a list of things have none."""
    if isinstance(value, tuple):
        return next((told for told in map(_told, value) if told), "")
    if isinstance(value, Link):
        value = value.text
    if isinstance(value, str | int | date):
        text = " ".join(str(value).split())
        return text if len(text) <= _EXAMPLE else text[:_EXAMPLE] + "…"
    return ""
