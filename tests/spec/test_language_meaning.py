"""The meaning of each form of the language as small tables: one household, one sentence, 該当, 非該当 or 不明.

Every row runs on the reference interpreter and on the SQL. Counterexamples that random search finds are kept here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.evaluate.plan import Plan
from engine.evaluate.reference import judge_sentence
from engine.evaluate.sql import evaluate_all
from engine.kernel.truth import Truth
from engine.records.household import Household, Person, Row, Value
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.parsing import parse_sentence
from engine.store.memory import snapshot_of

VOCABULARY = load_vocabulary(Path(__file__).parents[2] / "rulebooks" / "fields.yaml")
AS_OF = date(2026, 11, 20)
OLD = date(2000, 1, 1)
SOURCES = tuple(dict.fromkeys(kind.source for kind in VOCABULARY.records.values()))
MONTHS = tuple(date(2025, m, d) for m, d in ((8, 31), (9, 30), (10, 31))) + tuple(
    date(2026, m, d) for m, d in ((4, 30), (5, 31), (6, 30), (7, 31), (8, 31), (9, 30), (10, 31))
)
MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


@dataclass
class Someone:
    """A person of a table row: age, grade, relation to the child, records, and sources that do not cover."""

    age: int | None = 10
    grade: int | None = 4
    relation: str = ""
    records: dict[str, list[dict[str, Value]]] = field(default_factory=dict)
    uncovered: tuple[str, ...] = ()
    covered_from: date = OLD


_line = iter(range(1, 1_000_000))


def rows(records: dict[str, list[dict[str, Value]]]) -> dict[str, tuple[Row, ...]]:
    return {kind: tuple(row(kind, cells) for cells in its) for kind, its in records.items()}


UNCLEAR = "不詳"
"""In a table row: the cell holds something that does not tell the value, unlike None, which is a blank cell."""


def row(kind: str, cells: dict[str, Value]) -> Row:
    unknown = frozenset(name for name, value in cells.items() if value == UNCLEAR)
    return Row(kind, {**cells, **dict.fromkeys(unknown)}, 0, next(_line), unknown)


def household(child: Someone, *members: Someone, bills: list[dict[str, Value]] | None = None) -> Household:
    def person(key: str, of: Someone) -> Person:
        covered = {source: of.covered_from for source in SOURCES if source not in of.uncovered}
        relations = frozenset({of.relation, "世帯員"}) if of.relation else frozenset()
        return Person(key, relations, of.age, of.grade, rows(of.records), covered)

    return Household(
        "H1",
        AS_OF,
        person("P0", child),
        tuple(person(f"P{n}", member) for n, member in enumerate(members, 1)),
        rows({"water_bill": bills}) if bills is not None else {},
        {} if bills is None else dict.fromkeys(SOURCES, OLD),
        {"school_month": MONTHS, "water_bill": (date(2026, 8, 31), date(2026, 10, 31))},
    )


def mother(**more: object) -> Someone:
    return Someone(age=41, grade=None, relation="母", **more)  # type: ignore[arg-type]


def sibling(age: int | None, **more: object) -> Someone:
    return Someone(age=age, relation="きょうだい", **more)  # type: ignore[arg-type]


def months(**amounts: int | None) -> dict[str, list[dict[str, Value]]]:
    """School months with zero absence except those named m8 … m10 (2026) or p8 … p10 (2025); skip_m9=1 leaves one out."""
    result: list[dict[str, Value]] = []
    for end in MONTHS:
        name = f"{'p' if end.year == 2025 else 'm'}{end.month}"
        if f"skip_{name}" not in amounts:
            result.append({"school_month_on": end, "absent_days": amounts.get(name, 0), "school_fee_arrears_months": 0})
    return {"school_month": result}


def care(level: str | None, start: Value = OLD, end: Value = None, service: str = "無") -> dict[str, Value]:
    return {"care_level": level, "certified_from": start, "certified_to": end, "care_service": service}


def certificate(kind: str | None, start: date | None = OLD, grade: str = "2級") -> dict[str, Value]:
    return {"certificate_kind": kind, "certificate_grade": grade, "certificate_issued_on": start}


def check(
    due: date | None, taken: date | None, judgement: str | None = "異常なし", kind: str | None = "3歳児健診"
) -> dict[str, Value]:
    return {"check_kind": kind, "due_on": due, "taken_on": taken, "judgement": judgement}


def child(**records: list[dict[str, Value]]) -> Household:
    return household(Someone(records=records))


def without(source: str, **records: list[dict[str, Value]]) -> Household:
    return household(Someone(records=records, uncovered=(source,)))


def moved(days: int | None, reason: str | None = "転入") -> dict[str, Value]:
    return {"moved_on": None if days is None else ago(days), "move_reason": reason}


def bill(end: date, **more: Value) -> dict[str, Value]:
    return {"billed_on": end, "billed_yen": 4000, "paid_on": end, **more}


AUG, OCT = date(2026, 8, 31), date(2026, 10, 31)
AID = {"aid_kind": "準要保護", "class_kind": "通級"}

TABLE: list[tuple[str, Household, Truth]] = [
    # 年齢・学年
    ("年齢が6歳以上18歳未満", household(Someone(age=6)), MET),
    ("年齢が6歳以上18歳未満", household(Someone(age=18)), NOT),
    ("年齢が6歳以上18歳未満", household(Someone(age=None)), UNKNOWN),
    ("学年が小1以上小6以下", household(Someone(grade=6)), MET),
    ("学年が小6以下", household(Someone(grade=0)), NOT),  # not at school yet: on no step of the scale
    ("学年が小1以上", household(Someone(grade=13)), NOT),
    ("学年が小1以上", household(Someone(grade=None)), UNKNOWN),
    # 順序区分・数・区分
    ("要介護度が要介護2以上", child(care_certification=[care("要介護2")]), MET),
    ("要介護度が要介護2以上", child(care_certification=[care("要介護1")]), NOT),
    ("要介護度が要介護2以上", child(care_certification=[care(None)]), UNKNOWN),
    ("要介護度が要介護2以上", child(), NOT),
    ("要介護度が要介護2以上", without("long_term_care"), UNKNOWN),
    ("要介護度が要介護2以上", child(care_certification=[care("要介護5", end=ago(1))]), NOT),  # no longer valid
    ("要介護度が要介護2以上", child(care_certification=[care("要介護5", end=ago(0))]), MET),  # the last day counts
    ("要介護度が要介護2以上", child(care_certification=[care("要介護5", start=ago(-1))]), NOT),  # not yet valid
    ("要介護度が要介護2以上", child(care_certification=[care("要介護1", ago(9)), care("要介護3", ago(3))]), MET),
    ("要介護度が要介護2以上", child(care_certification=[care("要介護3", ago(9)), care("要介護1", ago(3))]), NOT),
    # equal starts: the later line is the newer
    ("要介護度が要介護2以上", child(care_certification=[care("要介護3", ago(9)), care("要介護1", ago(9))]), NOT),
    # an unknown start may be the newest; it says otherwise, so nobody knows
    ("要介護度が要介護2以上", child(care_certification=[care("要介護3", ago(9)), care("要介護1", None)]), UNKNOWN),
    ("要介護度が要介護2以上", child(care_certification=[care("要介護3", ago(9)), care("要介護4", None)]), MET),
    ("要介護度が要介護2以上", child(care_certification=[care("要介護4", None)]), UNKNOWN),
    ("要介護度が要介護2以上", child(care_certification=[care("非該当")]), NOT),  # a value that is on no step of the scale
    ("保育料の滞納が3か月以上", child(nursery=[{"entered_on": OLD, "fee_arrears_months": 3}]), MET),
    ("保育料の滞納が3か月以上", child(nursery=[{"entered_on": OLD, "fee_arrears_months": 2}]), NOT),
    ("保育料の滞納が3か月以上", child(nursery=[{"entered_on": OLD, "fee_arrears_months": None}]), UNKNOWN),
    ("学級区分が通級か特別支援である", child(enrolment=[AID]), MET),
    ("学級区分が特別支援である", child(enrolment=[AID]), NOT),
    ("学級区分が特別支援である", child(enrolment=[{**AID, "class_kind": None}]), UNKNOWN),
    ("学級区分が特別支援である", without("school_register"), UNKNOWN),
    # 有無
    ("就学援助を受けている", child(enrolment=[AID]), MET),
    ("就学援助を受けている", child(enrolment=[{**AID, "aid_kind": "なし"}]), NOT),
    ("就学援助を受けている", child(enrolment=[{**AID, "aid_kind": None}]), UNKNOWN),  # a blank filter cell
    ("就学援助を受けていない", child(enrolment=[{**AID, "aid_kind": None}]), UNKNOWN),
    ("就学援助を受けていない", child(), MET),
    ("就学援助を受けていない", without("school_register"), UNKNOWN),
    ("精神障害者保健福祉手帳を持っている", child(disability_certificate=[certificate("精神"), certificate(None)]), MET),
    ("精神障害者保健福祉手帳を持っている", child(disability_certificate=[certificate("身体"), certificate(None)]), UNKNOWN),
    # 続柄
    ("母がいない", household(Someone()), MET),
    ("母がいない", household(Someone(), mother()), NOT),
    ("生活保護を受給している母がいる", household(Someone()), NOT),  # no mother: 非該当, not 不明
    ("生活保護を受給している母がいる", household(Someone(), mother(uncovered=("public_assistance",))), UNKNOWN),
    ("年齢が6歳未満のきょうだいが2人以上いる", household(Someone(), sibling(3), sibling(5)), MET),
    ("年齢が6歳未満のきょうだいが2人以上いる", household(Someone(), sibling(3), sibling(None)), UNKNOWN),
    ("年齢が6歳未満のきょうだいが2人以上いる", household(Someone(), sibling(3), sibling(9)), NOT),
    ("年齢が6歳未満のきょうだいが1人以下である", household(Someone(), sibling(3), sibling(None)), UNKNOWN),
    ("年齢が6歳未満のきょうだいが1人以下である", household(Someone(), sibling(3), sibling(9)), MET),
    ("年齢が40歳以上かつ精神障害者保健福祉手帳を持っている世帯員がいる", household(Someone(), mother(records={"disability_certificate": [certificate("精神")]})), MET),
    ("年齢が50歳以上かつ精神障害者保健福祉手帳を持っている世帯員がいる", household(Someone(), mother(records={"disability_certificate": [certificate(None)]})), NOT),
    ("年齢が10歳以上の世帯員がいる", household(Someone(age=10)), NOT),  # the child itself is never meant
    ("母の年齢が40歳以上", household(Someone(), mother()), MET),
    # 出来事
    ("直近12か月に転入が2回以上ある", child(resident_move=[moved(10), moved(300)]), MET),
    ("直近12か月に転入が2回以上ある", child(resident_move=[moved(10), moved(370)]), NOT),
    ("直近12か月に転入が2回以上ある", child(resident_move=[moved(10), moved(20, None)]), UNKNOWN),
    ("直近12か月に転入が2回以上ある", child(resident_move=[moved(10), moved(None)]), UNKNOWN),  # its day is unknown
    ("直近12か月に転入が2回以上ある", child(resident_move=[moved(10), moved(20, "転居")]), NOT),
    ("直近12か月に転入がない", child(), MET),
    ("直近12か月に転入がない", without("residents"), UNKNOWN),
    ("直近12か月に転入がない", household(Someone(covered_from=ago(100))), UNKNOWN),  # lived elsewhere before
    ("直近90日に転入がない", household(Someone(covered_from=ago(89))), MET),  # the first day of the window is covered
    ("直近90日に転入がない", household(Someone(covered_from=ago(88))), UNKNOWN),
    ("これまでに転入がない", household(Someone(covered_from=ago(5))), MET),  # as far back as records go
    ("直近30日に転入がある", child(resident_move=[moved(29)]), MET),
    ("直近30日に転入がある", child(resident_move=[moved(30)]), NOT),  # the window is (day − 30, day]
    ("直近30日に転入がある", child(resident_move=[moved(-1)]), NOT),  # after the as-of day
    ("今年度に転入がある", child(resident_move=[{"moved_on": date(2026, 4, 1), "move_reason": "転入"}]), MET),
    ("今年度に転入がある", child(resident_move=[{"moved_on": date(2026, 3, 31), "move_reason": "転入"}]), NOT),
    ("前年度に転入がある", child(resident_move=[{"moved_on": date(2026, 3, 31), "move_reason": "転入"}]), MET),
    ("前年度に転入がある", child(resident_move=[{"moved_on": date(2026, 4, 1), "move_reason": "転入"}]), NOT),
    ("直近12か月に転入が1回以下である", child(resident_move=[moved(10), moved(20)]), NOT),
    ("直近12か月に転入が1回以下である", child(resident_move=[moved(10)]), MET),
    ("直近24か月に要対協の終結がある", child(council_case=[{"registered_on": OLD, "closed_on": None}]), NOT),
    # 世帯の記録
    ("直近6か月に水道料金の督促がある", household(Someone(), bills=[bill(AUG), bill(OCT, demanded_on=ago(9))]), MET),
    ("直近6か月に水道料金の督促がある", household(Someone(), bills=[bill(AUG), bill(OCT)]), NOT),
    ("直近6か月に水道料金の督促がある", household(Someone(), bills=[bill(OCT)]), UNKNOWN),  # the August bill is missing
    ("直近6か月に水道料金の督促がある", household(Someone()), UNKNOWN),  # no water account could be linked
    ("直近6か月に水道料金の未納が2回以上ある", household(Someone(), bills=[bill(AUG, paid_on=None), bill(OCT, paid_on=None)]), MET),
    ("直近6か月に水道料金の未納が2回以上ある", household(Someone(), bills=[bill(AUG, paid_on=None), bill(OCT)]), NOT),
    # 家族の出来事
    ("直近12か月に、年齢が18歳以上の世帯員に転入がある", household(Someone(), mother(records={"resident_move": [moved(9)]})), MET),
    ("直近12か月に、年齢が18歳以上の世帯員に転入がある", household(Someone(), sibling(3, records={"resident_move": [moved(9)]})), NOT),
    ("直近12か月に、年齢が18歳以上の世帯員に転入がある", household(Someone(), sibling(None, records={"resident_move": [moved(9)]})), UNKNOWN),
    ("直近12か月に、母に転入がない", household(Someone()), NOT),  # of *some* mother, and there is none
    # 量の合計
    ("直近3か月の欠席が10日以上", child(**months(m8=4, m9=3, m10=3)), MET),
    ("直近3か月の欠席が10日以上", child(**months(m8=4, m9=3, m10=2)), NOT),
    ("直近3か月の欠席が10日以上", child(**months(m7=30, m10=9)), NOT),
    ("直近3か月の欠席が10日以上", child(**months(m8=4, m9=None, m10=2)), UNKNOWN),
    ("直近3か月の欠席が10日以上", child(**months(m8=4, m9=None, m10=6)), MET),  # enough is enough
    ("直近3か月の欠席が10日以上", child(**months(m8=4, m10=2, skip_m9=1)), UNKNOWN),
    ("直近3か月の欠席が10日以上", child(), UNKNOWN),  # covered, but without a row for any month
    ("直近3か月の欠席が10日以上", without("school_attendance", **months(m10=2)), UNKNOWN),
    ("直近3か月の欠席が10日未満", child(**months(m8=4, m9=3, m10=2)), MET),
    ("直近3か月の欠席が10日未満", child(**months(m8=4, m9=3, m10=3)), NOT),
    ("直近3か月の欠席が9日以下", child(**months(m8=4, m10=2, skip_m9=1)), UNKNOWN),
    ("直近3か月の欠席が9日を超える", child(**months(m8=4, m9=3, m10=3)), MET),
    ("直近10日の欠席が1日以上", child(**months(m10=9)), UNKNOWN),  # no month ends in the window
    ("直近12か月の出生時体重が1g以上", child(birth=[{"delivered_on": None, "birth_weight_g": 900}]), UNKNOWN),
    ("きょうだいの直近3か月の欠席が10日以上", household(Someone(), sibling(12, records=months(m9=10))), MET),
    # 前年との比
    ("直近3か月の欠席が前年の同じ期間の2倍以上", child(**months(p9=2, m9=4)), MET),
    ("直近3か月の欠席が前年の同じ期間の2倍以上", child(**months(p9=2, m9=3)), NOT),
    ("直近3か月の欠席が前年の同じ期間の2倍以上", child(**months()), NOT),  # twice nothing is not an increase
    ("直近3か月の欠席が前年の同じ期間の2倍以上", child(**months(m9=1)), MET),
    ("直近3か月の欠席が前年の同じ期間の2倍以上", child(**months(m9=9, skip_p9=1)), UNKNOWN),
    ("直近3か月の欠席が前年の同じ期間の2倍以上", child(**months(p9=2, m9=9, m10=None)), UNKNOWN),
    # 最新
    ("最新のEPDSの合計点が9点以上", child(epds=[{"epds_on": ago(9), "epds_total": 9}, {"epds_on": ago(90), "epds_total": 3}]), MET),
    ("最新のEPDSの合計点が9点以上", child(epds=[{"epds_on": ago(9), "epds_total": 3}, {"epds_on": ago(90), "epds_total": 9}]), NOT),
    ("最新のEPDSの合計点が9点以上", child(epds=[{"epds_on": ago(9), "epds_total": None}, {"epds_on": ago(90), "epds_total": 9}]), UNKNOWN),
    ("最新のEPDSの合計点が9点以上", child(), NOT),
    ("最新のEPDSの合計点が9点以上", without("maternal_health"), UNKNOWN),
    ("最新のEPDSの合計点が9点以上", household(Someone(covered_from=ago(1))), NOT),
    ("直近30日で最新のEPDSの合計点が9点以上", child(epds=[{"epds_on": ago(40), "epds_total": 12}]), NOT),
    ("直近30日で最新のEPDSの合計点が9点以上", household(Someone(covered_from=ago(9))), UNKNOWN),
    ("母の最新のEPDSの合計点が9点以上", household(Someone(), mother(records={"epds": [{"epds_on": ago(9), "epds_total": 12}]})), MET),
    ("最新の3歳児健診の判定が要観察か要精検である", child(health_check=[check(ago(99), ago(90), "要精検")]), MET),
    ("最新の3歳児健診の判定が要観察か要精検である", child(health_check=[check(ago(99), ago(90))]), NOT),
    ("最新の3歳児健診の判定が要観察か要精検である", child(health_check=[check(ago(99), ago(90), None)]), UNKNOWN),
    ("最新の3歳児健診の判定が要観察か要精検である", child(health_check=[check(ago(99), ago(90), "要精検", kind="1歳6か月児健診")]), NOT),
    ("最新の3歳児健診の判定が要観察か要精検である", child(health_check=[check(ago(99), None, "要精検")]), NOT),  # not taken
    # 期限のある記録
    ("3歳児健診が期限を90日過ぎても済んでいない", child(health_check=[check(ago(90), None)]), MET),
    ("3歳児健診が期限を90日過ぎても済んでいない", child(health_check=[check(ago(89), None)]), NOT),
    ("3歳児健診が期限を過ぎても済んでいない", child(health_check=[check(ago(0), None)]), NOT),  # due today
    ("3歳児健診が期限を過ぎても済んでいない", child(health_check=[check(ago(90), ago(5))]), NOT),
    ("3歳児健診が期限を過ぎても済んでいない", child(health_check=[check(ago(90), ago(-5))]), MET),  # a day still to come
    ("3歳児健診が期限を過ぎても済んでいない", child(health_check=[check(ago(90), None), check(ago(50), ago(45))]), NOT),
    ("3歳児健診が期限を過ぎても済んでいない", child(), UNKNOWN),  # no due row
    ("3歳児健診が期限を過ぎても済んでいない", child(health_check=[check(None, None)]), UNKNOWN),
    ("3歳児健診が期限を過ぎても済んでいない", child(health_check=[check(ago(90), None, kind=None)]), UNKNOWN),
    ("3歳児健診が期限を過ぎても済んでいない", child(health_check=[check(ago(90), None), check(ago(90), ago(80), kind=None)]), UNKNOWN),
    ("3歳児健診が済んでいる", child(health_check=[check(ago(90), ago(5))]), MET),
    ("3歳児健診が済んでいる", child(health_check=[check(ago(90), None)]), NOT),
    ("3歳児健診が済んでいる", child(), UNKNOWN),
    # 不詳: written, but not what; a blank day says that nothing happened, an unknown one never does
    *(
        (sentence, child(health_check=[{**check(ago(90), None), "taken_on": taken}, *others]), truth)
        for sentence, taken, others, truth in (
            ("3歳児健診が期限を過ぎても済んでいない", None, [], MET),
            ("3歳児健診が期限を過ぎても済んでいない", UNCLEAR, [], UNKNOWN),
            ("3歳児健診が期限を過ぎても済んでいない", UNCLEAR, [check(ago(80), ago(5))], NOT),
            ("3歳児健診が期限を過ぎても済んでいない", UNCLEAR, [check(ago(80), None)], UNKNOWN),  # the one may be the other
            ("3歳児健診が期限を100日過ぎても済んでいない", UNCLEAR, [], NOT),  # not due so long
            ("3歳児健診が済んでいる", UNCLEAR, [], UNKNOWN),
            ("3歳児健診が済んでいる", UNCLEAR, [check(ago(80), ago(5))], MET),
        )
    ),
    ("3歳児健診が期限を過ぎても済んでいない", child(health_check=[{**check(None, None), "due_on": UNCLEAR}]), UNKNOWN),
    ("3歳児健診が済んでいる", child(health_check=[{**check(None, ago(5)), "due_on": UNCLEAR}]), MET),
    ("最新の3歳児健診の判定が要観察か要精検である", child(health_check=[{**check(ago(99), None, "要精検"), "taken_on": UNCLEAR}]), UNKNOWN),
    ("最新の3歳児健診の判定が要観察か要精検である", child(health_check=[{**check(ago(99), None, UNCLEAR), "taken_on": ago(90)}]), UNKNOWN),
    ("直近6か月に水道料金の未納が2回以上ある", household(Someone(), bills=[bill(AUG, paid_on=None), bill(OCT, paid_on=UNCLEAR)]), UNKNOWN),
    ("直近6か月に水道料金の未納がない", household(Someone(), bills=[bill(AUG), bill(OCT, paid_on=UNCLEAR)]), UNKNOWN),
    ("直近6か月に水道料金の未納がない", household(Someone(), bills=[bill(AUG), bill(OCT)]), MET),
    ("直近6か月に水道料金の督促がある", household(Someone(), bills=[bill(AUG), bill(OCT, demanded_on=UNCLEAR)]), UNKNOWN),
    ("直近6か月に水道料金の督促がない", household(Someone(), bills=[bill(AUG), bill(OCT, demanded_on=UNCLEAR)]), UNKNOWN),
    ("直近6か月に水道料金の督促がある", household(Someone(), bills=[bill(AUG, demanded_on=ago(50)), bill(OCT, demanded_on=UNCLEAR)]), MET),
    ("直近6か月に給水停止がない", household(Someone(), bills=[bill(AUG), bill(OCT, stopped_on=UNCLEAR)]), UNKNOWN),
    ("これまでに生活保護の廃止がある", child(public_assistance=[{"assistance_from": OLD, "assistance_ended_on": UNCLEAR}]), UNKNOWN),
    ("これまでに生活保護の廃止がある", child(public_assistance=[{"assistance_from": OLD, "assistance_ended_on": None}]), NOT),
    ("直近12か月に転入がない", child(resident_move=[{"moved_on": UNCLEAR, "move_reason": "転入"}]), UNKNOWN),
    ("直近12か月に転入がある", child(resident_move=[{"moved_on": UNCLEAR, "move_reason": "転入"}]), UNKNOWN),  # any day
    ("直近12か月に転入がない", child(resident_move=[{"moved_on": UNCLEAR, "move_reason": "転居"}]), MET),  # none at all
    ("直近12か月に転入がない", child(resident_move=[{"moved_on": ago(9), "move_reason": UNCLEAR}]), UNKNOWN),
    ("直近12か月の出生時体重が1000g未満", child(birth=[{"delivered_on": UNCLEAR, "birth_weight_g": 900}]), UNKNOWN),
    ("直近3か月の欠席が10日以上", child(**months(m8=4, m9=UNCLEAR, m10=2)), UNKNOWN),  # type: ignore[arg-type]
    ("要介護度が要介護2以上", child(care_certification=[care("要介護5", end=UNCLEAR)]), UNKNOWN),  # does it still hold?
    ("要介護度が要介護2以上", child(care_certification=[care("要介護1", end=UNCLEAR)]), NOT),  # no, whether it holds or not
    ("要介護度が要介護2以上", child(care_certification=[care("要介護5", ago(-1), UNCLEAR)]), NOT),  # not yet valid
    ("要介護度が要介護2以上", child(care_certification=[care("要介護1", ago(9)), care("要介護5", ago(3), UNCLEAR)]), UNKNOWN),
    ("要介護度が要介護2以上", child(care_certification=[care("要介護1", ago(3)), care("要介護5", ago(9), UNCLEAR)]), NOT),
    ("要介護度が要介護2以上", child(care_certification=[care("要介護4", UNCLEAR)]), UNKNOWN),
    ("要介護度が要介護2以上", child(care_certification=[care(UNCLEAR)]), UNKNOWN),
    ("保育施設を利用している", child(nursery=[{"entered_on": OLD, "left_on": UNCLEAR}]), UNKNOWN),
    ("保育施設を利用していない", child(nursery=[{"entered_on": OLD, "left_on": UNCLEAR}]), UNKNOWN),
    ("保育施設を利用している", child(nursery=[{"entered_on": OLD, "left_on": None}]), MET),
    ("就学援助を受けていない", child(enrolment=[{**AID, "aid_kind": UNCLEAR}]), UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("text", "of", "expected"), TABLE, ids=[f"{n}-{text}" for n, (text, _, _) in enumerate(TABLE)])
def test_the_reference_interpreter_gives_the_meaning(text: str, of: Household, expected: Truth) -> None:
    """Each row of the table holds for the interpreter that defines the language."""
    assert judge_sentence(parse_sentence(text, VOCABULARY), of, VOCABULARY).truth is expected


def test_the_sql_gives_the_same_meaning() -> None:
    """Each row of the table holds for the evaluation of everybody, too."""
    texts = list(dict.fromkeys(text for text, _, _ in TABLE))
    plan = Plan(AS_OF, VOCABULARY, tuple(parse_sentence(text, VOCABULARY) for text in texts), ())
    moved_apart = [_with_own_keys(of, n) for n, (_, of, _) in enumerate(TABLE)]
    with snapshot_of(moved_apart, VOCABULARY) as snapshot:
        answers = {row["child_key"]: row for row in evaluate_all(snapshot, plan).to_pylist()}
    wrong = [
        (text, n, expected, answers[f"P0-{n}"][f"c{texts.index(text) + 1}"])
        for n, (text, _, expected) in enumerate(TABLE)
        if answers[f"P0-{n}"][f"c{texts.index(text) + 1}"] is not expected.value
    ]
    assert not wrong


def _with_own_keys(of: Household, n: int) -> Household:
    def person(who: Person) -> Person:
        return replace(who, key=f"{who.key}-{n}")

    members = tuple(person(member) for member in of.members)
    return replace(of, key=f"{of.key}-{n}", child=person(of.child), members=members)
