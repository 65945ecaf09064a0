"""The group `kizuki handout`. What its commands need is imported when they run: every --help is there at once."""

from __future__ import annotations

import click

from kizuki.handout.dashboard import dashboard
from kizuki.handout.register import register


@click.group("handout", epilog="例: kizuki handout make 最新 --case 案件03 -w 作業")
def handout() -> None:
    """会議資料をもう一度つくり、テンプレートを確かめ、PDFにします。進行管理台帳もここでつくります。"""


handout.add_command(register)
handout.add_command(dashboard)
