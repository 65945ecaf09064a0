"""Twelve months of one household: facts, contacts and support on their lanes, decisions of conferences, and the tier by week over bands of ①②③.

Entries that a table beside the figure tells carry their number; all others are small marks. What lasts is a bar. The tier is drawn only for weeks of which a
run is on record: between weeks further apart there is no line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from engine.kernel.dates import months_before, wareki_short
from engine.records.case import Case, Tier, TimelineEntry, TimelineKind
from reports.figures.figure import Box, Figure, Label, Line, Shape

WIDTH = 580.0
MONTHS = 12
_LEFT, _RIGHT = 34.0, 6.0
_BAND, _LANE, _AXIS, _TOP = 8.0, 10.5, 10.0, 1.0
_MARK, _NUMBERED = 5.0, 10.5
_LETTERS = 8.3  # points: 7 on paper, at the smallest scale at which a sheet prints
_MONTH_NAMED = 30.0  # a part of a month that is narrower has no name
_WEEKS_APART = 10  # days: runs further apart than this are not joined by a line
_BANDS = {Tier.ACTIVE: "FBD5D5", Tier.INQUIRY: "FCE4D6", Tier.NO_ACTION: "EDEDED"}
_LANES: tuple[TimelineKind, ...] = ("事実", "連絡", "支援")
_COLORS = {"事実": "595959", "連絡": "2E75B6", "支援": "548235", "会議": "7F6000"}  # a fact is no alarm: a vaccination is one, too
_FORMS = {"事実": "ellipse", "連絡": "rectangle", "支援": "triangle", "会議": "diamond"}
_PALE = {"事実": "BFBFBF", "連絡": "9DC3E6", "支援": "A9D18E"}
_GREY, _INK = "BFBFBF", "1F3864"


def telling(
    entries: Sequence[TimelineEntry], shown: int, weighty: Collection[TimelineEntry] = ()
) -> tuple[TimelineEntry, ...]:
    """The entries to tell in words: of each kind in turn the newest `weighty` one, then the newest, until there are `shown`; oldest first, equal ones once."""
    entries = tuple(dict.fromkeys(entries))
    by_kind = {
        kind: sorted((e for e in entries if e.kind == kind), key=lambda e: (e in weighty, e.on), reverse=True) for kind in _LANES
    }
    turns = [by_kind[kind][turn] for turn in range(len(entries)) for kind in _LANES if turn < len(by_kind[kind])]
    return tuple(sorted(turns[:shown], key=lambda entry: (entry.on, _LANES.index(entry.kind), entry.text)))


def timeline(case: Case, as_of: date, numbered: Sequence[TimelineEntry] = ()) -> Figure:
    """The figure of a household's last twelve months up to `as_of`. `numbered`: entries told beside it, from 1 in this order."""
    return _Drawing(case, as_of, numbered).figure()


class _Drawing:
    def __init__(self, case: Case, as_of: date, numbered: Sequence[TimelineEntry]) -> None:
        self.case = case
        self.as_of = as_of
        self.start = months_before(as_of, MONTHS)
        self.numbers = {entry: number for number, entry in enumerate(numbered, start=1)}
        self.lanes = [*_LANES, *(["会議"] if case.decisions else [])]
        self.lanes_top = _TOP + 3 * _BAND + 2.0
        self.bottom = self.lanes_top + _LANE * len(self.lanes)

    def figure(self) -> Figure:
        shapes = [*self._bands(), *self._months(), *self._lane_lines(), *self._entries(), *self._decisions(), *self._tiers()]
        return Figure(WIDTH, self.bottom + _AXIS, tuple(shapes), self._in_words())

    def _x(self, day: date) -> float:
        whole = (self.as_of - self.start).days
        inside = min(max((day - self.start).days, 0), whole)
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * inside / whole

    def _bands(self) -> Iterator[Shape]:
        for tier, fill in _BANDS.items():
            top = _TOP + _BAND * (tier - 1)
            yield Box("rectangle", _LEFT, top, WIDTH - _LEFT - _RIGHT, _BAND, fill, fill, "none")
            yield Label(_LEFT - 14, top, 12, _BAND, tier.mark, _LETTERS, True, "404040")
        yield Label(0, _TOP, 20, 3 * _BAND, "区分", _LETTERS, False, "404040", "left")

    def _months(self) -> Iterator[Shape]:
        month = date(self.start.year, self.start.month, 1)
        first = True
        while month <= self.as_of:
            following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            left, right = self._x(month), self._x(min(following, self.as_of))
            if month > self.start:
                yield Line(left, _TOP, left, self.bottom, "D9D9D9", "solid", 0.5)
            if right - left >= _MONTH_NAMED:
                era = wareki_short(month).split(".")[0]
                name = f"{era}.{month.month}月" if first or month.month == 1 else f"{month.month}月"
                yield Label(left, self.bottom, right - left, _AXIS, name, _LETTERS, False, "404040", "left")
                first = False
            month = following

    def _lane_lines(self) -> Iterator[Shape]:
        for name in self.lanes:
            y = self._middle(name)
            yield Line(_LEFT, y, WIDTH - _RIGHT, y, _GREY, "solid", 0.5)
            yield Label(0, y - _LANE / 2, _LEFT - 2, _LANE, name, _LETTERS, False, _COLORS[name], "left")

    def _middle(self, lane: str) -> float:
        return self.lanes_top + _LANE * (self.lanes.index(lane) + 0.5)

    def _entries(self) -> Iterator[Shape]:
        """Bars of what lasts first, small marks over them, numbered marks on top."""
        for entry in self.case.timeline:
            if entry.lasts:
                end = self._x(entry.until or self.as_of)
                start = self._x(entry.on)
                if end - start >= 1.0:
                    y = self._middle(entry.kind)
                    yield Box("rectangle", start, y - 1.5, end - start, 3.0, _PALE[entry.kind], _PALE[entry.kind], "none")
        for entry in self.case.timeline:
            if entry not in self.numbers and entry.on >= self.start:
                yield _mark(entry.kind, self._x(entry.on), self._middle(entry.kind), _MARK)
        taken: dict[str, float] = {}
        for entry, number in self.numbers.items():
            x = max(self._x(entry.on), taken.get(entry.kind, 0.0) + _NUMBERED)
            x = taken[entry.kind] = min(x, WIDTH - _RIGHT)
            y = self._middle(entry.kind)
            triangle = _FORMS[entry.kind] == "triangle"
            yield _mark(entry.kind, x, y, _NUMBERED + (2.0 if triangle else 0.0))
            down = 1.5 if triangle else 0.0
            yield Label(x - 8, y - _NUMBERED / 2 + down, 16, _NUMBERED, str(number), _LETTERS, True, "FFFFFF")

    def _decisions(self) -> Iterator[Shape]:
        for past in self.case.decisions:
            if past.decided_on >= self.start:
                yield _mark("会議", self._x(past.decided_on), self._middle("会議"), 7.0)

    def _tiers(self) -> Iterator[Shape]:
        """The tier by week: steps between weeks that follow each other, a dot for each week, a larger one for this week."""
        weeks = [(week.as_of, week.tier) for week in self.case.weeks if self.start <= week.as_of < self.as_of]
        points = [*weeks, (self.as_of, self.case.tier)]
        for (day, tier), (following, changed) in pairwise(points):
            if following - day <= timedelta(days=_WEEKS_APART):
                yield Line(self._x(day), _level(tier), self._x(following), _level(tier), _INK, "solid", 1.4)
                if tier != changed:
                    yield Line(self._x(following), _level(tier), self._x(following), _level(changed), _INK, "solid", 1.4)
        for day, tier in points:
            size = 6.0 if day == self.as_of else 3.2
            fill = "C00000" if day == self.as_of else _INK
            yield Box("ellipse", self._x(day) - size / 2, _level(tier) - size / 2, size, size, fill, fill, "none")

    def _in_words(self) -> str:
        counts = "、".join(f"{kind}{sum(entry.kind == kind for entry in self.case.timeline)}件" for kind in _LANES)
        weeks = "、".join(f"{wareki_short(week.as_of)} {Tier(week.tier).mark}" for week in self.case.weeks[-8:])
        before = f"これまでの区分は {weeks}。" if weeks else ""
        return f"この1年の経過。{counts}。{before}今週({wareki_short(self.as_of)})は {self.case.tier.mark}。"


def _level(tier: Tier) -> float:
    return _TOP + _BAND * (tier - 0.5)


def _mark(kind: str, x: float, y: float, size: float) -> Box:
    form = _FORMS[kind]
    return Box(form, x - size / 2, y - size / 2, size, size, _COLORS[kind], "FFFFFF", "solid", 0.4)  # type: ignore[arg-type]
