"""Why: the scenarios of one child sentence by sentence, with dated facts, and what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.evaluate.explanation.told import (
    Told,
    ToldScenario,
    ToldSentence,
    combined,
    open_in,
    told_scenarios,
    truth_in,
)
from engine.evaluate.explanation.wording import Wording
from engine.evaluate.meaning.reference import judge, judge_sentence
from engine.evaluate.meaning.verdict import Evidence, Silence, Verdict
from engine.evaluate.plan import Plan
from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.records.answer import Answer
from engine.records.case import Coverage, Fact, Origin, ScenarioResult, SentenceResult
from engine.records.household import Household
from engine.records.layout import Layout
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.windows import Span, earlier_span, span_of
from engine.store.tables import UsedDelivery

_LACK_OF_DATA = ("not_covered", "covered_later", "periods")
_SUPPORT_WINDOW = s.Window("か月", 6)
_Support = tuple[str, s.ItemSentence | s.Members]


@dataclass(frozen=True)
class OpenQuestion:
    """An unknown sentence that could still change a scenario's answer. `decisive`: it alone would make it a hit,
    or would cancel a hit. `number`: the sentence's number in the plan; `sentence`: as the scenario words it."""

    scenario_id: str
    number: int
    sentence: str
    note: str
    decisive: bool

    @property
    def text(self) -> str:
        """As printed under 確認すべきこと."""
        return f"「{self.sentence}」かどうか({self.note})" if self.note else f"「{self.sentence}」かどうか"


@dataclass(frozen=True)
class ChildExplanation:
    """One child explained.

    `answers`: one for each condition of the plan, to be compared with what other engines say. `results`: every scenario in
    the plan's order. `questions`: most decisive first. `missing`: what kept anything unknown, in words. `supports`:
    help now in place for the child or a member.
    """

    answers: tuple[Answer, ...]
    results: tuple[ScenarioResult, ...]
    questions: tuple[OpenQuestion, ...]
    missing: tuple[str, ...]
    supports: tuple[Fact, ...]

    @property
    def truths(self) -> tuple[Truth, ...]:
        """The truth of each condition of the plan."""
        return tuple(answer.truth for answer in self.answers)

    @property
    def to_check(self) -> tuple[str, ...]:
        """確認すべきこと without repetition."""
        return self.to_check_first(())

    def to_check_first(self, most_decisive: Sequence[int]) -> tuple[str, ...]:
        """確認すべきこと without repetition: first the sentences with these numbers, in their order, then as `questions`.

        Where scenarios call the same by other names (of thresholds), it is asked once, in the words of the first.
        """
        ranks = {number: rank for rank, number in reversed(list(enumerate(most_decisive)))}
        ordered = sorted(self.questions, key=lambda question: ranks.get(question.number, len(most_decisive)))
        asked: dict[int, str] = {}
        for question in ordered:
            asked.setdefault(question.number, question.text)
        return tuple(dict.fromkeys(asked.values()))


def origins_of(deliveries: Iterable[UsedDelivery], layouts: Mapping[str, Layout]) -> dict[int, Origin]:
    """The deliveries of a snapshot as evidence points to them, by file number."""
    return {
        d.file_no: Origin(d.file, d.source, layouts[d.source].label if d.source in layouts else d.source, d.as_of)
        for d in deliveries
    }


def explain_child(
    plan: Plan, household: Household, layouts: Mapping[str, Layout], origins: Mapping[int, Origin]
) -> ChildExplanation:
    """Judge one child with the reference interpreter and put the reasons into words; of several, `Explainer` is quicker.

    `origins` gives for each file number of the household's rows the delivery it stands for.
    """
    return Explainer(plan, layouts, origins).explain(household)


class Explainer:
    """The words of any child of one run; `origins` as for `explain_child`."""

    def __init__(self, plan: Plan, layouts: Mapping[str, Layout], origins: Mapping[int, Origin]) -> None:
        self._plan = plan
        self._wording = Wording(plan.vocabulary, layouts, origins, plan.as_of)
        self._scenarios = told_scenarios(plan)
        self._supports = tuple(_support_sentences(plan.vocabulary))

    def explain(self, household: Household) -> ChildExplanation:
        """Judge one child with the reference interpreter and put the reasons into words."""
        return _Child(self._plan, self._scenarios, self._supports, household, self._wording).explain()


class _Child:
    def __init__(
        self,
        plan: Plan,
        scenarios: Sequence[ToldScenario],
        supports: Sequence[_Support],
        household: Household,
        wording: Wording,
    ) -> None:
        self._plan = plan
        self._scenarios = scenarios
        self._support_sentences = supports
        self._household = household
        self._wording = wording
        self._verdicts = judge(plan, household)
        self._truths = [Truth.UNKNOWN, *(verdict.truth for verdict in self._verdicts)]
        self._lines: dict[int, SentenceResult] = {}

    def explain(self) -> ChildExplanation:
        results = tuple(map(self._result, self._scenarios))
        questions: list[OpenQuestion] = []
        for told, result in zip(self._scenarios, results, strict=True):
            questions += self._questions(told, result)
        asked = {question.number for question in questions}
        gaps = [
            gap
            for number, verdict in enumerate(self._verdicts, start=1)
            if verdict.truth is Truth.UNKNOWN
            for gap in verdict.gaps
            if gap.reason in _LACK_OF_DATA or number in asked
        ]
        return ChildExplanation(
            tuple(verdict.answer for verdict in self._verdicts),
            results,
            tuple(sorted(questions, key=lambda question: not question.decisive)),
            tuple(dict.fromkeys(map(self._wording.gap, gaps))),
            tuple(self._supports()),
        )

    def _result(self, told: ToldScenario) -> ScenarioResult:
        scenario = told.planned.scenario
        sentences: list[SentenceResult] = []
        truth = kleene.all_of([self._tell(part, 0, sentences) for part in told.requirement.parts])
        cancels: list[SentenceResult] = []
        cancelled = kleene.any_of([self._tell(cancel, 0, cancels) for cancel in told.cancels])
        return ScenarioResult(
            scenario_id=scenario.id,
            hardship_type=scenario.hardship_type,
            name=scenario.name,
            purpose=scenario.purpose,
            strength=scenario.strength,
            source=scenario.source,
            truth=truth,
            cancelled=cancelled,
            sentences=tuple(sentences),
            cancel_sentences=tuple(cancels),
            ask=scenario.ask,
        )

    def _tell(self, part: Told, depth: int, lines: list[SentenceResult]) -> Truth:
        """Add the part's lines, a group's heading before its parts; its truth."""
        if isinstance(part, ToldSentence):
            line = self._line(part.number)
            lines.append(
                SentenceResult(
                    depth, part.text, line.truth, line.facts, line.note, line.number, line.coverage, line.lacks
                )
            )
            return line.truth
        place = len(lines)
        truth = combined(part, [self._tell(each, depth + 1, lines) for each in part.parts])
        lines.insert(place, SentenceResult(depth, part.heading, truth))
        return truth

    def _line(self, number: int) -> SentenceResult:
        """What is told of a condition, whatever words a scenario has for it."""
        if number not in self._lines:
            sentence, verdict = self._plan.conditions[number - 1], self._verdicts[number - 1]
            self._lines[number] = SentenceResult(
                0,
                "",
                verdict.truth,
                self._facts(sentence, verdict),
                self._note(sentence, verdict),
                number,
                tuple(self._coverage(sentence, verdict)),
                tuple(dict.fromkeys(map(self._wording.lack, verdict.gaps))) if verdict.truth is Truth.UNKNOWN else (),
            )
        return self._lines[number]

    def _facts(self, sentence: s.Sentence, verdict: Verdict) -> tuple[Fact, ...]:
        evidence: Iterable[Evidence] = verdict.evidence
        if isinstance(sentence, (s.Total, s.Growth)):
            # Months with zero are part of the sum but no reason for it; the note says that they are there.
            column = self._plan.vocabulary.items[sentence.item].column or ""
            evidence = [
                e for e in evidence if e.row is None or e.item != sentence.item or e.row.values.get(column) != 0
            ]
        facts = [fact for one in evidence if (fact := self._wording.fact(one)) is not None]
        return tuple({(fact.id, fact.label, fact.subject): fact for fact in facts}.values())

    def _note(self, sentence: s.Sentence, verdict: Verdict) -> str:
        if verdict.truth is Truth.UNKNOWN:
            return "、".join(dict.fromkeys(map(self._wording.gap, verdict.gaps)))
        counted = self._counted(sentence, verdict) if verdict.truth is Truth.NOT_MET else ""
        if verdict.truth is Truth.NOT_MET and isinstance(sentence, s.Refers):
            return ""  # the other scenario tells by itself what it lacks
        summed = isinstance(sentence, (s.Total, s.Growth))
        owner = s.owner_of(sentence)

        vocabulary = self._plan.vocabulary

        def say(silence: Silence) -> str:
            if summed:
                return self._wording.complete(silence)
            found = verdict.truth is Truth.NOT_MET and not isinstance(sentence, s.Members)
            besides = found and _tells_of(silence, verdict)
            # What a reference rests on the other scenario tells by itself, item by item.
            named = not isinstance(sentence, s.Refers) and _tells_of_others(silence, verdict, vocabulary)
            return self._wording.silence(silence, besides=besides, named=named)

        notes = [
            self._wording.nobody(silence, self._such(owner))
            if owner is not None and silence.who == "世帯"
            else say(silence)
            for silence in verdict.silences
        ]
        return "、".join(dict.fromkeys(filter(None, (counted, *notes))))

    def _such(self, owner: s.Owner) -> int:
        """How many members are such for certain."""
        return sum(
            judge_sentence(
                s.Members(owner, s.Count("以上", 1)),
                replace(self._household, members=(member,)),
                self._plan.vocabulary,
            ).truth
            is Truth.MET
            for member in self._household.members
        )

    def _counted(self, sentence: s.Sentence, verdict: Verdict) -> str:
        """For ×: how many there are, or what their sum is. Of relatives each has its own, which the facts show."""
        if not isinstance(sentence, (s.Events, s.Total, s.Growth)) or sentence.owner is not None:
            return ""
        rows = [evidence.row for evidence in verdict.evidence if evidence.row is not None]
        item = self._plan.vocabulary.items[sentence.item]
        if isinstance(sentence, s.Events):
            return f"この期間に{len(rows)}回" if rows else ""
        day_column = self._plan.vocabulary.date_column(sentence.item) or ""

        def sum_in(span: Span) -> str:
            inside = [row for row in rows if isinstance(on := row.values.get(day_column), date) and span.contains(on)]
            amounts = [row.values.get(item.column or "") for row in inside]
            return f"{sum(amount for amount in amounts if isinstance(amount, int))}{item.unit or ''}"

        now = sum_in(span_of(sentence.window, self._plan.as_of))
        if isinstance(sentence, s.Total):
            return f"この期間の合計は{now}"
        before = sum_in(earlier_span(sentence, self._plan.as_of))
        return (
            f"この期間の合計は{now}、{'前の年の同じ期間' if sentence.earlier == '前年' else 'その直前の期間'}は{before}"
        )

    def _coverage(self, sentence: s.Sentence, verdict: Verdict) -> Iterator[Coverage]:
        """What the answer's absences rest on; of a reference the other scenario tells it."""
        if verdict.truth is Truth.UNKNOWN or isinstance(sentence, s.Refers):
            return
        window = getattr(sentence, "window", None)
        for silence in verdict.silences:
            item = self._plan.vocabulary.items[silence.item]
            periods: tuple[date, ...] = ()
            if self._plan.vocabulary.records[item.record].period is not None:
                span = span_of(window, self._plan.as_of)
                periods = tuple(end for end in self._household.periods.get(item.record, ()) if span.contains(end))
            yield self._wording.coverage(silence, self._covered_from(silence), periods)

    def _covered_from(self, silence: Silence) -> date | None:
        """The first day on which the silence is one of everybody meant."""
        if silence.who == "世帯":
            days = [self._household.covered_from.get(silence.source)]
        elif silence.who == "本人":
            days = [self._household.child.covered_from.get(silence.source)]
        else:
            members = (member for member in self._household.members if silence.who in member.relations)
            days = [member.covered_from.get(silence.source) for member in members]
        return max((day for day in days if day is not None), default=None)

    def _questions(self, told: ToldScenario, result: ScenarioResult) -> Iterator[OpenQuestion]:
        if result.truth is Truth.UNKNOWN and result.cancelled is not Truth.MET:
            for sentence in _once(open_in(told.requirement, self._truths)):
                alone = [self._if(told, sentence, answer) for answer in (Truth.MET, Truth.NOT_MET)]
                yield self._question(told, sentence, Truth.MET in alone)
        elif result.truth is Truth.MET and result.cancelled is Truth.UNKNOWN:
            for cancel in told.cancels:
                for sentence in _once(open_in(cancel, self._truths)):
                    yield self._question(told, sentence, True)

    def _if(self, told: ToldScenario, asked: ToldSentence, answer: Truth) -> Truth:
        """The scenario's truth if one unknown sentence were known."""
        truths = self._truths.copy()
        truths[asked.number] = answer
        return truth_in(told.requirement, truths)

    def _question(self, told: ToldScenario, sentence: ToldSentence, decisive: bool) -> OpenQuestion:
        note = self._line(sentence.number).note
        return OpenQuestion(told.planned.id, sentence.number, sentence.text, note, decisive)

    def _supports(self) -> Iterator[Fact]:
        seen: set[tuple[str, str]] = set()
        present = {relation for member in self._household.members for relation in member.relations}
        for key, sentence in self._support_sentences:
            owner = s.owner_of(sentence)
            if owner is not None and owner.relation not in present:
                continue
            verdict = judge_sentence(sentence, self._household, self._plan.vocabulary)
            if verdict.truth is not Truth.MET:
                continue
            for evidence in verdict.evidence:
                fact = self._wording.fact(evidence) if evidence.item == key else None
                if fact and (fact.id, fact.label) not in seen:
                    seen.add((fact.id, fact.label))
                    yield fact


def _support_sentences(vocabulary: Vocabulary) -> Iterator[_Support]:
    """For each item that is a support in place: that the child, or a member of each relation, has it."""
    relations = [relation for relation in vocabulary.relations if relation != "世帯員"]
    owners = [None, *map(s.Owner, [*relations, "世帯員"])]
    for key, item in vocabulary.items.items():
        if not item.support or not vocabulary.is_permitted(key):
            continue
        if item.kind == "有無":
            has = s.Has(key, True)
            yield key, has
            yield from ((key, s.Members(s.Owner(o.relation, (has,)), s.Count("以上", 1))) for o in owners if o)
        elif item.kind == "出来事":
            yield from ((key, s.Events(key, _SUPPORT_WINDOW, s.Count("以上", 1), owner)) for owner in owners)


def _once(sentences: Iterable[ToldSentence]) -> Iterable[ToldSentence]:
    first: dict[int, ToldSentence] = {}
    for sentence in sentences:
        first.setdefault(sentence.number, sentence)
    return first.values()


def _tells_of_others(silence: Silence, verdict: Verdict, vocabulary: Vocabulary) -> bool:
    """Whether there are records that decide, of another item (not 年齢, 学年) than the one of which the source tells nothing."""
    return any(
        evidence.who == silence.who
        and evidence.item != silence.item
        and vocabulary.items[evidence.item].kind not in ("年齢", "学年")
        for evidence in verdict.evidence
    )


def _tells_of(silence: Silence, verdict: Verdict) -> bool:
    """Whether there are records of the very item of which the source tells no more."""
    return any(evidence.who == silence.who and evidence.item == silence.item for evidence in verdict.evidence)
