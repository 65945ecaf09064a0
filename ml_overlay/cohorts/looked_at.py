"""What conferences found, as labels; and what undoes that who was listed has the larger chance to be found.

Feedback must not feed itself. A child on the list is looked at, so a difficulty there is found; the same difficulty elsewhere comes
out only if somebody happens to notice. Learned without a correction, the model would take "was listed" for "is in need". So each
labelled row weighs the inverse of the chance with which it came to be labelled, up to a limit. The random sample of children
who are not listed, whose chance is known, tells how often a difficulty comes out by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from engine.records.feedback import Feedback
from ml_overlay.cohorts.labels import (
    BY_CHANCE,
    BY_LIST,
    CAME_TRUE,
    LEFT_OUT,
    NOT_LOOKED_AT,
    UNLABELLED,
    Cohort,
    Outcomes,
)

MOST = 5.0
"""No labelled row weighs more than this many listed ones: the few of a random sample must not become the model."""
UNMEASURED = 0.4
"""The chance that is assumed while too few were drawn at random: that of the studies on which the recipe rests (docs/overlay.md)."""
_PRIOR_DRAWS = 200
_MILLION = 1_000_000
_SUPPORTED = "既に支援中"
_SAYS = {"困難あり": CAME_TRUE, "分からない": LEFT_OUT}

Floats = npt.NDArray[np.float64]


def with_feedback(cohorts: Sequence[Cohort], hardship_type: str, feedback: Iterable[Feedback]) -> tuple[Cohort, ...]:
    """The cohorts of a type, with what conferences found of its children.

    - A difficulty confirmed within the label's window is a label that came true; by the end of the gap, it was known already.
    - Looked at in the window and nothing found: unlabelled still, but looked at (a weak negative), and kept as a row.
    - Support in place by the end of the window, or looked at and not clear: no row, for nobody can tell what would have come.

    A finding without a type tells only that the child was looked at, and whether support was in place.
    """
    by_child: dict[str, list[Feedback]] = {}
    for entry in feedback:
        if entry.hardship_type in (hardship_type, None):
            by_child.setdefault(entry.child_key, []).append(entry)
    return tuple(_with(cohort, by_child) for cohort in cohorts)


def _with(cohort: Cohort, by_child: Mapping[str, Sequence[Feedback]]) -> Cohort:
    outcome, looked, chance = cohort.outcome.copy(), cohort.looked.copy(), cohort.chance.copy()
    for place in np.flatnonzero(np.isin(cohort.child_keys, list(by_child))):
        for entry in by_child[str(cohort.child_keys[place])]:
            if entry.decided_on > cohort.cut_off.seen_until:
                continue
            found = entry.finding if entry.hardship_type is not None else None
            if entry.decision == _SUPPORTED:
                outcome[place] = LEFT_OUT
            elif entry.decided_on <= cohort.cut_off.gap_until:
                outcome[place] = LEFT_OUT if found == "困難あり" else outcome[place]
            else:
                by_list = entry.seen_by == "一覧"
                looked[place] = BY_LIST if by_list else max(looked[place], BY_CHANCE)
                chance[place] = max(chance[place], 1.0 if by_list else (entry.chance_millionths or 0) / _MILLION)
                if outcome[place] == UNLABELLED and found in _SAYS:
                    outcome[place] = _SAYS[found]
    return replace(cohort, outcome=outcome, looked=looked, chance=chance)


def listing_weights(
    labels: Outcomes, looked: Outcomes, chance: Floats, otherwise: float, *, most: float = MOST
) -> Floats:
    """What a row weighs besides the rows that it stands for, so that being listed does not become the label.

    `labels`: 1 for a label that came true. `looked`: BY_LIST, BY_CHANCE or NOT_LOOKED_AT within the label's window; `chance`: of having
    been looked at (1 on the list, the known chance of a random draw, else 0). `otherwise`: the chance with which a difficulty is labelled
    without anybody being led to it (`chance_otherwise`).

    A labelled row weighs the inverse of its chance to be labelled, at most `most` times a listed one; all together they weigh
    as much as they are many, so that the share of labels stays. All others weigh 1: the unlabelled stand for everybody, listed or not.
    """
    weights = np.ones(len(labels))
    came_true = labels == CAME_TRUE
    if came_true.any():
        labelled = np.where(looked == BY_LIST, 1.0, 1.0 - (1.0 - chance) * (1.0 - otherwise))[came_true]
        inverse = 1.0 / np.maximum(labelled, 1.0 / most)
        weights[came_true] = inverse * (len(inverse) / inverse.sum())
    return weights


def chance_otherwise(labelled: int, children: int, found: int, drawn: int, *, most: float = MOST) -> float:
    """With what chance a difficulty of a child who is not listed becomes a label nevertheless.

    Of so many `children` not on the list so many were `labelled`; of so many `drawn` at random among them a difficulty was `found`.
    The fewer were drawn, the nearer to `UNMEASURED`; never below 1/`most`, where the weights end anyway.
    """
    if not drawn or not children:
        return UNMEASURED
    in_need = children * (found + 0.5) / (drawn + 1)
    measured = min(1.0, labelled / in_need)
    return max(1.0 / most, (drawn * measured + _PRIOR_DRAWS * UNMEASURED) / (drawn + _PRIOR_DRAWS))


def measured_otherwise(cohorts: Sequence[Cohort]) -> float:
    """`chance_otherwise` from cohorts in whose windows conferences looked at anybody."""
    labelled = children = found = drawn = 0
    for cohort in cohorts:
        if not (cohort.looked != NOT_LOOKED_AT).any():
            continue
        open_ = (cohort.outcome != LEFT_OUT) & (cohort.looked != BY_LIST)
        by_chance, came_true = cohort.looked == BY_CHANCE, cohort.outcome == CAME_TRUE
        children += int(open_.sum())
        labelled += int((open_ & came_true).sum())
        drawn += int((open_ & by_chance).sum())
        found += int((open_ & by_chance & came_true).sum())
    return chance_otherwise(labelled, children, found, drawn)
