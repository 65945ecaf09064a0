"""From template and data to workbook bytes. `check.py` checks a template without a real week."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from engine.kernel.errors import KizukiError, Problem
from reports.renderer.figures import grow_for_figures, place_figures
from reports.renderer.fill import FilledSheet, fill_sheet
from reports.renderer.fitting import fit
from reports.renderer.language import runtime_problem
from reports.renderer.package import write_package
from reports.renderer.pages import choose_pages, fill_headers, rooms_of
from reports.renderer.sealing import seal_sheet
from reports.renderer.sheet import LaidSheet, SheetPlan, lay_out
from reports.renderer.template import TemplateBook, TemplateSheet, read_template
from reports.seal import Seal

# Excel refuses these in a sheet's name, full-width forms included, and openpyxl does not warn of all.
_SHEET_NAME = re.compile(r"[^\\/?*\[\]:'’＇＊／：？［＼］￥]{1,31}")


def render_workbook(
    template: Path | TemplateBook,
    context: Mapping[str, Any],
    stream: IO[bytes],
    *,
    wording: Callable[[str], str] = str,
    prepare: Callable[[Any], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
    seal: Seal | None = None,
) -> None:
    """Fill the template and write the workbook to the stream.

    A template that was read once (`read_template`) may be given for each of many workbooks.

    `context` gives the names that cells may use. `wording` is applied to every text of the data. `prepare` may set the
    workbook's properties. `progress` hears (sheets done, sheets in all). `seal` makes the text that stands in place of a hidden
    identity (`sealing.py`); without it identities are written plain. Raises KizukiError with every faulty cell.
    """
    book = read_template(template) if isinstance(template, Path) else template
    filled = fill_all(book, context, wording, progress)
    laid: list[LaidSheet] = []
    workbook = book.workbook
    plans = {sheet.title: SheetPlan(sheet) for sheet in book.sheets}
    with _emptied(workbook):
        for sheet, title, values, content in filled:
            worksheet = workbook.create_sheet(title)
            plan = plans[sheet.title]
            rooms = rooms_of(plan)
            made = fit(plan, content, rooms, partial(_lay, plan, worksheet))
            choose_pages(made, rooms)
            made.placed = place_figures(plan, made)
            if made.placed and worksheet.protection.sheet:
                worksheet.protection.objects = True
            if seal:
                seal_sheet(made, seal)
            fill_headers(book, sheet.worksheet, worksheet, values, wording)
            laid.append(made)
        workbook.active = 0
        if prepare:
            prepare(workbook)
        write_package(workbook, laid, stream)


@contextmanager
def _emptied(workbook: Any) -> Iterator[None]:
    """The workbook without its sheets while the output is built in it; afterwards as it was, names that followed their rows included."""
    originals, names = list(workbook._sheets), dict(workbook.defined_names)
    workbook._sheets = []
    try:
        yield
    finally:
        workbook._sheets = originals
        workbook.defined_names.clear()
        workbook.defined_names.update(names)


def _lay(plan: SheetPlan, worksheet: Any, content: FilledSheet) -> LaidSheet:
    made = lay_out(plan, content, worksheet)
    grow_for_figures(plan, made)
    return made


_Filled = tuple[TemplateSheet, str, Mapping[str, Any], FilledSheet]


def fill_all(
    book: TemplateBook,
    context: Mapping[str, Any],
    wording: Callable[[str], str],
    progress: Callable[[int, int], None] | None,
) -> list[_Filled]:
    problems: list[Problem] = []
    planned: list[tuple[TemplateSheet, str, Mapping[str, Any]]] = []
    for sheet in book.sheets:
        try:
            planned += list(_instances(book, sheet, context))
        except Exception as error:
            written = f"{sheet.loop.items} {sheet.loop.title}" if sheet.loop else ""
            problems.append(runtime_problem(sheet.spot(1, 1), error, written, context))
    titles = [title for _, title, _ in planned]
    for sheet, title, _ in planned:
        if not _SHEET_NAME.fullmatch(title) or titles.count(title) > 1:
            what = "シート名が長すぎるか、使えない文字を含むか、重なっています"
            problems.append(sheet.spot(1, 1).problem("E-REPORT-06", what, "シート名の付け方を直してください。"))
    filled: list[_Filled] = []
    for done, (sheet, title, values) in enumerate(planned, start=1):
        content = fill_sheet(sheet, values, wording)
        problems += content.problems
        filled.append((sheet, title, values, content))
        if progress:
            progress(done, len(planned))
    if problems:
        raise KizukiError(dict.fromkeys(problems))
    return filled


def _instances(
    book: TemplateBook, sheet: TemplateSheet, context: Mapping[str, Any]
) -> Iterable[tuple[TemplateSheet, str, Mapping[str, Any]]]:
    if sheet.loop is None:
        yield sheet, sheet.title, context
        return
    items = book.environment.compile_expression(sheet.loop.items, undefined_to_none=False)(context)
    title = book.environment.compile_expression(sheet.loop.title, undefined_to_none=False)
    if items is None:
        raise TypeError("no list")
    for item in items:
        values = {**context, sheet.loop.item: item}
        yield sheet, str(title(values)), values
