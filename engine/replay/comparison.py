"""Engines compared on one child: the truth of every sentence and scenario, and the records that decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.kernel.truth import Truth
from engine.records.answer import Answer
from engine.rulebook.language.syntax import Sentence


@dataclass(frozen=True)
class Opinion:
    """What one engine says of one child. A sentence or scenario that it did not judge is absent.

    `scenarios`: by 番号, whether it is met and whether it is cancelled. `names_facts`: whether `answers` name the records that decided;
    an engine that judges everybody at once does not.
    """

    answers: Mapping[Sentence, Answer]
    scenarios: Mapping[str, tuple[Truth, Truth]]
    names_facts: bool = True


@dataclass(frozen=True)
class Difference:
    """One point on which engines differ about one child. `said`: by engine, its truth or the facts it names."""

    subject: Sentence | str
    point: Literal["答え", "根拠", "該当", "打ち消し"]
    said: Mapping[str, Truth | frozenset[str]]


@dataclass(frozen=True)
class Comparison:
    """All differences about one child, in the order of the sentences and then the scenarios. `compared` counts the sentences and
    scenarios that at least two engines judged."""

    differences: tuple[Difference, ...]
    compared: int


def compare(opinions: Mapping[str, Opinion]) -> Comparison:
    """Compare what several engines, by name, say of one child."""
    differences: list[Difference] = []
    compared = 0
    given: dict[Sentence, dict[str, Answer]] = {}
    for name, opinion in opinions.items():  # a sentence is a tree that is hashed anew each time: once for each engine
        for sentence, answer in opinion.answers.items():
            given.setdefault(sentence, {})[name] = answer
    for sentence, answers in given.items():
        compared += len(answers) > 1
        truths = {name: answer.truth for name, answer in answers.items()}
        if len(set(truths.values())) > 1:
            differences.append(Difference(sentence, "答え", truths))
            continue
        facts = {name: answer.facts for name, answer in answers.items() if opinions[name].names_facts}
        if len(set(facts.values())) > 1:
            differences.append(Difference(sentence, "根拠", facts))
    for scenario in dict.fromkeys(each for opinion in opinions.values() for each in opinion.scenarios):
        judged = {name: o.scenarios[scenario] for name, o in opinions.items() if scenario in o.scenarios}
        compared += len(judged) > 1
        for index, point in enumerate(("該当", "打ち消し")):
            said = {name: both[index] for name, both in judged.items()}
            if len(set(said.values())) > 1:
                differences.append(Difference(scenario, "該当" if point == "該当" else "打ち消し", said))
    return Comparison(tuple(differences), compared)
