"""The demonstration: a made-up city, several weeks of runs, and where the handout is."""

from __future__ import annotations

import shutil
import time
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console

from engine.kernel.errors import ExitStatus, KizukiError, Place, Problem
from kizuki.demo_city import build_demo_city
from kizuki.demo_conference.meeting import MadeUpConference
from kizuki.handout.register import print_register, quarter_on
from kizuki.outcomes.command import show_outcomes
from kizuki.pipeline import Outcome, run_week
from kizuki.progress import Stages
from kizuki.settings import SETTINGS_FILE
from kizuki.summary import print_summary
from kizuki.workspace_files import make_workspace

AFTER_THE_LAST = timedelta(days=4)
"""After the last conference that has met, until the quarterly meeting has the case register."""
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
    """Make the workspace and the city anew and run every week; between the weeks a made-up conference fills the handout in. Exit status as of `kizuki run`.

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
    conference = MadeUpConference(folder, seed)
    days = sorted(date.fromisoformat(path.name) for path in (folder / "deliveries").iterdir() if path.is_dir())
    for day, before in zip(days, [None, *days], strict=False):
        if with_model and day == days[-1] and before is not None:
            _take_a_model_into_use(folder, before, console)
        outcome = run_week(folder, day, console)
        if day == days[-1]:
            print_summary(outcome, console)
            _show_what_came_of_it(folder, conference, outcome.casebook.meeting_on, console)
        else:
            _let_it_meet(conference, outcome, console, is_last=day == days[-2])
        if not outcome.engines_agree:
            status = ExitStatus.DISAGREEMENT
    return int(status)


def _let_it_meet(conference: MadeUpConference, outcome: Outcome, console: Console, *, is_last: bool) -> None:
    """People who are made up fill the handout in; what they wrote is read back before the next list is made."""
    with Stages(console).stage("会議で書き込まれた資料を読み取る(架空の会議)"):
        conference.meet(outcome.casebook.run_id, outcome.handouts)
        if len(conference.held) > 1:
            conference.tell_what_came_of_it(conference.held[-2])
        if is_last:
            day = outcome.casebook.meeting_on + AFTER_THE_LAST
            out = conference.city / "out" / f"register_{day:%Y%m%d}.xlsx"
            printed = print_register(conference.city, quarter_on(day), out, Console(quiet=True), today=day)
            conference.fill_register(printed, day)


def _show_what_came_of_it(folder: Path, conference: MadeUpConference, today: date, console: Console) -> None:
    """Where the filled-in sheets, the case register and the outcomes are, as of the last conference's day; nothing of a single week, which nobody has met on."""
    if not conference.held:
        return
    console.print()
    decisions = "、".join(f"{name} {count}" for name, count in conference.decided.most_common())
    console.print(
        f"[bold]会議の結果(架空)[/bold]  {len(conference.held)}回の会議で、{conference.decided.total()}枚に判断が書かれました({decisions})。"
        f"何も書かれなかったもの {conference.blank}枚"
    )
    print_register(folder, quarter_on(today), None, console, today=today)
    show_outcomes(folder, None, None, folder / "out" / "outcomes.xlsx", Console(quiet=True), today=today)
    console.print(f"会議の結果の集計: {(folder / 'out' / 'outcomes.xlsx').resolve()}", markup=False, soft_wrap=True)
    first = conference.held[0].papers[0]
    filled = first.with_name(f"{first.stem}_filled{first.suffix}")
    console.print(f"書き込まれた会議資料(最初の週): {filled.resolve()}", markup=False, soft_wrap=True)


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
