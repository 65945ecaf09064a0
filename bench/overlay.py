"""What does an approved model add to the week's list? Demo cities only, against their hidden truth.

    python bench/overlay.py demo1 demo2         # workspaces whose newest run used a model (`kizuki model train`, `approve`, `run`)

Of the newest run: who stands first by rules alone (decided again from the recorded truths of the scenarios) and who by rules and model, exactly as
recorded. For a week's and a quarter's number of households: how many children truly in difficulty (any of the six, and each type) are among them, and
with how much contact with the services. The intervals come from 500 draws of households. Truth and contact are read by this script alone.

`bench/overlay_learning.py` compares ways of learning, `bench/overlay_year.py` lets a year of conferences pass, `bench/discovery.py` and
`bench/similar.py` measure drafts and past cases.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run
from engine.linkage.keyring import open_keyring
from engine.records.case import HARDSHIP_LABELS
from engine.records.score import NO_SCORE
from engine.tiers.decide import ScenarioInfo, decide
from engine.tiers.policy import load_policy
from ml_overlay.validation.evaluation import evaluate_against_truth
from ml_overlay.validation.orders import rule_verdicts
from ml_overlay.validation.results import Figure

HOMES = (50, 100, 200, 650)
"""Households: a week's conference, two and four weeks', a quarter's."""
DRAWS = 500
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Listed:
    """A city's children in the two orders, and the truth. `homes` numbers households from 0."""

    name: str
    homes: Ints
    rules: Ints
    blend: Ints
    truth: dict[str, Bools]
    little: Bools
    much: Bools


def load(folder: Path) -> Listed:
    """From a workspace. Raises SystemExit if its newest run used no model."""
    run = open_run(folder / "runs")
    if not run.manifest["model"]:
        raise SystemExit(f"{folder}: the newest run used no model")
    decisions = run.decisions()
    policy = load_policy(folder / "rulebooks" / "tiers.yaml")
    infos, hits = scenario_infos(run), met_hits(run)
    alone = decide(hits, infos, policy, decisions.num_rows)
    rows, known = truth_of(folder, decisions)
    there = [row for row in rows if row is not None]
    contact = np.array([row["contact"] for row in there])
    low, high = np.quantile(contact, [1 / 3, 2 / 3])
    of_type = {kind: np.array([bool(row[kind]) for row in there]) for kind in HARDSHIP_LABELS}
    homes = np.unique(np.array(decisions.column("household_key").to_pylist())[known], return_inverse=True)[1]
    return Listed(
        name=folder.name,
        homes=homes.astype(np.int64),
        rules=_order(alone.tier[known], alone.points[known]),
        blend=_order(
            decisions.column("tier").to_numpy()[known].astype(np.int64),
            decisions.column("points").to_numpy()[known].astype(np.int64),
        ),
        truth={"any": np.logical_or.reduce(list(of_type.values())), **of_type},
        little=contact <= low,
        much=contact > high,
    )


def truth_of(folder: Path, decisions: pa.Table) -> tuple[list[dict[str, Any] | None], Bools]:
    """The hidden truth of each child of a run, None where there is none, and for whom there is."""
    register = open_keyring(folder / "keyring", may_create=False).register
    number = dict(
        zip(register.column("person_key").to_pylist(), register.column("address_number").to_pylist(), strict=True)
    )
    truth = {row["address_number"]: row for row in pq.read_table(folder / "truth" / "truth.parquet").to_pylist()}
    rows = [truth.get(number[key]) for key in decisions.column("child_key").to_pylist()]
    return rows, np.array([row is not None for row in rows])


def scenario_infos(run: RunRecord) -> list[ScenarioInfo]:
    """The scenarios of a run."""
    return [ScenarioInfo(key, info["type"], info["strength"]) for key, info in run.manifest["scenarios"].items()]


def met_hits(run: RunRecord) -> dict[str, Bools]:
    """For each scenario of a run who is hit: met, and not cancelled."""
    decisions = run.decisions()
    return {key: _met(decisions, key) & ~_met(decisions, f"{key}_cancelled") for key in run.manifest["scenarios"]}


def _met(decisions: pa.Table, column: str) -> Bools:
    found: Bools = decisions.column(column).fill_null(0).to_numpy() == 1
    return found


def _order(tier: Ints, points: Ints) -> Ints:
    """Higher comes first."""
    return -tier * 10**9 + points


def households_first(order: Ints, homes: Ints, wanted: int) -> Bools:
    """The children of the first so many households; a household stands where its first child stands, equals by number."""
    best = np.full(homes.max() + 1, np.iinfo(np.int64).min)
    np.maximum.at(best, homes, order)
    first = np.argsort(-best, kind="stable")[:wanted]
    chosen = np.zeros(len(best), dtype=bool)
    chosen[first] = True
    return chosen[homes]


def ratio(above: Bools, below: Bools, homes: Ints, rng: np.random.Generator) -> tuple[float, float, float]:
    """Found ÷ found, with its interval over draws of households."""
    total = homes.max() + 1
    a, b = np.bincount(homes, above, total), np.bincount(homes, below, total)
    drawn = rng.poisson(1.0, (DRAWS, total))
    ratios = (drawn @ a) / np.maximum(drawn @ b, 1e-9)
    return float(a.sum() / max(b.sum(), 1e-9)), *(float(each) for each in np.quantile(ratios, [0.025, 0.975]))


def report(city: Listed) -> None:
    rng = np.random.default_rng(1)
    print(f"{city.name}: {len(city.homes):,} children, {city.homes.max() + 1:,} households")
    for wanted in HOMES:
        by_rules, by_blend = (households_first(order, city.homes, wanted) for order in (city.rules, city.blend))
        for kind, truth in city.truth.items():
            at, low, high = ratio(truth & by_blend, truth & by_rules, city.homes, rng)
            found = f"{(truth & by_rules).sum():>5} {(truth & by_blend).sum():>5}"
            print(f"  {wanted:>4} households  {kind:<24} rules, blend {found}  ratio {at:.2f} [{low:.2f}, {high:.2f}]")
        gaps = []
        for chosen in (by_rules, by_blend):
            much, little = (
                (city.truth["any"] & part & chosen).sum() / max((city.truth["any"] & part).sum(), 1)
                for part in (city.much, city.little)
            )
            gaps.append((much, little))
        words = ", ".join(
            f"{much:.3f} with much contact, {little:.3f} with little, gap {much - little:+.3f}" for much, little in gaps
        )
        print(f"  {wanted:>4} households  recall of any difficulty, rules then blend: {words}")


def side_by_side(folder: Path) -> None:
    """Rules alone, model alone and both, type by type: average precision against the truth, among the children whom the model scores."""
    run = open_run(folder / "runs")
    policy = load_policy(folder / "rulebooks" / "tiers.yaml")
    decisions, scores = run.decisions(), pq.read_table(run.folder / "scores.parquet")
    rows, known = truth_of(folder, decisions)
    homes = np.array(decisions.column("household_key").to_pylist())
    for kind in run.manifest["model"]["types"]:
        millionths = scores.column(f"{kind}_millionths").fill_null(NO_SCORE).to_numpy().astype(np.int64)
        there = known & (millionths != NO_SCORE)
        truth = np.array([row is not None and bool(row[kind]) for row in rows])
        verdicts = rule_verdicts(met_hits(run), scenario_infos(run), policy, kind, decisions.num_rows)
        result = evaluate_against_truth(
            kind, run.as_of, homes[there], truth[there], verdicts.of(np.flatnonzero(there)), millionths[there], policy
        )
        for order in result.over_days:
            print(
                f"  {kind:<24} {order.order:<6} average precision {_told(order.average_precision)}  base {truth[there].mean():.3f}"
            )


def _told(figure: Figure | None) -> str:
    if figure is None:
        return "too few to tell"
    return f"{figure.at / 1e6:.3f} [{figure.low / 1e6:.3f}, {figure.high / 1e6:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspaces", nargs="+", type=Path)
    for folder in parser.parse_args().workspaces:
        report(load(folder))
        side_by_side(folder)


if __name__ == "__main__":
    main()
