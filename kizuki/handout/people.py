"""Who is named on the papers of a week."""

from __future__ import annotations

from engine.records.case import Casebook


def people_on_paper(casebook: Casebook) -> set[str]:
    """Keys of everyone on the sheets of a casebook: members and children of the cases, children set aside, households of children drawn by chance."""
    keys = {member.key for case in casebook.cases for member in case.members}
    keys |= {child.child_key for case in casebook.cases for child in case.children}
    keys |= {child.key for household in casebook.apart for child in household.children}
    keys |= {member.key for child in casebook.drawn for member in child.members}
    return keys | {child.child_key for child in casebook.drawn}
