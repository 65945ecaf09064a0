"""Small pieces of SQL as sqlglot expressions; every piece keeps Kleene's unknown as NULL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlglot import exp

from engine.records.vocabulary import Item
from engine.rulebook.language import syntax as s
from engine.rulebook.language.windows import Span

TRUE = exp.true()
FALSE = exp.false()
NULL = exp.null()
FAR_FUTURE = 10**30  # above every order number: a record whose day is unknown may be newer than any other


def column(name: str, table: str | None = None) -> exp.Expr:
    """A quoted column."""
    return exp.column(exp.to_identifier(name, quoted=True), exp.to_identifier(table, quoted=True) if table else None)


def number(value: int) -> exp.Expr:
    """A whole number."""
    return exp.Literal.number(value)


def text(value: str) -> exp.Expr:
    """A text; quotes are escaped by the generator."""
    return exp.Literal.string(value)


def day(value: date) -> exp.Expr:
    """A date literal, so that the database computes no window."""
    return exp.cast(exp.Literal.string(value.isoformat()), "DATE")


def all_true(parts: Iterable[exp.Expr]) -> exp.Expr:
    """AND of any number of parts; none is TRUE."""
    kept = [part for part in parts if part != TRUE]
    return exp.and_(*kept, copy=False) if kept else TRUE.copy()


def any_true(parts: Iterable[exp.Expr]) -> exp.Expr:
    """OR of any number of parts; none is FALSE."""
    kept = list(parts)
    return exp.or_(*kept, copy=False) if kept else FALSE.copy()


def is_null(part: exp.Expr) -> exp.Expr:
    """Whether a value or truth is unknown."""
    return exp.Is(this=exp.paren(part.copy(), copy=False), expression=NULL.copy())


def is_known(part: exp.Expr) -> exp.Expr:
    """Whether a value or truth is not unknown."""
    return negation(is_null(part))


def negation(part: exp.Expr) -> exp.Expr:
    """NOT; unknown stays unknown."""
    return exp.not_(part, copy=False)


def named(part: exp.Expr, name: str) -> exp.Expr:
    """A result column."""
    return exp.alias_(part, name, quoted=True, copy=False)


def select(columns: Iterable[exp.Expr], table: str | exp.Expr) -> exp.Select:
    """SELECT columns FROM table. Nothing is copied: sqlglot's own copies cost more than the query itself."""
    source = exp.to_table(table) if isinstance(table, str) else table
    return exp.Select().select(*columns, copy=False).from_(source, copy=False)


def equal(ours: exp.Expr, theirs: exp.Expr) -> exp.Expr:
    """Equality; unknown if either side is."""
    return exp.EQ(this=ours, expression=theirs)


def is_in(part: exp.Expr, values: Iterable[str]) -> exp.Expr:
    """Membership; unknown for an unknown value."""
    return exp.In(this=part, expressions=[text(value) for value in values])


def case(*branches: tuple[exp.Expr, exp.Expr], default: exp.Expr) -> exp.Expr:
    """CASE WHEN … THEN … ELSE default END."""
    result = exp.Case()
    for condition, value in branches:
        result = result.when(condition, value, copy=False)
    return result.else_(default, copy=False)


def count_where(condition: exp.Expr) -> exp.Expr:
    """How many rows satisfy a condition for certain."""
    return filtered(exp.Count(this=exp.Star()), condition)


def filtered(aggregate: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """An aggregate over the rows that satisfy a condition for certain."""
    if condition == TRUE:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=condition))


def from_counts(needed: int, met: exp.Expr, unknown: exp.Expr, otherwise: exp.Expr) -> exp.Expr:
    """At least `needed`: from the counts of the true and the unknown. Never bool_or, which is not Kleene's."""
    return case(
        (exp.GTE(this=met, expression=number(needed)), TRUE.copy()),
        (
            exp.GTE(this=exp.Add(this=met.copy(), expression=unknown), expression=number(needed)),
            NULL.copy(),
        ),
        default=otherwise,
    )


def says_unknown(name: str) -> exp.Expr:
    """Whether a record's cell says that its value is unknown (不詳), unlike a blank one; never NULL."""
    names = exp.Anonymous(this="string_split", expressions=[column("unknown_cells"), text(",")])
    listed = exp.Anonymous(this="list_contains", expressions=[names, text(name)])
    return exp.Coalesce(this=listed, expressions=[FALSE.copy()])


def passes(item: Item) -> exp.Expr:
    """Whether a record is one that the item speaks of; NULL where a filter cell is blank, or a 空の列 is unknown."""
    parts = [is_in(column(name), allowed) for name, allowed in item.filters.items()]
    if item.empty_column:
        unknown = (says_unknown(item.empty_column), NULL.copy())
        parts.append(case(unknown, default=is_null(column(item.empty_column))))
    return all_true(parts)


def inside(span: Span, of: exp.Expr) -> exp.Expr:
    """Whether a date lies in a span; NULL for an unknown date."""
    parts: list[exp.Expr] = []
    if span.after is not None:
        parts.append(exp.GT(this=of.copy(), expression=day(span.after)))
    parts.append(exp.LTE(this=of.copy(), expression=day(span.until)))
    return all_true(parts)


_COMPARISONS = {"以上": exp.GTE, "以下": exp.LTE, "未満": exp.LT, "を超える": exp.GT}


def within(value: exp.Expr, bounds: Iterable[s.Bound], steps: tuple[str, ...]) -> exp.Expr:
    """A value against bounds; NULL for a blank. On a scale of `steps`: those steps that lie within all bounds."""
    if steps:
        kept = [
            step
            for index, step in enumerate(steps)
            if all(_on_scale(index, bound.operator, steps.index(str(bound.value))) for bound in bounds)
        ]
        return is_in(value, kept)
    return all_true(_COMPARISONS[b.operator](this=value.copy(), expression=number(int(b.value))) for b in bounds)


def _on_scale(index: int, operator: s.Operator, limit: int) -> bool:
    return {"以上": index >= limit, "以下": index <= limit, "未満": index < limit, "を超える": index > limit}[operator]


def order_of(date_column: str | None) -> exp.Expr:
    """One number by which records are newer or older: day, then file, then line. NULL if the day is unknown."""
    parts: list[exp.Expr] = [
        exp.Mul(this=exp.cast(column("file_no"), "HUGEINT"), expression=number(2**32)),
        exp.cast(column("line"), "HUGEINT"),
    ]
    result: exp.Expr = exp.Add(this=parts[0], expression=parts[1])
    if date_column is not None:
        days = exp.Anonymous(this="date_diff", expressions=[text("day"), day(date(1800, 1, 1)), column(date_column)])
        result = exp.Add(this=exp.Mul(this=exp.cast(days, "HUGEINT"), expression=number(2**64)), expression=result)
    return result


def parsed(query: str) -> exp.Expr:
    """SQL of DuckDB as an expression."""
    return exp.maybe_parse(query, dialect="duckdb")


def subquery(query: str | exp.Expr) -> exp.Expr:
    """A query to select from."""
    inner = parsed(query) if isinstance(query, str) else query
    return exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("inner_rows")))
