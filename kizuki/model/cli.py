"""`kizuki model …`: each command only reads its arguments and calls one function."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from engine.kernel.errors import ExitStatus
from kizuki.console import console
from kizuki.options import AS_OF, WORKSPACE, Day, RunNumber

_MODEL = click.argument("model_id", required=False, metavar="[モデル]")


@click.group(epilog="例: kizuki model status -w 作業")
def model() -> None:
    """モデル(確率の重ね合わせ)をつくり、確かめ、使うかどうかを決めます。モデルは区分を1段上げることしかできません。"""


@model.command("train", epilog="例: kizuki model train --as-of 2026-11-20 -w 作業")
@WORKSPACE
@AS_OF
def train(workspace: Path, as_of: date | None) -> None:
    """保管した事実からモデルをつくり、確かめた結果と説明書(モデルカード)を添えて models に置きます。使うのは承認してからです。"""
    from kizuki.model.training import train_model

    train_model(workspace, as_of, console)


@model.command("evaluate", epilog="例: kizuki model evaluate M20261120-3f9a0c41d2b7 -w 作業")
@_MODEL
@WORKSPACE
def evaluate(model_id: str | None, workspace: Path) -> int:
    """モデルを確かめた結果(ルールだけ・モデルだけ・両方の比べ、集団ごとの差、漏れの疑い)を示します(既定は最新のモデル)。"""
    from kizuki.model.showing import show_evaluation

    return int(ExitStatus.OK if show_evaluation(workspace, model_id, console) else ExitStatus.MODEL)


@model.command("card", epilog="例: kizuki model card --out モデルカード.html -w 作業")
@_MODEL
@WORKSPACE
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="ファイル.html",
    help="書き出す先(既定は作業フォルダのout)",
)
def card(model_id: str | None, workspace: Path, out: Path | None) -> None:
    """モデルの説明書(モデルカード)を、印刷できるHTMLにします(既定は最新のモデル)。"""
    from kizuki.model.showing import write_card

    write_card(workspace, model_id, out, console)


@model.command(
    "approve",
    epilog="例: kizuki model approve M20261120-3f9a0c41d2b7 --by 家庭相談係長 --reason 説明書を確かめたため -w 作業",
)
@click.argument("model_id", metavar="モデル")
@WORKSPACE
@click.option("--by", required=True, metavar="承認者", help="承認した人の役職や氏名")
@click.option("--reason", required=True, metavar="理由", help="なぜ認めたか")
@click.option("--on", type=Day(), metavar="年-月-日", help="承認した日(既定は今日)")
@click.option("--yes", is_flag=True, help="確かめずに承認する(手順書から動かすとき)")
def approve(model_id: str, workspace: Path, by: str, reason: str, on: date | None, yes: bool) -> None:
    """説明書の要点と、いま使っているモデルとの違いを示し、次の実行から使うモデルとして承認簿に書き足します。"""
    from kizuki.model.approving import Signature, approve_model, confirmed_on_a_terminal

    today = datetime.now(UTC).astimezone().date()
    approve_model(
        workspace,
        model_id,
        Signature(by, on or today, reason),
        console,
        today=today,
        confirm=lambda: yes or confirmed_on_a_terminal(),
    )


@model.command("rollback", epilog="例: kizuki model rollback --by 家庭相談係長 --reason 警報が出たため -w 作業")
@WORKSPACE
@click.option("--to", "model_id", metavar="モデル", help="このモデルに戻す(既定は1つ前に使っていたモデル)")
@click.option("--none", "no_model", is_flag=True, help="モデルを使わず、ルールだけにする")
@click.option("--by", required=True, metavar="承認者", help="決めた人の役職や氏名")
@click.option("--reason", required=True, metavar="理由", help="なぜ戻すか")
@click.option("--on", type=Day(), metavar="年-月-日", help="決めた日(既定は今日)")
def rollback(workspace: Path, model_id: str | None, no_model: bool, by: str, reason: str, on: date | None) -> None:
    """前に使っていたモデルに戻すか、モデルを使うのをやめます。次の実行から効きます。"""
    from kizuki.model.approving import Signature, roll_back

    today = datetime.now(UTC).astimezone().date()
    if model_id and no_model:
        raise click.UsageError("--to と --none は、どちらか一方だけを書いてください。")
    roll_back(workspace, model_id, Signature(by, on or today, reason), console, today=today, no_model=no_model)


@model.command("status", epilog="例: kizuki model status -w 作業")
@WORKSPACE
def status(workspace: Path) -> int:
    """どのモデルを、いつから、だれの承認で使っているかと、つくってあるモデルの一覧を示します。"""
    from kizuki.model.showing import show_status

    return int(ExitStatus.OK if show_status(workspace, console) else ExitStatus.MODEL)


@model.command("similar", epilog="例: kizuki model similar 案件03 -w 作業")
@click.argument("child", metavar="整理番号|案件番号")
@WORKSPACE
@click.option("--run", "run", type=RunNumber(), metavar="実行番号", help="どの実行のこどもか(既定は最新)")
def similar(child: str, workspace: Path, run: str | None) -> None:
    """登録の前のようすが近かった過去の世帯と、決めたこと、その後を示します。名前は出しません。"""
    from kizuki.model.similar import print_similar

    print_similar(workspace, child, run, console)


@model.command("discover", epilog="例: kizuki model discover --type 虐待 -w 作業")
@WORKSPACE
@AS_OF
@click.option(
    "--type", "types", multiple=True, metavar="類型", help="この類型だけを調べる(例 虐待、abuse。何度でも書ける)"
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="ファイル.md",
    help="見つかったことを書いた資料の書き出し先(既定は作業フォルダのout)",
)
def discover(workspace: Path, as_of: date | None, types: tuple[str, ...], out: Path | None) -> None:
    """過去の記録から、あとで手助けが要ると分かったこどもに多かった組み合わせを探し、シナリオの下書きにします。判定には使われません。"""
    from kizuki.model.discover import discover_scenarios

    discover_scenarios(workspace, types, as_of, out, console)
