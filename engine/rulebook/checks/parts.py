"""The parts of a scenario with their places in the file, and how a message names them."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.errors import Place
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.printer import to_japanese
from engine.rulebook.model import Scenario

Path_ = tuple[str | int, ...]

TARGET: Path_ = ("対象",)
CONDITION: Path_ = ("条件",)


def cancel_path(index: int) -> Path_:
    """Path of one 打ち消し."""
    return ("打ち消し", index)


def parts_of(group: s.Group, path: Path_) -> Iterator[tuple[s.Condition, Path_]]:
    """The parts of a group, each with its path in the file."""
    for index, part in enumerate(group.parts):
        yield part, (*path, group.heading) if group.kind == "次でない" else (*path, group.heading, index)


def required_parts(condition: s.Condition, path: Path_) -> Iterator[tuple[s.Condition, Path_]]:
    """The parts that must all be met, through すべて within すべて."""
    if isinstance(condition, s.Group) and (
        condition.kind == "すべて" or (condition.kind == "いずれか" and len(condition.parts) == 1)
    ):
        for part, place in parts_of(condition, path):
            yield from required_parts(part, place)
    else:
        yield condition, path


def roots(scenario: Scenario) -> Iterator[tuple[s.Condition, Path_]]:
    """対象, 条件 and every 打ち消し."""
    yield scenario.target, TARGET
    yield scenario.condition, CONDITION
    for index, cancel in enumerate(scenario.cancels):
        yield cancel, cancel_path(index)


def place_of(scenario: Scenario, path: Path_) -> Place:
    """Where a part begins: a list item where it stands, a value behind its key."""
    behind = (*path, "値")
    return scenario.place_of(*(behind if isinstance(path[-1], str) and behind in scenario.marks else path))


def located_sentences(scenario: Scenario) -> Iterator[tuple[s.Sentence, Place]]:
    """Every sentence of a scenario with its own place."""

    def walk(condition: s.Condition, path: Path_) -> Iterator[tuple[s.Sentence, Place]]:
        if isinstance(condition, s.Group):
            for part, below in parts_of(condition, path):
                yield from walk(part, below)
        else:
            yield condition, place_of(scenario, path)

    for condition, path in roots(scenario):
        yield from walk(condition, path)


def named(condition: s.Condition, vocabulary: Vocabulary) -> str:
    """A part as a message names it: a sentence in full, a group by its heading and its first parts."""
    if not isinstance(condition, s.Group):
        return f"「{to_japanese(condition, vocabulary)}」"
    first = named(condition.parts[0], vocabulary) if condition.parts else ""
    return f"「{condition.heading}」({first}{'など' if len(condition.parts) > 1 else ''})"
