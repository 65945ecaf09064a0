"""What nobody sees directly: the latent circumstances of families, and the six hardships that follow from them.

Each household has four latents (economy, parental health, isolation, conflict; higher is worse), each child two
(temperament, development). Real burdens (a relative who needs care, an illness) are drawn from them. The hardships
are the top shares of combinations of latents and burdens, with interactions (conflict in isolation, a burden without
hands) that a single recorded sign does not show; the shares are the public figures in `targets`. Recorded facts are
drawn later and elsewhere, from the latents, never from a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city import targets
from kizuki.demo_city.city import City
from kizuki.demo_city.days import ages, fiscal_years, grades
from kizuki.demo_city.randomness import Bools, Floats, Ints, chance, happens, stream

HARDSHIPS = ("abuse", "school_absence", "young_carer", "poverty", "postpartum_depression", "developmental_disorder")


@dataclass(frozen=True)
class Circumstances:
    """Latents per household and per person, burdens per person, hardships per person (children only).

    `contact` is how well the services know the household (the opposite of isolation, with chance). `onset` is the day
    from which a child's troubles show. `strain` holds the combinations behind the hardships, standardised over children.
    """

    economy: Floats
    parental_health: Floats
    isolation: Floats
    conflict: Floats
    contact: Floats
    burden: Floats
    temperament: Floats
    development: Floats
    onset: Ints
    needs_care: Ints
    physical: Bools
    intellectual: Bools
    mental: Bools
    hardship: dict[str, Bools]
    strain: dict[str, Floats]


def draw_circumstances(city: City) -> Circumstances:
    """Latents, burdens and hardships of everybody in the city."""
    rng = stream(city.seed, "circumstances")
    total, size = len(city.household_kind), city.size
    kind = city.household_kind
    common = rng.normal(size=total)

    def latent(share: float) -> Floats:
        return np.asarray(share * common + np.sqrt(1 - share**2) * rng.normal(size=total))

    single = city.household_single
    unsettled = np.bincount(city.moves_household, minlength=total)
    economy = (
        latent(0.55) + 0.75 * single + 0.2 * np.isin(kind, [hh.KIND["cohabiting_mother"], hh.KIND["cohabiting_man"]])
    )
    health = latent(0.55) + 0.15 * single
    elders = np.isin(
        kind,
        [hh.KIND["three_generations_elder"], hh.KIND["three_generations_parent"], hh.KIND["three_generations_single"]],
    )
    recent = city.last_day - city.household_arrived < 1100
    isolation = (
        latent(0.4) - 0.5 * elders + 0.45 * (recent & (city.household_arrived >= 0)) + 0.25 * np.minimum(unsettled, 3)
    )
    conflict = latent(0.5) + 0.35 * np.isin(
        kind, [hh.KIND["cohabiting_mother"], hh.KIND["cohabiting_man"], hh.KIND["step"]]
    )
    contact = -0.75 * isolation + 0.65 * rng.normal(size=total)

    house = city.household
    child_common = rng.normal(size=total)[house]
    temperament = 0.4 * child_common + 0.25 * common[house] + 0.88 * rng.normal(size=size)
    development = (
        0.35 * child_common
        + 0.3 * temperament
        + 0.12 * common[house]
        + 0.28 * (city.sex == 1)
        + 0.87 * rng.normal(size=size)
    )
    age = ages(city.birth, city.last_day)

    care = _needs_care(rng, age)
    adult = age >= 18
    elder = age >= 65
    physical = happens(rng, np.where(age >= 75, 0.12, np.where(elder, 0.075, np.where(adult, 0.016, 0.0035))))
    intellectual = happens(rng, np.where(adult, 0.007, chance(-5.4 + 1.15 * development)))
    ill = np.isin(city.role, [hh.MOTHER, hh.FATHER, hh.PARTNER])
    mental = happens(
        rng,
        np.where(
            ill, chance(-4.4 + 1.05 * health[house]), np.where(adult & ~elder, 0.018, np.where(elder, 0.008, 0.002))
        ),
    )
    burden = _burden(city, age, care, physical, intellectual, mental, health)

    strain = _strain(city, rng, age, economy, health, isolation, conflict, burden, temperament, development)
    hardship = _hardships(city, age, strain)
    # Troubles began between half a year and three years ago; some within the last weeks.
    onset = city.last_day - np.minimum(rng.exponential(420, size), 1500).astype(np.int64)
    return Circumstances(
        economy,
        health,
        isolation,
        conflict,
        contact,
        burden,
        temperament,
        development,
        onset,
        care,
        physical,
        intellectual,
        mental,
        hardship,
        strain,
    )


def _needs_care(rng: np.random.Generator, age: Ints) -> Ints:
    """Level of care needed: 0 none, 1–2 要支援, 3–7 要介護1–5."""
    share = np.where(
        age >= 85, 0.56, np.where(age >= 75, 0.19, np.where(age >= 65, 0.045, np.where(age >= 45, 0.003, 0.0)))
    )
    level = 1 + np.searchsorted(np.cumsum((0.15, 0.14, 0.2, 0.17, 0.13, 0.13, 0.08))[:-1], rng.random(len(age)))
    return np.where(happens(rng, share), level, 0).astype(np.int64)


def _burden(
    city: City, age: Ints, care: Ints, physical: Bools, intellectual: Bools, mental: Bools, health: Floats
) -> Floats:
    """How much care a household's members need, beyond what its other adults can give."""
    total = len(city.household_kind)
    here = city.here(city.last_day)

    def amount(weight: Floats | Bools) -> Floats:
        counted = np.where(here, weight, 0.0).astype(np.float64)
        return np.asarray(np.bincount(city.household, weights=counted, minlength=total), dtype=np.float64)

    parent = np.isin(city.role, [hh.MOTHER, hh.FATHER, hh.PARTNER])
    weight = (
        0.5 * (care > 0)
        + 0.9 * (care >= 4)
        + 0.7 * physical * (age < 75)
        + 0.8 * intellectual
        + 0.9 * mental
        + 0.5 * mental * parent
    )
    small = amount((age < 6).astype(np.float64))
    hands = amount((age >= 18) & (age < 72) & (care == 0) & ~mental)
    need = amount(weight) + 0.35 * small + 0.4 * np.maximum(health, 0)
    return np.asarray(need / np.maximum(hands, 0.7))


def _strain(
    city: City,
    rng: np.random.Generator,
    age: Ints,
    economy: Floats,
    health: Floats,
    isolation: Floats,
    conflict: Floats,
    burden: Floats,
    temperament: Floats,
    development: Floats,
) -> dict[str, Floats]:
    """The combination of latents behind each hardship, higher is worse."""
    house, size = city.household, city.size
    e, p, i, v = economy[house], health[house], isolation[house], conflict[house]
    total = len(city.household_kind)

    def own(spread: float) -> Floats:
        return np.asarray(spread * rng.normal(size=size))

    def shared(spread: float) -> Floats:
        return np.asarray(spread * rng.normal(size=total)[house])

    up = np.maximum
    raw = {
        "abuse": 0.7 * v
        + 0.45 * p
        + 0.35 * e
        + 0.25 * i
        + 0.25 * temperament
        + 0.55 * up(v, 0) * up(i, 0)
        + 0.2 * (age < 4)
        + shared(0.45)
        + own(0.4),
        "school_absence": 0.95 * temperament
        + 0.35 * p
        + 0.3 * i
        + 0.2 * e
        + 0.3 * development
        + 0.4 * up(temperament, 0) * up(i, 0)
        + own(0.6),
        "young_carer": 1.1 * burden[house]
        + 0.25 * p
        + 0.25 * i
        + 0.2 * e
        + 0.3 * up(burden[house] - 1, 0) * up(i, 0)
        + 0.2 * (city.sex == 2)
        + own(0.45),
        "poverty": e + shared(0.35),
        "postpartum_depression": 0.9 * p
        + 0.35 * i
        + 0.3 * v
        + 0.35 * up(p, 0) * up(i, 0)
        + 0.2 * temperament
        + shared(0.6),
        "developmental_disorder": development + own(0.45),
    }
    child = age < 18
    return {name: (value - value[child].mean()) / value[child].std() for name, value in raw.items()}


def _top(mask: Bools, strain: Floats, share: float) -> Bools:
    """The top share of a group by strain."""
    index = np.flatnonzero(mask)
    found = np.zeros(len(mask), dtype=np.bool_)
    wanted = round(share * len(index))
    if wanted:
        found[index[np.argsort(-strain[index], kind="stable")[:wanted]]] = True
    return found


def _hardships(city: City, age: Ints, strain: dict[str, Floats]) -> dict[str, Bools]:
    child = age < 18
    grade = grades(city.birth, int(fiscal_years(np.array([city.last_day]))[0]))
    absence = np.zeros(city.size, dtype=np.bool_)
    for number, share in enumerate(targets.SCHOOL_ABSENCE_BY_GRADE, start=1):
        absence |= _top(child & (grade == number), strain["school_absence"], share)
    carer = _top(child & (age >= 8) & (grade <= 6), strain["young_carer"], targets.YOUNG_CARER["elementary"])
    carer |= _top(child & (grade >= 7) & (grade <= 9), strain["young_carer"], targets.YOUNG_CARER["junior"])
    carer |= _top(child & (grade >= 10), strain["young_carer"], targets.YOUNG_CARER["high"])
    single = city.household_single[city.household]
    of_single = targets.POVERTY_OF_SINGLE_PARENTS
    share_single = float((child & single).sum() / max(int(child.sum()), 1))
    of_others = max((targets.POVERTY - of_single * share_single) / (1 - share_single), 0.0)
    return {
        "abuse": _top(child, strain["abuse"], targets.ABUSE),
        "school_absence": absence,
        "young_carer": carer,
        "poverty": _top(child & single, strain["poverty"], of_single)
        | _top(child & ~single, strain["poverty"], of_others),
        "postpartum_depression": _top(
            child & (age < 1) & (city.mother >= 0), strain["postpartum_depression"], targets.POSTPARTUM_DEPRESSION
        ),
        "developmental_disorder": _top(
            child & (age >= 1), strain["developmental_disorder"], targets.DEVELOPMENTAL_DISORDER
        ),
    }
