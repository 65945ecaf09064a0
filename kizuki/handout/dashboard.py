"""`kizuki handout dashboard`: the page of any run made again, without names unless somebody asks for them and confirms it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from engine.kernel.errors import KizukiError, Place, Problem
from kizuki.options import WORKSPACE, RunNumber

if TYPE_CHECKING:
    from engine.audit.run_record import RunRecord

_WITH_NAMES = "週の状況(氏名あり)"


@click.command(
    "dashboard",
    short_help="週の状況を1つのHTMLにします(氏名は --names のときだけ)。",
    epilog="例: kizuki handout dashboard -w 作業",
)
@click.argument("run", type=RunNumber(), required=False, metavar="[実行番号]")
@WORKSPACE
@click.option("--names", is_flag=True, help="氏名・家族の図・会議で書かれたことを載せる(確かめてからつくります)")
@click.option("--yes", is_flag=True, help="確かめずに氏名を載せる(手順書から動かすとき)")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="ファイル.html", help="書き出す先(既定はout)"
)
def dashboard(run: str | None, workspace: Path, names: bool, yes: bool, out: Path | None) -> None:
    """週の状況を1つのHTMLにします(区分と類型、前回からの動き、一覧と理由)。氏名は、--names のときだけ載せます。"""
    from kizuki.console import console

    if yes and not names:
        raise click.UsageError("--yes は --names と一緒に書いてください。")
    confirm = (lambda: True) if yes or not names else confirmed_on_a_terminal
    at = datetime.now().astimezone()
    make_dashboard(workspace, run, console, with_names=names, out=out, confirm=confirm, at=at)


def make_dashboard(
    folder: Path,
    run: str | None,
    console: Console,
    *,
    with_names: bool,
    at: datetime,
    out: Path | None = None,
    confirm: Callable[[], bool] = lambda: True,
) -> Path | None:
    """Write the page of a run (None: the newest) under today's protection list and say where it lies; None where nobody confirmed the names.

    What conferences decided is told as it is known today, with what came of it since. A page with names is noted in `out/printed.jsonl`.
    Raises KizukiError as `rejoin` does, and E-REPORT-30.
    """
    from kizuki.conferences import read_in, without_words
    from kizuki.dashboard import DASHBOARD, write_dashboard
    from kizuki.handout.printed import append_printed
    from kizuki.handout.rejoined import rejoin

    if with_names and not confirm():
        console.print("つくりませんでした。", markup=False)
        return None
    week = rejoin(folder, run)
    name = DASHBOARD if not with_names else DASHBOARD.replace(".html", "_names.html")
    path = out or week.workspace.out / week.record.run_id / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = _before(week.record, console)
    agencies = week.settings.conference.agencies
    write_dashboard(
        path,
        week.casebook if with_names else without_words(week.casebook, agencies),
        week.record.decisions(),
        before,
        read_in(week.workspace.conference).known(week.record.as_of, week.casebook.meeting_on, agencies),
        week.head,
        identities=week.identities if with_names else None,
        texts=week.texts if with_names else {},
    )
    if with_names:
        append_printed(week.workspace.out, at, week.record.run_id, _WITH_NAMES, None, "", [path])
    told = "氏名あり。取り扱いに注意してください" if with_names else "氏名なし"
    console.print(f"画面で見る週の状況({told}): [bold]{path.resolve()}[/bold]", soft_wrap=True)
    return path


def _before(record: RunRecord, console: Console) -> RunRecord | None:
    """The run against which the record tells changes; None for the first, and, told on the screen, where it can no longer be read."""
    from engine.audit.runs import open_run

    run_id = record.manifest.get("previous_run")
    if run_id is None:
        return None
    try:
        before = open_run(record.folder.parent, run_id)
        before.decisions()
    except KizukiError:
        console.print(f"前回の実行({run_id})の記録を読めないため、前回からの動きは載せません。", markup=False)
        return None
    return before


def confirmed_on_a_terminal() -> bool:
    """Ask the person at the terminal. Raises KizukiError (E-REPORT-30) where nobody is there to answer."""
    if not sys.stdin.isatty():
        raise KizukiError(
            Problem(
                Place("--names"),
                "E-REPORT-30",
                "画面で確かめる人がいないため、氏名の入ったファイルはつくりませんでした。",
                "HTMLのファイルにはパスワードをかけられず、開いた人はだれでも氏名を読めます。",
                "画面から実行するか、置き場所を確かめたうえで --yes を付けてください。",
            )
        )
    click.echo("氏名の入ったファイルにはパスワードをかけられません。ファイルを開いた人は、だれでも読めます。")
    return click.confirm("氏名の入ったファイルをつくりますか(はい y / いいえ n)", default=False)
