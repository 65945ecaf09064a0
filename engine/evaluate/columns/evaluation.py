"""Truth for every child at once, over columns: the way in which the weekly job judges a city.

Each kind of record is read once for each role of its subjects (the children, their households, their members), joined
to subject numbers and sorted by the database. All sentences about it share that reading, its running totals and the
windows on them (`timelines`); equal sentences are one condition; scenarios are trees over the conditions. So what a
scenario adds to a plan costs a few looks per child, and no look at a record where its window is in use already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from engine.evaluate.columns.arrays import (
    NUMBER_TABLES,
    Subjects,
    part_into_shards,
    read_everybody,
    read_kin,
    read_records,
)
from engine.evaluate.columns.kleene import (
    NO,
    UNKNOWN,
    YES,
    Truths,
    all_of,
    any_of,
    at_least,
    at_least_of,
    negation,
    to_arrow,
)
from engine.evaluate.columns.sentences import ColumnarJudge, columns_of, judge_age, needs_order
from engine.evaluate.columns.timelines import running_total
from engine.evaluate.plan import Plan, cancelled_column, truth_column
from engine.rulebook.language import syntax as s

if TYPE_CHECKING:
    import duckdb

    from engine.store.tables import Snapshot

_Asked = dict[str, dict[s.ItemSentence, Truths | None]]


MOST_CHILDREN = 1_000_000
"""More are judged in shards of whole households. It bounds memory (about 5 GB for a million), and each shard reads the tables anew."""


def evaluate_all(snapshot: Snapshot, plan: Plan, *, most_children: int = MOST_CHILDREN) -> pa.Table:
    """Judge every child (`is_child`) of a snapshot, about `most_children` at a time.

    One row per child in order of `child_key`; then for each scenario two BOOLEAN columns, its 番号 (met) and
    `<番号>_cancelled`, and for each condition of the plan one, `c1` … `cn`. Null is unknown, never "no".

    The same table as that of the SQL, many times faster. Raises ValueError if plan and snapshot are of different days.
    """
    if snapshot.as_of != plan.as_of:
        raise ValueError("the plan and the snapshot are of different days")
    connection = snapshot.connection
    try:
        shards = part_into_shards(connection, most_children)
        tables = [_evaluate_shard(connection, plan, shard) for shard in range(shards)]
    finally:
        for table in NUMBER_TABLES:
            connection.execute(f"DROP TABLE IF EXISTS {table}")
    return tables[0] if shards == 1 else pa.concat_tables(tables).sort_by("child_key")


def _evaluate_shard(connection: duckdb.DuckDBPyConnection, plan: Plan, shard: int) -> pa.Table:
    asked = _asked(plan)
    everybody = read_everybody(
        connection, _sources(plan, asked["child"], asked["member"]), _sources(plan, asked["household"]), shard
    )
    keys = everybody.child_keys
    _judge(connection, plan, everybody.children, asked["child"])
    _judge(connection, plan, everybody.people, asked["member"])
    _judge(connection, plan, everybody.households, asked["household"])
    judged = _judged(asked["child"])
    of_household = _judged(asked["household"])
    judged |= {sentence: truths[everybody.household_of_child] for sentence, truths in of_household.items()}
    judged |= _by_relation(connection, plan, asked["member"], len(keys))
    return _table(plan, keys, judged)


def _sources(plan: Plan, *asked: Mapping[s.ItemSentence, Truths | None]) -> set[str]:
    return {plan.vocabulary.record_of(sentence.item).source for sentences in asked for sentence in sentences}


def _judged(asked: Mapping[s.ItemSentence, Truths | None]) -> dict[s.Sentence, Truths]:
    return {sentence: truths for sentence, truths in asked.items() if truths is not None}


def _asked(plan: Plan) -> _Asked:
    """The sentences about a single subject of which the plan's conditions consist, by the role of that subject."""
    asked: _Asked = {"child": {}, "household": {}, "member": {}}
    for sentence in plan.conditions:
        if isinstance(sentence, s.Refers):
            continue
        owner = s.owner_of(sentence)
        if owner is not None:
            asked["member"].update(dict.fromkeys(_of_member(sentence)))
        elif not isinstance(sentence, s.Members):
            asked[_role(sentence, plan)][sentence] = None
    return asked


def _role(sentence: s.ItemSentence, plan: Plan) -> str:
    return "household" if plan.vocabulary.record_of(sentence.item).subject == "世帯" else "child"


def _of_member(sentence: s.ItemSentence | s.Members) -> Iterator[s.ItemSentence]:
    """What a sentence with a relative asks of that member."""
    owner = s.owner_of(sentence)
    assert owner is not None
    yield from owner.modifiers
    if not isinstance(sentence, (s.Members, s.Has)):
        yield replace(sentence, owner=None)


def _judge(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    subjects: Subjects,
    sentences: dict[s.ItemSentence, Truths | None],
) -> None:
    """Fill in the truths of the sentences, kind of record by kind of record."""
    vocabulary = plan.vocabulary
    of_age: list[s.ItemSentence] = []
    by_record: dict[str, list[s.ItemSentence]] = {}
    for sentence in sentences:
        if vocabulary.items[sentence.item].kind in ("年齢", "学年"):
            of_age.append(sentence)
        else:
            by_record.setdefault(vocabulary.items[sentence.item].record, []).append(sentence)
    for sentence in of_age:
        assert isinstance(sentence, s.Compare)
        sentences[sentence] = judge_age(sentence, subjects, vocabulary)
    for record, its in by_record.items():
        records = read_records(
            connection,
            record,
            vocabulary.records[record],
            subjects,
            columns_of((sentence.item for sentence in its), vocabulary),
            with_order=needs_order(its),
        )
        judge = ColumnarJudge(records, vocabulary, plan.as_of, _delivered(connection, record))
        for sentence in its:
            sentences[sentence] = judge.judge(sentence)


def _delivered(connection: duckdb.DuckDBPyConnection, record: str) -> list[date]:
    query = "SELECT DISTINCT period_end FROM delivered_period WHERE record = ?"
    return [end for (end,) in connection.execute(query, [record]).fetchall()]


def _table(plan: Plan, keys: pa.Array, judged: dict[s.Sentence, Truths]) -> pa.Table:
    """The conditions that rest on records, with the scenarios and the references to them."""
    children = len(keys)
    scenarios: dict[str, tuple[Truths, Truths]] = {}
    for planned in plan.evaluation_order:
        for part in (planned.requirement, *planned.scenario.cancels):
            for sentence in s.sentences_of(part):
                if isinstance(sentence, s.Refers) and sentence not in judged:
                    judged[sentence] = _stands(*scenarios[sentence.scenario_id], sentence.positive)
        met = _tree(planned.requirement, judged, children)
        cancels = [_tree(cancel, judged, children) for cancel in planned.scenario.cancels]
        scenarios[planned.id] = met, any_of(cancels) if cancels else np.full(children, NO)
    for sentence in plan.conditions:
        if isinstance(sentence, s.Refers) and sentence not in judged:
            judged[sentence] = _stands(*scenarios[sentence.scenario_id], sentence.positive)
    columns: dict[str, pa.Array] = {"child_key": keys}
    for planned in plan.scenarios:
        met, cancelled = scenarios[planned.id]
        columns |= {truth_column(planned): to_arrow(met), cancelled_column(planned): to_arrow(cancelled)}
    columns |= {f"c{number}": to_arrow(judged[sentence]) for sentence, number in plan.numbers.items()}
    return pa.table(columns)


def _by_relation(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    of_member: Mapping[s.ItemSentence, Truths | None],
    children: int,
) -> dict[s.Sentence, Truths]:
    """The sentences with a relative: for how many members they hold, and for how many nobody knows."""
    by_relation: dict[str, list[s.ItemSentence | s.Members]] = {}
    for sentence in plan.conditions:
        owner = s.owner_of(sentence)
        if owner is not None:
            assert not isinstance(sentence, s.Refers)
            by_relation.setdefault(owner.relation, []).append(sentence)
    if not by_relation:
        return {}
    judged: dict[s.Sentence, Truths] = {}
    for relation, (child, member) in read_kin(connection, list(by_relation)).items():
        starts = np.searchsorted(child, np.arange(children + 1))
        for sentence in by_relation[relation]:
            parts = [truth for part in _of_member(sentence) if (truth := of_member[part]) is not None]
            count = sentence.count if isinstance(sentence, s.Members) else s.Count("以上", 1)
            needed = count.n if count.operator == "以上" else count.n + 1
            if parts:
                is_such = all_of(parts)[member]
                met, maybe = (
                    total[starts[1:]] - total[starts[:-1]]
                    for total in (running_total(is_such == YES), running_total(is_such == UNKNOWN))
                )
                enough = at_least(needed, met, maybe)
            else:
                enough = at_least(needed, np.diff(starts), None)
            judged[sentence] = enough if count.operator == "以上" else negation(enough)
    return judged


def _stands(met: Truths, cancelled: Truths, positive: bool) -> Truths:
    """Whether a scenario's hit stands: met, and not cancelled for certain (see `plan.stands`)."""
    hit = np.where(cancelled == YES, NO, met)
    return hit if positive else negation(hit)


def _tree(condition: s.Condition, judged: Mapping[s.Sentence, Truths], children: int) -> Truths:
    if not isinstance(condition, s.Group):
        return judged[condition]
    parts = [_tree(part, judged, children) for part in condition.parts]
    match condition.kind:
        case "すべて":
            return all_of(parts)
        case "いずれか":
            return any_of(parts)
        case "次でない":
            return negation(parts[0])
        case "n以上":
            return at_least_of(condition.needed, parts, children)
