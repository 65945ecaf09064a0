"""`kizuki audit verify`: verify, print, and write the certificate if asked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console

from engine.audit.run_record import open_run
from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError
from kizuki.audit.certificate import certificate_lines
from kizuki.audit.findings import Cause, finding
from kizuki.audit.verify import verify_run
from kizuki.progress import Stages
from kizuki.settings import open_workspace


def show_verification(folder: Path, run_id: str | None, out: Path | None, console: Console, verified_on: date) -> bool:
    """Whether a run (the newest, if none is named) could be confirmed.

    Raises KizukiError: E-RUN-01 where there is no such run, E-AUDIT-01 where its manifest itself is damaged.
    """
    workspace, settings = open_workspace(folder)
    try:
        run = open_run(workspace.runs, run_id)
    except KizukiError as error:
        if error.problems[0].code != "E-STORE-22":
            raise
        place = error.problems[0].place.file
        raise KizukiError(
            finding("E-AUDIT-01", Cause.RECORD, place, "目録そのものが、封(seal)と合いません。").problem
        ) from None
    verification = verify_run(workspace, settings, run, Stages(console))
    lines = list(certificate_lines(verification, settings.city.name, verified_on))
    console.print()
    for line in lines:
        console.print(line, markup=False, style="bold red" if line.startswith("検証できません") else None)
    if out is not None:
        write_whole(out, ("\n".join(lines) + "\n").encode("utf-8-sig"))
        console.print(f"検証の結果: {out.resolve()}", markup=False)
    return verification.confirmed
