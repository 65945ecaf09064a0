"""What reading would store, as a table for whoever reads in: numbers of cases and choices, never a name or a written word."""

from __future__ import annotations

from collections import Counter

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.kernel.dates import wareki_short
from engine.records.case import HARDSHIP_LABELS
from kizuki.readback.planning import Line, Plan
from kizuki.readback.storing import Stored
from reports.blanks import BLANKS

_DECISIONS = {"案件": "判断", "無作為": "見立て", "台帳": ""}
_DAYS = {"見送り期限": "見送り", "次回見直し": "見直し", "終結日": "終結"}


def show_plan(plan: Plan, console: Console) -> None:
    """One line for each sheet or row on which something was written, then how many there are of each kind."""
    for run_id in dict.fromkeys(line.answers.record.identity.run_id for line in plan.lines):
        lines = [line for line in plan.lines if line.answers.record.identity.run_id == run_id]
        run = plan.runs[run_id]
        table = Table(title=f"実行 {run_id}(会議 {wareki_short(run.meeting_on)})", title_justify="left", box=box.SIMPLE)
        for heading in (
            "番号",
            "シート",
            "判断・見立て",
            "期限など",
            "結果",
            "気づき",
            "確かめた困難",
            "文",
            "読み取り",
        ):
            table.add_column(heading, overflow="fold")
        for line in lines:
            if line.state != "記入なし":
                table.add_row(*map(Text, _row(line)))
        if table.row_count:
            console.print(table)
        counts = Counter(line.state for line in lines)
        words = "、".join(f"{state} {count}件" for state, count in sorted(counts.items()))
        console.print(f"実行 {run_id}: {words}", markup=False)


def _row(line: Line) -> tuple[str, ...]:
    answers, identity = line.answers, line.answers.record.identity
    days = [f"{name} {wareki_short(day)}" for label, name in _DAYS.items() if (day := answers.day(label))]
    outcome_on = answers.day("結果の日")
    outcome = answers.text("結果") + (f"({wareki_short(outcome_on)})" if outcome_on else "")
    texts = sum(blank.kind == "文" and blank.label in answers.given for blank in BLANKS[identity.kind])
    return (
        f"{identity.kind}{identity.number:02d}",
        answers.record.spot.name,
        answers.text(_DECISIONS[identity.kind]),
        "、".join(days),
        outcome,
        answers.text("気づき"),
        "・".join(HARDSHIP_LABELS[kind] for kind in answers.types("確かめた困難")),
        f"{texts}欄" if texts else "",
        line.state,
    )


def show_warnings(plan: Plan, console: Console) -> None:
    """What may have been forgotten; nothing stops by it."""
    for warning in plan.warnings:
        console.print(str(warning), markup=False)


def show_stored(stored: Stored, console: Console) -> None:
    """Where it was written, or that nothing was new."""
    if stored.conference is None and stored.feedback is None:
        console.print("前に読み取ったときから変わったところはありません。何も保存していません。")
        return
    if stored.conference is not None:
        console.print(
            f"会議で書かれたことを保存しました({stored.words}件): {stored.conference.resolve()}", markup=False
        )
    if stored.feedback is not None:
        console.print(
            f"モデルの学習に使う結果を保存しました({stored.findings}件): {stored.feedback.resolve()}", markup=False
        )
    console.print("会議で書かれたことには個人情報が含まれます。控えも、作業フォルダと同じ扱いにしてください。")
