"""What a loaded rulebook is: scenarios with their trees, ready to be planned and evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import Field

from engine.kernel.errors import Place
from engine.kernel.strict_yaml import StrictModel
from engine.records.case import HardshipType, Strength
from engine.rulebook.syntax import Condition
from engine.rulebook.thresholds import Threshold, ThresholdText

Outcome = Literal["該当", "非該当", "不明", "打ち消し"]


class Approval(StrictModel):
    """Who approved the rulebook, and when (承認)."""

    by: str = Field(alias="者", min_length=1)
    on: date = Field(alias="日")


class Validity(StrictModel):
    """Days on which a scenario is in force (有効期間); without an end it stays in force."""

    start: date = Field(alias="開始")
    end: date | None = Field(default=None, alias="終了")


class ExampleEvent(StrictModel):
    """One event of an example (出来事). `amount` 不明 is a record with a blank amount."""

    kind: str = Field(alias="種類")
    amount: int | Literal["不明"] | None = Field(default=None, alias="量")
    value: str | None = Field(default=None, alias="値")
    days_ago: int | None = Field(default=None, alias="日前")
    due_days_ago: int | None = Field(default=None, alias="期限から")
    done: int | Literal["なし"] | None = Field(default=None, alias="実施")
    who: str = Field(default="本人", alias="誰")


class ExampleFacts(StrictModel):
    """What is known in an example (事実); what is not mentioned is a known "no"."""

    child: dict[str, str] = Field(default={}, alias="本人")
    members: tuple[dict[str, str], ...] = Field(default=(), alias="世帯員")
    events: tuple[ExampleEvent, ...] = Field(default=(), alias="出来事")
    missing: tuple[str, ...] = Field(default=(), alias="不明")
    as_of: date = Field(default=date(2026, 11, 20), alias="基準日")


class Example(StrictModel):
    """One example of a scenario (試験): a household in words and the outcome that its author expects."""

    title: str = Field(alias="例", min_length=1)
    facts: ExampleFacts = Field(alias="事実")
    outcome: Outcome = Field(alias="結果")


class ScenarioText(StrictModel):
    """A scenario as written; conditions are still nested YAML."""

    id: str = Field(alias="番号", pattern=r"^[A-Z]{2,4}-[0-9]{2,3}$")
    name: str = Field(alias="名前", min_length=1)
    purpose: str = Field(alias="ねらい", min_length=1)
    source: str = Field(alias="出典", min_length=1)
    validity: Validity | None = Field(default=None, alias="有効期間")
    strength: Strength = Field(alias="強さ")
    condition: Any = Field(alias="条件")
    cancels: tuple[Any, ...] = Field(default=(), alias="打ち消し")
    ask: tuple[str, ...] = Field(default=(), alias="確認すること")
    examples: tuple[Example, ...] = Field(alias="試験")


class RulebookText(StrictModel):
    """A rulebook file as written."""

    title: str = Field(alias="ルールブック", min_length=1)
    hardship_type: HardshipType = Field(alias="類型")
    version: str = Field(alias="版", min_length=1)
    owner: str = Field(alias="担当", min_length=1)
    approval: Approval = Field(alias="承認")
    thresholds: dict[str, ThresholdText] = Field(default={}, alias="閾値")
    target: Any = Field(alias="対象")
    scenarios: tuple[ScenarioText, ...] = Field(alias="シナリオ")


@dataclass(frozen=True)
class Scenario:
    """One scenario in force: it is met if `target` and `condition` are, and cancelled if any of `cancels` is.

    `target` is the rulebook's 対象, repeated here so that a scenario can be judged by itself.
    """

    id: str
    hardship_type: HardshipType
    name: str
    purpose: str
    source: str
    strength: Strength
    target: Condition
    condition: Condition
    cancels: tuple[Condition, ...]
    ask: tuple[str, ...]
    examples: tuple[Example, ...]
    place: Place


@dataclass(frozen=True)
class Rulebook:
    """One file: its scenarios in force, its version and the SHA-256 of its bytes as read."""

    hardship_type: HardshipType
    title: str
    version: str
    owner: str
    approved_by: str
    approved_on: date
    target: Condition
    scenarios: tuple[Scenario, ...]
    not_in_force: tuple[str, ...]
    file: str
    sha256: str
    thresholds: tuple[Threshold, ...] = ()


@dataclass(frozen=True)
class RulebookSet:
    """All rulebooks as of a day, in the order of the hardship types."""

    as_of: date
    rulebooks: tuple[Rulebook, ...]

    @property
    def scenarios(self) -> Iterator[Scenario]:
        """Every scenario in force, rulebook by rulebook."""
        for rulebook in self.rulebooks:
            yield from rulebook.scenarios

    @property
    def versions(self) -> Mapping[str, str]:
        """Version by hardship type, for the manifest and the handout's footer."""
        return {rulebook.hardship_type: rulebook.version for rulebook in self.rulebooks}
