"""`kizuki outcomes`: the command only reads its arguments and calls one function."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from kizuki.console import console
from kizuki.options import WORKSPACE, Day


@click.command("outcomes", epilog="例: kizuki outcomes --from 2026-10-01 --to 2026-12-31 --out 集計.xlsx -w 作業")
@WORKSPACE
@click.option("--from", "start", type=Day(), metavar="年-月-日", help="この日からの会議(既定は最初の会議)")
@click.option("--to", "end", type=Day(), metavar="年-月-日", help="この日までの会議(既定は最後の会議)")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="ファイル.xlsx", help="表を書き出す先")
def outcomes(workspace: Path, start: date | None, end: date | None, out: Path | None) -> None:
    """会議の結果を集計します。連絡がとれるまでの日数、新しく気づいた世帯、気づきが合っていた割合などです。氏名は出ません。"""
    from kizuki.outcomes.command import show_outcomes

    today = datetime.now(UTC).astimezone().date()
    show_outcomes(workspace, start, end, out, console, today=today)
