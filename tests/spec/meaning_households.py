"""The household of a row: 事実 as in 試験, and on top of it the 補足 that the language of 試験 cannot say.

補足 speaks of records as a source delivers them, with the columns' Japanese names from fields.yaml: single cells that
are 空欄 (blank) or 不詳 (written, but not what), months without a row, a source that does not cover somebody, or that
covers them only from a day on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial
from typing import Any, cast

from meaning_tables import SOURCE_LABELS, VOCABULARY, Case
from pydantic import Field

from engine.kernel.strict_yaml import StrictModel
from engine.records.household import Household, Person, Row, Value
from engine.records.vocabulary import Column
from engine.rulebook.examples.households import build_household
from engine.rulebook.model import Example

_RELATIVE = re.compile(r"([0-9]+)日(前|後)")
_FIRST_LINE = 1000  # records of 補足 come after those of 事実, so that they are the newer of two equal ones


class Uncovered(StrictModel):
    """A source that does not cover somebody (誰)."""

    who: str = Field(default="本人", alias="誰")
    source: str = Field(alias="源")


class WithoutRow(StrictModel):
    """A periodic record of which somebody has no row for a period (its last day), or for any (すべて)."""

    who: str = Field(default="本人", alias="誰")
    kind: str = Field(alias="種類")
    period: str = Field(alias="期")


class NotDelivered(StrictModel):
    """A period of which nobody has a row: the source has not delivered it (a month of holidays)."""

    kind: str = Field(alias="種類")
    period: date = Field(alias="期")


class Beyond(StrictModel):
    """補足. A record of a period replaces the row that 事実 has for it."""

    records: tuple[dict[str, str], ...] = Field(default=(), alias="記録")
    without: tuple[WithoutRow, ...] = Field(default=(), alias="行のない期")
    not_delivered: tuple[NotDelivered, ...] = Field(default=(), alias="届いていない期")
    uncovered: tuple[Uncovered, ...] = Field(default=(), alias="対象外")


@cache
def household_of(case: Case) -> Household:
    """The household of a row, with keys of its own. Raises ValueError for what cannot be understood."""
    key = f"{case.file}-{case.number}"
    example = Example.model_validate({"例": key, "事実": case.row.facts, "結果": "該当"})
    built = build_household(example, VOCABULARY, SOURCE_LABELS)
    if not isinstance(built, Household):
        raise ValueError(f"{key}: " + "; ".join(f"{fault.what}{fault.remedy}" for fault in built))
    changed = _with_beyond(built, Beyond.model_validate(case.row.beyond))
    members = tuple(replace(m, key=f"{key}-{m.key}") for m in changed.members)
    return replace(changed, key=key, child=replace(changed.child, key=f"{key}-{changed.child.key}"), members=members)


def _with_beyond(household: Household, beyond: Beyond) -> Household:
    for period in beyond.not_delivered:
        household = _without_period(household, _record_named(period.kind), period.period)
    for gap in beyond.without:
        household = _change(household, gap.who, partial(_leave_out, gap))
    for number, cells in enumerate(beyond.records):
        row = _row(cells, number, household.as_of)
        household = _change(household, cells.get("誰", "本人"), partial(_add, row))
    for lack in beyond.uncovered:
        household = _change(household, lack.who, partial(_uncover, _source_named(lack.source)))
    return household


def _change(household: Household, who: str, change: Callable[[Any], Any]) -> Household:
    """Change the child (本人), the household's own records (世帯), or the first member with a relation."""
    if who == "世帯":
        return cast(Household, change(household))
    if who == "本人":
        return replace(household, child=change(household.child))
    members = list(household.members)
    index = next((i for i, member in enumerate(members) if who in member.relations), None)
    if index is None:
        raise ValueError(f"the household has no {who}")
    members[index] = change(members[index])
    return replace(household, members=tuple(members))


def _without_period(household: Household, record: str, end: date) -> Household:
    column = VOCABULARY.records[record].date
    assert column is not None

    def left(of: Any) -> Any:
        return replace(of, rows={**of.rows, record: tuple(r for r in of.rows[record] if r.values[column] != end)})

    periods = {**household.periods, record: tuple(p for p in household.periods[record] if p != end)}
    if VOCABULARY.records[record].subject == "世帯":
        return cast(Household, replace(left(household), periods=periods))
    members = tuple(left(member) for member in household.members)
    return replace(household, child=left(household.child), members=members, periods=periods)


def _leave_out(gap: WithoutRow, of: Person | Household) -> Person | Household:
    record = _record_named(gap.kind)
    column = VOCABULARY.records[record].date
    assert column is not None
    kept = tuple(r for r in of.rows[record] if gap.period not in ("すべて", str(r.values[column])))
    if len(kept) == len(of.rows[record]):
        raise ValueError(f"there is no row of {gap.kind} for {gap.period}")
    return replace(of, rows={**of.rows, record: kept})


def _add(row: Row, of: Person | Household) -> Person | Household:
    kind = VOCABULARY.records[row.record]
    kept = of.rows.get(row.record, ())
    if kind.period and kind.date:
        kept = tuple(r for r in kept if r.values[kind.date] != row.values[kind.date])
    return replace(of, rows={**of.rows, row.record: (*kept, row)})


def _uncover(source: str, of: Person | Household) -> Person | Household:
    return replace(of, covered_from={name: day for name, day in of.covered_from.items() if name != source})


def _row(texts: Mapping[str, str], number: int, as_of: date) -> Row:
    record = _record_named(texts["種類"])
    columns = {column.label: (name, column) for name, column in VOCABULARY.records[record].columns.items()}
    cells: dict[str, Value] = {}
    unknown = set()
    for label, text in texts.items():
        if label in ("種類", "誰"):
            continue
        name, column = columns[label]
        cells[name] = _value(text, column, as_of)
        if text == "不詳":
            unknown.add(name)
    return Row(record, cells, 0, _FIRST_LINE + number, frozenset(unknown))


def _value(text: str, column: Column, as_of: date) -> Value:
    if text in ("空欄", "不詳"):
        return None
    if column.type == "整数":
        return int(text)
    return _date(text, as_of) if column.type == "日付" else text


def _date(text: str, as_of: date) -> date:
    if text == "当日":
        return as_of
    relative = _RELATIVE.fullmatch(text)
    if relative is None:
        return date.fromisoformat(text)
    days = timedelta(days=int(relative[1]))
    return as_of - days if relative[2] == "前" else as_of + days


def _record_named(label: str) -> str:
    found = [name for name, kind in VOCABULARY.records.items() if kind.label == label]
    if len(found) != 1:
        raise ValueError(f"there is no record kind {label}")
    return found[0]


def _source_named(label: str) -> str:
    found = [source for source, name in SOURCE_LABELS.items() if name == label]
    if len(found) != 1:
        raise ValueError(f"there is no source {label}")
    return found[0]
