"""`kizuki handout make`: print the papers of a run again from its record."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from rich.console import Console

from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import near_name
from engine.records.case import Casebook
from kizuki.handout.printed import append_printed
from kizuki.handout.rejoined import Rejoined, rejoin
from kizuki.handout.templates import Kind, is_there, template_of
from kizuki.progress import Stages
from reports.handout import handout_paths, write_handout

_STEMS = {"会議資料": "handout", "個票": "case_sheet"}
_CASE = re.compile(r"(?:案件)?0*(\d{1,4})")


@dataclass(frozen=True)
class Wanted:
    """What is to be printed. `cases` as they were written (案件03, 3), empty for all; `out`: a file or a folder, None for the run's own folder."""

    kind: Kind = "会議資料"
    cases: Sequence[str] = ()
    copies: int = 1
    template: Path | None = None
    password: str | None = None
    out: Path | None = None


def make_handout(folder: Path, run: str | None, wanted: Wanted, console: Console, *, at: datetime) -> list[Path]:
    """Print papers of a run (None: the newest) again and say where they are. No file is written over.

    Raises KizukiError as `rejoin`; E-RUN-02 for a case that is not on the list; E-REPORT-… for templates, files that are there already, and files
    that cannot be written.
    """
    stages = Stages(console)
    with stages.stage("実行の記録を読み、氏名を戻す"):
        rejoined = rejoin(folder, run)
    numbers = case_numbers(rejoined.casebook, wanted.cases) if wanted.cases else None
    template = template_of(rejoined.workspace, wanted.kind, wanted.template)
    path = _target(rejoined, wanted, numbers)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shown = len(rejoined.casebook.cases) if numbers is None else len(numbers)
    with stages.stage(f"{wanted.kind}をつくる({shown}世帯)") as stage:
        files = write_handout(
            rejoined.casebook,
            rejoined.identities,
            path,
            template=template.path,
            copies=wanted.copies,
            progress=lambda done, total: stage.advance(done / max(total, 1)),
            texts=rejoined.texts,
            head=rejoined.head,
            seal=rejoined.seal,
            only=numbers,
            password=wanted.password,
            agencies=rejoined.settings.conference.agencies,
        )
    rejoined.workspace.out.mkdir(parents=True, exist_ok=True, mode=0o700)
    append_printed(rejoined.workspace.out, at, rejoined.record.run_id, wanted.kind, numbers, template.sha256, files)
    for file in files:
        console.print(f"{wanted.kind}: {file.resolve()}", markup=False)
    console.print(f"実行 {rejoined.record.run_id}、{template.told}", markup=False)
    if wanted.password:
        console.print(
            "パスワードをかけました。開いて元の内容に戻ることを確かめてあります。パスワードはどこにも残していません。"
        )
    return files


def case_numbers(casebook: Casebook, words: Sequence[str]) -> set[int]:
    """The cases that are meant: 案件03, 3. Raises KizukiError E-RUN-02 with everything that is not on the list."""
    known = {case.case_no for case in casebook.cases}
    numbers: set[int] = set()
    problems = []
    for word in words:
        found = _CASE.fullmatch(unicodedata.normalize("NFKC", word).strip())
        if found and int(found[1]) in known:
            numbers.add(int(found[1]))
        else:
            problems.append(_no_case(word, known))
    if problems:
        raise KizukiError(problems)
    return numbers


def _no_case(word: str, known: Collection[int]) -> Problem:
    near = near_name(word, {f"案件{number:02d}" for number in known})
    last = (
        f"この回の案件は 案件01 から 案件{max(known):02d} までです。" if known else "この回の一覧に、案件はありません。"
    )
    return Problem(
        Place("--case"),
        "E-RUN-02",
        "この案件は、この回の一覧にありません。",
        "資料は作られていません。",
        (f"「{near}」ではありませんか。" if near else "") + last,
    )


def _target(rejoined: Rejoined, wanted: Wanted, numbers: Collection[int] | None) -> Path:
    """A path of which no file is there yet; a file named with --out that is there is refused."""
    stem = _STEMS[wanted.kind]
    if numbers is not None and len(numbers) == 1:
        stem += f"_{min(numbers):02d}"
    folder = wanted.out or rejoined.workspace.out / rejoined.record.run_id
    named = wanted.out is not None and wanted.out.suffix.lower() == ".xlsx"
    candidates = (
        [wanted.out] if named and wanted.out else (folder / f"{stem}{f'_{n}' if n > 1 else ''}.xlsx" for n in count(1))
    )
    there: list[Path] = []
    for path in candidates:
        files = handout_paths(rejoined.casebook, path, copies=wanted.copies, only=numbers)
        there = [file for file in files if file.exists()]
        if not there:
            return path
    raise KizukiError([is_there(file) for file in there])
