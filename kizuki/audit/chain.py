"""The runs beside a run: the seals by which they know each other, and what is missing among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.audit.run_record import RunRecord
from engine.audit.runs import RUN_ID, newest_run_id, open_run
from engine.kernel.errors import KizukiError
from kizuki.audit.findings import Cause, Check, Finding, finding
from kizuki.settings import Workspace


def check_chain(workspace: Workspace, run: RunRecord, ids: Sequence[str], *, same_code: bool) -> Check:
    """The seals by which runs know each other: the run before by this manifest, and this one by those that came later.

    A record without a seal is an older one, unless a run before it has one or the present code made it: then somebody took the seal off.
    """
    findings: list[Finding] = []
    seen = 0
    known = run.manifest.get("list_inputs", {}).get("previous_seal")
    if known is not None:
        seen += 1
        findings += _seal(workspace, run.manifest["previous_run"], known, run.run_id)
    for run_id in ids:
        later = opened(workspace, run_id)
        if later is None or later.manifest.get("previous_run") != run.run_id:
            continue
        known = _previous_seal(later)
        if known is not None:
            seen += 1
            findings += _seal(workspace, run.run_id, known, run_id)
    if "seal" not in run.manifest:
        findings += _taken_off(workspace, run, ids, same_code)
    compared = (
        f"前後の{seen}件の実行が控えている封(seal)と比べました"
        if seen
        else "封(seal)を控えている前後の実行はありません"
    )
    return Check("前後の実行との照合", compared, tuple(findings), tuple(_gaps(workspace, run)))


def opened(workspace: Workspace, run_id: str) -> RunRecord | None:
    """A run beside the one that is verified; None where it cannot be read."""
    try:
        return open_run(workspace.runs, run_id)
    except KizukiError:
        return None


def _previous_seal(run: RunRecord) -> str | None:
    inputs = run.manifest.get("list_inputs")
    return inputs.get("previous_seal") if isinstance(inputs, dict) else None


def _seal(workspace: Workspace, run_id: str, known: str, by: str) -> Iterator[Finding]:
    record = opened(workspace, run_id)
    if record is None or record.manifest.get("seal") != known:
        detail = f"控えているのは {by} です。" if record else f"記録を読めません({by} が控えています)。"
        yield finding("E-AUDIT-12", Cause.RECORD, f"runs/{run_id}/manifest.json", detail)


def _taken_off(workspace: Workspace, run: RunRecord, ids: Sequence[str], same_code: bool) -> Iterator[Finding]:
    before = (
        each for each in ids if each < run.run_id and (record := opened(workspace, each)) and "seal" in record.manifest
    )
    witness = next(before, None)
    if witness is not None or same_code:
        why = f"それより前の {witness} には封があります" if witness else "この版の kizuki は、どの記録にも封をします"
        detail = f"この目録には封がありませんが、{why}。"
        yield finding("E-AUDIT-12", Cause.RECORD, f"runs/{run.run_id}/manifest.json", detail)


def _gaps(workspace: Workspace, run: RunRecord) -> Iterator[str]:
    """Numbers of that day that are missing, folders of runs without a manifest, and a pointer to another run than the newest."""
    stem, number = run.run_id.split("-")
    missing = [each for n in range(1, int(number)) if not (workspace.runs / (each := f"{stem}-{n:02d}")).exists()]
    if missing:
        yield f"同じ日の {'・'.join(missing)} の記録がありません(番号は続けて付くので、消されています)。"
    folders = sorted(path.name for path in workspace.runs.iterdir() if RUN_ID.fullmatch(path.name))
    if headless := [name for name in folders if not (workspace.runs / name / "manifest.json").is_file()]:
        yield f"目録(manifest.json)のない記録のフォルダがあります({'・'.join(headless)})。"
    pointer, newest = workspace.runs / "CURRENT", newest_run_id(workspace.runs)
    if pointer.is_file() and pointer.read_bytes().strip() != str(newest).encode():
        yield f"runs/CURRENT が、いちばん新しい記録({newest})を指していません。"
