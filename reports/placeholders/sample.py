"""A made-up week with everything that can stand on a paper, so that a template meets every branch before a real week does. All people are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

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
    ModelUsed,
    Provenance,
    ScenarioResult,
    SentenceResult,
    SourceStatus,
    Tier,
    TimelineEntry,
    TypeDecision,
    WeekTier,
)
from engine.records.conference import Assignment, ConferenceEntry, ConferenceTexts, PastDecision
from engine.records.score import Score, ScoreReason
from engine.records.similar import SimilarCase

AS_OF, MEETING = date(2026, 11, 20), date(2026, 11, 27)
RUN, EARLIER = "R20261120-01", "R20261023-01"
MODEL = "M20261113-000000000000"
HEAD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SURNAMES = (("髙橋", "タカハシ"), ("𠮷田", "ヨシダ"), ("濵﨑", "ハマサキ"), ("甲斐", "カイ"))
_GIVEN = {
    "母": ("恵子", "ケイコ"),
    "父": ("正雄", "マサオ"),
    "本人": ("陽菜", "ヒナ"),
    "きょうだい": ("樹", "イツキ"),
    "祖父母": ("トシ", "トシ"),
}


def _key(kind: str, number: int) -> str:
    return f"{kind}MIHON{number:03d}AAAAAAAA"


def _fact(text: str, label: str, on: date, *, subject: str = "本人", source: str = "校務支援") -> Fact:
    origin = Provenance(
        "10_attendance_20261101.csv",
        120,
        "school_attendance",
        source,
        date(2026, 11, 1),
        "学校教育課",
        "個人情報保護法69条2項2号",
    )
    return Fact(f"sample:{on}:{text}", subject, label, text, on, origin)


def _hit(
    number: int, kind: str, name: str, *, truth: Truth = Truth.MET, strength: str = "強", unknown: str = "教育相談の利用が月2回以上"
) -> ScenarioResult:
    facts = (
        _fact("欠席 R8年10月 9日", "欠席", date(2026, 10, 31)),
        _fact("水道料金の督促", "督促", date(2026, 9, 1), subject="世帯", source="上下水道"),
    )
    return ScenarioResult(
        f"SA-{number:02d}", kind, name, "早く気づく", strength, "当市の既定", truth, Truth.NOT_MET,  # type: ignore[arg-type]
        (
            SentenceResult(0, "直近90日の欠席が10日以上", truth, facts if truth is Truth.MET else (), number=1),
            SentenceResult(0, unknown, Truth.UNKNOWN, (), "教育相談の列が届いていません", number=2),
        ),
        (), ("朝の様子と起きる時刻", "会えないときは、通常の通告手順へ"),
    )  # fmt: skip


def _child(number: int, tier: Tier, age: int, grade: int, *, lifted: bool = False) -> ChildCase:
    results = (
        _hit(1, "school_absence", "欠席が急に増え、家庭の状況も変わっている"),
        _hit(2, "poverty", "支払いの遅れが重なっている", strength="弱"),
        _hit(4, "school_absence", "休みがちで、相談先が決まっていない", strength="中", unknown="直近3か月に見守り訪問がある"),
        _hit(3, "young_carer", "世話をしている家族がいて、登校が減っている", truth=Truth.UNKNOWN),
    )
    types = (
        TypeDecision(
            "school_absence", tier, "不登校で強いシナリオに該当", ("SA-01",), Tier.INQUIRY if lifted else None
        ),
    )
    reason = ScoreReason("出席", "出席: 直近90日の欠席の日数が12日", 812_345)
    return ChildCase(
        _key("P", number), age, grade, tier, types, results, ("「教育相談の利用が月2回以上」かどうか",), ("校務支援の教育相談の列が届いていません",),
        (_fact("就学援助を受給中", "就学援助", date(2026, 4, 1), source="学齢簿"),),
        scores=(Score(_key("P", number), "school_absence", 500_000, MODEL, "上", 0, (reason,)),) if lifted else (),
        lifted_from=Tier.INQUIRY if lifted else None,
        similar=(_similar(),) if lifted else (),
    )  # fmt: skip


def _similar() -> SimilarCase:
    return SimilarCase(
        _key("H", 900), _key("P", 900), "school_absence", date(2025, 2, 20), 1, ("出席", "家計"), "健診", False,
        ("2024年5月に要支援として登録。主担当は学校教育課",), ("相談2回",), ("2024年8月から見守り訪問(2回)",), "14か月で終結(改善)",
    )  # fmt: skip


def _decision(number: int, decision: str) -> PastDecision:
    return PastDecision(
        EARLIER, _key("H", number), date(2026, 10, 30), decision, date(2026, 11, 20), date(2027, 1, 29), "学校教育課",  # type: ignore[arg-type]
        "連絡がとれた", date(2026, 11, 6), "合っていた", tier_then=2,
    )  # fmt: skip


def _case(number: int, tier: Tier, change: str, **more: object) -> Case:
    """A household of three generations with two listed children."""
    child = _child(number * 10 + 2, tier, 12, 6, lifted=number == 1)
    sister = _child(number * 10 + 3, Tier.INQUIRY, 9, 3)
    members = (
        MemberLine(_key("P", number * 10), "父", 44, False), MemberLine(_key("P", number * 10 + 1), "母", 38, False),
        MemberLine(child.child_key, "本人", 12, True), MemberLine(sister.child_key, "きょうだい", 9, True, "要対協に登録されている"),
        MemberLine(_key("P", number * 10 + 4), "祖父母", 71, False),
    )  # fmt: skip
    timeline = (
        TimelineEntry(date(2026, 4, 1), "支援", "本人", "就学援助", "学齢簿", child.child_key),
        TimelineEntry(date(2026, 9, 1), "事実", "世帯", "水道料金の督促", "上下水道"),
        TimelineEntry(date(2026, 10, 12), "連絡", "世帯", "電話(連絡がとれた)", "相談履歴"),
    )
    weeks = tuple(WeekTier(date(2026, 11, day), f"R202611{day:02d}-01", Tier.INQUIRY) for day in (6, 13))
    made = Case(
        number, _key("H", number), tier, change, None if change == "新規" else Tier.INQUIRY, 20, False, False, "恒富地区", (child, sister), members,  # type: ignore[arg-type]
        "不登校: 欠席が急に増え、家庭の状況も変わっている", ("SA-01",), timeline=timeline, weeks=weeks,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def sample_week() -> Casebook:
    """Four households: a new one over capacity and raised by a model, a protected one, one that is back from 見送り, and one of which next to nothing is known."""
    bare = ChildCase(_key("P", 42), None, None, Tier.INQUIRY, (), (), (), (), ())
    cases = (
        _case(1, Tier.ACTIVE, "新規", over_capacity=True, lifted_from=Tier.INQUIRY),
        _case(2, Tier.ACTIVE, "上昇", protected=True, district=None),
        _case(3, Tier.INQUIRY, "見送り明け", back_because="見送りの期限(R8.11.20)が過ぎました", decisions=(_decision(3, "見送り"),)),
        _case(4, Tier.INQUIRY, "低下", children=(bare,), members=(MemberLine(bare.child_key, "本人", None, True),), district=None, timeline=(), weeks=()),
        _case(5, Tier.INQUIRY, "継続"),
    )  # fmt: skip
    apart = ApartHousehold(
        _key("H", 6), Tier.INQUIRY, False, "岡富地区", (MemberLine(_key("P", 62), "本人", 10, True),), "貧困: 支払いの遅れが重なっている",
        _decision(6, "既に支援中"), None, 2, TimelineEntry(date(2026, 11, 12), "連絡", "世帯", "見守りからの緊急連絡", "NPO等見守り"),
    )  # fmt: skip
    drawn = DrawnChild(
        1,
        _key("P", 72),
        _key("H", 7),
        8,
        2,
        "東海地区",
        165,
        (MemberLine(_key("P", 71), "母", 35, False), MemberLine(_key("P", 72), "本人", 8, False)),
    )
    return Casebook(
        AS_OF, MEETING, RUN, "見本市", 3, _sources(), cases, (_key("H", 901),), 18_012, {"①": 2, "②": 3, "③": 18_007}, "一致",
        dict.fromkeys(HARDSHIP_LABELS, "2026.2"), 3, "一覧のこども全員と、無作為の200人が一致しました",
        ModelUsed(MODEL, "家庭相談係長", date(2026, 11, 13), 1, 1, 5, 1, 5), apart=(apart,), drawn=(drawn,),
    )  # fmt: skip


def quiet_week() -> Casebook:
    """A week in which nobody is on the list, without a model, with a source that did not come."""
    return replace(
        sample_week(), cases=(), apart=(), drawn=(), dropped=(), model=None, model_note="使っているモデルはありません。", not_printed=0, replay="未実施", replay_note=""
    )  # fmt: skip


def _sources() -> tuple[SourceStatus, ...]:
    return (
        SourceStatus("residents", "住民記録", date(2026, 11, 20), True, 113_471, 113_471, 0, 0),
        SourceStatus(
            "school_attendance",
            "校務支援(出欠・学校生活)",
            date(2026, 8, 1),
            False,
            8_000,
            7_990,
            10,
            3,
            1,
            2,
            (date(2026, 7, 31),),
        ),
        SourceStatus("ngo_watch", "NPO等見守り", None, False, 0, 0, 0, 0),
    )


def sample_people() -> dict[str, Identity]:
    """Names of everyone on the papers of the week, but of the household of which next to nothing is known."""
    book = sample_week()
    groups = [(case.case_no, case.members) for case in book.cases if case.case_no != 4]
    groups += [(6, one.children) for one in book.apart] + [(7, one.members) for one in book.drawn]
    found = {}
    for number, members in groups:
        surname = _SURNAMES[number % len(_SURNAMES)]
        for member in members:
            given = _GIVEN[member.relation]
            born = None if member.age_years is None else date(2026 - member.age_years, 5, 3)
            sex = "男" if member.relation in ("父", "きょうだい") else "女"
            school = "南小学校" if member.relation in ("本人", "きょうだい") else None
            found[member.key] = Identity(f"{surname[0]} {given[0]}", f"{surname[1]} {given[1]}", born, sex, school)
    return found


def sample_words() -> dict[tuple[str, str], ConferenceTexts]:
    """What people wrote on the sheet of the household that is back."""
    return {(EARLIER, _key("H", 3)): _WORDS}


_WORDS = ConferenceTexts(
    "納付金の相談が続いているため",
    "担任",
    (Assignment("学校教育課", "登校の様子を聞く", date(2026, 11, 13)),),
    memo="次は家庭訪問の後に",
)


def sample_entries() -> tuple[ConferenceEntry, ...]:
    """What conferences decided on three of the households, for the case register: one closed."""
    closed = replace(_decision(5, "積極的アプローチ"), closed_on=date(2026, 11, 20), closed_because="状況が落ち着いた")
    return tuple(
        ConferenceEntry(decision, _WORDS, date(2026, 11, 2), "家庭相談係長")
        for decision in (_decision(3, "見守り"), _decision(2, "学校等への調査"), closed)
    )
