"""A sentence and three households from which the author of a new scenario may start: all taken from the same rulebook."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.evaluate.meaning.reference import judge_sentence
from engine.evaluate.plan import truth_of
from engine.kernel.truth import Truth
from engine.records.household import Household
from engine.records.vocabulary import Vocabulary
from engine.rulebook.examples.households import build_household
from engine.rulebook.language.syntax import Condition, Refers, Sentence, sentences_of
from engine.rulebook.model import Example

_TRIED_SENTENCES = 15
_TRIED_HOUSEHOLDS = 60


@dataclass(frozen=True)
class StartingLine:
    """A sentence with the facts (事実 as written) of a household that meets it, one that does not, one that may."""

    sentence: Sentence
    facts: Mapping[Truth, Mapping[str, Any]]


def find_starting_line(
    target: Condition,
    conditions: Iterable[Condition],
    examples: Sequence[Mapping[str, Any]],
    vocabulary: Vocabulary,
    source_labels: Mapping[str, str],
) -> StartingLine | None:
    """The sentence that the conditions use most often and for which the examples (as written) show all three truths.

    Each household is judged by the reference interpreter, `target` included; the shortest ones are taken. None if no
    sentence is so exercised.
    """
    counted = Counter(
        sentence for condition in conditions for sentence in sentences_of(condition) if not isinstance(sentence, Refers)
    )
    households = list(_households(examples, vocabulary, source_labels))
    if any(isinstance(sentence, Refers) for sentence in sentences_of(target)):
        return None
    for sentence, _ in counted.most_common(_TRIED_SENTENCES):
        found: dict[Truth, Mapping[str, Any]] = {}
        for facts, household in households:
            judged = {s: _judged(s, household, vocabulary) for s in sentences_of(target)}
            if truth_of(target, judged.__getitem__) is Truth.MET:
                found.setdefault(_judged(sentence, household, vocabulary), facts)
        if len(found) == len(Truth):
            return StartingLine(sentence, found)
    return None


def _judged(sentence: Sentence, household: Household, vocabulary: Vocabulary) -> Truth:
    assert not isinstance(sentence, Refers)
    return judge_sentence(sentence, household, vocabulary).truth


def _households(
    examples: Sequence[Mapping[str, Any]], vocabulary: Vocabulary, source_labels: Mapping[str, str]
) -> Iterable[tuple[Mapping[str, Any], Household]]:
    written = sorted((example.get("事実") or {} for example in examples), key=lambda facts: len(json.dumps(facts)))
    for facts in written[:_TRIED_HOUSEHOLDS]:
        example = Example.model_validate({"例": "例", "事実": facts, "結果": "該当"})
        household = build_household(example, vocabulary, source_labels)
        if isinstance(household, Household):
            yield facts, household
