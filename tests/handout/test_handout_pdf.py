"""Workbooks into PDF through LibreOffice: nothing written over, nothing left behind, and a clear word where it is not installed."""

from __future__ import annotations

import os
import shutil
import stat
import time
from io import StringIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from rich.console import Console

from engine.kernel.errors import KizukiError
from kizuki.handout import pdf
from kizuki.handout.pdf import convert, find_office, print_pdfs
from reports.encryption import encrypted

SOFFICE = shutil.which("soffice")


def _book(tmp_path: Path) -> Path:
    workbook = Workbook()
    workbook.active["B1"] = "見本"
    path = tmp_path / "資料 1.xlsx"
    workbook.save(path)
    return path


def _program(tmp_path: Path, script: str) -> Path:
    path = tmp_path / "bin" / "soffice"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) がないため、PDFになることを確かめていません")
def test_a_workbook_becomes_a_pdf_for_its_owner_only(tmp_path: Path) -> None:
    """Beside the workbook, and no profile or temporary file is left."""
    file = _book(tmp_path)
    (made,) = print_pdfs(tmp_path, [file], None, Console(file=StringIO()), timeout_s=120)
    assert made == tmp_path / "資料 1.pdf"
    assert made.read_bytes().startswith(b"%PDF-")
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["資料 1.pdf", "資料 1.xlsx"]


def test_without_libreoffice_it_is_said_how_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Excel can do it, too."""
    monkeypatch.setattr(pdf, "_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KizukiError, match=r"E-REPORT-15.*\n.*エクスポート"):
        find_office()


def test_what_cannot_be_printed_is_told_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF that is there, and a workbook under a password, together."""
    monkeypatch.setattr(pdf, "find_office", lambda: Path("soffice"))
    file, locked = _book(tmp_path), tmp_path / "鍵.xlsx"
    locked.write_bytes(encrypted(file.read_bytes(), "ひみつの合言葉2026"))
    (tmp_path / "資料 1.pdf").write_bytes(b"before")
    with pytest.raises(KizukiError) as caught:
        print_pdfs(tmp_path, [file, locked], None, Console(file=StringIO()))
    assert [problem.code for problem in caught.value.problems] == ["E-REPORT-12", "E-REPORT-16"]
    assert (tmp_path / "資料 1.pdf").read_bytes() == b"before"


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the program")
def test_a_program_that_hangs_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    """After the time given, with what it started; the folder is as it was."""
    marker = tmp_path / "pid"
    program = _program(tmp_path, f'sleep 300 & echo $! > "{marker}"; wait')
    file = _book(tmp_path)
    begun = time.monotonic()
    with pytest.raises(KizukiError, match="E-REPORT-16"):
        convert(program, file, tmp_path / "out" / "a.pdf", timeout_s=1.0)
    assert time.monotonic() - begun < 30
    assert list((tmp_path / "out").iterdir()) == []
    child = int(marker.read_text())
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            break
        time.sleep(0.05)
    else:
        pytest.fail("what the program started is still running")


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the program")
def test_a_program_that_makes_nothing_is_told(tmp_path: Path) -> None:
    """Its own words are not repeated: they may quote the file."""
    program = _program(tmp_path, "echo 見本の氏名 >&2; exit 1")
    with pytest.raises(KizukiError, match="E-REPORT-16") as caught:
        convert(program, _book(tmp_path), tmp_path / "out" / "a.pdf")
    assert "氏名" not in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []
