"""Looks: what is measured of an item, of whom, under which name, with which sign. The declaration of all features that are made from records.

An item of `fields.yaml` gives, by its kind, a few measures (does it hold, how often, how much, how long ago); each of them is
taken of the child, of the mother, of siblings and of household members where its record says so (見る続柄), or of the household.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.vocabulary import Item, Vocabulary
from ml_overlay.features.ages import AGE, AGE_ITEM
from ml_overlay.features.feature import Feature, Sign

Role = Literal["child", "mother", "sibling", "member", "household"]
Quantity = Literal["holds", "lasting", "level", "count", "since", "sum", "latest", "trend", "overdue"]
ROLE_OF: dict[str, Role] = {"本人": "child", "母": "mother", "きょうだい": "sibling", "世帯員": "member"}
RELATION_OF: dict[Role, str] = {"mother": "母", "sibling": "きょうだい", "member": "世帯員"}
SINCE_LIMIT_DAYS = 730
"""Time since an event counts up to two years: what is longer ago, and what never was, is two years ago."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured: a quantity, over how many days where it looks at a window (0: no window)."""

    quantity: Quantity
    days: int = 0

    @property
    def name(self) -> str:
        """Its part of a feature's name."""
        unit = "_d" if self.quantity in ("since", "lasting", "overdue") else ""
        return f"{self.quantity}_{self.days}d" if self.days else f"{self.quantity}{unit}"


@dataclass(frozen=True, slots=True)
class Look:
    """One measure of one item, of one role. Of several people of a role the one who worries most counts (see `relatives`)."""

    item: str
    role: Role
    measure: Measure

    @property
    def name(self) -> str:
        """The feature's name."""
        return f"{self.item}.{self.role}.{self.measure.name}"


_HOLDS, _LASTING, _LEVEL, _OVERDUE, _SINCE = (
    Measure(quantity) for quantity in ("holds", "lasting", "level", "overdue", "since")
)


def measures_of(item_id: str, vocabulary: Vocabulary) -> tuple[Measure, ...]:
    """What is measured of an item.

    Of what comes for every period (月, 2か月) counts, sums and trends over recent windows; of other events how often within a
    year and how long ago, and of other amounts the newest: two scores of a questionnaire add up to nothing. Of support
    only whether and how much, since how long it lasts and how long ago it was have no one direction.
    """
    item, kind = vocabulary.items[item_id], vocabulary.record_of(item_id)
    match item.kind:
        case "年齢" | "学年":
            return (_LEVEL,)
        case _ if item.no_need:
            return ()
        case "有無":
            return (_HOLDS, _LASTING) if kind.valid and not item.support else (_HOLDS,)
        case "数" | "区分" | "順序区分":
            return (_LEVEL,)
        case "出来事":
            a_year = Measure("count", 365)
            return (Measure("count", 90), a_year) if kind.period or item.support else (a_year, _SINCE)
        case "量" if kind.period:
            sums = (Measure("sum", 90), Measure("sum", 365), Measure("latest", 90))
            return sums if item.support else (*sums, Measure("trend", 90))
        case "量":
            return (Measure("latest"), Measure("latest", 365))
        case "最新の区分":
            return (Measure("latest"),)
        case "期限のある記録":
            return () if item.support else (_OVERDUE,)
    raise AssertionError(item.kind)


def sign_of(item: Item, measure: Measure) -> Sign:
    """In which direction alone the measure may move a score."""
    if item.support:
        return -1
    if item.concern is None or measure.quantity == "lasting":
        return 0
    more: Sign = 1 if item.concern == "多い" else -1
    if measure.quantity == "since":
        return -1 if more == 1 else 1  # the longer ago, the less of it
    return more


def looks(vocabulary: Vocabulary, hidden_records: Collection[str]) -> Iterator[Look]:
    """Every look that the vocabulary permits. Of `hidden_records` none at the child itself."""
    if unknown := sorted(set(hidden_records) - set(vocabulary.records)):
        raise ValueError(f"no such record kind: {unknown[0]}")
    for item_id, item in vocabulary.items.items():
        if not vocabulary.is_permitted(item_id):
            continue
        for role in _roles(item_id, vocabulary):
            if role == "child" and item.record in hidden_records:
                continue
            for measure in measures_of(item_id, vocabulary):
                yield Look(item_id, role, measure)


def _roles(item_id: str, vocabulary: Vocabulary) -> tuple[Role, ...]:
    kind = vocabulary.record_of(item_id)
    if kind.subject == "世帯":
        return ("household",)
    if vocabulary.items[item_id].kind in ("年齢", "学年"):
        return ("child",)
    return tuple(ROLE_OF[who] for who in kind.seen_of)


def feature_of(look: Look, vocabulary: Vocabulary) -> Feature:
    """The feature that a look gives."""
    item = vocabulary.items[look.item]
    return Feature(
        name=look.name,
        label=label_of(look, vocabulary),
        group=vocabulary.concept_of(look.item),
        sign=sign_of(item, look.measure),
        may_be_named=not (item.support or item.no_need),
        items=(look.item,),
    )


def age_feature(vocabulary: Vocabulary) -> Feature:
    """The column of age in full years. Raises KizukiError E-MODEL-51 where fields.yaml does not permit it (any more)."""
    age = Feature(AGE, "年齢", "年齢・学年", 0, False, (AGE_ITEM,))
    return feature_of(look_of(age, vocabulary), vocabulary)


def look_of(feature: Feature, vocabulary: Vocabulary) -> Look:
    """The look behind a feature. Raises KizukiError E-MODEL-51 if the vocabulary no longer permits it or never knew it."""
    item_id, role, measure_name = [*feature.name.split("."), "", ""][:3]
    if item_id in vocabulary.items and vocabulary.is_permitted(item_id) and role in _roles(item_id, vocabulary):
        for measure in measures_of(item_id, vocabulary):
            if measure.name == measure_name:
                return Look(item_id, role, measure)
    raise KizukiError(unavailable(feature))


def unavailable(feature: Feature) -> Problem:
    """That a model asks for something that fields.yaml does not give (any more)."""
    return Problem(
        Place("rulebooks/fields.yaml"),
        "E-MODEL-51",
        f"モデルが使う「{feature.label}」は、いまの項目台帳では使えません。",
        "使ってよいと決めていないデータで確率を計算することはできません。",
        "`kizuki model train` でモデルをつくり直してください。",
    )


# ── in words ──

OF_ROLE: dict[Role, str] = {
    "child": "",
    "mother": "母の",
    "sibling": "きょうだいの",
    "member": "世帯員の",
    "household": "",
}
_UNITS = {"日": "日数", "回": "回数", "か月": "月数"}


def label_of(look: Look, vocabulary: Vocabulary) -> str:
    """What a look sees, as a caseworker would say it."""
    item, of = vocabulary.items[look.item], OF_ROLE[look.role]
    days = look.measure.days
    several = "" if look.role not in ("sibling", "member") else _WHICH[takes_least(item, look.measure)]
    match look.measure.quantity:
        case "holds" if look.role in RELATION_OF:
            return f"{RELATION_OF[look.role]}に{item.positive}人がいる"
        case "holds":
            return f"{item.positive}"
        case "lasting":
            return f"{of}{item.label}が始まってからの日数{several}"
        case "level":
            return f"{of}{item.label}{several}"
        case "count":
            return f"{of}直近{days}日の{item.label}の回数{several}"
        case "since":
            return f"{of}いちばん新しい{item.label}からの日数"
        case "sum":
            return f"{of}直近{days}日の{item.label}の{_UNITS.get(item.unit or '', '合計')}{several}"
        case "latest":
            within = f"直近{days}日で" if days else ""
            return f"{of}{within}最新の{item.label}{several}"
        case "trend":
            return f"{of}{item.label}の、直近{days}日とその前の{days}日の差{several}"
        case "overdue":
            return f"{of}{item.label}の期限から過ぎた日数{several}"


_WHICH = {False: "(いちばん多い人)", True: "(いちばん少ない人)"}


def takes_least(item: Item, measure: Measure) -> bool:
    """Whether of several people the smallest value counts: the most recent event, or the least where little is of concern."""
    return measure.quantity == "since" or (item.concern == "少ない" and measure.quantity != "lasting")
