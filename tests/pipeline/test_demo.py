"""The demonstration, week after week: lists, people who fill them in, and lists that honour what they decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from stat import S_IMODE

import pytest
from openpyxl import load_workbook
from rich.console import Console

from engine.audit.runs import open_run, published_ids
from engine.records.case import Casebook
from engine.records.conference_store import ConferenceBook, read_conference
from engine.records.feedback import read_feedback
from kizuki.authoring.manual import print_manual
from kizuki.demo import run_demo
from kizuki.outcomes.command import measures_of, show_outcomes
from kizuki.outcomes.precision import scenario_precision
from kizuki.readback.asking import Nobody
from kizuki.readback.command import read_back
from kizuki.readback.entries import Reading
from kizuki.rules.files import load_rule_files
from kizuki.settings import Workspace
from reports.blanks import read_identity

pytestmark = pytest.mark.xdist_group(name="demo")
LAST = date(2026, 11, 27)
SEED = 20261120


@dataclass(frozen=True)
class Demo:
    workspace: Workspace
    said: str
    status: int
    books: Mapping[str, Casebook]
    conference: ConferenceBook

    @property
    def last(self) -> Casebook:
        return self.books[max(self.books)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Three weeks of a small city: two conferences have met, the third has its list."""
    folder = tmp_path_factory.mktemp("demo")
    screen = StringIO()
    console = Console(file=screen, width=200, soft_wrap=True, highlight=False)
    status = run_demo(folder, people=3_000, weeks=3, seed=SEED, console=console)
    workspace = Workspace(folder)
    books = {run_id: open_run(workspace.runs, run_id).casebook() for run_id in published_ids(workspace.runs)}
    return Demo(workspace, screen.getvalue(), status, books, read_conference(workspace.conference))


def register_rows(path: Path) -> set[tuple[str, str]]:
    sheet = load_workbook(path)["台帳"]
    marks = [read_identity(row[0]) for row in sheet.iter_rows(max_col=1, values_only=True)]
    return {(one.run_id, one.household_key) for one in marks if one is not None}


def test_it_ends_with_what_a_visitor_wants_to_open(demo: Demo):
    """The last handout, the filled-in one, the register and the outcomes, each by its path, and each is there."""
    assert demo.status == 0
    for name in ("handout.xlsx", "handout_filled.xlsx", "register_2026Q3.xlsx", "outcomes.xlsx"):
        line = next(line for line in demo.said.splitlines() if line.endswith(f"/{name}"))
        assert Path(line.split(": ", 1)[1]).is_file()


def test_every_conference_but_the_last_has_met(demo: Demo):
    """The last list waits for its conference, as a real one would."""
    filled = {path.parent.name for path in demo.workspace.out.glob("*/handout_filled.xlsx")}
    assert filled == set(sorted(demo.books)[:-1])
    assert {entry.decision.run_id for entry in demo.conference.entries} == filled


def test_what_was_written_is_kept_from_others_and_made_into_feedback(demo: Demo):
    """Words stand in conference/ only, readable by nobody else; feedback holds the children drawn by chance as such."""
    assert {S_IMODE(path.stat().st_mode) for path in demo.workspace.conference.iterdir()} == {0o600}
    words = {e.texts.reason for e in demo.conference.entries if e.texts.reason}
    kept = "".join(path.read_text("utf-8") for path in demo.workspace.feedback.glob("*.jsonl"))
    assert words and not [word for word in words if word in kept]
    drawn = {e.child_key for e in read_feedback(demo.workspace.feedback) if e.seen_by == "無作為"}
    assert drawn and drawn == {answer.child_key for answer in demo.conference.drawn}
    assert drawn <= {child.child_key for book in demo.books.values() for child in book.drawn}


def test_the_next_lists_know_what_was_decided(demo: Demo):
    """Who was set apart is shown apart, and a sheet tells what an earlier conference decided."""
    decided = {entry.decision.household_key for entry in demo.conference.entries}
    apart = {one.household_key for one in demo.last.apart}
    told = {case.household_key for case in demo.last.cases if case.decisions}
    assert apart and apart <= decided
    assert told == {case.household_key for case in demo.last.cases} & decided
    assert not apart & {case.household_key for case in demo.last.cases}


def test_reading_a_filled_in_workbook_again_changes_nothing(demo: Demo):
    """The second version of the first week's workbook has been read in the meantime."""
    first = demo.workspace.out / min(demo.books) / "handout_filled.xlsx"
    before = {path: path.read_bytes() for path in sorted(demo.workspace.conference.iterdir())}
    read_back(demo.workspace.root, [first], Reading("担当者", LAST), Console(quiet=True), who=Nobody())
    assert {path: path.read_bytes() for path in sorted(demo.workspace.conference.iterdir())} == before


def test_the_register_holds_every_household_that_is_not_closed(demo: Demo):
    """Each under its newest decision, those put off and out of scope too; what a quarterly meeting closed is on the sheet of closed cases."""
    newest = {e.decision.household_key: e.decision for e in demo.conference.entries if e.decision.decision is not None}
    closed = {key for key, decision in newest.items() if decision.closed_on is not None}
    rows = register_rows(demo.workspace.out / "register_2026Q3.xlsx")
    assert rows == {(decision.run_id, key) for key, decision in newest.items() if key not in closed}
    sheet = load_workbook(demo.workspace.out / "register_2026Q3.xlsx")["終結"]
    assert sum(isinstance(row[0].value, int) for row in sheet.iter_rows(min_col=2, max_col=2)) == len(closed)


def test_a_filled_in_register_has_come_back(demo: Demo):
    """What a quarterly meeting writes is read back like a sheet: the end of a case, a new day for its review, or its ratings."""
    filled = next(demo.workspace.out.glob("register_*_filled.xlsx"))
    blank = load_workbook(filled.with_name(filled.name.replace("_filled", "")))["台帳"]
    written = load_workbook(filled)["台帳"]
    new = [
        (cell.row, cell.value)
        for row in written.iter_rows(min_col=2)
        for cell in row
        if cell.value is not None and blank[cell.coordinate].value is None
    ]
    assert new
    households = {read_identity(written.cell(row, 1).value).household_key for row, _ in new}
    followed = {
        said.household_key
        for said in (entry.decision for entry in demo.conference.entries)
        if said.review_on or said.closed_on or said.urgency or said.severity
    }
    assert households <= followed


def test_the_outcomes_are_those_of_the_sheets(demo: Demo):
    made = measures_of(demo.workspace, None, None, LAST)
    newest = {e.decision.household_key: e.decision for e in demo.conference.entries if e.decision.decision is not None}
    assert [week.listed for week in made.weeks] == [len(book.cases) for _, book in sorted(demo.books.items())]
    assert made.whole.decided == len(newest)
    assert made.whole.taken_up == sum(d.decision not in ("見送り", "対象外") for d in newest.values())
    assert made.drawn.drawn == 9 and made.drawn.looked_at + made.drawn.unclear == len(demo.conference.drawn)


def test_outcomes_print_no_name_and_no_key(demo: Demo, capsys: pytest.CaptureFixture[str]):
    screen = StringIO()
    show_outcomes(demo.workspace.root, None, None, None, Console(file=screen, width=160), today=LAST)
    assert "会議の結果の集計" in screen.getvalue()
    keys = {key for book in demo.books.values() for case in book.cases for key in (case.household_key, case.case_no)}
    assert not [key for key in keys if isinstance(key, str) and key[:8] in screen.getvalue()]


def test_the_printed_rulebook_tells_what_conferences_found(demo: Demo, tmp_path: Path):
    """Counted child by child, from the same feedback from which a model learns; a word is about the list on which it was said."""
    rules = load_rule_files(demo.workspace, demo.last.as_of)
    found = scenario_precision(demo.workspace, rules.rulebooks)
    said = {
        (e.run_id, e.child_key, e.hardship_type)
        for e in read_feedback(demo.workspace.feedback)
        if e.seen_by == "一覧" and e.finding in ("困難あり", "困難なし")
    }
    hits = {
        (result.scenario_id, child.child_key)
        for run_id, book in demo.books.items()
        for case in book.cases
        for child in case.children
        for result in child.results
        if result.is_hit and (run_id, child.child_key, result.hardship_type) in said
    }
    assert found and {scenario for scenario, _ in hits} == set(found)
    assert all(made.confirmed <= made.decided for made in found.values())
    (path,) = print_manual(
        demo.workspace.root, None, tmp_path, Console(quiet=True), html=False, markdown=True, english=False
    )
    assert path.read_text("utf-8").count("会議で判断したこども") == len(found)
