"""LibreOffice as a person uses it: fills blanks, renames, moves, copies and deletes sheets, types over a locked cell, and saves."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

SOFFICE = shutil.which("soffice")
MISSING = "LibreOffice (soffice) がないため、書き込んで保存したブックを読み取れることを確かめていません"

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_LIBRARY = (
    '<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">\n'
    '<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" '
    'library:passwordprotected="false"><library:element library:name="Fill"/></library:library>'
)
_MODULE = (
    '<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">\n'
    '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Fill" script:language="StarBasic">{}</script:module>'
)
_BASIC = """\
Function Blank(doc, sheet, label)
  Blank = doc.Sheets.getByName(sheet).NamedRanges.getByName("入力_" & label).ReferredCells.getCellByPosition(0, 0)
End Function

Sub FillAndSave(source, target, kind)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  doc = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
  sheets = doc.Sheets
__LINES__
  Dim saved(0) As New com.sun.star.beans.PropertyValue
  saved(0).Name = "FilterName"
  saved(0).Value = kind
  doc.storeToURL(target, saved())
  doc.close(True)
End Sub

Sub Main(source, target, kind)
  FillAndSave(source, target, kind)
  StarDesktop.terminate
End Sub
"""
FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "ods": "calc8"}


def typed(sheet: str, label: str, text: str) -> str:
    """As typed on the keyboard: the program makes a day or a number of it where it takes it for one."""
    return f'Blank(doc, "{sheet}", "{label}").setFormula("{text}")'


def text(sheet: str, label: str, text: str) -> str:
    """As text."""
    return f'Blank(doc, "{sheet}", "{label}").String = "{text}"'


class Office:
    """One profile of its own, so that nobody's running program is touched."""

    def __init__(self, folder: Path) -> None:
        self.profile = folder / "profile"
        self._run("--terminate_after_init")
        self.library = self.profile / "user" / "basic" / "Standard"
        self.library.mkdir(parents=True, exist_ok=True)
        (self.library / "script.xlb").write_text(_HEAD + _LIBRARY, encoding="utf-8")

    def save(self, source: Path, target: Path, lines: Iterable[str] = ()) -> Path:
        """Open, do what the lines say in Basic (`doc`, `sheets`), save as the target's kind."""
        program = _BASIC.replace("__LINES__", "\n".join(f"  {line}" for line in lines))
        (self.library / "Fill.xba").write_text(_HEAD + _MODULE.format(escape(program)), encoding="utf-8")
        names = f'"{source.as_uri()}","{target.as_uri()}","{FILTERS[target.suffix[1:]]}"'
        self._run("--norestore", f"macro:///Standard.Fill.Main({names})")
        assert target.exists(), "LibreOffice did not save"
        return target

    def _run(self, *arguments: str) -> None:
        """In a process group of its own: a program that hangs in a dialog nobody sees is ended with its children."""
        command = [str(SOFFICE), f"-env:UserInstallation={self.profile.as_uri()}", "--headless", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            assert process.wait(timeout=90) == 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
