"""Does feedback feed itself? A year of weekly conferences on demo cities, with a model that learns from what they find.

    python bench/overlay_year.py demo1 demo2        # workspaces made by `kizuki demo` or `kizuki run`, each of another seed

Everything stands still but what people know: features are those of the last run's day, and a child in trouble (hidden truth: abuse) stays so. The
first model learns from the council's register as it is, which knows better the families that the services know. Each week a conference looks at the
50 first households that it has not looked at within half a year, and at 4 others drawn by lot; it sees a trouble in four of five cases, and one where
there is none in one of fifty. Four times a year the model is trained again. Four ways of learning are compared, all on the same draws:

* rules: no model.
* still: the first model, never trained again.
* plain: whoever was found becomes a label like any other.
* weighed: labels weighed by the inverse chance of having been found (`cohorts.looked_at`), as `kizuki model train` does.

Truth and contact with the services are read by this script alone, and are never a feature.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from overlay_learning import load_city
from sklearn.metrics import average_precision_score, roc_auc_score

from engine.audit.runs import open_run
from engine.linkage.keyring import open_keyring
from ml_overlay.cohorts.labels import BY_CHANCE, BY_LIST, NOT_LOOKED_AT
from ml_overlay.cohorts.looked_at import chance_otherwise, listing_weights
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.predict import raw_scores
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import train_type

WEEKS, EVERY, AGAIN = 52, 13, 26
CAPACITY, BY_LOT = 50, 4
SEEN, MISTAKEN = 0.8, 0.02
KIND = "abuse"
WAYS = ("rules", "still", "plain", "weighed")


@dataclass(frozen=True)
class Year:
    """A demo city as the year begins: features, what the rules say, who is registered, and the truth. `homes`: number of each child's household."""

    table: FeatureTable
    truth: np.ndarray
    registered: np.ndarray
    homes: np.ndarray
    rule_tier: np.ndarray
    rule_points: np.ndarray
    contact_thirds: tuple[np.ndarray, np.ndarray]


def load_year(folder: Path) -> Year:
    """From a workspace whose last run is there."""
    city = load_city(folder)
    keys = city.table.child_keys
    decisions = open_run(folder / "runs").decisions()
    row = {key: place for place, key in enumerate(decisions.column("child_key").to_pylist())}
    rows = np.array([row[key] for key in keys.tolist()])
    register = open_keyring(folder / "keyring", may_create=False).register
    number = dict(
        zip(register.column("person_key").to_pylist(), register.column("address_number").to_pylist(), strict=True)
    )
    truth = {each["address_number"]: each for each in pq.read_table(folder / "truth" / "truth.parquet").to_pylist()}
    low, high = np.quantile(city.contact, [1 / 3, 2 / 3])
    return Year(
        table=city.table,
        truth=city.truth[KIND],
        registered=np.array([bool(truth[number[key]]["registered"]) for key in keys.tolist()]),
        homes=np.unique(city.table.household_keys, return_inverse=True)[1],
        rule_tier=decisions.column("tier").to_numpy()[rows],
        rule_points=decisions.column("points").to_numpy()[rows],
        contact_thirds=(city.contact <= low, city.contact > high),
    )


@dataclass
class Known:
    """What people know: for each child whether it is labelled, and in which week and how it was last looked at."""

    label: np.ndarray
    looked: np.ndarray
    week: np.ndarray
    chance: np.ndarray


def simulate(city: Year, way: str, seed: int, recipe: Recipe) -> dict[str, float]:
    """One year. Gives what was found, by contact, and what the last model says of children nobody has looked at."""
    rng = np.random.default_rng(seed)
    truth = city.truth
    known = Known(
        city.registered.copy(),
        np.full(len(truth), NOT_LOOKED_AT, dtype=np.int8),
        np.full(len(truth), -AGAIN, dtype=np.int64),
        np.zeros(len(truth)),
    )
    first = city.registered
    eyes = rng.random((WEEKS, len(truth)))
    lots = rng.random((WEEKS, len(truth)))
    score = np.zeros(len(truth))
    looks = found_looks = 0
    for week in range(WEEKS):
        if way != "rules" and (week == 0 or (way != "still" and week % EVERY == 0)):
            score = _scores(city, known, way, recipe)
        order = np.lexsort((-score, -city.rule_points, city.rule_tier)) if way == "rules" else _blended(city, score)
        listed = _first(city, order, known, week, CAPACITY, first)
        lot = _first(city, np.argsort(lots[week]), known, week, BY_LOT, first | listed)
        for children, how in ((listed, BY_LIST), (lot, BY_CHANCE)):
            known.week[children] = week
            known.looked[children] = np.maximum(known.looked[children], how) if how == BY_CHANCE else BY_LIST
            known.chance[children] = 1.0 if how == BY_LIST else BY_LOT / max(len(np.unique(city.homes)), 1)
            seen = children & (eyes[week] < np.where(truth, SEEN, MISTAKEN))
            known.label |= seen
            looks += int(children.sum())
            found_looks += int((children & truth).sum())
    if way != "rules":
        score = _scores(city, known, way, recipe) if way != "still" else score
    new = known.label & ~first
    away = (known.looked == NOT_LOOKED_AT) & ~first
    reach = truth & ~first
    little, much = (reach & part for part in city.contact_thirds)
    figures = {
        "found": float((new & truth).sum()),
        "of 100 looked at": 100 * found_looks / max(looks, 1),
        "recall, much contact": float((new & much).sum() / max(much.sum(), 1)),
        "recall, little contact": float((new & little).sum() / max(little.sum(), 1)),
    }
    if way != "rules":
        figures["AP, nobody looked"] = float(average_precision_score(truth[away], score[away]))
        quiet = ~truth & ~first
        figures["AUC 'was listed', no trouble"] = float(roc_auc_score(known.looked[quiet] == BY_LIST, score[quiet]))
    return figures


def _scores(city: Year, known: Known, way: str, recipe: Recipe) -> np.ndarray:
    weight = np.ones(len(known.label))
    if way == "weighed":
        open_ = known.looked != BY_LIST
        drawn = known.looked == BY_CHANCE
        otherwise = chance_otherwise(
            int((known.label & open_).sum()), int(open_.sum()), int((known.label & drawn).sum()), int(drawn.sum())
        )
        weight = listing_weights(known.label.astype(np.int8), known.looked, known.chance, otherwise)
    rows = TrainingSet(
        hardship_type=KIND,
        features=city.table.features,
        values=city.table.values,
        label=known.label.astype(np.int8),
        child_keys=city.table.child_keys,
        household_keys=city.table.household_keys,
        cut_on=np.full(len(known.label), np.datetime64(city.table.as_of, "D")),
        weight=weight,
    )
    return raw_scores(train_type(rows, recipe), city.table)


def _blended(city: Year, score: np.ndarray) -> np.ndarray:
    """Tier by rules first, then rule points and the score's rank together, as strong as one strong scenario."""
    rank = np.argsort(np.argsort(score, kind="stable"), kind="stable") / len(score)
    return np.lexsort(
        (-(city.rule_points + 100 * rank), np.where((rank > 0.99) & (city.rule_tier > 2), 2, city.rule_tier))
    )


def _first(city: Year, order: np.ndarray, known: Known, week: int, homes: int, without: np.ndarray) -> np.ndarray:
    """The children of the first so many households, in order, that nobody has looked at within half a year."""
    chosen: dict[int, None] = {}
    for child in order:
        if len(chosen) == homes:
            break
        if not without[child] and week - known.week[child] >= AGAIN:
            chosen[int(city.homes[child])] = None
    return np.isin(city.homes, list(chosen)) & ~without


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspaces", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=1, help="years for each city")
    parser.add_argument("--partitions", type=int, default=2, help="fewer than in use, for speed")
    asked = parser.parse_args()
    recipe = replace(Recipe(minimum_positives=1), partitions=asked.partitions)
    cities = [load_year(folder) for folder in asked.workspaces]
    for way in WAYS:
        years = [simulate(city, way, seed, recipe) for city in cities for seed in range(asked.seeds)]
        print(f"{way:<10}" + "  ".join(f"{name} {_mean(years, name):.3f}" for name in years[0]), flush=True)


def _mean(years: Sequence[dict[str, float]], name: str) -> float:
    return float(np.mean([year[name] for year in years]))


if __name__ == "__main__":
    main()
