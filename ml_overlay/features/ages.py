"""Children's ages in a table of features, and which of them a type's model is about. Loads next to nothing: the scoring process needs it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ml_overlay.features.feature import Feature, FloatMatrix

AGE_ITEM = "age"
"""The item of fields.yaml by whose value children are parted into ages."""
AGE = f"{AGE_ITEM}.child.level"
"""The column of age in full years; every table has it that a model with ages is asked about."""
UNKNOWN_AGE = -1
Ages = tuple[int, int]
"""Full years: from the first and below the second."""


def years_of(features: Sequence[Feature], values: FloatMatrix) -> npt.NDArray[np.int64] | None:
    """Age in full years of each row, UNKNOWN_AGE where it is not known; None for a table without a column of age."""
    for column, feature in enumerate(features):
        if feature.name == AGE:
            age = values[:, column]
            return np.where(np.isnan(age), UNKNOWN_AGE, np.nan_to_num(age)).astype(np.int64)
    return None


def within(ages: Ages | None, years: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Who is of an age; nobody whose age is unknown, and everybody where no ages are given."""
    if ages is None:
        return np.ones(len(years), dtype=np.bool_)
    return (years >= ages[0]) & (years < ages[1])
