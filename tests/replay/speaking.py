"""A process that speaks the engine's lines and fails on order: `python speaking.py HOW CHILD`. It stands in for a broken engine.

It answers every question about facts with "rule 0 fired for the first fact", until the fact that is told `"n0":CHILD` comes.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from pathlib import Path


def main() -> None:
    how, child, counter = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    counter.write_text(counter.read_text() + "start\n" if counter.exists() else "start\n")
    starts = len(counter.read_text().splitlines())
    sys.stdin.readline()
    if how == "never ready":
        time.sleep(60)
    if how == "dead at start" or (how == "dead when started again" and starts > 1):
        os._exit(3)
    if how in ("missing", "unloadable"):
        say(unavailable=how)
        return
    say(ready={})
    for line in sys.stdin:
        request = json.loads(line)
        marked = any(re.search(rf'"n0":{child}\D', str(message)) for _, message in request.get("facts", []))
        if (marked and how != "late") or (how == "late" and request.get("signals") == [int(child)]):
            fail(how, request["n"])
        if "facts" in request:
            say(n=request["n"], fired=[[0, [0]]])
        else:
            say(n=request["n"], concluded=[request["signals"]])


def fail(how: str, number: int) -> None:
    """Crash, hang, or say something that cannot be."""
    with contextlib.suppress(ImportError):  # Windows has none, and dumps no core
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if how in ("crash", "late", "dead when started again"):
        os.abort()
    if how == "killed":
        os.kill(os.getpid(), 9)
    if how == "hang":
        time.sleep(60)
    if how == "cut off":
        sys.stdout.write('{"n":')
        sys.stdout.flush()
        os._exit(1)
    if how == "memory":
        say(n=number, failed="memory")
        os._exit(1)
    if how == "refused":
        say(n=number, failed="refused")
        os._exit(1)
    nonsense = {
        "no json": "Segmentation fault (core dumped)",
        "no object": "[1, 2]",
        "another number": json.dumps({"n": number + 1, "fired": []}),
        "no rule": json.dumps({"n": number, "fired": [[99, [0]]]}),
        "no fact": json.dumps({"n": number, "fired": [[0, [99]]]}),
        "twice": json.dumps({"n": number, "fired": [[0, [0]], [0, [0]]]}),
        "true for a number": json.dumps({"n": number, "fired": [[0, [False]]]}),
        "not asked": json.dumps({"n": number, "concluded": [[]]}),
    }
    print(nonsense[how], flush=True)


def say(**words: object) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    main()
