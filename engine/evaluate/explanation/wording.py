"""Facts, silences and gaps as dated Japanese phrases. They never hold a name, an address or a number of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from engine.evaluate.meaning.verdict import Evidence, Gap, Silence
from engine.kernel.dates import grade_label, wareki_short
from engine.records.case import Coverage, Fact, Lack, Origin, Provenance
from engine.records.household import Row
from engine.records.layout import Layout
from engine.records.vocabulary import Item, RecordKind, Vocabulary

_COVERAGE_WORDS = {
    "住民全員": "全住民が対象",
    "学年": "対象の学年の全員が対象",
    "在籍者": "市立学校の在籍者が対象",
    "突合できた世帯": "突合できた世帯が対象",
}


@dataclass(frozen=True)
class Wording:
    """Words for what the reference interpreter found, with the deliveries it came from."""

    vocabulary: Vocabulary
    layouts: Mapping[str, Layout]
    origins: Mapping[int, Origin]
    as_of: date

    def fact(self, evidence: Evidence) -> Fact | None:
        """One piece of evidence as a dated phrase, or None if no delivery is known for it."""
        item = self.vocabulary.items[evidence.item]
        kind = self.vocabulary.records[item.record]
        origin = self.origins.get(evidence.row.file_no) if evidence.row else self._newest(kind.source)
        if origin is None:
            return None
        line = evidence.row.line if evidence.row else 0
        phrase, on = self._phrase(evidence, item, kind)
        seen = f"({origin.source_label} {wareki_short(origin.known_on)}時点)"
        return Fact(
            id=f"{origin.source}:{origin.known_on.isoformat()}:{line}:{item.record}",
            subject=evidence.who,
            label=item.label,
            text=f"{phrase}{seen}",
            on=on,
            provenance=Provenance(
                origin.file,
                line,
                origin.source,
                origin.source_label,
                origin.known_on,
                kind.owner,
                kind.legal_basis,
                kind.purpose,
                kind.retention_years,
            ),
            value=self._value(evidence, item),
            until=_day(evidence.row, kind.valid.end) if evidence.row and kind.valid else None,
            record_id=evidence.row.fact_id if evidence.row else "",
        )

    def _value(self, evidence: Evidence, item: Item) -> str:
        """What the record says of the item, bare: 要介護4, 3日, 80歳; empty for what merely happened or holds."""
        if item.kind == "年齢":
            return f"{evidence.age_years}歳" if evidence.age_years is not None else "不詳"
        if item.kind == "学年":
            return grade_label(evidence.school_grade) if evidence.school_grade is not None else "不詳"
        if evidence.row is None or item.column is None or item.kind in ("有無", "出来事", "期限のある記録"):
            return ""
        value = evidence.row.values.get(item.column)
        if value is None:
            return "不詳" if item.column in evidence.row.unknown else "空欄"
        return f"{value}{item.unit or ''}"

    def coverage(self, silence: Silence, covered_from: date | None, periods: tuple[date, ...]) -> Coverage:
        """What an absence rests on, as data."""
        newest = self._newest(silence.source)
        return Coverage(
            silence.source,
            self.label(silence.source),
            silence.who,
            newest.known_on if newest else None,
            newest.file if newest else "",
            covered_from,
            periods,
        )

    def lack(self, gap: Gap) -> Lack:
        """What is lacking, as data and in words."""
        newest = self._newest(gap.source)
        return Lack(
            gap.source,
            self.label(gap.source),
            gap.who,
            gap.reason,
            self.gap(gap),
            newest.known_on if newest else None,
            gap.covered_from,
            gap.periods,
        )

    def label(self, source: str) -> str:
        """A source as people call it."""
        return self.layouts[source].label if source in self.layouts else source

    @cached_property
    def _newest_of_source(self) -> Mapping[str, Origin]:
        ordered = sorted(self.origins.values(), key=lambda origin: (origin.known_on, origin.file))
        return {origin.source: origin for origin in ordered}

    def _newest(self, source: str) -> Origin | None:
        return self._newest_of_source.get(source)

    def _phrase(self, evidence: Evidence, item: Item, kind: RecordKind) -> tuple[str, date | None]:
        row = evidence.row
        if item.kind == "年齢":
            return (f"{evidence.age_years}歳" if evidence.age_years is not None else "年齢不詳"), None
        if item.kind == "学年":
            return (grade_label(evidence.school_grade) if evidence.school_grade is not None else "学年不詳"), None
        assert row is not None
        value = row.values.get(item.column) if item.column else None
        blank = "不詳" if item.column in row.unknown else "空欄"
        shown = blank if value is None else f"{value}{item.unit or ''}"
        if item.kind == "期限のある記録":
            return self._due(item, row)
        if item.kind in ("区分", "順序区分", "数", "有無"):
            start = _day(row, kind.valid.start) if kind.valid else None
            since = f"({wareki_short(start)}から)" if start else ""
            said = f"{item.positive}" if item.kind == "有無" else f"{item.label} {shown}"
            return f"{said}{since}", start
        dated = self.vocabulary.date_column(evidence.item)
        on = _day(row, dated)
        when = wareki_short(on) if on else "日付不詳" if dated in row.unknown else "日付空欄"
        if item.kind == "出来事":
            if kind.period and on and not item.date:
                return f"{item.label} {_period(on, kind)}", on
            return f"{item.label} {when}", on
        if kind.period and on:
            return f"{item.label} {_period(on, kind)} {shown}", on
        return f"{item.label} {shown}({when})", on

    def _due(self, item: Item, row: Row) -> tuple[str, date | None]:
        due, done = _day(row, item.due), _day(row, item.done)
        limit = f"期限の日付が{'不詳' if item.due in row.unknown else '空欄'}"
        limit = f"期限 {wareki_short(due)}" if due else limit
        carried_out = "実施日は不詳" if item.done in row.unknown else "実施の記録なし"
        carried_out = f"実施 {wareki_short(done)}" if done and done <= self.as_of else carried_out
        return f"{item.label} {limit}、{carried_out}", due

    def silence(self, silence: Silence, *, besides: bool = False, named: bool = False) -> str:
        """Why an absence of (`besides`: further) records means "no": whom the source covers, and the day it shows.

        `named`: of what there is no record, where the sentence speaks of other records that there are.
        """
        layout = self.layouts.get(silence.source)
        label = self.label(silence.source)
        covers = _COVERAGE_WORDS[layout.coverage.kind] if layout else "この人が対象"
        newest = self._newest(silence.source)
        when = f"{wareki_short(newest.known_on)}時点の" if newest else ""
        what = f"「{self.vocabulary.items[silence.item].label}」は" if named else ""
        return f"{self._about(silence.who)}{label}は{covers}で、{when}記録に{what}{'ほかには' if besides else ''}ありません"

    def nobody(self, silence: Silence, such: int) -> str:
        """That the household has nobody (or no more than `such`) of the kind asked for, and the day it shows."""
        newest = self._newest(silence.source)
        when = f"({wareki_short(newest.known_on)}時点)" if newest else ""
        return f"同じ世帯の住民記録に、当てはまる人は{f'{such}人です' if such else 'いません'}{when}"

    def complete(self, silence: Silence) -> str:
        """That a sum is whole: every record of the window is there."""
        label = self.label(silence.source)
        newest = self._newest(silence.source)
        when = f"({wareki_short(newest.known_on)}時点)" if newest else ""
        return f"{self._about(silence.who)}{label}の、この期間の記録はそろっています{when}"

    def gap(self, gap: Gap) -> str:
        """What is lacking, so that the answer is not known."""
        item = self.vocabulary.items[gap.item]
        about = self._about(gap.who)
        label = self.label(gap.source)
        match gap.reason:
            case "not_covered":
                return f"{about}{self._why_not_covered(gap.source, label)}"
            case "covered_later":
                assert gap.covered_from is not None
                return f"{about}{label}の記録は{wareki_short(gap.covered_from)}からで、それより前は分かりません"
            case "periods" if gap.periods:
                kind = self.vocabulary.records[item.record]
                return f"{about}{label}の{'・'.join(_period(end, kind) for end in gap.periods)}がありません"
            case "periods":
                return f"{label}は、この期間の分がまだ届いていません"
            case "blank":
                return f"{about}「{item.label}」に、値が空欄の記録があります"
            case "doubtful":
                record = self.vocabulary.records[item.record].label
                return f"{about}{record}に、区分か日付が空欄で判断できない記録があります"
            case "unknown_cell":
                kind = self.vocabulary.records[item.record]
                said = "・".join(kind.columns[name].label for name in gap.columns)
                return f"{about}{kind.label}に、{said}が不詳の記録があります"
            case "no_birth_date":
                return f"{about}生年月日が不詳のため、{item.label}が分かりません"
            case "no_due_row":
                return f"{about}「{item.label}」の対象者としての記録がありません"

    def _why_not_covered(self, source: str, label: str) -> str:
        newest = self._newest(source)
        if newest is None:
            return f"{label}が届いていません"
        layout = self.layouts.get(source)
        if layout and (self.as_of - newest.known_on).days > layout.freshness_days:
            return f"{label}が届いていません(最後は{wareki_short(newest.known_on)}時点)"
        return f"{label}の対象に入っていません"

    def _about(self, who: str) -> str:
        return "" if who in ("本人", "世帯") else f"{who}について、"


def _day(row: Row, column: str | None) -> date | None:
    value = row.values.get(column) if column else None
    return value if isinstance(value, date) else None


def _period(end: date, kind: RecordKind) -> str:
    era = wareki_short(end).split(".")[0]
    return f"{era}年{end.month}月" + ("" if kind.period == "月" else "期")
