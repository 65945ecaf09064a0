"""A made-up city, written as the 15 CSV deliveries that its sections would hand over, week by week.

Owns the drawing of people, their hidden circumstances and what the sections recorded of them. It must not know any
rulebook, nor read the engine's results: the city is not derived from the rules. Read `build.py` first, then
`circumstances.py` for what is hidden and `docs/demo-city.md` for what the city is not.
"""

from kizuki.demo_city.build import DemoCitySummary, build_demo_city

__all__ = ["DemoCitySummary", "build_demo_city"]
