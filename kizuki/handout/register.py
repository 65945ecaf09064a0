"""`kizuki handout register`: the case register of a quarter, from what conferences wrote and from the records of their lists.

Opens the keyring, for the 実務者会議 speaks of children by name; names rejoin last, and nothing is written but the workbook in `out/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console

from engine.kernel.dates import month_end
from engine.kernel.errors import KizukiError, Place, Problem
from kizuki.options import WORKSPACE, Day

FIRST_MONTHS = {1: 4, 2: 7, 3: 10, 4: 1}
"""Quarters of a fiscal year (年度): the first begins in April."""
_GROUPINGS = ("見直し", "主担当")


@dataclass(frozen=True)
class Quarter:
    """The days of a quarter of a fiscal year, and what its file is called."""

    start: date
    end: date
    name: str


class QuarterOption(click.ParamType[Quarter]):
    """A quarter of a fiscal year as 2026Q3: October to December 2026."""

    name = "四半期"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Quarter:
        """The days meant; click refuses every other form in words."""
        if isinstance(value, Quarter):
            return value
        found = re.fullmatch(r"(\d{4})[-年度 ]*(?:Q|q|第)([1-4])(?:四半期)?", str(value).strip())
        if found is None:
            self.fail("四半期は 2026Q3(2026年度の第3四半期、10月から12月)の形で書いてください。", param, ctx)
        return quarter_of_year(int(found[1]), int(found[2]))


def quarter_of_year(fiscal_year: int, number: int) -> Quarter:
    """The days of one quarter.

    >>> quarter_of_year(2026, 4)
    Quarter(start=datetime.date(2027, 1, 1), end=datetime.date(2027, 3, 31), name='2026Q4')
    """
    start = date(fiscal_year + (number == 4), FIRST_MONTHS[number], 1)
    return Quarter(start, month_end(start + timedelta(days=62)), f"{fiscal_year}Q{number}")


def quarter_on(day: date) -> Quarter:
    """The quarter in which a day lies.

    >>> quarter_on(date(2027, 2, 3)).name
    '2026Q4'
    """
    number = (day.month - 4) % 12 // 3 + 1
    return quarter_of_year(day.year - (day.month < 4), number)


@click.command("register", epilog="例: kizuki handout register --quarter 2026Q3 -w 作業")
@WORKSPACE
@click.option(
    "--quarter",
    type=QuarterOption(),
    metavar="年度Q番号",
    help="年度の四半期(2026Q3は10月から12月。既定は今日の四半期)",
)
@click.option("--from", "start", type=Day(), metavar="年-月-日", help="期間の始めの日(--quarter の代わりに)")
@click.option("--to", "end", type=Day(), metavar="年-月-日", help="期間の終わりの日")
@click.option(
    "--group", "grouping", type=click.Choice(_GROUPINGS), default="見直し", show_default=True, help="何ごとに並べるか"
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="ファイル.xlsx", help="書き出す先(既定はout)"
)
def register(
    workspace: Path, quarter: Quarter | None, start: date | None, end: date | None, grouping: str, out: Path | None
) -> None:
    """実務者会議の進行管理台帳をつくります。会議で判断し、まだ終結していない世帯がすべて載ります(個人情報)。"""
    from kizuki.console import console

    today = datetime.now(UTC).astimezone().date()
    period = _period(quarter, start, end, today)
    print_register(workspace, period, out, console, today=today, grouping=grouping)


def _period(quarter: Quarter | None, start: date | None, end: date | None, today: date) -> Quarter:
    if quarter is not None and (start or end):
        raise click.UsageError("--quarter と、--from・--to は、どちらか一方だけ書けます。")
    if start is None and end is None:
        return quarter or quarter_on(today)
    begin = start or quarter_on(end or today).start
    until = end or quarter_on(begin).end
    if begin > until:
        raise KizukiError(
            Problem(
                Place("--from と --to"),
                "E-OUTCOME-10",
                "台帳の期間の始めの日が、終わりの日より後です。",
                "どの期間に受理・終結した世帯を数えるのか決まりません。",
                "日付を入れ替えるか、--quarter で四半期を示してください。",
            )
        )
    return Quarter(begin, until, f"{begin:%Y%m%d}-{until:%Y%m%d}")


def print_register(
    folder: Path, period: Quarter, out: Path | None, console: Console, *, today: date, grouping: str = "見直し"
) -> Path:
    """Write the register as known today and say where it lies and what stands on its front page.

    Raises KizukiError like a run, for rule files and records that cannot be read; E-OUTCOME-11 where the file cannot be written.
    """
    from filelock import FileLock

    from engine.linkage.keyring import open_keyring
    from engine.records.conference_store import read_conference
    from kizuki.handout.people import names_for_paper
    from kizuki.handout.register_facts import known_of
    from kizuki.handout.templates import template_of
    from kizuki.handout_key import sealing
    from kizuki.settings import open_workspace
    from reports.register.book import register_bytes, write_register
    from reports.register.rows import make_register

    workspace, settings = open_workspace(folder)
    with FileLock(workspace.root / ".lock", timeout=0):
        seal = sealing(workspace)
        keyring = open_keyring(workspace.keyring, may_create=False)
    entries = read_conference(workspace.conference).entries
    households = {entry.decision.household_key for entry in entries}
    protected = keyring.protected_households() | keyring.protected_people()
    newest_run, known = known_of(workspace, settings, {e.decision.run_id for e in entries}, households, protected)
    made = make_register(settings.city.name, entries, known, on=today, start=period.start, end=period.end)
    rows = (*made.open, *made.closed)
    keys = {member.key for row in rows for member in row.case.members}
    keys |= {child.child_key for row in rows for child in row.case.children}
    names = names_for_paper(keyring, keys)
    template = template_of(workspace, "進行管理台帳")
    content = register_bytes(
        made,
        names,
        newest_run,
        grouping="主担当" if grouping == "主担当" else "見直し",
        template=template.path,
        seal=seal,
        agencies=settings.conference.agencies,
    )
    path = write_register(content, out or workspace.out / f"register_{period.name}.xlsx")
    console.print(
        f"台帳にある世帯 {len(made.open):,}(見直しの期限が過ぎている {made.overdue:,}、まだ連絡がとれていない {made.without_contact:,})、"
        f"期間内に受理 {made.received:,}、終結 {len(made.closed):,}",
        markup=False,
    )
    console.print(f"進行管理台帳: [bold]{path.resolve()}[/bold]", soft_wrap=True)
    console.print(template.told, markup=False)
    return path
