"""What a change of the rules does to the list, as headings and tables: one description for the screen and for the workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.paper.tables import PaperSheet, TablePaper


@dataclass(frozen=True)
class ImpactPaper:
    """The whole: which run it is compared with, the headline, and the sheets. Pseudonyms and counts only.

    `alarm` is what must be read first because the comparison may not be trusted; empty if nothing.
    """

    city: str
    run_id: str
    as_of: date
    headline: tuple[str, ...]
    alarm: tuple[str, ...]
    sheets: tuple[PaperSheet, ...]

    def as_tables(self) -> TablePaper:
        """As the workbook shows it."""
        return TablePaper(
            "ルールの変更の影響",
            f"{self.city}  {self.run_id}(基準日 {self.as_of.isoformat()})の事実で比べたもの",
            self.alarm,
            self.sheets,
            handling="取扱注意(個人の見分けにつながる少人数の数を含みます)",
            belongs_to=f"{self.run_id} と比較",
            made_by="kizuki ルールの変更の影響",
        )
