"""13 NPO等の見守り記録: visits as small organisations note them in their own Excel sheets.

No 宛名番号; kana in many spellings, birth dates missing or a day off, addresses in any form, line breaks in the notes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city import names
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import City
from kizuki.demo_city.days import NEVER, ages, day_number, day_texts, era_letter, era_long, iso, slashed
from kizuki.demo_city.randomness import Ints, Texts, chance, happens, pick, stream, words
from kizuki.demo_city.sentences import watch_texts
from kizuki.demo_city.writing import Columns, Sheet, Week, quoted, spoil

_FROM = day_number(date(2025, 4, 1))
_ORGANISATIONS = ("NPO法人 にじのいえ", "こども食堂 ひだまり", "学習支援 みちしるべ", "フードバンクあさひ")


def watch_source(city: City, state: Circumstances) -> Callable[[Week], Sheet | None]:
    """The export 13_npo, at the initial load and with the second Friday of each month."""
    rng = stream(city.seed, "watch")
    age = ages(city.birth, city.last_day)
    child = np.flatnonzero((city.role == hh.CHILD) & (age >= 3) & (age < 18) & (city.left == NEVER))
    house = city.household[child]
    need = (
        state.economy[house]
        + 0.5 * state.parental_health[house]
        + 0.4 * state.strain["young_carer"][child]
        + 0.3 * state.strain["abuse"][child]
    )
    # Neighbours and children bring other children, so isolation matters less here than at the city's desks.
    followed = child[happens(rng, chance(-5.1 + 0.85 * need - 0.1 * state.isolation[house]))]
    begin = np.maximum(_FROM, np.maximum(city.last_day - rng.integers(20, 600, len(followed)), city.arrived[followed]))
    every = rng.integers(16, 45, len(followed))
    count = np.maximum((city.last_day - begin) // every, 1)
    index = np.repeat(np.arange(len(followed)), count)
    nth = np.arange(len(index)) - np.repeat(np.cumsum(count) - count, count)
    day = begin[index] + nth * every[index] + rng.integers(0, 6, len(index))
    keep = day <= city.last_day
    index, day = index[keep], day[keep]
    person, n = followed[index], len(index)
    observation = _observation(state, city, rng, person, day)
    urgent = (observation == "5") & happens(rng, 0.3, n)
    recorded = day + rng.integers(0, 5, n)
    organisation = rng.integers(0, len(_ORGANISATIONS), len(followed))
    kana = _kana_variants(city, rng, followed)
    birth = _birth_variants(city, rng, followed)
    address = city.household_address.take(city.household[followed]).written_by_others(rng, 0.35)
    address[happens(rng, 0.05, len(followed))] = ""
    # The sheet went through Excel: 012 became 12.
    number = np.array([str(j) for j in (rng.permutation(len(followed)) + 1).tolist()], dtype=object)
    form = organisation[index]
    seen_on = np.where(
        form == 0,
        day_texts(day, slashed),
        np.where(
            form == 1, day_texts(day, era_letter), np.where(form == 2, day_texts(day, era_long), day_texts(day, iso))
        ),
    )
    order = np.lexsort((np.arange(n), day, recorded))
    columns = Columns(
        ("訪問日", "団体", "世帯仮番号", "氏名カナ", "生年月日", "住所", "様子区分", "自由記述", "緊急連絡")
    )
    columns.add(
        {
            "訪問日": spoil(rng, seen_on.astype(object), ("10月ごろ", "2026/2/31"), 0.003)[order],
            "団体": words(_ORGANISATIONS, form)[order],
            "世帯仮番号": number[index][order],
            "氏名カナ": kana[index][order],
            "生年月日": birth[index][order],
            "住所": quoted(address[index])[order],
            "様子区分": observation[order],
            "自由記述": quoted(watch_texts(rng, observation, city.given[person]))[order],
            "緊急連絡": np.where(urgent, "有", "").astype(object)[order],
        },
        n,
    )
    rows, recorded = columns.rows(), recorded[order]
    drift = {"氏名カナ": "カナ氏名", "団体": "団体名"}

    def sheet(week: Week) -> Sheet | None:
        if not week.first and not week.second_friday:
            return None
        header = [drift.get(c, c) if week.number > 1 else c for c in columns.names]
        return Sheet("13_npo", "utf-8-sig", header, [rows[j] for j in np.flatnonzero(week.new(recorded)).tolist()])

    return sheet


def _observation(state: Circumstances, city: City, rng: np.random.Generator, person: Ints, day: Ints) -> Texts:
    house, n = city.household[person], len(person)
    after = day >= state.onset[person]
    weight = np.stack(
        [
            np.full(n, 7.0),
            0.5 * np.exp(0.75 * state.economy[house]),
            0.25 * np.exp(0.75 * np.clip(state.strain["young_carer"][person], -2, 2.5)),
            0.2 * np.exp(0.85 * np.clip(state.strain["young_carer"][person], -2, 2.5)),
            0.07 * np.exp(0.95 * np.clip(state.strain["abuse"][person], -2, 3)) * (1 + after),
            0.35 * np.exp(0.8 * state.parental_health[house]),
            0.4 * np.exp(0.7 * np.clip(state.strain["school_absence"][person], -2, 2.5)) * (1 + after),
        ],
        axis=1,
    )
    edges = np.cumsum(weight, axis=1)
    chosen = (rng.random(n)[:, None] * edges[:, -1:] > edges).sum(axis=1)
    return words(("1", "2", "3", "4", "5", "6", "7"), np.minimum(chosen, 6))


def _kana_variants(city: City, rng: np.random.Generator, person: Ints) -> Texts:
    book = names.name_book()
    style = pick(rng, (0.42, 0.22, 0.2, 0.1, 0.06), len(person))
    other = book.draw_surnames(rng, len(person))
    changed = happens(rng, 0.03, len(person))
    out = np.empty(len(person), dtype=object)
    found = []
    for p, s, o, c in zip(person.tolist(), style.tolist(), other.tolist(), changed.tolist(), strict=True):
        surname, given = book.surname_kana[o if c else int(city.surname[p])], book.given_kana[int(city.given[p])]
        texts = (
            f"{surname} {given}",
            names.without_small_kana(f"{surname} {given}"),
            names.half_width(f"{surname} {given}"),
            f"{surname}　{given}",
            f"{surname}{given}",
        )
        found.append(texts[s])
    out[:] = found
    return out


def _birth_variants(city: City, rng: np.random.Generator, person: Ints) -> Texts:
    n = len(person)
    birth = city.birth[person] + np.where(happens(rng, 0.03, n), rng.integers(-9, 10, n), 0)
    style = pick(rng, (0.5, 0.25, 0.25), n)
    text = np.where(
        style == 0, day_texts(birth, slashed), np.where(style == 1, day_texts(birth, era_letter), day_texts(birth, iso))
    )
    return np.where(happens(rng, 0.12, n), "", text).astype(object)
