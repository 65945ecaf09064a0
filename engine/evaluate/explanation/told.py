"""The scenarios of a plan, made ready to be told of one child after another: each sentence with its number and its own words.

Equal sentences share a number and an answer, but not their words: two rulebooks may call the same 90 days by two names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.evaluate.plan import Plan, PlannedScenario
from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.rulebook.language import syntax as s
from engine.rulebook.language.printer import to_japanese


@dataclass(frozen=True)
class ToldSentence:
    """A sentence as its scenario words it, and its number in the plan."""

    text: str
    number: int


@dataclass(frozen=True)
class ToldGroup:
    """すべて, いずれか, 次でない or n以上 of the parts."""

    heading: str
    kind: Literal["すべて", "いずれか", "n以上", "次でない"]
    needed: int
    parts: tuple[ToldSentence | ToldGroup, ...]


Told = ToldSentence | ToldGroup
Truths = Sequence[Truth]
"""The truth of every condition of the plan, at its number; place 0 is not used."""


@dataclass(frozen=True)
class ToldScenario:
    """What must be met (`requirement`: 対象 and 条件), and what cancels."""

    planned: PlannedScenario
    requirement: ToldGroup
    cancels: tuple[Told, ...]


def told_scenarios(plan: Plan) -> tuple[ToldScenario, ...]:
    """Every scenario of the plan, in its order."""
    return tuple(
        ToldScenario(
            planned,
            ToldGroup(
                "すべて",
                "すべて",
                0,
                (_told(plan, planned.scenario.target), _told(plan, planned.scenario.condition)),
            ),
            tuple(_told(plan, cancel) for cancel in planned.scenario.cancels),
        )
        for planned in plan.scenarios
    )


def truth_in(part: Told, truths: Truths) -> Truth:
    """The truth of a tree from the truths of its sentences."""
    if isinstance(part, ToldSentence):
        return truths[part.number]
    return combined(part, [truth_in(each, truths) for each in part.parts])


def combined(group: ToldGroup, truths: list[Truth]) -> Truth:
    """The truth of a group from the truths of its parts."""
    match group.kind:
        case "すべて":
            return kleene.all_of(truths)
        case "いずれか":
            return kleene.any_of(truths)
        case "次でない":
            return ~truths[0]
        case "n以上":
            return kleene.at_least(group.needed, truths)


def open_in(part: Told, truths: Truths) -> Iterator[ToldSentence]:
    """Unknown sentences under unknown groups: a group that is decided leaves nothing to ask."""
    if truth_in(part, truths) is not Truth.UNKNOWN:
        return
    if isinstance(part, ToldSentence):
        yield part
        return
    for each in part.parts:
        yield from open_in(each, truths)


def _told(plan: Plan, condition: s.Condition) -> Told:
    if isinstance(condition, s.Group):
        parts = tuple(_told(plan, part) for part in condition.parts)
        return ToldGroup(condition.heading, condition.kind, condition.needed, parts)
    return ToldSentence(to_japanese(condition, plan.vocabulary), plan.number_of(condition))
