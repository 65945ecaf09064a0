"""What holds on the day, and the newest or first record: age, grade, 区分, 順序区分, 数, 有無, 最新の…, 最初の…."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from engine.kernel.truth import Truth
from engine.records.answer import Answer
from engine.replay.meaning.answers import NOTHING, Judge, alone, answer_of, kleene
from engine.replay.meaning.asked import BLANK, PERSON, RESIDENT, UNKNOWN
from engine.replay.meaning.facts import AGE, GRADE, Seeing, Seen, Subject
from engine.replay.meaning.looks import Look, Told, all_told, between, limits
from engine.replay.meaning.spans import Span, span_of
from engine.rulebook.language import syntax as s


def compare(sentence: s.Compare, look: Look) -> Judge:
    """年齢 and 学年 of the register; 順序区分 and 数 of the record that holds on the day."""
    if look.item.kind not in ("年齢", "学年"):
        return _state(look, look.value_within(sentence.bounds))
    if look.item.kind == "年齢":
        column, (low, high) = AGE, limits(sentence.bounds)
    else:
        steps = look.item.values
        low, high = limits([s.Bound(b.operator, steps.index(str(b.value)) + 1) for b in sentence.bounds])
        column, low, high = GRADE, max(low, 1), min(high, len(steps))
    stretch = between(look.asked, PERSON, column, low, high)
    look.asked.look(RESIDENT, look.whose)

    def judge(_: Seeing, subject: Subject) -> Answer:
        code = subject.seen.read.get(column)
        if code is None:
            return alone(Truth.UNKNOWN)
        return Answer(kleene(code in stretch), subject.registered)

    return judge


def is_one_of(sentence: s.IsOneOf, look: Look) -> Judge:
    """区分 + である."""
    return _state(look, look.value_is(sentence.values))


def has(sentence: s.Has, look: Look) -> Judge:
    """有無: whether a record holds on the day."""
    holds = _state(look, lambda seen: Truth.MET)
    if sentence.positive:
        return holds

    def judge(seeing: Seeing, subject: Subject) -> Answer:
        found = holds(seeing, subject)
        return Answer(~found.truth, found.facts)

    return judge


def _state(look: Look, told: Told) -> Judge:
    """The newest record that holds on the day decides. Without one, no if the source covers the person at all."""
    valid = look.kind.valid
    parts: list[Told] = []
    if valid:
        parts.append(look.day_within(valid.start, Span(None, look.as_of), blank_is_none=False))
    if valid and valid.end:
        parts.append(_not_ended(look, valid.end))
    holds = all_told(*parts)
    covers = look.covers(None)

    def judge(_: Seeing, subject: Subject) -> Answer:
        definite: list[Seen] = []
        doubtful: list[Seen] = []
        for seen, of_item in look.rows(subject):
            truth = holds(seen)
            if truth is not Truth.NOT_MET:
                (definite if truth is of_item is Truth.MET else doubtful).append(seen)
        return _decided_by_one(definite, doubtful, valid.start if valid else None, told, lambda: covers(subject))

    return judge


def _not_ended(look: Look, column: str) -> Told:
    lasts = look.asked.column(look.record, column).between(look.as_of.toordinal(), None)

    def told(seen: Seen) -> Truth:
        code = seen.read.get(column)
        if code == UNKNOWN:
            return Truth.UNKNOWN
        return kleene(code == BLANK or code in lasts)

    return told


def latest(sentence: s.Latest, look: Look) -> Judge:
    """最新の or 最初の + 量."""
    return _latest(look, sentence.window, look.value_within((sentence.bound,)), first=sentence.first)


def latest_is(sentence: s.LatestIs, look: Look) -> Judge:
    """最新の or 最初の + 最新の区分 + である."""
    return _latest(look, sentence.window, look.value_is(sentence.values), first=sentence.first)


def _latest(look: Look, window: s.Window | None, told: Told, *, first: bool) -> Judge:
    span = span_of(window, look.as_of)
    within, silence = look.within(span), look.silence(span, periods=False)

    def judge(seeing: Seeing, subject: Subject) -> Answer:
        definite, doubtful = within(subject)
        found = _decided_by_one(
            definite, doubtful, look.day_column, told, lambda: silence(seeing, subject), first=first
        )
        if first and window is not None and definite and not silence(seeing, subject):
            return Answer(Truth.UNKNOWN, found.facts)  # an earlier record may lie before the source began to tell
        return found

    return judge


def _decided_by_one(
    definite: list[Seen],
    doubtful: list[Seen],
    column: str | None,
    told: Told,
    silence: Callable[[], bool],
    *,
    first: bool = False,
) -> Answer:
    """The newest (first) definite row, unless a doubtful one that may be newer (earlier) would answer otherwise."""
    if not definite and not doubtful:
        return alone(Truth.NOT_MET if silence() else Truth.UNKNOWN)
    decides = (min if first else max)(definite, key=_when(column), default=None)
    if decides is not None:
        truth, facts = told(decides), answer_of(Truth.MET, (decides,)).facts
        rivals = [seen for seen in doubtful if _may_come_before(seen, decides, column, first=first)]
    elif silence():
        truth, facts, rivals = Truth.NOT_MET, NOTHING, doubtful
    else:
        return alone(Truth.UNKNOWN)
    if any(told(seen) is not truth for seen in rivals):
        return answer_of(Truth.UNKNOWN, rivals)
    return Answer(truth, facts)


def _when(column: str | None) -> Callable[[Seen], tuple[date, int, int]]:
    return lambda seen: ((seen.day(column) if column else None) or date.min, *seen.order)


def _may_come_before(seen: Seen, decides: Seen, column: str | None, *, first: bool) -> bool:
    if column and seen.day(column) is None:
        return True
    mine, other = _when(column)(seen), _when(column)(decides)
    return mine < other if first else mine > other
