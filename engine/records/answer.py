"""What an engine says to one sentence about one child: the truth, and the facts that decided it. Engines are compared by it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.kernel.truth import Truth


@dataclass(frozen=True)
class Answer:
    """`facts` are the ids (`Row.fact_id`) of the records that decided. What decides is said in docs/evidence.md."""

    truth: Truth
    facts: frozenset[str] = frozenset()
