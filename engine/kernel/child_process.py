"""What a process of ours does before it does what may go wrong (the second engine, the scoring of a model): limits, silence, a quick end.

Loads nothing of the house and little of the standard library: such a process must start at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import BinaryIO, NoReturn


def limit_this_process(memory_bytes: int, cpu_seconds: int, file_bytes: int | None = None) -> dict[str, int]:
    """Limit memory, computing time and, if asked, the size of written files, as far as the platform can; no core is dumped.

    Gives the limits that are in force: none on Windows, where the parent's limit of time is all there is.
    """
    try:
        import resource
    except ImportError:  # Windows
        return {}
    wanted = {
        "memory_bytes": (resource.RLIMIT_AS, memory_bytes),
        "cpu_seconds": (resource.RLIMIT_CPU, cpu_seconds),
        "core_bytes": (resource.RLIMIT_CORE, 0),
    }
    if file_bytes is not None:
        wanted["file_bytes"] = (resource.RLIMIT_FSIZE, file_bytes)
    in_force = {}
    for name, (kind, most) in wanted.items():
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # not on this platform, or a stricter one is already set
            continue
        in_force[name] = most
    return in_force


def answer_on_pipes(serve: Callable[[BinaryIO, BinaryIO], int]) -> NoReturn:
    """Let `serve` read the question from the input and write its answer to the output, and end with the status that it gives (70: it raised).

    Whatever else writes to output or errors goes nowhere, for it may hold what was asked. The end is at once: no traceback, and no
    library's thread runs any more.
    """
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    status = 70
    try:
        status = serve(sys.stdin.buffer, answers)
    finally:
        try:
            answers.flush()
        finally:
            os._exit(status)
