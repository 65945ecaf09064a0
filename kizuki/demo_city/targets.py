"""What the demo city is tuned to, each figure with its public source.

The figures of the model city scale with its population. `docs/demo-city.md` prints them beside what was achieved.
"""

from __future__ import annotations

MODEL_PEOPLE = 113_471
CHILD_SHARE = 0.158
"""Children under 18 among the people: about 18,000 of 113,471 in the model city."""

CHILDREN_PER_FAMILY = (0.493, 0.380, 0.104, 0.023)
"""Households with 1, 2, 3, 4 children (国民生活基礎調査 2022: 49.3, 38.0, 12.7 % for 1, 2, 3 or more)."""

FAMILY_KINDS = {
    "couple": 0.745,
    "mother": 0.078,
    "father": 0.010,
    "three_generations_elder": 0.040,
    "three_generations_parent": 0.058,
    "three_generations_single": 0.016,
    "grandparents": 0.006,
    "cohabiting_mother": 0.012,
    "cohabiting_man": 0.010,
    "step": 0.025,
}
"""Households with children by kind (2022: couple and children 78.1 %, three generations 11.1 %, single parent about 9–14 %)."""

OTHER_KINDS = {
    "elder_alone": 0.205,
    "elder_couple": 0.205,
    "elder_and_child": 0.135,
    "adult_alone": 0.240,
    "couple_alone": 0.105,
    "couple_and_adults": 0.105,
    "siblings": 0.005,
}
"""Households without children by kind: an ageing regional city (a third of the people are 65 or older)."""

POVERTY = 0.115
POVERTY_OF_SINGLE_PARENTS = 0.445
"""Child poverty rate, and that of single-parent families (国民生活基礎調査 2022, income of 2021)."""

SCHOOL_ABSENCE_BY_GRADE = (0.010, 0.015, 0.020, 0.026, 0.033, 0.041, 0.056, 0.066, 0.072)
"""小1 to 中3; the mean is near 3.72 % (文科省 2023). The course over the grades is an assumption."""

YOUNG_CARER = {"elementary": 0.065, "junior": 0.057, "high": 0.041}
"""小6 6.5 %, 中2 5.7 %, 高2 4.1 % (厚労省・文科省 2020, 2021), each used for its kind of school from 8 years on."""

POSTPARTUM_DEPRESSION = 0.097
"""Mothers with an EPDS of 9 or more within a year of birth (こども家庭庁, FY2021)."""

DEVELOPMENTAL_DISORDER = 0.088
"""Pupils with marked difficulties in learning or behaviour (文科省 2022), used from 1 year on."""

ABUSE = 0.030
"""An assumption: about twice the national 1.4 % known to councils (2024-04), since not all are noticed."""

COUNCIL_OPEN = 400
"""Children now registered with the council in the model city."""

PROTECTED_HOUSEHOLDS = 60
"""Households with a record of address protection in the model city (an assumption)."""
