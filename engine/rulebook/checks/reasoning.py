"""Questions of logic about conditions, answered by a SAT solver: can they be met together, does one follow from others.

Truth has three values, so that each atom and each group has two variables: it is met, it is not met; with neither it is
unknown. Groups are defined over their parts as Kleene does, references over the scenario to which they refer.
A reference that is not known (loops, scenarios with faults) may have any value. Why a solver: ADR 0013.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, count

from pysat.solvers import Minisat22

from engine.records.vocabulary import Vocabulary
from engine.rulebook.checks.atoms import Atom, Hit, Literal, Missing, OneOf, Some, Within, literal_of
from engine.rulebook.checks.implication import Implication
from engine.rulebook.language import syntax as s
from engine.rulebook.model import Scenario

_AGE = "age"
_Pair = tuple[int, int]
"""Variables for "is met" and "is not met"."""


class Reasoner:
    """Knows the scenarios of all rulebooks, and answers about any condition made of sentences of one vocabulary."""

    def __init__(self, scenarios: Iterable[Scenario], vocabulary: Vocabulary) -> None:
        self._scenarios = {scenario.id: scenario for scenario in scenarios}
        self._vocabulary = vocabulary
        self._implication = Implication(vocabulary)
        self._solver = Minisat22()
        self._numbers = count(1)
        self._atoms: dict[Atom, _Pair] = {}
        self._by_topic: dict[str, list[Atom]] = {}
        self._groups: dict[s.Condition, _Pair] = {}
        self._hits: dict[str, _Pair] = {}
        self._open: set[str] = set()
        self._values: dict[str, dict[object, int]] = {}
        # Where scales are divided has to be known before the first question.
        self._prepare()

    def can_be_met(self, conditions: Sequence[s.Condition], *, cancelled: Sequence[s.Condition] | None = None) -> bool:
        """Whether all conditions can be met at once (and, if given, none of `cancelled`)."""
        unmet = [-self._pair(cancel)[0] for cancel in cancelled or ()]
        return self._solve([self._pair(condition)[0] for condition in conditions] + unmet)

    def can_be_not_met(self, condition: s.Condition, given: Sequence[s.Condition] = ()) -> bool:
        """Whether a condition can be 非該当 (and not merely unknown) where the given ones are met."""
        return self._solve([*(self._pair(each)[0] for each in given), self._pair(condition)[1]])

    def clash(self, conditions: Sequence[s.Condition]) -> tuple[int, ...]:
        """Numbers of the fewest conditions that cannot be met together; empty where all can."""
        met = [self._pair(condition)[0] for condition in conditions]
        return self._core(met, [])

    def follows(self, conclusion: s.Condition, given: Sequence[s.Condition]) -> bool:
        """Whether a condition is met wherever all the given ones are met."""
        return not self._solve([*(self._pair(each)[0] for each in given), -self._pair(conclusion)[0]])

    def reasons(self, conclusion: s.Condition, given: Sequence[s.Condition]) -> tuple[int, ...]:
        """Numbers of the fewest given conditions from which one follows."""
        return self._core([self._pair(each)[0] for each in given], [-self._pair(conclusion)[0]])

    def stands_only_if(self, one: Scenario, other: Scenario) -> bool:
        """Whether wherever the hit of one scenario stands, that of the other stands."""
        mine = [self._pair(one.target)[0], self._pair(one.condition)[0], *(-self._pair(c)[0] for c in one.cancels)]
        wanted = [
            self._pair(other.target)[0],
            self._pair(other.condition)[0],
            *(-self._pair(c)[0] for c in other.cancels),
        ]
        return not any(self._solve([*mine, -each]) for each in wanted)

    def _solve(self, literals: list[int]) -> bool:
        return bool(self._solver.solve(assumptions=literals))

    def _core(self, wanted: list[int], always: list[int]) -> tuple[int, ...]:
        if self._solve([*wanted, *always]):
            return ()
        kept = list(range(len(wanted)))
        for number in range(len(wanted)):
            fewer = [n for n in kept if n != number]
            if not self._solve([*(wanted[n] for n in fewer), *always]):
                kept = fewer
        return tuple(kept)

    # ── from conditions to variables ──

    def _new(self) -> _Pair:
        met, unmet = next(self._numbers), next(self._numbers)
        self._solver.add_clause([-met, -unmet])
        return met, unmet

    def _pair(self, condition: s.Condition) -> _Pair:
        if isinstance(condition, s.Group):
            if condition not in self._groups:
                self._groups[condition] = self._group(condition)
            return self._groups[condition]
        if isinstance(condition, s.Refers):
            met, unmet = self._hit(condition.scenario_id)
            return (met, unmet) if condition.positive else (unmet, met)
        return self._literal(literal_of(condition, self._vocabulary))

    def _literal(self, literal: Literal) -> _Pair:
        if literal.atom not in self._atoms:
            self._add_atom(literal.atom)
        met, unmet = self._atoms[literal.atom]
        return (met, unmet) if literal.positive else (unmet, met)

    def _group(self, group: s.Group) -> _Pair:
        parts = [self._pair(part) for part in group.parts]
        if group.kind == "次でない":
            met, unmet = parts[0]
            return unmet, met
        needed = {"すべて": len(parts), "いずれか": 1, "n以上": group.needed}[group.kind]
        pair = self._new()
        self._define(pair[0], [met for met, _ in parts], needed)
        self._define(pair[1], [unmet for _, unmet in parts], len(parts) - needed + 1)
        return pair

    def _define(self, variable: int, parts: list[int], needed: int) -> None:
        """`variable` is true exactly if at least `needed` of the parts are."""
        if needed > len(parts):
            self._solver.add_clause([-variable])
            return
        for enough in combinations(parts, max(needed, 0)):
            self._solver.add_clause([*(-part for part in enough), variable])
        for blocking in combinations(parts, len(parts) - needed + 1) if needed > 0 else ():
            self._solver.add_clause([*blocking, -variable])

    def _hit(self, scenario_id: str) -> _Pair:
        if scenario_id in self._hits:
            return self._hits[scenario_id]
        scenario = self._scenarios.get(scenario_id)
        if scenario is None or scenario_id in self._open:
            return self._literal(Literal(Hit(scenario_id)))
        self._open.add(scenario_id)
        required = [self._pair(scenario.target), self._pair(scenario.condition)]
        cancels = [self._pair(cancel)[0] for cancel in scenario.cancels]
        self._open.discard(scenario_id)
        pair = self._new()
        self._define(pair[0], [*(met for met, _ in required), *(-cancel for cancel in cancels)], 2 + len(cancels))
        self._define(pair[1], [*(unmet for _, unmet in required), *cancels], 1)
        self._hits[scenario_id] = pair
        return pair

    # ── what is known of atoms ──

    def _prepare(self) -> None:
        literals: dict[Literal, None] = {}
        for scenario in self._scenarios.values():
            for condition in (scenario.target, scenario.condition, *scenario.cancels):
                for sentence in s.sentences_of(condition):
                    if not isinstance(sentence, s.Refers):
                        literals[literal_of(sentence, self._vocabulary)] = None
        for literal in literals:
            self._literal(literal)
        for scenario_id in self._scenarios:
            self._hit(scenario_id)

    def _add_atom(self, atom: Atom) -> None:
        mine = self._new()
        if self._implication.never(atom):
            self._solver.add_clause([-mine[0]])
        topics = self._topics(atom)
        for other in dict.fromkeys(each for topic in topics for each in self._by_topic.get(topic, ())):
            theirs = self._atoms[other]
            self._relate(atom, mine, other, theirs)
            self._relate(other, theirs, atom, mine)
        self._atoms[atom] = mine
        for topic in topics:
            self._by_topic.setdefault(topic, []).append(atom)
        if isinstance(atom, OneOf):
            self._tie_to_values(atom, mine)

    def _topics(self, atom: Atom) -> tuple[str, ...]:
        """What an atom is about: only atoms with a common topic can have to do with each other."""
        if isinstance(atom, Some):
            return ("世帯員",)
        if isinstance(atom, Hit):
            return (atom.scenario_id,)
        items = self._vocabulary.items
        about_age = isinstance(atom, Missing) and _AGE in items
        return (items[atom.item].record, *([items[_AGE].record] if about_age else []))

    def _relate(self, a: Atom, mine: _Pair, b: Atom, theirs: _Pair) -> None:
        if isinstance(a, Some) is not isinstance(b, Some):
            return
        known = self._implication
        if known.met_follows(a, b):
            self._solver.add_clause([-mine[0], theirs[0]])
        if known.unmet_follows(a, b):
            self._solver.add_clause([-theirs[1], mine[1]])
        if known.opposed(a, b):
            self._solver.add_clause([-mine[0], theirs[1]])
        elif known.excluded(a, b):
            self._solver.add_clause([-mine[0], -theirs[0]])
        if isinstance(a, Within) and isinstance(b, Within) and self._cover_all_ages(a, b):
            self._solver.add_clause([-mine[1], theirs[0]])

    def _cover_all_ages(self, a: Within, b: Within) -> bool:
        """An age that is known and not within one span is within the other. Other scales have values off every step."""
        if a.item != b.item or self._vocabulary.items[a.item].kind != "年齢":
            return False
        low, high = (a, b) if a.low <= b.low else (b, a)
        return low.low == 0 and (low.high is None or (high.low <= low.high + 1 and high.high is None))

    def _tie_to_values(self, atom: OneOf, mine: _Pair) -> None:
        """A category has one value: three pairs of values may overlap two by two, and yet never all three."""
        values = self._values.setdefault(atom.item, {})
        for value in self._vocabulary.items[atom.item].values:
            if value not in values:
                number = next(self._numbers)
                for other in values.values():
                    self._solver.add_clause([-number, -other])
                values[value] = number
        self._solver.add_clause([-mine[0], *(values[value] for value in sorted(atom.values))])
        for value in atom.values:
            self._solver.add_clause([-mine[1], -values[value]])
