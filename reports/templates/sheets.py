"""What every delivered template is built with: a new book, rows written downwards, the page, names of blanks, lists of choices, colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from reports.templates import style as s
from reports.templates.style import put

NOTICE_TEXT = "取扱注意・複写禁止・会議後回収"
CHOICES_SHEET = "_選択肢"
A4, A3 = 9, 8


def new_book() -> Any:
    """An empty book in the templates' font, dated so that the same script makes the same bytes."""
    workbook = Workbook()
    body = Font(name=s.FONT, size=10)
    workbook._fonts[0] = body
    workbook._named_styles["Normal"].font = body
    workbook.remove(workbook.active)
    workbook.properties.creator = "kizuki"
    workbook.properties.created = workbook.properties.modified = datetime.combine(date(2026, 4, 1), time())
    return workbook


class Rows:
    """Writes a sheet downwards."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.row = 0

    def steer(self, tag: str) -> None:
        """A row that is not printed: its tag stands in column A."""
        self.row += 1
        self.sheet.cell(self.row, 1).value = tag
        self.sheet.row_dimensions[self.row].height = 12

    def line(self, height: float | None, *cells: tuple[str, str | None, s.Look]) -> int:
        """A printed row: (columns, text, look) for each block, e.g. ("B:D", "続柄", HEAD). `height` None: what a figure in it needs."""
        self.row += 1
        self.sheet.row_dimensions[self.row].height = height
        for columns, text, look in cells:
            first, _, last = columns.partition(":")
            put(self.sheet, f"{first}{self.row}:{last or first}{self.row}", text, look)
        return self.row

    def gap(self, height: float = 5) -> None:
        """A thin empty row."""
        self.row += 1
        self.sheet.row_dimensions[self.row].height = height


def set_columns(sheet: Any, widths: list[float]) -> None:
    """Column A is hidden: it steers the template, and holds the case's number for reading back in the handout."""
    sheet.column_dimensions["A"].hidden = True
    sheet.column_dimensions["A"].width = 30
    for index, width in enumerate(widths, start=2):
        sheet.column_dimensions[get_column_letter(index)].width = width


def print_setup(
    sheet: Any,
    area: str,
    *,
    landscape: bool,
    pages: int,
    paper: int = A4,
    head_left: str = "会議資料No. {{ book.copy_label }}",
    foot_left: str = "{{ book.run_id }}",
) -> None:
    """Paper, margins, 取扱注意 above and page n/N below; one page wide, `pages` high (0: as many as it takes); protected against accidents."""
    sheet.print_area = area.replace("A", "B", 1)
    sheet.page_setup.paperSize = paper
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, pages
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.55, 0.5, 0.25, 0.25
    sheet.oddHeader.left.text, sheet.oddHeader.right.text = head_left, NOTICE_TEXT
    sheet.oddFooter.left.text, sheet.oddFooter.center.text = foot_left, "&P / &N"
    sheet.oddFooter.right.text = "&A"
    for part in (sheet.oddHeader.left, sheet.oddHeader.right, sheet.oddFooter.left, sheet.oddFooter.center, sheet.oddFooter.right):
        part.size = 8
    sheet.sheet_view.showGridLines = False
    sheet.protection.sheet = True
    sheet.protection.formatRows = sheet.protection.formatColumns = False


def input_name(sheet: Any, name: str, cell: str) -> None:
    """Mark a blank: a name of the sheet for an absolute cell (`$D$5`), which follows where it is moved in Excel."""
    sheet.defined_names[name] = DefinedName(name, attr_text=f"'{sheet.title}'!{cell}")


def colour(sheet: Any, area: str, formula: str, fill: str, ink: str) -> None:
    """Fill and ink of an area where a formula holds."""
    sheet.conditional_formatting.add(
        area, FormulaRule(formula=[formula], fill=PatternFill("solid", bgColor=fill), font=Font(color=ink, bold=True))
    )


def tier_colours(sheet: Any, area: str) -> None:
    """①, ② and ③ in their colours."""
    first = area.split(":")[0]
    cell = f"${first[0]}${first[1:]}" if ":" in area else f"${first}"
    for mark, fill, ink in (("①", s.RED, "FFFFFF"), ("②", "F8CBAD", "833C0B"), ("③", "D9D9D9", "404040")):
        colour(sheet, area, f'LEFT({cell},1)="{mark}"', fill, ink)


def change_colours(sheet: Any, area: str) -> None:
    """New and raised in red, lowered in blue."""
    first = area.split(":")[0]
    for mark, ink in (("★", s.RED), ("▲", s.RED), ("▼", "0563C1")):
        colour(sheet, area, f'LEFT(${first},1)="{mark}"', "FFFFFF", ink)


def choose_from(sheet: Any, cell: str, label: str, *, closed: bool = True) -> None:
    """A drop-down of the list `選択肢_<label>` (`add_choices`) over a cell; not `closed`: other text may be written."""
    prompt = "一覧から選びます。" if closed else "一覧から選ぶか、そのまま書きます。"
    choice = DataValidation(
        type="list", formula1=f"選択肢_{label}", allow_blank=True, showErrorMessage=closed, errorTitle=label,
        error="一覧から選んでください。", showInputMessage=True, promptTitle=label, prompt=prompt,
    )
    choice.add(cell)
    sheet.add_data_validation(choice)


def add_choices(workbook: Any, lists: Mapping[str, Sequence[str]]) -> None:
    """The hidden sheet of all lists, one column each, with a name of the book for each: a list within a validation may have 255 characters only.

    `主担当機関` comes last, below the others: the city's agencies, as many as there are.
    """
    sheet = workbook.create_sheet(CHOICES_SHEET)
    for column, (label, choices) in enumerate(lists.items(), start=2):
        for row, choice in enumerate(choices, start=1):
            sheet.cell(row, column).value = choice
        _name_choices(workbook, label, column, 1, len(choices))
    rows, column = Rows(sheet), 2 + len(lists)
    rows.row = max(map(len, lists.values()))
    rows.steer("{% for agency in book.agencies %}")
    rows.row += 1
    sheet.cell(rows.row, column).value = "{{ agency }}"
    _name_choices(workbook, "主担当機関", column, rows.row, rows.row)
    rows.steer("{% endfor %}")
    sheet.sheet_state = "hidden"
    sheet.protection.sheet = True


def _name_choices(workbook: Any, label: str, column: int, first: int, last: int) -> None:
    letter, name = get_column_letter(column), f"選択肢_{label}"
    workbook.defined_names[name] = DefinedName(name, attr_text=f"'{CHOICES_SHEET}'!${letter}${first}:${letter}${last}")
