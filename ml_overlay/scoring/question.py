"""What is asked of the scoring process and what it answers: one line of JSON each, then bytes whose number is known before they are read.

| question | |
|---|---|
| line | `{"limits", "as_of", "rows", "features", "households": [width, bytes], "explain", "threads", "types"}` |
| in it, of each type | name, features, bytes of each booster, slope, intercept (hexadecimal) |
| values | rows × features, float32 little-endian; NaN is unknown |
| households | their pseudonymous keys, fixed width, UTF-32 little-endian |
| boosters | LightGBM texts of all types, partitions and folds, one after the other |

| answer | |
|---|---|
| line | `{"ok": {limits in force}}`, or `{"failed": "columns" / "sums" / "memory" / "refused" / "unloadable"}` and no more |
| of each type | log odds of each row, float64 little-endian; if reasons were asked for, then the base of each row, and rows × features contributions |
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from ml_overlay.features.feature import Feature, FeatureTable, FloatMatrix, Texts
from ml_overlay.learning.model import TypeModel

Floats = npt.NDArray[np.float64]
LONGEST_LINE = 64 * 1024


@dataclass(frozen=True)
class TypeAnswer:
    """What the process says of one type. `base` and `contributions` are None unless reasons were asked for."""

    log_odds: Floats
    base: Floats | None
    contributions: Floats | None


def question(
    table: FeatureTable,
    rows: npt.NDArray[np.int64] | None,
    types: Mapping[str, TypeModel],
    *,
    explain: bool,
    memory_bytes: int,
    cpu_seconds: int,
    threads: int,
) -> list[bytes]:
    """The parts of a question about some rows of a table, or all. Only columns that some model reads are told, and no key of a child."""
    wanted = {feature.name for model in types.values() for feature in model.features}
    columns = [column for column, feature in enumerate(table.features) if feature.name in wanted]
    values = table.values[:, columns] if rows is None else table.values[rows][:, columns]
    households = table.household_keys if rows is None else table.household_keys[rows]
    keys = np.ascontiguousarray(households, dtype=f"<U{max(households.dtype.itemsize // 4, 1)}")
    head = {
        "limits": {"memory_bytes": memory_bytes, "cpu_seconds": cpu_seconds},
        "as_of": table.as_of.isoformat(),
        "rows": len(values),
        "features": [table.features[column].name for column in columns],
        "households": [keys.dtype.itemsize // 4, keys.nbytes],
        "explain": explain,
        "threads": threads,
        "types": [
            {
                "name": name,
                "features": [feature.name for feature in model.features],
                "boosters": [[len(text.encode()) for text in folds] for folds in model.boosters],
                "slope": model.slope.hex(),
                "intercept": model.intercept.hex(),
            }
            for name, model in types.items()
        ],
    }
    return [
        json.dumps(head, separators=(",", ":")).encode("ascii") + b"\n",
        np.ascontiguousarray(values, dtype="<f4").tobytes(),
        keys.tobytes(),
        *(text.encode() for model in types.values() for folds in model.boosters for text in folds),
    ]


def answer_bytes(rows: int, types: Mapping[str, TypeModel], *, explain: bool) -> int:
    """How many bytes follow the line of a good answer."""
    return sum(8 * rows * (1 + ((1 + len(model.features)) if explain else 0)) for model in types.values())


def answer_of(body: bytes, rows: int, types: Mapping[str, TypeModel], *, explain: bool) -> dict[str, TypeAnswer]:
    """The answer type by type, from exactly `answer_bytes`."""
    said: dict[str, TypeAnswer] = {}
    at = 0
    for name, model in types.items():
        counts = [rows, rows, rows * len(model.features)] if explain else [rows]
        arrays = []
        for count in counts:
            arrays.append(np.frombuffer(body, dtype="<f8", count=count, offset=at))
            at += 8 * count
        if explain:
            said[name] = TypeAnswer(arrays[0], arrays[1], arrays[2].reshape(rows, len(model.features)))
        else:
            said[name] = TypeAnswer(arrays[0], None, None)
    return said


def features_of(names: Sequence[str]) -> tuple[Feature, ...]:
    """Columns by name alone: the process needs no label, sign or item."""
    return tuple(Feature(name, name, name, 0, False, ()) for name in names)


def model_of(said: Mapping[str, Any], body: BinaryIO) -> TypeModel:
    """One type's model, its boosters read from the question."""
    boosters = tuple(tuple(_exactly(body, size).decode("utf-8") for size in sizes) for sizes in said["boosters"])
    slope, intercept = float.fromhex(said["slope"]), float.fromhex(said["intercept"])
    return TypeModel(said["name"], features_of(said["features"]), boosters, slope, intercept, (), 0, 0)


def read_values(body: BinaryIO, rows: int, columns: int) -> FloatMatrix:
    """The table of features."""
    return np.frombuffer(_exactly(body, 4 * rows * columns), dtype="<f4").reshape(rows, columns)


def read_households(body: BinaryIO, said: Sequence[int]) -> Texts:
    """The households' keys."""
    width, size = said
    return np.frombuffer(_exactly(body, size), dtype=f"<U{width}")


def day_of(text: str) -> date:
    """The table's day."""
    return date.fromisoformat(text)


def _exactly(body: BinaryIO, size: int) -> bytes:
    content = body.read(size)
    if len(content) != size:
        raise EOFError
    return content
