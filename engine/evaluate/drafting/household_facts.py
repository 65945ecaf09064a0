"""A household of the city in the words of an example (事実): no key, no name, ages in years, days as 日前.

What is told is what the reference interpreter finds certain. It is a simplification for an author who starts from a real
situation: amounts of a season are added up, records of more than two years ago are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from engine.evaluate.meaning.reference import judge_sentence
from engine.evaluate.meaning.verdict import Evidence
from engine.kernel.truth import Truth
from engine.records.household import Household, Person, Row
from engine.records.vocabulary import Vocabulary
from engine.rulebook.authoring.suggestions import is_summed
from engine.rulebook.examples.households import uncovered_sources
from engine.rulebook.language import syntax as s

_REMEMBERED = s.Window("か月", 24)
_REMEMBERED_DAYS = 730
_SEASONS = (92, 365, 365 + 92)
"""Amounts are added up for the last three months, for the rest of the year, and for the same season of the year before."""

Facts = dict[str, Any]


def facts_of(
    household: Household, vocabulary: Vocabulary, source_labels: Mapping[str, str], items: Collection[str]
) -> Facts:
    """The 事実 of a household, as nested text in the order of a rulebook. 基準日 is its day, so that months stay months.

    `items` are those of interest: nothing else is told but ages, grade and who lives there.
    """
    return _Teller(household, vocabulary, source_labels, items).facts()


class _Teller:
    def __init__(
        self,
        household: Household,
        vocabulary: Vocabulary,
        source_labels: Mapping[str, str],
        items: Collection[str],
    ) -> None:
        self._items = {
            key: item
            for key, item in vocabulary.items.items()
            if vocabulary.is_permitted(key) and (key in items or item.kind in ("年齢", "学年"))
        }
        self._household = household
        self._vocabulary = vocabulary
        self._labels = source_labels
        self._as_of = household.as_of

    def facts(self) -> Facts:
        child, members = self._household.child, self._household.members
        events = [*self._events(child, None)]
        told: list[Facts] = []
        counted: dict[str, int] = {}
        for place, member in enumerate(members, start=1):
            relation = self._relation(member)
            counted[relation] = counted.get(relation, 0) + 1
            told.append({"続柄": relation, **self._states(member)})
            number = place if relation == "世帯員" else counted[relation]  # every member is a 世帯員, too
            who = relation if number == 1 else f"{number}人目の{relation}"
            events += self._events(member, who)
        events += self._events(child, None, subject="世帯")
        facts: Facts = {"本人": self._states(child, with_grade=True)}
        facts |= {"世帯員": told} if told else {}
        facts |= {"出来事": events} if events else {}
        missing = [self._labels[source] for source in self._uncovered() if source in self._labels]
        facts |= {"不明": missing} if missing else {}
        return {**facts, "基準日": self._as_of.isoformat()}

    def _relation(self, member: Person) -> str:
        return next((r for r in self._vocabulary.relations if r in member.relations and r != "世帯員"), "世帯員")

    def _uncovered(self) -> Iterator[str]:
        """Sources that tell nothing about anybody in the household."""
        people = (self._household.child, *self._household.members)
        for source in uncovered_sources(self._vocabulary):
            covered = source in self._household.covered_from or any(source in p.covered_from for p in people)
            if not covered:
                yield source

    # ── what holds on the day ──

    def _evidence(self, sentence: s.ItemSentence, person: Person) -> tuple[Truth, tuple[Evidence, ...]]:
        """A sentence judged on one person, whoever it is."""
        alone = replace(self._household, child=person, members=())
        verdict = judge_sentence(sentence, alone, self._vocabulary)
        return verdict.truth, verdict.evidence

    def _states(self, person: Person, *, with_grade: bool = False) -> Facts:
        told: Facts = {}
        absent: dict[str, list[str]] = {}
        present: set[str] = set()
        for key, item in self._items.items():
            source = self._vocabulary.record_of(key).source
            value = self._state(key, person, with_grade=with_grade)
            if value == "なし":
                if item.support and not item.filters:
                    absent.setdefault(source, []).append(item.label)
                elif item.support:
                    absent.setdefault(f"{source}/{item.record}", []).append(item.label)
            elif value is not None:
                told[item.label] = value
                if item.kind not in ("年齢", "学年"):
                    present.add(source)
                    present.add(f"{source}/{item.record}")
        # That help is not used says something only beside what it would help with.
        for where in present:
            told |= dict.fromkeys(absent.get(where, ()), "なし")
        return told

    def _state(self, key: str, person: Person, *, with_grade: bool) -> str | None:
        item = self._vocabulary.items[key]
        match item.kind:
            case "年齢":
                return None if person.age_years is None else str(person.age_years)
            case "学年":
                if not with_grade or person.school_grade is None:
                    return None
                return item.values[person.school_grade - 1] if 1 <= person.school_grade <= len(item.values) else "未就学"
            case "有無":
                truth, _ = self._evidence(s.Has(key, True), person)
                return {Truth.MET: "あり", Truth.NOT_MET: "なし"}.get(truth)
            case "区分" | "順序区分":
                return self._cell(key, self._evidence(s.IsOneOf(key, item.values), person))
            case "数":
                return self._cell(key, self._evidence(s.Compare(key, (s.Bound("以上", 1),)), person))
            case _:
                return None

    def _cell(self, key: str, judged: tuple[Truth, tuple[Evidence, ...]]) -> str | None:
        truth, evidence = judged
        row = evidence[0].row if truth is Truth.MET and evidence else None
        column = self._vocabulary.items[key].column
        return None if row is None or column is None else str(row.values[column])

    # ── what happened ──

    def _events(self, person: Person, who: str | None, *, subject: str = "人") -> Iterator[Facts]:
        whose = {"誰": who} if who else {}
        told: list[tuple[int, Facts]] = []
        happened: dict[tuple[object, ...], list[tuple[str, date]]] = {}
        for key, item in self._items.items():
            if self._vocabulary.record_of(key).subject != subject:
                continue
            match item.kind:
                case "出来事":
                    for row, day in self._rows(s.Events(key, _REMEMBERED, s.Count("以上", 1)), key, person):
                        happened.setdefault(self._place(key, row), []).append((key, day))
                case "量" if is_summed(key, self._vocabulary):
                    told += [(ago, {"種類": item.label, "量": n, "日前": ago}) for n, ago in self._sums(key, person)]
                case "量":
                    rows = self._rows(s.Latest(key, s.Bound("以上", 0), _REMEMBERED), key, person)
                    told += [(ago, {"種類": item.label, "量": n, "日前": ago}) for n, ago in self._cells(key, rows[:1])]
                case "最新の区分":
                    rows = self._rows(s.LatestIs(key, item.values, _REMEMBERED), key, person)
                    told += [(ago, {"種類": item.label, "値": v, "日前": ago}) for v, ago in self._cells(key, rows[:1])]
                case "期限のある記録":
                    told += self._due(key, person)
        for found in happened.values():
            told += [(ago, {"種類": self._vocabulary.items[key].label, "日前": ago}) for key, ago in self._tellings(found)]
        for _, event in sorted(told, key=lambda pair: pair[0]):
            yield {**{name: str(value) for name, value in event.items()}, **whose}

    def _place(self, key: str, row: Row) -> tuple[object, ...]:
        """Items that look at one row by the same day tell one thing in several words."""
        kind = self._vocabulary.record_of(key)
        if kind.period:
            return (key, *row.order)
        return (row.record, self._vocabulary.date_column(key), *row.order)

    def _tellings(self, found: list[tuple[str, date]]) -> Iterator[tuple[str, int]]:
        """Of the words for one row those that say most, and each thing once."""
        items = self._vocabulary.items
        said: set[str] = set()
        by_detail = sorted(found, key=lambda f: (-len(items[f[0]].filters), sum(map(len, items[f[0]].filters.values()))))
        for number, (key, day) in enumerate(by_detail):
            if number == 0 or set(items[key].filters) - said:
                said |= set(items[key].filters)
                yield key, self._ago(day)

    def _rows(self, sentence: s.ItemSentence, key: str, person: Person) -> list[tuple[Row, date]]:
        """The dated rows on which a sentence rests, newest first."""
        truth, evidence = self._evidence(sentence, person)
        column = self._vocabulary.date_column(key)
        rows = [one.row for one in evidence if truth is Truth.MET and one.row is not None]
        dated = [(row, day) for row in rows if column and isinstance(day := row.values.get(column), date)]
        return sorted(dated, key=lambda pair: (pair[1], pair[0].order), reverse=True)

    def _cells(self, key: str, rows: list[tuple[Row, date]]) -> Iterator[tuple[str, int]]:
        column = self._vocabulary.items[key].column
        for row, day in rows:
            value = row.values.get(column or "")
            if value is not None:
                yield str(value), self._ago(day)

    def _sums(self, key: str, person: Person) -> Iterator[tuple[int, int]]:
        """Amounts added up by season, each at its newest month."""
        amounts = list(self._cells(key, self._rows(s.Total(key, _REMEMBERED, s.Bound("以上", 1)), key, person)))
        begin = -1
        for end in _SEASONS:
            inside = [(int(n), ago) for n, ago in amounts if begin < ago <= end and int(n)]
            if inside:
                yield sum(n for n, _ in inside), min(ago for _, ago in inside)
            begin = end

    def _due(self, key: str, person: Person) -> Iterator[tuple[int, Facts]]:
        item = self._vocabulary.items[key]
        _, evidence = self._evidence(s.Done(key), person)
        for one in evidence[:1]:
            due = one.row.values.get(item.due or "") if one.row else None
            done = one.row.values.get(item.done or "") if one.row else None
            if not isinstance(due, date) or abs(self._ago(due)) > _REMEMBERED_DAYS:
                continue
            when = self._ago(done) if isinstance(done, date) and done <= self._as_of else "なし"
            yield self._ago(due), {"種類": item.label, "期限から": self._ago(due), "実施": when}

    def _ago(self, day: date) -> int:
        return (self._as_of - day).days
