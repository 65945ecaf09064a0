"""Measures of one order of children or households, over all draws of a bootstrap at once.

An order is cut only where something can change: between two runs of units without a label nothing is found, so the units of a cohort shrink
to a few hundred segments, and 500 draws of a city take milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

IntArray = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Units:
    """What is ordered: children, or households by their best child. One row each.

    `label`: 0 or 1; `weight`: how many units of the city a row stands for; `home`: index of its household, the unit of the bootstrap.
    """

    label: npt.NDArray[np.int8]
    weight: Reals
    home: IntArray


@dataclass(frozen=True)
class Segments:
    """An order, cut into segments: their weights per household, and of these what is labelled. Made by `cut`."""

    weight: sparse.csr_array
    labelled: sparse.csr_array


def times_drawn(homes: int, draws: int, seed: int) -> Reals:
    """How often each household comes in each draw: homes × (1 + draws). Column 0 is the data as they are; the others are drawn with replacement."""
    random = np.random.default_rng(seed)
    drawn = random.multinomial(homes, np.full(homes, 1.0 / homes), size=draws).T if homes else np.zeros((0, draws))
    return np.hstack([np.ones((homes, 1)), drawn]).astype(np.float64)


def cut(order: npt.NDArray[np.generic], units: Units, homes: int) -> Segments:
    """Segments of an order, highest first. Units with equal `order` stay together: nobody is put before an equal by chance."""
    first_seen = np.argsort(-order.astype(np.float64), kind="stable")
    value = order[first_seen]
    starts_tie = np.concatenate([[True], value[1:] != value[:-1]]) if len(value) else np.zeros(0, dtype=np.bool_)
    tie = np.cumsum(starts_tie) - 1
    label, weight, home = units.label[first_seen], units.weight[first_seen], units.home[first_seen]
    has_label = np.bincount(tie, weights=label) > 0
    opens = has_label | np.concatenate([[True], has_label[:-1]]) if len(has_label) else has_label
    segment = (np.cumsum(opens) - 1)[tie]
    count = int(opens.sum())
    shape = (count, homes)
    return Segments(
        sparse.csr_array((weight, (segment, home)), shape=shape),
        sparse.csr_array((weight * label, (segment, home)), shape=shape),
    )


def average_precision(segments: Segments, times: Reals) -> Reals:
    """Average precision per draw, ties as one step (as scikit-learn defines it); NaN where nothing is labelled."""
    total, found = np.cumsum(segments.weight @ times, axis=0), segments.labelled @ times
    reached = np.cumsum(found, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        step = np.where(found > 0, found * reached / total, 0.0).sum(axis=0)
        result: Reals = step / reached[-1]
    return result


def found_at(segments: Segments, times: Reals, capacity: int) -> tuple[Reals, Reals]:
    """Labelled units among the first `capacity`, and labelled units in all, per draw.

    Of a group of equals that does not fit as a whole the expected number counts, as if lots were drawn.
    """
    total = np.cumsum(segments.weight @ times, axis=0)
    found = np.cumsum(segments.labelled @ times, axis=0)
    last = total.shape[0] - 1
    at = np.minimum((total < capacity).sum(axis=0), last)[None, :]
    here, upto = np.take_along_axis(found, at, 0)[0], np.take_along_axis(total, at, 0)[0]
    before = np.maximum(at - 1, 0)
    had = np.where(at[0] > 0, np.take_along_axis(found, before, 0)[0], 0.0)
    taken = np.where(at[0] > 0, np.take_along_axis(total, before, 0)[0], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(upto > taken, np.clip((capacity - taken) / (upto - taken), 0.0, 1.0), 0.0)
    return had + share * (here - had), found[-1]


def base_rate(units: Units, times: Reals) -> Reals:
    """Labelled share of the units, per draw."""
    weight = np.bincount(units.home, weights=units.weight, minlength=len(times))
    labelled = np.bincount(units.home, weights=units.weight * units.label, minlength=len(times))
    result: Reals = (labelled @ times) / (weight @ times)
    return result


def calibration_error(probability: Reals, units: Units, times: Reals, bins: int = 10) -> Reals:
    """Expected calibration error per draw: mean gap between stated and observed share over bins of equal mass, divided by the base rate.

    Bins are cut once, on the data as they are. Where few are labelled, part of the error is chance (`calibration_by_chance`).
    """
    order = np.argsort(probability, kind="stable")
    mass = np.cumsum(units.weight[order])
    bin_of = np.empty(len(order), dtype=np.int64)
    bin_of[order] = np.minimum((mass - units.weight[order] / 2) / mass[-1] * bins, bins - 1).astype(np.int64)
    shape = (bins, len(times))
    at = (bin_of, units.home)
    gap = sparse.csr_array((units.weight * (probability - units.label), at), shape=shape) @ times
    labelled = sparse.csr_array((units.weight * units.label, at), shape=shape) @ times
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Reals = np.abs(gap).sum(axis=0) / labelled.sum(axis=0)
    return result


def calibration_by_chance(probability: Reals, units: Units, homes: int, seed: int, draws: int = 200) -> Reals:
    """Calibration errors, over the base rate, that probabilities show by chance if each of them is exactly right; one per draw.

    With a few hundred labelled units this is far from 0. An error inside its range is no evidence of wrong probabilities.
    """
    random = np.random.default_rng(seed)
    alone = np.ones((homes, 1))
    errors = np.full(draws, np.nan)
    for number in range(draws):
        label = (random.random(len(probability)) < probability).astype(np.int8)
        if label.any():
            errors[number] = calibration_error(probability, Units(label, units.weight, units.home), alone)[0]
    return errors


def expected_over_observed(probability: Reals, units: Units, times: Reals) -> Reals:
    """How many the probabilities add up to, divided by how many there were, per draw. 1 where the level is right."""
    stated = np.bincount(units.home, weights=units.weight * probability, minlength=len(times))
    labelled = np.bincount(units.home, weights=units.weight * units.label, minlength=len(times))
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Reals = (stated @ times) / (labelled @ times)
    return result


def households_of(order: npt.NDArray[np.int64], units: Units, homes: int) -> tuple[IntArray, Units]:
    """The households as units: in the place of their first child, labelled if any of their children is.

    A household weighs as much as its heaviest child. Households without a row are left out.
    """
    best = np.full(homes, np.iinfo(np.int64).min)
    np.maximum.at(best, units.home, order)
    label = np.zeros(homes, dtype=np.int8)
    np.maximum.at(label, units.home, units.label)
    weight = np.zeros(homes)
    np.maximum.at(weight, units.home, units.weight)
    there = np.flatnonzero(weight > 0)
    return best[there], Units(label[there], weight[there], there)
