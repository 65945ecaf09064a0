"""The bank: candidate sentences that a draft may be made of, in the rulebooks' own language, made from the vocabulary alone.

What may speak for concern is what promises and the register allow: permitted items; no use of support; nothing that only describes a family, but the child's age
as a target; nothing that is met where nothing has happened; none of the child's own records that follow from being registered; not what the label itself asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.records.vocabulary import Item, Vocabulary
from engine.rulebook.authoring.suggestions import is_summed
from engine.rulebook.checks.promises import is_met_without_need
from engine.rulebook.language import syntax as s

ROUND_NUMBERS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 90, 120)
"""Numbers that a caseworker would choose."""

_TIMES = (1, 2, 3, 4, 5, 6)
_LATE_DAYS = (1, 30, 90, 180)
_GRAMS = (2500, 2000, 1500)
_MONTHS = (3, 6, 12, 24)
_SUMMED_MONTHS = (3, 6, 12)
_KIN_MONTHS = (12, 24)
_LONG_AGO = s.Window("これまで")
_BEFORE_SCHOOL: tuple[tuple[s.Bound, ...], ...] = (
    (s.Bound("未満", 1),),
    (s.Bound("以上", 1), s.Bound("未満", 3)),
    (s.Bound("以上", 3), s.Bound("未満", 6)),
)
_SCHOOLS = ((0, 5), (6, 8), (9, 11))


@dataclass(frozen=True)
class Candidate:
    """A sentence of the bank. `topic`: of whom it speaks and what of (見出し), whatever its item and numbers. `in_use`: a rulebook says it.

    `is_target`: it only says about whom (年齢, 学年), so that it is no reason by itself.
    """

    sentence: s.ItemSentence | s.Members
    topic: tuple[str, ...]
    in_use: bool = False
    is_target: bool = False


Ladder = tuple[Candidate, ...]
"""Candidates that differ in one number only, from that which holds for most to that which holds for fewest."""


@dataclass(frozen=True)
class Ground:
    """What decides which sentences may be used for a type: the vocabulary, what is hidden of the child itself, and the label.

    `own_words`: sentences of the type's own rulebook; `others_words`: those of the other rulebooks, which come after them.
    """

    vocabulary: Vocabulary
    hidden_records: frozenset[str]
    label: s.Sentence
    own_words: tuple[s.Sentence, ...]
    others_words: tuple[s.Sentence, ...]


def reasons_of(condition: s.Condition, *, wanted: bool = True) -> Iterator[s.Sentence]:
    """The sentences of a condition that speak for it, in the form in which they do; what stands under 次でない does not."""
    if isinstance(condition, s.Group):
        for part in condition.parts:
            yield from reasons_of(part, wanted=wanted is not (condition.kind == "次でない"))
    elif wanted and not isinstance(condition, s.Refers):
        yield condition


def topic_of(sentence: s.ItemSentence | s.Members, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Of whom a sentence speaks and what of (まとまり): sentences of one topic differ in item, numbers and window."""
    owner = s.owner_of(sentence)
    items = {item for item in s.items_of(sentence) if item != "age"} or {"age"}
    return (owner.relation if owner else "本人", *sorted({vocabulary.concept_of(item) for item in items}))


def may_be_reason(sentence: s.Sentence, ground: Ground) -> bool:
    """Whether a sentence may speak for concern in this type."""
    if isinstance(sentence, s.Refers):
        return False
    vocabulary = ground.vocabulary
    items = tuple(s.items_of(sentence))
    if not all(vocabulary.is_permitted(item) for item in items):
        return False
    if any(vocabulary.items[item].support for item in _asked_present(sentence)):
        return False
    if (
        is_met_without_need(sentence, vocabulary)
        or _asks_for_none(sentence)
        or _looks_the_other_way(sentence, vocabulary)
    ):
        return False
    owner = s.owner_of(sentence)
    of_child = owner is None and not isinstance(sentence, s.Members)
    if of_child and any(vocabulary.items[item].record in ground.hidden_records for item in items):
        return False
    return not _is_of_label(sentence, ground)


def ladders(ground: Ground) -> Iterator[Ladder]:
    """Every family of candidate sentences: those of the rulebooks each by itself, then those made from the vocabulary, then the child's age."""
    for sentence in dict.fromkeys((*ground.own_words, *ground.others_words)):
        if may_be_reason(sentence, ground):
            yield (_candidate(sentence, ground, in_use=True),)
    for key, item in ground.vocabulary.items.items():
        if item.concern is None:
            continue  # of what experts would not say which way it is a worry, only a rulebook may speak
        for family in _families(key, item, ground.vocabulary):
            rungs = [sentence for sentence in family if may_be_reason(sentence, ground)]
            if rungs:
                yield tuple(_candidate(sentence, ground) for sentence in rungs)
    yield from (
        (Candidate(sentence, ("年齢",), is_target=True),)
        for sentence in _ages(ground.vocabulary)
        if all(ground.vocabulary.is_permitted(item) for item in s.items_of(sentence))
    )


def _candidate(sentence: s.Sentence, ground: Ground, *, in_use: bool = False) -> Candidate:
    assert not isinstance(sentence, s.Refers)
    return Candidate(sentence, topic_of(sentence, ground.vocabulary), in_use)


# ── families made from the vocabulary ──


def _families(key: str, item: Item, vocabulary: Vocabulary) -> Iterator[Sequence[s.Sentence]]:
    """Of the child and of those relatives of whom the overlay may look at the record (見る続柄), in the direction of worry."""
    record = vocabulary.record_of(key)
    seen_of = (
        [relation for relation in vocabulary.relations if relation in record.seen_of] if record.subject == "人" else []
    )
    kin = tuple(s.Owner(relation) for relation in seen_of)
    whose: tuple[s.Owner | None, ...] = (None, *kin) if record.subject == "世帯" or "本人" in record.seen_of else kin
    few = item.concern == "少ない"
    match item.kind:
        case "出来事" if not few:
            for owner in whose:
                for window in (*(s.Window("か月", n) for n in (_KIN_MONTHS if owner else _MONTHS)), _LONG_AGO):
                    yield [s.Events(key, window, s.Count("以上", n), owner) for n in _TIMES]
        case "量" if is_summed(key, vocabulary) and not few:
            quarter = s.Window("か月", 3)
            for owner in whose:
                for n in _SUMMED_MONTHS:
                    window = s.Window("か月", n)
                    yield [s.Total(key, window, s.Bound("以上", number), owner) for number in ROUND_NUMBERS]
                if owner is None:
                    yield [s.Growth(key, quarter, times) for times in (2, 3)]
                    yield [s.Growth(key, quarter, times, None, "直前") for times in (2, 3)]
        case "量":
            numbers = _GRAMS if item.unit == "g" else tuple(reversed(ROUND_NUMBERS)) if few else ROUND_NUMBERS
            operator: s.Operator = "未満" if item.unit == "g" else "以下" if few else "以上"
            for owner in whose:
                yield [s.Latest(key, s.Bound(operator, number), None, owner) for number in numbers]
        case "最新の区分" if not few:
            # The first value is that of 異常なし; each longer tail is wider.
            tails = [item.values[n:] for n in range(1, len(item.values))]
            for owner in whose:
                yield [s.LatestIs(key, tail, None, owner) for tail in tails]
        case "期限のある記録":
            for owner in whose:
                yield [s.Overdue(key, days, owner) for days in _LATE_DAYS]
        case "有無" if not few:
            for owner in whose:
                if owner is None:
                    yield [s.Has(key, True)]
                else:
                    yield [s.Members(s.Owner(owner.relation, (s.Has(key, True),)), s.Count("以上", 1))]
        case "数" if not few:
            for owner in whose:
                yield [s.Compare(key, (s.Bound("以上", number),), owner) for number in ROUND_NUMBERS]
        case "順序区分" if not few:
            for owner in whose:
                steps = [s.Compare(key, (s.Bound("以上", step),)) for step in item.values]
                if owner is None:
                    yield steps
                else:
                    yield [s.Members(s.Owner(owner.relation, (step,)), s.Count("以上", 1)) for step in steps]
        case _:
            return


def _ages(vocabulary: Vocabulary) -> Iterator[s.Compare]:
    for key, item in vocabulary.items.items():
        if item.kind == "年齢":
            yield from (s.Compare(key, bounds) for bounds in _BEFORE_SCHOOL)
        elif item.kind == "学年":
            for first, last in _SCHOOLS:
                if last < len(item.values):
                    yield s.Compare(key, (s.Bound("以上", item.values[first]), s.Bound("以下", item.values[last])))


# ── what may not be said ──


def _asked_present(sentence: s.Sentence) -> Iterator[str]:
    """Items whose presence a sentence asks for."""
    owner = s.owner_of(sentence)
    for modifier in owner.modifiers if owner else ():
        if not isinstance(modifier, s.Has) or modifier.positive:
            yield modifier.item
    if isinstance(sentence, (s.Members, s.Refers, s.Overdue, s.Unrecorded)):
        return
    if not (isinstance(sentence, s.Has) and not sentence.positive):
        yield sentence.item


def _asks_for_none(sentence: s.Sentence) -> bool:
    """Whether it asks that there is none or little of something: the absence of a flag is no finding, unless something was due."""
    match sentence:
        case s.Has(_, positive):
            return not positive
        case s.Events(_, _, count):
            return count.operator == "以下" or count.n == 0
        case s.Members(_, count):
            return count.operator == "以下"
        case s.Done():
            return True
        case _:
            return False


def _looks_the_other_way(sentence: s.Sentence, vocabulary: Vocabulary) -> bool:
    """Whether a bound asks for little of what is a worry when there is much of it, or the reverse (心配の向き)."""
    match sentence:
        case s.Total(item, _, bound) | s.Latest(item, bound):
            concern = vocabulary.items[item].concern
            upwards = bound.operator in ("以上", "を超える")
            return concern is not None and upwards is (concern == "少ない")
        case _:
            return False


def _is_of_label(sentence: s.Sentence, ground: Ground) -> bool:
    """Whether it speaks of what the label asks, of somebody of whom the label may be speaking.

    What is known of a brother is not the label of the child: an earlier registration there is a reason to look.
    """
    label = ground.label
    if isinstance(label, s.Refers) or isinstance(sentence, s.Refers):
        return False
    of_label = _spoken_of(label)
    return any(
        item == other and (relation == whose or ("世帯員" in (relation, whose) and "本人" not in (relation, whose)))
        for item, relation in _spoken_of(sentence)
        for other, whose in of_label
    )


def _spoken_of(sentence: s.ItemSentence | s.Members) -> set[tuple[str, str]]:
    owner = s.owner_of(sentence)
    relation = owner.relation if owner else "本人"
    return {(item, relation) for item in s.items_of(sentence) if item != "age"}


# ── cut points ──

_SHARES = (0.75, 0.4, 0.15)
"""Where cut points lie in the mass that is not zero: quantiles of all children say nothing where most have none."""


def choose_rungs(ladder: Ladder, counts: Sequence[int], *, fewest: int, most: int) -> Ladder:
    """Of a ladder, the rungs whose numbers part those who have any of it at about the usual shares; at most three.

    `counts`: how many children each rung holds for, on today's snapshot, without a look at the label. A rung that holds for fewer than `fewest` or more than
    `most` says nothing that could be learned.
    """
    usable = [index for index, count in enumerate(counts) if fewest <= count <= most]
    if len(ladder) == 1 or not usable:
        return tuple(ladder[index] for index in usable)
    mass = counts[0]
    chosen = {min(usable, key=lambda index: (abs(counts[index] - share * mass), index)) for share in _SHARES}
    return tuple(ladder[index] for index in sorted(chosen))


def distinct(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Each sentence once; one that a rulebook says stands for the same one that was made."""
    first: dict[s.Sentence, Candidate] = {}
    for candidate in candidates:
        first.setdefault(candidate.sentence, candidate)
    return tuple(first.values())
