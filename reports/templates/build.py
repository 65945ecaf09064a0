"""Make `conference.xlsx` and `case_sheet.xlsx`, the templates delivered with the code: `python -m reports.templates.build`.

A city edits the .xlsx in Excel; this script is where its layout is reviewed and changed as code. A test asserts that
the committed files equal what this script makes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reports.blanks import DRAWN_BLANKS, PREFIX
from reports.templates import style as s
from reports.templates.household import CHOICES, NEVER_SAFE, household_sheet
from reports.templates.sheets import (
    Rows,
    add_choices,
    choose_from,
    colour,
    input_name,
    new_book,
    print_setup,
    set_columns,
    tier_colours,
)

TARGET = Path(__file__).with_name("conference.xlsx")
CASE_SHEET = Path(__file__).with_name("case_sheet.xlsx")
_TYPES = ("虐待", "不登校", "ヤング\nケアラー", "貧困", "産後\nうつ", "発達\n障がい")
_SIDE_IN = 0.3  # inches: so that 9 points in a wide table print at 7.5 or more
_UNDER = s.Look(size=9, color=s.GREY, border="none")
_CAPTION = s.Look(size=8.5, color=s.GREY, border="none")
_DRAWN_CHOICES = {blank.label: blank.choices for blank in DRAWN_BLANKS if blank.kind == "選択"}


def build() -> Any:
    """The conference handout as an openpyxl workbook."""
    workbook = new_book()
    _list_sheet(workbook.create_sheet("一覧"))
    household_sheet(
        workbook.create_sheet("案件"), "{% sheet for case in book.cases named case.sheet %}", "個別ケース検討会議資料(世帯票)",
        "案件 {{ case.number }} / {{ book.case_count }}",
        "{{ book.city }} 会議 {{ book.meeting_on }} データ基準日 {{ book.as_of }}",
    )
    _apart_sheet(workbook.create_sheet("別に示す世帯"))
    _drawn_sheet(workbook.create_sheet("無作為の確認"))
    _data_sheet(workbook.create_sheet("データの状況"))
    add_choices(workbook, {**CHOICES, **_DRAWN_CHOICES})
    return workbook


def build_case_sheet() -> Any:
    """A single household's sheet (個票), for the file or a meeting of its own."""
    workbook = new_book()
    household_sheet(
        workbook.create_sheet("個票"), "{% sheet for case in book.cases named case.sheet %}", "個票(世帯)", "案件 {{ case.number }}",
        "{{ book.city }} データ基準日 {{ book.as_of }}(会議 {{ book.meeting_on }} の一覧から)",
    )
    add_choices(workbook, CHOICES)
    return workbook


def _list_sheet(sheet: Any) -> None:
    """Cover and list: what the room must know, the households by tier and change, then who is set apart and who left the list.

    担当課 is for the pen and locked: what is to be read back stands on the household's own sheet, as 主担当機関.
    """
    set_columns(sheet, [4, 9.4, 27, 9.4, 5.6, 4.6, 4.4, 4.4, 5.2, 4.4, 4.4, 4.4, 31.2, 4.2, 4.2])
    rows = Rows(sheet)
    rows.line(
        24, ("B:M", "{{ book.city }} 個別ケース検討会議 案件一覧 {{ book.volume_label }}", s.TITLE),
        ("N", "会議資料No. {{ book.copy_label }}", s.Look(size=10, bold=True, across="center", border="none")), ("O:P", "取扱注意", s.NOTICE),
    )
    rows.line(
        15, ("B:M", "会議 {{ book.meeting_on }}  データ基準日 {{ book.as_of }}  作成番号 {{ book.run_id }}", s.Look(size=10, border="none")),
        ("N:P", "再現(検算):{{ book.replay }}", s.Look(size=10, bold=True, across="right", border="none")),
    )
    rows.steer("{% if book.head %}")
    rows.line(12, ("B:P", "記録の見出し {{ book.head }}(kizuki audit verify で、この資料の元になった記録かどうかを確かめられます)", _UNDER))
    rows.steer("{% endif %}")
    rows.gap(3)
    _summary(rows)
    rows.gap(4)
    head = rows.line(
        24, ("B", "案件", s.HEAD), ("C", "整理番号", s.HEAD), ("D", "こどもの氏名(年齢・学年)", s.HEAD), ("E", "地区", s.HEAD), ("F", "区分", s.HEAD),
        ("G", "前週", s.HEAD),
        *[(letter, label, s.Look(size=8.5, bold=True, color="FFFFFF", fill=s.NAVY, across="center"))
          for letter, label in zip("HIJKLM", _TYPES, strict=True)],
        ("N", "主な理由", s.HEAD), ("O:P", "担当課\n(手書き)", s.Look(size=9, bold=True, color="FFFFFF", fill=s.NAVY, across="center")),
    )
    rows.steer("{% for group in book.groups %}")
    band = rows.line(13, ("B:P", "{{ group.label }} {{ group.count }}世帯", s.Look(size=10, bold=True, color=s.NAVY, fill=s.PALE_BLUE)))
    rows.steer("{% for case in group.cases %}")
    mark = s.Look(size=11, color=s.RED, across="center", wraps=False)
    body = rows.line(
        17, ("B", "{{ case.link }}", s.Look(size=10, color="0563C1", across="center", underline=True)),
        ("C", "{{ case.reference }}", s.Look(size=9, across="center", wraps=False)), ("D", "{{ case.children_line }}", s.Look(bold=True)),
        ("E", "{{ case.place }}", s.Look(size=9, across="center")), ("F", "{{ case.tier_and_excess }}", s.Look(size=10, bold=True, across="center")),
        ("G", "{{ case.before }}", s.Look(size=9, across="center")),
        *[(letter, f"{{{{ case.type_marks[{i}] }}}}", mark) for i, letter in enumerate("HIJKLM")],
        ("N", "{{ case.main_reason }}", s.Look(size=9)), ("O:P", None, s.TEXT),
    )
    rows.steer("{% endfor %}")
    rows.steer("{% else %}")
    rows.line(19, ("B:P", "今週の一覧に載る世帯はありません。安全であることを意味するものではありません。", s.CENTER))
    rows.steer("{% endfor %}")
    _not_on_the_list(rows)
    rows.gap(4)
    rows.line(
        12, ("B:P", "区分は、データによる一次絞り込みです(① 積極的なアプローチ ② 学校等への調査 ③ 積極的な介入は行わない)。"
             "人が判断する緊急度・重症度とは別のものです。", s.Look(size=9, bold=True, color=s.NAVY, border="none")),
    )
    rows.line(12, ("B:P", "●①の類型 ○②の類型 超過:会議の上限を超えた① モデル:似た状況の世帯より注意が必要として1段上げた区分 "
                   "案件の番号を押すと世帯票へ移ります。" + NEVER_SAFE, _CAPTION))
    tier_colours(sheet, f"F{body}")
    for sign, fill, ink in (("①", s.PALE_RED, s.RED), ("②", s.PALE_ORANGE, "833C0B")):
        colour(sheet, f"B{band}:P{band}", f'LEFT($B${band},1)="{sign}"', fill, ink)
    colour(sheet, f"E{body}", f'$E{body}="住所非表示"', s.PALE_RED, s.RED)
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    print_setup(sheet, f"A1:P{rows.row}", landscape=True, pages=0)
    sheet.page_margins.left = sheet.page_margins.right = _SIDE_IN


def _summary(rows: Rows) -> None:
    """前週からの変化 first, then how many households and children there are, the sources' days and what the room must know about the data."""
    change = s.Look(bold=True, across="center", fill=s.PALE_GREY)
    number = s.Look(size=11, bold=True, across="center", wraps=False)
    rows.line(
        13, ("B:D", "前週からの変化(世帯)", s.LABEL),
        *[(area, label, change) for area, label in zip(("E", "F:G", "H:I", "J:K", "L:M"), ("★新規", "▲上昇", "▼低下", "―継続", "◆見送り明け"), strict=True)],
        ("N:P", "1回の上限(上限を超えた①)", change),
    )
    rows.line(
        17, ("B:D", "掲載 {{ book.case_count }}世帯・{{ book.child_count }}人", number),
        *[(area, f"{{{{ book.changes[{i}] }}}}", number) for i, area in enumerate(("E", "F:G", "H:I", "J:K", "L:M"))],
        ("N:P", "{{ book.capacity }}世帯({{ book.over_capacity }}世帯)", number),
    )
    label = s.Look(size=9, bold=True, color=s.NAVY, fill=s.PALE_BLUE, across="center")
    rows.line(
        13, ("B:C", "①②の世帯", label),
        ("D:M", "{% for tier in book.tiers %}{% if tier.where %}{{ tier.mark }} {{ tier.households }}世帯({{ tier.where }})  {% endif %}{% endfor %}",
         s.Look(bold=True)),
        ("N:P", "評価したこども {{ book.children_evaluated }}人{% for tier in book.tiers %} {{ tier.mark }}{{ tier.children }}人{% endfor %}", s.Look()),
    )
    rows.line(13, ("B:C", "知っておくこと", label), ("D:P", "{{ book.attention }}", s.Look(size=9)))
    rows.line(12, ("B:C", "データの時点", label), ("D:P", "{{ book.source_days }}", s.Look(size=9)))
    rows.line(12, ("B:C", "ルールの版", label), ("D:P", "{{ book.rulebooks }}", s.Look(size=9)))


def _not_on_the_list(rows: Rows) -> None:
    """How many stand on the sheet of households set aside, and the numbers of the households that are no longer in ① or ②."""
    rows.gap(4)
    rows.steer("{% if book.apart_count %}")
    rows.line(
        12, ("B:D", "別に示す世帯 {{ book.apart_count }}世帯", s.LABEL),
        ("E:P", "これまでの会議で決めたことに従い、「別に示す世帯」の表に1行ずつ示しています。区分は変わっていません。", s.Look(size=9)),
    )
    rows.steer("{% endif %}")
    rows.line(
        12, ("B:D", "①②でなくなった世帯 {{ book.dropped_count }}世帯", s.LABEL), ("E:P", "{{ book.dropped }}", s.Look(size=9)),
    )


def _apart_sheet(sheet: Any) -> None:
    """別に示す世帯: those whom earlier conferences have set aside, one line each."""
    set_columns(sheet, [9.4, 22, 9.4, 4.6, 13.5, 11, 23, 20.5, 13.6])
    rows = Rows(sheet)
    rows.steer("{% sheet for page in book.apart_pages named page.sheet %}")
    title = rows.line(24, ("B:H", "別に示す世帯 {{ page.count }}世帯", s.TITLE), ("I:J", "取扱注意", s.NOTICE))
    rows.line(13, ("B:J", "{{ book.city }} 会議 {{ book.meeting_on }} データ基準日 {{ book.as_of }} 作成番号 {{ book.run_id }}", _UNDER))
    rows.line(25, ("B:J", "これまでの会議で決めたことに従い、今週の一覧には載せていません。区分は変わっていません。"
                   "期限が来るか、新しい該当があるか、虐待の強いシナリオに新しい事実があれば、一覧に戻ります。「判断のあと」は、判断に使った資料の基準日より後の日付の事実と連絡です。",
                   s.Look(size=9, bold=True, color=s.NAVY, border="none")))
    head = rows.line(16, *[(letter, label, s.HEAD) for letter, label in zip(
        "BCDEFGHIJ", ("整理番号", "こども(年齢)", "地区", "区分", "決めたこと(会議の日)", "次に載る日", "主な理由", "判断のあとの事実・連絡", "主担当機関"),
        strict=True)])
    rows.steer("{% for one in page.households %}")
    small, centre = s.Look(size=9), s.Look(size=9, across="center")
    body = rows.line(
        15, ("B", "{{ one.reference }}", s.Look(size=9, across="center", wraps=False)), ("C", "{{ one.children }}", s.Look(size=9, bold=True)),
        ("D", "{{ one.place }}", s.Look(size=9, across="center")), ("E", "{{ one.tier_mark }}", s.Look(size=9, bold=True, across="center")),
        ("F", "{{ one.decision }}", centre), ("G", "{{ one.until }}", s.Look(size=9, across="center")), ("H", "{{ one.main_reason }}", small),
        ("I", "{{ one.since }}", small), ("J", "{{ one.lead_agency }}", centre),
    )
    rows.steer("{% endfor %}")
    tier_colours(sheet, f"E{body}")
    colour(sheet, f"D{body}", f'$D{body}="住所非表示"', s.PALE_RED, s.RED)
    colour(sheet, f"I{body}", f'ISNUMBER(SEARCH("最新",$I{body}))', s.PALE_ORANGE, "833C0B")
    sheet.print_title_rows = f"{title}:{head}"
    print_setup(sheet, f"A1:J{rows.row}", landscape=True, pages=0)
    sheet.page_margins.left = sheet.page_margins.right = _SIDE_IN


def _drawn_sheet(sheet: Any) -> None:
    """Children drawn by chance, a row each that is a record of its own: its identity stands in the row's hidden cell."""
    set_columns(sheet, [4, 9.2, 17, 9.5, 12, 21, 11, 15, 28])
    rows = Rows(sheet)
    rows.steer("{% sheet for page in book.drawn_pages named page.sheet %}")
    title = rows.line(24, ("B:H", "無作為の確認", s.TITLE), ("I:J", "取扱注意", s.NOTICE))
    rows.line(13, ("B:J", "{{ book.city }} 会議 {{ book.meeting_on }} データ基準日 {{ book.as_of }} 会議資料No. {{ book.copy_label }}", _UNDER))
    rows.gap(4)
    rows.line(40, ("B:J", "{{ page.why }}", s.Look(size=10, bold=True, color=s.NAVY, fill=s.PALE_BLUE)))
    rows.gap(4)
    head = rows.line(
        26, *[(letter, label, s.HEAD) for letter, label in zip(
            "BCDEF", ("番号", "整理番号", "氏名(フリガナ)", "年齢・学年", "地区・所属"), strict=True)],
        ("G", "世帯の構成", s.HEAD),
        *[(letter, label, s.LABEL_INPUT) for letter, label in zip(
            "HIJ", ("見立て", "確かめた困難\n(困難ありのとき)", "理由・知っていること"), strict=True)],
    )
    rows.steer("{% for child in page.children %}")
    body = rows.line(
        44, ("B", "{{ child.number }}", s.CENTER), ("C", "{{ child.reference }}", s.Look(size=9, across="center", wraps=False)),
        ("D", "{{ child.name }}\n{{ child.kana }}", s.Look(bold=True)), ("E", "{{ child.age }}", s.CENTER),
        ("F", "{{ child.place }}\n{{ child.school }}", s.Look(size=9, across="center")), ("G", "{{ child.members }}", s.Look(size=9)),
        ("H", None, s.WRITE), ("I", None, s.WRITE), ("J", None, s.WRITE_TOP),
    )
    sheet.cell(body, 1).value = "{{ child.id_text }}"
    for letter, blank in zip("HIJ", DRAWN_BLANKS, strict=True):
        input_name(sheet, PREFIX + blank.label, f"${letter}${body}")
    choose_from(sheet, f"H{body}", DRAWN_BLANKS[0].label)
    choose_from(sheet, f"I{body}", "類型", closed=False)
    rows.steer("{% endfor %}")
    rows.gap(4)
    rows.line(13, ("B:J", "答えは、一覧を作る仕組みがどれくらい見落とすかを数えるためだけに使います。このこどもや世帯の区分には使いません。" + NEVER_SAFE, _CAPTION))
    sheet.print_title_rows = f"{title}:{head}"
    print_setup(sheet, f"A1:J{rows.row}", landscape=True, pages=0)
    sheet.page_margins.left = sheet.page_margins.right = _SIDE_IN


def _data_sheet(sheet: Any) -> None:
    set_columns(sheet, [18, 9, 11, 8.3, 8.3, 8.3, 8.3])
    rows = Rows(sheet)
    rows.line(24, ("B:F", "データの状況", s.TITLE), ("G:H", "取扱注意", s.NOTICE))
    rows.line(13, ("B:H", "{{ book.city }} 会議 {{ book.meeting_on }} データ基準日 {{ book.as_of }} 作成番号 {{ book.run_id }}", _UNDER))
    rows.gap()
    head = rows.line(27, *[(letter, label, s.HEAD) for letter, label in zip(
        "BCDEFGH", ("データ", "時点", "状態", "受領した行", "使った行", "隔離した行\n(要修正)", "未突合の行"), strict=True)])
    rows.steer("{% for source in book.sources %}")
    number = s.Look(size=10, across="right", wraps=False)
    body = rows.line(
        18, ("B", "{{ source.label }}", s.Look(size=10)), ("C", "{{ source.as_of }}", s.CENTER), ("D", "{{ source.state }}", s.CENTER),
        *[(letter, f"{{{{ source.{name} }}}}", number)
          for letter, name in zip("EFGH", ("received", "used", "quarantined", "unlinked"), strict=True)],
    )
    for letter in "EFGH":
        sheet[f"{letter}{body}"].number_format = "#,##0"
    rows.steer("{% endfor %}")
    rows.gap()
    rows.line(30, ("B", "再現(検算)", s.LABEL), ("C:H", "{{ book.replay_note }}", s.TEXT))
    rows.line(16, ("B", "モデル", s.LABEL), ("C:H", "{{ book.model }}", s.TEXT))
    rows.line(16, ("B", "ルールブックの版", s.LABEL), ("C:H", "{{ book.rulebooks }}", s.TEXT))
    rows.line(16, ("B", "注意", s.LABEL), ("C:H", "{{ book.attention }}", s.TEXT))
    rows.line(
        26, ("B:H", "「未着」と「古くなっています」のデータでは、記録がないことを「該当しない」とは読まず「不明」とします。"
             "隔離した行は内容に誤りがあり使っていない行、未突合の行は誰の記録か確かめられていない行です。", _CAPTION),
    )
    colour(sheet, f"D{body}", f'$D{body}<>"届いています"', s.PALE_RED, s.RED)
    sheet.print_title_rows = f"{head}:{head}"
    print_setup(sheet, f"A1:H{rows.row}", landscape=False, pages=0)


def main() -> None:
    """Write the templates beside this script."""
    for made, target in ((build(), TARGET), (build_case_sheet(), CASE_SHEET)):
        made.save(target)
        print(f"テンプレートを書き出しました: {target}")


if __name__ == "__main__":
    main()
