"""`kizuki rules check`: every fault of every rule file at once, and what an author had better know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console

from engine.evaluate.examples.run import ExampleReport, run_examples
from engine.kernel.errors import ExitStatus, KizukiError, Problem
from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS
from engine.rulebook.checks.review import in_order, is_hint, review
from engine.rulebook.versions.approval import doubtful_entries, unapproved
from kizuki.authoring.last_run import seen_on_last_run
from kizuki.rules.files import RuleFiles, load_rule_files, newest_day
from kizuki.settings import Workspace, open_workspace


def check_rules(folder: Path, as_of: date | None, console: Console, *, strict: bool = False) -> ExitStatus:
    """Check every rule file, then say what was read, what is doubtful and what is wrong, with a summary at the end.

    Raises KizukiError with all problems if the files cannot be used; then there is nothing to review yet. Otherwise the
    status is OK, or RULEBOOK if an example no longer holds, or with `strict` if there is a warning (a hint never counts).
    """
    workspace, _ = open_workspace(folder)
    day = as_of or _day(workspace)
    with console.status("ルールを読んでいます"):
        files = load_rule_files(workspace, day)
    with console.status("条件どうしを見比べています"):
        found = review(files.rulebooks, files.vocabulary)
    with console.status("例(試験)を動かしています"):
        labels = {source: layout.label for source, layout in files.layouts.items()}
        report = run_examples(files.rulebooks, files.vocabulary, labels)
    with console.status("前回の実行と見比べています"):
        last = seen_on_last_run(workspace, files, day)
    doubts = doubtful_entries(files.approvals)
    problems = in_order([*found, *_example_problems(report, found), *last.problems, *doubts])
    _print(console, _read(files))
    _print(console, last.lines)
    errors = [problem for problem in problems if problem.code.startswith("E-")]
    hints = [problem for problem in problems if is_hint(problem)]
    warnings = [problem for problem in problems if problem not in errors and problem not in hints]
    for heading, group in (("誤り", errors), ("注意", warnings), ("参考", hints)):
        if group:
            _print(console, ["", f"【{heading}】", *map(str, group)])
    _print(console, ["", *_summary(files, len(errors), len(warnings), len(hints), strict)])
    return ExitStatus.RULEBOOK if errors or (strict and warnings) else ExitStatus.OK


def _day(workspace: Workspace) -> date:
    """The newest delivery's day; before the first one, today."""
    try:
        return newest_day(workspace)
    except KizukiError:
        return datetime.now(UTC).astimezone().date()  # a city writes its rules before it receives data


def _print(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _read(files: RuleFiles) -> Iterator[str]:
    for book in files.rulebooks.rulebooks:
        label = HARDSHIP_LABELS[book.hardship_type]
        outside = f"(期間外 {'、'.join(book.not_in_force)})" if book.not_in_force else ""
        yield f"○ {book.file}  {label}  版{book.version}  シナリオ{len(book.scenarios)}件{outside}"
    yield f"○ rulebooks/tiers.yaml  版{files.policy.version}"
    yield f"○ rulebooks/fields.yaml  版{files.vocabulary.version}  項目{len(files.vocabulary.items)}件"
    if files.model is not None:
        yield f"○ rulebooks/model.yaml  版{files.model.version}  正例の決まり{len(files.model.labels)}類型"
    yield f"○ sources/  取り込み定義{len(files.layouts)}件"
    waiting = [problem.place.file for problem in unapproved(files.approvals, files.contents)]
    if waiting:
        yield f"△ まだ承認されていない内容があります: {'、'.join(dict.fromkeys(waiting))}(`kizuki rules approve`)"


def _example_problems(report: ExampleReport, found: Iterable[Problem]) -> Iterator[Problem]:
    """E-RULE-30 and -34: examples that cannot be read or no longer hold. W-RULE-13: a cancel that no example shows."""
    yield from report.problems
    for run in report.runs:
        if not run.passed:
            yield Problem(
                run.place,
                "E-RULE-34",
                f"{run.scenario_id}の試験「{run.title}」の結果は「{run.outcome}」です(「{run.expected}」と書かれています)。",
                "シナリオが、書いた人のねらいどおりに働いていません。",
                f"`kizuki rules test --scenario {run.scenario_id}` で1行ずつ確かめ、条件か試験を直してください(閾値を変えたときは、例の数も合わせます)。",
            )
    places = {run.scenario_id: run.place for run in report.runs}
    short = {problem.what.split("」")[0].removeprefix("シナリオ「") for problem in found if problem.code == "W-RULE-10"}
    for one in report.coverage:
        if one.part == "打ち消し" and Truth.MET not in one.seen and one.scenario_id not in short:
            yield Problem(
                places[one.scenario_id],
                "W-RULE-13",
                f"{one.scenario_id}の打ち消し「{one.text}」が成り立つ試験がありません。",
                "打ち消しがねらいどおりに働くかを確かめられません。",
                "この打ち消しで結果が「打ち消し」になる例を書き足してください。",
            )


def _summary(files: RuleFiles, errors: int, warnings: int, hints: int, strict: bool) -> Iterator[str]:
    size = f"シナリオ{len(files.plan.scenarios)}件、条件の文{len(files.plan.conditions)}種類。"
    if not errors and not warnings and not hints:
        yield f"問題はありません。{size}"
        return
    yield f"誤り{errors}件、注意{warnings}件、参考{hints}件。{size}"
    if errors:
        yield "誤りを直してから使ってください。"
    elif warnings:
        yield (
            "このまま実行できます。注意を確かめてください。"
            if not strict
            else "注意を直してから、もう一度確かめてください。"
        )
