"""A feature and the table of all features as of a day: the only thing that a model ever sees of a child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt

Sign = Literal[-1, 0, 1]
FloatMatrix = npt.NDArray[np.float32]
Texts = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the table, made by declaration from one item of `fields.yaml` or from one sentence of the rulebooks.

    `name`: stable ASCII id, unique in a table (`absence.child.sum_90d`; a sentence: `sentence.<hash of its canonical
    wording>`). `label`: what it is, as a caseworker
    would say it (「直近90日の欠席の日数」). `group`: the concept whose contributions are added up in a reason (出席, 家計, 健診 …). `sign`: 1
    if more of it never lowers the
    score, -1 if more of it never raises it (support in place), 0 if neither was declared. `may_be_named`: whether a reason
    may speak of it; never for what only describes
    a family (`困りごとではない`) or for support. `items`: ids of the items of fields.yaml that it is made from.
    """

    name: str
    label: str
    group: str
    sign: Sign
    may_be_named: bool
    items: tuple[str, ...]


@dataclass(frozen=True)
class FeatureTable:
    """Features of children as of one day.

    `child_keys`: sorted, n of them; `household_keys`: the same n children's households. `values`: n × m float32, in the
    order of `features`; NaN is unknown, never
    "none". Counts are of records, sums in the item's own unit, time since an event in days, truths of sentences 1 and 0.
    """

    as_of: date
    child_keys: Texts
    household_keys: Texts
    features: tuple[Feature, ...]
    values: FloatMatrix

    @property
    def names(self) -> tuple[str, ...]:
        """The features' names, in the order of the columns."""
        return tuple(feature.name for feature in self.features)
