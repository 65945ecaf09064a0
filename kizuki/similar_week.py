"""Similar past households for the children of a week's list, from the contributions that the reasons are told from.

The weekly job and whoever verifies a run both go through here. Whatever goes wrong costs the similar households, not the run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from engine.records.case import HARDSHIP_LABELS
from engine.records.score import NO_SCORE
from engine.records.similar import SimilarCase
from engine.store.places import protected_people
from engine.store.tables import Snapshot
from kizuki.scoring import ScoredByModel
from ml_overlay.scoring.outcome import Explained
from ml_overlay.similar.cases import households_of
from ml_overlay.similar.for_children import Today, hardship_type_asked, similar_for
from ml_overlay.similar.index import TypeParts, UnreadableIndexError, read_index
from ml_overlay.similar.past import ON_A_SHEET

NO_INDEX = "このモデルには、過去の案件の控えがありません。似た世帯は、次につくるモデルから示せます。"
_FAILED = "過去の似た世帯を出せませんでした({} {})。判定と一覧には関わりません。"


@dataclass(frozen=True)
class SimilarInWeek:
    """By child key, nearest first; only children for whom somebody can be shown. `note`: why there is nobody for any child, empty where there is no reason."""

    by_child: Mapping[str, tuple[SimilarCase, ...]] = field(default_factory=dict)
    note: str = ""


def similar_in_week(
    scored: ScoredByModel, explained: Explained | None, snapshot: Snapshot, decisions: pa.Table, hidden: Collection[str]
) -> SimilarInWeek:
    """Of each listed child with a raised tier in a type that has a model, at most three past households.

    `decisions`: one row per child. `hidden`: keys of households that may not be shown besides those protected in the snapshot (`hidden_households`). What conferences
    decided is left out: the record of a run is made from the deliveries alone, so that it can be made again.
    """
    if explained is None:
        return SimilarInWeek()
    if scored.past_index is None:
        return SimilarInWeek(note=NO_INDEX)
    try:
        index = read_index(scored.past_index, scored.scored.model)
        table, rows = scored.table, explained.rows
        parts = {
            kind: TypeParts(said.features, said.parts, scored.scored.scores[kind][rows] != NO_SCORE)
            for kind, said in explained.types.items()
        }
        today = Today(table.child_keys[rows], table.household_keys[rows], parts)
        tiers = tiers_of(decisions, today.child_keys.tolist())
        asked = {key: hardship_type_asked(its, parts) for key, its in tiers.items()}
        found = similar_for(snapshot, index, today, asked, hidden=hidden, terms=ON_A_SHEET)
    except UnreadableIndexError:
        return SimilarInWeek(note=_FAILED.format("E-MODEL-71", "控えがモデルと合いません"))
    except Exception as error:  # whatever it is, it costs no list
        return SimilarInWeek(note=_FAILED.format("E-MODEL-72", type(error).__name__))
    return SimilarInWeek({key: similar.cases for key, similar in found.items() if similar.cases})


def hidden_households(
    snapshot: Snapshot, store: Path, only: Collection[tuple[str, str]] | None = None
) -> frozenset[str]:
    """Households of the snapshot with a member in any list of protected people (DV等支援措置) that was ever delivered, or in these deliveries."""
    return households_of(snapshot, protected_people(store, only))


def tiers_of(decisions: pa.Table, child_keys: Collection[str]) -> dict[str, dict[str, int]]:
    """The tier of each type by child, in the order in which types are told."""
    wanted = set(child_keys)
    columns = [f"tier_{kind}" for kind in HARDSHIP_LABELS]
    return {
        row["child_key"]: {kind: int(row[f"tier_{kind}"]) for kind in HARDSHIP_LABELS}
        for row in decisions.select(["child_key", *columns]).to_pylist()
        if row["child_key"] in wanted
    }
