"""The password of a paper: asked for on the screen, twice, or read from a file. Never on the command line, never in a log."""

from __future__ import annotations

from pathlib import Path

import click

from reports.encryption import require_password


def first_line(file: Path) -> str:
    """The password that stands in a file: its first line, empty where there is none."""
    lines = file.read_text("utf-8-sig", errors="replace").splitlines()
    return lines[0] if lines else ""


def wanted_password(ask: bool, file: Path | None) -> str | None:
    """The password that was asked for, None where none was. Raises KizukiError E-REPORT-14 for one that is too short."""
    if ask and file is not None:
        raise click.UsageError("--password と --password-file は、どちらか一方だけ書けます。")
    if file is not None:
        return require_password(first_line(file))
    if not ask:
        return None
    said: str = click.prompt("パスワード", hide_input=True, confirmation_prompt="もう一度")
    return require_password(said)
