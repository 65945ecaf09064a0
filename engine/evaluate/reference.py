"""The meaning of the language: a plain interpreter over one child and its household.

Slow and obvious on purpose. The SQL must agree with it on every condition; where they differ, this file is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from engine.evaluate.plan import Plan, PlannedScenario, scenario_truth, stands
from engine.evaluate.verdict import (
    Evidence,
    Gap,
    GapReason,
    Silence,
    Subject,
    Verdict,
    child_of,
    combine,
    household_subject,
    subject_of,
)
from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.records.household import Household, Row, Value
from engine.records.vocabulary import Item, RecordKind, Vocabulary
from engine.rulebook import syntax as s
from engine.rulebook.windows import Span, age_reached_on, earlier_span, span_of


def judge(plan: Plan, household: Household) -> tuple[Verdict, ...]:
    """Every condition of the plan for one child, in the plan's order."""
    judged = judge_sentences(plan.conditions, plan.by_id, household, plan.vocabulary)
    return tuple(judged[sentence] for sentence in plan.conditions)


def judge_sentences(
    sentences: Iterable[s.Sentence],
    scenarios: Mapping[str, PlannedScenario],
    household: Household,
    vocabulary: Vocabulary,
) -> dict[s.Sentence, Verdict]:
    """The sentences for one child, and all those of the scenarios (by 番号) to which they refer."""
    judged: dict[s.Sentence, Verdict] = {}

    def judge_one(sentence: s.Sentence) -> None:
        if sentence in judged:
            return
        if not isinstance(sentence, s.Refers):
            judged[sentence] = judge_sentence(sentence, household, vocabulary)
            return
        planned = scenarios[sentence.scenario_id]
        asked = dict.fromkeys(
            each
            for part in (planned.requirement, *planned.scenario.cancels)
            for each in s.sentences_of(part)
        )
        for each in asked:
            judge_one(each)
        truth = stands(*scenario_truth(planned, lambda each: judged[each].truth))
        verdict = combine(truth, [judged[each] for each in asked])
        judged[sentence] = verdict if sentence.positive else ~verdict

    for sentence in sentences:
        judge_one(sentence)
    return judged


def judge_sentence(sentence: s.ItemSentence | s.Members, household: Household, vocabulary: Vocabulary) -> Verdict:
    """One sentence for one child, as of the household's day.

    A sentence without a relative is judged on the child, or on the household if its item is a household record. With
    a relative it is met if some member with that relation, for whom the modifiers hold, meets it.
    """
    interpreter = _Interpreter(household, vocabulary)
    if isinstance(sentence, s.Members):
        return interpreter.members(sentence)
    owner = s.owner_of(sentence)
    if owner is not None:
        return interpreter.some_member(owner, sentence)
    if vocabulary.record_of(sentence.item).subject == "世帯":
        return interpreter.of(sentence, household_subject(household))
    return interpreter.of(sentence, child_of(household))


class _Interpreter:
    def __init__(self, household: Household, vocabulary: Vocabulary) -> None:
        self._household = household
        self._as_of = household.as_of
        self._vocabulary = vocabulary

    # ── whom a sentence speaks of ──

    def members(self, sentence: s.Members) -> Verdict:
        """いる counts the members with the relation: those for whom the modifiers hold, and those who may be such."""
        verdicts = [self._is_such(subject, sentence.who) for subject in self._with_relation(sentence.who)]
        silence = (Silence("世帯", self._vocabulary.records["resident"].source, "age"),)
        return _counted(sentence.count, verdicts, silence)

    def some_member(self, owner: s.Owner, sentence: s.ItemSentence) -> Verdict:
        """Whether the sentence holds for some member with the relation and the modifiers; without one it does not."""
        verdicts = []
        for subject in self._with_relation(owner):
            such = [self.of(modifier, subject) for modifier in owner.modifiers]
            verdicts.append(_all([*such, self.of(sentence, subject)]))
        return combine(kleene.any_of(v.truth for v in verdicts), verdicts)

    def _with_relation(self, owner: s.Owner) -> list[Subject]:
        return [subject_of(owner.relation, m) for m in self._household.members if owner.relation in m.relations]

    def _is_such(self, subject: Subject, owner: s.Owner) -> Verdict:
        verdict = _all([self.of(modifier, subject) for modifier in owner.modifiers])
        present = self._registered("age", subject)
        return Verdict(verdict.truth, (present, *verdict.evidence), verdict.silences, verdict.gaps)

    def of(self, sentence: s.ItemSentence, subject: Subject) -> Verdict:
        """A sentence judged on one subject; its relative, if any, has been resolved already."""
        match sentence:
            case s.Compare(item, bounds):
                return self._compare(item, bounds, subject)
            case s.IsOneOf(item, values):
                return self._state(item, subject, lambda row: _is_one_of(self._cell(item, row), values))
            case s.Has(item, positive):
                verdict = self._state(item, subject, lambda row: Truth.MET)
                return verdict if positive else ~verdict
            case s.Events(item, window, count):
                return self._events(item, window, count, subject)
            case s.Total(item, window, bound):
                return self._total(item, window, bound, subject)
            case s.Growth():
                return self._growth(sentence, subject)
            case s.Latest(item, bound, window, _, first):
                test = lambda row: _within(self._cell(item, row), (bound,), ())  # noqa: E731
                return self._latest(item, window, subject, test, first)
            case s.LatestIs(item, values, window, _, first):
                return self._latest(item, window, subject, lambda row: _is_one_of(self._cell(item, row), values), first)
            case s.Streak():
                return self._streak(sentence, subject)
            case s.Unrecorded(item, age):
                return self._unrecorded(item, age, subject)
            case s.Overdue(item, days):
                return self._overdue(item, days, subject)
            case s.Done(item):
                return self._done(item, subject)

    # ── states: what holds on the day ──

    def _compare(self, key: str, bounds: tuple[s.Bound, ...], subject: Subject) -> Verdict:
        item = self._vocabulary.items[key]
        if item.kind not in ("年齢", "学年"):
            return self._state(key, subject, lambda row: _within(self._cell(key, row), bounds, item.values))
        assert subject.person is not None
        age, grade = subject.person.age_years, subject.person.school_grade
        number = age if item.kind == "年齢" else grade
        if number is None:
            return Verdict(Truth.UNKNOWN, gaps=(self._gap(key, subject, "no_birth_date"),))
        value: Value = number
        if item.kind == "学年":
            # Before school and after 高3 there is no step of the scale, so that no comparison holds.
            value = item.values[number - 1] if 1 <= number <= len(item.values) else ""
        return Verdict(_within(value, bounds, item.values), (self._registered(key, subject),))

    def _registered(self, key: str, subject: Subject) -> Evidence:
        """The person's entry in the resident register, as seen through 年齢 or 学年."""
        entries = subject.rows.get(self._vocabulary.items[key].record, ())
        row = max(entries, key=lambda entry: entry.order, default=None)
        person = subject.person
        return Evidence(
            subject.who, key, row, person.age_years if person else None, person.school_grade if person else None
        )

    def _state(self, key: str, subject: Subject, test: Callable[[Row], Truth]) -> Verdict:
        """The newest record that holds on the day decides; none: "no" if the source covers the subject."""
        item, kind = self._item(key)
        valid = kind.valid
        start = valid.start if valid else None
        definite: list[Row] = []
        doubtful: list[Row] = []
        for row in subject.rows.get(item.record, ()):
            holds = kleene.all_of((self._passes(row, item), _holds_on(row, kind, self._as_of)))
            if holds is not Truth.NOT_MET:
                (definite if holds is Truth.MET else doubtful).append(row)
        silence_known = kind.source in subject.covered_from
        gaps = () if silence_known else (self._gap(key, subject, "not_covered"),)
        return self._newest(key, subject, definite, doubtful, start, test, gaps)

    def _newest(
        self,
        key: str,
        subject: Subject,
        definite: list[Row],
        doubtful: list[Row],
        date_column: str | None,
        test: Callable[[Row], Truth],
        gaps_of_silence: tuple[Gap, ...],
        first: bool = False,
    ) -> Verdict:
        """The newest (or first) definite row decides, unless a doubtful row that may be newer (earlier) says otherwise."""

        def when(row: Row) -> tuple[date, int, int] | None:
            day = _day(row, date_column) if date_column else date.min
            return (day, *row.order) if day else None

        choose = min if first else max
        newest = choose(definite, key=lambda row: when(row) or (date.min, *row.order), default=None)
        rivals = doubtful
        if newest is not None:
            verdict = Verdict(test(newest), (Evidence(subject.who, key, newest),))
            if verdict.truth is Truth.UNKNOWN:
                verdict = Verdict(Truth.UNKNOWN, verdict.evidence, (), self._lack(key, subject, [newest], "blank"))
            mine = when(newest)
            assert mine is not None
            rivals = [
                row for row in doubtful if (at := when(row)) is None or (at < mine if first else at > mine)
            ]
        elif gaps_of_silence:
            return Verdict(Truth.UNKNOWN, gaps=gaps_of_silence)
        else:
            verdict = Verdict(Truth.NOT_MET, silences=(self._silence(key, subject),))
        if any(test(row) is not verdict.truth for row in rivals):
            evidence = tuple(Evidence(subject.who, key, row) for row in rivals)
            return Verdict(Truth.UNKNOWN, evidence, (), self._lack(key, subject, rivals, "doubtful"))
        return verdict

    # ── events and amounts: what happened in a window ──

    def _in_window(self, key: str, subject: Subject, span: Span) -> tuple[list[Row], list[Row]]:
        """Rows that lie in the window for certain, in order of date, and rows that may."""
        item, _ = self._item(key)
        column = self._vocabulary.date_column(key)
        assert column is not None
        definite: list[Row] = []
        doubtful: list[Row] = []
        for row in subject.rows.get(item.record, ()):
            day = _day(row, column)
            if day is None:
                none = blank_date_means_none(self._vocabulary, key) and column not in row.unknown
                inside = Truth.NOT_MET if none else Truth.UNKNOWN
            else:
                inside = Truth.MET if span.contains(day) else Truth.NOT_MET
            if inside is Truth.NOT_MET:
                continue
            counts = self._passes(row, item) & inside
            if counts is not Truth.NOT_MET:
                (definite if counts is Truth.MET else doubtful).append(row)
        definite.sort(key=lambda row: (_day(row, column) or date.min, *row.order))
        return definite, doubtful

    def _silence_gaps(self, key: str, subject: Subject, span: Span, *, periods: bool = True) -> tuple[Gap, ...]:
        """What keeps the absence of records in the window from meaning "none"; empty if it does mean that."""
        item, kind = self._item(key)
        covered = subject.covered_from.get(kind.source)
        if covered is None:
            return (self._gap(key, subject, "not_covered"),)
        gaps: list[Gap] = []
        if span.first_day is not None and covered > span.first_day:
            gaps.append(Gap(subject.who, kind.source, key, "covered_later", covered_from=covered))
        if kind.period and periods:
            assert kind.date is not None
            due = [end for end in self._household.periods.get(item.record, ()) if span.contains(end)]
            held = {_day(row, kind.date) for row in subject.rows.get(item.record, ())}
            missing = tuple(sorted(end for end in due if end not in held))
            if missing or not due:
                gaps.append(Gap(subject.who, kind.source, key, "periods", missing))
        return tuple(gaps)

    def _events(self, key: str, window: s.Window, count: s.Count, subject: Subject) -> Verdict:
        span = span_of(window, self._as_of)
        definite, doubtful = self._in_window(key, subject, span)
        needed = count.n if count.operator == "以上" else count.n + 1
        evidence = tuple(Evidence(subject.who, key, row) for row in definite)
        gaps = self._silence_gaps(key, subject, span)
        if len(definite) >= needed:
            verdict = Verdict(Truth.MET, evidence)
        elif len(definite) + len(doubtful) >= needed:
            verdict = Verdict(Truth.UNKNOWN, evidence, (), (*self._lack(key, subject, doubtful, "doubtful"), *gaps))
        elif gaps:
            verdict = Verdict(Truth.UNKNOWN, evidence, (), gaps)
        else:
            verdict = Verdict(Truth.NOT_MET, evidence, (self._silence(key, subject),))
        return verdict if count.operator == "以上" else ~verdict

    def _sum(self, key: str, subject: Subject, span: Span) -> tuple[int, list[Row], tuple[Gap, ...]]:
        """The sum of what is known, its rows, and what keeps it from being the whole sum."""
        definite, doubtful = self._in_window(key, subject, span)
        amounts = [self._cell(key, row) for row in definite]
        gaps = list(self._silence_gaps(key, subject, span))
        lacking = [row for row in definite if self._cell(key, row) is None]
        gaps += [*self._lack(key, subject, lacking, "blank"), *self._lack(key, subject, doubtful, "doubtful")]
        return sum(a for a in amounts if isinstance(a, int)), definite, tuple(gaps)

    def _total(self, key: str, window: s.Window, bound: s.Bound, subject: Subject) -> Verdict:
        known, rows, gaps = self._sum(key, subject, span_of(window, self._as_of))
        at_least = s.Bound(*_as_at_least(bound))
        assert isinstance(at_least.value, int)
        evidence = tuple(Evidence(subject.who, key, row) for row in rows)
        if known >= at_least.value:  # amounts are not negative, so that the rest can only add
            verdict = Verdict(Truth.MET, evidence)
        elif gaps:
            verdict = Verdict(Truth.UNKNOWN, evidence, (), gaps)
        else:
            verdict = Verdict(Truth.NOT_MET, evidence, (self._silence(key, subject),))
        return verdict if bound.operator in ("以上", "を超える") else ~verdict

    def _growth(self, growth: s.Growth, subject: Subject) -> Verdict:
        key, times = growth.item, growth.times
        now, rows_now, gaps_now = self._sum(key, subject, span_of(growth.window, self._as_of))
        before, rows_before, gaps_before = self._sum(key, subject, earlier_span(growth, self._as_of))
        evidence = tuple(Evidence(subject.who, key, row) for row in (*rows_now, *rows_before))
        if gaps_now or gaps_before:
            return Verdict(Truth.UNKNOWN, evidence, (), tuple(dict.fromkeys((*gaps_now, *gaps_before))))
        return Verdict(kleene.of(now >= 1 and now >= times * before), evidence, (self._silence(key, subject),))

    def _latest(
        self, key: str, window: s.Window | None, subject: Subject, test: Callable[[Row], Truth], first: bool
    ) -> Verdict:
        span = span_of(window, self._as_of)
        definite, doubtful = self._in_window(key, subject, span)
        gaps = self._silence_gaps(key, subject, span, periods=False)
        verdict = self._newest(key, subject, definite, doubtful, self._vocabulary.date_column(key), test, gaps, first)
        if first and window is not None and gaps and definite:
            # What came before the source began to cover may hold an earlier record.
            return Verdict(Truth.UNKNOWN, verdict.evidence, (), gaps)
        return verdict

    # ── periods in a row ──

    def _streak(self, streak: s.Streak, subject: Subject) -> Verdict:
        """The longest run of delivered periods in the window that are such for certain, and that may be such."""
        key = streak.item
        item, kind = self._item(key)
        assert kind.date is not None
        span = span_of(streak.window, self._as_of)
        due = sorted(end for end in self._household.periods.get(item.record, ()) if span.contains(end))
        rows: dict[date, list[Row]] = {end: [] for end in due}
        for row in subject.rows.get(item.record, ()):
            day = _day(row, kind.date)
            if day in rows:
                rows[day].append(row)
        judged = [self._period_is_such(streak, its) if (its := rows[end]) else Truth.UNKNOWN for end in due]
        certain = _longest_run([truth is Truth.MET for truth in judged])
        possible = _longest_run([truth is not Truth.NOT_MET for truth in judged])
        such = [row for end, truth in zip(due, judged, strict=True) if truth is Truth.MET for row in rows[end]]
        evidence = tuple(Evidence(subject.who, key, row) for row in such)
        if len(certain) >= streak.length:
            run = set(due[certain.start : certain.stop])
            return Verdict(Truth.MET, tuple(e for e in evidence if e.row and e.row.values[kind.date] in run))
        gaps = self._silence_gaps(key, subject, span)
        if not due or kind.source not in subject.covered_from or len(possible) >= streak.length:
            open_rows = [r for end, t in zip(due, judged, strict=True) if t is Truth.UNKNOWN for r in rows[end]]
            lacks = self._lack(key, subject, open_rows, "blank") if open_rows else ()
            return Verdict(Truth.UNKNOWN, evidence, (), tuple(dict.fromkeys((*lacks, *gaps))))
        return Verdict(Truth.NOT_MET, evidence, (self._silence(key, subject),))

    def _period_is_such(self, streak: s.Streak, rows: list[Row]) -> Truth:
        """Whether the rows of one period hold an event, or amounts whose sum lies within the bound."""
        item, _ = self._item(streak.item)
        passing = [(row, self._passes(row, item)) for row in rows]
        if streak.bound is None:
            return kleene.any_of(passes & self._has_happened(streak.item, row) for row, passes in passing)
        amounts = [self._cell(streak.item, row) for row, passes in passing if passes is Truth.MET]
        known = sum(amount for amount in amounts if isinstance(amount, int))
        whole = None not in amounts and all(passes is not Truth.UNKNOWN for _, passes in passing)
        _, limit = _as_at_least(streak.bound)
        enough = Truth.MET if known >= limit else kleene.of(False) if whole else Truth.UNKNOWN
        return enough if streak.bound.operator in ("以上", "を超える") else ~enough

    def _has_happened(self, key: str, row: Row) -> Truth:
        """Whether the day by which an item dates its events has come; a row that is itself the event has."""
        column = self._vocabulary.items[key].date
        if column is None:
            return Truth.MET
        day = _day(row, column)
        if day is None:
            return Truth.UNKNOWN if column in row.unknown else Truth.NOT_MET
        return kleene.of(day <= self._as_of)

    # ── what is due by age ──

    def _unrecorded(self, key: str, age: s.AgeLimit, subject: Subject) -> Verdict:
        """Past the age without a record since birth; where the source does not cover the time from birth, unknown."""
        born_on = subject.person.born_on if subject.person else None
        if born_on is None:
            return Verdict(Truth.UNKNOWN, gaps=(self._gap("age", subject, "no_birth_date"),))
        registered = self._registered("age", subject)
        if self._as_of <= age_reached_on(born_on, age):
            return Verdict(Truth.NOT_MET, (registered,))
        definite, doubtful = self._in_window(key, subject, Span(None, self._as_of))
        if definite:
            return Verdict(Truth.NOT_MET, tuple(Evidence(subject.who, key, row) for row in definite))
        covered = subject.covered_from.get(self._vocabulary.record_of(key).source)
        if covered is None:
            return Verdict(Truth.UNKNOWN, gaps=(self._gap(key, subject, "not_covered"),))
        gaps: tuple[Gap, ...] = self._lack(key, subject, doubtful, "doubtful") if doubtful else ()
        if covered > born_on:
            source = self._vocabulary.record_of(key).source
            gaps = (*gaps, Gap(subject.who, source, key, "covered_later", covered_from=covered))
        if gaps:
            return Verdict(Truth.UNKNOWN, (), (), gaps)
        return Verdict(Truth.MET, (registered,), (self._silence(key, subject),))

    # ── records that are due ──

    def _overdue(self, key: str, days: int, subject: Subject) -> Verdict:
        """A row past its day, and none done: a check that was done late, or under another row, is not overdue."""
        due_rows = self._due_rows(key, subject)
        known = [row for row, passes, late, _ in self._judged(due_rows, key, days) if passes is Truth.MET and late]
        if not self._has_due_row(key, subject):
            return Verdict(Truth.UNKNOWN, gaps=self._no_due_row(key, subject))
        late = kleene.any_of(_late(passes, is_late) for _, passes, is_late, _ in self._judged(due_rows, key, days))
        done = self._any_done(key, subject)
        truth = late & ~done
        evidence = tuple(Evidence(subject.who, key, row) for row in known)
        gaps = self._open_due_rows(key, subject, days) if truth is Truth.UNKNOWN else ()
        return Verdict(truth, evidence, (), gaps)

    def _done(self, key: str, subject: Subject) -> Verdict:
        if not self._has_due_row(key, subject):
            return Verdict(Truth.UNKNOWN, gaps=self._no_due_row(key, subject))
        truth = self._any_done(key, subject)
        rows = [row for row, passes, _, _ in self._judged(self._due_rows(key, subject), key, 1) if passes is Truth.MET]
        gaps = self._open_due_rows(key, subject, 1) if truth is Truth.UNKNOWN else ()
        return Verdict(truth, tuple(Evidence(subject.who, key, row) for row in rows), (), gaps)

    def _open_due_rows(self, key: str, subject: Subject, days: int) -> tuple[Gap, ...]:
        judged = self._judged(self._due_rows(key, subject), key, days)
        rows = [row for row, p, late, done in judged if Truth.UNKNOWN in (p, done) or late is None]
        return self._lack(key, subject, rows, "doubtful")

    def _no_due_row(self, key: str, subject: Subject) -> tuple[Gap, ...]:
        rows = [row for row, *_ in self._judged(self._due_rows(key, subject), key, 1) if self._unknown_in(key, row)]
        return self._lack(key, subject, rows, "doubtful") or (self._gap(key, subject, "no_due_row"),)

    def _due_rows(self, key: str, subject: Subject) -> tuple[Row, ...]:
        item, _ = self._item(key)
        return subject.rows.get(item.record, ())

    def _judged(self, rows: Iterable[Row], key: str, days: int) -> list[tuple[Row, Truth, bool | None, Truth]]:
        """Each row that may be of this item: does it pass, is it late (None: day unknown), is it done.

        A blank day of doing says that it was not done, an unknown one that it may have been.
        """
        item, _ = self._item(key)
        assert item.due is not None
        assert item.done is not None
        result: list[tuple[Row, Truth, bool | None, Truth]] = []
        for row in rows:
            passes = self._passes(row, item)
            if passes is Truth.NOT_MET:
                continue
            due, done = _day(row, item.due), _day(row, item.done)
            late = None if due is None else due + timedelta(days=days) <= self._as_of
            undone = Truth.UNKNOWN if item.done in row.unknown else Truth.NOT_MET
            result.append((row, passes, late, undone if done is None else kleene.of(done <= self._as_of)))
        return result

    def _has_due_row(self, key: str, subject: Subject) -> bool:
        judged = self._judged(self._due_rows(key, subject), key, 1)
        return any(p is Truth.MET and (late is not None or done is Truth.MET) for _, p, late, done in judged)

    def _any_done(self, key: str, subject: Subject) -> Truth:
        judged = self._judged(self._due_rows(key, subject), key, 1)
        return kleene.any_of(passes & done for _, passes, _, done in judged)

    # ── cells ──

    def _item(self, key: str) -> tuple[Item, RecordKind]:
        return self._vocabulary.items[key], self._vocabulary.record_of(key)

    def _cell(self, key: str, row: Row) -> Value:
        column = self._vocabulary.items[key].column
        return row.values.get(column) if column else None

    def _passes(self, row: Row, item: Item) -> Truth:
        """Whether a row is one that the item speaks of.

        A blank filter cell makes that unknown; so does an unknown cell that should be empty (未納: it may be paid).
        """
        if not item.filters and not item.empty_column:
            return Truth.MET
        parts = []
        for column, allowed in item.filters.items():
            value = row.values.get(column)
            parts.append(Truth.UNKNOWN if value is None else kleene.of(value in allowed))
        if item.empty_column:
            empty = kleene.of(row.values.get(item.empty_column) is None)
            parts.append(Truth.UNKNOWN if item.empty_column in row.unknown else empty)
        return kleene.all_of(parts)

    def _gap(self, key: str, subject: Subject, reason: GapReason) -> Gap:
        return Gap(subject.who, self._vocabulary.record_of(key).source, key, reason)

    def _unknown_in(self, key: str, row: Row) -> frozenset[str]:
        """The row's unknown columns that bear on the item."""
        item, kind = self._item(key)
        span = (kind.valid.start, kind.valid.end) if kind.valid else ()
        bearing = {item.column, item.empty_column, item.due, item.done, self._vocabulary.date_column(key), *span}
        return row.unknown & {*bearing, *item.filters}

    def _lack(self, key: str, subject: Subject, rows: Iterable[Row], otherwise: GapReason) -> tuple[Gap, ...]:
        """What the rows that leave a sentence open are lacking: columns that say 不詳, or the given reason."""
        unknown = [self._unknown_in(key, row) for row in rows]
        columns = tuple(sorted(frozenset().union(*unknown)))
        gaps: list[Gap] = []
        if columns:
            source = self._vocabulary.record_of(key).source
            gaps.append(Gap(subject.who, source, key, "unknown_cell", columns=columns))
        if not all(unknown):
            gaps.append(self._gap(key, subject, otherwise))
        return tuple(gaps)

    def _silence(self, key: str, subject: Subject) -> Silence:
        return Silence(subject.who, self._vocabulary.record_of(key).source, key)


def blank_date_means_none(vocabulary: Vocabulary, key: str) -> bool:
    """Whether a blank date of an item says that the event did not happen; an unknown date never does.

    So it does for a date column named by the item (督促日, 終結日) and for the done column of a due record
    (健診受診日). The day of any other record is always there, and a blank one is an unknown day.
    """
    item = vocabulary.items[key]
    column = vocabulary.date_column(key)
    return item.date is not None or any(i.record == item.record and i.done == column for i in vocabulary.items.values())


def _late(passes: Truth, late: bool | None) -> Truth:
    return passes & (Truth.UNKNOWN if late is None else kleene.of(late))


def _day(row: Row, column: str) -> date | None:
    value = row.values.get(column)
    return value if isinstance(value, date) else None


def _holds_on(row: Row, kind: RecordKind, day: date) -> Truth:
    """Whether a state record is valid on a day; a record without validity columns holds at its delivery.

    A blank end is no end; after an unknown end nobody knows whether it still holds.
    """
    if kind.valid is None:
        return Truth.MET
    start = _day(row, kind.valid.start)
    end = _day(row, kind.valid.end) if kind.valid.end else None
    begun = Truth.UNKNOWN if start is None else kleene.of(start <= day)
    lasting = Truth.UNKNOWN if kind.valid.end in row.unknown else kleene.of(end is None or end >= day)
    return begun & lasting


def _within(value: Value, bounds: tuple[s.Bound, ...], steps: tuple[str, ...]) -> Truth:
    """A value against bounds: a blank is unknown; a value that is no step of the scale is within no bounds."""
    if value is None:
        return Truth.UNKNOWN
    if steps:
        if value not in steps:
            return Truth.NOT_MET
        return kleene.of(all(_compare(steps.index(str(value)), b.operator, steps.index(str(b.value))) for b in bounds))
    assert isinstance(value, int)
    return kleene.of(all(_compare(value, b.operator, int(b.value)) for b in bounds))


def _compare(value: int, operator: s.Operator, limit: int) -> bool:
    match operator:
        case "以上":
            return value >= limit
        case "以下":
            return value <= limit
        case "未満":
            return value < limit
        case "を超える":
            return value > limit


def _as_at_least(bound: s.Bound) -> tuple[s.Operator, int]:
    """The 以上 that a bound is, or whose opposite it is: を超える10 and 以下10 turn at 11."""
    assert isinstance(bound.value, int)
    return "以上", bound.value + (bound.operator in ("を超える", "以下"))


def _is_one_of(value: Value, values: tuple[str, ...]) -> Truth:
    return Truth.UNKNOWN if value is None else kleene.of(value in values)


def _all(verdicts: list[Verdict]) -> Verdict:
    return combine(kleene.all_of(v.truth for v in verdicts), verdicts)


def _longest_run(marks: list[bool]) -> range:
    """The first of the longest runs of True, as a range of positions."""
    best = range(0)
    start = 0
    for index, mark in enumerate([*marks, False]):
        if not mark:
            if index - start > len(best):
                best = range(start, index)
            start = index + 1
    return best


def _counted(count: s.Count, verdicts: list[Verdict], silence: tuple[Silence, ...]) -> Verdict:
    needed = count.n if count.operator == "以上" else count.n + 1
    truth = kleene.at_least(needed, (v.truth for v in verdicts))
    if truth is Truth.NOT_MET:
        # Members who are such, but too few, are part of the reason.
        found = combine(Truth.MET, [v for v in verdicts if v.truth is Truth.MET])
        others = combine(Truth.NOT_MET, [v for v in verdicts if v.truth is Truth.NOT_MET])
        verdict = Verdict(truth, found.evidence, (*silence, *others.silences))
    else:
        verdict = combine(truth, verdicts)
    return verdict if count.operator == "以上" else ~verdict
