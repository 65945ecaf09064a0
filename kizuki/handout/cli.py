"""The group `kizuki handout`. What its commands need is imported when they run: every --help is there at once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from kizuki.console import console
from kizuki.handout.dashboard import dashboard
from kizuki.handout.register import register
from kizuki.options import WORKSPACE, RunNumber

_KINDS = ("会議資料", "個票", "進行管理台帳")
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("handout", epilog="例: kizuki handout make 最新 --case 案件03 -w 作業")
def handout() -> None:
    """会議資料をもう一度つくり、テンプレートを確かめ、PDFにします。進行管理台帳もここでつくります。"""


_MAKE = """例:

\b
kizuki handout make -w 作業                             いちばん新しい回の会議資料をもう一度
kizuki handout make R20261120-01 --copies 8 -w 作業     番号を振った8部
kizuki handout make --case 案件03 -w 作業               案件03だけの個票
kizuki handout make --password -w 作業                  パスワードをかけて(画面で2回たずねます)"""


@handout.command(epilog=_MAKE)
@click.argument("run", type=RunNumber(), default="最新", metavar="[実行]")
@WORKSPACE
@click.option(
    "--copies",
    type=click.IntRange(1, 100),
    default=1,
    metavar="部数",
    help="2以上なら、番号を振ったファイルを部数だけつくる",
)
@click.option("--case", "cases", multiple=True, metavar="案件03", help="この案件だけをつくる(何度でも書けます)")
@click.option(
    "--template", type=_FILE, metavar="ファイル", help="使うテンプレート(既定は作業フォルダの templates、なければ標準)"
)
@click.option(
    "--kind",
    type=click.Choice(_KINDS[:2]),
    help="会議資料(一覧と世帯票)か、個票(世帯票だけ)。既定は、--case があれば個票",
)
@click.option("--password", "ask", is_flag=True, help="開くときのパスワードをかける(画面で2回たずねます)")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="ファイル",
    help="パスワードを1行目に書いたファイル",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="ファイルかフォルダ",
    help="書き出す先(既定は out のその回のフォルダ)",
)
def make(
    run: str | None,
    workspace: Path,
    copies: int,
    cases: tuple[str, ...],
    template: Path | None,
    kind: str | None,
    ask: bool,
    password_file: Path | None,
    out: Path | None,
) -> None:
    """実行の記録から、会議資料をもう一度つくります(氏名が載ります)。いまあるファイルは上書きしません。"""
    from kizuki.handout.making import Wanted, make_handout
    from kizuki.handout.password import wanted_password

    wanted = Wanted(
        kind="個票" if kind == "個票" or (kind is None and cases) else "会議資料",
        cases=cases,
        copies=copies,
        template=template,
        password=wanted_password(ask, password_file),
        out=out,
    )
    make_handout(workspace, run, wanted, console, at=datetime.now().astimezone())


@handout.command(
    short_help="標準のテンプレートを写し、Excelで直せるようにします。",
    epilog="例: kizuki handout template 会議資料 -w 作業 のあと、Excelで直して kizuki handout check-template 作業/templates/conference.xlsx",
)
@click.argument("kind", type=click.Choice(_KINDS), default="会議資料", metavar="[種類]")
@WORKSPACE
def template(kind: str, workspace: Path) -> None:
    """標準のテンプレートを作業フォルダの templates に写します。写したものはExcelで直せ、次の回から使われます。"""
    from kizuki.handout.templates import KINDS, take_template
    from kizuki.settings import open_workspace

    path = take_template(open_workspace(workspace)[0], next(one for one in KINDS if one == kind))
    console.print(f"テンプレートを写しました: {path.resolve()}", markup=False)
    console.print(
        "Excelで直したら、kizuki handout check-template でまちがいがないかを確かめてください。標準に戻すときは、このファイルを消します。"
    )


@handout.command(
    short_help="会議資料をPDFにします(LibreOfficeが要ります)。",
    epilog="例: kizuki handout pdf -w 作業",
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="[ファイル…]")
@WORKSPACE
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="フォルダ",
    help="PDFを置くフォルダ(既定は資料と同じ所)",
)
def pdf(files: tuple[Path, ...], workspace: Path, out: Path | None) -> None:
    """会議資料をPDFにします(LibreOfficeが要ります)。ファイルを書かなければ、いちばん新しい回の会議資料です。"""
    from kizuki.handout.pdf import print_pdfs

    print_pdfs(workspace, files, out, console)


@handout.command("check-template", epilog="例: kizuki handout check-template 作業/templates/conference.xlsx")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="ファイル")
@click.option("--kind", type=click.Choice(_KINDS), help="何のテンプレートか(書かなければ、いちばん合うもの)")
def check_template(file: Path, kind: str | None) -> None:
    """テンプレートに架空の資料を入れてみて、まちがいをまとめて示します。写らないものがあれば知らせます。"""
    from kizuki.handout.checking import check
    from kizuki.handout.templates import KINDS

    check(file, next((one for one in KINDS if one == kind), None), console)


@handout.command(epilog="例: kizuki handout fields 会議資料")
@click.argument("kind", type=click.Choice(_KINDS), default="会議資料", metavar="[種類]")
def fields(kind: str) -> None:
    """テンプレートに書ける項目を、意味と例を添えて示します。記入欄の名前も示します。"""
    from kizuki.handout.checking import fields_text
    from kizuki.handout.templates import KINDS

    console.print("\n".join(fields_text(next(one for one in KINDS if one == kind))), markup=False)


handout.add_command(register)
handout.add_command(dashboard)
