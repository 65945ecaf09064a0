"""One household's page: the parts that the conference handout and the single sheet (個票) are both built from.

Sixteen narrow columns, so that blocks of any width stand over one another. Everything up to the blanks belongs on the first page; what may be left out or go
to a second one is marked in column A.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from reports.blanks import HOUSEHOLD_BLANKS, PREFIX, TYPES
from reports.templates import style as s
from reports.templates.sheets import (
    Rows,
    change_colours,
    choose_from,
    colour,
    input_name,
    print_setup,
    set_columns,
    tier_colours,
)
from reports.templates.style import put

CHOICES: dict[str, tuple[str, ...]] = {
    **{blank.label: blank.choices for blank in HOUSEHOLD_BLANKS if blank.kind == "選択"}, "類型": TYPES,
}
NEVER_SAFE = (
    "支援の要否は会議で人が決めます。③や「該当なし」は安全を意味しません。差し迫った危険があるときは、通常の通告手順によってください。"
)
_COLUMNS = 16
_WIDTH = 5.15
_BREAK = "{# 改ページ可 #}"
_STRETCH = "{# 余白まで伸ばす #}"
_SECOND_ENDS = "{# 2枚目へ ここまで #}"
_IF_SECOND = "{# 2枚目があるときだけ #}"
_ONLY_SECOND = "{# 2枚目だけ #}"
_NARROW = s.Look(size=9, bold=True, color="833C0B", fill=s.PALE_ORANGE, across="center")
_FIELD = s.Look(size=9.5, fill=s.INPUT, writable=True)
_FIELD_TOP = s.Look(size=9.5, fill=s.INPUT, writable=True, down="top")
_TINY = s.Look(size=9, color=s.GREY)
_CAPTION = s.Look(size=8.5, color=s.GREY, border="none")
"""Prints at 7 points or more."""


def second(step: int) -> str:
    """The tag that begins a block that may go to the second page; blocks with a higher number go first, of equals the lowest on the sheet."""
    return f"{{# 2枚目へ {step} #}}"


def optional(step: int) -> str:
    """The tag that lets the row below it be left out; rows with a higher number go first."""
    return f"{{# 1枚に収まらなければ省く {step} #}}"


def household_sheet(sheet: Any, loop: str, title: str, number: str, subtitle: str) -> None:
    """A whole sheet for each household: `loop` is the tag that makes the sheets; title and number stand at the
    top, `subtitle` in the page's header."""
    set_columns(sheet, [_WIDTH] * _COLUMNS)
    rows = Rows(sheet)
    rows.steer(loop)
    top = rows.line(
        20, ("B:J", title, s.TITLE),
        ("K:M", number, s.Look(size=11, bold=True, color=s.NAVY, across="center", border="none", wraps=False)), ("N:Q", "取扱注意", s.NOTICE),
    )
    sheet.cell(top, 1).value = "{{ case.id_text }}"
    _head(sheet, rows)
    _members(rows)
    _evidence(rows)
    _model(rows)
    _context(rows)
    _timeline(rows)
    _checks(rows)
    _past(rows)
    _blanks(sheet, rows)
    _details(rows)
    sheet.print_title_rows = f"{top}:{top}"
    print_setup(sheet, f"A1:Q{rows.row}", landscape=False, pages=1)
    sheet.page_margins.top, sheet.page_margins.bottom = 0.45, 0.4
    sheet.page_margins.left = sheet.page_margins.right = 0.3
    sheet.oddHeader.center.text, sheet.oddHeader.center.size = subtitle, 8


def _head(sheet: Any, rows: Rows) -> None:
    first = rows.line(
        18, ("B:C", "整理番号", s.LABEL), ("D:F", "{{ case.reference }}", s.Look(size=10, across="center", wraps=False)),
        ("G:H", "地区", s.LABEL), ("I:K", "{{ case.place }}", s.CENTER),
        ("N:Q", "{{ case.change }}", s.Look(size=12, bold=True, across="center", wraps=False)),
    )
    second = rows.line(
        17, ("B:C", "困難の類型", s.LABEL), ("D:K", "{{ case.types_line }}", s.Look(size=10, bold=True, color=s.RED)),
        ("N:Q", "{{ case.change_detail }}", s.Look(size=9, across="center", wraps=False)),
    )
    put(sheet, f"L{first}:M{second}", "{{ case.tier_mark }}", s.Look(size=24, bold=True, across="center", wraps=False))
    rows.line(15, ("B:C", "主な理由", s.LABEL), ("D:Q", "{{ case.main_reason }}", s.STRONG))
    rows.line(
        12, ("B:Q", "区分 {{ case.tier_mark }} {{ case.tier_label }}:データによる一次絞り込みの結果です。人が判断する緊急度・重症度ではありません。"
             "{{ case.tier_by_whom }}", s.Look(size=9, bold=True, color=s.NAVY, border="none")),
    )
    rows.steer("{% if case.back_because %}")
    rows.line(15, ("B:Q", "{{ case.back_because }}", s.Look(size=10, bold=True, color="833C0B", fill=s.PALE_ORANGE)))
    rows.steer("{% endif %}")
    rows.steer("{% if case.protection %}")
    rows.line(14, ("B:Q", "{{ case.protection }}", s.ALERT))
    rows.steer("{% endif %}")
    tier_colours(sheet, f"L{first}:M{second}")
    change_colours(sheet, f"N{first}:Q{first}")
    colour(sheet, f"D{second}:K{second}", f'LEFT($D${second},1)="●"', s.PALE_RED, s.RED)
    colour(sheet, f"D{second}:K{second}", f'LEFT($D${second},1)="○"', s.PALE_ORANGE, s.ORANGE)
    colour(sheet, f"I{first}:K{first}", f'$I${first}="住所非表示"', s.PALE_RED, s.RED)


def _members(rows: Rows) -> None:
    """The members beside the genogram, whose frame grows with their lines; a small household keeps empty lines for the pen."""
    rows.gap(2.25)
    rows.line(12.75, ("B:L", "1 世帯の構成(◎は今回のこども)", s.BAR), ("M:Q", "家族図(記録にある続柄だけ。破線は不明)", s.BAR_SMALL))
    head = rows.line(
        11, ("B:C", "続柄", s.LABEL), ("D:E", "氏名", s.LABEL), ("F:G", "フリガナ", s.LABEL), ("H", "年齢", s.LABEL), ("I:L", "所属・学年・備考", s.LABEL),
    )
    rows.steer("{% for member in case.members %}")
    rows.line(
        12.75, ("B:C", "{{ member.listed }} {{ member.relation }}", s.CENTER), ("D:E", "{{ member.name }}", s.Look(bold=True)),
        ("F:G", "{{ member.kana }}", _TINY), ("H", "{{ member.age }}", s.Look(size=9, across="center", wraps=False)),
        ("I:L", "{{ member.about }}", s.Look(size=9)),
    )
    rows.steer("{% endfor %}")
    rows.steer("{% for line in case.member_gaps %}")
    last = rows.line(12.75, *[(area, None, s.CENTER) for area in ("B:C", "D:E", "F:G", "H", "I:L")])
    rows.steer("{% endfor %}")
    put(rows.sheet, f"M{head}:Q{last}", "{{ case.genogram }}", s.Look(across="center"))
    for row in rows.sheet[f"M{head}:Q{last}"]:
        for cell in row:  # whichever row is the last one printed: borders within a merged area are not drawn
            border = copy(cell.border)
            border.bottom = s.LINE
            cell.border = border


def _evidence(rows: Rows) -> None:
    rows.steer(_BREAK)
    rows.gap(2.25)
    rows.line(
        12.75, ("B:H", "2 該当したシナリオと根拠", s.BAR), ("I:Q", "すべての条件と根拠は kizuki trace {{ case.sheet }} で確かめられます", s.BAR_SMALL),
    )
    rows.steer("{% for child in case.child_lines %}")
    rows.line(
        12, ("B:F", "{{ child.label }}", s.Look(bold=True, color=s.NAVY, fill=s.PALE_BLUE)),
        ("G", "{{ child.tier_mark }}", s.Look(size=10, bold=True, color=s.NAVY, fill=s.PALE_BLUE, across="center", wraps=False)),
        ("H:Q", "{{ child.summary }}", s.Look(size=9, fill=s.PALE_BLUE)),
    )
    rows.steer("{% endfor %}")
    rows.steer("{% for hit in case.full_hits %}")
    rows.steer(_BREAK)
    rows.steer(second(1))
    _hit_head(rows)
    _hit_lines(rows)
    _hit_unknown(rows)
    rows.steer(_SECOND_ENDS)
    rows.steer("{% endfor %}")
    rows.steer("{% for hit in case.brief_hits %}")
    rows.steer(_BREAK)
    rows.steer(second(3))
    rows.line(
        11, ("B", "{{ hit.scenario_id }}", s.Look(size=9, bold=True, fill=s.PALE_GREY, across="center", wraps=False)),
        ("C:N", "{{ hit.name }}{{ hit.who }}: {{ hit.brief }}", s.Look(size=9)),
        ("O:Q", "{{ hit.type_label }}{{ hit.tier_mark }} {{ hit.strength }} {{ hit.news }}", s.Look(size=9, color=s.RED, across="center")),
    )
    _hit_unknown(rows)
    rows.steer(_SECOND_ENDS)
    rows.steer("{% endfor %}")
    rows.steer(_IF_SECOND)
    rows.line(11, ("B:Q", "ほかの該当したシナリオ、参考は、2枚目に続きます", s.Look(size=9, bold=True, color=s.NAVY, across="right", border="none")))


def _hit_head(rows: Rows) -> None:
    rows.line(
        12, ("B", "{{ hit.scenario_id }}", s.Look(size=9, bold=True, fill=s.PALE_GREY, across="center", wraps=False)),
        ("C:N", "{{ hit.name }}{{ hit.who }}", s.Look(bold=True, fill=s.PALE_GREY)),
        ("O:Q", "{{ hit.type_label }}{{ hit.tier_mark }} {{ hit.strength }} {{ hit.news }}",
         s.Look(size=9, bold=True, color=s.RED, fill=s.PALE_GREY, across="center")),
    )


def _hit_unknown(rows: Rows) -> None:
    rows.steer("{% if hit.unknown %}")
    rows.line(11, ("B", "?", s.CENTER), ("C:Q", "{{ hit.unknown }}", s.Look(size=9)))
    rows.steer("{% endif %}")


def _hit_lines(rows: Rows) -> None:
    rows.steer("{% for line in hit.lines %}")
    rows.line(
        11, ("B", "{{ line.mark }}", s.CENTER), ("C:I", "{{ line.sentence }}", s.Look(size=9)), ("J:Q", "{{ line.told }}", s.Look(size=9)),
    )
    rows.steer("{% endfor %}")


def _model(rows: Rows) -> None:
    """What the model adds, in words, each with what raised it."""
    rows.steer("{% for note in case.model_notes %}")
    rows.steer(_BREAK)
    rows.steer(second(2))
    rows.line(
        12, ("B", "モデル", s.Look(size=9, bold=True, color=s.NAVY, fill=s.PALE_BLUE, across="center", wraps=False)),
        ("C:N", "{{ note.says }}。{{ note.because }}", s.Look(size=9)),
        ("O:Q", "{{ note.does }}", s.Look(size=9, bold=True, color=s.NAVY, across="center")),
    )
    rows.steer(_SECOND_ENDS)
    rows.steer("{% endfor %}")


def _context(rows: Rows) -> None:
    rows.steer(_BREAK)
    rows.gap(2.25)
    rows.line(12.75, ("B:I", "3 足りない情報", s.BAR), ("J:Q", "4 いま使えている支援(強み)", s.BAR))
    listed = s.Look(size=9, down="top")
    rows.line(22, ("B:I", "{{ case.missing }}", listed), ("J:Q", "{{ case.supports }}", listed))


def _timeline(rows: Rows) -> None:
    rows.steer(_BREAK)
    rows.gap(2.25)
    rows.line(12.75, ("B:J", "5 この1年の経過(月は和暦)", s.BAR), ("K:Q", "●事実 ■連絡 ▲支援 折れ線は週ごとの区分", s.BAR_SMALL))
    rows.steer("{% if case.no_history %}")
    rows.line(11, ("B:Q", "{{ case.no_history }}", s.Look(size=9)))
    rows.steer("{% else %}")
    for condition, height in (("{% if case.decisions %}", 82), ("{% else %}", 72)):  # earlier conferences have a lane of their own
        rows.steer(condition)
        rows.line(height, ("B:Q", "{{ case.timeline }}", s.CENTER))
    rows.steer("{% endif %}")
    rows.steer("{% endif %}")
    rows.steer("{% for entry in case.entries %}")
    rows.steer("{% if loop.first %}")
    entries = ("B:I", "{{ entry.left }}", s.Look(size=9)), ("J:Q", "{{ entry.right }}", s.Look(size=9))
    rows.line(10.5, *entries)
    rows.steer("{% else %}")
    rows.steer(optional(2))
    rows.line(10.5, *entries)
    rows.steer("{% endif %}")
    rows.steer("{% endfor %}")


def _checks(rows: Rows) -> None:
    rows.steer(_BREAK)
    rows.gap(2.25)
    rows.line(12.75, ("B:J", "6 確認すること{{ case.checks_left_out }}", s.BAR), ("K:Q", "★は、答えによって区分が変わりえます", s.BAR_SMALL))
    rows.steer("{% for check in case.checks %}")
    rows.line(11, ("B:I", "{{ check.left }}", s.Look(size=9)), ("J:Q", "{{ check.right }}", s.Look(size=9)))
    rows.steer("{% endfor %}")


def _past(rows: Rows) -> None:
    """What earlier conferences decided on this household, newest first."""
    rows.steer(_BREAK)
    rows.gap(2.25)
    rows.line(12.75, ("B:Q", "7 これまでの会議の判断{{ case.no_decisions }}", s.BAR))
    rows.steer("{% for past in case.decisions %}")
    rows.line(
        11, ("B:C", "{{ past.decided_on }}", s.Look(size=9, across="center", wraps=False)), ("D:F", "{{ past.decision }}", s.Look(size=9, bold=True)),
        ("G:K", "{{ past.terms }}", s.Look(size=9)), ("L:Q", "{{ past.came_of_it }}", s.Look(size=9)),
    )
    rows.steer("{% if past.words %}")
    rows.steer(optional(3))
    rows.line(10.5, ("B:C", "", s.CENTER), ("D:Q", "{{ past.words }}", s.Look(size=9)))
    rows.steer("{% endif %}")
    rows.steer("{% endfor %}")


def _blanks(sheet: Any, rows: Rows) -> None:
    """What the conference fills in. The names of `reports/blanks.py` mark every blank."""
    rows.steer(_BREAK)
    rows.gap(2.25)
    rows.line(12.75, ("B:H", "会議での判断(黄色の欄に記入します)", s.BAR_INPUT), ("I:Q", "日付は R8.12.11 のように書きます", s.Look(
        size=9, color="FFFFFF", fill=s.ORANGE, across="right", wraps=False)))
    form = _Form(sheet, rows)
    form.line(17, ("B:C", "判断", "D:G"), ("H:I", "見送り期限", "J:L"), ("M:N", "次回見直し", "O:Q"))
    form.line(17, ("B:C", "主担当機関", "D:I"), ("J:K", "キーパーソン", "L:Q"))
    head = rows.line(11, ("J:L", "誰が", _NARROW), ("M:O", "何を", _NARROW), ("P:Q", "いつまで", _NARROW))
    for number in (1, 2, 3):
        rows.steer(_STRETCH)
        row = rows.line(15, *[(area, None, _FIELD) for area in ("J:L", "M:O", "P:Q")])
        for letter, part in zip("JMP", ("誰が", "何を", "いつまで"), strict=True):
            form.name(f"役割{number}_{part}", letter, row)
    put(sheet, f"B{head}:C{row}", "理由", s.LABEL_INPUT)
    put(sheet, f"D{head}:H{row}", None, _FIELD_TOP)
    put(sheet, f"I{head}:I{row}", "役割\n分担", _NARROW)
    form.name("理由", "D", head)
    form.line(16, ("B:C", "結果", "D:H"), ("I:J", "結果の日", "K:M"), ("N:O", "気づきは", "P:Q"), names=("結果", "結果の日", "気づき"))
    form.line(
        16, ("B:C", "確かめた困難", "D:F"), ("G:H", "違った理由", "I:L"), ("M", "説明", "N:Q"), names=("確かめた困難", "違った理由", "違った理由の説明"),
        look=s.Look(size=9, fill=s.INPUT, writable=True),
    )
    lines = []
    for _ in range(3):  # so that an empty page gives as much room to notes as to reason and roles
        rows.steer(_STRETCH)
        lines.append(rows.line(6))
    put(sheet, f"B{lines[0]}:C{lines[-1]}", "メモ", s.LABEL_INPUT)
    put(sheet, f"D{lines[0]}:Q{lines[-1]}", None, _FIELD_TOP)
    form.name("メモ", "D", lines[0])
    rows.line(10.5, ("B:Q", NEVER_SAFE, _CAPTION))
    form.drop_downs()


class _Form:
    """Writes labels with their blanks, names the blanks, and gives those with choices their drop-down."""

    def __init__(self, sheet: Any, rows: Rows) -> None:
        self.sheet = sheet
        self.rows = rows
        self.cells: dict[str, str] = {}

    def line(self, height: float, *fields: tuple[str, str, str], names: tuple[str, ...] = (), look: s.Look = _FIELD) -> None:
        """A row of (label's columns, label, blank's columns); `names` where a blank is not called as its label."""
        blocks: list[tuple[str, str | None, s.Look]] = []
        for label_area, label, area in fields:
            blocks += [(label_area, label, _NARROW), (area, None, look)]
        row = self.rows.line(height, *blocks)
        for (_, _, area), name in zip(fields, names or [label for _, label, _ in fields], strict=True):
            self.name(name, area[0], row)

    def name(self, label: str, letter: str, row: int) -> None:
        """Mark the blank at a cell."""
        self.cells[label] = f"{letter}{row}"
        input_name(self.sheet, PREFIX + label, f"${letter}${row}")

    def drop_downs(self) -> None:
        """Closed lists for what is chosen, suggestions for 主担当機関 and 確かめた困難 (several may be written)."""
        for blank in HOUSEHOLD_BLANKS:
            if blank.kind == "選択":
                choose_from(self.sheet, self.cells[blank.label], blank.label)
        choose_from(self.sheet, self.cells["主担当機関"], "主担当機関", closed=False)
        choose_from(self.sheet, self.cells["確かめた困難"], "類型", closed=False)


def _details(rows: Rows) -> None:
    """Similar past households: left out, or told on the second page where there is one anyway."""
    rows.steer("{% if case.similar %}")
    rows.steer(_BREAK)
    rows.steer(second(4))
    rows.steer(optional(4))
    rows.gap(2.25)
    rows.steer(optional(4))
    rows.line(12.75, ("B:E", "参考 過去の似た世帯", s.BAR), ("F:Q", "{{ case.similar_caution }}", s.BAR_SMALL))
    rows.steer("{% for past in case.similar %}")
    rows.steer(optional(4))
    rows.line(11, ("B", "{{ past.number }}", s.CENTER), ("C:H", "{{ past.alike }}", s.Look(size=9)), ("I:Q", "{{ past.told }}", s.Look(size=9)))
    rows.steer("{% endfor %}")
    rows.steer(_SECOND_ENDS)
    rows.steer("{% endif %}")
