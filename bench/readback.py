"""Measure reading back: CPU seconds and peak memory for 30, 200 and 2,000 filled-in sheets of made-up households.

    python bench/readback.py

Each size runs in a process of its own. Measured are the reading of all volumes with every check and seal, holding them against the record of the run, and both
stores; then reading the same again, which stores nothing. Beside it what openpyxl takes to read the cells of the same files, with nothing made of them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SIZES = (30, 200, 2_000)
_DECISIONS = ("積極的アプローチ", "学校等への調査", "見守り", "既に支援中", "対象外")


def main() -> None:
    if len(sys.argv) == 2:
        measure(int(sys.argv[1]))
        return
    print(f"{'sheets':>8}{'files':>7}{'cells':>10}{'cpu s':>8}{'again s':>9}{'openpyxl s':>12}{'peak MB':>9}")
    for size in SIZES:
        subprocess.run([sys.executable, "-P", __file__, str(size)], check=True)


def measure(households: int) -> None:
    """One row of the table."""
    for name in ("reports", "readback"):
        sys.path.insert(0, str(REPOSITORY / "tests" / name))
    import made_up_cases as cases
    import made_up_conference as made
    import openpyxl

    from kizuki.progress import peak_memory_mb

    book = replace(cases.week(households), run_id=made.RUN, drawn=made.made_up_casebook().drawn)
    with tempfile.TemporaryDirectory() as folder:
        held = made.hold_conference(Path(folder) / "city", book)
        filled = [_filled(path, Path(folder) / path.name) for path in sorted(held.printed.parent.glob("handout*.xlsx"))]
        began = time.process_time()
        result = held.read(*filled)
        spent = time.process_time() - began
        stored = result.stored
        assert stored is not None and stored.words == households
        began = time.process_time()
        again = held.read(*filled, on=made.TODAY + timedelta(1)).stored
        repeated = time.process_time() - began
        assert again is not None and again.conference is None and again.feedback is None
        peak = peak_memory_mb()
        began = time.process_time()
        cells = 0
        for path in filled:
            workbook = openpyxl.load_workbook(path, read_only=True)
            cells += sum(1 for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value is not None)
            workbook.close()
        floor = time.process_time() - began
    print(f"{households:>8,}{len(filled):>7}{cells:>10,}{spent:>8.2f}{repeated:>9.2f}{floor:>12.2f}{peak or 0:>9,}")


def _filled(printed: Path, target: Path) -> Path:
    """Every household's sheet with a dozen blanks written."""
    import made_up_conference as made

    sheets = [title for title in made.places(printed) if title.startswith("案件")]
    answers = {
        title: {
            "判断": _DECISIONS[place % len(_DECISIONS)], "理由": "学校と保護者から話を聞いた。\n朝の様子を確かめる。", "主担当機関": "こども家庭センター",
            "キーパーソン": "担任", "役割1_誰が": "SSW", "役割1_何を": "家庭訪問", "役割1_いつまで": "R8.12.25", "次回見直し": "令和9年1月15日(金)",
            "結果": "連絡がとれた", "結果の日": "2026/12/1", "気づき": "合っていた", "メモ": "次は年明け",
        }
        for place, title in enumerate(sheets)
    }  # fmt: skip
    return made.fill(printed, target, answers)


if __name__ == "__main__":
    main()
