"""A trained model of one hardship type, and the set of all of them that a city approves and uses together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ml_overlay.features.ages import Ages
from ml_overlay.features.feature import Feature


@dataclass(frozen=True)
class TypeModel:
    """The boosters of one hardship type, cross-fitted by household.

    `boosters[p][k]`: LightGBM text of partition p trained without the households of fold k; a household is scored by
    `boosters[p][fold of household in p]` for each p, so nobody
    is ever judged by a booster that saw its household. The mean of their raw scores (log odds), put through `slope` and
    `intercept` (Platt, fitted on exactly these out-of-fold
    scores), is the probability that is recorded, in integer millionths. `features`: the columns it reads, in this order.
    `ages`: the full years of the children whom it is about, from the first and below the second; None: all. Who is not among
    them, or whose age is unknown, gets no score. `ranks`: scores in millionths that the
    highest 1, 2, … 200 of each thousand of these children reached when it was trained: from these the bands of tiers.yaml get their thresholds.
    """

    hardship_type: str
    features: tuple[Feature, ...]
    boosters: tuple[tuple[str, ...], ...]
    slope: float
    intercept: float
    ranks: tuple[int, ...]
    positives: int
    rows: int
    ages: Ages | None = None


@dataclass(frozen=True)
class OverlayModel:
    """All type models of one training: what is approved, used and rolled back as one.

    `without`: types that have no model, each with the reason in Japanese (too few labels, or not shown to be better than chance).
    `as_of`: the day whose data it
    learned from; `recipe`: parameters and label
    definitions as plain data; `inputs`: hashes of deliveries, rule files, code and library versions.
    """

    as_of: date
    types: Mapping[str, TypeModel]
    without: Mapping[str, str]
    recipe: Mapping[str, Any]
    inputs: Mapping[str, Any]
