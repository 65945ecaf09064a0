"""A million children under many policies: what the model may do to a tier, and what it may not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.kernel.errors import KizukiError
from engine.records.case import HARDSHIP_LABELS, Tier
from engine.tiers.decide import ScenarioInfo, decide
from engine.tiers.policy import BANDS, TierPolicy, load_policy

KINDS = tuple(HARDSHIP_LABELS)
SCENARIOS = [ScenarioInfo(f"{kind}-{i}", kind, "強強中中弱弱"[i]) for kind in KINDS for i in range(6)]
POLICIES, CHILDREN = 50, 20_000
NOBODY = np.zeros(CHILDREN, dtype=np.int64)


def policy_text(draw: np.random.Generator) -> str:
    """tiers.yaml with a random table: of the ones drawn, those that break a promise are refused when they are read."""
    marks = "①②③"
    rows, before = [], [0, 0, 0, 0]
    for name in ("高", "中", "低", "無"):
        without = 2 if name == "無" else int(draw.integers(before[0], 3))
        row = [without]
        for band in range(1, 4):
            row.append(max(before[band], int(draw.integers(max(0, without - 1), row[-1] + 1))))
        before = row
        rows.append(f"  {name}: {{" + ", ".join(f"{b}: {marks[t]}" for b, t in zip(BANDS, row, strict=True)) + "}")
    counts = sorted((int(draw.integers(1, 4)) for _ in range(2)), reverse=True)
    always = draw.choice([s.scenario_id for s in SCENARIOS], 2, replace=False)
    return "\n".join(
        [
            '版: "1"',
            "段:",
            f"  - {{名前: 高, 強: {counts[0]}}}",
            f"  - {{名前: 中, 強: {counts[1]}}}" if counts[1] < counts[0] else "  - {名前: 中, 中: 1}",
            "  - {名前: 低, 弱: 1}",
            "  - {名前: 無}",
            "区分表:",
            *rows,
            f"重なり: {{数: {draw.integers(2, 5)}, 区分: {marks[draw.integers(0, 2)]}}}",
            f"必ず①にするシナリオ: [{', '.join(always)}]",
            "モデルの帯: {既定: {上: 1, 中: 5, 下: 20}}",
            "点: {強: 100, 中: 30, 弱: 10, モデル: 20}",
        ]
    )


def random_policies(folder: Path, draw: np.random.Generator) -> list[TierPolicy]:
    found: list[TierPolicy] = []
    drawn = 0
    while len(found) < POLICIES:
        drawn += 1
        path = folder / f"{drawn}.yaml"
        path.write_text(policy_text(draw), encoding="utf-8")
        try:
            found.append(load_policy(path))
        except KizukiError:
            continue
    assert drawn < 20 * POLICIES
    assert len({tuple(tuple(row.values()) for row in p.table.values()) for p in found}) > POLICIES // 2
    return found


def drawn_hits(draw: np.random.Generator) -> dict[str, np.ndarray]:
    often = draw.choice([0.02, 0.1, 0.4], CHILDREN)
    return {s.scenario_id: draw.random(CHILDREN) < often for s in SCENARIOS}


def drawn_bands(draw: np.random.Generator) -> dict[str, np.ndarray]:
    return {kind: draw.integers(0, 4, CHILDREN) for kind in KINDS if draw.random() < 0.8}


def test_in_a_million_cases_the_model_never_lowers_a_tier(tmp_path):
    """Whatever policy loads, whoever hits what, whichever band: as without a model or one step more active, never ① alone, and a rule's ① as it is.

    Monotone: a higher band, or one more hit, never gives a less active tier. Each promise is seen to matter: lifted children occur.
    """
    draw = np.random.default_rng(20261127)
    lifted = cases = 0
    for policy in random_policies(tmp_path, draw):
        hits, bands = drawn_hits(draw), drawn_bands(draw)

        def tiers(hits, bands, policy=policy):
            return decide(hits, SCENARIOS, policy, CHILDREN, bands)

        rules, both = tiers(hits, None), tiers(hits, bands)
        _lifts_by_one_at_most(rules.tier, both.tier)
        for kind in KINDS:
            _lifts_by_one_at_most(rules.type_tier[kind], both.type_tier[kind])
            unmet = ~np.logical_or.reduce([hits[s.scenario_id] for s in SCENARIOS if s.hardship_type == kind])
            assert (both.type_tier[kind][unmet] > Tier.ACTIVE).all()
        no_hit = ~np.logical_or.reduce(list(hits.values()))
        assert no_hit.any()
        assert (both.tier[no_hit] > Tier.ACTIVE).all()
        assert (both.rule_tier == rules.tier).all()
        assert (rules.rule_tier == rules.tier).all()
        higher = {kind: np.maximum(bands.get(kind, NOBODY), draw.integers(0, 4, CHILDREN)) for kind in KINDS}
        more = {each: hit | (draw.random(CHILDREN) < 0.05) for each, hit in hits.items()}
        assert (tiers(hits, higher).tier <= both.tier).all()
        assert (tiers(more, bands).tier <= both.tier).all()
        lifted += int((both.tier < rules.tier).sum())
        cases += CHILDREN
    assert cases == 1_000_000
    assert lifted > 10_000


def _lifts_by_one_at_most(rules: np.ndarray, both: np.ndarray) -> None:
    assert (both <= rules).all()
    assert (both >= rules - 1).all()
    assert (both[rules == Tier.ACTIVE] == Tier.ACTIVE).all()


def test_the_test_would_find_a_policy_that_lowers(tmp_path):
    """The random tables would break the promises if reading them did not refuse it: a share of them is refused."""
    draw = np.random.default_rng(1)
    refused = 0
    for number in range(100):
        path = tmp_path / f"{number}.yaml"
        text = policy_text(draw)
        path.write_text(text.replace("なし: ③, 下: ③", "なし: ②, 下: ③"), encoding="utf-8")
        refused += _is_refused(lambda path=path: load_policy(path))
    assert refused > 50


def _is_refused(read: Callable[[], TierPolicy]) -> bool:
    try:
        read()
    except KizukiError:
        return True
    return False
