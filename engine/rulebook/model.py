"""What a loaded rulebook is: scenarios with their trees, ready to be planned and evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from engine.kernel.errors import Place
from engine.kernel.strict_yaml import StrictModel
from engine.records.case import HardshipType, Strength
from engine.rulebook.language.syntax import Condition
from engine.rulebook.language.thresholds import Threshold, ThresholdText

Outcome = Literal["該当", "非該当", "不明", "打ち消し"]


class Validity(StrictModel):
    """Days on which a scenario is in force (有効期間); without an end it stays in force."""

    start: date = Field(alias="開始")
    end: date | None = Field(default=None, alias="終了")


_A_LIFE = 40_000  # days, more than any record reaches back
_MOST = 999_999_999


def _number_or(*words: str, most: int = _A_LIFE) -> BeforeValidator:
    def read(written: Any) -> Any:
        if written in words:
            return written
        number = written
        if isinstance(written, str) and written.isascii() and written.removeprefix("-").isdigit() and len(written) < 12:
            number = int(written)
        if isinstance(number, int) and abs(number) <= most:
            return number
        raise ValueError(f"{most}までの数(半角の数字)か「{'」「'.join(words)}」を書いてください。")

    return BeforeValidator(read)


Days = Annotated[int | Literal["不詳"], _number_or("不詳")]
"""How many days before the as-of day; 不詳: a day was written from which no day can be told."""


class ExampleEvent(StrictModel):
    """One event of an example (出来事).

    `amount`, `value`: 不明 is a record with a blank cell; 不詳 one whose cell says something that does not tell it. `who` is 本人,
    or a 続柄 of the 世帯員 list, where the second of a kind is 2人目のきょうだい.
    """

    kind: str = Field(alias="種類")
    amount: Annotated[int | Literal["不明", "不詳"], _number_or("不明", "不詳", most=_MOST)] | None = Field(default=None, alias="量")
    value: str | None = Field(default=None, alias="値")
    days_ago: Days | None = Field(default=None, alias="日前")
    due_days_ago: Days | None = Field(default=None, alias="期限から")
    done: Annotated[int | Literal["なし", "不詳"], _number_or("なし", "不詳")] | None = Field(default=None, alias="実施")
    who: str = Field(default="本人", alias="誰")


class MissingSource(StrictModel):
    """A source that tells nothing, or (`covers_days`) nothing of the time more than so many days ago.

    Written as the source's 名前 alone, or as {源: 名前, いつから: 200}.
    """

    source: str = Field(alias="源")
    covers_days: int | None = Field(default=None, alias="いつから", ge=0, le=_A_LIFE)

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"源": data} if isinstance(data, str) else data


def _one_or_several(written: Any) -> Any:
    if isinstance(written, str):
        return (written,)
    if isinstance(written, list) and written and all(isinstance(one, str) for one in written):
        return tuple(written)
    raise ValueError("値を1つ書くか、[要介護1, 要介護3]のように古い順に並べてください。")


Written = Annotated[tuple[str, ...], BeforeValidator(_one_or_several, json_schema_input_type=str | list[str])]
"""What an example says of one item: one value, or several records of that kind from the oldest to the newest."""


class ExampleFacts(StrictModel):
    """What is known in an example (事実); what is not mentioned is a known "no"."""

    child: dict[str, Written] = Field(default={}, alias="本人")
    members: tuple[dict[str, Written], ...] = Field(default=(), alias="世帯員")
    events: tuple[ExampleEvent, ...] = Field(default=(), alias="出来事")
    missing: tuple[MissingSource, ...] = Field(default=(), alias="不明")
    as_of: date = Field(default=date(2026, 11, 20), alias="基準日", ge=date(2000, 1, 1), le=date(2200, 1, 1))


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


class FileToApprove(StrictModel):
    """A file that people approve: who did so stands in a book of its own, not in the file (ADR 0014)."""

    @model_validator(mode="before")
    @classmethod
    def _approval_has_its_own_book(cls, data: Any) -> Any:
        if isinstance(data, dict) and "承認" in data:
            raise ValueError(
                "承認はここに書きません。「承認」の行を消し、`kizuki rules approve` で承認簿(approvals.yaml)に書き足してください。"
            )
        return data


class RulebookText(FileToApprove):
    """A rulebook file as written."""

    title: str = Field(alias="ルールブック", min_length=1)
    hardship_type: HardshipType = Field(alias="類型")
    version: str = Field(alias="版", min_length=1)
    owner: str = Field(alias="担当", min_length=1)
    thresholds: dict[str, ThresholdText] = Field(default={}, alias="閾値")
    target: Any = Field(alias="対象")
    scenarios: tuple[ScenarioText, ...] = Field(alias="シナリオ")


@dataclass(frozen=True)
class Scenario:
    """One scenario in force: it is met if `target` and `condition` are, and cancelled if any of `cancels` is.

    `target` is the rulebook's 対象, repeated here so that a scenario can be judged by itself. `marks`: line and column of
    each part of the scenario as written, by its path (試験, 0, 事実 …). `written`: a hash of everything that its author wrote.
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
    validity: Validity | None = None
    marks: Mapping[tuple[str | int, ...], tuple[int, int]] = field(default_factory=dict, repr=False, compare=False)
    written: str = field(default="", repr=False, compare=False)

    def place_of(self, *path: str | int) -> Place:
        """Where a part of the scenario stands in its file, or the nearest enclosing part that is known."""
        while path:
            if path in self.marks:
                return Place(self.place.file, *self.marks[path])
            path = path[:-1]
        return self.place


@dataclass(frozen=True)
class Rulebook:
    """One file: its scenarios in force, those written but not in force (`resting`), its version and the SHA-256 of its bytes."""

    hardship_type: HardshipType
    title: str
    version: str
    owner: str
    target: Condition
    scenarios: tuple[Scenario, ...]
    not_in_force: tuple[str, ...]
    file: str
    sha256: str
    thresholds: tuple[Threshold, ...] = ()
    resting: tuple[Scenario, ...] = ()


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
