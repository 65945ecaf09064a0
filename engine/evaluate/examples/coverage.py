"""Condition coverage: which truths of each sentence the in-file examples have shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.kernel.truth import Truth
from engine.rulebook.language.syntax import Members, Refers, Sentence

Part = Literal["対象", "条件", "打ち消し"]


@dataclass(frozen=True)
class Coverage:
    """One sentence of one scenario and the truths that its examples have shown.

    対象 belongs to a whole rulebook, so that any of its examples may exercise it; its `scenario_id` is the rulebook's name
    with 対象.
    """

    scenario_id: str
    rulebook: str
    part: Part
    text: str
    sentence: Sentence
    seen: frozenset[Truth]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The words for what no example shows; 不明 is welcome but not demanded."""
        return tuple(truth.label for truth in (Truth.MET, Truth.NOT_MET) if truth not in self.seen)

    @property
    def can_be_unknown(self) -> bool:
        """Whether missing data can make the sentence unknown: who lives in the household is always known."""
        return not (isinstance(self.sentence, Members) and not self.sentence.who.modifiers)

    @property
    def refers(self) -> bool:
        """Whether the sentence asks for another scenario's result."""
        return isinstance(self.sentence, Refers)

    @property
    def wanted(self) -> tuple[Truth, ...]:
        """The truths that examples can show."""
        return (Truth.MET, Truth.NOT_MET, Truth.UNKNOWN) if self.can_be_unknown else (Truth.MET, Truth.NOT_MET)


def percentage(coverage: Iterable[Coverage], truths: Iterable[Truth] = tuple(Truth)) -> int:
    """Of all truths (or those asked for) that the sentences can show, how many hundredths examples have shown.

    Rounded down, so that 100 means all. Nothing to show is 100.
    """
    asked = tuple(truths)
    shown = wanted = 0
    for one in coverage:
        possible = [truth for truth in one.wanted if truth in asked]
        wanted += len(possible)
        shown += sum(truth in one.seen for truth in possible)
    return 100 * shown // wanted if wanted else 100
