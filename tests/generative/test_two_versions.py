"""Two versions of a rulebook judged together are judged as each is by itself, and the sentence that is blamed is to blame."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from made_up_worlds import World, records_of

from engine.evaluate.columns.evaluation import evaluate_all
from engine.evaluate.plan import make_plan, truth_of
from engine.evaluate.versions.common_plan import plan_both
from engine.evaluate.versions.deciding_edits import deciding_edits
from engine.kernel.truth import Truth
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.language.syntax import Group
from engine.rulebook.model import Rulebook, RulebookSet, Scenario
from engine.rulebook.references import references
from engine.rulebook.versions.scenario_changes import overlays
from engine.rulebook.versions.tree_changes import BEFORE, choose, edits_of
from engine.store.memory import snapshot_of

VOCABULARY = load_vocabulary(Path(__file__).parents[2] / "rulebooks" / "fields.yaml")
AS_OF = date(2026, 11, 20)
FEW = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def set_of(scenarios: list[Scenario]) -> RulebookSet:
    book = Rulebook("poverty", "見本", "1", "", scenarios[0].target, tuple(scenarios), (), "poverty.yaml", "")
    return RulebookSet(AS_OF, (book,))


def two_versions(seed: int) -> tuple[RulebookSet, RulebookSet, World]:
    """Eight scenarios; in the new version some conditions and cancels are others, one scenario is gone, one has come."""
    world = World(random.Random(seed), VOCABULARY)
    sentences = tuple(dict.fromkeys(world.sentence() for _ in range(30)))
    old, _ = world.scenarios(8, sentences)
    new = []
    for scenario in old:
        change = world.rng.random()
        if change < 0.3:
            scenario = replace(scenario, condition=world.condition(sentences))
        elif change < 0.5:
            scenario = replace(scenario, cancels=(world.condition(sentences),))
        new.append(scenario)
    return set_of(old), set_of(new), world


def test_both_versions_together_are_judged_like_each_alone() -> None:
    """Under their own 番号, with references following their own version, whatever was changed."""

    @FEW
    @given(st.integers(0, 2**32 - 1))
    def compare(seed: int) -> None:
        old, new, world = two_versions(seed)
        both = plan_both(old, new, VOCABULARY)
        households = world.households(40, AS_OF, records_of(both.plan.conditions, VOCABULARY))
        with snapshot_of(households, VOCABULARY) as snapshot:
            together = evaluate_all(snapshot, both.plan)
            for own, rulebooks in ((both.old_truths(together), old), (both.new_truths(together), new)):
                alone = evaluate_all(snapshot, make_plan(rulebooks, VOCABULARY))
                assert own.to_pydict() == alone.select(own.column_names).to_pydict()

    compare()


def test_an_edit_is_blamed_only_if_undoing_it_undoes_the_answer() -> None:
    """For every child whom a changed scenario hits otherwise: the blamed edit alone, or all of them where none alone does."""
    blamed = 0

    @FEW
    @given(st.integers(0, 2**32 - 1))
    def compare(seed: int) -> None:
        nonlocal blamed
        old, new, world = two_versions(seed)
        both = plan_both(old, new, VOCABULARY)
        households = world.households(40, AS_OF, records_of(both.plan.conditions, VOCABULARY))
        with snapshot_of(households, VOCABULARY) as snapshot:
            table = evaluate_all(snapshot, both.plan)
        rows = {row["child_key"]: row for row in table.to_pylist()}
        for scenario_id, common in both.renamed.items():
            moved = [k for k, row in rows.items() if hit(row, scenario_id) != hit(row, common)]
            deciding = deciding_edits(both, table, scenario_id, moved)
            assert set(deciding.by_child) == set(moved)
            nodes = overlays(both.old_scenarios[scenario_id], both.new.by_id[scenario_id].scenario)
            edits = [edit for node in nodes for edit in edits_of(node)]
            assert tuple(edits) == deciding.edits
            for child, positions in deciding.by_child.items():
                assert positions
                row = rows[child]

                def judged(sentence, row=row):
                    return Truth(row[f"c{both.plan.number_of(sentence)}"])

                def hit_without(undone, judged=judged, nodes=nodes):
                    trees = [choose(node, lambda edit: all(edit is not u for u in undone)) for node in nodes]  # noqa: B023
                    requirement, cancels = (tree or Group("すべて", ()) for tree in trees)
                    return truth_of(requirement, judged) is Truth.MET and truth_of(cancels, judged) is not Truth.MET

                blamed += 1
                assert hit_without(()) == hit(row, scenario_id)
                assert hit_without(edits) == hit(row, common)
                if len(positions) < len(edits):
                    assert all(hit_without((edits[i],)) == hit(row, common) for i in positions)

    compare()
    assert blamed > 50


def hit(row, scenario: str) -> bool:
    return row[scenario] is True and row[f"{scenario}_cancelled"] is not True


def test_only_what_differs_is_judged_twice() -> None:
    """An unchanged scenario stands once in the common plan; a changed one, and what refers to it, under a name of its own."""
    old, _, _ = two_versions(3)
    first, *rest = old.scenarios
    changed = replace(first, condition=Group("次でない", (first.condition,)))
    both = plan_both(old, set_of([changed, *rest]), VOCABULARY)
    expected = {first.id}
    for _ in rest:
        expected |= {s.id for s in rest if expected & set(references(s))}
    assert both.renamed == {id_: f"{id_}{BEFORE}" for id_ in expected}
    assert len(both.plan.scenarios) == len(old.rulebooks[0].scenarios) + len(expected)
    assert plan_both(old, old, VOCABULARY).renamed == {}
