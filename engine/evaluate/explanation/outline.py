"""The scenarios of a plan as outlines: plain words over the numbers of the plan's conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations

from engine.evaluate.plan import Plan, PlannedScenario
from engine.records.outline import OutlineLine, ScenarioOutline
from engine.records.vocabulary import Vocabulary
from engine.rulebook.checks.atoms import Literal, Some, literal_of
from engine.rulebook.checks.implication import Implication
from engine.rulebook.language import syntax as s
from engine.rulebook.language.printer import to_japanese


@dataclass(frozen=True)
class _Consequences:
    """What follows for other sentences, by the number of a sentence that is ○ (`if_met`) or × (`if_not_met`)."""

    if_met: Mapping[int, tuple[int, ...]]
    if_not_met: Mapping[int, tuple[int, ...]]


def outlines_of(plan: Plan) -> tuple[ScenarioOutline, ...]:
    """Every scenario of the plan, in its order. Thresholds are printed with their names, as in the rulebook's manual."""
    consequences = _consequences(plan)
    return tuple(_outline(plan, planned, consequences) for planned in plan.scenarios)


def _consequences(plan: Plan) -> _Consequences:
    """Of each two sentences, what one says of the other for certain; references are left to whoever judges scenarios."""
    implication = Implication(plan.vocabulary)
    akin: dict[str, dict[int, Literal]] = {}
    for sentence, number in plan.numbers.items():
        if not isinstance(sentence, s.Refers):
            literal = literal_of(sentence, plan.vocabulary)
            # Nothing follows from one kind of record for another, nor between relatives and the child itself.
            about = (
                "続柄" if isinstance(literal.atom, Some) else plan.vocabulary.items[next(s.items_of(sentence))].record
            )
            akin.setdefault(about, {})[number] = literal
    found: dict[bool, dict[int, list[int]]] = {True: {}, False: {}}
    for literals in akin.values():
        for (number, literal), (other, wanted) in permutations(literals.items(), 2):
            for met, said in ((True, literal), (False, literal.opposite)):
                if implication.literal_follows(said, wanted):
                    found[met].setdefault(number, []).append(other)
                elif implication.literal_follows(said, wanted.opposite):
                    found[met].setdefault(number, []).append(-other)
    return _Consequences(*({n: tuple(others) for n, others in found[met].items()} for met in (True, False)))


def describes(sentence: s.Sentence, vocabulary: Vocabulary) -> bool:
    """Whether a sentence only describes a person: every item in it is 困りごとではない, as 年齢 and 学年 are.

    Who lives in a household is no such description: households change, and the register may not tell how people live.
    """
    if isinstance(sentence, (s.Members, s.Refers)):
        return False
    return all(vocabulary.items[item].no_need for item in s.items_of(sentence))


def _outline(plan: Plan, planned: PlannedScenario, consequences: _Consequences) -> ScenarioOutline:
    scenario = planned.scenario
    return ScenarioOutline(
        id=scenario.id,
        hardship_type=scenario.hardship_type,
        name=scenario.name,
        purpose=scenario.purpose,
        strength=scenario.strength,
        source=scenario.source,
        file=scenario.place.file,
        line=scenario.place.line or 0,
        column=scenario.place.column or 0,
        target=_line(plan, scenario.target, consequences),
        condition=_line(plan, scenario.condition, consequences),
        cancels=tuple(_line(plan, cancel, consequences) for cancel in scenario.cancels),
        ask=scenario.ask,
    )


def _line(plan: Plan, condition: s.Condition, consequences: _Consequences) -> OutlineLine:
    if isinstance(condition, s.Group):
        parts = tuple(_line(plan, part, consequences) for part in condition.parts)
        return OutlineLine(condition.heading, condition.kind, parts=parts, needed=condition.needed)
    text, number = to_japanese(condition, plan.vocabulary), plan.number_of(condition)
    if isinstance(condition, s.Refers):
        return OutlineLine(text, number=number, refers_to=condition.scenario_id, refers_positive=condition.positive)
    return OutlineLine(
        text,
        number=number,
        describes=describes(condition, plan.vocabulary),
        if_met=consequences.if_met.get(number, ()),
        if_not_met=consequences.if_not_met.get(number, ()),
    )
