"""Who was noticed, and whom the council registered: the label that the city has, which is not the truth.

Noticing depends on trouble and on contact with the services, so families that keep to themselves are registered less.
Some entries turn out to be without ground.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city import targets
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import City, expecting_women
from kizuki.demo_city.days import NEVER, ages, day_texts, slashed
from kizuki.demo_city.randomness import Bools, Floats, Ints, Texts, chance, happens, pick, stream, text_of, words
from kizuki.demo_city.writing import Columns, Sheet, Week, spoil

_FALSE_ENTRIES = 0.08
_WEIGHT = {
    "abuse": 2.0,
    "school_absence": 0.5,
    "young_carer": 0.7,
    "poverty": 0.6,
    "postpartum_depression": 0.8,
    "developmental_disorder": 0.3,
}


@dataclass(frozen=True)
class CouncilCase:
    """Entries of the council's register: parallel arrays, one per entry. `closed` NEVER: open. `false_entry`: no ground."""

    person: Ints
    case: Ints
    registered: Ints
    closed: Ints
    false_entry: Bools
    expecting: Bools


def draw_noticed(city: City, state: Circumstances) -> Bools:
    """Children whose trouble somebody in the services has noticed."""
    rng = stream(city.seed, "noticing")
    troubled = np.zeros(city.size)
    for name, weight in _WEIGHT.items():
        troubled += weight * state.hardship[name]
    score = -2.9 + 0.7 * troubled + 0.5 * state.strain["abuse"] + 0.95 * state.contact[city.household]
    child = ages(city.birth, city.last_day) < 18
    return happens(rng, chance(score)) & child


def draw_council(city: City, state: Circumstances, noticed: Bools) -> CouncilCase:
    """Entries of the register: about 400 open ones in the model city, and earlier ones that were closed."""
    rng = stream(city.seed, "council")
    child = np.flatnonzero((ages(city.birth, city.last_day) < 18) & (city.left == NEVER) & (city.role == hh.CHILD))
    wanted = max(round(targets.COUNCIL_OPEN * city.people / targets.MODEL_PEOPLE), 2)
    weight = 0.9 * state.strain["abuse"][child]
    for name, value in _WEIGHT.items():
        weight = weight + value * state.hardship[name][child]
    house, total = city.household[child], len(city.household_kind)
    best = np.full(total, -np.inf)
    np.maximum.at(best, house, np.where(noticed[child], weight, -np.inf))
    rank = best + 0.95 * rng.gumbel(size=total)
    ranked = np.argsort(-rank, kind="stable")
    ranked = ranked[np.isfinite(rank[ranked])]
    # The child most in trouble is entered, brothers and sisters in most cases with it.
    member = _most_troubled(house, weight) | happens(rng, 0.62, len(child))
    size = np.bincount(house[member], minlength=total)
    grounded = _take(ranked, size, round(wanted * (1 - _FALSE_ENTRIES)))
    anybody = rng.permutation(np.setdiff1d(np.unique(house), grounded))
    groundless = _take(anybody, size, max(round(wanted * _FALSE_ENTRIES), 1))
    rest = ranked[~np.isin(ranked, grounded) & ~np.isin(ranked, groundless)]
    earlier = _take(rest, size, round(wanted * 0.4))
    chosen = [child[member & np.isin(house, houses)] for houses in (grounded, groundless, earlier)]
    spans = [_span(city, rng, person, closed) for person, closed in zip(chosen, (False, False, True), strict=True)]
    women = expecting_women(city)
    risk = state.conflict[city.household[women]] + rng.gumbel(size=len(women))
    women = women[np.argsort(-risk, kind="stable")[: max(round(wanted * 0.015), 1)]]
    person = np.concatenate([*chosen, women])
    registered = np.concatenate([*(begin for begin, _ in spans), city.last_day - rng.integers(5, 60, len(women))])
    closed = np.concatenate([*(end for _, end in spans), np.full(len(women), NEVER)])
    expecting = np.arange(len(person)) >= len(person) - len(women)
    begin_groundless = len(chosen[0])
    false_entry = np.zeros(len(person), dtype=np.bool_)
    false_entry[begin_groundless : begin_groundless + len(chosen[1])] = True
    order = np.lexsort((person, registered))
    _, case = np.unique(city.household[person[order]], return_inverse=True)
    numbers = case.reshape(-1).astype(np.int64)
    return CouncilCase(person[order], numbers, registered[order], closed[order], false_entry[order], expecting[order])


def _most_troubled(house: Ints, weight: Floats) -> Bools:
    """The child with the highest weight in each household."""
    order = np.lexsort((-weight, house))
    first = np.concatenate([[True], house[order][1:] != house[order][:-1]])
    found = np.zeros(len(house), dtype=np.bool_)
    found[order[first]] = True
    return found


def _take(houses: Ints, size: Ints, wanted: int) -> Ints:
    """Households in order until so many children are reached."""
    return houses[: int(np.searchsorted(np.cumsum(size[houses]), wanted)) + 1]


def _span(city: City, rng: np.random.Generator, person: Ints, is_closed: bool) -> tuple[Ints, Ints]:
    """From when and until when each child was registered, the same for brothers and sisters where their ages allow it."""
    total = len(city.household_kind)
    house = city.household[person]
    ago = np.minimum(rng.exponential(1300 if is_closed else 430, total), 2600).astype(np.int64) + 400 * is_closed
    begin = np.maximum((city.last_day - ago)[house], np.maximum(city.birth[person], city.arrived[person]) + 5)
    begin = np.minimum(begin, city.last_day)
    if not is_closed:
        return begin, np.full(len(person), NEVER, dtype=np.int64)
    lasts = rng.exponential(400, total).astype(np.int64)[house]
    end = np.minimum(begin + 60 + lasts, city.last_day - rng.integers(1, 200, total)[house])
    return begin, np.maximum(end, begin + 10)


def council_source(city: City, state: Circumstances, cases: CouncilCase) -> Callable[[Week], Sheet | None]:
    """The monthly export 14_council, which has passed Excel: leading zeros are gone."""
    rng = stream(city.seed, "council rows")
    person, n = cases.person, len(cases.person)
    severe = state.strain["abuse"][person] + rng.normal(0, 0.8, n)
    kind = np.where(cases.expecting, 2, np.where(severe > 0.9, 0, 1))
    abuse = np.where(kind == 0, pick(rng, (0.24, 0.42, 0.32, 0.02), n), 4)
    severity = np.where(severe > 3.6, 0, np.where(severe > 2.6, 1, np.where(severe > 1.2, 2, 3)))
    lead = words(
        ("こども家庭サポートセンター", "おやこ保健福祉課", "学校教育課", "児童相談所", "生活福祉課"),
        pick(rng, (0.5, 0.2, 0.15, 0.1, 0.05), n),
    )
    reason = words(("改善", "年齢到達", "施設入所"), pick(rng, (0.9, 0.04, 0.06), n))
    wrong = happens(rng, 0.04, n)
    numbers: Texts = text_of(city.number[person])
    registered_text = spoil(rng, day_texts(cases.registered, slashed), ("2026/13/1", "未定"), 0.0015)
    names = ("ケース番号", "宛名番号", "種別", "虐待種別", "重症度", "主担当", "登録日", "終結日", "終結理由")
    case = np.empty(n, dtype=object)
    case[:] = [f"C{number + 1:05d}" for number in cases.case.tolist()]

    def sheet(week: Week) -> Sheet | None:
        if not week.monthly:
            return None
        k = np.flatnonzero(cases.registered <= week.day)
        end = week.seen(cases.closed[k])
        columns = Columns(names)
        columns.add(
            {
                "ケース番号": case[k],
                "宛名番号": numbers[k],
                "種別": words(("要保護", "要支援", "特定妊婦"), kind[k]),
                "虐待種別": np.where(
                    wrong[k], "", words(("身体的", "心理的", "ネグレクト", "性的", ""), abuse[k])
                ).astype(object),
                "重症度": np.where(kind[k] == 2, "", words(("最重度", "重度", "中度", "軽度"), severity[k])).astype(
                    object
                ),
                "主担当": lead[k],
                "登録日": registered_text[k],
                "終結日": day_texts(end, slashed),
                "終結理由": np.where(end < NEVER, reason[k], "").astype(object),
            },
            len(k),
        )
        return Sheet("14_council", "utf-8-sig", names, columns.rows())

    return sheet
