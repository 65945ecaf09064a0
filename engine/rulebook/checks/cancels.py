"""打ち消し that never cancel, or cancel every hit."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.errors import Problem
from engine.records.vocabulary import Vocabulary
from engine.rulebook.checks.parts import CONDITION, TARGET, cancel_path, named, place_of, required_parts
from engine.rulebook.checks.reasoning import Reasoner
from engine.rulebook.model import Scenario


def always_cancelled(scenario: Scenario, reasoner: Reasoner, vocabulary: Vocabulary) -> Iterator[Problem]:
    """E-RULE-35: whoever meets the condition meets the cancel, so that no hit ever stands."""
    required = [scenario.target, scenario.condition]
    for index, cancel in enumerate(scenario.cancels):
        if reasoner.follows(cancel, required):
            yield Problem(
                place_of(scenario, cancel_path(index)),
                "E-RULE-35",
                f"条件に当てはまるこどもは、必ず打ち消しの{named(cancel, vocabulary)}にも当てはまります。",
                "該当してもすべて打ち消され、誰にも気づけません。",
                "打ち消しか条件を直してください。",
            )


def idle_cancels(scenario: Scenario, reasoner: Reasoner, vocabulary: Vocabulary) -> Iterator[Problem]:
    """W-RULE-07: a cancel that cannot be met together with the condition."""
    required = [
        part for part, _ in (*required_parts(scenario.target, TARGET), *required_parts(scenario.condition, CONDITION))
    ]
    for index, cancel in enumerate(scenario.cancels):
        blamed = reasoner.clash([*required, cancel])
        if not blamed:
            continue
        others = "と".join(named(required[number], vocabulary) for number in blamed if number < len(required))
        because = f"条件の{others}と同時には成り立ちません" if others else "決して成り立ちません"
        yield Problem(
            place_of(scenario, cancel_path(index)),
            "W-RULE-07",
            f"打ち消しの{named(cancel, vocabulary)}は、{because}。",
            "打ち消すことが一度もありません。",
            "打ち消しを直すか、消してください。",
        )
