"""The parent's side of the engine process: starts it, keeps it busy, limits it, and outlives its crashes.

Two questions are asked about a child: which facts does each leaf rule fire for, and, once the fold has made signals of the answer,
what do the chain networks conclude. Requests are answered in order, so whatever goes wrong belongs to the first that is
unanswered: that child is reported, the process started again, and the others are asked once more.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import IO, Any

from engine.replay.process.encoding import Encoding, UnfitFactError
from engine.replay.process.outcome import (
    Concluded,
    EngineReport,
    Fold,
    Limits,
    Matches,
    NotReplayed,
    Reason,
    ReplayInput,
    Unavailable,
)
from engine.replay.process.subset import Network

ENGINE = "durable_rules"
COMMAND = (sys.executable, "-I", "-B", "-m", "engine.replay.process.worker")
"""Isolated: neither the current folder, nor PYTHON* variables, nor a user's own packages can change what runs."""
_LONGEST_ANSWER = 32 * 1024 * 1024
_KEPT_VARIABLES = ("SYSTEMROOT", "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")
_UNAVAILABLE = {
    "missing": f"ルールエンジン {ENGINE} が入っていません(docs/replay.md)。",
    "unloadable": f"ルールエンジン {ENGINE} は入っていますが、このPythonでは読み込めません(docs/replay.md)。",
}
_numbers = itertools.count(1)
"""Of requests, never used twice: a late answer to another question is noticed."""
_NOT_STARTED = f"ルールエンジン {ENGINE} のプロセスを始動できません(docs/replay.md)。"


def start_engine(
    network: Network, limits: Limits | None = None, command: Sequence[str] = COMMAND
) -> ReplayEngine | Unavailable:
    """Start the engine process for a network.

    Use as `with start_engine(…) as engine` after having looked for `Unavailable`. `command` is another process that speaks the
    same lines (the tests let it crash).
    """
    limits = limits or Limits()
    encoding = Encoding(network)
    worker = _Worker(command, encoding, limits)
    try:
        report = worker.begin()
    except _Fault:
        worker.kill()
        return Unavailable(_NOT_STARTED)
    if isinstance(report, Unavailable):
        worker.kill()
        return report
    return ReplayEngine(encoding, limits, command, worker, report)


class ReplayEngine:
    """A running engine process that judges children one after the other. `report` says under which limits, and how many."""

    def __init__(
        self, encoding: Encoding, limits: Limits, command: Sequence[str], worker: _Worker, report: EngineReport
    ) -> None:
        self.report = report
        self._encoding = encoding
        self._limits = limits
        self._command = command
        self._worker: _Worker | None = worker
        self._names = tuple(encoding.signal_codes)

    def __enter__(self) -> ReplayEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process. Needed once; `with` does it."""
        if self._worker:
            self._worker.kill()
            self._worker = None

    def replay(self, children: Iterable[ReplayInput], fold: Fold) -> Iterator[Concluded | NotReplayed]:
        """Judge each child; one outcome per child, about in the order of the children (those that fail come early).

        `fold` is called in this process, once per child. What it raises is raised here.
        """
        ends_at = time.monotonic() + self._limits.run_seconds
        arriving = iter(children)
        waiting: deque[_Request] = deque()
        if not self._worker and (lost := self._start_again(())):
            yield from (self._not_replayed(child, lost) for child in arriving)
            return
        try:
            while True:
                while len(waiting) < self._limits.ahead and (child := next(arriving, None)):
                    try:
                        waiting.append(self._ask(_about_facts(child, self._encoding)))
                    except UnfitFactError:
                        yield self._not_replayed(child, Reason.UNFIT)
                if not waiting:
                    return
                request = waiting[0]
                try:
                    answer = self._answer(request, ends_at)
                except _Fault as fault:
                    waiting.popleft()
                    yield self._not_replayed(request.child, fault.reason)
                    lost = fault.reason if fault.reason is Reason.RUN_TIMED_OUT else self._start_again(waiting)
                    if lost:
                        for left in [*(one.child for one in waiting), *arriving]:
                            yield self._not_replayed(left, lost)
                        waiting.clear()
                        return
                    continue
                waiting.popleft()
                if request.matches is None:
                    matches = self._matches(request.child, answer)
                    signals = frozenset(fold(request.child.key, matches))
                    waiting.append(self._ask(_about_signals(request.child, matches, signals, self._encoding)))
                else:
                    self.report.concluded += 1
                    yield Concluded(request.child.key, request.matches, request.signals, self._conclusions(answer))
        finally:
            if waiting:  # left in the middle: what is still to be answered must not meet the next questions
                self.close()

    def _ask(self, request: _Request) -> _Request:
        if self._worker:
            self._worker.send(request.line)
        return request

    def _answer(self, request: _Request, ends_at: float) -> Any:
        """The answer to the first unanswered request, checked.

        Raises:
            _Fault: there is none, or it cannot be one.
        """
        if not self._worker:
            raise _Fault(Reason.NOT_STARTED)
        left = ends_at - time.monotonic()
        if left <= 0:
            raise _Fault(Reason.RUN_TIMED_OUT)
        try:
            said = self._worker.receive(min(self._limits.child_seconds, left))
        except _Fault as fault:
            if fault.reason is Reason.TIMED_OUT and left < self._limits.child_seconds:
                raise _Fault(Reason.RUN_TIMED_OUT) from None
            raise
        if said.get("n") != request.number:
            raise _Fault(Reason.GARBLED)
        if failed := said.get("failed"):
            raise _Fault(Reason.OUT_OF_MEMORY if failed == "memory" else Reason.REFUSED)
        if request.matches is None:
            fine = _is_fired(said.get("fired"), len(self._encoding.network.leaves), request.child)
            answer = said.get("fired")
        else:
            fine = _is_concluded(said.get("concluded"), len(self._encoding.network.chains), len(self._names))
            answer = said.get("concluded")
        if not fine:
            raise _Fault(Reason.GARBLED)
        return answer

    def _start_again(self, waiting: Iterable[_Request]) -> Reason | None:
        """A new process, asked what is still unanswered; or why there is none."""
        self.close()
        if self.report.starts >= self._limits.starts:
            return Reason.GIVEN_UP
        self.report.starts += 1
        worker = _Worker(self._command, self._encoding, self._limits)
        try:
            begun = worker.begin()
        except _Fault:
            begun = None
        if not isinstance(begun, EngineReport):
            worker.kill()
            return Reason.NOT_STARTED
        self._worker = worker
        for request in waiting:
            self._ask(request)
        return None

    def _matches(self, child: ReplayInput, fired: list[list[Any]]) -> Matches:
        leaves = self._encoding.network.leaves
        return {leaves[rule].name: tuple(sorted(facts)) for rule, facts in fired}

    def _conclusions(self, concluded: list[list[int]]) -> dict[str, frozenset[str]]:
        return {
            chain.name: frozenset(self._names[code] for code in codes)
            for chain, codes in zip(self._encoding.network.chains, concluded, strict=True)
        }

    def _not_replayed(self, child: ReplayInput, reason: Reason) -> NotReplayed:
        self.report.not_replayed[reason] = self.report.not_replayed.get(reason, 0) + 1
        return NotReplayed(child.key, reason)


@dataclass(frozen=True)
class _Request:
    """One question about a child: without `matches` about its facts, with them about its signals."""

    number: int
    child: ReplayInput
    line: bytes
    matches: Matches | None = None
    signals: frozenset[str] = frozenset()


class _Fault(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def _about_facts(child: ReplayInput, encoding: Encoding) -> _Request:
    if len({fact.number for fact in child.facts}) != len(child.facts):
        raise ValueError("two facts of one number")
    number = next(_numbers)
    return _Request(number, child, _line(n=number, facts=encoding.facts(child.facts)))


def _about_signals(child: ReplayInput, matches: Matches, signals: frozenset[str], encoding: Encoding) -> _Request:
    number = next(_numbers)
    codes = sorted(encoding.signal_codes[signal] for signal in signals if signal in encoding.signal_codes)
    return _Request(number, child, _line(n=number, signals=codes), matches, signals)


def _line(**said: object) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode("ascii") + b"\n"


def _is_fired(answer: object, rules: int, child: ReplayInput) -> bool:
    """Rules that exist, each once, with facts of this child, each once."""
    if not isinstance(answer, list):
        return False
    numbers = {fact.number for fact in child.facts}
    seen = set()
    for pair in answer:
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], list)):
            return False
        rule, facts = pair
        if type(rule) is not int or not 0 <= rule < rules or rule in seen:
            return False
        if (
            any(type(fact) is not int for fact in facts)
            or len(set(facts)) != len(facts)
            or not numbers.issuperset(facts)
        ):
            return False
        seen.add(rule)
    return True


def _is_concluded(answer: object, chains: int, signals: int) -> bool:
    return (
        isinstance(answer, list)
        and len(answer) == chains
        and all(
            isinstance(codes, list) and all(type(code) is int and 0 <= code < signals for code in codes)
            for codes in answer
        )
    )


class _Worker:
    """One process and its two pipes. A thread writes and a thread reads, so that neither side ever waits for a full pipe."""

    def __init__(self, command: Sequence[str], encoding: Encoding, limits: Limits) -> None:
        self._encoding = encoding
        self._limits = limits
        self._began = time.monotonic()
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
                start_new_session=os.name == "posix",  # a Ctrl-C is for the parent, which ends it
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            return  # told by `begin`
        assert self._process.stdin and self._process.stdout
        for work, pipe in ((self._write, self._process.stdin), (self._read, self._process.stdout)):
            thread = threading.Thread(target=work, args=(pipe,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def begin(self) -> EngineReport | Unavailable:
        """Tell it limits and network; wait until it is ready."""
        if not self._process:
            raise _Fault(Reason.NOT_STARTED)
        limits = {
            "memory_bytes": self._limits.memory_bytes,
            "cpu_seconds": math.ceil(self._limits.run_seconds + self._limits.start_seconds),
        }
        self.send(_line(limits=limits, network=self._encoding.rules()))
        said = self.receive(self._limits.start_seconds)
        if "unavailable" in said:
            return Unavailable(_UNAVAILABLE.get(str(said["unavailable"]), _NOT_STARTED))
        if not isinstance(said.get("ready"), dict):
            raise _Fault(Reason.GARBLED)
        try:
            engine_version = version(ENGINE)
        except PackageNotFoundError:  # built by hand, without its metadata
            engine_version = "不明"
        return EngineReport(ENGINE, engine_version, said["ready"], time.monotonic() - self._began)

    def send(self, line: bytes) -> None:
        self._lines.put(line)

    def receive(self, seconds: float) -> dict[str, Any]:
        """The next answer.

        Raises:
            _Fault: none in time, none at all, or no JSON object.
        """
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise _Fault(Reason.TIMED_OUT) from None
        if line is None:
            raise _Fault(self._why_ended())
        try:
            said = json.loads(line)
        except ValueError:
            raise _Fault(Reason.GARBLED) from None
        if not isinstance(said, dict):
            raise _Fault(Reason.GARBLED)
        return said

    def kill(self) -> None:
        self._lines.put(None)
        if self._process:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join()

    def _why_ended(self) -> Reason:
        assert self._process
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:  # closed its pipe and lives on
            return Reason.GARBLED
        if os.name == "posix":
            if status == -signal.SIGXCPU:
                return Reason.TIMED_OUT
            if status == -signal.SIGKILL:  # not by us: the system's own answer to too little memory
                return Reason.OUT_OF_MEMORY
        return Reason.CRASHED

    def _write(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError), pipe:  # it died: the reader tells
            while (line := self._lines.get()) is not None:
                pipe.write(line)
                pipe.flush()

    def _read(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError), pipe:
            while (line := pipe.readline(_LONGEST_ANSWER)).endswith(b"\n"):
                self._answers.put(line)
        self._answers.put(None)
