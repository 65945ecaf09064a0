"""How well do the rules alone find the children who are truly in difficulty? Demo city only, against its hidden truth.

    python bench/against_truth.py demo        # a workspace made by `kizuki demo`

Truth is read by nothing but this script. For each hardship type: the area under the ROC curve of the rules' points of
that type, how many are flagged (a hit that counts), how many of the flagged are truly in difficulty, and
how many of those in difficulty are flagged. Then the list: how many of the children in ① and ② are truly in any difficulty.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from engine.audit.runs import open_run
from engine.linkage.keyring import open_keyring
from engine.records.case import HARDSHIP_LABELS
from engine.tiers.policy import load_policy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    folder = parser.parse_args().workspace
    run = open_run(folder / "runs")
    decisions = run.decisions()
    register = open_keyring(folder / "keyring", may_create=False).register
    number = dict(
        zip(register.column("person_key").to_pylist(), register.column("address_number").to_pylist(), strict=True)
    )
    truth = {row["address_number"]: row for row in pq.read_table(folder / "truth" / "truth.parquet").to_pylist()}
    keys = decisions.column("child_key").to_pylist()
    known = np.array([number[key] in truth for key in keys])
    points = load_policy(folder / "rulebooks" / "tiers.yaml").points
    in_difficulty = np.zeros(len(keys), dtype=bool)
    print(f"{run.run_id}: {known.sum():,} children with known truth")
    print(f"{'type':<26}{'true':>7}{'flagged':>9}{'right':>8}{'found':>8}{'AUC':>7}")
    for kind in HARDSHIP_LABELS:
        score = np.zeros(len(keys), dtype=np.int64)
        for scenario, info in run.manifest["scenarios"].items():
            if info["type"] == kind:
                met = decisions.column(scenario).fill_null(0).to_numpy() == 1
                cancelled = decisions.column(f"{scenario}_cancelled").fill_null(0).to_numpy() == 1
                score += points[info["strength"]] * (met & ~cancelled)
        actual = np.array([bool(truth[number[key]][kind]) if number[key] in truth else False for key in keys])
        in_difficulty |= actual
        flagged = score > 0
        right = (flagged & actual).sum() / max(flagged.sum(), 1)
        found = (flagged & actual).sum() / max(actual.sum(), 1)
        area = auc(score[known], actual[known])
        print(f"{kind:<26}{actual.sum():>7,}{flagged.sum():>9,}{right:>8.2f}{found:>8.2f}{area:>7.2f}")
    tier = decisions.column("tier").to_numpy()
    for mark, level in (("①", 1), ("②", 2), ("③", 3)):
        of = tier == level
        print(f"{mark} {of.sum():,} children, {(of & in_difficulty).sum():,} of them truly in some difficulty")


def auc(score: np.ndarray, actual: np.ndarray) -> float:
    """The probability that a child in difficulty scores above one who is not; ties count half."""
    values, inverse = np.unique(score, return_inverse=True)
    positive = np.bincount(inverse[actual], minlength=len(values))
    negative = np.bincount(inverse[~actual], minlength=len(values))
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / (positive.sum() * negative.sum()))


if __name__ == "__main__":
    main()
