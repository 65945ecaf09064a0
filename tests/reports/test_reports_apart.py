"""The sheet of households set aside: what has been recorded since the papers on which they were decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import made_up_cases as made
from workbook_dump import open_book

from engine.records.case import TimelineEntry
from reports.handout import write_handout


def test_each_line_tells_how_much_is_new_and_the_newest(tmp_path: Path) -> None:
    """So many facts and contacts with the newest in words; none; and, in a record that does not know, neither."""
    call = TimelineEntry(date(2026, 11, 18), "連絡", "世帯", "見守りからの緊急連絡", "NPO等見守り")
    lines = (replace(made.apart(61), new_facts=2, newest_fact=call), replace(made.apart(62), new_facts=0), made.apart(63))
    book = replace(made.casebook((made.case(1),)), apart=lines)
    sheet = open_book(write_handout(book, made.identities(book.cases), tmp_path / "handout.xlsx")[0])["別に示す世帯"]
    head = next(c for row in sheet.iter_rows() for c in row if c.value == "判断のあとの事実・連絡")
    column = [sheet.cell(row, head.column).value for row in range(head.row + 1, head.row + 4)]
    assert column == ["2件(最新 R8.11.18 世帯 見守りからの緊急連絡)", "なし", "―"]
