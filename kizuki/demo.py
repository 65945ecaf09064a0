"""The demonstration: a made-up city, several weeks of runs, and where the handout is."""

from __future__ import annotations

import shutil
import time
from datetime import date
from pathlib import Path

from rich.console import Console

from engine.kernel.errors import ExitStatus, KizukiError, Place, Problem
from kizuki.demo_city import build_demo_city
from kizuki.pipeline import run_week
from kizuki.progress import Stages
from kizuki.settings import SETTINGS_FILE
from kizuki.summary import print_summary
from kizuki.workspace_files import make_workspace

_MARK = ".kizuki-demo"
_APPROVER = "デモの承認者"


def make_demo_city(folder: Path, *, people: int, weeks: int, seed: int, console: Console) -> None:
    """Write a made-up city's deliveries into a folder and say where they are."""
    stages = Stages(console)
    with stages.stage(f"架空の市をつくる({people:,}人)") as stage:
        summary = build_demo_city(
            folder, people=people, weeks=weeks, seed=seed, progress=lambda name, done: stage.advance(done, name)
        )
    console.print(f"受領データ: {(folder / 'deliveries').resolve()}", markup=False)
    console.print(f"真の状況(評価だけに使う): {(folder / 'truth').resolve()}", markup=False)
    console.print(
        f"住民 {summary.people:,}人、こども {summary.children:,}人、{summary.rows:,}行、{summary.bytes / 1e6:.0f}MB"
    )


def run_demo(folder: Path, *, people: int, weeks: int, seed: int, console: Console, with_model: bool = False) -> int:
    """Make the workspace and the city anew and run every week; exit status as of `kizuki run`.

    `with_model`: before the last week train a model on what is there and take it into use, so that the last list shows what it adds.
    """
    if folder.exists():
        if (folder / SETTINGS_FILE).exists() and not (folder / _MARK).exists():
            raise KizukiError(
                Problem(
                    Place(str(folder)),
                    "E-CONF-08",
                    "デモでつくったものではない作業フォルダがあります。",
                    "デモはフォルダの中身を消してつくり直すため、市のデータが失われます。",
                    "別のフォルダ名を指定してください。",
                )
            )
        if any(folder.iterdir()) and not (folder / _MARK).exists():
            raise KizukiError(
                Problem(
                    Place(str(folder)),
                    "E-CONF-09",
                    "フォルダが空ではありません。",
                    "デモはフォルダの中身を消してつくり直します。",
                    "別のフォルダ名を指定してください。",
                )
            )
        shutil.rmtree(folder)
    make_workspace(folder, "見本市")
    (folder / _MARK).write_text(
        "この作業フォルダはデモです。デモを実行すると消してつくり直されます。\n", encoding="utf-8"
    )
    make_demo_city(folder, people=people, weeks=weeks, seed=seed, console=console)
    status = ExitStatus.OK
    days = sorted(date.fromisoformat(path.name) for path in (folder / "deliveries").iterdir() if path.is_dir())
    for day, before in zip(days, [None, *days], strict=False):
        if with_model and day == days[-1] and before is not None:
            _take_a_model_into_use(folder, before, console)
        outcome = run_week(folder, day, console)
        if day == days[-1]:
            print_summary(outcome, console)
        if not outcome.engines_agree:
            status = ExitStatus.DISAGREEMENT
    return int(status)


def _take_a_model_into_use(folder: Path, day: date, console: Console) -> None:
    """Train on the week before the last and approve it; where that cannot be, say why and go on with rules alone."""
    from kizuki.model.approving import Signature, approve_model
    from kizuki.model.training import train_model

    began = time.monotonic()
    try:
        made = train_model(folder, day, console)
        console.print(f"モデルをつくるのにかかった時間 {time.monotonic() - began:.0f}秒")
        signature = Signature(_APPROVER, day, "デモのため(市では、説明書を確かめた人が承認します)")
        approve_model(folder, made.model_id, signature, console, today=day, confirm=lambda: True)
    except KizukiError as error:
        for problem in error.problems:
            console.print(str(problem), markup=False)
        console.print("モデルは使わず、ルールだけで続けます。")
