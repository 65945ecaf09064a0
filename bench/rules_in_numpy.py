"""The measured forms as one would write them by hand in numpy: a mask over the records and a count for each condition.

Starts from the same arrays as the evaluation over columns (subject numbers, days, amounts, coded words, sorted). Shares
nothing between conditions but the look at the cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from engine.evaluate.columns.arrays import NO_DAY, Records, Subjects, day_number
from engine.evaluate.meaning.records import blank_date_means_none
from engine.evaluate.plan import Plan
from engine.rulebook.language import syntax as s
from engine.rulebook.language.windows import Span, earlier_span, span_of

Truths = npt.NDArray[np.int8]
"""0 no, 1 unknown, 2 yes."""


@dataclass(frozen=True)
class Facts:
    """What both hand-written versions start from. `records` by role and kind; `kin` by relation; roles: child, household, member."""

    subjects: dict[str, Subjects]
    records: dict[tuple[str, str], Records]
    household_of_child: npt.NDArray[np.int32]
    kin: dict[str, tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]]
    delivered: dict[str, list[date]]


def judge_in_numpy(plan: Plan, facts: Facts) -> dict[str, Truths]:
    """Every condition (`c1` …) and scenario (番号, `<番号>_cancelled`)."""
    judged = {sentence: _judge(plan, facts, sentence) for sentence in plan.conditions}
    result = {f"c{number}": judged[sentence] for sentence, number in plan.numbers.items()}

    def tree(condition: s.Condition) -> Truths:
        if not isinstance(condition, s.Group):
            return judged[condition]
        parts = [tree(part) for part in condition.parts]
        return np.minimum.reduce(parts) if condition.kind == "すべて" else np.maximum.reduce(parts)

    children = facts.subjects["child"].size
    for planned in plan.scenarios:
        result[planned.id] = tree(planned.requirement)
        cancels = [tree(cancel) for cancel in planned.scenario.cancels] or [np.zeros(children, np.int8)]
        result[f"{planned.id}_cancelled"] = np.maximum.reduce(cancels)
    return result


def _judge(plan: Plan, facts: Facts, sentence: s.Sentence) -> Truths:
    if isinstance(sentence, s.Members):
        child, member = facts.kin[sentence.who.relation]
        such = np.full(len(member), 2, np.int8)
        for modifier in sentence.who.modifiers:
            such = np.minimum(such, _Role(plan, facts, "member").of(modifier)[member])
        size = facts.subjects["child"].size
        met, maybe = (np.bincount(child[such == value], minlength=size) for value in (2, 1))
        return _counted(sentence.count, met, maybe, np.zeros(size, bool))
    assert not isinstance(sentence, s.Refers)
    if plan.vocabulary.record_of(sentence.item).subject == "世帯":
        return _Role(plan, facts, "household").of(sentence)[facts.household_of_child]
    return _Role(plan, facts, "child").of(sentence)


def _counted(count: s.Count, met: np.ndarray, maybe: np.ndarray, open_: np.ndarray) -> Truths:
    needed = count.n if count.operator == "以上" else count.n + 1
    truths = np.select([met >= needed, (met + maybe >= needed) | open_], [2, 1], 0).astype(np.int8)
    return truths if count.operator == "以上" else 2 - truths


class _Role:
    def __init__(self, plan: Plan, facts: Facts, role: str) -> None:
        self.plan, self.facts, self.role = plan, facts, role
        self.subjects = facts.subjects[role]
        self.size = self.subjects.size

    def of(self, sentence: s.Sentence) -> Truths:
        match sentence:
            case s.Compare(key, bounds) if self.plan.vocabulary.items[key].kind in ("年齢", "学年"):
                return self.age(key, bounds)
            case s.Compare(key, bounds):
                return self.newest(key, *self.valid(key), bounds, self.uncovered(key))
            case s.Has(key, positive):
                _, certain, open_ = self.valid(key)
                met, maybe = self.count(key, certain), self.count(key, open_)
                truths = _counted(s.Count("以上", 1), met, maybe, self.uncovered(key))
                return truths if positive else 2 - truths
            case s.Events(key, window, count):
                span = span_of(window, self.plan.as_of)
                _, certain, open_ = self.inside(key, span)
                return _counted(count, self.count(key, certain), self.count(key, open_), self.silent(key, span))
            case s.Total(key, window, bound):
                total, lacking = self.total(key, span_of(window, self.plan.as_of))
                limit = int(bound.value) + (bound.operator in ("を超える", "以下"))
                truths = np.select([total >= limit, lacking], [2, 1], 0).astype(np.int8)
                return truths if bound.operator in ("以上", "を超える") else 2 - truths
            case s.Growth(key, window, times):
                now, lacking_now = self.total(key, span_of(window, self.plan.as_of))
                before, lacking_before = self.total(key, earlier_span(sentence, self.plan.as_of))
                grown = (now >= 1) & (now >= times * before)
                # Amounts are not negative: what is lacking can only add.
                open_ = np.where(grown, lacking_before, lacking_now)
                return np.select([open_, grown], [1, 2], 0).astype(np.int8)
            case s.Latest(key, bound, window):
                span = span_of(window, self.plan.as_of)
                return self.newest(key, *self.inside(key, span), (bound,), self.silent(key, span, periods=False))
        raise ValueError("a form that has not been written by hand")

    def records(self, key: str) -> Records:
        return self.facts.records[self.role, self.plan.vocabulary.items[key].record]

    def count(self, key: str, rows: np.ndarray) -> np.ndarray:
        return np.bincount(self.records(key).subject[rows], minlength=self.size)

    def age(self, key: str, bounds: tuple[s.Bound, ...]) -> Truths:
        steps = self.plan.vocabulary.items[key].values
        number, known = (
            (self.subjects.grade, self.subjects.grade_known) if steps else (self.subjects.age, self.subjects.age_known)
        )
        met = (number >= 1) & (number <= len(steps)) if steps else np.ones(self.size, bool)
        for bound in bounds:
            limit = steps.index(str(bound.value)) + 1 if steps else int(bound.value)
            met &= _compared(number, bound.operator, limit)
        return np.where(known, met * np.int8(2), np.int8(1))

    def passes(self, key: str) -> Truths:
        passes = self.records(key).passes(self.plan.vocabulary.items[key])
        return np.full(len(self.records(key)), 2, np.int8) if passes is None else passes

    def inside(self, key: str, span: Span) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        records, column = self.records(key), self.plan.vocabulary.date_column(key)
        assert column is not None
        day, passes = records.days(column), self.passes(key)
        inside = day <= day_number(span.until)
        if span.after:
            inside &= day > day_number(span.after)
        undated = day == NO_DAY
        if blank_date_means_none(self.plan.vocabulary, key):
            said = records.said_unknown(column)
            undated = undated & said if said is not None else np.zeros(len(day), bool)
        return day, (passes == 2) & inside, ((passes == 1) & inside) | ((passes > 0) & undated)

    def valid(self, key: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        records, kind, as_of = self.records(key), self.plan.vocabulary.record_of(key), day_number(self.plan.as_of)
        holds = self.passes(key)
        if kind.valid is None:
            return np.zeros(len(holds), np.int32), holds == 2, holds == 1
        start = records.days(kind.valid.start)
        holds = np.minimum(holds, np.select([start == NO_DAY, start <= as_of], [1, 2], 0))
        if kind.valid.end:
            lasting = np.where(records.days(kind.valid.end) >= as_of, 2, 0)
            said = records.said_unknown(kind.valid.end)
            holds = np.minimum(holds, lasting if said is None else np.where(said, 1, lasting))
        return start, holds == 2, holds == 1

    def uncovered(self, key: str) -> np.ndarray:
        return self.subjects.covered_from[self.plan.vocabulary.record_of(key).source] == NO_DAY

    def silent(self, key: str, span: Span, *, periods: bool = True) -> np.ndarray:
        """Where the absence of records does not mean "none"."""
        kind = self.plan.vocabulary.record_of(key)
        covered = self.subjects.covered_from[kind.source]
        open_ = covered > day_number(span.first_day) if span.first_day else covered == NO_DAY
        if kind.period and periods:
            assert kind.date is not None
            ends = [end for end in self.facts.delivered[self.plan.vocabulary.items[key].record] if span.contains(end)]
            records = self.records(key)
            day = records.days(kind.date)
            held = np.isin(day, [day_number(end) for end in ends])
            held[1:] &= (day[1:] != day[:-1]) | (records.subject[1:] != records.subject[:-1])
            open_ = open_ | (self.count(key, held) < len(ends)) if ends else np.ones(self.size, bool)
        return open_

    def total(self, key: str, span: Span) -> tuple[np.ndarray, np.ndarray]:
        records, item = self.records(key), self.plan.vocabulary.items[key]
        _, certain, open_ = self.inside(key, span)
        values, known = records.amounts(item.column or "")
        counted = certain if known is None else certain & known
        total = np.zeros(self.size, np.int64)
        np.add.at(total, records.subject[counted], values[counted])
        lacking = open_ if known is None else open_ | (certain & ~known)
        return total, (self.count(key, lacking) > 0) | self.silent(key, span)

    def newest(
        self,
        key: str,
        day: np.ndarray,
        certain: np.ndarray,
        open_: np.ndarray,
        bounds: tuple[s.Bound, ...],
        silent: np.ndarray,
    ) -> Truths:
        """Rows are sorted by subject and day, so that the last place is the newest."""
        records, item = self.records(key), self.plan.vocabulary.items[key]
        said = np.full(len(records), 2, np.int8)
        for bound in bounds:
            if item.values:
                kept = [
                    v
                    for v in item.values
                    if _compared(item.values.index(v), bound.operator, item.values.index(str(bound.value)))
                ]
                said = np.minimum(said, records.one_of(item.column or "", kept))
            else:
                values, known = records.amounts(item.column or "")
                met = np.where(_compared(values, bound.operator, int(bound.value)), 2, 0)
                said = np.minimum(said, met if known is None else np.where(known, met, 1))
        place = np.full(self.size, -1)
        place[records.subject[certain]] = np.flatnonzero(certain)  # of several, numpy keeps the last
        verdict = np.where(place >= 0, said[place] if len(said) else 0, silent.astype(np.int8))
        rows = np.flatnonzero(open_)
        subject = records.subject[rows]
        rival = ((day[rows] == NO_DAY) | (rows > place[subject])) & (said[rows] != verdict[subject])
        verdict[subject[rival]] = 1
        return verdict.astype(np.int8)


def _compared(value: np.ndarray | int, operator: s.Operator, limit: int) -> np.ndarray:
    match operator:
        case "以上":
            return value >= limit
        case "以下":
            return value <= limit
        case "未満":
            return value < limit
        case "を超える":
            return value > limit
