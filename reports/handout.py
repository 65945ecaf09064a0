"""Write the weekly conference handout: one workbook for at most a hundred households, and one for each numbered copy."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.case import Case, Casebook, Identity
from engine.records.conference import AGENCIES
from reports.encryption import encrypted, require_same
from reports.renderer.render import render_workbook
from reports.renderer.template import TemplateBook, read_template
from reports.seal import Seal
from reports.sheet_words.case_past import Texts
from reports.sheet_words.casebook_view import Copy, view_casebook
from reports.wording import without_percentages

CASES_PER_VOLUME = 100
DEFAULT_TEMPLATE = Path(__file__).parent / "templates" / "conference.xlsx"

Progress = Callable[[int, int], None]


def write_handout(
    casebook: Casebook,
    identities: Mapping[str, Identity],
    path: Path,
    *,
    template: Path | None = None,
    copies: int = 1,
    progress: Progress | None = None,
    texts: Texts | None = None,
    head: str = "",
    seal: Seal | None = None,
    only: Collection[int] | None = None,
    password: str | None = None,
    agencies: tuple[str, ...] = AGENCIES,
) -> list[Path]:
    """Write the handout and return the paths of all files, in the order of copies and volumes.

    One file is written to `path`. More than a hundred households make volumes `<stem>_1of3.xlsx` …; `copies` above one
    makes numbered copies `<stem>_No01.xlsx` …, otherwise the number is left blank for the pen. `progress` hears (sheets
    done, sheets in all) for each file in turn. `texts`: what people wrote in earlier conferences, by run and household. `head`: the
    printed head of the run record. `seal` makes the sealed identities of sheets and rows; without it they are written plain. `only`: numbers of the
    cases to be printed, by themselves, without who is not on the list. `password`: under which each file is kept; it is opened again and compared.

    `agencies`: which may be chosen as 主担当機関.

    Files appear only when all are complete: they are written beside `path`, flushed to disk, then renamed. Raises KizukiError (E-REPORT-…)
    with every fault of the template, or if the folder cannot be written.
    """
    if copies < 1:
        raise ValueError("at least one copy")
    if only is not None:
        casebook = replace(casebook, apart=(), drawn=())
    volumes = _volumes(casebook, only)
    written: list[tuple[Path, Path]] = []
    book = read_template(template or DEFAULT_TEMPLATE)
    try:
        for number in range(1, copies + 1):
            for volume, cases in enumerate(volumes, start=1):
                copy = Copy(number if copies > 1 else 0, copies, volume, len(volumes))
                view = view_casebook(casebook, cases, identities, copy, texts=texts, head=head, agencies=agencies)
                temporary = _write_beside(
                    path, book, {"book": view}, _stamp(casebook), progress, seal, password
                )
                written.append((temporary, path.with_name(_name(path, copy))))
        for temporary, final in written:
            os.replace(temporary, final)
    except OSError as error:
        raise KizukiError(
            Problem(
                Place(path.name), "E-REPORT-07", "会議資料のファイルを書き込めません。", "資料は作られていません。",
                "保存先のフォルダがあるか、空き容量があるか、同じ名前の資料をExcelで開いたままでないかを確かめてください。",
            )
        ) from error
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)
    _flush_folder(path.parent)
    return [final for _, final in written]


def handout_paths(casebook: Casebook, path: Path, *, copies: int = 1, only: Collection[int] | None = None) -> list[Path]:
    """The files that `write_handout` would write."""
    volumes = len(_volumes(casebook, only))
    return [
        path.with_name(_name(path, Copy(number if copies > 1 else 0, copies, volume, volumes)))
        for number in range(1, copies + 1)
        for volume in range(1, volumes + 1)
    ]


def _volumes(casebook: Casebook, only: Collection[int] | None) -> list[tuple[Case, ...]]:
    cases = tuple(case for case in casebook.cases if only is None or case.case_no in only)
    return [cases[start : start + CASES_PER_VOLUME] for start in range(0, max(len(cases), 1), CASES_PER_VOLUME)]


def _name(path: Path, copy: Copy) -> str:
    numbered = f"_No{copy.number:02d}" if copy.number else ""
    volume = f"_{copy.volume}of{copy.volumes}" if copy.volumes > 1 else ""
    return f"{path.stem}{numbered}{volume}{path.suffix}"


def _write_beside(
    path: Path,
    template: TemplateBook,
    context: Mapping[str, Any],
    prepare: Callable[[Any], None],
    progress: Progress | None,
    seal: Seal | None,
    password: str | None,
) -> Path:
    made = BytesIO()
    render_workbook(template, context, made, wording=without_percentages, prepare=prepare, progress=progress, seal=seal)
    content = made.getvalue()
    descriptor, name = tempfile.mkstemp(prefix=".handout-", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(encrypted(content, password) if password else content)
            stream.flush()
            os.fsync(stream.fileno())
        if password:
            require_same(temporary, content, password)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _stamp(casebook: Casebook) -> Callable[[Any], None]:
    """The workbook's properties: who made it and the day of the data, never the clock, so that equal runs are equal."""

    def prepare(workbook: Any) -> None:
        properties = workbook.properties
        properties.creator = properties.lastModifiedBy = "kizuki"
        properties.title = "個別ケース検討会議資料"
        properties.created = properties.modified = datetime.combine(casebook.as_of, time())

    return prepare


def _flush_folder(folder: Path) -> None:
    """Make the renames durable; Windows has no handle for folders and needs none."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
