"""What changed in the rules since the run before: for the summary, and for the manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run, published_ids
from engine.kernel.errors import KizukiError, Place, Problem
from engine.rulebook.versions.approval import APPROVALS, Approval, ApprovalBook, read_approvals
from engine.rulebook.versions.scenario_changes import ScenarioChange, scenario_changes
from kizuki.rules.files import RuleFiles
from kizuki.rules.past import load_past_rules

_SHOWN = 20


@dataclass(frozen=True)
class FileChange:
    """A rule file whose bytes differ from those of the run before. `approval` is that of its present content."""

    file: str
    old_version: str
    version: str
    approval: Approval | None


@dataclass(frozen=True)
class RuleChanges:
    """Since which run, which files and which scenarios changed. `against` None: there is no run before.

    `untold`: why the scenarios cannot be compared although files changed. `notices`: what is odd about the approvals.
    """

    against: str | None = None
    files: tuple[FileChange, ...] = ()
    scenarios: tuple[ScenarioChange, ...] = ()
    untold: Problem | None = None
    notices: tuple[Problem, ...] = ()

    def for_manifest(self) -> Mapping[str, Any]:
        """The same as plain data."""
        return {
            "against": self.against,
            "files": [
                {"file": c.file, "old_version": c.old_version, "version": c.version, **approval_data(c.approval)}
                for c in self.files
            ],
            "scenarios": [
                {
                    "id": c.scenario_id,
                    "type": c.hardship_type,
                    "name": c.name,
                    "kind": c.kind,
                    "details": list(c.details),
                    "old_version": c.versions[0],
                    "version": c.versions[1],
                }
                for c in self.scenarios
            ],
            "scenarios_compared": self.untold is None,
        }


def approval_data(approval: Approval | None) -> Mapping[str, Any]:
    """An approval as plain data for the manifest."""
    if approval is None:
        return {}
    return {"approved_by": approval.by, "approved_on": approval.on.isoformat(), "reason": approval.reason}


def changes_since(
    before: RunRecord | None, rules: RuleFiles, as_of: date, meeting_on: date | None = None
) -> RuleChanges:
    """Compare this run's rules with those of the run before, both read as of this run's day.

    A record before that cannot be compared with stops nothing: it is told in `untold`. `meeting_on`: the day of the conference for
    which the run is made; None where no list is made.
    """
    notices = (*rules.approvals.problems, *_younger_than_the_meeting(rules, meeting_on))
    if before is None:
        return RuleChanges(notices=notices)
    recorded = before.manifest["rulebooks"]
    files = tuple(
        FileChange(c.file, str(old["version"]), c.version, rules.approvals.approval_of(c))
        for c in rules.contents
        if (old := recorded.get(c.file, {"version": "?", "sha256": ""}))["sha256"] != c.sha256
    )
    rewritten = rewritten_book(before, rules.approvals)
    if rewritten is not None:
        notices = (*notices, rewritten)
    if not files:
        return RuleChanges(before.run_id, notices=notices)
    try:
        old = load_past_rules(before, as_of, rules.words)
    except KizukiError as error:
        return RuleChanges(before.run_id, files, untold=error.problems[0], notices=notices)
    scenarios = scenario_changes(old.rulebooks, rules.rulebooks, old.vocabulary, rules.vocabulary)
    return RuleChanges(before.run_id, files, scenarios, notices=notices)


def _younger_than_the_meeting(rules: RuleFiles, meeting_on: date | None) -> Iterator[Problem]:
    """A past week run again with today's rules is a fair question, but must not pass for what was judged then."""
    young = [
        c.file for c in rules.contents if meeting_on and (a := rules.approvals.approval_of(c)) and a.on > meeting_on
    ]
    if young and meeting_on:
        yield Problem(
            Place(f"rulebooks/{APPROVALS}"),
            "W-RULE-46",
            f"会議の日({meeting_on.isoformat()})より後に承認された決まりを使っています({'、'.join(young)})。",
            "過去の週をやり直した結果は、そのときの判定とは別のものです。",
            "そのときの判定は、そのときの実行の記録にあります。",
        )


def summary_lines(changes: RuleChanges) -> Iterator[str]:
    """What changed, as a section chief reads it; nothing where nothing did."""
    if changes.files:
        yield f"前回の実行({changes.against})から、決まりが変わりました"
    for file in changes.files:
        by = file.approval
        approved = f"、{by.by}が{by.on.isoformat()}に承認「{by.reason}」" if by else ""
        yield f"  {file.file}  版{file.old_version}→{file.version}{approved}"
    if changes.untold is not None:
        yield f"  どのシナリオが変わったかは示せません: {changes.untold.what}"
    yield from (f"  {line}" for line in change_lines(changes.scenarios, shown=_SHOWN))
    if changes.files and not changes.scenarios and changes.untold is None:
        yield "  意味の変わったシナリオはありません。"
    for notice in changes.notices:
        yield f"  {notice.code} {notice.what}"


def change_lines(
    changes: Sequence[ScenarioChange],
    suffix: Callable[[ScenarioChange], str] = lambda change: "",
    shown: int | None = None,
) -> Iterator[str]:
    """A line for each scenario that came, went or means something else (at most `shown`), and one for all that only read otherwise.

    What differs stands in the line, or, where there is more than one thing, each in a line of its own below.
    """
    meant = [change for change in changes if change.kind != "言い回し"]
    yield from (_change_line(change, suffix(change)) for change in meant[:shown])
    if shown is not None and len(meant) > shown:
        yield f"ほか{len(meant) - shown}件: {'、'.join(change.scenario_id for change in meant[shown:])}"
    if worded := [change.scenario_id for change in changes if change.kind == "言い回し"]:
        yield f"言い回しだけ変わった: {'、'.join(worded)}"


def _change_line(change: ScenarioChange, suffix: str) -> str:
    words = {"追加": "加わった", "削除": "なくなった", "変更": "意味が変わった", "言い回し": "言い回しだけ変わった"}
    head = f"{change.scenario_id} {words[change.kind]}  {change.name}"
    if len(change.details) > 1:
        return "\n      - ".join((f"{head}{suffix}", *change.details))
    return f"{head}{''.join(f': {detail}' for detail in change.details)}{suffix}"


def rewritten_book(before: RunRecord, approvals: ApprovalBook) -> Problem | None:
    """W-RULE-45: the book no longer holds, unchanged, what it held when a run was made, be it the run before or a much older one.

    The records are followed from the oldest on: a book that continues the one known so far is known from then on; one that does not was
    rewritten itself and proves nothing. So the warning stays, week after week, until the entry is put back, and then ends.
    """
    known: tuple[ApprovalBook, str] | None = None
    runs, seen = before.folder.parent, None
    for run_id in published_ids(runs):
        if run_id > before.run_id:
            break
        try:
            record = open_run(runs, run_id)
            text = record.text(f"rulebooks/{APPROVALS}")
            if text is None or text == seen:
                continue
            book = read_approvals(record.rules_folder / "rulebooks" / APPROVALS, record.folder)
        except KizukiError:
            continue  # a damaged record is told where it is read as a whole
        seen = text
        if known is None or book.continues(known[0]):
            known = book, run_id
    if known is None or approvals.continues(known[0]):
        return None
    return Problem(
        Place(f"rulebooks/{APPROVALS}"),
        "W-RULE-45",
        f"承認簿にあった前の記載が、実行{known[1]}の後に直されたか消されています。",
        "だれが何を承認したかを後から示せません。",
        f"runs/{known[1]}/rules/rulebooks/{APPROVALS} と見比べ、元の記載に戻してください。",
    )
