"""What the runs made of a person, as far as it may be told: only what the shown sentences settle by themselves.

A scenario mixes sentences about the person with sentences about others. Its outcome is told where it would be the same
whatever the withheld sentences said; otherwise the outcome would tell them. So the paper is a function of what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import numpy as np
import pyarrow.compute as pc

from engine.audit.run_record import RunRecord
from engine.evaluate.plan import Plan, PlannedScenario, outcome_of, stands
from engine.kernel import truth as kleene
from engine.kernel.errors import KizukiError
from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS, Case, Casebook, Tier
from engine.rulebook.language.printer import to_japanese
from engine.rulebook.language.syntax import Condition, Group, Refers, Sentence, items_of, sentences_of
from engine.tiers.decide import decide, scenario_infos
from engine.tiers.week_scores import recorded_scores
from kizuki.disclosure.requester import Requester
from kizuki.disclosure.withholding import OTHERS, PROTECTION_RECORD, Ground, Withholding, tier_ground
from kizuki.rules.files import RuleFiles
from kizuki.rules.past import load_past_rules

Span = tuple[Truth, Truth]
"""The least and the most that a truth can be, in the order × ？ ○."""

_ORDER = (Truth.NOT_MET, Truth.UNKNOWN, Truth.MET)
_ANY: Span = (Truth.NOT_MET, Truth.MET)
_OLD_RECORD = Ground(
    "要確認", "この実行の記録は、文ごとの結果を分けて示せない(前の版の記録か、いまの版で読めない決まり)"
)


@dataclass(frozen=True)
class JudgedScenario:
    """One scenario in one run. `outcome` is what the record holds; the paper to hand over has it only without a `ground`."""

    scenario_id: str
    hardship: str
    name: str
    outcome: str
    ground: Ground | None
    is_named: bool


@dataclass(frozen=True)
class JudgedSentence:
    """One sentence in one run that may be told, with its answer."""

    text: str
    truth: Truth


@dataclass(frozen=True)
class Judgement:
    """What one run says of a person. `tier` is None for somebody who was not judged (grown-ups; not a resident on the day).

    `listed`: on the list as a child. `named`: on a household's sheet as one of its members. `apart`: a child of a household that was shown beside the
    list, because a conference had set it aside. `drawn`: a child whom chance drew. `sheets`: the households on whose sheets or lines the person is.
    `scored_types`: hardship types in which a model gave the person a score. `lifted`: whether the score raised the tier. `sentences` are those that may
    be told.
    """

    run_id: str
    as_of: date
    tier: Tier | None
    tier_ground: Ground | None
    listed: bool
    named: bool
    scored_types: tuple[str, ...] = ()
    lifted: bool = False
    scenarios: tuple[JudgedScenario, ...] = ()
    sentences: tuple[JudgedSentence, ...] = ()
    withheld_sentences: int = 0
    apart: bool = False
    drawn: bool = False
    sheets: tuple[str, ...] = ()

    @property
    def used_model(self) -> bool:
        """Whether a score of this person entered."""
        return bool(self.scored_types)


def judgements_of(runs: Iterable[RunRecord], person_key: str, requester: Requester) -> tuple[Judgement, ...]:
    """Every run's judgement of a person. Raises KizukiError where a record is damaged; old records yield less, and say so."""
    read: dict[object, RuleFiles | None] = {}
    return tuple(_judgement(run, person_key, requester, read) for run in runs)


def _judgement(
    run: RunRecord, person_key: str, requester: Requester, read: dict[object, RuleFiles | None]
) -> Judgement:
    casebook = run.casebook()
    shown = _judged(run, casebook, person_key, requester, read)
    apart = [each for each in casebook.apart if any(child.key == person_key for child in each.children)]
    drawn = [each for each in casebook.drawn if any(member.key == person_key for member in each.members)]
    sheets = [case.household_key for case in casebook.cases if _is_on(case, person_key)]
    return replace(
        shown,
        named=shown.named or bool(drawn),
        apart=bool(apart),
        drawn=any(each.child_key == person_key for each in drawn),
        sheets=(*sheets, *(each.household_key for each in apart), *(each.household_key for each in drawn)),
    )


def _is_on(case: Case, person_key: str) -> bool:
    return any(member.key == person_key for member in case.members) or any(
        child.child_key == person_key for child in case.children
    )


def _judged(
    run: RunRecord, casebook: Casebook, person_key: str, requester: Requester, read: dict[object, RuleFiles | None]
) -> Judgement:
    rows = run.decisions().filter(pc.field("child_key") == person_key).to_pylist()
    listed = any(child.child_key == person_key for case in casebook.cases for child in case.children)
    named = any(member.key == person_key for case in casebook.cases for member in case.members)
    if not rows:
        return Judgement(run.run_id, run.as_of, None, None, listed, named)
    (row,) = rows
    tier, ground = Tier(row["tier"]), tier_ground(requester)
    scores = recorded_scores(run)
    scored = tuple(scores.of(person_key)) if scores is not None else ()
    rules = _rules(run, read) if run.is_complete else None
    if rules is None:
        unread = tuple(_unread(run, row))
        return Judgement(run.run_id, run.as_of, tier, ground, listed, named, scored, scenarios=unread)
    plan, lifted = rules.plan, bool(scored) and _by_rules(row, rules) != tier
    answers = run.conditions().filter(pc.field("child_key") == person_key).to_pylist()[0]
    told = _Told(plan, Withholding(requester, plan.vocabulary), answers)
    scenarios = tuple(told.scenario(planned, row) for planned in plan.scenarios)
    sentences = tuple(told.shown_sentences())
    withheld = len(plan.conditions) - len(sentences)
    return Judgement(run.run_id, run.as_of, tier, ground, listed, named, scored, lifted, scenarios, sentences, withheld)


def _by_rules(row: Mapping[str, int | None], rules: RuleFiles) -> Tier:
    """The tier that the rules alone give."""
    infos = scenario_infos(rules.plan)
    hits = {
        s.scenario_id: np.array([row[s.scenario_id] == 1 and row[f"{s.scenario_id}_cancelled"] != 1]) for s in infos
    }
    return Tier(int(decide(hits, infos, rules.policy, 1).tier[0]))


def _rules(run: RunRecord, read: dict[object, RuleFiles | None]) -> RuleFiles | None:
    # Reading the rules takes longer than all else. Runs with the same texts and the same outlines number the same sentences.
    outputs = run.manifest["outputs"]
    same = frozenset((n, digest) for n, digest in outputs.items() if n.startswith("rules/") or n == "scenarios.json")
    if same not in read:
        read[same] = _read_rules(run)
    elif read[same] is not None:
        run.rules()  # checked like those that were read
    return read[same]


def _read_rules(run: RunRecord) -> RuleFiles | None:
    try:
        return load_past_rules(run, run.as_of)
    except KizukiError as error:
        if {problem.code for problem in error.problems} <= {"E-RUN-07", "E-RUN-08"}:
            return None
        raise


def _unread(run: RunRecord, row: Mapping[str, int | None]) -> Iterator[JudgedScenario]:
    for scenario_id, about in run.manifest["scenarios"].items():
        outcome = outcome_of(_truth(row[scenario_id]), _truth(row[f"{scenario_id}_cancelled"]))
        hardship = HARDSHIP_LABELS[about["type"]]
        yield JudgedScenario(scenario_id, hardship, about["name"], outcome, _OLD_RECORD, is_named=False)


def _truth(value: int | None) -> Truth:
    return Truth.UNKNOWN if value is None else kleene.of(bool(value))


class _Told:
    """What may be told of one person's answers in one run."""

    def __init__(self, plan: Plan, rules: Withholding, answers: Mapping[str, int | None]) -> None:
        self._plan, self._rules, self._answers = plan, rules, answers
        self._spans: dict[str, tuple[Span, Span]] = {}
        for planned in plan.evaluation_order:
            self._spans[planned.id] = self._of(planned)

    def scenario(self, planned: PlannedScenario, row: Mapping[str, int | None]) -> JudgedScenario:
        outcome = outcome_of(_truth(row[planned.id]), _truth(row[f"{planned.id}_cancelled"]))
        possible = {outcome_of(met, cancelled) for met, cancelled in product(*map(_between, self._spans[planned.id]))}
        if outcome not in possible:
            raise AssertionError(f"{planned.id}: the record's outcome does not follow from the record's answers")
        ground = self._whole(planned)
        named = ground is None
        if ground is None and len(possible) > 1:
            ground = self._why(planned)
        hardship = HARDSHIP_LABELS[planned.scenario.hardship_type]
        return JudgedScenario(planned.id, hardship, planned.scenario.name, outcome, ground, named)

    def shown_sentences(self) -> Iterator[JudgedSentence]:
        """The sentences about the person alone. References to other scenarios are told there."""
        spoken = {
            sentence
            for planned in self._plan.scenarios
            if self._whole(planned) is None
            for sentence in _sentences(planned)
        }
        for number, sentence in enumerate(self._plan.conditions, start=1):
            if sentence in spoken and not isinstance(sentence, Refers) and self._rules.of_sentence(sentence) is None:
                yield JudgedSentence(to_japanese(sentence, self._plan.vocabulary), _truth(self._answers[f"c{number}"]))

    def _of(self, planned: PlannedScenario) -> tuple[Span, Span]:
        cancels = [self._span(cancel) for cancel in planned.scenario.cancels]
        cancelled = (kleene.any_of(low for low, _ in cancels), kleene.any_of(high for _, high in cancels))
        return self._span(planned.requirement), cancelled

    def _span(self, condition: Condition) -> Span:
        # Every group but 次でない keeps the order × ？ ○, and 次でない turns it round: both ends are enough.
        return self._tree(condition, 0), self._tree(condition, 1)

    def _tree(self, condition: Condition, end: int) -> Truth:
        if not isinstance(condition, Group):
            return self._sentence(condition)[end]
        if condition.kind == "次でない":
            return ~self._tree(condition.parts[0], 1 - end)
        parts = [self._tree(part, end) for part in condition.parts]
        if condition.kind == "すべて":
            return kleene.all_of(parts)
        return kleene.any_of(parts) if condition.kind == "いずれか" else kleene.at_least(condition.needed, parts)

    def _sentence(self, sentence: Sentence) -> Span:
        if isinstance(sentence, Refers):
            (low, high), (least, most) = self._spans[sentence.scenario_id]
            if self._whole(self._plan.by_id[sentence.scenario_id]) is not None:
                return _ANY
            hit = stands(low, most), stands(high, least)
            return hit if sentence.positive else (~hit[1], ~hit[0])
        if self._rules.of_sentence(sentence) is not None:
            return _ANY
        answer = _truth(self._answers[f"c{self._plan.number_of(sentence)}"])
        return answer, answer

    def _whole(self, planned: PlannedScenario) -> Ground | None:
        records = {
            self._plan.vocabulary.items[name].record for sentence in _sentences(planned) for name in items_of(sentence)
        }
        return self._rules.of_scenario(planned, mentions_protection=PROTECTION_RECORD in records)

    def _why(self, planned: PlannedScenario) -> Ground:
        """The ground of the first withheld sentence that is not about others; else that it is about others."""
        for sentence in _sentences(planned):
            if not isinstance(sentence, Refers):
                ground = self._rules.of_sentence(sentence)
                if ground is not None and ground is not OTHERS:
                    return ground
        return OTHERS


def _sentences(planned: PlannedScenario) -> Iterator[Sentence]:
    for condition in (planned.scenario.target, planned.scenario.condition, *planned.scenario.cancels):
        yield from sentences_of(condition)


def _between(span: Span) -> tuple[Truth, ...]:
    low, high = (_ORDER.index(end) for end in span)
    return _ORDER[low : high + 1]
