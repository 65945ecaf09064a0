"""The scenarios of a plan as outlines: plain words over the numbers of the plan's conditions."""

from __future__ import annotations

from engine.evaluate.plan import Plan, PlannedScenario
from engine.records.outline import OutlineLine, ScenarioOutline
from engine.rulebook.language import syntax as s
from engine.rulebook.language.printer import to_japanese


def outlines_of(plan: Plan) -> tuple[ScenarioOutline, ...]:
    """Every scenario of the plan, in its order. Thresholds are printed with their names, as in the rulebook's manual."""
    return tuple(_outline(plan, planned) for planned in plan.scenarios)


def _outline(plan: Plan, planned: PlannedScenario) -> ScenarioOutline:
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
        target=_line(plan, scenario.target),
        condition=_line(plan, scenario.condition),
        cancels=tuple(_line(plan, cancel) for cancel in scenario.cancels),
        ask=scenario.ask,
    )


def _line(plan: Plan, condition: s.Condition) -> OutlineLine:
    if isinstance(condition, s.Group):
        parts = tuple(_line(plan, part) for part in condition.parts)
        return OutlineLine(condition.heading, condition.kind, parts=parts, needed=condition.needed)
    text, number = to_japanese(condition, plan.vocabulary), plan.number_of(condition)
    if isinstance(condition, s.Refers):
        return OutlineLine(
            text, number=number, refers_to=condition.scenario_id, refers_positive=condition.positive
        )
    return OutlineLine(text, number=number)
