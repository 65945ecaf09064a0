"""`kizuki readback …`: only reads its arguments and calls one function."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from kizuki.console import console
from kizuki.options import WORKSPACE

_EPILOG = (
    "例: kizuki readback 会議資料.xlsx --dry-run -w 作業 のあと kizuki readback 会議資料.xlsx --by 家庭相談係長 -w 作業"
)


@click.command("readback", epilog=_EPILOG)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="ファイル…",
)
@WORKSPACE
@click.option(
    "--dry-run", is_flag=True, help="何が保存されるかを示すだけで、何も保存しない(先にこちらで確かめてください)"
)
@click.option("--by", default="", metavar="名前", help="読み取る人の役職や氏名(保存するときは必ず書く)")
@click.option("--use", multiple=True, metavar="シート", help="同じ世帯のシートが2枚以上あるとき、使うシートの名前")
@click.option("--accept", multiple=True, metavar="シート", help="印刷された内容が変わっていても取り込むシートの名前")
@click.option(
    "--missing", type=click.Choice(["none"]), help="戻ってこなかったシートには何も書かれていないものとする(none)"
)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="ファイル",
    help="パスワードのかかったブックのパスワードを1行目に書いたファイル(なければ画面でたずねます)",
)
def readback(
    files: tuple[Path, ...],
    workspace: Path,
    dry_run: bool,
    by: str,
    use: tuple[str, ...],
    accept: tuple[str, ...],
    missing: str | None,
    password_file: Path | None,
) -> None:
    """会議で書き込んだ資料を読み取り、判断と結果を残します。次の一覧、進行管理台帳、モデルの学習に使われます。"""
    from kizuki.handout.password import first_line
    from kizuki.readback.asking import Nobody, asker
    from kizuki.readback.command import read_back, today_on
    from kizuki.readback.planning import Wishes
    from reports.readback.package import needs_password

    who = asker()
    on_screen = not isinstance(who, Nobody)
    password = first_line(password_file) if password_file else None
    if password is None and on_screen and any(map(needs_password, files)):
        password = click.prompt("ブックのパスワード", hide_input=True)
    if not by and not dry_run and on_screen:
        by = click.prompt("読み取る人の役職や氏名")
    reading = today_on(datetime.now().astimezone().date(), by)
    wishes = Wishes(use=use, accept=accept, missing_is_none=missing == "none")
    read_back(workspace, files, reading, console, who=who, wishes=wishes, dry_run=dry_run, password=password)
