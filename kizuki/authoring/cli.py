"""`kizuki rules …`: the author's commands. Each only reads its arguments and calls one function."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.kernel.errors import ExitStatus
from kizuki.console import console
from kizuki.options import AS_OF, WORKSPACE


@click.group(epilog="例: kizuki rules check -w 作業")
def rules() -> None:
    """ルールブックを書き、確かめ、承認します。"""


@rules.command("check", epilog="例: kizuki rules check -w 作業")
@WORKSPACE
@AS_OF
def rules_check(workspace: Path, as_of: date | None) -> None:
    """書き方・項目・値・例のそろい方を、すべてのルールブックについて一度に調べます。"""
    from kizuki.authoring.check import check_rules

    check_rules(workspace, as_of, console)


@rules.command("test", epilog="例: kizuki rules test --scenario YC-03 --show all -w 作業")
@WORKSPACE
@AS_OF
@click.option("--scenario", metavar="番号", help="このシナリオの例だけを試す(例 YC-03)")
@click.option(
    "--show", type=click.Choice(["failed", "all"]), default="failed", help="合わない例だけ(failed)か、すべて(all)を1行ずつ示す"
)
def rules_test(workspace: Path, as_of: date | None, scenario: str | None, show: str) -> int:
    """ルールブックに書かれた例(試験)を動かし、結果が合うかと、どの行が試されたかを示します。"""
    from kizuki.authoring.examples import run_rule_examples

    passed = run_rule_examples(workspace, as_of, console, scenario=scenario, show_all=show == "all")
    return int(ExitStatus.OK if passed else ExitStatus.RULEBOOK)
