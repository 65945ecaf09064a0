"""What the printed rulebook says, ready to be laid out: plain text, Japanese, in the order of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.evaluate.examples.coverage import Part
from engine.records.case import HardshipType, Strength
from engine.rulebook.model import Outcome

SMALLEST_COUNT = 8


def people(count: int) -> str:
    """A number of children as printed: fewer than eight could point at somebody.

    >>> people(7), people(1234)
    ('7人以下', '1,234人')
    """
    return f"{SMALLEST_COUNT - 1}人以下" if count < SMALLEST_COUNT else f"{count:,}人"


@dataclass(frozen=True)
class SourcePart:
    """A stretch of a source (出典): 「D」 stands in a law, guideline or study, 「E」 is the city's own default, else unmarked."""

    mark: Literal["D", "E", ""]
    text: str


@dataclass(frozen=True)
class ApprovalLine:
    """Who approved the content of a file, on what day and why."""

    by: str
    on: date
    reason: str = ""


@dataclass(frozen=True)
class FileLine:
    """One rule file on the title page. Without `approval` nobody has approved this content."""

    file: str
    title: str
    version: str
    owner: str
    sha256: str
    approval: ApprovalLine | None


@dataclass(frozen=True)
class ThresholdRow:
    """A named threshold. `since`: first day of the present value, if one is written; `next_value` from `next_on`."""

    name: str
    value: str
    unit: str
    source: tuple[SourcePart, ...]
    since: date | None
    next_on: date | None
    next_value: str | None
    used_by: tuple[str, ...]


@dataclass(frozen=True)
class ConditionLine:
    """One line of 対象, 条件 or 打ち消し, numbered within the scenario. A group's `text` says how its parts join.

    `marks`: ○ × ? of the line in each example, or － where the example could not be run. `refers`: 番号 asked for.
    """

    number: int
    part: Part
    depth: int
    text: str
    is_group: bool
    english: str
    refers: str | None
    marks: tuple[str, ...]


@dataclass(frozen=True)
class ExampleEntry:
    """One example in words. `outcome` is what came of it, `expected` what its author wrote."""

    number: int
    title: str
    facts: tuple[str, ...]
    expected: Outcome
    outcome: Outcome | None


@dataclass(frozen=True)
class HitCounts:
    """How many children a scenario met in a run; `same_rules` if the run was made with this very text."""

    met: int
    cancelled: int
    unknown: int
    same_rules: bool


@dataclass(frozen=True)
class ConferenceDecisions:
    """What the conference made of a scenario's hits: how many were decided on, and how many of them were to the point."""

    decided: int
    confirmed: int


@dataclass(frozen=True)
class RunLine:
    """The run from which counts are taken: its id, its day, and how many children were judged."""

    run_id: str
    as_of: date
    children: int


@dataclass(frozen=True)
class ScenarioEntry:
    """One scenario. `counts` is None without a run or where the run did not know it, `decisions` None without any."""

    id: str
    name: str
    strength: Strength
    purpose: str
    source: tuple[SourcePart, ...]
    valid_from: date | None
    valid_to: date | None
    in_force: bool
    lines: tuple[ConditionLine, ...]
    ask: tuple[str, ...]
    refers_to: tuple[str, ...]
    referred_by: tuple[str, ...]
    items: tuple[str, ...]
    examples: tuple[ExampleEntry, ...]
    counts: HitCounts | None
    decisions: ConferenceDecisions | None
    always_active: bool

    @property
    def conditions(self) -> tuple[ConditionLine, ...]:
        """Lines of 条件."""
        return tuple(line for line in self.lines if line.part == "条件")

    @property
    def cancels(self) -> tuple[ConditionLine, ...]:
        """Lines of 打ち消し."""
        return tuple(line for line in self.lines if line.part == "打ち消し")


@dataclass(frozen=True)
class Chapter:
    """One hardship type."""

    hardship_type: HardshipType
    label: str
    title: str
    file: FileLine
    target: tuple[ConditionLine, ...]
    thresholds: tuple[ThresholdRow, ...]
    scenarios: tuple[ScenarioEntry, ...]


@dataclass(frozen=True)
class ItemRow:
    """One item of the vocabulary that rules use: in which scenarios, and in the 対象 of which types."""

    id: str
    label: str
    kind: str
    support: bool
    scenarios: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True)
class RecordGroup:
    """The items of one kind of record, with its entry in the data-use register."""

    label: str
    source: str
    owner: str
    purpose: str
    legal_basis: str
    permission: str
    retention_years: int
    items: tuple[ItemRow, ...]


@dataclass(frozen=True)
class TierRules:
    """tiers.yaml in words. `levels`: (level, what it takes); `table`: (level, tier mark without a model, by band)."""

    version: str
    levels: tuple[tuple[str, str], ...]
    bands: tuple[str, ...]
    table: tuple[tuple[str, tuple[str, ...]], ...]
    overlap: str
    always_active: tuple[str, ...]
    points: str


@dataclass(frozen=True)
class Book:
    """The whole book as of a day. `run` None: no run yet. `english`: with the appendix of English renderings."""

    city: str
    as_of: date
    files: tuple[FileLine, ...]
    chapters: tuple[Chapter, ...]
    tiers: TierRules
    records: tuple[RecordGroup, ...]
    run: RunLine | None
    english: bool
    names: dict[str, str]
