"""Children who are not on the list, drawn by chance, so that a conference also looks where nothing was noticed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from engine.records.case import DrawnChild, Tier
from engine.store.households import load_households
from engine.store.tables import Snapshot
from engine.tiers.drawing import chance_millionths, in_drawing_order
from reports.casebook.member_lines import member_lines, with_parents


@dataclass(frozen=True)
class Drawing:
    """Who was drawn, in the order of drawing, and from how many."""

    children: tuple[DrawnChild, ...] = ()
    pool: int = 0


def draw_children(
    snapshot: Snapshot,
    decisions: pa.Table,
    run_id: str,
    number: int,
    protected_now: Collection[str],
    *,
    pool: int | None = None,
) -> Drawing:
    """`number` of the evaluated children of households in which every child is in ③ and nobody is protected.

    Such households are neither listed nor waiting nor set apart. `decisions`: one row per child. `protected_now`: keys of households and people who are
    protected when the papers are made, besides those of the snapshot. Of fewer children than asked for all are drawn. `pool`: how many there were to draw
    from, where it is known and who they were is not.
    """
    if number < 1:
        return Drawing()
    children = pool_of(snapshot, decisions, protected_now)
    keys = in_drawing_order(run_id, children)[:number]
    size = len(children) if pool is None else pool
    return Drawing(_told(snapshot, keys, size), size)


def pool_of(snapshot: Snapshot, decisions: pa.Table, protected_now: Collection[str] = ()) -> tuple[str, ...]:
    """The children who may be drawn."""
    best = decisions.select(["household_key", "tier"]).group_by("household_key").aggregate([("tier", "min")])
    quiet = best.filter(pc.equal(best.column("tier_min"), int(Tier.NO_ACTION))).column("household_key")
    hidden = _protected(snapshot, protected_now)
    unseen = decisions.filter(pc.is_in(decisions.column("household_key"), value_set=quiet.combine_chunks()))
    pairs = zip(unseen.column("child_key").to_pylist(), unseen.column("household_key").to_pylist(), strict=True)
    return tuple(child for child, household in pairs if household not in hidden)


def _protected(snapshot: Snapshot, protected_now: Collection[str]) -> frozenset[str]:
    """Households of the snapshot that are protected on its day or today, or with a member who is."""
    keys = " ".join(sorted(protected_now))
    rows = snapshot.connection.execute(
        "SELECT household_key FROM household WHERE protected UNION SELECT household_key FROM person"
        " WHERE person_key IN (SELECT unnest(string_split($keys, ' ')))"
        " OR household_key IN (SELECT unnest(string_split($keys, ' ')))",
        {"keys": keys},
    ).fetchall()
    return frozenset(key for (key,) in rows)


def _told(snapshot: Snapshot, keys: tuple[str, ...], pool: int) -> tuple[DrawnChild, ...]:
    households = load_households(snapshot, keys)
    districts = dict(
        snapshot.connection.execute(
            "SELECT household_key, district FROM household WHERE household_key IN (SELECT unnest(string_split($keys, ' ')))",
            {"keys": " ".join(household.key for household in households.values())},
        ).fetchall()
    )
    return tuple(
        DrawnChild(
            number=number,
            child_key=key,
            household_key=households[key].key,
            age_years=households[key].child.age_years,
            school_grade=households[key].child.school_grade,
            district=districts[households[key].key],
            chance_millionths=chance_millionths(len(keys), pool),
            members=with_parents(snapshot, member_lines(households[key], {key})),
        )
        for number, key in enumerate(keys, start=1)
    )
