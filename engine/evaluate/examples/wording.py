"""What decided a line of an example, in the words in which the example itself is written.

Unlike in `explanation/wording.py` there is no delivery, file or day behind a fact here: an author thinks in 日前, not in dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from engine.evaluate.meaning.reference import judge_sentence
from engine.evaluate.meaning.verdict import Evidence, Gap, Silence, Verdict
from engine.kernel.dates import grade_label, wareki_short
from engine.kernel.truth import Truth
from engine.records.household import Household, Person, Row
from engine.records.vocabulary import Item, RecordKind, Vocabulary
from engine.rulebook.language import syntax as s

SHOWN_FACTS = 4


@dataclass(frozen=True)
class ExampleWording:
    """Words for verdicts on one example's household. `source_labels`: 名前 of each source by its id."""

    vocabulary: Vocabulary
    source_labels: Mapping[str, str]
    household: Household

    def reasons(self, sentence: s.Sentence, verdict: Verdict) -> tuple[str, ...]:
        """Why a sentence is ○, × or ?: the facts that decided it, and for ? first what is lacking."""
        evidence: Iterable[Evidence] = verdict.evidence
        if isinstance(sentence, s.Members) and any(silence.who == "世帯" for silence in verdict.silences):
            evidence = self._of_those_who_are_such(sentence.who)  # what keeps the others from it is told by `_others`
        facts = list(dict.fromkeys(map(self.fact, self._telling(sentence, evidence))))
        if len(facts) > SHOWN_FACTS:
            facts = [*facts[:SHOWN_FACTS], f"ほか{len(facts) - SHOWN_FACTS}件"]
        if verdict.truth is Truth.UNKNOWN:
            return tuple(dict.fromkeys((*map(self.gap, verdict.gaps), *facts)))
        if not facts and verdict.evidence and isinstance(sentence, (s.Total, s.Growth, s.Streak)):
            return (f"この期間の{self._label(sentence.item)}はどれも0",)
        if isinstance(sentence, s.Members):
            return (*facts, *self._others(sentence, verdict, besides=bool(facts)))
        owner = s.owner_of(sentence)
        if owner is not None and any(silence.who == "世帯" for silence in verdict.silences):
            return (f"{owner.relation}はいない",)
        return tuple(facts) or tuple(dict.fromkeys(map(self.silence, verdict.silences)))

    def _of_those_who_are_such(self, owner: s.Owner) -> Iterator[Evidence]:
        for member in self.household.members:
            alone = replace(self.household, members=(member,))
            verdict = judge_sentence(s.Members(owner, s.Count("以上", 1)), alone, self.vocabulary)
            if verdict.truth is Truth.MET:
                yield from verdict.evidence

    def _others(self, sentence: s.Members, verdict: Verdict, *, besides: bool) -> Iterator[str]:
        """Where members are too few: that nobody (else) is such, and what keeps those of the relation from it."""
        silences = [self.silence(one) for one in verdict.silences if one.who != "世帯"]
        if len(silences) == len(verdict.silences):
            yield from dict.fromkeys(silences)  # the count is reached; some are such by what is not recorded
            return
        relation = sentence.who.relation
        those = [member for member in self.household.members if relation in member.relations]
        failing = dict.fromkeys(filter(None, (self._fails(member, sentence.who) for member in those)))
        if not those or not failing:
            yield (
                f"{'ほかに' if besides else ''}{relation}はいない"
                if not those or besides
                else "当てはまる世帯員はいない"
            )
        yield from failing

    def _fails(self, member: Person, owner: s.Owner) -> str | None:
        """The first modifier that does not hold for a member, by the fact or the silence that denies it."""
        alone = replace(self.household, members=(member,))
        relative = s.Owner(owner.relation)
        for modifier in owner.modifiers:
            denial: s.Sentence
            if isinstance(modifier, s.Has):
                # That the opposite holds is a finding with evidence; that somebody is not such has none.
                opposite = s.Has(modifier.item, not modifier.positive)
                denial = s.Members(s.Owner(owner.relation, (opposite,)), s.Count("以上", 1))
                denied = (verdict := judge_sentence(denial, alone, self.vocabulary)).truth is Truth.MET
            else:
                denial = replace(modifier, owner=relative)
                denied = (verdict := judge_sentence(denial, alone, self.vocabulary)).truth is Truth.NOT_MET
            if denied:
                told = [self.fact(e) for e in verdict.evidence if e.item == modifier.item]
                told += [self.silence(one) for one in verdict.silences if one.item == modifier.item]
                return "、".join(told) or None
        return None

    def _telling(self, sentence: s.Sentence, evidence: Iterable[Evidence]) -> Iterator[Evidence]:
        """Without the months of zeros that belong to a sum but are no reason for it."""
        for one in evidence:
            item = self.vocabulary.items[one.item]
            zero = one.row is not None and item.column is not None and one.row.values.get(item.column) == 0
            if not (zero and isinstance(sentence, (s.Total, s.Growth, s.Streak)) and one.item == sentence.item):
                yield one

    def _label(self, item: str) -> str:
        return self.vocabulary.items[item].label

    def fact(self, evidence: Evidence) -> str:
        """One fact: 祖父母 要介護度: 要介護3."""
        item = self.vocabulary.items[evidence.item]
        return f"{evidence.who} {self._fact(evidence, item, self.vocabulary.records[item.record])}"

    def _fact(self, evidence: Evidence, item: Item, kind: RecordKind) -> str:
        row = evidence.row
        if item.kind == "年齢":
            return f"{item.label}: {'不明' if evidence.age_years is None else f'{evidence.age_years}歳'}"
        if item.kind == "学年":
            grade = evidence.school_grade
            return f"{item.label}: {'不明' if grade is None else grade_label(grade)}"
        assert row is not None
        if item.kind == "期限のある記録":
            done = self._ago(row, item.done, "なし")
            return f"{item.label}: 期限から{self._ago(row, item.due, '不明').removesuffix('前')}・実施{done}"
        when = self._when(row, item, kind, evidence.item)
        if item.kind == "有無":
            return f"{item.label}: {'不詳' if row.unknown else 'あり'}"
        if item.kind == "出来事":
            return f"{item.label}({when})"
        value = row.values.get(item.column) if item.column else None
        blank = "不詳" if item.column in row.unknown else "空欄"
        shown = blank if value is None else f"{value}{item.unit or ''}"
        return f"{item.label}: {shown}" if item.kind in ("区分", "順序区分", "数") else f"{item.label}: {shown}({when})"

    def _when(self, row: Row, item: Item, kind: RecordKind, key: str) -> str:
        end = row.values.get(kind.date) if kind.period and not item.date and kind.date else None
        if isinstance(end, date):
            return f"{wareki_short(end).split('.')[0]}年{end.month}月{'' if kind.period == '月' else '期'}"
        return self._ago(row, self.vocabulary.date_column(key), "日付なし")

    def _ago(self, row: Row, column: str | None, otherwise: str) -> str:
        value = row.values.get(column) if column else None
        if isinstance(value, date):
            return f"{(self.household.as_of - value).days}日前"
        return "日付不詳" if column in row.unknown else otherwise

    def silence(self, silence: Silence) -> str:
        """That there is no record, where its source would show one."""
        label = self._label(silence.item)
        return f"{silence.who} {label}{'' if label.endswith('記録') else 'の記録'}なし({self._source(silence.source)})"

    def _source(self, source: str) -> str:
        return self.source_labels.get(source, source)

    def gap(self, gap: Gap) -> str:
        """What is lacking, so that the line is ?."""
        source = self._source(gap.source)
        match gap.reason:
            case "not_covered" if gap.source not in self.household.covered_from:
                return f"「{source}」が届いていない"
            case "not_covered":
                return f"{gap.who}は「{source}」の対象に入っていない"
            case "covered_later":
                assert gap.covered_from is not None
                days = (self.household.as_of - gap.covered_from).days
                return f"{gap.who}についての「{source}」は{days}日前からで、それより前は分からない"
            case "periods":
                return f"{gap.who}についての「{source}」に、この期間の記録がそろっていない"
            case "blank":
                return f"{gap.who} {self._label(gap.item)}の値が空欄"
            case "unknown_cell":
                columns = self.vocabulary.record_of(gap.item).columns
                return f"{gap.who} {'・'.join(columns[name].label for name in gap.columns)}が不詳"
            case "doubtful":
                return f"{gap.who} {self.vocabulary.record_of(gap.item).label}に、区分か日付の空欄"
            case "no_birth_date":
                return f"{gap.who}の年齢が書かれていない"
            case "no_due_row":
                return f"{gap.who} {self._label(gap.item)}の対象になった記録がない"
