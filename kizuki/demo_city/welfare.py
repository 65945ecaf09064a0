"""03 生活保護, 04 障害, 05 児童手当・児童扶養手当, 06 保育, 11 介護保険: support as the sections hold it.

Support follows need and contact: a family that the services do not know claims less of what it could.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import STAYS, City
from kizuki.demo_city.days import (
    NEVER,
    ages,
    compact,
    day_number,
    day_texts,
    era_digits,
    era_letter,
    era_long,
    full_width,

    slashed_padded,
)
from kizuki.demo_city.randomness import Bools, Floats, Ints, chance, happens, padded, pick, stream, text_of, words
from kizuki.demo_city.writing import Columns, Sheet, Week, blank_some, spoil

Source = Callable[[Week], Sheet | None]
_NURSERIES = ("あおぞら保育園", "ひまわり保育園", "すみれこども園", "わかば保育所", "みなみこども園", "つくし保育園", "東雲幼稚園", "汐見こども園", "恵泉保育園", "浜風こども園",
              "もりのこ保育園", "緑ケ丘幼稚園", "めぐみこども園", "ふたば保育園")
_BAD_DAYS = ("令和8年13月40日", "99999999", "20261399", "R8.2.31")


def assistance_households(city: City, state: Circumstances) -> tuple[Bools, Ints, Ints]:
    """Households on public assistance now or lately: which, from when, and until when (NEVER: still)."""
    rng = stream(city.seed, "assistance")
    total = len(city.household_kind)
    family = city.household_kind < hh.FAMILY_KIND_COUNT
    alone = np.isin(city.household_kind, [hh.KIND["elder_alone"], hh.KIND["adult_alone"]])
    score = -6.0 + 1.55 * state.economy + 0.4 * state.parental_health + 0.25 * state.contact + 0.8 * alone - 0.25 * family
    ever = happens(rng, chance(score))
    begin = city.last_day - rng.exponential(1500, total).astype(np.int64) - 5
    begin = np.maximum(begin, np.maximum(city.household_arrived + 30, day_number(date(2016, 4, 1))))
    ended = happens(rng, 0.24, total)
    end = np.where(ended, np.minimum(begin + 120 + rng.exponential(700, total).astype(np.int64), NEVER), NEVER)
    return ever & (begin < city.last_day), begin, np.where(end < city.household_left, end, NEVER)


def assistance_source(city: City, state: Circumstances) -> Source:
    """The monthly export 03_assistance: one row for each member of a household on assistance."""
    rng = stream(city.seed, "assistance rows")
    ever, begin, end = assistance_households(city, state)
    total = len(ever)
    suspended = np.where(happens(rng, 0.09, total), city.last_day - rng.integers(0, 500, total), NEVER)
    suspended = np.where(suspended > begin + 60, suspended, NEVER)
    resumed = np.where(happens(rng, 0.45, total), suspended + rng.integers(25, 120, total), NEVER)
    person = np.flatnonzero(ever[city.household] & (city.left > begin[city.household]))
    house = city.household[person]
    case = padded(rng.permutation(total) + 1, 6)
    first = np.concatenate([[True], house[1:] != house[:-1]]) if len(house) else np.zeros(0, np.bool_)
    starts = np.flatnonzero(first)
    member = np.arange(len(house)) - np.repeat(starts, np.diff(np.concatenate([starts, [len(house)]]))) + 1 if len(house) else house
    age = ages(city.birth[person], city.last_day)
    sick = happens(rng, chance(-0.2 + 0.9 * state.parental_health[house]) * (age >= 18) + 0.25 * (age < 18))
    flags = {
        "生活扶助フラグ": happens(rng, 0.9, total)[house], "住宅扶助フラグ": (city.household_rented & happens(rng, 0.92, total))[house],
        "教育扶助フラグ": (age >= 6) & (age < 15), "医療扶助フラグ": sick, "出産扶助フラグ": happens(rng, 0.003, len(person)),
        "生業扶助フラグ": (age >= 15) & (age < 18) & happens(rng, 0.6, len(person)), "葬祭扶助フラグ": np.zeros(len(person), np.bool_),
    }
    numbers = padded(city.number, 10)[person]
    start_text = spoil(rng, day_texts(begin[house], era_letter), _BAD_DAYS, 0.001)
    form = np.where(sick, "2", "1").astype(object)
    names = ("ケース番号", "員番号", "宛名番号", "生活保護開始年月日", "停止年月日", "停止解除年月日", "廃止年月日", "単併給区分", *flags)
    flag_cells = {name: np.where(flag, "1", "0").astype(object) for name, flag in flags.items()}

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        k = np.flatnonzero(begin[house] <= week.day)
        stop = week.seen(suspended)
        columns = Columns(names)
        columns.add({
            "ケース番号": case[house[k]], "員番号": padded(member[k], 2), "宛名番号": numbers[k], "生活保護開始年月日": start_text[k],
            "停止年月日": day_texts(stop[house[k]], era_letter), "停止解除年月日": day_texts(week.seen(resumed)[house[k]], era_letter),
            "廃止年月日": day_texts(week.seen(end)[house[k]], era_letter), "単併給区分": form[k], **{n: c[k] for n, c in flag_cells.items()},
        }, len(k))
        header = ["保護開始年月日" if n == "生活保護開始年月日" and week.number > 1 else n for n in names]
        return Sheet("03_assistance", "cp932", header, columns.rows())

    return sheet


def disability_source(city: City, state: Circumstances) -> Source:
    """The monthly export 04_disability: certificates, and services decided for a person."""
    rng = stream(city.seed, "disability")
    house = city.household
    age = ages(city.birth, city.last_day)
    known = happens(rng, chance(2.0 + 0.9 * state.contact[house]))
    parts: list[tuple[Ints, str]] = []
    for kind, holds in (("1", state.physical), ("2", state.intellectual), ("3", state.mental)):
        parts.append((np.flatnonzero(holds & (known | (kind == "1"))), kind))
    person = np.concatenate([p for p, _ in parts])
    kind = np.concatenate([np.full(len(p), k, dtype=object) for p, k in parts])
    n = len(person)
    tables = {"1": ("01", "02", "03", "04", "05", "06"), "2": ("11", "12", "13"), "3": ("21", "22", "23")}
    weights = {"1": (0.3, 0.15, 0.15, 0.24, 0.08, 0.08), "2": (0.35, 0.3, 0.35), "3": (0.12, 0.58, 0.3)}
    grade = np.empty(n, dtype=object)
    for code, table in tables.items():
        grade[kind == code] = words(table, pick(rng, weights[code], int((kind == code).sum())))
    span = np.minimum(4000, np.maximum(city.last_day - city.birth[person] - 200, 1))
    issued = city.last_day - (rng.random(n) * span).astype(np.int64)
    returned = np.where(happens(rng, 0.02, n), issued + rng.integers(100, 2000, n), NEVER)
    returned = np.where(city.exit_kind[person] != STAYS, city.left[person], returned)
    paper = np.empty(n, dtype=object)
    paper[:] = [f"第{number}号" for number in rng.integers(1000, 99999, n).tolist()]

    # Day support goes to children whom somebody has brought to it, with or without a certificate.
    child = age < 18
    wanted = chance(-4.1 + 1.45 * state.development + 0.55 * state.contact[house]) * (child & (age >= 2))
    day_child = np.flatnonzero(happens(rng, wanted))
    kind_of_day = np.where(age[day_child] < 6, np.where(happens(rng, 0.85, len(day_child)), 6, 8), 7)
    adult = np.flatnonzero((state.physical | state.intellectual | state.mental) & known & (age >= 18) & (age < 75))
    serves = happens(rng, chance(-0.7 + 0.6 * state.contact[city.household[adult]]))
    adult = adult[serves]
    kind_of_adult = pick(rng, (0.34, 0.03, 0.08, 0.15, 0.3, 0.1), len(adult))
    who = np.concatenate([day_child, adult])
    service = words(("居宅介護", "重度訪問介護", "短期入所", "生活介護", "就労継続支援", "共同生活援助", "児童発達支援", "放課後等デイサービス", "保育所等訪問支援"),
                    np.concatenate([kind_of_day, kind_of_adult]))
    m = len(who)
    begin = city.last_day - rng.integers(1, 900, m)
    begin = np.maximum(begin, city.birth[who] + 500)
    finish = begin + np.where(happens(rng, 0.88, m), 1096, 365)
    receipt = padded(rng.integers(1, 10**9, m), 10)
    numbers = padded(city.number, 10)
    issued_text = spoil(rng, day_texts(issued, era_long), ("年月日不詳", "平成元年0月0日", *_BAD_DAYS), 0.003)
    names = ("宛名番号", "手帳区分", "手帳番号", "総合等級コード", "判定", "資格状態コード", "初回交付日", "返還日", "サービス種別", "受給者証番号", "支給決定期間_開始", "支給決定期間_終了")
    note = np.where(kind == "2", "判定書あり", "").astype(object)

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        k = np.flatnonzero(issued <= week.day)
        back = week.seen(returned[k])
        columns = Columns(names)
        columns.add({
            "宛名番号": numbers[person[k]], "手帳区分": kind[k], "手帳番号": paper[k], "総合等級コード": grade[k], "判定": note[k],
            "資格状態コード": np.where(back < NEVER, "2", "1").astype(object), "初回交付日": issued_text[k], "返還日": day_texts(back, era_long),
        }, len(k))
        j = np.flatnonzero((begin <= week.day) & (city.left[who] > week.day))
        columns.add({
            "宛名番号": numbers[who[j]], "サービス種別": service[j], "受給者証番号": receipt[j], "支給決定期間_開始": day_texts(begin[j], era_long),
            "支給決定期間_終了": day_texts(finish[j], era_long),
        }, len(j))
        header = ["初回交付年月日" if n == "初回交付日" and week.number == 1 else n for n in names]
        rows = columns.rows()
        return Sheet("04_disability", "cp932", header, rows, (",".join(["合計", str(len(rows)), *[""] * (len(names) - 2)]),))

    return sheet


def allowance_source(city: City, state: Circumstances) -> Source:
    """The monthly export 05_allowance: 児童手当 for nearly every child, 児童扶養手当 where a single parent claims it."""
    rng = stream(city.seed, "allowance")
    child = np.flatnonzero((city.role == hh.CHILD) & (city.last_day - city.birth < 18 * 366))
    house = city.household[child]
    contact, economy = state.contact, state.economy
    parent = np.where(city.father[child] >= 0, city.father[child], city.mother[child])
    head = np.full(len(city.household_kind), -1, dtype=np.int64)
    heads = np.flatnonzero(city.relation == 0)
    head[city.household[heads]] = heads
    fled = (city.mother[child] >= 0) & (city.household[np.maximum(city.mother[child], 0)] != house)
    parent = np.where((parent >= 0) & ~fled, parent, np.where(city.father[child] >= 0, city.father[child], head[house]))
    claims = happens(rng, chance(4.6 + 0.9 * contact - 0.3 * economy))[house]
    begin = np.maximum(np.maximum(city.birth[child], city.arrived[child]), day_number(date(2018, 4, 1)))
    # The claim is made some days later; unknown families take longer.
    delay = rng.integers(3, 25, len(child)) + np.where(contact[house] < -1, rng.integers(0, 90, len(child)), 0)
    begin = begin + delay

    single = city.household_single[house]
    eligible = single & (economy[house] > -0.15 + 0.25 * rng.normal(size=len(city.household_kind))[house])
    rearing = happens(rng, chance(1.9 + 1.1 * contact))[house] & eligible
    full = economy[house] > 0.95
    lost = np.where(happens(rng, 0.05, len(city.household_kind)), city.last_day - rng.integers(5, 700, len(city.household_kind)), NEVER)[house]
    lost_why = words(("婚姻", "所得超過", "現況届未提出"), pick(rng, (0.35, 0.3, 0.35), len(city.household_kind)))[house]
    certified = np.maximum(city.birth[child] + 60, city.last_day - (rng.exponential(1200, len(city.household_kind)).astype(np.int64) + 10)[house])
    certified = np.maximum(np.maximum(certified, day_number(date(2018, 4, 1))), city.arrived[child] + 20)
    lost = np.where(lost > certified + 200, lost, NEVER)
    reports = happens(rng, chance(1.7 + 0.8 * contact - 0.35 * economy - 0.3 * state.parental_health))[house]
    report_day = day_number(date(2026, 8, 3)) + (city.last_day - day_number(date(2026, 11, 20))) + rng.integers(0, 55, len(city.household_kind))[house]
    report_before = report_day - 365 + rng.integers(-5, 6, len(child))
    paper = padded(rng.permutation(len(city.household_kind)) + 10_000, 8)
    numbers = padded(city.number, 10)
    # A few recipients moved away and left the row behind; others have a blank recipient.
    recipient = blank_some(rng, np.where(parent >= 0, numbers[np.maximum(parent, 0)], ""), 0.002)
    child_number = spoil(rng, numbers[child], ("00000ABC12", "不明"), 0.0008)
    names = ("手当種別", "証書番号", "受給者宛名番号", "児童宛名番号", "支給区分", "認定年月日", "喪失年月日", "喪失事由", "現況届提出日")

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        columns = Columns(names)
        k = np.flatnonzero(claims & (begin <= week.day) & (city.left[child] > begin))
        gone = week.seen(city.left[child[k]])
        columns.add({
            "手当種別": np.full(len(k), "1", dtype=object), "証書番号": paper[house[k]], "受給者宛名番号": recipient[k], "児童宛名番号": child_number[k],
            "支給区分": np.full(len(k), "1", dtype=object), "認定年月日": day_texts(begin[k], era_digits), "喪失年月日": day_texts(gone, era_digits),
            "喪失事由": np.where(gone < NEVER, "転出", "").astype(object),
        }, len(k))
        k = np.flatnonzero(rearing & (certified <= week.day) & (city.left[child] > certified))
        moved = week.seen(city.left[child[k]])
        ended = np.minimum(week.seen(lost[k]), moved)
        reported = np.where(reports[k] & (report_day[k] <= week.day) & (certified[k] < report_day[k]), report_day[k], report_before[k])
        reported = np.where(reported > certified[k], reported, NEVER)
        stopped = ~reports[k] & (certified[k] < report_day[k]) & (state.isolation[house[k]] > 0.8)
        columns.add({
            "手当種別": np.full(len(k), "2", dtype=object), "証書番号": paper[house[k]], "受給者宛名番号": recipient[k], "児童宛名番号": child_number[k],
            "支給区分": np.where(stopped, "停止", np.where(full[k], "全部", "一部")).astype(object), "認定年月日": day_texts(certified[k], era_digits),
            "喪失年月日": day_texts(ended, era_digits),
            "喪失事由": np.where(ended >= NEVER, "", np.where(moved <= lost[k], "転出", lost_why[k])).astype(object),
            "現況届提出日": day_texts(reported, era_digits),
        }, len(k))
        return Sheet("05_allowance", "cp932", names, columns.rows())

    return sheet


def nursery_source(city: City, state: Circumstances) -> Source:
    """The monthly export 06_nursery: present and earlier places since 2019."""
    rng = stream(city.seed, "nursery")
    child = np.flatnonzero((city.role == hh.CHILD) & (city.last_day - city.birth < 13 * 366))
    house = city.household[child]
    n = len(child)
    begin_age = np.where(happens(rng, 0.5, n), rng.integers(300, 1000, n), rng.integers(1000, 1500, n))
    enters = happens(rng, chance(3.0 + 0.8 * state.contact[house] - 0.25 * state.parental_health[house]))
    enter = city.birth[child] + begin_age
    # Most enter on 1 April; then the day is pulled to the next one.
    year = (enter.astype("datetime64[D]").astype("datetime64[Y]")).astype("datetime64[M]") + np.timedelta64(15, "M")
    april = year.astype("datetime64[D]").astype(np.int64)
    enter = np.where(happens(rng, 0.75, n), np.minimum(april, city.birth[child] + 1700), enter)
    enter = np.maximum(np.maximum(enter, city.arrived[child] + 15), day_number(date(2019, 4, 1)))
    school = _school_start(city.birth[child])
    drops = happens(rng, chance(-3.7 + 0.6 * state.conflict[house] + 0.5 * state.economy[house] - 0.5 * state.contact[house]))
    leave = np.where(drops, np.minimum(enter + rng.integers(60, 900, n), school), school)
    leave = np.minimum(leave, city.left[child])
    half_way = (city.birth[child] % 7 == 0) & drops
    leave = np.where(half_way, np.minimum(city.last_day - rng.integers(0, 120, n), school), leave)
    keep = enters & (enter < leave - 20)
    grade_kind = np.where(begin_age > 1000, np.where(happens(rng, 0.35, n), 1, 2), 3)
    arrears = _arrears(rng, state.economy + 0.3 * state.parental_health, city)[house]
    extra = happens(rng, chance(-3.4 + 1.25 * state.development[child] + 0.35 * state.contact[house]))
    numbers = padded(city.number, 10)
    facility = words(_NURSERIES, rng.integers(0, len(_NURSERIES), len(city.household_kind))[house])
    facility = np.where(happens(rng, 0.01, n), np.array([t + "　" for t in facility.tolist()], dtype=object), facility)
    arrears_text = spoil(rng, text_of(np.where(grade_kind == 3, arrears, arrears // 2)), ("-", "999", ""), 0.002)
    wide = happens(rng, 0.01, n)
    arrears_text[wide] = np.array([full_width(t) for t in arrears_text[wide].tolist()], dtype=object)
    names = ("宛名番号", "認定区分", "施設名", "入所日", "退所日", "保育料滞納月数", "加配有無")

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        k = np.flatnonzero(keep & (enter <= week.day))
        left = week.seen(leave[k])
        columns = Columns(names)
        kinds = np.where((grade_kind[k] == 3) & (week.day - city.birth[child[k]] > 1100), 2, grade_kind[k])
        columns.add({
            "宛名番号": numbers[child[k]], "認定区分": words(("", "1号", "2号", "3号"), kinds), "施設名": facility[k],
            "入所日": day_texts(enter[k], slashed_padded), "退所日": day_texts(left, slashed_padded), "保育料滞納月数": arrears_text[k],
            "加配有無": np.where(extra[k], "有", "無").astype(object),
        }, len(k))
        header = ["児童宛名番号" if n == "宛名番号" and week.number > 1 else n for n in names]
        return Sheet("06_nursery", "utf-8-sig", header, columns.rows())

    return sheet


def _school_start(birth: Ints) -> Ints:
    """1 April of the year in which a child starts school."""
    shifted = (birth - 1).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    fiscal = (shifted - 3) // 12
    return np.asarray(((fiscal + 7) * 12 + 3).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def _arrears(rng: np.random.Generator, score: Floats, city: City) -> Ints:
    """Months in arrears per household: none for most."""
    total = len(city.household_kind)
    owes = happens(rng, chance(-4.3 + 1.25 * score))
    return np.where(owes, 1 + rng.poisson(2.2, total), 0).astype(np.int64)


def care_source(city: City, state: Circumstances) -> Source:
    """The monthly export 11_care: certifications of need for care, present and earlier, with whether services are used."""
    rng = stream(city.seed, "care")
    needs = np.flatnonzero(state.needs_care > 0)
    house = city.household[needs]
    # Need that nobody has applied for stays unrecorded, most of all in families that keep to themselves.
    applied = happens(rng, chance(2.6 + 0.9 * state.contact[house]))
    needs = needs[applied]
    house = city.household[needs]
    n = len(needs)
    begin = city.last_day - rng.integers(1, 700, n)
    end = begin + np.where(happens(rng, 0.5, n), 365, 730)
    end = np.where(end < city.last_day - 30, begin + 1096, end)
    earlier = happens(rng, 0.6, n)
    level = state.needs_care[needs]
    codes = ("01", "12", "13", "21", "22", "23", "24", "25")
    used = happens(rng, chance(1.7 + 0.9 * state.contact[house] - 0.3 * state.economy[house]))
    person = np.concatenate([needs, needs[earlier]])
    starts = np.concatenate([begin, begin[earlier] - rng.integers(365, 1000, int(earlier.sum()))])
    ends = np.concatenate([end, begin[earlier] - 1])
    levels = np.concatenate([level, np.maximum(level[earlier] - rng.integers(0, 3, int(earlier.sum())), 0)])
    uses = np.concatenate([used, happens(rng, 0.7, int(earlier.sum()))])
    order = np.lexsort((starts, person))
    person, starts, ends, levels, uses = person[order], starts[order], ends[order], levels[order], uses[order]
    start_text = spoil(rng, day_texts(starts, compact), ("20260231", "00000000", "令和3年春"), 0.0012)
    numbers = padded(city.number, 10)
    names = ("宛名番号", "要介護状態区分", "認定開始日", "認定終了日", "サービス利用有無")

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        k = np.flatnonzero(starts <= week.day)
        columns = Columns(names)
        columns.add({
            "宛名番号": numbers[person[k]], "要介護状態区分": words(codes, levels[k]), "認定開始日": start_text[k],
            "認定終了日": day_texts(ends[k], compact), "サービス利用有無": np.where(uses[k], "1", "0").astype(object),
        }, len(k))
        header = ["被保険者宛名番号" if n == "宛名番号" else "要介護度" if n == "要介護状態区分" and week.number > 1 else n for n in names]
        return Sheet("11_care", "cp932", header, columns.rows())

    return sheet


