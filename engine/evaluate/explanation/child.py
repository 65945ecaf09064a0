"""Why: the scenarios of one child sentence by sentence, with dated facts, and what is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.evaluate.explanation.wording import Wording
from engine.evaluate.meaning.reference import judge, judge_sentence
from engine.evaluate.meaning.verdict import Evidence, Silence, Verdict
from engine.evaluate.plan import Plan, PlannedScenario, scenario_truth, truth_of
from engine.kernel.truth import Truth
from engine.records.answer import Answer
from engine.records.case import Coverage, Fact, Origin, ScenarioResult, SentenceResult
from engine.records.household import Household
from engine.records.layout import Layout
from engine.rulebook.language import syntax as s
from engine.rulebook.language.printer import to_japanese
from engine.rulebook.language.windows import Span, earlier_span, span_of
from engine.store.tables import UsedDelivery

_LACK_OF_DATA = ("not_covered", "covered_later", "periods")
_SUPPORT_WINDOW = s.Window("か月", 6)


@dataclass(frozen=True)
class OpenQuestion:
    """An unknown sentence that could still change a scenario's answer. `decisive`: it alone would make it a hit,
    or would cancel a hit. `number`: the sentence's number in the plan."""

    scenario_id: str
    number: int
    sentence_tree: s.Sentence
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
        """確認すべきこと without repetition: first the sentences with these numbers, in their order, then as `questions`."""
        ranks = {number: rank for rank, number in reversed(list(enumerate(most_decisive)))}
        ordered = sorted(self.questions, key=lambda question: ranks.get(question.number, len(most_decisive)))
        return tuple(dict.fromkeys(question.text for question in ordered))


def origins_of(deliveries: Iterable[UsedDelivery], layouts: Mapping[str, Layout]) -> dict[int, Origin]:
    """The deliveries of a snapshot as evidence points to them, by file number."""
    return {
        d.file_no: Origin(d.file, d.source, layouts[d.source].label if d.source in layouts else d.source, d.as_of)
        for d in deliveries
    }


def explain_child(
    plan: Plan, household: Household, layouts: Mapping[str, Layout], origins: Mapping[int, Origin]
) -> ChildExplanation:
    """Judge one child with the reference interpreter and put the reasons into words.

    `origins` gives for each file number of the household's rows the delivery it stands for.
    """
    return _Explainer(plan, household, Wording(plan.vocabulary, layouts, origins, plan.as_of)).explain()


class _Explainer:
    def __init__(self, plan: Plan, household: Household, wording: Wording) -> None:
        self._plan = plan
        self._household = household
        self._wording = wording
        self._verdicts = dict(zip(plan.conditions, judge(plan, household), strict=True))
        self._lines: dict[s.Sentence, SentenceResult] = {}

    def explain(self) -> ChildExplanation:
        results = tuple(self._result(planned) for planned in self._plan.scenarios)
        questions: list[OpenQuestion] = []
        for planned, result in zip(self._plan.scenarios, results, strict=True):
            questions += self._questions(planned, result)
        asked = {question.sentence_tree for question in questions}
        gaps = [
            gap
            for sentence, verdict in self._verdicts.items()
            if verdict.truth is Truth.UNKNOWN
            for gap in verdict.gaps
            if gap.reason in _LACK_OF_DATA or sentence in asked
        ]
        return ChildExplanation(
            tuple(verdict.answer for verdict in self._verdicts.values()),
            results,
            tuple(sorted(questions, key=lambda question: not question.decisive)),
            tuple(dict.fromkeys(map(self._wording.gap, gaps))),
            tuple(self._supports()),
        )

    def _truth(self, sentence: s.Sentence) -> Truth:
        return self._verdicts[sentence].truth

    def _result(self, planned: PlannedScenario) -> ScenarioResult:
        scenario = planned.scenario
        truth, cancelled = scenario_truth(planned, self._truth)
        return ScenarioResult(
            scenario_id=scenario.id,
            hardship_type=scenario.hardship_type,
            name=scenario.name,
            purpose=scenario.purpose,
            strength=scenario.strength,
            source=scenario.source,
            truth=truth,
            cancelled=cancelled,
            sentences=(*self._tree(scenario.target, 0), *self._tree(scenario.condition, 0)),
            cancel_sentences=tuple(line for cancel in scenario.cancels for line in self._tree(cancel, 0)),
            ask=scenario.ask,
        )

    def _tree(self, condition: s.Condition, depth: int) -> Iterator[SentenceResult]:
        if not isinstance(condition, s.Group):
            line = self._line(condition)
            yield replace(line, depth=depth)
            return
        yield SentenceResult(depth, condition.heading, truth_of(condition, self._truth))
        for part in condition.parts:
            yield from self._tree(part, depth + 1)

    def _line(self, sentence: s.Sentence) -> SentenceResult:
        if sentence not in self._lines:
            verdict = self._verdicts[sentence]
            text = to_japanese(sentence, self._plan.vocabulary)
            self._lines[sentence] = SentenceResult(
                0,
                text,
                verdict.truth,
                self._facts(sentence, verdict),
                self._note(sentence, verdict),
                self._plan.number_of(sentence),
                tuple(self._coverage(sentence, verdict)),
                tuple(dict.fromkeys(map(self._wording.lack, verdict.gaps))) if verdict.truth is Truth.UNKNOWN else (),
            )
        return self._lines[sentence]

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

        def say(silence: Silence) -> str:
            if summed:
                return self._wording.complete(silence)
            found = verdict.truth is Truth.NOT_MET and not isinstance(sentence, s.Members)
            return self._wording.silence(silence, besides=found and _tells_of(silence, verdict))

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

    def _questions(self, planned: PlannedScenario, result: ScenarioResult) -> Iterator[OpenQuestion]:
        if result.truth is Truth.UNKNOWN and result.cancelled is not Truth.MET:
            for sentence in dict.fromkeys(_open(planned.requirement, self._truth)):
                alone = [self._if(planned, sentence, answer) for answer in (Truth.MET, Truth.NOT_MET)]
                yield self._question(planned, sentence, Truth.MET in alone)
        elif result.truth is Truth.MET and result.cancelled is Truth.UNKNOWN:
            for cancel in planned.scenario.cancels:
                for sentence in dict.fromkeys(_open(cancel, self._truth)):
                    yield self._question(planned, sentence, True)

    def _if(self, planned: PlannedScenario, asked: s.Sentence, answer: Truth) -> Truth:
        """The scenario's truth if one unknown sentence were known."""
        return truth_of(planned.requirement, lambda each: answer if each == asked else self._truth(each))

    def _question(self, planned: PlannedScenario, sentence: s.Sentence, decisive: bool) -> OpenQuestion:
        line = self._line(sentence)
        return OpenQuestion(planned.id, line.number, sentence, line.text, line.note, decisive)

    def _supports(self) -> Iterator[Fact]:
        seen: set[tuple[str, str]] = set()
        relations = [relation for relation in self._plan.vocabulary.relations if relation != "世帯員"]
        owners = [None, *map(s.Owner, [*relations, "世帯員"])]
        for key, item in self._plan.vocabulary.items.items():
            if not item.support or not self._plan.vocabulary.is_permitted(key):
                continue
            sentences: list[s.ItemSentence | s.Members] = []
            if item.kind == "有無":
                has = s.Has(key, True)
                sentences = [has, *(s.Members(s.Owner(o.relation, (has,)), s.Count("以上", 1)) for o in owners if o)]
            elif item.kind == "出来事":
                sentences = [s.Events(key, _SUPPORT_WINDOW, s.Count("以上", 1), owner) for owner in owners]
            for sentence in sentences:
                verdict = judge_sentence(sentence, self._household, self._plan.vocabulary)
                if verdict.truth is not Truth.MET:
                    continue
                for evidence in verdict.evidence:
                    fact = self._wording.fact(evidence) if evidence.item == key else None
                    if fact and (fact.id, fact.label) not in seen:
                        seen.add((fact.id, fact.label))
                        yield fact


def _tells_of(silence: Silence, verdict: Verdict) -> bool:
    """Whether there are records of the very item of which the source tells no more."""
    return any(evidence.who == silence.who and evidence.item == silence.item for evidence in verdict.evidence)


def _open(condition: s.Condition, truth: Callable[[s.Sentence], Truth]) -> Iterator[s.Sentence]:
    """Unknown sentences under unknown groups: a group that is decided leaves nothing to ask."""

    if truth_of(condition, truth) is not Truth.UNKNOWN:
        return
    if isinstance(condition, s.Group):
        for part in condition.parts:
            yield from _open(part, truth)
    else:
        yield condition
