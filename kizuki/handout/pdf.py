"""`kizuki handout pdf`: workbooks printed into PDF by LibreOffice, where it is installed.

LibreOffice gets a profile and a folder for temporary files of its own, beside the target and closed to others, for it writes names into both; the
folder is gone afterwards, and so is LibreOffice itself, whatever happens.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from engine.audit.runs import open_run
from engine.kernel.errors import KizukiError, Place, Problem
from kizuki.handout.templates import is_there
from kizuki.progress import Stages
from kizuki.settings import open_workspace

TIMEOUT_S = 600
_NAMES = ("soffice", "libreoffice")
_PLACES = (
    Path("C:/Program Files/LibreOffice/program/soffice.exe"),
    Path("C:/Program Files (x86)/LibreOffice/program/soffice.exe"),
    Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
)
_ENCRYPTED = b"\xd0\xcf\x11\xe0"  # an OLE container: a workbook under a password, or an old .xls


def print_pdfs(
    folder: Path, files: Sequence[Path], out: Path | None, console: Console, *, timeout_s: float = TIMEOUT_S
) -> list[Path]:
    """Make a PDF of each file (of none: the handouts of the newest run) and say where they are. No file is written over.

    Raises KizukiError: E-REPORT-15 without LibreOffice, E-REPORT-12 for PDFs that are there already, E-REPORT-16 for a file that cannot be printed.
    """
    program = find_office()
    chosen = list(files) or _newest(folder)
    targets = [(out or file.parent) / f"{file.stem}.pdf" for file in chosen]
    problems = [is_there(target) for target in targets if target.exists()] + [
        _fault(
            file,
            "パスワードのかかった資料か、Excelブック(.xlsx)ではないファイルです。",
            "パスワードをかけずに kizuki handout make でつくった資料を渡してください。",
        )
        for file in chosen
        if file.read_bytes()[:4] == _ENCRYPTED
    ]
    if problems:
        raise KizukiError(problems)
    stages = Stages(console)
    for file, target in zip(chosen, targets, strict=True):
        with stages.stage(f"PDFにする({file.name})"):
            convert(program, file, target, timeout_s)
        console.print(f"PDF: {target.resolve()}", markup=False)
    return targets


def find_office() -> Path:
    """LibreOffice's program. Raises KizukiError E-REPORT-15 where it is not installed."""
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    if place := next((one for one in _PLACES if one.is_file()), None):
        return place
    raise KizukiError(
        Problem(
            Place("LibreOffice"),
            "E-REPORT-15",
            "LibreOffice が見つからないため、PDFをつくれません。",
            "PDFへの変換は LibreOffice が行います。",
            "LibreOffice を入れるか、Excelで資料を開いて「エクスポート」からPDFをつくってください。",
        )
    )


def convert(program: Path, file: Path, target: Path, timeout_s: float = TIMEOUT_S) -> None:
    """One workbook into one PDF, readable by its owner only. Raises KizukiError E-REPORT-16."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".pdf-", dir=target.parent, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        profile, made = folder / "profile", folder / "made"
        made.mkdir()
        command = [
            str(program), f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--norestore", "--nolockcheck", "--nodefault",
            "--convert-to", "pdf:calc_pdf_Export", "--outdir", str(made), str(file.resolve()),
        ]  # fmt: skip
        finished = _run(command, folder, timeout_s)
        pdf = made / f"{file.stem}.pdf"
        if not finished:
            raise KizukiError(
                _fault(
                    file,
                    f"{timeout_s:.0f}秒待っても変換が終わりませんでした。",
                    "冊を分けるか、Excelで開いて「エクスポート」からPDFをつくってください。",
                )
            )
        if not pdf.is_file() or pdf.read_bytes()[:5] != b"%PDF-":
            raise KizukiError(
                _fault(
                    file,
                    "LibreOffice がPDFをつくれませんでした。",
                    "Excelブック(.xlsx)であるか、空き容量があるかを確かめてください。",
                )
            )
        pdf.chmod(0o600)
        pdf.replace(target)


def _run(command: list[str], folder: Path, timeout_s: float) -> bool:
    """Run to the end or kill it with everything that it started; whether it ended by itself. What it prints is not shown: it may quote the file."""
    environment = {**os.environ, "TMPDIR": str(folder), "TMP": str(folder), "TEMP": str(folder)}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=os.name != "nt",
    )
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return False
    finally:
        _end(process)
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
    process.wait()


def _newest(folder: Path) -> list[Path]:
    workspace, _ = open_workspace(folder)
    run_id = open_run(workspace.runs).run_id
    found = sorted((workspace.out / run_id).glob("handout*.xlsx"))
    if found:
        return found
    raise KizukiError(
        Problem(
            Place(f"out/{run_id}"),
            "E-REPORT-16",
            "PDFにする会議資料がありません。",
            "変換するものがありません。",
            "先に kizuki handout make で会議資料をつくるか、ファイルを指定してください。",
        )
    )


def _fault(file: Path, what: str, remedy: str) -> Problem:
    return Problem(Place(file.name), "E-REPORT-16", what, "この資料のPDFは作られていません。", remedy)
