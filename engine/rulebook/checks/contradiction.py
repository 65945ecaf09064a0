"""Conditions that cannot hold together, so that a scenario, or a part of it, can never be met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.kernel.errors import Problem
from engine.records.vocabulary import Vocabulary
from engine.rulebook.checks.parts import CONDITION, TARGET, Path_, named, parts_of, place_of, required_parts
from engine.rulebook.checks.reasoning import Reasoner
from engine.rulebook.language import syntax as s
from engine.rulebook.model import Scenario

Located = tuple[s.Condition, Path_]


def contradiction(scenario: Scenario, reasoner: Reasoner, vocabulary: Vocabulary) -> Problem | None:
    """E-RULE-12: what 対象 and 条件 require can never be met together. Points at the last part that is to blame."""
    required = [*required_parts(scenario.target, TARGET), *required_parts(scenario.condition, CONDITION)]
    blamed = reasoner.clash([part for part, _ in required])
    if not blamed:
        return None
    last, path = required[blamed[-1]]
    others = [required[number] for number in blamed[:-1]]
    remedy = "範囲や言い方を確かめてください。どちらかでよいなら「いずれか」の下に入れてください。"
    if not others:
        what = f"{named(last, vocabulary)}は、決して成り立ちません。"
        remedy = "範囲や言い方を確かめてください。"
    else:
        with_ = "と".join(_told(scenario, each, vocabulary) for each in others)
        what = f"{named(last, vocabulary)}は、{with_}と同時には成り立ちません。"
        if path[0] == "条件" and all(other_path[0] == "対象" for _, other_path in others):
            remedy = "条件か「対象」の範囲を確かめてください。"
    return Problem(place_of(scenario, path), "E-RULE-12", what, "誰も該当しないシナリオになっています。", remedy)


def _told(scenario: Scenario, part: Located, vocabulary: Vocabulary) -> str:
    condition, path = part
    if path[0] == "対象":
        return f"「対象」の{named(condition, vocabulary)}"
    return f"{named(condition, vocabulary)}({place_of(scenario, path).line}行目)"


def dead_parts(scenario: Scenario, reasoner: Reasoner, vocabulary: Vocabulary) -> Iterator[Problem]:
    """W-RULE-01: alternatives of いずれか or n以上 that can never be met beside what is required anyway."""

    def visit(condition: s.Condition, path: Path_, given: Sequence[s.Condition]) -> Iterator[Problem]:
        if not isinstance(condition, s.Group) or condition.kind == "次でない":
            return
        parts = list(parts_of(condition, path))
        together = condition.kind == "すべて"
        for index, (part, below) in enumerate(parts):
            beside = [*given, *(p for n, (p, _) in enumerate(parts) if n != index)] if together else [*given]
            if not together and not reasoner.can_be_met([*given, part]):
                yield _dead(scenario, part, below, given, reasoner, vocabulary)
            else:
                yield from visit(part, below, beside)

    yield from visit(scenario.condition, CONDITION, [scenario.target])
    for index, cancel in enumerate(scenario.cancels):
        yield from visit(cancel, ("打ち消し", index), [scenario.target, scenario.condition])


def _dead(
    scenario: Scenario,
    part: s.Condition,
    path: Path_,
    given: Sequence[s.Condition],
    reasoner: Reasoner,
    vocabulary: Vocabulary,
) -> Problem:
    flat = [each for one in given for each, _ in required_parts(one, ())]
    blamed = reasoner.clash([*flat, part])
    why = "と".join(named(flat[number], vocabulary) for number in blamed if number < len(flat))
    because = f"{why}があるかぎり" if why else "書かれているとおりでは"
    return Problem(
        place_of(scenario, path),
        "W-RULE-01",
        f"{named(part, vocabulary)}は、{because}決して成り立ちません。",
        "書いてあっても、誰の判定も変わりません。",
        "範囲や言い方を直すか、この条件を消してください。",
    )
