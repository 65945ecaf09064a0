"""The flow since last week as ribbons: last week's tiers on the left, this week's on the right, as wide as there are households.

Who was in ③ and still is, is told in words beside it: drawn, they would leave nothing else to see.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

from markupsafe import Markup

from engine.records.case import Tier
from reports.dashboard.flow import PLACES, Move, Place
from reports.figures.svg import number

_WIDTH, _HEIGHT = 460.0, 250.0
_LEFT, _RIGHT, _BAR = 118.0, 342.0, 14.0  # where the two bars begin, and how wide they are
_TOP, _GAP, _LEAST = 22.0, 12.0, 1.5  # above the bars, between them, and the thinnest that can be seen
_COLORS: dict[Place, str] = {Tier.ACTIVE: "C00000", Tier.INQUIRY: "C55A11", Tier.NO_ACTION: "595959", None: "8A8A8A"}


def place_label(place: Place, absent: str) -> str:
    """①, ②, ③, or in words that somebody was not there."""
    return absent if place is None else place.mark


def ribbons(moves: Sequence[Move], *, before: str, now: str) -> Markup:
    """An SVG of the households' moves, without ③→③ and without those who came or went with ③. `before`, `now`: headings."""
    shown = [move for move in moves if move.is_news and move.households]
    total = sum(move.households for move in shown)
    places = max(len({move.before for move in shown}), len({move.now for move in shown}), 1)
    unit = (_HEIGHT - _TOP - 8 - _GAP * (places - 1)) / max(total, 1)
    left, right = _bars(shown, unit, lambda move: move.before), _bars(shown, unit, lambda move: move.now)
    outgoing, incoming = (
        {place: top for place, (top, _) in left.items()},
        {place: top for place, (top, _) in right.items()},
    )
    parts = [_text(_LEFT + _BAR, 10, before, "end", bold=True), _text(_RIGHT, 10, now, "start", bold=True)]
    for move in shown:
        wide = move.households * unit
        parts.append(_ribbon(outgoing[move.before], incoming[move.now], wide, move))
        outgoing[move.before] += wide
        incoming[move.now] += wide
    for x, bars, label_x, anchor, absent in (
        (_LEFT, left, _LEFT - 6, "end", "いなかった"),
        (_RIGHT, right, _RIGHT + _BAR + 6, "start", "いない"),
    ):
        for place, (top, count) in bars.items():
            high = max(count * unit, _LEAST)
            parts.append(_bar(x, top, high, _COLORS[place]))
            parts.append(_text(label_x, top + high / 2, f"{place_label(place, absent)} {count:,}世帯", anchor))
    return Markup(
        '<svg role="img" viewBox="0 0 {} {}" class="ribbons"><title>{}</title><desc>{}</desc>{}</svg>'
    ).format(number(_WIDTH), number(_HEIGHT), f"{before}から{now}への動き", in_words(shown), Markup("").join(parts))


def in_words(moves: Sequence[Move]) -> str:
    """②→① 3世帯、③→② 12世帯 …, as a reader hears it who does not see the ribbons."""
    return "、".join(
        f"{place_label(move.before, 'いなかった')}→{place_label(move.now, 'いない')} {move.households:,}世帯"
        for move in moves
    )


def _bars(moves: Sequence[Move], unit: float, end: Callable[[Move], Place]) -> dict[Place, tuple[float, int]]:
    """Top and count of the bars of one side."""
    counts = {
        place: count for place in PLACES if (count := sum(move.households for move in moves if end(move) == place))
    }
    heights = [count * unit + _GAP for count in counts.values()]
    tops = accumulate(heights, initial=_TOP)
    return {place: (top, count) for (place, count), top in zip(counts.items(), tops, strict=False)}


def _ribbon(start: float, end: float, wide: float, move: Move) -> Markup:
    x1, x2 = _LEFT + _BAR, _RIGHT
    middle = (x1 + x2) / 2
    wide = max(wide, _LEAST)
    curve = " ".join(
        (
            f"M{number(x1)} {number(start)}",
            f"C{number(middle)} {number(start)} {number(middle)} {number(end)} {number(x2)} {number(end)}",
            f"L{number(x2)} {number(end + wide)}",
            f"C{number(middle)} {number(end + wide)} {number(middle)} {number(start + wide)} {number(x1)} {number(start + wide)}Z",
        )
    )
    changed = move.before != move.now
    return Markup('<path d="{}" fill="#{}" fill-opacity="{}"><title>{}</title></path>').format(
        curve, _COLORS[move.now], "0.55" if changed else "0.22", in_words([move])
    )


def _bar(x: float, top: float, high: float, color: str) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="#{}"/>').format(
        number(x), number(top), number(_BAR), number(high), color
    )


def _text(x: float, y: float, text: str, anchor: str, *, bold: bool = False) -> Markup:
    weight = Markup(' font-weight="bold"') if bold else ""
    return Markup('<text x="{}" y="{}" text-anchor="{}" font-size="12" fill="#1A1A1A"{}>{}</text>').format(
        number(x), number(y + 4), anchor, weight, text
    )
