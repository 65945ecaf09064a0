"""The syntax tree of a rulebook's sentences and groups: what a condition says, independent of how it was written.

Two sentences with one meaning (「1回以上ある」, 「がある」) are one tree, so that equal trees are evaluated once. Items
are named by their English id, relations and values by the Japanese words of `fields.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Operator = Literal["以上", "以下", "未満", "を超える"]
WindowKind = Literal["日", "週", "か月", "年", "今年度", "前年度", "これまで"]


@dataclass(frozen=True)
class Bound:
    """One side of a comparison. `value` is a number, or a step of an ordered scale (要介護1, 小6)."""

    operator: Operator
    value: int | str


@dataclass(frozen=True)
class Count:
    """n以上 or n以下. がある is 1以上, がない is 0以下."""

    operator: Literal["以上", "以下"]
    n: int


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
    """The sum over the window is at least `times` that of the same window one year before."""

    item: str
    window: Window
    times: int
    owner: Owner | None = None


@dataclass(frozen=True)
class Latest:
    """最新の + 量: the newest record's amount against one bound. Without a window: since records begin."""

    item: str
    bound: Bound
    window: Window | None = None
    owner: Owner | None = None


@dataclass(frozen=True)
class LatestIs:
    """最新の + 最新の区分 + である."""

    item: str
    values: tuple[str, ...]
    window: Window | None = None
    owner: Owner | None = None


@dataclass(frozen=True)
class Overdue:
    """期限のある記録 not done although its day is past by at least `days` days (1: 期限を過ぎても)."""

    item: str
    days: int = 1
    owner: Owner | None = None


@dataclass(frozen=True)
class Done:
    """期限のある記録 + が済んでいる."""

    item: str
    owner: Owner | None = None


Sentence = Compare | IsOneOf | Has | Members | Events | Total | Growth | Latest | LatestIs | Overdue | Done


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
    return None if isinstance(sentence, Has) else sentence.owner


def items_of(sentence: Sentence) -> Iterator[str]:
    """Ids of all items that a sentence mentions, modifiers included."""
    owner = owner_of(sentence)
    for modifier in owner.modifiers if owner else ():
        yield modifier.item
    if not isinstance(sentence, Members):
        yield sentence.item
