"""The tier policy: rulebooks/tiers.yaml as checked data."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field

from engine.kernel.errors import KizukiError, Problem
from engine.kernel.strict_yaml import StrictModel, YamlDocument, read_yaml, validate
from engine.records.case import HARDSHIP_LABELS, HardshipType, Strength, Tier
from engine.records.score import Band
from engine.rulebook.model import FileToApprove

TierMark = Literal["①", "②", "③"]
_TIERS: dict[str, Tier] = {tier.mark: tier for tier in Tier}
BANDS: tuple[Band, ...] = ("なし", "下", "中", "上")
_MOST = 1000
"""No number of the policy is larger: points must add up in the columns of a run."""
RANKS = 200
"""A model tells which scores the first 1 to 200 of each thousand children reached, and no further."""
_LAST_PLACE = RANKS - 1  # of the next place, too, the score must be known: those who share it are not let in


class LevelRule(StrictModel):
    """One line of the level table: at least so many hits of each strength give this level (段)."""

    name: str = Field(alias="名前")
    strong: int = Field(default=0, alias="強", ge=0, le=_MOST)
    medium: int = Field(default=0, alias="中", ge=0, le=_MOST)
    weak: int = Field(default=0, alias="弱", ge=0, le=_MOST)

    @property
    def asks_nothing(self) -> bool:
        """Whether a child without any hit reaches this line."""
        return not (self.strong or self.medium or self.weak)


class Overlap(StrictModel):
    """Several types at once: this many types at level 中 or above put the child into this tier."""

    count: int = Field(alias="数", ge=2, le=_MOST)
    tier: TierMark = Field(alias="区分")


class Points(StrictModel):
    """Integer weights that order cases inside a tier; never printed."""

    strong: int = Field(alias="強", ge=0, le=_MOST)
    medium: int = Field(alias="中", ge=0, le=_MOST)
    weak: int = Field(alias="弱", ge=0, le=_MOST)
    model: int = Field(default=0, alias="モデル", ge=0, le=_MOST)


class BandQuota(StrictModel):
    """How many of each thousand children, counted from the highest score, may be in a band; a wider band counts the narrower ones in."""

    high: int = Field(alias="上", ge=0, le=_MOST)
    medium: int = Field(alias="中", ge=0, le=_MOST)
    low: int = Field(alias="下", ge=0, le=_MOST)


class ModelBands(StrictModel):
    """The quotas of every type, and of single types that differ."""

    usual: BandQuota = Field(alias="既定")
    by_type: dict[HardshipType, BandQuota] = Field(default={}, alias="類型ごと")


class Stickiness(StrictModel):
    """Who leaves a band: whose score was beyond `factor` × the quota for `weeks` runs in a row."""

    factor: Decimal = Field(alias="倍", ge=1, le=10, decimal_places=1)
    weeks: int = Field(alias="週", ge=1, le=52)


class _PolicyFile(FileToApprove):
    version: str = Field(alias="版")
    levels: tuple[LevelRule, ...] = Field(alias="段", min_length=2)
    table: dict[str, dict[Band, TierMark]] = Field(alias="区分表")
    overlap: Overlap = Field(alias="重なり")
    model_bands: ModelBands | None = Field(default=None, alias="モデルの帯")
    stickiness: Stickiness | None = Field(default=None, alias="外れにくさ")
    always_active: tuple[str, ...] = Field(default=(), alias="必ず①にするシナリオ")
    points: Points = Field(alias="点")


@dataclass(frozen=True)
class BandRule:
    """The bands of one type: of each thousand children so many enter 下, 中, 上 (in this order, each counting the narrower ones in), and who is
    further down than `leave` for `weeks` runs in a row leaves again."""

    enter: tuple[int, int, int]
    leave: tuple[int, int, int]
    weeks: int


@dataclass(frozen=True)
class TierPolicy:
    """How hits become tiers. `levels` run from the highest to the lowest; the last one takes whoever is left.

    `table[level][band]` is the tier; it never gives a less active tier for a higher level or a higher band, so that
    the overlay cannot lower a rule's tier. A hit of a scenario in `always_active` is ① by itself.

    `bands`: what a model may do, by type; empty where the file says nothing of a model, which is then not used. `model_points`: what a band weighs
    in the order inside a tier (`engine.tiers.bands.model_points`).
    """

    version: str
    sha256: str
    levels: tuple[LevelRule, ...]
    table: Mapping[str, Mapping[Band, Tier]]
    overlap_count: int
    overlap_tier: Tier
    overlap_levels: frozenset[str]
    always_active: frozenset[str]
    points: Mapping[Strength, int]
    bands: Mapping[str, BandRule] = field(default_factory=dict)
    model_points: int = 0

    def level(self, strong: int, medium: int, weak: int) -> LevelRule:
        """The first line of the level table that these numbers of hits reach.

        A stronger hit also counts where a weaker one is asked for, once: 強 2 satisfies {強: 1, 中: 1}.
        """
        return next(rule for rule in self.levels if reaches(rule, strong, medium, weak))


def reaches(rule: LevelRule, strong: int, medium: int, weak: int) -> bool:
    """Whether the hits satisfy one line; surplus hits of a higher strength fill in for lower ones."""
    spare = strong - rule.strong
    if spare < 0:
        return False
    spare += medium - rule.medium
    if spare < 0:
        return False
    return spare + weak - rule.weak >= 0


def load_policy(path: Path, root: Path | None = None) -> TierPolicy:
    """Read and check tiers.yaml. Raises KizukiError with every fault at its line."""
    document = read_yaml(path, root)
    file = validate(document, _PolicyFile, kind="TIER")
    problems = list(_faults(document, file))
    if problems:
        raise KizukiError(problems)
    overlap_levels = frozenset(
        rule.name for rule in file.levels if _TIERS[file.table[rule.name]["なし"]] < Tier.NO_ACTION
    )
    return TierPolicy(
        version=file.version,
        sha256=document.sha256,
        levels=file.levels,
        table={level: {band: _TIERS[mark] for band, mark in row.items()} for level, row in file.table.items()},
        overlap_count=file.overlap.count,
        overlap_tier=_TIERS[file.overlap.tier],
        overlap_levels=overlap_levels,
        always_active=frozenset(file.always_active),
        points={"強": file.points.strong, "中": file.points.medium, "弱": file.points.weak},
        bands=_band_rules(file),
        model_points=file.points.model,
    )


def _band_rules(file: _PolicyFile) -> Mapping[str, BandRule]:
    if file.model_bands is None:
        return {}
    usual, by_type = file.model_bands.usual, {str(kind): quota for kind, quota in file.model_bands.by_type.items()}
    quotas = {kind: by_type.get(kind, usual) for kind in HARDSHIP_LABELS}
    weeks = file.stickiness.weeks if file.stickiness else 1
    rules = {}
    for kind, quota in quotas.items():
        enter = (quota.low, quota.medium, quota.high)
        low, medium, high = (_leaving(each, file.stickiness) for each in enter)
        rules[kind] = BandRule(enter, (low, medium, high), weeks)
    return rules


def _leaving(quota: int, stickiness: Stickiness | None) -> int:
    """The quota times the factor, a broken place rounded up: with 1 of a thousand and 1.5 the second place still keeps."""
    tenths = int(stickiness.factor * 10) if stickiness else 10
    return -(-quota * tenths // 10)


def _faults(document: YamlDocument, file: _PolicyFile) -> Iterator[Problem]:
    last = file.levels[-1]
    if not last.asks_nothing:
        yield Problem(
            document.place("段", len(file.levels) - 1),
            "E-TIER-01",
            "最後の段に条件があります。",
            "どの段にも当てはまらないこどもが出てしまいます。",
            "最後の行は「- {名前: 無}」のように、名前だけにしてください。",
        )
    for index, rule in enumerate(file.levels[:-1]):
        if rule.asks_nothing:
            yield Problem(
                document.place("段", index),
                "E-TIER-08",
                f"段「{rule.name}」のこの行に、強・中・弱の数がありません。",
                "何も該当していないこどもまで、全員がこの段になります。",
                "「強: 1」のように必要な件数を書いてください。数を書かないのは最後の行だけです。",
            )
    names = list(dict.fromkeys(rule.name for rule in file.levels))
    for name in names:
        if name not in file.table:
            yield Problem(
                document.place("区分表"),
                "E-TIER-02",
                f"段「{name}」が区分表にありません。",
                "この段のこどもの区分が決まりません。",
                f"区分表に「{name}: {{なし: …}}」の行を書き足してください。",
            )
    for name, row in file.table.items():
        missing = [band for band in BANDS if band not in row]
        if name not in names or missing:
            yield Problem(
                document.place("区分表", name),
                "E-TIER-03",
                f"区分表の「{name}」の行が段または帯と合いません。",
                "区分が決まらない組合せができます。",
                "段の名前と、なし・下・中・上の4つの帯をそろえてください。",
            )
            return
    if any(name not in file.table for name in names):
        return
    if _TIERS[file.table[last.name]["なし"]] < Tier.NO_ACTION:
        yield Problem(
            document.place("区分表", last.name),
            "E-TIER-09",
            f"どのシナリオにも該当しないこどもの段「{last.name}」が、モデルなしで{file.table[last.name]['なし']}になっています。",
            "理由のないこどもが、会議の一覧に載ってしまいます。",
            f"「{last.name}」の行の「なし」を③にしてください。",
        )
    for name in names:
        row = file.table[name]
        tiers = [_TIERS[row[band]] for band in BANDS]
        if any(later > earlier for earlier, later in itertools.pairwise(tiers)):
            yield Problem(
                document.place("区分表", name),
                "E-TIER-04",
                f"「{name}」の行で、モデルの帯が上がると区分が下がっています。",
                "モデルがルールの区分を下げることは認められません。",
                "右へ行くほど①に近いか同じになるようにしてください。",
            )
        if len(tiers) == 4 and tiers[3] < tiers[0] - 1:
            yield Problem(
                document.place("区分表", name),
                "E-TIER-06",
                f"「{name}」の行で、モデルが区分を2つ以上上げています。",
                "モデルが上げてよいのは1段だけです。",
                "「なし」から1段までの引き上げにしてください。",
            )
    yield from _band_faults(document, file)
    # Line by line and not name by name: a name that comes again further down must not put more hits behind fewer.
    steps = dict.fromkeys(itertools.pairwise(rule.name for rule in file.levels))
    for higher, lower in steps:
        for band in BANDS:
            if _TIERS[file.table[higher][band]] > _TIERS[file.table[lower][band]]:
                yield Problem(
                    document.place("区分表", higher),
                    "E-TIER-05",
                    f"帯「{band}」で、段「{higher}」の区分が段「{lower}」より低くなっています。",
                    "該当が多いほど後回しになってしまいます。",
                    "上の段ほど①に近いか同じになるようにしてください。",
                )


def _band_faults(document: YamlDocument, file: _PolicyFile) -> Iterator[Problem]:
    if file.model_bands is None:
        if file.stickiness is not None or file.points.model:
            yield Problem(
                document.place("外れにくさ" if file.stickiness else "点"),
                "E-TIER-12",
                "「モデルの帯」がないのに、モデルの決まりがあります。",
                "モデルを使うのか使わないのかが決まりません。",
                "使うなら「モデルの帯」を書き、使わないなら「外れにくさ」と点の「モデル」を消してください。",
            )
        return
    quotas: dict[tuple[str, ...], BandQuota] = {("既定",): file.model_bands.usual}
    quotas |= {("類型ごと", kind): quota for kind, quota in file.model_bands.by_type.items()}
    for where, quota in quotas.items():
        place = document.place("モデルの帯", *where)
        if not quota.high <= quota.medium <= quota.low:
            yield Problem(
                place,
                "E-TIER-10",
                f"「{where[-1]}」の帯の人数が、上から下へ増えていません(上{quota.high}・中{quota.medium}・下{quota.low})。",
                "「中」は「上」の人数を含めて、「下」は「中」までを含めて数えます。",
                "上 ≦ 中 ≦ 下 になるように書いてください。",
            )
        if _leaving(quota.low, file.stickiness) > _LAST_PLACE:
            factor = file.stickiness.factor if file.stickiness else 1
            yield Problem(
                place,
                "E-TIER-11",
                f"「{where[-1]}」の帯が広すぎます(下{quota.low}人 × {factor}倍が、1,000人のうち{_LAST_PLACE}人を超えます)。",
                "モデルは、点の高い200人までの順位しか示しません。",
                f"「下」に「倍」をかけた数が{_LAST_PLACE}以下になるようにしてください。",
            )
