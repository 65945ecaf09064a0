"""Values against bounds, scales and lists; a blank is unknown."""

from __future__ import annotations

from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.records.household import Value
from engine.rulebook.language import syntax as s


def within(value: Value, bounds: tuple[s.Bound, ...], steps: tuple[str, ...]) -> Truth:
    """A value against bounds: a blank is unknown; a value that is no step of the scale is within no bounds."""
    if value is None:
        return Truth.UNKNOWN
    if steps:
        if value not in steps:
            return Truth.NOT_MET
        return kleene.of(all(_compare(steps.index(str(value)), b.operator, steps.index(str(b.value))) for b in bounds))
    assert isinstance(value, int)
    return kleene.of(all(_compare(value, b.operator, int(b.value)) for b in bounds))


def _compare(value: int, operator: s.Operator, limit: int) -> bool:
    match operator:
        case "以上":
            return value >= limit
        case "以下":
            return value <= limit
        case "未満":
            return value < limit
        case "を超える":
            return value > limit


def as_at_least(bound: s.Bound) -> tuple[s.Operator, int]:
    """The 以上 that a bound is, or whose opposite it is: を超える10 and 以下10 turn at 11."""
    assert isinstance(bound.value, int)
    return "以上", bound.value + (bound.operator in ("を超える", "以下"))


def is_one_of(value: Value, values: tuple[str, ...]) -> Truth:
    """Whether a value is one of the list."""
    return Truth.UNKNOWN if value is None else kleene.of(value in values)
