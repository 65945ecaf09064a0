"""The figures as a workbook."""

from __future__ import annotations

from pathlib import Path

from engine.kernel.errors import Place, Problem
from reports.outcomes.paper import OutcomePaper
from reports.paper.book import write_paper


def write_outcome_book(paper: OutcomePaper, path: Path) -> Path:
    """Write the workbook as a whole or not at all. Raises KizukiError (E-OUTCOME-02) where it cannot be written."""
    refusal = Problem(
        Place(path.name),
        "E-OUTCOME-02",
        "集計の表を書き込めません。",
        "表は作られていません。",
        "保存先のフォルダがあるか、同じ名前の表をExcelで開いたままでないかを確かめてください。",
    )
    return write_paper(paper.as_tables(), path, refusal)
