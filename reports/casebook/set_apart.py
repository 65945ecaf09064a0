"""Households that a conference has set aside, one line each, so that nobody vanishes from what the next conference sees."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from engine.records.case import ApartHousehold, MemberLine
from engine.records.outline import ScenarioOutline
from engine.store.tables import Snapshot
from engine.tiers.listing import ChildDecision, SetApart
from reports.casebook.main_reason import Hit, main_reason


def apart_households(
    snapshot: Snapshot,
    apart: Sequence[SetApart],
    type_tiers: Mapping[str, Mapping[str, int]],
    outlines: Iterable[ScenarioOutline],
    protected_now: Collection[str],
) -> tuple[ApartHousehold, ...]:
    """The lines in the order of the list's `apart`.

    `type_tiers`: by child key the tier of each type. `protected_now`: keys of households and people who are protected today; of such a household
    neither district nor anything else of a place is told.
    """
    scenarios = {outline.id: outline for outline in outlines}
    children = [child for line in apart for child in line.children]
    ages: dict[str, int | None] = dict(
        _rows(snapshot, "SELECT person_key, age_years FROM person WHERE person_key", [c.child_key for c in children])
    )
    keys = [line.household_key for line in apart]
    places = {
        key: (district, protected)
        for key, district, protected in _rows(
            snapshot, "SELECT household_key, district, protected FROM household WHERE household_key", keys
        )
    }
    hidden = set(protected_now)
    members: dict[str, set[str]] = {}
    for household, person in _rows(snapshot, "SELECT household_key, person_key FROM person WHERE household_key", keys):
        members.setdefault(household, set()).add(person)
    found = []
    for line in apart:
        district, protected = places[line.household_key]
        protected = protected or not hidden.isdisjoint({line.household_key, *members[line.household_key]})
        found.append(
            ApartHousehold(
                household_key=line.household_key,
                tier=line.tier,
                protected=protected,
                district=None if protected else district,
                children=tuple(MemberLine(c.child_key, "本人", ages[c.child_key], True) for c in line.children),
                main_reason=_main_reason(line.children, type_tiers, scenarios),
                decision=line.decision,
                until=line.until,
            )
        )
    return tuple(found)


def _main_reason(
    children: Sequence[ChildDecision],
    type_tiers: Mapping[str, Mapping[str, int]],
    scenarios: Mapping[str, ScenarioOutline],
) -> str:
    return main_reason(
        ([Hit(s.hardship_type, s.strength, s.id, s.name) for s in map(scenarios.__getitem__, child.hits)], type_tiers[child.child_key])
        for child in children
    )


def _rows(snapshot: Snapshot, query: str, keys: Collection[str]) -> list[tuple[Any, ...]]:
    # One text instead of a list: a list parameter is converted value by value, which takes longer than the query.
    asked = f"{query} IN (SELECT unnest(string_split($keys, ' ')))"
    return snapshot.connection.execute(asked, {"keys": " ".join(sorted(keys))}).fetchall()
