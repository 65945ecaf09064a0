"""Measure the handout: CPU seconds and peak memory for 30, 200 and 2,000 made-up households.

    python bench/handout.py

Each size runs in a process of its own. Beside it, in the same run, the floor that openpyxl itself sets: writing as many
plain cells as the handout holds, without template, style or height.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SIZES = (30, 200, 2_000)


def main() -> None:
    if len(sys.argv) == 2:
        measure(int(sys.argv[1]))
        return
    print(f"{'households':>10}{'cpu s':>8}{'peak MB':>9}{'files':>7}{'cells':>10}{'plain openpyxl s':>18}{'ratio':>7}")
    for size in SIZES:
        subprocess.run([sys.executable, "-P", __file__, str(size)], check=True)


def measure(households: int) -> None:
    """One row of the table."""
    sys.path.insert(0, str(REPOSITORY / "tests" / "reports"))
    import made_up_cases as made
    import openpyxl

    from kizuki.progress import peak_memory_mb
    from reports.handout import write_handout

    book = made.week(households)
    people = made.identities(book.cases)
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        paths = write_handout(book, people, Path(folder) / "handout.xlsx")
        spent = time.process_time() - began
        peak = peak_memory_mb()
        cells = 0
        for path in paths:
            read = openpyxl.load_workbook(path, read_only=True)
            cells += sum(1 for sheet in read for row in sheet.iter_rows() for cell in row if cell.value is not None)
            read.close()
        began = time.process_time()
        plain = openpyxl.Workbook(write_only=True)
        sheet = plain.create_sheet()
        for _ in range(cells // 10):
            sheet.append(["相談の記録があります"] * 10)
        plain.save(Path(folder) / "plain.xlsx")
        floor = time.process_time() - began
    print(
        f"{households:>10,}{spent:>8.1f}{peak or 0:>9,}{len(paths):>7}{cells:>10,}{floor:>18.2f}{spent / floor:>7.0f}"
    )


if __name__ == "__main__":
    main()
