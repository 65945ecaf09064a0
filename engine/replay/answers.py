"""Answers made of others: what the whole says, and which records decided it (docs/evidence.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from engine.kernel.truth import Truth, all_of
from engine.records.answer import Answer
from engine.replay.facts import Seeing, Seen, Subject

Judge = Callable[[Seeing, Subject], Answer]
"""What one sentence says of one subject of a child's household."""
NOTHING: frozenset[str] = frozenset()


def kleene(value: bool) -> Truth:
    """A truth that is certain."""
    return Truth.MET if value else Truth.NOT_MET


def answer_of(truth: Truth, rows: Iterable[Seen]) -> Answer:
    """A truth with the rows that decided it."""
    return Answer(truth, frozenset(seen.fact_id for seen in rows))


def whole_of(truth: Truth, parts: Sequence[Answer]) -> Answer:
    """The truth of the whole with the records of those parts whose truth it is; of all parts if it is that of none."""
    bearing = [part.facts for part in parts if part.truth is truth] or [part.facts for part in parts]
    return Answer(truth, NOTHING.union(*bearing))


def together(parts: Sequence[Answer]) -> Answer:
    """One part made of several that must all hold."""
    return parts[0] if len(parts) == 1 else whole_of(all_of(part.truth for part in parts), parts)
