"""The genogram of one household, from recorded relations only: □ man, ○ woman, △ not known, a child of this case doubled, the age inside.

What the record does not say is drawn dashed or not at all: whether father and mother are married, through whom a grandparent is one, who the parents of
a brother or sister are where no record names them. Nobody who is absent is drawn, because the register tells nothing of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.records.case import MemberLine
from reports.figures.figure import Box, Figure, Label, Line, Shape

SYMBOL = 18.0
_STEP, _WIDE_STEP = 26.0, 42.0  # from symbol to symbol: children, grown-ups (whose relation stands below)
_LABEL_PT = 9.5
_GAP = 12.5  # between the labels of one generation and the symbols of the next
_MARGIN = 4.5
_SMALLEST_WIDTH = 96.0
_INK, _DASHED, _FRAME, _LISTED = "1F3864", "7F7F7F", "8EA9DB", "FFF2CC"
_FORMS = {"男": "rectangle", "女": "ellipse"}
_ELDERS, _PARENTS, _YOUNG = ("祖父母",), ("父", "母"), ("本人", "きょうだい")


@dataclass(frozen=True)
class _Place:
    """Where a member's symbol is: its middle across, its top."""

    x: float
    y: float

    @property
    def bottom(self) -> float:
        return self.y + SYMBOL


@dataclass
class _Drawing:
    lines: list[Shape] = field(default_factory=list)
    symbols: list[Shape] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0


def genogram(members: Sequence[MemberLine], sexes: Mapping[str, str | None]) -> Figure:
    """The figure of a household. `sexes` by member key, 男 or 女; anything else is drawn as not known."""
    rows = _rows(members)
    drawing = _Drawing(width=max(_SMALLEST_WIDTH, *(_row_width(row) for row in rows)) + 2 * _MARGIN)
    places: dict[str, _Place] = {}
    top = _MARGIN
    for row in rows:
        labelled = any(member.relation not in _YOUNG for member in row)
        for member, x in zip(row, _across(row, drawing.width), strict=True):
            places[member.key] = _Place(x, top)
            _symbol(drawing, member, places[member.key], sexes.get(member.key))
        top += SYMBOL + (_LABEL_PT if labelled else 0.0) + _GAP
    drawing.height = top - _GAP + _MARGIN
    _ties(drawing, members, places)
    frame = Box("rounded", 0.5, 0.5, drawing.width - 1, drawing.height - 1, "F7FAFD", _FRAME, "dashed", 0.75)
    return Figure(drawing.width, drawing.height, (frame, *drawing.lines, *drawing.symbols), _in_words(members, sexes))


def _rows(members: Sequence[MemberLine]) -> list[list[MemberLine]]:
    """Generations from above; whoever is only known to live there stands beside the parents, without a line."""
    elders = [member for member in members if member.relation in _ELDERS]
    young = [member for member in members if member.relation in _YOUNG]
    parents = [member for relation in _PARENTS for member in members if member.relation == relation]
    others = [member for member in members if member not in (*elders, *parents, *young)]
    young.sort(key=lambda member: -(member.age_years if member.age_years is not None else -1))
    return [row for row in (elders, [*parents, *others], young) if row]


def _step(row: Sequence[MemberLine]) -> float:
    return _STEP if all(member.relation in _YOUNG for member in row) else _WIDE_STEP


def _row_width(row: Sequence[MemberLine]) -> float:
    return _step(row) * len(row)


def _across(row: Sequence[MemberLine], width: float) -> list[float]:
    start = (width - _row_width(row)) / 2 + _step(row) / 2
    return [start + index * _step(row) for index in range(len(row))]


def _symbol(drawing: _Drawing, member: MemberLine, place: _Place, sex: str | None) -> None:
    """The symbol with the age inside; a triangle is a little larger, for an age to have room in it."""
    form = _FORMS.get(sex or "", "triangle")
    fill = _LISTED if member.is_listed_child else "FFFFFF"
    left, larger = place.x - SYMBOL / 2, 2.5 if form == "triangle" else 0.0
    drawing.symbols.append(_box(form, left - larger, place.y - larger, SYMBOL + 2 * larger, SYMBOL + larger, fill, 1.1))
    if member.is_listed_child:
        inset = 2.2
        inner = SYMBOL - 2 * inset
        if form == "triangle":  # the inner one is of the same shape, with sides at the same distance
            drawing.symbols.append(_box(form, left + 1.6, place.y + 2.0, SYMBOL - 3.2, SYMBOL - 4.0, None, 0.6))
        else:
            drawing.symbols.append(_box(form, left + inset, place.y + inset, inner, inner, None, 0.7))
    age = "?" if member.age_years is None else str(member.age_years)
    small = form == "triangle" or len(age) > 2
    down = 4.2 if form == "triangle" else 0.0
    drawing.symbols.append(Label(left - 4, place.y + down, SYMBOL + 8, SYMBOL - down / 2, age, 8.0 if small else 9.0, True))
    if member.relation not in _YOUNG:
        drawing.symbols.append(Label(place.x - _WIDE_STEP / 2, place.bottom, _WIDE_STEP, _LABEL_PT, member.relation[:5], 8.3, False, "404040"))


def _box(form: str, x: float, y: float, width: float, height: float, fill: str | None, thickness: float) -> Box:
    return Box(form, x, y, width, height, fill, _INK, "solid", thickness)  # type: ignore[arg-type]


def _ties(drawing: _Drawing, members: Sequence[MemberLine], places: Mapping[str, _Place]) -> None:
    parents = {member.key for member in members if member.relation in _PARENTS}
    young = [member for member in members if member.relation in _YOUNG]
    couples = {frozenset(_parents_of(member, members)) for member in young}
    if len(parents) == 2:
        _couple(drawing, [places[key] for key in sorted(parents, key=lambda key: places[key].x)])
    level = 0
    for couple in sorted(couples, key=lambda keys: (-len(keys), sorted(keys))):
        here = [places[member.key] for member in young if _parents_of(member, members) == couple]
        if couple:
            _descent(drawing, [places[key] for key in sorted(couple)], here, level)
            level += 1
    known = [places[member.key] for member in young if _parents_of(member, members)]
    loose = [places[member.key] for member in young if not _parents_of(member, members)]
    _siblings_without_parents(drawing, known, loose)
    _elders(drawing, members, places)


def _parents_of(member: MemberLine, members: Sequence[MemberLine]) -> frozenset[str]:
    """Recorded parents in the household. 父 and 母 are said as seen from the one who is 本人."""
    here = {one.key for one in members}
    if member.relation == "本人":
        return frozenset(one.key for one in members if one.relation in _PARENTS)
    return frozenset(key for key in member.parents if key in here)


def _couple(drawing: _Drawing, pair: Sequence[_Place]) -> None:
    """Both parents side by side; whether they are married stands in no record that is delivered."""
    left, right = pair
    y = left.y + SYMBOL / 2
    drawing.lines.append(Line(left.x + SYMBOL / 2, y, right.x - SYMBOL / 2, y, _DASHED, "dashed", 1.0))
    drawing.lines.append(Label(left.x, y - 10, right.x - left.x, 9.5, "不明", 8.3, False, "595959"))


def _descent(drawing: _Drawing, parents: Sequence[_Place], children: Sequence[_Place], level: int) -> None:
    """From the parents down to their children, over a bar where there are several."""
    x = sum(place.x for place in parents) / len(parents)
    y = parents[0].y + SYMBOL / 2 if len(parents) == 2 else parents[0].bottom + _LABEL_PT
    bar = children[0].y - 5.0 - 3.0 * level
    drawing.lines.append(Line(x, y, x, bar, _INK))
    _bar(drawing, [x, *(child.x for child in children)], bar, "solid")
    drawing.lines += [Line(child.x, bar, child.x, child.y, _INK) for child in children]


def _siblings_without_parents(drawing: _Drawing, known: Sequence[_Place], loose: Sequence[_Place]) -> None:
    """Brothers and sisters of whom the record says that they are, but not whose children: joined to the others by a dashed bar."""
    if len(known) + len(loose) < 2 or not loose:
        return
    bar = loose[0].bottom + 3.5
    everyone = sorted([*loose, *known[:1]], key=lambda place: place.x)
    _bar(drawing, [place.x for place in everyone], bar, "dashed")
    drawing.lines += [Line(place.x, place.bottom, place.x, bar, _DASHED, "dashed") for place in everyone]
    drawing.height = max(drawing.height, bar + _MARGIN)


def _bar(drawing: _Drawing, xs: Sequence[float], y: float, outline: str) -> None:
    if max(xs) - min(xs) > 0.1:
        ink = _INK if outline == "solid" else _DASHED
        drawing.lines.append(Line(min(xs), y, max(xs), y, ink, outline))  # type: ignore[arg-type]


def _elders(drawing: _Drawing, members: Sequence[MemberLine], places: Mapping[str, _Place]) -> None:
    """Grandparents of the child: dashed, because the record does not say through which parent."""
    elders = [places[member.key] for member in members if member.relation in _ELDERS]
    below = [places[member.key] for member in members if member.relation in _PARENTS] or [
        places[member.key] for member in members if member.relation in _YOUNG
    ]
    if not elders or not below:
        return
    bar = elders[0].bottom + _LABEL_PT + 3.5
    x = sum(place.x for place in below) / len(below)
    drawing.lines += [Line(place.x, place.bottom + _LABEL_PT, place.x, bar, _DASHED, "dashed") for place in elders]
    _bar(drawing, [x, *(place.x for place in elders)], bar, "dashed")
    end = below[0].y if len(below) == 1 else below[0].y - 3.5
    drawing.lines.append(Line(x, bar, x, end, _DASHED, "dashed"))
    if len(below) > 1:
        _bar(drawing, [place.x for place in below], end, "dashed")
        drawing.lines += [Line(place.x, end, place.x, place.y, _DASHED, "dashed") for place in below]


def _in_words(members: Sequence[MemberLine], sexes: Mapping[str, str | None]) -> str:
    each = "、".join(
        f"{member.relation}({sexes.get(member.key) or '性別不明'}・"
        f"{'年齢不詳' if member.age_years is None else f'{member.age_years}歳'}{'・今回のこども' if member.is_listed_child else ''})"
        for member in members
    )
    return f"家族図。記録にある続柄だけで描いています。{each}"
