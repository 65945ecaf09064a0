"""Scenarios and tiers of one child from outlines and numbered truths alone, as they are and as they would be.

An independent reading of the record: neither rulebooks nor facts are needed. Truths are small numbers here, so that
Kleene's logic is their order: × 0, ？ 1, ○ 2; すべて is the least, いずれか the greatest, n以上 the n-th greatest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import heapify, heappop, heappush

from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS, Tier
from engine.records.outline import OutlineLine, ScenarioOutline
from engine.records.score import Band
from engine.tiers.policy import TierPolicy

NOT_MET, UNKNOWN, MET = 0, 1, 2
LEVELS = {Truth.NOT_MET: NOT_MET, Truth.UNKNOWN: UNKNOWN, Truth.MET: MET}
Values = list[int]
"""The truth of every sentence, at its number."""
_Judge = Callable[[Values], int]


class OutlinedScenarios:
    """A run's scenarios, made ready to be judged many times over. Scenarios are spoken of by their place, from 0."""

    def __init__(self, outlines: Sequence[ScenarioOutline]) -> None:
        self.outlines = tuple(outlines)
        self.lines = {line.number: line for outline in outlines for line in outline.sentences()}
        self.places = {outline.id: place for place, outline in enumerate(outlines)}
        needed = [[part for whole in (o.target, o.condition) for part in _conjuncts(whole)] for o in outlines]
        self._parts = [
            (
                tuple((_judge_of(part), _numbers(part)) for part in parts),
                tuple((_judge_of(c), _numbers(c)) for c in o.cancels),
            )
            for parts, o in zip(needed, outlines, strict=True)
        ]
        self._judges = [
            (_all(judge for judge, _ in parts), _any(judge for judge, _ in cancels)) for parts, cancels in self._parts
        ]
        self.holding: dict[int, list[int]] = {}  # for each sentence the scenarios in which it stands
        for place, outline in enumerate(outlines):
            for number in dict.fromkeys(line.number for line in outline.sentences()):
                self.holding.setdefault(number, []).append(place)
        self._referring: dict[int, list[OutlineLine]] = {}  # for each scenario the sentences that ask for its result
        for line in self.lines.values():
            if line.refers_to is not None:
                self._referring.setdefault(self.places[line.refers_to], []).append(line)
        self._order = self._after_those_referred_to()
        self._rank = {place: rank for rank, place in enumerate(self._order)}

    def _after_those_referred_to(self) -> list[int]:
        order: dict[int, None] = {}

        def visit(place: int) -> None:
            for line in self.outlines[place].sentences():
                if line.refers_to is not None and self.places[line.refers_to] not in order:
                    visit(self.places[line.refers_to])
            order[place] = None

        for place in range(len(self.outlines)):
            if place not in order:
                visit(place)
        return list(order)

    def values(self, truths: Mapping[int, Truth]) -> Values:
        """The truths at their numbers; those of references are worked out. A sentence without a truth is a KeyError."""
        values = [UNKNOWN] * (max(self.lines, default=0) + 1)
        for number, line in self.lines.items():
            if line.refers_to is None:
                values[number] = LEVELS[truths[number]]
        return values

    def judge(self, values: Values) -> list[tuple[int, int]]:
        """Of every scenario whether it is met, and whether it is cancelled. Sets the references among `values`."""
        results = [(NOT_MET, NOT_MET)] * len(self.outlines)
        for place in self._order:
            results[place] = self._result(place, values)
            for line in self._referring.get(place, ()):
                values[line.number] = _reference(line, results[place])
        return results

    @cached_property
    def depending(self) -> Mapping[int, frozenset[int]]:
        """For each scenario for whose result others ask: those others, and the ones that depend on them."""
        return {place: self.reach(line.number for line in referring) for place, referring in self._referring.items()}

    def obstacles(self, place: int, values: Values) -> tuple[frozenset[int], ...]:
        """What keeps a scenario from counting: of each part that has to be answered otherwise, the sentences in it.

        Unless something in each of them is otherwise, the scenario does not count. Of a scenario that counts, and of one whose result others
        ask for, all its sentences: any of them may matter.
        """
        parts, cancels = self._parts[place]
        if place not in self._referring:
            obstacles = [numbers for judge, numbers in parts if judge(values) != MET]
            obstacles += [numbers for judge, numbers in cancels if judge(values) == MET]
            if obstacles:
                return tuple(obstacles)
        return (frozenset().union(*(numbers for _, numbers in (*parts, *cancels))),)

    def open_places(self, values: Values) -> frozenset[int]:
        """The scenarios of which some answer to what is unknown could change whether they count; of no others can it.

        Unlike a hit, of which an unknown cancel takes nothing away, they are judged here as if it were open.
        """
        values = list(values)
        found: set[int] = set()
        for place in self._order:
            met, cancelled = self._result(place, values)
            counts = min(met, MET - cancelled)
            if counts == UNKNOWN:
                found.add(place)
            for line in self._referring.get(place, ()):
                values[line.number] = counts if line.refers_positive else MET - counts
        return frozenset(found)

    def judge_again(
        self,
        values: Values,
        results: Sequence[tuple[int, int]],
        supposed: Mapping[int, int],
        first: Collection[int],
        among: Collection[int] | None = None,
    ) -> dict[int, tuple[int, int]]:
        """The scenarios whose result is another if sentences are as supposed. `values` are as before afterwards.

        Looked at are the `first` ones, and those that refer to one whose result changes. `among`: the only scenarios that can count
        otherwise then, if this is known (`open_places`).
        """
        before = {number: values[number] for number in supposed}
        for number, value in supposed.items():
            values[number] = value
        changed: dict[int, tuple[int, int]] = {}
        todo: list[int] = []
        if self._referring.keys().isdisjoint(first):
            for place in first:  # nothing asks for their results: in any order, and nothing follows
                if (among is None or place in among) and (result := self._result(place, values)) != results[place]:
                    changed[place] = result
        else:
            todo = [self._rank[place] for place in first]
            heapify(todo)
        last = -1
        while todo:
            rank = heappop(todo)
            place = self._order[rank]
            if rank == last or (among is not None and place not in among):
                continue
            last = rank
            result = self._result(place, values)
            if result == results[place]:
                continue
            changed[place] = result
            for line in self._referring.get(place, ()):
                value = _reference(line, result)
                if value != values[line.number]:
                    before.setdefault(line.number, values[line.number])
                    values[line.number] = value
                    for referring in self.holding[line.number]:
                        heappush(todo, self._rank[referring])
        for number, value in before.items():
            values[number] = value
        return changed

    def reach(self, numbers: Iterable[int]) -> frozenset[int]:
        """The scenarios whose result may depend on one of these sentences, references followed."""
        found: set[int] = set()
        todo = [place for number in numbers for place in self.holding[number]]
        while todo:
            place = todo.pop()
            if place not in found:
                found.add(place)
                todo += [p for line in self._referring.get(place, ()) for p in self.holding[line.number]]
        return frozenset(found)

    def _result(self, place: int, values: Values) -> tuple[int, int]:
        met, cancelled = self._judges[place]
        return met(values), cancelled(values)


def is_hit(result: tuple[int, int]) -> bool:
    """Whether a scenario counts: met, and not cancelled for certain."""
    return result[0] == MET and result[1] != MET


class OutlinedTiers:
    """The tier of a child from the places of its hits and the bands of its scores, which are taken as given. Agrees with `decide`."""

    def __init__(self, outlines: Sequence[ScenarioOutline], policy: TierPolicy) -> None:
        self._policy = policy
        self._kinds = [list(HARDSHIP_LABELS).index(outline.hardship_type) for outline in outlines]
        self._strengths = [("強", "中", "弱").index(outline.strength) for outline in outlines]
        self._always = [outline.id in policy.always_active for outline in outlines]
        self._known: dict[tuple[tuple[int, ...], Band], tuple[Tier, bool]] = {}

    def tier(self, hits: Collection[int], bands: Mapping[str, Band]) -> Tier:
        """The child's tier with exactly these hits. `bands`: by type; a type that is not among them is in なし."""
        counts: dict[int, list[int]] = {kind: [0, 0, 0] for kind in range(len(HARDSHIP_LABELS))}
        tier = Tier.NO_ACTION
        for place in hits:
            counts[self._kinds[place]][self._strengths[place]] += 1
            if self._always[place]:
                tier = Tier.ACTIVE
        overlapping = 0
        for kind, of_kind in zip(HARDSHIP_LABELS, counts.values(), strict=True):
            type_tier, overlaps = self._of_type(tuple(of_kind), bands.get(kind, "なし"))
            tier = min(tier, type_tier)
            overlapping += overlaps
        if overlapping >= self._policy.overlap_count:
            tier = min(tier, self._policy.overlap_tier)
        return tier

    def _of_type(self, counts: tuple[int, ...], band: Band) -> tuple[Tier, bool]:
        if (counts, band) not in self._known:
            level = self._policy.level(*counts).name
            self._known[counts, band] = (self._policy.table[level][band], level in self._policy.overlap_levels)
        return self._known[counts, band]


def _conjuncts(line: OutlineLine) -> Iterator[OutlineLine]:
    if line.kind == "すべて":
        for part in line.parts:
            yield from _conjuncts(part)
    else:
        yield line


def _numbers(line: OutlineLine) -> frozenset[int]:
    return frozenset(sentence.number for sentence in line.sentences())


def _reference(line: OutlineLine, result: tuple[int, int]) -> int:
    stands = NOT_MET if result[1] == MET else result[0]
    return stands if line.refers_positive else MET - stands


def _judge_of(line: OutlineLine) -> _Judge:
    parts = [_judge_of(part) for part in line.parts]
    match line.kind:
        case "文":
            number = line.number
            return lambda values: values[number]
        case "すべて":
            return _all(parts)
        case "いずれか":
            return _any(parts)
        case "次でない":
            [part] = parts
            return lambda values: MET - part(values)
        case "n以上":
            needed = line.needed
            if needed < 1:
                return lambda values: MET
            if needed > len(parts):
                return lambda values: NOT_MET
            return lambda values: sorted(part(values) for part in parts)[-needed]


def _all(judges: Iterable[_Judge]) -> _Judge:
    parts = tuple(judges)

    def judge(values: Values) -> int:
        least = MET
        for part in parts:
            value = part(values)
            if value < least:
                if value == NOT_MET:
                    return NOT_MET
                least = value
        return least

    return judge


def _any(judges: Iterable[_Judge]) -> _Judge:
    parts = tuple(judges)

    def judge(values: Values) -> int:
        greatest = NOT_MET
        for part in parts:
            value = part(values)
            if value > greatest:
                if value == MET:
                    return MET
                greatest = value
        return greatest

    return judge
