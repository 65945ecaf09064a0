"""A trace does not take a sheet's word: what it says is held against decisions, outlines and the manifest."""

from collections.abc import Callable
from dataclasses import replace

import made_up_record as made
import pytest

from engine.kernel.truth import Truth
from engine.records.case import Casebook, ScenarioResult, SentenceResult, Tier
from reports.trace import words
from reports.trace.make import Tracer
from reports.trace.text import trace_text

Change = Callable[[ScenarioResult], ScenarioResult]


def of_first_sentence(change: Callable[[SentenceResult], SentenceResult]) -> Change:
    """The same done to the first sentence that names facts."""

    def done(result: ScenarioResult) -> ScenarioResult:
        at = next((i for i, sentence in enumerate(result.sentences) if sentence.facts), None)
        if at is None:
            return result
        sentences = (*result.sentences[:at], change(result.sentences[at]), *result.sentences[at + 1 :])
        return replace(result, sentences=sentences)

    return done


def elsewhere(sentence: SentenceResult, **where: object) -> SentenceResult:
    """The first fact said to stand in another place."""
    fact = sentence.facts[0]
    return replace(sentence, facts=(replace(fact, provenance=replace(fact.provenance, **where)), *sentence.facts[1:]))


def changed(casebook: Casebook, change: Change) -> Casebook:
    """Every result of every child on the list as `change` makes it."""
    cases = tuple(
        replace(
            case,
            children=tuple(replace(child, results=tuple(map(change, child.results))) for child in case.children),
        )
        for case in casebook.cases
    )
    return replace(casebook, cases=cases)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda result: replace(result, truth=Truth.UNKNOWN), "児童票の結果(不明)が、判定の記録と合いません"),
        (lambda result: replace(result, strength="弱", name="ほかの名前"), "名前か強さが、シナリオの本文と合いません"),
        (of_first_sentence(lambda s: replace(s, facts=(), coverage=(), note="")), "○ですが、根拠が残っていません"),
        (of_first_sentence(lambda s: elsewhere(s, line=999)), "目録の受領データと合いません"),
        (of_first_sentence(lambda s: elsewhere(s, file="2026-11-20/99.csv")), "目録の受領データと合いません"),
    ],
    ids=["another result", "another name", "no evidence", "another line", "a file that was not delivered"],
)
def test_a_sheet_that_says_otherwise_is_told(tmp_path, change: Change, told: str):
    """Whoever rewrote cases.json with every hash must have the decisions, the outlines and the deliveries say the same."""
    tracer = Tracer(made.make_record(tmp_path))
    assert tracer.trace([made.LISTED]).children[0].contradictions == ()
    tracer.casebook = changed(tracer.casebook, change)
    assert any(told in line for line in tracer.trace([made.LISTED]).children[0].contradictions)


def test_a_sheet_that_lacks_a_hit_or_has_another_tier_is_told(tmp_path):
    """A scenario taken off the sheet, a type moved down, and a cover that says another verdict."""
    tracer = Tracer(made.make_record(tmp_path))
    sound = tracer.casebook
    (case, *others), (child, *siblings) = sound.cases, sound.cases[0].children
    down = tuple(replace(each, tier=Tier.NO_ACTION) for each in child.types)
    for forged, told in (
        (replace(child, results=child.results[1:]), "根拠が残っていません"),
        (replace(child, types=down), "児童票の区分③"),
    ):
        tracer.casebook = replace(sound, cases=(replace(case, children=(forged, *siblings)), *others))
        assert any(told in line for line in tracer.trace([child.child_key]).children[0].contradictions)
    tracer.casebook = replace(sound, replay="一部未実施")
    assert any(
        "会議資料の再現(一部未実施)" in line for line in tracer.trace([child.child_key]).children[0].contradictions
    )


def test_a_scenario_may_be_named_in_wide_and_small_letters(tmp_path):
    """As a case number and a key may be."""
    tracer = Tracer(made.make_record(tmp_path))
    assert tracer.trace([made.LISTED], scenario="ｙｃ－０１").asked_scenario == "YC-01"


def test_a_file_that_the_manifest_does_not_name_stands_with_its_name(tmp_path):
    """It has no number among the deliveries; on the screen as in the workbook the auditor reads which file was claimed."""
    tracer = Tracer(made.make_record(tmp_path))
    elsewhere_delivered = of_first_sentence(lambda s: elsewhere(s, file="2026-11-20/99.csv"))
    tracer.casebook = changed(tracer.casebook, elsewhere_delivered)
    trace = tracer.trace([made.LISTED])
    text = "\n".join(trace_text(trace))
    assert "2026-11-20/99.csv" in text
    assert "資料0" not in text
    assert any("2026-11-20/99.csv" in words.fact_cells(fact, trace) for fact in trace.facts)
