"""`kizuki rules test`: the in-file examples line by line, and which sentences they exercise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

from rich.console import Console

from engine.evaluate.examples.coverage import Coverage, percentage
from engine.evaluate.examples.run import ExampleReport, ExampleRun, run_examples
from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import near_name
from engine.kernel.truth import Truth
from engine.rulebook.model import RulebookSet
from kizuki.rules.files import load_rule_files, newest_day
from kizuki.settings import open_workspace

_SHOWN_FLIPS = 4


def run_rule_examples(
    folder: Path, as_of: date | None, console: Console, *, scenario: str | None = None, show_all: bool = False
) -> bool:
    """Run the in-file examples; True if all gave what their authors expect and every sentence was exercised.

    Raises KizukiError (E-RUN-04) if `scenario` is none of the scenarios in force.
    """
    workspace, _ = open_workspace(folder)
    files = load_rule_files(workspace, as_of or newest_day(workspace))
    if scenario is not None:
        _require(scenario, files.rulebooks)
    labels = {source: layout.label for source, layout in files.layouts.items()}
    report = run_examples(files.rulebooks, files.vocabulary, labels)
    report = report if scenario is None else report.of(scenario)
    for line in report_lines(report, show_all=show_all):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return report.passed


def _require(scenario: str, rulebooks: RulebookSet) -> None:
    known = [one.id for one in rulebooks.scenarios]
    if scenario in known:
        return
    resting = next((book for book in rulebooks.rulebooks if scenario in book.not_in_force), None)
    near = near_name(scenario, known)
    raise KizukiError(
        Problem(
            Place("rulebooks"),
            "E-RUN-04",
            f"シナリオ「{scenario}」は、この基準日に有効なルールブックにありません。",
            "試す例がありません。",
            "「有効期間」の外です。--as-of で有効な日を指定してください。"
            if resting
            else f"「{near}」ではありませんか。"
            if near
            else "番号を確かめてください。",
        )
    )


def report_lines(report: ExampleReport, *, show_all: bool = False) -> Iterator[str]:
    """The report as an author reads it: failed examples (or all) line by line, then coverage, then problems."""
    passed = sum(run.passed for run in report.runs)
    yield f"試験 {len(report.runs)}件: 合格 {passed}件、不合格 {len(report.runs) - passed}件"
    for run in report.runs:
        if show_all or not run.passed:
            yield ""
            yield from _example(run)
    yield ""
    yield from _coverage(report.coverage, show_all)
    if report.problems:
        yield ""
        yield f"読めない例 {len(report.problems)}件"
        yield from map(str, report.problems)


def _example(run: ExampleRun) -> Iterator[str]:
    if run.passed:
        yield f"✓ {run.scenario_id} 例{run.number}「{run.title}」: {run.outcome}"
    else:
        yield f"✕ {run.scenario_id} 例{run.number}「{run.title}」: 期待は{run.expected}、結果は{run.outcome}です。({run.place})"
    for line in run.lines:
        heading = f"{line.part}: " if not line.depth else ""
        reasons = f"  ← {'、'.join(line.reasons)}" if line.reasons else ""
        yield f"{'  ' * (line.depth + 1)}{line.truth.mark} {heading}{line.text}{reasons}"
    if not run.passed:
        yield from _flips(run)


def _flips(run: ExampleRun) -> Iterator[str]:
    if not run.flips:
        yield f"  この例が{run.expected}になるには、2つ以上の行が変わらなければなりません。"
        return
    which = "次の行" if len(run.flips) == 1 else "次のどれか1行だけ"
    yield f"  この例が{run.expected}になるには、{which}が変われば足ります。例の事実か、条件のどちらかを見直してください。"
    for flip in run.flips[:_SHOWN_FLIPS]:
        yield f"    ・「{flip.text}」が {flip.now.mark} から {flip.needed.mark} になる"
    if len(run.flips) > _SHOWN_FLIPS:
        yield f"    ・ほか{len(run.flips) - _SHOWN_FLIPS}通り"


# ── coverage ──


def _coverage(coverage: Sequence[Coverage], show_all: bool) -> Iterator[str]:
    if not coverage:
        return
    gaps = [one for one in coverage if one.lacking]
    hints = [one for one in coverage if one.can_be_unknown and Truth.UNKNOWN not in one.seen]
    each = "、".join(f"{truth.mark}を見た {percentage(coverage, [truth])}%" for truth in Truth)
    yield f"条件の網羅 {percentage(coverage)}% ({each})"
    for title, own in _by_rulebook(coverage):
        yield f"  {title}: 文{len(own)}行 {percentage(own)}%"
    if gaps:
        yield ""
        yield "例で確かめられていない行(1つのシナリオの例のどれかで、○と×の両方になるようにしてください):"
        yield from (
            f"  {one.scenario_id} 「{one.text}」が{'にも'.join(one.lacking)}になる例がありません。" for one in gaps
        )
    if hints:
        yield ""
        where = "下の表の?の列を" if show_all else "`--show all` の表を"
        yield f"すすめ: 不明(?)になる例のない行が{len(hints)}行あります。データが届かないときの動きも確かめられます({where}見てください)。"
    if show_all:
        yield from _table(coverage)


def _by_rulebook(coverage: Iterable[Coverage]) -> Iterator[tuple[str, list[Coverage]]]:
    held: dict[str, list[Coverage]] = {}
    for one in coverage:
        held.setdefault(one.rulebook, []).append(one)
    yield from held.items()


def _table(coverage: Iterable[Coverage]) -> Iterator[str]:
    """Every line with the truths seen: ・ not seen, － cannot be."""
    yield ""
    yield "○ × ?  文(・はその答えになる例がない、－はその答えにならない行)"
    for scenario_id, own in groupby(coverage, key=lambda one: one.scenario_id):
        yield scenario_id
        for one in own:
            marks = " ".join(_mark(one, truth) for truth in Truth)
            kind = "参照" if one.refers else one.part
            yield f"  {marks}  {kind}: {one.text}"


def _mark(one: Coverage, truth: Truth) -> str:
    if truth not in one.wanted:
        return "－"
    return truth.mark if truth in one.seen else "・"
