"""Whether references between scenarios can be followed: does the other scenario exist and apply, and is there no loop."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from engine.kernel.errors import Place, Problem
from engine.kernel.strict_yaml import near_name
from engine.rulebook.checks.parts import located_sentences
from engine.rulebook.language import syntax as s
from engine.rulebook.model import Scenario
from engine.rulebook.references import references


def referring_sentences(scenario: Scenario) -> Iterator[tuple[str, Place]]:
    """番号 of every scenario to which one refers, each with the place of the sentence that says so."""
    for sentence, place in located_sentences(scenario):
        if isinstance(sentence, s.Refers):
            yield sentence.scenario_id, place


def reference_problems(
    in_force: Sequence[Scenario], resting: Sequence[Scenario], lost: Container[str]
) -> Iterator[Problem]:
    """References to scenarios that do not exist or do not apply on the day, and loops.

    `lost`: 番号 of scenarios that could not be read, whose own faults are told instead.
    """
    scenarios = {scenario.id: scenario for scenario in in_force}
    sleeping = {scenario.id for scenario in resting}
    told: set[tuple[str, Place]] = set()
    for scenario in (*in_force, *resting):
        for id_, place in referring_sentences(scenario):
            if id_ in scenarios or id_ in lost or (id_, place) in told:
                continue
            told.add((id_, place))
            if id_ not in sleeping:
                near = near_name(id_, [each for each in (*scenarios, *sleeping) if each != scenario.id])
                yield Problem(
                    place,
                    "E-RULE-31",
                    f"「{scenario.id}」が参照しているシナリオ「{id_}」はありません。",
                    "参照した結果がなく、このシナリオを判定できません。",
                    f"「{near}」ではありませんか。" if near else "番号を確かめてください。",
                )
            elif scenario.id not in sleeping:
                yield Problem(
                    place,
                    "E-RULE-32",
                    f"「{scenario.id}」が参照しているシナリオ「{id_}」は、基準日が有効期間の外です。",
                    "参照した結果がなく、このシナリオを判定できません。",
                    "2つのシナリオの「有効期間」をそろえるか、参照を消してください。",
                )
    yield from _loops(scenarios)


def _loops(scenarios: Mapping[str, Scenario]) -> Iterator[Problem]:
    told: set[frozenset[str]] = set()
    finished: set[str] = set()

    def visit(id_: str, path: list[str]) -> Iterator[Problem]:
        if id_ in path:
            loop = path[path.index(id_) :]
            if frozenset(loop) not in told:
                told.add(frozenset(loop))
                next_ = [*loop[1:], loop[0]][0]
                place = next(at for target, at in referring_sentences(scenarios[loop[0]]) if target == next_)
                yield Problem(
                    place,
                    "E-RULE-33",
                    f"シナリオの参照がひと回りしています({' → '.join([*loop, loop[0]])})。",
                    "どれを先に判定するか決まりません。",
                    "どれか1つの参照を、もとになる条件の文に書き直してください。",
                )
            return
        if id_ in finished or id_ not in scenarios:
            return
        for next_ in references(scenarios[id_]):
            yield from visit(next_, [*path, id_])
        finished.add(id_)

    for id_ in scenarios:
        yield from visit(id_, [])
