"""The calibration table: what the city was tuned to, beside what it turned out to be.

`python -m kizuki.demo_city [people]` prints it as Markdown for docs/demo-city.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kizuki.demo_city import households as hh
from kizuki.demo_city import targets
from kizuki.demo_city.circumstances import Circumstances
from kizuki.demo_city.city import City
from kizuki.demo_city.days import NEVER, ages, fiscal_years, grades
from kizuki.demo_city.noticing import CouncilCase
from kizuki.demo_city.randomness import Bools


@dataclass(frozen=True)
class Figure:
    """One line of the table: its name, the target (None: measured, not tuned) with its source, and what was achieved."""

    name: str
    target: float | None
    achieved: float
    source: str


def measure(city: City, state: Circumstances, noticed: Bools, cases: CouncilCase) -> tuple[Figure, ...]:
    """Measure the city on its last day."""
    age = ages(city.birth, city.last_day)
    here = city.here(city.last_day)
    child = here & (age < 18)
    total = len(city.household_kind)
    members = np.bincount(city.household[here], minlength=total)
    children = np.bincount(city.household[child], minlength=total)
    family = children > 0
    kinds = city.household_kind
    three = np.isin(
        kinds, [hh.KIND[k] for k in ("three_generations_elder", "three_generations_parent", "three_generations_single")]
    )
    grade = grades(city.birth, int(fiscal_years(np.array([city.last_day]))[0]))
    pupil = child & (grade >= 1) & (grade <= 9)
    single = city.household_single[city.household]
    hardship = state.hardship
    open_cases = (cases.closed == NEVER) & ~cases.expecting
    registered = np.zeros(city.size, dtype=np.bool_)
    registered[cases.person[open_cases]] = True
    abuse = child & hardship["abuse"]
    contact = state.contact[city.household]
    known = contact > np.median(contact[abuse]) if abuse.any() else contact > 0
    scale = city.people / targets.MODEL_PEOPLE

    def share(part: Bools, whole: Bools) -> float:
        return float((part & whole).sum() / max(int(whole.sum()), 1))

    households = members > 0
    return (
        Figure("People on the last day", city.people, float(here.sum()), "asked for"),
        Figure(
            "Children under 18 among people",
            targets.CHILD_SHARE,
            share(child, here),
            "about 18,000 of 113,471 in the model city",
        ),
        Figure("People of 65 and older", 0.33, share(age >= 65, here), "an ageing regional city: a third"),
        Figure("People per household", 2.2, float(members[households].mean()), "regional cities, about 2.2"),
        Figure("Households with children", 0.183, share(family, households), "国民生活基礎調査 2022"),
        Figure("… of these with 1 child", 0.493, share(children == 1, family), "国民生活基礎調査 2022"),
        Figure("… with 2 children", 0.380, share(children == 2, family), "国民生活基礎調査 2022"),
        Figure("… with 3 or more", 0.127, share(children >= 3, family), "国民生活基礎調査 2022"),
        Figure("… of three generations", 0.111, share(three, family), "国民生活基礎調査 2022"),
        Figure("… of single parents", 0.11, share(city.household_single, family), "9–14 % in public statistics"),
        Figure(
            "Child poverty",
            targets.POVERTY,
            share(hardship["poverty"], child),
            "国民生活基礎調査 2022 (income of 2021)",
        ),
        Figure(
            "… of single parents' children",
            targets.POVERTY_OF_SINGLE_PARENTS,
            share(hardship["poverty"], child & single),
            "the same",
        ),
        Figure(
            "School absence, grades 1–9",
            0.0372,
            share(hardship["school_absence"], pupil),
            "文科省 2023; by grade assumed",
        ),
        Figure(
            "Young carers, 8 years to grade 6",
            0.065,
            share(hardship["young_carer"], child & (age >= 8) & (grade <= 6)),
            "小6 6.5 %",
        ),
        Figure(
            "Young carers, junior high",
            0.057,
            share(hardship["young_carer"], child & (grade >= 7) & (grade <= 9)),
            "中2 5.7 %",
        ),
        Figure(
            "Young carers, high school age", 0.041, share(hardship["young_carer"], child & (grade >= 10)), "高2 4.1 %"
        ),
        Figure(
            "Postpartum depression, infants' mothers",
            0.097,
            share(hardship["postpartum_depression"], child & (age < 1)),
            "こども家庭庁 FY2021",
        ),
        Figure(
            "Developmental disorder, from 1 year",
            0.088,
            share(hardship["developmental_disorder"], child & (age >= 1)),
            "文科省 2022 (grades 1–9)",
        ),
        Figure("Abuse", targets.ABUSE, share(hardship["abuse"], child), "assumed: twice the 1.4 % that councils know"),
        Figure(
            "Registered with the council",
            targets.COUNCIL_OPEN * scale,
            float((registered & here).sum()),
            "about 400 in the model city",
        ),
        Figure("… true abuse among the registered", None, share(abuse, registered & here), "no public figure"),
        Figure("… registered among true abuse", None, share(registered, abuse), "no public figure"),
        Figure("… the same, better known half", None, share(registered, abuse & known), "no public figure"),
        Figure("… the same, less known half", None, share(registered, abuse & ~known), "no public figure"),
    )


def as_markdown(figures: Iterable[Figure]) -> str:
    """The table for the documentation; shares in percent."""

    def text(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{value * 100:.1f} %" if value < 1 else f"{value:,.2f}" if value < 10 else f"{value:,.0f}"

    lines = ["| figure | target | achieved | source of the target |", "|---|---|---|---|"]
    lines += [f"| {f.name} | {text(f.target)} | {text(f.achieved)} | {f.source} |" for f in figures]
    return "\n".join(lines)
