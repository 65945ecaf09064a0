"""`kizuki audit …`: for the auditor. Each command only reads its arguments and calls one function."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from engine.kernel.errors import ExitStatus
from kizuki.console import console
from kizuki.options import WORKSPACE, RecordHead, RunNumber


@click.group(epilog="例: kizuki audit verify R20261120-01 -w 作業")
def audit() -> None:
    """実行の記録を監査します。"""


@audit.command("verify", epilog="例: kizuki audit verify R20261120-01 --out 検証.txt -w 作業")
@click.argument("run_id", type=RunNumber(), metavar="[実行]", required=False)
@WORKSPACE
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="ファイル.txt",
    help="結果をこのファイルにも書き出す",
)
@click.option(
    "--head",
    type=RecordHead(),
    metavar="見出し",
    help="会議資料の表紙にある「記録の見出し」(26字)。この資料が、この記録からつくられたものかも確かめる",
)
def audit_verify(run_id: str | None, workspace: Path, out: Path | None, head: str | None) -> int:
    """保管した受領データから判定を計算し直し、実行の記録(既定は最新)と1つずつ比べます。違えば終了コード11で終わります。"""
    from kizuki.audit.command import show_verification

    today = datetime.now(UTC).astimezone().date()
    confirmed = show_verification(workspace, run_id, out, console, today, head)
    return int(ExitStatus.OK if confirmed else ExitStatus.NOT_CONFIRMED)
