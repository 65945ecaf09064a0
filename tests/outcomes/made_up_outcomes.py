"""Made-up weeks and what conferences wrote of them, for the figures of outcomes. Nobody here exists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from engine.records.case import Tier
from engine.records.conference import ConferenceEntry, PastDecision
from engine.records.conference_store import DrawnAnswer
from reports.outcomes.measures import ListedHousehold, ListedWeek, Measures, measure

FIRST, SECOND = date(2026, 11, 6), date(2026, 11, 13)
RUNS = {FIRST: "R20261030-01", SECOND: "R20261106-01"}
TODAY = date(2026, 11, 27)


def household(number: int) -> str:
    return f"HMADEUP{number:04d}"


def listed(number: int, **how: Any) -> ListedHousehold:
    facts = {"types": ("poverty",), "tier": Tier.INQUIRY, "scenarios": ("PV-01",), "raised": False, "registered": False}
    return ListedHousehold(household(number), **(facts | how))


def week(day: date, households: Iterable[ListedHousehold], drawn: int = 3) -> ListedWeek:
    return ListedWeek(
        RUNS[day], day, {one.household_key: one for one in households}, drawn, {"PV-01": "納付金の未納が続く", "SA-01": "欠席が急に増えた"}
    )


def said(number: int, decision: str | None = "見守り", *, day: date = FIRST, read_after: int = 3, form: str = "案件", **what: Any) -> ConferenceEntry:
    past = PastDecision(RUNS[day], household(number), day, decision, **what)  # type: ignore[arg-type]
    return ConferenceEntry(past, read_on=day + timedelta(days=read_after), read_by="担当者", form=form)  # type: ignore[arg-type]


def drew(number: int, finding: str) -> DrawnAnswer:
    return DrawnAnswer(RUNS[FIRST], household(9000 + number), f"PDRAWN{number}", FIRST, finding)  # type: ignore[arg-type]


def measured(
    *entries: ConferenceEntry,
    weeks: Iterable[ListedWeek] | None = None,
    words: Iterable[ConferenceEntry] | None = None,
    drawn: Iterable[DrawnAnswer] = (),
    **when: Any,
) -> Measures:
    """Of lists on which everybody stands of whom something was said."""
    if weeks is None:
        days = sorted({entry.decision.decided_on for entry in entries} or {FIRST})
        numbers = {e.decision.household_key for e in entries}
        weeks = [week(day, [listed(int(key[-4:])) for key in sorted(numbers)]) for day in days]
    period: Mapping[str, date] = {"start": FIRST, "end": SECOND, "today": TODAY} | when
    return measure(tuple(weeks), entries, entries if words is None else words, drawn, **period)
