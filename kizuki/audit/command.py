"""`kizuki audit verify`: verify, print, and write the certificate if asked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console

from engine.audit.run_record import RunRecord
from engine.audit.runs import RUN_ID, open_run
from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError
from kizuki.audit.certificate import certificate_lines
from kizuki.audit.findings import Cause, finding
from kizuki.audit.shape import misshapen
from kizuki.audit.verify import verify_run
from kizuki.progress import Stages
from kizuki.settings import Workspace, open_workspace


def show_verification(
    folder: Path,
    run_id: str | None,
    out: Path | None,
    console: Console,
    verified_on: date,
    head: str | None = None,
) -> bool:
    """Whether a run (the newest, if none is named) could be confirmed. `head`: as a paper prints it.

    Raises KizukiError: E-RUN-01 where there is no such run, E-AUDIT-01 where its manifest itself is damaged.
    """
    workspace, settings = open_workspace(folder)
    run = _opened(workspace, run_id)
    verification = verify_run(workspace, settings, run, Stages(console), head)
    lines = list(certificate_lines(verification, settings.city.name, verified_on))
    console.print()
    for line in lines:
        console.print(line, markup=False, style="bold red" if line.startswith("検証できません") else None)
    if out is not None:
        write_whole(out, ("\n".join(lines) + "\n").encode("utf-8-sig"), private=True)
        console.print(f"検証の結果: {out.resolve()}", markup=False)
    return verification.confirmed


def _opened(workspace: Workspace, run_id: str | None) -> RunRecord:
    try:
        run = open_run(workspace.runs, run_id)
    except KizukiError as error:
        code = error.problems[0].code
        if code == "E-STORE-22":
            raise _unusable(error.problems[0].place.file, "目録そのものが、封(seal)と合いません。") from None
        meant = run_id or _pointed_at(workspace.runs)
        if code == "E-RUN-01" and RUN_ID.fullmatch(meant) and (workspace.runs / meant).is_dir():
            raise _unusable(f"runs/{meant}/manifest.json", "記録のフォルダはありますが、目録がありません。") from None
        raise
    if keys := misshapen(run.manifest):
        detail = f"目録に、あるはずの項目がないか、形が違います({'、'.join(keys[:5])}、あわせて{len(keys)}項目)。"
        raise _unusable(f"runs/{run.run_id}/manifest.json", detail)
    return run


def _pointed_at(runs: Path) -> str:
    pointer = runs / "CURRENT"
    return pointer.read_bytes().decode("ascii", errors="replace").strip() if pointer.is_file() else ""


def _unusable(place: str, detail: str) -> KizukiError:
    return KizukiError(finding("E-AUDIT-01", Cause.RECORD, place, detail).problem)
