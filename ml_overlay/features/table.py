"""What a model sees of a city on a day: which features there are (`declare_features`), and their table (`build_features`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from engine.evaluate.columns.arrays import (
    NUMBER_TABLES,
    Everybody,
    Subjects,
    part_into_shards,
    read_everybody,
    read_kin,
    read_records,
)
from engine.evaluate.columns.sentences import ColumnarJudge, columns_of
from engine.evaluate.plan import Plan
from engine.kernel.errors import KizukiError
from engine.records.vocabulary import Vocabulary
from ml_overlay.features.feature import Feature, FeatureTable, FloatMatrix
from ml_overlay.features.looks import RELATION_OF, Look, Measure, feature_of, look_of, looks
from ml_overlay.features.records import Measured, Values
from ml_overlay.features.relatives import Relatives
from ml_overlay.features.sentences import is_sentence, name_of, number_in, sentence_features

if TYPE_CHECKING:
    import duckdb

    from engine.store.tables import Snapshot

_ALL = 10**9  # children at once: features are built for one city, whose columns fit the memory


def declare_features(vocabulary: Vocabulary, plan: Plan, hidden_records: Collection[str]) -> tuple[Feature, ...]:
    """Every feature that the vocabulary and the plan's sentences give, in order of name.

    Only permitted items. Of `hidden_records` (model.yaml 見せない本人の記録) nothing of the child itself. Nothing of items
    that only describe a family but age and grade, which are never named.
    """
    found = [feature_of(look, vocabulary) for look in looks(vocabulary, hidden_records)]
    found += sentence_features(plan, vocabulary, hidden_records).values()
    return tuple(sorted(found, key=lambda feature: feature.name))


def build_features(snapshot: Snapshot, plan: Plan, truths: pa.Table, declared: Sequence[Feature]) -> FeatureTable:
    """The declared features of every child of a snapshot. `truths`: what `evaluate_all` says of it by this plan.

    Columns in the order of `declared`. Raises KizukiError E-MODEL-51 where a feature rests on what fields.yaml does not
    permit (any more), ValueError if plan, truths and snapshot do not belong together, or the plan lacks a declared
    sentence (see `sentences.plan_with`).
    """
    if snapshot.as_of != plan.as_of:
        raise ValueError("the plan and the snapshot are of different days")
    vocabulary = snapshot.vocabulary
    by_name = {name_of(sentence, vocabulary): number for sentence, number in plan.numbers.items()}
    numbers: dict[str, int] = {}
    wanted: dict[str, Look] = {}
    problems = []
    for feature in declared:
        try:
            if is_sentence(feature):
                numbers[feature.name] = number_in(plan, feature, by_name)
            else:
                wanted[feature.name] = look_of(feature, vocabulary)
        except KizukiError as error:
            problems += list(error.problems)
    if problems:
        raise KizukiError(problems)
    connection = snapshot.connection
    try:
        part_into_shards(connection, _ALL)
        city = _City(snapshot, wanted.values())
        columns = {name: city.column(look) for name, look in wanted.items()}
        households = connection.execute("SELECT household_key FROM person_number WHERE is_child ORDER BY no").fetchall()
    finally:
        for table in NUMBER_TABLES:
            connection.execute(f"DROP TABLE IF EXISTS {table}")
    if truths["child_key"].to_pylist() != city.child_keys:
        raise ValueError("the truths are not those of the snapshot's children")
    values: FloatMatrix = np.empty((len(city.child_keys), len(declared)), np.float32, order="F")
    for place, feature in enumerate(declared):
        of_records = columns.get(feature.name)
        values[:, place] = _truths(truths[f"c{numbers[feature.name]}"]) if of_records is None else of_records
    return FeatureTable(
        as_of=snapshot.as_of,
        child_keys=np.array(city.child_keys, dtype=np.str_),
        household_keys=np.array([key for (key,) in households], dtype=np.str_),
        features=tuple(declared),
        values=values,
    )


def _truths(column: pa.ChunkedArray) -> Values:
    array = column.combine_chunks()
    met = np.asarray(array.fill_null(False).to_numpy(zero_copy_only=False))
    return np.where(np.asarray(array.is_valid()), met.astype(np.float64), np.nan)


class _City:
    """The columns of the looks, each number of a person or household worked out once for all roles that ask for it."""

    def __init__(self, snapshot: Snapshot, wanted: Iterable[Look]) -> None:
        self._snapshot = snapshot
        self._vocabulary = snapshot.vocabulary
        self._items = sorted({look.item for look in wanted})
        kinds = [self._vocabulary.record_of(item) for item in self._items]
        sources = {whose: {kind.source for kind in kinds if kind.subject == whose} for whose in ("人", "世帯")}
        self._everybody: Everybody = read_everybody(snapshot.connection, sources["人"], sources["世帯"])
        self.child_keys: list[str] = self._everybody.child_keys.to_pylist()
        self._relatives = Relatives(read_kin(snapshot.connection, list(RELATION_OF.values())), len(self.child_keys))
        self._of_records: dict[str, Measured] = {}
        self._numbers: dict[tuple[str, Measure], Values] = {}

    def column(self, look: Look) -> Values:
        item = self._vocabulary.items[look.item]
        if item.kind in ("年齢", "学年"):
            children = self._everybody.children
            number, known = (
                (children.age, children.age_known) if item.kind == "年齢" else (children.grade, children.grade_known)
            )
            return np.where(known, number, np.nan)
        numbers = self._of_subjects(look.item, look.measure)
        match look.role:
            case "household":
                return numbers[self._everybody.household_of_child]
            case "child":
                return numbers[: len(self.child_keys)]
            case _:
                return self._relatives.worst(numbers, look.role, item, look.measure)

    def _of_subjects(self, item_id: str, measure: Measure) -> Values:
        if (item_id, measure) not in self._numbers:
            record = self._vocabulary.items[item_id].record
            if record not in self._of_records:
                self._of_records[record] = self._read(record)
            self._numbers[item_id, measure] = self._of_records[record].of(item_id, measure)
        return self._numbers[item_id, measure]

    def _read(self, record: str) -> Measured:
        connection, vocabulary = self._snapshot.connection, self._vocabulary
        kind = vocabulary.records[record]
        subjects: Subjects = self._everybody.households if kind.subject == "世帯" else self._everybody.people
        columns = columns_of((key for key in self._items if vocabulary.items[key].record == record), vocabulary)
        records = read_records(connection, record, kind, subjects, columns, with_order=True)
        judge = ColumnarJudge(records, vocabulary, self._snapshot.as_of, _delivered(connection, record))
        return Measured(records, judge, vocabulary, self._snapshot.as_of)


def _delivered(connection: duckdb.DuckDBPyConnection, record: str) -> list[date]:
    query = "SELECT DISTINCT period_end FROM delivered_period WHERE record = ?"
    return [end for (end,) in connection.execute(query, [record]).fetchall()]
