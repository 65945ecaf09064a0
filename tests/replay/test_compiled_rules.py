"""Rulebooks compiled for the second engine: what is asked of each cell, how trees become chains, what cannot be said."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from replaying import by_stand_in, conclusions_of, matches_of

from engine.evaluate.plan import PlannedScenario, scenario_truth
from engine.kernel.errors import Place
from engine.kernel.truth import Truth
from engine.records.household import Household, Person
from engine.records.vocabulary import load_vocabulary
from engine.replay.meaning.asked import Column
from engine.replay.meaning.chaining import HOLDS, TOLD, chain
from engine.replay.meaning.compile import Children, ContradictionError, compile_rulebooks, compile_scenarios
from engine.replay.process.outcome import Concluded
from engine.replay.process.subset import FieldTest, Network, TypedFact
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language import syntax as s
from engine.rulebook.model import Scenario

RULEBOOKS = Path(__file__).parents[2] / "rulebooks"
VOCABULARY = load_vocabulary(RULEBOOKS / "fields.yaml")
AS_OF = date(2026, 11, 20)
SENTENCES = tuple(s.Compare("age", (s.Bound("以上", n),)) for n in range(20))


def scenario(id_: str, condition: s.Condition, *cancels: s.Condition, hardship_type: str = "poverty") -> Scenario:
    """A scenario over made-up conditions."""
    return Scenario(
        id_, hardship_type, id_, "", "", "弱", SENTENCES[0], condition, cancels, (), (), Place("made-up.yaml", 1, 1)
    )


def tree(rng: random.Random, depth: int) -> s.Condition:
    """Any nesting of groups, some of them longer than one rule may be, some asking for many of many."""
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(SENTENCES)
    kind = rng.choice(("すべて", "いずれか", "n以上", "次でない"))
    if kind == "次でない":
        return s.Group("次でない", (tree(rng, depth - 1),))
    parts = tuple(tree(rng, depth - 1) for _ in range(rng.choice((1, 2, 3, 20 if depth == 1 else 4))))
    return s.Group(kind, parts, rng.randint(1, len(parts)) if kind == "n以上" else 0)


@pytest.mark.parametrize("seed", range(40))
def test_chains_conclude_the_three_valued_truth_of_any_tree(seed: int) -> None:
    """However groups are nested and scenarios refer to each other, the signals concluded are the truth of the trees."""
    rng = random.Random(seed)
    hit = s.Refers("PV-01", positive=rng.random() < 0.5)
    scenarios = [
        scenario("PV-01", tree(rng, 3), *(tree(rng, 2) for _ in range(rng.randint(0, 2)))),
        scenario("YC-01", s.Group("いずれか", (tree(rng, 1), hit)), hardship_type="young_carer"),
        scenario("PV-02", s.Group("すべて", (tree(rng, 1), s.Refers("YC-01"))), s.Refers("PV-01")),
    ]
    chains = chain(scenarios, {})
    assert [network.name for network in chains.networks] == ["poverty", "after_others.1", "after_others.2"]
    network = Network((), tuple(chains.networks))
    for _ in range(10):
        truths: dict[s.Sentence, Truth] = {sentence: rng.choice(list(Truth)) for sentence in SENTENCES}
        given = {
            name
            for sentence, names in chains.given.items()
            for mark, name in names.items()
            if mark in HOLDS[truths[sentence]]
        }
        signals = given.union(*conclusions_of(network, frozenset({TOLD, *given})).values())
        assert signals.issuperset(chains.reached)
        for one in scenarios:
            met, cancelled = scenario_truth(PlannedScenario(1, one), truths.__getitem__)
            assert told(chains.met[one.id], signals) is met
            if one.cancels:
                assert told(chains.cancelled[one.id], signals) is cancelled
            stands = Truth.NOT_MET if cancelled is Truth.MET else met
            truths[s.Refers(one.id)], truths[s.Refers(one.id, positive=False)] = stands, ~stands


def told(pair: tuple[str, str], signals: set[str]) -> Truth:
    """What a pair of signals says."""
    return Truth.MET if pair[0] in signals else Truth.UNKNOWN if pair[1] in signals else Truth.NOT_MET


def test_each_cell_is_in_one_class() -> None:
    """Whatever thresholds look at a number, exactly one leaf rule fires for it; and blank and unknown cells have their own."""
    column = Column("epds", "epds_total", gaps=True)
    rng = random.Random(1)
    for _ in range(12):
        column.between(*rng.choice(((rng.randint(-3, 30), None), (None, rng.randint(-3, 30)), (5, 5), (None, None))))
    network = Network(column.rules(), ())
    facts = [TypedFact(n, "epds", {"v_epds_total": n - 10}) for n in range(50)]
    facts += [TypedFact(50, "epds", {"b_epds_total": 1}), TypedFact(51, "epds", {"u_epds_total": 1})]
    fired = [number for numbers in matches_of(network, facts).values() for number in numbers]
    assert sorted(fired) == [fact.number for fact in facts]


def test_the_city_rulebooks_are_compiled_whole() -> None:
    """Nothing of the rulebooks in force is left out, and each leaf rule says something else."""
    rules = compile_rulebooks(load_rulebooks(RULEBOOKS, VOCABULARY, as_of=AS_OF), VOCABULARY)
    assert not rules.unsaid and not rules.chains.left_out
    said: set[tuple[str, tuple[FieldTest, ...]]] = {(rule.kind, rule.tests) for rule in rules.network.leaves}
    assert len(said) == len(rules.network.leaves)


def test_what_cannot_be_said_is_told_with_every_scenario_over_it() -> None:
    """A number too large for the engine leaves out its scenario and those that refer to it, with the reason, and no other."""
    large = s.Compare("nursery_fee_arrears", (s.Bound("以上", 2**31),))
    scenarios = [
        scenario("PV-01", large),
        scenario("PV-02", s.Refers("PV-01")),
        scenario("PV-03", s.Group("すべて", (SENTENCES[1], s.Group("次でない", (SENTENCES[2],))))),
    ]
    rules = compile_scenarios(AS_OF, scenarios, VOCABULARY)
    assert set(rules.unsaid) == {large}
    assert set(rules.chains.left_out) == {"PV-01", "PV-02"}
    (child,) = by_stand_in(rules, [household()])
    assert set(child.scenarios) == {"PV-03"}
    assert large not in child.answers


def test_half_of_a_scenario_supports_no_other() -> None:
    """Groups of a scenario that had to be given up are made anew for the next one."""
    shared = s.Group("すべて", (SENTENCES[1], SENTENCES[2]))
    endless = s.Group("n以上", (SENTENCES[3], SENTENCES[4]), 0)  # holds always, so that no signal can stand for it
    scenarios = [
        scenario("PV-01", s.Group("いずれか", (shared, endless))),
        scenario("PV-02", s.Group("いずれか", (shared,))),
    ]
    rules = compile_scenarios(AS_OF, scenarios, VOCABULARY)
    assert set(rules.chains.left_out) == {"PV-01"}
    (child,) = by_stand_in(rules, [household()])
    assert child.scenarios["PV-02"] == (Truth.MET, Truth.NOT_MET)


@pytest.mark.parametrize("lost", ["poverty.reached", "PV-01.may_be_met"])
def test_a_network_that_says_too_little_is_noticed(lost: str) -> None:
    """Silence of a network is no "not met", nor is "met" without "may be met"."""
    rules = compile_scenarios(AS_OF, [scenario("PV-01", SENTENCES[1])], VOCABULARY)
    children = Children(rules)
    inputs = children.tell(household())
    matches = matches_of(rules.network, inputs.facts)
    signals = frozenset(children.fold(inputs.key, matches))
    conclusions = conclusions_of(rules.network, signals)
    assert lost in conclusions["poverty"]
    less = {name: its - {lost} for name, its in conclusions.items()}
    with pytest.raises(ContradictionError):
        children.read(Concluded(inputs.key, matches, signals, less))


def test_nothing_is_told_that_no_sentence_looks_at() -> None:
    """Members with whom no sentence deals, and records of which none speaks, do not become facts of the engine."""
    rules = compile_scenarios(AS_OF, [scenario("PV-01", SENTENCES[1])], VOCABULARY)
    whole = replace(household(), members=(replace(household().child, key="P2", relations=frozenset({"母", "世帯員"})),))
    assert [fact.kind for fact in Children(rules).tell(whole).facts] == ["person", "person"]


def household() -> Household:
    """A child of eight without any records."""
    return Household("H1", AS_OF, Person("P1", age_years=8, school_grade=2, born_on=date(2018, 5, 1)))
