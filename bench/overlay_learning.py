"""How well does the overlay learn from few and one-sided labels? Recipes side by side, on demo cities, against their hidden truth.

    python bench/overlay_learning.py demo1 demo2 …            # workspaces made by `kizuki demo` or `kizuki run`, each of another seed
    python bench/overlay_learning.py demo1 --only recipe defaults --types abuse

Features are those of the last run's day. Labels are the truth of five hardships, in three ways: everybody's; 40 % of them at random; 40 % of them by being
noticed (the chance rises with the family's contact with the services, as it does in the city). Every method scores every household by what was trained without it,
on the same folds, and is judged by average precision against the whole truth. Truth and contact are read by this script alone and are never a feature.

The explainable boosting machine is measured if `interpret-core` can be imported; it is no dependency.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import lightgbm
import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from engine.audit.runs import open_run
from engine.evaluate.columns.evaluation import evaluate_all
from engine.linkage.keyring import open_keyring
from engine.store.snapshot import open_snapshot
from kizuki.rules.files import load_rule_files
from kizuki.settings import open_workspace
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.feature import Feature, FeatureTable
from ml_overlay.features.table import build_features, declare_features
from ml_overlay.learning.calibration import sigmoid
from ml_overlay.learning.folds import folds_of
from ml_overlay.learning.predict import contributions, log_odds, millionths, raw_scores
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import cross_fit, train_type

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
SEED = 1
TYPES = ("abuse", "school_absence", "young_carer", "poverty", "developmental_disorder")
HIDDEN = (
    "council_case",
    "consultation",
    "npo_visit",
)  # as in model.yaml: the child's own records that follow from being registered
LABELLED = 0.4
LABELLINGS = ("all", "at random", "by notice")


@dataclass(frozen=True)
class City:
    """A demo city on a day: features of the children whose truth is known, and that truth."""

    name: str
    table: FeatureTable
    truth: dict[str, Bools]
    contact: Floats


@dataclass(frozen=True)
class Task:
    """Something to learn: what is known of children, who is labelled, and how often each household counts (0: not there)."""

    table: FeatureTable
    label: Bools
    weight: Floats

    @property
    def training_set(self) -> TrainingSet:
        there = self.weight > 0
        return TrainingSet(
            hardship_type="bench",
            features=self.table.features,
            values=self.table.values[there],
            label=self.label[there].astype(np.int8),
            child_keys=self.table.child_keys[there],
            household_keys=self.table.household_keys[there],
            cut_on=np.full(int(there.sum()), np.datetime64(self.table.as_of)),
            weight=self.weight[there],
        )


Method = Callable[[Task], Floats]
"""Raw score of each child of a task's table, by what was trained without its household."""


def load_city(folder: Path, day: date | None = None) -> City:
    """Features and truth of a workspace, as of its last run or of a day."""
    workspace, _ = open_workspace(folder)
    as_of = day or date.fromisoformat(open_run(folder / "runs").manifest["as_of"])
    rules = load_rule_files(workspace, as_of)
    snapshot = open_snapshot(workspace.store, rules.vocabulary, rules.layouts, as_of, threads=1, memory_limit="2GB")
    declared = declare_features(rules.vocabulary, rules.plan, HIDDEN)
    table = build_features(snapshot, rules.plan, evaluate_all(snapshot, rules.plan), declared)
    register = open_keyring(folder / "keyring", may_create=False).register
    number = dict(
        zip(register.column("person_key").to_pylist(), register.column("address_number").to_pylist(), strict=True)
    )
    truth = {row["address_number"]: row for row in pq.read_table(folder / "truth" / "truth.parquet").to_pylist()}
    known = np.array([number[key] in truth for key in table.child_keys.tolist()])
    rows = [truth[number[key]] for key in table.child_keys[known].tolist()]
    return City(
        name=folder.name,
        table=part_of(table, known),
        truth={kind: np.array([bool(row[kind]) for row in rows]) for kind in TYPES},
        contact=np.array([row["contact"] for row in rows]),
    )


def part_of(table: FeatureTable, rows: Bools) -> FeatureTable:
    """Some children of a table."""
    return replace(
        table, child_keys=table.child_keys[rows], household_keys=table.household_keys[rows], values=table.values[rows]
    )


def labels(city: City, kind: str, labelling: str, seed: int) -> Bools:
    """Who of those truly in difficulty is labelled."""
    truth = city.truth[kind]
    rng = np.random.default_rng([seed, TYPES.index(kind), LABELLINGS.index(labelling)])
    draw = rng.random(len(truth))
    match labelling:
        case "all":
            return truth
        case "at random":
            return truth & (draw < LABELLED)
        case _:
            low, high = -10.0, 10.0
            for _ in range(60):  # the level at which 40 % of those in difficulty are labelled
                level = (low + high) / 2
                share = sigmoid(level + 0.95 * city.contact[truth]).mean()
                low, high = (level, high) if share < LABELLED else (low, level)
            return truth & (draw < sigmoid(level + 0.95 * city.contact))


# Methods


def of_recipe(recipe: Recipe) -> Method:
    """The overlay itself."""

    def scores(task: Task) -> Floats:
        return raw_scores(cross_fit(task.training_set, recipe).model, task.table)

    return scores


def by_folds(
    fit: Callable[[npt.NDArray[np.float32], Bools, Floats, int], Callable[[npt.NDArray[np.float32]], Floats]],
) -> Method:
    """A library's model, trained five times without a fifth of the households."""

    def scores(task: Task) -> Floats:
        fold = folds_of(task.table.household_keys, 0)
        total = np.zeros(len(fold))
        for k in range(5):
            seen = (fold != k) & (task.weight > 0)
            predict = fit(task.table.values[seen], task.label[seen], task.weight[seen], k)
            total[fold == k] = predict(task.table.values[fold == k])
        return total

    return scores


def _lightgbm(**settings: object) -> Method:
    def fit(
        values: npt.NDArray[np.float32], label: Bools, weight: Floats, seed: int
    ) -> Callable[[npt.NDArray[np.float32]], Floats]:
        model = lightgbm.LGBMClassifier(n_jobs=1, verbosity=-1, random_state=seed, **settings)
        model.fit(values, label, sample_weight=weight)
        return lambda others: model.predict(others, raw_score=True)

    return by_folds(fit)


def _logistic(
    values: npt.NDArray[np.float32], label: Bools, weight: Floats, _: int
) -> Callable[[npt.NDArray[np.float32]], Floats]:
    """As a statistician would: unknown as the mean with a flag beside it, standardised, mild ridge."""

    def flagged(some: npt.NDArray[np.float32]) -> Floats:
        filled = np.where(np.isnan(some), mean, some)
        return np.hstack([filled, np.isnan(some)[:, gaps]]).astype(np.float64)

    gaps = np.isnan(values).any(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        mean = np.nan_to_num(np.nanmean(values, axis=0))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(flagged(values), label, logisticregression__sample_weight=weight)
    return lambda others: model.decision_function(flagged(others))


def _ebm(
    values: npt.NDArray[np.float32], label: Bools, weight: Floats, seed: int
) -> Callable[[npt.NDArray[np.float32]], Floats]:
    from interpret.glassbox import ExplainableBoostingClassifier

    model = ExplainableBoostingClassifier(interactions=0, n_jobs=1, random_state=seed, outer_bags=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(values, label, sample_weight=weight)
    return lambda others: model.decision_function(others)


SMALL = {
    "num_leaves": 8,
    "max_depth": 4,
    "learning_rate": 0.03,
    "n_estimators": 150,
    "colsample_bytree": 0.5,
    "reg_lambda": 5.0,
}


def _pu_bagging(
    values: npt.NDArray[np.float32], label: Bools, weight: Floats, seed: int
) -> Callable[[npt.NDArray[np.float32]], Floats]:
    """Mordelet & Vert 2014: each booster against another draw of unlabelled children, here five for each labelled one."""
    rng = np.random.default_rng(seed)
    ones, zeros = np.flatnonzero(label), np.flatnonzero(~label)
    models = []
    for bag in range(10):
        rows = np.concatenate([ones, rng.choice(zeros, min(5 * len(ones), len(zeros)), replace=False)])
        model = lightgbm.LGBMClassifier(n_jobs=1, verbosity=-1, random_state=bag, **SMALL)
        models.append(model.fit(values[rows], label[rows], sample_weight=weight[rows]))
    return lambda others: np.mean([model.predict(others, raw_score=True) for model in models], axis=0)


def _weighted(
    values: npt.NDArray[np.float32], label: Bools, weight: Floats, seed: int
) -> Callable[[npt.NDArray[np.float32]], Floats]:
    """Elkan & Noto 2008: an unlabelled child counts as in difficulty by the chance that it is, and as not by the rest."""
    inner = np.arange(len(label)) % 3
    chance = np.zeros(len(label))
    for k in range(3):
        model = lightgbm.LGBMClassifier(n_jobs=1, verbosity=-1, random_state=seed, **SMALL)
        model.fit(values[inner != k], label[inner != k], sample_weight=weight[inner != k])
        chance[inner == k] = model.predict_proba(values[inner == k])[:, 1]
    c = chance[label].mean()
    share = np.clip((1 - c) / c * chance / (1 - chance), 0, 1)[~label]
    doubled = np.concatenate([values[label], values[~label], values[~label]])
    target = np.concatenate([np.ones(int(label.sum()) + len(share)), np.zeros(len(share))])
    counts = np.concatenate([weight[label], weight[~label] * share, weight[~label] * (1 - share)])
    model = lightgbm.LGBMClassifier(n_jobs=1, verbosity=-1, random_state=seed, **SMALL)
    model.fit(doubled, target, sample_weight=counts)
    return lambda others: model.predict(others, raw_score=True)


def _two_step(
    values: npt.NDArray[np.float32], label: Bools, weight: Floats, seed: int
) -> Callable[[npt.NDArray[np.float32]], Floats]:
    """Liu 2003 without spies: first a ranking, then labelled against the lower seven tenths of the unlabelled only."""
    first = lightgbm.LGBMClassifier(n_jobs=1, verbosity=-1, random_state=seed, **SMALL)
    first.fit(values, label, sample_weight=weight)
    rank = first.predict(values, raw_score=True)
    kept = label | (rank <= np.quantile(rank[~label], 0.7))
    model = lightgbm.LGBMClassifier(n_jobs=1, verbosity=-1, random_state=seed, **SMALL)
    model.fit(values[kept], label[kept], sample_weight=weight[kept])
    return lambda others: model.predict(others, raw_score=True)


OWN = Recipe(minimum_positives=1)
OF_RECIPE = {
    "recipe": OWN,
    "1 partition": replace(OWN, partitions=1),
    "2 partitions": replace(OWN, partitions=2),
    "3 partitions": replace(OWN, partitions=3),
    "half the columns": replace(OWN, column_share=0.5),
    "without signs": replace(OWN, monotone=False),
}


def methods() -> dict[str, Method]:
    """All of them, the overlay's own recipe first."""
    found = {name: of_recipe(recipe) for name, recipe in OF_RECIPE.items()}
    found |= {
        "small": _lightgbm(**SMALL),
        "defaults": _lightgbm(),
        "logistic": by_folds(_logistic),
        "PU bagging": by_folds(_pu_bagging),
        "Elkan–Noto": by_folds(_weighted),
        "two-step": by_folds(_two_step),
    }
    try:
        import interpret.glassbox  # noqa: F401
    except ImportError:
        print("EBM is not measured: interpret-core is not installed")
    else:
        found["EBM"] = by_folds(_ebm)
    return found


# Measures


def calibration_error(label: Bools, probability: Floats, bins: int = 10) -> float:
    """Mean distance of chance and share in ten equal parts of the children, relative to the base rate."""
    parts = np.array_split(np.argsort(probability, kind="stable"), bins)
    off = sum(abs(label[part].sum() - probability[part].sum()) for part in parts)
    return float(off / label.sum())


def perfect_calibration_error(probability: Floats, draws: int = 20) -> float:
    """The error that a perfectly calibrated model would show by chance, with as many children and labels."""
    rng = np.random.default_rng(1)
    return float(
        np.mean([calibration_error(rng.random(len(probability)) < probability, probability) for _ in range(draws)])
    )


def overlap(one: Floats, other: Floats, share: float = 0.05) -> float:
    """Share of the highest 5 % of one ranking that are also among those of the other."""
    count = round(share * len(one))
    return (
        len(np.intersect1d(np.argsort(-one, kind="stable")[:count], np.argsort(-other, kind="stable")[:count])) / count
    )


def resampled(city: City, label: Bools, seed: int) -> Task:
    """The city with households drawn with replacement: how often each counts."""
    unique, inverse = np.unique(city.table.household_keys, return_inverse=True)
    counts = np.bincount(np.random.default_rng(seed).integers(0, len(unique), len(unique)), minlength=len(unique))
    return Task(city.table, label, counts[inverse].astype(np.float64))


def geometric_mean(ratios: Sequence[float]) -> float:
    """Mean of ratios: twice as good and half as good cancel out."""
    return float(np.exp(np.mean(np.log(ratios))))


# Tables


def compare(cities: Sequence[City], kinds: Sequence[str], chosen: dict[str, Method]) -> None:
    """Average precision of every method under every labelling, as ratios to the recipe's with all labels and to each other."""
    precision: dict[tuple[str, str, str, str], float] = {}
    area: dict[tuple[str, str, str, str], float] = {}
    cpu = dict.fromkeys(chosen, 0.0)
    for city in cities:
        for kind in kinds:
            for labelling in LABELLINGS:
                task = Task(city.table, labels(city, kind, labelling, SEED), np.ones(len(city.contact)))
                for name, method in chosen.items():
                    began = time.process_time()
                    scores = method(task)
                    cpu[name] += time.process_time() - began
                    key = (city.name, kind, labelling, name)
                    precision[key] = float(average_precision_score(city.truth[kind], scores))
                    area[key] = float(roc_auc_score(city.truth[kind], scores))
                print(
                    f"<!-- {city.name} {kind} {labelling}: "
                    + ", ".join(f"{name} {precision[city.name, kind, labelling, name]:.3f}" for name in chosen)
                    + " -->",
                    flush=True,
                )
    first = next(iter(chosen))
    where = [(city.name, kind) for city in cities for kind in kinds]
    print(
        "\n| method | AP, all | 40 % at random ÷ all | worst | 40 % by notice ÷ all | worst | AP ÷ it: all | at random | by notice | AUC by notice | CPU s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name in chosen:
        cells = [f"{np.mean([precision[*one, 'all', name] for one in where]):.3f}"]
        for labelling in LABELLINGS[1:]:
            # Against the recipe with all labels, so that a method does not look steady by being bad with all of them.
            ratios = [precision[*one, labelling, name] / precision[*one, "all", first] for one in where]
            cells += [f"{geometric_mean(ratios):.3f}", f"{min(ratios):.2f}"]
        for labelling in LABELLINGS:
            ratios = [precision[*one, labelling, first] / precision[*one, labelling, name] for one in where]
            cells.append(f"{geometric_mean(ratios):.2f}")
        cells.append(f"{np.mean([area[*one, 'by notice', name] for one in where]):.3f}")
        cells.append(f"{cpu[name] / len(where) / len(LABELLINGS):.1f}")
        print(f"| {name} | " + " | ".join(cells) + " |")


def calibration(cities: Sequence[City], kinds: Sequence[str]) -> None:
    """Calibration error relative to the base rate, beside what chance alone would give a perfect model."""
    print("\n| city | hardship | labelling | labelled | error ÷ base rate | of a perfect model, by chance |")
    print("|---|---|---|---|---|---|")
    for city in cities:
        for kind in kinds:
            for labelling in LABELLINGS:
                label = labels(city, kind, labelling, SEED)
                model = cross_fit(Task(city.table, label, np.ones(len(label))).training_set, OWN).model
                probability = sigmoid(log_odds(model, city.table))
                print(
                    f"| {city.name} | {kind} | {labelling} | {label.sum()} | {calibration_error(label, probability):.3f} | "
                    f"{perfect_calibration_error(probability):.3f} |",
                    flush=True,
                )


def retraining(cities: Sequence[tuple[City, City]], kinds: Sequence[str], chosen: dict[str, Method]) -> None:
    """How many of the highest 5 % stay when a model is trained again: on data three weeks older (the first delivery of a demo city), and on households drawn anew."""
    print("\n| method | three weeks apart, both asked today | households drawn with replacement, twice |")
    print("|---|---|---|")
    for name, method in chosen.items():
        weeks, draws = [], []
        for earlier, today in cities:
            for kind in kinds:
                label = labels(today, kind, "by notice", SEED)
                labelled = np.isin(earlier.table.child_keys, today.table.child_keys[label])
                everybody = Task(today.table, label, np.ones(len(label)))
                if name in OF_RECIPE:
                    before = Task(earlier.table, labelled, np.ones(len(labelled)))
                    old = cross_fit(before.training_set, OF_RECIPE[name]).model
                    weeks.append(overlap(raw_scores(old, today.table), method(everybody)))
                draws.append(overlap(*(method(resampled(today, label, seed)) for seed in (1, 2))))
        print(f"| {name} | {f'{np.mean(weeks):.3f}' if weeks else '–'} | {np.mean(draws):.3f} |", flush=True)


def cost() -> None:
    """CPU seconds at 18,000 children, 150 columns, about 400 positives."""
    rng = np.random.default_rng(0)
    values = np.where(rng.random((18_000, 150)) < 0.7, 0, rng.poisson(2, (18_000, 150))).astype(np.float32)
    values[rng.random(values.shape) < 0.1] = np.nan
    chance = np.nan_to_num(values[:, :10]).sum(axis=1) + rng.gumbel(size=len(values))
    label = chance >= np.sort(chance)[-400]
    features = tuple(Feature(f"made.up.{number}", "", "", 1, True, ()) for number in range(150))
    keys = np.array([f"child{number:05}" for number in range(18_000)])
    houses = np.array([f"house{number // 2:05}" for number in range(18_000)])
    table = FeatureTable(date(2026, 11, 20), keys, houses, features, values)
    began = time.process_time()
    model = train_type(Task(table, label, np.ones(len(label))).training_set, OWN)
    trained = time.process_time()
    millionths(model, table)
    scored = time.process_time()
    contributions(model, table, np.arange(len(label)))
    explained = time.process_time()
    print(
        f"\nCPU: train, out-of-fold scores, calibration {trained - began:.1f} s; scores {scored - trained:.2f} s; reasons of all {explained - scored:.1f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspaces", type=Path, nargs="*")
    parser.add_argument("--only", nargs="+", help="methods (default: all)")
    parser.add_argument("--types", nargs="+", default=list(TYPES), choices=TYPES)
    parser.add_argument("--tables", nargs="+", default=["compare", "calibration", "retraining", "cost"])
    arguments = parser.parse_args()
    chosen = {name: method for name, method in methods().items() if not arguments.only or name in arguments.only}
    cities = [load_city(folder) for folder in arguments.workspaces]
    if "compare" in arguments.tables:
        compare(cities, arguments.types, chosen)
    if "calibration" in arguments.tables:
        calibration(cities, arguments.types)
    if "retraining" in arguments.tables:
        earlier = [
            load_city(folder, city.table.as_of - timedelta(weeks=3))
            for folder, city in zip(arguments.workspaces, cities, strict=True)
        ]
        retraining(list(zip(earlier, cities, strict=True)), arguments.types, chosen)
    if "cost" in arguments.tables:
        cost()


if __name__ == "__main__":
    main()
