"""What a user sees where silence must not be read as "no": alarms, holes, and files that shrank."""

from __future__ import annotations

import io
import shutil
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from engine.intake import find_deliveries, read_delivery
from engine.kernel.errors import KizukiError
from engine.records.case import Casebook, SourceStatus
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from kizuki.pipeline import Outcome, run_week
from kizuki.summary import print_summary, silent_holes, urgent_alarm
from reports.sheet_words.casebook_view import Copy, view_casebook

pytestmark = pytest.mark.xdist_group(name="silence")
ROOT = Path(__file__).parents[2]
FIRST, LAST = date(2026, 11, 13), date(2026, 11, 20)


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Path:
    """A copy of the tiny city without delivery slips, so that files may be spoilt."""
    copy = tmp_path / "city"
    shutil.copytree(template, copy)
    for slip in (copy / "deliveries").rglob("manifest.csv"):
        slip.unlink()
    return copy


def delivered(workspace: Path, number: str, day: date) -> Path:
    return next((workspace / "deliveries" / day.isoformat()).glob(f"{number}_*.csv"))


def run(workspace: Path, as_of: date) -> tuple[Outcome, str]:
    """Run one week; the outcome, and the summary as printed."""
    outcome = run_week(workspace, as_of, Console(quiet=True))
    printed = io.StringIO()
    print_summary(outcome, Console(file=printed, width=300))
    return outcome, printed.getvalue()


def of(outcome: Outcome, source: str) -> SourceStatus:
    return next(s for s in outcome.casebook.sources if s.source == source)


def attention(book: Casebook) -> str:
    return view_casebook(book, book.cases, {}, Copy()).attention


def test_urgent_calls_torn_rows_and_holes_are_said_in_summary_and_handout(workspace: Path) -> None:
    """Two unreadable urgent visits and an attendance file without July: all three stand in the summary and on the cover."""
    before, _ = run(workspace, FIRST)
    shutil.rmtree(workspace / "store")
    npo = delivered(workspace, "13", FIRST)
    head = npo.read_text("utf-8-sig").splitlines()[0].split(",")
    nobody = {"訪問日": "きのう", "氏名カナ": "ダレカ ワカラナイ", "緊急連絡": "1"}
    row = ",".join(nobody.get(name, "") for name in head)
    npo.write_text(npo.read_text("utf-8-sig").rstrip() + f"\n{row}\n{row}\n", "utf-8-sig")
    school = delivered(workspace, "10", FIRST)
    lines = school.read_text("cp932").splitlines()
    at = next(i for i, name in enumerate(lines[0].split(",")) if name in ("年月", "対象年月"))
    total = [line for line in lines[1:] if line.startswith(("合計", "総件数", "学校計"))]
    kept = [line for line in lines[1:] if line not in total and line.split(",")[at] != "202607"]
    school.write_text("\r\n".join([lines[0], *kept, ""]), "cp932", newline="")
    outcome, printed = run(workspace, FIRST)
    urgent = sum(source.urgent_unlinked for source in before.casebook.sources)
    assert of(outcome, "npo_watch").urgent_unlinked == urgent + 2
    assert of(outcome, "npo_watch").unattributed == of(before, "npo_watch").unattributed + 2
    assert of(before, "school_attendance").missing_periods == ()
    assert of(outcome, "school_attendance").missing_periods == (date(2026, 7, 31),)
    cover = attention(outcome.casebook)
    for shown in (printed, cover):
        assert f"だれの記録か確かめられていない緊急連絡が{urgent + 2}件あります" in shown
        assert "だれのものか読めない行" in shown
        assert "2026年7月" in shown
    assert "ワカラナイ" not in printed + cover


def test_without_holes_nothing_is_said() -> None:
    """No alarm where there is nothing to look after."""
    fine = SourceStatus("npo_watch", "NPO", FIRST, True, 5, 5, 0, 0)
    assert urgent_alarm([fine]) == ""
    assert silent_holes([fine]) == []


def test_a_full_file_that_shrank_by_a_third_is_noted(workspace: Path) -> None:
    """The register of the second week with two thirds of its rows: used, but somebody is asked."""
    path = delivered(workspace, "01", LAST)
    raw = path.read_bytes()
    lines = [line for line in raw.split(b"\r\n") if line]
    if not lines[-1].split(b",")[0].isdigit():
        lines.pop()
    path.write_bytes(b"\r\n".join([*lines[: len(lines) * 2 // 3], b""]))
    first, _ = run(workspace, FIRST)
    assert "W-DELIV-33" not in {warning.code for warning in first.warnings}
    outcome, printed = run(workspace, LAST)
    (note,) = [warning for warning in outcome.warnings if warning.code == "W-DELIV-33"]
    assert f"前回{of(first, 'residents').received:,}行" in note.what
    assert f"今回{of(outcome, 'residents').received:,}行" in note.what
    assert "W-DELIV-33" in printed


def test_an_empty_full_file_is_refused(workspace: Path) -> None:
    """A council file with its header alone would say that no child is known to the council."""
    path = delivered(workspace, "14", FIRST)
    path.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n")
    with pytest.raises(KizukiError, match="E-DELIV-27"):
        run(workspace, FIRST)


def test_no_shipped_layout_may_be_empty() -> None:
    """Whether a source can be empty is for each city to say."""
    layouts = load_layouts(ROOT / "sources", load_vocabulary(ROOT / "rulebooks" / "fields.yaml"))
    assert not [layout.source for layout in layouts.values() if layout.may_be_empty]


def test_a_resident_without_a_name_is_not_quarantined(workspace: Path) -> None:
    """A blank or unreadable 氏名 in the register drops nobody: the row is used like every other."""
    vocabulary = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
    layouts = load_layouts(ROOT / "sources", vocabulary)

    def read() -> tuple[int, int]:
        found = find_deliveries(workspace / "deliveries", layouts, as_of=FIRST)
        delivery = read_delivery(next(f for f in found if f.source == "residents"), layouts["residents"], vocabulary)
        return delivery.delivery.used, delivery.delivery.quarantined

    before = read()
    path = delivered(workspace, "01", FIRST)
    lines = path.read_bytes().split(b"\r\n")
    at = lines[0].split(b",").index("氏名".encode("cp932"))
    cells = lines[5].split(b",")
    cells[at] = b""
    lines[5] = b",".join(cells)
    path.write_bytes(b"\r\n".join(lines))
    assert read() == before
