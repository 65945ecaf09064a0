"""Whatever the engine process does, it costs one child: the others are judged, and the one is reported with its reason.

A stand-in (`speaking.py`) crashes, hangs or talks nonsense at a certain child; it is started in the engine's place by `command`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.replay.process.encoding import LARGEST_NUMBER
from engine.replay.process.engine import COMMAND, ReplayEngine, start_engine
from engine.replay.process.outcome import Concluded, Limits, Matches, NotReplayed, Reason, ReplayInput, Unavailable
from engine.replay.process.subset import ChainNetwork, ChainRule, FieldTest, LeafRule, Network, TypedFact

NETWORK = Network(
    (LeafRule("seen", "event", (FieldTest("amount", ">=", 0),)),),
    (ChainNetwork("book", tuple(ChainRule(f"s{n}", f"s{n + 1}") for n in range(20))),),
)
CHILDREN = [ReplayInput(f"child{n}", (TypedFact(0, "event", {"amount": n}),)) for n in range(12)]
NONSENSE = ["no json", "no object", "another number", "no rule", "no fact", "twice", "true for a number", "not asked"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals and resource limits are POSIX's")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("crash", Reason.CRASHED),
        ("late", Reason.CRASHED),
        ("cut off", Reason.CRASHED),
        pytest.param("killed", Reason.OUT_OF_MEMORY, marks=posix),
        ("memory", Reason.OUT_OF_MEMORY),
        ("refused", Reason.REFUSED),
        ("hang", Reason.TIMED_OUT),
        *((how, Reason.GARBLED) for how in NONSENSE),
    ],
)
@pytest.mark.parametrize("child", [0, 5, 11])
def test_one_bad_child_costs_one_child(how: str, reason: Reason, child: int, tmp_path: Path) -> None:
    """Exactly the child at which the process fails is not replayed; every other one is, and a second process is started."""
    limits = Limits(child_seconds=0.6 if how == "hang" else 60)  # a busy machine is no hanging engine
    with broken(how, child, tmp_path, limits) as engine:
        outcomes = list(engine.replay(CHILDREN, signals_of))
    assert {o.key for o in outcomes} == {c.key for c in CHILDREN} and len(outcomes) == len(CHILDREN)
    assert [o for o in outcomes if isinstance(o, NotReplayed)] == [NotReplayed(f"child{child}", reason)]
    assert all(o.matches == {"seen": (0,)} for o in outcomes if isinstance(o, Concluded))
    assert all(o.conclusions == {"book": o.signals} for o in outcomes if isinstance(o, Concluded))
    assert engine.report.starts == 2
    assert engine.report.concluded == 11 and engine.report.not_replayed == {reason: 1}


def test_restarts_are_bounded(tmp_path: Path) -> None:
    """A process that dies at every child is started as often as allowed; the rest are reported, none is forgotten."""
    with broken("crash", r"\d+", tmp_path, Limits(starts=3)) as engine:
        outcomes = list(engine.replay(CHILDREN, signals_of))
    assert [o.reason for o in outcomes if isinstance(o, NotReplayed)] == [Reason.CRASHED] * 3 + [Reason.GIVEN_UP] * 9
    assert {o.key for o in outcomes} == {c.key for c in CHILDREN}
    assert engine.report.starts == 3


def test_a_process_that_cannot_be_started_again_leaves_the_rest(tmp_path: Path) -> None:
    """Those after the crash are reported as not started."""
    with broken("dead when started again", 1, tmp_path) as engine:
        outcomes = list(engine.replay(CHILDREN, signals_of))
    reasons = [o.reason for o in outcomes if isinstance(o, NotReplayed)]
    assert (
        reasons.count(Reason.CRASHED) == 1
        and reasons.count(Reason.NOT_STARTED) == len(outcomes) - 1 - engine.report.concluded
    )
    assert len(outcomes) == len(CHILDREN)


def test_the_whole_replay_has_a_time_limit(tmp_path: Path) -> None:
    """When it is over, the children that are left are reported so, and nobody waits any longer."""
    began = time.monotonic()
    with broken("hang", 4, tmp_path, Limits(child_seconds=50, run_seconds=2.0)) as engine:
        outcomes = list(engine.replay(CHILDREN, signals_of))
    assert time.monotonic() - began < 40
    assert {o.key for o in outcomes if isinstance(o, Concluded)} >= {"child0"}
    assert {o.reason for o in outcomes if isinstance(o, NotReplayed)} == {Reason.RUN_TIMED_OUT}
    assert len(outcomes) == len(CHILDREN)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("missing", "入っていません"),
        ("unloadable", "読み込めません"),
        ("dead at start", "始動できません"),
        ("never ready", "始動できません"),
    ],
)
def test_an_engine_that_is_not_there_is_said_in_words(how: str, words: str, tmp_path: Path) -> None:
    """Nothing is raised: the run goes on, and says that it was not replayed, and why."""
    limits = Limits(start_seconds=1.0 if how == "never ready" else 60)
    outcome = start_engine(NETWORK, limits, command(how, 0, tmp_path))
    assert isinstance(outcome, Unavailable)
    assert words in outcome.reason


def test_a_command_that_does_not_exist_is_unavailable() -> None:
    """Also where not even a process can be made."""
    outcome = start_engine(NETWORK, command=("/does/not/exist",))
    assert isinstance(outcome, Unavailable)


def test_a_fault_of_the_fold_is_raised_and_the_engine_can_be_asked_again(tmp_path: Path) -> None:
    """What the caller's own code raises is the caller's; no old answer reaches the next questions."""

    def broken_fold(key: str, matches: Matches) -> list[str]:
        raise KeyError(key)

    with broken("", -1, tmp_path) as engine:
        with pytest.raises(KeyError):
            list(engine.replay(CHILDREN, broken_fold))
        outcomes = list(engine.replay(CHILDREN, signals_of))
    assert all(isinstance(o, Concluded) for o in outcomes) and len(outcomes) == len(CHILDREN)


def test_a_value_too_large_for_the_engine_costs_its_child(tmp_path: Path) -> None:
    """One odd cell in a delivery keeps one child from being replayed, not the run."""
    odd = ReplayInput("odd", (TypedFact(0, "event", {"amount": LARGEST_NUMBER + 1}),))
    with broken("", -1, tmp_path) as engine:
        outcomes = list(engine.replay([*CHILDREN[:3], odd, *CHILDREN[3:]], signals_of))
    assert NotReplayed("odd", Reason.UNFIT) in outcomes and len(outcomes) == 13 and engine.report.concluded == 12


def test_children_are_taken_as_they_are_needed(tmp_path: Path) -> None:
    """Only a few are on their way at once, so that a city's children never lie in memory together."""
    taken = []

    def arriving() -> Iterator[ReplayInput]:
        for child in CHILDREN:
            taken.append(child.key)
            yield child

    with broken("", -1, tmp_path, Limits(ahead=3)) as engine:
        for done, _ in enumerate(engine.replay(arriving(), signals_of)):
            assert len(taken) <= done + 1 + 3


def test_no_key_name_or_unread_field_crosses_the_pipe(tmp_path: Path) -> None:
    """The process is told codes and tested values; what it was told is written down here and looked at."""
    told = tmp_path / "told.txt"
    spy = tmp_path / "spy.py"
    spy.write_text(
        "import subprocess, sys\n"
        f"log = open({str(told)!r}, 'wb')\n"
        f"inner = subprocess.Popen([sys.executable, {str(Path(__file__).with_name('speaking.py'))!r}, '', '-1', {str(tmp_path / 'n')!r}],"
        " stdin=subprocess.PIPE)\n"
        "for line in sys.stdin.buffer:\n"
        "    log.write(line); log.flush(); inner.stdin.write(line); inner.stdin.flush()\n"
        "inner.stdin.close(); inner.wait()\n"
    )
    child = ReplayInput("child-key-9f3a", (TypedFact(0, "event", {"amount": 4, "note": "unread"}),))
    engine = start_engine(NETWORK, command=(sys.executable, str(spy)))
    assert isinstance(engine, ReplayEngine)
    with engine:
        assert isinstance(next(engine.replay([child], signals_of)), Concluded)
    text = told.read_text()
    assert '"n0\\":4' in text
    for word in ("9f3a", "unread", "note", "amount", "seen", "book"):
        assert word not in text


@posix
@pytest.mark.usefixtures("durable_rules")
def test_the_engine_runs_out_of_the_memory_it_may_use() -> None:
    """One child with far too many facts for the limit is lost; those before and after are judged."""
    network = Network(tuple(LeafRule(f"r{n}", "event") for n in range(60)), ())
    large = ReplayInput("large", tuple(TypedFact(n, "event", {}) for n in range(19_000)))
    small = [ReplayInput(f"child{n}", (TypedFact(0, "event", {}),)) for n in range(6)]
    engine = start_engine(network, Limits(memory_bytes=150 * 1024**2))
    assert isinstance(engine, ReplayEngine)
    with engine:
        outcomes = list(engine.replay([*small[:3], large, *small[3:]], lambda *_: ()))
        assert engine.report.limits_in_force["memory_bytes"] == 150 * 1024**2
        assert engine.report.limits_in_force["core_bytes"] == 0
    [lost] = [o for o in outcomes if isinstance(o, NotReplayed)]
    assert lost.key == "large" and lost.reason in (Reason.OUT_OF_MEMORY, Reason.CRASHED, Reason.REFUSED)
    assert engine.report.concluded == 6


@pytest.mark.usefixtures("durable_rules")
def test_the_process_is_isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A module of the current folder or of PYTHONPATH cannot take the engine's place."""
    (tmp_path / "durable_rules_engine.py").write_text("raise SystemExit(9)")
    (tmp_path / "json.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "json.py"))
    engine = start_engine(NETWORK)
    assert isinstance(engine, ReplayEngine)
    with engine:
        assert engine.report.engine == "durable_rules" and engine.report.version == "2.0.28"
        assert all(isinstance(outcome, Concluded) for outcome in engine.replay(CHILDREN, signals_of))


def test_the_worker_needs_nothing_of_the_house() -> None:
    """It starts with the standard library, its limits, the encoding and the subset alone: fast, and ignorant of rulebooks."""
    import subprocess

    script = "import sys, engine.replay.process.worker; print(*sorted(m for m in sys.modules if m.split('.')[0] in {'engine', 'kizuki'}))"
    loaded = subprocess.run([*COMMAND[:-2], "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == [
        "engine",
        "engine.kernel",
        "engine.kernel.child_process",
        "engine.replay",
        "engine.replay.process",
        "engine.replay.process.encoding",
        "engine.replay.process.needs",
        "engine.replay.process.subset",
        "engine.replay.process.worker",
    ]


def signals_of(key: str, matches: Matches) -> set[str]:
    """A child's own signal, so that an answer to another child would show."""
    assert matches == {"seen": (0,)}
    return (
        {f"s{key.removeprefix('child')}"} if key.startswith("child") and key.removeprefix("child").isdigit() else set()
    )


def command(how: str, child: int | str, folder: Path) -> tuple[str, ...]:
    return (sys.executable, str(Path(__file__).with_name("speaking.py")), how, str(child), str(folder / "starts.txt"))


def broken(how: str, child: int | str, folder: Path, limits: Limits | None = None) -> ReplayEngine:
    engine = start_engine(NETWORK, limits, command(how, child, folder))
    assert isinstance(engine, ReplayEngine), engine
    return engine
