"""Whom rules and model serve less well: selection, recall, precision and calibration by group, with minimum counts and intervals.

Measured against labels, which are worst for those least known: a low recall is a reason to look, an equal one no proof. Groups of fewer than ten children are
never shown; a recall needs twenty labelled children.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from ml_overlay.audits.attributes import NOT_DONE, Attributes
from ml_overlay.features.feature import Texts

Mask = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

FEWEST_CHILDREN = 10
FEWEST_LABELLED = 20
MILLION = 1_000_000
SMALL = "人数の少ない群の合計"
FEW_LABELLED = "正例の少ない群の合計"


@dataclass(frozen=True)
class Rate:
    """`count` of `of`, in millionths, with the 95 % Wilson interval."""

    count: int
    of: int
    at: int
    low: int
    high: int


@dataclass(frozen=True)
class GroupRow:
    """One group of one attribute.

    `selected`, `recall`, `precision` are by the name of a selection (rules, model, blend …). `lifted`: children whom the model raised. `by_model`: share of the
    selected whom the rules alone had not selected. `stated_over_observed` in millionths: 1 where the level of the probabilities is right. None where too few.
    """

    attribute: str
    group: str
    children: int
    labelled: int | None
    selected: Mapping[str, Rate]
    lifted: Rate | None
    by_model: Rate | None
    recall: Mapping[str, Rate | None]
    precision: Mapping[str, Rate | None]
    stated_over_observed: int | None


@dataclass(frozen=True)
class Audit:
    """All rows of a hardship type, attribute by attribute, and what could not be audited, in words."""

    hardship_type: str
    rows: tuple[GroupRow, ...]
    not_done: tuple[str, ...]


@dataclass(frozen=True)
class Audited:
    """The children of an evaluated day, in order of key. `label`: 1, 0 (unlabelled), -1 (not in the evaluation). `selections` by name.

    `rules` is the name of what the rules alone select and `blend` that of both together. `millionths`: stated probabilities.
    """

    child_keys: Texts
    label: npt.NDArray[np.int8]
    selections: Mapping[str, Mask]
    lifted: Mask
    millionths: IntArray
    rules: str = "rules"
    blend: str = "blend"


def audit_subgroups(hardship_type: str, audited: Audited, attributes: Attributes) -> Audit:
    """Every attribute, group by group. Raises ValueError if the attributes lack one of the children.

    Groups below ten children are shown together; if they are fewer than ten together, the smallest other group joins them, so that nobody is told by subtraction.
    """
    place = np.searchsorted(attributes.child_keys, audited.child_keys)
    found = place < len(attributes.child_keys)
    if not found.all() or not np.array_equal(attributes.child_keys[place], audited.child_keys):
        raise ValueError("the attributes are not those of the audited children")
    rows: list[GroupRow] = []
    for attribute, groups in attributes.groups.items():
        group_of = _large_enough(groups[place])
        if group_of is not None:
            rows += _rows(attribute, group_of, audited)
    return Audit(hardship_type, tuple(rows), (NOT_DONE,))


def _large_enough(groups: Texts) -> list[str] | None:
    """The group of each child, with small ones taken together; None if there would be fewer than two groups."""
    names, counts = np.unique(groups, return_counts=True)
    by_size = sorted(zip(counts.tolist(), names.tolist(), strict=True))
    small: set[str] = set()
    together = 0
    for count, name in by_size:
        if count < FEWEST_CHILDREN or 0 < together < FEWEST_CHILDREN:
            small.add(name)
            together += count
    if together and together < FEWEST_CHILDREN:
        return None
    merged = [SMALL if name in small else name for name in groups.tolist()]
    return merged if len(set(merged)) > 1 else None


def _rows(attribute: str, group_of: list[str], audited: Audited) -> list[GroupRow]:
    groups = np.array(group_of, dtype=np.str_)
    names = sorted(set(group_of), key=lambda name: (name == SMALL, name))
    rows = []
    few = np.zeros(len(groups), dtype=np.bool_)
    for name in names:
        mine = groups == name
        rows.append(_row(attribute, name, mine, audited))
        if int((audited.label[mine] == 1).sum()) < FEWEST_LABELLED:
            few |= mine
    alone = {name for name in names if int((audited.label[groups == name] == 1).sum()) < FEWEST_LABELLED}
    if len(alone) > 1 and len(alone) < len(names):
        rows.append(_row(attribute, FEW_LABELLED, few, audited))
    return rows


def _row(attribute: str, group: str, mine: Mask, audited: Audited) -> GroupRow:
    label = audited.label[mine]
    positive, at_risk = label == 1, label >= 0
    labelled = int(positive.sum())
    enough = labelled >= FEWEST_LABELLED
    selected = {name: chosen[mine] for name, chosen in audited.selections.items()}
    rules, blend = selected.get(audited.rules), selected.get(audited.blend)
    stated = int(audited.millionths[mine][at_risk].sum())
    return GroupRow(
        attribute=attribute,
        group=group,
        children=int(mine.sum()),
        labelled=labelled if labelled >= FEWEST_CHILDREN or labelled == 0 else None,
        selected={name: _rate(int(chosen.sum()), len(chosen)) for name, chosen in selected.items()},
        lifted=_rate(int(audited.lifted[mine].sum()), int(mine.sum())),
        by_model=_of_many(int((blend & ~rules).sum()), int(blend.sum()))
        if rules is not None and blend is not None
        else None,
        recall={
            name: _rate(int((chosen & positive).sum()), labelled) if enough else None
            for name, chosen in selected.items()
        },
        precision={
            name: _of_many(int((chosen & positive).sum()), int((chosen & at_risk).sum()))
            for name, chosen in selected.items()
        },
        stated_over_observed=round(stated / labelled) if enough else None,
    )


def _of_many(count: int, of: int) -> Rate | None:
    return _rate(count, of) if of >= FEWEST_CHILDREN else None


def _rate(count: int, of: int) -> Rate:
    interval = binomtest(count, of).proportion_ci(method="wilson")
    return Rate(
        count,
        of,
        round(count / of * MILLION),
        round(float(interval.low) * MILLION),
        round(float(interval.high) * MILLION),
    )
