"""What the city promised families about its rulebooks, as functions over a condition's tree.

Each function gives the faults that it finds, so that it can be tried on planted faults as well as on the rulebooks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.model import Scenario

SCHOOL_SOURCES = frozenset({"school_attendance", "school_register"})
COUNCIL_ITEMS = frozenset({"in_council", "council_registered", "council_closed"})
_MORE = ("以上", "を超える")


def resolved(condition: s.Condition, scenarios: Mapping[str, Scenario]) -> s.Condition:
    """The condition with what other scenarios ask in place of the references to them, so that no promise hides there."""
    if isinstance(condition, s.Group):
        return s.Group(condition.kind, tuple(resolved(part, scenarios) for part in condition.parts), condition.needed)
    if not isinstance(condition, s.Refers):
        return condition
    other = scenarios[condition.scenario_id]
    asked = (other.target, other.condition, *(s.Group("次でない", (cancel,)) for cancel in other.cancels))
    whole = s.Group("すべて", tuple(resolved(part, scenarios) for part in asked))
    return whole if condition.positive else s.Group("次でない", (whole,))


def uses(condition: s.Condition, positive: bool = True) -> Iterator[tuple[str, bool]]:
    """Every item of a condition, and whether having it speaks for the scenario (True) or against it (False)."""
    if isinstance(condition, s.Group):
        for part in condition.parts:
            yield from uses(part, positive is not (condition.kind == "次でない"))
        return
    members_are_wanted = not isinstance(condition, s.Members) or condition.count.operator == "以上"
    owner = s.owner_of(condition)
    for modifier in owner.modifiers if owner else ():
        wanted = modifier.positive if isinstance(modifier, s.Has) else True
        yield modifier.item, positive is (wanted is members_are_wanted)
    match condition:
        case s.Members():
            return
        case s.Has(item, wanted):
            yield item, positive is wanted
        case s.Events(item, _, count):
            yield item, positive is (count.operator == "以上")
        case s.Total(item, _, bound) | s.Latest(item, bound):
            yield item, positive is (bound.operator in _MORE)
        case s.Overdue(item) | s.Unrecorded(item):
            yield item, not positive
        case s.Streak(item, _, _, bound):
            yield item, positive is (bound is None or bound.operator in _MORE)
        case s.Refers():
            raise ValueError("references are resolved before a promise is looked at")
        case _:
            yield condition.item, positive


def support_held_against(condition: s.Condition, vocabulary: Vocabulary) -> list[str]:
    """Support that a family uses and that speaks for the scenario."""
    return [item for item, positive in uses(condition) if positive and vocabulary.items[item].support]


def own_council_registration(condition: s.Condition) -> list[s.Sentence]:
    """Sentences that make the child's own registration with the council a reason."""
    return [
        sentence
        for sentence in s.sentences_of(condition)
        if s.owner_of(sentence) is None and COUNCIL_ITEMS & set(s.items_of(sentence))
    ]


def separate_room_hides(condition: s.Condition, cancels: tuple[s.Condition, ...] = ()) -> bool:
    """Whether days in a separate room (別室登校) make a scenario vanish."""
    cancelled = any("separate_room" in set(s.items_of(t)) for c in cancels for t in s.sentences_of(c))
    return cancelled or ("separate_room", False) in set(uses(condition))


def too_short_for_late_deliveries(condition: s.Condition, vocabulary: Vocabulary) -> list[s.Sentence]:
    """Sentences whose window may hold no delivered month: monthly records arrive up to 41 days after they happen."""
    monthly = {"school_attendance", "npo_watch", "maternal_health", "water"}

    def is_short(window: s.Window | None) -> bool:
        days = {"日": 1, "週": 7, "か月": 30, "年": 365}
        return window is not None and window.kind in days and window.n * days[window.kind] < 60

    return [
        sentence
        for sentence in s.sentences_of(condition)
        if isinstance(sentence, (s.Events, s.Total, s.Growth, s.Latest, s.LatestIs, s.Streak))
        and is_short(sentence.window)
        and vocabulary.record_of(sentence.item).source in monthly
    ]


def unguarded_school_sentences(
    condition: s.Condition, vocabulary: Vocabulary, guarded: bool = False
) -> Iterator[s.Sentence]:
    """Sentences about school records that are asked of children whom no municipal school covers.

    For them the answer is 不明 for ever. A 学年 beside the sentence (or above it, under すべて) makes it 非該当. What another
    scenario asks is guarded there.
    """
    if isinstance(condition, s.Group):
        here = guarded or (condition.kind == "すべて" and any(map(_asks_grade, condition.parts)))
        for part in condition.parts:
            yield from unguarded_school_sentences(part, vocabulary, here)
        return
    if (
        isinstance(condition, (s.Members, s.Refers))
        or vocabulary.record_of(condition.item).source not in SCHOOL_SOURCES
    ):
        return
    owner = s.owner_of(condition)
    if owner is not None and any(modifier.item == "grade" for modifier in owner.modifiers):
        return
    if owner is not None or not guarded:
        yield condition


def _asks_grade(condition: s.Condition) -> bool:
    return isinstance(condition, s.Compare) and condition.item == "grade" and condition.owner is None


def unnamed_policy_numbers(condition: s.Condition) -> list[s.Sentence]:
    """Sentences with a number that a city may want to change and that no threshold (閾値) names.

    "Once" and "not at all" are no policy. Nor are windows, ages, grades and how many people there are in a household.
    """

    def is_bare(sentence: s.Sentence) -> bool:
        match sentence:
            case s.Total(_, _, bound) | s.Latest(_, bound):
                return bound.named is None and bound.value not in (0, 1)
            case s.Events(_, _, count):
                return count.named is None and count.n > 1
            case s.Streak(_, _, _, bound, _, named):
                return named is None or (bound is not None and bound.named is None and bound.value not in (0, 1))
            case s.Overdue(_, days, _, named):
                return named is None and days > 1
            case s.Unrecorded(_, age):
                return age.named is None
            case _:
                return False

    return [sentence for sentence in s.sentences_of(condition) if is_bare(sentence)]


def texts_of(scenario: Scenario) -> str:
    """Everything in a scenario that is read aloud or printed."""
    return "\n".join(
        [scenario.name, scenario.purpose, scenario.source, *scenario.ask, *(e.title for e in scenario.examples)]
    )
