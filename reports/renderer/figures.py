"""Figures in cells: a figure lies over the area that its cell heads, and rows without a height of their own grow to its natural height."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from openpyxl.utils import range_boundaries

from reports.figures.drawingml import Corner, PlacedFigure
from reports.figures.figure import Figure
from reports.renderer.sheet import DEFAULT_HEIGHT_PT, LaidSheet, SheetPlan
from reports.renderer.text import whole_pixels

SMALLEST_FIGURE = 0.75
"""A figure is never drawn smaller than this for want of height: its rows grow instead. It is, for want of width."""
_MARGIN_PT = 2.0


@dataclass(frozen=True)
class _Area:
    figure: Figure
    left: int
    top: int
    right: int
    bottom: int


def _areas(laid: LaidSheet) -> Iterator[_Area]:
    """Each figure with the cells over which it lies: the merged area of its cell, or the cell alone."""
    if not laid.figures:
        return
    merged = {bounds[:2]: bounds for bounds in map(range_boundaries, laid.merges)}
    for (row, column), figure in laid.figures.items():
        yield _Area(figure, *merged.get((column, row), (column, row, column, row)))


def _width(plan: SheetPlan, area: _Area) -> float:
    return sum(plan.column_pt(column) for column in range(area.left, area.right + 1)) - 2 * _MARGIN_PT


def _height(laid: LaidSheet, first: int, last: int) -> float:
    return sum(laid.heights_pt()[first - 1 : last])


def grow_for_figures(plan: SheetPlan, laid: LaidSheet) -> None:
    """Make rows as high as the figures over them need: natural height, or the smallest size where the template gives heights."""
    for area in _areas(laid):
        rows = range(area.top - 1, area.bottom)
        free = [at for at in rows if plan.sheet.rows[laid.sources[at]].height_pt is None]
        scale = min(1.0, _width(plan, area) / area.figure.width)
        wanted = area.figure.height * (scale if free else min(scale, SMALLEST_FIGURE)) + 2 * _MARGIN_PT
        missing = wanted - _height(laid, area.top, area.bottom)
        growing = free or list(rows)
        for at in growing if missing > 0 else ():
            row = laid.rows[at]
            height = (row.height_pt or DEFAULT_HEIGHT_PT) + missing / len(growing)
            laid.rows[at] = replace(row, height_pt=whole_pixels(height))


def place_figures(plan: SheetPlan, laid: LaidSheet) -> list[PlacedFigure]:
    """Where each figure is drawn, in the middle of its area: once all heights are known."""
    if not laid.figures:
        return []
    columns = [0.0, *accumulate(plan.column_pt(column) for column in range(1, max(plan.widths) + 1))]
    rows = [0.0, *accumulate(laid.heights_pt())]
    placed = []
    for area in _areas(laid):
        figure = area.figure
        room = rows[area.bottom] - rows[area.top - 1] - 2 * _MARGIN_PT
        width = _width(plan, area)
        scale = min(1.0, width / figure.width, room / figure.height)
        left = columns[area.left - 1] + _MARGIN_PT + (width - figure.width * scale) / 2
        top = rows[area.top - 1] + _MARGIN_PT + (room - figure.height * scale) / 2
        start = _corner(columns, rows, left, top)
        end = _corner(columns, rows, left + figure.width * scale, top + figure.height * scale)
        placed.append(PlacedFigure(figure, start, end, left, top, scale))
    return placed


def _corner(columns: list[float], rows: list[float], x: float, y: float) -> Corner:
    column = next(index for index in range(1, len(columns)) if x <= columns[index] or index == len(columns) - 1)
    row = next(index for index in range(1, len(rows)) if y <= rows[index] or index == len(rows) - 1)
    return Corner(column, row, x - columns[column - 1], y - rows[row - 1])
