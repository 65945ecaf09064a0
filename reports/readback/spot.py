"""Where something is in a filled-in workbook, as whoever has it open finds it; and problems that say so."""

from __future__ import annotations

from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from engine.kernel.errors import Place, Problem


@dataclass(frozen=True, order=True)
class Spot:
    """A file, a sheet by the name that it has now, and a row where the record is one row of the sheet."""

    file: str
    sheet: str
    row: int = 0

    @property
    def name(self) -> str:
        """As it is named on the command line: シート, or シート:行."""
        return f"{self.sheet}:{self.row}" if self.row else self.sheet

    @property
    def full_name(self) -> str:
        """The same with the file in front."""
        return f"{self.file}:{self.name}"

    @property
    def words(self) -> str:
        """シート「案件03」, or シート「台帳」の12行目."""
        return f"シート「{self.sheet}」" + (f"の{self.row}行目" if self.row else "")

    def problem(self, code: str, what: str, why: str, remedy: str) -> Problem:
        """A problem of the whole sheet or row."""
        return Problem(Place(self.file), code, f"{self.words}: {what}", why, remedy)

    def cell_problem(self, cell: str, label: str, code: str, what: str, why: str, remedy: str) -> Problem:
        """A problem of one blank."""
        where = f"シート「{self.sheet}」のセル {cell}「{label}」" if cell else f"{self.words}の「{label}」"
        return Problem(Place(self.file), code, f"{where}: {what}", why, remedy)


def cell_name(row: int, column: int) -> str:
    """H12."""
    return f"{get_column_letter(column)}{row}"
