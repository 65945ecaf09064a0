"""Scenarios as chain rules over signals: what is met, what may be, what is cancelled, and which hits stand.

Of each condition and group up to four things are signals, made only where some rule needs them:

| mark | says |
|---|---|
| `+` | it is met |
| `-` | it is not met |
| `+?` | it is met or unknown |
| `-?` | it is not met or unknown |

Negation is turned round down to the sentences, so that every rule asks only for signals that are there. Whether a scenario is
met or cancelled is asked twice, by `+` and by `+?`: both are there if it is, the second alone if that is unknown, and neither if it is not.
(To conclude `-` instead would tell the engine of every sentence that is not met, and conclude what most scenarios of most children are:
six times the work.) So that a network that says nothing cannot pass for "not met", each has to answer that it was `reached`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.kernel.truth import Truth
from engine.replay.meaning.asked import CannotBeSaidError
from engine.replay.process.needs import AllOf, AnyOf, Needs, size_of
from engine.replay.process.subset import ChainNetwork, ChainRule, fits
from engine.rulebook.language.syntax import Condition, Group, Refers, Sentence, sentences_of
from engine.rulebook.model import Scenario
from engine.rulebook.references import evaluation_order, references

Mark = Literal["+", "-", "+?", "-?"]
HOLDS: Mapping[Truth, tuple[Mark, Mark]] = {
    Truth.MET: ("+", "+?"),
    Truth.NOT_MET: ("-", "-?"),
    Truth.UNKNOWN: ("+?", "-?"),
}
"""Which marks a truth has."""
_TURNED: Mapping[Mark, Mark] = {"+": "-", "-": "+", "+?": "-?", "-?": "+?"}
_WORDS: Mapping[Mark, str] = {"+": "met", "-": "not_met", "+?": "may_be_met", "-?": "may_be_not_met"}
_ASKS_FOR_ALL: Mapping[Mark, bool] = {"+": True, "+?": True, "-": False, "-?": False}
"""Whether すべて has a mark only if all of its parts have it; いずれか is the other way round."""
TOLD = "told"
"""A signal that is given for every child."""


@dataclass
class Chains:
    """The networks, each after those whose conclusions it uses, and under which signals the truths are found.

    Pairs are the signals for `+` and `+?`. `cancelled` has no entry for a scenario without 打ち消し, which is not cancelled.
    """

    networks: list[ChainNetwork] = field(default_factory=list)
    given: dict[Sentence, dict[Mark, str]] = field(default_factory=dict)
    """The signals that the folding has to give, by sentence and mark."""
    met: dict[str, tuple[str, str]] = field(default_factory=dict)
    cancelled: dict[str, tuple[str, str]] = field(default_factory=dict)
    refers: dict[Refers, tuple[str, str]] = field(default_factory=dict)
    reached: list[str] = field(default_factory=list)
    """What every network concludes from `TOLD`."""
    left_out: dict[str, str] = field(default_factory=dict)
    """番号 of scenarios that cannot be said to the engine → why, in Japanese."""


def chain(scenarios: Sequence[Scenario], unsaid: Mapping[Sentence, str], also: Iterable[Refers] = ()) -> Chains:
    """The chain rules of all scenarios in force, and of more sentences that refer to them (`also`).

    Scenarios over a sentence that cannot be said (`unsaid`: why) are left out.
    """
    chains = Chains()
    builder = _Builder(chains, {scenario.id: scenario for scenario in scenarios})
    for name, its in _networks(scenarios):
        for scenario in its:
            try:
                _refuse(scenario, unsaid, chains.left_out)
                builder.scenario(scenario)
            except CannotBeSaidError as fault:
                chains.left_out[scenario.id] = str(fault)
        builder.network(name)
    for sentence in also:
        if sentence.scenario_id in chains.met:
            builder.refers(sentence)
    if builder.rules:
        builder.network("references")
    return chains


def _refuse(scenario: Scenario, unsaid: Mapping[Sentence, str], left_out: Mapping[str, str]) -> None:
    for sentence in _sentences(scenario):
        if sentence in unsaid:
            raise CannotBeSaidError(unsaid[sentence])
        if isinstance(sentence, Refers) and sentence.scenario_id in left_out:
            raise CannotBeSaidError(left_out[sentence.scenario_id])


def _sentences(scenario: Scenario) -> Iterator[Sentence]:
    for part in (scenario.target, scenario.condition, *scenario.cancels):
        yield from sentences_of(part)


def _networks(scenarios: Sequence[Scenario]) -> list[tuple[str, list[Scenario]]]:
    """One network for each rulebook, then one for all scenarios that wait for other rulebooks, one for those that wait for these, and so on.

    A signal is told to each network that uses it, so that there should be few; but telling one to a large network takes longer.
    """
    order = evaluation_order(scenarios)
    by_id = {scenario.id: scenario for scenario in order}
    turns: dict[str, int] = {}
    networks: dict[tuple[int, str], list[Scenario]] = {}
    for scenario in order:
        waits = (turns[id_] + (by_id[id_].hardship_type != scenario.hardship_type) for id_ in references(scenario))
        turn = turns[scenario.id] = max(waits, default=0)
        name = f"after_others.{turn}" if turn else scenario.hardship_type
        networks.setdefault((turn, name), []).append(scenario)
    return [(name, its) for (_, name), its in sorted(networks.items(), key=lambda one: one[0][0])]


class _Builder:
    """Makes each signal once, where it is first needed; later networks use it as concluded by an earlier one."""

    def __init__(self, chains: Chains, scenarios: Mapping[str, Scenario]) -> None:
        self.rules: list[ChainRule] = []
        self._chains, self._scenarios = chains, scenarios
        self._apart: dict[Needs, str] = {}
        self._cancelled: dict[tuple[Condition, ...], tuple[str, str]] = {}
        self._stands: dict[tuple[str, Mark], str] = {}
        self._numbers: dict[Sentence, int] = {}

    def network(self, name: str) -> None:
        """Make the rules since the last time a network, which also answers that it was reached."""
        reached = f"{name}.reached"
        self._chains.networks.append(ChainNetwork(name, (*self.rules, ChainRule(TOLD, reached))))
        self._chains.reached.append(reached)
        self.rules = []

    def scenario(self, scenario: Scenario) -> None:
        """The rules that tell whether a scenario is met and whether it is cancelled."""
        kept, apart, cancelled, stands = len(self.rules), dict(self._apart), dict(self._cancelled), dict(self._stands)
        try:
            self._scenario(scenario)
        except CannotBeSaidError:  # nothing may rest on half of a scenario
            self._apart, self._cancelled, self._stands = apart, cancelled, stands
            del self.rules[kept:]
            raise

    def refers(self, sentence: Refers) -> None:
        """The rules that tell whether the hit to which a sentence refers stands."""
        marks: tuple[Mark, Mark] = ("+", "+?") if sentence.positive else ("-", "-?")
        is_so, may_be = (self._hit_stands(sentence.scenario_id, mark) for mark in marks)
        self._chains.refers[sentence] = (is_so, may_be)

    def _scenario(self, scenario: Scenario) -> None:
        for sentence in _sentences(scenario):
            if isinstance(sentence, Refers):
                self.refers(sentence)
        met = self._concluded(scenario.id, _requirement(scenario))
        if scenario.cancels:
            if scenario.cancels not in self._cancelled:
                name = f"cancel{len(self._cancelled) + 1}"
                self._cancelled[scenario.cancels] = self._concluded(name, _cancel(scenario))
            self._chains.cancelled[scenario.id] = self._cancelled[scenario.cancels]
        self._chains.met[scenario.id] = met

    def _concluded(self, name: str, whole: Group) -> tuple[str, str]:
        return self._conclude(whole, "+", name), self._conclude(whole, "+?", name)

    def _conclude(self, condition: Condition, mark: Mark, name: str) -> str:
        """Conclude a signal where a condition has a mark."""
        signal = f"{name}.{_WORDS[mark]}"
        self.rules.append(ChainRule(self._needs(condition, mark), signal))
        return signal

    def _needs(self, condition: Condition, mark: Mark) -> Needs:
        """What has to be there for a condition to have a mark."""
        if isinstance(condition, Refers):
            return self._hit_stands(condition.scenario_id, mark if condition.positive else _TURNED[mark])
        if not isinstance(condition, Group):
            number = self._numbers.setdefault(condition, len(self._numbers) + 1)
            return self._chains.given.setdefault(condition, {}).setdefault(mark, f"c{number}.{_WORDS[mark]}")
        if not condition.parts:
            raise CannotBeSaidError("空の組は、再現の仕組みで扱えません。")
        if condition.kind == "次でない":
            return self._needs(condition.parts[0], _TURNED[mark])
        parts = [self._needs(part, mark) for part in condition.parts]
        if condition.kind == "n以上":
            needed = condition.needed if _ASKS_FOR_ALL[mark] else len(parts) - condition.needed + 1
            if needed < 1:
                raise CannotBeSaidError("いつでも成り立つ組は、再現の仕組みで扱えません。")
            return self._some([self._signal(part) for part in parts], needed)
        return self._joined(AllOf if _ASKS_FOR_ALL[mark] == (condition.kind == "すべて") else AnyOf, parts)

    def _hit_stands(self, id_: str, mark: Mark) -> str:
        """Whether a hit stands: met, and not cancelled for certain."""
        if (id_, mark) not in self._stands:
            scenario = self._scenarios[id_]
            cancel: Mark = "-?" if _ASKS_FOR_ALL[mark] else "+"
            parts = [self._needs(_requirement(scenario), mark)]
            if scenario.cancels:
                parts.append(self._needs(_cancel(scenario), cancel))
            name = self._stands[id_, mark] = f"{id_}.stands.{_WORDS[mark]}"
            self.rules.append(ChainRule(self._joined(AllOf if _ASKS_FOR_ALL[mark] else AnyOf, parts), name))
        return self._stands[id_, mark]

    def _joined(self, kind: type[AllOf | AnyOf], parts: Iterable[Needs]) -> Needs:
        """All or any of some parts. What is too large for one rule is concluded by rules of its own, the largest part first."""
        left = list(
            dict.fromkeys(each for part in parts for each in (part.parts if isinstance(part, kind) else (part,)))
        )
        while len(left) > 1 and not fits(kind(tuple(left))):
            largest = max(left, key=lambda part: (size_of(part).ways, size_of(part).groups))
            if isinstance(largest, str):  # many signals: as many as one rule bears
                half = len(left) // 2
                left = [self._signal(self._joined(kind, left[:half])), *left[half:]]
            else:
                left = list(dict.fromkeys(self._signal(part) if part == largest else part for part in left))
        return left[0] if len(left) == 1 else kind(tuple(left))

    def _some(self, signals: Sequence[str], needed: int) -> Needs:
        """So many of some signals: the first and one fewer of the others, or so many of the others. Each asked once, from the end on."""
        of_last: dict[int, Needs] = {}
        for start in range(len(signals) - 1, -1, -1):
            others, of_last = of_last, {}
            for count in range(1, min(needed, len(signals) - start) + 1):
                with_first = self._joined(AllOf, (signals[start], *((others[count - 1],) if count > 1 else ())))
                of_last[count] = self._joined(AnyOf, (with_first, *((others[count],) if count in others else ())))
        return of_last[needed]

    def _signal(self, needs: Needs) -> str:
        """A signal for what is needed, concluded by a rule of its own where it is none."""
        if isinstance(needs, str):
            return needs
        if needs not in self._apart:
            self._apart[needs] = f"g{len(self._apart) + 1}"
            self.rules.append(ChainRule(needs, self._apart[needs]))
        return self._apart[needs]


def _requirement(scenario: Scenario) -> Group:
    return Group("すべて", (scenario.target, scenario.condition))


def _cancel(scenario: Scenario) -> Group:
    return Group("いずれか", scenario.cancels)
