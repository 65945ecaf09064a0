"""How often would a model make a child come and go? Recorded scores of a demo city, with noise from week to week, through the bands as shipped.

    python bench/overlay_flips.py demo        # a workspace whose newest run used a model

Nothing about the children changes; only the log odds move, as an autoregressive noise (.9 of last week's, standard deviation .15). A flip is a change
of tier from one week to the next. Beside the shipped hysteresis: the same thresholds without it. Upwards nothing may wait: weeks in which a score
reached 上 and the tier did not follow are counted.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from overlay import met_hits, scenario_infos

from engine.audit.runs import open_run
from engine.tiers.bands import NO_SCORE, BandState, Thresholds, bands
from engine.tiers.decide import decide
from engine.tiers.policy import load_policy

WEEKS, KEPT, SPREAD = 52, 0.9, 0.15
MILLION = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    folder = parser.parse_args().workspace
    run = open_run(folder / "runs")
    policy = load_policy(folder / "rulebooks" / "tiers.yaml")
    infos, hits = scenario_infos(run), met_hits(run)
    scores = pq.read_table(run.folder / "scores.parquet")
    children = scores.num_rows
    told = run.manifest["model"]["types"]
    types = {kind: scores.column(f"{kind}_millionths").fill_null(NO_SCORE).to_numpy() for kind in told}
    limits = {
        kind: Thresholds(_in_order(each["enter"]), _in_order(each["leave"]), each["weeks"])
        for kind, each in told.items()
    }
    for name, weeks in (("shipped", None), ("without hysteresis", 1)):
        rng = np.random.default_rng(1)
        noise = {kind: rng.normal(0, SPREAD, children) for kind in types}
        state: dict[str, BandState | None] = dict.fromkeys(types)
        before, flips, late = None, 0, 0
        for _ in range(WEEKS):
            band = {}
            for kind, recorded in types.items():
                noise[kind] = KEPT * noise[kind] + rng.normal(0, SPREAD * np.sqrt(1 - KEPT**2), children)
                moved = _moved(recorded, noise[kind])
                limit = limits[kind]
                if weeks is not None:
                    limit = replace(limit, leave=limit.enter, weeks=weeks)
                state[kind] = now = bands(moved, limit, state[kind])
                band[kind] = now.band
                late += int(((moved >= limit.enter[-1]) & (now.band < 3)).sum())
            everyone = {
                kind: band.get(kind, np.zeros(children, dtype=np.int64)) for kind in {i.hardship_type for i in infos}
            }
            tier = decide(hits, infos, policy, children, everyone).tier
            flips += 0 if before is None else int((tier != before).sum())
            before = tier
        per = 1000 * flips / (children * (WEEKS - 1))
        print(f"{name:<20} {per:.2f} flips per 1,000 child-weeks; upwards late: {late}")


def _in_order(of_band: dict[str, int]) -> tuple[int, int, int]:
    return of_band["下"], of_band["中"], of_band["上"]


def _moved(recorded: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Scores in millionths with noise on their log odds; who has no score keeps none."""
    share = np.clip(recorded, 1, MILLION - 1) / MILLION
    moved = 1 / (1 + np.exp(-(np.log(share / (1 - share)) + noise)))
    return np.where(recorded == NO_SCORE, NO_SCORE, np.rint(moved * MILLION)).astype(np.int64)


if __name__ == "__main__":
    main()
