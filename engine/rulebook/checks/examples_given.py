"""Whether a scenario has the examples (試験) that show how it works."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.errors import Problem
from engine.rulebook.model import Scenario

_REQUIRED = ("該当", "非該当", "不明")


def missing_examples(scenario: Scenario) -> Iterator[Problem]:
    """E-RULE-24: no example of an outcome."""
    for outcome in _REQUIRED:
        if all(example.outcome != outcome for example in scenario.examples):
            yield Problem(
                scenario.place_of("試験"),
                "E-RULE-24",
                f"シナリオ「{scenario.id}」に、結果が「{outcome}」の試験がありません。",
                "ねらいどおりに働くかを確かめられません。",
                f"結果が「{outcome}」になる例を書き足してください。",
            )


def cancels_without_example(scenario: Scenario) -> Iterator[Problem]:
    """W-RULE-10: fewer examples that are cancelled than there are cancels."""
    shown = sum(example.outcome == "打ち消し" for example in scenario.examples)
    if shown < len(scenario.cancels):
        yield Problem(
            scenario.place_of("打ち消し"),
            "W-RULE-10",
            f"シナリオ「{scenario.id}」の打ち消しは{len(scenario.cancels)}つですが、結果が「打ち消し」の試験は{shown}つです。",
            "打ち消しがねらいどおりに働くかを確かめられません。",
            "打ち消し1つにつき1つ、結果が「打ち消し」になる例を書き足してください。",
        )
