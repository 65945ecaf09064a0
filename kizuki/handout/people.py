"""Who is named on the papers of a week, and by what: an address is printed for nobody, for a conference needs the district only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.records.case import Casebook, Identity

if TYPE_CHECKING:
    from engine.linkage.keyring import Keyring


def people_on_paper(casebook: Casebook) -> set[str]:
    """Keys of everyone on the sheets of a casebook: members and children of the cases, children set aside, households of children drawn by chance."""
    keys = {member.key for case in casebook.cases for member in case.members}
    keys |= {child.child_key for case in casebook.cases for child in case.children}
    keys |= {child.key for household in casebook.apart for child in household.children}
    keys |= {member.key for child in casebook.drawn for member in child.members}
    return keys | {child.child_key for child in casebook.drawn}


def names_for_paper(keyring: Keyring, keys: Collection[str]) -> dict[str, Identity]:
    """What papers may say of these people, by key, as the keyring tells it."""
    return {key: replace(identity, address=None) for key, identity in keyring.identities(set(keys)).items()}
