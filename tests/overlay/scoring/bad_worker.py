"""A scoring process with a fault, chosen by its first argument: what the parent must outlive."""

from __future__ import annotations

import io
import json
import os
import sys
import time

import numpy as np

from ml_overlay.scoring import worker

fault = sys.argv[1]
if fault == "wants more than there is":
    worker.answer_to = lambda head, body: [bytes(2 * head["limits"]["memory_bytes"])]  # type: ignore[assignment]
    worker.main()
out = sys.stdout.buffer
head = json.loads(sys.stdin.buffer.readline())


def say(**said: object) -> None:
    out.write(json.dumps(said).encode() + b"\n")


def right_answer() -> tuple[list[np.ndarray], io.BytesIO]:
    parts = worker.answer_to(head, sys.stdin.buffer)
    return [np.frombuffer(part, "<f8").copy() for part in parts], io.BytesIO()


match fault:
    case "hangs":
        time.sleep(600)
    case "hangs after a good answer":
        parts, _ = right_answer()
        say(ok={})
        for part in parts:
            out.write(part.tobytes())
        out.flush()
        time.sleep(600)
    case "dies":
        os.abort()
    case "is killed":
        os.kill(os.getpid(), 9)
    case "ends without a word":
        pass
    case "ends with a status":
        sys.exit(70)
    case "says something else":
        out.write(b"hello\n")
    case "says a list":
        out.write(b"[]\n")
    case "says an unknown fault":
        say(failed="tired")
    case "never ends a line":
        out.write(b"x" * 10_000_000)
    case "answers too little":
        parts, _ = right_answer()
        say(ok={})
        for part in parts[:-1]:
            out.write(part.tobytes())
    case "answers too much":
        parts, _ = right_answer()
        say(ok={})
        for part in [*parts, parts[0]]:
            out.write(part.tobytes())
    case "answers without end":
        say(ok={})
        while True:
            out.write(b"\0" * 1_000_000)
    case "answers no number" | "answers infinity" | "answers other scores" | "answers other parts":
        parts, _ = right_answer()
        match fault:
            case "answers no number":
                parts[0][3] = np.nan
            case "answers infinity":
                parts[-1][-1] = np.inf
            case "answers other parts":
                parts[-1][0] += 0.01
            case "answers other scores":
                parts[0] += 0.5
                if len(parts) > 2:
                    parts[1] += 0.5
        say(ok={})
        for part in parts:
            out.write(part.tobytes())
    case _:
        raise AssertionError(fault)
out.flush()
