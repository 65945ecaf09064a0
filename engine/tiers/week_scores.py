"""A week's scores of all children with their bands: made from a model's scores and the week before, kept as a table, and read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from engine.audit.run_record import SCORES, RunRecord
from engine.records.score import NO_SCORE, Score, ScoreReason
from engine.tiers.bands import BandState, IntArray, Thresholds, bands, model_points, places, thresholds_of
from engine.tiers.policy import BANDS, TierPolicy

_BELOW = BANDS[1:]


@dataclass(frozen=True)
class TypeScores:
    """One hardship type, all children in the order of the week: score in millionths (NO_SCORE: none), place in a thousand, band and
    runs below. `last`: the last place that is told; `last` + 1 stands for everything further down."""

    millionths: IntArray
    place: IntArray
    state: BandState
    thresholds: Thresholds
    last: int


@dataclass(frozen=True)
class WeekScores:
    """The scores of one run. `child_keys`: sorted, as in the decisions; `types`: those that the model has a say in.

    `carried_from`: the run whose bands were carried on; None where there was none, or none by the same model.
    """

    model_id: str
    child_keys: tuple[str, ...]
    types: Mapping[str, TypeScores]
    carried_from: str | None = None

    @property
    def bands(self) -> Mapping[str, IntArray]:
        """The band of each child by type, as an index into BANDS."""
        return {kind: scores.state.band for kind, scores in self.types.items()}

    def points(self, weight: int) -> Mapping[str, IntArray]:
        """What the model adds to each child's points, by type."""
        return {
            kind: model_points(scores.state.band, scores.place, scores.last, weight)
            for kind, scores in self.types.items()
        }

    def of(self, child_key: str, reasons: Mapping[str, tuple[ScoreReason, ...]] | None = None) -> Mapping[str, Score]:
        """One child's scores by type, without the types of which it has none. `reasons` are by type."""
        row = self._rows[child_key]
        return {
            kind: Score(
                child_key,
                kind,
                int(scores.millionths[row]),
                self.model_id,
                BANDS[int(scores.state.band[row])],
                int(scores.state.weeks_below[row]),
                (reasons or {}).get(kind, ()),
            )
            for kind, scores in self.types.items()
            if scores.millionths[row] != NO_SCORE
        }

    def place_of(self, child_key: str, kind: str) -> int | None:
        """The place in a thousand; None where it is further down than is told."""
        scores = self.types[kind]
        place = int(scores.place[self._rows[child_key]])
        return place if place <= scores.last else None

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {key: row for row, key in enumerate(self.child_keys)}

    def table(self) -> pa.Table:
        """One row per child: child_key, and of each type <type>_millionths (null: no score), <type>_place (null: further down),
        <type>_band (0 なし to 3 上), <type>_weeks_below."""
        columns: dict[str, pa.Array] = {"child_key": pa.array(self.child_keys, pa.string())}
        for kind, scores in sorted(self.types.items()):
            none = scores.millionths == NO_SCORE
            columns[f"{kind}_millionths"] = pa.array(scores.millionths, pa.int32(), mask=none)
            columns[f"{kind}_place"] = pa.array(scores.place, pa.int16(), mask=scores.place > scores.last)
            columns[f"{kind}_band"] = pa.array(scores.state.band, pa.int8())
            columns[f"{kind}_weeks_below"] = pa.array(scores.state.weeks_below, pa.int8())
        return pa.table(columns)


def band_week(
    model_id: str,
    child_keys: Sequence[str],
    millionths: Mapping[str, IntArray],
    ranks: Mapping[str, Sequence[int]],
    policy: TierPolicy,
    before: WeekScores | None,
    before_run: str | None = None,
) -> WeekScores:
    """The bands of a week. `before`: the scores of the run before, which is carried on only if the same model gave them.

    Raises ValueError where a type's ranks do not reach as far as its bands, and KeyError for a type without any.
    """
    if before is not None and before.model_id != model_id:
        before = None
    types = {}
    for kind, column in millionths.items():
        rule = policy.bands[kind]
        limits = thresholds_of(ranks[kind], rule)
        last = rule.leave[0]
        state = bands(column, limits, carried(before, kind, child_keys))
        types[kind] = TypeScores(column, places(column, ranks[kind], last), state, limits, last)
    return WeekScores(model_id, tuple(child_keys), types, before_run if before is not None else None)


def carried(before: WeekScores | None, kind: str, child_keys: Sequence[str]) -> BandState | None:
    """Last week's state of these children, in their order; who was not there, or had no score, carries nothing."""
    if before is None or kind not in before.types:
        return None
    state = before.types[kind].state
    old = {key: row for row, key in enumerate(before.child_keys)}
    rows = np.array([old.get(key, -1) for key in child_keys], dtype=np.int64)
    band, weeks = (np.append(column, 0)[rows] for column in (state.band, state.weeks_below))
    return BandState(band, weeks)


def thresholds_data(scores: WeekScores) -> dict[str, Any]:
    """The thresholds of every type as plain data, for the manifest."""
    return {
        kind: {
            "enter": dict(zip(_BELOW, each.thresholds.enter, strict=True)),
            "leave": dict(zip(_BELOW, each.thresholds.leave, strict=True)),
            "weeks": each.thresholds.weeks,
            "places": each.last,
        }
        for kind, each in sorted(scores.types.items())
    }


def read_scores(table: pa.Table, model_id: str, thresholds: Mapping[str, Any], carried_from: str | None) -> WeekScores:
    """The scores of a record, from its table and what its manifest says of the thresholds. Raises KeyError or ValueError for another form."""
    types = {}
    for kind, said in thresholds.items():
        limits = Thresholds(_three(said["enter"]), _three(said["leave"]), int(said["weeks"]))
        last = int(said["places"])
        state = BandState(_column(table, f"{kind}_band", 0), _column(table, f"{kind}_weeks_below", 0))
        millionths = _column(table, f"{kind}_millionths", NO_SCORE)
        types[kind] = TypeScores(millionths, _column(table, f"{kind}_place", last + 1), state, limits, last)
    return WeekScores(model_id, tuple(table.column("child_key").to_pylist()), types, carried_from)


def recorded_scores(run: RunRecord) -> WeekScores | None:
    """The scores of a published run; None where the rules alone decided. Raises KizukiError E-STORE-21 where they are damaged."""
    table = run.scores()
    if table is None:
        return None
    model = run.manifest["model"]
    try:
        return read_scores(table, model["id"], model["types"], model["carried_from"])
    except (KeyError, TypeError, ValueError):
        raise run.damaged(SCORES) from None


def _three(said: Mapping[str, int]) -> tuple[int, int, int]:
    low, medium, high = (int(said[band]) for band in _BELOW)
    return low, medium, high


def _column(table: pa.Table, name: str, otherwise: int) -> IntArray:
    found: IntArray = table.column(name).cast(pa.int64()).fill_null(otherwise).to_numpy(zero_copy_only=False)
    return found
