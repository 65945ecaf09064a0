"""Rulebooks compiled for the second engine, and the way of one child through it: facts in, matches folded, conclusions read."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from engine.kernel.truth import Truth
from engine.records.answer import Answer
from engine.records.household import Household
from engine.records.vocabulary import Vocabulary
from engine.replay.meaning.answers import whole_of
from engine.replay.meaning.asked import Asked, CannotBeSaidError, Column
from engine.replay.meaning.chaining import HOLDS, TOLD, Chains, Mark, chain
from engine.replay.meaning.facts import Seeing
from engine.replay.meaning.folding import Folded, Folding
from engine.replay.process.outcome import Concluded, Matches, ReplayInput
from engine.replay.process.subset import Network
from engine.rulebook.language.syntax import Refers, Sentence, sentences_of
from engine.rulebook.model import RulebookSet, Scenario


class ContradictionError(Exception):
    """The engine concluded that something is so, but not that it may be; or a network gave no answer."""


@dataclass(frozen=True)
class ReplayedChild:
    """What the second engine says of one child: each sentence, and for each scenario (番号) whether it is met, and cancelled."""

    answers: Mapping[Sentence, Answer]
    scenarios: Mapping[str, tuple[Truth, Truth]]


@dataclass(frozen=True)
class CompiledRules:
    """A set of rulebooks in the safe subset. `unsaid`: sentences that it cannot express; `chains.left_out`: scenarios over them."""

    network: Network
    asked: Asked
    folded: Mapping[Sentence, Folded]
    unsaid: Mapping[Sentence, str]
    chains: Chains
    conditions: tuple[Sentence, ...]
    scenario_sentences: Mapping[str, tuple[Sentence, ...]]

    @cached_property
    def classes(self) -> Mapping[str, tuple[str, int]]:
        """Leaf rule → the column and class that it tells."""
        return self.asked.classes()

    @cached_property
    def columns(self) -> Mapping[str, tuple[Column, ...]]:
        """The columns that are looked at, by kind of record."""
        kinds: dict[str, list[Column]] = {}
        for column in self.asked.columns.values():
            kinds.setdefault(column.kind, []).append(column)
        return {kind: tuple(its) for kind, its in kinds.items()}


def compile_rulebooks(rulebooks: RulebookSet, vocabulary: Vocabulary) -> CompiledRules:
    """Compile every scenario in force, with all of its sentences. What cannot be expressed is told, never guessed."""
    return compile_scenarios(rulebooks.as_of, tuple(rulebooks.scenarios), vocabulary)


def compile_scenarios(
    as_of: date, scenarios: Sequence[Scenario], vocabulary: Vocabulary, sentences: Iterable[Sentence] = ()
) -> CompiledRules:
    """Compile scenarios, and more sentences by themselves, as of a day."""
    of_scenario = {
        scenario.id: tuple(
            dict.fromkeys(
                sentence
                for part in (scenario.target, scenario.condition, *scenario.cancels)
                for sentence in sentences_of(part)
            )
        )
        for scenario in scenarios
    }
    conditions = tuple(dict.fromkeys((*sentences, *(each for its in of_scenario.values() for each in its))))
    asked = Asked()
    folding = Folding(as_of, vocabulary, asked)
    folded: dict[Sentence, Folded] = {}
    unsaid: dict[Sentence, str] = {}
    for sentence in conditions:
        if isinstance(sentence, Refers):
            continue
        try:
            folded[sentence] = folding.of(sentence)
        except CannotBeSaidError as fault:
            unsaid[sentence] = str(fault)
    chains = chain(scenarios, unsaid, (sentence for sentence in conditions if isinstance(sentence, Refers)))
    network = Network(asked.leaves(), tuple(chains.networks))
    return CompiledRules(network, asked, folded, unsaid, chains, conditions, of_scenario)


class _Pairs(ItemsView[Sentence, Answer]):
    def __init__(self, answers: Mapping[Sentence, Answer], pairs: Iterable[tuple[Sentence, Answer]]) -> None:
        super().__init__(answers)
        self._pairs = tuple(pairs)

    def __iter__(self) -> Iterator[tuple[Sentence, Answer]]:
        return iter(self._pairs)


class Answers(Mapping[Sentence, Answer]):
    """The answers of one child, by sentence. All children share one list of sentences, which is slow to hash."""

    def __init__(self, places: Mapping[Sentence, int], answers: Sequence[Answer]) -> None:
        self._places, self._answers = places, answers

    def __getitem__(self, sentence: Sentence) -> Answer:
        return self._answers[self._places[sentence]]

    def items(self) -> ItemsView[Sentence, Answer]:
        """Each with its answer, without looking it up."""
        return _Pairs(self, zip(self._places, self._answers, strict=True))

    def __iter__(self) -> Iterator[Sentence]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True)
class _Referring:
    """A sentence that refers to a scenario: its signals, and the places of all sentences of that scenario."""

    pair: tuple[str, str]
    positive: bool
    asked: tuple[int, ...]


class Children:
    """The children on their way through the engine. What is known of one is let go when it has been read, or given up."""

    def __init__(self, rules: CompiledRules) -> None:
        self._rules = rules
        self._seeing: dict[str, Seeing] = {}
        self._answers: dict[str, list[Answer]] = {}
        # A sentence is a tree that is hashed anew each time: places in a list are told apart faster.
        self._folded = tuple(rules.folded.values())
        self._places: dict[Sentence, int] = {sentence: place for place, sentence in enumerate(rules.folded)}
        self._given = [(self._places[sentence], *_by_truth(given)) for sentence, given in rules.chains.given.items()]
        self._referring: list[_Referring] = []
        for sentence in rules.chains.refers:
            self._refer(sentence)

    def _refer(self, sentence: Refers) -> None:
        """Give a sentence its place after those of the scenario to which it refers."""
        if sentence in self._places:
            return
        asked = self._rules.scenario_sentences[sentence.scenario_id]
        for each in asked:
            if isinstance(each, Refers):
                self._refer(each)
        pair = self._rules.chains.refers[sentence]
        self._referring.append(_Referring(pair, sentence.positive, tuple(self._places[each] for each in asked)))
        self._places[sentence] = len(self._places)

    def tell(self, household: Household) -> ReplayInput:
        """A child's household as facts."""
        key = household.child.key
        seeing = self._seeing[key] = Seeing(household, self._rules.asked, self._rules.columns)
        return ReplayInput(key, tuple(seeing.facts))

    def fold(self, key: str, matches: Matches) -> list[str]:
        """From the facts that matched to the signals of the sentences."""
        seeing = self._seeing.pop(key)
        seeing.take(matches, self._rules.classes)
        answers = self._answers[key] = [folded(seeing) for folded in self._folded]
        signals = [TOLD]
        for place, met, unknown, not_met in self._given:
            truth = answers[place].truth
            signals += met if truth is Truth.MET else unknown if truth is Truth.UNKNOWN else not_met
        return signals

    def read(self, concluded: Concluded) -> ReplayedChild:
        """What the engine concluded. Raises ContradictionError."""
        chains = self._rules.chains
        signals = concluded.signals.union(*concluded.conclusions.values())
        if missing := [each for each in chains.reached if each not in signals]:
            raise ContradictionError(missing[0])
        answers = self._answers.pop(concluded.key)
        scenarios = {
            id_: (
                _truth(pair, signals),
                _truth(chains.cancelled[id_], signals) if id_ in chains.cancelled else Truth.NOT_MET,
            )
            for id_, pair in chains.met.items()
        }
        for referring in self._referring:
            truth = _truth(referring.pair, signals)
            parts = [answers[place] for place in referring.asked]
            answers.append(Answer(truth, whole_of(truth if referring.positive else ~truth, parts).facts))
        return ReplayedChild(Answers(self._places, answers), scenarios)

    def forget(self, key: str) -> None:
        """A child that the engine did not judge."""
        self._seeing.pop(key, None)
        self._answers.pop(key, None)


def _by_truth(given: Mapping[Mark, str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The signals to give where a sentence is met, unknown, not met."""

    def of(truth: Truth) -> tuple[str, ...]:
        return tuple(given[mark] for mark in HOLDS[truth] if mark in given)

    return of(Truth.MET), of(Truth.UNKNOWN), of(Truth.NOT_MET)


def _truth(pair: tuple[str, str], signals: frozenset[str]) -> Truth:
    is_so, may_be = pair[0] in signals, pair[1] in signals
    if is_so and not may_be:
        raise ContradictionError(pair[0])
    return Truth.MET if is_so else Truth.UNKNOWN if may_be else Truth.NOT_MET
