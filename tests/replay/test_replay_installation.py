"""How `run.py` installs the second opinion's engine: built once, a failure told each time and tried again when something has changed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """`run.py` over an empty folder, with a build that is only counted. `works`: does it; `compiler`: is one there."""
    run = _run()
    here = SimpleNamespace(run=run, builds=0, works=False, imports=False, compiler=False, root=tmp_path)
    for lock in run.REPLAY_LOCKS:
        (tmp_path / lock).write_text((REPOSITORY / lock).read_text())
    (tmp_path / ".venv").mkdir()

    def build(python: str, log: str) -> bool:
        here.builds += 1
        return bool(here.works)

    monkeypatch.setattr(run, "ROOT", str(tmp_path))
    monkeypatch.setattr(run, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(run, "build_replay", build)
    monkeypatch.setattr(run, "replay_works", lambda python: here.imports)
    monkeypatch.setattr(run, "compiler", lambda: (here.compiler, True))
    return here


def test_what_is_installed_is_not_built_again(bootstrap: SimpleNamespace) -> None:
    """One build; later starts, also with another wheelhouse, only look at the stamp."""
    bootstrap.works = True
    assert bootstrap.run.prepare_replay("python", again=False)
    (bootstrap.root / "wheelhouse").mkdir()
    (bootstrap.root / "wheelhouse" / "durable_rules-2.0.28-cp311-x.whl").write_text("")
    assert bootstrap.run.prepare_replay("python", again=False)
    assert bootstrap.builds == 1


def test_what_can_be_imported_is_not_built(bootstrap: SimpleNamespace) -> None:
    """An engine that is already there, in the locked version, is taken as it is."""
    bootstrap.imports = True
    assert bootstrap.run.prepare_replay("python", again=False)
    assert bootstrap.builds == 0


def test_a_failure_is_told_each_time_but_not_tried_each_time(
    bootstrap: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first failure says what is missing and how to get it, later starts say 未実施 in a line."""
    assert not bootstrap.run.prepare_replay("python", again=False)
    first = capsys.readouterr().out
    assert "Cコンパイラ" in first and "wheelhouse" in first and "再現：未実施" in first
    assert not bootstrap.run.prepare_replay("python", again=False)
    assert "未実施" in capsys.readouterr().out
    assert bootstrap.builds == 1


@pytest.mark.parametrize("change", ["compiler", "wheel", "lock", "asked"])
def test_a_failure_is_not_kept_for_ever(bootstrap: SimpleNamespace, change: str) -> None:
    """It is tried again with a compiler, a wheel or a lock that was not there before, and when it is asked for."""
    assert not bootstrap.run.prepare_replay("python", again=False)
    if change == "compiler":
        bootstrap.compiler = True
    elif change == "wheel":
        (bootstrap.root / "wheelhouse").mkdir()
        (bootstrap.root / "wheelhouse" / "durable_rules-2.0.28-cp311-x.whl").write_text("")
    elif change == "lock":
        (bootstrap.root / bootstrap.run.REPLAY_LOCKS[0]).write_text("another")
    bootstrap.works = True
    assert bootstrap.run.prepare_replay("python", again=change == "asked")
    assert bootstrap.builds == 2


def test_the_versions_agree() -> None:
    """The lock, the extra of the package and run.py name one version, and every locked line has its hash."""
    run = _run()
    locks = [(REPOSITORY / lock).read_text() for lock in run.REPLAY_LOCKS]
    assert f"durable-rules=={run.REPLAY} " in locks[1]
    assert f'replay = ["durable-rules=={run.REPLAY}"]' in (REPOSITORY / "pyproject.toml").read_text()
    assert all(lock.count("==") == lock.count("--hash=sha256:") == 1 for lock in locks)


def _run() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kizuki_run", REPOSITORY / "run.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
