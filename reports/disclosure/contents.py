"""What stands on the two papers of a disclosure, already decided: whatever reaches `Handover` is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Occurrences:
    """How often equal rows came: number of deliveries, first and last as-of day, where the last one stands."""

    times: int
    first: date
    last: date
    file: str
    line: int


@dataclass(frozen=True)
class HeldRow:
    """One row about the person, said once. `days`: its day, or from when till when it holds; `content`: label and value of each cell."""

    days: str
    content: str
    came: Occurrences


@dataclass(frozen=True)
class HeldKind:
    """All shown rows of one kind of record, with its line of the data-use register. `left_out`: labels of columns that are not shown."""

    label: str
    source: str
    owner: str
    purpose: str
    legal_basis: str
    retention_years: int
    left_out: tuple[str, ...]
    rows: tuple[HeldRow, ...]


@dataclass(frozen=True)
class Week:
    """One run as the person reads it: its as-of day, the tier in words, whether the household was talked about, on which paper."""

    run_id: str
    as_of: date
    tier: str
    listed: str


@dataclass(frozen=True)
class Told:
    """One scenario or sentence over several runs: `answer` and the as-of days of the runs that gave it."""

    group: str
    text: str
    answer: str
    days: tuple[date, ...]


@dataclass(frozen=True)
class Decided:
    """What a conference decided or found about the person: the day of the conference, in words, who read the sheet in and when."""

    on: date
    what: str
    read_by: str
    read_on: date


@dataclass(frozen=True)
class WrittenWord:
    """One sheet or row as it came back from a conference: every blank that was filled in, by its name. Personal data, also of others."""

    run_id: str
    sheet: str
    on: date
    read_by: str
    read_on: date
    told: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """Who asked for what, when. `reason` is what the desk wrote down; `officer` who has looked at it, or empty."""

    city: str
    made_on: date
    requester: str
    reason: str
    officer: str


@dataclass(frozen=True)
class Handover:
    """The paper to hand over (開示用). Nothing that is withheld may reach this object."""

    request: Request
    person: tuple[tuple[str, str], ...]
    kinds: tuple[HeldKind, ...]
    notes: tuple[str, ...]
    weeks: tuple[Week, ...]
    scenarios: tuple[Told, ...]
    sentences: tuple[Told, ...]
    judged: tuple[str, ...]
    not_held: tuple[tuple[str, str, str], ...]
    decided: tuple[Decided, ...] = ()


@dataclass(frozen=True)
class Withheld:
    """Something that is not on the paper to hand over: what, where it is held, how many, and on which ground."""

    what: str
    where: str
    count: int
    item: str
    why: str


@dataclass(frozen=True)
class LineOfFile:
    """A line of a delivered file that is, or may be, about the person, and what became of it."""

    file: str
    line: str
    what: str
    became: str


@dataclass(frozen=True)
class Internal:
    """The paper for the officer (内部確認用): kinds, places and counts of what is withheld; of another person no cell but what conferences wrote (`words`)."""

    request: Request
    person_key: str
    alarm: tuple[str, ...]
    withheld: tuple[Withheld, ...]
    to_look_at: tuple[Withheld, ...]
    judgements: tuple[Told, ...]
    lines: tuple[LineOfFile, ...]
    words: tuple[WrittenWord, ...] = ()
