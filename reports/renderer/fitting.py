"""What stands on the first page: rows are left out, or go to a second page, only as far as they must, in the order that the template gives.

A sheet that its template wants on one page is fitted in steps.

1. Everything on one page, as far as it fits at a legible scale.
2. Rows under `{# 1枚に収まらなければ省く n #}` are left out, highest number first, until one page does.
3. Where one page does not do and the template has blocks `{# 2枚目へ n #}` … `{# 2枚目へ ここまで #}`, the sheet gets a second page: going down from
   the highest number, blocks move to it, the lowest on the sheet first, one by one, and then rows of the same number are left out, until the rest
   fits the first page. Moved blocks keep their order behind everything else; what may be left out of them is kept where that page has room.
   Rows under `{# 2枚目があるときだけ #}` are printed on the first page, rows under `{# 2枚目だけ #}` on the second, only in this case.
4. Where there is nothing to move, the fewest rows are left out with which the fewest pages do.

A number left out is 1. Without such tags nothing is left out and nothing moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from reports.renderer.fill import FilledRow, FilledSheet
from reports.renderer.pages import PageRooms, pages_of
from reports.renderer.sheet import LaidSheet, SheetPlan

Lay = Callable[[FilledSheet], LaidSheet]


def fit(plan: SheetPlan, filled: FilledSheet, rooms: PageRooms | None, lay: Lay) -> LaidSheet:
    """Lay the sheet out with what fits. `rooms` None: the template does not want one page, and nothing is left out or moved."""
    second = [bool(plan.sheet.rows[row.source].second) for row in filled.rows]
    plain = filled if not any(second) else _only(filled, [not one for one in second])
    whole = lay(plain)
    degrees = _degrees(plan, plain.rows)
    blocks = any(row.block for row in plain.rows)
    heights = _heights(plain, whole)
    if rooms is None or not (degrees or blocks) or _sum(heights, plain.rows) <= rooms.one:
        return whole
    shorter = [_left_out(plan, plain, degree) for degree in degrees]
    for candidate in shorter:
        if _sum(heights, candidate.rows) <= rooms.one:
            return lay(candidate)
    if blocks:
        heights = _heights(filled, lay(filled))
        return lay(_Parted(plan, filled, heights, rooms).sheet())
    fewest = _fewest_pages([plain, *shorter], heights, rooms)
    return lay(fewest)


class _Parted:
    """A sheet that gets a second page: what stays on the first, what moves."""

    def __init__(self, plan: SheetPlan, filled: FilledSheet, heights: dict[int, float], rooms: PageRooms) -> None:
        self.plan = plan
        self.filled = filled
        self.heights = heights
        self.rooms = rooms
        self.moved: set[int] = set()
        self.left_out: set[int] = set()

    def sheet(self) -> FilledSheet:
        for step in self._steps():
            step()
            if self._fits():
                break
        self._take_back()
        first, second = self._first(), self._second()
        parted = _only(self.filled, [row.at in first for row in self.filled.rows])
        behind = _only(self.filled, [row.at in second for row in self.filled.rows])
        shorter = [behind, *(_left_out(self.plan, behind, degree) for degree in _degrees(self.plan, behind.rows))]
        behind = _between_blocks(_fewest_pages(shorter, self.heights, self.rooms))
        return FilledSheet([*parted.rows, *behind.rows], self.filled.problems, len(parted.rows))

    def _blocks(self) -> dict[int, int]:
        """Each block with its number, in the order of the sheet."""
        return {row.block: row.degree for row in self.filled.rows if row.block}

    def _steps(self) -> Iterator[Callable[[], object]]:
        blocks = self._blocks()
        for degree in sorted({*blocks.values(), *_degrees(self.plan, self.filled.rows)}, reverse=True):
            for block in sorted((block for block, its in blocks.items() if its == degree), reverse=True):
                yield lambda block=block: self.moved.add(block)  # type: ignore[misc]
            yield lambda degree=degree: self.left_out.add(degree)  # type: ignore[misc]

    def _take_back(self) -> None:
        """What moved or was left out, and fits after all beside what moved later: a small block under a large one."""
        for degree in sorted(self.left_out):
            self.left_out.remove(degree)
            if not self._fits():
                self.left_out.add(degree)
        blocks = self._blocks()
        for block in sorted(self.moved, key=lambda block: (blocks[block], block)):
            self.moved.remove(block)
            if not self._fits() or not self.moved:
                self.moved.add(block)

    def _fits(self) -> bool:
        return sum(self.heights[at] for at in self._first()) <= self.rooms.first

    def _first(self) -> set[int]:
        rows = self.plan.sheet.rows
        return {
            row.at
            for row in self.filled.rows
            if row.block not in self.moved
            and rows[row.source].second != "only"
            and rows[row.source].optional not in self.left_out
        }

    def _second(self) -> set[int]:
        rows = self.plan.sheet.rows
        return {row.at for row in self.filled.rows if row.block in self.moved or rows[row.source].second == "only"}


def _heights(filled: FilledSheet, laid: LaidSheet) -> dict[int, float]:
    return {row.at: height for row, height in zip(filled.rows, laid.heights_pt(), strict=True)}


def _sum(heights: dict[int, float], rows: Iterable[FilledRow]) -> float:
    return sum(heights[row.at] for row in rows)


def _degrees(plan: SheetPlan, rows: Iterable[FilledRow]) -> list[int]:
    """The numbers of what may be left out, highest first."""
    return sorted({plan.sheet.rows[row.source].optional for row in rows} - {0}, reverse=True)


def _fewest_pages(candidates: Sequence[FilledSheet], heights: dict[int, float], rooms: PageRooms) -> FilledSheet:
    """The first candidate with which the fewest pages do."""
    return min(candidates, key=lambda one: pages_of([(heights[row.at], row.may_break) for row in one.rows], rooms))


def _between_blocks(filled: FilledSheet) -> FilledSheet:
    """A page may also end before each block that has moved."""
    before = [0, *(row.block for row in filled.rows)]
    rows = [row if row.block == last else replace(row, may_break=True) for row, last in zip(filled.rows, before, strict=False)]
    return FilledSheet(rows, filled.problems)


def _only(filled: FilledSheet, kept: Sequence[bool]) -> FilledSheet:
    """The rows that are kept. Where a page may end before a row that is not, it may end before the next that is."""
    rows: list[FilledRow] = []
    may_break = False
    for row, stays in zip(filled.rows, kept, strict=True):
        may_break = may_break or row.may_break
        if stays:
            rows.append(row if row.may_break == may_break else replace(row, may_break=may_break))
            may_break = False
    return FilledSheet(rows, filled.problems)


def _left_out(plan: SheetPlan, filled: FilledSheet, degree: int) -> FilledSheet:
    """Without the rows whose number is `degree` or higher."""
    numbers = [plan.sheet.rows[row.source].optional for row in filled.rows]
    return _only(filled, [not number or number < degree for number in numbers])
