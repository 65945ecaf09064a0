"""Who may see what: on the rules that are shipped, with made-up answers."""

from __future__ import annotations

import functools
import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.evaluate.plan import Plan, scenario_truth, stands
from engine.kernel.truth import Truth
from engine.rulebook.language.syntax import Members, Refers, Sentence, owner_of
from kizuki.disclosure.judgements import JudgedScenario, _Told
from kizuki.disclosure.requester import Requester
from kizuki.disclosure.withholding import PROTECTION_RECORD, Withholding
from kizuki.rules.files import load_rule_files
from kizuki.settings import Workspace

ROOT = Path(__file__).parents[2]
_CODE = {Truth.MET: 1, Truth.NOT_MET: 0, Truth.UNKNOWN: None}


@functools.cache
def plan() -> Plan:
    return load_rule_files(Workspace(ROOT), date(2026, 11, 20)).plan


def judged(answers: dict[Sentence, Truth], requester: Requester) -> tuple[tuple[JudgedScenario, ...], tuple[str, ...]]:
    """What a record with these answers would tell: scenarios as judged, and the shown sentences with their marks."""
    hits: dict[str, Truth] = {}
    row: dict[str, int | None] = {}

    def answer(sentence: Sentence) -> Truth:
        if isinstance(sentence, Refers):
            return hits[sentence.scenario_id] if sentence.positive else ~hits[sentence.scenario_id]
        return answers[sentence]

    for planned in plan().evaluation_order:
        met, cancelled = scenario_truth(planned, answer)
        hits[planned.id] = stands(met, cancelled)
        row |= {planned.id: _CODE[met], f"{planned.id}_cancelled": _CODE[cancelled]}
    codes = {f"c{n}": _CODE[answer(s)] for n, s in enumerate(plan().conditions, start=1)}
    told = _Told(plan(), Withholding(requester, plan().vocabulary), codes)
    scenarios = tuple(told.scenario(planned, row) for planned in plan().scenarios)
    return scenarios, tuple(f"{s.text}{s.truth.mark}" for s in told.shown_sentences())


def drawn(seed: int) -> dict[Sentence, Truth]:
    """Answers of which few, many or nearly all are ○: where few are, no scenario hangs on a single sentence."""
    source = random.Random(seed)
    weights = source.choice(((2, 5, 1), (6, 2, 1), (12, 1, 1)))
    return {s: source.choices((Truth.MET, Truth.NOT_MET, Truth.UNKNOWN), weights)[0] for s in plan().conditions}


def is_shown(sentence: Sentence, requester: Requester) -> bool:
    return not isinstance(sentence, Refers) and Withholding(requester, plan().vocabulary).of_sentence(sentence) is None


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 2**32), st.sampled_from(Requester))
def test_what_is_told_does_not_depend_on_what_is_withheld(one: int, other: int, requester: Requester) -> None:
    """Whatever the withheld sentences answer, the told outcomes, the named scenarios and the sentences are the same."""
    first, second = drawn(one), drawn(other)
    second |= {s: truth for s, truth in first.items() if is_shown(s, requester)}
    papers = []
    for answers in (first, second):
        scenarios, sentences = judged(answers, requester)
        papers.append(([(s.name, s.outcome if s.ground is None else s.ground) for s in scenarios if s.is_named], sentences))
    assert papers[0] == papers[1]


def test_something_is_told_and_something_withheld() -> None:
    """To the person: sentences about themselves, outcomes that these settle, and not the others."""
    everything = dict.fromkeys(plan().conditions, Truth.MET)
    scenarios, sentences = judged(everything, Requester.SELF)
    assert any(s.ground is None for s in scenarios) and any(s.ground is not None for s in scenarios)
    assert len(sentences) > 50
    nothing, _ = judged(dict.fromkeys(plan().conditions, Truth.NOT_MET), Requester.SELF)
    assert sum(s.ground is None for s in nothing) > len(nothing) / 3


@pytest.mark.parametrize("requester", list(Requester))
def test_no_sentence_about_a_relative_is_told(requester: Requester) -> None:
    """母, 父, きょうだい, 祖父母 and 世帯員 are other people, also where only their number is asked."""
    for sentence in plan().conditions:
        if isinstance(sentence, Members) or (not isinstance(sentence, Refers) and owner_of(sentence) is not None):
            assert not is_shown(sentence, requester)


def test_to_a_representative_no_scenario_is_named_that_mentions_protection_or_abuse() -> None:
    """Found by the record behind the words, whatever number or name a scenario has."""
    scenarios, _ = judged(drawn(1), Requester.LEGAL_REPRESENTATIVE)
    named = {s.scenario_id for s in scenarios if s.is_named}
    assert named and not any(plan().by_id[i].scenario.hardship_type == "abuse" for i in named)
    other_type = [
        p for p in plan().scenarios
        if Withholding(Requester.AGENT, plan().vocabulary).of_scenario(p, mentions_protection=True) is None
    ]  # fmt: skip
    assert other_type == []


def test_a_kind_of_record_that_nobody_has_thought_of_waits_for_the_officer() -> None:
    """Deny by default: a representative is shown the kinds that were decided on, and no kind that is added later."""
    vocabulary = plan().vocabulary
    added = vocabulary.model_copy(update={"records": {**vocabulary.records, "new_notice": vocabulary.records["birth"]}})
    assert Withholding(Requester.LEGAL_REPRESENTATIVE, added).of_kind("new_notice") is not None
    assert Withholding(Requester.LEGAL_REPRESENTATIVE, added).of_kind("birth") is None
    assert Withholding(Requester.SELF, added).of_kind("new_notice") is None
    assert Withholding(Requester.SELF, vocabulary).of_kind("new_notice") is not None


@pytest.mark.parametrize("requester", [Requester.LEGAL_REPRESENTATIVE, Requester.AGENT])
def test_nothing_that_tells_where_somebody_is_reaches_a_representative(requester: Requester) -> None:
    """Names of schools, facilities, groups and towns; moves; the register; and the protection itself."""
    rules = Withholding(requester, plan().vocabulary)
    assert all(rules.of_kind(kind) is not None for kind in ("resident", "resident_move", PROTECTION_RECORD))
    shown = [kind for kind in plan().vocabulary.records if rules.of_kind(kind) is None]
    assert shown
    for kind in shown:
        for name, column in plan().vocabulary.records[kind].columns.items():
            assert column.type != "文字" or rules.of_column(kind, name) is not None
    assert rules.of_address(is_protected=False) is not None


def test_a_household_record_is_shown_only_in_the_persons_own_name() -> None:
    """A water bill is the household's; to whom it is addressed may see it, and no representative."""
    rules = Withholding(Requester.SELF, plan().vocabulary)
    assert rules.of_household_row(True) is None and rules.of_household_row(False) is not None
    assert Withholding(Requester.AGENT, plan().vocabulary).of_household_row(True) is not None
