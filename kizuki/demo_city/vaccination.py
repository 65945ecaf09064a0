"""08 予防接種: doses given, with the gaps and delays of those who are hard to reach."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import City
from kizuki.demo_city.days import NEVER, compact, day_number, day_texts
from kizuki.demo_city.randomness import chance, happens, padded, stream, text_of
from kizuki.demo_city.writing import Columns, Sheet, Week, spoil

Source = Callable[[Week], Sheet | None]
_RECORDS_FROM = day_number(date(2019, 4, 1))

_SCHEDULE: tuple[tuple[str, int, int, str], ...] = (
    ("40", 1, 62, "all"),
    ("40", 2, 92, "all"),
    ("40", 3, 235, "all"),
    ("50", 1, 62, "all"),
    ("50", 2, 92, "all"),
    ("30", 1, 62, "all"),
    ("30", 2, 92, "all"),
    ("30", 3, 124, "all"),
    ("30", 4, 380, "all"),
    ("11", 1, 62, "new"),
    ("11", 2, 92, "new"),
    ("11", 3, 124, "new"),
    ("11", 4, 400, "new"),
    ("10", 1, 92, "old"),
    ("10", 2, 122, "old"),
    ("10", 3, 152, "old"),
    ("10", 4, 430, "old"),
    ("20", 1, 62, "old"),
    ("20", 2, 92, "old"),
    ("20", 3, 124, "old"),
    ("20", 4, 390, "old"),
    ("60", 1, 165, "all"),
    ("70", 1, 375, "all"),
    ("70", 2, 2000, "all"),
    ("80", 1, 375, "all"),
    ("80", 2, 580, "all"),
    ("90", 1, 1110, "all"),
    ("90", 2, 1135, "all"),
    ("90", 3, 1500, "all"),
    ("90", 4, 3400, "all"),
    ("95", 1, 4150, "all"),
)


def vaccination_source(city: City, state: Circumstances) -> Source:
    """The monthly export 08_vaccination: only doses new since the delivery before."""
    rng = stream(city.seed, "vaccination")
    child = np.flatnonzero((city.role == hh.CHILD) & (city.last_day - city.birth < 18 * 366))
    house = city.household[child]
    n = len(child)
    slack = (
        -3.3
        - 0.5 * state.contact[house]
        + 0.35 * state.economy[house]
        + 0.35 * state.conflict[house]
        + 0.9 * rng.normal(size=n)
    )
    refuses = happens(rng, 0.006, n)
    stops_at = np.where(
        happens(rng, chance(-3.9 + 0.55 * state.isolation[house] + 0.5 * state.conflict[house])),
        rng.integers(60, 1500, n),
        NEVER,
    )
    five_since = day_number(date(2024, 2, 1))
    who, day, kind, dose = [], [], [], []
    for code, number, age, group in _SCHEDULE:
        on = (
            city.birth[child]
            + age
            + np.rint(rng.exponential(18.0, n) + rng.exponential(40.0, n) * (slack > -2.5)).astype(np.int64)
        )
        given = (
            ~happens(rng, chance(slack + 0.8 * (age > 1400)))
            & ~refuses
            & (age < stops_at)
            & (on >= _RECORDS_FROM)
            & (on <= city.last_day)
        )
        given &= (city.arrived[child] <= on) & (city.left[child] > on)
        if group != "all":
            given &= (city.birth[child] >= five_since - 60) == (group == "new")
        k = np.flatnonzero(given)
        who.append(child[k])
        day.append(on[k])
        kind.append(np.full(len(k), code, dtype=object))
        dose.append(np.full(len(k), number))
    person, on_day, code_text, number_of = (
        np.concatenate(who),
        np.concatenate(day),
        np.concatenate(kind),
        np.concatenate(dose),
    )
    order = np.lexsort((number_of, on_day))
    person, on_day, code_text, number_of = person[order], on_day[order], code_text[order], number_of[order]
    recorded = on_day + rng.integers(3, 30, len(person))
    columns = Columns(("宛名番号", "接種種類コード", "回数", "実施日"))
    columns.add(
        {
            "宛名番号": padded(city.number, 10)[person],
            "接種種類コード": spoil(rng, code_text, ("99", "X"), 0.0005),
            "回数": text_of(number_of),
            "実施日": spoil(rng, day_texts(on_day, compact), ("20261332", "00000000"), 0.0005),
        },
        len(person),
    )
    rows = columns.rows()

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        new = np.flatnonzero(week.new(recorded))
        header = ["接種日" if n == "実施日" and week.number > 1 else n for n in columns.names]
        return Sheet("08_vaccination", "utf-8", header, [rows[j] for j in new.tolist()], newline="\n")

    return sheet
