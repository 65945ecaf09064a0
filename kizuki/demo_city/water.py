"""12 上下水道料金 (SUIBIZ): a bill for each meter every two months, under the user's kana name and the place of use.

There is no 宛名番号. Names are half width without small kana, sometimes the surname only; rooms are missing; some
meters run on a landlord's or a company's name.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from kizuki.demo_city import names
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import City
from kizuki.demo_city.days import NEVER, day_date, day_number, day_texts, era_letter
from kizuki.demo_city.numbers import scattered
from kizuki.demo_city.randomness import Bools, Ints, Texts, chance, happens, padded, stream, text_of, words
from kizuki.demo_city.writing import Columns, Sheet, Week, spoil

Source = Callable[[Week], Sheet | None]
_FIRST_PERIOD = date(2025, 10, 1)
_COMPANIES = ("ｶ)ｱｻﾋﾌﾄﾞｳｻﾝ", "ﾕ)ﾐﾄﾞﾘｼﾞﾕｳﾀｸ", "ｶ)ｼﾗﾊﾏﾊｳｼﾞﾝｸﾞ", "ﾀｲｷﾖｳｹﾝﾀｸｶ)", "ｼﾔｶｲﾌｸｼﾎｳｼﾞﾝﾜｶﾊﾞｶｲ", "ｶ)ﾋﾑｶｸﾘｴｲﾄ", "ﾕ)ｶﾜｾｼﾖｳｼﾞ")


def water_source(city: City, state: Circumstances) -> Source:
    """The export 12_water every two months: new bills, and earlier ones that were paid or demanded since."""
    rng = stream(city.seed, "water")
    total = len(city.household_kind)
    user = _users(city)
    has_meter = (user >= 0) & happens(rng, 0.985, total)
    house = np.flatnonzero(has_meter)
    n = len(house)
    name = _user_names(city, user[house], rng)
    landlord = city.household_rented[house] & happens(rng, 0.07, n)
    name[landlord] = words(_COMPANIES, rng.integers(0, len(_COMPANIES), n))[landlord]
    place = city.household_address.take(house).written_by_others(rng, 0.12)
    meter = padded(scattered(rng, n, 100_000_000, 899_000_000), 9)
    opened = np.where(
        city.household_arrived[house] > 0,
        city.household_arrived[house] + rng.integers(-2, 6, n),
        city.last_day - rng.integers(1500, 9000, n),
    )
    by_bank = happens(rng, chance(1.9 - 0.9 * state.economy[house] - 0.35 * state.parental_health[house]))
    careless = -1.6 + 1.25 * state.economy[house] + 0.4 * state.parental_health[house] + 0.9 * rng.normal(size=n)
    size = np.maximum(city.household_members[house], 1)
    meter_rank = np.arange(n)
    opened_text = day_texts(opened, era_letter)
    periods: dict[date, tuple[Texts, Texts, Ints, Ints, Ints, Bools]] = {}

    def period(month: date) -> tuple[Texts, Texts, Ints, Ints, Ints, Bools]:
        """Bill, amount, and the days of payment, demand and stop of one period."""
        if month in periods:
            return periods[month]
        draw = stream(city.seed, f"water {month.isoformat()}")
        begin = day_number(month)
        due = begin + 24
        trouble = careless + 0.5 * draw.normal(size=n)
        late = ~by_bank & happens(draw, chance(trouble - 0.6)) | by_bank & happens(draw, chance(trouble - 3.2))
        very_late = late & happens(draw, chance(0.75 * careless - 0.2))
        paid = np.where(
            very_late,
            due + draw.integers(45, 420, n),
            np.where(late, due + draw.integers(3, 45, n), due - draw.integers(0, 8, n) * ~by_bank),
        )
        demanded = np.where(paid > due + 20, due + 21 + draw.integers(0, 4, n), NEVER)
        stopped = np.where(
            very_late & (paid > due + 75) & happens(draw, 0.22, n), due + 72 + draw.integers(0, 14, n), NEVER
        )
        yen = np.rint((1900 + size * 1750 * draw.gamma(9.0, 1 / 9.0, n)) / 10).astype(np.int64) * 10
        here = (opened < begin) & (city.household_left[house] > begin)
        amount = spoil(draw, text_of(yen), ("-120", "5,200", "金額不明", ""), 0.0006)
        label = np.full(n, f"R{month.year - 2018}.{month.month:02d}", dtype=object)
        periods[month] = (label, amount, paid, demanded, stopped, here)
        return periods[month]

    columns_of = (
        "水栓番号",
        "使用者名カナ",
        "使用場所",
        "調定年月",
        "金額",
        "収納日",
        "督促日",
        "給水停止日",
        "開栓日",
    )
    drift = {"使用者名カナ": "使用者カナ名", "金額": "調定金額", "収納日": "収納年月日"}

    def sheet(week: Week) -> Sheet | None:
        if not week.first and not (week.second_friday and day_date(week.day).month % 2 == 1):
            return None
        columns = Columns(columns_of, quote_all=True)
        month = _FIRST_PERIOD
        while day_number(month) + 40 <= week.day:
            label, amount, paid, demanded, stopped, here = period(month)
            rows = here.copy()
            if week.before is not None and day_number(month) + 40 <= week.before:
                # Known before: only what has changed since is delivered again.
                rows &= week.new(paid) | week.new(demanded) | week.new(stopped)
            k = meter_rank[rows]
            columns.add(
                {
                    "水栓番号": meter[k],
                    "使用者名カナ": name[k],
                    "使用場所": place[k],
                    "調定年月": label[k],
                    "金額": amount[k],
                    "収納日": day_texts(week.seen(paid[k]), era_letter),
                    "督促日": day_texts(week.seen(demanded[k]), era_letter),
                    "給水停止日": day_texts(week.seen(stopped[k]), era_letter),
                    "開栓日": opened_text[k],
                },
                len(k),
            )
            month = date(month.year + (month.month + 2 > 12), (month.month + 1) % 12 + 1, 1)
        lines = columns.rows()
        footer = ",".join(f'"{cell}"' for cell in ["合計", str(len(lines)), *[""] * (len(columns_of) - 2)])
        header = [f'"{drift.get(c, c) if week.number > 1 else c}"' for c in columns_of]
        return Sheet("12_water", "cp932", header, lines, (footer,))

    return sheet


def _users(city: City) -> Ints:
    """The head of each household, on whose name the meter runs; −1 where there is none."""
    head = np.full(len(city.household_kind), -1, dtype=np.int64)
    heads = np.flatnonzero((city.relation == 0) & (city.birth < city.last_day - 6000))
    head[city.household[heads[::-1]]] = heads[::-1]
    return head


def _user_names(city: City, user: Ints, rng: np.random.Generator) -> Texts:
    """Half-width kana without small kana; some surnames only, some names run together."""
    book = names.name_book()
    surnames = [names.half_width(names.without_small_kana(t)) for t in book.surname_kana]
    givens = [names.half_width(names.without_small_kana(t)) for t in book.given_kana]
    surname, given = words(surnames, city.surname[user]), words(givens, city.given[user])
    full = surname + np.where(happens(rng, 0.93, len(user)), " ", "").astype(object) + given
    return np.where(happens(rng, 0.04, len(user)), surname, full).astype(object)
