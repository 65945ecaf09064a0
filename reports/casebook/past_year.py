"""The last twelve months of a household, from its own records: what scenarios speak of, contacts, support. No names and no places.

Only words of the vocabulary are told, and of values only those that a permitted item asks for; so a column that is refused, withheld or of no item
never gets here, and neither does a school, a facility or an address.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from engine.evaluate.meaning.records import Records, day_of
from engine.kernel.dates import months_before
from engine.kernel.truth import Truth
from engine.records.case import Origin, TimelineEntry, TimelineKind
from engine.records.household import Household, Person, Row
from engine.records.layout import Layout
from engine.records.vocabulary import Item, RecordKind, Vocabulary
from engine.rulebook.language.syntax import Window
from engine.rulebook.language.windows import span_of

MONTHS = 12
MOST_ENTRIES = 400
"""Of one household; of more the oldest are left out, and it is told how many. A year of seven people with everything recorded stays well below."""

_WINDOW = Window("か月", MONTHS)
_PERIOD_MONTHS = {"月": 1, "2か月": 2}
_PROTECTION = "address_protection"
"""DV等支援措置 is marked on the sheet by itself; when it began is nobody's business there."""
_HOUSEHOLD = "世帯"
_RELATIONS = ("母", "父", "きょうだい", "祖父母", "世帯員")


class PastYear(NamedTuple):
    """Oldest first, and how many older ones were left out."""

    entries: tuple[TimelineEntry, ...]
    left_out: int


@dataclass(frozen=True)
class Chronicler:
    """Tells of any household of one run. `origins`: the delivery of each file number; `layouts`: by source, for which figures contain others."""

    vocabulary: Vocabulary
    layouts: Mapping[str, Layout]
    origins: Mapping[int, Origin]

    def past_year(self, household: Household, listed: Collection[str]) -> PastYear:
        """The twelve months up to the household's as-of day, of everyone in it and of the household itself.

        A month of figures (欠席, 遅刻 …) is one entry, and only if there is something in it. What is blank, of an unknown day or doubtful is not told: a timeline
        shows what is recorded. `listed`: the children to whom entries belong by key; others are told by their relation.
        """
        records = Records(household, self.vocabulary)
        people = list(_people(household, listed))
        entries = _of_all({who: frozenset(self._of_one(who, records)) for who in people})
        entries |= frozenset(self._of_one(_Who(_HOUSEHOLD, None, household.rows), records))
        ordered = sorted(entries, key=_order)
        kept = ordered[-MOST_ENTRIES:]
        return PastYear(tuple(kept), len(ordered) - len(kept))

    def _of_one(self, who: _Who, records: Records) -> Iterator[TimelineEntry]:
        for record, rows in who.rows.items():
            kind = self.vocabulary.records[record]
            items = {
                key: item
                for key, item in self.vocabulary.items.items()
                if item.record == record and record != _PROTECTION and self.vocabulary.is_permitted(key)
            }
            for row in rows:
                origin = self.origins.get(row.file_no)
                if origin is None:
                    continue
                for said in self._of_row(row, kind, items, records):
                    if said.is_within(records.as_of):
                        yield TimelineEntry(
                            said.on,
                            said.kind,
                            who.label,
                            said.text,
                            origin.source_label,
                            who.child_key,
                            said.until,
                            said.lasts,
                        )

    def _of_row(self, row: Row, kind: RecordKind, items: Mapping[str, Item], records: Records) -> Iterator[_Said]:
        speaking = {key: item for key, item in items.items() if records.passes(row, item) is Truth.MET}
        state = self._state(row, kind, speaking)
        if state is not None:
            yield state
        by_day: dict[date, dict[str, str]] = {}
        for key, item in speaking.items():
            if item.kind == "期限のある記録" and (overdue := _overdue(item, row, records.as_of)):
                yield overdue
            for on, text in self._happened(key, item, row, kind, records.as_of):
                if state is None or kind.valid is None or self.vocabulary.date_column(key) != kind.valid.start:
                    by_day.setdefault(on, {})[key] = text
        for on, texts in by_day.items():
            yield _Said(on, self._kind(texts), "、".join(_telling(texts, speaking)))
        if kind.period and kind.date and (end := day_of(row, kind.date)):
            yield from self._figures(row, kind, speaking, end)

    def _state(self, row: Row, kind: RecordKind, speaking: Mapping[str, Item]) -> _Said | None:
        """What holds for a time: 生活保護, 要介護4. Not numbers of a state (滞納のか月数), which are of no day of their own, and not what only describes a family."""
        if kind.valid is None or (start := day_of(row, kind.valid.start)) is None:
            return None
        end = kind.valid.end
        if end is not None and end in row.unknown:
            return None
        texts = {}
        for key, item in speaking.items():
            value = row.values.get(item.column) if item.column else None
            if item.no_need:
                continue
            if item.kind == "有無":
                texts[key] = item.label
            elif item.kind in ("区分", "順序区分") and value is not None:
                texts[key] = f"{item.label} {value}"
        if not texts:
            return None
        until = day_of(row, end) if end else None
        return _Said(start, self._kind(texts), "、".join(_telling(texts, speaking)), until, lasts=True)

    def _happened(self, key: str, item: Item, row: Row, kind: RecordKind, as_of: date) -> Iterator[tuple[date, str]]:
        """What an item says of one day."""
        if item.kind == "期限のある記録":
            if (done := day_of(row, item.done or "")) is not None and done <= as_of:
                yield done, f"{item.label} 実施"
            return
        column = self.vocabulary.date_column(key)
        if column is None or (on := day_of(row, column)) is None or (kind.period and column == kind.date):
            return
        value = row.values.get(item.column) if item.column else None
        if item.kind == "出来事":
            yield on, item.label
        elif item.kind in ("量", "最新の区分") and value is not None:
            yield on, f"{item.label} {value}{item.unit or ''}"

    def _figures(self, row: Row, kind: RecordKind, speaking: Mapping[str, Item], end: date) -> Iterator[_Said]:
        """A month's or two months' figures above zero and events; a figure that is part of another one is not told beside it."""
        assert kind.period is not None
        start = months_before(end + timedelta(days=1), _PERIOD_MONTHS[kind.period])
        figures = {
            key: item
            for key, item in speaking.items()
            if item.kind == "量" and isinstance(value := row.values.get(item.column or ""), int) and value > 0
        }
        parts = _parts(self.layouts.get(kind.source), {item.column or "" for item in figures.values()})
        told = {
            key: f"{item.label} {row.values[item.column or '']}{item.unit or ''}"
            for key, item in figures.items()
            if item.column not in parts
        }
        told |= {
            key: item.label for key, item in speaking.items() if item.kind == "出来事" and self._is_of_period(key, kind)
        }
        for wanted in ("事実", "連絡", "支援"):
            texts = {key: text for key, text in told.items() if self._kind([key]) == wanted}
            if texts:
                yield _Said(start, self._kind(texts), "、".join(_telling(texts, speaking)), end, lasts=True)

    def _is_of_period(self, key: str, kind: RecordKind) -> bool:
        return self.vocabulary.date_column(key) == kind.date

    def _kind(self, keys: Collection[str]) -> TimelineKind:
        """A contact is a contact, whatever else it is; then support."""
        items = [self.vocabulary.items[key] for key in keys]
        return "連絡" if any(i.contact for i in items) else "支援" if any(i.support for i in items) else "事実"


@dataclass(frozen=True, eq=False)
class _Who:
    label: str
    child_key: str | None
    rows: Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class _Said:
    on: date
    kind: TimelineKind
    text: str
    until: date | None = None
    lasts: bool = False

    def is_within(self, as_of: date) -> bool:
        """Whether any of it lies in the window; what is to begin only later is not told."""
        span = span_of(_WINDOW, as_of)
        assert span.first_day is not None
        if self.on > as_of:
            return False
        return span.contains(self.on) or (self.lasts and (self.until is None or self.until >= span.first_day))


def _people(household: Household, listed: Collection[str]) -> Iterator[_Who]:
    yield _who(household.child, "本人", listed)
    for member in household.members:
        yield _who(member, next((r for r in _RELATIONS if r in member.relations), "世帯員"), listed)


def _who(person: Person, relation: str, listed: Collection[str]) -> _Who:
    return _Who("本人", person.key, person.rows) if person.key in listed else _Who(relation, None, person.rows)


def _of_all(by_person: Mapping[_Who, frozenset[TimelineEntry]]) -> frozenset[TimelineEntry]:
    """What everyone's records say alike (a move) is told once, of the household."""
    alike: dict[TimelineEntry, int] = {}
    for entries in by_person.values():
        for shared in {_of_household(entry) for entry in entries}:
            alike[shared] = alike.get(shared, 0) + 1
    everyone = {entry for entry, people in alike.items() if people == len(by_person) > 1}
    alone = {each for entries in by_person.values() for each in entries if _of_household(each) not in everyone}
    return frozenset(everyone | alone)


def _of_household(entry: TimelineEntry) -> TimelineEntry:
    return replace(entry, who=_HOUSEHOLD, child_key=None)


def _order(entry: TimelineEntry) -> tuple[object, ...]:
    until = entry.until or date.max
    return entry.on, until, entry.kind, entry.child_key or "", entry.who, entry.text, entry.source_label


def _overdue(item: Item, row: Row, as_of: date) -> _Said | None:
    """That the day of something due passed without it; nothing where it was done, or is not known to be missing."""
    due, done = day_of(row, item.due or ""), day_of(row, item.done or "")
    if due is None or due > as_of or (done is not None and done <= as_of) or item.done in row.unknown:
        return None
    return _Said(due, "事実", f"{item.label}の期限(実施の記録なし)")


def _telling(texts: Mapping[str, str], speaking: Mapping[str, Item]) -> list[str]:
    """The texts that say something that no other one says more closely (「養護・虐待の相談」 rather than 「相談」), each once."""
    return list(
        dict.fromkeys(
            text
            for key, text in texts.items()
            if not any(
                other != key and _says_more(speaking[other], texts[other], speaking[key], text) for other in texts
            )
        )
    )


def _says_more(one: Item, its_text: str, other: Item, other_text: str) -> bool:
    """Whether one item's text makes the other's needless: it names it and more, or is of fewer records, or is its figure or result."""
    if other.label in its_text and other_text == other.label and one.label != other.label:
        return True
    if one.kind == other.kind == "出来事":
        narrower = all(
            column in one.filters and set(one.filters[column]) <= set(allowed)
            for column, allowed in other.filters.items()
        )
        return narrower and one.filters != other.filters
    if other.kind == "期限のある記録" and one.kind == "最新の区分":
        return other.filters == one.filters
    return other.kind == "出来事" and one.kind == "量" and not other.filters


def _parts(layout: Layout | None, there: Collection[str]) -> frozenset[str]:
    """Columns whose figure is contained in another one that is told, as the layout derives them: 遅刻 in 遅刻・早退, 病気の欠席 in 欠席."""
    contained: set[str] = set()
    for derived, how in (layout.derivations if layout else {}).items():
        if how.plus and derived in there:
            contained.update(how.plus)
        if how.minus and how.minus[0] in there:
            contained.update((derived, how.minus[1]))
    return frozenset(contained)
