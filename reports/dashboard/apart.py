"""The households that a conference has set aside, one line each, so that nobody vanishes from the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.records.case import ApartHousehold, Identity
from reports.sheet_words.unlisted_view import ApartView
from reports.wording import age_label


@dataclass(frozen=True)
class ApartLine:
    """One household: the words of its line in the handout, its tier, and its children, by age alone where names are off."""

    view: ApartView
    tier: int
    children: str


def apart_line(household: ApartHousehold, view: ApartView, identities: Mapping[str, Identity] | None) -> ApartLine:
    """The line. `identities` None: names are off."""
    ages = "、".join(age_label(child.age_years) for child in household.children)
    return ApartLine(view, int(household.tier), ages if identities is None else view.children)
