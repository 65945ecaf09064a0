"""What comes back from the engine process: conclusions about a child, or why there are none, and under which limits it ran."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from engine.replay.process.subset import TypedFact

Matches = Mapping[str, tuple[int, ...]]
"""Name of each leaf rule that fired → numbers of the facts it fired for, ascending. A rule that is not there fired for none."""

Fold = Callable[[str, Matches], Iterable[str]]
"""From a child's key and matches to the signals that hold for it: counting, adding up, the newest. Runs in the parent."""


class Reason(Enum):
    """Why a child was not replayed, as the run's summary prints it."""

    CRASHED = "異常終了"
    TIMED_OUT = "時間切れ"
    OUT_OF_MEMORY = "メモリ不足"
    GARBLED = "返答が読めない"
    REFUSED = "エンジンが受け付けない"
    UNFIT = "エンジンに渡せない大きさの値や件数がある"
    RUN_TIMED_OUT = "全体の時間切れ"
    GIVEN_UP = "始動のやり直しが上限に達した"
    NOT_STARTED = "始動できない"


@dataclass(frozen=True)
class ReplayInput:
    """A child to judge. `key` stays in the parent; only the facts go to the engine. Fact numbers are unique within a child."""

    key: str
    facts: tuple[TypedFact, ...]


@dataclass(frozen=True)
class Concluded:
    """A child that the engine judged: what fired, the signals the fold made of it, and what each chain network concluded."""

    key: str
    matches: Matches
    signals: frozenset[str]
    conclusions: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class NotReplayed:
    """A child for whom the engine gave no answer. Nothing may be inferred about it."""

    key: str
    reason: Reason


@dataclass(frozen=True)
class Unavailable:
    """No engine can be started here, so that no child can be replayed (再現：未実施). `reason` is a Japanese sentence."""

    reason: str


@dataclass(frozen=True)
class Limits:
    """How long and how large the engine process may become. A child takes a few milliseconds; a start well below a second."""

    child_seconds: float = 20.0
    start_seconds: float = 60.0
    run_seconds: float = 1800.0
    memory_bytes: int = 1024**3
    starts: int = 20
    """How often the process may be started, the first time included."""
    ahead: int = 4
    """How many children may be on their way at once, so that parent and engine both work."""


@dataclass
class EngineReport:
    """What the run record says of the engine. Counts grow while children are replayed."""

    engine: str
    version: str
    limits_in_force: Mapping[str, int]
    """What the process said it limited itself to: `memory_bytes`, `cpu_seconds`, `core_bytes`; absent where the platform has none."""
    start_seconds: float
    starts: int = 1
    concluded: int = 0
    not_replayed: dict[Reason, int] = field(default_factory=dict)
