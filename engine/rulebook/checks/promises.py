"""What families were promised: neither the use of support nor the shape of a household alone makes a hit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine.kernel.errors import Problem
from engine.kernel.truth import Truth, all_of, any_of, at_least
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.model import Scenario


def broken_promises(scenario: Scenario, scenarios: Mapping[str, Scenario], vocabulary: Vocabulary) -> Iterator[Problem]:
    """E-RULE-25: nothing but the use of support. E-RULE-26: met although no need is mentioned."""
    place = scenario.place_of("条件")
    if counts_only_support(scenario.condition, vocabulary):
        yield Problem(
            place,
            "E-RULE-25",
            "支援を利用していることだけで該当になります。",
            "支援の利用を不利に扱わない取り決めに反します。",
            "困りごとを表す条件と組み合わせるか、「打ち消し」に書いてください。",
        )
    elif is_met_without_need(scenario.condition, vocabulary, scenarios):
        yield Problem(
            place,
            "E-RULE-26",
            "困りごとを表す条件がなくても該当になります。",
            "ひとり親、転入、支援の利用の有無など、世帯の姿だけを理由にしない取り決めに反します。",
            "困りごとを表す条件(欠席、滞納、相談など)と「すべて」で組み合わせてください。",
        )


def counts_only_support(condition: s.Condition, vocabulary: Vocabulary) -> bool:
    """Whether nothing but the use of support makes the condition met: support may cancel, it never counts."""
    return all(
        isinstance(sentence, s.Has) and sentence.positive and vocabulary.items[sentence.item].support
        for sentence in s.sentences_of(condition)
    )


def is_met_without_need(
    condition: s.Condition, vocabulary: Vocabulary, scenarios: Mapping[str, Scenario] | None = None
) -> bool:
    """Whether what describes a household, and its use or non-use of support, is enough to meet a condition.

    What is no need is said in fields.yaml (困りごとではない). A reference asks the same of the other scenario.
    """
    return _truth(condition, lambda sentence: _describes_only(sentence, vocabulary), scenarios or {}, ()) is Truth.MET


def _describes_only(sentence: s.Sentence, vocabulary: Vocabulary) -> bool:
    items = [vocabulary.items[item] for item in s.items_of(sentence)]
    return all(item.no_need or item.support for item in items)


def _truth(
    condition: s.Condition,
    describes_only: Callable[[s.Sentence], bool],
    scenarios: Mapping[str, Scenario],
    path: tuple[str, ...],
) -> Truth:
    """What describes only is taken as met, everything else as not met."""
    if isinstance(condition, s.Refers):
        other = scenarios.get(condition.scenario_id)
        if other is None or condition.scenario_id in path:
            return Truth.UNKNOWN  # its own fault is told elsewhere
        asked = s.Group("すべて", (other.target, other.condition))
        truth = _truth(asked, describes_only, scenarios, (*path, condition.scenario_id))
        return truth if condition.positive else ~truth
    if not isinstance(condition, s.Group):
        return Truth.MET if describes_only(condition) else Truth.NOT_MET
    parts = [_truth(part, describes_only, scenarios, path) for part in condition.parts]
    match condition.kind:
        case "すべて":
            return all_of(parts)
        case "いずれか":
            return any_of(parts)
        case "次でない":
            return ~parts[0]
        case "n以上":
            return at_least(condition.needed, parts)
