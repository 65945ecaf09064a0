"""Sentences that hold for a household and say something about it: what an author deletes from, instead of writing.

A city's own words come first: a sentence of its rulebooks with its named threshold. Where they have none about a fact, the
natural sentence is made, with the highest round number that still holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from engine.records.vocabulary import Vocabulary
from engine.rulebook.authoring.suggestions import is_summed
from engine.rulebook.language import syntax as s
from engine.rulebook.model import ExampleFacts

_ROUND = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 90, 120, 150, 200)
_LATE_DAYS = (365, 180, 90, 60, 30, 1)
_WINDOWS = tuple(s.Window("か月", n) for n in (3, 6, 12, 24))
_SMALL_CHILD, _ADULT = 6, 18
_ENOUGH_TO_GROW = 3  # from 0 to 1 is twice as much, too

Holds = Callable[[s.Sentence], bool]
_Key = tuple[object, ...]


def proposals(
    facts: ExampleFacts, in_use: Iterable[Iterable[s.Sentence]], vocabulary: Vocabulary, holds: Holds
) -> tuple[s.Sentence, ...]:
    """The sentences that hold and rest on a fact that is told, each kind of fact in few words.

    `in_use` are the sentences of the rulebook in which the scenario will stand, and then those of the others, whose
    thresholds were meant for something else; `holds` judges one for the household.
    """
    told = _Told(facts, vocabulary)
    chosen: dict[_Key, list[s.Sentence]] = {}
    for sentences in in_use:
        found: dict[_Key, list[s.Sentence]] = {}
        for sentence in dict.fromkeys(sentences):
            if _kind_of(sentence) not in chosen and told.speaks_of(sentence) and holds(sentence):
                found.setdefault(_kind_of(sentence), []).append(sentence)
        chosen |= found
    for sentence in _made(facts, told, vocabulary, holds):
        if not any(_covers(one, sentence) for one in chosen.get(_kind_of(sentence), ())) and holds(sentence):
            chosen.setdefault(_kind_of(sentence), []).append(sentence)
    return tuple(_plainest(group) for group in chosen.values())


def worries(sentences: Iterable[s.Sentence]) -> frozenset[str]:
    """Items whose presence rulebooks ask for. Of others (予防接種) only the absence counts: they are everyday life."""
    asked: set[str] = set()
    for sentence in sentences:
        if isinstance(sentence, (s.Unrecorded, s.Done)):
            continue
        if isinstance(sentence, s.Events) and sentence.count.operator == "以下":
            continue
        asked.update(s.items_of(sentence))
    return frozenset(asked)


class _Told:
    """Which items the facts mention as present, and of whom."""

    def __init__(self, facts: ExampleFacts, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        by_label = vocabulary.by_label
        self.child = {by_label[label]: value for label, value in facts.child.items() if label in by_label}
        self.members = [
            ("".join(member.get("続柄", ())), {by_label[k]: v for k, v in member.items() if k in by_label})
            for member in facts.members
        ]
        self.events: dict[tuple[str, str], None] = {}
        for event in facts.events:
            if event.kind in by_label:
                key = by_label[event.kind]
                of_household = vocabulary.record_of(key).subject == "世帯"
                who = "本人" if of_household else event.who.rpartition("人目の")[2]
                self.events.setdefault((key, who))

    def speaks_of(self, sentence: s.Sentence) -> bool:
        """Whether a sentence rests on something that is told, and counts more than help that a family uses."""
        items = self._vocabulary.items
        match sentence:
            case s.Refers() | s.Unrecorded():
                return False
            case s.Has(item, positive):
                word = "あり" if positive else "なし"
                return word in self.child.get(item, ()) and not (positive and items[item].support)
            case s.Members(who, count) if {m.item for m in who.modifiers} == {"age"}:
                return count.operator == "以下" or who.relation == "きょうだい"
            case s.Members(who):
                return any(self._is_told(modifier, who.relation) for modifier in who.modifiers)
            case s.Compare(item) | s.IsOneOf(item) if sentence.owner is None:
                return item in self.child
            case s.Compare(item) | s.IsOneOf(item):
                return any(item in told for _, told in self.members)
            case s.Overdue() | s.Done() | s.Events() | s.Total() | s.Growth() | s.Latest() | s.LatestIs() | s.Streak():
                if isinstance(sentence, s.Done) or (isinstance(sentence, s.Events) and sentence.count.operator == "以下"):
                    return False
                relation = sentence.owner.relation if sentence.owner else "本人"
                told = any(item == sentence.item and relation in (whose, "世帯員") for item, whose in self.events)
                return told and not items[sentence.item].support

    def _is_told(self, modifier: s.Modifier, relation: str) -> bool:
        if modifier.item == "age":
            return False
        for whose, told in self.members:
            if relation in (whose, "世帯員") and modifier.item in told:
                is_help = isinstance(modifier, s.Has) and modifier.positive and self._vocabulary.items[modifier.item].support
                if not is_help and not (isinstance(modifier, s.Has) and not modifier.positive):
                    return True
        return False


# ── sentences made from facts ──


def _made(facts: ExampleFacts, told: _Told, vocabulary: Vocabulary, holds: Holds) -> Iterator[s.Sentence]:
    yield from _age_band(told, vocabulary, holds)
    for key, values in told.child.items():
        yield from (m for m in _state(key, values[-1], vocabulary) if not _is_help(m, vocabulary))
    for relation, states in told.members:
        yield from _member(relation, states, vocabulary)
    yield from _household_shape(vocabulary, holds)
    for key, who in told.events:
        if who == "本人":
            yield from _event(key, None, vocabulary, holds)
        elif (key, "本人") not in told.events:  # a family moves together: once is enough
            yield from _event(key, s.Owner(who), vocabulary, holds)


def _age_band(told: _Told, vocabulary: Vocabulary, holds: Holds) -> Iterator[s.Sentence]:
    """About how old the child is, as people say it: 中学生, 3歳未満."""
    bands: list[s.Sentence] = []
    for key, item in vocabulary.items.items():
        if item.kind == "学年" and key in told.child:
            steps = item.values
            bands += [s.Compare(key, (s.Bound("以上", steps[a]), s.Bound("以下", steps[b]))) for a, b in ((0, 5), (6, 8), (9, 11))]
        elif item.kind == "年齢":
            bands.append(s.Compare(key, (s.Bound("未満", 3),)))
            bands.append(s.Compare(key, (s.Bound("以上", 3), s.Bound("未満", 6))))
    yield from (band for band in bands if holds(band))


def _state(key: str, value: str, vocabulary: Vocabulary) -> Iterator[s.Modifier]:
    item = vocabulary.items[key]
    match item.kind:
        case "有無" if value in ("あり", "なし"):
            yield s.Has(key, value == "あり")
        case "区分" if value in item.values:
            yield s.IsOneOf(key, (value,))
        case "順序区分" if value in item.values:
            yield s.Compare(key, (s.Bound("以上", value),))
        case "数" if value.isdigit() and int(value):
            yield s.Compare(key, (s.Bound("以上", int(value)),))


def _is_help(modifier: s.Modifier, vocabulary: Vocabulary) -> bool:
    return isinstance(modifier, s.Has) and modifier.positive and vocabulary.items[modifier.item].support


def _member(relation: str, states: dict[str, tuple[str, ...]], vocabulary: Vocabulary) -> Iterator[s.Sentence]:
    """A member with what is known of it; help that is not used stands beside what it would help with."""
    known = [modifier for key, values in states.items() for modifier in _state(key, values[-1], vocabulary)]
    without = [m for m in known if isinstance(m, s.Has) and not m.positive]
    for modifier in known:
        if modifier in without or _is_help(modifier, vocabulary):
            continue
        source = vocabulary.record_of(modifier.item).source
        beside = tuple(m for m in without if vocabulary.record_of(m.item).source == source)
        yield s.Members(s.Owner(relation, (modifier, *beside)), s.Count("以上", 1))


def _household_shape(vocabulary: Vocabulary, holds: Holds) -> Iterator[s.Sentence]:
    """Few adults, small brothers and sisters: what makes the same facts weigh more."""
    age = next((key for key, item in vocabulary.items.items() if item.kind == "年齢"), None)
    if age is None:
        return
    adults = s.Owner("世帯員", (s.Compare(age, (s.Bound("以上", _ADULT),)),))
    yield from (one for n in (1, 2) if holds(one := s.Members(adults, s.Count("以下", n))))
    small = s.Owner("きょうだい", (s.Compare(age, (s.Bound("未満", _SMALL_CHILD),)),))
    yield from (one for n in (4, 3, 2, 1) if holds(one := s.Members(small, s.Count("以上", n))))


def _event(key: str, owner: s.Owner | None, vocabulary: Vocabulary, holds: Holds) -> Iterator[s.Sentence]:
    item = vocabulary.items[key]
    match item.kind:
        case "出来事" if not item.support:
            first = next((w for w in _WINDOWS if holds(s.Events(key, w, s.Count("以上", 1), owner))), None)
            for window in (first, _WINDOWS[2]) if first else ():
                yield from _highest(partial(_events_at_least, key, window, owner), holds)
        case "量" if is_summed(key, vocabulary):
            window = _WINDOWS[0]
            yield from _highest(lambda n: s.Total(key, window, s.Bound("以上", n), owner), holds)
            if holds(s.Total(key, window, s.Bound("以上", _ENOUGH_TO_GROW), owner)):
                yield s.Growth(key, window, 2, owner)
        case "量":
            if item.unit in ("点", "か月", "回"):  # of a weight or a week nobody can say which way it is a worry
                yield from _highest(lambda n: s.Latest(key, s.Bound("以上", n), None, owner), holds)
        case "最新の区分":
            yield from (s.LatestIs(key, (value,), None, owner) for value in item.values[1:])
        case "期限のある記録":
            yield from (s.Overdue(key, days, owner) for days in _LATE_DAYS)


def _events_at_least(key: str, window: s.Window, owner: s.Owner | None, n: int) -> s.Sentence:
    return s.Events(key, window, s.Count("以上", n), owner)


def _highest(make: Callable[[int], s.Sentence], holds: Holds) -> Iterator[s.Sentence]:
    found = next((one for n in reversed(_ROUND) if holds(one := make(n))), None)
    if found is not None:
        yield found


# ── each kind of fact in few words ──


def _kind_of(sentence: s.Sentence) -> _Key:
    """Sentences of one kind say the same of the same fact, but for their numbers."""
    owner = s.owner_of(sentence)
    relation = owner.relation if owner else None
    modifiers = tuple(sorted(m.item for m in owner.modifiers)) if owner else ()
    if isinstance(sentence, s.Members):
        positive = sentence.count.operator
        return ("世帯", positive, tuple(item for item in modifiers if item != "age") or (*modifiers, relation))
    if isinstance(sentence, s.Refers):
        return ("シナリオ",)
    if isinstance(sentence, s.Compare) and sentence.owner is None and sentence.item in ("age", "grade"):
        return ("年齢",)
    return (type(sentence).__name__, sentence.item, relation)


def _covers(used: s.Sentence, made: s.Sentence) -> bool:
    """Whether a sentence in use makes a made one of its kind needless: it has a name, or the same window."""
    if isinstance(used, (s.Events, s.Streak)) and isinstance(made, s.Events):
        return used.window == made.window
    return True


def _plainest(group: Sequence[s.Sentence]) -> s.Sentence:
    """One of a kind: with a named threshold before others, in the shortest window, with the highest number."""
    named = [one for one in group if any(True for _ in s.names_of(one))]
    return min(named or group, key=lambda one: (_days(one), -_number(one)))


def _number(sentence: s.Sentence) -> int:
    match sentence:
        case s.Total(_, _, bound) | s.Latest(_, bound) if isinstance(bound.value, int):
            return bound.value
        case s.Events(_, _, count) | s.Members(_, count):
            return count.n
        case s.Overdue(_, days):
            return days
        case s.Growth(_, _, times):
            return times
        case s.Streak(_, _, length):
            return length
        case _:
            return 0


def _days(sentence: s.Sentence) -> int:
    window = getattr(sentence, "window", None)
    per = {"日": 1, "週": 7, "か月": 30, "年": 365}
    return window.n * per.get(window.kind, 0) if isinstance(window, s.Window) and window.n else 400
