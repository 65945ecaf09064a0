"""Who lives with whom: households and their members, drawn as of the last day.

One `Draft` holds the households of one call: those that stay, or those that have left within two years. Members are
added in blocks (all mothers, all first children …), so that every draw is made for the whole city at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kizuki.demo_city import targets
from kizuki.demo_city.randomness import Bools, Floats, Ints, happens, pick

YEAR = 365.25
RELATIONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("02",), "世帯主"),
    (("11",), "夫"),
    (("12",), "妻"),
    (("13",), "夫（未届）"),
    (("14",), "妻（未届）"),
    (("20",), "子"),
    (("12", "20"), "妻の子"),
    (("14", "20"), "妻（未届）の子"),
    (("20", "12"), "子の妻"),
    (("20", "11"), "子の夫"),
    (("20", "20"), "子の子"),
    (("51",), "父"),
    (("52",), "母"),
    (("12", "51"), "妻の父"),
    (("12", "52"), "妻の母"),
    (("74",), "弟"),
    (("84",), "妹"),
    (("99",), "同居人"),
    (("71",), "兄"),
    (("81",), "姉"),
    (("20", "12", "20"), "子の妻の子"),
)
_BY_TEXT = {text: number for number, (_, text) in enumerate(RELATIONS)}
KINDS = (*targets.FAMILY_KINDS, *targets.OTHER_KINDS)
KIND = {name: number for number, name in enumerate(KINDS)}
FAMILY_KIND_COUNT = len(targets.FAMILY_KINDS)
OTHER, FATHER, MOTHER, CHILD, GRANDPARENT, PARTNER, ELDER, ADULT_CHILD, SPOUSE = range(9)
"""Roles of members; they steer the drawing and are never delivered."""


@dataclass
class Draft:
    """Households under construction: `kind` per household, and blocks of members (parallel lists of arrays)."""

    day: int
    kind: Ints
    household: list[Ints] = field(default_factory=list)
    relation: list[Ints] = field(default_factory=list)
    sex: list[Ints] = field(default_factory=list)
    birth: list[Ints] = field(default_factory=list)
    role: list[Ints] = field(default_factory=list)

    def add(self, household: Ints, relation: str | Ints, sex: int | Ints, birth: Ints, role: int) -> None:
        """One block of members; nobody is born after the day."""
        size = len(household)
        self.household.append(household)
        self.relation.append(np.full(size, _BY_TEXT[relation]) if isinstance(relation, str) else relation)
        self.sex.append(np.full(size, sex) if isinstance(sex, int) else sex)
        self.birth.append(np.minimum(birth, self.day).astype(np.int64))
        self.role.append(np.full(size, role))


def draw(rng: np.random.Generator, people: int, day: int) -> Draft:
    """Households with exactly so many members: families first, then the others, one-person households to fill up."""
    families = max(round(people * targets.CHILD_SHARE / 1.66), 1)
    kind = pick(rng, tuple(targets.FAMILY_KINDS.values()), families)
    draft = Draft(day, kind)
    _families(rng, draft)
    left = people - sum(map(len, draft.household))
    others = pick(rng, tuple(targets.OTHER_KINDS.values()), max(left, 0)) + FAMILY_KIND_COUNT
    children = np.where(others == KIND["couple_and_adults"], 1 + happens(rng, 0.28, len(others)), 0)
    both = (others == KIND["elder_and_child"]) & happens(rng, 0.42, len(others))
    size = np.where(np.isin(others, [KIND["elder_alone"], KIND["adult_alone"]]), 1, 2) + children + both
    fits = int(np.searchsorted(np.cumsum(size), left, side="right"))
    others, children, both = others[:fits], children[:fits], both[:fits]
    missing = left - int(size[:fits].sum())
    others = np.concatenate([others, np.full(missing, KIND["adult_alone"])])
    children = np.concatenate([children, np.zeros(missing, dtype=np.int64)])
    both = np.concatenate([both, np.zeros(missing, dtype=np.bool_)])
    draft.kind = np.concatenate([kind, others])
    _others(rng, draft, np.arange(len(others)) + families, others, children, both)
    return draft


def _years(value: Floats) -> Ints:
    return np.asarray(np.rint(value * YEAR)).astype(np.int64)


def _child_ages(rng: np.random.Generator, count: Ints) -> Ints:
    """Ages in days of up to four children under 18, youngest first; −1 where there is none."""
    size = len(count)
    ages = np.full((size, 4), -1, dtype=np.int64)
    todo = np.arange(size)
    # Births fall year by year; the redraws below take more from the older years.
    weights = np.asarray(1.018 ** np.arange(18), dtype=np.float64)
    for attempt in range(60):
        n = len(todo)
        if not n:
            break
        youngest = _years(pick(rng, weights, n) + rng.random(n) * 0.999)
        gaps = np.maximum(_years(rng.gamma(5.0, 0.58, (n, 3))), 330)
        gaps = np.where(rng.random((n, 3)) < 0.02, 0, gaps) if attempt < 40 else np.full((n, 3), 400)
        trial = np.cumsum(np.concatenate([youngest[:, None], gaps], axis=1), axis=1)
        trial = np.where(np.arange(4)[None, :] < count[todo][:, None], trial, -1)
        good = trial.max(axis=1) < 18 * YEAR - 1
        ages[todo[good]] = trial[good]
        todo = todo[~good]
    return ages


def _families(rng: np.random.Generator, draft: Draft) -> None:
    kind, day = draft.kind, draft.day
    size = len(kind)
    every = np.arange(size)
    count = pick(rng, targets.CHILDREN_PER_FAMILY, size) + 1
    ages = _child_ages(rng, count)
    oldest = ages.max(axis=1)
    first = np.clip(rng.normal(29.0, 4.8, size), 16.0, 41.0) - 2.0 * np.isin(
        kind, [KIND["mother"], KIND["cohabiting_mother"]]
    )
    mother_birth = day - oldest - _years(np.maximum(first, 15.8))
    grown = (day - mother_birth > 41 * YEAR) & (oldest > 13 * YEAR) & happens(rng, 0.32, size)
    grown_age = oldest + _years(rng.gamma(5.0, 0.6, size))
    grown &= (grown_age > 18 * YEAR + 40) & (grown_age < 27 * YEAR)
    mother_birth = np.where(
        grown, np.minimum(mother_birth, day - grown_age - _years(np.clip(first, 18, 40))), mother_birth
    )
    father_birth = mother_birth - _years(np.clip(rng.normal(1.8, 4.0, size), -9, 18))
    father_birth = np.minimum(father_birth, day - oldest - 17 * 365)

    is_kind = {name: kind == KIND[name] for name in targets.FAMILY_KINDS}
    couple = is_kind["couple"] | is_kind["step"] | is_kind["three_generations_parent"]
    mother_heads = couple & happens(rng, 0.07, size) & ~is_kind["step"]
    maternal = happens(rng, 0.35, size)

    def members(mask: Bools, relation: str, sex: int, birth: Ints, role: int) -> None:
        chosen = every[mask]
        draft.add(chosen, relation, sex, birth[chosen], role)

    members(couple & ~mother_heads, "世帯主", 1, father_birth, FATHER)
    members(couple & ~mother_heads, "妻", 2, mother_birth, MOTHER)
    members(mother_heads, "世帯主", 2, mother_birth, MOTHER)
    members(mother_heads, "夫", 1, father_birth, FATHER)
    members(is_kind["mother"] | is_kind["cohabiting_mother"], "世帯主", 2, mother_birth, MOTHER)
    members(is_kind["father"], "世帯主", 1, father_birth, FATHER)
    unregistered = is_kind["cohabiting_mother"] & happens(rng, 0.6, size)
    members(unregistered, "夫（未届）", 1, father_birth, PARTNER)
    members(is_kind["cohabiting_mother"] & ~unregistered, "同居人", 1, father_birth, PARTNER)
    members(is_kind["cohabiting_man"], "世帯主", 1, father_birth, PARTNER)
    members(is_kind["cohabiting_man"], "妻（未届）", 2, mother_birth, MOTHER)
    elder = is_kind["three_generations_elder"]
    members(elder & ~maternal, "子", 1, father_birth, FATHER)
    members(elder & ~maternal, "子の妻", 2, mother_birth, MOTHER)
    members(elder & maternal, "子", 2, mother_birth, MOTHER)
    members(elder & maternal, "子の夫", 1, father_birth, FATHER)
    single = is_kind["three_generations_single"]
    single_father = single & happens(rng, 0.12, size)
    members(single & ~single_father, "子", 2, mother_birth, MOTHER)
    members(single_father, "子", 1, father_birth, FATHER)

    # Grandparents: at least one of the two.
    with_elders = elder | single | is_kind["three_generations_parent"] | is_kind["grandparents"]
    link = np.where(maternal, mother_birth, father_birth)
    grandmother_birth = np.maximum(link - _years(np.clip(rng.normal(26.5, 4.0, size), 18, 40)), day - 36_500)
    grandfather_birth = np.maximum(
        grandmother_birth - _years(np.clip(rng.normal(3.0, 3.0, size), -3, 12)), day - 37_000
    )
    has_grandmother = happens(rng, 0.86, size)
    has_grandfather = happens(rng, 0.58, size) | ~has_grandmother
    heads = with_elders & ~is_kind["three_generations_parent"]
    members(heads & has_grandfather, "世帯主", 1, grandfather_birth, GRANDPARENT)
    members(heads & has_grandfather & has_grandmother, "妻", 2, grandmother_birth, GRANDPARENT)
    members(heads & ~has_grandfather, "世帯主", 2, grandmother_birth, GRANDPARENT)
    guests = is_kind["three_generations_parent"]
    wives = guests & maternal & ~mother_heads
    for mask, texts in ((guests & ~wives, ("父", "母")), (wives, ("妻の父", "妻の母"))):
        members(mask & has_grandfather, texts[0], 1, grandfather_birth, GRANDPARENT)
        members(mask & has_grandmother, texts[1], 2, grandmother_birth, GRANDPARENT)

    text = np.full(size, _BY_TEXT["子"])
    text[heads] = _BY_TEXT["子の子"]
    text[is_kind["cohabiting_man"]] = _BY_TEXT["妻（未届）の子"]
    stepchild = is_kind["step"]
    for place in range(3, -1, -1):
        chosen = every[ages[:, place] >= 0]
        relation = np.where(stepchild[chosen] & (place == count[chosen] - 1), _BY_TEXT["妻の子"], text[chosen])
        sex = 1 + (rng.random(len(chosen)) < 0.488)
        draft.add(chosen, relation, sex.astype(np.int64), day - ages[chosen, place], CHILD)
    chosen = every[grown]
    draft.add(
        chosen, text[chosen], (1 + (rng.random(len(chosen)) < 0.49)).astype(np.int64), day - grown_age[chosen], CHILD
    )


def _others(rng: np.random.Generator, draft: Draft, household: Ints, kind: Ints, children: Ints, both: Bools) -> None:
    day, size = draft.day, len(kind)

    def members(mask: Bools, relation: str, sex: int | Ints, age: Floats, role: int) -> None:
        draft.add(household[mask], relation, sex if isinstance(sex, int) else sex[mask], day - _years(age[mask]), role)

    is_kind = {name: kind == KIND[name] for name in targets.OTHER_KINDS}
    elder_age = 65.1 + np.minimum(rng.gamma(2.6, 5.0, size), 37.0)
    woman = (1 + happens(rng, 0.68, size)).astype(np.int64)
    members(is_kind["elder_alone"], "世帯主", woman, np.minimum(elder_age + 2, 104), ELDER)
    couple_age = 63.0 + rng.gamma(3.2, 4.0, size)
    members(is_kind["elder_couple"], "世帯主", 1, np.minimum(couple_age + 2, 99), ELDER)
    members(is_kind["elder_couple"], "妻", 2, np.minimum(couple_age - rng.normal(1.5, 2.5, size), 98), ELDER)
    young = happens(rng, 0.45, size)
    adult_age = np.where(young, 18.5 + rng.gamma(1.6, 5.0, size), 38 + 26 * rng.random(size))
    man = (1 + happens(rng, np.where(young, 0.45, 0.36))).astype(np.int64)
    members(is_kind["adult_alone"], "世帯主", man, np.minimum(adult_age, 64.5), OTHER)
    pair_age = np.where(happens(rng, 0.3, size), 23 + 17 * rng.random(size), 45 + 21 * rng.random(size))
    members(is_kind["couple_alone"], "世帯主", 1, pair_age + 1.5, OTHER)
    members(is_kind["couple_alone"], "妻", 2, np.maximum(pair_age + rng.normal(0, 2.5, size), 19), SPOUSE)
    child_age = np.clip(elder_age - rng.normal(28.5, 4.5, size), 20.0, 68.0)
    child_heads = is_kind["elder_and_child"] & happens(rng, 0.55, size)
    elder_heads = is_kind["elder_and_child"] & ~child_heads
    child_sex = (1 + happens(rng, 0.37, size)).astype(np.int64)
    members(child_heads, "世帯主", child_sex, child_age, ADULT_CHILD)
    members(child_heads, "母", 2, elder_age, ELDER)
    members(child_heads & both, "父", 1, np.minimum(elder_age + 2.5, 100), ELDER)
    members(elder_heads & both, "世帯主", 1, np.minimum(elder_age + 2.5, 100), ELDER)
    members(elder_heads & both, "妻", 2, elder_age, ELDER)
    members(elder_heads & ~both, "世帯主", 2, elder_age, ELDER)
    members(elder_heads, "子", child_sex, child_age, ADULT_CHILD)
    parent_age = 47 + 19 * rng.random(size)
    members(is_kind["couple_and_adults"], "世帯主", 1, parent_age + 2, OTHER)
    members(is_kind["couple_and_adults"], "妻", 2, parent_age, SPOUSE)
    for place in range(2):
        age = np.clip(parent_age - 27 - rng.normal(3.0 * place, 2.0, size), 18.2, 42.0)
        sex = (1 + happens(rng, 0.46, size)).astype(np.int64)
        members(is_kind["couple_and_adults"] & (children > place), "子", sex, age, ADULT_CHILD)
    members(is_kind["siblings"], "世帯主", 1, 40 + 35 * rng.random(size), OTHER)
    members(is_kind["siblings"], "妹", 2, 38 + 33 * rng.random(size), OTHER)
