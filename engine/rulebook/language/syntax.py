"""The syntax tree of a rulebook's sentences and groups: what a condition says, independent of how it was written.

Two sentences with one meaning (「1回以上ある」, 「がある」) are one tree, so that equal trees are evaluated once. Items
are named by their English id, relations and values by the Japanese words of `fields.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Operator = Literal["以上", "以下", "未満", "を超える"]
WindowKind = Literal["日", "週", "か月", "年", "今年度", "前年度", "これまで"]
AgeUnit = Literal["歳", "か月", "週", "日"]


@dataclass(frozen=True)
class Bound:
    """One side of a comparison. `value` is a number, or a step of an ordered scale (要介護1, 小6).

    `named` is the threshold (閾値) from which the value comes. It is how the number was written, not what it says: two
    sentences that differ only in it are equal.
    """

    operator: Operator
    value: int | str
    named: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Count:
    """n以上 or n以下. がある is 1以上, がない is 0以下. `named` as in `Bound`."""

    operator: Literal["以上", "以下"]
    n: int
    named: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class AgeLimit:
    """An age from birth on: 2歳, 生後60日. `named` as in `Bound`."""

    n: int
    unit: AgeUnit
    named: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Window:
    """A span of time that ends at the as-of day (前年度: on 31 March). `n` counts 日, 週, か月 or 年, else it is 0."""

    kind: WindowKind
    n: int = 0


@dataclass(frozen=True)
class Compare:
    """年齢・学年・順序区分・数 within one or two bounds, as of the day."""

    item: str
    bounds: tuple[Bound, ...]
    owner: Owner | None = None


@dataclass(frozen=True)
class IsOneOf:
    """区分 + である: the value as of the day is one of those listed."""

    item: str
    values: tuple[str, ...]
    owner: Owner | None = None


@dataclass(frozen=True)
class Has:
    """有無: a record holds on the day (`positive`), or none does."""

    item: str
    positive: bool


Modifier = Compare | IsOneOf | Has


@dataclass(frozen=True)
class Owner:
    """A relative of whom a sentence speaks: some member with this relation, for whom every modifier holds."""

    relation: str
    modifiers: tuple[Modifier, ...] = ()


@dataclass(frozen=True)
class Members:
    """続柄 + がいる / がいない / がn人以上いる / がn人以下である."""

    who: Owner
    count: Count


@dataclass(frozen=True)
class Events:
    """期間 + に + 出来事 + がある / がない / がn回以上ある / がn回以下である."""

    item: str
    window: Window
    count: Count
    owner: Owner | None = None


@dataclass(frozen=True)
class Total:
    """期間 + の + 量: the sum over the window against one bound."""

    item: str
    window: Window
    bound: Bound
    owner: Owner | None = None


@dataclass(frozen=True)
class Growth:
    """The sum over the window is at least `times` that of an earlier one: the same days one year before (前年), or the
    equally long span just before it (直前)."""

    item: str
    window: Window
    times: int
    owner: Owner | None = None
    earlier: Literal["前年", "直前"] = "前年"


@dataclass(frozen=True)
class Latest:
    """最新の (or 最初の: `first`) + 量: that record's amount against one bound. Without a window: since records begin."""

    item: str
    bound: Bound
    window: Window | None = None
    owner: Owner | None = None
    first: bool = False


@dataclass(frozen=True)
class LatestIs:
    """最新の (or 最初の: `first`) + 最新の区分 + である."""

    item: str
    values: tuple[str, ...]
    window: Window | None = None
    owner: Owner | None = None
    first: bool = False


@dataclass(frozen=True)
class Streak:
    """At least `length` periods in a row, each with an event, or with a sum within `bound`: up to the newest period of the
    window (続いている, `ongoing`), or anywhere in it (続いたことがある).

    Only for records that are due for every period (月, 2か月). In a row means: among the periods that the source delivered,
    so that a month of holidays neither breaks nor prolongs it.
    """

    item: str
    window: Window
    length: int
    bound: Bound | None = None
    owner: Owner | None = None
    ongoing: bool = True
    named: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Unrecorded:
    """年齢 + を過ぎても + 記録がない: the person is past the age, and there is no such record from birth to the as-of day."""

    item: str
    age: AgeLimit
    owner: Owner | None = None


@dataclass(frozen=True)
class Overdue:
    """期限のある記録 not done although its day is past by at least `days` days (1: 期限を過ぎても)."""

    item: str
    days: int = 1
    owner: Owner | None = None
    named: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Done:
    """期限のある記録 + が済んでいる."""

    item: str
    owner: Owner | None = None


@dataclass(frozen=True)
class Refers:
    """シナリオ + 番号 + に該当する / に該当しない: whether another scenario's hit stands (met, and not cancelled for certain)."""

    scenario_id: str
    positive: bool = True


ItemSentence = (
    Compare | IsOneOf | Has | Events | Total | Growth | Latest | LatestIs | Streak | Unrecorded | Overdue | Done
)
"""A sentence that looks at records of one item."""

Sentence = ItemSentence | Members | Refers


@dataclass(frozen=True)
class Group:
    """すべて, いずれか, 次でない, or n以上 of the parts (`needed`)."""

    kind: Literal["すべて", "いずれか", "n以上", "次でない"]
    parts: tuple[Condition, ...]
    needed: int = 0

    @property
    def heading(self) -> str:
        """The word that opens the group in the rulebook."""
        return f"{self.needed}つ以上" if self.kind == "n以上" else self.kind


Condition = Sentence | Group


def sentences_of(condition: Condition) -> Iterator[Sentence]:
    """Every sentence of a condition, from first to last."""
    if isinstance(condition, Group):
        for part in condition.parts:
            yield from sentences_of(part)
    else:
        yield condition


def owner_of(sentence: Sentence) -> Owner | None:
    """The relative of whom a sentence speaks, or None if it speaks of the child or its household."""
    if isinstance(sentence, Members):
        return sentence.who
    return None if isinstance(sentence, (Has, Refers)) else sentence.owner


def items_of(sentence: Sentence) -> Iterator[str]:
    """Ids of all items that a sentence mentions, modifiers included."""
    owner = owner_of(sentence)
    for modifier in owner.modifiers if owner else ():
        yield modifier.item
    if not isinstance(sentence, (Members, Refers)):
        yield sentence.item


def references_of(condition: Condition) -> Iterator[str]:
    """番号 of every scenario whose result a condition asks for."""
    return (sentence.scenario_id for sentence in sentences_of(condition) if isinstance(sentence, Refers))


def names_of(sentence: Sentence) -> Iterator[str]:
    """Every threshold (閾値) by whose name a sentence gives a number, modifiers included."""
    owner = owner_of(sentence)
    written: list[Bound | Count | AgeLimit | Overdue | Streak] = []
    for part in (*(owner.modifiers if owner else ()), sentence):
        match part:
            case Compare(_, bounds):
                written += bounds
            case Members(_, count) | Events(_, _, count):
                written.append(count)
            case Total(_, _, bound) | Latest(_, bound):
                written.append(bound)
            case Streak():
                written += [part.bound, part] if part.bound else [part]
            case Unrecorded(_, age):
                written.append(age)
            case Overdue():
                written.append(part)
    return (one.named for one in written if one.named)
