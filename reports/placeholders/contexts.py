"""What templates of each kind see, made from the sample: a full week or quarter, a quiet one, and a household that is long past one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from engine.records.case import Tier
from reports.placeholders.sample import (
    AS_OF,
    EARLIER,
    HEAD,
    RUN,
    quiet_week,
    sample_entries,
    sample_people,
    sample_week,
    sample_words,
)
from reports.register.rows import Council, Known, Now, make_register
from reports.register.view import view_register
from reports.sheet_words.casebook_view import Copy, view_casebook

ON, START, END = date(2026, 12, 21), date(2026, 10, 1), date(2026, 12, 31)

Context = Mapping[str, Any]


def week_contexts() -> list[Context]:
    """For 会議資料 and 個票, the fullest first."""
    week, quiet, people, words = sample_week(), quiet_week(), sample_people(), sample_words()
    crowded = replace(week, cases=tuple(_crowded(case, 3) for case in week.cases))
    copy = Copy(2, 5, 1, 2)
    views = [
        view_casebook(week, week.cases, people, copy, texts=words, head=HEAD),
        view_casebook(crowded, crowded.cases, people, copy, texts=words, head=HEAD),
    ]
    return [{"book": view} for view in (*views, view_casebook(quiet, (), {}, Copy()))]


def _crowded(case: Any, times: int) -> Any:
    """A household with many times the scenarios, so that its sheet needs a second page."""
    children = []
    for child in case.children:
        results = tuple(
            replace(result, scenario_id=f"{result.scenario_id[:3]}{nth}{at}", strength="強")
            for nth in range(times * 3)
            for at, result in enumerate(child.results)
        )
        children.append(replace(child, results=results))
    return replace(case, children=tuple(children))


def register_contexts() -> list[Context]:
    """For 進行管理台帳: a quarter with open and closed households, and one in which no conference decided anything."""
    week = sample_week()
    cases = {(run_id, case.household_key): case for case in week.cases for run_id in (EARLIER, RUN)}
    now = {case.household_key: Now(AS_OF, Tier.INQUIRY, "掲載") for case in week.cases}
    council = {week.cases[2].household_key: Council("要支援", "学校教育課", date(2026, 11, 1))}
    known = Known(cases, now, council, {week.cases[1].household_key}, AS_OF)
    entries = sample_entries()
    lost = replace(entries[0], decision=replace(entries[0].decision, household_key="HMIHON999AAAAAAAA"))
    full = make_register(week.city, (*entries, lost), known, on=ON, start=START, end=END)
    empty = make_register(week.city, (), known, on=ON, start=START, end=END)
    return [{"book": view_register(register, sample_people(), RUN)} for register in (full, empty)]
