"""References between scenarios (シナリオYC-03に該当する): does the other scenario exist and apply, and is there no loop."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from engine.kernel.errors import Problem
from engine.kernel.strict_yaml import near_name
from engine.rulebook.model import Rulebook, Scenario
from engine.rulebook.syntax import references_of


def references(scenario: Scenario) -> tuple[str, ...]:
    """番号 of the scenarios on whose result one depends, each once, in the order in which they are mentioned."""
    parts = (scenario.target, scenario.condition, *scenario.cancels)
    return tuple(dict.fromkeys(id_ for part in parts for id_ in references_of(part)))


def evaluation_order(scenarios: Sequence[Scenario]) -> tuple[Scenario, ...]:
    """Every scenario after those it refers to, otherwise in the given order. Raises ValueError where they form a loop."""
    by_id = {scenario.id: scenario for scenario in scenarios}
    done: dict[str, Scenario] = {}

    def visit(scenario: Scenario, path: tuple[str, ...]) -> None:
        if scenario.id in path:
            raise ValueError(f"scenarios refer to each other in a loop: {' '.join((*path, scenario.id))}")
        for id_ in references(scenario):
            if id_ not in done:
                visit(by_id[id_], (*path, scenario.id))
        done.setdefault(scenario.id, scenario)

    for scenario in scenarios:
        visit(scenario, ())
    return tuple(done.values())


def reference_problems(rulebooks: Sequence[Rulebook], written: Collection[str]) -> Iterator[Problem]:
    """References to scenarios that do not exist or do not apply on the day, and loops. `written`: every 番号 in the files,
    also of scenarios that could not be read, whose own faults are told instead."""
    scenarios = {scenario.id: scenario for book in rulebooks for scenario in book.scenarios}
    resting = {id_: book.file for book in rulebooks for id_ in book.not_in_force}
    for scenario in scenarios.values():
        for id_ in references(scenario):
            if id_ in scenarios or (id_ in written and id_ not in resting):
                continue
            if id_ in resting:
                yield Problem(
                    scenario.place,
                    "E-RULE-32",
                    f"「{scenario.id}」が参照しているシナリオ「{id_}」は、基準日が有効期間の外です。",
                    "参照した結果がなく、このシナリオを判定できません。",
                    "2つのシナリオの「有効期間」をそろえるか、参照を消してください。",
                )
                continue
            near = near_name(id_, scenarios)
            yield Problem(
                scenario.place,
                "E-RULE-31",
                f"「{scenario.id}」が参照しているシナリオ「{id_}」はありません。",
                "参照した結果がなく、このシナリオを判定できません。",
                f"「{near}」ではありませんか。" if near else "番号を確かめてください。",
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
                yield Problem(
                    scenarios[loop[0]].place,
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
