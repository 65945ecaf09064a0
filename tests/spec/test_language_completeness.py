"""The tables leave no form of the language out: what can be written is read off the syntax tree's own types.

Whoever adds a node, an option of one, a kind of item or a kind of gap finds the forms that lack a row named here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from meaning_households import household_of
from meaning_tables import VOCABULARY, Case, cases, families, rulebook_plan

from engine.evaluate.meaning.reference import judge_sentences
from engine.evaluate.meaning.verdict import GapReason, Verdict
from engine.evaluate.plan import truth_of
from engine.kernel.truth import Truth
from engine.records.vocabulary import ItemKind, Subject
from engine.rulebook.language import syntax as s

_ONCE = (s.Window, s.Owner)
"""Parts whose options mean the same in every sentence, so that they need not be shown in each."""


def options_of(cls: type, path: str) -> Iterator[str]:
    """Everything that can be chosen in a node of the syntax tree, by its path from the sentence."""
    hints = get_type_hints(cls)
    for part in fields(cls):
        here = f"{path}.{part.name}"
        choices = _union(hints[part.name])
        if NoneType in choices:
            yield from (f"{here}=none", f"{here}=given")
        if bool in choices:
            yield from (f"{here}=True", f"{here}=False")
        if int in choices and str in choices:
            yield from (f"Bound.{part.name}=int", f"Bound.{part.name}=str")
        for choice in choices:
            if get_origin(choice) is Literal:
                yield from (f"{here}={value}" for value in get_args(choice))
            elif get_origin(choice) is tuple and cls is not s.Group:
                inner = _union(get_args(choice)[0])
                yield from (f"{here}={n}" for n in ("none", "one", "more") if n != "none" or part.default == ())
                yield from _options_inside(inner, here) if len(inner) == 1 else (f"{here}: {c.__name__}" for c in inner)
            else:
                yield from _options_inside((choice,), here)


def _options_inside(choices: tuple[Any, ...], here: str) -> Iterator[str]:
    for choice in choices:
        if is_dataclass(choice):
            assert isinstance(choice, type)
            yield from options_of(choice, choice.__name__ if choice in _ONCE else here)


def chosen_in(node: Any, path: str) -> Iterator[str]:
    """What is chosen in a node, in the words of `options_of`."""
    hints = get_type_hints(type(node))
    for part in fields(node):
        here, value = f"{path}.{part.name}", getattr(node, part.name)
        choices = _union(hints[part.name])
        if NoneType in choices:
            yield f"{here}={'none' if value is None else 'given'}"
        if bool in choices or any(get_origin(choice) is Literal for choice in choices):
            yield f"{here}={value}"
        if int in choices and str in choices:
            yield f"Bound.{part.name}={type(value).__name__}"
        if isinstance(value, tuple) and not isinstance(node, s.Group):
            yield f"{here}={('none', 'one')[len(value)] if len(value) < 2 else 'more'}"
            for each in value:
                if len(_union(get_args(hints[part.name])[0])) > 1:
                    yield f"{here}: {type(each).__name__}"
                elif is_dataclass(each):
                    yield from chosen_in(each, here)
        elif is_dataclass(value):
            yield from chosen_in(value, type(value).__name__ if isinstance(value, _ONCE) else here)


def _union(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def forms_of(condition: s.Condition) -> Iterator[str]:
    """A condition's node, its options, and the kind and subject of its item."""
    yield type(condition).__name__
    yield from chosen_in(condition, type(condition).__name__)
    item = getattr(condition, "item", None)
    if item is not None:
        yield f"種類 {VOCABULARY.items[item].kind}"
        yield f"主体 {VOCABULARY.record_of(item).subject}"


def all_forms() -> set[str]:
    """Every form that the language has, from the types of its syntax tree and of the vocabulary."""
    nodes: tuple[type, ...] = (*_union(s.Sentence), s.Group)
    found = {option for node in nodes for option in (node.__name__, *options_of(node, node.__name__))}
    return found | {f"種類 {kind}" for kind in get_args(ItemKind)} | {f"主体 {whose}" for whose in get_args(Subject)}


def _conditions_of(case: Case) -> tuple[tuple[s.Condition, ...], dict[s.Sentence, Verdict]]:
    """The conditions that a row asks about (a group and all its parts), and the verdict on each sentence."""
    household = household_of(case)
    if case.sentence is not None:
        return (case.sentence,), judge_sentences((case.sentence,), {}, household, VOCABULARY)
    plan = rulebook_plan(case.file, household.as_of)
    planned = plan.by_id.get(case.question.asked)
    if planned is None:
        return (), {}
    top = (planned.scenario.target, planned.scenario.condition, *planned.scenario.cancels)
    sentences = [sentence for part in top for sentence in s.sentences_of(part)]
    judged = judge_sentences(sentences, plan.by_id, household, VOCABULARY)
    return tuple(inner for part in top for inner in _with_parts(part)), judged


def _with_parts(condition: s.Condition) -> Iterator[s.Condition]:
    yield condition
    for part in condition.parts if isinstance(condition, s.Group) else ():
        yield from _with_parts(part)


@cache
def _shown() -> tuple[dict[str, set[Truth]], set[str]]:
    """Form → the truths that rows show for it; and the kinds of gap that rows show."""
    truths: dict[str, set[Truth]] = {}
    gaps: set[str] = set()
    for case in cases():
        conditions, judged = _conditions_of(case)
        for condition in conditions:
            truth = truth_of(condition, {sentence: verdict.truth for sentence, verdict in judged.items()}.__getitem__)
            for form in forms_of(condition):
                truths.setdefault(form, set()).add(truth)
        gaps |= {gap.reason for verdict in judged.values() for gap in verdict.gaps}
    return truths, gaps


@pytest.mark.parametrize("form", sorted(all_forms()))
def test_each_form_has_rows_that_are_met_not_met_and_unknown(form: str) -> None:
    """Each node of the syntax tree, each of its options and each kind of item has a row for each answer."""
    shown, _ = _shown()
    lacking = "・".join(truth.label for truth in set(Truth) - shown.get(form, set()))
    assert not lacking, f"no row of tests/spec/*.yaml shows {form} as {lacking}"


def test_nothing_is_shown_that_the_language_does_not_have() -> None:
    """Types and values are read alike, so that a form that nobody looks for cannot hide a lacking one."""
    assert set(_shown()[0]) <= all_forms()


def test_each_kind_of_gap_has_a_row() -> None:
    """Everything that can make an answer unknown has a row."""
    assert _shown()[1] == set(get_args(GapReason))


def test_each_family_shows_all_three_answers() -> None:
    """A family of forms has rows that are 該当, 非該当 and 不明."""
    shown: dict[str, set[str]] = {case.file: set() for case in cases()}
    for case in cases():
        shown[case.file].add(case.row.answer)
    assert {file for file, answers in shown.items() if not answers >= {"該当", "非該当", "不明"}} == set()


def test_a_new_node_or_option_is_missed() -> None:
    """The walk over the types finds the options that make a difference, deep inside a sentence too."""
    assert {
        "Refers.positive=False",
        "Streak.bound=none",
        "Streak.bound.operator=未満",
        "Compare.bounds.operator=を超える",
        "Compare.bounds=more",
        "Unrecorded.age.unit=週",
        "Overdue.named=given",
        "Window.kind=前年度",
        "Owner.modifiers: IsOneOf",
        "Bound.value=str",
        "Group.kind=n以上",
        "Growth.earlier=直前",
        "Latest.window=none",
    } <= all_forms()


def test_every_scenario_of_the_tables_is_asked() -> None:
    """A small rulebook beside a table has no scenario that is neither asked nor referred to."""
    for file, family in families().items():
        asked = {case.question.scenario for case in cases() if case.file == file}
        scenarios = {id_: one for book in family.rulebooks.values() for id_, one in book.scenarios.items()}
        referred = {id_ for id_ in scenarios for one in scenarios.values() if f"シナリオ{id_}に" in str(one)}
        assert set(scenarios) <= asked | referred
