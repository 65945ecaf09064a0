"""The steps in which the SQL of a plan is evaluated, each a statement that makes one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from engine.evaluate.plan import Plan, cancelled_column, truth_column
from engine.evaluate.sql import expressions as q
from engine.evaluate.sql.atoms import Context
from engine.evaluate.sql.scenarios import judged_query
from engine.rulebook.language import syntax as s
from engine.rulebook.language.windows import Span

_ROLES = ("child", "household", "member")
_SUBJECTS = {
    "child": "SELECT person_key AS subject_key, household_key, born_on, age_years, school_grade FROM person WHERE is_child",
    "household": "SELECT DISTINCT household_key AS subject_key FROM child_subject",
    "member": (
        "SELECT person_key AS subject_key, born_on, age_years, school_grade FROM person WHERE person_key IN "
        "(SELECT member_key FROM kin WHERE child_key IN (SELECT subject_key FROM child_subject))"
    ),
}


@dataclass(frozen=True)
class Statement:
    """One step of the evaluation: it makes the temporary table `table`; after it, nobody needs those in `frees`."""

    table: str
    query: str
    frees: tuple[str, ...] = ()


def statements(plan: Plan, *, pretty: bool = False) -> Iterator[Statement]:
    """The steps in order: subjects, groupings, truths by role, then conditions and scenarios by child."""
    contexts = {role: Context(role, plan.vocabulary, plan.as_of) for role in _ROLES}
    of_child: list[exp.Expr] = []
    of_kin: dict[str, list[exp.Expr]] = {}
    for number, sentence in enumerate(plan.conditions, start=1):
        if isinstance(sentence, s.Refers):
            continue
        name = f"c{number}"
        column = _condition(sentence, name, plan, contexts, of_kin)
        of_child.append(q.named(column, name))
    for role, context in contexts.items():
        if role == "household" and not context.atoms:
            continue
        yield Statement(f"{role}_subject", _SUBJECTS[role])
        if context.atoms:
            yield from _context_statements(context, plan, pretty)
    kin_tables = []
    for relation in (r for r in plan.vocabulary.relations if r in of_kin):
        kin_tables.append(f"kin_{plan.vocabulary.relations.index(relation)}")
        yield _statement(kin_tables[-1], _kin_query(contexts["member"], relation, of_kin[relation]), pretty)
    yield _statement("judged", judged_query(plan, _truth_query(contexts, of_child, kin_tables)), pretty)
    columns = [q.column(f"c{number}") for number in range(1, len(plan.conditions) + 1)]
    yield _statement("truth", q.select([q.column("child_key"), *columns], "judged"), pretty)
    columns = [q.column(name(planned)) for planned in plan.scenarios for name in (truth_column, cancelled_column)]
    yield _statement("scenario_truth", q.select([q.column("child_key"), *columns], "judged"), pretty, ["judged"])


def _condition(
    sentence: s.ItemSentence | s.Members, name: str, plan: Plan, contexts: dict[str, Context], of_kin: dict[str, list[exp.Expr]]
) -> exp.Expr:
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
    table = f"kin_{plan.vocabulary.relations.index(owner.relation)}"
    columns = of_kin.setdefault(owner.relation, [])
    columns.append(q.named(q.count_where(is_such), f"{name}_met"))
    columns.append(q.named(q.count_where(q.is_null(is_such)), f"{name}_unknown"))
    met, maybe = (
        exp.Coalesce(this=q.column(f"{name}_{kind}", table), expressions=[q.number(0)]) for kind in ("met", "unknown")
    )
    needed = count.n if count.operator == "以上" else count.n + 1
    enough = q.from_counts(needed, met, maybe, q.FALSE.copy())
    return enough if count.operator == "以上" else q.negation(exp.paren(enough))


def _unowned(sentence: s.ItemSentence) -> s.ItemSentence:
    """The same sentence about the subject itself."""
    return sentence if isinstance(sentence, s.Has) else replace(sentence, owner=None)


def _context_statements(context: Context, plan: Plan, pretty: bool) -> Iterator[Statement]:
    role = context.role
    subject = f"{role}_subject"
    known: list[str] = []
    due: list[str] = []
    if context.sources:
        columns = [
            q.named(
                q.filtered(exp.Max(this=q.column("covered_from")), q.equal(q.column("source"), q.text(source))), name
            )
            for source, name in sorted(context.sources.items())
        ]
        wanted = q.is_in(q.column("source"), sorted(context.sources))
        query = _grouped(_of_subjects(role, [exp.Star()], "coverage").where(wanted, copy=False), columns)
        yield _statement(f"{role}_coverage", query, pretty)
        known.append(f"{role}_coverage")
    for record, spans in sorted(context.periods.items()):
        yield from _period_statements(role, record, spans, plan, pretty)
        known.append(f"{role}_periods_{record}")
        due.append(f"due_{role}_{record}")
        yield from _run_statements(context, record, plan, pretty)
    silence: list[str] = []
    if context.silences:
        silences = [q.named(means_none, name) for means_none, name in context.silences.items()]
        silence.append(f"{role}_silence")
        yield _statement(silence[0], _by_subject(subject, silences, known, due), pretty, [*known, *due])
    # One narrow statement for each record kind: a single wide one takes the planner many times as long.
    tables: list[str] = []
    for record, truths in sorted(context.truths.items()):
        counted: list[str] = []
        if record in context.aggregates:
            marks = [q.named(mark, name) for mark, name in context.marks.get(record, {}).items()]
            rows = _of_subjects(role, [exp.Star(), *marks], f"rec_{record}")
            columns = [q.named(aggregate, name) for aggregate, name in context.aggregates[record].items()]
            counted.append(f"{role}_{record}")
            yield _statement(counted[0], _grouped(rows, columns), pretty)
        columns = [q.named(truth, name) for name, truth in truths.items()]
        tables.append(f"{role}_truth_{record}")
        counted += [f"{role}_{run}" for run in context.runs.get(record, {}).values()]
        yield _statement(tables[-1], _by_subject(subject, columns, [*counted, *silence], []), pretty, counted)
    columns = [q.column(name) for truths in context.truths.values() for name in truths]
    yield _statement(f"{role}_truth", _by_subject(subject, columns, tables, []), pretty, [*tables, *silence])


def _by_subject(subject: str, columns: list[exp.Expr], tables: list[str], one_row: list[str]) -> exp.Select:
    """One row per subject of the columns, from tables of one row per subject (or none) and tables of a single row."""
    query = q.select([q.column("subject_key", subject), *columns], subject)
    for table in tables:
        on = q.equal(q.column("subject_key", table), q.column("subject_key", subject))
        query = query.join(exp.to_table(table), on=on, join_type="left", copy=False)
    for table in one_row:
        query = query.join(exp.to_table(table), join_type="cross", copy=False)
    return query


def _period_statements(role: str, record: str, spans: dict[Span, str], plan: Plan, pretty: bool) -> Iterator[Statement]:
    """How many periods were delivered in each span, and for how many of them a subject has a record."""
    on = plan.vocabulary.records[record].date
    assert on is not None
    delivered = f"SELECT DISTINCT period_end FROM delivered_period WHERE record = '{record}'"

    def counts() -> list[exp.Expr]:
        return [q.named(q.count_where(q.inside(sp, q.column("period_end"))), name) for sp, name in spans.items()]

    ends = [
        q.named(q.filtered(end(this=q.column("period_no")), q.inside(span, q.column("period_end"))), f"{name}_{which}")
        for span, name in spans.items()
        for which, end in (("first", exp.Min), ("last", exp.Max))
    ]
    yield _statement(f"due_{role}_{record}", q.select([*counts(), *ends], q.subquery(_numbered(record))), pretty)
    held = (
        f'SELECT DISTINCT subject_key, "{on}" AS period_end FROM rec_{record} '
        f'WHERE "{on}" IN ({delivered}) AND subject_key IN (SELECT subject_key FROM {role}_subject)'
    )
    yield _statement(f"{role}_periods_{record}", _grouped(q.parsed(held), counts()), pretty)


def _numbered(record: str) -> str:
    """The periods of a record kind that were delivered, numbered from first to last."""
    return (
        "SELECT period_end, row_number() OVER (ORDER BY period_end) AS period_no FROM "
        f"(SELECT DISTINCT period_end FROM delivered_period WHERE record = '{record}') AS delivered"
    )


def _run_statements(context: Context, record: str, plan: Plan, pretty: bool) -> Iterator[Statement]:
    """For each question about periods in a row: is there a run for certain (`certain`), and if some period breaks it
    (`broken`), is there room for one before or after such a period (`open`)."""
    if record not in context.runs:
        return
    role, each = context.role, context.each[record]
    table = f"{role}_each_{record}"
    on = plan.vocabulary.records[record].date
    assert on is not None
    marks = [q.named(mark, name) for mark, name in each.marks.items()]
    rows = _of_subjects(role, [q.column("subject_key"), q.column("period_no"), *marks], f"rec_{record}").join(
        q.subquery(_numbered(record)), on=q.equal(q.column(on), q.column("period_end")), copy=False
    )
    keys = [q.column("subject_key"), q.column("period_no")]
    grouped = q.select([*keys, *(q.named(a, name) for a, name in each.aggregates.items())], q.subquery(rows))
    for key in keys:
        grouped = grouped.group_by(key.copy(), copy=False)
    truths = [q.named(truth, name) for truth, name in each.truths.items()]
    yield _statement(table, q.select([*(key.copy() for key in keys), *truths], q.subquery(grouped)), pretty)
    runs = context.runs[record]
    for run, name in runs.items():
        span, length = context.periods[record][run.span], run.length
        neighbours = f'OVER (PARTITION BY subject_key, "{run.such}" ORDER BY period_no)'
        newest, room = "TRUE", f"(before >= {length} OR after >= {length})"
        if run.ongoing:
            newest, room = "period_no = last", f"after >= {length} AND period_no + after = last"
        query = f"""
            SELECT subject_key,
                COUNT(*) FILTER (WHERE such AND period_no - back = {length - 1} AND {newest}) AS certain,
                COUNT(*) FILTER (WHERE NOT such) AS broken,
                COUNT(*) FILTER (WHERE NOT such AND {room}) AS open
            FROM (
                SELECT subject_key, period_no, {span}_last AS last, "{run.such}" AS such, lag(period_no, {length - 1}) {neighbours} AS back,
                    period_no - coalesce(lag(period_no) {neighbours}, {span}_first - 1) - 1 AS before,
                    coalesce(lead(period_no) {neighbours}, {span}_last + 1) - period_no - 1 AS after
                FROM {table} CROSS JOIN due_{role}_{record}
                WHERE period_no BETWEEN {span}_first AND {span}_last
            ) AS numbered
            GROUP BY subject_key"""
        last = name == [*runs.values()][-1]
        yield _statement(f"{role}_{name}", q.parsed(query), pretty, [table] if last else [])


def _statement(table: str, query: exp.Expr, pretty: bool, frees: Sequence[str] = ()) -> Statement:
    return Statement(table, query.sql("duckdb", pretty=pretty), tuple(frees))


def _of_subjects(role: str, columns: list[exp.Expr], table: str) -> exp.Select:
    """Rows of a table that belong to a subject of the role."""
    subjects = exp.Subquery(this=q.parsed(f"SELECT subject_key FROM {role}_subject"))
    among = exp.In(this=q.column("subject_key"), query=subjects)
    return q.select(columns, table).where(among, copy=False)


def _grouped(rows: exp.Expr, columns: list[exp.Expr]) -> exp.Select:
    query = q.select([q.column("subject_key"), *columns], q.subquery(rows))
    return query.group_by(q.column("subject_key"), copy=False)


def _kin_query(member: Context, relation: str, columns: list[exp.Expr]) -> exp.Select:
    """By child, how many members with one relation are such, and for how many nobody knows."""
    query = q.select([q.column("child_key", "kin"), *columns], "kin")
    if member.atoms:
        on = q.equal(q.column("subject_key", "member_truth"), q.column("member_key", "kin"))
        query = query.join(exp.to_table("member_truth"), on=on, copy=False)
    among = exp.In(
        this=q.column("child_key", "kin"), query=exp.Subquery(this=q.parsed("SELECT subject_key FROM child_subject"))
    )
    related = q.equal(q.column("relation", "kin"), q.text(relation))
    query = query.where(q.all_true((related, among)), copy=False)
    return query.group_by(q.column("child_key", "kin"), copy=False)


def _truth_query(contexts: dict[str, Context], columns: list[exp.Expr], kin_tables: list[str]) -> exp.Select:
    key = q.column("subject_key", "child_subject")
    query = q.select([q.named(key, "child_key"), *columns], "child_subject")
    joins = [("child_truth", "subject_key", "subject_key", bool(contexts["child"].atoms))]
    joins += [("household_truth", "subject_key", "household_key", bool(contexts["household"].atoms))]
    joins += [(table, "child_key", "subject_key", True) for table in kin_tables]
    for table, theirs, ours, used in joins:
        if used:
            on = q.equal(q.column(theirs, table), q.column(ours, "child_subject"))
            query = query.join(exp.to_table(table), on=on, join_type="left", copy=False)
    return query
