"""A snapshot made from objects says what the objects say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.records.household import Household, Person, Row, Value
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.store.households import load_households
from engine.store.memory import snapshot_of
from engine.store.tables import sort_column

VOCABULARY: Vocabulary = load_vocabulary(Path(__file__).parents[2] / "rulebooks" / "fields.yaml")
AS_OF = date(2026, 11, 20)
DAYS = st.dates(date(2024, 1, 1), AS_OF)
PERIODS = {"school_month": (date(2026, 9, 30), date(2026, 10, 31)), "water_bill": (date(2026, 10, 31),)}


def values_of(record: str) -> st.SearchStrategy[dict[str, Value]]:
    kinds = {
        "日付": DAYS,
        "整数": st.integers(0, 99),
        "区分": st.sampled_from(["有", "無"]),
        "文字": st.just("ある学校"),
    }
    columns = VOCABULARY.records[record].columns
    return st.fixed_dictionaries({name: st.none() | kinds[c.type] for name, c in columns.items()})  # type: ignore[arg-type]


@st.composite
def row_maps(draw: st.DrawFn, subject: str) -> dict[str, tuple[Row, ...]]:
    kinds = [name for name, kind in VOCABULARY.records.items() if kind.subject == subject]
    chosen = draw(st.lists(st.sampled_from(kinds), unique=True, max_size=3))
    found: dict[str, tuple[Row, ...]] = {}
    for record in chosen:
        many = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(2, 9)), unique=True, min_size=1, max_size=4))
        rows = []
        for file_no, line in many:
            values = draw(values_of(record))
            blank = [name for name, value in values.items() if value is None]
            unknown = draw(st.frozensets(st.sampled_from(blank))) if blank else frozenset()
            rows.append(Row(record, values, file_no, line, unknown))
        dated = sort_column(VOCABULARY.records[record])

        def order(row: Row, dated: str | None = dated) -> tuple[str, tuple[int, int]]:
            return (str(row.values[dated] or "") if dated else "", row.order)

        found[record] = tuple(sorted(rows, key=order))
    return found


@st.composite
def families(draw: st.DrawFn) -> list[Household]:
    """One to three households with one to three children each; siblings see each other as members."""
    households = []
    for house in range(draw(st.integers(1, 3))):
        shared, covered = draw(row_maps("世帯")), draw(st.dictionaries(st.just("water"), DAYS))
        people = [
            Person(
                f"P{house}{n}",
                frozenset(),
                draw(st.none() | st.integers(0, 90)),
                draw(st.none() | st.integers(-3, 12)),
                draw(row_maps("人")),
                draw(st.dictionaries(st.sampled_from(["residents", "council"]), DAYS)),
            )
            for n in range(draw(st.integers(1, 4)))
        ]
        for child in people[: draw(st.integers(1, len(people)))]:
            others = [p for p in people if p is not child]
            members = tuple(
                replace(p, relations=frozenset({"世帯員", *draw(st.sets(st.sampled_from(["母", "父", "祖父母"])))}))
                for p in others
            )
            households.append(Household(f"H{house}", AS_OF, child, members, shared, covered, PERIODS))
    return households


@settings(max_examples=25, deadline=None)
@given(families())
def test_reading_back_gives_the_same_households(households: list[Household]) -> None:
    """Households written into a snapshot and read back are equal to what was given."""
    with snapshot_of(households, VOCABULARY) as snapshot:
        assert load_households(snapshot, [h.child.key for h in households]) == {h.child.key: h for h in households}


def test_a_snapshot_cannot_reach_files_or_settings(tmp_path: Path) -> None:
    """Text that becomes SQL can neither read a file nor unlock the connection."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    with snapshot_of([Household("H", AS_OF, Person("P"))], VOCABULARY) as snapshot:
        with pytest.raises(duckdb.Error):
            snapshot.connection.execute(f"SELECT * FROM read_csv('{secret}')")
        with pytest.raises(duckdb.Error):
            snapshot.connection.execute("SET enable_external_access = true")


def test_python_variables_are_not_tables() -> None:
    """A Python variable with a table's name is never read by a query."""
    import pyarrow as pa

    stray = pa.table({"a": [1]})
    with snapshot_of([Household("H", AS_OF, Person("P"))], VOCABULARY) as snapshot, pytest.raises(duckdb.Error):
        snapshot.connection.execute("SELECT * FROM stray")
    assert stray.num_rows == 1


def test_contradicting_descriptions_are_refused() -> None:
    """Two households that describe one person differently are no snapshot."""
    first = Household("H", AS_OF, Person("A", age_years=7))
    second = Household("H", AS_OF, Person("B", age_years=9), (Person("A", frozenset({"世帯員"}), age_years=8),))
    with pytest.raises(ValueError, match="two descriptions"):
        snapshot_of([first, second], VOCABULARY)
    with pytest.raises(ValueError, match="世帯員"):
        snapshot_of([Household("H", AS_OF, Person("B"), (Person("A", frozenset({"母"})),))], VOCABULARY)
    with pytest.raises(ValueError, match="as-of"):
        snapshot_of([first, replace(first, as_of=date(2026, 1, 1))], VOCABULARY)


def test_a_cell_with_a_value_is_not_unknown() -> None:
    """A row that calls a filled cell unknown, or one that its kind does not have, contradicts itself."""
    for values, name in (({"epds_total": 3}, "epds_total"), ({}, "no_such_column")):
        row = Row("epds", values, 0, 1, frozenset({name}))
        with pytest.raises(ValueError, match=name):
            snapshot_of([Household("H", AS_OF, Person("P", rows={"epds": (row,)}))], VOCABULARY)
