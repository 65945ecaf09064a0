"""`python -m kizuki.demo_city [people]`: draw a city without writing it, and print its calibration table."""

from __future__ import annotations

import sys
from datetime import date

from kizuki.demo_city import targets
from kizuki.demo_city.calibration import as_markdown, measure
from kizuki.demo_city.circumstances import draw_circumstances
from kizuki.demo_city.city import build_city
from kizuki.demo_city.days import day_number
from kizuki.demo_city.noticing import draw_council, draw_noticed


def calibration_table(
    people: int = targets.MODEL_PEOPLE, *, seed: int = 20261120, last_as_of: date = date(2026, 11, 20)
) -> str:
    """The calibration of a city with these arguments, as a Markdown table."""
    city = build_city(seed, people, day_number(last_as_of))
    state = draw_circumstances(city)
    noticed = draw_noticed(city, state)
    return as_markdown(measure(city, state, noticed, draw_council(city, state, noticed)))


if __name__ == "__main__":
    print(calibration_table(int(sys.argv[1]) if len(sys.argv) > 1 else targets.MODEL_PEOPLE))
