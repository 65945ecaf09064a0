"""What a trace says, ready to be laid out: the run, the child's tier and its reasons, numbered facts, files with hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.kernel.truth import Truth
from engine.records.case import Strength, Tier, TurningPoint
from engine.records.score import Band, ScoreReason
from engine.records.similar import SimilarCase

Part = Literal["対象", "条件", "打ち消し"]
FactsFrom = Literal["記録", "保管庫", "なし"]
Outcome = Literal["該当", "打ち消し", "不明", "非該当"]


@dataclass(frozen=True)
class FileUsed:
    """One delivered file of the run. `no`: its place (from 1) among all deliveries of the manifest, by which facts name it."""

    no: int
    file: str
    label: str
    as_of: date
    sha256: str
    received: int
    used: int
    quarantined: int


@dataclass(frozen=True)
class RuleFile:
    """One rule file as it was used. `approved_by` empty and `approved_on` None: the record names no approval."""

    file: str
    version: str
    sha256: str
    approved_by: str
    approved_on: date | None
    reason: str


@dataclass(frozen=True)
class RunHead:
    """Which run, and by what it can be recognised. `gaps`: what the record lacks, in words; `replay`: verdict of the second engine.
    `model`: None where the rules alone decided; `model_note` then says why, where the record does."""

    run_id: str
    as_of: date
    city: str
    replay: str
    replay_note: str
    manifest_sha256: str
    version: str
    code_sha256: str
    key_id: str
    previous_run: str | None
    deliveries: int
    gaps: tuple[str, ...]
    model: ModelHead | None = None
    model_note: str = ""


@dataclass(frozen=True)
class TracedFact:
    """One piece of evidence about one child, numbered within the trace.

    `subject` is as seen from that child. `text` without its origin; `on`/`until` valid time, `known_on` known time.

    `file_no` is 0 where the manifest does not name the file. `line` counts from 1, the heading included.
    """

    no: int
    child_key: str
    subject: str
    text: str
    on: date | None
    until: date | None
    known_on: date
    source_label: str
    owner: str
    legal_basis: str
    file_no: int
    file: str
    line: int


@dataclass(frozen=True)
class TracedLine:
    """One line of a scenario: a sentence with its number in the run (0: a group, or not recorded), its answer, its facts by number."""

    part: Part
    depth: int
    is_group: bool
    number: int
    text: str
    truth: Truth
    facts: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class TracedScenario:
    """A scenario judged for one child. `outcome` 該当 counts towards the tier; `line` 0: not recorded."""

    id: str
    hardship_type: str
    name: str
    strength: Strength
    source: str
    outcome: Outcome
    in_target: Truth
    file: str
    line: int
    rule: RuleFile | None
    lines: tuple[TracedLine, ...]
    ask: tuple[str, ...]


@dataclass(frozen=True)
class TypeStep:
    """One hardship type: hits by strength → level (段) by which line of tiers.yaml → table at the model's band → tier.

    `level_line` counts the lines of 段 from 1. `lifted_from`: the tier by the rules alone, where the band raised it. `always`: scenarios that make ①
    by themselves. `reason` stands alone where the policy is not in the record (`level` empty then).
    """

    hardship_type: str
    label: str
    counts: tuple[tuple[Strength, int], ...]
    level: str
    level_line: int
    level_asks: str
    band: str
    tier: Tier
    always: tuple[str, ...]
    scenario_ids: tuple[str, ...]
    reason: str = ""
    lifted_from: Tier | None = None


@dataclass(frozen=True)
class TracedScore:
    """The model's score of one type: in millionths, its place in a thousand (None: further down than `places`), its band, and what it had to reach.

    `enter`, `leave`: of each band the score that enters and the one that keeps it, 上 first. `weeks_below`: runs in a row below what keeps the band, of
    `weeks` after which it is left. `reasons` are kept for listed children only.
    """

    label: str
    millionths: int
    place: int | None
    places: int
    band: Band
    weeks_below: int
    weeks: int
    enter: tuple[tuple[Band, int], ...]
    leave: tuple[tuple[Band, int], ...]
    reasons: tuple[ScoreReason, ...]


@dataclass(frozen=True)
class ModelHead:
    """The model whose scores went into a run: by hash, by whose word, and the run whose bands it carried on."""

    model_id: str
    sha256: str
    approved_by: str
    approved_on: date
    carried_from: str | None


@dataclass(frozen=True)
class OverlapStep:
    """重なり: the types that reach the level that counts, how many it takes, and what tier it gives."""

    labels: tuple[str, ...]
    needed: int
    tier: Tier
    applies: bool


@dataclass(frozen=True)
class TracedChild:
    """One child. `standing` says in words where the household is on the week's list; `case_no` None if it is not.

    `scenarios`: hits first, then 打ち消し, 不明 and, where asked for, 非該当. `not_met` counts the rest. `supports`: facts by number.
    `replayed`: what the second engine said of this child. `contradictions`: where the record does not agree with itself, empty in
    every sound record. `to_check` and `missing` are kept only for listed children (`facts_from` 記録) or come with facts from the
    store. `points` order inside a tier; on no handout. `scores`: of the types that the model scores; empty without one. `similar`: the past
    households that the sheet tells of.
    """

    child_key: str
    household_key: str
    case_no: int | None
    age_years: int | None
    school_grade: int | None
    tier: Tier
    points: int
    standing: str
    types: tuple[TypeStep, ...]
    overlap: OverlapStep | None
    always_active: tuple[str, ...]
    scenarios: tuple[TracedScenario, ...]
    not_met: int
    missing: tuple[str, ...]
    to_check: tuple[str, ...]
    turning_points: tuple[TurningPoint, ...]
    supports: tuple[int, ...]
    facts_from: FactsFrom
    replayed: tuple[str, ...]
    contradictions: tuple[str, ...]
    scores: tuple[TracedScore, ...] = ()
    similar: tuple[SimilarCase, ...] = ()

    @property
    def lifted(self) -> tuple[TypeStep, ...]:
        """The types that the model raised."""
        return tuple(step for step in self.types if step.lifted_from is not None)


@dataclass(frozen=True)
class WayToHit:
    """What a scenario that does not count would still need, the nearest way: sentences × or ？ that would have to be otherwise.

    `lines`: those sentences; `wanted`: for each whether it would have to be ○ (or ×). `fixed`: how many of them only describe the child (年齢,
    学年), so that nothing brings them about. `cancels`: the 打ち消し sentences that are ○ now. `tier`: the child's tier if this scenario alone
    came to count; None where the record has no policy.
    """

    scenario: TracedScenario
    lines: tuple[TracedLine, ...]
    wanted: tuple[Truth, ...]
    cancels: tuple[TracedLine, ...]
    fixed: int
    tier: Tier | None


@dataclass(frozen=True)
class WhyNot:
    """Why a child's tier is not higher: `ways` nearest first, and the scenarios that are not made for the child (対象外).

    `in_full`: how many of the ways are told sentence by sentence; a paper of all of them would be read by nobody.
    """

    child_key: str
    tier: Tier
    waiting: str
    ways: tuple[WayToHit, ...]
    out_of_target: tuple[str, ...]
    in_full: int

    @property
    def nearest(self) -> tuple[WayToHit, ...]:
        """Those told sentence by sentence; of the others only how far they are."""
        return self.ways[: self.in_full]

    @property
    def others(self) -> tuple[WayToHit, ...]:
        """Those that are only named."""
        return self.ways[self.in_full :]


@dataclass(frozen=True)
class Trace:
    """The whole. `facts`, `files` and `rules` are those that its children name; `why_not` one for each child, if asked for."""

    run: RunHead
    children: tuple[TracedChild, ...]
    facts: tuple[TracedFact, ...]
    files: tuple[FileUsed, ...]
    rules: tuple[RuleFile, ...]
    policy: RuleFile | None
    why_not: tuple[WhyNot, ...] = ()
    asked_scenario: str | None = None

    def lines_shown(self, scenario: TracedScenario) -> tuple[TracedLine, ...]:
        """All lines of what counts, was cancelled or was asked for; of a scenario that is 不明 those sentences that are."""
        if self.asked_scenario is not None or scenario.outcome in ("該当", "打ち消し"):
            return scenario.lines
        return tuple(line for line in scenario.lines if not line.is_group and line.truth is Truth.UNKNOWN)

    def shown(self, child: TracedChild) -> tuple[TracedScenario, ...]:
        """The scenarios that are shown line by line; what is not met is told by `why_not`, nearest first, unless asked for.

        Where the question is why not, what is met is only named (`named_only`): its sentences are no answer.
        """
        if self.asked_scenario is not None:
            return child.scenarios
        if self.why_not:
            return ()
        return tuple(scenario for scenario in child.scenarios if scenario.outcome != "非該当")

    def named_only(self, child: TracedChild) -> tuple[TracedScenario, ...]:
        """The scenarios of which only name and outcome are told."""
        if self.asked_scenario is not None or not self.why_not:
            return ()
        return tuple(scenario for scenario in child.scenarios if scenario.outcome in ("該当", "打ち消し"))

    def fact(self, no: int) -> TracedFact:
        """A fact by its number."""
        return self.facts[no - 1]
