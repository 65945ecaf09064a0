"""Similar past households of a made-up city, from its store to what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from conftest import WEEKS, City

from engine.evaluate.columns.evaluation import evaluate_all
from engine.store.backdated import backdated
from engine.store.snapshot import open_snapshot
from engine.store.some_households import some_households
from engine.store.tables import Snapshot
from kizuki.model.similar import shown
from kizuki.rules.files import RuleFiles, load_rule_files
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.cohorts.training_sets import features_as_of
from ml_overlay.features.table import declare_features
from ml_overlay.learning.model import OverlayModel
from ml_overlay.learning.recipe import Recipe
from ml_overlay.learning.train import train_type
from ml_overlay.scoring.outcome import Limits, NotScored
from ml_overlay.similar.for_children import NO_TYPE, similar_for
from ml_overlay.similar.past import Terms

_DAY = WEEKS[-1]
_TERMS = Terms(fewest=1, fewest_closed=1)


@pytest.fixture(scope="module")
def rules(city: City) -> RuleFiles:
    return load_rule_files(city.workspace, _DAY)


@pytest.fixture(scope="module")
def snapshot(city: City, rules: RuleFiles) -> Iterator[Snapshot]:
    with open_snapshot(city.workspace.store, rules.vocabulary, rules.layouts, _DAY, threads=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def model(snapshot: Snapshot, rules: RuleFiles) -> OverlayModel:
    """A few rounds that learn who has been absent: enough to explain children by."""
    declared = declare_features(rules.vocabulary, rules.plan, {"council_case", "consultation", "npo_visit"})
    table = features_as_of(snapshot, rules.plan, declared)
    absent = table.values[:, table.names.index("absence.child.sum_90d")]
    rows = TrainingSet(
        "school_absence",
        table.features,
        table.values,
        (np.nan_to_num(absent) >= 5).astype(np.int8),
        table.child_keys,
        table.household_keys,
        np.full(len(absent), np.datetime64(_DAY, "D")),
        np.ones(len(absent)),
    )
    recipe = Recipe(partitions=1, folds=2, rounds=10, minimum_positives=10)
    return OverlayModel(_DAY, {"school_absence": train_type(rows, recipe)}, {}, {}, {})


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2026, 6, 30), date(2024, 2, 20)])
def test_a_few_households_alone_are_judged_as_among_all(snapshot: Snapshot, rules: RuleFiles, day: date) -> None:
    """Every condition of every scenario, on today's and on earlier days: what is known of the city is not lost with the other households."""
    homes = sorted(
        home for (home,) in snapshot.connection.execute("SELECT DISTINCT household_key FROM rec_council_case "
        "JOIN person ON person_key = subject_key").fetchall()
    )  # fmt: skip
    plan = replace(rules.plan, as_of=day)
    with some_households(snapshot, homes) as few, backdated(few, day, rules.layouts) as then:
        alone = {row["child_key"]: row for row in evaluate_all(then, plan).to_pylist()}
    with backdated(snapshot, day, rules.layouts) as then:
        among_all = {row["child_key"]: row for row in evaluate_all(then, plan).to_pylist()}
    assert alone
    assert alone == {key: among_all[key] for key in alone}


def test_past_households_are_shown_without_names_scores_or_the_protected(
    snapshot: Snapshot, rules: RuleFiles, model: OverlayModel
) -> None:
    """From store and model to the words; whoever is protected, in the snapshot or in any list, is never among them."""
    children = [
        key
        for (key,) in snapshot.connection.execute(
            "SELECT subject_key FROM rec_school_month JOIN person ON person_key = subject_key WHERE is_child"
            " GROUP BY 1 ORDER BY sum(absent_days) DESC, 1 LIMIT 30"
        ).fetchall()
    ]
    asked = dict.fromkeys(children, "school_absence")
    found = similar_for(snapshot, rules.layouts, rules.plan, model, asked, hidden=(), terms=_TERMS)
    assert not isinstance(found, NotScored)
    homes_shown = {case.household_key for similar in found.values() for case in similar.cases}
    assert homes_shown
    own = dict(snapshot.connection.execute("SELECT person_key, household_key FROM person").fetchall())
    assert all(case.household_key != own[key] for key, similar in found.items() for case in similar.cases)
    protected = {
        h for (h,) in snapshot.connection.execute("SELECT household_key FROM household WHERE protected").fetchall()
    }
    assert not homes_shown & protected
    text = "\n".join(shown(found, "R20261120-01", "相談の記録の文章は使っていません"))
    assert "%" not in text
    assert "％" not in text
    assert "点" not in text
    hidden = {person for person, home in own.items() if home in homes_shown}
    again = similar_for(snapshot, rules.layouts, rules.plan, model, asked, hidden=hidden, terms=_TERMS)
    assert not isinstance(again, NotScored)
    assert not homes_shown & {case.household_key for similar in again.values() for case in similar.cases}
    assert all(similar.cases or similar.note for similar in again.values())


def test_a_child_without_a_type_to_ask_about_gets_a_sentence(
    snapshot: Snapshot, rules: RuleFiles, model: OverlayModel
) -> None:
    """No type with a model and a raised tier: nothing is shown, and why is said."""
    found = similar_for(snapshot, rules.layouts, rules.plan, model, {"C": None}, hidden=())
    assert not isinstance(found, NotScored)
    assert (found["C"].cases, found["C"].note) == ((), NO_TYPE)


def test_a_model_that_fails_costs_the_similar_households_and_nothing_else(
    snapshot: Snapshot, rules: RuleFiles, model: OverlayModel
) -> None:
    """The limited process may not have the memory: that is an answer, not an error."""
    (child,) = snapshot.connection.execute("SELECT min(person_key) FROM person WHERE is_child").fetchall()[0]
    asked = {child: "school_absence"}
    limits = Limits(memory_bytes=1024**2)
    found = similar_for(snapshot, rules.layouts, rules.plan, model, asked, hidden=(), terms=_TERMS, limits=limits)
    assert isinstance(found, NotScored)
