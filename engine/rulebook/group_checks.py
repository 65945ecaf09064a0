"""Checks between the sentences of one scenario: duplicates, contradictions, groups that can never be met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.records.vocabulary import Vocabulary
from engine.rulebook import syntax as s
from engine.rulebook.sentence_checks import is_empty


@dataclass(frozen=True)
class GroupFault:
    """A fault between sentences. `path` leads from the checked condition to the part at which to point."""

    path: tuple[str | int, ...]
    code: str
    what: str
    why: str
    remedy: str


def duplicates(group: s.Group, written: tuple[str, ...]) -> Iterator[GroupFault]:
    """Parts of one group that say the same; `written` are their texts."""
    for index, part in enumerate(group.parts):
        if part in group.parts[:index]:
            yield GroupFault(
                (index,),
                "E-RULE-11",
                f"同じ条件が1つの「{group.heading}」に2回あります(「{written[index]}」)。",
                "別の条件を書くつもりだったおそれがあります。",
                "片方を消すか直してください。",
            )


def contradictions(conditions: tuple[s.Condition, ...], vocabulary: Vocabulary) -> Iterator[tuple[s.Sentence, str]]:
    """Sentences that cannot hold together with an earlier one that is also required: the sentence and the label."""
    required = [sentence for condition in conditions for sentence in _required(condition)]
    for index, sentence in enumerate(required):
        earlier = required[:index]
        match sentence:
            case s.Compare(item, bounds, None):
                together = [
                    *bounds,
                    *(
                        b
                        for e in earlier
                        if isinstance(e, s.Compare) and e.item == item and e.owner is None
                        for b in e.bounds
                    ),
                ]
                clash = is_empty(tuple(together), vocabulary, item)
            case s.IsOneOf(item, values, None):
                others = [
                    set(e.values) for e in earlier if isinstance(e, s.IsOneOf) and e.item == item and e.owner is None
                ]
                clash = any(not set(values) & other for other in others)
            case s.Has(item, positive):
                clash = s.Has(item, not positive) in earlier
            case s.Members(who, s.Count("以下", 0)):
                clash = any(isinstance(e, s.Members) and e.who == who and e.count.operator == "以上" for e in earlier)
            case s.Members(who, s.Count("以上", _)):
                clash = s.Members(who, s.Count("以下", 0)) in earlier
            case _:
                continue
        if clash:
            label = who.relation if isinstance(sentence, s.Members) else vocabulary.items[sentence.item].label
            yield sentence, label


def _required(condition: s.Condition) -> Iterator[s.Sentence]:
    if not isinstance(condition, s.Group):
        yield condition
    elif condition.kind == "すべて" or (len(condition.parts) == 1 and condition.kind != "次でない"):
        for part in condition.parts:
            yield from _required(part)


def counts_only_support(condition: s.Condition, vocabulary: Vocabulary) -> bool:
    """Whether nothing but the use of support makes the condition met: support may cancel, it never counts."""
    sentences = list(s.sentences_of(condition))
    return all(
        isinstance(sentence, s.Has) and sentence.positive and vocabulary.items[sentence.item].support
        for sentence in sentences
    )
