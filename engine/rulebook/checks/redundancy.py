"""Conditions that change nothing, because others say the same or more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.kernel.errors import Problem
from engine.records.vocabulary import Vocabulary
from engine.rulebook.checks.parts import CONDITION, TARGET, Path_, named, parts_of, place_of, required_parts
from engine.rulebook.checks.reasoning import Reasoner
from engine.rulebook.language import syntax as s
from engine.rulebook.model import Scenario

Located = tuple[s.Condition, Path_]


def redundant_parts(scenario: Scenario, reasoner: Reasoner, vocabulary: Vocabulary) -> Iterator[Problem]:
    """W-RULE-02: implied by what is required anyway. W-RULE-03: an alternative within another. W-RULE-04: always so.

    Only for scenarios that can be met; of two parts that say the same, the later one is told.
    """
    finder = _Finder(scenario, reasoner, vocabulary)
    yield from finder.required(list(required_parts(scenario.target, TARGET)), scenario.condition, CONDITION)
    yield from finder.cancels()


class _Finder:
    def __init__(self, scenario: Scenario, reasoner: Reasoner, vocabulary: Vocabulary) -> None:
        self._scenario = scenario
        self._reasoner = reasoner
        self._vocabulary = vocabulary

    def required(self, given: list[Located], condition: s.Condition, path: Path_) -> Iterator[Problem]:
        """`condition` is required beside the given parts."""
        kept = list(required_parts(condition, path))
        for part, below in reversed(list(kept)):
            others = [*given, *(each for each in kept if each[1] != below)]
            if self._reasoner.follows(part, [each for each, _ in others]):
                kept = [each for each in kept if each[1] != below]
                yield self._implied(part, below, others)
        for part, below in kept:
            beside = [*given, *(each for each in kept if each[1] != below)]
            if isinstance(part, s.Group) and part.kind in ("いずれか", "n以上"):
                yield from self._alternatives(part, below, beside)

    def _alternatives(self, group: s.Group, path: Path_, given: list[Located]) -> Iterator[Problem]:
        assumed = [each for each, _ in given]
        parts = [(part, p) for part, p in parts_of(group, path) if self._reasoner.can_be_met([*assumed, part])]
        if not self._reasoner.can_be_not_met(group, assumed):
            yield self._problem(
                path,
                "W-RULE-04",
                f"{named(group, self._vocabulary)}は、記録さえあればいつも成り立ちます。",
                "条件として働いていません。",
                "範囲や言い方を直すか、この組を消してください。",
            )
            return
        if group.kind == "いずれか":
            yield from self._within_others(parts, assumed)
        for part, below in parts:
            if isinstance(part, s.Group) and part.kind == "すべて":
                yield from self.required(given, part, below)
            elif isinstance(part, s.Group) and part.kind in ("いずれか", "n以上"):
                yield from self._alternatives(part, below, given)

    def _within_others(self, parts: Sequence[Located], assumed: list[s.Condition]) -> Iterator[Problem]:
        kept = list(parts)
        for part, below in reversed(list(kept)):
            others = [each for each in kept if each[1] != below]
            wider = next((o for o in others if self._reasoner.follows(o[0], [*assumed, part])), None)
            if wider is None:
                continue
            kept = others
            yield self._problem(
                below,
                "W-RULE-03",
                f"{named(part, self._vocabulary)}に当てはまるこどもは、必ず{self._told(wider)}にも当てはまります。",
                "「いずれか」に両方を書いても、判定は変わりません。",
                "狭いほうを消すか、数や期間を確かめてください。",
            )

    def cancels(self) -> Iterator[Problem]:
        """打ち消し that are within another one, beside what the scenario requires."""
        located = [(cancel, ("打ち消し", index)) for index, cancel in enumerate(self._scenario.cancels)]
        yield from self._within_others(located, [self._scenario.target, self._scenario.condition])

    def _implied(self, part: s.Condition, path: Path_, others: list[Located]) -> Problem:
        blamed = self._reasoner.reasons(part, [each for each, _ in others])
        reasons = "と".join(self._told(others[number]) for number in blamed)
        return self._problem(
            path,
            "W-RULE-02",
            f"{named(part, self._vocabulary)}は、{reasons}があればいつも成り立ちます。",
            "書いてあっても、該当するこどもは変わりません。",
            "別の数や期間を書くつもりだったなら直し、そうでなければ消してください。",
        )

    def _told(self, located: Located) -> str:
        part, path = located
        if path[0] == "対象":
            return f"「対象」の{named(part, self._vocabulary)}"
        return f"{named(part, self._vocabulary)}({place_of(self._scenario, path).line}行目)"

    def _problem(self, path: Path_, code: str, what: str, why: str, remedy: str) -> Problem:
        return Problem(place_of(self._scenario, path), code, what, why, remedy)
