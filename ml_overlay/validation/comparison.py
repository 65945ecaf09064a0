"""Rules alone, model alone and blend side by side on one or more days, with intervals over households drawn with all their children and days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ml_overlay.features.feature import Texts
from ml_overlay.validation.measures import (
    Reals,
    Segments,
    Units,
    average_precision,
    base_rate,
    calibration_by_chance,
    calibration_error,
    cut,
    expected_over_observed,
    found_at,
    households_of,
    times_drawn,
)
from ml_overlay.validation.results import (
    MILLION,
    AtCapacity,
    Calibration,
    Figure,
    Gain,
    Order,
    OrderResult,
    OverDays,
    Unit,
    figure,
    millionths,
)

IntArray = npt.NDArray[np.int64]

CAPACITIES: tuple[int, ...] = (50, 650)
"""What the conference takes: 50 households a week, 650 a quarter."""

LEAST_LABELLED = 20
"""Below this many labelled children no figure is given: an interval would span everything."""

DRAWS = 500
_FEWEST_FOUND = 5
_WILSON = 1.96**2


@dataclass(frozen=True)
class OrderedDay:
    """Everybody of a day in all orders. Rows are children; `label` is what is asked after, `weight` how many children a row stands for.

    `probability`: what the model states, in millionths; None where calibration is not asked for.
    """

    household_keys: Texts
    label: npt.NDArray[np.int8]
    weight: Reals
    orders: Mapping[Order, IntArray]
    probability: IntArray | None


@dataclass(frozen=True)
class ComparedDay:
    """One day's figures."""

    base_rate: int
    orders: tuple[OrderResult, ...]
    gains: tuple[Gain, ...]
    calibration: Calibration | None


@dataclass(frozen=True)
class Compared:
    """Results of each day, in the order given (None: too few labelled), and over all days that have one."""

    days: tuple[ComparedDay | None, ...]
    over_days: tuple[OverDays, ...]
    gains: tuple[Gain, ...]
    calibration: Calibration | None


@dataclass(frozen=True)
class _Drawn:
    """Values per draw, column 0 the data as they are."""

    base: Reals
    average_precision: Mapping[Order, Reals]
    found: Mapping[tuple[Order, Unit, int], Reals]
    labelled: Mapping[Unit, Reals]
    unit_base: Mapping[Unit, Reals]
    size: Mapping[Unit, int]


def compare(
    days: Sequence[OrderedDay],
    *,
    capacities: Sequence[int] = CAPACITIES,
    draws: int = DRAWS,
    seed: int = 1,
    least_labelled: int = LEAST_LABELLED,
) -> Compared:
    """Figures for each day and their mean over days. The same household is drawn equally often on all days and in all orders, so differences are paired."""
    keys = np.unique(np.concatenate([day.household_keys for day in days])) if days else np.zeros(0, dtype=np.str_)
    times = times_drawn(len(keys), draws, seed)
    drawn: list[_Drawn] = []
    each: list[ComparedDay | None] = []
    kept: list[tuple[OrderedDay, Units]] = []
    for day in days:
        units = Units(day.label, day.weight, np.searchsorted(keys, day.household_keys).astype(np.int64))
        if int(day.label.sum()) < least_labelled:
            each.append(None)
            continue
        of_day = _draw(day, units, times, capacities)
        drawn.append(of_day)
        kept.append((day, units))
        each.append(_day(day, units, times, of_day, capacities, seed))
    if not drawn:
        return Compared(tuple(each), (), (), None)
    return Compared(
        tuple(each),
        tuple(_over(order, drawn, capacities) for order in kept[0][0].orders),
        _gains(drawn, capacities),
        _calibration([day for day, _ in kept], [units for _, units in kept], times, seed),
    )


def _draw(day: OrderedDay, units: Units, times: Reals, capacities: Sequence[int]) -> _Drawn:
    homes = len(times)
    precision: dict[Order, Reals] = {}
    found: dict[tuple[Order, Unit, int], Reals] = {}
    labelled: dict[Unit, Reals] = {}
    unit_base: dict[Unit, Reals] = {}
    size: dict[Unit, int] = {}
    for order, values in day.orders.items():
        segments = cut(values, units, homes)
        precision[order] = average_precision(segments, times)
        best, households = households_of(values, units, homes)
        either: tuple[tuple[Unit, Units, Segments], ...] = (
            ("こども", units, segments),
            ("世帯", households, cut(best, households, homes)),
        )
        for unit, of_unit, pieces in either:
            for capacity in capacities:
                found[order, unit, capacity], labelled[unit] = found_at(pieces, times, capacity)
            unit_base[unit] = base_rate(of_unit, times)
            size[unit] = round(float(of_unit.weight.sum()))
    return _Drawn(base_rate(units, times), precision, found, labelled, unit_base, size)


def _day(
    day: OrderedDay, units: Units, times: Reals, drawn: _Drawn, capacities: Sequence[int], seed: int
) -> ComparedDay:
    orders = tuple(
        OrderResult(
            order,
            figure(drawn.average_precision[order]),
            figure(_over_base(drawn.average_precision[order], drawn.base)),
            tuple(_at(order, unit, capacity, [drawn]) for unit in drawn.size for capacity in capacities),
        )
        for order in day.orders
    )
    return ComparedDay(
        millionths(drawn.base[0]), orders, _gains([drawn], capacities), _calibration([day], [units], times, seed)
    )


def _over(order: Order, drawn: Sequence[_Drawn], capacities: Sequence[int]) -> OverDays:
    alone = [millionths(day.average_precision[order][0]) for day in drawn]
    return OverDays(
        order,
        figure(_mean([day.average_precision[order] for day in drawn])),
        figure(_mean([_over_base(day.average_precision[order], day.base) for day in drawn])),
        min(alone),
        max(alone),
        tuple(_at(order, unit, capacity, drawn) for unit in drawn[0].size for capacity in capacities),
    )


def _at(order: Order, unit: Unit, capacity: int, days: Sequence[_Drawn]) -> AtCapacity:
    """Nothing is told where the capacity would take everybody."""
    if any(day.size[unit] <= capacity for day in days):
        return AtCapacity(unit, capacity, None, None, None, None)
    found = [day.found[order, unit, capacity] for day in days]
    precision = [each / capacity for each in found]
    labelled = [day.labelled[unit] for day in days]
    measured = AtCapacity(
        unit,
        capacity,
        figure(_mean(precision)),
        figure(_mean([_ratio(each, of) for each, of in zip(found, labelled, strict=True)])),
        figure(_mean(found)),
        figure(_mean([_over_base(each, day.unit_base[unit]) for each, day in zip(precision, days, strict=True)])),
    )
    if float(_mean(found)[0]) >= 1:
        return measured
    # Drawing again from nothing found gives nothing each time; that is no certainty. Wilson's upper bound for none of so many stands in.
    upper = _WILSON / (capacity + _WILSON)
    return replace(
        measured,
        precision=_at_least_up_to(measured.precision, upper),
        recall=_at_least_up_to(measured.recall, upper * capacity / float(_mean(labelled)[0])),
        found=_at_least_up_to(measured.found, upper * capacity),
        lift=_at_least_up_to(measured.lift, upper / float(_mean([day.unit_base[unit] for day in days])[0])),
    )


def _at_least_up_to(measured: Figure | None, high: float) -> Figure | None:
    return None if measured is None else replace(measured, high=max(measured.high, millionths(high)))


def _gains(days: Sequence[_Drawn], capacities: Sequence[int]) -> tuple[Gain, ...]:
    """None where either order finds so few in all that a ratio would be an accident."""
    if not {"rules", "blend"} <= set(days[0].average_precision):
        return ()
    gains = []
    for unit in days[0].size:
        for capacity in capacities:
            both = [[day.found[order, unit, capacity] for day in days] for order in ("blend", "rules")]
            told = all(day.size[unit] > capacity for day in days)
            told &= all(sum(float(each[0]) for each in found) >= _FEWEST_FOUND for found in both)
            blend, rules = (_mean(found) for found in both)
            gains.append(Gain(unit, capacity, figure(_ratio(blend, rules)) if told else None))
    return tuple(gains)


def _calibration(days: Sequence[OrderedDay], units: Sequence[Units], times: Reals, seed: int) -> Calibration | None:
    stated = [day.probability for day in days if day.probability is not None]
    if len(stated) < len(days):
        return None
    probability = np.concatenate(stated) / MILLION
    together = Units(
        np.concatenate([each.label for each in units]),
        np.concatenate([each.weight for each in units]),
        np.concatenate([each.home for each in units]),
    )
    error = calibration_error(probability, together, times[:, :1])[0]
    chance = calibration_by_chance(probability, together, len(times), seed)
    level = figure(expected_over_observed(probability, together, times))
    middle, low, high = np.nanquantile(chance, [0.5, 0.025, 0.975]) if np.isfinite(chance).any() else (np.nan,) * 3
    if level is None or not np.isfinite(middle):
        return None
    by_chance = Figure(millionths(middle), millionths(low), millionths(high))
    return Calibration(millionths(error), by_chance, level)


def _mean(values: Sequence[Reals]) -> Reals:
    result: Reals = np.mean(np.stack(list(values)), axis=0)
    return result


def _over_base(values: Reals, base: Reals) -> Reals:
    return _ratio(values, base)


def _ratio(above: Reals, below: Reals) -> Reals:
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Reals = np.where(below > 0, above / below, np.nan)
    return result
