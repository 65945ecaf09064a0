"""From a number for each person to one for each child: of its mother, its siblings, the members of its household.

Of several people the one who worries most counts: the largest number, or the smallest where little is of concern and of
the time since an event. Of the child itself nothing enters: its own records may be hidden.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from engine.evaluate.columns.kleene import Mask
from engine.records.vocabulary import Item
from ml_overlay.features.looks import RELATION_OF, SINCE_LIMIT_DAYS, Measure, Role, takes_least
from ml_overlay.features.records import Values

Numbers = npt.NDArray[np.integer]


class Relatives:
    """Who is what to which child. `kin`: by relation, numbers of child and member, in order of child."""

    def __init__(self, kin: Mapping[str, tuple[Numbers, Numbers]], children: int) -> None:
        self._children = children
        self._members: dict[Role, Numbers] = {}
        self._starts: dict[Role, Numbers] = {}
        self._has_any: dict[Role, Mask] = {}
        for role, relation in RELATION_OF.items():
            child, member = kin[relation]
            others = child != member
            self._members[role] = member[others]
            starts = np.searchsorted(child[others], np.arange(children + 1))
            self._has_any[role] = starts[1:] > starts[:-1]
            self._starts[role] = starts[:-1][self._has_any[role]]

    def worst(self, of_people: Values, role: Role, item: Item, measure: Measure) -> Values:
        """For each child, the number of the person of this role who worries most.

        Where someone's number is unknown, a known one of somebody else still tells that it is so much at least; only
        "none" cannot be told then, and is NaN. Without such a person: none, and where little is of concern, or a newest value
        is asked for, NaN.
        """
        numbers, starts, has_any = of_people[self._members[role]], self._starts[role], self._has_any[role]
        least = takes_least(item, measure)
        reduce = np.fmin if least else np.fmax  # both pass over NaN
        worst = np.full(self._children, np.nan)
        unknown = np.zeros(self._children, bool)
        if len(starts):
            worst[has_any] = reduce.reduceat(numbers, starts)
            unknown[has_any] = np.logical_or.reduceat(np.isnan(numbers), starts)
        if measure.quantity == "since":
            return np.where(has_any, np.where(unknown & (worst == SINCE_LIMIT_DAYS), np.nan, worst), SINCE_LIMIT_DAYS)
        if least:
            return worst
        known = np.where(unknown & (worst <= 0), np.nan, worst)
        return known if measure.quantity == "latest" else np.where(has_any, known, 0)
