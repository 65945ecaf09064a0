"""11 介護保険: who is certified as needing care, and whether services come."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import City
from kizuki.demo_city.days import (
    compact,
    day_texts,
)
from kizuki.demo_city.randomness import chance, happens, padded, stream, words
from kizuki.demo_city.writing import Columns, Sheet, Week, spoil

Source = Callable[[Week], Sheet | None]


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
        columns.add(
            {
                "宛名番号": numbers[person[k]],
                "要介護状態区分": words(codes, levels[k]),
                "認定開始日": start_text[k],
                "認定終了日": day_texts(ends[k], compact),
                "サービス利用有無": np.where(uses[k], "1", "0").astype(object),
            },
            len(k),
        )
        header = [
            "被保険者宛名番号" if n == "宛名番号" else "要介護度" if n == "要介護状態区分" and week.number > 1 else n
            for n in names
        ]
        return Sheet("11_care", "cp932", header, columns.rows())

    return sheet
