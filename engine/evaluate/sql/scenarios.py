"""Scenarios as SQL: trees over the columns of the conditions, those that refer to others after these."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from engine.evaluate.plan import Plan, PlannedScenario, cancelled_column, truth_column
from engine.evaluate.sql import expressions as q
from engine.rulebook.language import syntax as s


def judged_query(plan: Plan, truths: exp.Expr) -> exp.Select:
    """All conditions and scenarios by child: around those that rest on records, layer by layer what refers to scenarios."""
    numbers = plan.numbers
    left = list(plan.scenarios)
    waiting = {sentence: number for sentence, number in numbers.items() if isinstance(sentence, s.Refers)}
    result = q.select([exp.Star()], q.subquery(truths))
    while left:
        ready = [p for p in left if not any(sentence in waiting for sentence in _sentences(p))]
        if not ready:
            raise ValueError("scenarios refer to each other in a loop")
        columns: list[exp.Expr] = []
        for planned in ready:
            left.remove(planned)
            cancelled = q.any_true(_tree(cancel, numbers) for cancel in planned.scenario.cancels)
            columns.append(q.named(_tree(planned.requirement, numbers), truth_column(planned)))
            columns.append(q.named(cancelled, cancelled_column(planned)))
        result = q.select([exp.Star(), *columns], q.subquery(result))
        known = {planned.id: planned for planned in ready}
        answered = [sentence for sentence in waiting if sentence.scenario_id in known]
        if answered:
            columns = [
                q.named(_stands(known[sentence.scenario_id], sentence.positive), f"c{waiting.pop(sentence)}")
                for sentence in answered
            ]
            result = q.select([exp.Star(), *columns], q.subquery(result))
    return result


def _sentences(planned: PlannedScenario) -> Iterator[s.Sentence]:
    for part in (planned.requirement, *planned.scenario.cancels):
        yield from s.sentences_of(part)


def _stands(planned: PlannedScenario, positive: bool) -> exp.Expr:
    """Whether the hit of a scenario stands: met, and not cancelled for certain (see `plan.stands`)."""
    met, cancelled = q.column(truth_column(planned)), q.column(cancelled_column(planned))
    hit = q.case((cancelled, q.FALSE.copy()), default=met)
    return hit if positive else q.negation(hit)


def _tree(condition: s.Condition, numbers: dict[s.Sentence, int]) -> exp.Expr:
    if not isinstance(condition, s.Group):
        return q.column(f"c{numbers[condition]}")
    parts = [_tree(part, numbers) for part in condition.parts]
    match condition.kind:
        case "すべて":
            return q.all_true(parts)
        case "いずれか":
            return q.any_true(parts)
        case "次でない":
            return q.negation(exp.paren(parts[0]))
        case "n以上":
            met = _sum(q.case((part, q.number(1)), default=q.number(0)) for part in parts)
            unknown = _sum(q.case((q.is_null(part), q.number(1)), default=q.number(0)) for part in parts)
            return q.from_counts(condition.needed, met, unknown, q.FALSE.copy())


def _sum(parts: Iterator[exp.Expr]) -> exp.Expr:
    total, *rest = parts
    for part in rest:
        total = exp.Add(this=total, expression=part)
    return exp.paren(total)
