"""The made-up city: people and households as parallel arrays, their coming and going over time.

Everything is drawn once as a timeline up to the last as-of day; a weekly delivery is a look at that timeline. People
who have left or died within the last two years are in the arrays too, since their records are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city import names, targets
from kizuki.demo_city.days import NEVER, ages, fiscal_years
from kizuki.demo_city.numbers import address_numbers, scattered
from kizuki.demo_city.places import Addresses, draw_addresses
from kizuki.demo_city.randomness import Bools, Ints, happens, stream

NATIVE = -1
"""Arrival of households and people who were always here."""
STAYS, MOVES_OUT, DIES, ERASED = 0, 2, 3, 9


@dataclass(frozen=True)
class ExtraMove:
    """Entries of the resident register beyond arrival, moving house and leaving: parallel arrays."""

    person: Ints
    day: Ints
    reason: Ints


@dataclass(frozen=True)
class City:
    """People (one element per person) and households (names starting with `household_`, one element per household).

    `arrived` NATIVE: since birth or before records begin. `left` NEVER: still here. `mother`, `father`: index of the
    person or −1. `moves_*`: the households' moves inside the city, with the address before each.
    """

    seed: int
    people: int
    last_day: int
    number: Ints
    household: Ints
    relation: Ints
    role: Ints
    sex: Ints
    birth: Ints
    surname: Ints
    given: Ints
    foreign: Bools
    mother: Ints
    father: Ints
    arrived: Ints
    left: Ints
    exit_kind: Ints
    household_number: Ints
    household_kind: Ints
    household_arrived: Ints
    household_left: Ints
    household_rented: Bools
    household_old_form: Bools
    household_address: Addresses
    household_single: Bools
    household_members: Ints
    moves_household: Ints
    moves_day: Ints
    moves_before: Addresses
    extra: ExtraMove

    @property
    def size(self) -> int:
        """Everybody in the arrays, also those who left."""
        return len(self.birth)

    def here(self, day: int) -> Bools:
        """Who is a resident on a day."""
        return (self.arrived <= day) & (self.birth <= day) & (self.left > day)

    def guardian(self, child: Ints) -> Ints:
        """The father, else the mother, who lives in the child's household as long as the child does; −1 for neither."""
        found = np.full(len(child), -1, dtype=np.int64)
        for parent in (self.mother[child], self.father[child]):
            who = np.maximum(parent, 0)
            together = (self.household[who] == self.household[child]) & (self.left[who] >= self.left[child])
            found = np.where((parent >= 0) & together, parent, found)
        return found

    def children(self) -> Ints:
        """Everybody under 18 on the last day, also those who have left; in order of their number in the arrays."""
        return np.flatnonzero(ages(self.birth, self.last_day) < 18)


EXTRA_REASONS = ("世帯主変更", "世帯合併", "国内転出", "国内転入", "転居")


def build_city(seed: int, people: int, last_day: int) -> City:
    """Draw the whole city; exactly `people` residents on the last day."""
    rng = stream(seed, "city")
    stay = hh.draw(rng, people, last_day)
    gone = hh.draw(rng, max(round(people * 0.062), 40), last_day)
    households = len(stay.kind)
    kind = np.concatenate([stay.kind, gone.kind])
    blocks = {
        "household": np.concatenate([*stay.household, *(b + households for b in gone.household)]),
        "relation": np.concatenate([*stay.relation, *gone.relation]),
        "sex": np.concatenate([*stay.sex, *gone.sex]),
        "birth": np.concatenate([*stay.birth, *gone.birth]),
        "role": np.concatenate([*stay.role, *gone.role]),
    }
    total = len(kind)
    household_left = np.full(total, NEVER, dtype=np.int64)
    household_left[households:] = last_day - rng.integers(0, 730, total - households)
    left = household_left[blocks["household"]]
    exit_kind = np.where(left < NEVER, MOVES_OUT, STAYS)
    alone = (kind == hh.KIND["elder_alone"])[blocks["household"]] & (left < NEVER)
    exit_kind = np.where(alone & happens(rng, 0.9, len(left)), DIES, exit_kind)
    exit_kind = np.where((exit_kind == MOVES_OUT) & happens(rng, 0.004, len(left)), ERASED, exit_kind)

    arrival = _arrivals(rng, kind, household_left, last_day)
    blocks, left, exit_kind, survivor = _add_departed(rng, blocks, left, exit_kind, kind, last_day)
    order = np.lexsort((np.arange(len(left)), blocks["household"]))
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    blocks = {key: value[order].astype(np.int64) for key, value in blocks.items()}
    left, exit_kind = left[order], exit_kind[order]
    house, birth, sex, role = blocks["household"], blocks["birth"], blocks["sex"], blocks["role"]
    size = len(birth)

    mother, father = _parents(house, role, exit_kind, total)
    arrived, joined = _person_arrivals(rng, house, birth, role, arrival, left, last_day)
    surname, given, foreign = _names(rng, house, blocks["relation"], role, sex, birth, total)
    rented = happens(
        rng,
        np.where(np.isin(kind, [hh.KIND["mother"], hh.KIND["adult_alone"], hh.KIND["cohabiting_mother"]]), 0.62, 0.22),
    )
    members = np.bincount(house[(left == NEVER)], minlength=total)
    single = np.isin(kind, [hh.KIND["mother"], hh.KIND["father"], hh.KIND["three_generations_single"]])
    address = draw_addresses(rng, rented)
    move_house, move_day = _moves(rng, rented, kind, arrival, household_left, last_day)
    extra = _extra(rng, house, arrived, left, arrival, last_day, joined, back[survivor[0]], survivor[1])
    city = City(
        seed,
        people,
        last_day,
        address_numbers(rng, size),
        house,
        blocks["relation"],
        role,
        sex,
        birth,
        surname,
        given,
        foreign,
        mother,
        father,
        arrived,
        left,
        exit_kind,
        scattered(rng, total, 5_000_000_000, 5_900_000_000),
        kind,
        arrival,
        household_left,
        rented,
        happens(rng, 0.03, total),
        address,
        single,
        members,
        move_house,
        move_day,
        draw_addresses(rng, happens(rng, 0.6, len(move_day))),
        extra,
    )
    return _with_fled_mothers(city)


def expecting_women(city: City) -> Ints:
    """Women who are pregnant on the last day (indices of persons)."""
    rng = stream(city.seed, "expecting")
    age = ages(city.birth, city.last_day)
    fertile = (
        np.isin(city.role, [hh.MOTHER, hh.SPOUSE]) & (age >= 19) & (age < 42) & (city.left == NEVER) & (city.sex == 2)
    )
    woman = np.flatnonzero(fertile)
    baby = np.isin(city.household[woman], city.household[(city.role == hh.CHILD) & (age < 1)])
    share = np.where(baby, 0.0, np.where(city.role[woman] == hh.SPOUSE, 0.13, 0.035))
    found = woman[happens(rng, share)]
    # A tiny city has one pregnancy too.
    return found if len(found) else woman[~baby][:1]


def fled_mothers(city: City) -> Ints:
    """Women living alone whose child is with its father in another household here (indices of persons)."""
    rng = stream(city.seed, "fled")
    wanted = max(round(5 * city.people / targets.MODEL_PEOPLE), 1)
    age = ages(city.birth, city.last_day)
    alone = np.flatnonzero(
        (city.household_kind[city.household] == hh.KIND["adult_alone"])
        & (city.sex == 2)
        & (age > 24)
        & (age < 46)
        & (city.left == NEVER)
    )
    return np.sort(rng.permutation(alone)[:wanted])


def _with_fled_mothers(city: City) -> City:
    """The children of some single fathers are children of the mothers who fled, where the ages allow it."""
    fathers = np.flatnonzero((city.household_kind == hh.KIND["father"]) & (city.household_left == NEVER))
    oldest = np.full(len(city.household_kind), NEVER, dtype=np.int64)
    child = city.role == hh.CHILD
    np.minimum.at(oldest, city.household[child], city.birth[child])
    mother_of = np.full(len(city.household_kind), -1, dtype=np.int64)
    for mother in fled_mothers(city).tolist():
        fits = fathers[(oldest[fathers] - city.birth[mother] > 18 * 366) & (mother_of[fathers] < 0)]
        mother_of[fits[:1]] = mother
    return replace(
        city, mother=np.where(child & (mother_of[city.household] >= 0), mother_of[city.household], city.mother)
    )


def _arrivals(rng: np.random.Generator, kind: Ints, left: Ints, last_day: int) -> Ints:
    """When each household came here; NATIVE for those who were always here."""
    family = kind < hh.FAMILY_KIND_COUNT
    elder = np.isin(kind, [hh.KIND["elder_alone"], hh.KIND["elder_couple"], hh.KIND["elder_and_child"]])
    came = happens(rng, np.where(family, 0.42, np.where(elder, 0.15, 0.5)))
    before = np.where(
        family,
        rng.exponential(6.5, len(kind)),
        np.where(elder, rng.exponential(15, len(kind)), rng.exponential(4.5, len(kind))),
    )
    day = np.minimum(last_day, left - 60) - np.rint(np.minimum(before, 20) * hh.YEAR).astype(np.int64)
    return np.where(came, day, NATIVE).astype(np.int64)


def _add_departed(
    rng: np.random.Generator, blocks: dict[str, Ints], left: Ints, exit_kind: Ints, kind: Ints, last_day: int
) -> tuple[dict[str, Ints], Ints, Ints, tuple[Ints, Ints]]:
    """Add members of staying households who died or moved out: old spouses, former partners, grown children."""
    house, role = blocks["household"], blocks["role"]
    stays = left == NEVER
    heads = stays & (blocks["relation"] == 0)
    added: dict[str, list[Ints]] = {key: [] for key in blocks}
    days: list[Ints] = []
    kinds: list[Ints] = []
    survivors: list[Ints] = []
    survivor_days: list[Ints] = []
    groups = (
        (heads & (kind[house] == hh.KIND["elder_alone"]), 0.075, 730, DIES, hh.ELDER),
        (stays & (role == hh.GRANDPARENT), 0.03, 730, DIES, hh.GRANDPARENT),
        (heads & (kind[house] == hh.KIND["mother"]), 0.28, 1100, MOVES_OUT, hh.FATHER),
        (
            stays & (role == hh.MOTHER) & (last_day - blocks["birth"] > 43 * hh.YEAR),
            0.07,
            730,
            MOVES_OUT,
            hh.ADULT_CHILD,
        ),
    )
    for mask, share, span, exit_as, new_role in groups:
        chosen = np.flatnonzero(mask)
        chosen = chosen[happens(rng, share, len(chosen))]
        n = len(chosen)
        day = last_day - rng.integers(0, span, n)
        partner = new_role != hh.ADULT_CHILD
        sex = 3 - blocks["sex"][chosen] if partner else rng.integers(1, 3, n)
        birth = blocks["birth"][chosen] + (
            rng.normal(-400, 900, n).astype(np.int64) if partner else rng.integers(21 * 365, 24 * 365, n)
        )
        birth = np.minimum(birth, day - 18 * 366)
        relation = np.where(
            blocks["relation"][chosen] == 0,
            np.where(sex == 1, 1, 2) if partner else 5,
            np.where(sex == 1, 11, 12) if partner else 5,
        )
        for key, value in {
            "household": house[chosen],
            "relation": relation,
            "sex": sex,
            "birth": birth,
            "role": np.full(n, new_role),
        }.items():
            added[key].append(np.asarray(value, dtype=np.int64))
        days.append(day)
        kinds.append(np.full(n, exit_as))
        if partner:
            survivors.append(chosen)
            survivor_days.append(day)
    merged = {key: np.concatenate([blocks[key], *added[key]]) for key in blocks}
    return (
        merged,
        np.concatenate([left, *days]),
        np.concatenate([exit_kind, *kinds]),
        (np.concatenate(survivors), np.concatenate(survivor_days)),
    )


def _parents(house: Ints, role: Ints, exit_kind: Ints, total: int) -> tuple[Ints, Ints]:
    """Index of mother and father for the children of each household; −1 where there is none on record."""
    found = []
    for wanted in (hh.MOTHER, hh.FATHER):
        of_house = np.full(total, -1, dtype=np.int64)
        index = np.flatnonzero(role == wanted)
        of_house[house[index]] = index
        found.append(np.where(role == hh.CHILD, of_house[house], -1))
    return found[0], found[1]


def _person_arrivals(
    rng: np.random.Generator, house: Ints, birth: Ints, role: Ints, arrival: Ints, left: Ints, last_day: int
) -> tuple[Ints, Ints]:
    """When each person became a resident; and who joined a household lately from elsewhere in the city."""
    size = len(birth)
    with_household = np.where(birth > arrival[house], birth, arrival[house])
    arrived = np.where(arrival[house] == NATIVE, np.where(birth > 13_000, birth, NATIVE), with_household)
    partner = np.flatnonzero((role == hh.PARTNER) & happens(rng, 0.6, size))
    day = last_day - rng.integers(0, 900, len(partner))
    outside = happens(rng, 0.5, len(partner))
    arrived[partner[outside]] = np.maximum(day[outside], arrived[partner[outside]])
    joined = partner[~outside]
    married = np.flatnonzero(np.isin(role, [hh.MOTHER, hh.SPOUSE]) & happens(rng, 0.2, size) & (arrived == NATIVE))
    arrived[married] = np.minimum(birth[married] + rng.integers(20 * 365, 27 * 365, len(married)), last_day - 400)
    arrived = np.where(arrived >= left, np.maximum(birth, left - 200), arrived)
    return arrived.astype(np.int64), joined


def _names(
    rng: np.random.Generator, house: Ints, relation: Ints, role: Ints, sex: Ints, birth: Ints, total: int
) -> tuple[Ints, Ints, Bools]:
    book = names.name_book()
    size = len(house)
    surname_of = book.draw_surnames(rng, total)
    surname = surname_of[house]
    other = (
        np.isin(role, [hh.PARTNER])
        | np.isin(relation, [13, 14, 17])
        | ((role == hh.GRANDPARENT) & (relation == 0) & happens(rng, 0.12, size))
    )
    surname = np.where(other, book.draw_surnames(rng, size), surname)
    given = book.draw_given(rng, sex, fiscal_years(birth))
    _share_kanji(rng, house, role, sex, given)
    foreign_house = happens(rng, 0.010, total)
    foreign = foreign_house[house] | (np.isin(role, [hh.MOTHER, hh.SPOUSE]) & happens(rng, 0.004, size))
    which = rng.integers(0, names.foreign_count(), total)[house]
    return (
        np.where(foreign, book.foreign_from + which, surname),
        np.where(foreign, names.foreign_given_from() + which, given),
        foreign,
    )


def _share_kanji(rng: np.random.Generator, house: Ints, role: Ints, sex: Ints, given: Ints) -> None:
    """Give some siblings a name that begins with the same kanji, which makes them easy to confuse."""
    book = names.name_book()
    by_start: dict[tuple[int, str], list[int]] = {}
    men = book.given_weights[(1, 2)]
    women = book.given_weights[(2, 2)]
    for number in range(len(men)):
        if men[number] > 0 or women[number] > 0:
            by_start.setdefault((1 if men[number] > 0 else 2, book.given_kanji[number][0]), []).append(number)
    kids = np.flatnonzero(role == hh.CHILD)
    second = kids[1:][(house[kids[1:]] == house[kids[:-1]]) & (sex[kids[1:]] == sex[kids[:-1]])]
    for person in second[happens(rng, 0.14, len(second))].tolist():
        same = by_start[(int(sex[person]), book.given_kanji[int(given[person - 1])][0])]
        given[person] = same[int(rng.integers(0, len(same)))]


def _moves(
    rng: np.random.Generator, rented: Bools, kind: Ints, arrival: Ints, left: Ints, last_day: int
) -> tuple[Ints, Ints]:
    """Moves inside the city within the last six years; a few unsettled households move again and again."""
    unsettled = happens(
        rng,
        np.where(
            np.isin(kind, [hh.KIND["mother"], hh.KIND["cohabiting_mother"], hh.KIND["cohabiting_man"]]), 0.12, 0.02
        ),
    )
    count = rng.poisson(np.where(rented, 0.42, 0.1) + 2.2 * unsettled)
    house = np.repeat(np.arange(len(kind)), count)
    end = np.minimum(left[house] - 1, last_day)
    day = end - rng.integers(0, np.where(unsettled[house], 800, 2200))
    kept = day > arrival[house] + 30
    house, day = house[kept], day[kept]
    order = np.lexsort((day, house))
    return house[order], day[order]


def _extra(
    rng: np.random.Generator,
    house: Ints,
    arrived: Ints,
    left: Ints,
    household_arrived: Ints,
    last_day: int,
    joined: Ints,
    survivor: Ints,
    survivor_day: Ints,
) -> ExtraMove:
    """New heads after a death or a parting, partners who moved in from elsewhere in the city, families that left and came back."""
    total = len(household_arrived)
    recent = (household_arrived > last_day - 730) & (household_arrived < last_day - 150)
    comes_back = happens(rng, np.where(recent, 0.07, 0.0025))
    out_day = last_day - rng.integers(40, 720, total)
    out_day = np.where(recent, np.maximum(out_day, household_arrived + 30), out_day)
    back_day = out_day + rng.integers(20, 300, total)
    comes_back &= back_day <= last_day
    person = np.flatnonzero(comes_back[house] & (arrived < out_day[house]) & (left == NEVER))
    joined_day = last_day - rng.integers(0, 900, len(joined))
    parts = (
        (survivor, survivor_day, "世帯主変更"),
        (joined, joined_day, "転居"),
        (joined, joined_day, "世帯合併"),
        (person, out_day[house[person]], "国内転出"),
        (person, back_day[house[person]], "国内転入"),
    )
    return ExtraMove(
        np.concatenate([p for p, _, _ in parts]),
        np.concatenate([d for _, d, _ in parts]),
        np.concatenate([np.full(len(p), EXTRA_REASONS.index(reason)) for p, _, reason in parts]),
    )
