"""What the checks claim of conditions is never refuted by a household: the reference interpreter is asked each time."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_sentences import FORMS, Sentences
from made_up_worlds import World, records_of

from engine.evaluate.meaning.reference import judge_sentences
from engine.evaluate.plan import PlannedScenario, scenario_truth, truth_of
from engine.kernel.truth import Truth
from engine.records.vocabulary import Vocabulary, load_vocabulary
from engine.rulebook.checks.reasoning import Reasoner
from engine.rulebook.language import syntax as s

VOCABULARY = load_vocabulary(Path(__file__).parents[2] / "rulebooks" / "fields.yaml")
DAYS = (date(2026, 11, 20), date(2026, 3, 31), date(2028, 2, 29), date(2026, 4, 1))


class Narrow(Sentences):
    """Sentences about few items, so that many have to do with each other."""

    def __init__(self, rng: Random, vocabulary: Vocabulary) -> None:
        super().__init__(rng, vocabulary)
        for kind, items in self.by_kind.items():
            record = vocabulary.items[rng.choice(items)].record
            self.by_kind[kind] = [key for key in items if vocabulary.items[key].record == record][:4]
        self.by_kind["年齢"], self.by_kind["学年"] = ["age"], ["grade"]

    def _item(self, *kinds: str, periodic: bool = False) -> str:
        found = [key for kind in kinds for key in self.by_kind[kind]]
        found = [key for key in found if not periodic or self.vocabulary.record_of(key).period]
        if found:
            return self.rng.choice(found)
        return super()._item(*kinds, periodic=periodic) if not periodic else self.rng.choice(self._periodic(kinds))

    def _periodic(self, kinds: tuple[str, ...]) -> list[str]:
        return [
            key
            for key, item in self.vocabulary.items.items()
            if item.kind in kinds and self.vocabulary.record_of(key).period and self.vocabulary.is_permitted(key)
        ]

    def related(self, how_many: int) -> tuple[s.Sentence, ...]:
        """Distinct sentences of a few forms."""
        forms = self.rng.sample(FORMS, 3)
        return tuple(dict.fromkeys(self.of_form(self.rng.choice(forms)) for _ in range(how_many)))


def refuted(seed: int, claims: Counter[str]) -> list[str]:
    """Claims about sentences of one made-up world that some of its households refute."""
    rng = Random(seed)
    day = rng.choice(DAYS)
    sentences = Narrow(rng, VOCABULARY).related(24)
    reasoner = Reasoner((), VOCABULARY)
    households = World(rng, VOCABULARY).households(25, day, records_of(sentences, VOCABULARY))
    truths = [
        {sentence: verdict.truth for sentence, verdict in judge_sentences(sentences, {}, h, VOCABULARY).items()}
        for h in households
    ]
    wrong: list[str] = []
    for a in sentences:
        if not reasoner.can_be_met([a]):
            claims["never"] += 1
            wrong += [f"{a} is met" for truth in truths if truth[a] is Truth.MET]
        if not reasoner.can_be_not_met(a):
            claims["always"] += 1
            wrong += [f"{a} is not met" for truth in truths if truth[a] is Truth.NOT_MET]
        for b in sentences:
            if a == b:
                continue
            if reasoner.follows(b, [a]):
                claims["follows"] += 1
                wrong += [f"{a} -> {b}: {t[b]}" for t in truths if t[a] is Truth.MET and t[b] is not Truth.MET]
            if reasoner.follows(s.Group("次でない", (b,)), [s.Group("次でない", (a,))]):
                claims["follows not met"] += 1
                wrong += [f"not {a} -> not {b}: {t[b]}" for t in truths if t[a] is Truth.NOT_MET and t[b] is not Truth.NOT_MET]
            if not reasoner.can_be_met([a, b]):
                claims["clash"] += 1
                wrong += [f"{a} and {b}" for t in truths if t[a] is Truth.MET and t[b] is Truth.MET]
    return wrong


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_no_household_refutes_what_is_claimed_of_sentences(seed: int) -> None:
    """Where one sentence is said to follow from another, no household meets the one and not the other; nor is it unknown."""
    assert refuted(seed, Counter()) == []


def test_the_claims_are_many_and_of_every_kind() -> None:
    """The property above is not true because nothing is claimed."""
    claims: Counter[str] = Counter()
    for seed in range(30):
        assert refuted(seed, claims) == []
    assert claims["follows"] > 150 and claims["follows not met"] > 80 and claims["clash"] > 150 and claims["never"] > 1, claims


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_no_household_refutes_what_is_claimed_of_trees_and_scenarios(seed: int) -> None:
    """Nested groups, references and cancels: implied conditions and scenarios that always stand together."""
    rng = Random(seed)
    day = rng.choice(DAYS)
    made = Narrow(rng, VOCABULARY)
    sentences = made.related(6)
    scenarios, references = made.scenarios(6, sentences)
    planned = {each.id: PlannedScenario(number, each) for number, each in enumerate(scenarios, start=1)}
    reasoner = Reasoner(scenarios, VOCABULARY)
    trees = [made.condition((*sentences, *references)) for _ in range(8)]
    asked = [sentence for tree in trees for sentence in s.sentences_of(tree)]
    asked += [x for p in scenarios for part in (p.target, p.condition, *p.cancels) for x in s.sentences_of(part)]
    for household in World(rng, VOCABULARY).households(25, day, records_of(sentences, VOCABULARY)):
        judged = {k: v.truth for k, v in judge_sentences(asked, planned, household, VOCABULARY).items()}
        truths = {tree: truth_of(tree, judged.__getitem__) for tree in trees}
        for one in trees:
            assert reasoner.can_be_met([one]) or truths[one] is not Truth.MET
            assert reasoner.can_be_not_met(one) or truths[one] is not Truth.NOT_MET
            for other in trees:
                if reasoner.follows(other, [one]):
                    assert truths[one] is not Truth.MET or truths[other] is Truth.MET
        stand = {}
        for scenario in scenarios:
            truth, cancelled = scenario_truth(planned[scenario.id], judged.__getitem__)
            stand[scenario.id] = truth is Truth.MET and cancelled is not Truth.MET
        for mine in scenarios:
            for its in scenarios:
                if reasoner.stands_only_if(mine, its):
                    assert not stand[mine.id] or stand[its.id], (mine, its)
