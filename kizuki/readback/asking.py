"""What only people can say about doubtful sheets, asked on a terminal one after the other; elsewhere options say it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import click

from kizuki.readback.planning import Missing, Plan, Wishes, edited_problem
from reports.readback.copies import Copies
from reports.readback.records import SheetRecord


class Asker(Protocol):
    """Who answers. None where the question stays open, so that nothing is read in."""

    def which(self, copies: Copies) -> str | None:
        """Which of several copies counts, by name."""

    def accept(self, record: SheetRecord) -> bool | None:
        """Whether a sheet whose printed values were changed is to be read."""

    def is_nothing(self, missing: Missing) -> bool | None:
        """Whether nothing was written on the sheets that did not come back."""

    def may_store(self) -> bool:
        """Whether what was shown is to be stored."""


class Nobody:
    """No terminal: everything stays open, and is told as a problem with the option that answers it."""

    def which(self, copies: Copies) -> str | None:
        """Nobody knows."""
        return None

    def accept(self, record: SheetRecord) -> bool | None:
        """Nobody knows."""
        return None

    def is_nothing(self, missing: Missing) -> bool | None:
        """Nobody knows."""
        return None

    def may_store(self) -> bool:
        """Whoever named himself and asked for no dry run wants it stored."""
        return True


class OnTerminal:
    """Asks on the screen. The sheets' names are shown, nothing that was written on them."""

    def which(self, copies: Copies) -> str | None:
        """By its number; 0 leaves it open."""
        click.echo(copies.problem().what)
        for number, (record, name) in enumerate(zip(copies.candidates, copies.names(), strict=True), start=1):
            click.echo(f"  {number}: {name}({'空' if record.is_blank else f'{len(record.written)}欄に記入あり'})")
        answer = click.prompt(
            "どれを使いますか(0: 決めない)", type=click.IntRange(0, len(copies.candidates)), default=0
        )
        return copies.candidates[answer - 1].spot.full_name if answer else None

    def accept(self, record: SheetRecord) -> bool | None:
        """はい reads it, いいえ leaves the sheet out."""
        problem = edited_problem(record)
        click.echo(f"{problem.what}{problem.why}")
        return click.confirm("それでもこのシートに書かれたことを取り込みますか(はい y / いいえ n)", default=False)

    def is_nothing(self, missing: Missing) -> bool | None:
        """はい goes on without them."""
        click.echo(f"実行 {missing.run_id} の{missing.words} が、戻ってきたファイルにありません。")
        return click.confirm("書かれたことがないものとして進めますか(はい y / いいえ n)", default=False) or None

    def may_store(self) -> bool:
        """Asked once more below the table."""
        return click.confirm("この内容で保存しますか(はい y / いいえ n)", default=False)


def asker() -> Asker:
    """The terminal, or nobody."""
    return OnTerminal() if sys.stdin.isatty() and sys.stdout.isatty() else Nobody()


def settle(plan_with: Callable[[Wishes], Plan], wishes: Wishes, who: Asker) -> tuple[Plan, Wishes]:
    """Ask until nothing more can be answered: one answer can raise the next question."""
    while True:
        plan = plan_with(wishes)
        answered = _answered(plan, wishes, who)
        if answered == wishes:
            return plan, wishes
        wishes = answered


def _answered(plan: Plan, wishes: Wishes, who: Asker) -> Wishes:
    for copies in plan.copies:
        if name := who.which(copies):
            wishes = replace(wishes, use=(*wishes.use, name))
    for record in plan.edited:
        answer = who.accept(record)
        if answer is True:
            wishes = replace(wishes, accept=(*wishes.accept, record.spot.full_name))
        elif answer is False:
            wishes = replace(wishes, leave=(*wishes.leave, record.spot.full_name))
    if plan.missing and all(who.is_nothing(missing) for missing in plan.missing):
        wishes = replace(wishes, missing_is_none=True)
    return wishes
