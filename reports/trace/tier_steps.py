"""From hits to the tier by the policy of the record, step by step in words, and whether the record says the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from engine.records.case import HARDSHIP_LABELS, Strength, Tier, TypeDecision
from engine.records.score import Band
from engine.tiers.policy import LevelRule, TierPolicy
from reports.trace.traced import OverlapStep, TypeStep

_STRENGTHS: tuple[Strength, ...] = ("強", "中", "弱")
_NO_MODEL: Band = "なし"


def type_steps(
    hits: Sequence[tuple[str, str, Strength]], policy: TierPolicy, bands: Mapping[str, Band]
) -> tuple[tuple[TypeStep, ...], OverlapStep, Tier]:
    """Each type with a hit or in a band, the overlap of types, and the tier. `hits`: (番号, type, strength); `bands`: of the model's scores by type."""
    told = [kind for kind in HARDSHIP_LABELS if bands.get(kind, _NO_MODEL) != _NO_MODEL or any(of == kind for _, of, _ in hits)]
    steps = tuple(_step(kind, hits, policy, bands.get(kind, _NO_MODEL)) for kind in told)
    raised = tuple(step.label for step in steps if step.level in policy.overlap_levels)
    overlap = OverlapStep(raised, policy.overlap_count, policy.overlap_tier, len(raised) >= policy.overlap_count)
    tiers = [step.tier for step in steps] + ([policy.overlap_tier] if overlap.applies else [])
    return steps, overlap, min(tiers, default=Tier.NO_ACTION)


def recorded_steps(types: Sequence[TypeDecision]) -> tuple[TypeStep, ...]:
    """The types of a listed child as the record tells them, where the policy itself cannot be read."""
    return tuple(
        TypeStep(
            t.hardship_type,
            HARDSHIP_LABELS[t.hardship_type],
            (),
            "",
            0,
            "",
            _NO_MODEL,
            t.tier,
            (),
            t.scenario_ids,
            t.reason,
            t.lifted_from,
        )
        for t in types
    )


def tier_with(
    hits: Sequence[tuple[str, str, Strength]],
    more: tuple[str, str, Strength],
    policy: TierPolicy,
    bands: Mapping[str, Band],
) -> Tier:
    """The tier if one more scenario counted, the bands being as they are."""
    return type_steps([*hits, more], policy, bands)[2]


def disagreements(
    steps: Sequence[TypeStep], tier: Tier, recorded: Mapping[str, Tier], recorded_tier: Tier
) -> Iterator[str]:
    """Where the policy makes something else of the hits than was recorded."""
    if tier != recorded_tier:
        yield f"区分: 該当から数え直すと{tier.mark}ですが、記録は{recorded_tier.mark}です。"
    made = {step.hardship_type: step.tier for step in steps}
    for kind, was in recorded.items():
        now = made.get(kind, Tier.NO_ACTION)
        if now != was:
            yield f"{HARDSHIP_LABELS.get(kind, kind)}: 該当から数え直すと{now.mark}ですが、記録は{was.mark}です。"


def _step(kind: str, hits: Collection[tuple[str, str, Strength]], policy: TierPolicy, band: Band) -> TypeStep:
    mine = [(scenario, strength) for scenario, of, strength in hits if of == kind]
    counts = tuple((each, sum(strength == each for _, strength in mine)) for each in _STRENGTHS)
    rule = policy.level(*(count for _, count in counts))
    always = tuple(scenario for scenario, _ in mine if scenario in policy.always_active)
    tier, by_rules = (Tier.ACTIVE if always else policy.table[rule.name][each] for each in (band, _NO_MODEL))
    return TypeStep(
        hardship_type=kind,
        label=HARDSHIP_LABELS[kind],
        counts=tuple((each, count) for each, count in counts if count),
        level=rule.name,
        level_line=policy.levels.index(rule) + 1,
        level_asks=asks(rule),
        band=band,
        tier=tier,
        always=always,
        scenario_ids=tuple(scenario for scenario, _ in mine),
        lifted_from=by_rules if tier < by_rules else None,
    )


def asks(rule: LevelRule) -> str:
    """強1件・中2件以上, or どれにも届かないとき for the last line."""
    counts = (("強", rule.strong), ("中", rule.medium), ("弱", rule.weak))
    words = "・".join(f"{strength}{count}件" for strength, count in counts if count)
    return f"{words}以上" if words else "どれにも届かないとき"
