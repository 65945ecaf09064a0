"""Measure the weekly job from CSV on disk to workbook on disk, at several city sizes.

    python run.py bench weekly                       # 10,000 and 113,471 people
    python run.py bench weekly --people 1000000      # the growth curve's third point

Each size is a fresh workspace with one week of deliveries holding the full history (the heaviest week there is). The
job runs in a process of its own; each stage's wall and CPU seconds and the peak memory so far are its own report. Beside
them, measured in the same run on the same files, the standard library's bare `csv` reader: the floor for any
reader that looks at every cell.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.kernel.strict_yaml import read_yaml
from kizuki.demo_city import build_demo_city
from kizuki.workspace_files import make_workspace

REPOSITORY = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 113_471])
    parser.add_argument("--folder", type=Path, help="where to make the cities (default: a temporary folder)")
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="kizuki-bench-"))
    try:
        for people in arguments.people:
            measure(folder / str(people), people)
    finally:
        if arguments.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def measure(workspace: Path, people: int) -> None:
    """Make one city, run its week, print the stages."""
    shutil.rmtree(workspace, ignore_errors=True)
    make_workspace(workspace, "見本市")
    began = time.perf_counter()
    build_demo_city(workspace, people=people, weeks=1)
    made = time.perf_counter() - began
    allow_memory(workspace, people)
    bare, rows, megabytes = bare_csv(workspace)
    subprocess.run(
        [sys.executable, "-P", "-m", "kizuki", "run", "-w", str(workspace)], check=True, stdout=subprocess.DEVNULL
    )
    timings = json.loads(next((workspace / "runs").glob("R*/timings.json")).read_bytes())
    wall = sum(stage["wall_ms"] for stage in timings) / 1000
    cpu = sum(stage["cpu_ms"] for stage in timings) / 1000
    print(f"\n{people:,} people: {rows:,} rows, {megabytes:.0f} MB of CSV (city made in {made:.1f} s)")
    print(f"{'stage':<34}{'wall s':>8}{'cpu s':>8}{'peak MB':>9}")
    for stage in timings:
        print(f"{stage['name']:<34}{stage['wall_ms'] / 1000:>8.1f}{stage['cpu_ms'] / 1000:>8.1f}{stage['peak_mb']:>9,}")
    print(f"{'all':<34}{wall:>8.1f}{cpu:>8.1f}{max(stage['peak_mb'] for stage in timings):>9,}")
    print(f"bare csv module over the same files: {bare:.1f} s; the whole job takes {wall / bare:.1f} times that")


def allow_memory(workspace: Path, people: int) -> None:
    """Raise the workspace's memory limit above the city's default in proportion to the people."""
    settings = workspace / "kizuki.toml"
    gigabytes = max(2, -(-people // 200_000))
    settings.write_text(settings.read_text(encoding="utf-8").replace('"2GB"', f'"{gigabytes}GB"'), encoding="utf-8")


def bare_csv(workspace: Path) -> tuple[float, int, float]:
    """Seconds to split every delivered file with the csv module alone, its rows and megabytes."""
    encodings = {}
    for path in (REPOSITORY / "sources").glob("*.yaml"):
        data = read_yaml(path).data
        encodings[data["番号"]] = data["文字コード"]
    rows = size = 0
    began = time.perf_counter()
    for path in (workspace / "deliveries").glob("*/[01]*.csv"):
        size += path.stat().st_size
        with path.open(encoding=encodings[path.name[:2]], newline="") as file:
            rows += sum(1 for _ in csv.reader(file))
    return time.perf_counter() - began, rows, size / 1e6


if __name__ == "__main__":
    main()
