"""What the conference sees: facts with their origin, scenario hits, tiers, and the case of one household."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Literal

from engine.kernel.truth import Truth
from engine.records.conference import PastDecision
from engine.records.score import Score
from engine.records.similar import SimilarCase

HardshipType = Literal[
    "abuse", "school_absence", "young_carer", "poverty", "postpartum_depression", "developmental_disorder"
]

HARDSHIP_LABELS: dict[str, str] = {
    "abuse": "虐待",
    "school_absence": "不登校",
    "young_carer": "ヤングケアラー",
    "poverty": "貧困",
    "postpartum_depression": "産後うつ",
    "developmental_disorder": "発達障がい",
}

Strength = Literal["強", "中", "弱"]

SUPPORTED_NOW = "要対協に登録されている"
"""Note of a member with an open entry in the council's register on the as-of day."""


class Tier(IntEnum):
    """The three groups of the first screening (一次絞り込み). A lower number calls for a more active approach."""

    ACTIVE = 1
    INQUIRY = 2
    NO_ACTION = 3

    @property
    def mark(self) -> str:
        """①, ②, ③."""
        return "①②③"[self - 1]

    @property
    def label(self) -> str:
        """What the tier calls for. The third never says "safe"."""
        return ("積極的なアプローチ", "学校等への調査", "積極的な介入は行わない")[self - 1]


@dataclass(frozen=True)
class Provenance:
    """Where a fact came from: delivered file and physical line (1: the first), source, as-of day of the delivery.

    `owner`, `legal_basis`, `purpose`, `retention_years`: the record's entry in the data-use register when the run was made; purpose
    empty and 0 years in records of runs before 2026-11-27. The file's hash stands in the run's manifest.
    """

    file: str
    line: int
    source: str
    source_label: str
    known_on: date
    owner: str
    legal_basis: str
    purpose: str = ""
    retention_years: int = 0


@dataclass(frozen=True)
class Origin:
    """The delivered file that a row's `file_no` stands for, and the day whose state it shows."""

    file: str
    source: str
    source_label: str
    known_on: date


@dataclass(frozen=True)
class Fact:
    """One piece of evidence. `id` is `<source>:<as-of>:<line>:<record>`; `text` is a dated Japanese phrase without names.

    `subject` says whose fact it is as seen from the child: 本人, 母, きょうだい, 世帯 … `value`: what the record says, without
    dates and words around it (要介護4, 3日; 空欄 or 不詳 where it says nothing; empty for what merely happened). `on`: the day it is valid for or from;
    `until`: the last day a state is valid, None if it still is or is no state. `record_id` names the record within the run, for every engine
    (`<record>/<file_no>/<line>`); empty, as `value`, in records of runs before 2026-11-27.
    """

    id: str
    subject: str
    label: str
    text: str
    on: date | None
    provenance: Provenance
    value: str = ""
    until: date | None = None
    record_id: str = ""


LackReason = Literal[
    "not_covered", "covered_later", "periods", "blank", "doubtful", "unknown_cell", "no_birth_date", "no_due_row"
]


@dataclass(frozen=True)
class Coverage:
    """What makes the absence of a record mean "no": a source that would show it, and covers whom the sentence speaks of.

    `who`: as seen from the child. `known_on` and `file`: the newest delivery of the source, None and empty if the register
    tells without one. `covered_from`: the first day for which "no row" means "no", the latest of those meant; None where no
    day is asked (これまで never asks). `periods`: ends of the periods within the sentence's window that the source delivered,
    for records that are due for every period.
    """

    source: str
    label: str
    who: str
    known_on: date | None
    file: str
    covered_from: date | None = None
    periods: tuple[date, ...] = ()


@dataclass(frozen=True)
class Lack:
    """Why a sentence is 不明: what is lacking from which source, about whom, and the same in words (`text`).

    `known_on`: as-of day of the source's newest delivery, None if none came. `periods`: ends of the periods that are missing;
    `covered_from`: the day from which the source tells, where that is too late.
    """

    source: str
    label: str
    who: str
    reason: LackReason
    text: str
    known_on: date | None = None
    covered_from: date | None = None
    periods: tuple[date, ...] = ()


@dataclass(frozen=True)
class SentenceResult:
    """One sentence of a scenario, judged. `depth` is its indent; `text` may be すべて / いずれか / 次でない for a group.

    `number`: the condition's number in the run (`ScenarioOutline`), 0 for a group, and in records of runs before 2026-11-27.
    `facts` are those that decided it. `note` says in words, where an absence decides, what coverage makes it meaningful, for a number what
    was counted or summed, and for 不明 which source is missing or does not cover the person. `coverage` and `lacks` are the same as data.
    """

    depth: int
    text: str
    truth: Truth
    facts: tuple[Fact, ...] = ()
    note: str = ""
    number: int = 0
    coverage: tuple[Coverage, ...] = ()
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True)
class ScenarioResult:
    """A scenario judged for one child. It counts as a hit if `truth` is met and `cancelled` is not met.

    An unknown cancel does not cancel: the hit stands, and the unknown is listed to be checked.
    """

    scenario_id: str
    hardship_type: str
    name: str
    purpose: str
    strength: Strength
    source: str
    truth: Truth
    cancelled: Truth
    sentences: tuple[SentenceResult, ...]
    cancel_sentences: tuple[SentenceResult, ...] = ()
    ask: tuple[str, ...] = ()

    @property
    def is_hit(self) -> bool:
        """Whether the scenario counts towards the tier."""
        return self.truth is Truth.MET and self.cancelled is not Truth.MET


@dataclass(frozen=True)
class TypeDecision:
    """The tier of one child in one hardship type, with the reason in words and the scenarios that led to it.

    `lifted_from`: the tier that the rules alone give, where a model raised it; None where it did not.
    """

    hardship_type: str
    tier: Tier
    reason: str
    scenario_ids: tuple[str, ...]
    lifted_from: Tier | None = None


@dataclass(frozen=True)
class Supposition:
    """One sentence answered otherwise than it is: `now` ○, × or ？ and, supposed, `would_be` ○ or ×."""

    number: int
    sentence: str
    now: Truth
    would_be: Truth


@dataclass(frozen=True)
class TurningPoint(Supposition):
    """What one answer would change, everything else staying as it is but for what follows from it.

    `tier`: the child's tier then. `scenario_ids`: the scenarios that would then count towards the tier and do not now, or the
    other way round. `also`: further sentences that would have to be answered so at the same time; empty if this one is enough.
    """

    tier: Tier
    scenario_ids: tuple[str, ...]
    also: tuple[Supposition, ...] = ()


@dataclass(frozen=True)
class ChildCase:
    """One child on the list: tier, per-type decisions, hits with evidence, and what is not known.

    `to_check` begins with what would change the tier. `turning_points`: single answers, known or unknown, that would change the tier, and
    unknown ones that would change what counts towards it, most decisive first; empty in records of runs before 2026-11-27.

    `scores`: of the types in which the child is in a band of the model, with what raised them; empty where no model was used. `lifted_from`: the tier
    by the rules alone, where the model raised it. `similar`: past households that were like the child's before they were registered, nearest first; of
    other people, so that no disclosure may hold them.
    """

    child_key: str
    age_years: int | None
    school_grade: int | None
    tier: Tier
    types: tuple[TypeDecision, ...]
    results: tuple[ScenarioResult, ...]
    to_check: tuple[str, ...]
    missing: tuple[str, ...]
    supports: tuple[Fact, ...]
    turning_points: tuple[TurningPoint, ...] = ()
    scores: tuple[Score, ...] = ()
    lifted_from: Tier | None = None
    similar: tuple[SimilarCase, ...] = ()


Change = Literal["新規", "上昇", "低下", "継続", "見送り明け"]

TimelineKind = Literal["事実", "連絡", "支援"]


@dataclass(frozen=True)
class TimelineEntry:
    """One dated thing of the last twelve months on a household's timeline: a fact that scenarios speak of, a contact, or support.

    `who`: as seen from the household, without names (本人 with `child_key`, else 母, きょうだい, 世帯 …). `lasts`: a state, or the figures of a month,
    and not something that happened on one day; then `on` is its first day, which may lie before the twelve months, and `until` its last day, None if it still does.
    `text`: a Japanese phrase without names and without its day.
    """

    on: date
    kind: TimelineKind
    who: str
    text: str
    source_label: str
    child_key: str | None = None
    until: date | None = None
    lasts: bool = False


@dataclass(frozen=True)
class WeekTier:
    """In which tier a household was in one earlier week's run."""

    as_of: date
    run_id: str
    tier: Tier


@dataclass(frozen=True)
class MemberLine:
    """One member on the sheet, in 続柄 order, still without a name. `key` rejoins the name in the last step.

    `relation`: as seen from the first listed child (本人). `parents`: keys of the members who are recorded as father or mother of this one, sorted; told
    of people under 18 only, and empty in records of runs before 2026-11-28.
    """

    key: str
    relation: str
    age_years: int | None
    is_listed_child: bool
    note: str = ""
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """One household on the conference list: siblings together, one tier (the most active of its children's).

    `points` orders inside a tier (integer). `over_capacity` marks a ① beyond the weekly capacity (超過): shown, never cut.
    `lifted_from`: the household's tier by the rules alone, where the model raised it.

    `timeline`: the twelve months before the as-of day, oldest first; `timeline_left_out`: how many older entries are not kept, for there were too many.
    `weeks`: its tier in earlier runs, oldest first. `decisions`: what earlier
    conferences decided, newest first. `back_because`: why a household that was set aside is on the list again (見送りの期限が過ぎた, 新しい該当), empty for others.
    """

    case_no: int
    household_key: str
    tier: Tier
    change: Change
    previous_tier: Tier | None
    points: int
    over_capacity: bool
    protected: bool
    district: str | None
    children: tuple[ChildCase, ...]
    members: tuple[MemberLine, ...]
    main_reason: str
    new_scenarios: tuple[str, ...] = ()
    lifted_from: Tier | None = None
    timeline: tuple[TimelineEntry, ...] = ()
    timeline_left_out: int = 0
    weeks: tuple[WeekTier, ...] = ()
    decisions: tuple[PastDecision, ...] = ()
    back_because: str = ""


@dataclass(frozen=True)
class ApartHousehold:
    """A household in tier ① or ② that is not on the list because a conference has set it aside: shown by itself, one line each.

    `decision` is the one that sets it aside; `until` the day on which it comes back by itself, None if only something new brings it back.
    `new_facts`: how many facts and contacts are of a day after the as-of day of the list on which it was decided, and the newest of them; None in records of
    runs before 2026-11-28.
    """

    household_key: str
    tier: Tier
    protected: bool
    district: str | None
    children: tuple[MemberLine, ...]
    main_reason: str
    decision: PastDecision
    until: date | None
    new_facts: int | None = None
    newest_fact: TimelineEntry | None = None


@dataclass(frozen=True)
class DrawnChild:
    """A child who is not on the list, drawn by chance, to be looked at without prejudice. `chance_millionths`: of being drawn this week."""

    number: int
    child_key: str
    household_key: str
    age_years: int | None
    school_grade: int | None
    district: str | None
    chance_millionths: int
    members: tuple[MemberLine, ...] = ()


@dataclass(frozen=True)
class SourceStatus:
    """One source on the cover: what arrived, how old it is, whether its silence may be read as "no".

    `urgent_unlinked`: urgent calls of which nobody has made sure whose they are. `unattributed`: quarantined rows of
    nobody in particular, so that anyone's silence may be theirs. `missing_periods`: periods delivered for nobody.
    """

    source: str
    label: str
    as_of: date | None
    fresh: bool
    received: int
    used: int
    quarantined: int
    unlinked: int
    urgent_unlinked: int = 0
    unattributed: int = 0
    missing_periods: tuple[date, ...] = ()


@dataclass(frozen=True)
class Identity:
    """A person's name, rejoined last, for printing only. Address is None for protected households."""

    name: str
    kana: str
    born_on: date | None
    sex: str | None
    school: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class ModelUsed:
    """The model of the week, and how many children it moved.

    `to_inquiry`, `to_active`: children raised from ③ to ② and from ② to ①. `in_high`: how many times a child is in band 上 of a type, `kept` of them
    by last week's band alone; `planned`: how many times tiers.yaml foresees.
    """

    model_id: str
    approved_by: str
    approved_on: date
    to_inquiry: int
    to_active: int
    in_high: int
    kept: int
    planned: int


@dataclass(frozen=True)
class Casebook:
    """Everything the handout prints except names: the week's cases, first to last, and the state of the sources.

    `replay`: the verdict of the second engine; `replay_note` says of whom, in a sentence. `model`: the model whose scores entered, None where
    the rules alone decided; `model_note` then says why (empty in records of runs before 2026-11-28). `similar_note`: why no sheet tells of similar past
    households, where a model was used. `apart`: households in ① and ② that earlier conferences have set aside. `drawn`: unlisted children drawn by
    chance among `drawn_from` of whom nobody is on the list, waiting, set apart or protected.
    """

    as_of: date
    meeting_on: date
    run_id: str
    city: str
    capacity: int
    sources: tuple[SourceStatus, ...]
    cases: tuple[Case, ...]
    dropped: tuple[str, ...]
    children_evaluated: int
    tier_counts: dict[str, int]
    replay: str
    rulebook_versions: dict[str, str]
    not_printed: int = 0
    replay_note: str = ""
    model: ModelUsed | None = None
    model_note: str = ""
    similar_note: str = ""
    apart: tuple[ApartHousehold, ...] = ()
    drawn: tuple[DrawnChild, ...] = ()
    drawn_from: int = 0
