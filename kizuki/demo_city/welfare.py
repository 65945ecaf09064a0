"""03 生活保護 and 04 障害: support as the sections hold it.

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
    day_number,
    day_texts,
    era_letter,
    era_long,
)
from kizuki.demo_city.randomness import Bools, Ints, chance, happens, padded, pick, stream, words
from kizuki.demo_city.writing import Columns, Sheet, Week, spoil

Source = Callable[[Week], Sheet | None]
_BAD_DAYS = ("令和8年13月40日", "99999999", "20261399", "R8.2.31")


def assistance_households(city: City, state: Circumstances) -> tuple[Bools, Ints, Ints]:
    """Households on public assistance now or lately: which, from when, and until when (NEVER: still)."""
    rng = stream(city.seed, "assistance")
    total = len(city.household_kind)
    family = city.household_kind < hh.FAMILY_KIND_COUNT
    alone = np.isin(city.household_kind, [hh.KIND["elder_alone"], hh.KIND["adult_alone"]])
    score = (
        -5.9 + 1.55 * state.economy + 0.4 * state.parental_health + 0.25 * state.contact + 0.8 * alone + 0.15 * family
    )
    ever = happens(rng, chance(score))
    begin = city.last_day - rng.exponential(1500, total).astype(np.int64) - 5
    begin = np.maximum(begin, np.maximum(city.household_arrived + 30, day_number(date(2016, 4, 1))))
    ended = happens(rng, np.where(family, 0.36, 0.22))
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
    member = (
        np.arange(len(house)) - np.repeat(starts, np.diff(np.concatenate([starts, [len(house)]]))) + 1
        if len(house)
        else house
    )
    age = ages(city.birth[person], city.last_day)
    sick = happens(rng, chance(-0.2 + 0.9 * state.parental_health[house]) * (age >= 18) + 0.25 * (age < 18))
    flags = {
        "生活扶助フラグ": happens(rng, 0.9, total)[house],
        "住宅扶助フラグ": (city.household_rented & happens(rng, 0.92, total))[house],
        "教育扶助フラグ": (age >= 6) & (age < 15),
        "医療扶助フラグ": sick,
        "出産扶助フラグ": happens(rng, 0.003, len(person)),
        "生業扶助フラグ": (age >= 15) & (age < 18) & happens(rng, 0.6, len(person)),
        "葬祭扶助フラグ": np.zeros(len(person), np.bool_),
    }
    numbers = padded(city.number, 10)[person]
    start_text = spoil(rng, day_texts(begin[house], era_letter), _BAD_DAYS, 0.001)
    form = np.where(sick, "2", "1").astype(object)
    names = (
        "ケース番号",
        "員番号",
        "宛名番号",
        "生活保護開始年月日",
        "停止年月日",
        "停止解除年月日",
        "廃止年月日",
        "単併給区分",
        *flags,
    )
    flag_cells = {name: np.where(flag, "1", "0").astype(object) for name, flag in flags.items()}

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        k = np.flatnonzero(begin[house] <= week.day)
        stop = week.seen(suspended)
        columns = Columns(names)
        columns.add(
            {
                "ケース番号": case[house[k]],
                "員番号": padded(member[k], 2),
                "宛名番号": numbers[k],
                "生活保護開始年月日": start_text[k],
                "停止年月日": day_texts(stop[house[k]], era_letter),
                "停止解除年月日": day_texts(week.seen(resumed)[house[k]], era_letter),
                "廃止年月日": day_texts(week.seen(end)[house[k]], era_letter),
                "単併給区分": form[k],
                **{n: c[k] for n, c in flag_cells.items()},
            },
            len(k),
        )
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
    for which, holds in (("1", state.physical), ("2", state.intellectual), ("3", state.mental)):
        parts.append((np.flatnonzero(holds & (known | (which == "1"))), which))
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
    service = words(
        (
            "居宅介護",
            "重度訪問介護",
            "短期入所",
            "生活介護",
            "就労継続支援",
            "共同生活援助",
            "児童発達支援",
            "放課後等デイサービス",
            "保育所等訪問支援",
        ),
        np.concatenate([kind_of_day, kind_of_adult]),
    )
    m = len(who)
    begin = city.last_day - rng.integers(1, 900, m)
    begin = np.maximum(begin, city.birth[who] + 500)
    finish = begin + np.where(happens(rng, 0.88, m), 1096, 365)
    receipt = padded(rng.integers(1, 10**9, m), 10)
    numbers = padded(city.number, 10)
    issued_text = spoil(rng, day_texts(issued, era_long), ("年月日不詳", "平成元年0月0日", *_BAD_DAYS), 0.003)
    names = (
        "宛名番号",
        "手帳区分",
        "手帳番号",
        "総合等級コード",
        "判定",
        "資格状態コード",
        "初回交付日",
        "返還日",
        "サービス種別",
        "受給者証番号",
        "支給決定期間_開始",
        "支給決定期間_終了",
    )
    note = np.where(kind == "2", "判定書あり", "").astype(object)

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        k = np.flatnonzero(issued <= week.day)
        back = week.seen(returned[k])
        columns = Columns(names)
        columns.add(
            {
                "宛名番号": numbers[person[k]],
                "手帳区分": kind[k],
                "手帳番号": paper[k],
                "総合等級コード": grade[k],
                "判定": note[k],
                "資格状態コード": np.where(back < NEVER, "2", "1").astype(object),
                "初回交付日": issued_text[k],
                "返還日": day_texts(back, era_long),
            },
            len(k),
        )
        j = np.flatnonzero((begin <= week.day) & (city.left[who] > week.day))
        columns.add(
            {
                "宛名番号": numbers[who[j]],
                "サービス種別": service[j],
                "受給者証番号": receipt[j],
                "支給決定期間_開始": day_texts(begin[j], era_long),
                "支給決定期間_終了": day_texts(finish[j], era_long),
            },
            len(j),
        )
        header = ["初回交付年月日" if n == "初回交付日" and week.number == 1 else n for n in names]
        rows = columns.rows()
        return Sheet(
            "04_disability", "cp932", header, rows, (",".join(["合計", str(len(rows)), *[""] * (len(names) - 2)]),)
        )

    return sheet
