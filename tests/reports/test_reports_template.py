"""The delivered template: equal to its builder, sound, and still working after a caseworker's edits."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import made_up_cases as made
import pytest
from openpyxl import load_workbook
from workbook_dump import dump, open_book

from engine.kernel.errors import KizukiError
from reports.handout import DEFAULT_TEMPLATE, write_handout
from reports.renderer.check import check_template
from reports.sheet_words.casebook_view import Copy, view_casebook
from reports.templates.build import build


def test_committed_template_is_what_the_builder_makes() -> None:
    """The .xlsx beside the builder has the same cells, styles and print settings as the builder's output."""
    stream = BytesIO()
    build().save(stream)
    stream.seek(0)
    assert dump(DEFAULT_TEMPLATE) == dump(stream)


def test_delivered_template_has_no_problem() -> None:
    """The check that a caseworker runs finds nothing in the delivered template, warnings included."""
    book = made.week(3)
    context = {"book": view_casebook(book, book.cases, made.identities(book.cases), Copy())}
    assert check_template(DEFAULT_TEMPLATE, [context]) == []


def test_a_caseworker_can_move_and_reword(tmp_path: Path) -> None:
    """A row put in above, a new wording and a new item appear in the handout; fields and choices follow."""
    workbook = load_workbook(DEFAULT_TEMPLATE)
    sheet = workbook["案件"]
    title = next(c for row in sheet.iter_rows() for c in row if c.value == "個別ケース検討会議資料(世帯票)")
    title.value = "ケース検討票"
    label = next(c for row in sheet.iter_rows() for c in row if c.value == "{{ hit.name }}{{ hit.who }}")
    label.value = "{{ hit.name }}(ねらい: {{ hit.purpose }})"
    edited = tmp_path / "edited.xlsx"
    workbook.save(edited)
    book = made.casebook((made.case(1),))
    path = write_handout(book, made.identities(book.cases), tmp_path / "handout.xlsx", template=edited)[0]
    values = [c.value for row in open_book(path)["案件01"].iter_rows() for c in row]
    assert "ケース検討票" in values
    assert any("(ねらい: 不登校の始まりに早く気づく)" in str(value) for value in values)


def test_a_mistake_in_the_template_stops_before_anything_is_written(tmp_path: Path) -> None:
    """With a misspelt item the handout is not written, and the message names file, sheet, cell and the likely name."""
    workbook = load_workbook(DEFAULT_TEMPLATE)
    cell = next(c for row in workbook["案件"].iter_rows() for c in row if c.value == "{{ case.main_reason }}")
    cell.value = "{{ case.main_raeson }}"
    edited = tmp_path / "edited.xlsx"
    workbook.save(edited)
    book = made.week(2)
    with pytest.raises(KizukiError) as caught:
        write_handout(book, {}, tmp_path / "handout.xlsx", template=edited)
    (problem,) = caught.value.problems  # two households, one faulty cell: told once
    assert str(problem.place) == "edited.xlsx"
    assert problem.what == (
        f"シート「案件」のセル {cell.coordinate}: 「main_raeson」という項目はありません。「main_reason」ではありませんか。"
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["edited.xlsx"]
