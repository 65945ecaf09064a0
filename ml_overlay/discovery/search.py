"""Which short conjunctions hold up: found again in halves of the households, and in an earlier and a later time.

Stability selection over complementary halves (Shah & Samworth 2013): households are parted in two 25 times, the search runs in each of the fifty
halves, and what is not among the best in most of them is not told. What counts as found again is the pair of topics (出席 of the child with こころの健康 of the
mother), because which of several near-alike items and numbers comes first in a half is chance; these are chosen at the end, on all households, the city's
own sentences before others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_overlay.discovery.pairs import (
    Flags,
    Numbers,
    PairCounts,
    count_pairs,
    gains_on_parts,
    lower_bounds,
    merits,
    wilson,
)
from ml_overlay.discovery.sentences import Candidate

_NEARLY_ALL = 0.9
_ENOUGH = 10
"""Fewer children cannot speak against a finding."""


@dataclass(frozen=True)
class Demands:
    """What is asked of a finding. Counts are of children (`fewest_children`) and of children for whom the label came true (`fewest_hits`).

    `most_share`: what holds for more of the children than a conference could ever look at is no finding. `frequency`: in which share of the halves its topics must
    be among the `best_in_a_half`. `lift`: how many times the share of all the lower bound of its share must be. `overlap`: what lies to this part in an earlier
    finding is not told again. `alike`: sentences whose children agree to this part (Jaccard) are one. `weight`: as in `pairs.merits`.
    """

    partitions: int = 25
    best_in_a_half: int = 30
    frequency: float = 0.8
    fewest_children: int = 20
    fewest_hits: int = 8
    most_share: float = 0.03
    lift: float = 1.5
    overlap: float = 0.6
    weight: float = 0.75
    alike: float = 0.85
    at_most: int = 10


@dataclass(frozen=True)
class Evidence:
    """Children of one type, each on one cut-off day: n rows.

    `met`: n × m, which sentences of the bank were met on that day (unknown is not met); `label`: whether the label came true
    afterwards; `already`: whether a scenario of the type hit on that day. Each child is in one row, so that counts are of children.
    """

    met: Flags
    label: Flags
    household_keys: npt.NDArray[np.str_]
    cut_on: npt.NDArray[np.datetime64]
    already: Flags

    def of(self, rows: Flags) -> Evidence:
        """Only some rows."""
        return Evidence(
            self.met[rows], self.label[rows], self.household_keys[rows], self.cut_on[rows], self.already[rows]
        )


@dataclass(frozen=True)
class Figures:
    """How many children meet a finding, for how many of them the label came true, the bounds of that share, and its ratio to everybody's."""

    children: int
    hits: int
    low: float
    high: float
    lift: float

    def speaks_against(self, lift: float) -> bool:
        """Whether there are children enough to tell, and the label came true for them less often than that."""
        return self.children >= _ENOUGH and self.lift < lift


@dataclass(frozen=True)
class Finding:
    """One or two sentences of the bank (by number) that hold up.

    `found_in`: in how many of the `halves` their topics were among the best. `elsewhere`: the figures in the households of the
    other half, on average over the halves in which they were found. `earlier`, `later`: in the first and the second half of the
    time, None where there is only one day. `new_children`, `new_hits`: those whom no scenario of the type hit. `alike`: numbers
    of sentences that hold for nearly the same children and were left out for these.
    """

    sentences: tuple[int, ...]
    figures: Figures
    found_in: int
    halves: int
    elsewhere: Figures
    earlier: Figures | None
    later: Figures | None
    new_children: int
    new_hits: int
    alike: tuple[int, ...]

    @property
    def frequency(self) -> float:
        """In which share of the halves it was found."""
        return self.found_in / self.halves


def search(evidence: Evidence, bank: Sequence[Candidate], demands: Demands = Demands()) -> tuple[Finding, ...]:
    """The conjunctions of at most two sentences that hold up, those found in nearly all halves first, and of these those that find most; none where nothing does.

    Deterministic: the same rows in any order give the same findings. Households are parted by a hash of their key.
    """
    if not evidence.label.any():
        return ()
    kept, alike = _canonical(evidence.met, bank, demands.alike)
    met = evidence.met[:, kept]
    candidates = [bank[index] for index in kept]
    topics = _topic_pairs(candidates)
    allowed = _allowed(candidates)
    halves = [
        _best_in(met, evidence, half, topics, allowed, demands)
        for half in _halves(evidence.household_keys, demands.partitions)
    ]
    found: dict[int, list[tuple[int, int, Flags]]] = {}
    for best, half in halves:
        for topic, (i, j) in best.items():
            found.setdefault(topic, []).append((i, j, half))
    counts = count_pairs(met, evidence.label)
    low = lower_bounds(
        counts,
        allowed & (counts.support <= demands.most_share * len(met)),
        fewest_children=demands.fewest_children,
        fewest_hits=demands.fewest_hits,
    )
    low = np.where(gains_on_parts(low, counts), low, -1.0)
    merit = merits(counts, low, demands.weight)
    chosen: list[tuple[float, float, tuple[int, int], list[tuple[int, int, Flags]]]] = []
    for topic, times in found.items():
        frequency = len(times) / len(halves)
        if frequency < demands.frequency:
            continue
        pair = _plainest(topics == topic, low, merit, counts, candidates, demands.lift * counts.base)
        if pair is not None:
            chosen.append((frequency, float(merit[pair]), pair, times))
    # What is found in nearly all halves is equally steady: one half more or less is chance.
    chosen.sort(key=lambda one: (one[0] < _NEARLY_ALL, -one[1], one[2]))
    findings: list[Finding] = []
    taken: list[Flags] = []
    for _, _, pair, times in chosen:
        rows = met[:, pair[0]] & met[:, pair[1]]
        if any(_overlap(rows, other) > demands.overlap for other in taken):
            continue
        finding = _finding(evidence, met, rows, kept, alike, pair, times, len(halves))
        if not _holds(finding, demands):
            continue
        taken.append(rows)
        findings.append(finding)
        if len(findings) == demands.at_most:
            break
    return tuple(findings)


# ── near-alike sentences ──


def _canonical(met: Flags, bank: Sequence[Candidate], alike: float) -> tuple[list[int], dict[int, tuple[int, ...]]]:
    """One of each group of sentences that hold for nearly the same children: the city's own words first, then in the order of the bank.

    The label is not looked at. Returns the numbers kept, and for each those for which it stands.
    """
    columns = met.astype(np.float32)
    both = columns.T @ columns
    each = np.diag(both)
    either = each[:, None] + each[None, :] - both
    jaccard = np.divide(both, either, out=np.zeros_like(both), where=either > 0)
    order = sorted(range(len(bank)), key=lambda index: (not bank[index].in_use, index))
    kept: list[int] = []
    stands_for: dict[int, list[int]] = {}
    for index in order:
        if not each[index]:
            continue
        near = [
            other for other in kept if jaccard[index, other] > alike and bank[index].is_target == bank[other].is_target
        ]
        if near:
            stands_for[max(near, key=lambda other: (jaccard[index, other], -other))].append(index)
        else:
            kept.append(index)
            stands_for[index] = []
    kept.sort()
    return kept, {index: tuple(sorted(others)) for index, others in stands_for.items()}


def _topic_pairs(candidates: Sequence[Candidate]) -> npt.NDArray[np.int64]:
    """m × m: a number for the two topics of a pair, the same whichever comes first."""
    numbers = {topic: number for number, topic in enumerate(sorted({one.topic for one in candidates}))}
    topic = np.array([numbers[one.topic] for one in candidates])
    first, second = np.minimum(topic[:, None], topic[None, :]), np.maximum(topic[:, None], topic[None, :])
    single = np.eye(len(candidates), dtype=bool)
    # A sentence alone is another finding than two of its own topic, of which there are none.
    return np.where(single, -1 - topic[:, None], first * len(numbers) + second)


def _allowed(candidates: Sequence[Candidate]) -> Flags:
    """m × m: two sentences of different topics of which one is a reason, or one reason alone."""
    topic = np.array(["\0".join(one.topic) for one in candidates])
    target = np.array([one.is_target for one in candidates])
    different = topic[:, None] != topic[None, :]
    return np.where(
        np.eye(len(candidates), dtype=bool), ~target[:, None], different & ~(target[:, None] & target[None, :])
    )


def _plainest(
    of_topic: Flags, low: Numbers, merit: Numbers, counts: PairCounts, candidates: Sequence[Candidate], at_least: float
) -> tuple[int, int] | None:
    """Of the pairs of two topics that are nearly as good as the best: most of the city's own words, then for most children."""
    possible = of_topic & (low >= at_least)
    best = float(merit[possible].max(initial=0.0))
    if best <= 0:
        return None
    near = np.argwhere(possible & (merit >= 0.85 * best))
    return min(
        ((int(i), int(j)) for i, j in near),
        key=lambda p: (-sum(candidates[i].in_use for i in {*p}), -int(counts.support[p]), p),
    )


# ── halves ──


def in_first_half(household_keys: npt.NDArray[np.str_], salt: str) -> Flags:
    """Which households fall into the first half of a partition: by a hash of the key, so that neither order nor the other households matter."""
    unique, inverse = np.unique(household_keys, return_inverse=True)
    first = np.array([hashlib.sha256(f"{salt}:{key}".encode()).digest()[0] < 128 for key in unique], dtype=bool)
    return np.asarray(first[inverse], dtype=bool)


def _halves(household_keys: npt.NDArray[np.str_], partitions: int) -> list[Flags]:
    firsts = [in_first_half(household_keys, f"discovery:{number}") for number in range(partitions)]
    return [half for first in firsts for half in (first, ~first)]


def _best_in(
    met: Flags, evidence: Evidence, half: Flags, topics: npt.NDArray[np.int64], allowed: Flags, demands: Demands
) -> tuple[dict[int, tuple[int, int]], Flags]:
    """The surest pair of each of the best topics in one half of the households."""
    counts = count_pairs(met[half], evidence.label[half])
    low = lower_bounds(
        counts,
        allowed & (counts.support <= demands.most_share * counts.children),
        fewest_children=demands.fewest_children // 2,
        fewest_hits=max(demands.fewest_hits // 2, 3),
    )
    merit = merits(counts, low, demands.weight)
    rows, columns = np.nonzero(low >= demands.lift * counts.base)
    order = np.lexsort((columns, rows, -merit[rows, columns]))
    best: dict[int, tuple[int, int]] = {}
    for at in order:
        pair = (int(rows[at]), int(columns[at]))
        best.setdefault(int(topics[pair]), pair)
        if len(best) == demands.best_in_a_half:
            break
    return best, half


# ── figures ──


def figures(rows: Flags, label: Flags) -> Figures:
    """Of the rows that meet a finding."""
    children, hits, base = int(rows.sum()), int((rows & label).sum()), float(label.mean()) if len(label) else 0.0
    return _figures(children, hits, base)


def _figures(children: int, hits: int, base: float) -> Figures:
    low, high = (float(bound) for bound in wilson(hits, children))
    return Figures(children, hits, low, high, hits / children / base if children and base else 0.0)


def _finding(
    evidence: Evidence,
    met: Flags,
    rows: Flags,
    kept: Sequence[int],
    alike: dict[int, tuple[int, ...]],
    pair: tuple[int, int],
    times: Sequence[tuple[int, int, Flags]],
    halves: int,
) -> Finding:
    label = evidence.label
    pooled = [figures((met[:, i] & met[:, j])[~half], label[~half]) for i, j, half in times]
    bases = [float(label[~half].mean()) for *_, half in times]
    children = sum(one.children for one in pooled)
    expected = sum(one.children * base for one, base in zip(pooled, bases, strict=True))
    hits = sum(one.hits for one in pooled)
    each = len(times)
    # One household is in about half of the others' halves each time: counts are told per half.
    elsewhere = _figures(round(children / each), round(hits / each), float(np.mean(bases)))
    elsewhere = Figures(
        elsewhere.children, elsewhere.hits, elsewhere.low, elsewhere.high, hits / expected if expected else 0.0
    )
    earlier, later = _in_time(rows, evidence)
    new = rows & ~evidence.already
    numbers = tuple(dict.fromkeys(kept[index] for index in pair))
    return Finding(
        numbers,
        figures(rows, label),
        each,
        halves,
        elsewhere,
        earlier,
        later,
        int(new.sum()),
        int((new & label).sum()),
        tuple(other for number in numbers for other in alike[number]),
    )


def _in_time(rows: Flags, evidence: Evidence) -> tuple[Figures | None, Figures | None]:
    """In the days up to that by which half of the positives had come, and after it."""
    days = np.sort(evidence.cut_on[evidence.label])
    middle = days[(len(days) - 1) // 2]
    early = evidence.cut_on <= middle
    if early.all() or not evidence.label[~early].any():
        return None, None
    return tuple(figures(rows[part], evidence.label[part]) for part in (early, ~early))  # type: ignore[return-value]


def _holds(finding: Finding, demands: Demands) -> bool:
    """Whether it was found again in other households, and neither part of the time speaks against it."""
    if finding.elsewhere.lift < demands.lift:
        return False
    return not any(part is not None and part.speaks_against(demands.lift) for part in (finding.earlier, finding.later))


def _overlap(one: Flags, other: Flags) -> float:
    """How much of the smaller group is in the other."""
    smaller = min(int(one.sum()), int(other.sum()))
    return int((one & other).sum()) / smaller if smaller else 1.0
