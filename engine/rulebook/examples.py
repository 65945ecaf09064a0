"""The households that the in-file examples (試験) describe, built as if real deliveries had brought them.

What an example does not mention is a known "no": every source covers everyone and has arrived, every month has a row
with zeros. Where one fact needs a record that other words of the vocabulary also read, the record is written so that
it makes none of the unmentioned words true if that can be avoided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product

from engine.kernel.dates import age_on, month_end, months_before, school_grade
from engine.kernel.strict_yaml import near_name
from engine.records.household import Household, Person, Row, Value
from engine.records.vocabulary import Item, RecordKind, Vocabulary
from engine.rulebook.folding import fold
from engine.rulebook.model import Example, ExampleEvent

_LONG_AGO = date(1900, 1, 1)
_PERIOD_MONTHS = 60
_OTHER = "その他"  # a known value that no filter and no sentence asks for
_STATE_DAYS = 730
_INFANT_AGES = ("月齢", "日齢")

Cells = dict[str, Value]


@dataclass(frozen=True)
class ExampleFault:
    """One thing in an example that cannot be understood. `path` leads from 事実 to it."""

    path: tuple[str | int, ...]
    what: str
    remedy: str


@dataclass
class _Draft:
    """One record being written: the cells that the example fixes; the rest is filled with harmless values."""

    record: str
    cells: Cells
    holds_now: bool = False


@dataclass
class _Someone:
    name: str
    relations: frozenset[str]
    facts: Mapping[str, str]
    path: tuple[str | int, ...]
    age: int | None = None
    grade: int | None = None
    born_on: date | None = None
    drafts: list[_Draft] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    uncovered: set[str] = field(default_factory=set)


def build_household(
    example: Example, vocabulary: Vocabulary, source_labels: Mapping[str, str]
) -> Household | tuple[ExampleFault, ...]:
    """The household of an example, or every fault in its facts. `source_labels` is 名前 by source id."""
    return _Builder(example, vocabulary, source_labels).build()


def uncovered_sources(vocabulary: Vocabulary) -> Iterator[str]:
    """Every source that the vocabulary's records come from."""
    return iter(dict.fromkeys(record.source for record in vocabulary.records.values()))


class _Builder:
    def __init__(self, example: Example, vocabulary: Vocabulary, source_labels: Mapping[str, str]) -> None:
        self._facts = example.facts
        self._vocabulary = vocabulary
        self._as_of = example.facts.as_of
        self._labels = {fold(label).text: key for label, key in vocabulary.by_label.items()}
        self._sources = {fold(label).text: source for source, label in source_labels.items()}
        self._source_labels = source_labels
        self.faults: list[ExampleFault] = []
        self._line = 0

    def build(self) -> Household | tuple[ExampleFault, ...]:
        missing = self._missing_sources()
        child = _Someone("本人", frozenset(), self._facts.child, ("本人",))
        members = [self._member(index, facts) for index, facts in enumerate(self._facts.members)]
        household = _Someone("世帯", frozenset(), {}, ())
        for someone in (child, *members):
            self._states(someone)
        for index, event in enumerate(self._facts.events):
            self._event(event, index, child, members, household)
        if self.faults:
            return tuple(self.faults)
        periods = {
            key: tuple(self._periods(kind))
            for key, kind in self._vocabulary.records.items()
            if kind.period and kind.source not in missing
        }
        return Household(
            key="H-EXAMPLE",
            as_of=self._as_of,
            child=self._person(child, "P-CHILD", missing, periods),
            members=tuple(self._person(m, f"P-MEMBER-{i}", missing, periods) for i, m in enumerate(members, 1)),
            rows=self._rows(household, missing, periods, "世帯"),
            covered_from={source: _LONG_AGO for source in self._all_sources() if source not in missing},
            periods=periods,
        )

    def _fault(self, path: tuple[str | int, ...], what: str, remedy: str) -> None:
        self.faults.append(ExampleFault(path, what, remedy))

    def _all_sources(self) -> list[str]:
        return list(uncovered_sources(self._vocabulary))

    def _missing_sources(self) -> set[str]:
        found = set()
        for index, label in enumerate(self._facts.missing):
            source = self._sources.get(fold(label).text)
            if source is None:
                near = near_name(label, self._source_labels.values())
                hint = f"「{near}」ではありませんか。" if near else "sources/ の「名前」で書いてください。"
                self._fault(("不明", index), f"「{label}」という源はありません。", hint)
            else:
                found.add(source)
        return found

    def _member(self, index: int, facts: Mapping[str, str]) -> _Someone:
        path: tuple[str | int, ...] = ("世帯員", index)
        relation = facts.get("続柄")
        if relation not in self._vocabulary.relations:
            self._fault(
                path,
                "世帯員の「続柄」がないか、使えない続柄です。",
                f"使えるのは{'・'.join(self._vocabulary.relations)}です。",
            )
        rest = {label: value for label, value in facts.items() if label != "続柄"}
        return _Someone(relation or "", frozenset({relation or "", "世帯員"}), rest, path)

    def _item(self, label: str, path: tuple[str | int, ...]) -> str | None:
        key = self._labels.get(fold(label).text)
        if key is None:
            near = near_name(label, self._vocabulary.by_label)
            self._fault(
                path,
                f"「{label}」という項目はありません。",
                f"「{near}」ではありませんか。" if near else "fields.yamlの名前で書いてください。",
            )
        return key

    def _states(self, someone: _Someone) -> None:
        wanted: list[tuple[Item, Cells]] = []
        for label, value in someone.facts.items():
            path = (*someone.path, label)
            if label in _INFANT_AGES:
                self._infant_age(someone, label, value, path)
                continue
            key = self._item(label, path)
            if key is None:
                continue
            item = self._vocabulary.items[key]
            if item.kind in ("年齢", "学年"):
                self._age_or_grade(someone, item, value, path)
            elif item.kind not in ("区分", "順序区分", "数", "有無"):
                self._fault(
                    path, f"「{item.label}」(種類: {item.kind})はここに書けません。", "「出来事」に書いてください。"
                )
            elif value == "不明":
                someone.uncovered.add(self._vocabulary.record_of(key).source)
            elif item.kind == "有無":
                if value not in ("あり", "なし"):
                    self._fault(
                        path, f"「{item.label}」の値「{value}」を読めません。", "「あり」「なし」「不明」のどれかです。"
                    )
                (someone.present if value == "あり" else someone.absent).add(key)
                if value == "あり":
                    wanted.append((item, {}))
            else:
                cell = self._cell(item, value, path)
                if cell is not None and item.column:
                    wanted.append((item, {item.column: cell}))
        # Values first, so that 「あり」 joins the record that holds them.
        for item, cells in sorted(wanted, key=lambda pair: (not pair[1], pair[0].record)):
            self._write(someone, item, cells, merge=True, holds_now=True)

    def _age_or_grade(self, someone: _Someone, item: Item, value: str, path: tuple[str | int, ...]) -> None:
        if value == "不明":
            return
        if item.kind == "学年":
            if value not in (*item.values, "未就学"):
                near = near_name(value, item.values)
                self._fault(
                    path,
                    f"学年「{value}」はありません。",
                    f"「{near}」ではありませんか。" if near else "小1から高3のどれかです。",
                )
                return
            someone.grade = item.values.index(value) + 1 if value in item.values else 0
            return
        if not value.isascii() or not value.isdigit():
            self._fault(path, f"年齢「{value}」は数ではありません。", "満年齢を半角の数字で書いてください。")
            return
        self._born(someone, months_before(self._as_of, 12 * int(value)) - timedelta(days=1))

    def _infant_age(self, someone: _Someone, label: str, value: str, path: tuple[str | int, ...]) -> None:
        if not value.isascii() or not value.isdigit():
            self._fault(path, f"{label}「{value}」は数ではありません。", "半角の数字で書いてください。")
        elif label == "日齢":
            self._born(someone, self._day(int(value)))
        else:
            self._born(someone, months_before(self._as_of, int(value)) - timedelta(days=1))

    def _born(self, someone: _Someone, born_on: date) -> None:
        """年齢 and 月齢 are full years and months: the day of reaching them was yesterday, so that both are past."""
        someone.born_on, someone.age = born_on, age_on(born_on, self._as_of)
        if "学年" not in someone.facts:
            someone.grade = school_grade(born_on, self._as_of)

    def _cell(self, item: Item, value: str, path: tuple[str | int, ...]) -> Value:
        if item.kind == "数":
            if value.isascii() and value.isdigit():
                return int(value)
            self._fault(
                path, f"「{item.label}」の値は数ではありません。", f"{item.unit}の数を半角の数字で書いてください。"
            )
            return None
        if value not in item.values:
            near = near_name(value, item.values)
            self._fault(
                path,
                f"「{item.label}」に値「{value}」はありません。",
                f"「{near}」ではありませんか。" if near else f"使えるのは{'・'.join(item.values)}です。",
            )
            return None
        return value

    def _event(
        self, event: ExampleEvent, index: int, child: _Someone, members: list[_Someone], household: _Someone
    ) -> None:
        path: tuple[str | int, ...] = ("出来事", index)
        key = self._item(event.kind, (*path, "種類"))
        if key is None:
            return
        item = self._vocabulary.items[key]
        record = self._vocabulary.record_of(key)
        if record.subject == "世帯":
            someone: _Someone | None = household
        elif event.who == "本人":
            someone = child
        else:
            someone = next((m for m in members if event.who in m.relations), None)
        if someone is None:
            self._fault(
                (*path, "誰"), f"「誰: {event.who}」にあたる世帯員がいません。", "「世帯員」に書き足してください。"
            )
            return
        if item.kind == "期限のある記録":
            self._due(event, item, someone, path)
        elif item.kind in ("出来事", "量", "最新の区分"):
            self._dated(event, item, record, someone, path)
        else:
            self._fault(
                (*path, "種類"),
                f"「{item.label}」(種類: {item.kind})は出来事ではありません。",
                "「本人」か「世帯員」に書いてください。",
            )

    def _due(self, event: ExampleEvent, item: Item, someone: _Someone, path: tuple[str | int, ...]) -> None:
        if event.due_days_ago is None or event.done is None or not item.due or not item.done:
            self._fault(
                path,
                f"「{item.label}」には「期限から」と「実施」が要ります。",
                "「期限から: 120, 実施: なし」のように書いてください。",
            )
            return
        done = None if event.done == "なし" else self._day(event.done)
        self._write(someone, item, {item.due: self._day(event.due_days_ago), item.done: done}, merge=True)

    def _dated(
        self, event: ExampleEvent, item: Item, record: RecordKind, someone: _Someone, path: tuple[str | int, ...]
    ) -> None:
        date_column = item.date or record.date
        if event.days_ago is None or date_column is None:
            self._fault(path, f"「{item.label}」に「日前」がありません。", "何日前かを書いてください。")
            return
        day = self._day(event.days_ago)
        cells: Cells = {date_column: day}
        if item.kind == "量":
            if event.amount is None or item.column is None:
                self._fault(path, f"「{item.label}」に「量」がありません。", "「量: 12」のように書いてください。")
                return
            cells[item.column] = None if event.amount == "不明" else event.amount
        elif item.kind == "最新の区分":
            if event.value not in (*item.values, "不明") or item.column is None:
                near = near_name(event.value or "", item.values)
                hint = f"「{near}」ではありませんか。" if near else f"使えるのは{'・'.join(item.values)}です。"
                self._fault(path, f"「{item.label}」の「値」がないか、選択肢にありません。", hint)
                return
            cells[item.column] = None if event.value == "不明" else event.value
        if item.empty_column:
            cells[item.empty_column] = None
        if record.period:
            assert record.date is not None
            period = self._period_of(day, record)
            if date_column == record.date:
                cells[date_column] = period
            self._write_period(someone, item, record.date, period, cells)
        else:
            self._write(someone, item, cells, merge=item.kind != "出来事" or record.valid is not None)

    def _day(self, days_ago: int) -> date:
        return self._as_of - timedelta(days=days_ago)

    def _periods(self, kind: RecordKind) -> Iterator[date]:
        """Ends of the periods delivered up to the as-of day, oldest first."""
        newest = month_end(self._as_of)
        if newest > self._as_of:
            newest = month_end(months_before(self._as_of, 1))
        step = 1 if kind.period == "月" else 2
        for back in range(_PERIOD_MONTHS // step - 1, -1, -1):
            yield month_end(months_before(newest, back * step))

    def _period_of(self, day: date, kind: RecordKind) -> date:
        """The delivered period in which a day lies; a day in a period that is still running counts for the newest."""
        ends = list(self._periods(kind))
        return next((end for end in ends if end >= day), ends[-1])

    def _write_period(self, someone: _Someone, item: Item, on: str, period: date, cells: Cells) -> None:
        for draft in someone.drafts:
            if draft.record == item.record and draft.cells[on] == period:
                for column, value in cells.items():
                    before = draft.cells.get(column)
                    both = column == item.column and isinstance(before, int) and isinstance(value, int)
                    draft.cells[column] = (
                        before + value if both and isinstance(before, int) and isinstance(value, int) else value
                    )
                return
        someone.drafts.append(_Draft(item.record, {on: period, **cells}))

    def _write(self, someone: _Someone, item: Item, cells: Cells, *, merge: bool, holds_now: bool = False) -> None:
        choices = self._choices(someone, item, cells)
        valid = self._vocabulary.records[item.record].valid
        ends = valid is not None and valid.end in cells  # an end belongs to an earlier record, not to one that holds
        for choice in choices if merge else ():
            for draft in someone.drafts:
                if draft.record != item.record or (ends and draft.holds_now):
                    continue
                if all(draft.cells.get(column, value) == value for column, value in choice.items()):
                    draft.cells.update(choice)
                    return
        someone.drafts.append(_Draft(item.record, choices[0], holds_now))

    def _choices(self, someone: _Someone, item: Item, cells: Cells) -> list[Cells]:
        """Cells that make the item hold, those first that make the fewest unmentioned words hold as well."""
        columns = list(item.filters)
        options = [{**dict(zip(columns, values, strict=True)), **cells} for values in product(*item.filters.values())]

        def side_effects(choice: Cells) -> int:
            return sum(
                all(choice.get(c) in allowed for c, allowed in other.filters.items())
                for key, other in self._vocabulary.items.items()
                if other.record == item.record and other.filters and key not in someone.present and other != item
            )

        return sorted(options, key=side_effects)

    def _person(
        self, someone: _Someone, key: str, missing: set[str], periods: Mapping[str, tuple[date, ...]]
    ) -> Person:
        gone = missing | someone.uncovered
        return Person(
            key=key,
            relations=someone.relations,
            age_years=someone.age,
            school_grade=someone.grade,
            rows=self._rows(someone, gone, periods, "人"),
            covered_from={source: _LONG_AGO for source in self._all_sources() if source not in gone},
            born_on=someone.born_on,
        )

    def _rows(
        self, someone: _Someone, missing: set[str], periods: Mapping[str, tuple[date, ...]], subject: str
    ) -> dict[str, tuple[Row, ...]]:
        result: dict[str, tuple[Row, ...]] = {}
        for record, kind in self._vocabulary.records.items():
            if kind.subject != subject:
                continue
            drafts = [draft for draft in someone.drafts if draft.record == record]
            if kind.date and record in periods and kind.source not in missing:
                held = {draft.cells[kind.date] for draft in drafts}
                drafts += [_Draft(record, {kind.date: end}) for end in periods[record] if end not in held]
                drafts.sort(key=lambda draft: str(draft.cells[kind.date or ""]))
            if drafts:
                result[record] = tuple(self._filled(draft, kind, someone) for draft in drafts)
        return result

    def _filled(self, draft: _Draft, kind: RecordKind, someone: _Someone) -> Row:
        self._line += 1
        cells = dict(draft.cells)
        end = kind.valid.end if kind.valid else None
        if kind.valid and kind.valid.start not in cells:
            ended = cells.get(end) if end else None
            cells[kind.valid.start] = (ended if isinstance(ended, date) else self._as_of) - timedelta(days=_STATE_DAYS)
        denied = any(
            self._vocabulary.items[key].record == draft.record and not self._vocabulary.items[key].filters
            for key in someone.absent
        )
        if end and end not in cells and denied:
            cells[end] = self._as_of - timedelta(days=1)
        empties = {i.empty_column for i in self._vocabulary.items.values() if i.record == draft.record}
        for column, definition in kind.columns.items():
            if column in cells:
                continue
            if definition.type == "整数":
                cells[column] = 0
            elif definition.type == "日付":
                cells[column] = cells.get(kind.date or "") if column in empties else None
            else:
                cells[column] = _OTHER
        return Row(draft.record, cells, 0, self._line)
