"""`kizuki rules …`: the author's commands. Each only reads its arguments and calls one function."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from engine.kernel.errors import ExitStatus
from kizuki.console import console
from kizuki.options import AS_OF, WORKSPACE, Day, RunNumber


@click.group(epilog="例: kizuki rules check -w 作業")
def rules() -> None:
    """ルールブックを書き、確かめ、承認します。"""


@rules.command("check", epilog="例: kizuki rules check -w 作業")
@WORKSPACE
@AS_OF
@click.option("--strict", is_flag=True, help="注意があるときも、誤りと同じ終了状態(5)で終わる")
def rules_check(workspace: Path, as_of: date | None, strict: bool) -> int:
    """書き方、条件どうしの食い違いや重なり、例のそろい方を、すべてのルールについて一度に調べます。"""
    from kizuki.authoring.check import check_rules

    return int(check_rules(workspace, as_of, console, strict=strict))


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


@rules.command("approve", epilog="例: kizuki rules approve --by 家庭相談係長 --reason 欠席の目安を見直したため -w 作業")
@click.argument("files", nargs=-1, metavar="[ファイル]...")
@WORKSPACE
@click.option("--by", required=True, metavar="承認者", help="承認した人の役職や氏名")
@click.option("--reason", required=True, metavar="理由", help="なぜ認めたか")
@click.option("--on", type=Day(), metavar="年-月-日", help="承認した日(既定は今日)")
@click.option("--raise", "raise_versions", is_flag=True, help="承認ずみの版のまま中身が変わったファイルの版を1つ上げる")
@click.option("--yes", is_flag=True, help="確かめずに承認する(手順書から動かすとき)")
def rules_approve(
    files: tuple[str, ...], workspace: Path, by: str, reason: str, on: date | None, raise_versions: bool, yes: bool
) -> None:
    """変わったルールを承認し、承認簿に書き足します(ファイルを書かなければ、変わったものすべて)。"""
    from kizuki.authoring.approve import Signature, approve_rules, confirmed_on_a_terminal

    today = datetime.now(UTC).astimezone().date()
    approve_rules(
        workspace,
        Signature(by, on or today, reason),
        console,
        today=today,
        names=files,
        raise_versions=raise_versions,
        confirm=lambda: yes or confirmed_on_a_terminal(),
    )


@rules.command("manual", epilog="例: kizuki rules manual --html -w 作業")
@WORKSPACE
@AS_OF
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="フォルダ", help="書き出す先(既定は作業フォルダのout)"
)
@click.option("--html/--md", "html", default=None, help="HTMLだけ、またはMarkdownだけをつくる(既定は両方)")
@click.option("--english", is_flag=True, help="英訳の付録を付ける")
def rules_manual(workspace: Path, as_of: date | None, out: Path | None, html: bool | None, english: bool) -> None:
    """ルールブックを、人が読んで確かめる冊子(HTMLとMarkdown)にします。"""
    from kizuki.authoring.manual import print_manual

    print_manual(workspace, as_of, out, console, html=html is not False, markdown=html is not True, english=english)


@rules.command("sql", epilog="例: kizuki rules sql --as-of 2026-11-20 --out 条件.sql -w 作業")
@WORKSPACE
@AS_OF
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="ファイル.sql",
    help="書き出す先(既定は作業フォルダのout)",
)
def rules_sql(workspace: Path, as_of: date | None, out: Path | None) -> None:
    """条件とシナリオを、監査する人が読んで動かせるSQL(DuckDB)に書き出します。"""
    from kizuki.authoring.sql import write_sql

    write_sql(workspace, as_of, out, console)


@rules.command("impact", epilog="例: kizuki rules impact --against R20261120-01 --out 影響.xlsx -w 作業")
@WORKSPACE
@click.option("--against", type=RunNumber(), metavar="実行", help="比べる実行の番号(既定は最新)")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="ファイル.xlsx", help="表をこのファイルにも書き出す")
def rules_impact(workspace: Path, against: str | None, out: Path | None) -> int:
    """直したルールで、前の実行の一覧がどう変わるかを、同じ事実で比べて示します。"""
    from kizuki.authoring.impact.command import show_impact

    return int(ExitStatus.OK if show_impact(workspace, against, out, console) else ExitStatus.DISAGREEMENT)


@rules.command("fmt", epilog="例: kizuki rules fmt young_carer.yaml --check -w 作業")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[ファイル]...")
@WORKSPACE
@click.option("--check", is_flag=True, help="書き直さずに、整えると変わるファイルだけを示す(あれば終了コード5)")
def rules_fmt(files: tuple[Path, ...], workspace: Path, check: bool) -> int:
    """ルールブックの書き方(文のことば・項目の順・字下げ)を整えます。意味と書き添え(#)は変わりません。"""
    from kizuki.authoring.fmt import format_rules

    return int(ExitStatus.OK if format_rules(workspace, files, check=check, console=console) else ExitStatus.RULEBOOK)


@rules.command("schema", epilog="例: kizuki rules schema -w 作業")
@WORKSPACE
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="ファイル",
    help="書き出す先(既定は rulebooks/rulebook.schema.json)",
)
def rules_schema(workspace: Path, out: Path | None) -> None:
    """エディタで入力候補と説明を出すための定義(JSON Schema)を、項目台帳からつくります。"""
    from kizuki.authoring.schema import write_schema

    write_schema(workspace, out, console)


@rules.command("new", epilog="例: kizuki rules new ヤングケアラー --from YC-03 -w 作業")
@click.argument("hardship_type", metavar="類型")
@WORKSPACE
@click.option("--number", metavar="番号", help="新しい番号(既定は次に空いている番号)")
@click.option("--from", "copied", metavar="番号", help="このシナリオを写して書きはじめる(例 YC-03)")
def rules_new(hardship_type: str, workspace: Path, number: str | None, copied: str | None) -> None:
    """新しいシナリオの書きはじめの形を、ルールブックの最後に書き足します(類型の例: ヤングケアラー、young_carer)。"""
    from kizuki.authoring.new import new_scenario

    today = datetime.now(UTC).astimezone().date()
    new_scenario(workspace, hardship_type, number, copied, today, console)


@rules.command("draft", epilog="例: kizuki rules draft ヤングケアラー --case 案件03 -w 作業")
@click.argument("hardship_type", metavar="類型")
@WORKSPACE
@click.option(
    "--household",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="ファイル",
    help="世帯の例(試験の「事実」と同じ書き方のYAML)",
)
@click.option("--case", metavar="番号", help="一覧の案件番号(例 案件03)か、こどもの整理番号")
@click.option("--run", "run_id", type=RunNumber(), metavar="実行", help="--case の実行の番号(既定は最新)")
@click.option("--append", is_flag=True, help="画面に示すかわりに、ルールブックの最後に書き足す")
def rules_draft(
    hardship_type: str, workspace: Path, household: Path | None, case: str | None, run_id: str | None, append: bool
) -> None:
    """世帯の例から、当てはまる文を並べたシナリオの下書きをつくります(要らない行を消して仕上げます)。"""
    from kizuki.authoring.draft import draft_scenario

    today = datetime.now(UTC).astimezone().date()
    draft_scenario(
        workspace,
        hardship_type,
        household=household,
        case=case,
        run_id=run_id,
        append=append,
        today=today,
        console=console,
    )
