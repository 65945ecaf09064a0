"""A scenario as it was judged in a run: its lines in plain words over numbered conditions, kept with the run's record.

Whoever reads a record months later needs neither the rulebooks nor a parser: an outline and the numbered truths of a
child say which sentence was ○, × or ？, and what every group and scenario made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.records.case import HardshipType, Strength


@dataclass(frozen=True)
class OutlineLine:
    """One line of a scenario: a sentence with its number in the run's plan (from 1), or a group with its parts.

    `text` is what stands in the rulebook: the sentence, or すべて, いずれか, n つ以上, 次でない. `needed` is n of n以上. `refers_to` names the
    scenario whose standing hit the sentence asks for (該当する), or whose lack (`refers_positive` False: 該当しない).
    `describes`: the sentence only describes a person (年齢, 学年, 困りごとではない項目), which nobody could change.
    `if_met`, `if_not_met`: what follows for certain for other sentences of the run if this one is ○, or ×: their numbers, negative
    where they are × then (欠席20日以上 is ○: 欠席10日以上 too). Not every consequence is known.
    """

    text: str
    kind: Literal["文", "すべて", "いずれか", "n以上", "次でない"] = "文"
    number: int = 0
    parts: tuple[OutlineLine, ...] = ()
    needed: int = 0
    refers_to: str | None = None
    refers_positive: bool = True
    describes: bool = False
    if_met: tuple[int, ...] = ()
    if_not_met: tuple[int, ...] = ()

    def sentences(self) -> Iterator[OutlineLine]:
        """Every sentence under this line, from first to last."""
        if self.kind == "文":
            yield self
        for part in self.parts:
            yield from part.sentences()


@dataclass(frozen=True)
class ScenarioOutline:
    """One scenario of a run. `target` is the rulebook's 対象; `file`, `line` and `column` say where the scenario is written."""

    id: str
    hardship_type: HardshipType
    name: str
    purpose: str
    strength: Strength
    source: str
    file: str
    line: int
    column: int
    target: OutlineLine
    condition: OutlineLine
    cancels: tuple[OutlineLine, ...] = ()
    ask: tuple[str, ...] = ()

    def sentences(self) -> Iterator[OutlineLine]:
        """Every sentence of 対象, 条件 and 打ち消し, from first to last, repeated where it is written twice."""
        for part in (self.target, self.condition, *self.cancels):
            yield from part.sentences()
