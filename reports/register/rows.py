"""Which households stand in the case register, and what is known of each, without names: every one with a decision that is not closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from engine.records.case import Case, Tier
from engine.records.conference import CONTACTS, ConferenceEntry, PastDecision, Severity, Urgency

Due = Literal["期限超過", "期間内", "その先", "未定", "経過だけ"]
"""When a review is due: passed, within the next quarter, later, on no day that was named; or none is asked for (見送り without a day, 対象外)."""
DUES: tuple[Due, ...] = ("期限超過", "期間内", "その先", "未定", "経過だけ")
NEXT_QUARTER = timedelta(days=92)
_IN_TOUCH = ("積極的アプローチ", "学校等への調査", "見守り")
_WATCHED_ONLY = ("見送り", "対象外")

Standing = Literal["掲載", "別に示す", "①②ではない", "一覧に入らない②", "不明"]
"""Where a household is in the newest run: on the list, shown apart, in neither ① nor ②, in ② but beyond the list; or nobody of it was judged."""


@dataclass(frozen=True)
class Council:
    """An open entry of the council's register: 種別, 主担当 and the day of registration."""

    kind: str
    lead_agency: str
    registered_on: date


@dataclass(frozen=True)
class Now:
    """How the newest run sees a household. `tier` None where nobody of it was judged."""

    as_of: date
    tier: Tier | None
    standing: Standing


@dataclass(frozen=True)
class RegisterRow:
    """One household. `entry`: of its newest decision, whose run the row follows up; `history`: every entry, newest first. `case`: as the newest list showed it.

    `lead_agency`: named; `lead_agency_text`: in words of its own, never both. `urgency`, `severity`: as people rated them last.
    `reviewed_on`: the day on which a conference last spoke of it. `review_on`: next review, or the end of 見送り. `contact_on`: first contact after
    the first decision; `in_touch` says whether there was one, also on a day that nobody wrote down. `waits`: days since the first decision that called for contact,
    None where there was contact or none was called for.
    """

    household_key: str
    case: Case
    entry: ConferenceEntry
    history: tuple[ConferenceEntry, ...]
    protected: bool
    council: Council | None
    now: Now
    received_on: date
    reviewed_on: date
    review_on: date | None
    due: Due
    lead_agency: str
    lead_agency_text: str
    urgency: Urgency | None
    severity: Severity | None
    in_touch: bool
    contact_on: date | None
    waits: int | None
    closed_on: date | None
    closed_because: str
    closed_because_text: str

    @property
    def decision(self) -> PastDecision:
        """The newest decision."""
        return self.entry.decision


@dataclass(frozen=True)
class Register:
    """The roll-up as of `on`, for the quarter from `start` to `end`: open households, most urgent first, and those closed in the quarter, newest last."""

    city: str
    on: date
    start: date
    end: date
    open: tuple[RegisterRow, ...]
    closed: tuple[RegisterRow, ...]
    without_case: int = 0

    @property
    def overdue(self) -> int:
        """Households whose review is past."""
        return sum(row.due == "期限超過" for row in self.open)

    @property
    def without_contact(self) -> int:
        """Households with which somebody was to be in touch, and nobody is yet."""
        return sum(row.waits is not None for row in self.open)

    @property
    def received(self) -> int:
        """Households, open or closed, that a conference first decided on within the quarter."""
        return sum(self.start <= row.received_on <= self.end for row in (*self.open, *self.closed))


@dataclass(frozen=True)
class Known:
    """What is known besides the entries: the newest case of each household by run, how the newest run sees it, and who is registered or protected today."""

    cases: Mapping[tuple[str, str], Case]
    now: Mapping[str, Now]
    council: Mapping[str, Council]
    protected: Collection[str]
    newest_as_of: date


def make_register(
    city: str, entries: Iterable[ConferenceEntry], known: Known, *, on: date, start: date, end: date
) -> Register:
    """Every household of which a conference up to `on` has decided something. One that was closed and decided on again later is open.

    A household whose case no record holds any more is only counted (`without_case`), so that it is missed and not lost in silence.
    """
    by_household: dict[str, list[ConferenceEntry]] = {}
    for entry in sorted(entries, key=lambda one: (one.decision.decided_on, one.decision.run_id)):
        if entry.decision.decided_on <= on:
            by_household.setdefault(entry.decision.household_key, []).append(entry)
    rows: list[RegisterRow] = []
    without_case = 0
    for key, history in by_household.items():
        if not any(entry.decision.decision is not None for entry in history):
            continue
        row = _row(key, history, known, on)
        if row is None:
            without_case += 1
        else:
            rows.append(row)
    still_open = [row for row in rows if row.closed_on is None]
    closed = [row for row in rows if row.closed_on is not None and start <= row.closed_on <= end]
    return Register(
        city,
        on,
        start,
        end,
        tuple(sorted(still_open, key=_urgency)),
        tuple(sorted(closed, key=lambda row: (row.closed_on or date.max, row.household_key))),
        without_case,
    )


def _row(key: str, history: list[ConferenceEntry], known: Known, on: date) -> RegisterRow | None:
    case = next(
        (
            known.cases[entry.decision.run_id, key]
            for entry in reversed(history)
            if (entry.decision.run_id, key) in known.cases
        ),
        None,
    )
    if case is None:
        return None
    decided = [entry for entry in history if entry.decision.decision is not None]
    newest = decided[-1]
    decision = newest.decision
    ended = next((e for e in reversed(history) if e.decision.closed_on is not None), None)
    closed_on = (ended.decision.closed_on if ended else None) or on
    if closed_on > on or any(e.decision.decided_on > closed_on for e in decided):
        ended = None
    lead = next((e for e in reversed(history) if e.decision.lead_agency or e.texts.lead_agency_text), None)
    review_on = decision.review_on or (decision.until if decision.decision == "見送り" else None)
    asked = next((e.decision.decided_on for e in decided if e.decision.decision in _IN_TOUCH), None)
    contacts = [
        e.decision
        for e in history
        if e.decision.outcome in CONTACTS and (asked is None or e.decision.decided_on >= asked)
    ]
    days = [one.outcome_on for one in contacts if one.outcome_on is not None]
    waits = (on - asked).days if asked is not None and not contacts and decision.decision in _IN_TOUCH else None
    council = known.council.get(key)
    members = {key, *(member.key for member in case.members), *(child.child_key for child in case.children)}
    return RegisterRow(
        household_key=key,
        case=case,
        entry=newest,
        history=tuple(reversed(history)),
        protected=case.protected or not members.isdisjoint(known.protected),
        council=council,
        now=known.now.get(key, Now(known.newest_as_of, None, "不明")),
        received_on=decided[0].decision.decided_on,
        reviewed_on=history[-1].decision.decided_on,
        review_on=review_on,
        due=_due(decision, review_on, on),
        lead_agency=lead.decision.lead_agency if lead else council.lead_agency if council else "",
        lead_agency_text=lead.texts.lead_agency_text if lead else "",
        urgency=next((e.decision.urgency for e in reversed(history) if e.decision.urgency), None),
        severity=next((e.decision.severity for e in reversed(history) if e.decision.severity), None),
        in_touch=bool(contacts),
        contact_on=min(days, default=None),
        waits=waits,
        closed_on=ended.decision.closed_on if ended else None,
        closed_because=ended.decision.closed_because if ended else "",
        closed_because_text=ended.texts.closed_because_text if ended else "",
    )


def _due(decision: PastDecision, review_on: date | None, on: date) -> Due:
    if review_on is None:
        return "経過だけ" if decision.decision in _WATCHED_ONLY else "未定"
    if review_on < on:
        return "期限超過"
    return "期間内" if review_on <= on + NEXT_QUARTER else "その先"


def _urgency(row: RegisterRow) -> tuple[object, ...]:
    """Overdue first, within a group by the day, then those without contact for longest, then by tier."""
    tier = row.now.tier or row.case.tier
    return (DUES.index(row.due), row.review_on or date.max, -(row.waits or 0), tier, row.household_key)
