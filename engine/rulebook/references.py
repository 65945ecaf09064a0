"""References between scenarios (シナリオYC-03に該当する): which scenarios one depends on, and in which order all can be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.rulebook.language.syntax import references_of
from engine.rulebook.model import Scenario


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


def going_round(scenarios: Mapping[str, Scenario]) -> frozenset[str]:
    """番号 of the scenarios that wait for their own result."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for id_ in references(scenarios[waiting.pop()]):
                if id_ in scenarios and id_ not in found:
                    found.add(id_)
                    waiting.append(id_)
        return found

    return frozenset(id_ for id_ in scenarios if id_ in reached(id_))
