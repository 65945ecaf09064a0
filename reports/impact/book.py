"""The impact of changed rules as a workbook: summary, by child, by scenario, by school and district."""

from __future__ import annotations

from pathlib import Path

from engine.kernel.errors import Place, Problem
from reports.impact.paper import ImpactPaper
from reports.paper.book import write_paper


def write_impact_book(paper: ImpactPaper, path: Path) -> Path:
    """Write the workbook as a whole or not at all. Raises KizukiError (E-REPORT-08) where it cannot be written."""
    refusal = Problem(
        Place(path.name),
        "E-REPORT-08",
        "影響の表を書き込めません。",
        "表は作られていません。",
        "保存先のフォルダがあるか、同じ名前の表をExcelで開いたままでないかを確かめてください。",
    )
    return write_paper(paper.as_tables(), path, refusal)
