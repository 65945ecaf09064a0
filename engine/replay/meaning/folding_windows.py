"""What is counted, added up or compared over a window: 出来事, 合計, 前年・直前との比, 続いている."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from engine.kernel.truth import Truth, any_of
from engine.records.answer import Answer
from engine.replay.meaning.answers import Judge, answer_of, kleene
from engine.replay.meaning.asked import CannotBeSaidError
from engine.replay.meaning.facts import Seeing, Seen, Subject
from engine.replay.meaning.looks import NO_LIMIT, Look, limits
from engine.replay.meaning.spans import Span, earlier_span, span_of
from engine.rulebook.language import syntax as s


def events(sentence: s.Events, look: Look) -> Judge:
    """がある, n回以上, がない, n回以下."""
    span = span_of(sentence.window, look.as_of)
    within, silence = look.within(span), look.silence(span)
    at_least = sentence.count.operator == "以上"
    enough = sentence.count.n if at_least else sentence.count.n + 1

    def judge(seeing: Seeing, subject: Subject) -> Answer:
        definite, doubtful = within(subject)
        if len(definite) >= enough:
            truth = Truth.MET
        elif len(definite) + len(doubtful) >= enough or not silence(seeing, subject):
            truth = Truth.UNKNOWN
        else:
            truth = Truth.NOT_MET
        return answer_of(truth if at_least else ~truth, definite)

    return judge


def total(sentence: s.Total, look: Look) -> Judge:
    """The sum over the window against a bound."""
    summed = _sum(look, span_of(sentence.window, look.as_of))
    judged = _against(sentence.bound)

    def judge(seeing: Seeing, subject: Subject) -> Answer:
        known, whole, rows = summed(seeing, subject)
        return answer_of(judged(known, whole), rows)

    return judge


def growth(sentence: s.Growth, look: Look) -> Judge:
    """The sum over the window against a multiple of that of an earlier span."""
    now = _sum(look, span_of(sentence.window, look.as_of))
    before = _sum(look, earlier_span(sentence, look.as_of))

    def judge(seeing: Seeing, subject: Subject) -> Answer:
        known, whole, rows = now(seeing, subject)
        known_before, whole_before, rows_before = before(seeing, subject)
        grown = known >= max(1, sentence.times * known_before)
        # What is not known can only add: to now, if it has grown; to before, if it has not. That changes nothing.
        certain = whole_before if grown else whole
        truth = kleene(grown) if certain else Truth.UNKNOWN
        return answer_of(truth, (*rows, *rows_before))

    return judge


def _sum(look: Look, span: Span) -> Callable[[Seeing, Subject], tuple[int, bool, list[Seen]]]:
    """What is known of the sum, whether that is all, and the rows that were added up."""
    look.ask_amounts()
    within, silence = look.within(span), look.silence(span)
    slot = look.asked.slot(("sum", look.item_id, span))

    def summed(seeing: Seeing, subject: Subject) -> tuple[int, bool, list[Seen]]:
        found: tuple[int, bool, list[Seen]] | None = subject.cache.get(slot)
        if found is None:
            definite, doubtful = within(subject)
            known, whole = look.amounts(definite)
            found = subject.cache[slot] = known, whole and not doubtful and silence(seeing, subject), definite
        return found

    return summed


def _against(bound: s.Bound) -> Callable[[int, bool], Truth]:
    """A sum against a bound. What is not known of it can only add: a sum may be too high for certain, and not too low."""
    low, high = limits((bound,))

    def judged(known: int, whole: bool) -> Truth:
        if known > high:
            return Truth.NOT_MET
        if high == NO_LIMIT and known >= low:
            return Truth.MET
        return kleene(known >= low) if whole else Truth.UNKNOWN

    return judged


def streak(sentence: s.Streak, look: Look) -> Judge:
    """Delivered periods in a row: up to the newest of the window (続いている), or anywhere in it."""
    if look.kind.date is None:
        raise CannotBeSaidError("期の列がない記録の並びは、再現の仕組みで数えられません。")
    span = span_of(sentence.window, look.as_of)
    ends_of, covers = look.ends(span), look.covers(None)
    such = _such_period(sentence, look)

    def judge(seeing: Seeing, subject: Subject) -> Answer:
        ends = ends_of(seeing)
        rows = [look.by_period(subject).get(end, []) for end in ends]
        truths = [such(subject, its) if its else Truth.UNKNOWN for its in rows]
        certain = _run([truth is Truth.MET for truth in truths], ongoing=sentence.ongoing)
        if len(certain) >= sentence.length:
            return answer_of(Truth.MET, (seen for place in certain for seen in rows[place]))
        possible = _run([truth is not Truth.NOT_MET for truth in truths], ongoing=sentence.ongoing)
        open_ = not ends or not covers(subject) or len(possible) >= sentence.length
        marked = (seen for its, truth in zip(rows, truths, strict=True) if truth is Truth.MET for seen in its)
        return answer_of(Truth.UNKNOWN if open_ else Truth.NOT_MET, marked)

    return judge


def _such_period(sentence: s.Streak, look: Look) -> Callable[[Subject, list[Seen]], Truth]:
    """Whether the rows of one period hold an event of the item, or amounts whose sum is within the bound."""
    if sentence.bound is not None:
        look.ask_amounts()
        judged = _against(sentence.bound)

        def summed(subject: Subject, rows: list[Seen]) -> Truth:
            of_item = look.truths(subject)
            known, whole = look.amounts(seen for seen in rows if of_item.get(seen) is Truth.MET)
            return judged(known, whole and not any(of_item.get(seen) is Truth.UNKNOWN for seen in rows))

        return summed
    own_day = look.item.date
    happened = own_day and look.day_within(own_day, Span(None, look.as_of), blank_is_none=True)

    def held(subject: Subject, rows: list[Seen]) -> Truth:
        of_item = look.truths(subject)
        told = (of_item.get(seen, Truth.NOT_MET) & (happened(seen) if happened else Truth.MET) for seen in rows)
        return any_of(told)

    return held


def _run(marks: Sequence[bool], *, ongoing: bool) -> range:
    """The places of the marks in a row that reach the last; or of the longest row, the first of equals."""
    runs: list[range] = []
    for marked, places in groupby(range(len(marks)), key=lambda place: marks[place]):
        its = list(places)
        if marked:
            runs.append(range(its[0], its[-1] + 1))
    if ongoing:
        return runs[-1] if runs and runs[-1].stop == len(marks) else range(0)
    return max(runs, key=len, default=range(0))
