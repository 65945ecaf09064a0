"""All checks between sentences and between scenarios: errors that stop a run, and what an author had better know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.kernel.errors import Problem
from engine.records.vocabulary import Vocabulary
from engine.rulebook.checks.cancels import always_cancelled, idle_cancels
from engine.rulebook.checks.contradiction import contradiction, dead_parts
from engine.rulebook.checks.effective_days import uncovered_references
from engine.rulebook.checks.examples_given import cancels_without_example, missing_examples
from engine.rulebook.checks.promises import broken_promises
from engine.rulebook.checks.reasoning import Reasoner
from engine.rulebook.checks.redundancy import redundant_parts
from engine.rulebook.checks.shadowing import shadowed_scenarios
from engine.rulebook.checks.threshold_use import threshold_hints
from engine.rulebook.model import RulebookSet, Scenario
from engine.rulebook.references import going_round

_FIRST_HINT = 50


def is_hint(problem: Problem) -> bool:
    """Whether a warning is a mere hint (W-RULE-50 and above), which never fails a check."""
    return problem.code.startswith("W-") and int(problem.code.rsplit("-", 1)[1]) >= _FIRST_HINT


def scenario_errors(scenarios: Sequence[Scenario], vocabulary: Vocabulary) -> list[Problem]:
    """Faults of whole scenarios that stop a run: E-RULE-12, 24, 25, 26 and 35. Takes those that could be read."""
    by_id = {scenario.id: scenario for scenario in scenarios}
    for id_ in going_round(by_id):
        del by_id[id_]  # without a first one to judge there is no logic to check
    reasoner = Reasoner(by_id.values(), vocabulary)
    problems: list[Problem] = []
    for scenario in scenarios:
        problems += missing_examples(scenario)
    for scenario in by_id.values():
        problems += broken_promises(scenario, by_id, vocabulary)
        found = contradiction(scenario, reasoner, vocabulary)
        problems += [found] if found else always_cancelled(scenario, reasoner, vocabulary)
    return problems


def review(rulebooks: RulebookSet, vocabulary: Vocabulary) -> list[Problem]:
    """Warnings (W-RULE-01 …) and hints (W-RULE-51 …) on rulebooks that have no errors, by file and line.

    Scenarios out of force are reviewed like those in force. None of this stops a run.
    """
    scenarios = [
        scenario for book in rulebooks.rulebooks for scenario in sorted((*book.scenarios, *book.resting), key=_line)
    ]
    reasoner = Reasoner(scenarios, vocabulary)
    problems: list[Problem] = []
    for scenario in scenarios:
        problems += dead_parts(scenario, reasoner, vocabulary)
        problems += redundant_parts(scenario, reasoner, vocabulary)
        problems += idle_cancels(scenario, reasoner, vocabulary)
        problems += cancels_without_example(scenario)
    problems += shadowed_scenarios(scenarios, reasoner, vocabulary)
    problems += uncovered_references(scenarios, {scenario.id: scenario for scenario in scenarios})
    problems += threshold_hints(rulebooks, vocabulary)
    return in_order(problems)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By file, line and column, each once."""
    return sorted(
        dict.fromkeys(problems), key=lambda p: (p.place.file, p.place.line or 0, p.place.column or 0, p.code, p.what)
    )


def _line(scenario: Scenario) -> int:
    return scenario.place.line or 0
