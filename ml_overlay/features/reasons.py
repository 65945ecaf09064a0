"""What raised a score, in a caseworker's words: contributions summed by concept, and the one or two facts that weigh most in it.

Fixed phrases. A reason names what the records say, never a cause, a probability or a feature that may not be named (support in
place, what only describes a family, age). What is not known is said to be not known, and is nobody's fault.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from engine.records.score import ScoreReason
from engine.records.vocabulary import Item, Vocabulary
from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.features.looks import OF_ROLE, RELATION_OF, SINCE_LIMIT_DAYS, Look, look_of
from ml_overlay.features.sentences import is_sentence

MOST_REASONS = 3
_MOST_FACTS = 2
Akin = dict[str, set[str]]
_WORTH_NAMING = 3
"""A second fact is named if it weighs at least a third of the first."""


def score_reasons(
    table: FeatureTable, contributions: npt.NDArray[np.float64], vocabulary: Vocabulary
) -> tuple[tuple[ScoreReason, ...], ...]:
    """For each child of the table, what raised its score, strongest first, at most three.

    `contributions`: n × m, each feature's part of the log odds (exact TreeSHAP), in the order of the table's features; they
    are added up in millionths. A concept is kept if what may be named of it raised the score on balance, and if
    a fact of it can be told: "no absence" is no reason even where it weighs. Raises KizukiError E-MODEL-51 like `build_features`.
    """
    if contributions.shape != table.values.shape:
        raise ValueError("contributions and features differ in shape")
    millionths = np.rint(contributions * 1_000_000).astype(np.int64)
    named = [place for place, feature in enumerate(table.features) if feature.may_be_named]
    tellers = {place: _teller(table.features[place], vocabulary) for place in named}
    groups: dict[str, list[int]] = defaultdict(list)
    for place in named:
        groups[table.features[place].group].append(place)
    akin = _akin({item for place in named for item in table.features[place].items}, vocabulary)
    return tuple(_of_child(table, row, millionths[row], groups, tellers, akin) for row in range(len(table.child_keys)))


def _akin(items: Collection[str], vocabulary: Vocabulary) -> Akin:
    """Of each item those that count the same records in part: 遅刻 and 遅刻・早退, 相談 and 養護・虐待の相談. Told side by side they would seem twice as much."""
    named = {item: vocabulary.items[item] for item in items}
    return {
        item: {
            other
            for other, its in named.items()
            if its.record == one.record and (its.label in one.label or one.label in its.label)
        }
        for item, one in named.items()
    }


def _of_child(
    table: FeatureTable,
    row: int,
    parts: npt.NDArray[np.int64],
    groups: dict[str, list[int]],
    tellers: dict[int, _Teller],
    akin: Akin,
) -> tuple[ScoreReason, ...]:
    """What is known first; that something is not known of others, or of a school that sends no record, only where nothing else can be told."""
    totals = {group: int(parts[places].sum()) for group, places in groups.items()}
    strongest = sorted((group for group in totals if totals[group] > 0), key=lambda group: (-totals[group], group))
    for also_idle in (False, True):
        found: list[ScoreReason] = []
        for group in strongest:
            heaviest = sorted(
                (p for p in groups[group] if parts[p] > 0), key=lambda p: (-parts[p], table.features[p].name)
            )
            told = {
                p: tellers[p].tell(value)
                for p in heaviest
                if not np.isnan(value := float(table.values[row, p])) or also_idle or tellers[p].unknown_matters
            }
            facts = _facts(list(told), parts, told, table.features, akin)
            if facts:
                found.append(ScoreReason(group, f"{group}: {'、'.join(facts)}", totals[group]))
            if len(found) == MOST_REASONS:
                break
        if found:
            return tuple(found)
    return ()


def _facts(
    heaviest: Sequence[int],
    parts: npt.NDArray[np.int64],
    told: dict[int, str | None],
    features: Sequence[Feature],
    akin: Akin,
) -> list[str]:
    """The first fact that can be told, and a second of an item that is not akin and weighs enough beside it."""
    facts: list[str] = []
    items: set[str] = set()
    first = 0
    for place in heaviest:
        fact, its = told[place], set(features[place].items)
        if fact is None or fact in facts or (facts and (items & its or int(parts[place]) * _WORTH_NAMING < first)):
            continue
        first = first or int(parts[place])
        facts.append(fact)
        items |= {other for item in its for other in akin[item]}
        if len(facts) == _MOST_FACTS:
            break
    return facts


class _Teller:
    """Says a feature's value in words, or None where the value is no fact that could worry anybody."""

    unknown_matters = True
    """Whether it is worth telling that the value is not known: not of others, and not of months of a school (a child of four has none)."""

    def __init__(self, feature: Feature) -> None:
        self.feature = feature

    def tell(self, value: float) -> str | None:
        if np.isnan(value):
            return f"「{self.feature.label}」かどうかは分かっていません"
        return self.feature.label if value == 1 and self.feature.sign >= 0 else None


class _LookTeller(_Teller):
    def __init__(self, feature: Feature, look: Look, item: Item, period: str | None) -> None:
        super().__init__(feature)
        self._look, self._item, self._period = look, item, period
        self.unknown_matters = look.role in ("child", "household") and period != "月"

    def tell(self, value: float) -> str | None:
        item, of = self._item, OF_ROLE[self._look.role]
        if np.isnan(value):
            return f"{of}{item.label}のことは記録になく、分かっていません"
        return self._known(int(value), f"{of}{item.label}", of)

    def _known(self, value: int, whose: str, of: str) -> str | None:
        item, quantity, days = self._item, self._look.measure.quantity, self._look.measure.days
        little = self.feature.sign == (1 if quantity == "since" else -1)
        if quantity == "since":
            if value >= SINCE_LIMIT_DAYS:
                return f"{whose}が{SINCE_LIMIT_DAYS // 365}年以上ない" if little else None
            return f"{whose}が{value}日前にある" if value else f"{whose}が当日にある"
        least = 1 if item.values and quantity == "latest" else 0  # the first step of a scale is nothing to worry about
        if value <= least and not little:
            return None
        amount = item.values[value - 1] if item.values and value else f"{value}{item.unit or ''}"
        match quantity:
            case "holds" if self._look.role in RELATION_OF:
                return f"{RELATION_OF[self._look.role]}に{item.positive}人がいる" if value else None
            case "holds":
                return item.positive if value else None
            case "lasting":
                return f"{whose}が{value}日続いている"
            case "level":
                return f"{whose}が{amount}" if value else None
            case "count":
                return f"{whose}が{_recent(days)}に{value}回" if value else f"{whose}が{_recent(days)}にない"
            case "sum" if item.unit == "か月":  # each month tells what is owed by then: the sum is no number of months
                return f"{whose}が{_recent(days)}にある"
            case "sum":
                return f"{of}{_recent(days)}の{item.label}が{amount}"
            case "latest" if self._period == "月":
                return f"{of}最新の月の{item.label}が{amount}"
            case "latest":
                return f"{of}最新の{item.label}が{amount}"
            case "trend" if item.unit == "か月":
                return f"{whose}が、その前の{days}日より増えている" if value > 0 else None
            case "trend" if value > 0:
                return f"{of}直近{days}日の{item.label}が、その前の{days}日より{amount}多い"
            case "trend":
                return (
                    f"{of}直近{days}日の{item.label}が、その前の{days}日より{-value}{item.unit}少ない"
                    if value
                    else None
                )
            case "overdue":
                return f"{whose}が期限を{value}日過ぎている"
        raise AssertionError(quantity)


def _recent(days: int) -> str:
    return "直近1年" if days == 365 else f"直近{days}日"


def _teller(feature: Feature, vocabulary: Vocabulary) -> _Teller:
    if is_sentence(feature):
        return _Teller(feature)
    look = look_of(feature, vocabulary)
    return _LookTeller(feature, look, vocabulary.items[look.item], vocabulary.record_of(look.item).period)
