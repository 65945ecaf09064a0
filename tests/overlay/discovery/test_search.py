"""What holds up is told, what is chance is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_evidence import candidates, noise, with_planted

from ml_overlay.discovery.pairs import count_pairs, wilson
from ml_overlay.discovery.search import Evidence, in_first_half, search
from ml_overlay.discovery.sentences import Candidate

BANK = candidates(30)


def _sets(evidence: Evidence, bank: tuple[Candidate, ...] = BANK) -> list[frozenset[int]]:
    return [frozenset(finding.sentences) for finding in search(evidence, bank)]


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_pair_is_found_in_every_half(seed: int) -> None:
    """Two sentences that only together go with the label come first, and were found in nearly every half of the households."""
    evidence = with_planted(noise(6000, 30, seed), 4, 17, seed)

    first = search(evidence, BANK)[0]

    assert set(first.sentences) == {4, 17}
    assert first.frequency >= 0.9
    assert first.elsewhere.lift > 3


@pytest.mark.parametrize("seed", range(3))
def test_noise_gives_no_finding(seed: int) -> None:
    """Where nothing goes with the label nothing is told."""
    assert search(noise(6000, 30, seed), BANK) == ()


def test_without_a_label_there_is_nothing_to_find() -> None:
    """Nobody for whom the label came true: no finding, and no error."""
    evidence = noise(500, 30, 1)

    assert search(replace(evidence, label=np.zeros(500, dtype=bool)), BANK) == ()


def test_the_order_of_the_rows_changes_nothing() -> None:
    """The same children in another order give the same findings, figures included."""
    evidence = with_planted(noise(6000, 30, 2), 4, 17, 2)
    order = np.random.default_rng(5).permutation(6000)
    shuffled = Evidence(
        *(getattr(evidence, name)[order] for name in ("met", "label", "household_keys", "cut_on", "already"))
    )

    assert search(shuffled, BANK) == search(evidence, BANK)


def test_a_second_sentence_that_adds_nothing_is_left_out() -> None:
    """Where one sentence alone goes with the label, it is told alone."""
    evidence = noise(6000, 30, 3)
    random = np.random.default_rng(3)
    label = np.where(evidence.met[:, 5] & (random.random(6000) < 0.2), True, evidence.label)
    met = evidence.met.copy()
    met[:, 5] &= random.random(6000) < 0.25

    assert _sets(replace(evidence, met=met, label=label | (met[:, 5] & (random.random(6000) < 0.3)))) == [
        frozenset({5})
    ]


def test_the_citys_own_sentence_stands_for_one_that_holds_for_the_same_children() -> None:
    """Of two sentences with nearly the same children the one that a rulebook says is told, the other one beside it."""
    evidence = with_planted(noise(6000, 30, 4), 4, 17, 4)
    met = evidence.met.copy()
    met[:, 29] = met[:, 17]
    own = candidates(30, in_use=frozenset({29}))

    first = search(replace(evidence, met=met), own)[0]

    assert set(first.sentences) == {4, 29}
    assert 17 in first.alike


def test_what_held_only_in_an_earlier_time_is_not_told() -> None:
    """A pair that goes with the label in the first half of the time and not in the second is no finding."""
    evidence = noise(8000, 30, 6)
    early = evidence.cut_on < np.datetime64("2025-01-01")
    planted = with_planted(evidence, 4, 17, 6, share=0.9)
    label = np.where(early, planted.label, evidence.label & ~(evidence.met[:, 4] & evidence.met[:, 17]))

    assert frozenset({4, 17}) not in _sets(replace(evidence, label=label))


def test_what_it_adds_to_the_scenarios_is_counted() -> None:
    """Children whom a scenario of the type hit are not counted as new."""
    evidence = with_planted(noise(6000, 30, 7), 4, 17, 7)
    first = search(replace(evidence, already=evidence.met[:, 4]), BANK)[0]

    assert (first.new_children, first.new_hits) == (0, 0)
    assert first.figures.children > 0


def test_a_target_is_no_reason() -> None:
    """An age alone is never told, however often the label comes true in it."""
    evidence = noise(6000, 30, 8)
    label = evidence.label | (evidence.met[:, 0] & (np.random.default_rng(8).random(6000) < 0.5))
    bank = (replace(BANK[0], is_target=True), *BANK[1:])

    assert frozenset({0}) not in _sets(replace(evidence, label=label), bank)


def test_children_of_one_household_fall_into_one_half() -> None:
    """A household is never parted, and about half of them fall into the first half."""
    keys = np.array([f"H{number // 3}" for number in range(3000)])
    first = in_first_half(keys, "x")

    assert all(len(set(first[keys == key])) == 1 for key in set(keys))
    assert 0.4 < first.mean() < 0.6


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 6))
def test_all_pairs_are_counted_as_one_by_one(seed: int, children: int, sentences: int) -> None:
    """The products count what a loop over children and pairs counts."""
    random = np.random.default_rng(seed)
    met, label = random.random((children, sentences)) < 0.5, random.random(children) < 0.5
    counts = count_pairs(met, label)

    for i in range(sentences):
        for j in range(sentences):
            both = met[:, i] & met[:, j]
            assert counts.support[i, j] == both.sum()
            assert counts.hits[i, j] == (both & label).sum()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 500), st.integers(0, 500))
def test_the_bounds_hold_the_share(hits: int, others: int) -> None:
    """The share lies between its bounds, which lie between none and all; of nobody nothing is known."""
    low, high = wilson(hits, hits + others)

    share = hits / (hits + others) if hits + others else 0.0
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    assert (float(low), float(high)) == (0.0, 1.0) if hits + others == 0 else low < high
