"""From the truth of scenarios to levels, tiers and points, for every child at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.evaluate.plan import Plan
from engine.records.case import HARDSHIP_LABELS, ScenarioResult, Strength, Tier, TypeDecision
from engine.records.score import Band, Score
from engine.tiers.policy import BANDS, TierPolicy, reaches

_BITS = 20  # more scenarios of one strength than any rulebook may hold
_MASK = (1 << _BITS) - 1
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ScenarioInfo:
    """What tiers need to know of a scenario."""

    scenario_id: str
    hardship_type: str
    strength: Strength


def scenario_infos(plan: Plan) -> list[ScenarioInfo]:
    """What tiers need to know of each planned scenario."""
    return [ScenarioInfo(s.id, s.scenario.hardship_type, s.scenario.strength) for s in plan.scenarios]


@dataclass(frozen=True)
class Decisions:
    """One row per child, in the order given: tier 1–3 overall and per type, level index per type, points.

    `rule_tier`: the tier that the rules alone give; the same without a model, never more active than `tier`.
    """

    tier: IntArray
    rule_tier: IntArray
    type_tier: Mapping[str, IntArray]
    type_level: Mapping[str, IntArray]
    points: IntArray


def decide(
    hits: Mapping[str, BoolArray],
    scenarios: Sequence[ScenarioInfo],
    policy: TierPolicy,
    children: int,
    bands: Mapping[str, IntArray] | None = None,
    model_points: Mapping[str, IntArray] | None = None,
) -> Decisions:
    """Tiers for all children. `hits[scenario_id]` is true where the scenario is met and not cancelled.

    `bands[type]` holds an index into BANDS per child; of a type without a model every child is in band なし. `model_points[type]` is added
    to the points, which only order children inside a tier. Unknown scenarios are no hits: they never raise a tier, and are listed
    separately as things to check.
    """
    by_type: dict[str, list[ScenarioInfo]] = {kind: [] for kind in HARDSHIP_LABELS}
    for scenario in scenarios:
        by_type[scenario.hardship_type].append(scenario)
    type_tier: dict[str, IntArray] = {}
    type_level: dict[str, IntArray] = {}
    points = np.zeros(children, dtype=np.int64)
    raised = np.zeros(children, dtype=np.int64)
    overall = np.full(children, int(Tier.NO_ACTION), dtype=np.int64)
    by_rules = overall.copy()
    for kind, members in by_type.items():
        counts = {strength: np.zeros(children, dtype=np.int64) for strength in policy.points}
        for scenario in members:
            hit = hits[scenario.scenario_id].astype(np.int64)
            counts[scenario.strength] += hit
            points += hit * policy.points[scenario.strength]
        level = _levels(policy, counts["強"], counts["中"], counts["弱"])
        no_band = np.zeros(children, dtype=np.int64)
        band = bands.get(kind, no_band) if bands is not None else no_band
        if model_points is not None and kind in model_points:
            points += model_points[kind]
        table = np.array([[int(policy.table[rule.name][b]) for b in BANDS] for rule in policy.levels], dtype=np.int64)
        always = np.zeros(children, dtype=np.bool_)
        for scenario in members:
            if scenario.scenario_id in policy.always_active:
                always |= hits[scenario.scenario_id]
        type_level[kind] = level
        type_tier[kind] = np.where(always, int(Tier.ACTIVE), table[level, band])
        overall = np.minimum(overall, type_tier[kind])
        by_rules = np.minimum(by_rules, np.where(always, int(Tier.ACTIVE), table[level, no_band]))
        counts_for_overlap = np.array([rule.name in policy.overlap_levels for rule in policy.levels])
        raised += counts_for_overlap[level]
    overlapping = raised >= policy.overlap_count
    overall, by_rules = (
        np.where(overlapping, np.minimum(tier, int(policy.overlap_tier)), tier) for tier in (overall, by_rules)
    )
    return Decisions(overall, by_rules, type_tier, type_level, points)


def _levels(policy: TierPolicy, strong: IntArray, medium: IntArray, weak: IntArray) -> IntArray:
    # Children share few combinations of counts, so each combination is looked up once.
    packed = (strong << 2 * _BITS) + (medium << _BITS) + weak
    combinations, inverse = np.unique(packed, return_inverse=True)
    found = [
        next(
            i
            for i, rule in enumerate(policy.levels)
            if reaches(rule, int(c) >> 2 * _BITS, (int(c) >> _BITS) & _MASK, int(c) & _MASK)
        )
        for c in combinations
    ]
    return np.array(found, dtype=np.int64)[inverse] if len(found) else np.zeros(0, dtype=np.int64)


class ExplainedTier(NamedTuple):
    """The per-type decisions of one child, the child's tier, and the tier that the rules alone give."""

    types: tuple[TypeDecision, ...]
    tier: Tier
    by_rules: Tier


def explain_types(
    results: Sequence[ScenarioResult], policy: TierPolicy, scores: Mapping[str, Score] | None = None
) -> ExplainedTier:
    """The per-type decisions of one child, each with its reason in words, and the child's tier with the model and without.

    Types without a hit and without a raising score are left out. Agrees with `decide` by construction of the same
    policy; the run compares both for every listed child.
    """
    decisions: list[TypeDecision] = []
    tier = by_rules = Tier.NO_ACTION
    overlapping = 0
    for kind in HARDSHIP_LABELS:
        hits = [result for result in results if result.hardship_type == kind and result.is_hit]
        counts = {strength: sum(hit.strength == strength for hit in hits) for strength in ("強", "中", "弱")}
        rule = policy.level(counts["強"], counts["中"], counts["弱"])
        score = scores.get(kind) if scores else None
        band: Band = score.band if score else "なし"
        always = [hit.scenario_id for hit in hits if hit.scenario_id in policy.always_active]
        type_tier, rule_tier = (Tier.ACTIVE if always else policy.table[rule.name][each] for each in (band, "なし"))
        overlapping += rule.name in policy.overlap_levels
        tier, by_rules = min(tier, type_tier), min(by_rules, rule_tier)
        if hits or type_tier < Tier.NO_ACTION:
            words = "・".join(f"{strength}{counts[strength]}件" for strength in counts if counts[strength])
            reason = (
                f"該当したシナリオは{words}で、段は「{rule.name}」です。"
                if words
                else f"該当したシナリオはなく、段は「{rule.name}」です。"
            )
            if always:
                reason += f"{'・'.join(always)}は、1件でも①とする決まりです。"
            lifted = type_tier < rule_tier
            if lifted:
                reason += f"似た状況の世帯より注意が必要(モデル)なため、{rule_tier.mark}から1段上げています。"
            decisions.append(
                TypeDecision(
                    kind, type_tier, reason, tuple(hit.scenario_id for hit in hits), rule_tier if lifted else None
                )
            )
    if overlapping >= policy.overlap_count:
        tier, by_rules = min(tier, policy.overlap_tier), min(by_rules, policy.overlap_tier)
    return ExplainedTier(tuple(decisions), tier, by_rules)
