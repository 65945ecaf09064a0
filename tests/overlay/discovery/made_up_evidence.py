"""Made-up evidence: children in households, sentences that are noise, and what is planted among them."""

from __future__ import annotations

import numpy as np

from engine.rulebook.language import syntax as s
from ml_overlay.discovery.search import Evidence
from ml_overlay.discovery.sentences import Candidate


def candidates(count: int, *, in_use: frozenset[int] = frozenset()) -> tuple[Candidate, ...]:
    """Sentences of as many topics; what they say is of no account here."""
    half_a_year = s.Window("か月", 6)
    return tuple(
        Candidate(
            s.Events(f"item_{number}", half_a_year, s.Count("以上", 1)), ("本人", f"item_{number}"), number in in_use
        )
        for number in range(count)
    )


def noise(children: int, sentences: int, seed: int, *, share: float = 0.1, base: float = 0.03) -> Evidence:
    """Two children a household, a label and sentences that have nothing to do with each other."""
    random = np.random.default_rng(seed)
    days = np.where(random.random(children) < 0.5, np.datetime64("2024-02-20"), np.datetime64("2025-02-20"))
    return Evidence(
        random.random((children, sentences)) < share,
        random.random(children) < base,
        np.array([f"H{number // 2:06d}" for number in range(children)]),
        days.astype("datetime64[D]"),
        np.zeros(children, dtype=bool),
    )


def with_planted(evidence: Evidence, first: int, second: int, seed: int, *, share: float = 0.4) -> Evidence:
    """The same, but where both sentences are met the label comes true more often."""
    random = np.random.default_rng(1_000 + seed)  # not the numbers that the days were drawn with
    both = evidence.met[:, first] & evidence.met[:, second]
    label = np.where(both, random.random(len(both)) < share, evidence.label)
    return Evidence(evidence.met, label, evidence.household_keys, evidence.cut_on, evidence.already)
