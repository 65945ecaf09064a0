"""What the last run tells about scenarios: those that nobody meets, and those that a third of the city meets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from engine.audit.run_record import RunRecord
from engine.audit.runs import newest_run_id, open_run
from engine.kernel.errors import KizukiError, Problem
from engine.rulebook.model import Scenario
from kizuki.rules.changes import RuleChanges, changes_since
from kizuki.rules.files import RuleFiles
from kizuki.settings import Workspace

_MANY = 3
"""One child in so many is too many for a scenario that should find those in need."""


@dataclass(frozen=True)
class LastRun:
    """What was found, and in one line each with what it was compared, or why it was not."""

    lines: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def seen_on_last_run(workspace: Workspace, rules: RuleFiles, as_of: date) -> LastRun:
    """Hits of each scenario in force on the newest run, for scenarios that mean the same there.

    A scenario that was changed since, or cannot be compared with its former text, is only named. An approval book that no longer
    holds what it held then is told, too.
    """
    run_id = newest_run_id(workspace.runs)
    if run_id is None:
        return LastRun(("実行の記録がまだないので、何人が該当するかは分かりません(`kizuki run` のあとに示します)。",))
    try:
        run = open_run(workspace.runs, run_id)
        decisions = run.decisions()
    except KizukiError as error:
        return LastRun(
            (f"前回の実行({run_id})の記録を読めないので、何人が該当するかは分かりません({error.problems[0].code})。",)
        )
    changes = changes_since(run, rules, as_of)
    known, lines = _comparable(run, rules, changes)
    children = decisions.num_rows
    problems = [
        problem
        for scenario in rules.rulebooks.scenarios
        if scenario.id in known and scenario.id in decisions.column_names
        for problem in hits_worth_telling(scenario, decisions, run_id)
    ]
    compared = sum(scenario.id in known for scenario in rules.rulebooks.scenarios)
    head = f"前回の実行({run_id}、判定したこども{children:,}人)の該当者数を、変わっていないシナリオ{compared}件について見ました。"
    return LastRun((head, *lines), (*problems, *changes.notices))


def _comparable(run: RunRecord, rules: RuleFiles, changes: RuleChanges) -> tuple[set[str], tuple[str, ...]]:
    """番号 of the scenarios that mean what they meant in the run, and what to say about the others."""
    judged = set(run.manifest["scenarios"])
    if changes.untold is None:
        changed = {change.scenario_id for change in changes.scenarios if change.kind != "言い回し"}
        changed |= {scenario.id for scenario in rules.rulebooks.scenarios} - judged
        names = [scenario.id for scenario in rules.rulebooks.scenarios if scenario.id in changed]
    else:
        files = {change.file for change in changes.files}
        everything = "fields.yaml" in files
        names = [
            scenario.id
            for book in rules.rulebooks.rulebooks
            for scenario in book.scenarios
            if everything or f"{book.hardship_type}.yaml" in files
        ]
    lines: tuple[str, ...] = ()
    if names:
        shown = "・".join(names[:10]) + (f"ほか{len(names) - 10}件" if len(names) > 10 else "")
        why = "その後に変わったか、前の本文が残っていない" if changes.untold else "その後に加わったか変わった"
        lines = (f"{shown} は、{why}ので数えていません(`kizuki rules impact` で確かめられます)。",)
    return judged - set(names), lines


def hits_worth_telling(scenario: Scenario, decisions: pa.Table, run_id: str) -> list[Problem]:
    """W-RULE-11: nobody met the scenario in the run. W-RULE-12: a third of the judged children did."""
    met = decisions.column(scenario.id)
    hits = _count(met, 1)
    unknown = met.null_count
    if hits == 0:
        open_ = f"(不明が{unknown:,}人)" if unknown else ""
        return [
            Problem(
                scenario.place,
                "W-RULE-11",
                f"シナリオ「{scenario.id}」に該当するこどもは、前回の実行({run_id})で1人もいませんでした{open_}。",
                "条件が厳しすぎるか、必要なデータが届いていないおそれがあります。",
                "条件の数や期間と、使う項目のデータが届いているかを確かめてください。まれな事情なら、このままでかまいません。",
            )
        ]
    if hits * _MANY >= decisions.num_rows:
        return [
            Problem(
                scenario.place,
                "W-RULE-12",
                f"シナリオ「{scenario.id}」に、前回の実行({run_id})で{hits:,}人({hits * 100 // decisions.num_rows}%)が該当しました。",
                "3人に1人が該当する条件では、困っているこどもを見分けられません。",
                "条件を加えるか、数や期間を見直してください。",
            )
        ]
    return []


def _count(column: pa.ChunkedArray, value: int) -> int:
    return int(pc.sum(pc.equal(column, value)).as_py() or 0)
