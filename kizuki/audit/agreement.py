"""Whether a manifest can be made again, and whether a record agrees with itself on what the second engine said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from engine.audit.run_record import RunRecord
from engine.kernel.errors import KizukiError
from engine.replay.second_opinion import SecondOpinion
from engine.store.ownership import key_of
from engine.store.tables import Snapshot
from kizuki.audit.chain import opened
from kizuki.audit.findings import Cause, Check, finding
from kizuki.audit.scored import ScoredAgain
from kizuki.audit.shape import misshapen_replay
from kizuki.manifest import ListInputs, make_manifest
from kizuki.rules.changes import changes_since
from kizuki.rules.files import RuleFiles
from kizuki.settings import SETTINGS_FILE, Workspace, open_workspace

_COMPARED_ELSEWHERE = (
    "versions",
    "replay",
    "outputs",
    "decisions_content",
    "conditions_content",
    "scores_content",
    "seal",
    "run_id",
)
_NONE = "なし"


def check_manifest(
    workspace: Workspace,
    run: RunRecord,
    snapshot: Snapshot,
    rules: RuleFiles,
    scored: ScoredAgain,
    *,
    same_code: bool,
) -> Check:
    """What the manifest says of deliveries, rules, settings and approvals, made again and compared key by key.

    Not compared here: `versions` (told by themselves), `replay`, `outputs` and the digests of content (compared elsewhere), the counts of `protected_now`,
    which only the keyring of that day knew, and the files of conferences and runs of earlier weeks, which are compared with the list. Of a record by other
    code, keys that only one of the versions knows are left out; the same code writes the same keys.
    """
    said = run.manifest
    inputs = said.get("list_inputs", {})
    before = opened(workspace, said["previous_run"]) if said["previous_run"] else None
    protected = inputs.get("protected_now", {"households": 0, "people": 0})
    settings, capacity, meeting_on = None, inputs.get("capacity", 0), run.as_of
    drawn = inputs.get("drawn", 0)
    try:
        settings = run.text(SETTINGS_FILE)
        if settings is not None:
            conference = open_workspace(run.rules_folder)[1].conference
            meeting_on, capacity = run.as_of + timedelta(days=conference.days_after_as_of), conference.capacity
            drawn = conference.drawn
        elif inputs:
            meeting_on = date.fromisoformat(inputs["meeting_on"])
        else:
            meeting_on = run.casebook().meeting_on
    except KizukiError:  # a changed file is told by its hash; what it says cannot be held against the manifest
        return Check("目録", "記録のファイルが変わっているので、つくり直せません", not_done=True)
    again = make_manifest(
        workspace.store,
        key_id=key_of(workspace.store),
        rules=rules,
        snapshot=snapshot,
        settings=settings or b"",
        list_inputs=ListInputs(
            before,
            capacity,
            meeting_on,
            (protected["households"], protected["people"]),
            tuple(inputs.get("conference_files", ())),
            inputs.get("weeks", {}),
            drawn,
        ),
        changes=changes_since(before, rules, run.as_of, meeting_on),
        replay="",
        disagreements=said["evaluators_disagree_on"],
        model=scored.for_manifest(run),
        model_note=said.get("model_note", ""),
        templates=said.get("templates", {}),
    )
    again["run_id"] = run.run_id
    left_out = {"versions", "replay", *(("settings",) if settings is None else ())}
    # Without the run before, nothing can be said of what changed since; that its record is gone is told elsewhere.
    left_out |= {"rule_changes", "list_inputs", "previous_run"} if before is None and said["previous_run"] else set()
    keys = [key for key in said if key in again and key not in left_out]
    found = [d for key in keys for d in _differences(said[key], again[key], (key,), strict=same_code)]
    if same_code:
        other = (set(said) ^ set(again)) - {*_COMPARED_ELSEWHERE, *left_out}
        found += [((key,), *(("あり", _NONE) if key in said else (_NONE, "あり"))) for key in sorted(other)]
    findings = []
    if found:
        path, one, other = found[0]
        detail = f"最初の違い: {' › '.join(path)} は、記録では「{one}」、計算し直すと「{other}」。違いは{len(found)}か所です。"
        place = f"runs/{run.run_id}/manifest.json"
        cause = Cause.EITHER if path[0] == "deliveries" else Cause.RECORD
        findings.append(finding("E-AUDIT-10", cause, place, detail, count=len(found)))
    return Check("目録", f"目録の{len(keys)}項目をつくり直して比べました", tuple(findings))


def _differences(
    said: Any, again: Any, path: tuple[str, ...], *, strict: bool
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Where a recorded value differs; what an older kizuki did not write yet is asked for only if `strict`."""
    if isinstance(said, dict) and isinstance(again, dict):
        for key in (*said, *((key for key in again if key not in said) if strict else ())):
            yield from _differences(said.get(key, _NONE), again.get(key, _NONE), (*path, str(key)), strict=strict)
    elif isinstance(said, list) and isinstance(again, list) and len(said) == len(again):
        for number, (one, other) in enumerate(zip(said, again, strict=True), start=1):
            name = one.get("file", one.get("id", number)) if isinstance(one, dict) else number
            yield from _differences(one, other, (*path, str(name)), strict=strict)
    elif said != again:
        one, other = ("あり" if isinstance(value, (dict, list)) else value for value in (said, again))
        yield path, one, other


def check_replay(run: RunRecord, *, same_code: bool) -> Check:
    """The verdict of the second engine: is it the same wherever the record says it, and does it fit what was found.

    An older record says only 未実施. Any other verdict must be told with whom it is about; from that it is drawn again, and, with the same
    code, also the sentence that the handout printed.
    """
    name = "再現の結果"
    place = f"runs/{run.run_id}/replay.json"
    try:
        replay, casebook = run.replay(), run.casebook()
    except (KizukiError, ValueError):
        return Check(name, "記録を読めません", not_done=True)
    if keys := misshapen_replay(replay):
        found = finding("E-AUDIT-11", Cause.RECORD, place, f"ない項目か、形の違う項目があります({'、'.join(keys)})。")
        return Check(name, "replay.json を読めません", (found,))
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
        findings += [
            finding("E-AUDIT-11", Cause.RECORD, place, detail) for detail in _unfitting(run, replay, same_code)
        ]
        if same_code and (note := _opinion(replay).note()) != casebook.replay_note:
            detail = f"会議資料に書いた再現の説明が、replay.json から出る説明(「{note}」)と違います。"
            findings.append(finding("E-AUDIT-11", Cause.RECORD, f"runs/{run.run_id}/cases.json", detail))
    elif same_code or verdicts["replay.json"] != "未実施":
        detail = "だれについて再計算したかが書かれていません。"
        findings.append(finding("E-AUDIT-11", Cause.RECORD, place, detail))
    return Check(
        name, f"目録・一覧・replay.json にある「{verdicts['replay.json']}」と、その説明を比べました", tuple(findings)
    )


def _unfitting(run: RunRecord, replay: Mapping[str, Any], same_code: bool) -> Iterator[str]:
    """What in replay.json does not go together with its verdict, or with the engine that the manifest names."""
    made = _opinion(replay).verdict.value
    if made != replay["verdict"]:
        yield f"replay.json の中身からは「{made}」になります。"
    engine, installed = replay.get("engine"), run.manifest["versions"].get("durable_rules")
    if engine and str(engine).split()[-1] != installed:
        yield f"再計算したエンジンは、replay.json では「{engine}」、目録では「{installed or _NONE}」です。"


def _opinion(replay: Mapping[str, Any]) -> SecondOpinion:
    """What was recorded, as far as verdict and sentence are drawn from it. Of the differences only whom they are about."""
    return SecondOpinion(
        tuple(replay.get("listed", ())),
        tuple(replay.get("sampled", ())),
        replay.get("compared", 0),
        dict.fromkeys(replay.get("differences", {}), ()),
        engine=replay.get("engine") or "",
        unavailable=replay.get("unavailable") or "",
        not_replayed=replay.get("not_replayed", {}),
        left_out=replay.get("left_out", {}),
    )
