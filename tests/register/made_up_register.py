"""A made-up quarter: what conferences wrote on a handful of households that nobody has ever met."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from engine.records.case import Case, ChildCase, Fact, Identity, MemberLine, Provenance, Tier, TypeDecision
from engine.records.conference import Assignment, ConferenceEntry, ConferenceTexts, PastDecision
from reports.register.rows import Council, Known, Now

RUN, LATER_RUN = "R20261002-01", "R20261120-01"
CONFERENCE, LATER = date(2026, 10, 9), date(2026, 11, 27)
ON, START, END = date(2026, 12, 21), date(2026, 10, 1), date(2026, 12, 31)
SURNAMES = ("髙橋", "𠮷田", "濵﨑", "甲斐", "日髙")


def household(number: int) -> str:
    return f"HMADEUP{number:03d}"


def child_key(number: int) -> str:
    return f"PMADEUP{number:03d}A"


def case(number: int, **changes: Any) -> Case:
    support = Fact(
        f"aid:{number}", "本人", "就学援助", "就学援助を受給中", date(2026, 4, 1),
        Provenance("09_register.csv", 3, "school_register", "学齢簿", date(2026, 10, 1), "学校教育課", "個人情報保護法69条2項2号"),
    )  # fmt: skip
    child = ChildCase(
        child_key(number), 12, 6, Tier.INQUIRY, (TypeDecision("poverty", Tier.INQUIRY, "貧困で強いシナリオに該当", ("PV-01",)),),
        (), (), (), (support,),
    )  # fmt: skip
    mother = MemberLine(f"PMADEUP{number:03d}M", "母", 38, False)
    made = Case(
        number, household(number), Tier.INQUIRY, "新規", None, 10, False, False, "恒富地区", (child,),
        (mother, MemberLine(child.child_key, "本人", 12, True)), "貧困: 学校納付金の未納が続いている",
    )  # fmt: skip
    return replace(made, **changes)


def decided(number: int, decision: str | None = "見守り", *, texts: ConferenceTexts | None = None, **said: Any) -> ConferenceEntry:
    run_id, day = said.pop("run_id", RUN), said.pop("decided_on", CONFERENCE)
    past = PastDecision(run_id, household(number), day, decision, tier_then=2, **said)  # type: ignore[arg-type]
    return ConferenceEntry(past, texts or ConferenceTexts(), read_on=day, read_by="担当者")


def words(number: int) -> ConferenceTexts:
    return ConferenceTexts(
        "欠席が増え、納付金の未納も続いているため、学校に様子を確かめる。", "担任",
        (Assignment("学校教育課", "登校の様子を聞く", date(2026, 10, 23)), Assignment("こども家庭センター", "家庭訪問の日を決める", None)),
        memo=f"覚え書き{number}",
    )  # fmt: skip


def identities(*numbers: int) -> dict[str, Identity]:
    found = {}
    for number in numbers:
        surname = SURNAMES[number % 5]
        found[child_key(number)] = Identity(f"{surname} 陽菜", "タカハシ ヒナ", date(2014, 5, 3), "女", "南小学校")
        found[f"PMADEUP{number:03d}M"] = Identity(f"{surname} 恵子", "タカハシ ケイコ", date(1988, 2, 1), "女")
    return found


def known(*numbers: int, **changes: Any) -> Known:
    cases = {(run_id, household(n)): case(n) for n in numbers for run_id in (RUN, LATER_RUN)}
    now = {household(n): Now(date(2026, 12, 18), Tier.INQUIRY, "別に示す") for n in numbers}
    council = {household(1): Council("要支援", "学校教育課", date(2026, 11, 1))}
    return replace(Known(cases, now, council, frozenset(), date(2026, 12, 18)), **changes)
