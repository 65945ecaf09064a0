"""Two versions of the rulebooks in one plan, so that both are evaluated at once and share every condition they have in common."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

import pyarrow as pa

from engine.evaluate.plan import Plan, make_plan
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language.syntax import Condition, Group, Refers
from engine.rulebook.model import RulebookSet, Scenario
from engine.rulebook.references import references
from engine.rulebook.versions.tree_changes import BEFORE


@dataclass(frozen=True)
class TwoVersions:
    """The common plan; the plan of each version by itself; and where the old version's scenarios stand in the common one.

    `renamed`: 番号 of the common plan by 番号 of the old version, for those that differ. `old_scenarios` are the old scenarios as
    the common plan has them, by their own 番号.
    """

    plan: Plan
    old: Plan
    new: Plan
    renamed: Mapping[str, str]
    old_scenarios: Mapping[str, Scenario]

    def old_truths(self, truths: pa.Table) -> pa.Table:
        """The truths of the old version's scenarios, out of those of the common plan, under their own 番号."""
        return _picked(truths, {s.id: self.renamed.get(s.id, s.id) for s in self.old.scenarios})

    def new_truths(self, truths: pa.Table) -> pa.Table:
        """The truths of the new version's scenarios, out of those of the common plan."""
        return _picked(truths, {s.id: s.id for s in self.new.scenarios})


def plan_both(old: RulebookSet, new: RulebookSet, vocabulary: Vocabulary) -> TwoVersions:
    """Plan two versions of the rulebooks as of one day together.

    Every item, record and relation that the old version uses must mean the same in `vocabulary`. A scenario that refers to
    one that differs differs itself.
    """
    before = {scenario.id: scenario for scenario in old.scenarios}
    after = {scenario.id: scenario for scenario in new.scenarios}
    differing = _differing(before, after)
    renamed = {id_: f"{id_}{BEFORE}" for id_ in before if id_ in differing and id_ in after}
    old_scenarios = {id_: _renamed(scenario, renamed) for id_, scenario in before.items()}
    extra = tuple(
        replace(book, scenarios=tuple(old_scenarios[s.id] for s in book.scenarios if s.id in differing))
        for book in old.rulebooks
    )
    both = RulebookSet(new.as_of, (*new.rulebooks, *(book for book in extra if book.scenarios)))
    return TwoVersions(
        make_plan(both, vocabulary),
        make_plan(old, vocabulary),
        make_plan(new, vocabulary),
        renamed,
        old_scenarios,
    )


def _differing(before: Mapping[str, Scenario], after: Mapping[str, Scenario]) -> Set[str]:
    """番号 of old scenarios that are not word for word in the new version, or that refer to such a one."""
    found = {id_ for id_, scenario in before.items() if id_ not in after or not _same_trees(scenario, after[id_])}
    grew = True
    while grew:
        more = {id_ for id_, s in before.items() if id_ not in found and any(r in found for r in references(s))}
        found |= more
        grew = bool(more)
    return found


def _same_trees(old: Scenario, new: Scenario) -> bool:
    return (old.target, old.condition, old.cancels) == (new.target, new.condition, new.cancels)


def _renamed(scenario: Scenario, renamed: Mapping[str, str]) -> Scenario:
    return replace(
        scenario,
        id=renamed.get(scenario.id, scenario.id),
        target=_in_tree(scenario.target, renamed),
        condition=_in_tree(scenario.condition, renamed),
        cancels=tuple(_in_tree(cancel, renamed) for cancel in scenario.cancels),
    )


def _in_tree(condition: Condition, renamed: Mapping[str, str]) -> Condition:
    if isinstance(condition, Group):
        return Group(condition.kind, tuple(_in_tree(part, renamed) for part in condition.parts), condition.needed)
    if isinstance(condition, Refers):
        return Refers(renamed.get(condition.scenario_id, condition.scenario_id), condition.positive)
    return condition


def _picked(truths: pa.Table, names: Mapping[str, str]) -> pa.Table:
    columns = {"child_key": truths.column("child_key")}
    for own, common in names.items():
        columns[own] = truths.column(common)
        columns[f"{own}_cancelled"] = truths.column(f"{common}_cancelled")
    return pa.table(columns)
