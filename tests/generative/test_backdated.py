"""An earlier day shows nothing of what came after it, whatever the records and whatever is asked."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_worlds import World, records_of
from test_evaluators_agree import AS_OF, TIMES, VOCABULARY, WORLDS

from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.plan import Plan
from engine.records.case import SourceStatus
from engine.records.household import Household, Row, Value
from engine.records.layout import load_layouts
from engine.records.vocabulary import RecordKind
from engine.store.backdated import backdated
from engine.store.memory import snapshot_of

LAYOUTS = load_layouts(Path(__file__).parents[2] / "sources", VOCABULARY)
_DUE = [item for item in VOCABULARY.items.values() if item.kind == "期限のある記録"]


def truths_of_the_day(households: list[Household], day: date, plan: Plan) -> pa.Table:
    """What the sentences are on an earlier day of a city that has been asked today."""
    today = households[0].as_of
    statuses = tuple(SourceStatus(key, layout.label, today, True, 1, 1, 0, 0) for key, layout in LAYOUTS.items())
    with replace(snapshot_of(households, VOCABULARY), sources=statuses) as snapshot:
        snapshot.connection.execute(
            "CREATE TABLE residence AS SELECT person_key, born_on AS became_resident_on FROM person"
        )
        with backdated(snapshot, day, LAYOUTS) as earlier:
            return evaluate_all(earlier, replace(plan, as_of=day))


class Afterwards:
    """Another course of what came after a day; nothing of what had happened by then is different."""

    def __init__(self, rng: random.Random, day: date) -> None:
        self._rng, self._day = rng, day

    def of(self, household: Household) -> Household:
        people = [replace(p, rows=self._rows(p.rows)) for p in (household.child, *household.members)]
        return replace(household, child=people[0], members=tuple(people[1:]), rows=self._rows(household.rows))

    def _rows(self, rows: Mapping[str, tuple[Row, ...]]) -> dict[str, tuple[Row, ...]]:
        return {record: tuple(new for row in its if (new := self._row(record, row))) for record, its in rows.items()}

    def _row(self, record: str, row: Row) -> Row | None:
        kind = VOCABULARY.records[record]
        values, unknown = dict(row.values), row.unknown
        dates = [name for name, column in kind.columns.items() if column.type == "日付"]
        begins = kind.date or (kind.valid.start if kind.valid else None)
        if begins is None:
            return None if self._rng.random() < 0.3 else replace(row, values=self._otherwise(kind, values, ()))
        due = [item for item in _DUE if item.record == record]
        later = [name for name in dates if self._is_later(values.get(name))]
        if due and begins in later:
            # Whether it was ever done, and what was found, came afterwards.
            values = self._otherwise(kind, values, {name for item in due for name in item.filters})
            values |= dict.fromkeys(unknown)
            unknown = frozenset()
        for name in later:
            gone = (name != begins or bool(due)) and self._rng.random() < 0.5
            values[name] = None if gone else self._day + timedelta(days=self._rng.randint(1, 500))
        if kind.valid:
            counted = [i.column for i in VOCABULARY.items.values() if i.record == record and i.kind == "数"]
            values |= {name: self._rng.randint(0, 9) for name in counted if name and name not in unknown}
        still_to_come = not any(isinstance(values.get(d), date) and not self._is_later(values[d]) for d in dates)
        if begins in later and still_to_come and self._rng.random() < 0.5:
            return None
        return replace(row, values=values, unknown=unknown)

    def _otherwise(self, kind: RecordKind, values: dict[str, Value], kept: object) -> dict[str, Value]:
        assert isinstance(kept, (set, tuple))
        changed = [n for n, column in kind.columns.items() if column.type in ("区分", "文字", "整数") and n not in kept]
        return values | dict.fromkeys((n for n in changed if self._rng.random() < 0.5), None)

    def _is_later(self, value: object) -> bool:
        return isinstance(value, date) and value > self._day


def test_nothing_that_came_later_shows_on_an_earlier_day() -> None:
    """Whether a bill was paid afterwards, a state ended, a check was taken or an event happened at all: no truth of the
    day depends on it, nor on what a source states only as delivered."""
    met = 0

    @settings(WORLDS, max_examples=8 * TIMES)
    @given(st.integers(0, 2**32 - 1))
    def compare(seed: int) -> None:
        nonlocal met
        world = World(random.Random(seed), VOCABULARY)
        today = world.rng.choice(AS_OF)
        sentences = tuple(dict.fromkeys(world.sentence() for _ in range(40)))
        plan = Plan(today, VOCABULARY, sentences, ())
        households = world.households(30, today, records_of(sentences, VOCABULARY))
        day = today - timedelta(days=world.rng.choice((1, 6, 30, 61, 91, 365, 380)))
        otherwise = Afterwards(world.rng, day)
        by_key = {h.key: otherwise.of(h) for h in households if h.key not in _shared(households)}
        changed = [by_key.get(h.key, h) for h in households]
        truths = truths_of_the_day(households, day, plan)
        assert truths.equals(truths_of_the_day(changed, day, plan))
        met += sum(column.to_pylist().count(True) for column in truths.columns[1:])

    compare()
    assert met > 500


def _shared(households: list[Household]) -> set[str]:
    """Households with two children, whose objects must stay equal: left as they are."""
    keys = [household.key for household in households]
    return {key for key in keys if keys.count(key) > 1}
