"""The evidence that an explanation names is complete: with nothing else left, the same is answered again."""

from __future__ import annotations

from datetime import date

from evidence_alone import evidence_alone, sentences_behind
from test_evaluators_agree import AS_OF, VOCABULARY, world_of

from engine.evaluate.meaning.reference import judge, judge_sentence
from engine.evaluate.plan import Plan, PlannedScenario, scenario_truth, stands
from engine.kernel.truth import Truth
from engine.records.household import Household, Person, Row
from engine.rulebook.language import syntax as s
from engine.rulebook.language.parsing import parse_sentence


def stands_for(planned: PlannedScenario, plan: Plan, household: Household) -> bool:
    judged = dict(zip(plan.conditions, judge(plan, household), strict=True))
    return stands(*scenario_truth(planned, lambda each: judged[each].truth)) is Truth.MET


def test_a_hits_evidence_alone_makes_it_again() -> None:
    """Of a child that a scenario was met for, the records named as evidence are enough to meet it again, and it stands."""
    hits = kept = 0
    for seed in range(4):
        plan, households, _ = world_of(seed)
        for household in households:
            judged = dict(zip(plan.conditions, judge(plan, household), strict=True))
            for planned in plan.scenarios:
                if stands(*scenario_truth(planned, lambda each: judged[each].truth)) is not Truth.MET:  # noqa: B023
                    continue
                alone = evidence_alone(
                    household, (judged[each] for each in sentences_behind(planned, plan)), VOCABULARY
                )
                assert stands_for(planned, plan, alone), f"{planned.id}, seed {seed}, {household.child.key}"
                hits += 1
                kept += _rows_in(alone) < _rows_in(household)
    assert hits > 100
    assert kept > hits / 2, "most households lose records that have no part in the hit"


def _rows_in(household: Household) -> int:
    people = (household.child, *household.members)
    return sum(len(its) for rows in (household.rows, *(p.rows for p in people)) for its in rows.values())


def test_every_sentence_that_is_known_is_answered_again_by_its_evidence_alone() -> None:
    """○ and × alike, whatever the form: an auditor who looks up only the facts named comes to the same answer."""
    answered = 0
    for seed in range(2):
        plan, households, _ = world_of(seed)
        for household in households:
            for sentence, verdict in zip(plan.conditions, judge(plan, household), strict=True):
                if isinstance(sentence, s.Refers) or verdict.truth is Truth.UNKNOWN:
                    continue
                alone = evidence_alone(household, [verdict], VOCABULARY)
                again = judge_sentence(sentence, alone, VOCABULARY)
                assert again.truth is verdict.truth, (sentence, verdict, household)
                assert again.answer.facts == verdict.answer.facts, (sentence, verdict, household)
                answered += 1
    assert answered > 3000


def check(line: int, due: date | None, taken: date | None) -> Row:
    return Row("health_check", {"check_kind": "3歳児健診", "due_on": due, "taken_on": taken}, 1, line)


def test_a_check_not_yet_due_is_named_as_the_reason_why_it_is_not_late() -> None:
    """「期限を過ぎても済んでいない」 × because the day is still to come, or because it was done under another row."""
    sentence = parse_sentence("3歳児健診が期限を過ぎても済んでいない", VOCABULARY)
    rows = (check(1, date(2026, 3, 1), None), check(2, date(2027, 3, 1), date(2026, 10, 1)))
    child = Person("P1", frozenset(), 3, None, {"health_check": rows}, {"maternal_health": date(2000, 1, 1)})
    verdict = judge_sentence(sentence, Household("H1", AS_OF[0], child), VOCABULARY)  # type: ignore[arg-type]
    assert verdict.truth is Truth.NOT_MET
    assert verdict.answer.facts == {"health_check/1/1", "health_check/1/2"}


def test_nobody_of_the_kind_names_what_the_members_are_instead() -> None:
    """「要介護…の祖父母がいない」 rests on the certificate that says 要支援1."""
    row = Row("care_certification", {"care_level": "要支援1", "certified_from": date(2025, 4, 1)}, 2, 5)
    grandmother = Person("P2", frozenset({"祖父母", "世帯員"}), 80, None, {"care_certification": (row,)}, {})
    sentence = parse_sentence("要介護度が要介護1以上の祖父母がいない", VOCABULARY)
    verdict = judge_sentence(sentence, Household("H1", AS_OF[0], Person("P1"), (grandmother,)), VOCABULARY)  # type: ignore[arg-type]
    assert verdict.truth is Truth.MET
    assert verdict.answer.facts == {"care_certification/2/5"}
