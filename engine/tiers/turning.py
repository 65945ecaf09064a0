"""Turning points: which single answer would change a child's tier, and which unknown ones are worth asking for first.

Works on outlines, numbered truths and the tier policy alone, so that it tells the same of today's run and of an old record.

One answer is supposed to be otherwise; everything else stays as it is, but for what is known to follow (20 days absent are also 10 days
absent: `OutlineLine.if_met`, `if_not_met`) and for scenarios that refer to others. So a point says 「この文だけが変わると」, and
what follows from it. Limits, on purpose:

* What only describes a person (対象; 年齢, 学年, 困りごとではない項目) is never supposed otherwise where it is known: nobody changes
  an age, and a list of such sentences would bury the others. Where it is *not* known it is asked like all else.
* Of known answers only the nearest is told: not 3 months in arrears where 2 would do the same.
* Not every consequence is known (a change of school also changes who covers the child). A point says what the rules would make
  of an answer, not that it could come about alone.
* The band of a model's score is taken as given, though another answer might well give another score.
* An unknown answer is not supposed where it would contradict what is known.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.kernel.truth import Truth
from engine.records.case import Supposition, Tier, TurningPoint
from engine.records.outline import ScenarioOutline
from engine.records.score import Band
from engine.tiers.outlined import LEVELS, MET, NOT_MET, UNKNOWN, OutlinedScenarios, OutlinedTiers, Values, is_hit
from engine.tiers.policy import TierPolicy

_TRUTHS = {level: truth for truth, level in LEVELS.items()}
_STRENGTHS = ("強", "中", "弱")
_Key = tuple[int, int]
"""What is supposed first: a sentence by its number, and its answer."""


def turning_points(
    outlines: Sequence[ScenarioOutline],
    truths: Mapping[int, Truth],
    policy: TierPolicy,
    bands: Mapping[str, Band] | None = None,
) -> tuple[TurningPoint, ...]:
    """The turning points of one child, most decisive first. `truths`: of every sentence by its number; `bands`: of the model's scores by type.

    Given are: every answer, known or unknown, that alone gives another tier; every unknown answer that alone changes which scenarios
    count; and, where no unknown answer alone gives another tier, the pairs of unknown ones that together do.
    For several children of one run, `TurningPoints` is quicker.
    """
    return TurningPoints(outlines, policy).of(truths, bands)


@dataclass(frozen=True)
class _Trial:
    """One sentence answered otherwise, all that follows from it, and which scenarios count then and did not, or no longer."""

    number: int
    answer: int
    supposed: Mapping[int, int]
    changed: frozenset[int]
    tier: Tier


@dataclass(frozen=True)
class _Child:
    values: Values
    results: list[tuple[int, int]]
    hits: frozenset[int]
    bands: Mapping[str, Band]
    tier: Tier
    open_: frozenset[int]
    obstacles: Mapping[int, tuple[frozenset[int], ...]]


class TurningPoints:
    """The turning points of any child of one run."""

    def __init__(self, outlines: Sequence[ScenarioOutline], policy: TierPolicy) -> None:
        self._scenarios = OutlinedScenarios(outlines)
        self._tiers = OutlinedTiers(outlines, policy)
        lines = self._scenarios.lines
        self._answerable = sorted(number for number, line in lines.items() if line.refers_to is None)
        weighing = {
            line.number
            for outline in outlines
            for part in (outline.condition, *outline.cancels)
            for line in part.sentences()
        }
        self._descriptive = {n for n in self._answerable if n not in weighing or lines[n].describes}
        self._supposed = {
            (number, answer): self._with_consequences(number, answer)
            for number in self._answerable
            for answer in (NOT_MET, MET)
        }
        # For each sentence the suppositions in which it is another, by what is supposed first.
        self._touching: dict[int, list[_Key]] = {}
        for key, supposed in self._supposed.items():
            for number in supposed or ():
                self._touching.setdefault(number, []).append(key)
        self._reach = {key: self._scenarios.reach(supposed) for key, supposed in self._supposed.items() if supposed}
        self._clearing: dict[frozenset[int], frozenset[_Key]] = {}

    def of(self, truths: Mapping[int, Truth], bands: Mapping[str, Band] | None = None) -> tuple[TurningPoint, ...]:
        """As `turning_points`."""
        bands = bands or {}
        values = self._scenarios.values(truths)
        results = self._scenarios.judge(values)
        hits = frozenset(place for place, result in enumerate(results) if is_hit(result))
        obstacles = {place: self._scenarios.obstacles(place, values) for place in range(len(results))}
        tier = self._tiers.tier(hits, bands)
        child = _Child(values, results, hits, bands, tier, self._scenarios.open_places(values), obstacles)
        trials = list(self._trials(child))
        asked = [trial for trial in trials if values[trial.number] == UNKNOWN]
        deciding = [t for t in trials if t.tier != child.tier or (t.changed and child.values[t.number] == UNKNOWN)]
        singles = _nearest(child, deciding)
        pairs: list[tuple[_Trial, _Trial, frozenset[int], Tier]] = []
        if all(trial.tier == child.tier for trial in asked):
            pairs = list(self._pairs(child, asked))
        paired = {(t.number, t.answer) for one, other, *_ in pairs for t in (one, other)}
        ranked = [
            (
                self._rank(child, t, t.changed, t.tier, (t.number, t.answer) in paired),
                self._point(child, t, t.changed, t.tier),
            )
            for t in singles
        ]
        for one, other, changed, tier in pairs:
            rank = self._rank(child, one, changed, tier, True, other)
            ranked.append((rank, self._point(child, one, changed, tier, other)))
        return tuple(point for _, point in sorted(ranked, key=lambda pair: pair[0]))

    def _trials(self, child: _Child) -> Iterator[_Trial]:
        places = self._within_reach(child)
        for number in self._answerable:
            now = child.values[number]
            if now != UNKNOWN and number in self._descriptive:
                continue
            for answer in (NOT_MET, MET):
                supposed = self._supposed[number, answer]
                if answer == now or supposed is None:
                    continue
                if now == UNKNOWN and any(child.values[n] not in (UNKNOWN, v) for n, v in supposed.items()):
                    continue
                if now == UNKNOWN:
                    open_ = [place for place in places.get((number, answer), ()) if place in child.open_]
                    yield self._trial(child, number, answer, supposed, open_)
                elif (number, answer) in places:
                    yield self._trial(child, number, answer, supposed, places[number, answer])

    def _within_reach(self, child: _Child) -> Mapping[_Key, list[int]]:
        """For each supposition the scenarios all of whose obstacles it touches; no others can it change by itself."""
        places: dict[_Key, list[int]] = {}
        for place, obstacles in child.obstacles.items():
            for key in frozenset.intersection(*map(self._clear, obstacles)):
                places.setdefault(key, []).append(place)
        return places

    def _clear(self, obstacle: frozenset[int]) -> frozenset[_Key]:
        """The suppositions that touch an obstacle."""
        if obstacle not in self._clearing:
            self._clearing[obstacle] = frozenset(key for number in obstacle for key in self._touching.get(number, ()))
        return self._clearing[obstacle]

    def _trial(
        self, child: _Child, number: int, answer: int, supposed: Mapping[int, int], places: Sequence[int]
    ) -> _Trial:
        among = child.open_ if child.values[number] == UNKNOWN else None
        changed = self._changed(child, supposed, places, among) if places else frozenset()
        return _Trial(number, answer, supposed, changed, self._tier(child, changed) if changed else child.tier)

    def _tier(self, child: _Child, changed: frozenset[int]) -> Tier:
        return self._tiers.tier(child.hits ^ changed, child.bands)

    def _changed(
        self, child: _Child, supposed: Mapping[int, int], places: Collection[int], among: frozenset[int] | None
    ) -> frozenset[int]:
        otherwise = self._scenarios.judge_again(child.values, child.results, supposed, places, among)
        return frozenset(place for place, result in otherwise.items() if is_hit(result) != (place in child.hits))

    def _with_consequences(self, number: int, answer: int) -> Mapping[int, int] | None:
        """The answer with all that follows from it; None if it contradicts itself."""
        supposed: dict[int, int] = {}
        todo = [(number, answer)]
        while todo:
            each, value = todo.pop()
            if each in supposed:
                if supposed[each] != value:
                    return None
                continue
            supposed[each] = value
            line = self._scenarios.lines[each]
            for following in line.if_met if value == MET else line.if_not_met:
                other = self._scenarios.lines.get(abs(following))
                if other is not None and other.refers_to is None:
                    todo.append((abs(following), MET if following > 0 else NOT_MET))
        return supposed

    def _pairs(self, child: _Child, asked: list[_Trial]) -> Iterator[tuple[_Trial, _Trial, frozenset[int], Tier]]:
        """Two unknown sentences whose answers together give another tier."""
        reach = {(t.number, t.answer): self._reach[t.number, t.answer] & child.open_ for t in asked}
        hopeful = [trial for trial in asked if reach[trial.number, trial.answer]]
        touched = self._touched(child, {(t.number, t.answer) for t in hopeful})
        for one, other in itertools.combinations(hopeful, 2):
            if one.number == other.number:
                continue
            keys = (one.number, one.answer), (other.number, other.answer)
            both = reach[keys[0]] & reach[keys[1]]
            if not both:
                changed = one.changed | other.changed if one.changed and other.changed else frozenset()
            elif not _agree(one.supposed, other.supposed):
                continue
            else:
                # A scenario within reach of one of them alone is as that one makes it.
                changed = (one.changed | other.changed) - both
                if places := self._cleared_by(touched[keys[0]], touched[keys[1]], both, child):
                    changed |= self._changed(child, {**one.supposed, **other.supposed}, places, child.open_)
            if changed and (tier := self._tier(child, changed)) != child.tier:
                yield one, other, changed, tier

    def _touched(self, child: _Child, keys: set[_Key]) -> Mapping[_Key, Mapping[int, int]]:
        """For each supposition and open scenario, which of its obstacles are touched: a bit for each."""
        touched: dict[_Key, dict[int, int]] = {key: {} for key in keys}
        for place in child.open_:
            for bit, obstacle in enumerate(child.obstacles[place]):
                for key in self._clear(obstacle) & keys:
                    touched[key][place] = touched[key].get(place, 0) | 1 << bit
        return touched

    def _cleared_by(
        self, one: Mapping[int, int], other: Mapping[int, int], both: frozenset[int], child: _Child
    ) -> list[int]:
        """The scenarios within reach of both all of whose obstacles they touch together, and those on whose result others of them depend."""
        places = [
            place for place in both if one.get(place, 0) | other.get(place, 0) == (1 << len(child.obstacles[place])) - 1
        ]
        for place, depending in self._scenarios.depending.items():
            if place not in both and (place in one or place in other) and not both.isdisjoint(depending):
                places.append(place)
        return places

    def _rank(
        self,
        child: _Child,
        trial: _Trial,
        changed: frozenset[int],
        tier: Tier,
        paired: bool,
        other: _Trial | None = None,
    ) -> tuple[int, ...]:
        kind = 2 if other else 0 if tier != child.tier else 1
        strongest = min(_STRENGTHS.index(self._scenarios.outlines[place].strength) for place in changed)
        return (
            kind,
            child.values[trial.number] != UNKNOWN,
            not paired,
            tier - child.tier if tier < child.tier else 9 - (tier - child.tier),
            strongest,
            -len(changed),
            trial.number,
            trial.answer,
            *((other.number, other.answer) if other else ()),
        )

    def _point(
        self, child: _Child, trial: _Trial, changed: frozenset[int], tier: Tier, other: _Trial | None = None
    ) -> TurningPoint:
        said = self._supposition(child, trial)
        return TurningPoint(
            said.number,
            said.sentence,
            said.now,
            said.would_be,
            tier,
            tuple(self._scenarios.outlines[place].id for place in sorted(changed)),
            (self._supposition(child, other),) if other else (),
        )

    def _supposition(self, child: _Child, trial: _Trial) -> Supposition:
        text = self._scenarios.lines[trial.number].text
        return Supposition(trial.number, text, _TRUTHS[child.values[trial.number]], _TRUTHS[trial.answer])


def _agree(one: Mapping[int, int], other: Mapping[int, int]) -> bool:
    return all(one.get(number, value) == value for number, value in other.items())


def _nearest(child: _Child, points: list[_Trial]) -> list[_Trial]:
    """Known answers without those from which another one follows that changes just the same.

    With 3 months in arrears, 2 months would do as well: only the nearer one is told. Of two that say the same, the first.
    """
    kept: list[_Trial] = []
    for place, trial in enumerate(points):
        nearer = child.values[trial.number] != UNKNOWN and any(
            trial.supposed.get(other.number) == other.answer
            and other.changed == trial.changed
            and child.values[other.number] != UNKNOWN
            and (before < place or other.supposed.get(trial.number) != trial.answer)
            for before, other in enumerate(points)
            if other is not trial
        )
        if not nearer:
            kept.append(trial)
    return kept
