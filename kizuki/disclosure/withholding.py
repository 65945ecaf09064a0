"""Who may see what: each piece of what is held is shown to whoever asks, or withheld with a reason that the officer decides on.

The paper to hand over is made of what this module shows and of nothing else. What a representative (代理人) is shown never depends
on whether anybody is under DV等支援措置, so that neither a line nor its absence tells it.

Law: 個人情報の保護に関する法律 76条, 78条1項 (不開示情報), 81条 (存否).
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.evaluate.plan import PlannedScenario
from engine.records.vocabulary import RecordKind, Vocabulary
from engine.rulebook.language.syntax import Members, Refers, Sentence, items_of, owner_of
from kizuki.disclosure.requester import Requester

PROTECTION_RECORD = "address_protection"

_SHOWN_TO_REPRESENTATIVES = frozenset(
    (
        *("birth", "health_check", "newborn_visit", "vaccination", "nursery", "enrolment", "school_month"),
        *("disability_certificate", "disability_service", "care_certification"),
    )
)
"""Kinds that a representative is shown. Every other kind, also one that is registered tomorrow, waits for the officer."""

_ABOUT_THE_PURSE = frozenset(("aid_kind", "aid_certified_on", "fee_arrears_months", "school_fee_arrears_months"))
_TO_BE_LOOKED_AT = frozenset(("council_case", "consultation", "npo_visit", PROTECTION_RECORD))
_OF_THE_REGISTER = ("年齢", "学年")


@dataclass(frozen=True)
class Ground:
    """Why something is not on the paper to hand over: the number of 法78条1項, and in words."""

    item: str
    why: str


OTHERS = Ground("第2号", "ほかの方の情報にもとづくもの")
_HOUSEHOLD = Ground("第2号", "世帯の記録で、世帯のほかの方の情報でもある(使用者がご本人と確かめられたものだけ記載)")
_UNREGISTERED = Ground("要確認", "いまの項目台帳にない種類の記録")
_SAFETY = Ground("第1号", "住まい・居場所が分かると、ご本人の生命・健康・生活を害するおそれ(どの方の請求でも、代理人には記載しない)")
_PROTECTION = Ground("第1号", "住所の保護にかかわる文は、どの紙にも記載しない")
_OFFICE = Ground("第1号・第7号", "相談・通告・見守りの記録。ご本人の安全と、支援の事務に支障を及ぼすおそれ")
_FAMILY = Ground("第2号", "世帯の家計や、ほかの保護者の情報でもある")
_OWN_LIFE = Ground("第1号", "ご本人の心身にかかわり、代理人に知られるとご本人を害するおそれ")
_UNDECIDED = Ground("要確認", "代理人に示してよいか、まだ決めていない種類の記録")
_ABUSE = Ground("第1号・第7号", "虐待の予防にかかわる判定。ご本人の安全と、支援の事務に支障を及ぼすおそれ")
_WHOLE_TIER = Ground("第1号・第7号", "代理人に記載しない判定も合わせた区分であるため")

CONFERENCE_OF_OTHERS = Ground("第2号・第7号", "同じ世帯のこどもについて会議が決めたこと")
CONFERENCE_WORDS = Ground("第2号・第7号", "会議で人が書いた言葉。ほかの方や支援する人のことが書かれていることがあり、支援の事務に支障を及ぼすおそれ")
SCORE_GROUND = Ground("要確認", "世帯の方の記録にももとづく見込みの数。ほかの方の情報が分かるおそれがないか、意味を添えて示せるかを確かめる")
REPRESENTATIVES_SCORE_GROUND = Ground("第1号・第7号", "代理人に記載しない記録にももとづく数であるため")

_WHY_NOT_FOR_REPRESENTATIVES = {
    **dict.fromkeys(("resident", "resident_move", PROTECTION_RECORD), _SAFETY),
    **dict.fromkeys(("council_case", "consultation", "npo_visit"), _OFFICE),
    **dict.fromkeys(("public_assistance", "allowance", "water_bill"), _FAMILY),
    **dict.fromkeys(("pregnancy", "prenatal_check", "epds"), _OWN_LIFE),
}


@dataclass(frozen=True)
class Withholding:
    """The rules for one request. Every answer is None where the thing is shown, else the ground on which it is not."""

    requester: Requester
    vocabulary: Vocabulary

    @property
    def is_representative(self) -> bool:
        """Whether somebody else asks in the person's name."""
        return self.requester is not Requester.SELF

    def of_kind(self, record: str) -> Ground | None:
        """For a whole kind of record. A household's records are decided row by row, by whose name they are in."""
        kind = self.vocabulary.records.get(record)
        if kind is None:
            return _UNREGISTERED
        if self.is_representative and record not in _SHOWN_TO_REPRESENTATIVES:
            return _WHY_NOT_FOR_REPRESENTATIVES.get(record, _UNDECIDED)
        return None

    def of_household_row(self, is_in_own_name: bool) -> Ground | None:
        """For a row of a household's record."""
        return None if is_in_own_name and not self.is_representative else _HOUSEHOLD

    def of_column(self, record: str, column: str) -> Ground | None:
        """For one column of a kind that is shown. Free text columns name schools, facilities and towns: they tell where somebody is."""
        kind = self.vocabulary.records[record]
        if column not in kind.columns:
            return _UNREGISTERED
        if not self.is_representative:
            return None
        if kind.columns[column].type == "文字":
            return _SAFETY
        return _FAMILY if column in _ABOUT_THE_PURSE else None

    def of_sentence(self, sentence: Sentence) -> Ground | None:
        """For one judged sentence: shown if it speaks of the person alone, through records that are shown. `Refers` is not asked here."""
        if isinstance(sentence, Refers):
            raise ValueError("whether a reference is shown follows from the scenario that it refers to")
        if isinstance(sentence, Members) or owner_of(sentence) is not None:
            return OTHERS
        for name in items_of(sentence):
            item = self.vocabulary.items[name]
            if item.record == PROTECTION_RECORD:
                return _PROTECTION  # the person's own record is shown as a record; what rules make of it, on no paper
            kind = self.vocabulary.records[item.record]
            if kind.subject != "人":
                return _HOUSEHOLD
            if item.kind in _OF_THE_REGISTER:
                continue
            if ground := self.of_kind(item.record):
                return ground
            columns = [item.column, item.date, item.due, item.done, item.empty_column, *item.filters]
            columns += [kind.date, *((kind.valid.start, kind.valid.end) if kind.valid else ())]
            for column in filter(None, columns):
                if ground := self.of_column(item.record, column):
                    return ground
        return None

    def of_scenario(self, planned: PlannedScenario, *, mentions_protection: bool) -> Ground | None:
        """For a scenario as a whole, its name included: to a representative abuse and protection are not spoken of."""
        if not self.is_representative:
            return None
        if mentions_protection:
            return _SAFETY
        return _ABUSE if planned.scenario.hardship_type == "abuse" else None

    def of_address(self, is_protected: bool) -> Ground | None:
        """For the address: never to a representative, and on no paper while a member of the household is protected."""
        return _SAFETY if self.is_representative or is_protected else None

    def asks_for_a_look(self, record: str) -> bool:
        """Whether the officer should read a kind before it is handed to the person: who told, and what it may do to them."""
        return not self.is_representative and record in _TO_BE_LOOKED_AT


def tier_ground(requester: Requester) -> Ground | None:
    """For the tier and the list, which rest on everything at once: to a representative they would tell what is withheld."""
    return None if requester is Requester.SELF else _WHOLE_TIER


def kind_label(vocabulary: Vocabulary, record: str) -> str:
    """The kind's Japanese name, or its id where the register no longer knows it."""
    kind: RecordKind | None = vocabulary.records.get(record)
    return kind.label if kind else record
