"""A made-up conference: a run of four households and two children drawn by chance, its sealed handout, and pens to fill it in. Nobody here exists."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
from openpyxl import load_workbook
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.merge import MergedCellRange
from rich.console import Console

from engine.audit.run_record import RunContents
from engine.audit.runs import publish, seal_run
from engine.kernel.truth import Truth
from engine.records.case import (
    HARDSHIP_LABELS,
    Case,
    Casebook,
    ChildCase,
    DrawnChild,
    Identity,
    MemberLine,
    ScenarioResult,
    SentenceResult,
    SourceStatus,
    Tier,
    TypeDecision,
)
from engine.records.conference_store import ConferenceBook, read_conference
from engine.records.feedback import Feedback, read_feedback
from kizuki.handout_key import sealing
from kizuki.readback.asking import Asker, Nobody
from kizuki.readback.command import Result, read_back, today_on
from kizuki.readback.planning import Wishes
from kizuki.settings import SETTINGS_FILE, SETTINGS_TEMPLATE, Workspace
from reports.handout import write_handout

AS_OF, MEETING, TODAY = date(2026, 11, 20), date(2026, 11, 27), date(2026, 12, 18)
RUN = "R20261120-01"
CHANCE = 1234
HOMES = {number: f"H{number:04d}AAAABBBBCCCC" for number in (1, 2, 3, 4, 8, 9)}
# by household: children with the types for which they are listed
FLAGGED: dict[int, dict[str, tuple[str, ...]]] = {
    1: {"P0001AAAABBBBCCCC": ("poverty", "school_absence")},
    2: {"P0021AAAABBBBCCCC": ("young_carer",), "P0022AAAABBBBCCCC": ("poverty",)},
    3: {"P0003AAAABBBBCCCC": ("developmental_disorder",)},
    4: {"P0004AAAABBBBCCCC": ("abuse",)},
}
DRAWN = {8: "P0008AAAABBBBCCCC", 9: "P0009AAAABBBBCCCC"}


def _scenario(kind: str) -> str:
    return f"{kind.upper()[:2]}-01"


def _child(key: str, kinds: tuple[str, ...]) -> ChildCase:
    results = tuple(
        ScenarioResult(_scenario(kind), kind, "気になること", "早く気づく", "強", "独自の目安", Truth.MET, Truth.NOT_MET,
                       (SentenceResult(0, "欠席が7日以上", Truth.MET),))
        for kind in kinds
    )
    types = tuple(TypeDecision(kind, Tier.INQUIRY, "強いシナリオに該当", (_scenario(kind),)) for kind in kinds)
    return ChildCase(key, 9, 3, Tier.INQUIRY, types, results, (), (), ())


def made_up_casebook(flagged: Mapping[int, Mapping[str, tuple[str, ...]]] = FLAGGED, drawn: Mapping[int, str] = DRAWN) -> Casebook:
    cases = tuple(
        Case(number, f"H{number:04d}AAAABBBBCCCC", Tier.INQUIRY, "新規", None, 20, False, False, "北地区",
             tuple(_child(key, kinds) for key, kinds in children.items()),
             tuple(MemberLine(key, "子", 9, True) for key in children), "欠席が増えています")
        for number, children in flagged.items()
    )
    chosen = tuple(
        DrawnChild(place, key, HOMES[number], 9, 3, "南地区", CHANCE, (MemberLine(key, "子", 9, True),))
        for place, (number, key) in enumerate(drawn.items(), start=1)
    )
    return Casebook(
        AS_OF, MEETING, RUN, "見本市", 30, (SourceStatus("residents", "住民記録", AS_OF, True, 9, 9, 0, 0),), cases, (), 100,
        {"①": 0, "②": len(cases), "③": 90}, "一致", {"poverty": "2026.1"}, drawn=chosen,
    )


def _decisions(book: Casebook) -> pa.Table:
    """One row per child as in a real record: the hits as the casebook tells them."""
    children = sorted(
        [(child.child_key, case.household_key, child) for case in book.cases for child in case.children]
        + [(drawn.child_key, drawn.household_key, None) for drawn in book.drawn],
        key=lambda each: each[0],
    )
    hits = [{result.scenario_id for result in child.results} if child else set() for _, _, child in children]
    return pa.table({
        "child_key": [key for key, _, _ in children],
        "household_key": [home for _, home, _ in children],
        "tier": pa.array([2 if child else 3 for _, _, child in children], pa.int8()),
        "rule_tier": pa.array([2 if child else 3 for _, _, child in children], pa.int8()),
        "points": pa.array([20 if child else 0 for _, _, child in children], pa.int32()),
        **{f"tier_{kind}": pa.array([3] * len(children), pa.int8()) for kind in HARDSHIP_LABELS},
        **{name: pa.array([int(_scenario(kind) in hit) if not name.endswith("led") else 0 for hit in hits], pa.int8())
           for kind in HARDSHIP_LABELS for name in (_scenario(kind), f"{_scenario(kind)}_cancelled")},
    })


@dataclass(frozen=True)
class Conference:
    """A workspace with one run, and the handout as it was printed."""

    workspace: Workspace
    printed: Path

    def copy_to(self, folder: Path) -> Conference:
        shutil.copytree(self.workspace.root, folder)
        return Conference(Workspace(folder), folder / self.printed.relative_to(self.workspace.root))

    def read(self, *paths: Path, dry_run: bool = False, on: date = TODAY, by: str = "係長", who: Asker | None = None,
             password: str | None = None, **wishes: Any) -> Result:
        """Read files back, in the hand of 係長, where nobody can be asked."""
        wanted = Wishes(**{"missing_is_none": True, **wishes})
        return read_back(self.workspace.root, paths, today_on(on, by), Console(file=StringIO()), who=who or Nobody(),
                         wishes=wanted, dry_run=dry_run, password=password)

    @property
    def book(self) -> ConferenceBook:
        return read_conference(self.workspace.conference)

    @property
    def feedback(self) -> dict[tuple[str, str | None], Feedback]:
        return {(each.child_key, each.hardship_type): each for each in read_feedback(self.workspace.feedback)}


def hold_conference(folder: Path, book: Casebook | None = None) -> Conference:
    """Make the workspace, publish its run, write the handout."""
    workspace = Workspace(folder)
    folder.mkdir(parents=True)
    (folder / SETTINGS_FILE).write_text(SETTINGS_TEMPLATE.format(city='"見本市"'), encoding="utf-8")
    book = book or made_up_casebook()
    decisions = _decisions(book)
    said = {"as_of": AS_OF.isoformat(), "previous_run": None, "deliveries": [], "rulebooks": {}, "sources": {}, "replay": "一致"}
    contents = RunContents(decisions, decisions.select(["child_key"]), (), book, {}, {})
    publish(workspace.runs, seal_run(RUN, said, contents))
    people = {
        line.key: Identity(f"見本 {line.key[1:5]}子", "ミホン コ", date(2017, 5, 3), "女")
        for home in (*book.cases, *book.drawn) for line in home.members
    }
    workspace.out.mkdir()
    printed = write_handout(book, people, workspace.out / "handout.xlsx", seal=sealing(workspace))[0]
    return Conference(workspace, printed)


def open_book(path: Path) -> Any:
    """To be changed and saved; openpyxl's slow redrawing of the borders of merged cells is left out."""
    with patch.object(MergedCellRange, "format", lambda self: None):
        return load_workbook(path)


def blank_cell(sheet: Any, label: str, row: int = 0) -> Any:
    """The cell of a blank; of a name over several rows the one in `row`."""
    area = sheet.defined_names[f"入力_{label}"].attr_text.rsplit("!", 1)[1].replace("$", "").split(":")[0]
    return sheet[f"{area.rstrip('0123456789')}{row}" if row else area]


@cache
def places(source: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """By sheet: the part of the file, and the cell (or the rows) of each blank."""
    workbook = load_workbook(source, read_only=True)
    return {
        sheet.title: (
            f"xl/worksheets/sheet{number}.xml",
            {name.removeprefix("入力_"): defined.attr_text.rsplit("!", 1)[1].replace("$", "") for name, defined in sheet.defined_names.items()},
        )
        for number, sheet in enumerate(workbook.worksheets, start=1)
    }


def fill(source: Path, target: Path, answers: Mapping[str, Mapping[str, Any]]) -> Path:
    """The workbook as it was printed with answers by sheet and blank; 無作為 by `シート名:行`. Days are written as their number."""
    changes: dict[str, list[tuple[str, str]]] = {}
    with ZipFile(source) as archive:
        for place, blanks in answers.items():
            title, _, row = place.partition(":")
            part, cells = places(source)[title]
            content = archive.read(part).decode()
            for label, value in blanks.items():
                cell = cells[label].split(":")[0]
                cell = f"{cell.rstrip('0123456789')}{row}" if row else cell
                found = re.search(rf'<c r="{cell}"( s="\d+")?/>', content)
                assert found, f"{title} {label} is not blank"
                changes.setdefault(part, []).append((found[0], f'<c r="{cell}"{found[1] or ""}{_written(value)}</c>'))
    return rewrite(source, target, changes)


def _written(value: Any) -> str:
    if isinstance(value, date):
        return f"><v>{to_excel(value):.0f}</v>"
    if isinstance(value, int | float):
        return f"><v>{value}</v>"
    if value.startswith("="):
        return f"><f>{escape(value[1:])}</f><v>0</v>"
    if value.startswith("#"):
        return f' t="e"><v>{escape(value)}</v>'
    return f' t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is>'


def rewrite(source: Path, target: Path, changes: Mapping[str, list[tuple[str, str]]]) -> Path:
    """The zip with texts of its parts replaced."""
    with ZipFile(source) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            for before, after in changes.get(part.filename, ()):
                assert content.count(before.encode()) == 1
                content = content.replace(before.encode(), after.encode())
            new.writestr(part.filename, content)
    return target
