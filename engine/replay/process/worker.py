"""The process in which durable_rules runs: reads a network, then facts or signals line by line, and says what fired.

    python -I -m engine.replay.process.worker

Each line in and out is one JSON object. It is told codes, never a name, and knows nothing of rulebooks or children; each request
is answered, in order, before the next is read.

| in | out |
|---|---|
| `{"limits": {"memory_bytes": …, "cpu_seconds": …}, "network": …}` | `{"ready": {limits in force}}`, or `{"unavailable": "missing" / "unloadable"}` |
| `{"n": 5, "facts": [[kind, message], …]}` | `{"n": 5, "fired": [[rule, [fact, …]], …]}` |
| `{"n": 5, "signals": [code, …]}` | `{"n": 5, "concluded": [[code, …] of each chain network]}` |

Whatever the engine refuses ends the process after `{"n": 5, "failed": "refused" / "memory"}`: its state can no longer be
trusted. There are no threads or timers, nothing is written to the error stream, and no core is dumped, for both would hold facts.
"""

from __future__ import annotations

import json
import re
from typing import Any, BinaryIO

from engine.kernel.child_process import answer_on_pipes, limit_this_process
from engine.replay.process.encoding import BOOT

SESSION = "0"
"""The engine's own name for the session of facts that name none. Only one is ever alive."""
_HANDLED, _NOT_HANDLED = 0, 1
_FIRED = re.compile(r'\{"(boot|[0-9]+)":\{"m":\{"id":"(boot|[0-9]+)"[,}]')
"""How the engine begins to say which rule fired for which fact: as both were written (`encoding`)."""


class EngineRefusedError(Exception):
    """The engine answered with an error or with what cannot be. Never holds what was asked."""


class Ruleset:
    """One ruleset of the engine, driven without its threads. Between `open` and `close` it holds the facts of one child."""

    def __init__(self, engine: Any, name: str, rules: str) -> None:
        self._engine = engine
        self._handle = engine.create_ruleset(name, rules)

    def open(self) -> None:
        if self.tell(BOOT) != [("boot", "boot")]:
            raise EngineRefusedError

    def tell(self, message: str) -> list[tuple[str, str]]:
        """Assert one fact. Gives each rule that fired with the name of the fact it fired for."""
        engine, handle = self._engine, self._handle
        status, state = engine.assert_fact(handle, message)
        if status == _NOT_HANDLED:
            return []
        if status != _HANDLED:
            raise EngineRefusedError
        fired: list[tuple[str, str]] = []
        started = engine.start_action_for_state(handle, state)
        action = started[1] if started else None
        while action:
            said = _FIRED.match(action)
            if not said:
                raise EngineRefusedError
            fired.append((said[1], said[2]))
            action = engine.complete_and_start_action(handle, state)
        return fired

    def close(self) -> None:
        self._engine.delete_state(self._handle, SESSION)


class Engine:
    """The rulesets of one network."""

    def __init__(self, engine: Any, network: dict[str, Any]) -> None:
        self._leaves = [
            (frozenset(leaf["kinds"]), Ruleset(engine, f"leaves{place}", leaf["rules"]))
            for place, leaf in enumerate(network["leaves"])
        ]
        self._chains = [
            (chain["sheets"], chain["concludes"], Ruleset(engine, f"chain{place}", chain["rules"]))
            for place, chain in enumerate(network["chains"])
        ]

    def fired(self, facts: list[tuple[int, str]]) -> list[tuple[int, list[int]]]:
        """For each leaf rule that fired, the names of the facts it fired for."""
        found: dict[int, list[int]] = {}
        for kinds, ruleset in self._leaves:
            messages = [message for kind, message in facts if kind in kinds]
            if not messages:
                continue
            ruleset.open()
            for message in messages:
                for rule, fact in ruleset.tell(message):
                    found.setdefault(int(rule), []).append(int(fact))
            ruleset.close()
        return list(found.items())

    def concluded(self, signals: list[int]) -> list[list[int]]:
        """What each chain network concludes from the signals and from what the networks before it concluded."""
        known = set(signals)
        answers = []
        for sheets, concludes, ruleset in self._chains:
            concluded: set[int] = set()
            open_ = False
            for beginning, its in sheets:
                there = [property_ for code, property_ in its if code in known]
                if not there:
                    continue
                if not open_:
                    ruleset.open()
                    open_ = True
                for rule, _ in ruleset.tell(f"{beginning}{''.join(there)}}}"):
                    concluded.add(concludes[int(rule)])
                known |= concluded
            if open_:
                ruleset.close()
            answers.append(sorted(concluded))
        return answers


def serve(lines: BinaryIO, answers: BinaryIO) -> int:
    """Answer until the lines end. Gives the exit status."""

    def answer(**said: object) -> None:
        answers.write(json.dumps(said, separators=(",", ":")).encode("ascii") + b"\n")
        answers.flush()

    order = json.loads(lines.readline())
    in_force = limit_this_process(**order["limits"])
    try:
        import durable_rules_engine
    except ModuleNotFoundError:
        answer(unavailable="missing")
        return 0
    except ImportError:
        answer(unavailable="unloadable")
        return 0
    engine = Engine(durable_rules_engine, order["network"])
    answer(ready=in_force)
    for line in lines:
        request = json.loads(line)
        number = request["n"]
        try:
            if "facts" in request:
                answer(n=number, fired=engine.fired(request["facts"]))
            else:
                answer(n=number, concluded=engine.concluded(request["signals"]))
        except MemoryError:
            answer(n=number, failed="memory")
            return 1
        except Exception:  # of the engine's C code; its text is left out, for it may hold what was asked
            answer(n=number, failed="refused")
            return 1
    return 0


def main() -> None:
    """Keep the two pipes for question and answer."""
    answer_on_pipes(serve)


if __name__ == "__main__":
    main()
