"""`kizuki readback`: read filled-in files, show what they would store, ask what is doubtful, and store it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from filelock import FileLock
from rich.console import Console

from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.conference_store import read_conference
from kizuki.handout_key import handout_key
from kizuki.readback.asking import Asker, settle
from kizuki.readback.entries import Reading
from kizuki.readback.planning import Plan, Wishes, make_plan, read_files
from kizuki.readback.runs import RunsOnRecord
from kizuki.readback.showing import show_plan, show_stored, show_warnings
from kizuki.readback.storing import Stored, store
from kizuki.settings import Workspace, open_workspace
from reports.readback.records import SheetRecord


@dataclass(frozen=True)
class Result:
    """What was read, and what was stored of it (None: a dry run, or somebody said no)."""

    plan: Plan
    stored: Stored | None


def read_back(
    folder: Path,
    paths: Sequence[Path],
    reading: Reading,
    console: Console,
    *,
    who: Asker,
    wishes: Wishes | None = None,
    dry_run: bool = False,
    password: str | None = None,
) -> Result:
    """Read files back into a workspace; all of them or nothing.

    The table comes first, problems or not. Raises KizukiError (E-READ-…) with every problem of every file; then nothing was stored. Reading the same again
    stores nothing, and a corrected file what it changed.
    """
    workspace, settings = open_workspace(folder)
    reading = replace(reading, agencies=settings.conference.agencies)
    if not dry_run:
        _require_name(reading)
    records = read_files(paths, handout_key(workspace), password)
    runs = RunsOnRecord(workspace.runs)
    plan, settled = settle(lambda wishes: _plan(workspace, records, runs, wishes, reading), wishes or Wishes(), who)
    show_plan(plan, console)
    show_warnings(plan, console)
    if problems := plan.all_problems():
        raise KizukiError(problems)
    if dry_run:
        console.print("試し読みです。何も保存していません。")
        return Result(plan, None)
    if plan.new_words and not who.may_store():
        console.print("保存しませんでした。")
        return Result(plan, None)
    with FileLock(workspace.root / ".lock", timeout=0):
        # Planned again, for somebody else may have read in meanwhile.
        plan = _plan(workspace, records, runs, settled, reading)
        if problems := plan.all_problems():
            raise KizukiError(problems)
        stored = store(workspace, plan, reading.on)
    show_stored(stored, console)
    return Result(plan, stored)


def _plan(
    workspace: Workspace, records: Sequence[SheetRecord], runs: RunsOnRecord, wishes: Wishes, reading: Reading
) -> Plan:
    known = read_conference(workspace.conference)
    return make_plan(records, runs, workspace.conference, known, wishes, reading)


def _require_name(reading: Reading) -> None:
    if not reading.by.strip():
        raise KizukiError(
            Problem(
                Place("--by"),
                "E-READ-27",
                "だれが読み取ったかが書かれていません。",
                "会議で決まったことを、だれがいつ取り込んだかを後から示せません。",
                "`--by 家庭相談係長` のように、役職や氏名を書いてください。",
            )
        )


def today_on(day: date, by: str) -> Reading:
    """Who reads in on a day; the name on one line."""
    return Reading(" ".join(by.split()), day)
