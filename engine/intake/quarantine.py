"""The quarantine file: rows that could not be used, with reasons, for a person to correct and put back.

Spreadsheets run cells that begin with certain characters as formulas; such cells get a leading apostrophe, which the
reader takes off again from a correction file, so that the way there and back changes nothing.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from engine.intake.header import QUARANTINE_COLUMNS
from engine.kernel.durable import write_whole
from engine.records.delivery import CleanTable
from engine.records.layout import Layout

_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def guard(text: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet could run, and before one that looks so guarded.

    >>> guard("=1+1"), unguard(guard("=1+1")), unguard(guard("'=1+1"))
    ("'=1+1", '=1+1', "'=1+1")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """Take off what `guard` put on."""
    return text[1:] if text[:1] == "'" and _GUARDED.match(text) else text


def write_quarantine(table: CleanTable, layout: Layout, folder: Path) -> Path | None:
    """Write `<folder>/<as-of>/<stem>_隔離.csv` (UTF-8 with BOM) for one delivered file; None if no row was quarantined.

    One line per quarantined row: file, line, columns, reason, what to do, then the permitted columns as delivered. The
    corrected file goes as `<stem>_訂正.csv` into the same deliveries folder. Readable by its owner only, as it holds
    personal data.
    """
    if not table.quarantined:
        return None
    stem = Path(table.delivery.file).stem
    target = folder / table.delivery.as_of.isoformat() / f"{stem}_隔離.csv"
    present = set(table.table.column_names)
    names = [name for name, rule in layout.cells.items() if f"{rule.id}__original" in present]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*QUARANTINE_COLUMNS, *names])
    for row in table.quarantined:
        told = (Path(table.delivery.file).name, str(row.line), row.column, row.reason, row.remedy)
        writer.writerow([*told, *map(guard, row.cells)])
    write_whole(target, text.getvalue().encode("utf-8-sig"), private=True)
    return target
