"""What sentences assert, reduced to few kinds of atoms of which one can be weaker than another.

A sentence is a literal: an atom, or its opposite. 「相談が2回以下である」 is the opposite of 「相談が3回以上ある」, in all three
truth values, because the reference interpreter negates it just so. Whoever changes the meaning of a form there must
look here again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf_

from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.language.sentence_checks import limits_of


@dataclass(frozen=True)
class Within:
    """A number or step of a scale (from 0) from `low` to `high`, as of the day."""

    item: str
    low: int
    high: int | None


@dataclass(frozen=True)
class OneOf:
    """A category that is one of several, as of the day."""

    item: str
    values: frozenset[str]


@dataclass(frozen=True)
class Holds:
    """A record of the item holds on the day."""

    item: str


@dataclass(frozen=True)
class Counted:
    """At least `n` events in the window, or a sum of at least `n`."""

    kind: OneOf_["events", "total"]
    item: str
    window: s.Window
    n: int


@dataclass(frozen=True)
class Grown:
    """The sum over the window is at least `times` the earlier one."""

    item: str
    window: s.Window
    earlier: str
    times: int


@dataclass(frozen=True)
class Newest:
    """The newest (or first) amount from `low` to `high`, or category in `values`; exactly one of both is given."""

    item: str
    window: s.Window | None
    first: bool
    low: int = 0
    high: int | None = None
    values: frozenset[str] | None = None


@dataclass(frozen=True)
class Run:
    """At least `length` periods in a row, each with an event (`limit` None), or a sum of at least `limit` (below it: not `up`);
    up to the newest period of the window (`ongoing`), or anywhere in it."""

    item: str
    window: s.Window
    length: int
    ongoing: bool
    limit: int | None = None
    up: bool = True


@dataclass(frozen=True)
class Missing:
    """No record from birth on, although the age is past."""

    item: str
    age: s.AgeLimit


@dataclass(frozen=True)
class Late:
    """Not done `days` days after it was due."""

    item: str
    days: int


@dataclass(frozen=True)
class Complete:
    """What was due is done."""

    item: str


@dataclass(frozen=True)
class Some:
    """At least `n` members with the relation, for each of whom all `that` holds."""

    relation: str
    that: frozenset[Literal]
    n: int


@dataclass(frozen=True)
class Hit:
    """The hit of a scenario of which nothing more is known here."""

    scenario_id: str


Atom = Within | OneOf | Holds | Counted | Grown | Newest | Run | Missing | Late | Complete | Some | Hit


@dataclass(frozen=True)
class Literal:
    """An atom, or its opposite."""

    atom: Atom
    positive: bool = True

    @property
    def opposite(self) -> Literal:
        """What is met where this is not met."""
        return Literal(self.atom, not self.positive)


def literal_of(sentence: s.Sentence, vocabulary: Vocabulary) -> Literal:
    """What a sentence asserts of a child and its household.

    >>> from pathlib import Path
    >>> from engine.records.vocabulary import load_vocabulary
    >>> from engine.rulebook.language.parsing import parse_sentence
    >>> vocabulary = load_vocabulary(Path("rulebooks/fields.yaml"))
    >>> literal_of(parse_sentence("母がいない", vocabulary), vocabulary)
    Literal(atom=Some(relation='母', that=frozenset(), n=1), positive=False)
    """
    match sentence:
        case s.Refers(scenario_id, positive):
            return Literal(Hit(scenario_id), positive)
        case s.Members(who, count):
            more, n = _at_least(count.operator, count.n)
            return Literal(Some(who.relation, _all_that(who, vocabulary), n), more)
    owner = s.owner_of(sentence)
    said = _of_one(sentence, vocabulary)
    if owner is None:
        return said
    return Literal(Some(owner.relation, _all_that(owner, vocabulary) | {said}, 1))


def _all_that(owner: s.Owner, vocabulary: Vocabulary) -> frozenset[Literal]:
    return frozenset(_of_one(modifier, vocabulary) for modifier in owner.modifiers)


def _at_least(operator: str, n: int) -> tuple[bool, int]:
    """A bound as 以上 n, or as its opposite: 以下2 is not 以上3."""
    return operator in ("以上", "を超える"), n + (operator in ("を超える", "以下"))


def _of_one(sentence: s.ItemSentence, vocabulary: Vocabulary) -> Literal:
    match sentence:
        case s.Compare(item, bounds):
            return Literal(Within(item, *limits_of(bounds, vocabulary, item)))
        case s.IsOneOf(item, values):
            return Literal(OneOf(item, frozenset(values)))
        case s.Has(item, positive):
            return Literal(Holds(item), positive)
        case s.Events(item, window, count):
            more, n = _at_least(count.operator, count.n)
            return Literal(Counted("events", item, window, n), more)
        case s.Total(item, window, bound):
            more, n = _at_least(bound.operator, int(bound.value))
            return Literal(Counted("total", item, window, n), more)
        case s.Growth(item, window, times, _, earlier):
            return Literal(Grown(item, window, earlier, times))
        case s.Latest(item, bound, window, _, first):
            low, high = limits_of((bound,), vocabulary, item)
            return Literal(Newest(item, window, first, low, high))
        case s.LatestIs(item, values, window, _, first):
            return Literal(Newest(item, window, first, values=frozenset(values)))
        case s.Streak(item, window, length, None, _, ongoing):
            return Literal(Run(item, window, length, ongoing))
        case s.Streak(item, window, length, s.Bound(operator, value), _, ongoing):
            up, limit = _at_least(operator, int(value))
            return Literal(Run(item, window, length, ongoing, limit, up))
        case s.Unrecorded(item, age):
            return Literal(Missing(item, age))
        case s.Overdue(item, days):
            return Literal(Late(item, days))
        case s.Done(item):
            return Literal(Complete(item))
    raise AssertionError(f"a form without an atom: {sentence}")
