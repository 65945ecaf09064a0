"""The households that a conference has set aside, one line each, so that nobody vanishes from the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.kernel.dates import wareki_short
from engine.records.case import ApartHousehold, Identity
from reports.case_past import terms
from reports.wording import ADDRESS_HIDDEN, age_label, reference_number

_UNTIL_NEWS = "新しい該当があったとき"


@dataclass(frozen=True)
class ApartLine:
    """One household: who, why it would be on the list, what was decided when, and when it comes back by itself."""

    reference: str
    tier: int
    tier_mark: str
    children: str
    place: str
    main_reason: str
    decision: str
    until: str


def apart_line(household: ApartHousehold, identities: Mapping[str, Identity]) -> ApartLine:
    """The line; children by name only where a name is given."""
    decision = household.decision
    said = "、".join(terms(decision))
    return ApartLine(
        reference=reference_number(household.household_key),
        tier=int(household.tier),
        tier_mark=household.tier.mark,
        children="、".join(
            f"{identities[child.key].name}({age_label(child.age_years)})"
            if child.key in identities and identities[child.key].name
            else age_label(child.age_years)
            for child in household.children
        ),
        place=ADDRESS_HIDDEN if household.protected else household.district or "―",
        main_reason=household.main_reason,
        decision=f"{wareki_short(decision.decided_on)} {decision.decision or ''}{f'({said})' if said else ''}",
        until=_UNTIL_NEWS if household.until is None else wareki_short(household.until),
    )
