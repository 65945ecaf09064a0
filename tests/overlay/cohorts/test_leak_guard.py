"""The leak guard: every planted leak is refused with its reason, and honest features are left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from engine.kernel.dates import age_on, school_grade
from engine.records.household import Household, Person, Row
from engine.records.vocabulary import load_vocabulary
from engine.store.memory import snapshot_of
from engine.store.tables import Snapshot
from ml_overlay.cohorts.before import only_children, without_later, without_own_records
from ml_overlay.cohorts.days import PastDays
from ml_overlay.cohorts.guard import (
    refused_by_consequence,
    refused_by_own_records,
    refused_by_recomputing,
    refused_by_structure,
    refused_by_telling,
    without,
)
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.feature import Feature, FeatureTable

VOCABULARY = load_vocabulary(Path(__file__).parents[3] / "rulebooks" / "fields.yaml")
HIDDEN = frozenset({"council_case", "consultation", "npo_visit"})
Values = npt.NDArray[np.float64]

# ── what it is made of ──


def feature(name: str, *items: str, label: str = "") -> Feature:
    return Feature(name, label or name, "その他", 0, False, items or (name.split(".")[0],))


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        (feature("council_registered.child.count_365d"), "見せない記録"),
        (feature("npo_visited.child.count_365d"), "見せない記録"),
        (feature("consultation_ongoing.child.count_365d"), "見せない記録"),
        (feature("secret_list.child.count_90d"), "台帳にない項目"),
        (feature("absence.child.sum_91d"), "台帳にない項目"),
        (feature("absence.child.sum_90d", "absence", "nationality"), "台帳にない項目"),
        (feature("absence.child.sum_90d", "vaccination"), "台帳にない項目"),
        (
            feature("sentence.000000000000", "absence", label="直近12か月に要対協への登録が1回以上ある"),
            "台帳にない項目",
        ),
    ],
)
def test_what_a_feature_may_not_be_made_of(planted: Feature, kind: str) -> None:
    """The child's own hidden records, unlisted items and features that are not what they say are refused before a value is looked at."""
    (refusal,) = refused_by_structure([planted], VOCABULARY, HIDDEN)
    assert refusal.feature is planted and refusal.kind == kind and refusal.reason.endswith("。")


def test_a_sentence_about_the_childs_hidden_record_is_refused_and_about_a_siblings_is_not() -> None:
    """Siblings' registrations are shown by the city's own decision; the child's own are not."""
    own, siblings = (
        feature("sentence.aaaaaaaaaaaa", "council_registered", label=label)
        for label in ("直近12か月に要対協への登録が1回以上ある", "これまでに、きょうだいに要対協への登録がある")
    )
    assert [r.feature for r in refused_by_structure([own, siblings], VOCABULARY, HIDDEN)] == [own]


def test_what_is_measured_again_and_again_may_tell_of_itself() -> None:
    """Absences so far are an honest sign of absences to come: the label's window begins after the day, and that nothing of it is read is seen by recomputing.

    A registration is not: its record is hidden.
    """
    measured, registered = feature("non_sick_absence.child.sum_90d"), feature("council_registered.child.count_365d")
    assert [r.feature for r in refused_by_structure([measured, registered], VOCABULARY, HIDDEN)] == [registered]


def test_an_item_that_is_not_permitted_any_more_is_refused() -> None:
    """A record set to 照会中 in fields.yaml takes its features along."""
    kind = VOCABULARY.records["vaccination"]
    pending = VOCABULARY.model_copy(
        update={"records": {**VOCABULARY.records, "vaccination": kind.model_copy(update={"permission": "照会中"})}}
    )
    (refusal,) = refused_by_structure([feature("vaccination.child.count_365d")], pending, HIDDEN)
    assert refusal.kind == "台帳にない項目"


# ── what it says when the future, or the child's own hidden records, are taken out ──

DAY = date(2026, 5, 20)
AS_OF = date(2026, 11, 20)


def child(number: int) -> Household:
    """A child of nine with one vaccination and one registration before the day and one of each after it."""
    born_on = date(2017, 6, 1)
    vaccinated = tuple(
        Row("vaccination", {"vaccinated_on": day}, 0, 2 + n, frozenset()) for n, day in enumerate(around(number))
    )
    registered = tuple(
        Row("council_case", {"registered_on": day}, 0, 2 + n, frozenset()) for n, day in enumerate(around(number))
    )
    rows = {"vaccination": vaccinated, "council_case": registered}
    person = Person(f"P{number}", frozenset(), age_on(born_on, AS_OF), school_grade(born_on, AS_OF), rows, {}, born_on)
    return Household(f"H{number}", AS_OF, person, (), {}, {}, {})


def around(number: int) -> tuple[date, date]:
    return DAY - timedelta(days=20 + number), DAY + timedelta(days=20 + number)


@pytest.fixture
def city() -> Iterator[PastDays]:
    with snapshot_of([child(number) for number in range(6)], VOCABULARY) as snapshot:
        snapshot.connection.execute(
            "CREATE TABLE residence AS SELECT person_key, born_on AS became_resident_on FROM person"
        )
        yield PastDays(snapshot, {})


QUERIES: dict[str, str] = {
    "honest: vaccinations so far": "SELECT subject_key, count(*) FROM rec_vaccination GROUP BY 1",
    "honest: days since the last vaccination": "SELECT subject_key, date_diff('day', max(vaccinated_on), DATE '2026-05-20') "
    "FROM rec_vaccination GROUP BY 1",
    "future: vaccinations of today's deliveries": "SELECT subject_key, count(*) FROM snapshot.main.rec_vaccination GROUP BY 1",
    "future: whether the next vaccination comes soon": "SELECT subject_key, max(vaccinated_on < DATE '2026-06-12')::INT "
    "FROM snapshot.main.rec_vaccination WHERE vaccinated_on > DATE '2026-05-20' GROUP BY 1",
    "own: registrations under another name": "SELECT subject_key, count(*) FROM rec_council_case GROUP BY 1",
    "own: days since registration, as if of the household": "SELECT subject_key, date_diff('day', min(registered_on), "
    "DATE '2026-05-20') FROM rec_council_case GROUP BY 1",
    "both: day of the registration to come": "SELECT subject_key, date_diff('day', DATE '2026-05-20', max(registered_on)) "
    "FROM snapshot.main.rec_council_case GROUP BY 1",
}


def by_queries(snapshot: Snapshot) -> FeatureTable:
    people = snapshot.connection.execute(
        "SELECT person_key, household_key FROM person WHERE is_child ORDER BY 1"
    ).fetchall()
    columns = []
    for query in QUERIES.values():
        found = dict(snapshot.connection.execute(query).fetchall())
        columns.append([float(found.get(key, np.nan)) for key, _ in people])
    keys, homes = (np.array(each) for each in zip(*people, strict=True))
    features = tuple(feature(name, "vaccination") for name in QUERIES)
    return FeatureTable(snapshot.as_of, keys, homes, features, np.array(columns, dtype=np.float32).T)


def test_features_that_read_the_future_or_the_childs_own_hidden_records_are_found_by_making_them_again(
    city: PastDays,
) -> None:
    """Whatever a feature is called: if it changes without what came later, or without the child's own registrations, it is refused."""
    alone = only_children(city.newest)
    with city.open(DAY) as snapshot:
        as_they_are = by_queries(snapshot)
    with without_later(city.newest, DAY) as copy, PastDays(copy, {}).open(DAY) as snapshot:
        future = refused_by_recomputing(as_they_are, by_queries(snapshot))
    with without_own_records(city.newest, HIDDEN, alone) as copy, PastDays(copy, {}).open(DAY) as snapshot:
        own = refused_by_own_records(as_they_are, by_queries(snapshot), alone)
    refused = {r.feature.name: r.kind for r in (*own, *future)}
    wanted = {
        name: {"future": "未来の記録", "own": "見せない記録", "both": "未来の記録"}.get(name.split(":")[0])
        for name in QUERIES
    }
    assert refused == {name: kind for name, kind in wanted.items() if kind}


# ── what it tells of the label ──

HONEST: dict[str, Callable[[np.random.Generator, Values, Values], Values]] = {
    "a weak sign": lambda r, truth, label: truth + r.normal(0, 2.0, len(truth)),
    "a strong sign": lambda r, truth, label: truth + r.normal(0, 0.7, len(truth)),
    "a count, mostly zero": lambda r, truth, label: r.poisson(np.exp(truth - 2)),
    "noise": lambda r, truth, label: r.normal(size=len(truth)),
    "known of those in contact": lambda r, truth, label: np.where(r.random(len(truth)) < 0.3, np.nan, truth > 0),
    "always unknown": lambda r, truth, label: np.full(len(truth), np.nan),
    "constant": lambda r, truth, label: np.zeros(len(truth)),
}
LEAKS: dict[str, Callable[[np.random.Generator, Values, Values], Values]] = {
    "the label itself": lambda r, truth, label: label,
    "its opposite": lambda r, truth, label: 1 - label,
    "the label with 3 % wrong": lambda r, truth, label: np.where(r.random(len(label)) < 0.03, 1 - label, label),
    "the label, unknown for a fifth": lambda r, truth, label: np.where(r.random(len(label)) < 0.2, np.nan, label),
    "known only of the labelled": lambda r, truth, label: np.where(label == 1, r.normal(size=len(label)), np.nan),
    "unknown only of the labelled": lambda r, truth, label: np.where(label == 1, np.nan, r.normal(size=len(label))),
    "a contact counter that registration makes": lambda r, truth, label: r.poisson(0.3 + 4 * label),
    "days since registration, never as 730": lambda r, truth, label: np.where(
        label == 1, r.integers(0, 300, len(label)), 730
    ),
    "a probability that knew the label": lambda r, truth, label: truth + 4 * label + r.normal(0, 1, len(truth)),
}


def learned(seed: int, children: int = 4000, planted: bool = True) -> TrainingSet:
    random = np.random.default_rng(seed)
    truth = random.normal(size=children)
    label = (random.random(children) < 1 / (1 + np.exp(-(1.3 * truth - 3.9)))).astype(np.int8)
    makers = {**HONEST, **(LEAKS if planted else {})}
    columns = [make(random, truth, label.astype(np.float64)) for make in makers.values()]
    keys = np.array([f"c{number:05d}" for number in range(children)])
    return TrainingSet(
        "abuse",
        tuple(feature(name, "vaccination") for name in makers),
        np.array(columns, dtype=np.float32).T,
        label,
        keys,
        keys,
        np.repeat(np.array(["2025-05-20", "2025-08-20"], dtype="datetime64[D]"), children // 2),
        np.ones(children),
    )


@pytest.mark.parametrize("seed", range(6))
def test_every_planted_leak_is_refused_and_no_honest_feature(seed: int) -> None:
    """Copies of the label, noisy, turned around, told by being known or unknown, or made by registration: refused; honest signs stay."""
    rows = learned(seed)
    refused = refused_by_telling(rows, VOCABULARY)
    assert {r.feature.name for r in refused} == set(LEAKS)
    assert [f.name for f in without(rows, refused).features] == list(HONEST)


@pytest.mark.parametrize("seed", range(20))
def test_few_labelled_children_raise_no_false_alarm(seed: int) -> None:
    """With a dozen labelled children a feature may look good by chance; the lower bound is what counts."""
    assert refused_by_telling(learned(seed, children=300, planted=False), VOCABULARY) == ()


def test_what_only_tells_the_age_is_no_leak() -> None:
    """Where only infants are at risk, whatever only infants have tells nothing among children of one age."""
    random = np.random.default_rng(2)
    age = random.integers(0, 18, 4000).astype(np.float64)
    label = ((age == 0) & (random.random(4000) < 0.3)).astype(np.int8)
    rows = learned(1, planted=False)
    infants = replace(
        rows,
        features=(feature("age.child.level"), feature("newborn things", "vaccination")),
        values=np.stack([age, age < 1], axis=1).astype(np.float32),
        label=label,
    )
    assert refused_by_telling(infants, VOCABULARY) == ()
    without_age = replace(infants, features=infants.features[1:], values=infants.values[:, 1:])
    assert len(refused_by_telling(without_age, VOCABULARY)) == 1


def test_a_feature_on_which_a_model_hangs_alone_is_refused() -> None:
    """If the model's accuracy on unseen households falls by more than .05 without one feature, that feature is refused; asked only of the few that tell most."""
    rows = learned(3, planted=False)
    asked: list[str | None] = []

    def auc_without(name: str | None) -> float:
        asked.append(name)
        return 0.70 if name == "a strong sign" else 0.78

    refused = refused_by_telling(rows, VOCABULARY, auc_without)
    assert [r.feature.name for r in refused] == ["a strong sign"]
    assert asked[0] is None and len(asked) <= 6


# ── what it does at registration ──


def three_days(seed: int, registered: int = 60, children: int = 3000) -> tuple[list[FeatureTable], list[str]]:
    random = np.random.default_rng(seed)
    keys = np.array([f"c{number:05d}" for number in range(children)])
    became = np.zeros(children)
    became[random.choice(children, registered, replace=False)] = 1
    level = random.normal(size=children) + became  # those who will be registered are worse off all the time
    names = (
        "worse off all the time",
        "getting worse before already",
        "noise",
        "leak: contact counter",
        "leak: visit after registration",
        "leak: known only once registered",
        "leak: date of registration",
    )
    tables = []
    for step in range(3):
        after = became * (step == 2)
        columns = [
            level + random.normal(0, 0.5, children),
            random.poisson(1 + 1.0 * step * became),
            random.normal(size=children),
            random.poisson(0.3 + 3 * after),
            (random.random(children) < 0.02 + 0.6 * after).astype(float),
            np.where(after == 1, 1.0, np.where(random.random(children) < 0.1, 1.0, np.nan)),
            np.where(after == 1, random.integers(0, 365, children), 730),
        ]
        features = tuple(feature(name, "vaccination") for name in names)
        values = np.array(columns, dtype=np.float32).T
        tables.append(FeatureTable(date(2024 + step, 11, 20), keys, keys, features, values))
    return tables, keys[became == 1].tolist()


@pytest.mark.parametrize("seed", range(6))
def test_what_jumps_at_registration_is_refused_and_what_had_been_worse_before_is_not(seed: int) -> None:
    """Compared with other children of the same days, and with the time before, only what registration makes stands out."""
    tables, became = three_days(seed)
    refused = refused_by_consequence(*tables, became, VOCABULARY, HIDDEN)
    assert {r.feature.name for r in refused} == {n for n in tables[0].names if n.startswith("leak")}


def test_a_source_that_has_just_begun_is_not_taken_for_a_consequence() -> None:
    """Where reminders became known between the days, those who have one are known first; that says nothing of registration."""
    tables, became = three_days(1)
    registered = np.isin(tables[0].child_keys, became)
    has_one = (np.random.default_rng(4).random(3000) < 0.1 + 0.4 * registered).astype(np.float32)
    for step, table in enumerate(tables):
        table.values[:, 2] = has_one if step == 2 else np.where(has_one == 1, 1.0, np.nan) if step == 1 else np.nan
    refused = refused_by_consequence(*tables, became, VOCABULARY, HIDDEN)
    assert "noise" not in {r.feature.name for r in refused}


def test_a_handful_of_registered_children_proves_nothing() -> None:
    """With fewer than ten registered between the days nothing is refused."""
    tables, became = three_days(1)
    assert refused_by_consequence(*tables, became[:9], VOCABULARY, HIDDEN) == ()
