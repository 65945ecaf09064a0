"""The members of a household as the papers list them: in 続柄 order, without names, with who is recorded as whose parent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from engine.records.case import SUPPORTED_NOW, MemberLine
from engine.records.household import Household, Person
from engine.store.tables import Snapshot

_RELATION_ORDER = ("父", "母", "本人", "きょうだい", "祖父母", "世帯員")


def member_lines(household: Household, listed: Collection[str]) -> tuple[MemberLine, ...]:
    """Everyone in the household in 続柄 order as seen from the first listed child, elder before younger."""
    lines = [_member(household.child, "本人", household, listed)]
    for member in household.members:
        relation = next((r for r in _RELATION_ORDER if r in member.relations), "世帯員")
        lines.append(_member(member, relation, household, listed))
    return tuple(sorted(lines, key=lambda m: (_RELATION_ORDER.index(m.relation), -(m.age_years or 0), m.key)))


def with_parents(snapshot: Snapshot, members: tuple[MemberLine, ...]) -> tuple[MemberLine, ...]:
    """The same lines with who is recorded as whose parent among them, for the genogram."""
    recorded = snapshot.connection.execute(
        "SELECT DISTINCT child_key, member_key FROM kin WHERE relation IN ('父', '母')"
        " AND child_key IN (SELECT unnest(string_split($keys, ' '))) ORDER BY ALL",
        {"keys": " ".join(member.key for member in members)},
    ).fetchall()
    return tuple(replace(line, parents=tuple(parent for key, parent in recorded if key == line.key)) for line in members)


def _member(person: Person, relation: str, household: Household, listed: Collection[str]) -> MemberLine:
    registered = any(
        row.values.get("registered_on")
        and "closed_on" not in row.unknown
        and not _closed(row.values.get("closed_on"), household.as_of)
        for row in person.rows.get("council_case", ())
    )
    return MemberLine(
        person.key, relation, person.age_years, person.key in listed, SUPPORTED_NOW if registered else ""
    )


def _closed(value: object, as_of: date) -> bool:
    return isinstance(value, date) and value < as_of
