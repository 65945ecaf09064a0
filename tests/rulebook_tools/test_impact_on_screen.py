"""What `rules impact` shows has room on an ordinary screen."""

from __future__ import annotations

from datetime import date
from io import StringIO

from rich.cells import cell_len
from rich.console import Console

from kizuki.authoring.impact.command import print_paper
from reports.impact.paper import ImpactPaper
from reports.paper.tables import Column, PaperSheet, PaperTable

COUNTS = ("該当(前)", "該当(後)", "新たに該当", "該当から外れる", "不明(前→後)", "区分が変わる")


def test_the_widest_table_fits_eighty_columns():
    """Six columns of counts beside a long name: no line is broken by the screen, and every heading can be read."""
    columns = (Column("番号", 5), Column("名前", 26), *(Column(title, 5, True) for title in COUNTS))
    row = (
        "PV-15",
        "水道料金の督促が届き、お金や食事の心配・休みなどの困りごとも重なっている",
        242,
        233,
        0,
        9,
        "1122→1120",
        12,
    )
    sheet = PaperSheet("シナリオごと", (), (PaperTable("シナリオごと(人)", columns, (row,)),))
    paper = ImpactPaper("見本市", "R20261120-01", date(2026, 11, 20), (), (), (sheet,))
    screen = Console(width=80, file=StringIO(), record=True)
    print_paper(paper, screen)
    lines = screen.export_text().splitlines()
    table = lines[next(i for i, line in enumerate(lines) if line.startswith("シナリオごと")) :]
    assert max(map(cell_len, table)) <= 80
    assert "1122→1120" in "\n".join(table)
    head = [line.split() for line in table[2:4]]
    assert head == [
        ["新たに", "該当から", "不明", "区分が"],
        ["番号", "名前", "該当(前)", "該当(後)", "該当", "外れる", "(前→後)", "変わる"],
    ]
