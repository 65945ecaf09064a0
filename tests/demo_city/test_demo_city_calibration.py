"""The demo city's people and hidden circumstances, measured against public figures and against circularity."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from kizuki.demo_city import households as hh
from kizuki.demo_city.__main__ import calibration_table
from kizuki.demo_city.calibration import as_markdown, measure
from kizuki.demo_city.circumstances import HARDSHIPS, Circumstances, draw_circumstances
from kizuki.demo_city.city import City, build_city, fled_mothers
from kizuki.demo_city.days import NEVER, ages, day_number
from kizuki.demo_city.names import half_width, name_book, old_form, without_small_kana
from kizuki.demo_city.noticing import draw_council, draw_noticed
from kizuki.demo_city.numbers import address_numbers, check_digits
from kizuki.demo_city.randomness import stream
from kizuki.demo_city.residents import protection_source
from kizuki.demo_city.writing import Week

PEOPLE = 20_000
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def city() -> City:
    """20,000 people, not written to disk."""
    return build_city(3, PEOPLE, day_number(date(2026, 11, 20)))


@pytest.fixture(scope="module")
def state(city: City) -> Circumstances:
    """Their circumstances."""
    return draw_circumstances(city)


def test_the_city_meets_its_targets(city: City, state: Circumstances) -> None:
    """Every calibrated figure is near its public target."""
    noticed = draw_noticed(city, state)
    cases = draw_council(city, state, noticed)
    figures = {figure.name: figure for figure in measure(city, state, noticed, cases)}
    allowed = {
        "People on the last day": 0.0,
        "Children under 18 among people": 0.008,
        "People of 65 and older": 0.03,
        "People per household": 0.15,
        "Households with children": 0.03,
        "… of these with 1 child": 0.04,
        "… with 2 children": 0.04,
        "… with 3 or more": 0.03,
        "… of three generations": 0.03,
        "… of single parents": 0.03,
        "Child poverty": 0.005,
        "… of single parents' children": 0.02,
        "School absence, grades 1–9": 0.008,
        "Young carers, 8 years to grade 6": 0.012,
        "Young carers, junior high": 0.012,
        "Young carers, high school age": 0.012,
        "Postpartum depression, infants' mothers": 0.04,
        "Developmental disorder, from 1 year": 0.005,
        "Abuse": 0.003,
        "Registered with the council": 5.0,
    }
    for name, tolerance in allowed.items():
        target = figures[name].target
        assert target is not None
        assert abs(figures[name].achieved - target) <= tolerance, name
    assert as_markdown(figures.values()).count("\n") == len(figures) + 1


def test_children_live_in_families(city: City) -> None:
    """Every resident child lives with an adult, mothers are women and were 15 or older at the birth."""
    age = ages(city.birth, city.last_day)
    here = city.here(city.last_day)
    child = np.flatnonzero(here & (age < 18))
    adults = np.bincount(city.household[here & (age >= 18)], minlength=len(city.household_kind))
    assert (adults[city.household[child]] > 0).all()
    with_mother = child[city.mother[child] >= 0]
    mother = city.mother[with_mother]
    assert (city.sex[mother] == 2).all()
    assert ((city.birth[with_mother] - city.birth[mother]) >= 15 * 365).all()
    heads = np.bincount(city.household[(city.relation == 0) & (city.left == NEVER)], minlength=len(city.household_kind))
    assert heads[city.household[child]].max() == 1
    twins = (city.birth[child[1:]] == city.birth[child[:-1]]) & (
        city.household[child[1:]] == city.household[child[:-1]]
    )
    assert twins.any()


def test_grandchildren_carry_a_chain(city: City) -> None:
    """In a household that a grandparent heads, the child is 子の子 (20 20)."""
    elder = np.isin(city.household_kind, [hh.KIND["three_generations_elder"], hh.KIND["grandparents"]])
    child = np.flatnonzero((city.role == hh.CHILD) & elder[city.household])
    assert {hh.RELATIONS[n] for n in np.unique(city.relation[child]).tolist()} == {(("20", "20"), "子の子")}


def test_foreign_residents_are_in_no_more_trouble(city: City, state: Circumstances) -> None:
    """Nationality enters no latent: the latents of foreign families have the same mean as those of the others."""
    foreign = np.unique(city.household[city.foreign])
    others = np.setdiff1d(np.arange(len(city.household_kind)), foreign)
    for latent in (state.economy, state.parental_health, state.conflict):
        assert abs(latent[foreign].mean() - latent[others].mean()) < 4 / np.sqrt(len(foreign))


def test_mothers_who_fled_are_protected(city: City, state: Circumstances) -> None:
    """A mother who fled is under protection in a household of her own, while her child is with the father elsewhere."""
    sheet, protected = protection_source(city, state)
    fled = fled_mothers(city)
    assert np.isin(city.household[fled], protected).all()
    children = np.flatnonzero(np.isin(city.mother, fled))
    assert len(children)
    assert not np.isin(city.household[children], city.household[fled]).any()
    rows = [row.split(",") for row in sheet(Week(1, city.last_day, None, True, False)).rows]
    assert any(end < "2026-11-20" for *_, end in rows)
    assert any(end > "2026-11-20" for *_, end in rows)


def test_registration_is_not_the_truth(city: City, state: Circumstances) -> None:
    """Some children in trouble are not registered, some entries have no ground, and unknown families are missed more."""
    noticed = draw_noticed(city, state)
    cases = draw_council(city, state, noticed)
    child = ages(city.birth, city.last_day) < 18
    registered = np.zeros(city.size, dtype=np.bool_)
    registered[cases.person[cases.closed == NEVER]] = True
    any_hardship = np.any([state.hardship[name] for name in HARDSHIPS], axis=0) & child
    assert (any_hardship & ~registered).sum() > (any_hardship & registered).sum()
    assert cases.false_entry.any()
    troubled = np.flatnonzero(any_hardship)
    contact = state.contact[city.household[troubled]]
    assert (
        noticed[troubled][contact > np.median(contact)].mean()
        > 1.3 * noticed[troubled][contact <= np.median(contact)].mean()
    )


def test_hardships_go_together_but_are_not_one(state: Circumstances, city: City) -> None:
    """The strains behind the hardships are correlated, and none decides another."""
    child = ages(city.birth, city.last_day) < 18
    matrix = np.corrcoef([state.strain[name][child] for name in HARDSHIPS])
    off = matrix[~np.eye(len(HARDSHIPS), dtype=np.bool_)]
    assert off.mean() > 0.15
    assert off.max() < 0.85


def test_address_numbers_are_distinct_and_nearly_all_valid() -> None:
    """Numbers are distinct, have at most 9 digits before padding, and some ten-thousandths fail the check digit."""
    numbers = address_numbers(stream(1, "numbers"), 200_000)
    assert len(np.unique(numbers)) == len(numbers)
    assert numbers.max() < 10**9
    wrong = (check_digits(numbers // 10) != numbers % 10).mean()
    assert 0.0001 < wrong < 0.0006


def test_names_follow_real_frequencies() -> None:
    """佐藤, the most frequent surname, leads; kana lose small letters and width as in older systems."""
    book = name_book()
    drawn = book.draw_surnames(stream(1, "names"), 20_000)
    top = np.bincount(drawn).argmax()
    assert book.surname_kanji[int(top)] == "佐藤"
    assert half_width(without_small_kana("キョウコ")) == "ｷﾖｳｺ"
    assert half_width("ガッパ") == "ｶﾞｯﾊﾟ"
    assert old_form("高橋") == "髙橋"


def test_the_documentation_shows_the_present_calibration() -> None:
    """docs/demo-city.md prints the calibration that the default city has now."""
    assert calibration_table() in (ROOT / "docs" / "demo-city.md").read_text("utf-8")
