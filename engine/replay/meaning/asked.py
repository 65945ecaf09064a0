"""What the sentences look at, cell by cell: each column of each kind of fact in classes that exclude each other.

All windows that look at one date cut its days into stretches, all thresholds on one number cut it likewise, all words for which a
column is asked stand beside each other; a blank and an unknown cell are classes of their own. Each class is one leaf rule. So for each
cell at most one rule fires, however many sentences look at it, and a sentence is a set of classes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.replay.process.subset import LARGEST_CONSTANT, FieldTest, LeafRule

BLANK, UNKNOWN = -1, -2
PERSON, COVERAGE, RESIDENT = "person", "coverage", "resident"
CHILD, HOUSEHOLD = "本人", "世帯"
"""Whose facts are looked at: the child's, its household's, or those of members with a relation (母 …)."""


class CannotBeSaidError(Exception):
    """A sentence that the safe subset of the engine cannot express; the text is the reason, in Japanese, for the summary."""


Stretch = set[int]
"""The classes of a column that lie between two numbers. Filled when every sentence has asked (`Column.classes`)."""


@dataclass
class Column:
    """One column of one kind of fact, as far as sentences look at it. Its rules are known when every sentence has asked."""

    kind: str
    name: str
    numbered: bool = False
    gaps: bool = False
    _cuts: set[int] = field(default_factory=set)
    _stretches: dict[tuple[int | None, int | None], Stretch] = field(default_factory=dict)
    _words: dict[str, int] = field(default_factory=dict)

    @cached_property
    def fields(self) -> tuple[str, str, str]:
        """The fields for its value, a blank and an unknown."""
        return value_field(self.name), blank_field(self.name), unknown_field(self.name)

    def between(self, first: int | None, last: int | None) -> Stretch:
        """Ask whether a number (a day as its ordinal) lies between two constants, both inside."""
        cuts = {*(() if first is None else (first,)), *(() if last is None else (last + 1,))}
        if any(abs(cut) >= LARGEST_CONSTANT for cut in cuts):
            raise CannotBeSaidError("再現の仕組みで扱える数の大きさを超えています。")
        self.numbered = True
        self._cuts |= cuts
        return self._stretches.setdefault((first, last), set())

    def words(self, wanted: Iterable[str]) -> frozenset[int]:
        """Ask whether a text is one of the wanted words; gives their classes."""
        return frozenset(self._words.setdefault(word, len(self._words)) for word in wanted)

    def rules(self) -> tuple[LeafRule, ...]:
        """One leaf rule for each class."""
        return tuple(LeafRule(self.rule(code), self.kind, tests) for code, tests in self.classes())

    def rule(self, code: int) -> str:
        """The name of the rule that says a cell is of a class."""
        return f"{self.kind}.{self.name}.{ {BLANK: 'blank', UNKNOWN: 'unknown'}.get(code, code) }"

    def classes(self) -> list[tuple[int, tuple[FieldTest, ...]]]:
        """Each class with the tests that a cell of it passes. Settles the stretches."""
        cuts = sorted(self._cuts)
        for (first, last), stretch in self._stretches.items():
            start = 0 if first is None else bisect_left(cuts, first) + 1
            stop = len(cuts) + 1 if last is None else bisect_left(cuts, last + 1) + 1
            stretch.update(range(start, stop))
        value = value_field(self.name)
        found: list[tuple[int, tuple[FieldTest, ...]]] = []
        if self.numbered:
            for code in range(len(cuts) + 1):
                low = (FieldTest(value, ">=", cuts[code - 1] if code else -LARGEST_CONSTANT),)
                high = (FieldTest(value, "<=", cuts[code] - 1),) if code < len(cuts) else ()
                found.append((code, (*(low if code or not high else ()), *high)))
        found += [(code, (FieldTest(value, "==", word),)) for word, code in self._words.items()]
        if self.gaps:
            found.append((BLANK, (FieldTest(blank_field(self.name), "==", 1),)))
            found.append((UNKNOWN, (FieldTest(unknown_field(self.name), "==", 1),)))
        return found


class Asked:
    """Everything that the sentences of a set of rulebooks look at, and of whom."""

    def __init__(self) -> None:
        self.columns: dict[tuple[str, str], Column] = {}
        self.looked_at: dict[str, set[str]] = {}
        """Kind of record → whose: 本人, 世帯, a relation."""
        self.sources: dict[str, set[str]] = {}
        """Source whose coverage matters → for whom."""
        self._slots: dict[Hashable, int] = {}

    def slot(self, what: Hashable) -> int:
        """A small number for something that is worked out once for each subject, however many sentences want it."""
        return self._slots.setdefault(what, len(self._slots))

    def column(self, kind: str, name: str, *, gaps: bool = True) -> Column:
        """A column of a kind of fact; the same object for everybody who asks. `gaps`: blank and unknown cells matter."""
        column = self.columns.setdefault((kind, name), Column(kind, name))
        column.gaps |= gaps
        return column

    def look(self, record: str, whose: str) -> None:
        """Records of this kind are looked at, of the child, the household or a relation."""
        self.looked_at.setdefault(record, set()).add(whose)

    def covers(self, source: str, whose: str, until: int | None) -> Stretch:
        """Ask whether a source covers someone from a day on, or (None) from any day."""
        self.sources.setdefault(source, set()).add(whose)
        return self.column(COVERAGE, source, gaps=False).between(None, until)

    def leaves(self) -> tuple[LeafRule, ...]:
        """Every distinct leaf rule once. A kind whose records are looked at, but none of their cells, has one without a test."""
        rules = [rule for column in self.columns.values() for rule in column.rules()]
        with_cells = {kind for kind, _ in self.columns}
        return (*rules, *(LeafRule(f"{record}.row", record) for record in self.looked_at if record not in with_cells))

    def classes(self) -> Mapping[str, tuple[str, int]]:
        """Name of each leaf rule → the column and the class that it tells."""
        return {c.rule(code): (c.name, code) for c in self.columns.values() for code, _ in c.classes()}


def value_field(column: str) -> str:
    """The field that holds a cell's value. The letter keeps the three fields of a column apart, whatever its name."""
    return f"v_{column}"


def blank_field(column: str) -> str:
    """The field that is 1 where nothing is written."""
    return f"b_{column}"


def unknown_field(column: str) -> str:
    """The field that is 1 where something is written that does not tell the value (不詳)."""
    return f"u_{column}"
