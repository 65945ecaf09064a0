"""Running the in-file examples (試験): does each scenario do what its author said, and is each condition exercised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.evaluate.examples.coverage import Coverage, Part
from engine.evaluate.examples.wording import ExampleWording
from engine.evaluate.meaning.reference import judge_sentences
from engine.evaluate.meaning.verdict import Verdict
from engine.evaluate.plan import PlannedScenario, outcome_of, scenario_truth, truth_of
from engine.kernel.errors import Place, Problem
from engine.kernel.truth import Truth
from engine.records.vocabulary import Vocabulary
from engine.rulebook.examples.households import ExampleFault, build_household
from engine.rulebook.language.printer import to_japanese
from engine.rulebook.language.syntax import Condition, Group, Sentence, sentences_of
from engine.rulebook.model import Outcome, RulebookSet, Scenario


@dataclass(frozen=True)
class ExampleLine:
    """One line of a scenario as an example meets it. `text` is a sentence, or a group's heading without `sentence`.

    `reasons`: the facts of the example that decided it, and for 不明 what is lacking.
    """

    part: Part
    depth: int
    text: str
    truth: Truth
    sentence: Sentence | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flip:
    """A sentence that alone would have to change for an example to come out as its author expects."""

    text: str
    now: Truth
    needed: Truth


@dataclass(frozen=True)
class ExampleRun:
    """One example (the scenario's `number`th, from 1) and what came of it; `lines` mirror the scenario."""

    scenario_id: str
    number: int
    title: str
    expected: Outcome
    outcome: Outcome
    lines: tuple[ExampleLine, ...]
    flips: tuple[Flip, ...]
    place: Place

    @property
    def passed(self) -> bool:
        """Whether the outcome is the expected one."""
        return self.expected == self.outcome


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

    def of(self, scenario_id: str) -> ExampleReport:
        """What concerns one scenario; 対象 is left out, for other scenarios' examples exercise it as well."""
        return ExampleReport(
            tuple(run for run in self.runs if run.scenario_id == scenario_id),
            tuple(one for one in self.coverage if one.scenario_id == scenario_id),
            tuple(p for p in self.problems if p.what.startswith(f"{scenario_id}の試験")),
        )


def run_examples(rulebooks: RulebookSet, vocabulary: Vocabulary, source_labels: Mapping[str, str]) -> ExampleReport:
    """Judge every example of every scenario in force with the reference interpreter.

    `source_labels` is the 名前 of each source layout by source id, for 「不明: [介護保険]」.
    """
    planned_by_id = {s.id: PlannedScenario(number, s) for number, s in enumerate(rulebooks.scenarios, start=1)}
    runs: list[ExampleRun] = []
    coverage: list[Coverage] = []
    targets: list[Coverage] = []
    problems: list[Problem] = []
    for book in rulebooks.rulebooks:
        seen_of_target: dict[Sentence, set[Truth]] = {sentence: set() for sentence in sentences_of(book.target)}
        for scenario in book.scenarios:
            tester = _Tester(planned_by_id[scenario.id], planned_by_id, vocabulary, source_labels)
            tester.run()
            runs += tester.runs
            problems += tester.problems
            for sentence, seen in tester.seen.items():
                if sentence in seen_of_target:
                    seen_of_target[sentence] |= seen
            coverage += tester.coverage(book.title)
        targets += [
            _coverage(f"{book.title} 対象", book.title, "対象", sentence, seen, vocabulary)
            for sentence, seen in seen_of_target.items()
        ]
    return ExampleReport(tuple(runs), (*coverage, *targets), tuple(problems))


class _Tester:
    """The examples of one scenario."""

    def __init__(
        self,
        planned: PlannedScenario,
        planned_by_id: Mapping[str, PlannedScenario],
        vocabulary: Vocabulary,
        source_labels: Mapping[str, str],
    ) -> None:
        self._planned = planned
        self._scenario = planned.scenario
        self._planned_by_id = planned_by_id
        self._vocabulary = vocabulary
        self._source_labels = source_labels
        self.runs: list[ExampleRun] = []
        self.problems: list[Problem] = []
        parts = (self._scenario.target, self._scenario.condition, *self._scenario.cancels)
        self.seen: dict[Sentence, set[Truth]] = {sentence: set() for part in parts for sentence in sentences_of(part)}
        self._texts = {sentence: to_japanese(sentence, vocabulary) for sentence in self.seen}

    def run(self) -> None:
        for index, example in enumerate(self._scenario.examples):
            household = build_household(example, self._vocabulary, self._source_labels)
            if isinstance(household, tuple):
                self.problems += [_problem(self._scenario, index, example.title, fault) for fault in household]
                continue
            verdicts = judge_sentences(self.seen, self._planned_by_id, household, self._vocabulary)
            judged = {sentence: verdicts[sentence] for sentence in self.seen}
            truths = {sentence: verdict.truth for sentence, verdict in judged.items()}
            for sentence, truth in truths.items():
                self.seen[sentence].add(truth)
            wording = ExampleWording(self._vocabulary, self._source_labels, household)
            self.runs.append(
                ExampleRun(
                    self._scenario.id,
                    index + 1,
                    example.title,
                    example.outcome,
                    _outcome(self._planned, truths.__getitem__),
                    tuple(self._lines(judged, wording)),
                    tuple(self._flips(truths, example.outcome)),
                    self._scenario.place_of("試験", index),
                )
            )

    def _lines(self, judged: Mapping[Sentence, Verdict], wording: ExampleWording) -> Iterator[ExampleLine]:
        def tree(part: Part, condition: Condition, depth: int) -> Iterator[ExampleLine]:
            truth = truth_of(condition, lambda sentence: judged[sentence].truth)
            if not isinstance(condition, Group):
                reasons = wording.reasons(condition, judged[condition])
                yield ExampleLine(part, depth, self._texts[condition], truth, condition, reasons)
                return
            yield ExampleLine(part, depth, condition.heading, truth)
            for inner in condition.parts:
                yield from tree(part, inner, depth + 1)

        yield from tree("対象", self._scenario.target, 0)
        yield from tree("条件", self._scenario.condition, 0)
        for cancel in self._scenario.cancels:
            yield from tree("打ち消し", cancel, 0)

    def _flips(self, truths: Mapping[Sentence, Truth], expected: Outcome) -> Iterator[Flip]:
        """Each sentence whose other truth alone gives the expected outcome, ○ and × before ?."""
        if _outcome(self._planned, truths.__getitem__) == expected:
            return
        for other in (Truth.MET, Truth.NOT_MET, Truth.UNKNOWN):
            for changed, now in truths.items():
                flipped = {**truths, changed: other}
                if now is not other and _outcome(self._planned, flipped.__getitem__) == expected:
                    yield Flip(self._texts[changed], now, other)

    def coverage(self, rulebook: str) -> Iterator[Coverage]:
        """What the scenario's own sentences were seen to be; 対象 is told for the whole rulebook."""
        own: dict[Sentence, Part] = dict.fromkeys(sentences_of(self._scenario.condition), "条件")
        for cancel in self._scenario.cancels:
            for sentence in sentences_of(cancel):
                own.setdefault(sentence, "打ち消し")
        for sentence, part in own.items():
            yield _coverage(self._scenario.id, rulebook, part, sentence, self.seen[sentence], self._vocabulary)


def _coverage(
    scenario_id: str, rulebook: str, part: Part, sentence: Sentence, seen: set[Truth], vocabulary: Vocabulary
) -> Coverage:
    return Coverage(scenario_id, rulebook, part, to_japanese(sentence, vocabulary), sentence, frozenset(seen))


def _outcome(planned: PlannedScenario, judged: Callable[[Sentence], Truth]) -> Outcome:
    return outcome_of(*scenario_truth(planned, judged))


def _problem(scenario: Scenario, index: int, title: str, fault: ExampleFault) -> Problem:
    return Problem(
        scenario.place_of("試験", index, "事実", *fault.path),
        "E-RULE-30",
        f"{scenario.id}の試験「{title}」: {fault.what}",
        "この例を試せません。",
        fault.remedy,
    )
