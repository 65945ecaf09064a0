"""Make `register.xlsx`, the template of the case register: `python -m reports.templates.register`.

A3 landscape, one line for each household: what is known to the left, the blanks of the 実務者会議 (yellow) to the right. A city edits the .xlsx in Excel; a test
asserts that the committed file equals what this script makes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from reports.blanks import RATINGS, REGISTER_BLANKS, TYPES
from reports.templates import style as s
from reports.templates.sheets import (
    A3,
    Rows,
    add_choices,
    choose_from,
    colour,
    input_name,
    new_book,
    print_setup,
    set_columns,
)

TARGET = Path(__file__).with_name("register.xlsx")
_NOT_RATED = (
    "区分①②③は、データによる一次絞り込みです。緊急度(AA・A～D)と重症度(最重度～軽度)は人が判断して書き込むもので、データは危険の程度を決めません。"
)
_NEVER_SAFE = "③や「該当なし」、台帳に載っていないことは、安全であることを意味しません。差し迫った危険があるときは、通常の通告手順によってください。"
_CELL = s.Look(size=10, down="top")
_TIGHT = s.Look(size=10, down="top")  # prints at 7.5 points on A3
_STRONG = s.Look(size=10, bold=True, down="top")
_MIDDLE = s.Look(size=10, across="center", down="top")
_PEOPLE = s.Look(size=10, down="top", fill="F5EEF8", writable=True)
_BLANK = s.Look(size=10, down="top", fill=s.INPUT, writable=True)
_DAY = s.Look(size=10, across="center", down="top", fill=s.INPUT, writable=True)
_HEAD = s.Look(size=10, bold=True, color="FFFFFF", fill=s.NAVY, across="center")
_BAND = s.Look(size=10, bold=True, color=s.NAVY, fill=s.PALE_BLUE, across="center")
_HEAD_BLANK = s.Look(size=10, bold=True, color="833C0B", fill=s.PALE_ORANGE, across="center")
_HEAD_PEOPLE = s.Look(size=10, bold=True, color="4A235A", fill="E8DAEF", across="center")
_GROUP = s.Look(size=11, bold=True, color=s.NAVY, fill=s.PALE_BLUE, wraps=False)
_BIG = s.Look(size=20, bold=True, across="center", color=s.NAVY)

# Heading, width, what stands there, look: one column of the register each. What belongs together shares a column, so that A3 stays legible.
_FACTS: tuple[tuple[str, float, str, s.Look], ...] = (
    ("No.", 3.2, "{{ row.number }}", _MIDDLE),
    ("整理番号\n案件", 9.4, "{{ row.reference }}", _TIGHT),
    (
        "児童氏名(カナ)・生年月日・年齢\n学校・園", 18.4,
        "{{ row.children }}{% if row.protection %}\n{{ row.protection }}{% endif %}", _STRONG,
    ),
    ("保護者\n(続柄)", 9.8, "{{ row.guardian }}", _TIGHT),
    ("種別(要対協)\n類型と区分", 10.8, "要対協:{{ row.kind }}\n{{ row.types }}", _TIGHT),
)
_RATED: tuple[str, float, str, s.Look] = ("これまで", 7.6, "{{ row.rated }}", s.Look(size=10, down="top", fill="F5EEF8"))
_RATING_WIDTH = 4.6
_FOLLOW_UP = tuple(blank for blank in REGISTER_BLANKS if blank not in RATINGS)
_MORE: tuple[tuple[str, float, str, s.Look], ...] = (
    (
        "受理日・経路\n前回/次回見直し", 11,
        "受理 {{ row.received }}\n前回 {{ row.reviewed_on }}\n次回 {{ row.next_review }}", _TIGHT,
    ),
    ("◎主担当\n・関係機関", 14.4, "{{ row.agencies }}", _TIGHT),
    ("現状・これまでの結果", 16.8, "{{ row.state }}\n結果: {{ row.outcome }}", _TIGHT),
    ("支援方針\n(直近の判断)", 13, "{{ row.policy }}", _TIGHT),
    ("役割分担・期限", 12.8, "{{ row.roles }}", _TIGHT),
)
_WIDTHS = {
    "主担当機関": 7.2, "次回見直し": 6.4, "結果": 6.7, "結果の日": 6.4, "気づき": 6.2, "確かめた困難": 6.6, "違った理由": 6.6, "終結日": 6.4,
    "終結理由": 6.7, "メモ": 8,
}  # fmt: skip
_REVIEW, _STATE = 0, 2
"""Places in `_MORE` that are coloured where a ★ stands in them."""


def build() -> Any:
    """The template as an openpyxl workbook."""
    workbook = new_book()
    _front(workbook.create_sheet("表紙"))
    _register(workbook.create_sheet("台帳"))
    _closed(workbook.create_sheet("終結"))
    add_choices(workbook, {blank.label: blank.choices for blank in REGISTER_BLANKS if blank.kind != "類型" and blank.choices} | {"類型": TYPES})
    return workbook


def _front(sheet: Any) -> None:
    set_columns(sheet, [16, *[11] * 7])
    rows = Rows(sheet)
    rows.line(30, ("B:G", "{{ book.city }} 進行管理台帳(四半期のまとめ)", s.TITLE), ("H:I", "取扱注意", s.NOTICE))
    rows.line(
        16, ("B:I", "実務者会議の資料 対象の期間 {{ book.period }}  {{ book.on }}現在  最新の一覧 {{ book.run_label }}", s.SUBTITLE),
    )  # fmt: skip
    rows.gap(8)
    figures = (
        ("B", "台帳にある世帯", "open"), ("C:D", "見直しの期限が\n過ぎている", "overdue"), ("E:F", "まだ連絡が\nとれていない", "without_contact"),
        ("G", "期間内に\n受理", "received"), ("H", "期間内に\n終結", "closed"), ("I", "支援措置\nあり", "protected"),
    )  # fmt: skip
    rows.line(30, *[(area, label, s.LABEL) for area, label, _ in figures])
    count = rows.line(40, *[(area, f"{{{{ book.{name} }}}}", _BIG) for area, _, name in figures])
    for cell in (f"C{count}", f"E{count}"):
        colour(sheet, cell, f"{cell}>0", s.PALE_RED, s.RED)
    rows.line(
        14, ("B:I", "数は世帯です。「まだ連絡がとれていない」は、積極的アプローチ・学校等への調査・見守りと決めて、面談・訪問・連絡のどれもまだない世帯です。", s.NOTE),
    )  # fmt: skip
    for title, first, name in (
        ("見直しの時期ごと", "見直し", "by_due"),
        ("主担当機関ごと", "主担当機関", "by_agency"),
        ("直近の判断ごと", "判断", "by_decision"),
    ):
        rows.gap(8)
        rows.line(16, ("B:I", title, s.BAR))
        rows.line(
            16, ("B:E", first, s.LABEL), ("F", "世帯", s.LABEL), ("G:H", "うち期限が過ぎている", s.LABEL), ("I", "うち連絡なし", s.LABEL),
        )  # fmt: skip
        rows.steer(f"{{% for line in book.{name} %}}")
        number = s.Look(size=10, across="right", wraps=False)
        rows.line(
            15, ("B:E", "{{ line.label }}", s.Look(size=10)), ("F", "{{ line.open }}", number),
            ("G:H", "{{ line.overdue }}", number), ("I", "{{ line.without_contact }}", number),
        )  # fmt: skip
        rows.steer("{% else %}")
        rows.line(15, ("B:I", "台帳にある世帯はありません。", s.CENTER))
        rows.steer("{% endfor %}")
    rows.gap(8)
    rows.steer("{% if book.without_case %}")
    rows.line(
        28, ("B:I", "このほか、判断の記録はあるのに、もとになる一覧の記録が残っていない世帯が{{ book.without_case }}世帯あります。"
             "管理者に、実行の記録(runs)の控えを確かめてもらってください。", s.ALERT),
    )  # fmt: skip
    rows.steer("{% endif %}")
    rows.line(28, ("B:I", _NOT_RATED, s.NOTE))
    rows.line(28, ("B:I", _NEVER_SAFE, s.NOTE))
    rows.line(
        28, ("B:I", "「台帳」のシートの黄色とうす紫の欄に記入して保存し、`kizuki readback` で読み取ると、次の一覧と台帳に反映されます。"
             "空けたままの欄は、前に書いたことを消しません。", s.NOTE),
    )  # fmt: skip
    _set_up(sheet, f"A1:I{rows.row}", landscape=False, wide=False)


def _register(sheet: Any) -> None:
    blanks = [(blank.label, _WIDTHS[blank.label]) for blank in _FOLLOW_UP]
    widths = [
        *(w for _, w, _, _ in _FACTS), _RATED[1], *(_RATING_WIDTH for _ in RATINGS), *(w for _, w, _, _ in _MORE), *(w for _, w in blanks),
    ]  # fmt: skip
    set_columns(sheet, widths)
    letters = [get_column_letter(number) for number in range(2, 2 + len(widths))]
    last = letters[-1]
    rows = Rows(sheet)
    notice = letters[-3]
    rows.line(
        24, (f"B:{letters[-4]}", "進行管理台帳 {{ book.city }} {{ book.period }}({{ book.on }}現在)", s.TITLE),
        (f"{notice}:{last}", "取扱注意", s.NOTICE),
    )  # fmt: skip
    rows.line(14, (f"B:{last}", _NOT_RATED + _NEVER_SAFE, s.Look(size=10, color=s.GREY, border="none")))
    facts, ratings = len(_FACTS), 1 + len(RATINGS)
    first_blank = len(letters) - len(blanks)
    band = rows.line(
        15, (f"B:{letters[facts - 1]}", "世帯", _BAND), (f"{letters[facts]}:{letters[facts + ratings - 1]}", "人の判断(読み取られます)", _HEAD_PEOPLE),
        (f"{letters[facts + ratings]}:{letters[first_blank - 1]}", "経過", _BAND),
        (f"{letters[first_blank]}:{last}", "この会議での記入(読み取られます)", _HEAD_BLANK),
    )  # fmt: skip
    titles = [
        *((title, _HEAD) for title, _, _, _ in _FACTS),
        (_RATED[0], _HEAD_PEOPLE), *((blank.label, _HEAD_PEOPLE) for blank in RATINGS),
        *((title, _HEAD) for title, _, _, _ in _MORE),
        *((label, _HEAD_BLANK) for label, _ in blanks),
    ]
    head = rows.line(28, *[(letter, title, look) for letter, (title, look) in zip(letters, titles, strict=True)])
    rows.steer("{% for group in book.groups %}")
    rows.line(18, (f"B:{last}", "{{ group.title }}", _GROUP))
    rows.steer("{% for row in group.rows %}")
    cells = [
        *((text, look) for _, _, text, look in _FACTS),
        _RATED[2:], *((None, _PEOPLE) for _ in RATINGS),
        *((text, look) for _, _, text, look in _MORE),
        *((None, _DAY if blank.kind == "日" else _BLANK) for blank in _FOLLOW_UP),
    ]
    body = rows.line(40, *[(letter, text, look) for letter, (text, look) in zip(letters, cells, strict=True)])
    sheet.cell(body, 1).value = "{{ row.identity }}"
    rows.steer("{% endfor %}")
    rows.steer("{% else %}")
    rows.line(20, (f"B:{last}", "台帳にある世帯はありません。", _MIDDLE))
    rows.steer("{% endfor %}")
    written = (*letters[facts + 1 : facts + ratings], *letters[first_blank:])
    for letter, blank in zip(written, (*RATINGS, *_FOLLOW_UP), strict=True):
        input_name(sheet, blank.name, f"${letter}${body}")
        if blank.kind == "選択":
            choose_from(sheet, f"{letter}{body}", blank.label)
        elif blank.label in ("主担当機関", "終結理由"):
            choose_from(sheet, f"{letter}{body}", blank.label, closed=False)
        elif blank.kind == "類型":
            choose_from(sheet, f"{letter}{body}", "類型", closed=False)
    review = letters[facts + ratings + _REVIEW]
    state = letters[facts + ratings + _STATE]
    colour(sheet, f"{review}{body}", f'ISNUMBER(SEARCH("★",{review}{body}))', s.PALE_RED, s.RED)
    no_contact = FormulaRule(
        formula=[f'ISNUMBER(SEARCH("★",{state}{body}))'], fill=PatternFill("solid", bgColor=s.PALE_ORANGE)
    )
    sheet.conditional_formatting.add(f"{state}{body}", no_contact)
    name = letters[2]
    colour(sheet, f"{name}{body}", f'ISNUMBER(SEARCH("【支援措置】",{name}{body}))', s.PALE_RED, s.RED)
    sheet.freeze_panes = f"{letters[3]}{head + 1}"
    sheet.print_title_rows = f"{band}:{head}"
    _set_up(sheet, f"A1:{last}{rows.row}", landscape=True, wide=True)


def _closed(sheet: Any) -> None:
    columns = (
        ("No.", 4, "number", _MIDDLE), ("整理番号\n案件", 12, "reference", _TIGHT), ("児童氏名(カナ)", 26, "children", _STRONG),
        ("受理日", 9, "received", _MIDDLE), ("主担当機関", 15, "lead_agency", _TIGHT), ("直近の判断", 13, "policy", _TIGHT),
        ("結果", 22, "outcome", _TIGHT), ("終結日", 9, "closed_on", _MIDDLE), ("終結理由", 22, "because", _TIGHT),
    )  # fmt: skip
    set_columns(sheet, [width for _, width, _, _ in columns])
    letters = [get_column_letter(number) for number in range(2, 2 + len(columns))]
    last = letters[-1]
    rows = Rows(sheet)
    rows.line(
        24, (f"B:{letters[-3]}", "期間内に終結した世帯 {{ book.period }}", s.TITLE), (f"{letters[-2]}:{last}", "取扱注意", s.NOTICE),
    )  # fmt: skip
    head = rows.line(28, *[(letter, title, s.HEAD) for letter, (title, _, _, _) in zip(letters, columns, strict=True)])
    rows.steer("{% for row in book.closed_rows %}")
    rows.line(24, *[(letter, f"{{{{ row.{name} }}}}", look) for letter, (_, _, name, look) in zip(letters, columns, strict=True)])
    rows.steer("{% else %}")
    rows.line(20, (f"B:{last}", "この期間に終結した世帯はありません。", s.CENTER))
    rows.steer("{% endfor %}")
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    _set_up(sheet, f"A1:{last}{rows.row}", landscape=True, wide=False)


def _set_up(sheet: Any, area: str, *, landscape: bool, wide: bool) -> None:
    print_setup(
        sheet, area, landscape=landscape, pages=0, **({"paper": A3} if wide else {}), head_left="{{ book.city }} 進行管理台帳",
        foot_left="{{ book.run_label }}",
    )  # fmt: skip
    sheet.page_margins.left = sheet.page_margins.right = 0.3
    sheet.protection.formatCells = False
    sheet.protection.autoFilter = False


def main() -> None:
    """Write the template beside this script."""
    build().save(TARGET)
    print(f"テンプレートを書き出しました: {TARGET}")


if __name__ == "__main__":
    main()
