"""The parent's side of the scoring process: starts it, asks, waits no longer than agreed, believes nothing that it has not checked, and outlives its crash."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import IO

import numpy as np
import numpy.typing as npt

from ml_overlay.features.ages import AGE
from ml_overlay.features.feature import FeatureTable
from ml_overlay.learning.model import TypeModel
from ml_overlay.scoring.outcome import Limits
from ml_overlay.scoring.question import LONGEST_LINE, TypeAnswer, answer_bytes, answer_of, question

COMMAND = (sys.executable, "-I", "-B", "-m", "ml_overlay.scoring.worker")
"""Isolated: neither the current folder, nor PYTHON* variables, nor a user's own packages can change what runs."""
_KEPT_VARIABLES = ("SYSTEMROOT", "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")
_CLOSE_ENOUGH = 1e-6
_LARGEST = 1e4
"""Log odds of a model of ours lie far within; beyond, parts in millionths and their sums would lose their meaning."""


class Fault(Enum):
    """Why the process gave no scores: a code, and what the summary says."""

    NOT_STARTED = "E-MODEL-20"
    TIMED_OUT = "E-MODEL-21"
    OUT_OF_MEMORY = "E-MODEL-22"
    CRASHED = "E-MODEL-23"
    GARBLED = "E-MODEL-24"
    NOT_A_NUMBER = "E-MODEL-25"
    PARTS_OFF = "E-MODEL-26"
    COLUMNS = "E-MODEL-27"
    REFUSED = "E-MODEL-28"


WORDS = {
    Fault.NOT_STARTED: "確率を計算する処理を始動できませんでした。",
    Fault.TIMED_OUT: "確率の計算が、決められた時間のうちに終わりませんでした。",
    Fault.OUT_OF_MEMORY: "確率の計算が、決められたメモリに収まりませんでした。",
    Fault.CRASHED: "確率の計算が途中で落ちました。",
    Fault.GARBLED: "確率の計算の返事が、読める形ではありませんでした。",
    Fault.NOT_A_NUMBER: "確率の計算の結果に、数でないものか、ありえない大きさのものがありました。",
    Fault.PARTS_OFF: "点数と、その理由の内訳が合いませんでした。",
    Fault.COLUMNS: "モデルの読む項目が、いまの項目台帳やルールブックにありません。",
    Fault.REFUSED: "モデルのファイルを、計算する処理が受け付けませんでした。",
}
_SAID = {
    "columns": Fault.COLUMNS,
    "sums": Fault.PARTS_OFF,
    "memory": Fault.OUT_OF_MEMORY,
    "refused": Fault.REFUSED,
    "unloadable": Fault.NOT_STARTED,
}


class ScoringFault(Exception):
    """The process gave no answer that could be used. Never holds what was asked."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Answered:
    """Checked answers by type, and the limits that the process put on itself."""

    types: Mapping[str, TypeAnswer]
    limits: Mapping[str, int]


def ask(
    table: FeatureTable,
    rows: npt.NDArray[np.int64] | None,
    types: Mapping[str, TypeModel],
    *,
    explain: bool,
    limits: Limits,
    command: Sequence[str] = COMMAND,
) -> Answered:
    """Ask a process of its own about some rows of a table, or all of them.

    Raises ScoringFault for whatever goes wrong there.
    """
    known = {feature.name for feature in table.features}
    needed = {feature.name for model in types.values() for feature in model.features}
    needed |= {AGE for model in types.values() if model.ages is not None}
    if needed - known:
        raise ScoringFault(Fault.COLUMNS)
    parts = question(
        table,
        rows,
        types,
        explain=explain,
        memory_bytes=limits.memory_bytes,
        cpu_seconds=math.ceil(limits.seconds * limits.threads),
        threads=limits.threads,
    )
    count = len(table.child_keys) if rows is None else len(rows)
    size = answer_bytes(count, types, explain=explain)
    line, body = _exchange(command, parts, size, limits)
    in_force = _in_force(line, body)
    if len(body) != size:
        raise ScoringFault(Fault.GARBLED)
    said = answer_of(body, count, types, explain=explain)
    for answer in said.values():
        _check(answer)
    return Answered(said, in_force)


def _check(answer: TypeAnswer) -> None:
    for array in (answer.log_odds, answer.base, answer.contributions):
        if array is not None and not (np.abs(array) <= _LARGEST).all():  # NaN is not, either
            raise ScoringFault(Fault.NOT_A_NUMBER)
    if answer.base is not None and answer.contributions is not None:
        off = np.abs(answer.base + answer.contributions.sum(axis=1) - answer.log_odds)
        if off.size and float(off.max()) > _CLOSE_ENOUGH:
            raise ScoringFault(Fault.PARTS_OFF)


def _in_force(line: bytes, body: bytes) -> dict[str, int]:
    """The limits in force, from the first line of an answer."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise ScoringFault(Fault.GARBLED) from None
    match said:
        case {"failed": str(word)} if word in _SAID and not body:
            raise ScoringFault(_SAID[word])
        case {"ok": dict(limits)} if all(type(value) is int for value in limits.values()):
            return limits
        case _:
            raise ScoringFault(Fault.GARBLED)


def _exchange(command: Sequence[str], parts: Sequence[bytes], size: int, limits: Limits) -> tuple[bytes, bytes]:
    """Line and body of the answer. A thread writes and a thread reads, so that neither side ever waits for a full pipe."""
    ends_at = time.monotonic() + limits.seconds
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=os.name == "posix",  # a Ctrl-C is for the parent, which ends it
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError:
        raise ScoringFault(Fault.NOT_STARTED) from None
    assert process.stdin and process.stdout
    answer: list[bytes] = []
    writer = threading.Thread(target=_write, args=(process.stdin, parts), daemon=True)
    reader = threading.Thread(target=_read, args=(process.stdout, size, answer), daemon=True)
    try:
        writer.start()
        reader.start()
        reader.join(max(ends_at - time.monotonic(), 0))
        if reader.is_alive():
            raise ScoringFault(Fault.TIMED_OUT)
        if len(answer) == 2 and answer[0].endswith(b"\n"):
            return answer[0], answer[1]
        if answer and len(answer[0]) >= LONGEST_LINE:
            raise ScoringFault(Fault.GARBLED)
        raise ScoringFault(_why_ended(process))
    finally:
        process.kill()
        process.wait()
        writer.join()
        reader.join()


def _why_ended(process: subprocess.Popen[bytes]) -> Fault:
    try:
        status = process.wait(timeout=5)
    except subprocess.TimeoutExpired:  # closed its pipe and lives on
        return Fault.GARBLED
    if os.name == "posix":
        if status == -signal.SIGXCPU:
            return Fault.TIMED_OUT
        if status == -signal.SIGKILL:  # not by us: the system's own answer to too little memory
            return Fault.OUT_OF_MEMORY
    return Fault.GARBLED if status == 0 else Fault.CRASHED


def _write(pipe: IO[bytes], parts: Sequence[bytes]) -> None:
    with contextlib.suppress(OSError), pipe:  # it died: the reader tells
        for part in parts:
            pipe.write(part)


def _read(pipe: IO[bytes], size: int, answer: list[bytes]) -> None:
    with contextlib.suppress(OSError), pipe:
        answer.append(pipe.readline(LONGEST_LINE))
        answer.append(pipe.read(size + 1))  # one more than there may be: what is too long is noticed and not kept
