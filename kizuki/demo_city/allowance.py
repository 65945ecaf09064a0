"""05 児童手当・児童扶養手当: what parents have claimed, and what they could have claimed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import City
from kizuki.demo_city.days import (
    NEVER,
    day_number,
    day_texts,
    era_digits,
)
from kizuki.demo_city.randomness import chance, happens, padded, pick, stream, words
from kizuki.demo_city.writing import Columns, Sheet, Week, blank_some, spoil

Source = Callable[[Week], Sheet | None]


def allowance_source(city: City, state: Circumstances) -> Source:
    """The monthly export 05_allowance: 児童手当 for nearly every child, 児童扶養手当 where a single parent claims it."""
    rng = stream(city.seed, "allowance")
    child = np.flatnonzero((city.role == hh.CHILD) & (city.last_day - city.birth < 18 * 366))
    house = city.household[child]
    contact, economy = state.contact, state.economy
    parent = city.guardian(child)
    head = np.full(len(city.household_kind), -1, dtype=np.int64)
    heads = np.flatnonzero((city.relation == 0) & (city.left >= city.household_left[city.household]))
    head[city.household[heads]] = heads
    parent = np.where(parent >= 0, parent, head[house])
    claims = happens(rng, chance(4.6 + 0.9 * contact - 0.3 * economy))[house]
    begin = np.maximum(np.maximum(city.birth[child], city.arrived[child]), day_number(date(2018, 4, 1)))
    # The claim is made some days later; unknown families take longer.
    delay = rng.integers(3, 25, len(child)) + np.where(contact[house] < -1, rng.integers(0, 90, len(child)), 0)
    begin = begin + delay

    single = city.household_single[house]
    eligible = single & (economy[house] > -0.15 + 0.25 * rng.normal(size=len(city.household_kind))[house])
    rearing = happens(rng, chance(1.9 + 1.1 * contact))[house] & eligible
    full = economy[house] > 0.95
    lost = np.where(
        happens(rng, 0.05, len(city.household_kind)),
        city.last_day - rng.integers(5, 700, len(city.household_kind)),
        NEVER,
    )[house]
    lost_why = words(("婚姻", "所得超過", "現況届未提出"), pick(rng, (0.35, 0.3, 0.35), len(city.household_kind)))[
        house
    ]
    certified = np.maximum(
        city.birth[child] + 60,
        city.last_day - (rng.exponential(1200, len(city.household_kind)).astype(np.int64) + 10)[house],
    )
    certified = np.maximum(np.maximum(certified, day_number(date(2018, 4, 1))), city.arrived[child] + 20)
    lost = np.where(lost > certified + 200, lost, NEVER)
    reports = happens(rng, chance(1.7 + 0.8 * contact - 0.35 * economy - 0.3 * state.parental_health))[house]
    report_day = (
        day_number(date(2026, 8, 3))
        + (city.last_day - day_number(date(2026, 11, 20)))
        + rng.integers(0, 55, len(city.household_kind))[house]
    )
    report_before = report_day - 365 + rng.integers(-5, 6, len(child))
    paper = padded(rng.permutation(len(city.household_kind)) + 10_000, 8)
    numbers = padded(city.number, 10)
    # A few recipients moved away and left the row behind; others have a blank recipient.
    recipient = blank_some(rng, np.where(parent >= 0, numbers[np.maximum(parent, 0)], ""), 0.002)
    child_number = spoil(rng, numbers[child], ("00000ABC12", "不明"), 0.0008)
    names = (
        "手当種別",
        "証書番号",
        "受給者宛名番号",
        "児童宛名番号",
        "支給区分",
        "認定年月日",
        "喪失年月日",
        "喪失事由",
        "現況届提出日",
    )

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        columns = Columns(names)
        k = np.flatnonzero(claims & (begin <= week.day) & (city.left[child] > begin))
        gone = week.seen(city.left[child[k]])
        columns.add(
            {
                "手当種別": np.full(len(k), "1", dtype=object),
                "証書番号": paper[house[k]],
                "受給者宛名番号": recipient[k],
                "児童宛名番号": child_number[k],
                "支給区分": np.full(len(k), "1", dtype=object),
                "認定年月日": day_texts(begin[k], era_digits),
                "喪失年月日": day_texts(gone, era_digits),
                "喪失事由": np.where(gone < NEVER, "転出", "").astype(object),
            },
            len(k),
        )
        k = np.flatnonzero(rearing & (certified <= week.day) & (city.left[child] > certified))
        moved = week.seen(city.left[child[k]])
        ended = np.minimum(week.seen(lost[k]), moved)
        reported = np.where(
            reports[k] & (report_day[k] <= week.day) & (certified[k] < report_day[k]), report_day[k], report_before[k]
        )
        reported = np.where(reported > certified[k], reported, NEVER)
        stopped = ~reports[k] & (certified[k] < report_day[k]) & (state.isolation[house[k]] > 0.8)
        columns.add(
            {
                "手当種別": np.full(len(k), "2", dtype=object),
                "証書番号": paper[house[k]],
                "受給者宛名番号": recipient[k],
                "児童宛名番号": child_number[k],
                "支給区分": np.where(stopped, "停止", np.where(full[k], "全部", "一部")).astype(object),
                "認定年月日": day_texts(certified[k], era_digits),
                "喪失年月日": day_texts(ended, era_digits),
                "喪失事由": np.where(ended >= NEVER, "", np.where(moved <= lost[k], "転出", lost_why[k])).astype(
                    object
                ),
                "現況届提出日": day_texts(reported, era_digits),
            },
            len(k),
        )
        return Sheet("05_allowance", "cp932", names, columns.rows())

    return sheet
