"""Sentences of the rulebooks as features: 1 if met, 0 if not met, NaN if unknown.

A sentence's label is its wording in the rule language, from which it can be read again. So a model keeps its sentences
although the rulebooks have moved on; `plan_with` adds them to the conditions that a run judges anyway.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from engine.evaluate.plan import Plan
from engine.kernel.errors import KizukiError
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.parsing import parse_sentence
from engine.rulebook.language.printer import to_japanese
from ml_overlay.features.feature import Feature, Sign
from ml_overlay.features.looks import unavailable

_PREFIX = "sentence."
_AGES = ("年齢", "学年")


def is_sentence(feature: Feature) -> bool:
    """Whether a feature is a sentence."""
    return feature.name.startswith(_PREFIX)


def sentence_features(plan: Plan, vocabulary: Vocabulary, hidden_records: Collection[str]) -> dict[s.Sentence, Feature]:
    """The plan's sentences that a model may see, each as a feature.

    Left out: what asks for support or for what only describes a family, for the child's own hidden records, for age,
    grade or the mere presence of a relative, and for another scenario's result (its sentences are there themselves).
    """
    uses = _uses(plan)
    found: dict[s.Sentence, Feature] = {}
    for sentence in plan.conditions:
        items = tuple(dict.fromkeys(s.items_of(sentence)))
        told = [item for item in items if vocabulary.items[item].kind not in _AGES]
        hidden = s.owner_of(sentence) is None and any(vocabulary.items[item].record in hidden_records for item in told)
        permitted = all(vocabulary.is_permitted(item) for item in items)
        if not told or hidden or not permitted or not all(_is_a_need(item, vocabulary) for item in told):
            continue
        direction = _direction(sentence, vocabulary)
        says = direction * _concern(sentence, told, vocabulary)
        asks_for_little = direction < 0 and says <= 0
        found[sentence] = Feature(
            name=name_of(sentence, vocabulary),
            label=_label(sentence, vocabulary),
            group=vocabulary.concept_of(_asked(sentence, told)),
            sign=_sign(says, set() if asks_for_little and not says else uses.get(sentence, set())),
            # 「精密健診がない」 is true of almost everybody and worries nobody: a condition beside others, and no reason.
            may_be_named=not asks_for_little,
            items=items,
        )
    return found


def name_of(sentence: s.Sentence, vocabulary: Vocabulary) -> str:
    """The name of the feature that a sentence is: the hash of its wording."""
    return _PREFIX + hashlib.sha256(_label(sentence, vocabulary).encode()).hexdigest()[:12]


def _label(sentence: s.Sentence, vocabulary: Vocabulary) -> str:
    return to_japanese(_in_numbers(sentence), vocabulary)


def plan_with(plan: Plan, features: Iterable[Feature]) -> Plan:
    """The plan, with the sentences of the features among its conditions. Raises KizukiError E-MODEL-51 for one that cannot be read."""
    held = {name_of(sentence, plan.vocabulary) for sentence in plan.conditions}
    missing: dict[s.Sentence, None] = {}
    problems = []
    for feature in features:
        if is_sentence(feature) and feature.name not in held:
            try:
                sentence = sentence_of(feature, plan.vocabulary)
            except KizukiError as error:
                problems += list(error.problems)
                continue
            if sentence not in plan.numbers:
                missing[sentence] = None
    if problems:
        raise KizukiError(problems)
    return replace(plan, conditions=(*plan.conditions, *missing)) if missing else plan


def number_in(plan: Plan, feature: Feature, by_name: Mapping[str, int]) -> int:
    """The number of a feature's sentence in the plan. `by_name`: the plan's numbers by `name_of`, which saves reading it.

    A sentence that this version words otherwise is found by what it says. Raises ValueError if the plan lacks it.
    """
    number = by_name.get(feature.name) or plan.numbers.get(sentence_of(feature, plan.vocabulary))
    if number is None:
        raise ValueError(f"the plan lacks the sentence of {feature.name}")
    return number


def sentence_of(feature: Feature, vocabulary: Vocabulary) -> s.Sentence:
    """The sentence behind a feature. Raises KizukiError E-MODEL-51 if the vocabulary does not give it (any more)."""
    try:
        sentence = parse_sentence(feature.label, vocabulary)
    except KizukiError as error:
        raise KizukiError(unavailable(feature)) from error
    if not all(vocabulary.is_permitted(item) for item in s.items_of(sentence)):
        raise KizukiError(unavailable(feature))
    return sentence


def _in_numbers(part: Any) -> Any:
    """A part of a sentence with its numbers alone, without the names of thresholds: their meaning may move, the feature's may not."""
    if isinstance(part, tuple):
        return tuple(_in_numbers(one) for one in part)
    if not is_dataclass(part) or isinstance(part, type):
        return part
    return replace(
        part, **{f.name: None if f.name == "named" else _in_numbers(getattr(part, f.name)) for f in fields(part)}
    )


def _is_a_need(item_id: str, vocabulary: Vocabulary) -> bool:
    item = vocabulary.items[item_id]
    return not item.support and not item.no_need


def _asked(sentence: s.Sentence, told: list[str]) -> str:
    """The item of which a sentence speaks first of all: not that of a modifier, if it has one of its own."""
    own = None if isinstance(sentence, (s.Members, s.Refers)) else sentence.item
    return own if own in told else told[0]


# ── signs ──


def _uses(plan: Plan) -> Mapping[s.Sentence, set[int]]:
    """How scenarios use each sentence: 1 where being met brings a hit nearer, -1 where it prevents or cancels one."""
    uses: dict[s.Sentence, set[int]] = {}
    for planned in plan.scenarios:
        used = list(_used(planned.scenario.condition, 1))
        for cancel in planned.scenario.cancels:
            used += _used(cancel, -1)
        for sentence, direction in used:
            uses.setdefault(sentence, set()).add(direction)
    return uses


def _used(condition: s.Condition, direction: int) -> Iterator[tuple[s.Sentence, int]]:
    if not isinstance(condition, s.Group):
        yield condition, direction
        return
    for part in condition.parts:
        yield from _used(part, -direction if condition.kind == "次でない" else direction)


def _sign(says: int, uses: set[int]) -> Sign:
    """By what fields.yaml says of its item, where the scenarios do not all say the opposite; else by how all of them use it.

    「前年度の欠席が15日未満」 is a condition beside others: that alone must not make fewer absences raise a score. 「滞納が3か月
    以上」 is a worry also where a scenario for the lighter cases leaves it out.
    """
    used = next(iter(uses)) if len(uses) == 1 else 0
    sign = 0 if says and used == -says else says or used
    return 1 if sign > 0 else -1 if sign < 0 else 0


def _concern(sentence: s.Sentence, told: list[str], vocabulary: Vocabulary) -> int:
    """Whether much (1) or little (-1) of what a sentence asks is of concern; of 「…がいる」, what its one modifier asks."""
    if isinstance(sentence, s.Refers):
        return 0
    if not isinstance(sentence, s.Members):
        return _CONCERN[vocabulary.items[sentence.item].concern]
    asked = [modifier for modifier in sentence.who.modifiers if modifier.item in told]
    return (
        _CONCERN[vocabulary.items[asked[0].item].concern] * _direction(asked[0], vocabulary) if len(asked) == 1 else 0
    )


_CONCERN = {"多い": 1, "少ない": -1, None: 0}


def _direction(sentence: s.Sentence, vocabulary: Vocabulary) -> int:
    """Whether a sentence asks for much (1) or little (-1) of its item; 0 where it asks for neither. Of what is due, much is overdue."""
    match sentence:
        case s.Has(_, positive):
            return 1 if positive else -1
        case s.Events(_, _, count):
            return 1 if count.operator == "以上" else -1
        case s.Total(_, _, bound) | s.Latest(_, bound):
            return _upwards(bound)
        case s.Streak():
            return _upwards(sentence.bound) if sentence.bound else 1
        case s.Compare(_, bounds):
            directions = {_upwards(bound) for bound in bounds}
            return directions.pop() if len(directions) == 1 else 0
        case s.Growth() | s.Overdue():
            return 1
        case s.Unrecorded(item):
            return 1 if vocabulary.items[item].kind == "期限のある記録" else -1
        case s.Done():
            return -1
        case s.Members(_, count):
            return 1 if count.operator == "以上" else -1
        case s.LatestIs(item, values):
            scale = vocabulary.items[item].values
            if set(values) == set(scale[-len(values) :]):
                return 1
            return -1 if set(values) == set(scale[: len(values)]) else 0
    return 0


def _upwards(bound: s.Bound) -> int:
    return 1 if bound.operator in ("以上", "を超える") else -1
