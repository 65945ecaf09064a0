"""The command line: what a user can do, verb by verb. Each command only reads its arguments and calls one function."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.kernel.errors import ExitStatus
from kizuki import __version__
from kizuki.audit.cli import audit
from kizuki.authoring.cli import rules
from kizuki.console import console, run_command
from kizuki.disclosure.cli import disclosure
from kizuki.handout.cli import handout
from kizuki.model.cli import model
from kizuki.options import AS_OF, WORKSPACE
from kizuki.outcomes.cli import outcomes
from kizuki.readback.cli import readback
from kizuki.trace.cli import trace


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="例: kizuki init 作業 && kizuki demo-city 作業 --people 5000 && kizuki run -w 作業",
)
@click.version_option(__version__, prog_name="kizuki", message="%(prog)s %(version)s")
def kizuki() -> None:
    """こどもと家庭の困難に早く気づくための支援ツール。判断は人が行います。"""


@kizuki.command(epilog="例: kizuki init /data/kizuki --city 見本市")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="フォルダ")
@click.option("--city", default="見本市", metavar="名前", help="市の名前")
@click.option(
    "--starter", type=click.Path(path_type=Path, exists=True), metavar="フォルダ", help="rulebooksとsourcesのひな形"
)
def init(folder: Path, city: str, starter: Path | None) -> None:
    """作業フォルダをつくります。"""
    from kizuki.workspace_files import make_workspace

    workspace = make_workspace(folder, city, starter=starter)
    console.print(f"作業フォルダをつくりました: {workspace.root.resolve()}", markup=False)
    console.print(
        f"受領データは {workspace.deliveries.resolve()} に、基準日のフォルダをつくって置いてください。", markup=False
    )


@kizuki.command("demo-city", epilog="例: kizuki demo-city 作業 --people 5000 --weeks 4 --seed 7")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="フォルダ")
@click.option(
    "--people", default=113_471, show_default=True, type=click.IntRange(300, 5_000_000), metavar="人数", help="人口"
)
@click.option(
    "--weeks", default=4, show_default=True, type=click.IntRange(1, 26), metavar="週", help="受領データの週の数"
)
@click.option("--seed", default=20261120, show_default=True, metavar="数", help="同じ数なら同じ市になります")
def demo_city(folder: Path, people: int, weeks: int, seed: int) -> None:
    """架空の市の受領データ(15種類のCSV)をつくります。実在の人は含みません。"""
    from kizuki.demo import make_demo_city

    make_demo_city(folder, people=people, weeks=weeks, seed=seed, console=console)


@kizuki.command(epilog="例: kizuki run -w 作業 --as-of 2026-11-20")
@WORKSPACE
@AS_OF
def run(workspace: Path, as_of: date | None) -> int:
    """週次の処理を通しで行い、会議資料をつくります。"""
    from kizuki.pipeline import run_week
    from kizuki.summary import print_summary

    outcome = run_week(workspace, as_of, console)
    print_summary(outcome, console)
    return int(ExitStatus.OK if outcome.engines_agree else ExitStatus.DISAGREEMENT)


@kizuki.command(epilog="例: kizuki demo demo --people 20000")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="フォルダ")
@click.option(
    "--people", default=113_471, show_default=True, type=click.IntRange(300, 5_000_000), metavar="人数", help="人口"
)
@click.option("--weeks", default=4, show_default=True, type=click.IntRange(1, 26), metavar="週", help="週の数")
@click.option("--seed", default=20261120, show_default=True, metavar="数", help="同じ数なら同じ市になります")
@click.option(
    "--model",
    "with_model",
    is_flag=True,
    help="最後の週の前にモデルをつくって承認し、最後の週の一覧で何が加わるかを見る(時間がかかります)",
)
def demo(folder: Path, people: int, weeks: int, seed: int, with_model: bool) -> int:
    """架空の市をつくり、数週分の処理を通しで動かします(フォルダの前の内容は消えます)。"""
    from kizuki.demo import run_demo

    return run_demo(folder, people=people, weeks=weeks, seed=seed, console=console, with_model=with_model)


kizuki.add_command(rules)
kizuki.add_command(disclosure)
kizuki.add_command(trace)
kizuki.add_command(audit)
kizuki.add_command(model)
kizuki.add_command(handout)
kizuki.add_command(readback)
kizuki.add_command(outcomes)


def main() -> None:
    """Entry point of the console script."""
    run_command(lambda: kizuki.main(standalone_mode=False))
