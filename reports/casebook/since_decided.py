"""How much has been recorded of households set aside since the papers on which they were decided, so that a second call does not go unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.records.case import ApartHousehold
from engine.store.households import load_households
from engine.store.tables import Snapshot
from engine.tiers.standing import data_until
from reports.casebook.past_year import Chronicler

_KINDS = ("事実", "連絡")
"""Support is not told: it never speaks against a family."""


def with_new_facts(
    snapshot: Snapshot, apart: Sequence[ApartHousehold], chronicler: Chronicler
) -> tuple[ApartHousehold, ...]:
    """The lines with facts and contacts of the household's twelve months that begin after the as-of day of the list that its conference had.

    By the day on which they are said to have happened, or of a state or a month on which it began: what arrived later but is of a day before is not
    among them.
    """
    households = load_households(snapshot, sorted(one.children[0].key for one in apart)) if apart else {}
    told = []
    for one in apart:
        year = chronicler.past_year(households[one.children[0].key], {child.key for child in one.children})
        new = [entry for entry in year.entries if entry.kind in _KINDS and entry.on > data_until(one.decision)]
        told.append(replace(one, new_facts=len(new), newest_fact=new[-1] if new else None))
    return tuple(told)
