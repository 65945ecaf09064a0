"""Made-up sentences and households: every form of the language, and data with every kind of hole."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta

from engine.kernel.dates import month_end, months_before
from engine.kernel.errors import Place
from engine.records.household import Household, Person, Row, Value
from engine.records.vocabulary import RecordKind, Vocabulary
from engine.rulebook import syntax as s
from engine.rulebook.model import Scenario
from engine.rulebook.sentence_checks import faults_of

_DAYS = (-40, 0, 1, 6, 7, 29, 30, 31, 59, 61, 89, 90, 91, 180, 364, 365, 366, 400, 729, 800, 2000)
_WINDOWS = (
    s.Window("日", 30), s.Window("日", 90), s.Window("週", 1), s.Window("か月", 1), s.Window("か月", 3),
    s.Window("か月", 12), s.Window("年", 2), s.Window("今年度"), s.Window("前年度"), s.Window("これまで"),
)  # fmt: skip


class World:
    """Draws from one source of randomness over one vocabulary."""

    def __init__(self, rng: random.Random, vocabulary: Vocabulary) -> None:
        self.rng = rng
        self.vocabulary = vocabulary
        self.by_kind: dict[str, list[str]] = {}
        for key, item in vocabulary.items.items():
            if vocabulary.is_permitted(key):
                self.by_kind.setdefault(item.kind, []).append(key)
        self._line = 0

    def sentence(self) -> s.Sentence:
        """A valid sentence of any form."""
        while True:
            sentence = self._sentence()
            if not list(faults_of(sentence, self.vocabulary, {})):
                return sentence

    def _sentence(self) -> s.Sentence:
        rng = self.rng
        match rng.randrange(11):
            case 0:
                modifier = self._modifier()
                if isinstance(modifier, s.Has) or rng.random() < 0.7:
                    return modifier
                rebuilt: s.Sentence = (
                    s.Compare(modifier.item, modifier.bounds, self._owner())
                    if isinstance(modifier, s.Compare)
                    else s.IsOneOf(modifier.item, modifier.values, self._owner())
                )
                return rebuilt
            case 1:
                return s.Has(self._item("有無"), rng.random() < 0.5)
            case 2 | 3:
                return s.Members(self._owner(), self._count())
            case 4 | 5:
                item = self._item("出来事")
                return s.Events(item, self._window(), self._count(), self._optional_owner(item))
            case 6:
                item = self._item("量")
                return s.Total(item, self._window(), self._bound(), self._optional_owner(item))
            case 7:
                item = self._item("量")
                return s.Growth(item, self._window(), rng.choice((1, 2, 3)), self._optional_owner(item))
            case 8:
                item = self._item("量")
                return s.Latest(item, self._bound(), self._optional_window(), self._optional_owner(item))
            case 9:
                item = self._item("最新の区分")
                return s.LatestIs(item, self._values(item), self._optional_window(), self._optional_owner(item))
            case _:
                item = self._item("期限のある記録")
                if rng.random() < 0.4:
                    return s.Done(item, self._optional_owner(item))
                return s.Overdue(item, rng.choice((1, 30, 90)), self._optional_owner(item))

    def _item(self, *kinds: str) -> str:
        return self.rng.choice([key for kind in kinds for key in self.by_kind[kind]])

    def _values(self, item: str) -> tuple[str, ...]:
        values = self.vocabulary.items[item].values
        return tuple(self.rng.sample(values, self.rng.randint(1, min(3, len(values)))))

    def _modifier(self) -> s.Modifier:
        kind = self.rng.choice(("年齢", "学年", "順序区分", "数", "区分", "有無", "有無"))
        item = self._item(kind)
        if kind == "有無":
            return s.Has(item, self.rng.random() < 0.7)
        if kind == "区分":
            return s.IsOneOf(item, self._values(item))
        steps = self.vocabulary.items[item].values
        numbers: tuple[int | str, ...] = steps or ((6, 15, 18, 40) if kind == "年齢" else (1, 2, 3))
        bounds = [s.Bound(self.rng.choice(("以上", "以下", "未満", "を超える")), self.rng.choice(numbers))]
        if self.rng.random() < 0.3:
            bounds.append(s.Bound(self.rng.choice(("以上", "以下", "未満")), self.rng.choice(numbers)))
        return s.Compare(item, tuple(bounds))

    def _owner(self) -> s.Owner:
        modifiers = tuple(self._modifier() for _ in range(self.rng.choice((0, 0, 1, 1, 2))))
        return s.Owner(self.rng.choice(self.vocabulary.relations), modifiers)

    def _optional_owner(self, item: str) -> s.Owner | None:
        if self.vocabulary.record_of(item).subject == "世帯" or self.rng.random() < 0.7:
            return None
        return self._owner()

    def _count(self) -> s.Count:
        return self.rng.choice((s.Count("以上", 1), s.Count("以下", 0), s.Count("以上", 2), s.Count("以下", 1)))

    def _window(self) -> s.Window:
        return self.rng.choice(_WINDOWS)

    def _optional_window(self) -> s.Window | None:
        return self.rng.choice((None, *_WINDOWS[:-1]))

    def _bound(self) -> s.Bound:
        return s.Bound(self.rng.choice(("以上", "以下", "未満", "を超える")), self.rng.choice((1, 3, 10)))

    def condition(self, sentences: tuple[s.Sentence, ...], depth: int = 0) -> s.Condition:
        """A tree over given sentences."""
        if depth == 3 or self.rng.random() < 0.3:
            return self.rng.choice(sentences)
        kind = self.rng.choice(("すべて", "いずれか", "次でない", "n以上"))
        size = 1 if kind == "次でない" else self.rng.randint(2, 4)
        parts = tuple(self.condition(sentences, depth + 1) for _ in range(size))
        return s.Group(kind, parts, 2 if kind == "n以上" else 0)  # type: ignore[arg-type]

    def scenario(self, number: int, sentences: tuple[s.Sentence, ...]) -> Scenario:
        """A scenario over given sentences."""
        return Scenario(
            f"GN-{number:02}", "poverty", "", "", "", "中",
            target=self.condition(sentences, 2),
            condition=self.condition(sentences),
            cancels=tuple(self.condition(sentences, 2) for _ in range(self.rng.randint(0, 2))),
            ask=(), examples=(), place=Place("made_up"),
        )  # fmt: skip

    # ── households ──

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
                )
                for person in people
                if person is not child
            )
            found.append(Household(f"H{key}", as_of, child, members, own_rows, covered, periods))
        return found

    def _person(
        self, key: str, as_of: date, records: frozenset[str], periods: Mapping[str, tuple[date, ...]]
    ) -> Person:
        age = self.rng.choice((None, 0, 3, 5, 6, 7, 12, 14, 15, 17, 18, 19, 40, 41, 80))
        grade = None if age is None else max(-5, min(14, age - 6 + self.rng.randint(0, 1)))
        return Person(key, frozenset(), age, grade, self._rows("人", as_of, records, periods), self._covered(as_of))

    def _covered(self, as_of: date) -> dict[str, date]:
        sources = dict.fromkeys(kind.source for kind in self.vocabulary.records.values())
        return {
            source: as_of - timedelta(days=self.rng.choice((0, 29, 30, 90, 400, 3000, 3000, 3000)))
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
                    if rng.random() < keep
                ]
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
