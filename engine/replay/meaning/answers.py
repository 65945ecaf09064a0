"""Answers made of others: what the whole says, and which records decided it (docs/evidence.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from engine.kernel.truth import Truth, all_of
from engine.records.answer import Answer
from engine.replay.meaning.facts import Seeing, Seen, Subject

Judge = Callable[[Seeing, Subject], Answer]
"""What one sentence says of one subject of a child's household."""
NOTHING: frozenset[str] = frozenset()


def kleene(value: bool) -> Truth:
    """A truth that is certain."""
    return Truth.MET if value else Truth.NOT_MET


_ALONE = {truth: Answer(truth) for truth in Truth}


def alone(truth: Truth) -> Answer:
    """A truth that no record decided."""
    return _ALONE[truth]


def answer_of(truth: Truth, rows: Iterable[Seen]) -> Answer:
    """A truth with the rows that decided it."""
    if not rows:  # an empty list, as most are
        return _ALONE[truth]
    facts = frozenset([seen.fact_id for seen in rows])
    return Answer(truth, facts) if facts else _ALONE[truth]


def whole_of(truth: Truth, parts: Sequence[Answer]) -> Answer:
    """The truth of the whole with the records of those parts whose truth it is; of all parts if it is that of none."""
    facts = NOTHING.union(*([part.facts for part in parts if part.truth is truth] or [part.facts for part in parts]))
    return Answer(truth, facts) if facts else _ALONE[truth]


def together(parts: Sequence[Answer]) -> Answer:
    """One part made of several that must all hold."""
    return parts[0] if len(parts) == 1 else whole_of(all_of([part.truth for part in parts]), parts)
