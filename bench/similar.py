"""How alike "similar past households" are, on a demo city: does who is near share the outcome, is every name masked, how long does it take.

    python -P bench/similar.py 作業 [--per-type 250] [--only facts]

The workspace needs its deliveries, a filled store and approved rule files. Likeness in facts is measured where a model is trained, with its definitions,
days, leak guard and recipe: rows of the training sets, explained by boosters that never saw their household. Of each positive, the share of positives among
its five nearest rows of other households, over the share among all rows (lift); beside it the same by raw values in standard deviations. Masking is measured
on the raw texts of the consultations, which never enter the store.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kizuki.demo_city import sentences
from kizuki.model.guarded import refused_for_all, refused_for_type
from kizuki.model.material import opened
from kizuki.rules.files import newest_day
from kizuki.settings import Settings, Workspace, open_workspace
from ml_overlay.cohorts.guard import without
from ml_overlay.cohorts.training_sets import cohorts_of, days_to_learn_from, feature_tables, learn_from
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.predict import contributions
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import NoModelError, cross_fit
from ml_overlay.similar import masking
from ml_overlay.similar.masking import NAME, mask
from ml_overlay.similar.neighbours import NeighbourIndex, Parts, Weights, standardised
from ml_overlay.similar.past import WEIGHTS
from ml_overlay.similar.text import TextIndex

_NEAR = 5
_DISTANCES = {
    "features": Weights(1, 0, 0),
    "groups": Weights(0, 1, 0),
    "both": Weights(1, 1, 0),
    "both and direction": Weights(2, 2, 1),
    "in use": WEIGHTS,
}


@dataclass(frozen=True)
class Text:
    """A consultation as delivered."""

    person: str
    topic: str
    text: str


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--per-type", type=int, default=250)
    parser.add_argument("--only", choices=("facts", "words"))
    arguments = parser.parse_args()
    workspace, settings = open_workspace(arguments.workspace)
    if arguments.only != "words":
        measure_facts(workspace, settings, arguments.per_type)
    if arguments.only != "facts":
        texts = list(delivered_texts(workspace))
        measure_masking(texts)
        measure_words(texts)


def measure_facts(workspace: Workspace, settings: Settings, per_type: int) -> None:
    """Outcome lift in the nearest five by each distance, its ratio to raw distance, and milliseconds a question."""
    as_of = newest_day(workspace)
    with opened(workspace, settings, as_of) as material:
        plan, definition = material.rules.plan, material.definition
        recipe = Recipe(minimum_positives=definition.fewest_positives)
        cohorts = cohorts_of(material.days, definition)
        days = days_to_learn_from(cohorts, definition)
        tables = {table.as_of: table for table in feature_tables(material.days, plan, material.declared, days)}
        learning = learn_from(cohorts, definition, as_of, tables.values())
        for_all = refused_for_all(material, tables, lambda _: None) if tables else ()
        sets = {
            kind: without(rows, refused_for_type(material, rows, for_all, recipe))
            for kind, rows in learning.sets.items()
        }
    for kind, why in learning.without.items():
        print(f"{kind:26}{why}")
    print(f"{'type':26}{'rows':>7}{'asked':>7}{'base':>7}  raw lift; lift (ratio to raw, ms a question) by distance")
    for kind, given in sets.items():
        try:
            fit = cross_fit(given, recipe)
        except NoModelError as error:
            print(f"{kind:26}{error.reason}")
            continue
        rows = fit.training_set
        table = FeatureTable(as_of, rows.child_keys, rows.household_keys, rows.features, rows.values)
        parts = contributions(fit.model, table, np.arange(len(rows.label))).values
        positives = np.flatnonzero(rows.label == 1)
        asked = np.sort(np.random.default_rng(0).permutation(positives)[:per_type])
        raw, _ = _lift(standardised(rows.values, rows.values), rows, asked, Weights())
        told = []
        for name, weights in _DISTANCES.items():
            lift, milliseconds = _lift(parts, rows, asked, weights)
            told.append(f"{name} {lift:.2f} ({lift / raw:.2f}, {milliseconds:.1f})")
        print(f"{kind:26}{len(rows.label):7}{len(asked):7}{rows.label.mean():7.3f}  {raw:.2f}; {'; '.join(told)}")


def _lift(points: Parts, rows, asked, weights: Weights) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    keys = np.array([f"{key}{day}" for key, day in zip(rows.child_keys, rows.cut_on, strict=True)])
    index = NeighbourIndex(keys, rows.household_keys, points, rows.features, weights)
    began = time.perf_counter()
    near = [index.nearest(points[at], _NEAR, without={str(rows.household_keys[at])}) for at in asked]
    milliseconds = (time.perf_counter() - began) / len(asked) * 1000
    share = np.mean([[rows.label[each.at] for each in found] for found in near])
    return float(share / rows.label.mean()), milliseconds


def delivered_texts(workspace: Workspace) -> Iterator[Text]:
    """The column 記録 of every delivered file of consultations."""
    for path in sorted(workspace.deliveries.glob("*/15_consult*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield Text(row["宛名番号"], row["主訴区分"], row["記録"])


def measure_masking(texts: list[Text]) -> None:
    """Of the names that the generator put in, how many are covered: with the whole list of names, and with those of the texts withheld from it.

    The demo city draws its names from the same list that the masking reads, so the first figure says little; the second is what to expect of names that no list has.
    """
    found: Counter[str] = Counter()
    names: set[str] = set()
    slots = list(_slots())
    cases: list[tuple[str, re.Pattern[str], str]] = []
    for each in texts:
        for kind, pattern in slots:
            if hit := pattern.search(each.text):
                cases.append((kind, pattern, each.text))
                found[kind] += 1
                names.add(hit["name"])
    full = masking._book()
    withheld = masking._NameBook(
        full.surnames - {masking._plain(name) for name in names},
        full.given - {masking._plain(name) for name in names},
        full.short - names,
        full.mixed,
        full.readings - names,
    )
    for title, book in (("whole list of names", full), ("these names withheld", withheld)):
        masking._book = lambda book=book: book  # type: ignore[assignment]
        missed = Counter(kind for kind, pattern, text in cases if not _covered(pattern, mask(text).text))
        told = "、".join(f"{kind} {1 - missed[kind] / found[kind]:.4f} of {found[kind]}" for kind in sorted(found))
        print(f"masked, {title}: {told}")
    masking._book = lambda: full  # type: ignore[assignment]
    began = time.perf_counter()
    for each in texts:
        mask(each.text)
    print(f"masking: {(time.perf_counter() - began) / len(texts) * 1000:.2f} ms a text")


def _slots() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Each sentence of the demo city that names somebody, as a pattern that finds the name."""
    for group in (sentences._OPENING, sentences._CLOSING, *sentences._BY_TOPIC.values()):
        for sentence in group:
            if (slot := re.search(r"\{(worker|other|given)\}", sentence)) is not None:
                before, after = sentence[: slot.start()], sentence[slot.end() :]
                name = f"(?P<name>[一-\u9fff々ヶノ\uf900-\ufaff\U00020000-\U0003ffffァ-ヺーA-Zぁ-ゖ ]{{1,8}}|{NAME})"
                # A name at the beginning of a sentence begins behind the end of another.
                start = re.escape(before) if before else r"(?:^|(?<=[。\n]))"
                yield slot[1], re.compile(start + name + re.escape(after))


def _covered(pattern: re.Pattern[str], masked: str) -> bool:
    return (hit := pattern.search(masked)) is not None and hit["name"] == NAME


def measure_words(texts: list[Text]) -> None:
    """Do the people whose texts are nearest have the same most frequent topic; lift over chance, and time."""
    by_person: dict[str, list[Text]] = {}
    for each in texts:
        by_person.setdefault(each.person, []).append(each)
    keys = np.array(sorted(by_person))
    masked = [mask("\n".join(each.text for each in by_person[key])) for key in keys.tolist()]
    topic = {key: Counter(t.topic for t in by_person[key]).most_common(1)[0][0] for key in keys.tolist()}
    began = time.perf_counter()
    index = TextIndex(keys, masked)
    built = time.perf_counter() - began
    asked = np.sort(np.random.default_rng(0).permutation(len(keys))[:300])
    began = time.perf_counter()
    near = [index.nearest(masked[at], _NEAR, without={str(keys[at])}) for at in asked]
    milliseconds = (time.perf_counter() - began) / len(asked) * 1000
    same = np.mean([topic[key] == topic[str(keys[at])] for at, found in zip(asked, near, strict=True) for key in found])
    shares = Counter(topic.values())
    chance = np.mean([shares[topic[str(keys[at])]] / len(keys) for at in asked])
    print(
        f"words: {len(keys)} people, index {built:.1f} s, {milliseconds:.1f} ms a question; same topic {same:.2f},"
        f" by chance {chance:.2f}, lift {same / chance:.2f}"
    )


if __name__ == "__main__":
    main()
