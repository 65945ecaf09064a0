"""Running the in-file examples (試験): does each scenario do what its author said, and is each condition exercised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.evaluate.plan import PlannedScenario, scenario_truth, truth_of
from engine.evaluate.reference import judge_sentences
from engine.kernel.errors import Place, Problem
from engine.kernel.truth import Truth
from engine.records.household import Household
from engine.records.vocabulary import Vocabulary
from engine.rulebook.examples import build_household
from engine.rulebook.model import Example, Outcome, RulebookSet, Scenario
from engine.rulebook.printer import to_japanese
from engine.rulebook.syntax import Condition, Group, Sentence, sentences_of


@dataclass(frozen=True)
class ExampleRun:
    """One example and what came of it; `lines` mirror the scenario with ○ × ? at each line."""

    scenario_id: str
    title: str
    expected: Outcome
    outcome: Outcome
    lines: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the outcome is the expected one."""
        return self.expected == self.outcome


@dataclass(frozen=True)
class Coverage:
    """One sentence of one scenario: which truths its examples have shown."""

    scenario_id: str
    text: str
    seen: frozenset[Truth]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The words for what no example shows; 不明 is welcome but not demanded."""
        return tuple(truth.label for truth in (Truth.MET, Truth.NOT_MET) if truth not in self.seen)


@dataclass(frozen=True)
class ExampleReport:
    """All example runs, the coverage of each sentence, and problems in the examples themselves."""

    runs: tuple[ExampleRun, ...]
    coverage: tuple[Coverage, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every example gave its expected outcome, and every sentence was seen met and not met."""
        return not self.problems and all(r.passed for r in self.runs) and not any(c.lacking for c in self.coverage)

    def text(self) -> str:
        """The report as an author reads it."""
        lines = [
            f"試験 {len(self.runs)}件: 合格 {sum(r.passed for r in self.runs)}件、不合格 {sum(not r.passed for r in self.runs)}件"
        ]
        for run in self.runs:
            if not run.passed:
                lines += [
                    "",
                    f"✕ {run.scenario_id}「{run.title}」: 期待は{run.expected}、結果は{run.outcome}です。",
                    *run.lines,
                ]
        gaps = [c for c in self.coverage if c.lacking]
        if gaps:
            lines += [
                "",
                "試験で確かめられていない条件(1つのシナリオの試験のどれかで、該当と非該当の両方にしてください):",
            ]
            lines += [f"  {c.scenario_id} 「{c.text}」が{'にも'.join(c.lacking)}になる例がありません。" for c in gaps]
        lines += ["", *map(str, self.problems)] if self.problems else []
        return "\n".join(lines)


def run_examples(rulebooks: RulebookSet, vocabulary: Vocabulary, source_labels: Mapping[str, str]) -> ExampleReport:
    """Judge every example of every scenario in force with the reference interpreter.

    `source_labels` is the 名前 of each source layout by source id, for 「不明: [介護保険]」.
    """
    runs: list[ExampleRun] = []
    coverage: list[Coverage] = []
    problems: list[Problem] = []
    planned_by_id = {s.id: PlannedScenario(number, s) for number, s in enumerate(rulebooks.scenarios, start=1)}
    for planned in planned_by_id.values():
        scenario = planned.scenario
        seen: dict[Sentence, set[Truth]] = {
            sentence: set()
            for condition in (scenario.target, scenario.condition, *scenario.cancels)
            for sentence in sentences_of(condition)
        }
        for example in scenario.examples:
            household = build_household(example, vocabulary, source_labels)
            if isinstance(household, tuple):
                problems += [_problem(scenario, example, fault.what, fault.remedy) for fault in household]
                continue
            verdicts = judge_sentences(seen, planned_by_id, household, vocabulary)
            judged = {sentence: verdicts[sentence].truth for sentence in seen}
            for sentence, truth in judged.items():
                seen[sentence].add(truth)
            runs.append(_run(planned, example, judged, vocabulary))
        own = {s for c in (scenario.condition, *scenario.cancels) for s in sentences_of(c)}
        coverage += [
            Coverage(scenario.id, to_japanese(sentence, vocabulary), frozenset(truths))
            for sentence, truths in seen.items()
            if sentence in own
        ]
    coverage += list(_target_coverage(rulebooks, planned_by_id, vocabulary, source_labels))
    return ExampleReport(tuple(runs), tuple(coverage), tuple(problems))


def _target_coverage(
    rulebooks: RulebookSet,
    planned_by_id: Mapping[str, PlannedScenario],
    vocabulary: Vocabulary,
    source_labels: Mapping[str, str],
) -> Iterator[Coverage]:
    """対象 is shared by a whole rulebook, so any of its scenarios' examples may exercise it."""
    for rulebook in rulebooks.rulebooks:
        households = [
            h
            for scenario in rulebook.scenarios
            for example in scenario.examples
            if isinstance(h := build_household(example, vocabulary, source_labels), Household)
        ]
        asked = tuple(sentences_of(rulebook.target))
        verdicts = [judge_sentences(asked, planned_by_id, household, vocabulary) for household in households]
        for sentence in asked:
            seen = frozenset(judged[sentence].truth for judged in verdicts)
            yield Coverage(f"{rulebook.title} 対象", to_japanese(sentence, vocabulary), seen)


def _run(
    planned: PlannedScenario, example: Example, judged: Mapping[Sentence, Truth], vocabulary: Vocabulary
) -> ExampleRun:
    truth, cancelled = scenario_truth(planned, judged.__getitem__)
    outcome: Outcome
    match truth, cancelled:
        case Truth.MET, Truth.MET:
            outcome = "打ち消し"
        case Truth.MET, _:
            outcome = "該当"
        case Truth.UNKNOWN, _:
            outcome = "不明"
        case _:
            outcome = "非該当"
    scenario = planned.scenario
    lines = [
        *_lines("対象", scenario.target, judged, vocabulary),
        *_lines("条件", scenario.condition, judged, vocabulary),
    ]
    for cancel in scenario.cancels:
        lines += _lines("打ち消し", cancel, judged, vocabulary)
    return ExampleRun(scenario.id, example.title, example.outcome, outcome, tuple(lines))


def _lines(
    heading: str, condition: Condition, judged: Mapping[Sentence, Truth], vocabulary: Vocabulary, depth: int = 1
) -> list[str]:
    truth = truth_of(condition, judged.__getitem__)
    if not isinstance(condition, Group):
        text = to_japanese(condition, vocabulary)
        return [f"{'  ' * depth}{truth.mark} {heading + ': ' if heading else ''}{text}"]
    lines = [f"{'  ' * depth}{truth.mark} {heading + ': ' if heading else ''}{condition.heading}"]
    for part in condition.parts:
        lines += _lines("", part, judged, vocabulary, depth + 1)
    return lines


def _problem(scenario: Scenario, example: Example, what: str, remedy: str) -> Problem:
    place = Place(scenario.place.file, scenario.place.line, scenario.place.column)
    return Problem(
        place, "E-RULE-30", f"{scenario.id}の試験「{example.title}」: {what}", "この例を試せません。", remedy
    )
