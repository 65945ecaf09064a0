"""Past cases as a model saw them before they were registered: made when the model is trained, kept beside it, approved with it, and only ever read after that.

What the nearness of two children needs is kept and nothing else: keys, days, and what each feature added, in whole millionths. What was decided and what
came of it is not kept: it is read from the facts of the day on which somebody asks, and so is who may still be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.audit.canonical import parquet_bytes, read_table
from engine.records.case import HARDSHIP_LABELS
from ml_overlay.features.feature import Feature, FeatureTable, Texts
from ml_overlay.learning.model import OverlayModel
from ml_overlay.learning.predict import contributions, is_about
from ml_overlay.similar.cases import PastCase
from ml_overlay.similar.neighbours import MILLION, Parts

INDEX_FILE = "similar.parquet"
_KEYS = ("child_key", "household_key", "registered_on", "looked_at")
_LARGEST = 2**31 - 1


class UnreadableIndexError(ValueError):
    """An index that does not belong to the model, or is no index. Holds nothing of what it says."""


@dataclass(frozen=True)
class TypeParts:
    """What each feature of one type's model adds to the log odds of the rows of a table, as `scoring` tells it.

    `about`: which of the rows the model is about (`TypeModel.ages`); of the others its parts say nothing.
    """

    features: tuple[Feature, ...]
    values: Parts
    about: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PastIndex:
    """Children with a case, each as of a day before it, in the order of their keys. `parts`: by hardship type, of the same rows."""

    child_keys: Texts
    household_keys: Texts
    registered_on: tuple[date, ...]
    looked_at: tuple[date, ...]
    parts: Mapping[str, TypeParts]

    def __post_init__(self) -> None:
        n = len(self.child_keys)
        if {len(self.household_keys), len(self.registered_on), len(self.looked_at)} != {n} or any(
            each.values.shape != (n, len(each.features)) or len(each.about) != n for each in self.parts.values()
        ):
            raise ValueError("the columns of an index do not fit each other")


def index_of(before: FeatureTable, cases: Mapping[date, Iterable[PastCase]], model: OverlayModel) -> PastIndex:
    """The index of a model. `before`: of `before_registration`; `cases`: by the day on which they are looked at."""
    looked = {case.child_key: (case, day) for day, its in cases.items() for case in its}
    rows = [looked[key] for key in before.child_keys.tolist()]
    everybody = np.arange(len(rows))
    parts = {}
    for kind, one in model.types.items():
        values = np.rint(contributions(one, before, everybody).values * MILLION) / MILLION
        parts[kind] = TypeParts(one.features, values, is_about(one, before))
    return PastIndex(
        before.child_keys,
        before.household_keys,
        tuple(case.registered_on for case, _ in rows),
        tuple(day for _, day in rows),
        parts,
    )


def index_bytes(index: PastIndex) -> bytes:
    """The file beside the model: equal content is equal bytes. One column for each type, null for whom its model is not about."""
    columns: dict[str, Any] = {
        "child_key": pa.array(index.child_keys.tolist(), pa.string()),
        "household_key": pa.array(index.household_keys.tolist(), pa.string()),
        "registered_on": pa.array(index.registered_on, pa.date32()),
        "looked_at": pa.array(index.looked_at, pa.date32()),
    }
    for kind in HARDSHIP_LABELS:
        if kind in index.parts:
            each = index.parts[kind]
            whole = np.rint(each.values * MILLION).astype(np.int64)
            if whole.size and int(np.abs(whole).max()) > _LARGEST:
                raise ValueError("what a feature adds is out of all proportion")
            told = [row if about else None for row, about in zip(whole.tolist(), each.about.tolist(), strict=True)]
            columns[kind] = pa.array(told, pa.list_(pa.int32()))
    return parquet_bytes(pa.table(columns))


def read_index(content: bytes, model: OverlayModel) -> PastIndex:
    """The index that was written beside a model. Raises UnreadableIndexError where it is not of this model's types and features."""
    try:
        table = read_table(content)
        if table.column_names != [*_KEYS, *(kind for kind in HARDSHIP_LABELS if kind in model.types)]:
            raise UnreadableIndexError("other columns")
        keys = {name: table.column(name).to_pylist() for name in _KEYS}
        parts = {kind: _parts(table.column(kind), model.types[kind].features) for kind in model.types}
        return PastIndex(
            np.array(keys["child_key"], dtype=np.str_),
            np.array(keys["household_key"], dtype=np.str_),
            tuple(keys["registered_on"]),
            tuple(keys["looked_at"]),
            parts,
        )
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise UnreadableIndexError(type(error).__name__) from None


def _parts(column: pa.ChunkedArray, features: tuple[Feature, ...]) -> TypeParts:
    told = column.combine_chunks()
    about = np.asarray(told.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    flat = told.flatten().to_numpy(zero_copy_only=False)
    values = np.zeros((len(about), len(features)))
    values[about] = flat.reshape(int(about.sum()), len(features)) / MILLION
    return TypeParts(features, values, about)
