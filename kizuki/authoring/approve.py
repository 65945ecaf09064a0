"""`kizuki rules approve`: what changed since the last approval is shown, and a line is added to the approval book."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click
from filelock import FileLock
from rich.console import Console

from engine.audit.runs import newest_run_id, open_run
from engine.evaluate.examples.run import run_examples
from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import near_name
from engine.rulebook.model import RulebookSet
from engine.rulebook.versions import approval
from engine.rulebook.versions.approval import APPROVALS, TO_BE_APPROVED, Approval, ApprovalBook, Content
from engine.rulebook.versions.scenario_changes import scenario_changes
from kizuki.rules.approved_texts import approved_text, keep_approved
from kizuki.rules.changes import change_lines, rewritten_book
from kizuki.rules.files import RuleFiles, load_rule_files
from kizuki.settings import SETTINGS_FILE, Workspace


@dataclass(frozen=True)
class Signature:
    """Who approves, on which day, and why."""

    by: str
    on: date
    reason: str


def approve_rules(
    folder: Path,
    signature: Signature,
    console: Console,
    *,
    today: date,
    names: Sequence[str] = (),
    raise_versions: bool = False,
    confirm: Callable[[], bool],
) -> tuple[Approval, ...]:
    """Approve the changed rule files of a workspace (or those named) as they lie there; nothing is written before `confirm`.

    `raise_versions` puts the next 版 into each file whose present one was approved with another content. Also works in a
    folder that has rulebooks but no settings, such as the starter set. Raises KizukiError with everything that stands
    in the way: faults of the files, examples that do not hold, a content that differs under an approved 版.
    """
    workspace = _workspace(folder)
    signature = replace(signature, by=approval.one_line(signature.by), reason=approval.one_line(signature.reason))
    lock = FileLock(workspace.root / ".lock", timeout=0) if (folder / SETTINGS_FILE).exists() else nullcontext()
    with lock:
        problems = list(_faults_of(signature, today))
        wanted = _wanted(names, problems)
        if problems:
            raise KizukiError(problems)
        rules = load_rule_files(workspace, signature.on)
        changed = [c for c in rules.contents if c.file in wanted and rules.approvals.approval_of(c) is None]
        if not changed:
            console.print("承認の要る変更はありません。", markup=False)
            return ()
        problems += _examples_that_fail(rules)
        raised = _raised(rules, changed, raise_versions, problems)
        if problems:
            raise KizukiError(problems)
        for line in changes_since_approval(workspace, rules, changed, raised):
            console.print(line, markup=False)
        for doubt in _doubts(workspace, rules, changed, signature):
            console.print(f"注意: {doubt}", markup=False)
        console.print(f"承認者 {signature.by}  日 {signature.on.isoformat()}  理由 {signature.reason}", markup=False)
        if not confirm():
            console.print("承認しませんでした。ファイルは何も変わっていません。", markup=False)
            return ()
        return _write(workspace, rules, changed, raised, signature, console)


def confirmed_on_a_terminal() -> bool:
    """Ask the person at the terminal. Raises KizukiError (E-RULE-57) where nobody is there to answer."""
    if not sys.stdin.isatty():
        raise KizukiError(
            Problem(
                Place(f"rulebooks/{APPROVALS}"),
                "E-RULE-57",
                "画面で確かめる人がいないため、承認しませんでした。",
                "だれも見ていない変更を承認したことにしないためです。",
                "画面から実行するか、内容を確かめたうえで --yes を付けてください。",
            )
        )
    return click.confirm("この内容で承認しますか(はい y / いいえ n)", default=False)


def changes_since_approval(
    workspace: Workspace, rules: RuleFiles, changed: Sequence[Content], raised: Mapping[str, bytes]
) -> Iterator[str]:
    """File by file and scenario by scenario, what the approval is about."""
    old_texts: dict[str, bytes] = {}
    for content in changed:
        last = rules.approvals.last_of(content.file)
        version = approval.next_version(content.version) if content.file in raised else content.version
        if last is None:
            yield f"{content.file}  版{version}(はじめての承認)"
            continue
        old = approved_text(workspace, last)
        lost = "" if old else "(承認したときの本文が残っていないため、変わったところは示せません)"
        yield f"{content.file}  版{last.version}({last.by}、{last.on.isoformat()})→版{version}{lost}"
        if old is not None:
            old_texts[content.file] = old
    if not old_texts:
        return
    try:
        before = _load(rules, old_texts)
    except KizukiError as error:
        yield f"前に承認した内容は、いまの kizuki では読めないため、比べられません({error.problems[0].code})。"
        return
    shown = {c.file for c in changed if c.file in old_texts}
    found = scenario_changes(before.rulebooks, rules.rulebooks, before.vocabulary, rules.vocabulary)
    about = [c for c in found if f"{c.hardship_type}.yaml" in shown or "fields.yaml" in shown]
    lines = list(change_lines(about))
    yield from (f"  {line}" for line in lines)
    if not lines:
        yield "  シナリオに変わりはありません(区分の決め方・項目台帳・注記など)。"


def _workspace(folder: Path) -> Workspace:
    workspace = Workspace(folder)
    if not workspace.vocabulary.is_file():
        raise KizukiError(
            Problem(
                Place(str(folder)),
                "E-CONF-01",
                "作業フォルダではありません(rulebooks/fields.yaml がありません)。",
                "何を承認するのか決まりません。",
                "-w で作業フォルダを指定してください。",
            )
        )
    return workspace


def _faults_of(signature: Signature, today: date) -> Iterator[Problem]:
    place = Place(f"rulebooks/{APPROVALS}")
    if not signature.by.strip() or not signature.reason.strip():
        yield Problem(
            place,
            "E-RULE-54",
            "承認者か理由が空です。",
            "だれがなぜ認めたのかを後から示せません。",
            "--by に役職や氏名、--reason に理由を書いてください。",
        )
    if signature.on > today:
        yield Problem(
            place,
            "E-RULE-55",
            f"承認の日({signature.on.isoformat()})が今日より後です。",
            "まだしていない承認を記録することはできません。",
            "--on の日付を確かめてください(書かなければ今日になります)。",
        )


def _doubts(
    workspace: Workspace, rules: RuleFiles, changed: Sequence[Content], signature: Signature
) -> Iterator[Problem]:
    """What whoever approves should know of the book: earlier entries that were touched, and a day that goes backwards."""
    newest = newest_run_id(workspace.runs)
    if newest is not None:
        try:
            rewritten = rewritten_book(open_run(workspace.runs, newest), rules.approvals)
        except KizukiError:
            rewritten = None  # a damaged record is told where it is read as a whole
        if rewritten is not None:
            yield rewritten
    for content in changed:
        last = rules.approvals.last_of(content.file)
        if last is not None and signature.on < last.on:
            new = Approval(content.file, content.version, "", signature.by, signature.on, signature.reason)
            yield approval.before_the_last(new, last)


def _wanted(names: Sequence[str], problems: list[Problem]) -> frozenset[str]:
    wanted = set()
    for name in names:
        base = Path(name).name
        if base in TO_BE_APPROVED:
            wanted.add(base)
            continue
        near = near_name(base, TO_BE_APPROVED)
        problems.append(
            Problem(
                Place(name),
                "E-RULE-52",
                "承認の要るファイルではありません。",
                "承認簿に載せられません。",
                f"「{near}」ではありませんか。" if near else f"承認の要るのは {'・'.join(TO_BE_APPROVED)} です。",
            )
        )
    return frozenset(wanted or TO_BE_APPROVED)


def _examples_that_fail(rules: RuleFiles) -> Iterator[Problem]:
    """Of every scenario, also those that are not in force yet: they will be without another approval."""
    labels = {source: layout.label for source, layout in rules.layouts.items()}
    books = tuple(replace(b, scenarios=(*b.scenarios, *b.resting), resting=()) for b in rules.rulebooks.rulebooks)
    report = run_examples(RulebookSet(rules.rulebooks.as_of, books), rules.vocabulary, labels)
    yield from report.problems
    for run in report.runs:
        if not run.passed:
            yield Problem(
                run.place,
                "E-RULE-53",
                f"{run.scenario_id}の例「{run.title}」は、期待は{run.expected}、結果は{run.outcome}です。",
                "書いた人のねらいどおりに働かない決まりは承認できません。",
                f"`kizuki rules test --scenario {run.scenario_id}` でどの文が違うかを確かめ、文か例を直してください。",
            )


def _raised(
    rules: RuleFiles, changed: Sequence[Content], raise_versions: bool, problems: list[Problem]
) -> Mapping[str, bytes]:
    """The new text of each file whose 版 has to be raised."""
    texts: dict[str, bytes] = {}
    for content in changed:
        approved = rules.approvals.of_version(content.file, content.version)
        if approved is None:
            continue
        text = approval.with_next_version(rules.texts[f"rulebooks/{content.file}"]) if raise_versions else None
        next_one = approval.next_version(content.version)
        if text is None or rules.approvals.of_version(content.file, next_one) is not None:
            problems.append(approval.changed_under_its_version(content, approved))
        else:
            texts[content.file] = text
    return texts


def _load(rules: RuleFiles, old_texts: Mapping[str, bytes]) -> RuleFiles:
    """The rule files with some of them as they were when approved."""
    with tempfile.TemporaryDirectory() as name:
        past = Workspace(Path(name))
        for path, text in rules.texts.items():
            write_whole(past.root / path, old_texts.get(Path(path).name, text))
        return load_rule_files(past, rules.rulebooks.as_of)


def _write(
    workspace: Workspace,
    rules: RuleFiles,
    changed: Sequence[Content],
    raised: Mapping[str, bytes],
    signature: Signature,
    console: Console,
) -> tuple[Approval, ...]:
    entries = []
    for content in changed:
        text = raised.get(content.file, rules.texts[f"rulebooks/{content.file}"])
        version = approval.next_version(content.version) if content.file in raised else content.version
        digest = hashlib.sha256(text).hexdigest()
        entries.append(Approval(content.file, version, digest, signature.by, signature.on, signature.reason))
    # The book is composed and read back before anything is written: it must never become unreadable by adding to it.
    before = rules.texts.get(f"rulebooks/{APPROVALS}", approval.HEADING.encode())
    book = before + (b"" if before.endswith(b"\n") else b"\n") + approval.written(entries).encode()
    added = _require_readable(rules.approvals, entries, book)
    for name, text in raised.items():
        write_whole(workspace.rulebooks / name, text)
        console.print(f"版を上げました: {(workspace.rulebooks / name).resolve()}", markup=False)
    if (workspace.root / SETTINGS_FILE).exists():
        for entry in added:
            keep_approved(workspace, entry)
    write_whole(workspace.approvals, book)
    for entry in added:
        console.print(f"承認しました: {entry.file} 版{entry.version}", markup=False)
    rest = [c.file for c in rules.contents if c not in changed and rules.approvals.approval_of(c) is None]
    if rest:
        console.print(f"まだ承認されていないファイル: {'、'.join(rest)}", markup=False)
    console.print(f"承認簿: {workspace.approvals.resolve()}", markup=False)
    return added


def _require_readable(earlier: ApprovalBook, entries: Sequence[Approval], book: bytes) -> tuple[Approval, ...]:
    with tempfile.TemporaryDirectory() as name:
        path = write_whole(Path(name) / APPROVALS, book)
        try:
            found = approval.read_approvals(path, path.parent)
        except KizukiError:
            found = ApprovalBook()
    added = found.entries[len(earlier.entries) :]
    if not found.continues(earlier) or [(e.file, e.sha256) for e in added] != [(e.file, e.sha256) for e in entries]:
        raise KizukiError(
            Problem(
                Place(f"rulebooks/{APPROVALS}"),
                "E-RULE-56",
                "承認簿に書き足せません。一覧「承認」の形が変わっています。",
                "だれが何を承認したかを残せません。",
                "承認簿を手で直したのなら、控えや前回の実行の記録(runs/…/rules/rulebooks)から元に戻してください。",
            )
        )
    return added
