"""Progress that a person can follow, and the time and memory that each stage took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@dataclass(frozen=True)
class StageTime:
    """One finished stage: wall and CPU milliseconds, and the process's peak resident memory so far in MB.

    The peak is None on Windows, where the standard library cannot tell it.
    """

    name: str
    wall_ms: int
    cpu_ms: int
    peak_mb: int | None


@dataclass
class Stages:
    """Shows one bar per stage on a terminal, one line per stage elsewhere, and keeps the times."""

    console: Console
    times: list[StageTime] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Run a stage; its time is kept also when it fails."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            if self.console.is_terminal:
                columns = (
                    SpinnerColumn(),
                    TextColumn("{task.description}"),
                    BarColumn(bar_width=28),
                    TimeElapsedColumn(),
                    TextColumn("{task.fields[detail]}"),
                )
                with Progress(*columns, console=self.console) as progress:
                    task = progress.add_task(name, total=1.0, detail="")
                    yield Stage(progress, task)
                    progress.update(task, completed=1.0, detail="")
            else:
                self.console.print(f"{name} …", highlight=False)
                yield Stage(None, None)
        finally:
            self.times.append(
                StageTime(
                    name,
                    round((time.perf_counter() - wall) * 1000),
                    round((time.process_time() - cpu) * 1000),
                    peak_memory_mb(),
                )
            )


@dataclass(frozen=True)
class Stage:
    """The running stage: `advance(fraction, what)` moves the bar."""

    _progress: Progress | None
    _task: object

    def advance(self, fraction: float, detail: str = "") -> None:
        """Show how far the stage is (0 to 1) and what it is doing; no personal data in `detail`."""
        if self._progress is not None:
            self._progress.update(self._task, completed=min(fraction, 1.0), detail=detail)  # type: ignore[arg-type]


def peak_memory_mb() -> int | None:
    """Peak resident memory of this process in MB; None where the platform does not tell."""
    if sys.platform == "win32":
        return None
    status = Path("/proc/self/status")
    if status.is_file():  # the rusage figure would carry over what the parent process held when it started this one
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) // 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 // 1024  # macOS tells bytes
