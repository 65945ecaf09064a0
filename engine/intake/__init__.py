"""Reading deliveries: from CSV files on disk to `CleanTable`s, quarantine files and control totals.

Owns: which files of the deliveries folder count (`deliver.py`, `slip.py`), the strict reader (`reader.py` on
`lines.py`, `rows.py`, `header.py`, `chunk.py`), how one cell is read (`cells.py`, `columns.py`), checks across rows and columns
(`checks.py`, `footers.py`), the quarantine file and its way back (`quarantine.py`) and every message (`wording.py`).

Must not know: persons, households, keys, the store, rules. It never guesses: an encoding is declared, a code is in
the layout, an unlisted column stops here and only its name is reported. Nothing is lost: every data row is used or
quarantined, and the counts are asserted. Read `reader.py` first.
"""

from engine.intake.deliver import FoundDelivery, Survey, find_deliveries, survey_deliveries
from engine.intake.quarantine import write_quarantine
from engine.intake.reader import read_delivery
from engine.intake.report import delivery_warnings

__all__ = [
    "FoundDelivery",
    "Survey",
    "delivery_warnings",
    "find_deliveries",
    "read_delivery",
    "survey_deliveries",
    "write_quarantine",
]
