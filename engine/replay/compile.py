"""Rulebooks compiled for the second engine, and the way of one child through it: facts in, matches folded, conclusions read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from engine.kernel.truth import Truth
from engine.records.answer import Answer
from engine.records.household import Household
from engine.records.vocabulary import Vocabulary
from engine.replay.answers import whole_of
from engine.replay.asked import Asked, CannotBeSaidError, Column
from engine.replay.chaining import HOLDS, Chains, chain
from engine.replay.facts import Seeing
from engine.replay.folding import Folded, Folding
from engine.replay.outcome import Concluded, Matches, ReplayInput
from engine.replay.subset import Network
from engine.rulebook.language.syntax import Refers, Sentence, sentences_of
from engine.rulebook.model import RulebookSet, Scenario


class ContradictionError(Exception):
    """The engine concluded of one thing both that it is so and that it is not."""


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


class Children:
    """The children on their way through the engine. What is known of one is let go when it has been read, or given up."""

    def __init__(self, rules: CompiledRules) -> None:
        self._rules = rules
        self._seeing: dict[str, Seeing] = {}
        self._answers: dict[str, dict[Sentence, Answer]] = {}

    def tell(self, household: Household) -> ReplayInput:
        """A child's household as facts."""
        key = household.child.key
        seeing = self._seeing[key] = Seeing(household, self._rules.asked, self._rules.columns)
        return ReplayInput(key, tuple(seeing.facts))

    def fold(self, key: str, matches: Matches) -> list[str]:
        """From the facts that matched to the signals of the sentences."""
        seeing = self._seeing.pop(key)
        seeing.take(matches, self._rules.classes)
        answers = self._answers[key] = {sentence: folded(seeing) for sentence, folded in self._rules.folded.items()}
        signals: list[str] = []
        for sentence, given in self._rules.chains.given.items():
            signals += (given[mark] for mark in HOLDS[answers[sentence].truth] if mark in given)
        return signals

    def read(self, concluded: Concluded) -> ReplayedChild:
        """What the engine concluded. Raises ContradictionError."""
        chains = self._rules.chains
        signals = frozenset[str]().union(*concluded.conclusions.values())
        answers = self._answers.pop(concluded.key)
        met = {id_: _truth(pair, signals) for id_, pair in chains.met.items()}
        scenarios = {
            id_: (truth, _truth(chains.cancelled[id_], signals) if id_ in chains.cancelled else Truth.NOT_MET)
            for id_, truth in met.items()
        }
        waiting = [sentence for sentence in self._rules.conditions if isinstance(sentence, Refers)]

        def refer(sentence: Refers) -> Answer | None:
            if sentence in answers:
                return answers[sentence]
            if sentence not in chains.refers:
                return None
            parts = []
            for each in self._rules.scenario_sentences[sentence.scenario_id]:
                answer = refer(each) if isinstance(each, Refers) else answers[each]
                assert answer is not None
                parts.append(answer)
            truth = _truth(chains.refers[sentence], signals)
            stands = truth if sentence.positive else ~truth
            answers[sentence] = Answer(truth, whole_of(stands, parts).facts)
            return answers[sentence]

        for sentence in waiting:
            refer(sentence)
        return ReplayedChild({each: answers[each] for each in self._rules.conditions if each in answers}, scenarios)

    def forget(self, key: str) -> None:
        """A child that the engine did not judge."""
        self._seeing.pop(key, None)
        self._answers.pop(key, None)


def _truth(pair: tuple[str, str], signals: frozenset[str]) -> Truth:
    yes, no = (signal in signals for signal in pair)
    if yes and no:
        raise ContradictionError(pair[0])
    return Truth.MET if yes else Truth.NOT_MET if no else Truth.UNKNOWN
