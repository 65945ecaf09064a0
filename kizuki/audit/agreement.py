"""Whether a record agrees with itself and with the runs before and after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from engine.audit.run_record import RunRecord, open_run
from engine.kernel.errors import KizukiError
from engine.store.ownership import KEY_FILE
from engine.store.tables import Snapshot
from kizuki.audit.findings import Cause, Check, Finding, finding
from kizuki.manifest import ListInputs, make_manifest
from kizuki.rules.changes import changes_since
from kizuki.rules.files import RuleFiles
from kizuki.settings import SETTINGS_FILE, Workspace, open_workspace


def check_manifest(workspace: Workspace, run: RunRecord, snapshot: Snapshot, rules: RuleFiles) -> Check:
    """What the manifest says of deliveries, rules, settings and approvals, made again and compared key by key.

    Not compared here: `versions` (told by themselves), `replay`, `outputs` and the digests of content (compared elsewhere), the counts of `protected_now`, which
    only the keyring of that day knew, and keys that this version of kizuki does not write.
    """
    said = run.manifest
    inputs = said.get("list_inputs", {})
    before = _opened(workspace, said["previous_run"]) if said["previous_run"] else None
    protected = inputs.get("protected_now", {"households": 0, "people": 0})
    settings, capacity, meeting_on = None, inputs.get("capacity", 0), run.as_of
    try:
        settings = run.text(SETTINGS_FILE)
        if settings is not None:
            conference = open_workspace(run.rules_folder)[1].conference
            meeting_on, capacity = run.as_of + timedelta(days=conference.days_after_as_of), conference.capacity
        elif inputs:
            meeting_on = date.fromisoformat(inputs["meeting_on"])
        else:
            meeting_on = run.casebook().meeting_on
    except KizukiError:  # a changed file is told by its hash; what it says cannot be held against the manifest
        return Check("目録", "記録のファイルが変わっているので、つくり直せません", not_done=True)
    again = make_manifest(
        workspace.store,
        key_id=_key_of(workspace.store),
        rules=rules,
        snapshot=snapshot,
        settings=settings or b"",
        list_inputs=ListInputs(before, capacity, meeting_on, (protected["households"], protected["people"])),
        changes=changes_since(before, rules, run.as_of, meeting_on),
        replay="",
        disagreements=said["evaluators_disagree_on"],
    )
    again["run_id"] = run.run_id
    left_out = {"versions", "replay", *(("settings",) if settings is None else ())}
    # Without the run before, nothing can be said of what changed since; that its record is gone is told elsewhere.
    left_out |= {"rule_changes", "list_inputs", "previous_run"} if before is None and said["previous_run"] else set()
    keys = [key for key in said if key in again and key not in left_out]
    found = [d for key in keys for d in _differences(said[key], again[key], (key,))]
    findings = []
    if found:
        path, one, other = found[0]
        detail = f"最初の違い: {' › '.join(path)} は、記録では「{one}」、計算し直すと「{other}」。違いは{len(found)}か所です。"
        place = f"runs/{run.run_id}/manifest.json"
        findings.append(finding("E-AUDIT-10", Cause.RECORD, place, detail, count=len(found)))
    return Check("目録", f"目録の{len(keys)}項目をつくり直して比べました", tuple(findings))


def _differences(said: Any, again: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Where a recorded value differs; what an older kizuki did not write yet is not asked for."""
    if isinstance(said, dict) and isinstance(again, dict):
        for key, value in said.items():
            yield from _differences(value, again.get(key, "なし"), (*path, str(key)))
    elif isinstance(said, list) and isinstance(again, list) and len(said) == len(again):
        for number, (one, other) in enumerate(zip(said, again, strict=True), start=1):
            name = one.get("file", one.get("id", number)) if isinstance(one, dict) else number
            yield from _differences(one, other, (*path, str(name)))
    elif said != again:
        one, other = ("あり" if isinstance(value, (dict, list)) else value for value in (said, again))
        yield path, one, other


def _key_of(store: Path) -> str:
    path = store / KEY_FILE
    return path.read_text("utf-8", errors="replace").strip() if path.is_file() else ""


def check_replay(run: RunRecord) -> Check:
    """The verdict of the second engine: is it the same wherever the record says it, and does it fit what was found."""
    name = "再現の結果"
    place = f"runs/{run.run_id}/replay.json"
    try:
        replay, casebook = run.replay(), run.casebook()
    except (KizukiError, ValueError):
        return Check(name, "記録を読めません", not_done=True)
    said = run.manifest["replay"]
    verdicts = {
        "replay.json": str(replay.get("verdict")),
        "manifest.json": str(said["verdict"] if isinstance(said, dict) else said),
        "cases.json": casebook.replay,
    }
    findings = []
    if len(set(verdicts.values())) > 1:
        told = "、".join(f"{file}では「{verdict}」" for file, verdict in verdicts.items())
        findings.append(finding("E-AUDIT-11", Cause.RECORD, place, f"{told}。"))
    differing = replay.get("differences")
    if differing is not None:
        taken_off = [key for key in replay.get("listed", ()) if key in differing]
        if taken_off != list(run.manifest["evaluators_disagree_on"]):
            detail = "食い違ったこどもの数が、目録と合いません。"
            findings.append(finding("E-AUDIT-11", Cause.RECORD, f"runs/{run.run_id}/manifest.json", detail))
        if bool(differing) != (verdicts["replay.json"] == "不一致"):
            findings.append(finding("E-AUDIT-11", Cause.RECORD, place, "「differences」と「verdict」が合いません。"))
    return Check(name, f"「{verdicts['replay.json']}」が、目録・一覧・replay.json で同じです", tuple(findings))


def check_chain(workspace: Workspace, run: RunRecord, ids: Sequence[str]) -> Check:
    """The seals by which runs know each other: the run before by this manifest, and this one by those that came later."""
    findings: list[Finding] = []
    seen = 0
    known = run.manifest.get("list_inputs", {}).get("previous_seal")
    if known is not None:
        seen += 1
        findings += _seal(workspace, run.manifest["previous_run"], known, run.run_id)
    if "seal" in run.manifest:
        for run_id in ids:
            later = _opened(workspace, run_id)
            if later is None or later.manifest.get("previous_run") != run.run_id:
                continue
            known = later.manifest.get("list_inputs", {}).get("previous_seal")
            if known is not None:
                seen += 1
                findings += _seal(workspace, run.run_id, known, run_id)
    compared = (
        f"前後の{seen}件の実行が控えている封(seal)と比べました"
        if seen
        else "封(seal)を控えている前後の実行はありません"
    )
    return Check("前後の実行との照合", compared, tuple(findings))


def _seal(workspace: Workspace, run_id: str, known: str, by: str) -> Iterator[Finding]:
    record = _opened(workspace, run_id)
    if record is None or record.manifest.get("seal") != known:
        detail = f"控えているのは {by} です。" if record else f"記録を読めません({by} が控えています)。"
        yield finding("E-AUDIT-12", Cause.RECORD, f"runs/{run_id}/manifest.json", detail)


def _opened(workspace: Workspace, run_id: str) -> RunRecord | None:
    try:
        return open_run(workspace.runs, run_id)
    except KizukiError:
        return None
