"""Training sets: made from the records of a small made-up city, with nothing of a child that came after its cut-off day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from test_labels_of_past_days import AS_OF, CUT_OFF, LAYOUTS, VOCABULARY, city_of, family, registered

from engine.evaluate.plan import Plan
from engine.kernel.dates import age_on
from engine.records.feedback import Feedback
from engine.rulebook.language.parsing import parse_sentence
from ml_overlay.cohorts.days import PastDays
from ml_overlay.cohorts.definition import ModelDefinition
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.cohorts.training_sets import Learning, cohorts_of, learn_from, training_sets
from ml_overlay.features.table import declare_features

PLAN = Plan(AS_OF, VOCABULARY, (parse_sentence("要対協に登録されている世帯員がいる", VOCABULARY),), ())
HIDDEN = frozenset({"council_case"})
DECLARED = [f for f in declare_features(VOCABULARY, PLAN, HIDDEN) if "age" in f.items or "epds_total" in f.items]
DEFINITION = ModelDefinition("試験", "", HIDDEN, 2, {"abuse": registered(back=24)}, {"poverty": "試験のため。"})
BORN = date(2015, 5, 5)
FAMILIES = [
    family(1, registered_on=date(2026, 3, 3)),
    family(2, registered_on=date(2026, 2, 3)),
    *(family(number) for number in range(3, 9)),
]


@cache
def learned(*, fewest: int = 2, feedback: tuple[Feedback, ...] = ()) -> Learning:
    with city_of(*FAMILIES) as snapshot:
        snapshot.connection.execute("INSERT INTO coverage SELECT person_key, 'council', born_on FROM person")
        definition = replace(DEFINITION, fewest_positives=fewest)
        return training_sets(PastDays(snapshot, LAYOUTS), PLAN, definition, DECLARED, feedback=feedback)


def days_of(rows: TrainingSet, child: str) -> list[date]:
    return rows.cut_on[rows.child_keys == child].astype(object).tolist()


def test_a_training_set_holds_the_labels_and_a_day_of_everybody_else():
    """A registration is a label on each day whose window it falls into; six others come once, standing for all their days."""
    learning = learned()
    rows = learning.sets["abuse"]
    assert days_of(rows, "P1") == [date(2025, 2, 20), date(2025, 5, 20), CUT_OFF]
    assert days_of(rows, "P2") == [date(2024, 11, 20), date(2025, 2, 20), date(2025, 5, 20), CUT_OFF]
    assert rows.positives == 7 and set(rows.child_keys[rows.label == 1].tolist()) == {"P1", "P2"}
    assert sorted(rows.child_keys[rows.label == 0].tolist()) == [f"P{n}" for n in range(3, 9)]
    days = len(learning.cohorts["abuse"])
    assert days == 4 and set(rows.weight[rows.label == 0]) == {float(days)}
    assert rows.features == tuple(DECLARED) and rows.values.shape == (13, len(DECLARED))
    order = list(zip(rows.cut_on.tolist(), rows.child_keys.tolist(), strict=True))
    assert order == sorted(order)


def test_features_are_those_of_the_cut_off_day():
    """A child born in May 2015 is nine years old until May 2025, whatever it is when the model is trained."""
    rows = learned().sets["abuse"]
    age = [f.items for f in rows.features].index(("age",))
    ages = {(day, value) for day, value in zip(rows.cut_on.astype(object), rows.values[:, age].tolist(), strict=True)}
    assert ages and all(value == age_on(BORN, day) for day, value in ages)


def test_types_without_labels_enough_say_so():
    """Too few, decided against, or not written down: each with its reason, and the cohorts can still be counted."""
    learning = learned(fewest=3)
    assert not learning.sets and sum(cohort.positives for cohort in learning.cohorts["abuse"]) == 7
    assert "8人未満で" in learning.without["abuse"] and learning.without["poverty"] == "試験のため。"
    assert "正例の決まりがありません" in learning.without["young_carer"]


def test_a_conference_s_word_becomes_a_label():
    """Confirmed in the window, without any registration: a label, that weighs what the other labels weigh or less."""
    said = Feedback(date(2026, 4, 4), "P3", "H3", "abuse", "積極的アプローチ", "困難あり", "一覧", None, "R1")
    rows = learned(feedback=(said,)).sets["abuse"]
    weight = dict(zip(rows.child_keys.tolist(), rows.weight.tolist(), strict=True))
    assert set(rows.child_keys[rows.label == 1].tolist()) == {"P1", "P2", "P3"}
    assert weight["P1"] == weight["P2"] > weight["P3"]
    later = replace(said, decided_on=date(2026, 12, 1))
    assert learned(feedback=(later,)).sets["abuse"].positives == 7


def test_a_day_without_features_is_no_set_with_fewer_rows():
    """Whoever brings the tables of features must bring those of all days on which a row is chosen."""
    with city_of(*FAMILIES) as snapshot:
        snapshot.connection.execute("INSERT INTO coverage SELECT person_key, 'council', born_on FROM person")
        cohorts = cohorts_of(PastDays(snapshot, LAYOUTS), DEFINITION)
        with pytest.raises(ValueError, match="no table of features"):
            learn_from(cohorts, DEFINITION, AS_OF, [])


def test_the_same_city_gives_the_same_rows():
    """Twice the same bytes."""
    one, two = learned().sets["abuse"], learned.__wrapped__().sets["abuse"]
    assert np.array_equal(one.values, two.values, equal_nan=True) and np.array_equal(one.weight, two.weight)
    assert one.child_keys.tolist() == two.child_keys.tolist()
