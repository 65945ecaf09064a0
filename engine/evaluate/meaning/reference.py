"""The meaning of the language: a plain interpreter over one child and its household.

Slow and obvious on purpose. The SQL and the columns must agree with it on every condition; where they differ, this file
and `meaning/` are right. Here: of whom a sentence speaks; there: what it asks of one subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.evaluate.meaning.due import Due
from engine.evaluate.meaning.events import Events
from engine.evaluate.meaning.records import Records
from engine.evaluate.meaning.runs import Runs
from engine.evaluate.meaning.states import States
from engine.evaluate.meaning.values import is_one_of, within
from engine.evaluate.meaning.verdict import Silence, Subject, Verdict, child_of, combine, household_subject, subject_of
from engine.evaluate.plan import Plan, PlannedScenario, scenario_truth, stands
from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.records.household import Household
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s


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
            each for part in (planned.requirement, *planned.scenario.cancels) for each in s.sentences_of(part)
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
        self._vocabulary = vocabulary
        self._records = Records(household, vocabulary)
        self._states, self._events = States(self._records), Events(self._records)
        self._runs, self._due = Runs(self._records), Due(self._records)

    def members(self, sentence: s.Members) -> Verdict:
        """いる counts the members with the relation: those for whom the modifiers hold, and those who may be such."""
        verdicts = [self._is_such(subject, sentence.who) for subject in self._with_relation(sentence.who)]
        return _counted(sentence.count, verdicts, (self._nobody_else(),))

    def some_member(self, owner: s.Owner, sentence: s.ItemSentence) -> Verdict:
        """Whether the sentence holds for some member with the relation and the modifiers; without one it does not."""
        verdicts = []
        for subject in self._with_relation(owner):
            such = [self.of(modifier, subject) for modifier in owner.modifiers]
            verdicts.append(_all([*such, self.of(sentence, subject)]))
        if not verdicts:
            return Verdict(Truth.NOT_MET, silences=(self._nobody_else(),))
        return combine(kleene.any_of(v.truth for v in verdicts), verdicts)

    def _nobody_else(self) -> Silence:
        """That the register of residents tells of everybody in the household."""
        return Silence("世帯", self._vocabulary.records["resident"].source, "age")

    def _with_relation(self, owner: s.Owner) -> list[Subject]:
        return [subject_of(owner.relation, m) for m in self._household.members if owner.relation in m.relations]

    def _is_such(self, subject: Subject, owner: s.Owner) -> Verdict:
        verdict = _all([self.of(modifier, subject) for modifier in owner.modifiers])
        present = self._records.registered("age", subject)
        return Verdict(verdict.truth, (present, *verdict.evidence), verdict.silences, verdict.gaps)

    def of(self, sentence: s.ItemSentence, subject: Subject) -> Verdict:
        """A sentence judged on one subject; its relative, if any, has been resolved already."""
        match sentence:
            case s.Compare(item, bounds):
                return self._states.compare(item, bounds, subject)
            case s.IsOneOf(item, values):
                return self._states.state(item, subject, lambda row: is_one_of(self._records.cell(item, row), values))
            case s.Has(item, positive):
                verdict = self._states.state(item, subject, lambda row: Truth.MET)
                return verdict if positive else ~verdict
            case s.Events(item, window, count):
                return self._events.events(item, window, count, subject)
            case s.Total(item, window, bound):
                return self._events.total(item, window, bound, subject)
            case s.Growth():
                return self._events.growth(sentence, subject)
            case s.Latest(item, bound, window, _, first):
                test = lambda row: within(self._records.cell(item, row), (bound,), ())  # noqa: E731
                return self._events.latest(item, window, subject, test, first)
            case s.LatestIs(item, values, window, _, first):
                return self._events.latest(
                    item, window, subject, lambda row: is_one_of(self._records.cell(item, row), values), first
                )
            case s.Streak():
                return self._runs.streak(sentence, subject)
            case s.Unrecorded(item, age):
                return self._due.unrecorded(item, age, subject)
            case s.Overdue(item, days):
                return self._due.overdue(item, days, subject)
            case s.Done(item):
                return self._due.done(item, subject)


def _all(verdicts: list[Verdict]) -> Verdict:
    return combine(kleene.all_of(v.truth for v in verdicts), verdicts)


def _counted(count: s.Count, verdicts: list[Verdict], silence: tuple[Silence, ...]) -> Verdict:
    needed = count.n if count.operator == "以上" else count.n + 1
    truth = kleene.at_least(needed, (v.truth for v in verdicts))
    if truth is Truth.NOT_MET:
        # Why too few: those who are such, and of everyone else what keeps them from being such.
        such = [v for v in verdicts if v.truth is Truth.MET]
        others = [v for v in verdicts if v.truth is not Truth.MET]
        everyone = tuple(e for v in (*such, *others) for e in v.evidence)
        verdict = Verdict(truth, everyone, (*silence, *combine(Truth.NOT_MET, others).silences))
    else:
        verdict = combine(truth, verdicts)
    return verdict if count.operator == "以上" else ~verdict
