"""What stands on the command line of `kizuki trace`. Imports as little as it can: the trace is there within two seconds."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from kizuki.options import WORKSPACE, RunNumber

_EXAMPLES = """例:

\b
kizuki trace 案件03 -w 作業                      いちばん新しい実行の案件03
kizuki trace R20261120-01 PZ5QX4DK -w 作業       この実行の、この整理番号
kizuki trace 最新 案件03 --scenario YC-03        1つのシナリオだけを、全文で
kizuki trace 案件03 --out 監査                   HTMLとExcelの綴じ込み用の資料
kizuki trace PZ5QX4DK --why-not --facts          なぜ上の区分ではないか、事実も
kizuki trace --diff R20261113-01 最新 PZ5QX4DK   2つの実行で何が変わったか
kizuki trace --diff R20261113-01 最新            一覧の全体で何が変わったか"""

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog=_EXAMPLES)
@click.argument("words", nargs=-1, metavar="[実行] 整理番号または案件番号")
@WORKSPACE
@click.option("--run", "run_id", type=RunNumber(), metavar="実行", help="実行の番号(既定は最新)")
@click.option("--scenario", metavar="番号", help="このシナリオだけを、結果が何であっても全文で示す(例 YC-03)")
@click.option("--why-not", is_flag=True, help="なぜ上の区分ではないかを、近いシナリオから示す")
@click.option("--facts", is_flag=True, help="一覧に載っていないこどもの事実も、保管庫を開いて示す(時間がかかります)")
@click.option("--diff", nargs=2, type=RunNumber(), metavar="実行 実行", help="2つの実行で何が変わったかを示す")
@click.option("--html", "html", type=_FILE, metavar="ファイル", help="印刷できるHTMLに書く")
@click.option("--xlsx", "xlsx", type=_FILE, metavar="ファイル", help="Excelブックに書く")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="フォルダ",
    help="このフォルダにHTMLとExcelの両方を書く",
)
def trace(
    words: tuple[str, ...],
    workspace: Path,
    run_id: str | None,
    scenario: str | None,
    why_not: bool,
    facts: bool,
    diff: tuple[str | None, str | None] | None,
    html: Path | None,
    xlsx: Path | None,
    out: Path | None,
) -> None:
    """なぜその区分になったかを、区分から受領ファイルの行までたどって示します。氏名は出ません。"""
    from kizuki.console import console
    from kizuki.trace.command import Papers, print_difference, print_trace

    papers = Papers(html, xlsx, out)
    # Not `run_id is not None`: 最新, too, names a run.
    names_a_run = click.get_current_context().get_parameter_source("run_id") is not ParameterSource.DEFAULT
    if diff is not None:
        if len(words) > 1 or names_a_run or any((scenario, why_not, facts, papers.are_asked)):
            raise click.UsageError("--diff に添えられるのは、2つの実行と、こども1人(または案件1つ)だけです。")
        print_difference(workspace, diff, words[0] if words else None, console)
        return
    if not 1 <= len(words) <= 2 or (len(words) == 2 and names_a_run):
        raise click.UsageError("整理番号か案件番号を1つ書いてください。実行の番号は、その前か --run に、1つだけ書けます。")
    wanted_run = RunNumber().convert(words[0], None, None) if len(words) == 2 else run_id
    print_trace(workspace, words[-1], wanted_run, papers, console, scenario=scenario, why_not=why_not, facts=facts)
