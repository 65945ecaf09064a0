"""Households judged by the second engine: compiled rules in, opinions out."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.records.household import Household
from engine.records.vocabulary import Vocabulary
from engine.replay.comparison import Opinion
from engine.replay.meaning.compile import Children, ContradictionError, compile_rulebooks
from engine.replay.process.engine import COMMAND, start_engine
from engine.replay.process.outcome import EngineReport, Limits, NotReplayed, Unavailable
from engine.rulebook.model import RulebookSet

_LIMIT_WORDS: Mapping[str, Callable[[int], str]] = {
    "memory_bytes": lambda n: f"メモリ {n // 1024**2:,}MB",
    "cpu_seconds": lambda n: f"計算時間 {n:,}秒",
    "core_bytes": lambda n: "記憶の内容をディスクに書き出さない" if n == 0 else f"書き出しは{n:,}バイトまで",
}
_CONTRADICTION = "相反する結論"


@dataclass(frozen=True)
class Replayed:
    """What the second engine said, by child key, and what it did not say. Words and numbers as in `SecondOpinion`."""

    opinions: Mapping[str, Opinion] = field(default_factory=dict)
    not_replayed: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    engine: str = ""
    unavailable: str = ""
    limits: tuple[str, ...] = ()
    start_up_ms: int = 0
    replay_ms: int = 0


def replay_households(
    rulebooks: RulebookSet,
    vocabulary: Vocabulary,
    households: Mapping[str, Household],
    progress: Callable[[float], None] = lambda share: None,
    *,
    limits: Limits | None = None,
    command: tuple[str, ...] = COMMAND,
) -> Replayed:
    """Judge the children of the households, by child key, with durable_rules in a process of its own.

    Compiles every scenario in force. A child for whom the process fails is named with the reason, the others are judged all the same.
    `limits` and `command`: see `start_engine`.
    """
    rules = compile_rulebooks(rulebooks, vocabulary)
    engine = start_engine(rules.network, limits, command)
    if isinstance(engine, Unavailable):
        return Replayed(unavailable=engine.reason, left_out=dict(rules.chains.left_out))
    began = time.monotonic()
    opinions: dict[str, Opinion] = {}
    not_replayed: dict[str, str] = {}
    children = Children(rules)
    with engine, households_left_alone():
        told = (children.tell(household) for household in households.values())
        for done, answer in enumerate(engine.replay(told, children.fold), start=1):
            progress(done / len(households))
            if isinstance(answer, NotReplayed):
                children.forget(answer.key)
                not_replayed[answer.key] = answer.reason.value
                continue
            try:
                said = children.read(answer)
            except ContradictionError:
                children.forget(answer.key)
                not_replayed[answer.key] = _CONTRADICTION
                continue
            opinions[answer.key] = Opinion(said.answers, said.scenarios)
        report = engine.report
    return Replayed(
        opinions,
        not_replayed,
        dict(rules.chains.left_out),
        engine=f"{report.engine} {report.version}",
        limits=tuple(_limits(report)),
        start_up_ms=round(report.start_seconds * 1000),
        replay_ms=round((time.monotonic() - began) * 1000),
    )


@contextmanager
def households_left_alone() -> Iterator[None]:
    """The search for unreachable objects passes over what is there already, which is much and stays: a tenth of the time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _limits(report: EngineReport) -> list[str]:
    said = [
        words(report.limits_in_force[name]) for name, words in _LIMIT_WORDS.items() if name in report.limits_in_force
    ]
    return said or ["時間だけ(この環境ではメモリと計算時間を制限できません)"]
