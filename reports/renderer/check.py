"""The check of a template before a real week meets it: every mistake at once, then what would be lost or cannot be read back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import near_name
from reports.blanks import PREFIX, Blank
from reports.renderer.render import fill_all
from reports.renderer.template import TemplateBook, read_template

# Parts of an Excel file that the renderer cannot carry over. Comments have a drawing of their own, which is not told twice.
_LOST_PARTS = (
    (r"xl/drawings/drawing", "図形・テキストボックス・画像"),
    (r"xl/charts/", "グラフ"),
    (r"xl/(threaded)?[cC]omments", "コメント"),
    (r"xl/ctrlProps|xl/activeX", "ボタンなどの部品"),
    (r"xl/tables/", "テーブルの設定"),
    (r"xl/pivotTables/", "ピボットテーブル"),
    (r"xl/media/.*|xl/drawings/vmlDrawingHF", "ヘッダーの画像"),
)
_LOST_MARKS = (
    (b"<x14:dataValidation", "別のシートのセルをじかに指す入力規則(セルに名前を付け、その名前を指すと残ります)"),
    (b"<x14:conditionalFormatting", "新しい形式の条件付き書式"),
    (b"<x14:sparkline", "スパークライン"),
    (b"<rowBreaks", "手で入れた改ページ"),
    (b"<autoFilter", "フィルター"),
    (b"<hyperlink ", "リンク"),
    (b'differentFirst="1"', "先頭の頁だけのヘッダー"),
    (b'differentOddEven="1"', "偶数の頁だけのヘッダー"),
)
_RICH = re.compile(rb"<(?:is|si)>(?:(?!</(?:is|si)>).)*<r>", re.DOTALL)


def check_template(template: Path, contexts: Sequence[Mapping[str, Any]], blanks: Sequence[Blank] = ()) -> list[Problem]:
    """Every problem of a template, found by filling it with the (made-up) contexts; warnings come last.

    `blanks`: those that this kind of paper should have on it; a misspelt one would never be read back.
    """
    problems: dict[Problem, None] = {}
    try:
        book = read_template(template)
    except KizukiError as error:
        return [*error.problems, *_lost_parts(template)]
    for context in contexts:
        try:
            fill_all(book, context, str, None)
        except KizukiError as error:
            problems |= dict.fromkeys(error.problems)
    return [*problems, *_lost_parts(template), *(_blank_faults(template, book, blanks) if blanks else ())]


def _lost_parts(template: Path) -> Iterator[Problem]:
    try:
        with ZipFile(template) as archive:
            names = archive.namelist()
            sheets = [archive.read(name) for name in names if name.startswith("xl/worksheets/sheet")]
            texts = [archive.read(name) for name in names if name == "xl/sharedStrings.xml"]
    except (OSError, ValueError, BadZipFile):
        return
    lost: list[str] = []
    for pattern, label in _LOST_PARTS:
        if any(re.match(pattern, name) for name in names) and not (label == "ヘッダーの画像" and lost):
            lost.append(label)
    lost += [label for mark, label in _LOST_MARKS if any(mark in sheet for sheet in sheets)]
    if any(_RICH.search(content) for content in (*sheets, *texts)):
        lost.append("1つのセルの中で文字ごとに変えた書式")
    for label in lost:
        yield Problem(
            Place(template.name), "W-REPORT-01", f"テンプレートの{label}は会議資料に写りません。",
            "印刷したときに抜けます。", "セルの書式や罫線、文字で表してください。",
        )  # fmt: skip


def _blank_faults(template: Path, book: TemplateBook, blanks: Sequence[Blank]) -> Iterator[Problem]:
    """Blanks that nobody will find again, and identities without which a sheet is never read back."""
    known = {blank.name: blank for blank in blanks}
    named = {name for sheet in book.sheets for name in sheet.worksheet.defined_names if name.startswith(PREFIX)}
    for name in sorted(named - set(known)):
        # A name of its own marks a blank for the pen, which the seal leaves out; one that is nearly a missing one is misspelt.
        if near := near_name(name, set(known) - named):
            yield Problem(
                Place(template.name), "W-REPORT-02", f"記入欄の名前「{name}」は、読み取るときに使われません。", "書き込んでも読み取れません。",
                f"「{near}」ではありませんか。",
            )  # fmt: skip
    for name in (blank.name for blank in blanks if blank.name not in named):
        yield Problem(
            Place(template.name), "W-REPORT-03", f"記入欄「{name.removeprefix(PREFIX)}」がテンプレートにありません。",
            "会議で決めたこのことは、読み取れません。", f"書き込むセルに「{name}」という名前(範囲はそのシート)を付けてください。",
        )  # fmt: skip
    if not any(_identities(book)):
        yield Problem(
            Place(template.name), "W-REPORT-04", "A列に、シートや行を見分ける目印がありません。", "記入した資料を、どの世帯のものか読み取れません。",
            "見出しの行のA列に {{ case.id_text }} のような目印を書いてください。標準のテンプレートに例があります。",
        )  # fmt: skip


def _identities(book: TemplateBook) -> Iterable[bool]:
    return (cell.column == 1 and cell.filled for sheet in book.sheets for row in sheet.rows.values() for cell in row.cells)
