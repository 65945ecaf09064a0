"""Measure the handout: CPU seconds and peak memory for 30, 200 and 2,000 made-up households, beside xltpl on the same template.

    python bench/handout.py                # with `xltpl` installed beside it (dependency group bench), both; else ours alone

Each figure comes from a process of its own: the handout with its pictures, the same without the two pictures of each household, and the words of the
same weeks through xltpl 0.21, volumes of a hundred households each. The words themselves (`view_casebook`) are made within the time of all three.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
SIZES = (30, 200, 2_000)
WAYS = ("pictures", "plain", "xltpl")


def main() -> None:
    if len(sys.argv) == 3:
        measure(int(sys.argv[1]), sys.argv[2])
        return
    print(f"{'households':>10} {'way':<10}{'cpu s':>8}{'peak MB':>9}{'files':>7}{'MB':>7}")
    for size in SIZES:
        for way in WAYS:
            if way == "xltpl" and find_spec("xltpl") is None:
                print(f"{size:>10,} xltpl     is not installed")
                continue
            subprocess.run([sys.executable, "-P", __file__, str(size), way], check=True)


def measure(households: int, way: str) -> None:
    """One row of the table."""
    for folder in (REPOSITORY, REPOSITORY / "bench", REPOSITORY / "tests" / "reports"):
        sys.path.insert(0, str(folder))
    import made_up_cases as made

    from kizuki.progress import peak_memory_mb
    from reports.handout import DEFAULT_TEMPLATE, write_handout

    book = made.week(households)
    people = made.identities(book.cases)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = DEFAULT_TEMPLATE if way == "pictures" else _without_pictures(DEFAULT_TEMPLATE, folder / "plain.xlsx")
        if way == "xltpl":
            from handout_in_xltpl import convert

            loops = convert(template, folder / "xltpl.xlsx")
        began = time.process_time()
        ours = way != "xltpl"
        paths = (
            write_handout(book, people, folder / "handout.xlsx", template=template)
            if ours
            else _in_xltpl(book, people, folder / "xltpl.xlsx", loops)
        )
        spent = time.process_time() - began
        size = sum(path.stat().st_size for path in paths) / 1_000_000
        print(
            f"{households:>10,} {way:<10}{spent:>8.1f}{peak_memory_mb() or 0:>9,}{len(paths):>7}{size:>7.1f}",
            flush=True,
        )


def _without_pictures(template: Path, target: Path) -> Path:
    from openpyxl import load_workbook

    workbook = load_workbook(template)
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value in ("{{ case.genogram }}", "{{ case.timeline }}"):
                    cell.value = None
    workbook.save(target)
    return target


def _in_xltpl(book: Any, people: Any, template: Path, loops: Any) -> list[Path]:
    from handout_in_xltpl import write

    from reports.handout import CASES_PER_VOLUME
    from reports.sheet_words.casebook_view import Copy, view_casebook

    paths = []
    for start in range(0, len(book.cases), CASES_PER_VOLUME):
        view = view_casebook(book, book.cases[start : start + CASES_PER_VOLUME], people, Copy())
        paths.append(template.with_name(f"out{start}.xlsx"))
        write(template, loops, view, paths[-1])
    return paths


if __name__ == "__main__":
    main()
