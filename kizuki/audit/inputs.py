"""What a run was made of, as its manifest says: the files of the record, the deliveries, the rules."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.audit.canonical import head_of
from engine.audit.run_record import RULES, RunRecord
from engine.kernel.errors import KizukiError
from engine.rulebook.versions.approval import APPROVALS, ApprovalBook, read_approvals, unapproved
from engine.store.catalogue import Entry, read_catalogue
from kizuki.audit.findings import Cause, Check, Finding, finding
from kizuki.rules.files import RuleFiles
from kizuki.rules.past import load_past_rules
from kizuki.settings import SETTINGS_FILE, Workspace

Advance = Callable[[float, str], None]
_BLOCK = 1 << 20


def check_files(run: RunRecord) -> Check:
    """Every file of the record against its hash in the manifest."""
    outputs = run.manifest["outputs"]
    found = [
        finding(
            "E-AUDIT-01" if name in outputs else "E-AUDIT-02",
            Cause.RECORD,
            f"runs/{run.run_id}/{name}",
            "別の場所を指すリンクです。" if (run.folder / name).is_symlink() else "",
        )
        for name in run.changed_files()
    ]
    notes = (
        []
        if "seal" in run.manifest
        else ["この記録の目録には封(seal)がありません(封をする前の kizuki でつくられた記録です)。"]
    )
    return Check("記録のファイル", f"{len(outputs)}ファイルのSHA-256を目録と比べました", tuple(found), tuple(notes))


def check_head(run: RunRecord, head: str) -> Check:
    """The head that a paper prints against the record's seal: whether this is the record from which the paper was made."""
    ours = head_of(run.manifest)
    place = f"runs/{run.run_id}/manifest.json"
    if not ours:
        return Check("資料の見出し", "この記録には封(seal)がないので、見出しを比べられません", not_done=True)
    compared = f"会議資料にある見出し {in_fours(head)} を、目録の封から出る見出しと比べました"
    if head == ours:
        return Check("資料の見出し", compared)
    return Check(
        "資料の見出し",
        compared,
        (finding("E-AUDIT-21", Cause.RECORD, place, f"記録の見出しは {in_fours(ours)} です。"),),
    )


def in_fours(head: str) -> str:
    """A head in groups of four, as papers print it."""
    return " ".join(head[at : at + 4] for at in range(0, len(head), 4))


def check_deliveries(workspace: Workspace, run: RunRecord, advance: Advance) -> Check:
    """Every delivery of the manifest: is it in the store, is each part what was written, is the delivered file what it was."""
    name = "受領データ"
    try:
        entries = read_catalogue(workspace.store)
    except KizukiError as error:
        found = [finding("E-AUDIT-03", Cause.DELIVERY, f"store/{p.place}", p.what) for p in error.problems]
        return Check(name, "受領台帳を読めません", tuple(found))
    known = {(entry.file, entry.sha256): entry for entry in entries}
    lines = Counter((entry.file, entry.sha256) for entry in entries)
    used = run.manifest["deliveries"]
    findings: list[Finding] = []
    parts = originals = absent = 0
    for number, delivery in enumerate(used):
        advance(number / len(used), delivery["file"])
        entry = known.get((delivery["file"], delivery["sha256"]))
        if entry is None:
            other = any(file == delivery["file"] for file, _ in known)
            detail = "同じ名前で、中身の違うファイルがあります。" if other else ""
            findings.append(finding("E-AUDIT-03", Cause.DELIVERY, f"deliveries/{delivery['file']}", detail))
            continue
        if lines[entry.file, entry.sha256] > 1:
            findings.append(finding("E-AUDIT-15", Cause.DELIVERY, f"deliveries/{entry.file}"))
        parts += len(entry.parts)
        findings += _parts(workspace.store, entry, delivery)
        original = workspace.deliveries / delivery["file"]
        if not original.is_file():
            absent += 1
            continue
        originals += 1
        if _sha256(original) != delivery["sha256"]:
            findings.append(finding("E-AUDIT-05", Cause.DELIVERY, f"deliveries/{delivery['file']}"))
    compared = f"{len(used)}ファイルと保管した部品{parts:,}個を目録・受領台帳と比べ、元のCSV {originals}ファイルのSHA-256を確かめました"
    notes = (
        [f"元のCSVのうち{absent}ファイルは、deliveries にもうありません(判定は保管庫から確かめられます)。"]
        if absent
        else []
    )
    return Check(name, compared, tuple(findings), tuple(notes))


def _parts(store: Path, entry: Entry, delivery: Mapping[str, Any]) -> Iterator[Finding]:
    recorded = delivery.get("parts")
    for part in entry.parts:
        path = store / part.path
        digest = _sha256(path) if path.is_file() else None
        wanted = part.sha256 if recorded is None else recorded.get(part.content)
        if digest != wanted or digest != part.sha256:
            what = "ファイルがありません。" if digest is None else f"「{entry.label}」({entry.file})の部品です。"
            yield finding("E-AUDIT-04", Cause.DELIVERY, f"store/{part.path}", what)
    if recorded is not None:
        for content in sorted(set(recorded) - {part.content for part in entry.parts}):
            detail = f"部品「{content}」が受領台帳にありません。"
            yield finding("E-AUDIT-04", Cause.DELIVERY, f"store ({entry.file})", detail)


@dataclass(frozen=True)
class RulesRead:
    """The check of the rules, and the rules themselves where they could be read."""

    check: Check
    rules: RuleFiles | None


def check_rules(workspace: Workspace, run: RunRecord) -> RulesRead:
    """The rule files of the record: are they those of the manifest, can they be read, was what they say approved."""
    folder = f"runs/{run.run_id}/{RULES}"
    findings = [
        finding("E-AUDIT-06", Cause.RULES, f"{folder}/{name}", "目録にあるハッシュと違います。")
        for name, wanted in _recorded_hashes(run.manifest).items()
        if (path := run.rules_folder / name).is_file() and _sha256(path) != wanted
    ]
    try:
        rules = load_past_rules(run, run.as_of)
    except KizukiError as error:
        told = {f.problem.place.file for f in findings}
        findings += [
            finding("E-AUDIT-06", Cause.RULES, p.place.file, f"{p.code} {p.what}")
            for p in error.problems
            if p.place.file not in told
        ]
        return RulesRead(Check("ルール", "記録にあるルールを読めません", tuple(findings)), None)
    for problem in unapproved(rules.approvals, rules.contents):
        findings.append(finding("E-AUDIT-06", Cause.RULES, f"{folder}/{problem.place.file}", problem.what))
    against = _book_of_today(workspace, rules.approvals)
    if against:
        findings.append(finding("E-AUDIT-06", Cause.RULES, f"{folder}/rulebooks/{APPROVALS}", against))
    notes = []
    if not workspace.approvals.is_file():
        notes.append("作業フォルダに承認簿がないので、記録の承認簿と見比べることはできませんでした。")
    if _other_settings(workspace, run):
        notes.append(
            "記録にある設定(kizuki.toml)は、いまの作業フォルダのものと違います(会議の定員などが変わったときは当然です)。"
        )
    kept = sum(name.startswith(f"{RULES}/") for name in run.manifest["outputs"])
    compared = f"{kept}ファイルを目録と比べて読み、{len(rules.contents)}ファイルの承認を確かめました"
    return RulesRead(Check("ルール", compared, tuple(findings), tuple(notes)), rules)


def _book_of_today(workspace: Workspace, recorded: ApprovalBook) -> str:
    """What is wrong between the approval book of the workspace and that of the record; empty where the one continues the other."""
    try:
        today = read_approvals(workspace.approvals, workspace.root)
    except KizukiError as error:
        return f"いまの承認簿を読めないので、見比べられません({error.problems[0].code})。"
    if not workspace.approvals.is_file() or today.continues(recorded):
        return ""
    return "いまの承認簿(rulebooks/approvals.yaml)が、記録の承認簿の続きになっていません。どちらかの記載が後から直されています。"


def _other_settings(workspace: Workspace, run: RunRecord) -> bool:
    """Whether kizuki.toml, which nobody approves, says something else today."""
    today, kept = workspace.root / SETTINGS_FILE, run.rules_folder / SETTINGS_FILE
    return today.is_file() and kept.is_file() and today.read_bytes() != kept.read_bytes()


def _recorded_hashes(manifest: Mapping[str, Any]) -> dict[str, str]:
    """By path in a workspace, the hashes that the manifest names beside those of its outputs."""
    hashes = {f"rulebooks/{name}": book["sha256"] for name, book in manifest["rulebooks"].items()}
    hashes |= {f"sources/{name}": digest for name, digest in manifest["sources"].items()}
    if "approvals" in manifest:  # before 2026-11-27 approvals stood in the rulebooks themselves
        hashes[f"rulebooks/{APPROVALS}"] = manifest["approvals"]["sha256"]
    return hashes | {SETTINGS_FILE: manifest["settings"]}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
