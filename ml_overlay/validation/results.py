"""What an evaluation says, as plain data: integers, days and texts, ready for a file, a model card or a table.

Every share is in millionths, decided once where it is measured. A figure that the data cannot carry is None beside a reason in Japanese, never 0.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Order = Literal["rules", "model", "blend"]
Unit = Literal["こども", "世帯"]
ORDER_LABELS: Mapping[Order, str] = {"rules": "ルールだけ", "model": "モデルだけ", "blend": "ルールとモデル"}

MILLION = 1_000_000


@dataclass(frozen=True)
class Figure:
    """A measured value with the 95 % interval over draws of households, all in millionths."""

    at: int
    low: int
    high: int


@dataclass(frozen=True)
class AtCapacity:
    """What the first `capacity` units of an order hold: the share that is labelled, the share of all labelled, and how many.

    Of equals that do not fit as a whole the expected number is counted, so `found` is in millionths of a unit.
    """

    unit: Unit
    capacity: int
    precision: Figure | None
    recall: Figure | None
    found: Figure | None
    lift: Figure | None


@dataclass(frozen=True)
class OrderResult:
    """How well one order puts children who are labelled later first. `lift`: average precision over the base rate."""

    order: Order
    average_precision: Figure | None
    lift: Figure | None
    at_capacity: tuple[AtCapacity, ...]


@dataclass(frozen=True)
class Calibration:
    """Whether stated probabilities come true. `error`: gap over ten bins of equal mass, as a share of the base rate.

    `by_chance`: what exactly right probabilities would show on as few labelled children (median and 95 % range). `stated_over_observed`: 1 where the level is right.
    """

    error: int
    by_chance: Figure
    stated_over_observed: Figure


@dataclass(frozen=True)
class Gain:
    """Labelled units that the blend finds among the first `capacity`, divided by those that rules alone find, drawn in pairs."""

    unit: Unit
    capacity: int
    ratio: Figure | None


@dataclass(frozen=True)
class DayResult:
    """One test day. `trained_*`: what the model of that day had learned from, all of it known by then. `without`: why nothing was measured."""

    day: date
    trained_rows: int
    trained_positives: int
    trained_until: date | None
    children: int
    households: int
    positives: int
    base_rate: int | None
    orders: tuple[OrderResult, ...]
    calibration: Calibration | None
    gains: tuple[Gain, ...]
    without: str | None = None


@dataclass(frozen=True)
class OverDays:
    """The mean over test days, with intervals over households drawn with all their days; `lowest` and `highest` of single days tell the spread."""

    order: Order
    average_precision: Figure | None
    lift: Figure | None
    lowest_average_precision: int | None
    highest_average_precision: int | None
    at_capacity: tuple[AtCapacity, ...]


@dataclass(frozen=True)
class Apart:
    """How well the model tells labelled children from others on the test days (AUC, .5 by chance): from everybody of the day, and from children of the same age only."""

    everybody: Figure
    same_age: Figure


@dataclass(frozen=True)
class TypeEvaluation:
    """One hardship type: test days, their mean, and what the unbiased sample says. `notes`: what a reader must know, in Japanese.

    `apart`: None where too few children are labelled to tell.
    """

    hardship_type: str
    against: Literal["正例", "真実"]
    days: tuple[DayResult, ...]
    over_days: tuple[OverDays, ...]
    gains: tuple[Gain, ...]
    calibration: Calibration | None
    notes: tuple[str, ...]
    without: str | None = None
    apart: Apart | None = None


def figure(draws: npt.NDArray[np.float64]) -> Figure | None:
    """The first entry with the 2.5 % and 97.5 % points of the others; None where the first is not a number.

    Draws in which nothing is labelled have no value and are left out.
    """
    if not np.isfinite(draws[0]):
        return None
    others = draws[1:][np.isfinite(draws[1:])]
    low, high = np.quantile(others, [0.025, 0.975]) if len(others) else (draws[0], draws[0])
    return Figure(millionths(draws[0]), millionths(low), millionths(high))


def millionths(value: float | np.floating[Any]) -> int:
    """A share as an integer, rounded half to even."""
    return round(float(value) * MILLION)


def plain(result: Any) -> Any:
    """Any of these results as what JSON can hold; days in ISO form."""
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return {field.name: plain(getattr(result, field.name)) for field in dataclasses.fields(result)}
    if isinstance(result, date):
        return result.isoformat()
    if isinstance(result, Mapping):
        return {str(key): plain(value) for key, value in result.items()}
    if isinstance(result, tuple | list):
        return [plain(value) for value in result]
    return result
