"""Which sentence made the difference: for the children whom a changed scenario hits otherwise than before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from engine.evaluate.plan import truth_of
from engine.evaluate.versions.common_plan import TwoVersions
from engine.kernel.truth import Truth
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language.syntax import Condition, Group, Sentence, sentences_of
from engine.rulebook.versions.scenario_changes import overlays, threshold_edit
from engine.rulebook.versions.tree_changes import Edit, Node, choose, edits_of


@dataclass(frozen=True)
class Deciding:
    """The edits of one scenario, and by child key the positions of those that decided.

    Edits that give one named threshold one other value are one, and the first of them stands for all. An edit decided if
    putting it alone back as it was gives the answer of before. Where no single one does, several only matter together, and
    all that the scenario has are named.
    """

    edits: tuple[Edit, ...]
    by_child: Mapping[str, tuple[int, ...]]


def deciding_edits(both: TwoVersions, truths: pa.Table, scenario_id: str, child_keys: Iterable[str]) -> Deciding:
    """Of a scenario that both versions have. `truths`: of the common plan, one row per child by child_key.

    The children are those for whom the scenario's hit differs between the versions.
    """
    nodes = overlays(both.old_scenarios[scenario_id], both.new.by_id[scenario_id].scenario)
    units = _units([edit for node in nodes for edit in edits_of(node)], both.plan.vocabulary)
    wanted = sorted(set(child_keys))
    sentences = tuple(dict.fromkeys(s for node in nodes for s in _sentences(node)))
    position = {key: i for i, key in enumerate(truths.column("child_key").to_pylist())}
    rows = truths.take(pa.array([position[key] for key in wanted], pa.int64()))
    columns = [rows.column(f"c{both.plan.number_of(sentence)}").to_pylist() for sentence in sentences]
    found: dict[tuple[Truth, ...], tuple[int, ...]] = {}
    by_child: dict[str, tuple[int, ...]] = {}
    for i, key in enumerate(wanted):
        # Children share few combinations of answers, so each combination is decided once.
        answers = tuple(Truth(column[i]) for column in columns)
        if answers not in found:
            found[answers] = _decisive(nodes, units, dict(zip(sentences, answers, strict=True)).__getitem__)
        by_child[key] = found[answers]
    return Deciding(tuple(unit[0] for unit in units), by_child)


def _units(edits: Sequence[Edit], vocabulary: Vocabulary) -> tuple[tuple[Edit, ...], ...]:
    """Edits that the author made by one change of one number, together."""
    units: dict[object, list[Edit]] = {}
    for position, edit in enumerate(edits):
        units.setdefault(threshold_edit(edit, vocabulary) or position, []).append(edit)
    return tuple(tuple(unit) for unit in units.values())


def _decisive(
    nodes: tuple[Node, Node], units: tuple[tuple[Edit, ...], ...], judged: Callable[[Sentence], Truth]
) -> tuple[int, ...]:
    def hit_without(undone: tuple[Edit, ...]) -> bool:
        trees = (choose(node, lambda edit: all(edit is not one for one in undone)) for node in nodes)
        requirement, cancels = (tree or Group("すべて", ()) for tree in trees)
        return truth_of(requirement, judged) is Truth.MET and truth_of(cancels, judged) is not Truth.MET

    now = hit_without(())
    alone = tuple(i for i, unit in enumerate(units) if hit_without(unit) is not now)
    return alone or tuple(range(len(units)))


def _sentences(node: Node) -> Iterable[Sentence]:
    for side in (True, False):
        tree: Condition | None = choose(node, lambda edit, side=side: side)  # type: ignore[misc]
        if tree is not None:
            yield from sentences_of(tree)
