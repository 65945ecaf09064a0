"""A made-up week of four households on the list and one set apart, for the tests of the dashboard. Nobody here exists."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from engine.kernel.truth import Truth
from engine.records.case import (
    HARDSHIP_LABELS,
    ApartHousehold,
    Case,
    Casebook,
    ChildCase,
    DrawnChild,
    Fact,
    Identity,
    MemberLine,
    Provenance,
    ScenarioResult,
    SentenceResult,
    SourceStatus,
    Tier,
    TypeDecision,
)
from engine.records.conference import ConferenceTexts, PastDecision

AS_OF, BEFORE, MEETING = date(2026, 11, 20), date(2026, 11, 13), date(2026, 11, 27)
RUN = "R20261120-01"
_KINDS = list(HARDSHIP_LABELS)


def household_key(number: int) -> str:
    return f"H{number:04d}AAAABBBBCCCC"


def child_key(number: int, place: int = 1) -> str:
    return f"P{number:04d}CHILD{place:04d}ABC"


def fact(text: str) -> Fact:
    origin = Provenance(
        "10_attendance_20261101.csv", 12, "attendance", "校務支援", date(2026, 11, 1), "学校教育課", "条例"
    )
    return Fact("attendance:2026-11-01:12:month", "本人", "欠席日数", text, date(2026, 10, 31), origin)


def hit(kind: str, text: str = "令和8年10月 欠席 8日") -> ScenarioResult:
    sentences = (SentenceResult(0, "直近90日の欠席が10日以上", Truth.MET, (fact(text),)),)
    return ScenarioResult(
        f"{kind[:2].upper()}-01", kind, f"{HARDSHIP_LABELS[kind]}の気がかり", "早く気づく", "強", "当市の既定",
        Truth.MET, Truth.NOT_MET, sentences, (), ("朝の様子",),
    )  # fmt: skip


def child(number: int, place: int, tiers: dict[str, Tier], *, age: int | None = 12) -> ChildCase:
    results = tuple(hit(kind) for kind in tiers)
    types = tuple(
        TypeDecision(kind, tier, "強いシナリオに該当", (f"{kind[:2].upper()}-01",)) for kind, tier in tiers.items()
    )
    grade = None if age is None else age - 6
    return ChildCase(child_key(number, place), age, grade, min(tiers.values()), types, results, (), (), ())


def case(number: int, *children: ChildCase, **changes: object) -> Case:
    members = (
        MemberLine(f"P{number:04d}MOTHER000ABC", "母", 38, False),
        *(
            MemberLine(one.child_key, "本人" if i == 0 else "きょうだい", one.age_years, True)
            for i, one in enumerate(children)
        ),
    )
    tier = min(one.tier for one in children)
    fields: dict[str, object] = {
        "case_no": number, "household_key": household_key(number), "tier": tier, "change": "継続", "previous_tier": tier,
        "points": 10, "over_capacity": False, "protected": False, "district": f"{number}番町", "children": children,
        "members": members, "main_reason": "不登校: 欠席が増えている",
    }  # fmt: skip
    return Case(**{**fields, **changes})  # type: ignore[arg-type]


def decided(number: int, what: str, day: date = BEFORE, **further: object) -> PastDecision:
    return PastDecision("R20261106-01", household_key(number), day, what, **further)  # type: ignore[arg-type]


def four_cases() -> tuple[Case, ...]:
    first, second = _KINDS[0], _KINDS[1]
    return (
        case(
            1,
            child(1, 1, {first: Tier.ACTIVE, second: Tier.INQUIRY}),
            child(1, 2, {second: Tier.ACTIVE}, age=9),
            change="上昇",
            previous_tier=Tier.INQUIRY,
        ),
        case(2, child(2, 1, {second: Tier.ACTIVE}), change="新規", previous_tier=None, protected=True, district=None),
        case(
            3,
            child(3, 1, {first: Tier.INQUIRY}),
            change="見送り明け",
            back_because="見送りの期限(R8.11.27)が来ました。",
            decisions=(decided(3, "見送り", until=MEETING),),
        ),
        case(4, child(4, 1, {_KINDS[3]: Tier.INQUIRY}, age=None)),
    )


def apart_household(number: int = 5) -> ApartHousehold:
    members = (MemberLine(child_key(number), "本人", 8, True),)
    return ApartHousehold(
        household_key(number), Tier.INQUIRY, False, "5番町", members, "貧困: 支払いの遅れ",
        decided(number, "既に支援中", lead_agency="こども家庭センター", outcome="支援につながった"), None,
    )  # fmt: skip


def casebook(cases: tuple[Case, ...] | None = None, **changes: object) -> Casebook:
    cases = four_cases() if cases is None else cases
    sources = (SourceStatus("attendance", "校務支援", date(2026, 11, 1), True, 1200, 1190, 4, 6),)
    fields: dict[str, object] = {
        "as_of": AS_OF, "meeting_on": MEETING, "run_id": RUN, "city": "見本市", "capacity": 30, "sources": sources,
        "cases": cases, "dropped": (), "children_evaluated": 10, "tier_counts": {"①": 3, "②": 3, "③": 4},
        "replay": "一致", "rulebook_versions": {"abuse": "2026.2"}, "apart": (apart_household(),),
        "drawn": (DrawnChild(1, child_key(90), household_key(90), 7, 1, "9番町", 300_000),),
    }  # fmt: skip
    return Casebook(**{**fields, **changes})  # type: ignore[arg-type]


def decisions(rows: list[tuple[int, int, int]]) -> pa.Table:
    """One row per child: number of the household, place of the child in it, tier, which is also its tier in the first type."""
    tiers = pa.array([tier for _, _, tier in rows], pa.int8())
    rest = pa.array([3] * len(rows), pa.int8())
    return pa.table(
        {
            "child_key": [child_key(number, place) for number, place, _ in rows],
            "household_key": [household_key(number) for number, _, _ in rows],
            "tier": tiers,
            **{f"tier_{kind}": tiers if kind == _KINDS[0] else rest for kind in _KINDS},
        }
    )


NOW = [(1, 1, 1), (1, 2, 1), (2, 1, 1), (3, 1, 2), (4, 1, 2), (5, 1, 2), (6, 1, 3), (7, 1, 3), (8, 1, 3)]
LAST = [(1, 1, 2), (1, 2, 3), (3, 1, 2), (4, 1, 2), (5, 1, 2), (6, 1, 1), (7, 1, 3), (9, 1, 3)]


def identities(cases: tuple[Case, ...]) -> dict[str, Identity]:
    return {
        member.key: Identity(
            f"髙橋 名{one.case_no}{i}", "タカハシ ナ", None, "女" if i == 0 else "男", "南小学校", None
        )
        for one in cases
        for i, member in enumerate(one.members)
    }


def texts() -> dict[tuple[str, str], ConferenceTexts]:
    return {
        ("R20261106-01", household_key(3)): ConferenceTexts(reason="祖母が毎日来ている", key_person="祖母の田中さん")
    }
