"""Counting what came of the lists. Households are counted, each once; days and counts are whole numbers, and nothing is a share yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from engine.records.case import SUPPORTED_NOW, Case, Casebook, Tier
from engine.records.conference import CONTACTS, ConferenceEntry, PastDecision
from engine.records.conference_store import DrawnAnswer, Word

K = TypeVar("K")
ACTS = ("積極的アプローチ", "学校等への調査", "見守り")
"""Decisions after which somebody is to be in touch with the family, or with those around it."""
NOT_TAKEN_UP = ("見送り", "対象外")
SUPPORTED = "既に支援中"
RIGHT = ("合っていた", "一部合っていた")
WRONG = ("違っていた", "一部合っていた")


@dataclass(frozen=True)
class ListedHousehold:
    """A household on the list of one week: its hardship types in ① or ②, its tier, the scenarios that counted, whether a model raised it, and
    whether one of the family was registered with the council that day."""

    household_key: str
    types: tuple[str, ...]
    tier: Tier
    scenarios: tuple[str, ...]
    raised: bool
    registered: bool


@dataclass(frozen=True)
class ListedWeek:
    """One list that went to a conference: `households` by key; `drawn`: how many children were drawn by chance; `names` of its scenarios."""

    run_id: str
    meeting_on: date
    households: Mapping[str, ListedHousehold]
    drawn: int
    names: Mapping[str, str]


@dataclass(frozen=True)
class Days:
    """Whole days of several things: how many, and the quartiles (nearest rank), None where there is none."""

    count: int
    lower: int | None = None
    median: int | None = None
    upper: int | None = None
    longest: int | None = None


@dataclass(frozen=True)
class Contact:
    """From the conference to the first contact. `reached`: contact on a known day; `day_unknown`: contact without a day; `waiting`: those still without,
    by the days since the conference."""

    decided: int
    reached: Days
    day_unknown: int
    waiting: Days


@dataclass(frozen=True)
class Agreement:
    """Of households decided on, how many the conference took up (neither 見送り nor 対象外); of those about whom it said so, how many flags were right."""

    decided: int = 0
    taken_up: int = 0
    answered: int = 0
    right: int = 0


@dataclass(frozen=True)
class NewlyFound:
    """Households decided on: registered with the council when listed; said to be supported already; neither, and of these how many were taken up."""

    decided: int
    registered: int
    supported: int
    new: int
    new_taken_up: int


@dataclass(frozen=True)
class DrawnByChance:
    """Children drawn, looked at with an answer, with difficulty, and not clear."""

    drawn: int
    looked_at: int
    found: int
    unclear: int


@dataclass(frozen=True)
class WeekOfAnswers:
    """One conference: households listed, decided on, by decision, and how many days until the sheets were read in."""

    run_id: str
    meeting_on: date
    listed: int
    decided: int
    decisions: Mapping[str, int]
    came_back: Days


@dataclass(frozen=True)
class Measures:
    """All of it, of the conferences from `start` to `end`, as known on `today`."""

    start: date
    end: date
    today: date
    contact: Contact
    new: NewlyFound
    whole: Agreement
    by_type: Mapping[str, Agreement]
    by_tier: Mapping[Tier, Agreement]
    by_scenario: Mapping[str, Agreement]
    by_origin: Mapping[bool, Agreement]
    why_wrong: Mapping[tuple[str, str], int]
    wrong_by_scenario: Mapping[str, Mapping[str, int]]
    outcomes: Mapping[str, int]
    drawn: DrawnByChance
    weeks: tuple[WeekOfAnswers, ...]
    came_back: Days
    names: Mapping[str, str] = field(default_factory=dict)


def listed_week(book: Casebook) -> ListedWeek:
    """What outcomes ask of a casebook."""
    names = {r.scenario_id: r.name for case in book.cases for child in case.children for r in child.results}
    households = {case.household_key: _listed(case) for case in book.cases}
    return ListedWeek(book.run_id, book.meeting_on, households, len(book.drawn), names)


def _listed(case: Case) -> ListedHousehold:
    decided = [kind for child in case.children for kind in child.types]
    types = dict.fromkeys(one.hardship_type for one in decided if one.tier is not Tier.NO_ACTION)
    hits = {result.scenario_id for child in case.children for result in child.results if result.is_hit}
    registered = any(SUPPORTED_NOW in member.note for member in case.members)
    return ListedHousehold(
        case.household_key, tuple(types), case.tier, tuple(sorted(hits)), case.lifted_from is not None, registered
    )


def measure(
    weeks: Sequence[ListedWeek],
    entries: Iterable[ConferenceEntry],
    words: Iterable[Word],
    drawn: Iterable[DrawnAnswer],
    *,
    start: date,
    end: date,
    today: date,
) -> Measures:
    """Figures of the conferences held from `start` to `end`.

    `entries` are what is known of each household of each run, `words` everything that was read in, from which the first contact is told where a later word
    replaced it. Of a household decided on more than once the newest decision counts, and of its findings the newest; for the time to contact, the first decision
    after which somebody was to be in touch.
    """
    held = {week.run_id: week for week in weeks if start <= week.meeting_on <= end}
    told = sorted(
        (entry for entry in entries if entry.decision.run_id in held),
        key=lambda entry: (entry.decision.decided_on, entry.decision.run_id, entry.decision.household_key),
    )
    decided = {e.decision.household_key: e.decision for e in told if e.decision.decision is not None}
    found = {e.decision.household_key: e.decision for e in told if e.decision.rightness not in (None, "まだ分からない")}
    counted = _Counted(held, decided, found)
    words = tuple(words)
    back = _to_come_back(words)
    return Measures(
        start,
        end,
        today,
        contact=_contact(told, words, today),
        new=_newly_found(held, decided.values()),
        whole=counted.by(lambda _: ("",)).get("", Agreement()),
        by_type=counted.by(lambda one: one.types),
        by_tier=counted.by(lambda one: (one.tier,)),
        by_scenario=counted.by(lambda one: one.scenarios),
        by_origin=counted.by(lambda one: (one.raised,)),
        why_wrong=Counter(
            (one.rightness or "", one.why_wrong or "") for one in found.values() if one.rightness in WRONG
        ),
        wrong_by_scenario=_wrong_by_scenario(held, found.values()),
        outcomes=_outcomes(told),
        drawn=_drawn(held, drawn),
        weeks=tuple(
            _week(week, told, back) for week in sorted(held.values(), key=lambda one: (one.meeting_on, one.run_id))
        ),
        came_back=_days_back((e.decision for e in told), back),
        names={scenario: name for week in held.values() for scenario, name in week.names.items()},
    )


class _Counted:
    """Agreement by anything that a listing tells."""

    def __init__(
        self, held: Mapping[str, ListedWeek], decided: Mapping[str, PastDecision], found: Mapping[str, PastDecision]
    ) -> None:
        self._held = held
        self._decided = decided
        self._found = found

    def by(self, groups: Callable[[ListedHousehold], Iterable[K]]) -> dict[K, Agreement]:
        """A household counts in every group to which its listing belongs."""
        decided, taken_up, answered, right = Counter[K](), Counter[K](), Counter[K](), Counter[K]()
        for one in self._decided.values():
            for group in groups(self._held[one.run_id].households[one.household_key]) if self._is_listed(one) else ():
                decided[group] += 1
                taken_up[group] += one.decision not in NOT_TAKEN_UP
        for one in self._found.values():
            for group in groups(self._held[one.run_id].households[one.household_key]) if self._is_listed(one) else ():
                answered[group] += 1
                right[group] += one.rightness in RIGHT
        return {
            group: Agreement(decided[group], taken_up[group], answered[group], right[group])
            for group in sorted({*decided, *answered}, key=lambda group: (-decided[group], str(group)))
        }

    def _is_listed(self, one: PastDecision) -> bool:
        return one.household_key in self._held[one.run_id].households


def _contact(told: Sequence[ConferenceEntry], words: Iterable[Word], today: date) -> Contact:
    """A sheet that was corrected counts as it reads now; a register's rows all count, for each tells of a day of its own."""
    asked: dict[str, date] = {}
    for entry in told:
        if entry.decision.decision in ACTS:
            asked.setdefault(entry.decision.household_key, entry.decision.decided_on)
    sheets: dict[tuple[str, str], PastDecision] = {}
    rows: list[PastDecision] = []
    for word in words:
        if isinstance(word, ConferenceEntry):
            if word.form == "台帳":
                rows.append(word.decision)
            else:
                sheets[word.decision.run_id, word.decision.household_key] = word.decision
    reached: dict[str, date | None] = {}
    for one in (*sheets.values(), *rows):
        since = asked.get(one.household_key)
        if one.outcome not in CONTACTS or since is None or one.decided_on < since:
            continue
        before = reached.get(one.household_key, date.max)
        if one.outcome_on is None:
            reached.setdefault(one.household_key, None)
        elif one.outcome_on >= since:
            reached[one.household_key] = min(one.outcome_on, before or date.max)
    known = {key: day for key, day in reached.items() if day is not None}
    return Contact(
        len(asked),
        days_of((day - asked[key]).days for key, day in known.items()),
        len(reached) - len(known),
        days_of(max(0, (today - day).days) for key, day in asked.items() if key not in reached),
    )


def _newly_found(held: Mapping[str, ListedWeek], decided: Iterable[PastDecision]) -> NewlyFound:
    registered = supported = new = taken_up = count = 0
    for one in decided:
        listed = held[one.run_id].households.get(one.household_key)
        if listed is None:
            continue
        count += 1
        if listed.registered:
            registered += 1
        elif one.decision == SUPPORTED:
            supported += 1
        else:
            new += 1
            taken_up += one.decision not in NOT_TAKEN_UP
    return NewlyFound(count, registered, supported, new, taken_up)


def _wrong_by_scenario(held: Mapping[str, ListedWeek], found: Iterable[PastDecision]) -> dict[str, Counter[str]]:
    wrong: dict[str, Counter[str]] = {}
    for one in found:
        listed = held[one.run_id].households.get(one.household_key)
        if listed is not None and one.rightness in WRONG:
            for scenario in listed.scenarios:
                wrong.setdefault(scenario, Counter())[one.why_wrong or ""] += 1
    return dict(sorted(wrong.items(), key=lambda each: (-each[1].total(), each[0])))


def _outcomes(told: Iterable[ConferenceEntry]) -> Counter[str]:
    newest = {e.decision.household_key: e.decision.outcome for e in told if e.decision.outcome is not None}
    return Counter(newest.values())


def _drawn(held: Mapping[str, ListedWeek], drawn: Iterable[DrawnAnswer]) -> DrawnByChance:
    said = Counter(answer.finding for answer in drawn if answer.run_id in held)
    return DrawnByChance(
        sum(week.drawn for week in held.values()),
        said["困難あり"] + said["困難なし"],
        said["困難あり"],
        said["分からない"],
    )


def _week(week: ListedWeek, told: Iterable[ConferenceEntry], back: Mapping[tuple[str, str], date]) -> WeekOfAnswers:
    decided = [e.decision for e in told if e.decision.run_id == week.run_id and e.decision.decision is not None]
    return WeekOfAnswers(
        week.run_id,
        week.meeting_on,
        len(week.households),
        len(decided),
        Counter(str(one.decision) for one in decided),
        _days_back(decided, back),
    )


def _to_come_back(words: Iterable[Word]) -> dict[tuple[str, str], date]:
    """By run and household: the day on which a decision was read in for the first time."""
    first: dict[tuple[str, str], date] = {}
    for word in words:
        if isinstance(word, ConferenceEntry) and word.decision.decision is not None:
            place = word.decision.run_id, word.decision.household_key
            first[place] = min(word.read_on, first.get(place, date.max))
    return first


def _days_back(decided: Iterable[PastDecision], back: Mapping[tuple[str, str], date]) -> Days:
    read = ((one, back.get((one.run_id, one.household_key))) for one in decided if one.decision is not None)
    return days_of(max(0, (day - one.decided_on).days) for one, day in read if day is not None)


def days_of(days: Iterable[int]) -> Days:
    """How many, and their quartiles by nearest rank.

    >>> days_of([1, 2, 3, 10])
    Days(count=4, lower=1, median=2, upper=3, longest=10)
    """
    ordered = sorted(days)
    if not ordered:
        return Days(0)
    lower, median, upper = (ordered[max(0, -(-len(ordered) * quarter // 4) - 1)] for quarter in (1, 2, 3))
    return Days(len(ordered), lower, median, upper, ordered[-1])
