"""The households that the in-file examples (試験) describe, built as if real deliveries had brought them.

What an example does not mention is a known "no": every source covers everyone and has arrived, every month has a row
with zeros. `example_records` writes the records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.kernel.dates import age_on, months_before, school_grade
from engine.kernel.strict_yaml import near_name
from engine.records.household import Household, Person
from engine.records.vocabulary import Item, RecordKind, Vocabulary
from engine.rulebook.examples.records import UNKNOWN, Cells, RecordWriter, Subject, Unknown
from engine.rulebook.language.folding import fold
from engine.rulebook.model import Days, Example, ExampleEvent

_LONG_AGO = date(1900, 1, 1)
_INFANT_AGES = {"月齢": 240, "日齢": 7300}  # up to twenty years; older people are given in 年齢
_OLDEST = 130
_MOST = 999_999_999
_NTH = re.compile(r"([2-9])人目の(.+)")

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class ExampleFault:
    """One thing in an example that cannot be understood. `path` leads from 事実 to it."""

    path: Path_
    what: str
    remedy: str


@dataclass
class _Someone(Subject):
    name: str = ""
    relations: frozenset[str] = frozenset()
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    path: Path_ = ()
    age: int | None = None
    grade: int | None = None
    born_on: date | None = None


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
        self._writer = RecordWriter(vocabulary, self._as_of)
        self.faults: list[ExampleFault] = []

    def build(self) -> Household | tuple[ExampleFault, ...]:
        missing, covered = self._missing_sources()
        child = _Someone(name="本人", facts=self._facts.child, path=("本人",))
        members = [self._member(index, facts) for index, facts in enumerate(self._facts.members)]
        household = _Someone(name="世帯")
        for someone in (child, *members):
            self._states(someone)
        for index, event in enumerate(self._facts.events):
            self._event(event, index, child, members, household)
        if self.faults:
            return tuple(self.faults)
        periods = {
            key: self._writer.periods(kind)
            for key, kind in self._vocabulary.records.items()
            if kind.period and kind.source not in missing
        }
        return Household(
            key="H-EXAMPLE",
            as_of=self._as_of,
            child=self._person(child, "P-CHILD", missing, covered, periods),
            members=tuple(
                self._person(m, f"P-MEMBER-{i}", missing, covered, periods) for i, m in enumerate(members, 1)
            ),
            rows=self._writer.rows(household, "世帯", missing, covered, periods),
            covered_from=self._covered(missing, covered),
            periods=periods,
        )

    def _person(
        self,
        someone: _Someone,
        key: str,
        missing: set[str],
        covered: Mapping[str, date],
        periods: Mapping[str, tuple[date, ...]],
    ) -> Person:
        gone = missing | someone.uncovered
        return Person(
            key=key,
            relations=someone.relations,
            age_years=someone.age,
            school_grade=someone.grade,
            rows=self._writer.rows(someone, "人", gone, covered, periods),
            covered_from=self._covered(gone, covered),
            born_on=someone.born_on,
        )

    def _covered(self, gone: set[str], covered: Mapping[str, date]) -> dict[str, date]:
        sources = uncovered_sources(self._vocabulary)
        return {source: covered.get(source, _LONG_AGO) for source in sources if source not in gone}

    def _fault(self, path: Path_, what: str, remedy: str) -> None:
        self.faults.append(ExampleFault(path, what, remedy))

    def _missing_sources(self) -> tuple[set[str], dict[str, date]]:
        """Sources that tell nothing, and the first day of those that tell something from a day on."""
        missing: set[str] = set()
        covered: dict[str, date] = {}
        for index, entry in enumerate(self._facts.missing):
            source = self._sources.get(fold(entry.source).text)
            if source is None:
                near = near_name(entry.source, self._source_labels.values())
                hint = f"「{near}」ではありませんか。" if near else "sources/ の「名前」で書いてください。"
                self._fault(("不明", index), f"「{entry.source}」という源はありません。", hint)
            elif entry.covers_days is None:
                missing.add(source)
            else:
                covered[source] = self._as_of - timedelta(days=entry.covers_days)
        return missing, covered

    def _member(self, index: int, facts: Mapping[str, tuple[str, ...]]) -> _Someone:
        path: Path_ = ("世帯員", index)
        relation = "".join(facts.get("続柄", ()))
        if relation not in self._vocabulary.relations:
            self._fault(
                path,
                "世帯員の「続柄」がないか、使えない続柄です。",
                f"使えるのは{'・'.join(self._vocabulary.relations)}です。",
            )
        rest = {label: values for label, values in facts.items() if label != "続柄"}
        return _Someone(name=relation, relations=frozenset({relation, "世帯員"}), facts=rest, path=path)

    def _item(self, label: str, path: Path_) -> str | None:
        key = self._labels.get(fold(label).text)
        if key is None:
            self._fault(path, f"「{label}」という項目はありません。", self._labels_like(label))
        return key

    def _labels_like(self, label: str) -> str:
        """The item that is spelt nearly so, else those of whose name it is a part (督促: 水道料金の督促)."""
        near = near_name(label, self._vocabulary.by_label)
        longer = [each for each in self._vocabulary.by_label if len(label) > 1 and label in each][:4]
        found = longer or ([near] if near else [])
        return f"「{'」「'.join(found)}」ではありませんか。" if found else "fields.yamlの名前で書いてください。"

    # ── 本人 and 世帯員: what holds on the day ──

    def _states(self, someone: _Someone) -> None:
        wanted: list[tuple[Item, Cells, int]] = []
        doubtful: list[Item] = []
        for label, values in someone.facts.items():
            path = (*someone.path, label)
            if label in _INFANT_AGES:
                self._infant_age(someone, label, self._only(label, values, path), path)
                continue
            key = self._item(label, path)
            if key is None:
                continue
            item = self._vocabulary.items[key]
            if item.kind in ("年齢", "学年"):
                self._age_or_grade(someone, item, self._only(label, values, path), path)
            elif item.kind not in ("区分", "順序区分", "数", "有無"):
                self._fault(
                    path, f"「{item.label}」(種類: {item.kind})はここに書けません。", "「出来事」に書いてください。"
                )
            elif values == ("不明",):
                someone.uncovered.add(self._vocabulary.record_of(key).source)
            elif item.kind == "有無":
                self._has(someone, key, self._only(label, values, path), path, wanted, doubtful)
            else:
                for nth, value in enumerate(values):
                    cell = self._cell(item, value, path)
                    if cell is not None and item.column:
                        wanted.append((item, {item.column: cell}, nth))
        # Values first, so that 「あり」 joins the record that holds them.
        for item, cells, nth in sorted(wanted, key=lambda one: (not one[1], one[0].record)):
            self._writer.write(someone, item, cells, merge=True, holds_now=True, nth=nth)
        for item in doubtful:
            if not self._writer.write_doubtful(someone, item):
                self._fault(
                    (*someone.path, item.label),
                    f"「{item.label}」は「不詳」にできません。",
                    "あるかないかが書き方で決まる記録だからです。「あり」「なし」「不明」のどれかを書いてください。",
                )

    def _only(self, label: str, values: tuple[str, ...], path: Path_) -> str:
        if len(values) > 1:
            self._fault(path, f"「{label}」には値を1つだけ書けます。", "[ ] を外して1つにしてください。")
        return values[0]

    def _has(
        self,
        someone: _Someone,
        key: str,
        value: str,
        path: Path_,
        wanted: list[tuple[Item, Cells, int]],
        doubtful: list[Item],
    ) -> None:
        item = self._vocabulary.items[key]
        match value:
            case "あり":
                someone.present.add(key)
                wanted.append((item, {}, 0))
            case "なし":
                someone.absent.add(key)
            case "不詳":
                someone.present.add(key)
                doubtful.append(item)
            case _:
                self._fault(
                    path,
                    f"「{item.label}」の値「{value}」を読めません。",
                    "「あり」「なし」「不明」「不詳」のどれかです。",
                )

    def _age_or_grade(self, someone: _Someone, item: Item, value: str, path: Path_) -> None:
        if value in ("不明", "不詳"):
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
        if not _is_number(value, _OLDEST):
            self._fault(
                path,
                f"年齢「{value}」は{_OLDEST}までの数ではありません。",
                "満年齢を半角の数字で書いてください。",
            )
            return
        self._born(someone, months_before(self._as_of, 12 * int(value)) - timedelta(days=1))

    def _infant_age(self, someone: _Someone, label: str, value: str, path: Path_) -> None:
        most = _INFANT_AGES[label]
        if not _is_number(value, most):
            self._fault(path, f"{label}「{value}」は{most}までの数ではありません。", "半角の数字で書いてください。")
        elif label == "日齢":
            self._born(someone, self._as_of - timedelta(days=int(value)))
        else:
            self._born(someone, months_before(self._as_of, int(value)) - timedelta(days=1))

    def _born(self, someone: _Someone, born_on: date) -> None:
        """年齢 and 月齢 are full years and months: the day of reaching them was yesterday, so that both are past."""
        someone.born_on, someone.age = born_on, age_on(born_on, self._as_of)
        if "学年" not in someone.facts:
            someone.grade = school_grade(born_on, self._as_of)

    def _cell(self, item: Item, value: str, path: Path_) -> str | int | Unknown | None:
        if value == "不詳":
            return UNKNOWN
        if item.kind == "数":
            if _is_number(value, _MOST):
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

    # ── 出来事: what happened on a day ──

    def _event(
        self, event: ExampleEvent, index: int, child: _Someone, members: list[_Someone], household: _Someone
    ) -> None:
        path: Path_ = ("出来事", index)
        key = self._item(event.kind, (*path, "種類"))
        if key is None:
            return
        item = self._vocabulary.items[key]
        record = self._vocabulary.record_of(key)
        someone = household if record.subject == "世帯" else self._who(event.who, child, members)
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

    def _who(self, who: str, child: _Someone, members: list[_Someone]) -> _Someone | None:
        if who == "本人":
            return child
        nth = _NTH.fullmatch(fold(who).text)
        index, relation = (int(nth[1]) - 1, nth[2]) if nth else (0, who)
        such = [member for member in members if relation in member.relations]
        return such[index] if index < len(such) else None

    def _due(self, event: ExampleEvent, item: Item, someone: _Someone, path: Path_) -> None:
        if event.due_days_ago is None or event.done is None or not item.due or not item.done:
            self._fault(
                path,
                f"「{item.label}」には「期限から」と「実施」が要ります。",
                "「期限から: 120, 実施: なし」のように書いてください。",
            )
            return
        done = None if event.done == "なし" else self._day(event.done)
        self._writer.write(someone, item, {item.due: self._day(event.due_days_ago), item.done: done}, merge=True)

    def _dated(self, event: ExampleEvent, item: Item, record: RecordKind, someone: _Someone, path: Path_) -> None:
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
            blank = {"不明": None, "不詳": UNKNOWN}
            cells[item.column] = blank[event.amount] if isinstance(event.amount, str) else event.amount
        elif item.kind == "最新の区分":
            if event.value not in (*item.values, "不明", "不詳") or item.column is None:
                near = near_name(event.value or "", item.values)
                hint = f"「{near}」ではありませんか。" if near else f"使えるのは{'・'.join(item.values)}です。"
                self._fault(path, f"「{item.label}」の「値」がないか、選択肢にありません。", hint)
                return
            cells[item.column] = {"不明": None, "不詳": UNKNOWN}.get(event.value or "", event.value)
        if item.empty_column:
            cells[item.empty_column] = None
        if not record.period:
            merge = item.kind != "出来事" or record.valid is not None
            self._writer.write(someone, item, cells, merge=merge)
            return
        assert record.date is not None
        period: date | Unknown = UNKNOWN
        if not isinstance(day, Unknown):
            period = self._writer.period_of(day, record)
        elif date_column != record.date:
            # The period of a bill is known even where the day on which it was claimed is not; it is taken as the newest.
            period = self._writer.periods(record)[-1]
        if date_column == record.date:
            cells[date_column] = period
        self._writer.write_period(someone, item, record.date, period, cells)

    def _day(self, days_ago: Days) -> date | Unknown:
        return UNKNOWN if days_ago == "不詳" else self._as_of - timedelta(days=days_ago)


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= most
