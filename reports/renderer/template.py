"""Read an Excel template: rows, cells, tags, and one Jinja program for each sheet.

Column A steers. A row whose column A holds a tag (`{% for x in … %}`, `{% if … %}`, their ends, `{% set … %}`) is not
printed. Tags of paging, in the same place: `{# 改ページ可 #}` allows a page to end; `{# 余白まで伸ばす #}` lets the row below it take what a
one-page sheet leaves empty; the others are told of in `fitting.py`. `TAGS` has them all.
`{% sheet for case in book.cases named case.sheet %}` in A1 makes one
sheet for each item. The program has one source line for each cell, so that every error finds its cell.
"""

from __future__ import annotations

import re
import warnings
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any, Literal
from zipfile import BadZipFile

from jinja2 import Template, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from engine.kernel.errors import KizukiError, Place, Problem
from reports.letter_widths import FONT
from reports.renderer.language import Spot, make_environment, suggest, syntax_problem
from reports.renderer.text import Face

_TAG = re.compile(r"\{[%{#]")
_BREAK = re.compile(r"\{#\s*改ページ可\s*#\}")
_STRETCH = re.compile(r"\{#\s*余白まで伸ばす\s*#\}")
_OPTIONAL = re.compile(r"\{#\s*1枚に収まらなければ省く\s*([0-9０-９]*)\s*#\}")
_SECOND = re.compile(r"\{#\s*2枚目へ\s*([0-9０-９]*)\s*#\}")
_SECOND_ENDS = re.compile(r"\{#\s*2枚目へ\s*ここまで\s*#\}")
_IF_SECOND = re.compile(r"\{#\s*2枚目があるときだけ\s*#\}")
_ONLY_SECOND = re.compile(r"\{#\s*2枚目だけ\s*#\}")
_COMMENT = re.compile(r"\{#.*#\}", re.DOTALL)
_SHEET = re.compile(r"\{%\s*sheet\s+for\s+(\w+)\s+in\s+(.+?)\s+named\s+(.+?)\s*%\}\s*$")
TAGS = ("改ページ可", "余白まで伸ばす", "1枚に収まらなければ省く", "2枚目へ", "2枚目へ ここまで", "2枚目があるときだけ", "2枚目だけ")
_PAIRS = re.compile(r"\{%[-+]?\s*(for|if|endfor|endif)\b")
_SHEET_START = re.compile(r"\{%\s*sheet\b")


@dataclass(frozen=True)
class TemplateCell:
    """One cell: what it always holds, or (`filled`) that the program fills it; `typed` if it is exactly one expression."""

    column: int
    value: str | int | None
    style: int
    quoted_style: int
    filled: bool
    typed: bool
    wraps: bool
    face: Face


@dataclass(frozen=True)
class TemplateRow:
    """One printed row of the template.

    `stretches` lets it take the room that a one-page sheet leaves empty. `optional`: it may be left out, the higher the sooner; 0 never.
    `second`: "if" where it is printed only if there is a second page, "only" where it stands on that page.
    """

    number: int
    height_pt: float | None
    cells: tuple[TemplateCell, ...]
    stretches: bool = False
    optional: int = 0
    second: Literal["", "if", "only"] = ""
    hidden: bool = False


@dataclass(frozen=True)
class SheetLoop:
    """One sheet for each item: the item's name, the expression of the items, the expression of the sheet's name."""

    item: str
    items: str
    title: str


@dataclass(frozen=True)
class TemplateSheet:
    """A template sheet ready to be filled. `worksheet` is openpyxl's, the source of merges, validations and print setup."""

    file: str
    title: str
    worksheet: Any
    rows: dict[int, TemplateRow]
    loop: SheetLoop | None
    program: Template
    lines: tuple[tuple[int, int], ...]
    sources: dict[tuple[int, int], str]

    def spot(self, row: int, column: int) -> Spot:
        """The cell, for messages."""
        return Spot(self.file, self.title, f"{get_column_letter(column)}{row}")


@dataclass
class TemplateBook:
    """A template workbook. The output is built inside `workbook`, so that styles are shared and not copied; it may be rendered again and again.

    `headers`: the programs of headers and footers by their text, compiled once.
    """

    workbook: Any
    environment: ImmutableSandboxedEnvironment
    sheets: list[TemplateSheet] = field(default_factory=list)
    headers: dict[str, Template] = field(default_factory=dict)


def read_template(path: Path) -> TemplateBook:
    """Read and check a template. Raises KizukiError with every mistake found, each with its sheet and cell."""
    try:
        with warnings.catch_warnings():
            # Of what it cannot carry over openpyxl warns in English; `check.py` tells it in the words of whoever made the template.
            warnings.simplefilter("ignore")
            workbook = load_workbook(path)
    except (OSError, KeyError, BadZipFile, InvalidFileException, ValueError) as error:
        raise KizukiError(
            Problem(
                Place(path.name), "E-REPORT-01", "会議資料のテンプレートを開けません。", "資料を作れません。",
                "Excelブック(.xlsx)として保存されているか、ほかの人が開いていないかを確かめてください。",
            )
        ) from error
    book = TemplateBook(workbook, make_environment())
    problems: list[Problem] = []
    for worksheet in workbook.worksheets:
        reader = _SheetReader(path.name, worksheet, book)
        sheet = reader.read()
        problems += reader.problems
        if sheet:
            book.sheets.append(sheet)
    if problems:
        raise KizukiError(problems)
    return book


class _SheetReader:
    def __init__(self, file: str, worksheet: Any, book: TemplateBook) -> None:
        self.file = file
        self.worksheet = worksheet
        self.book = book
        self.problems: list[Problem] = []
        self.source: list[str] = []
        self.lines: list[tuple[int, int]] = []
        self.loop: SheetLoop | None = None
        self.stretches = False
        self.optional = 0
        self.second: Literal["", "if", "only"] = ""
        self.open_second: int | None = None

    def read(self) -> TemplateSheet | None:
        rows: dict[int, TemplateRow] = {}
        for number, cells in enumerate(self.worksheet.iter_rows(), start=1):
            tag = cells[0].value
            if isinstance(tag, str) and re.match(r"\s*\{[%#]", tag):
                self._steer(number, tag.strip(), cells[1:])
            else:
                rows[number] = self._row(number, cells)
        if self.open_second is not None:
            self._unpaired(self.open_second)
        program = self._compile()
        if program is None:
            return None
        return TemplateSheet(
            self.file, self.worksheet.title, self.worksheet, rows, self.loop, program, tuple(self.lines),
            dict(zip(self.lines, self.source, strict=True)),
        )

    def _spot(self, row: int, column: int) -> Spot:
        return Spot(self.file, self.worksheet.title, f"{get_column_letter(column)}{row}")

    def _emit(self, row: int, column: int, text: str) -> None:
        self.source.append(text.replace("\n", " "))
        self.lines.append((row, column))

    def _steer(self, row: int, tag: str, others: tuple[Any, ...]) -> None:
        for cell in others:
            if cell.value is not None:
                self.problems.append(
                    self._spot(row, cell.column).problem(
                        "E-REPORT-06", "A列に命令のある行は印刷されませんが、このセルに内容があります",
                        "内容を別の行に移してください。",
                    )
                )
        if _SHEET_START.match(tag):
            found = _SHEET.match(tag)
            if row != 1 or not found:
                self.problems.append(
                    self._spot(row, 1).problem(
                        "E-REPORT-06", "シートをくり返す命令の書き方か場所が正しくありません",
                        "A1 に {% sheet for 名前 in 一覧 named シート名 %} の形で書いてください。",
                    )
                )
            else:
                self.loop = SheetLoop(found[1], found[2], found[3])
        elif _BREAK.fullmatch(tag):
            self._emit(row, 1, "{{ _may_break() }}")
        elif _STRETCH.fullmatch(tag):
            self.stretches = True
        elif found := _OPTIONAL.fullmatch(tag):
            self.optional = max(1, int(found[1] or 1))
        elif found := _SECOND.fullmatch(tag):
            if self.open_second is not None:
                self._unpaired(self.open_second)
            self.open_second = row
            self._emit(row, 1, f"{{{{ _second({max(1, int(found[1] or 1))}) }}}}")
        elif _SECOND_ENDS.fullmatch(tag):
            if self.open_second is None:
                self._unpaired(row)
            self.open_second = None
            self._emit(row, 1, "{{ _second(0) }}")
        elif _IF_SECOND.fullmatch(tag):
            self.second = "if"
        elif _ONLY_SECOND.fullmatch(tag):
            self.second = "only"
        elif _COMMENT.fullmatch(tag):
            self._unknown(row, tag)
        else:
            self._emit(row, 1, tag)

    def _unpaired(self, row: int) -> None:
        self.problems.append(
            self._spot(row, 1).problem(
                "E-REPORT-06", "「2枚目へ」と「2枚目へ ここまで」が対になっていません",
                "送りたい行の前に {# 2枚目へ #}、後に {# 2枚目へ ここまで #} を書いてください。",
            )
        )

    def _unknown(self, row: int, tag: str) -> None:
        """A note in column A that is no tag of ours: a misspelt tag would silently do nothing."""
        self.problems.append(
            self._spot(row, 1).problem(
                "E-REPORT-06", f"この印の書き方はありません{suggest(tag.strip('{# }'), TAGS)}",
                "A列の {# … #} は印刷の印です。覚え書きは、印刷範囲の外の列に書いてください。",
            )
        )

    def _row(self, number: int, cells: tuple[Any, ...]) -> TemplateRow:
        self._emit(number, 1, f"{{{{ _row({number}) }}}}")
        read = tuple(self._cell(cell) for cell in cells if cell.value is not None or cell.has_style)
        stretches, self.stretches = self.stretches, False
        optional, self.optional = self.optional, 0
        second, self.second = self.second, ""
        dimension = self.worksheet.row_dimensions[number]
        return TemplateRow(number, dimension.height, read, stretches, optional, second, bool(dimension.hidden))

    def _cell(self, cell: Any) -> TemplateCell:
        value = cell.value
        filled = isinstance(value, str) and bool(_TAG.search(value))
        typed = False
        if cell.data_type == "f":
            self.problems.append(
                self._spot(cell.row, cell.column).problem(
                    "E-REPORT-06", "テンプレートに数式は書けません(行が増えると参照がずれるため)", "文字か {{ 項目 }} にしてください。"
                )
            )
            value = None
        elif filled:
            typed = self._fill(cell.row, cell.column, value)
            value = None
        styles = self.book.workbook._cell_styles
        quoted = copy(cell._style)
        quoted.quotePrefix = 1
        return TemplateCell(
            cell.column, value, styles.add(cell._style), styles.add(quoted), filled, typed,
            bool(cell.alignment.wrap_text), Face(float(cell.font.sz or 10), bool(cell.font.b), cell.font.name or FONT),
        )

    def _fill(self, row: int, column: int, text: str) -> bool:
        """Emit one cell as one line; its body runs inside `_cell`, so that its errors stay in this cell."""
        environment = self.book.environment
        try:
            body = environment.parse(text).body
        except TemplateSyntaxError as error:
            self.problems.append(syntax_problem(self._spot(row, column), error, environment))
            return False
        only = body[0].nodes if len(body) == 1 and isinstance(body[0], nodes.Output) else []
        typed = len(only) == 1 and not isinstance(only[0], nodes.TemplateData)
        if typed:
            inner = text.strip().removeprefix("{{").removesuffix("}}").strip("+-")
            content = f"{{{{ _value({inner}) }}}}"
        else:
            content = text.replace("\n", "{{ _newline }}")
        self._emit(row, column, f"{{% call _cell({row}, {column}) %}}{content}{{% endcall %}}")
        return typed

    def _compile(self) -> Template | None:
        environment = self.book.environment
        source = "\n".join(self.source)
        try:
            code: CodeType = environment.compile(source, self.worksheet.title, f"<{self.worksheet.title}>")
        except TemplateSyntaxError as error:
            self._blame(error)
            return None
        return Template.from_code(environment, code, dict(environment.globals))

    def _blame(self, error: TemplateSyntaxError) -> None:
        """Find every cell that cannot be compiled by itself; if none is at fault, the tags of column A do not pair."""
        environment = self.book.environment
        found = len(self.problems)
        for (row, column), line in zip(self.lines, self.source, strict=True):
            if line.startswith("{% call _cell("):
                try:
                    environment.compile(line)
                except TemplateSyntaxError as fault:
                    self.problems.append(syntax_problem(self._spot(row, column), fault, environment))
        if len(self.problems) == found:
            row, column = self._unclosed() or self.lines[min(error.lineno, len(self.lines)) - 1]
            self.problems.append(syntax_problem(self._spot(row, column), error, environment))

    def _unclosed(self) -> tuple[int, int] | None:
        """The last `for` or `if` of column A that is never closed; Jinja tells only that the end came too soon."""
        opened: list[tuple[int, int]] = []
        for spot, line in zip(self.lines, self.source, strict=True):
            if spot[1] == 1:
                for word in _PAIRS.findall(line):
                    if word.startswith("end"):
                        if not opened:
                            return None
                        opened.pop()
                    else:
                        opened.append(spot)
        return opened[-1] if opened else None
