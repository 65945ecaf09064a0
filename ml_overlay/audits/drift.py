"""Whether what a model reads and says has moved since it was trained: population stability (PSI) per feature and per score, and what is unknown more often.

The reference is small plain data that lies in the model's folder: for each column a few bins and how many of the training day's children were in each. The
same bins are filled every week. Everything is in integers: values and shares in millionths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from engine.records.case import HARDSHIP_LABELS
from engine.records.score import NO_SCORE
from ml_overlay.features.feature import FeatureTable, Texts

IntArray = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
State = Literal["安定", "注意", "警報"]

MILLION = 1_000_000
WATCH, ALARM = 100_000, 250_000
"""PSI of .10 and .25: the thresholds in use since credit scoring (Siddiqi 2006)."""
MISSING_WATCH, MISSING_ALARM = 100_000, 250_000
"""By how much the share of unknown cells may change."""
_PARTS = 6
_FEW_VALUES = 8
_NAMED = 3


@dataclass(frozen=True)
class Moved:
    """One column between training and this week. `name`: the feature, or the hardship type of a score.

    `psi` and shares in millionths. `by_chance`: the PSI that 99 of 100 draws of so many children from one city stay below; less is no evidence.
    """

    name: str
    label: str
    psi: int
    by_chance: int
    unknown_before: int
    unknown_now: int
    state: State


@dataclass(frozen=True)
class Drift:
    """All columns and scores of a week beside the model's reference, in order of the reference. `lacking`: columns that the week does not have."""

    features: tuple[Moved, ...]
    scores: tuple[Moved, ...]
    lacking: tuple[str, ...]

    @property
    def state(self) -> State:
        """警報 if a score is at 警報, or more than one feature in ten is, or a column is lacking; 注意 if anything else has moved."""
        alarms = [moved for moved in self.features if moved.state == "警報"]
        if self.lacking or any(moved.state == "警報" for moved in self.scores) or len(alarms) * 10 > len(self.features):
            return "警報"
        return "注意" if any(moved.state != "安定" for moved in (*self.features, *self.scores)) else "安定"

    def sentences(self) -> tuple[str, ...]:
        """For the run's summary: what has moved and what to do, in a few lines without a probability. Empty where nothing has."""
        if self.state == "安定":
            return ()
        lines = []
        for what, moved in (("モデルの点", self.scores), ("モデルが見る項目", self.features)):
            for state in ("警報", "注意"):
                those = [each for each in moved if each.state == state]
                if those:
                    those.sort(key=lambda each: (-each.psi, each.name))
                    named = "、".join(f"「{each.label}」" for each in those[:_NAMED])
                    more = f"など{len(those)}件" if len(those) > _NAMED else ""
                    lines.append(f"{state}: {what}の分かれ方が、学習したときから変わっています({named}{more})。")
        if self.lacking:
            lines.append(f"警報: モデルが見る項目のうち{len(self.lacking)}件が、今週はありません。")
        if self.state == "警報":
            lines.append(
                "届いたデータに抜けや定義の変更がないか確かめ、確かめるまでは新しいモデルの学習を待ってください。"
            )
        return tuple(lines)


def reference_of(table: FeatureTable, scores: Mapping[str, IntArray], weight: Reals | None = None) -> dict[str, Any]:
    """The reference for `drift_of`, as JSON-able data: bins and shares of each feature and of each type's scores (millionths, in the order of the table).

    `weight`: how many children a row stands for; 1 each if None. Scores are counted among those who have one.
    Holds counts of all children only, and no bin says who is in it.
    """
    each = np.ones(len(table.child_keys)) if weight is None else weight
    return {
        "as_of": table.as_of.isoformat(),
        "children": round(float(each.sum())),
        "features": {
            feature.name: {"label": feature.label, **_binned(_in_millionths(table.values[:, column]), each)}
            for column, feature in enumerate(table.features)
        },
        "scores": {
            kind: {
                "label": HARDSHIP_LABELS[kind],
                "children": round(float(each[score != NO_SCORE].sum())),
                **_binned(_given(score), each[score != NO_SCORE]),
            }
            for kind, score in sorted(scores.items())
            if (score != NO_SCORE).any()
        },
    }


def drift_of(reference: Mapping[str, Any], table: FeatureTable, scores: Mapping[str, IntArray]) -> Drift:
    """This week's table and scores beside a model's reference. A week without scores of a type (no model was applied) leaves it out."""
    place = {name: column for column, name in enumerate(table.names)}
    before = int(reference["children"])
    features = [
        _moved(name, column, _in_millionths(table.values[:, place[name]]), before)
        for name, column in reference["features"].items()
        if name in place
    ]
    of_scores = [
        _moved(kind, column, _given(scores[kind]), int(column["children"]))
        for kind, column in reference["scores"].items()
        if kind in scores and (scores[kind] != NO_SCORE).any()
    ]
    lacking = tuple(name for name in reference["features"] if name not in place)
    return Drift(tuple(features), tuple(of_scores), lacking)


def top_overlap(child_keys: Texts, one: IntArray, other: IntArray, thousandths: int = 50) -> int:
    """Share, in millionths, of the highest `thousandths` of each thousand children by one model who are so by another, too.

    Equal scores are told apart by key, the same way in both.
    """
    count = len(child_keys) * thousandths // 1000
    if count == 0:
        raise ValueError("too few children for a top group")
    first, second = (set(child_keys[np.lexsort((child_keys, -score))[:count]].tolist()) for score in (one, other))
    return round(MILLION * len(first & second) / count)


_Column = tuple[IntArray, npt.NDArray[np.bool_]]
"""Values in millionths, and where nothing is known."""


def _given(scores: IntArray) -> _Column:
    """The scores of those who have one."""
    given = scores[scores != NO_SCORE]
    return given, np.zeros(len(given), dtype=np.bool_)


def _in_millionths(values: npt.NDArray[np.float32]) -> _Column:
    unknown = np.isnan(values)
    # Beyond nine billions a value is that; it must only stay on its side of every edge.
    whole = np.clip(np.where(unknown, 0.0, values).astype(np.float64), -9e9, 9e9)
    return np.rint(whole * MILLION).astype(np.int64), unknown


def _binned(column: _Column, weight: Reals) -> dict[str, Any]:
    """Edges (a bin holds what is above the edge before it and at most its own edge) and shares: unknown first, then the bins."""
    values, unknown = column
    edges = _edges(values[~unknown], weight[~unknown])
    return {"edges": edges, "shares": [round(share * MILLION) for share in _shares(column, edges, weight)]}


def _edges(values: IntArray, weight: Reals) -> list[int]:
    """Each value by itself where they are few; else zero by itself and quantiles of what lies below and above it.

    Most counts are zero for most children: quantiles over all of them would put everything into one bin.
    """
    distinct = np.unique(values)
    if len(distinct) <= _FEW_VALUES:
        return [int(value) for value in distinct[:-1]]
    edges: set[int] = set()
    for part in (values < 0, values > 0):
        of_part, mass = values[part], weight[part]
        if len(of_part) == 0:
            continue
        order = np.argsort(of_part, kind="stable")
        reached = np.cumsum(mass[order]) / mass.sum()
        at = np.searchsorted(reached, np.arange(1, _PARTS) / _PARTS)
        edges |= {int(value) for value in of_part[order][np.minimum(at, len(order) - 1)]}
    if (values < 0).any():
        edges.add(-1)
    edges.add(0)
    return sorted(edges)


def _shares(column: _Column, edges: Sequence[int], weight: Reals) -> Reals:
    values, unknown = column
    at = np.where(unknown, 0, 1 + np.searchsorted(np.array(edges, dtype=np.int64), values, side="left"))
    mass = np.bincount(at, weights=weight, minlength=len(edges) + 2)
    result: Reals = mass / mass.sum()
    return result


def _moved(name: str, reference: Mapping[str, Any], column: _Column, before: int) -> Moved:
    now = len(column[0])
    old = np.array(reference["shares"], dtype=np.float64) / MILLION
    new = _shares(column, reference["edges"], np.ones(now))
    # Half a child in every bin: a bin that is empty on one side must not be infinitely far away.
    p, q = ((share * count + 0.5) / (count + 0.5 * len(share)) for share, count in ((old, before), (new, now)))
    psi = round(float(((q - p) * np.log(q / p)).sum()) * MILLION)
    filled = max(1, int(((old > 0) | (new > 0)).sum()) - 1)
    by_chance = round(float(chi2.ppf(0.99, filled)) * (1 / before + 1 / now) * MILLION)
    unknown = abs(new[0] - old[0]) * MILLION
    sure = psi > by_chance
    state: State = "安定"
    if sure and (psi >= ALARM or unknown >= MISSING_ALARM):
        state = "警報"
    elif sure and (psi >= WATCH or unknown >= MISSING_WATCH):
        state = "注意"
    return Moved(name, str(reference["label"]), psi, by_chance, round(old[0] * MILLION), round(new[0] * MILLION), state)
