"""Sheets are found by what is hidden in them: whatever people do to a workbook, an answer belongs to its household or is asked about."""

from __future__ import annotations

import re
from copy import copy
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from made_up_conference import HOMES, RUN, Conference, blank_cell, fill, open_book
from openpyxl.utils import column_index_from_string

from engine.kernel.errors import KizukiError
from kizuki.readback.planning import Missing
from reports.readback.copies import Copies
from reports.readback.records import SheetRecord

WATCH = {"判断": "見守り", "理由": "本人と会えた"}
THREE = {"案件01": WATCH, "案件02": {"判断": "対象外"}, "案件04": {"判断": "見送り", "見送り期限": "R9.3.31"}}
BY_HOME = {HOMES[1]: "見守り", HOMES[2]: "対象外", HOMES[4]: "見送り"}


class Person:
    """Somebody at the terminal who answers always the same, and remembers what was asked."""

    def __init__(self, *, use: int = 0, accept: bool | None = None, nothing: bool | None = None) -> None:
        self.use, self.yes, self.nothing = use, accept, nothing
        self.asked: list[object] = []

    def which(self, copies: Copies) -> str | None:
        self.asked.append(copies)
        return copies.candidates[self.use].spot.full_name

    def accept(self, record: SheetRecord) -> bool | None:
        self.asked.append(record)
        return self.yes

    def is_nothing(self, missing: Missing) -> bool | None:
        self.asked.append(missing)
        return self.nothing

    def may_store(self) -> bool:
        return True


def decisions(conference: Conference) -> dict[str, str | None]:
    return {entry.decision.household_key: entry.decision.decision for entry in conference.book.entries}


def changed(conference: Conference, target: Path, change: Any, answers: Any = None) -> Path:
    """The filled-in handout after somebody worked on it and saved it with another program."""
    workbook = open_book(fill(conference.printed, target.with_name("filled.xlsx"), THREE if answers is None else answers))
    change(workbook)
    workbook.save(target)
    return target


def codes(raised: pytest.ExceptionInfo[KizukiError]) -> list[str]:
    return [problem.code for problem in raised.value.problems]


def _copy_sheet(workbook: Any, title: str, name: str) -> Any:
    """As Excel does it: values, styles, and the sheet's own names, which then lead to the copy."""
    original = workbook[title]
    made = workbook.copy_worksheet(original)
    made.title = name
    for key, defined in original.defined_names.items():
        made.defined_names[key] = copy(defined)
        made.defined_names[key].attr_text = defined.attr_text.replace(title, name)
    return made


def _rename(workbook: Any) -> None:
    for number, sheet in enumerate(workbook.worksheets):
        sheet.title = f"シート{number}"


def _reorder(workbook: Any) -> None:
    workbook._sheets.reverse()


def _insert_row(workbook: Any) -> None:
    """Above everything, as a place for a stamp: rows and names move down by one."""
    sheet = workbook["案件01"]
    merged = [str(area) for area in sheet.merged_cells.ranges]
    for area in merged:
        sheet.merged_cells.remove(area)
    sheet.insert_rows(1)
    for defined in sheet.defined_names.values():
        title, cell = defined.attr_text.rsplit("!", 1)
        letter, row = cell.replace("$", "").rstrip("0123456789"), int("".join(filter(str.isdigit, cell)))
        defined.attr_text = f"{title}!${letter}${row + 1}"


def _move_blank(workbook: Any) -> None:
    """A blank is cut out and put elsewhere: its name goes along."""
    sheet = workbook["案件01"]
    old = blank_cell(sheet, "判断")
    sheet["T60"].value, old.value = old.value, None
    sheet.defined_names["入力_判断"].attr_text = "'案件01'!$T$60"


def _names_of_the_book(workbook: Any) -> None:
    """Some programs make names of the whole book of a sheet's own."""
    sheet = workbook["案件04"]
    for key, defined in list(sheet.defined_names.items()):
        del sheet.defined_names[key]
        workbook.defined_names[key] = defined


@pytest.mark.parametrize("change", [_rename, _reorder, _insert_row, _move_blank, _names_of_the_book])
def test_what_people_do_to_a_workbook_changes_nothing(conference: Conference, tmp_path: Path, change: Any):
    """Renamed, reordered, with an inserted row or a moved blank: every answer is its household's, and every seal holds."""
    conference.read(changed(conference, tmp_path / "a.xlsx", change))
    assert decisions(conference) == BY_HOME


def test_the_order_of_rows_decides_nothing(conference: Conference, tmp_path: Path):
    """Rows of drawn children that were sorted keep their identity in the hidden column."""
    blank = conference.read(conference.printed, dry_run=True)
    rows = sorted(line.answers.record.spot.row for line in blank.plan.lines if line.answers.record.spot.row)

    def swap(workbook: Any) -> None:
        sheet = workbook["無作為の確認"]
        blank_cell(sheet, "見立て", rows[0]).value = "困難なし"
        for column in range(1, sheet.max_column + 1):
            one, other = sheet.cell(rows[0], column), sheet.cell(rows[1], column)
            one.value, other.value = other.value, one.value

    conference.read(changed(conference, tmp_path / "a.xlsx", swap, {}))
    (answer,) = conference.book.drawn
    assert answer.household_key == HOMES[8]


def test_a_renamed_sheet_is_named_as_it_is_now(conference: Conference, tmp_path: Path):
    """Whoever looks for the fault has the workbook open."""
    def rename(workbook: Any) -> None:
        workbook["案件01"].title = "山田さん"

    path = changed(conference, tmp_path / "a.xlsx", rename, {"案件01": {"判断": "様子見"}})
    with pytest.raises(KizukiError, match=r"シート「山田さん」のセル [A-Z]+\d+「判断」"):
        conference.read(path)


def test_a_missing_sheet_is_asked_about(conference: Conference, tmp_path: Path):
    """Deleted, or left at somebody's desk: nobody guesses."""
    def delete(workbook: Any) -> None:
        del workbook["案件03"], workbook["案件04"]

    path = changed(conference, tmp_path / "a.xlsx", delete, {"案件01": WATCH})
    with pytest.raises(KizukiError) as raised:
        conference.read(path, missing_is_none=False)
    assert codes(raised) == ["E-READ-14"] and "案件03・案件04" in str(raised.value)
    person = Person(nothing=True)
    conference.read(path, missing_is_none=False, who=person)
    assert len(person.asked) == 1 and decisions(conference) == {HOMES[1]: "見守り"}


def test_a_sheet_that_was_read_before_is_not_missing(conference: Conference, tmp_path: Path):
    """Of a conference that comes back in two parts only what nobody has read yet is asked about."""
    def only(*titles: str) -> Any:
        def keep(workbook: Any) -> None:
            for title in ("案件01", "案件02", "案件03", "案件04", "無作為の確認"):
                if title not in titles:
                    del workbook[title]
        return keep

    first = changed(conference, tmp_path / "a.xlsx", only("案件01", "案件02", "案件04"))
    conference.read(first, missing_is_none=True)
    second = changed(conference, tmp_path / "b.xlsx", only("案件03", "無作為の確認"), {"案件03": WATCH})
    conference.read(second, missing_is_none=False)
    assert decisions(conference) == {**BY_HOME, HOMES[3]: "見守り"}


@pytest.mark.parametrize("is_equal", [True, False])
def test_a_copied_sheet_is_asked_about(conference: Conference, tmp_path: Path, is_equal: bool):
    """Also an equal copy: nobody copies a sheet without a reason. The option or the person says which counts."""
    def duplicate(workbook: Any) -> None:
        made = _copy_sheet(workbook, "案件01", "案件01 (2)")
        if not is_equal:
            blank_cell(made, "判断").value = "対象外"

    path = changed(conference, tmp_path / "a.xlsx", duplicate, {"案件01": WATCH})
    with pytest.raises(KizukiError) as raised:
        conference.read(path)
    assert codes(raised) == ["E-READ-12"] and "「案件01」・「案件01 (2)」" in str(raised.value)
    person = Person(use=1)
    result = conference.read(path, dry_run=True, who=person)
    assert [word.decision.decision for word in result.plan.new_words] == ["見守り" if is_equal else "対象外"]  # type: ignore[union-attr]
    conference.read(path, use=("案件01",))
    assert decisions(conference) == {HOMES[1]: "見守り"}


def test_a_name_that_no_sheet_has_is_told(conference: Conference):
    """A mistyped --use or --accept must not pass in silence."""
    with pytest.raises(KizukiError) as raised:
        conference.read(conference.printed, use=("案件99",), accept=("案件98",))
    assert codes(raised) == ["E-READ-28", "E-READ-28"]


def test_numbered_copies_are_read_together(conference: Conference, tmp_path: Path):
    """What one wrote and another left blank is written; what both wrote alike is one."""
    first = fill(conference.printed, tmp_path / "No01.xlsx", {"案件01": WATCH, "案件02": {"判断": "対象外"}})
    second = fill(conference.printed, tmp_path / "No02.xlsx", {"案件02": {"判断": " 対象外 "}, "案件04": THREE["案件04"]})
    for files in ((first, second), (second, conference.printed, first), (conference.printed, first, second, first)):
        result = conference.read(*files, dry_run=True)
        assert {word.decision.household_key: word.decision.decision for word in result.plan.new_words} == BY_HOME  # type: ignore[union-attr]


def test_copies_that_contradict_each_other_are_asked_about(conference: Conference, tmp_path: Path):
    """Two people wrote two decisions: the file that counts is named."""
    first = fill(conference.printed, tmp_path / "No01.xlsx", {"案件01": WATCH})
    second = fill(conference.printed, tmp_path / "No02.xlsx", {"案件01": {"判断": "対象外"}})
    with pytest.raises(KizukiError) as raised:
        conference.read(first, second)
    assert codes(raised) == ["E-READ-13"] and "「No01.xlsx:案件01」・「No02.xlsx:案件01」" in str(raised.value)
    conference.read(first, second, use=("No02.xlsx:案件01",))
    assert decisions(conference) == {HOMES[1]: "対象外"}


def _edit(workbook: Any) -> None:
    """A printed word is typed over, though the sheet was protected."""
    sheet = workbook["案件01"]
    cell = next(cell for row in sheet.iter_rows(min_row=2) for cell in row if isinstance(cell.value, str) and cell.column > 1)
    cell.value += "(訂正)"


def _erase(workbook: Any) -> None:
    sheet = workbook["案件01"]
    next(cell for row in sheet.iter_rows(min_row=2) for cell in row if isinstance(cell.value, str) and cell.column > 1).value = None


def _scribble(workbook: Any) -> None:
    workbook["案件01"]["X70"].value = "欄外のメモ"


def _swap_identities(workbook: Any) -> None:
    """What was written about one household would be another's."""
    one, other = workbook["案件01"]["A1"], workbook["案件02"]["A1"]
    one.value, other.value = other.value, one.value


@pytest.mark.parametrize(("change", "sheets"), [(_edit, 1), (_erase, 1), (_scribble, 1), (_swap_identities, 2)])
def test_a_changed_printed_cell_is_told_and_not_taken(conference: Conference, tmp_path: Path, change: Any, sheets: int):
    """Unless somebody who has compared it with the paper says so; the other sheets do not depend on it."""
    path = changed(conference, tmp_path / "a.xlsx", change)
    with pytest.raises(KizukiError) as raised:
        conference.read(path)
    assert codes(raised) == ["E-READ-10"] * sheets and "印刷された内容が書き換えられています" in str(raised.value)
    conference.read(path, who=Person(accept=False))
    left = {HOMES[1], HOMES[2]} if sheets == 2 else {HOMES[1]}
    assert decisions(conference) == {home: decision for home, decision in BY_HOME.items() if home not in left}


def test_a_changed_sheet_that_was_compared_is_taken(conference: Conference, tmp_path: Path):
    """By name on the command line, or by a yes."""
    path = changed(conference, tmp_path / "a.xlsx", _edit)
    conference.read(path, accept=("案件01",))
    assert decisions(conference) == BY_HOME


def test_a_changed_row_is_told_alone(conference: Conference, tmp_path: Path):
    """A row that is a record of its own has its own seal: the rows beside it hold."""
    blank = conference.read(conference.printed, dry_run=True)
    rows = sorted(line.answers.record.spot.row for line in blank.plan.lines if line.answers.record.spot.row)

    def edit(workbook: Any) -> None:
        sheet = workbook["無作為の確認"]
        next(cell for cell in sheet[rows[0]] if cell.column > 1 and isinstance(cell.value, str)).value += "?"

    with pytest.raises(KizukiError) as raised:
        conference.read(changed(conference, tmp_path / "a.xlsx", edit, {}))
    assert codes(raised) == ["E-READ-10"] and f"「無作為の確認」の{rows[0]}行目" in str(raised.value)


def test_a_lost_key_is_told_and_sheets_can_be_confirmed(conference: Conference, tmp_path: Path):
    """Without its key no seal says anything: neither that a sheet is sound nor that it was changed."""
    (conference.workspace.keyring / "handout.key").unlink()
    path = fill(conference.printed, tmp_path / "a.xlsx", THREE)
    with pytest.raises(KizukiError) as raised:
        conference.read(path)
    assert set(codes(raised)) == {"E-READ-11"}
    conference.read(path, who=Person(accept=True))
    assert decisions(conference) == BY_HOME


def test_a_deleted_blank_is_told(conference: Conference, tmp_path: Path):
    """Its row was deleted, so that its name leads nowhere (#REF!): not even a confirmed sheet is taken then."""
    def delete(workbook: Any) -> None:
        sheet = workbook["案件01"]
        blank_cell(sheet, "判断").value = None
        sheet.defined_names["入力_判断"].attr_text = "'案件01'!#REF!"

    path = changed(conference, tmp_path / "a.xlsx", delete)
    for wishes in ({}, {"accept": ("案件01",)}):
        with pytest.raises(KizukiError) as raised:
            conference.read(path, **wishes)
        assert codes(raised) == ["E-READ-15"] and "「判断」" in str(raised.value)


def test_a_sheet_without_any_name_is_told(conference: Conference, tmp_path: Path):
    """Values pasted into a new workbook take the hidden identity along, and no blank."""
    def strip(workbook: Any) -> None:
        workbook["案件01"].defined_names.clear()

    with pytest.raises(KizukiError, match="E-READ-15"):
        conference.read(changed(conference, tmp_path / "a.xlsx", strip))


def test_two_households_on_one_sheet_are_told(conference: Conference, tmp_path: Path):
    """Pasted one below the other, to print them together."""
    def paste(workbook: Any) -> None:
        workbook["案件01"]["A80"].value = workbook["案件02"]["A1"].value

    with pytest.raises(KizukiError, match="E-READ-29"):
        conference.read(changed(conference, tmp_path / "a.xlsx", paste))


def test_a_single_sheet_may_come_back_alone(conference: Conference, tmp_path: Path):
    """Moved into a workbook of its own and sent by itself."""
    def only(workbook: Any) -> None:
        for sheet in list(workbook.worksheets):
            if sheet.title != "案件04":
                workbook.remove(sheet)

    conference.read(changed(conference, tmp_path / "a.xlsx", only))
    assert decisions(conference) == {HOMES[4]: "見送り"} and conference.book.entries[0].decision.run_id == RUN


def test_a_program_that_leaves_the_places_of_cells_out_is_read(conference: Conference, tmp_path: Path):
    """The format allows rows and cells without a place of their own: they follow one another."""
    filled = fill(conference.printed, tmp_path / "f.xlsx", THREE)
    target = tmp_path / "a.xlsx"
    with ZipFile(filled) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part).decode()
            if part.filename.startswith("xl/worksheets/sheet"):
                content = "".join(_without_places(piece) for piece in re.split(r"(<row .*?</row>)", content, flags=re.DOTALL))
            new.writestr(part.filename, content)
    conference.read(target)
    assert decisions(conference) == BY_HOME


def _without_places(piece: str) -> str:
    """A row in which every cell up to the last one is written, and none says where it is."""
    if not piece.startswith("<row "):
        return piece
    head, cells = piece.split(">", 1)
    found = {column_index_from_string(match[1]): match for match in re.finditer(r'<c r="([A-Z]+)\d+"([^>]*?)(/>|>.*?</c>)', cells, re.DOTALL)}
    row = [f"<c{found[n][2]}{found[n][3]}" if n in found else "<c/>" for n in range(1, max(found, default=0) + 1)]
    return re.sub(r' r="\d+"', "", head) + ">" + "".join(row) + "</row>"
