"""Truth for every child at once: the plan as SQL over the tables of a snapshot.

The SQL is built from the same trees as the reference interpreter, never optimised, and can be written out for an
auditor. Each record table is read once for each role of its subjects; all sentences share that reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from engine.evaluate import sql_expressions as q
from engine.evaluate.plan import Plan, PlannedScenario
from engine.evaluate.sql_atoms import Context
from engine.rulebook import syntax as s
from engine.rulebook.printer import to_japanese

if TYPE_CHECKING:
    from engine.store.tables import Snapshot

_ROLES = ("child", "household", "member")
_SUBJECTS = {
    "child": 'SELECT person_key AS subject_key, household_key, age_years, school_grade FROM person WHERE is_child',
    "household": "SELECT DISTINCT household_key AS subject_key FROM child_subject",
    "member": (
        "SELECT person_key AS subject_key, age_years, school_grade FROM person WHERE person_key IN "
        "(SELECT member_key FROM kin WHERE child_key IN (SELECT subject_key FROM child_subject))"
    ),
}


@dataclass(frozen=True)
class Statement:
    """One step of the evaluation: it makes the temporary table `table`."""

    table: str
    query: str


def truth_column(planned: PlannedScenario) -> str:
    """The column that says whether the scenario is met: its 番号."""
    return planned.id


def cancelled_column(planned: PlannedScenario) -> str:
    """The column that says whether the scenario is cancelled."""
    return f"{planned.id}_cancelled"


def evaluate_all(snapshot: Snapshot, plan: Plan) -> pa.Table:
    """Judge every child (`is_child`) of a snapshot.

    One row per child in order of `child_key`; then for each scenario two BOOLEAN columns, its 番号 (met) and
    `<番号>_cancelled`, and for each condition of the plan one, `c1` … `cn`. Null is unknown, never "no".

    Leaves the temporary tables `truth` (child_key, c1 … cn) and `scenario_truth` (child_key and the scenarios) in the
    snapshot's connection, replacing those of an earlier evaluation. Raises ValueError if plan and snapshot are of
    different days.
    """
    if snapshot.as_of != plan.as_of:
        raise ValueError("the plan and the snapshot are of different days")
    connection = snapshot.connection
    made: list[str] = []
    try:
        for statement in statements(plan):
            connection.execute(f'CREATE OR REPLACE TEMP TABLE "{statement.table}" AS {statement.query}')
            made.append(statement.table)
    finally:
        for table in made:
            if table not in ("truth", "scenario_truth"):
                connection.execute(f'DROP TABLE "{table}"')
    query = "SELECT * FROM scenario_truth JOIN truth USING (child_key) ORDER BY child_key"
    return connection.execute(query).to_arrow_table()


def sql_text(plan: Plan, as_of: date | None = None) -> str:
    """The whole evaluation as a script for an auditor, each condition beside its sentence."""
    if as_of is not None and as_of != plan.as_of:
        raise ValueError("the plan is of another day; make it anew for that day")
    parts = [f"-- 基準日 {plan.as_of.isoformat()}: 条件{len(plan.conditions)}件、シナリオ{len(plan.scenarios)}件"]
    for number, sentence in enumerate(plan.conditions, start=1):
        parts.append(f"-- c{number}: {to_japanese(sentence, plan.vocabulary)}")
    for planned in plan.scenarios:
        parts.append(f"-- {planned.id}: {planned.scenario.name}")
    parts += [f"CREATE TEMP TABLE {st.table} AS\n{st.query};" for st in statements(plan, pretty=True)]
    return "\n".join(parts) + "\n"


def statements(plan: Plan, *, pretty: bool = False) -> Iterator[Statement]:
    """The steps in order: subjects, groupings, truths by role, then conditions and scenarios by child."""
    contexts = {role: Context(role, plan.vocabulary, plan.as_of) for role in _ROLES}
    of_child: list[exp.Expression] = []
    of_kin: list[exp.Expression] = []
    for number, sentence in enumerate(plan.conditions, start=1):
        name = f"c{number}"
        column = _condition(sentence, name, plan, contexts, of_kin)
        of_child.append(exp.alias_(column, name, quoted=True))
    for role, context in contexts.items():
        if role == "household" and not context.atoms:
            continue
        yield Statement(f"{role}_subject", _SUBJECTS[role])
        if context.atoms:
            yield from _context_statements(context, plan, pretty)
    if of_kin:
        yield Statement("kin_truth", _kin_query(contexts["member"], of_kin).sql("duckdb", pretty=pretty))
    yield Statement("truth", _truth_query(contexts, of_child, bool(of_kin)).sql("duckdb", pretty=pretty))
    yield Statement("scenario_truth", _scenario_query(plan).sql("duckdb", pretty=pretty))


def _condition(
    sentence: s.Sentence, name: str, plan: Plan, contexts: dict[str, Context], of_kin: list[exp.Expression]
) -> exp.Expression:
    owner = s.owner_of(sentence)
    if owner is None:
        assert not isinstance(sentence, s.Members)
        role = "household" if plan.vocabulary.record_of(sentence.item).subject == "世帯" else "child"
        return q.column(contexts[role].truth(sentence), f"{role}_truth")
    member = contexts["member"]
    parts = [q.column(member.truth(_unowned(modifier)), "member_truth") for modifier in owner.modifiers]
    count = s.Count("以上", 1)
    if isinstance(sentence, s.Members):
        count = sentence.count
    else:
        parts.append(q.column(member.truth(_unowned(sentence)), "member_truth"))
    is_such = q.all_true(parts)
    related = exp.EQ(this=q.column("relation", "kin"), expression=q.text(owner.relation))
    of_kin.append(exp.alias_(q.count_where(q.all_true((related, is_such))), f"{name}_met", quoted=True))
    unknown = q.all_true((related.copy(), q.is_null(is_such)))
    of_kin.append(exp.alias_(q.count_where(unknown), f"{name}_unknown", quoted=True))
    met, maybe = (
        exp.Coalesce(this=q.column(f"{name}_{kind}", "kin_truth"), expressions=[q.number(0)])
        for kind in ("met", "unknown")
    )
    needed = count.n if count.operator == "以上" else count.n + 1
    enough = q.from_counts(needed, met, maybe, q.FALSE.copy())
    return enough if count.operator == "以上" else exp.not_(exp.paren(enough))


def _unowned(sentence: s.Sentence) -> s.Sentence:
    """The same sentence about the subject itself."""
    from dataclasses import replace

    return sentence if isinstance(sentence, (s.Has, s.Members)) else replace(sentence, owner=None)


def _context_statements(context: Context, plan: Plan, pretty: bool) -> Iterator[Statement]:
    role = context.role
    joined: list[tuple[str, bool]] = []
    if context.sources:
        columns = [
            exp.alias_(
                q.filtered(
                    exp.Max(this=q.column("covered_from")), exp.EQ(this=q.column("source"), expression=q.text(source))
                ),
                name,
                quoted=True,
            )
            for source, name in sorted(context.sources.items())
        ]
        wanted = q.is_in(q.column("source"), sorted(context.sources))
        query = _grouping(role, "coverage", columns).where(wanted)
        yield Statement(f"{role}_coverage", query.sql("duckdb", pretty=pretty))
        joined.append((f"{role}_coverage", True))
    for record, aggregates in sorted(context.aggregates.items()):
        columns = [exp.alias_(aggregate, name, quoted=True) for name, aggregate in aggregates.items()]
        yield Statement(
            f"{role}_{record}", _grouping(role, f"rec_{record}", columns).sql("duckdb", pretty=pretty)
        )
        joined.append((f"{role}_{record}", True))
    for record, spans in sorted(context.periods.items()):
        kind = plan.vocabulary.records[record]
        assert kind.date is not None
        delivered = f"SELECT DISTINCT period_end FROM delivered_period WHERE record = '{record}'"
        due = [exp.alias_(q.count_where(q.inside(sp, q.column("period_end"))), n, quoted=True) for sp, n in spans.items()]
        due_query = exp.select(*due).from_(exp.Subquery(this=exp.maybe_parse(delivered, dialect="duckdb"), alias="delivered"))
        yield Statement(f"due_{role}_{record}", due_query.sql("duckdb", pretty=pretty))
        held_rows = (
            f'SELECT DISTINCT subject_key, "{kind.date}" AS period_end FROM rec_{record} '
            f'WHERE "{kind.date}" IN ({delivered})'
        )
        held = [aggregate.copy() for aggregate in due]
        held_query = (
            exp.select(q.column("subject_key"), *held)
            .from_(exp.Subquery(this=exp.maybe_parse(held_rows, dialect="duckdb"), alias="held"))
            .where(f"subject_key IN (SELECT subject_key FROM {role}_subject)", dialect="duckdb")
            .group_by(q.column("subject_key"))
        )
        yield Statement(f"{role}_periods_{record}", held_query.sql("duckdb", pretty=pretty))
        joined += [(f"{role}_periods_{record}", True), (f"due_{role}_{record}", False)]
    columns = [
        exp.alias_(truth, name, quoted=True)
        for name, truth in zip(context.atoms.values(), context.truths, strict=True)
    ]
    query = exp.select(q.column("subject_key", f"{role}_subject"), *columns).from_(f"{role}_subject")
    for table, by_subject in joined:
        if by_subject:
            on = exp.EQ(
                this=q.column("subject_key", table), expression=q.column("subject_key", f"{role}_subject")
            )
            query = query.join(table, on=on, join_type="left")
        else:
            query = query.join(table, join_type="cross")
    yield Statement(f"{role}_truth", query.sql("duckdb", pretty=pretty))


def _grouping(role: str, table: str, columns: list[exp.Expression]) -> exp.Select:
    return (
        exp.select(q.column("subject_key"), *columns)
        .from_(table)
        .where(f"subject_key IN (SELECT subject_key FROM {role}_subject)", dialect="duckdb")
        .group_by(q.column("subject_key"))
    )


def _kin_query(member: Context, columns: list[exp.Expression]) -> exp.Select:
    query = (
        exp.select(q.column("child_key", "kin"), *columns)
        .from_("kin")
        .where("child_key IN (SELECT subject_key FROM child_subject)", dialect="duckdb")
        .group_by(q.column("child_key", "kin"))
    )
    if member.atoms:
        on = exp.EQ(this=q.column("subject_key", "member_truth"), expression=q.column("member_key", "kin"))
        query = query.join("member_truth", on=on)
    return query


def _truth_query(contexts: dict[str, Context], columns: list[exp.Expression], with_kin: bool) -> exp.Select:
    key = q.column("subject_key", "child_subject")
    query = exp.select(exp.alias_(key, "child_key", quoted=True), *columns).from_("child_subject")
    joins = [("child_truth", "subject_key", "subject_key", bool(contexts["child"].atoms))]
    joins += [("household_truth", "subject_key", "household_key", bool(contexts["household"].atoms))]
    joins += [("kin_truth", "child_key", "subject_key", with_kin)]
    for table, theirs, ours, used in joins:
        if used:
            on = exp.EQ(this=q.column(theirs, table), expression=q.column(ours, "child_subject"))
            query = query.join(table, on=on, join_type="left")
    return query


def _scenario_query(plan: Plan) -> exp.Select:
    columns: list[exp.Expression] = []
    numbers = plan.numbers
    for planned in plan.scenarios:
        truth = _tree(planned.requirement, numbers)
        cancelled = q.any_true(_tree(cancel, numbers) for cancel in planned.scenario.cancels)
        columns.append(exp.alias_(truth, truth_column(planned), quoted=True))
        columns.append(exp.alias_(cancelled, cancelled_column(planned), quoted=True))
    return exp.select(q.column("child_key"), *columns).from_("truth")


def _tree(condition: s.Condition, numbers: dict[s.Sentence, int]) -> exp.Expression:
    if not isinstance(condition, s.Group):
        return q.column(f"c{numbers[condition]}")
    parts = [_tree(part, numbers) for part in condition.parts]
    match condition.kind:
        case "すべて":
            return q.all_true(parts)
        case "いずれか":
            return q.any_true(parts)
        case "次でない":
            return exp.not_(exp.paren(parts[0]))
        case "n以上":
            met = _sum(q.case((part, q.number(1)), default=q.number(0)) for part in parts)
            unknown = _sum(q.case((q.is_null(part), q.number(1)), default=q.number(0)) for part in parts)
            return q.from_counts(condition.needed, met, unknown, q.FALSE.copy())


def _sum(parts: Iterator[exp.Expression]) -> exp.Expression:
    total, *rest = parts
    for part in rest:
        total = exp.Add(this=total, expression=part)
    return exp.paren(total)
