"""A run record and a number become a trace. Everything comes from the record; facts of unlisted children may be handed in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.audit.run_record import RunRecord
from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS, Casebook, ChildCase, Fact, ScenarioResult, Strength
from engine.records.outline import ScenarioOutline
from engine.tiers.outlined import LEVELS, OutlinedScenarios
from engine.tiers.turning import TurningPoints
from reports.trace.answers import Answered, Judged
from reports.trace.head import files_of, gaps_of, policy_of, rule_files_of, run_head
from reports.trace.numbering import Numbering
from reports.trace.replayed import replay_of, replayed_words
from reports.trace.scenarios import bare_scenario, in_reading_order, recorded_scenario, trace_scenario
from reports.trace.scored import traced_scores
from reports.trace.standing import find_case, find_child, standing
from reports.trace.tier_steps import disagreements, recorded_steps, type_steps
from reports.trace.traced import (
    FactsFrom,
    OverlapStep,
    RuleFile,
    Trace,
    TracedChild,
    TracedScenario,
    TypeStep,
    WhyNot,
)
from reports.trace.why_not import explain_why_not, nearest, needed_sentences

_CASE_NUMBER = re.compile(r"(?:案件)?(\d{1,4})")
WAYS_IN_FULL = 12
"""Of so many scenarios that do not count a trace tells what would have to be otherwise; of the others only how many sentences."""
_SHORTEST = 6


@dataclass(frozen=True)
class Explained:
    """One child explained again from the store: every scenario with its facts, what is missing, what to check, supports in use."""

    age_years: int | None
    school_grade: int | None
    results: tuple[ScenarioResult, ...]
    missing: tuple[str, ...]
    to_check: tuple[str, ...]
    supports: tuple[Fact, ...]


class Tracer:
    """A run, opened once, from which the traces of any of its children are made."""

    def __init__(self, run: RunRecord) -> None:
        self.run = run
        self.casebook: Casebook = run.casebook()
        self.answered = Answered(run)
        self.policy, policy_gap = policy_of(run)
        self._replay = replay_of(run)
        self.gaps = tuple(gaps_of(run, policy_gap))
        self.rules: Mapping[str, RuleFile] = rule_files_of(run)

    @cached_property
    def _turning(self) -> TurningPoints | None:
        """None where the record holds no policy or no sentences."""
        return TurningPoints(self.answered.outlines, self.policy) if self.policy and self.answered.outlines else None

    def meant(self, wanted: str) -> tuple[str, ...]:
        """Keys of the children that a number means: 案件03, or the beginning of a child's or household's key, six letters or more.

        Raises KizukiError E-RUN-02 where nobody in the run is meant.
        """
        found = self.found(wanted)
        if not found:
            raise KizukiError(nobody(self.run.run_id))
        return found

    def found(self, wanted: str) -> tuple[str, ...]:
        """As `meant`, but empty where nobody is meant."""
        text = _folded(wanted)
        if number := _CASE_NUMBER.fullmatch(text):
            cases = [case for case in self.casebook.cases if case.case_no == int(number[1])]
            return tuple(child.child_key for case in cases for child in case.children)
        return tuple(self.answered.keys_like(text)) if len(text) >= _SHORTEST else ()

    def trace(
        self,
        keys: Sequence[str],
        *,
        scenario: str | None = None,
        why_not: bool = False,
        explained: Mapping[str, Explained] | None = None,
    ) -> Trace:
        """The trace of these children. `scenario`: only this one, whatever its result. `why_not`: also what is not met, and why.

        Raises KizukiError E-RUN-21 where the run did not judge that scenario.
        """
        known = self.run.manifest["scenarios"]
        scenario = scenario and _folded(scenario)
        if scenario is not None and scenario not in known:
            raise KizukiError(_no_scenario(self.run.run_id, scenario))
        numbering = Numbering(files_of(self.run, self.casebook))
        children, reasons = [], []
        for key in keys:
            judged = self.answered.child(key)
            child = self._child(judged, numbering, scenario, why_not, (explained or {}).get(key))
            children.append(child)
            if why_not and self.answered.outlines:
                reasons.append(self._why_not(judged, child, scenario))
        named = {s.file for child in children for s in child.scenarios}
        return Trace(
            run=run_head(self.run, self.casebook, self.gaps),
            children=tuple(children),
            facts=numbering.facts,
            files=numbering.files,
            rules=tuple(rule for file, rule in self.rules.items() if file in named),
            policy=self.rules.get("rulebooks/tiers.yaml"),
            why_not=tuple(reasons),
            asked_scenario=scenario,
        )

    def _why_not(self, judged: Judged, child: TracedChild, scenario: str | None) -> WhyNot:
        hits = tuple(self._hits(judged))
        in_full = len(self.answered.outlines) if scenario is not None else WAYS_IN_FULL
        return explain_why_not(child, judged, self.answered.outlines, hits, self.policy, in_full)

    def _child(
        self, judged: Judged, numbering: Numbering, scenario: str | None, why_not: bool, explained: Explained | None
    ) -> TracedChild:
        case = find_case(self.casebook, judged.household_key)
        listed = find_child(case, judged.child_key)
        results = _results(explained or listed)
        odd = list(self._contradictions(judged, listed))
        scenarios: list[TracedScenario] = []
        near = nearest(self.answered.outlines, judged)[:WAYS_IN_FULL] if why_not else None
        for outline in in_reading_order(self.answered.outlines, judged):
            if not _shown(judged, outline, scenario, why_not):
                continue
            told = None if scenario is not None else _told(judged, outline, near)
            traced, strange = trace_scenario(outline, judged, results.get(outline.id), numbering, self.rules, told)
            scenarios.append(traced)
            odd += strange
        if not self.answered.outlines:
            scenarios = list(self._without_outlines(judged, results, numbering, scenario, why_not))
        steps, overlap = self._steps(judged, listed, odd)
        source = explained or listed
        facts_from: FactsFrom = "保管庫" if explained else "記録" if listed else "なし"
        turning = listed.turning_points if listed is not None else ()
        if not turning and self._turning is not None:
            turning = self._turning.of(judged.sentences, judged.bands)
        return TracedChild(
            child_key=judged.child_key,
            household_key=judged.household_key,
            case_no=case.case_no if case else None,
            age_years=source.age_years if source else None,
            school_grade=source.school_grade if source else None,
            tier=judged.tier,
            points=judged.points,
            standing=standing(self.answered, self.casebook, judged, case),
            types=steps,
            overlap=overlap,
            always_active=tuple(sorted(self.policy.always_active)) if self.policy else (),
            scenarios=tuple(scenarios),
            not_met=sum(judged.outcome(each) == "非該当" for each in judged.scenarios),
            missing=source.missing if source else (),
            to_check=tuple(_to_check(source, scenarios)) if source else (),
            turning_points=turning,
            supports=numbering.numbers(judged.child_key, source.supports) if source else (),
            facts_from=facts_from,
            replayed=replayed_words(self._replay, judged.child_key),
            contradictions=tuple(dict.fromkeys(odd)),
            scores=traced_scores(self.answered, judged, listed),
            similar=listed.similar if listed is not None else (),
        )

    def _without_outlines(
        self,
        judged: Judged,
        results: Mapping[str, ScenarioResult],
        numbering: Numbering,
        scenario: str | None,
        why_not: bool,
    ) -> Iterator[TracedScenario]:
        """As far as an older record goes: what was explained for the list, of the rest the result alone."""
        for each in judged.scenarios:
            if each != scenario and (scenario is not None or not (why_not or judged.outcome(each) != "非該当")):
                continue
            if each in results:
                yield recorded_scenario(results[each], judged.child_key, numbering, self.rules)
            else:
                yield bare_scenario(each, self.run.manifest["scenarios"][each], judged, self.rules)

    def _steps(
        self, judged: Judged, listed: ChildCase | None, odd: list[str]
    ) -> tuple[tuple[TypeStep, ...], OverlapStep | None]:
        if self.policy is None:
            return (recorded_steps(listed.types) if listed else ()), None
        steps, overlap, tier = type_steps(tuple(self._hits(judged)), self.policy, judged.bands)
        odd += disagreements(steps, tier, judged.type_tiers, judged.tier)
        return steps, overlap

    def _hits(self, judged: Judged) -> Iterator[tuple[str, str, Strength]]:
        known = self.run.manifest["scenarios"]
        for each in judged.hits:
            yield each, known[each]["type"], known[each]["strength"]

    def _contradictions(self, judged: Judged, listed: ChildCase | None) -> Iterator[str]:
        """Whether the sentences make the recorded scenarios, references followed; and whether sheet and cover say the same."""
        if listed is not None:
            yield from _against_sheet(judged, listed)
        said = self.run.manifest.get("replay")
        if isinstance(said, str) and said != self.casebook.replay:
            yield f"会議資料の再現({self.casebook.replay})が、目録の再現({said})と合いません。"
        if not self.answered.outlines:
            return
        outlined = OutlinedScenarios(self.answered.outlines)
        levels = {level: truth for truth, level in LEVELS.items()}
        made = outlined.judge(outlined.values(judged.sentences))
        for outline, (met, cancelled) in zip(self.answered.outlines, made, strict=True):
            if (levels[met], levels[cancelled]) != judged.scenarios[outline.id]:
                yield f"{outline.id}: 文の○×？から組み立てた結果が、記録された結果と合いません。"


def _against_sheet(judged: Judged, listed: ChildCase) -> Iterator[str]:
    """Where a sheet has another tier than was decided, or lacks a scenario that counts."""
    if listed.tier != judged.tier:
        yield f"児童票の区分{listed.tier.mark}が、判定の記録{judged.tier.mark}と合いません。"
    for said in listed.types:
        was = judged.type_tiers.get(said.hardship_type, said.tier)
        if said.tier != was:
            label = HARDSHIP_LABELS[said.hardship_type]
            yield f"{label}: 児童票の区分{said.tier.mark}が、判定の記録{was.mark}と合いません。"
    said_of = {score.hardship_type: (score.millionths, score.band) for score in listed.scores}
    was_of = {kind: (s.millionths, s.band) for kind, s in judged.scores.items() if s.band != "なし"}
    if said_of != was_of:
        yield "児童票のモデルの点か帯が、点の記録(scores.parquet)と合いません。"
    for lacking in sorted(set(judged.hits) - {result.scenario_id for result in listed.results}):
        yield f"{lacking}: 該当していますが、児童票に根拠が残っていません。"


def _results(source: Explained | ChildCase | None) -> Mapping[str, ScenarioResult]:
    return {result.scenario_id: result for result in source.results} if source else {}


def _shown(judged: Judged, outline: ScenarioOutline, scenario: str | None, why_not: bool) -> bool:
    if scenario is not None:
        return outline.id == scenario
    if why_not:
        return judged.line(outline.target) is not Truth.NOT_MET
    return judged.outcome(outline.id) != "非該当"


def _told(judged: Judged, outline: ScenarioOutline, near: Collection[str] | None) -> Collection[int] | None:
    """The sentences whose facts are told: all of what counts or was cancelled, else the unknown ones.

    `near`: where the question is why not, the scenarios that answer it; told is what would have to be otherwise in them.
    """
    if near is not None:
        return set(needed_sentences(outline, judged)) if outline.id in near else set()
    if judged.outcome(outline.id) in ("該当", "打ち消し"):
        return None
    numbers = {line.number for line in outline.sentences() if judged.line(line) is Truth.UNKNOWN}
    if judged.outcome(outline.id) == "非該当":
        numbers = set()
    return numbers


def _to_check(source: Explained | ChildCase, scenarios: Sequence[TracedScenario]) -> Iterator[str]:
    asks = [ask for scenario in scenarios if scenario.outcome == "該当" for ask in scenario.ask]
    yield from dict.fromkeys((*source.to_check, *asks))


def is_case_number(wanted: str) -> bool:
    """Whether a number is that of a case (案件03), not of a person."""
    return _CASE_NUMBER.fullmatch(_folded(wanted)) is not None


def _folded(wanted: str) -> str:
    return unicodedata.normalize("NFKC", wanted).strip().upper()


def nobody(run_id: str) -> Problem:
    """E-RUN-02: a number that means nobody in a run."""
    return Problem(
        Place(f"runs/{run_id}"),
        "E-RUN-02",
        "この番号のこども・案件は、この実行の記録にありません。",
        "示す判定がありません。",
        "整理番号(6文字以上)か、会議資料の案件番号(例 案件03)を確かめてください。"
        "生年月日が分からない人と18歳以上の人は判定されません(`kizuki trace --facts` が、どちらかを示します)。",
    )


def _no_scenario(run_id: str, scenario: str) -> Problem:
    return Problem(
        Place(f"runs/{run_id}"),
        "E-RUN-21",
        f"シナリオ「{scenario}」は、この実行では判定していません。",
        "示す判定がありません。",
        "番号を確かめてください(例 YC-03)。どのシナリオがあったかは、runs の manifest.json にあります。",
    )
