"""07 母子保健: pregnancy, birth, health checks, home visits and EPDS.

The sheet of 07 has a due row for every check and visit that a resident child came to; the day of the visit stays blank
if nobody came. Children who moved in have rows only from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import NATIVE, City, expecting_women
from kizuki.demo_city.days import NEVER, day_number, day_texts, iso
from kizuki.demo_city.randomness import Floats, Ints, Texts, chance, happens, padded, pick, stream, text_of, words
from kizuki.demo_city.writing import Columns, Sheet, Week, blank_some, spoil

Source = Callable[[Week], Sheet | None]
_RECORDS_FROM = day_number(date(2019, 4, 1))
_BAD_DAYS = ("2026-02-30", "不明", "0000-00-00", "令和8年春")
_COLUMNS = (
    "記録区分",
    "登録番号",
    "宛名番号",
    "母親_宛名番号",
    "届出年月日",
    "週数",
    "妊婦健診_受診回数",
    "妊婦健診_受診日",
    "出生日",
    "出生時体重",
    "単胎多胎区分",
    "健診コード",
    "健診対象日",
    "健診受診日",
    "健診判定",
    "未受診把握日",
    "精密健診実施日",
    "新生児訪問期限日",
    "新生児訪問日",
    "訪問者氏名",
    "EPDS実施日",
    "EPDS合計",
    "EPDS項目10",
)
_DRIFT = {"母親_宛名番号": "母宛名番号", "届出年月日": "妊娠届出日", "健診受診日": "受診日", "健診判定": "判定"}
_VISITORS = ("保健師 長友", "保健師 甲斐", "助産師 黒木", "保健師 河野", "助産師 柳田", "委託 日髙")
_CHECKS = (("04", 120, -3.9), ("18", 560, -3.5), ("36", 1130, -3.2))


def health_source(city: City, state: Circumstances) -> Source:
    """The monthly export 07_maternal, in blocks by 記録区分."""
    rng = stream(city.seed, "health")
    numbers = padded(city.number, 10)
    born = np.flatnonzero(
        (city.role == hh.CHILD)
        & (city.birth >= _RECORDS_FROM)
        & ((city.arrived == city.birth) | (city.arrived == NATIVE))
        & (city.mother >= 0)
    )
    blocks = [
        _pregnancies(city, state, rng, born, numbers),
        _births(city, state, rng, born, numbers),
        _checks(city, state, rng, numbers),
        _visits(city, state, rng, born, numbers),
        _epds(city, state, rng, born, numbers),
    ]

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        columns = Columns(_COLUMNS)
        for block in blocks:
            block(week, columns)
        header = [_DRIFT.get(name, name) if week.number > 1 else name for name in _COLUMNS]
        return Sheet("07_maternal", "utf-8", header, columns.rows(), newline="\n")

    return sheet


Block = Callable[[Week, Columns], None]


def _pregnancies(city: City, state: Circumstances, rng: np.random.Generator, born: Ints, numbers: Texts) -> Block:
    """妊娠届 and 妊婦健診: of the births on record, and of pregnancies not yet ended."""
    _, first_of_twins = np.unique(city.mother[born] * 100_000 + city.birth[born], return_index=True)
    child = born[first_of_twins]
    # A mother who came while pregnant gave her notice elsewhere.
    mother = city.mother[child]
    child = child[city.arrived[mother] < city.birth[child] - 230]
    expecting = expecting_women(city)
    mother = np.concatenate([city.mother[child], expecting])
    due = np.concatenate([city.birth[child], city.last_day + rng.integers(5, 230, len(expecting))])
    house, n = city.household[mother], len(mother)
    conception = due - 268 + np.rint(rng.normal(0, 8, n)).astype(np.int64)
    young = (due - city.birth[mother]) / 365.25 < 20
    score = (
        -3.6 + 0.75 * state.isolation[house] + 0.45 * state.economy[house] + 0.6 * state.conflict[house] + 1.4 * young
    )
    late = happens(rng, chance(score))
    weeks = np.where(late, 16 + rng.geometric(0.2, n), 6 + rng.binomial(8, 0.35, n))
    weeks = np.minimum(weeks, 40)
    notified = conception + 14 + (weeks - 2) * 7
    visits = np.clip(
        np.rint(
            12.8
            - 0.9 * np.maximum(state.isolation[house], 0)
            - 0.6 * np.maximum(state.economy[house], 0)
            - 5 * late
            + rng.normal(0, 1.6, n)
        ),
        0,
        17,
    )
    missed = happens(rng, chance(-5.0 + 0.7 * state.isolation[house] + 0.5 * state.conflict[house]))
    visits = np.where(missed, np.minimum(visits, rng.integers(0, 4, n)), visits).astype(np.int64)
    last = due - rng.integers(2, 20, n)
    paper = padded(rng.permutation(n) + 1, 7)
    week_text = spoil(rng, text_of(weeks), ("52", "十二", ""), 0.002)

    def block(week: Week, columns: Columns) -> None:
        k = np.flatnonzero((notified <= week.day) & (notified >= _RECORDS_FROM) & (city.arrived[mother] <= notified))
        columns.add(
            {
                "記録区分": np.full(len(k), "妊娠届", dtype=object),
                "登録番号": paper[k],
                "宛名番号": numbers[mother[k]],
                "届出年月日": day_texts(notified[k], iso),
                "週数": week_text[k],
            },
            len(k),
        )
        k = k[notified[k] + 40 < week.day]
        running = due[k] > week.day
        so_far = np.where(
            running,
            visits[k] * np.clip((week.day - notified[k]) / np.maximum(due[k] - notified[k], 1), 0, 1),
            visits[k],
        ).astype(np.int64)
        on = np.where(running, np.maximum(week.day - 9 - (k % 19), notified[k] + 14), last[k])
        on = np.where(so_far > 0, on, NEVER)
        columns.add(
            {
                "記録区分": np.full(len(k), "妊婦健診", dtype=object),
                "登録番号": paper[k],
                "宛名番号": numbers[mother[k]],
                "妊婦健診_受診回数": text_of(so_far),
                "妊婦健診_受診日": day_texts(on, iso),
            },
            len(k),
        )

    return block


def _births(city: City, state: Circumstances, rng: np.random.Generator, born: Ints, numbers: Texts) -> Block:
    house, n = city.household[born], len(born)
    same = np.zeros(n, dtype=np.bool_)
    if n > 1:
        equal = (house[1:] == house[:-1]) & (city.birth[born][1:] == city.birth[born][:-1])
        same[1:] |= equal
        same[:-1] |= equal
    weight = (
        3030
        - 55 * state.parental_health[house]
        - 45 * state.economy[house]
        - 45 * np.maximum(state.development[born], 0)
        + 380 * rng.normal(size=n)
    )
    weight = np.where(happens(rng, 0.012, n), 700 + 1100 * rng.random(n), weight) - 520 * same
    grams = np.clip(np.rint(weight / 2) * 2, 520, 4900).astype(np.int64)
    text = spoil(rng, blank_some(rng, text_of(grams), 0.003), ("30l8", "30000", "不明"), 0.0012)
    mother_text = blank_some(rng, numbers[city.mother[born]], 0.004)
    known = city.birth[born] + rng.integers(4, 15, n)
    paper = padded(rng.permutation(n) + 1, 7)

    def block(week: Week, columns: Columns) -> None:
        k = np.flatnonzero(known <= week.day)
        columns.add(
            {
                "記録区分": np.full(len(k), "出生", dtype=object),
                "登録番号": paper[k],
                "宛名番号": numbers[born[k]],
                "母親_宛名番号": mother_text[k],
                "出生日": day_texts(city.birth[born[k]], iso),
                "出生時体重": text[k],
                "単胎多胎区分": np.where(same[k], "2", "1").astype(object),
            },
            len(k),
        )

    return block


def _checks(city: City, state: Circumstances, rng: np.random.Generator, numbers: Texts) -> Block:
    child = np.flatnonzero((city.role == hh.CHILD) & (city.last_day - city.birth < 3700))
    parts = []
    for check, age, base in _CHECKS:
        due = city.birth[child] + age + rng.integers(0, 25, len(child))
        here = (due >= _RECORDS_FROM) & (city.arrived[child] <= due) & (city.left[child] > due) & (due <= city.last_day)
        who, on = child[here], due[here]
        house, n = city.household[who], len(who)
        miss = (
            base
            - 0.55 * state.contact[house]
            + 0.7 * state.conflict[house]
            + 0.35 * state.economy[house]
            + 0.3 * state.parental_health[house]
        )
        missed = happens(rng, chance(miss))
        later = happens(rng, chance(-0.1 + 0.8 * state.contact[house]))
        taken = np.where(missed, np.where(later, on + rng.integers(70, 260, n), NEVER), on + rng.integers(0, 34, n))
        noted = np.where(
            missed & happens(rng, chance(0.7 + 0.6 * state.contact[house])), on + rng.integers(35, 100, n), NEVER
        )
        parts.append((np.full(n, check, dtype=object), who, on, taken, noted, np.full(n, age)))
    code, who, due, taken, noted, age_due = (np.concatenate([p[j] for p in parts]) for j in range(6))
    n = len(who)
    slope = np.where(age_due < 200, 0.35, np.where(age_due < 900, 1.0, 1.35))
    seen = state.development[who] * slope + rng.normal(size=n)
    judged = np.where(
        seen > 2.15 + 0.4 * (age_due < 200),
        np.where(happens(rng, 0.62, n), 3, 2),
        np.where(seen > 1.45 + 0.4 * (age_due < 200), 2, 1),
    )
    judged = np.where(happens(rng, 0.006, n), 4, judged)
    exam = np.where(
        (judged == 3) & happens(rng, chance(0.9 + 0.8 * state.contact[city.household[who]])),
        taken + rng.integers(20, 150, n),
        NEVER,
    )
    words_for = ("", "1", "2", "3", "4")
    due_text = spoil(rng, day_texts(due, iso), _BAD_DAYS, 0.001)
    judged = np.where(happens(rng, 0.003, n), 0, judged)

    def block(week: Week, columns: Columns) -> None:
        k = np.flatnonzero(due <= week.day)
        came = week.seen(taken[k])
        columns.add(
            {
                "記録区分": np.full(len(k), "乳幼児健診", dtype=object),
                "宛名番号": numbers[who[k]],
                "健診コード": code[k],
                "健診対象日": due_text[k],
                "健診受診日": day_texts(came, iso),
                "健診判定": np.where(came < NEVER, words(words_for, judged[k]), "").astype(object),
                "未受診把握日": day_texts(week.seen(noted[k]), iso),
                "精密健診実施日": day_texts(week.seen(exam[k]), iso),
            },
            len(k),
        )

    return block


def _visits(city: City, state: Circumstances, rng: np.random.Generator, born: Ints, numbers: Texts) -> Block:
    house, n = city.household[born], len(born)
    due = city.birth[born] + 60
    missed = happens(
        rng,
        chance(-3.1 - 0.7 * state.contact[house] + 0.3 * state.conflict[house] + 0.3 * state.parental_health[house]),
    )
    day = np.where(
        missed,
        np.where(happens(rng, 0.35, n), due + rng.integers(5, 60, n), NEVER),
        city.birth[born] + rng.integers(18, 56, n),
    )
    visitor = words(_VISITORS, rng.integers(0, len(_VISITORS), n))

    def block(week: Week, columns: Columns) -> None:
        k = np.flatnonzero((city.birth[born] + 16 <= week.day) & (city.left[born] > due))
        came = week.seen(day[k])
        columns.add(
            {
                "記録区分": np.full(len(k), "新生児訪問", dtype=object),
                "宛名番号": numbers[born[k]],
                "新生児訪問期限日": day_texts(due[k], iso),
                "新生児訪問日": day_texts(came, iso),
                "訪問者氏名": np.where(came < NEVER, visitor[k], "").astype(object),
            },
            len(k),
        )

    return block


def _epds(city: City, state: Circumstances, rng: np.random.Generator, born: Ints, numbers: Texts) -> Block:
    """EPDS of the mother at two weeks, one month and the home visit; those least well known answer least often."""
    _, first = np.unique(city.mother[born] * 100_000 + city.birth[born], return_index=True)
    child = born[first]
    parts: list[tuple[Ints, Ints, Floats]] = []
    mood: Floats = (
        0.75 * state.strain["postpartum_depression"][child] + 0.3 * state.parental_health[city.household[child]]
    )
    for after, answered in ((14, 1.2), (31, 1.9), (45, 1.3)):
        here = happens(rng, chance(answered + 0.75 * state.contact[city.household[child]]))
        who = child[here]
        parts.append((who, city.birth[who] + after + rng.integers(0, 9, len(who)), mood[here]))
    who, day = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    latent = np.concatenate([p[2] for p in parts]) + 0.75 * rng.normal(size=len(who))
    # Some mothers answer as is expected of them.
    latent = np.where(happens(rng, 0.15, len(who)), latent - 1.2, latent)
    total = np.clip(np.rint(3.1 + 3.3 * latent + 0.9 * np.maximum(latent, 0)), 0, 29).astype(np.int64)
    item = np.where(
        happens(rng, chance(0.26 * total.astype(np.float64) - 5.6)), 1 + pick(rng, (0.75, 0.2, 0.05), len(who)), 0
    )
    item = np.minimum(item, total)
    text = spoil(rng, text_of(total), ("43", "九", ""), 0.0015)
    mother = city.mother[who]

    def block(week: Week, columns: Columns) -> None:
        k = np.flatnonzero(day <= week.day)
        columns.add(
            {
                "記録区分": np.full(len(k), "EPDS", dtype=object),
                "宛名番号": numbers[mother[k]],
                "EPDS実施日": day_texts(day[k], iso),
                "EPDS合計": text[k],
                "EPDS項目10": text_of(item[k]),
            },
            len(k),
        )

    return block
