"""Labels: what came of whom after a day in the past, judged on a made-up city of a few families."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from engine.kernel.dates import age_on, school_grade
from engine.records.case import SourceStatus
from engine.records.household import Household, Person, Row
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.language.parsing import parse_sentence
from engine.store.backdated import backdated
from engine.store.memory import snapshot_of
from engine.store.tables import Snapshot
from ml_overlay.cohorts.days import CutOff, PastDays, cut_offs
from ml_overlay.cohorts.definition import LabelDefinition
from ml_overlay.cohorts.labels import CAME_TRUE, LEFT_OUT, UNLABELLED, judge_labels

REPOSITORY = Path(__file__).parents[3]
VOCABULARY = load_vocabulary(REPOSITORY / "rulebooks" / "fields.yaml")
LAYOUTS = load_layouts(REPOSITORY / "sources", VOCABULARY)
AS_OF = date(2026, 11, 20)
CUT_OFF = date(2025, 8, 20)  # the gap ends on 2025-11-20, the window on the day of the newest delivery


def registered(
    text: str = "直近12か月に要対協への登録が1回以上ある", gap: int = 3, window: int = 12, back: int = 15
) -> LabelDefinition:
    return LabelDefinition("abuse", parse_sentence(text, VOCABULARY), text, gap, window, back, "試験")


def family(number: int, record: str = "council_case", born: date = date(2015, 5, 5), **cells: object) -> Household:
    """A child with at most one record of its own."""
    rows = {record: (Row(record, cells, 0, number),)} if cells else {}
    child = Person(f"P{number}", frozenset(), age_on(born, AS_OF), school_grade(born, AS_OF), rows, {}, born)
    return Household(f"H{number}", AS_OF, child, (), {}, {}, {})


def city_of(*families: Household) -> Snapshot:
    """The families as if they had lived there since birth, and every source had delivered."""
    statuses = tuple(SourceStatus(key, layout.label, AS_OF, True, 1, 1, 0, 0) for key, layout in LAYOUTS.items())
    snapshot = replace(snapshot_of(families, VOCABULARY), sources=statuses)
    residence = "CREATE TABLE residence AS SELECT person_key, born_on AS became_resident_on FROM person"
    snapshot.connection.execute(residence)
    return snapshot


@pytest.fixture
def families() -> Iterator[Snapshot]:
    """1 never registered, 2 before the gap, 3 within it, 4 in the window, 5 born after the cut-off day."""
    with city_of(
        family(1),
        family(2, registered_on=date(2025, 6, 1)),
        family(3, registered_on=date(2025, 10, 1)),
        family(4, registered_on=date(2026, 3, 3)),
        family(5, born=date(2025, 9, 9), registered_on=date(2026, 3, 3)),
    ) as snapshot:
        # The newest snapshot judges the end of the window, so its sources must cover the children.
        snapshot.connection.execute("INSERT INTO coverage SELECT person_key, 'council', born_on FROM person")
        yield snapshot


def outcomes(snapshot: Snapshot, label: LabelDefinition) -> dict[str, int]:
    [cohort] = judge_labels(PastDays(snapshot, LAYOUTS), [label])[label.hardship_type]
    assert cohort.cut_off.on == CUT_OFF
    return dict(zip(cohort.child_keys.tolist(), cohort.outcome.tolist(), strict=True))


def test_cut_off_days_leave_room_for_the_whole_label():
    """Every third month back, each with its gap and window over by today; none earlier than was said."""
    days = cut_offs(AS_OF, registered(gap=1, window=3, back=10))
    assert days == (
        CutOff(date(2026, 2, 20), date(2026, 3, 20), date(2026, 6, 20)),
        CutOff(date(2026, 5, 20), date(2026, 6, 20), date(2026, 9, 20)),
    )
    assert cut_offs(AS_OF, registered(back=15))[0].seen_until == AS_OF


def test_a_label_comes_true_after_the_gap_or_not_at_all(families: Snapshot):
    """Who was noticed before or within the gap is in no row; who was not registered is unlabelled, not "without difficulty"."""
    assert outcomes(families, registered()) == {
        "P1": UNLABELLED,
        "P2": LEFT_OUT,
        "P3": LEFT_OUT,
        "P4": CAME_TRUE,
    }


def test_what_nobody_can_tell_is_no_label(families: Snapshot):
    """就学援助 back then was not delivered: the label is unknown for everybody, on whichever of its days."""
    said = outcomes(families, registered("就学援助を受けている"))
    assert set(said.values()) == {LEFT_OUT}


def test_a_day_in_the_past_is_opened_and_left(families: Snapshot):
    """Looking back leaves nothing in the newest snapshot's database, and does not close it."""
    days = PastDays(families, LAYOUTS)
    with days.open(CUT_OFF) as earlier:
        assert earlier.as_of == CUT_OFF
    found = families.connection.execute("SELECT DISTINCT schema_name FROM duckdb_tables()").fetchall()
    assert found == [("main",)]
    with days.open(AS_OF) as newest:
        assert newest is families
    assert families.connection.execute("SELECT count(*) FROM person").fetchall() == [(5,)]


def test_ages_are_those_of_the_day(families: Snapshot):
    """A child is as old as it was then, and is not there before it was born."""
    with backdated(families, CUT_OFF, LAYOUTS) as earlier:
        people = earlier.connection.execute(
            "SELECT person_key, age_years, school_grade FROM person ORDER BY 1"
        ).fetchall()
    assert people == [(f"P{n}", 10, 4) for n in range(1, 5)]


def test_an_end_that_came_later_is_no_end_yet():
    """A registration closed in 2026 holds in 2025; one closed on an unknown day may or may not."""
    closed = family(1, registered_on=date(2025, 1, 1), closed_on=date(2026, 1, 1))
    row = Row("council_case", {"registered_on": date(2025, 1, 1)}, 0, 2, frozenset({"closed_on"}))
    open_end = replace(closed, key="H2", child=replace(closed.child, key="P2", rows={"council_case": (row,)}))
    with city_of(closed, open_end) as snapshot, backdated(snapshot, CUT_OFF, LAYOUTS) as earlier:
        cells = earlier.connection.execute(
            "SELECT subject_key, closed_on, unknown_cells FROM rec_council_case ORDER BY 1"
        ).fetchall()
    assert cells == [("P1", None, None), ("P2", None, "closed_on")]


def test_nothing_is_told_before_a_source_begins(families: Snapshot):
    """A source covers nobody on a day before its records begin: 健診 are told of from April 2019."""
    with backdated(families, date(2018, 8, 20), LAYOUTS) as earlier:
        covered = {s for (s,) in earlier.connection.execute("SELECT DISTINCT source FROM coverage").fetchall()}
    assert "council" in covered and not {"maternal_health", "nursery", "school_register"} & covered


def test_the_future_is_not_opened(families: Snapshot):
    """A snapshot can be looked back from, not forward."""
    with pytest.raises(ValueError, match="forward"):
        backdated(families, date(2026, 12, 1), LAYOUTS)


def test_children_are_in_order_of_key(families: Snapshot):
    """So that features of the same day, made elsewhere, line up."""
    [cohort] = judge_labels(PastDays(families, LAYOUTS), [registered()])["abuse"]
    assert np.array_equal(cohort.child_keys, np.sort(cohort.child_keys))
    assert cohort.household_keys.tolist() == ["H1", "H2", "H3", "H4"]


def test_only_children_of_the_labels_ages_are_in_a_row(families: Snapshot):
    """In full years on the cut-off day, not of today: at ten everybody is in, one day too young nobody."""
    label = replace(registered(), ages=(10, 11))  # born on 2015-05-05, ten on the cut-off day
    assert outcomes(families, label) == outcomes(families, registered())
    assert set(outcomes(families, replace(label, ages=(11, 18))).values()) == {LEFT_OUT}


@pytest.mark.parametrize(
    ("born", "months"),
    [
        (date(2025, 8, 20), 0),
        (date(2025, 7, 21), 0),
        (date(2025, 7, 20), 1),
        (date(2024, 8, 21), 11),
        (date(2024, 8, 20), 12),
        (date(2015, 5, 5), 123),
    ],
)
def test_the_age_is_counted_in_full_months(born: date, months: int):
    """On the cut-off day; a month is full on the same day of the next."""
    with city_of(family(1, born=born)) as snapshot:
        [cohort] = judge_labels(PastDays(snapshot, LAYOUTS), [registered()])["abuse"]
        assert cohort.age_months.tolist() == [months]
