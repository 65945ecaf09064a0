"""The summary at the end of a run, as a section chief reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from rich import box
from rich.console import Console
from rich.table import Table

from engine.kernel.dates import wareki, wareki_short
from engine.kernel.errors import Problem
from engine.records.case import Casebook, Change, SourceStatus
from engine.records.conference import DECISIONS
from kizuki.pipeline import Outcome
from kizuki.rules.changes import summary_lines

_KEYS_SHOWN = 5


def grouped_notices(warnings: Sequence[Problem]) -> list[str]:
    """One line for each kind of notice: how many, in which files; the texts themselves are in the notices file."""
    kinds: dict[str, list[Problem]] = {}
    for warning in warnings:
        kinds.setdefault(warning.code, []).append(warning)
    lines = []
    for code, found in sorted(kinds.items()):
        files = list(dict.fromkeys(Path(warning.place.file).name for warning in found))
        shown = "、".join(files[:3]) + (f"ほか{len(files) - 3}件" if len(files) > 3 else "")
        lines.append(
            f"{code} {found[0].what.split('。')[0]}{'など' if len(found) > 1 else ''}({len(found)}件: {shown})"
        )
    return lines


def urgent_alarm(sources: Sequence[SourceStatus]) -> str:
    """The line about urgent calls of which nobody has made sure whose they are; empty if there is none."""
    urgent = sum(source.urgent_unlinked for source in sources)
    if not urgent:
        return ""
    return (
        f"だれの記録か確かめられていない緊急連絡が{urgent}件あります。会議を待たず、通常の通告手順で確かめてください"
        "(keyring/review と quarantine)"
    )


def silent_holes(sources: Sequence[SourceStatus]) -> list[str]:
    """Where silence must not be read as "no": rows that are nobody's, periods that were delivered for nobody."""
    lines = [
        f"だれのものか読めない行が{source.unattributed}件あります({source.label})。この源の「記録なし」は慎重に読んでください"
        for source in sources
        if source.unattributed
    ]
    for source in sources:
        if source.missing_periods:
            months = "、".join(f"{day.year}年{day.month}月" for day in source.missing_periods)
            lines.append(
                f"{source.label}の{months}の分が、だれについても届いていません。この月を含む条件は「不明」になります"
            )
    return lines


def model_line(book: Casebook) -> str:
    """What a model did this week, or that the rules alone decided, and why."""
    model = book.model
    if model is None:
        return f"モデル  {book.model_note or '使っていません。'}ルールだけで判定しました"
    kept = f"、うち外れにくさの決まりで残る延べ{model.kept:,}人" if model.kept else ""
    return (
        f"モデル  {model.model_id}(承認 {model.approved_by} {wareki_short(model.approved_on)})  "
        f"1段上げたこども {model.to_inquiry + model.to_active:,}人(③→② {model.to_inquiry:,}人、②→① {model.to_active:,}人)  "
        f"帯「上」は延べ{model.in_high:,}人(予定 延べ{model.planned:,}人まで{kept})"
    )


def beside_the_list(book: Casebook) -> list[str]:
    """Who is apart because a conference decided so, and who was drawn by chance; nothing where there is nobody."""
    lines = []
    if book.apart:
        decisions = Counter(str(household.decision.decision) for household in book.apart)
        words = "・".join(f"{name}{decisions[name]}" for name in DECISIONS if decisions[name])
        lines.append(
            f"別に示す世帯  {len(book.apart)}世帯({words})  会議で決めた期限か新しい該当があるまで、一覧とは別に1行ずつ示します"
        )
    if book.drawn:
        lines.append(f"無作為に選んだこども  {len(book.drawn)}人(一覧に載っていない {book.drawn_from:,}人から)")
    return lines


def print_summary(outcome: Outcome, console: Console) -> None:
    """Deliveries, rows, people, tiers, list, verdicts, times, and where the handout is."""
    book = outcome.casebook
    console.print()
    console.print(
        f"[bold]週次の処理が終わりました[/bold]  {book.city}  基準日 {wareki(book.as_of, weekday=True)}  実行 {book.run_id}"
    )
    console.print()
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("受領データ", no_wrap=True)
    for name in ("時点", "状態"):
        table.add_column(name, no_wrap=True)
    for name in ("受領", "使用", "隔離", "未突合"):
        table.add_column(name, justify="right", no_wrap=True)
    for source in book.sources:
        state = "あり" if source.fresh else "古い" if source.as_of else "未着"
        day = wareki_short(source.as_of) if source.as_of else "―"
        table.add_row(
            source.label,
            day,
            state,
            f"{source.received:,}",
            f"{source.used:,}",
            f"{source.quarantined:,}",
            f"{source.unlinked:,}",
        )
    console.print(table)
    if urgent := urgent_alarm(book.sources):
        console.print(urgent, style="bold red", markup=False)
    for line in silent_holes(book.sources):
        console.print(line, style="yellow", markup=False)
    received, used, held = (sum(getattr(s, n) for s in book.sources) for n in ("received", "used", "quarantined"))
    console.print(
        f"受領 {received:,}行 = 使用 {used:,}行 + 隔離 {held:,}行(受領ファイル {outcome.files_known}件、うち今回 {outcome.files_new}件)"
    )
    console.print(
        f"住民 {outcome.people:,}人・{outcome.households:,}世帯 / 判定したこども {book.children_evaluated:,}人"
    )
    if outcome.age_unknown:
        console.print(f"生年月日が不明なため、こどもかどうか分からず判定していない住民 {outcome.age_unknown:,}人")
    counts = "  ".join(f"{mark} {number:,}人" for mark, number in book.tier_counts.items())
    console.print(f"一次絞り込み  {counts}")
    changes = {name: sum(case.change == name for case in book.cases) for name in get_args(Change)}
    words = "・".join(f"{name}{number}" for name, number in changes.items() if number or name != "見送り明け")
    over = sum(case.over_capacity for case in book.cases)
    console.print(
        f"会議の一覧  {len(book.cases)}世帯({words})  定員 {book.capacity}世帯、超過 {over}世帯、次回以降の②待ち {book.not_printed:,}世帯"
    )
    for line in beside_the_list(book):
        console.print(line, markup=False)
    console.print(model_line(book), style="bold red" if outcome.model_failed else None, markup=False)
    if book.similar_note:
        console.print(f"  {book.similar_note}", markup=False)
    for line in summary_lines(outcome.rule_changes):
        console.print(line, markup=False)
    for line in _second_opinion(outcome):
        console.print(line, style=None if outcome.engines_agree else "bold red", markup=False)
    if outcome.warnings:
        console.print(f"[yellow]注意[/yellow] {len(outcome.warnings)}件(詳しくは下の「受領データの注意」):")
        for line in grouped_notices(outcome.warnings):
            console.print(f"  ・{line}", markup=False)
    console.print()
    seconds = sum(stage.wall_ms for stage in outcome.stages) / 1000
    peak = max((stage.peak_mb or 0 for stage in outcome.stages), default=0)
    console.print(f"時間 {seconds:.1f}秒" + (f"・最大メモリ {peak:,}MB" if peak else ""))
    if outcome.notices is not None:
        console.print(f"受領データの注意: {outcome.notices.resolve()}", markup=False)
    if outcome.differences is not None:
        console.print(f"再現の食い違いの表: {outcome.differences.resolve()}", style="bold red", markup=False)
    for path in outcome.quarantine_files:
        console.print(f"隔離した行: {path.resolve()}", markup=False)
    console.print(f"実行の記録: {outcome.run_folder.resolve()}", markup=False)
    for path in outcome.handouts:
        console.print(f"会議資料: [bold]{path.resolve()}[/bold]")
    console.print(f"画面で見る週の状況(氏名なし): {outcome.dashboard.resolve()}", markup=False)


def _second_opinion(outcome: Outcome) -> list[str]:
    opinion = outcome.opinion
    lines = [f"再現：{opinion.verdict.value}  {opinion.note()}"]
    compared = f"比べた文とシナリオ {opinion.compared:,}件"
    if opinion.engine:
        compared += f"({opinion.engine}、始動{opinion.start_up_ms / 1000:.1f}秒・再計算{opinion.replay_ms / 1000:.1f}秒)"
    lines.append(f"  {compared}")
    if opinion.disagreeing:
        lines.append(f"  一覧から外したこども {len(opinion.disagreeing):,}人(整理番号は下の「再現の食い違いの表」にあります):")
        lines += [f"    {key}" for key in opinion.disagreeing[:_KEYS_SHOWN]]
        if len(opinion.disagreeing) > _KEYS_SHOWN:
            lines.append(f"    ほか{len(opinion.disagreeing) - _KEYS_SHOWN:,}人")
    return lines
