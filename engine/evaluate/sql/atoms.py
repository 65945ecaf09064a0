"""Sentences about one subject as SQL: which aggregates over a record table they need, and the truth from these.

A *context* is the set of subjects of one role: the children, their households, or the members of their households.
For each context and record table there is one grouping by subject, whose FILTER aggregates serve all sentences.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlglot import exp

from engine.evaluate.meaning.records import blank_date_means_none
from engine.evaluate.sql import expressions as q
from engine.records.vocabulary import Item, RecordKind, Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.windows import Span, earlier_span, last_birth_past, span_of


@dataclass(frozen=True)
class Run:
    """A question about periods in a row: at least `length` of those in the span for which the column `such` is true,
    up to the newest (`ongoing`) or anywhere."""

    such: str
    span: Span
    length: int
    ongoing: bool


@dataclass(frozen=True)
class Each:
    """What is asked of the records of one period, for runs: marks of the record, aggregates of these, and truths."""

    marks: dict[exp.Expr, str] = field(default_factory=dict)
    aggregates: dict[exp.Expr, str] = field(default_factory=dict)
    truths: dict[exp.Expr, str] = field(default_factory=dict)


class Context:
    """The subjects of one role, the aggregates asked for them so far, and their sentences' truths.

    Tables are named after the role: `<role>_subject`, `<role>_coverage`, `<role>_<record>`, `<role>_periods_<record>`,
    `<role>_silence`, `<role>_truth_<record>`, `<role>_truth`. `truths` holds the sentences' columns by record kind.
    `marks` are what a sentence asks of each single record (does it count, what does it say); `aggregates` count them.
    Runs of periods have `<role>_each_<record>` (the truths of `each` by subject and period) and `<role>_<run>`.
    """

    def __init__(self, role: str, vocabulary: Vocabulary, as_of: date) -> None:
        self.role = role
        self.marks: dict[str, dict[exp.Expr, str]] = {}
        self.aggregates: dict[str, dict[exp.Expr, str]] = {}
        self.periods: dict[str, dict[Span, str]] = {}
        self.each: dict[str, Each] = {}
        self.runs: dict[str, dict[Run, str]] = {}
        self.sources: dict[str, str] = {}
        self.silences: dict[exp.Expr, str] = {}
        self.atoms: dict[s.Sentence, str] = {}
        self.truths: dict[str, dict[str, exp.Expr]] = {}
        self._vocabulary = vocabulary
        self._as_of = as_of

    def truth(self, sentence: s.ItemSentence) -> str:
        """The column of `<role>_truth` that holds the sentence, judged on this context's subjects."""
        if sentence not in self.atoms:
            name = self.atoms[sentence] = f"a{len(self.atoms) + 1}"
            record = self._vocabulary.items[sentence.item].record
            self.truths.setdefault(record, {})[name] = self._of(sentence)
        return self.atoms[sentence]

    def _of(self, sentence: s.ItemSentence) -> exp.Expr:
        match sentence:
            case s.Compare(key, bounds):
                return self._compare(key, bounds)
            case s.IsOneOf(key, values):
                return self._state(key, q.is_in(self._cell(key), values))
            case s.Has(key, positive):
                return self._has(key) if positive else q.negation(self._has(key))
            case s.Events(key, window, count):
                return self._events(key, span_of(window, self._as_of), count)
            case s.Total(key, window, bound):
                return self._total(key, span_of(window, self._as_of), bound)
            case s.Growth():
                return self._growth(sentence)
            case s.Latest(key, bound, window, _, first):
                return self._latest(key, window, q.within(self._cell(key), (bound,), ()), first)
            case s.LatestIs(key, values, window, _, first):
                return self._latest(key, window, q.is_in(self._cell(key), values), first)
            case s.Streak():
                return self._streak(sentence)
            case s.Unrecorded(key, age):
                return self._unrecorded(key, age)
            case s.Overdue(key, days):
                return self._overdue(key, days)
            case s.Done(key):
                return self._done(key)

    # ── aggregates and look-ups ──

    def _mark(self, record: str, of_record: exp.Expr) -> exp.Expr:
        """A column of the single record, computed once although several aggregates use it."""
        if of_record in (q.TRUE, q.FALSE):
            return of_record
        marks = self.marks.setdefault(record, {})
        return q.column(marks.setdefault(of_record, f"k{len(marks) + 1}"))

    def _aggregate(self, record: str, aggregate: exp.Expr, *, count: bool = False) -> exp.Expr:
        aggregates = self.aggregates.setdefault(record, {})
        found = q.column(aggregates.setdefault(aggregate, f"m{len(aggregates) + 1}"), f"{self.role}_{record}")
        # A subject without records has no row in the grouping: it has none of them, and that is known.
        return exp.Coalesce(this=found, expressions=[q.number(0)]) if count else found

    def _count(self, record: str, condition: exp.Expr) -> exp.Expr:
        return self._aggregate(record, q.count_where(self._mark(record, condition)), count=True)

    def _count_unknown(self, record: str, condition: exp.Expr) -> exp.Expr:
        if condition == q.TRUE:
            return q.number(0)
        return self._aggregate(record, q.count_where(q.is_null(self._mark(record, condition))), count=True)

    def _covered_from(self, kind: RecordKind) -> exp.Expr:
        name = self.sources.setdefault(kind.source, f"from_{kind.source}")
        return q.column(name, f"{self.role}_coverage")

    def _covered(self, kind: RecordKind) -> exp.Expr:
        return self._silence(q.is_known(self._covered_from(kind)))

    def _silence(self, means_none: exp.Expr) -> exp.Expr:
        """A column of `<role>_silence`: TRUE where the absence of records means "none", else FALSE, never NULL."""
        return q.column(self.silences.setdefault(means_none, f"q{len(self.silences) + 1}"), f"{self.role}_silence")

    def _cell(self, key: str) -> exp.Expr:
        name = self._vocabulary.items[key].column
        assert name is not None
        return q.column(name)

    def _item(self, key: str) -> tuple[Item, RecordKind]:
        return self._vocabulary.items[key], self._vocabulary.record_of(key)

    def _silence_means_none(self, key: str, span: Span, *, periods: bool = True) -> exp.Expr:
        """TRUE if the absence of records in the span means "none"; never NULL."""
        item, kind = self._item(key)
        parts = [q.is_known(self._covered_from(kind))]
        if span.first_day is not None:
            late_enough = exp.LTE(this=self._covered_from(kind), expression=q.day(span.first_day))
            parts = [exp.Coalesce(this=late_enough, expressions=[q.FALSE.copy()])]
        if kind.period and periods:
            name = self._periods(item.record, span)
            due = q.column(name, f"due_{self.role}_{item.record}")
            held = exp.Coalesce(this=q.column(name, f"{self.role}_periods_{item.record}"), expressions=[q.number(0)])
            parts += [exp.GT(this=due, expression=q.number(0)), exp.EQ(this=held, expression=due.copy())]
        return self._silence(q.all_true(parts))

    def _periods(self, record: str, span: Span) -> str:
        """The column that counts the periods delivered in a span."""
        spans = self.periods.setdefault(record, {})
        return spans.setdefault(span, f"p{len(spans) + 1}")

    # ── states ──

    def _compare(self, key: str, bounds: tuple[s.Bound, ...]) -> exp.Expr:
        item = self._vocabulary.items[key]
        subject = f"{self.role}_subject"
        if item.kind == "年齢":
            return q.within(q.column("age_years", subject), bounds, ())
        if item.kind == "学年":
            grade = q.column("school_grade", subject)
            steps = [
                index
                for index, step in enumerate(item.values, start=1)
                if q.within(q.text(step), bounds, item.values).find(exp.In) is not None
                and step in {e.this for e in q.within(q.text(step), bounds, item.values).expressions}
            ]
            return exp.In(this=grade, expressions=[q.number(step) for step in steps])
        return self._state(key, q.within(self._cell(key), bounds, item.values))

    def _holds(self, key: str) -> exp.Expr:
        """Whether a record holds on the day and passes the item's filters."""
        item, kind = self._item(key)
        parts = [q.passes(item)]
        if kind.valid is not None:
            parts.append(exp.LTE(this=q.column(kind.valid.start), expression=q.day(self._as_of)))
            if kind.valid.end is not None:
                end = q.column(kind.valid.end)
                endless = q.all_true((q.is_null(end), q.negation(q.says_unknown(kind.valid.end))))
                parts.append(q.any_true((endless, exp.GTE(this=end, expression=q.day(self._as_of)))))
        return q.all_true(parts)

    def _has(self, key: str) -> exp.Expr:
        item, kind = self._item(key)
        holds = self._holds(key)
        otherwise = q.case((self._covered(kind), q.FALSE.copy()), default=q.NULL.copy())
        unknown = self._count_unknown(item.record, holds)
        return q.from_counts(1, self._count(item.record, holds), unknown, otherwise)

    def _state(self, key: str, test: exp.Expr) -> exp.Expr:
        _, kind = self._item(key)
        start = kind.valid.start if kind.valid else None
        return self._newest(key, self._holds(key), start, test, self._covered(kind))

    def _newest(
        self,
        key: str,
        counts: exp.Expr,
        date_column: str | None,
        test: exp.Expr,
        silence_means_none: exp.Expr,
        *,
        first: bool = False,
        open_where: exp.Expr | None = None,
    ) -> exp.Expr:
        """The newest (or first) record that counts decides, unless one that may count, and may be newer (earlier), says
        otherwise, or `open_where` holds.

        Truths are encoded as 1, 0, -1, because max_by skips NULL values. The first is the newest in reverse order.
        """
        record = self._vocabulary.items[key].record
        order = q.order_of(date_column)
        order = self._mark(record, exp.Neg(this=exp.paren(order)) if first else order)
        said = self._mark(
            record, q.case((test, q.number(1)), (q.negation(test.copy()), q.number(0)), default=q.number(-1))
        )
        counting = self._mark(record, counts)
        newest = self._aggregate(record, q.filtered(exp.Max(this=order), counting))
        decided = self._aggregate(
            record, q.filtered(exp.Anonymous(this="max_by", expressions=[said, order.copy()]), counting.copy())
        )

        def doubted(other_than: int) -> exp.Expr:
            """The newest record that may count and would say something else."""
            doubtful = q.all_true((q.is_null(counting), exp.NEQ(this=said.copy(), expression=q.number(other_than))))
            when = exp.Coalesce(this=order.copy(), expressions=[q.number(q.FAR_FUTURE)])
            return self._aggregate(record, q.filtered(exp.Max(this=when), doubtful))

        met, not_met = q.equal(decided, q.number(1)), q.equal(decided.copy(), q.number(0))
        opened = [(q.all_true((q.is_known(decided), open_where)), q.NULL.copy())] if open_where is not None else []
        if counts == q.TRUE:
            branches = [*opened, (met, q.TRUE.copy()), (not_met, q.FALSE.copy()), (q.is_known(decided), q.NULL.copy())]
            return q.case(*branches, (silence_means_none, q.FALSE.copy()), default=q.NULL.copy())
        not_true, not_false = doubted(1), doubted(0)
        return q.case(
            *opened,
            (q.all_true((met, exp.GT(this=not_true, expression=newest))), q.NULL.copy()),
            (met.copy(), q.TRUE.copy()),
            (q.all_true((not_met, exp.GT(this=not_false, expression=newest.copy()))), q.NULL.copy()),
            (not_met.copy(), q.FALSE.copy()),
            (q.any_true((q.is_known(decided), q.is_known(not_false))), q.NULL.copy()),
            (silence_means_none, q.FALSE.copy()),
            default=q.NULL.copy(),
        )

    # ── events and amounts ──

    def _in_window(self, key: str, span: Span) -> exp.Expr:
        """Whether a record counts in the window; NULL if it may."""
        item, _ = self._item(key)
        name = self._vocabulary.date_column(key)
        assert name is not None
        lies = q.inside(span, q.column(name))
        if blank_date_means_none(self._vocabulary, key):
            lies = q.all_true((_written(name), lies))
        return q.all_true((q.passes(item), lies))

    def _events(self, key: str, span: Span, count: s.Count) -> exp.Expr:
        item, _ = self._item(key)
        counts = self._in_window(key, span)
        needed = count.n if count.operator == "以上" else count.n + 1
        otherwise = q.case((self._silence_means_none(key, span), q.FALSE.copy()), default=q.NULL.copy())
        unknown = self._count_unknown(item.record, counts)
        enough = q.from_counts(needed, self._count(item.record, counts), unknown, otherwise)
        return enough if count.operator == "以上" else q.negation(enough)

    def _sum(self, key: str, span: Span) -> tuple[exp.Expr, exp.Expr]:
        """The sum of what is known, and whether that is the whole sum (never NULL)."""
        item, _ = self._item(key)
        counts = self._in_window(key, span)
        cell = self._cell(key)
        counting = self._mark(item.record, counts)
        total = self._aggregate(item.record, q.filtered(exp.Sum(this=cell), counting), count=True)
        lacking = q.any_true((q.is_null(counting), q.all_true((counting.copy(), q.is_null(cell)))))
        blank_or_doubtful = self._aggregate(item.record, q.count_where(lacking), count=True)
        whole = q.all_true(
            (self._silence_means_none(key, span), exp.EQ(this=blank_or_doubtful, expression=q.number(0)))
        )
        return total, whole

    def _total(self, key: str, span: Span, bound: s.Bound) -> exp.Expr:
        total, whole = self._sum(key, span)
        limit = int(bound.value) + (bound.operator in ("を超える", "以下"))
        enough = q.case(
            (exp.GTE(this=total, expression=q.number(limit)), q.TRUE.copy()),
            (whole, q.FALSE.copy()),
            default=q.NULL.copy(),
        )
        return enough if bound.operator in ("以上", "を超える") else q.negation(enough)

    def _growth(self, growth: s.Growth) -> exp.Expr:
        now, whole_now = self._sum(growth.item, span_of(growth.window, self._as_of))
        before, whole_before = self._sum(growth.item, earlier_span(growth, self._as_of))
        grown = q.all_true(
            (
                exp.GTE(this=now, expression=q.number(1)),
                exp.GTE(this=now.copy(), expression=exp.Mul(this=q.number(growth.times), expression=before)),
            )
        )
        # Amounts are not negative: what is lacking can only add.
        return q.case(
            (q.all_true((whole_before, grown)), q.TRUE.copy()),
            (q.all_true((whole_now, q.negation(exp.paren(grown.copy())))), q.FALSE.copy()),
            default=q.NULL.copy(),
        )

    def _latest(self, key: str, window: s.Window | None, test: exp.Expr, first: bool) -> exp.Expr:
        span = span_of(window, self._as_of)
        silence = self._silence_means_none(key, span, periods=False)
        # What came before the source began to cover may hold an earlier record.
        open_where = q.negation(silence.copy()) if first and window is not None else None
        date_column = self._vocabulary.date_column(key)
        counts = self._in_window(key, span)
        return self._newest(key, counts, date_column, test, silence, first=first, open_where=open_where)

    # ── periods in a row ──

    def _streak(self, streak: s.Streak) -> exp.Expr:
        """A run that is certain meets it; one that is possible, with periods of which nobody knows, leaves it open."""
        item, kind = self._item(streak.item)
        span = span_of(streak.window, self._as_of)
        due = q.column(self._periods(item.record, span), f"due_{self.role}_{item.record}")
        each = self.each.setdefault(item.record, Each())
        such = each.truths.setdefault(self._period_is_such(streak, each), f"t{len(each.truths) + 1}")
        runs = self.runs.setdefault(item.record, {})
        number = sum(len(of_record) for of_record in self.runs.values()) + 1
        run = runs.setdefault(Run(such, span, streak.length, streak.ongoing), f"run_{number}")
        certain, open_, broken = (
            exp.Coalesce(this=q.column(name, f"{self.role}_{run}"), expressions=[q.number(0)])
            for name in ("certain", "open", "broken")
        )
        too_few = q.all_true(
            (
                exp.GT(this=due, expression=q.number(0)),
                exp.LT(this=due.copy(), expression=q.number(streak.length)),
            )
        )
        return q.case(
            (exp.GT(this=certain, expression=q.number(0)), q.TRUE.copy()),
            (q.negation(self._covered(kind)), q.NULL.copy()),
            (self._silence(too_few), q.FALSE.copy()),
            (exp.EQ(this=broken, expression=q.number(0)), q.NULL.copy()),
            (exp.GT(this=open_, expression=q.number(0)), q.NULL.copy()),
            default=q.FALSE.copy(),
        )

    def _period_is_such(self, streak: s.Streak, each: Each) -> exp.Expr:
        """Whether the records of one period hold an event, or amounts whose sum lies within the bound."""

        def mark(of_record: exp.Expr) -> exp.Expr:
            return q.column(each.marks.setdefault(of_record, f"k{len(each.marks) + 1}"))

        def aggregate(of_period: exp.Expr) -> exp.Expr:
            return q.column(each.aggregates.setdefault(of_period, f"m{len(each.aggregates) + 1}"))

        item, _ = self._item(streak.item)
        passes = q.passes(item)
        if streak.bound is None:
            if item.date is not None:
                come = exp.LTE(this=q.column(item.date), expression=q.day(self._as_of))
                passes = q.all_true((passes, _written(item.date), come))
            happened = mark(passes)
            unknown = aggregate(q.count_where(q.is_null(happened)))
            return q.from_counts(1, aggregate(q.count_where(happened)), unknown, q.FALSE.copy())
        passing, cell = mark(passes), mark(self._cell(streak.item))
        sum_of_known = exp.Coalesce(
            this=aggregate(q.filtered(exp.Sum(this=cell), passing)), expressions=[q.number(0)]
        )
        lacking = aggregate(
            q.count_where(q.any_true((q.is_null(passing), q.all_true((passing.copy(), q.is_null(cell))))))
        )
        limit = int(streak.bound.value) + (streak.bound.operator in ("を超える", "以下"))
        enough = q.case(
            (exp.GTE(this=sum_of_known, expression=q.number(limit)), q.TRUE.copy()),
            (exp.EQ(this=lacking, expression=q.number(0)), q.FALSE.copy()),
            default=q.NULL.copy(),
        )
        return enough if streak.bound.operator in ("以上", "を超える") else q.negation(enough)

    # ── what is due by age ──

    def _unrecorded(self, key: str, age: s.AgeLimit) -> exp.Expr:
        """Past the age without a record since birth; where the source does not cover the time from birth, unknown."""
        item, kind = self._item(key)
        counts = self._in_window(key, Span(None, self._as_of))
        found, doubtful = self._count(item.record, counts), self._count_unknown(item.record, counts)
        born_on = q.column("born_on", f"{self.role}_subject")
        since_birth = exp.LTE(this=self._covered_from(kind), expression=born_on.copy())
        return q.case(
            (q.is_null(born_on), q.NULL.copy()),
            (exp.GT(this=born_on, expression=q.day(last_birth_past(age, self._as_of))), q.FALSE.copy()),
            (exp.GT(this=found, expression=q.number(0)), q.FALSE.copy()),
            (exp.GT(this=doubtful, expression=q.number(0)), q.NULL.copy()),
            (self._silence(exp.Coalesce(this=since_birth, expressions=[q.FALSE.copy()])), q.TRUE.copy()),
            default=q.NULL.copy(),
        )

    # ── records that are due ──

    def _due_counts(self, key: str) -> tuple[exp.Expr, exp.Expr]:
        """Whether there is a due row at all, and whether one is done."""
        item, _ = self._item(key)
        assert item.due is not None
        assert item.done is not None
        passes = q.passes(item)
        done = q.all_true(
            (
                _written(item.done),
                exp.LTE(this=q.column(item.done), expression=q.day(self._as_of)),
            )
        )
        row = q.all_true((passes, q.any_true((q.is_known(q.column(item.due)), done))))
        there = exp.GT(this=self._count(item.record, row), expression=q.number(0))
        is_done = q.all_true((passes.copy(), done.copy()))
        met, unknown = self._count(item.record, is_done), self._count_unknown(item.record, is_done)
        return there, q.from_counts(1, met, unknown, q.FALSE.copy())

    def _done(self, key: str) -> exp.Expr:
        there, done = self._due_counts(key)
        return q.case((there, done), default=q.NULL.copy())

    def _overdue(self, key: str, days: int) -> exp.Expr:
        item, _ = self._item(key)
        assert item.due is not None
        there, done = self._due_counts(key)
        past = exp.LTE(this=q.column(item.due), expression=q.day(self._as_of - timedelta(days=days)))
        is_late = q.all_true((q.passes(item), past))
        met, unknown = self._count(item.record, is_late), self._count_unknown(item.record, is_late)
        late = q.from_counts(1, met, unknown, q.FALSE.copy())
        return q.case((there, q.all_true((exp.paren(late), q.negation(exp.paren(done))))), default=q.NULL.copy())


def _written(name: str) -> exp.Expr:
    """Whether a day is given, if only as unknown; never NULL. What is said of an unknown day is NULL."""
    return q.any_true((q.is_known(q.column(name)), q.says_unknown(name)))
