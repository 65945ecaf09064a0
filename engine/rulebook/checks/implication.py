"""When one atom follows from another, in three truth values, as the reference interpreter judges them.

Only what always holds is claimed: for every household, every as-of day, and whatever is unknown. A property test
judges made-up households and looks for a claim that fails.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.records.vocabulary import Item, Vocabulary
from engine.rulebook.checks.atoms import (
    Atom,
    Complete,
    Counted,
    Grown,
    Holds,
    Late,
    Literal,
    Missing,
    Newest,
    OneOf,
    Run,
    Some,
    Within,
)
from engine.rulebook.checks.spans import comes_later, end_together, lies_within, years_reached

_EVERYONE = "世帯員"
_AGE_AT_FIRST_STEP = 6


@dataclass(frozen=True)
class Implication:
    """Relations between the atoms of one vocabulary."""

    vocabulary: Vocabulary

    def met_follows(self, a: Atom, b: Atom) -> bool:
        """Where `a` is met, `b` is met."""
        if a == b:
            return True
        match a, b:
            case Within(), Within():
                return a.item == b.item and _inside(a.low, a.high, b.low, b.high)
            case OneOf(), OneOf():
                return a.item == b.item and a.values <= b.values
            case Holds(), Holds():
                return self._is_narrower(a.item, b.item)
            case Counted(), Counted():
                # Amounts are not negative: a wider window and fewer filters only add.
                return (
                    a.kind == b.kind
                    and a.n >= b.n
                    and self._is_narrower(a.item, b.item)
                    and lies_within(a.window, b.window)
                )
            case Grown(), Grown():
                return (a.item, a.window, a.earlier) == (b.item, b.window, b.earlier) and a.times >= b.times
            case Grown(), Counted("total", item, window, n):
                return a.item == item and n <= 1 and lies_within(a.window, window)
            case Newest(), Newest():
                if (a.item, a.first) != (b.item, b.first) or not self._newest_inside(a, b):
                    return False
                return a.window == b.window or (
                    # The newest of the shorter window is the newest of the longer one; not so the first.
                    not a.first and lies_within(a.window, b.window) and end_together(a.window, b.window)
                )
            case Run(), Run():
                return (
                    self._is_narrower(a.item, b.item)
                    and a.length >= b.length
                    and self._period_follows(a, b)
                    and lies_within(a.window, b.window)
                    and (not b.ongoing or (a.ongoing and end_together(a.window, b.window)))
                )
            case Run(), Counted():
                return self._run_adds_up(a, b)
            case Missing(), Missing():
                return a.item == b.item and comes_later(a.age, b.age)
            case Late(), Late():
                return a.item == b.item and a.days >= b.days
            case Some(), Some():
                return (
                    a.n >= b.n
                    and b.relation in (a.relation, _EVERYONE)
                    and all(any(self.literal_follows(have, want) for have in a.that) for want in b.that)
                )
        return False

    def unmet_follows(self, a: Atom, b: Atom) -> bool:
        """Where `b` is not met, `a` is not met (and not merely unknown)."""
        if a == b:
            return True
        if isinstance(a, Some) and isinstance(b, Some):
            return (
                a.n >= b.n
                and b.relation in (a.relation, _EVERYONE)
                and all(any(self.literal_follows(want.opposite, have.opposite) for have in a.that) for want in b.that)
            )
        if not self.met_follows(a, b):
            return False
        match a, b:
            case Counted(), Counted():
                # In a shorter window, no period may be due yet, and its silence means nothing; これまで asks no source from
                # when on it tells, a shorter window does. A sum over fewer rows is unknown where a filter column is blank.
                shorter = self.vocabulary.record_of(a.item).period is None and b.window.kind != "これまで"
                return (a.window == b.window or shorter) and (a.item == b.item or a.kind == "events")
            case Newest(), Newest():
                return a.window == b.window
            case Run(), Run():
                return a.window == b.window and a.item == b.item
            case (Grown(), Counted()) | (Run(), Counted()):
                return False
        return True

    def opposed(self, a: Atom, b: Atom) -> bool:
        """Where `a` is met, `b` is not met."""
        match a, b:
            case Within(), Within():
                return a.item == b.item and _apart(a.low, a.high, b.low, b.high)
            case OneOf(), OneOf():
                return a.item == b.item and not a.values & b.values
            case Newest(), Newest():
                same = (a.item, a.window, a.first) == (b.item, b.window, b.first)
                return same and (
                    not a.values & b.values
                    if a.values is not None and b.values is not None
                    else _apart(a.low, a.high, b.low, b.high)
                )
            case (Late(item), Complete(other)) | (Complete(item), Late(other)):
                return item == other
        return False

    def excluded(self, a: Atom, b: Atom) -> bool:
        """Whether both can never be met at once."""
        if self.opposed(a, b) or self.opposed(b, a):
            return True
        match a, b:
            case Within(), Within():
                return self._age_without_grade(a, b) or self._age_without_grade(b, a)
            case (Missing() as missing, Within() as within) | (Within() as within, Missing() as missing):
                is_age = self.vocabulary.items[within.item].kind == "年齢"
                return is_age and within.high is not None and within.high < years_reached(missing.age)
            case (Missing() as missing, Counted("events", item, _, n)) | (
                Counted("events", item, _, n),
                Missing() as missing,
            ):
                return missing.item == item and n >= 1
        return False

    def never(self, atom: Atom) -> bool:
        """Whether nobody can be as an atom about a relative says."""
        if not isinstance(atom, Some):
            return False
        said = sorted(atom.that, key=repr)
        return any(self._clash(one, other) for i, one in enumerate(said) for other in said[:i])

    def literal_follows(self, a: Literal, b: Literal) -> bool:
        """Where one literal is met, the other is met."""
        match a.positive, b.positive:
            case True, True:
                return self.met_follows(a.atom, b.atom)
            case False, False:
                return self.unmet_follows(b.atom, a.atom)
            case True, False:
                return self.opposed(a.atom, b.atom)
        return False

    def _clash(self, one: Literal, other: Literal) -> bool:
        match one.positive, other.positive:
            case True, True:
                return self.excluded(one.atom, other.atom)
            case True, False:
                return self.met_follows(one.atom, other.atom)
            case False, True:
                return self.met_follows(other.atom, one.atom)
        return False

    def _is_narrower(self, a: str, b: str) -> bool:
        """Whether every record of which item `a` speaks is one of which `b` speaks, with the same day and amount."""
        if a == b:
            return True
        one, other = self.vocabulary.items[a], self.vocabulary.items[b]

        def same(read: Item) -> tuple[object, ...]:
            return (read.record, read.kind, read.column, read.date)

        return (
            same(one) == same(other)
            and other.empty_column in (None, one.empty_column)
            and all(
                column in one.filters and set(one.filters[column]) <= set(allowed)
                for column, allowed in other.filters.items()
            )
        )

    def _newest_inside(self, a: Newest, b: Newest) -> bool:
        if a.values is not None and b.values is not None:
            return a.values <= b.values
        return _inside(a.low, a.high, b.low, b.high)

    def _period_follows(self, a: Run, b: Run) -> bool:
        if a.limit is None or b.limit is None:
            return a.limit is b.limit
        if a.up is not b.up:
            return False
        if not a.up:
            return a.limit <= b.limit and a.item == b.item
        return a.limit >= b.limit

    def _run_adds_up(self, run: Run, sum_: Counted) -> bool:
        if run.item != sum_.item or self.vocabulary.items[run.item].date or not lies_within(run.window, sum_.window):
            return False
        if run.limit is None:
            return sum_.kind == "events" and run.length >= sum_.n
        return sum_.kind == "total" and run.up and run.length * run.limit >= sum_.n

    def _age_without_grade(self, age: Within, grade: Within) -> bool:
        """A child in a grade has one of two ages; 小1 begins at six."""
        items = self.vocabulary.items
        if items[age.item].kind != "年齢" or items[grade.item].kind != "学年" or grade.high is None:
            return False
        return _apart(age.low, age.high, grade.low + _AGE_AT_FIRST_STEP, grade.high + _AGE_AT_FIRST_STEP + 1)


def _inside(low: int, high: int | None, outer_low: int, outer_high: int | None) -> bool:
    return low >= outer_low and (outer_high is None or (high is not None and high <= outer_high))


def _apart(low: int, high: int | None, other_low: int, other_high: int | None) -> bool:
    return (high is not None and high < other_low) or (other_high is not None and other_high < low)
