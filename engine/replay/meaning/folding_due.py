"""What should be there by an age or a day: 年齢を過ぎても記録がない, 期限を過ぎても済んでいない, 済んでいる."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from engine.kernel.truth import Truth, any_of
from engine.records.answer import Answer
from engine.replay.meaning.answers import Judge, alone, answer_of
from engine.replay.meaning.asked import BLANK, PERSON, RESIDENT, UNKNOWN, CannotBeSaidError
from engine.replay.meaning.facts import BORN, Seeing, Seen, Subject
from engine.replay.meaning.looks import Look
from engine.replay.meaning.spans import Span, last_birth_past
from engine.rulebook.language import syntax as s


def unrecorded(sentence: s.Unrecorded, look: Look) -> Judge:
    """Past an age, and nothing of the kind was ever recorded."""
    past = look.asked.column(PERSON, BORN, gaps=False).between(
        None, last_birth_past(sentence.age, look.as_of).toordinal()
    )
    look.asked.look(RESIDENT, look.whose)
    within = look.within(Span(None, look.as_of))
    look.covers(None)
    source = look.kind.source

    def judge(_: Seeing, subject: Subject) -> Answer:
        code = subject.seen.read.get(BORN)
        if code is None or subject.person is None or subject.person.born_on is None:
            return alone(Truth.UNKNOWN)
        if code not in past:
            return Answer(Truth.NOT_MET, subject.registered)
        definite, doubtful = within(subject)
        if definite:
            return Answer(Truth.NOT_MET, subject.registered | answer_of(Truth.NOT_MET, definite).facts)
        # From birth on: two days of one person, which the engine cannot compare with each other.
        covered = subject.covered_from.get(source)
        if doubtful or covered is None or covered > subject.person.born_on:
            return alone(Truth.UNKNOWN)
        return Answer(Truth.MET, subject.registered)

    return judge


def overdue(sentence: s.Overdue, look: Look) -> Judge:
    """A row whose day is past by so many days, and no row of the item that is done."""
    last = look.as_of - timedelta(days=sentence.days)
    late, dated, done = _late(look, last), _dated(look), _done(look)

    def judge(_: Seeing, subject: Subject) -> Answer:
        rows = look.rows(subject)
        if not _is_due(rows, dated, done):
            return alone(Truth.UNKNOWN)
        is_late = any_of(of_item & late(seen) for seen, of_item in rows)
        is_done = any_of(of_item & done(seen) for seen, of_item in rows)
        return answer_of(is_late & ~is_done, (seen for seen, of_item in rows if of_item is Truth.MET))

    return judge


def done(_: s.Done, look: Look) -> Judge:
    """Whether what is due was done, however late."""
    dated, is_done = _dated(look), _done(look)

    def judge(_: Seeing, subject: Subject) -> Answer:
        rows = look.rows(subject)
        if not _is_due(rows, dated, is_done):
            return alone(Truth.UNKNOWN)
        truth = any_of(of_item & is_done(seen) for seen, of_item in rows)
        return answer_of(truth, (seen for seen, of_item in rows if of_item is Truth.MET))

    return judge


def _is_due(rows: list[tuple[Seen, Truth]], dated: Callable[[Seen], bool], done: Callable[[Seen], Truth]) -> bool:
    """Whether there is a row of the item that is due on a known day, or that is done."""
    return any(of_item is Truth.MET and (dated(seen) or done(seen) is Truth.MET) for seen, of_item in rows)


def _due_column(look: Look) -> str:
    if look.item.due is None or look.item.done is None:
        raise CannotBeSaidError(f"項目「{look.item.label}」に期限と実施の列がありません。")
    return look.item.due


def _late(look: Look, last: date) -> Callable[[Seen], Truth]:
    return look.day_within(_due_column(look), Span(None, last), blank_is_none=False)


def _dated(look: Look) -> Callable[[Seen], bool]:
    column = _due_column(look)
    look.asked.column(look.record, column)
    return lambda seen: seen.read.get(column) not in (BLANK, UNKNOWN)


def _done(look: Look) -> Callable[[Seen], Truth]:
    _due_column(look)
    return look.day_within(str(look.item.done), Span(None, look.as_of), blank_is_none=True)
