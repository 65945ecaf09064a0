"""The command `kizuki disclosure`: reads its arguments, prints paths and counts, never a name or a value."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from kizuki.console import console
from kizuki.disclosure.requester import Requester
from kizuki.options import WORKSPACE, Day


@click.command(epilog="例: kizuki disclosure 0123456789 -w 作業 --for 本人 --born 2010-04-02 --reason 受付第12号")
@click.argument("person", metavar="宛名番号または整理番号")
@WORKSPACE
@click.option(
    "--for",
    "requester",
    type=click.Choice([one.value for one in Requester]),
    required=True,
    help="請求された方(法76条)。本人確認と代理権の確認は、窓口で先に済ませます",
)
@click.option("--born", type=Day(), metavar="年-月-日", help="本人確認書類の生年月日。番号の打ち間違いを防ぎます")
@click.option("--reason", default="", metavar="文", help="受付番号など(氏名は書かないでください)")
@click.option("--officer-checked", "officer", default="", metavar="職・氏名", help="内部確認用の紙を読み、渡してよいと決めた担当者")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="フォルダ", help="紙を置くフォルダ(既定は out/disclosure)")
def disclosure(
    person: str, workspace: Path, requester: str, born: date | None, reason: str, officer: str, out: Path | None
) -> None:
    """開示: ひとりの方について保管しているものを書き出します。ほかの方の情報は載せません。"""
    from kizuki.disclosure.command import disclose, officer_must_look

    made = disclose(
        workspace,
        person,
        Requester(requester),
        at=datetime.now().astimezone(),
        reason=reason.strip(),
        officer=officer.strip(),
        born_on=born,
        out=out,
    )
    console.print(f"内部確認用(渡さない): {made.internal}", markup=False)
    if made.handover is not None:
        console.print(f"開示用: {made.handover}", markup=False)
        console.print(
            f"載せた記録 {made.shown_kinds}種類 {made.shown_rows:,}件、載せなかったもの {made.withheld:,}項目、判定の記録 {made.runs:,}回分",
            markup=False,
        )
    console.print(f"開示の記録: {made.log}", markup=False)
    if made.handover is None:
        raise officer_must_look()
