"""CPU seconds and size of the dashboard with 30, 200 and 2,000 households, from the newest run of a workspace.

    python bench/dashboard.py demo

The run's households are repeated until there are enough.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run
from reports.dashboard.flow import RunBefore
from reports.dashboard.page import dashboard_html

SIZES = (30, 200, 2_000)


def measure(record: RunRecord, before: RunRecord | None) -> None:
    """One line for each size."""
    book, decisions = record.casebook(), record.decisions()
    told = RunBefore(before.run_id, before.as_of, before.decisions()) if before else None
    for size in SIZES:
        cases = tuple(replace(book.cases[i % len(book.cases)], case_no=i + 1) for i in range(size))
        began = time.process_time()
        html = dashboard_html(replace(book, cases=cases), decisions, told)
        spent = time.process_time() - began
        print(f"{size:>5} households  {spent:5.1f} CPU s  {len(html.encode()) / 1e6:.2f} MB")


if __name__ == "__main__":
    runs = Path(sys.argv[1]) / "runs"
    newest = open_run(runs)
    previous = newest.manifest["previous_run"]
    measure(newest, open_run(runs, previous) if previous else None)
