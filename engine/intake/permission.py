"""Which columns of a layout may be read in: deny by default, as the data-use register (fields.yaml) says."""

from __future__ import annotations

from dataclasses import dataclass

from engine.intake.wording import problem
from engine.kernel.errors import Place, Problem
from engine.records.layout import CellRule, Layout
from engine.records.vocabulary import Vocabulary


@dataclass(frozen=True)
class ReadColumn:
    """One column that is read: its name in the layout and its rule."""

    name: str
    rule: CellRule


def permitted_columns(layout: Layout, vocabulary: Vocabulary) -> tuple[ReadColumn, ...]:
    """The layout's columns that the register permits, in layout order. Scratch columns steer the reading only."""
    return tuple(
        ReadColumn(name, rule) for name, rule in layout.cells.items() if _denial(rule, layout, vocabulary) is None
    )


def permitted_derivations(layout: Layout, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Ids of the derived columns (導出) whose inputs are read and which the register permits."""
    read = {column.rule.id for column in permitted_columns(layout, vocabulary)}
    return tuple(
        key
        for key, rule in layout.derivations.items()
        if {*(rule.minus or ()), *(rule.plus or ())} <= read and _state(key, layout, vocabulary) == "許可"
    )


def register_labels(vocabulary: Vocabulary) -> frozenset[str]:
    """Every column name that the register itself knows: a header text that is one of them is certainly no cell."""
    columns = {column.label for kind in vocabulary.records.values() for column in kind.columns.values()}
    entries = {entry.label for part in (vocabulary.identifiers, vocabulary.refused) for entry in part.values()}
    names = {name for entry in vocabulary.refused.values() for name in entry.names if not name.endswith("*")}
    return frozenset(columns | entries | names)


def left_out_problem(name: str, place: Place, layout: Layout, vocabulary: Vocabulary) -> Problem:
    """Why a delivered column was not read in, naming the decision; `name` is one that header.py allows, or a position."""
    rule = layout.cells.get(name)
    denied = _denial(rule, layout, vocabulary) if rule else None
    return denied(place) if denied else problem("W-DELIV-21", place)


@dataclass(frozen=True)
class _Denied:
    code: str
    values: tuple[tuple[str, str], ...]

    def __call__(self, place: Place) -> Problem:
        return problem(self.code, place, **dict(self.values))


def _denial(rule: CellRule, layout: Layout, vocabulary: Vocabulary) -> _Denied | None:
    key = rule.register_id or rule.id
    if refused := vocabulary.refused.get(key):
        values = (("state", refused.permission), ("decision", refused.decision), ("reason", refused.reason))
        return _Denied("W-DELIV-22", values)
    state = _state(key, layout, vocabulary)
    if state == "許可" or (state is None and rule.scratch):
        return None
    return _Denied("W-DELIV-30", (("state", state),)) if state else _Denied("W-DELIV-21", ())


def _state(key: str, layout: Layout, vocabulary: Vocabulary) -> str | None:
    if identifier := vocabulary.identifiers.get(key):
        return identifier.permission
    states = {kind.permission for _, kind in vocabulary.records_of_source(layout.source) if key in kind.columns}
    if not states:
        return None
    return next(state for state in ("許可", "照会中", "不許可") if state in states)
