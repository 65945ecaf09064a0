"""The made-up city: people and households as parallel arrays, their coming and going over time.

Everything is drawn once as a timeline up to the last as-of day; a weekly delivery is a look at that timeline. People
who have left or died within the last two years are in the arrays too, since their records are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city import targets
from kizuki.demo_city.days import NEVER, ages
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
