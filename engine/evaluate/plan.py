"""The plan: the distinct conditions of a set of rulebooks, numbered, and each scenario as a tree over the numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from engine.kernel import truth
from engine.kernel.truth import Truth
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language.syntax import Condition, Group, Sentence, sentences_of
from engine.rulebook.model import Outcome, RulebookSet, Scenario
from engine.rulebook.references import evaluation_order


@dataclass(frozen=True)
class PlannedScenario:
    """A scenario whose sentences are all in the plan."""

    number: int
    scenario: Scenario

    @property
    def id(self) -> str:
        """The scenario's 番号."""
        return self.scenario.id

    @property
    def requirement(self) -> Condition:
        """対象 and 条件 together, as one group: what must be met."""
        return Group("すべて", (self.scenario.target, self.scenario.condition))


@dataclass(frozen=True)
class Plan:
    """Conditions numbered from 1 in the order of their first appearance; equal sentences share a number."""

    as_of: date
    vocabulary: Vocabulary
    conditions: tuple[Sentence, ...]
    scenarios: tuple[PlannedScenario, ...]

    @cached_property
    def by_id(self) -> Mapping[str, PlannedScenario]:
        """Scenario by 番号."""
        return {planned.id: planned for planned in self.scenarios}

    @cached_property
    def evaluation_order(self) -> tuple[PlannedScenario, ...]:
        """The scenarios, each after those to whose result it refers."""
        return tuple(self.by_id[scenario.id] for scenario in evaluation_order([p.scenario for p in self.scenarios]))

    def number_of(self, sentence: Sentence) -> int:
        """The number (from 1) of a sentence of the plan."""
        return self.numbers[sentence]

    @cached_property
    def numbers(self) -> dict[Sentence, int]:
        """Number by sentence."""
        return {sentence: number for number, sentence in enumerate(self.conditions, start=1)}


def truth_column(planned: PlannedScenario) -> str:
    """The column that says whether the scenario is met: its 番号."""
    return planned.id


def cancelled_column(planned: PlannedScenario) -> str:
    """The column that says whether the scenario is cancelled."""
    return f"{planned.id}_cancelled"


def make_plan(rulebooks: RulebookSet, vocabulary: Vocabulary) -> Plan:
    """Number every distinct sentence of the scenarios in force."""
    scenarios = tuple(PlannedScenario(n, scenario) for n, scenario in enumerate(rulebooks.scenarios, start=1))
    ordered: dict[Sentence, None] = {}
    for planned in scenarios:
        for condition in (planned.scenario.target, planned.scenario.condition, *planned.scenario.cancels):
            ordered.update(dict.fromkeys(sentences_of(condition)))
    return Plan(rulebooks.as_of, vocabulary, tuple(ordered), scenarios)


def truth_of(condition: Condition, judged: Callable[[Sentence], Truth]) -> Truth:
    """The truth of a tree from the truths of its sentences."""
    if not isinstance(condition, Group):
        return judged(condition)
    parts = [truth_of(part, judged) for part in condition.parts]
    match condition.kind:
        case "すべて":
            return truth.all_of(parts)
        case "いずれか":
            return truth.any_of(parts)
        case "次でない":
            return ~parts[0]
        case "n以上":
            return truth.at_least(condition.needed, parts)


def stands(truth: Truth, cancelled: Truth) -> Truth:
    """Whether a scenario's hit stands, as シナリオ…に該当する asks: met, and not cancelled for certain.

    An unknown cancel does not cancel. So a sentence that refers to a hit says what the list and the sheet say.
    """
    return Truth.NOT_MET if cancelled is Truth.MET else truth


def outcome_of(truth: Truth, cancelled: Truth) -> Outcome:
    """A scenario's result as an author writes it under 結果 and as the sheets say it.

    A cancel that is certain settles the matter also where it is not known whether there was anything to cancel.
    """
    if truth is Truth.NOT_MET:
        return "非該当"
    if cancelled is Truth.MET:
        return "打ち消し"
    return "該当" if truth is Truth.MET else "不明"


def scenario_truth(planned: PlannedScenario, judged: Callable[[Sentence], Truth]) -> tuple[Truth, Truth]:
    """Whether a scenario is met, and whether it is cancelled."""
    cancelled = truth.any_of(truth_of(cancel, judged) for cancel in planned.scenario.cancels)
    return truth_of(planned.requirement, judged), cancelled
