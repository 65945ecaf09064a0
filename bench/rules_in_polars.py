"""The measured forms as one would write them by hand in polars: one grouping per kind of record, all conditions at once.

Starts from the same sorted columns as the other two, as Arrow tables. polars is no dependency of kizuki; it is only measured.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import pyarrow as pa
from rules_in_numpy import Facts

from engine.evaluate.columns.arrays import NO_DAY, Subjects
from engine.evaluate.meaning.records import blank_date_means_none
from engine.evaluate.plan import Plan
from engine.records.vocabulary import Item
from engine.rulebook.language import syntax as s
from engine.rulebook.language.windows import Span, earlier_span, span_of


def judge_in_polars(plan: Plan, facts: Facts) -> pa.Table:
    """Every condition (`c1` …) and scenario (番号, `<番号>_cancelled`), one row per child in order of number."""
    roles = {role: _Role(plan, facts, role) for role in facts.subjects}
    children: dict[str, pl.Expr] = {}
    of_household: dict[str, pl.Expr] = {}
    of_member: dict[str, pl.Expr] = {}
    relatives: dict[str, dict[str, s.Members]] = {}
    for sentence, number in plan.numbers.items():
        name = f"c{number}"
        if isinstance(sentence, s.Members):
            such = [roles["member"].of(modifier) for modifier in sentence.who.modifiers] or [pl.lit(True)]
            of_member[name] = pl.all_horizontal(such)
            relatives.setdefault(sentence.who.relation, {})[name] = sentence
            continue
        assert not isinstance(sentence, s.Refers)
        if plan.vocabulary.record_of(sentence.item).subject == "世帯":
            of_household[name] = roles["household"].of(sentence)
        else:
            children[name] = roles["child"].of(sentence)
    frame = roles["child"].frame(children)
    if of_household:
        households = roles["household"].frame(of_household)
        numbers = pl.DataFrame({"no": facts.household_of_child}).with_row_index("child")
        joined = numbers.join(households, on="no", how="left").sort("child")
        frame = frame.hstack(joined.select(list(of_household)))
    members = roles["member"].frame(of_member)
    for relation, named in relatives.items():
        child, member = facts.kin[relation]
        pairs = pl.DataFrame({"child": child, "no": member}).join(members, on="no", how="left")
        counted = pairs.group_by("child").agg(
            *(pl.col(name).sum().alias(f"{name} met") for name in named),
            *(pl.col(name).is_null().sum().alias(f"{name} maybe") for name in named),
        )
        counts = frame.select("no").join(counted, left_on="no", right_on="child", how="left").sort("no").fill_null(0)
        enough = [
            _counted(sentence.count, pl.col(f"{name} met"), pl.col(f"{name} maybe"), pl.lit(False)).alias(name)
            for name, sentence in named.items()
        ]
        frame = frame.hstack(counts.select(enough))

    def tree(condition: s.Condition) -> pl.Expr:
        if not isinstance(condition, s.Group):
            return pl.col(f"c{plan.numbers[condition]}")
        parts = [tree(part) for part in condition.parts]
        return pl.all_horizontal(parts) if condition.kind == "すべて" else pl.any_horizontal(parts)

    scenarios = []
    for planned in plan.scenarios:
        cancels = [tree(cancel) for cancel in planned.scenario.cancels] or [pl.lit(False)]
        scenarios += [tree(planned.requirement).alias(planned.id)]
        scenarios += [pl.any_horizontal(cancels).alias(f"{planned.id}_cancelled")]
    return frame.lazy().with_columns(scenarios).collect().to_arrow()


def _counted(count: s.Count, met: pl.Expr, maybe: pl.Expr, open_: pl.Expr) -> pl.Expr:
    needed = count.n if count.operator == "以上" else count.n + 1
    enough = pl.when(met >= needed).then(True).when((met + maybe >= needed) | open_).then(None).otherwise(False)
    return enough if count.operator == "以上" else ~enough


class _Role:
    """Collects the aggregates that the sentences need of each kind of record, then makes the truths from them."""

    def __init__(self, plan: Plan, facts: Facts, role: str) -> None:
        self.plan, self.facts, self.role = plan, facts, role
        self.subjects: Subjects = facts.subjects[role]
        self.aggregates: dict[str, dict[str, pl.Expr]] = {}

    def frame(self, truths: dict[str, pl.Expr]) -> pl.DataFrame:
        subjects = self.subjects
        frame = pl.DataFrame(
            {
                "no": pl.Series(range(subjects.size), dtype=pl.Int32),
                "age": pl.Series(subjects.age).set(pl.Series(~subjects.age_known), None),
                "grade": pl.Series(subjects.grade).set(pl.Series(~subjects.grade_known), None),
                **{
                    f"from {source}": pl.Series(days).set(pl.Series(days == NO_DAY), None).cast(pl.Date)
                    for source, days in subjects.covered_from.items()
                },
            }
        ).lazy()
        counted = []
        for record, named in self.aggregates.items():
            records = self.facts.records[self.role, record]
            rows = pl.from_arrow(records.table)
            assert isinstance(rows, pl.DataFrame)
            if records.place is not None:
                rows = rows[records.place]
            grouped = rows.lazy().with_row_index("place").group_by("no").agg(e.alias(n) for n, e in named.items())
            frame = frame.join(grouped, on="no", how="left")
            counted += [pl.col(name).fill_null(0) for name in named if not name.startswith("value")]
        return frame.with_columns(counted).sort("no").select("no", *(e.alias(n) for n, e in truths.items())).collect()

    def aggregate(self, key: str, of: pl.Expr, *, value: bool = False) -> pl.Expr:
        record = self.plan.vocabulary.items[key].record
        named = self.aggregates.setdefault(record, {})
        name = f"{'value' if value else 'count'} {record} {len(named)}"
        named[name] = of
        return pl.col(name)

    def of(self, sentence: s.Sentence) -> pl.Expr:
        match sentence:
            case s.Compare(key, bounds) if self.plan.vocabulary.items[key].kind in ("年齢", "学年"):
                return self.age(key, bounds)
            case s.Compare(key, bounds):
                return self.newest(key, self.valid(key), None, bounds, self.covered(key))
            case s.Has(key, positive):
                holds = self.valid(key)
                met, maybe = self.aggregate(key, holds.sum()), self.aggregate(key, holds.is_null().sum())
                truths = _counted(s.Count("以上", 1), met, maybe, ~self.covered(key))
                return truths if positive else ~truths
            case s.Events(key, window, count):
                span = span_of(window, self.plan.as_of)
                inside = self.inside(key, span)
                met, maybe = self.aggregate(key, inside.sum()), self.aggregate(key, inside.is_null().sum())
                return _counted(count, met, maybe, ~self.silence_means_none(key, span))
            case s.Total(key, window, bound):
                total, whole = self.total(key, span_of(window, self.plan.as_of))
                limit = int(bound.value) + (bound.operator in ("を超える", "以下"))
                truths = pl.when(total >= limit).then(True).when(whole).then(False).otherwise(None)
                return truths if bound.operator in ("以上", "を超える") else ~truths
            case s.Growth(key, window, times):
                now, whole_now = self.total(key, span_of(window, self.plan.as_of))
                before, whole_before = self.total(key, earlier_span(sentence, self.plan.as_of))
                grown = (now >= 1) & (now >= times * before)
                # Amounts are not negative: what is lacking can only add.
                return pl.when(whole_before & grown).then(True).when(whole_now & ~grown).then(False).otherwise(None)
            case s.Latest(key, bound, window):
                span = span_of(window, self.plan.as_of)
                silence = self.silence_means_none(key, span, periods=False)
                return self.newest(
                    key, self.inside(key, span), self.plan.vocabulary.date_column(key), (bound,), silence
                )
        raise ValueError("a form that has not been written by hand")

    def item(self, key: str) -> Item:
        return self.plan.vocabulary.items[key]

    def age(self, key: str, bounds: tuple[s.Bound, ...]) -> pl.Expr:
        steps = self.item(key).values
        number = pl.col("grade" if steps else "age")
        parts = [
            _compared(number, b.operator, steps.index(str(b.value)) + 1 if steps else int(b.value)) for b in bounds
        ]
        return pl.all_horizontal([*parts, number.is_between(1, len(steps))] if steps else parts)

    def said_unknown(self, key: str, column: str) -> pl.Expr:
        table = self.facts.records[self.role, self.item(key).record].table
        if "unknown_cells" not in table.column_names:
            return pl.lit(False)
        return pl.col("unknown_cells").str.split(",").list.contains(column).fill_null(False)

    def passes(self, key: str) -> pl.Expr:
        item = self.item(key)
        parts = [pl.col(column).is_in(list(allowed)) for column, allowed in item.filters.items()]
        if item.empty_column:
            said = self.said_unknown(key, item.empty_column)
            parts.append(pl.when(said).then(None).otherwise(pl.col(item.empty_column).is_null()))
        return pl.all_horizontal(parts) if parts else pl.lit(True)

    def inside(self, key: str, span: Span) -> pl.Expr:
        column = self.plan.vocabulary.date_column(key)
        assert column is not None
        inside = pl.col(column) <= span.until
        if span.after:
            inside = inside & (pl.col(column) > span.after)
        if blank_date_means_none(self.plan.vocabulary, key):
            inside = inside & (pl.col(column).is_not_null() | self.said_unknown(key, column))
        return self.passes(key) & inside

    def valid(self, key: str) -> pl.Expr:
        kind, as_of = self.plan.vocabulary.record_of(key), self.plan.as_of
        holds = self.passes(key)
        if kind.valid is None:
            return holds
        holds = holds & (pl.col(kind.valid.start) <= as_of)
        if kind.valid.end:
            lasting = pl.col(kind.valid.end).is_null() | (pl.col(kind.valid.end) >= as_of)
            holds = holds & pl.when(self.said_unknown(key, kind.valid.end)).then(None).otherwise(lasting)
        return holds

    def covered(self, key: str) -> pl.Expr:
        return pl.col(f"from {self.plan.vocabulary.record_of(key).source}").is_not_null()

    def silence_means_none(self, key: str, span: Span, *, periods: bool = True) -> pl.Expr:
        kind = self.plan.vocabulary.record_of(key)
        result = self.covered(key)
        if span.first_day:
            result = (pl.col(f"from {kind.source}") <= span.first_day).fill_null(False)
        if kind.period and periods:
            assert kind.date is not None
            ends: list[date] = [e for e in self.facts.delivered[self.item(key).record] if span.contains(e)]
            day = pl.col(kind.date)
            held = self.aggregate(key, day.filter(day.is_in(ends)).n_unique())
            result = result & (held == len(ends)) if ends else pl.lit(False)
        return result

    def total(self, key: str, span: Span) -> tuple[pl.Expr, pl.Expr]:
        inside, cell = self.inside(key, span), pl.col(self.item(key).column or "")
        total = self.aggregate(key, cell.filter(inside).sum())
        lacking = self.aggregate(key, (inside.is_null() | (inside & cell.is_null())).sum())
        return total, self.silence_means_none(key, span) & (lacking == 0)

    def newest(
        self, key: str, counts: pl.Expr, day: str | None, bounds: tuple[s.Bound, ...], silence_means_none: pl.Expr
    ) -> pl.Expr:
        item = self.item(key)
        cell = pl.col(item.column or "")
        if item.values:
            limits = [(b.operator, item.values.index(str(b.value))) for b in bounds]
            kept = [v for n, v in enumerate(item.values) if all(_compared(n, o, limit) for o, limit in limits)]
            said = cell.is_in(kept)
        else:
            said = pl.all_horizontal([_compared(cell, b.operator, int(b.value)) for b in bounds])
        valid = self.plan.vocabulary.record_of(key).valid
        start = day or (valid.start if valid else None)
        undated = pl.col(start).is_null() if start else pl.lit(False)
        certain = counts.fill_null(False)
        place = self.aggregate(key, pl.col("place").filter(certain).last(), value=True)
        decided = self.aggregate(key, said.filter(certain).last(), value=True)
        verdict = pl.when(place.is_not_null()).then(decided).when(silence_means_none).then(False).otherwise(None)
        doubted = []
        for value in (True, False):
            rival = counts.is_null() & said.ne_missing(pl.lit(value))
            newest = self.aggregate(key, pl.col("place").filter(rival & ~undated).last(), value=True)
            ever = self.aggregate(key, (rival & undated).sum())
            newer = (newest > place).fill_null(False) | (newest.is_not_null() & place.is_null())
            doubted.append(verdict.eq_missing(pl.lit(value)) & (newer | (ever > 0)))
        return pl.when(doubted[0] | doubted[1]).then(None).otherwise(verdict)


def _compared(value: pl.Expr | int, operator: s.Operator, limit: int) -> pl.Expr:
    match operator:
        case "以上":
            return value >= limit
        case "以下":
            return value <= limit
        case "未満":
            return value < limit
        case "を超える":
            return value > limit
