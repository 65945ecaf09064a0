"""What changed between two versions of a scenario's conditions, sentence by sentence.

The two trees are laid over each other: what both have stays, and each place in which they differ is an `Edit`. Choosing a
side for every edit gives back a tree, so that one can ask which edit made the difference for a child.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from engine.rulebook.language.syntax import Condition, Group, Refers, items_of, owner_of, sentences_of

BEFORE = "(変更前)"
"""What a scenario's 番号 bears where both versions stand side by side and this is the old one."""


@dataclass(frozen=True)
class Edit:
    """One place in which the versions differ: replaced, added (`old` None) or taken out (`new` None)."""

    old: Condition | None
    new: Condition | None


@dataclass(frozen=True)
class Overlay:
    """A group that both versions have, with at least one edit somewhere inside it."""

    group: Group
    parts: tuple[Node, ...]


Node = Condition | Edit | Overlay


def lay_over(old: Condition, new: Condition) -> Node:
    """Both trees as one. Equal trees are the tree itself, whatever the order of their parts."""
    if same_meaning(old, new):
        return new
    if isinstance(old, Group) and isinstance(new, Group) and (old.kind, old.needed) == (new.kind, new.needed):
        if old.kind == "次でない":
            return Overlay(new, (lay_over(old.parts[0], new.parts[0]),))
        return Overlay(new, tuple(_parts(old.parts, new.parts)))
    return Edit(old, new)


def same_meaning(old: Condition, new: Condition) -> bool:
    """Whether two trees are the same but for the order of the parts of their groups."""
    if not isinstance(old, Group) or not isinstance(new, Group):
        return old == new
    if (old.kind, old.needed, len(old.parts)) != (new.kind, new.needed, len(new.parts)):
        return False
    return not _unpaired(old.parts, new.parts)[0]


def edits_of(node: Node) -> Iterator[Edit]:
    """Every edit, in the order of the tree."""
    if isinstance(node, Edit):
        yield node
    elif isinstance(node, Overlay):
        for part in node.parts:
            yield from edits_of(part)


def choose(node: Node, is_new: Callable[[Edit], bool]) -> Condition | None:
    """The tree with one side taken for each edit; None where nothing is left."""
    if isinstance(node, Edit):
        return node.new if is_new(node) else node.old
    if not isinstance(node, Overlay):
        return node
    parts = (choose(part, is_new) for part in node.parts)
    return Group(node.group.kind, tuple(part for part in parts if part is not None), node.group.needed)


def _parts(old: Sequence[Condition], new: Sequence[Condition]) -> Iterator[Node]:
    gone, come = _unpaired(old, new)
    partner: dict[int, Condition] = {}
    for index in sorted(come, key=lambda i: -max((_likeness(o, new[i]) for o in gone), default=0)):
        best = max(gone, key=lambda candidate: _likeness(candidate, new[index]), default=None)
        if best is not None and _likeness(best, new[index]) > 0:
            partner[index] = best
            gone.remove(best)
    left = [index for index in come if index not in partner]
    if len(left) == len(gone) == 1:  # the only one without a partner on either side
        partner[left[0]] = gone.pop()
    for index, part in enumerate(new):
        if index not in come:
            yield part
        elif index in partner:
            yield lay_over(partner[index], part)
        else:
            yield Edit(None, part)
    for part in gone:
        yield Edit(part, None)


def _unpaired(old: Sequence[Condition], new: Sequence[Condition]) -> tuple[list[Condition], list[int]]:
    """Parts of the old group that the new one lacks, and the positions of those that are new."""
    gone = list(old)
    come: list[int] = []
    for index, part in enumerate(new):
        found = next((o for o in gone if same_meaning(o, part)), None)
        if found is None:
            come.append(index)
        else:
            gone.remove(found)
    return gone, come


def _likeness(old: Condition, new: Condition) -> int:
    """How likely a part is another version of one: sentences by form and item, groups by the sentences they share."""
    if isinstance(old, Group) or isinstance(new, Group):
        if not isinstance(old, Group) or not isinstance(new, Group) or old.kind != new.kind:
            return 0
        mine, theirs = set(sentences_of(old)), set(sentences_of(new))
        items = {i for s in mine for i in items_of(s)} & {i for s in theirs for i in items_of(s)}
        return 2 * len(mine & theirs) + len(items)
    if isinstance(old, Refers) and isinstance(new, Refers):
        return 4 * (old.scenario_id.removesuffix(BEFORE) == new.scenario_id)
    shared = set(items_of(old)) & set(items_of(new))
    if not shared:
        return 0
    alike_owner = getattr(owner_of(old), "relation", None) == getattr(owner_of(new), "relation", None)
    return 1 + 4 * (type(old) is type(new)) + 2 * alike_owner
