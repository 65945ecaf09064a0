"""Made-up households for the tests of the papers: nobody here exists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zlib import crc32

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
    TimelineEntry,
    TypeDecision,
    WeekTier,
)
from engine.records.conference import Assignment, ConferenceTexts, PastDecision

AS_OF = date(2026, 11, 20)
MEETING = date(2026, 11, 27)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def key(prefix: str, number: int) -> str:
    """A pseudonymous key as the engine makes them, but countable."""
    digits = ""
    value = number * 7919 + 12345
    for _ in range(16):
        digits += _LETTERS[value % 32]
        value = value // 32 + number * 31 + 7
    return prefix + digits


def fact(text: str, *, subject: str = "本人", on: date | None = date(2026, 10, 31), source: str = "校務支援") -> Fact:
    origin = Provenance("10_attendance_20261101.csv", 120, "school_attendance", source, date(2026, 11, 1),
                        "学校教育課", "個人情報保護法69条2項3号")
    line = crc32(text.encode()) % 90_000
    return Fact(f"school_attendance:2026-11-01:{line}:school_month", subject, "欠席日数", text, on, origin)


def absence_hit(number: int = 1, *, kind: str = "school_absence", cancel: Truth | None = None) -> ScenarioResult:
    cancel_sentences = () if cancel is None else (SentenceResult(0, "教育支援センターを利用している", cancel),)
    return ScenarioResult(
        f"SA-{number:02d}", kind, "欠席が急に増え、家庭の状況も変わっている", "不登校の始まりに早く気づく", "強",
        "文部科学省の定義(年30日以上); 月3日以上は当市の既定", Truth.MET, Truth.NOT_MET if cancel is None else cancel,
        (
            SentenceResult(0, "直近90日の欠席が10日以上", Truth.MET, (
                fact(f"令和8年9月 欠席 {number + 3}日"), fact("令和8年10月 欠席 8日"))),
            SentenceResult(0, "いずれか", Truth.MET),
            SentenceResult(1, "直近12か月に転校がある", Truth.NOT_MET, (), "転校の記録はありません(学齢簿 R8.11.1時点)"),
            SentenceResult(1, "同居の成人が12か月以内に入れ替わった", Truth.MET, (
                fact("令和8年6月3日 世帯分離", subject="世帯", on=date(2026, 6, 3), source="住民記録"),)),
            SentenceResult(1, "教育相談の利用が月2回以上", Truth.UNKNOWN, (), "校務支援の教育相談の列が届いていません"),
        ),
        cancel_sentences, ("朝の様子と起きる時刻", "家での過ごし方、世話をしている家族がいるか"),
    )


def child(number: int, *, tier: Tier = Tier.ACTIVE, hits: int = 2, age: int = 12, grade: int | None = 6,
          first: int = 1) -> ChildCase:
    kinds = list(HARDSHIP_LABELS)
    chosen = [kinds[(number + i // 2) % 6] for i in range(hits)]
    results = tuple(
        absence_hit(i + first, kind=kind, cancel=(None, Truth.NOT_MET, Truth.UNKNOWN)[i % 3]) for i, kind in enumerate(chosen)
    )
    types = tuple(
        TypeDecision(kind, tier if i == 0 else Tier.INQUIRY, f"{HARDSHIP_LABELS[kind]}で強いシナリオに該当", ("SA-01",))
        for i, kind in enumerate(dict.fromkeys(chosen))
    )
    unknown = replace(results[0], scenario_id="YC-09", name="介護の担い手がこどもしかいない世帯で、登校が減っている",
                      truth=Truth.UNKNOWN) if results else None
    return ChildCase(
        key("P", number * 10), age, grade, tier, types, results + ((unknown,) if unknown else ()),
        ("介護保険の認定状況(祖母): 該当すれば区分が上がります",), ("上下水道: 名寄せができていません",),
        (fact("就学援助を受給中(準要保護、令和8年4月1日認定)", on=date(2026, 4, 1), source="就学援助"),),
    )


def members(number: int, count: int = 4) -> tuple[MemberLine, ...]:
    lines = [("母", 38, False), ("本人", 12, True), ("きょうだい", 9, False), ("祖父母", 71, False),
             ("祖父母", 74, False), ("きょうだい", 4, False), ("きょうだい", 0, False)]
    mother = key("P", number * 10 + 7)
    return tuple(
        MemberLine(key("P", number * 10 + (i - 1 if i else 7)), relation, age, listed, "要介護2" if age == 71 else "",
                   (mother,) if relation in ("本人", "きょうだい") else ())
        for i, (relation, age, listed) in enumerate(lines[:count])
    )


def past_year(number: int) -> tuple[TimelineEntry, ...]:
    """What the last twelve months hold of an ordinary household."""
    child_key = key("P", number * 10)
    return (
        TimelineEntry(date(2025, 4, 1), "支援", "世帯", "児童扶養手当を受給", "児童手当・児童扶養手当", lasts=True),
        TimelineEntry(date(2026, 4, 1), "支援", "本人", "就学援助を受給", "就学援助", child_key, lasts=True),
        TimelineEntry(date(2026, 6, 3), "事実", "世帯", "世帯分離", "住民記録"),
        TimelineEntry(date(2026, 7, 10), "連絡", "本人", "学校から相談", "相談履歴", child_key),
        TimelineEntry(date(2026, 9, 30), "事実", "本人", "欠席 4日", "校務支援", child_key),
        TimelineEntry(date(2026, 10, 31), "事実", "本人", "欠席 8日", "校務支援", child_key),
    )


def past_weeks(*tiers: int) -> tuple[WeekTier, ...]:
    """Earlier runs, the last a week before the as-of day."""
    return tuple(
        WeekTier(AS_OF - timedelta(days=7 * before), f"R{before}", Tier(tier)) for before, tier in zip(range(len(tiers), 0, -1), tiers, strict=True)
    )


def decided(number: int, **changes: object) -> PastDecision:
    """見送り until a day that has come."""
    made = PastDecision("R20261016-01", key("H", number), date(2026, 10, 23), "見送り", until=date(2026, 11, 20), lead_agency="学校教育課")
    return replace(made, **changes)  # type: ignore[arg-type]


WORDS = ConferenceTexts(
    "担任が様子を見ているため", "担任の先生", (Assignment("学校教育課", "担任に登校の様子をうかがう", date(2026, 11, 13)),), "", "祖母の通院の日に重なる",
)


def case(number: int, **changes: object) -> Case:
    made = Case(
        number, key("H", number), (Tier.ACTIVE, Tier.INQUIRY, Tier.INQUIRY)[number % 3],
        ("新規", "上昇", "低下", "継続")[number % 4], None if number % 4 == 0 else Tier.INQUIRY, 40 - number % 20,
        False, False, "恒富地区", (child(number, tier=(Tier.ACTIVE, Tier.INQUIRY, Tier.INQUIRY)[number % 3]),), members(number),
        "欠席が急に増え、同居の家族が入れ替わっています(不登校・SA-01)", ("SA-01",) if number % 4 < 2 else (),
        timeline=past_year(number), weeks=past_weeks(3, 3, 2, 2),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def worst_case(number: int) -> Case:
    """Seven members, three listed children, twenty different scenarios, long texts, an empty history."""
    long = "祖母の介護と下のきょうだいの送り迎えをこどもが担っており、介護サービスの利用がなく、登校が減っているうえ、水道料金と学校納付金の滞納が続いています"
    first = child(number, hits=9)
    second = replace(child(number, hits=7, age=9, grade=3, first=11), child_key=key("P", number * 10 + 1))
    third = replace(child(number, hits=4, age=4, grade=-2, first=21), child_key=key("P", number * 10 + 4), missing=("乳幼児健診: 転入前の記録がありません",))
    stretched = tuple(replace(result, name=long) if i == 0 else result for i, result in enumerate(first.results))
    lines = tuple(replace(line, is_listed_child=i in (1, 2, 5)) for i, line in enumerate(members(number, 7)))
    return case(number, children=(replace(first, results=stretched), second, third), members=lines, decisions=(decided(number),),
                back_because="新しい該当(SA-01)があります", tier=Tier.ACTIVE, main_reason=long, over_capacity=True, new_scenarios=("SA-01", "SA-03"),
                change="新規", previous_tier=None)


def empty_case(number: int) -> Case:
    """A household of which next to nothing is known."""
    bare = ChildCase(key("P", number * 10), None, None, Tier.INQUIRY, (), (), (), (), ())
    return case(number, children=(bare,), members=(MemberLine(bare.child_key, "本人", None, True),), district=None, timeline=(), weeks=(),
                tier=Tier.INQUIRY, main_reason="関係機関からの情報により確認が必要です", change="低下", previous_tier=Tier.ACTIVE)


def apart(number: int, **changes: object) -> ApartHousehold:
    """A household that a conference has set aside until a day."""
    made = ApartHousehold(key("H", number), Tier.INQUIRY, False, "恒富地区", members(number)[1:2], "欠席が増えています", decided(number, until=date(2027, 1, 15)),
                          date(2027, 1, 15))
    return replace(made, **changes)  # type: ignore[arg-type]


def drawn(number: int) -> DrawnChild:
    """A child drawn by chance."""
    return DrawnChild(number, key("P", 5000 + number), key("H", 5000 + number), 8, 2, "恒富地区", 176, (MemberLine(key("P", 5000 + number), "本人", 8, True),
                      MemberLine(key("P", 6000 + number), "母", 35, False)))


def identities(cases: tuple[Case, ...], *, skip: int | None = None) -> dict[str, Identity]:
    surnames = [("髙橋", "タカハシ"), ("𠮷田", "ヨシダ"), ("濵﨑", "ハマサキ"), ("甲斐", "カイ"), ("日髙", "ヒダカ")]
    given = [("恵子", "ケイコ"), ("陽菜", "ヒナ"), ("樹", "イツキ"), ("トシ", "トシ"), ("正雄", "マサオ"), ("さくら", "サクラ"), ("蓮", "レン")]
    people = {}
    for one in cases:
        if one.case_no == skip:
            continue
        surname = surnames[one.case_no % 5]
        for i, line in enumerate(one.members):
            first = given[i % 7]
            born = None if line.age_years is None else date(2026 - line.age_years, 5, 3)
            school = "南小学校" if line.age_years in (9, 12) else None
            people[line.key] = Identity(f"{surname[0]} {first[0]}", f"{surname[1]} {first[1]}", born, "男" if i in (2, 4, 6) else "女", school,
                                        None if one.protected else "東本小路2番地1")
    return people


def sources() -> tuple[SourceStatus, ...]:
    labels = ("住民記録", "支援措置", "生活保護", "障害", "児童手当・児童扶養手当", "保育", "母子保健", "予防接種", "学齢簿・就学援助",
              "校務支援", "介護保険", "上下水道", "NPO等見守り", "要対協台帳", "相談履歴")
    return tuple(
        SourceStatus(f"s{i}", label, None if i == 12 else date(2026, 8 if i == 11 else 11, 1), i not in (11, 12),
                     0 if i == 12 else 113_471 // (i + 1), 0 if i == 12 else 113_400 // (i + 1), i, i * 3)
        for i, label in enumerate(labels)
    )


def casebook(cases: tuple[Case, ...], **changes: object) -> Casebook:
    made = Casebook(
        AS_OF, MEETING, "R20261120-07", "のべおか市(架空)", 30, sources(), cases, (key("H", 901), key("H", 902)), 18_012,
        {"①": 12, "②": 48, "③": 17_952}, "未実施", {"school_absence": "2026.2", "young_carer": "2026.2"}, 3,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def week(count: int) -> Casebook:
    """A week of ordinary households, the first protected, the second the worst, the third nearly empty."""
    made = [case(number) for number in range(1, count + 1)]
    if count >= 3:
        made[0] = replace(made[0], protected=True)
        made[1] = worst_case(2)
        made[2] = empty_case(3)
    return casebook(tuple(made))
