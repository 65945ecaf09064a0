"""Made-up households for made-up sentences: data with every kind of hole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from made_up_sentences import Sentences

from engine.kernel.dates import age_on, month_end, months_before, school_grade
from engine.records.household import Household, Person, Row, Value
from engine.records.vocabulary import RecordKind, Vocabulary
from engine.rulebook.language import syntax as s

_DAYS = (-40, 0, 1, 6, 7, 29, 30, 31, 59, 61, 89, 90, 91, 180, 364, 365, 366, 400, 729, 800, 2000)
_AGE_MONTHS = (0, 2, 4, 4, 12, 18, 18, 24, 24, 36, 36, 37, 72, 84, 144, 180, 180, 204, 216, 228, 480, 492, 960)


class World(Sentences):
    """Sentences and households from one source of randomness over one vocabulary."""

    def __init__(self, rng: Random, vocabulary: Vocabulary) -> None:
        super().__init__(rng, vocabulary)
        self._line = 0

    def households(self, how_many: int, as_of: date, records: frozenset[str]) -> list[Household]:
        """Households with records of the given kinds; some with two children, whose objects share the persons."""
        periods = {
            record: tuple(self._periods(kind, as_of))
            for record, kind in self.vocabulary.records.items()
            if kind.period and self.rng.random() < 0.9
        }
        found: list[Household] = []
        for number in range(how_many):
            found += self._household(f"{number:04}", as_of, records, periods)
        return found

    def _periods(self, kind: RecordKind, as_of: date) -> list[date]:
        step = 1 if kind.period == "月" else 2
        ends = [month_end(months_before(as_of, back)) for back in range(0, 26, step)]
        return sorted(end for end in ends if end <= as_of and self.rng.random() < 0.95)

    def _household(
        self, key: str, as_of: date, records: frozenset[str], periods: Mapping[str, tuple[date, ...]]
    ) -> list[Household]:
        rng = self.rng
        people = [self._person(f"P{key}{n}", as_of, records, periods) for n in range(rng.randint(1, 5))]
        own_rows = self._rows("世帯", as_of, records, periods)
        covered = self._covered(as_of)
        found = []
        for child in people[: 2 if rng.random() < 0.3 else 1]:
            members = tuple(
                Person(
                    person.key,
                    frozenset({"世帯員", *rng.sample(("母", "父", "きょうだい", "祖父母"), rng.randint(0, 1))}),
                    person.age_years,
                    person.school_grade,
                    person.rows,
                    person.covered_from,
                    person.born_on,
                )
                for person in people
                if person is not child
            )
            found.append(Household(f"H{key}", as_of, child, members, own_rows, covered, periods))
        return found

    def _person(
        self, key: str, as_of: date, records: frozenset[str], periods: Mapping[str, tuple[date, ...]]
    ) -> Person:
        rows, covered = self._rows("人", as_of, records, periods), self._covered(as_of)
        if self.rng.random() < 0.1:
            return Person(key, frozenset(), None, None, rows, covered)
        born_on = self._birth(as_of)
        return Person(
            key, frozenset(), age_on(born_on, as_of), school_grade(born_on, as_of), rows, covered, born_on
        )

    def _birth(self, as_of: date) -> date:
        """A day near those on which an age is reached, 29 February among them."""
        if self.rng.random() < 0.15:
            return as_of - timedelta(days=self.rng.choice((0, 55, 56, 57, 59, 60, 61)))
        day = months_before(as_of, self.rng.choice(_AGE_MONTHS)) + timedelta(days=self.rng.choice((-1, -1, 0, 1, 30)))
        if self.rng.random() < 0.1:
            day = date(day.year - day.year % 4, 2, 29)
        return min(day, as_of)

    def _covered(self, as_of: date) -> dict[str, date]:
        sources = dict.fromkeys(kind.source for kind in self.vocabulary.records.values())
        return {
            source: as_of - timedelta(days=self.rng.choice((0, 29, 30, 90, 400, 3000, 9000, 40_000)))
            for source in sources
            if self.rng.random() < 0.8
        }

    def _rows(
        self, subject: str, as_of: date, records: frozenset[str], periods: Mapping[str, tuple[date, ...]]
    ) -> dict[str, tuple[Row, ...]]:
        rng = self.rng
        result = {}
        for record, kind in self.vocabulary.records.items():
            if kind.subject != subject or record not in records:
                continue
            rows = []
            if kind.period and kind.date:
                keep = rng.choice((1.0, 1.0, 0.9, 0.0))
                rows = [
                    self._row(record, kind, as_of, {kind.date: end})
                    for end in periods.get(record, ())
                    for _ in range(rng.choice((1, 1, 1, 1, 1, 1, 1, 2)))  # two lines for one period are added up
                    if rng.random() < keep
                ]
                if rng.random() < 0.1:
                    rows.append(self._row(record, kind, as_of, {}))  # of a period that was not delivered, or of none
            elif rng.random() < 0.6:
                rows = [self._row(record, kind, as_of, {}) for _ in range(rng.choice((1, 1, 2, 3)))]
            rng.shuffle(rows)
            if rows:
                result[record] = tuple(rows)
        return result

    def _row(self, record: str, kind: RecordKind, as_of: date, fixed: Mapping[str, Value]) -> Row:
        rng = self.rng
        same_day = as_of - timedelta(days=rng.choice(_DAYS))  # so that dates within a row and between rows coincide
        cells: dict[str, Value] = {}
        unknown: set[str] = set()
        for column, definition in kind.columns.items():
            if rng.random() < 0.12:
                cells[column] = None
                if column not in fixed and rng.random() < 0.4:
                    unknown.add(column)  # something was written that does not tell the value
            elif definition.type == "整数":
                cells[column] = rng.choice((0, 0, 1, 2, 3, 5, 9, 10, 16))
            elif definition.type == "日付":
                cells[column] = same_day if rng.random() < 0.4 else as_of - timedelta(days=rng.choice(_DAYS))
            else:
                cells[column] = rng.choice(self._words(record, column))
        self._line += 1
        return Row(record, {**cells, **fixed}, rng.randint(0, 2), self._line, frozenset(unknown))

    def _words(self, record: str, column: str) -> list[str]:
        words = {"その他"}
        for item in self.vocabulary.items.values():
            if item.record == record:
                words.update(item.filters.get(column, ()))
                words.update(item.values if item.column == column else ())
        return sorted(words)


def records_of(sentences: tuple[s.Sentence, ...], vocabulary: Vocabulary) -> frozenset[str]:
    """Record kinds that sentences look at."""
    return frozenset(vocabulary.items[item].record for sentence in sentences for item in s.items_of(sentence))
