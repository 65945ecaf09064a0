"""Scenarios as chain rules over signals: what is met, what may be, what is cancelled, and which hits stand.

Of each condition and group up to four things are signals, made only where some rule needs them:

| mark | says |
|---|---|
| `+` | it is met |
| `-` | it is not met |
| `+?` | it is met or unknown |
| `-?` | it is not met or unknown |

Negation is turned round down to the sentences, so that every rule is a conjunction of signals that are there. Whether a scenario is
met or cancelled is asked twice, by `+` and by `+?`: both are there if it is, the second alone if that is unknown, and neither if it is not.
(To conclude `-` instead would tell the engine of every sentence that is not met, and conclude what most scenarios of most children are:
six times the work.) So that a network that says nothing cannot pass for "not met", each has to answer that it was `reached`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb
from typing import Literal

from engine.kernel.truth import Truth
from engine.replay.meaning.asked import CannotBeSaidError
from engine.replay.process.subset import MOST_PATTERNS, ChainNetwork, ChainRule
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
_MOST_COMBINATIONS = 24
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
        self._known: dict[tuple[Condition, Mark], str] = {}
        self._stands: dict[tuple[str, Mark], str] = {}
        self._numbers: dict[Sentence, int] = {}
        self._steps = 0

    def network(self, name: str) -> None:
        """Make the rules since the last time a network, which also answers that it was reached."""
        reached = f"{name}.reached"
        self._chains.networks.append(ChainNetwork(name, (*self.rules, ChainRule((TOLD,), reached))))
        self._chains.reached.append(reached)
        self.rules = []

    def scenario(self, scenario: Scenario) -> None:
        """The rules that tell whether a scenario is met and whether it is cancelled."""
        kept, known, stands = len(self.rules), dict(self._known), dict(self._stands)
        try:
            self._scenario(scenario)
        except CannotBeSaidError:  # nothing may rest on half of a scenario
            self._known, self._stands = known, stands
            del self.rules[kept:]
            raise

    def refers(self, sentence: Refers) -> None:
        """The rules that tell whether the hit to which a sentence refers stands."""
        self._chains.refers[sentence] = (self._signal(sentence, "+"), self._signal(sentence, "+?"))

    def _scenario(self, scenario: Scenario) -> None:
        for sentence in _sentences(scenario):
            if isinstance(sentence, Refers):
                self.refers(sentence)
        met = self._concluded(scenario.id, "met", _requirement(scenario))
        if scenario.cancels:
            self._chains.cancelled[scenario.id] = self._concluded(scenario.id, "cancelled", _cancel(scenario))
        self._chains.met[scenario.id] = met

    def _concluded(self, id_: str, word: str, whole: Group) -> tuple[str, str]:
        names = (f"{id_}.{word}", f"{id_}.may_be_{word}")
        self._whole(whole, "+", names[0])
        self._whole(whole, "+?", names[1])
        return names

    def _signal(self, condition: Condition, mark: Mark) -> str:
        if isinstance(condition, Refers):
            return self._hit_stands(condition.scenario_id, mark if condition.positive else _TURNED[mark])
        if not isinstance(condition, Group):
            number = self._numbers.setdefault(condition, len(self._numbers) + 1)
            return self._chains.given.setdefault(condition, {}).setdefault(mark, f"c{number}.{_WORDS[mark]}")
        if condition.kind == "次でない":
            return self._signal(condition.parts[0], _TURNED[mark])
        if len(condition.parts) == 1 and condition.kind != "n以上":
            return self._signal(condition.parts[0], mark)
        if (condition, mark) not in self._known:
            name = self._known[condition, mark] = f"{self._step()}.{_WORDS[mark]}"
            self._whole(condition, mark, name)
        return self._known[condition, mark]

    def _whole(self, group: Group, mark: Mark, name: str) -> None:
        """Conclude a name where a group has a mark."""
        if not group.parts:
            raise CannotBeSaidError("空の組は、再現の仕組みで扱えません。")
        if group.kind == "次でない":
            self._conclude_all([self._signal(group, mark)], name)
            return
        signals = [self._signal(part, mark) for part in _flat(group)]
        if group.kind == "n以上":
            self._conclude_some(signals, group.needed if _ASKS_FOR_ALL[mark] else len(signals) - group.needed + 1, name)
        elif _ASKS_FOR_ALL[mark] == (group.kind == "すべて"):
            self._conclude_all(signals, name)
        else:
            self._conclude_any(signals, name)

    def _hit_stands(self, id_: str, mark: Mark) -> str:
        """Whether a hit stands: met, and not cancelled for certain."""
        if (id_, mark) not in self._stands:
            name = self._stands[id_, mark] = f"{id_}.stands.{_WORDS[mark]}"
            scenario = self._scenarios[id_]
            signals = [self._signal(_requirement(scenario), mark)]
            if _ASKS_FOR_ALL[mark]:
                self._conclude_all(
                    [*signals, *((self._signal(_cancel(scenario), "-?"),) if scenario.cancels else ())], name
                )
            else:
                self._conclude_any(
                    [*signals, *((self._signal(_cancel(scenario), "+"),) if scenario.cancels else ())], name
                )
        return self._stands[id_, mark]

    def _conclude_all(self, signals: Iterable[str], name: str) -> None:
        left = list(dict.fromkeys(signals))
        while len(left) > MOST_PATTERNS:
            step = self._step()
            self.rules.append(ChainRule(tuple(left[:MOST_PATTERNS]), step))
            left = [step, *left[MOST_PATTERNS:]]
        self.rules.append(ChainRule(tuple(left), name))

    def _conclude_any(self, signals: Iterable[str], name: str) -> None:
        self.rules += [ChainRule((signal,), name) for signal in dict.fromkeys(signals)]

    def _conclude_some(self, signals: Sequence[str], needed: int, name: str) -> None:
        """Where at least so many of the signals are there: a rule for each choice if they are few, else counting up step by step."""
        if needed < 1:
            raise CannotBeSaidError("いつでも成り立つ組は、再現の仕組みで扱えません。")
        if needed <= MOST_PATTERNS and comb(len(signals), needed) <= _MOST_COMBINATIONS:
            for chosen in combinations(signals, needed):
                self._conclude_all(chosen, name)
            return
        reached: dict[int, str] = {}
        for signal in signals:
            grown = dict(reached)
            for count in range(1, needed + 1):
                before = reached.get(count - 1)
                if count > 1 and before is None:
                    break
                here = name if count == needed else self._step()
                self.rules.append(ChainRule(tuple(dict.fromkeys((*filter(None, (before,)), signal))), here))
                if count in reached and count < needed:
                    self.rules.append(ChainRule((reached[count],), here))
                grown[count] = here
            reached = grown

    def _step(self) -> str:
        self._steps += 1
        return f"g{self._steps}"


def _flat(group: Group) -> Iterator[Condition]:
    """The parts of a group, with those of a part that is a group of the same kind (すべて in すべて) in its place."""
    for part in group.parts:
        same = isinstance(part, Group) and part.kind == group.kind and group.kind in ("すべて", "いずれか")
        if isinstance(part, Group) and same:
            yield from _flat(part)
        else:
            yield part


def _requirement(scenario: Scenario) -> Group:
    return Group("すべて", (scenario.target, scenario.condition))


def _cancel(scenario: Scenario) -> Group:
    return Group("いずれか", scenario.cancels)
