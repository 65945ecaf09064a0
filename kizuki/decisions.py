"""The week's decisions as one table: a row per child, and back again as what the list is made of."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from engine.evaluate.plan import Plan
from engine.records.case import HARDSHIP_LABELS, Tier
from engine.store.tables import Snapshot
from engine.tiers.decide import BoolArray, Decisions, decide, scenario_infos
from engine.tiers.listing import ChildDecision
from engine.tiers.policy import TierPolicy
from engine.tiers.week_scores import WeekScores


def decisions_table(
    snapshot: Snapshot, truths: pa.Table, plan: Plan, policy: TierPolicy, scores: WeekScores | None = None
) -> pa.Table:
    """One row per child, by child_key: household_key, tier, rule_tier (by rules alone), points, tier_<type>, and for each scenario its truth and
    whether it is cancelled (1, 0, null for 不明). `truths` is what `evaluate_all` gives; `scores` are of the same children, None without
    a model.
    """
    truths = truths.sort_by("child_key")
    columns: dict[str, pa.ChunkedArray] = {}
    for scenario in plan.scenarios:
        columns[scenario.id] = truths.column(scenario.id).cast(pa.int8())
        columns[f"{scenario.id}_cancelled"] = truths.column(f"{scenario.id}_cancelled").cast(pa.int8())
    decided = _decided(truths, plan, policy, scores)
    homes = snapshot.connection.execute(
        "SELECT person_key, household_key FROM person WHERE is_child ORDER BY person_key"
    ).to_arrow_table()
    if homes.column("person_key").to_pylist() != truths.column("child_key").to_pylist():
        raise AssertionError("the evaluator did not answer for exactly the children of the snapshot")
    return pa.table(
        {
            "child_key": truths.column("child_key"),
            "household_key": homes.column("household_key"),
            "tier": pa.array(decided.tier, pa.int8()),
            "rule_tier": pa.array(decided.rule_tier, pa.int8()),
            "points": pa.array(decided.points, pa.int32()),
            **{f"tier_{kind}": pa.array(decided.type_tier[kind], pa.int8()) for kind in HARDSHIP_LABELS},
            **columns,
        }
    )


def _decided(truths: pa.Table, plan: Plan, policy: TierPolicy, scores: WeekScores | None) -> Decisions:
    hits = {s.id: _is_true(truths.column(s.id)) & ~_is_true(truths.column(f"{s.id}_cancelled")) for s in plan.scenarios}
    infos = scenario_infos(plan)
    if scores is None:
        return decide(hits, infos, policy, truths.num_rows)
    if truths.column("child_key").to_pylist() != list(scores.child_keys):
        raise AssertionError("the scores are not of exactly the children of the snapshot")
    return decide(hits, infos, policy, truths.num_rows, scores.bands, scores.points(policy.model_points))


def lifted_children(truths: pa.Table, plan: Plan, policy: TierPolicy, scores: WeekScores) -> Mapping[Tier, int]:
    """How many children the model raised, by the tier that they have now."""
    decided = _decided(truths.sort_by("child_key"), plan, policy, scores)
    lifted = decided.tier < decided.rule_tier
    return {tier: int((lifted & (decided.tier == tier)).sum()) for tier in (Tier.ACTIVE, Tier.INQUIRY)}


def conditions_table(truths: pa.Table, plan: Plan) -> pa.Table:
    """One row per child, by child_key: the truth of every condition, c1 … cn (1, 0, null for 不明)."""
    truths = truths.sort_by("child_key")
    names = [f"c{number}" for number in range(1, len(plan.conditions) + 1)]
    columns = {name: truths.column(name).cast(pa.int8()).combine_chunks() for name in names}
    return pa.table({"child_key": truths.column("child_key").combine_chunks(), **columns})


def children_with_hits(decisions: pa.Table) -> list[ChildDecision]:
    """The children who matter for the list: those with a hit or a tier above ③, from this week's or a past table."""
    scenarios = [name.removesuffix("_cancelled") for name in decisions.column_names if name.endswith("_cancelled")]
    tier = decisions.column("tier").to_numpy()
    hit = {s: _is_true(decisions.column(s)) & ~_is_true(decisions.column(f"{s}_cancelled")) for s in scenarios}
    any_hit = np.logical_or.reduce(list(hit.values())) if hit else np.zeros(decisions.num_rows, dtype=bool)
    keys, homes = decisions.column("child_key"), decisions.column("household_key")
    points = decisions.column("points")
    # Records made before there was a model have the rules' tier only.
    by_rules = decisions.column("rule_tier").to_numpy() if "rule_tier" in decisions.column_names else tier
    return [
        ChildDecision(
            keys[i].as_py(),
            homes[i].as_py(),
            Tier(int(tier[i])),
            points[i].as_py(),
            frozenset(s for s in scenarios if hit[s][i]),
            Tier(int(by_rules[i])),
        )
        for i in np.flatnonzero(any_hit | (tier < Tier.NO_ACTION)).tolist()
    ]


def tier_counts(decisions: pa.Table) -> Mapping[str, int]:
    """Children per tier, by ① ② ③."""
    tier = decisions.column("tier").to_numpy()
    return {mark.mark: int((tier == mark).sum()) for mark in Tier}


def _is_true(column: pa.ChunkedArray) -> BoolArray:
    filled: BoolArray = column.cast(pa.int8()).fill_null(0).to_numpy(zero_copy_only=False).astype(np.bool_)
    return filled
