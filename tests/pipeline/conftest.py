"""A small made-up city, run through two weeks, shared by the tests of the whole way."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run
from engine.rulebook.versions.approval import HEADING, TO_BE_APPROVED, Approval, written
from kizuki.demo_city import build_demo_city
from kizuki.pipeline import Outcome, run_week
from kizuki.settings import SETTINGS_FILE, Workspace
from kizuki.workspace_files import make_workspace

PEOPLE = 4_000
WEEKS = (date(2026, 11, 13), date(2026, 11, 20))


@dataclass(frozen=True)
class City:
    """The workspace after both weeks, with what each run returned."""

    workspace: Workspace
    outcomes: tuple[Outcome, ...]

    @property
    def last(self) -> Outcome:
        return self.outcomes[-1]

    @property
    def record(self) -> RunRecord:
        return open_run(self.workspace.runs)


def quiet() -> Console:
    return Console(quiet=True)


def approve_as_it_is(workspace: Workspace) -> Workspace:
    """Put every rule file into the approval book as it lies there: a run asks for approval, these tests are not about it."""
    entries = []
    for name in TO_BE_APPROVED:
        raw = (workspace.rulebooks / name).read_bytes()
        version = re.search(r'(?m)^版: "?([^"\n]+)', raw.decode())[1]
        digest = hashlib.sha256(raw).hexdigest()
        entries.append(Approval(name, version, digest, "家庭相談係長", date(2026, 3, 20), "試験のため"))
    workspace.approvals.write_text(HEADING + written(entries), encoding="utf-8")
    return workspace


def make_city(folder: Path, people: int = PEOPLE, sample: int | None = None) -> Workspace:
    """A city that was never run. `sample`: of how many unlisted children each run asks every engine, if not of as many as usual."""
    workspace = approve_as_it_is(make_workspace(folder, "見本市"))
    if sample is not None:
        path = workspace.root / SETTINGS_FILE
        usual = path.read_text("utf-8")
        assert usual.count("sample = 200") == 1
        path.write_text(usual.replace("sample = 200", f"sample = {sample}"), "utf-8")
    build_demo_city(folder, people=people, weeks=2, seed=7)
    return workspace


@pytest.fixture(scope="session")
def city_maker() -> Callable[..., Workspace]:
    """For tests that need a city of their own: `make_city`."""
    return make_city


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Run both weeks once; tests only read it."""
    folder = tmp_path_factory.mktemp("city")
    workspace = make_city(folder)
    return City(workspace, tuple(run_week(folder, day, quiet()) for day in WEEKS))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny city that was never run; tests copy it and spoil the copy."""
    folder = tmp_path_factory.mktemp("template")
    make_city(folder, people=600, sample=20)
    return folder
