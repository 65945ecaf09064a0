"""The dictionary of items and the check of a template: complete, true to the classes, and reaching every row of the delivered templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from reports.blanks import HOUSEHOLD_BLANKS
from reports.placeholders.contexts import register_contexts, week_contexts
from reports.placeholders.dictionary import _gather, dictionary, items_of
from reports.placeholders.meanings import ITEM_NAMES, MEANINGS, TITLES
from reports.renderer.check import check_template
from reports.renderer.fill import fill_sheet
from reports.renderer.render import _instances
from reports.renderer.template import read_template

TEMPLATES = Path(__file__).parents[2] / "reports" / "templates"
CONTEXTS = {"conference.xlsx": week_contexts, "case_sheet.xlsx": week_contexts, "register.xlsx": register_contexts}


def _classes() -> dict[type, list[Any]]:
    found: dict[type, list[Any]] = {}
    for contexts in (week_contexts(), register_contexts()):
        for context in contexts:
            _gather(context["book"], found)
    return found


def test_every_item_has_a_meaning_and_none_is_left_over() -> None:
    """An item that is added, renamed or removed must be told of in meanings.py in the same change."""
    there = {(kind.__name__, name) for kind in _classes() for name in items_of(kind)}
    assert there - set(MEANINGS) == set(), "この項目の意味を reports/placeholders/meanings.py に書いてください"
    assert set(MEANINGS) - there == set(), "この項目はもうありません"
    assert set(TITLES) == set(ITEM_NAMES) == {kind for kind, _ in there}
    assert all(MEANINGS.values())


def test_nearly_every_item_has_an_example() -> None:
    """The made-up week shows what stands where: only lists, figures and what is a rare note have none."""
    without = [
        item.path
        for contexts in (week_contexts(), register_contexts())
        for section in dictionary(contexts[0]["book"])
        for item in section.items
        if not item.example and not item.is_list
    ]
    assert set(without) <= {"case.genogram", "case.timeline", "case.checks_left_out"}


@pytest.mark.parametrize("name", CONTEXTS)
def test_the_sample_reaches_every_row_of_the_delivered_templates(name: str) -> None:
    """So that no branch of a template waits for a real week to show its mistake; a list that is never empty has no other branch."""
    book = read_template(TEMPLATES / name)
    printed, there = set(), set()
    for sheet in book.sheets:
        there |= {(sheet.title, row.number) for row in sheet.rows.values() if any(c.filled for c in row.cells)}
        for context in CONTEXTS[name]():
            for made, _, values in _instances(book, sheet, context):
                printed |= {(made.title, row.source) for row in fill_sheet(made, values, str).rows}
    assert there - printed == set()


@pytest.mark.parametrize("name", CONTEXTS)
def test_the_delivered_templates_have_no_mistake(name: str) -> None:
    """Neither with a full week nor with a quiet one nor where a household needs a second page."""
    assert check_template(TEMPLATES / name, CONTEXTS[name]()) == []


def test_the_check_tells_everything_at_once(tmp_path: Path) -> None:
    """Mistakes in branches that few weeks reach, blanks that would not be read, and what would be lost, in one go."""
    workbook = load_workbook(TEMPLATES / "case_sheet.xlsx")
    sheet = workbook["個票"]
    cells = {cell.value: cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
    cells["{{ case.protection }}"].value = "{{ case.protektion }}"
    cells["{{ case.back_because }}"].value = "{{ case.back }}"
    cells["{{ case.id_text }}"].value = None
    where = sheet.defined_names.pop("入力_判断").attr_text
    sheet.defined_names["入力_判段"] = DefinedName("入力_判段", attr_text=where)
    sheet["B1"].comment = Comment("覚え", "係")
    path = tmp_path / "個票.xlsx"
    workbook.save(path)
    problems = check_template(path, week_contexts(), HOUSEHOLD_BLANKS)
    told = "\n".join(map(str, problems))
    assert [problem.code for problem in problems] == ["E-REPORT-03"] * 2 + ["W-REPORT-01", "W-REPORT-02", "W-REPORT-03", "W-REPORT-04"]
    assert "「protektion」という項目はありません。「protection」ではありませんか" in told
    assert "「入力_判断」ではありませんか" in told
