"""Sentences as functions from what the engine saw of a child to answers: whose records, relatives, members, modifiers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from engine.kernel.truth import Truth, any_of, at_least
from engine.records.answer import Answer
from engine.records.vocabulary import Vocabulary
from engine.replay.meaning import folding_due, folding_states, folding_windows
from engine.replay.meaning.answers import NOTHING, Judge, together, whole_of
from engine.replay.meaning.asked import CHILD, HOUSEHOLD, PERSON, RESIDENT, Asked
from engine.replay.meaning.facts import Seeing, Subject, kin_column
from engine.replay.meaning.looks import Look
from engine.rulebook.language import syntax as s

Folded = Callable[[Seeing], Answer]
"""One sentence, asked of one child."""


class Folding:
    """Makes the functions of sentences as of a day, each of which says to `asked` what it needs to know."""

    def __init__(self, as_of: date, vocabulary: Vocabulary, asked: Asked) -> None:
        self._as_of, self._vocabulary, self._asked = as_of, vocabulary, asked

    def of(self, sentence: s.ItemSentence | s.Members) -> Folded:
        """A sentence as a function of one child. Raises CannotBeSaidError."""
        owner = s.owner_of(sentence)
        if isinstance(sentence, s.Members):
            return self._members(sentence)
        if owner is not None:
            return self._some_relative(owner, sentence)
        if self._vocabulary.record_of(sentence.item).subject == "世帯":
            of_household = self._judge(sentence, HOUSEHOLD)
            return lambda seeing: of_household(seeing, seeing.household)
        of_child = self._judge(sentence, CHILD)
        return lambda seeing: of_child(seeing, seeing.child)

    def _some_relative(self, owner: s.Owner, sentence: s.ItemSentence) -> Folded:
        """One relative for whom the modifiers and the sentence hold is enough."""
        judges = [self._judge(part, owner.relation) for part in (*owner.modifiers, sentence)]
        relatives = self._relatives(owner.relation)

        def folded(seeing: Seeing) -> Answer:
            answers = [together([judge(seeing, one) for judge in judges]) for one in relatives(seeing)]
            return whole_of(any_of(answer.truth for answer in answers), answers)

        return folded

    def _members(self, sentence: s.Members) -> Folded:
        """Members with the relation for whom the modifiers hold are counted; each brings its entry in the register."""
        owner, count = sentence.who, sentence.count
        judges = [self._judge(part, owner.relation) for part in owner.modifiers]
        relatives = self._relatives(owner.relation)
        self._asked.look(RESIDENT, owner.relation)
        enough = count.n if count.operator == "以上" else count.n + 1

        slot = self._asked.slot(("such", owner))

        def such(seeing: Seeing, one: Subject) -> Answer:
            answer: Answer | None = one.cache.get(slot)
            if answer is None:
                found = together([judge(seeing, one) for judge in judges]) if judges else Answer(Truth.MET)
                answer = one.cache[slot] = Answer(found.truth, found.facts | one.registered)
            return answer

        def folded(seeing: Seeing) -> Answer:
            answers = [such(seeing, one) for one in relatives(seeing)]
            truth = at_least(enough, [answer.truth for answer in answers])
            # Why too few: those who are such, and of everyone else what keeps them from being such.
            parts = [answer.facts for answer in answers]
            facts = NOTHING.union(*parts) if truth is Truth.NOT_MET else whole_of(truth, answers).facts
            return Answer(truth if count.operator == "以上" else ~truth, facts)

        return folded

    def _relatives(self, relation: str) -> Callable[[Seeing], list[Subject]]:
        column = kin_column(relation)
        is_kin = self._asked.column(PERSON, column, gaps=False).between(1, None)
        slot = self._asked.slot(("kin", relation))

        def relatives(seeing: Seeing) -> list[Subject]:
            found: list[Subject] | None = seeing.household.cache.get(slot)
            if found is None:
                found = [member for member in seeing.members if member.seen.read.get(column) in is_kin]
                seeing.household.cache[slot] = found
            return found

        return relatives

    def _judge(self, sentence: s.ItemSentence, whose: str) -> Judge:
        """A sentence or modifier about one subject, worked out once for each subject."""
        judge = self._of_one(sentence, whose)
        if whose in (CHILD, HOUSEHOLD):
            return judge  # a sentence is there once
        slot = self._asked.slot(sentence if isinstance(sentence, s.Has) else replace(sentence, owner=None))

        def judged(seeing: Seeing, subject: Subject) -> Answer:
            found: Answer | None = subject.cache.get(slot)
            if found is None:
                found = subject.cache[slot] = judge(seeing, subject)
            return found

        return judged

    def _of_one(self, sentence: s.ItemSentence, whose: str) -> Judge:
        look = Look(sentence.item, whose, self._as_of, self._vocabulary, self._asked)
        match sentence:
            case s.Compare():
                return folding_states.compare(sentence, look)
            case s.IsOneOf():
                return folding_states.is_one_of(sentence, look)
            case s.Has():
                return folding_states.has(sentence, look)
            case s.Events():
                return folding_windows.events(sentence, look)
            case s.Total():
                return folding_windows.total(sentence, look)
            case s.Growth():
                return folding_windows.growth(sentence, look)
            case s.Latest():
                return folding_states.latest(sentence, look)
            case s.LatestIs():
                return folding_states.latest_is(sentence, look)
            case s.Streak():
                return folding_windows.streak(sentence, look)
            case s.Unrecorded():
                return folding_due.unrecorded(sentence, look)
            case s.Overdue():
                return folding_due.overdue(sentence, look)
            case s.Done():
                return folding_due.done(sentence, look)
