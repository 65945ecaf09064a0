"""06 保育: present and earlier places, fees in arrears, extra staff for a child."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import City
from kizuki.demo_city.days import (
    day_number,
    day_texts,
    full_width,
    slashed_padded,
)
from kizuki.demo_city.randomness import Floats, Ints, chance, happens, padded, stream, text_of, words
from kizuki.demo_city.writing import Columns, Sheet, Week, spoil

Source = Callable[[Week], Sheet | None]
_NURSERIES = (
    "あおぞら保育園",
    "ひまわり保育園",
    "すみれこども園",
    "わかば保育所",
    "みなみこども園",
    "つくし保育園",
    "東雲幼稚園",
    "汐見こども園",
    "恵泉保育園",
    "浜風こども園",
    "もりのこ保育園",
    "緑ケ丘幼稚園",
    "めぐみこども園",
    "ふたば保育園",
)


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
    drops = happens(
        rng, chance(-3.7 + 0.6 * state.conflict[house] + 0.5 * state.economy[house] - 0.5 * state.contact[house])
    )
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
        columns.add(
            {
                "宛名番号": numbers[child[k]],
                "認定区分": words(("", "1号", "2号", "3号"), kinds),
                "施設名": facility[k],
                "入所日": day_texts(enter[k], slashed_padded),
                "退所日": day_texts(left, slashed_padded),
                "保育料滞納月数": arrears_text[k],
                "加配有無": np.where(extra[k], "有", "無").astype(object),
            },
            len(k),
        )
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
    owes = happens(rng, chance(-3.7 + 1.25 * score))
    return np.where(owes, 1 + rng.poisson(2.2, total), 0).astype(np.int64)
