"""A model as plain data and back: JSON without a float, in which every number keeps its very bits, and boosters as the texts they are.

A float stands as `{"float": "0x1.eb851eb851eb8p-6"}` (hexadecimal, exact). Tuples of a recipe come back as lists.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.audit.canonical import canonical_json
from engine.records.case import HARDSHIP_LABELS
from ml_overlay.features.feature import Feature
from ml_overlay.learning.model import OverlayModel, TypeModel
from ml_overlay.register.faults import misshapen, unknown_format

FORMAT = 1
MODEL_FILE = "model.json"
_FLOAT = "float"
_HIGHEST_RANK = 1_000_001
"""One above the highest score: a place that nobody reaches."""
_MOST_FEATURES = 5_000
"""Of one type. A city's register and rulebooks give some four hundred; every sentence more is judged of every child."""
_MOST_BOOSTERS = 100
"""Of one type, and in one partition. What is learned is five times five."""
_HEX = re.compile(r"-?0x[01]\.[0-9a-f]{1,13}p[+-]\d{1,4}", re.ASCII)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _FeatureText(_Strict):
    name: str = Field(min_length=1)
    label: str = Field(min_length=1)
    group: str = Field(min_length=1)
    sign: Literal[-1, 0, 1]
    may_be_named: bool
    items: list[str]


class _TypeText(_Strict):
    features: list[_FeatureText] = Field(min_length=1, max_length=_MOST_FEATURES)
    boosters: list[list[str]] = Field(min_length=1, max_length=_MOST_BOOSTERS)
    slope: dict[str, str]
    intercept: dict[str, str]
    ranks: list[Annotated[int, Field(ge=0, le=_HIGHEST_RANK)]] = Field(max_length=1_000)
    positives: int = Field(ge=0)
    rows: int = Field(ge=0)
    ages: list[int] | None


class _ModelText(_Strict):
    format: Literal[1]
    as_of: str
    types: dict[str, _TypeText]
    without: dict[str, str]
    recipe: dict[str, Any]
    inputs: dict[str, Any]


def plain_model(model: OverlayModel) -> tuple[bytes, dict[str, bytes]]:
    """model.json, and the boosters' texts by file name. Equal models give equal bytes, whatever order their types are in."""
    texts: dict[str, bytes] = {}
    types: dict[str, Any] = {}
    for name, one in model.types.items():
        if name != one.hardship_type or name not in HARDSHIP_LABELS:
            raise ValueError(f"{name}: no hardship type of this model")
        boosters = []
        for p, folds in enumerate(one.boosters):
            hashes = []
            for k, text in enumerate(folds):
                content = text.encode("utf-8")
                texts[_booster_file(name, p, k)] = content
                hashes.append(hashlib.sha256(content).hexdigest())
            boosters.append(hashes)
        types[name] = {
            "features": [_plain_feature(feature) for feature in one.features],
            "boosters": boosters,
            "slope": _exact(float(one.slope)),
            "intercept": _exact(float(one.intercept)),
            "ranks": [int(rank) for rank in one.ranks],
            "positives": int(one.positives),
            "rows": int(one.rows),
            "ages": None if one.ages is None else [int(years) for years in one.ages],
        }
    said = {
        "format": FORMAT,
        "as_of": model.as_of.isoformat(),
        "types": types,
        "without": dict(model.without),
        "recipe": _without_floats(model.recipe),
        "inputs": _without_floats(model.inputs),
    }
    return canonical_json(said), texts


def model_of(files: Mapping[str, bytes], model_id: str) -> OverlayModel:
    """The model that `plain_model` wrote, from files whose hashes have been checked.

    Raises KizukiError: E-MODEL-07 for a format that this version does not know, E-MODEL-09 for anything else than a model.
    """
    try:
        said = json.loads(files[MODEL_FILE])
        if isinstance(said, dict) and said.get("format") != FORMAT:
            raise unknown_format(model_id, MODEL_FILE)
        text = _ModelText.model_validate(said)
        types = {name: _type_model(name, one, files) for name, one in text.types.items()}
        as_of = date.fromisoformat(text.as_of)
        recipe, inputs = _with_floats(text.recipe), _with_floats(text.inputs)
    except (KeyError, ValueError, OverflowError, ValidationError, RecursionError):
        raise misshapen(model_id, MODEL_FILE) from None
    return OverlayModel(as_of, types, dict(text.without), recipe, inputs)


def _type_model(name: str, text: _TypeText, files: Mapping[str, bytes]) -> TypeModel:
    folds = {len(folds) for folds in text.boosters}
    if name not in HARDSHIP_LABELS or len(folds) != 1 or not 0 < sum(folds) <= _MOST_BOOSTERS:
        raise ValueError(name)
    boosters = []
    for p, hashes in enumerate(text.boosters):
        contents = [files[_booster_file(name, p, k)] for k in range(len(hashes))]
        if [hashlib.sha256(content).hexdigest() for content in contents] != hashes:
            raise ValueError(name)
        boosters.append(tuple(content.decode("utf-8") for content in contents))
    features = tuple(Feature(f.name, f.label, f.group, f.sign, f.may_be_named, tuple(f.items)) for f in text.features)
    if len({feature.name for feature in features}) != len(features):
        raise ValueError(name)
    slope, intercept = _float_of(text.slope), _float_of(text.intercept)
    if not slope > 0:  # a higher score must be a higher probability
        raise ValueError(name)
    ranks, ages = tuple(text.ranks), _ages_of(text.ages)
    return TypeModel(name, features, tuple(boosters), slope, intercept, ranks, text.positives, text.rows, ages)


def _ages_of(said: list[int] | None) -> tuple[int, int] | None:
    if said is None:
        return None
    from_, below = said  # another length is a ValueError, as everything here that is no model
    if not 0 <= from_ < below:
        raise ValueError("no ages")
    return from_, below


def _plain_feature(feature: Feature) -> dict[str, Any]:
    return {
        "name": feature.name,
        "label": feature.label,
        "group": feature.group,
        "sign": int(feature.sign),
        "may_be_named": bool(feature.may_be_named),
        "items": list(feature.items),
    }


def _booster_file(name: str, partition: int, fold: int) -> str:
    return f"{name}.{partition}.{fold}.txt"


def _exact(value: float) -> dict[str, str]:
    if not math.isfinite(value):
        raise ValueError("a model has finite numbers only")
    return {_FLOAT: value.hex()}


def _float_of(said: Mapping[str, str]) -> float:
    if set(said) != {_FLOAT} or not _HEX.fullmatch(said[_FLOAT]):
        raise ValueError("no exact number")
    return float.fromhex(said[_FLOAT])


def _without_floats(value: Any) -> Any:
    if isinstance(value, float):
        return _exact(value)
    if isinstance(value, Mapping):
        if set(value) == {_FLOAT} or any(not isinstance(name, str) for name in value):
            raise ValueError("plain data has names that are texts, and none of them alone is `float`")
        return {name: _without_floats(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_floats(each) for each in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise TypeError(f"{type(value).__name__} is no plain data")


def _with_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return (
            _float_of(value) if set(value) == {_FLOAT} else {name: _with_floats(each) for name, each in value.items()}
        )
    if isinstance(value, list):
        return [_with_floats(each) for each in value]
    return value
