"""Make `conference.xlsx`, the template delivered with the code: `python -m reports.templates.build`.

A city edits the .xlsx in Excel; this script is where its layout is reviewed and changed as code. A test asserts that
the committed file equals what this script makes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reports.templates import style as s
from reports.templates.sheets import (
    Rows,
    add_choices,
    change_colours,
    choose_from,
    colour,
    input_name,
    new_book,
    print_setup,
    set_columns,
    tier_colours,
)
from reports.templates.style import put

TARGET = Path(__file__).with_name("conference.xlsx")
DECISIONS = ("積極的アプローチ", "学校等への調査", "見守り", "見送り", "既に支援中", "対象外")
_NEVER_SAFE = (
    "この資料は職員の検討を補助するものです。支援の要否は会議で人が決めます。"
    "③や「該当なし」は、安全であることを意味しません。差し迫った危険があるときは、通常の通告手順によってください。"
)
_TYPES = ("虐待", "不登校", "ヤング\nケアラー", "貧困", "産後\nうつ", "発達\n障がい")


def build() -> Any:
    """The template as an openpyxl workbook."""
    workbook = new_book()
    _list_sheet(workbook.create_sheet("一覧"))
    _case_sheet(workbook.create_sheet("案件"))
    _data_sheet(workbook.create_sheet("データの状況"))
    add_choices(workbook, {"判断": DECISIONS})
    return workbook


def _list_sheet(sheet: Any) -> None:
    set_columns(sheet, [4.5, 9.5, 25, 5.2, 6.6, *[4.5] * 6, 33.5, 7])
    rows = Rows(sheet)
    rows.line(
        27, ("B:L", "{{ book.city }} 個別ケース検討会議 案件一覧 {{ book.volume_label }}", s.TITLE),
        ("M:N", "取扱注意", s.NOTICE),
    )
    rows.line(
        15, ("B:L", "会議 {{ book.meeting_on }}  データ基準日 {{ book.as_of }}", s.Look(size=10, border="none")),
        ("M:N", "会議資料No. {{ book.copy_label }}", s.Look(size=10, bold=True, across="right", border="none")),
    )
    rows.line(13, ("B:N", "作成番号 {{ book.run_id }}  再現:{{ book.replay }}  ルールブック:{{ book.rulebooks }}", s.SUBTITLE))
    rows.gap()
    _summary(rows)
    rows.gap()
    head = rows.line(
        27, ("B", "案件", s.HEAD), ("C", "整理番号", s.HEAD), ("D", "こどもの氏名(年齢・学年)", s.HEAD), ("E", "区分", s.HEAD),
        ("F", "前週から", s.HEAD),
        *[(letter, label, s.Look(size=8, bold=True, color="FFFFFF", fill=s.NAVY, across="center"))
          for letter, label in zip("GHIJKL", _TYPES, strict=True)],
        ("M", "主な理由", s.HEAD), ("N", "担当課", s.HEAD),
    )
    rows.steer("{% for case in book.cases %}")
    link = s.Look(size=10, color="0563C1", across="center", underline=True)
    mark = s.Look(size=11, color=s.RED, across="center", wraps=False)
    body = rows.line(
        19, ("B", "{{ case.link }}", link), ("C", "{{ case.reference }}", s.Look(size=8.5, across="center", wraps=False)),
        ("D", "{{ case.children_text }}", s.Look(size=9.5, bold=True)),
        ("E", "{{ case.tier_and_excess }}", s.Look(size=10, bold=True, across="center")),
        ("F", "{{ case.change }}", s.Look(across="center", wraps=False)),
        *[(letter, f"{{{{ case.type_marks[{i}] }}}}", mark) for i, letter in enumerate("GHIJKL")],
        ("M", "{{ case.main_reason }}", s.TEXT), ("N", None, s.Look(fill=s.INPUT, writable=True)),
    )
    rows.steer("{% else %}")
    rows.line(19, ("B:N", "今週の一覧に載る世帯はありません。安全であることを意味するものではありません。", s.CENTER))
    rows.steer("{% endfor %}")
    rows.line(
        13, ("B:N", "区分は、データによる一次絞り込みです(① 積極的なアプローチ ② 学校等への調査 ③ 積極的な介入は行わない)。"
             "人が判断する緊急度・重症度とは別のものです。", s.Look(size=8.5, bold=True, color=s.NAVY, border="none")),
    )
    rows.line(13, ("B:N", "●①の類型 ○②の類型 ★新規 ▲上昇 ▼低下 ―継続 超過:会議の上限を超えた① "
                   "モデル:似た状況の世帯より注意が必要として1段上げた区分 案件の番号を押すと世帯票へ移ります。"
                   + _NEVER_SAFE, s.NOTE))
    tier_colours(sheet, f"E{body}")
    change_colours(sheet, f"F{body}")
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    print_setup(sheet, f"A1:N{rows.row}", landscape=True, pages=0)
    input_name(sheet, "入力_担当課", f"$N${body}")


def _summary(rows: Rows) -> None:
    """前週からの変化 first, then the counts of the tiers and what the room must know about the data."""
    change = s.Look(bold=True, across="center", fill=s.PALE_GREY)
    number = s.Look(size=11, bold=True, across="center")
    rows.line(
        16, ("B:D", "前週からの変化(世帯)", s.LABEL), ("E:F", "★新規", change), ("G:H", "▲上昇", change), ("I:J", "▼低下", change),
        ("K:L", "―継続", change), ("M:N", "①②でなくなった世帯(整理番号)", change),
    )
    rows.line(
        18, ("B:D", "掲載 {{ book.case_count }}世帯・{{ book.child_count }}人", number),
        *[(area, f"{{{{ book.changes[{i}] }}}}", number) for i, area in enumerate(("E:F", "G:H", "I:J", "K:L"))],
        ("M:N", "{% if book.dropped_count %}{{ book.dropped_count }}世帯: {% endif %}{{ book.dropped }}", s.Look(size=8.5)),
    )
    rows.line(
        16, ("B:D", "一次絞り込みの結果(データによる)", s.LABEL),
        *[(area, f"{{{{ book.tiers[{i}].mark }}}}", change) for i, area in enumerate(("E:F", "G:H", "I:J"))],
        ("K:L", "上限/超過", change), ("M:N", "データについての注意", change),
    )
    rows.line(
        26, ("B:D", "掲載した世帯数\n(評価したこども {{ book.children_evaluated }}人の内訳)", s.Look(size=8.5, across="center")),
        *[(area, f"{{{{ book.tiers[{i}].households }}}}世帯\n({{{{ book.tiers[{i}].children }}}}人)", s.CENTER)
          for i, area in enumerate(("E:F", "G:H", "I:J"))],
        ("K:L", "{{ book.capacity }}世帯\n超過 {{ book.over_capacity }}", s.CENTER),
        ("M:N", "{{ book.attention }}", s.Look(size=8.5)),
    )


def _case_sheet(sheet: Any) -> None:
    set_columns(sheet, [4.4, 7, *[5.7] * 8, 6.9, 6.9])
    rows = Rows(sheet)
    rows.steer("{% sheet for case in book.cases named case.sheet %}")
    title = rows.line(
        24, ("B:H", "個別ケース検討会議資料(世帯票)", s.TITLE),
        ("I:J", "案件 {{ case.number }} / {{ book.case_count }}", s.Look(size=12, bold=True, color=s.NAVY, border="none", wraps=False)),
        ("K:M", "取扱注意", s.NOTICE),
    )
    sheet.cell(title, 1).value = "{{ case.id_text }}"
    rows.line(
        13, ("B:M", "{{ book.city }} 会議 {{ book.meeting_on }} データ基準日 {{ book.as_of }} "
             "会議資料No. {{ book.copy_label }}", s.SUBTITLE),
    )
    _case_head(sheet, rows)
    _members(rows)
    _evidence(rows)
    _context(rows)
    _similar(rows)
    _decision(sheet, rows)
    sheet.print_title_rows = f"{title}:{title + 1}"
    print_setup(sheet, f"A1:M{rows.row}", landscape=False, pages=1)


def _case_head(sheet: Any, rows: Rows) -> None:
    top = rows.line(
        22, ("B:C", "整理番号", s.LABEL), ("D:E", "{{ case.reference }}", s.Look(size=10, across="center", wraps=False)),
        ("F:G", "地区", s.LABEL), ("H:I", "{{ case.place }}", s.CENTER),
        ("L:M", "{{ case.change }}", s.Look(size=12, bold=True, across="center", wraps=False)),
    )
    box = s.Look(size=8, across="center", color=s.GREY)
    rows.line(
        24, ("B:C", "困難の類型", s.LABEL), *[(letter, f"{{{{ case.type_boxes[{i}] }}}}", box) for i, letter in enumerate("DEFGHI")],
        ("L:M", "{{ case.change_detail }}", s.Look(size=8.5, across="center")),
    )
    put(sheet, f"J{top}:K{top + 1}", "{{ case.tier_mark }}", s.Look(size=26, bold=True, across="center", wraps=False))
    rows.line(20, ("B:C", "主な理由", s.LABEL), ("D:M", "{{ case.main_reason }}", s.STRONG))
    rows.line(
        13, ("B:M", "区分 {{ case.tier_mark }} {{ case.tier_label }}:データによる一次絞り込みの結果です。人が判断する緊急度・重症度ではありません。"
             "{{ case.tier_by_whom }}",
             s.Look(size=8.5, bold=True, color=s.NAVY, border="none")),
    )
    rows.steer("{% if case.protection %}")
    rows.line(16, ("B:M", "{{ case.protection }}", s.ALERT))
    rows.steer("{% endif %}")
    tier_colours(sheet, f"J{top}:K{top + 1}")
    change_colours(sheet, f"L{top}:M{top}")
    boxes = f"D{top + 1}:I{top + 1}"
    colour(sheet, boxes, f'LEFT(D{top + 1},1)="●"', s.PALE_RED, s.RED)
    colour(sheet, boxes, f'LEFT(D{top + 1},1)="○"', s.PALE_ORANGE, s.ORANGE)
    colour(sheet, f"H{top}:I{top}", f'$H${top}="住所非表示"', s.PALE_RED, s.RED)


def _members(rows: Rows) -> None:
    rows.gap(4)
    rows.line(14, ("B:M", "1 世帯の構成(◎は今回のこども)", s.BAR))
    rows.line(
        12, ("B:C", "続柄", s.LABEL), ("D:F", "氏名", s.LABEL), ("G:H", "フリガナ", s.LABEL), ("I", "年齢", s.LABEL),
        ("J:K", "所属・学年", s.LABEL), ("L:M", "備考", s.LABEL),
    )
    rows.steer("{% for member in case.members %}")
    rows.line(
        13.5, ("B", "{{ member.listed }}", s.CENTER), ("C", "{{ member.relation }}", s.CENTER),
        ("D:F", "{{ member.name }}", s.Look(bold=True)), ("G:H", "{{ member.kana }}", s.SMALL), ("I", "{{ member.age }}", s.CENTER),
        ("J:K", "{{ member.school }}", s.TEXT), ("L:M", "{{ member.note }}", s.SMALL),
    )
    rows.steer("{% endfor %}")


def _evidence(rows: Rows) -> None:
    breakable = "{# 改ページ可 #}"
    rows.steer(breakable)
    rows.gap()
    rows.line(
        14, ("B:F", "2 該当したシナリオと根拠", s.BAR),
        ("G:M", "すべての条件と根拠は kizuki trace {{ case.sheet }} で確かめられます", s.BAR_SMALL),
    )
    rows.steer("{% for child in case.children %}")
    rows.line(
        14, ("B:E", "{{ child.label }}", s.Look(bold=True, color=s.NAVY, fill=s.PALE_BLUE)),
        ("F", "{{ child.tier_mark }}", s.Look(size=10, bold=True, color=s.NAVY, fill=s.PALE_BLUE, across="center", wraps=False)),
        ("G:M", "{{ child.summary }}", s.Look(size=8.5, fill=s.PALE_BLUE)),
    )
    rows.steer("{% endfor %}")
    rows.steer("{% for hit in case.hits %}")
    rows.steer(breakable)
    rows.line(
        14, ("B", "{{ hit.scenario_id }}", s.Look(size=8, bold=True, fill=s.PALE_GREY, across="center", wraps=False)),
        ("C:J", "{{ hit.name }}{{ hit.who }}", s.Look(bold=True, fill=s.PALE_GREY)),
        ("K:M", "{{ hit.type_label }}{{ hit.tier_mark }} 強さ {{ hit.strength }} {{ hit.news }}",
         s.Look(size=8, bold=True, color=s.RED, fill=s.PALE_GREY, across="center")),
    )
    rows.steer("{% for line in hit.lines %}")
    rows.steer("{% if line.origin %}")
    rows.line(
        13, ("B", "{{ line.mark }}", s.CENTER), ("C:G", "{{ line.sentence }}", s.EVIDENCE),
        ("H:K", "{{ line.fact }}", s.EVIDENCE), ("L:M", "{{ line.origin }}", s.ORIGIN),
    )
    rows.steer("{% else %}")
    rows.line(
        13, ("B", "{{ line.mark }}", s.CENTER), ("C:G", "{{ line.sentence }}", s.EVIDENCE), ("H:M", "{{ line.fact }}", s.EVIDENCE),
    )
    rows.steer("{% endif %}")
    rows.steer("{% endfor %}")
    rows.steer("{% if hit.unknown %}")
    rows.line(13, ("B", "?", s.CENTER), ("C:M", "{{ hit.unknown }}", s.EVIDENCE))
    rows.steer("{% endif %}")
    rows.steer("{% endfor %}")
    _model_notes(rows, breakable)


def _model_notes(rows: Rows, breakable: str) -> None:
    """What the model adds, in words, each with what raised it."""
    rows.steer("{% for note in case.model_notes %}")
    rows.steer(breakable)
    rows.line(
        14, ("B", "モデル", s.Look(size=8, bold=True, fill=s.PALE_BLUE, across="center", wraps=False)),
        ("C:J", "{{ note.says }}", s.Look(bold=True, fill=s.PALE_BLUE)),
        ("K:M", "{{ note.does }}", s.Look(size=8, bold=True, color=s.NAVY, fill=s.PALE_BLUE, across="center")),
    )
    rows.steer("{% for reason in note.reasons %}")
    rows.line(13, ("B", "・", s.CENTER), ("C:M", "{{ reason }}", s.EVIDENCE))
    rows.steer("{% endfor %}")
    rows.steer("{% endfor %}")


def _context(rows: Rows) -> None:
    rows.steer("{# 改ページ可 #}")
    rows.gap(4)
    rows.line(14, ("B:G", "3 足りない情報", s.BAR), ("H:M", "4 いま使えている支援(強み)", s.BAR))
    rows.line(24, ("B:G", "{{ case.missing }}", s.LISTED), ("H:M", "{{ case.supports }}", s.LISTED))
    rows.steer("{# 改ページ可 #}")
    rows.gap(4)
    rows.line(14, ("B:M", "5 確認すること{{ case.checks_left_out }}", s.BAR))
    rows.steer("{% for check in case.checks %}")
    rows.line(13, ("B:G", "{{ check.left }}", s.EVIDENCE), ("H:M", "{{ check.right }}", s.EVIDENCE))
    rows.steer("{% endfor %}")


def _similar(rows: Rows) -> None:
    """Past households, two lines each, left out where they alone would take another page."""
    optional = "{# 1枚に収まらなければ省く #}"
    rows.steer("{% if case.similar %}")
    rows.steer("{# 改ページ可 #}")
    rows.steer(optional)
    rows.gap(4)
    rows.steer(optional)
    rows.line(14, ("B:D", "参考 過去の似た世帯", s.BAR), ("E:M", "{{ case.similar_caution }}", s.BAR_SMALL))
    rows.steer("{% for past in case.similar %}")
    rows.steer(optional)
    rows.line(13, ("B", "{{ past.number }}", s.CENTER), ("C:F", "{{ past.alike }}", s.EVIDENCE), ("G:M", "{{ past.told }}", s.EVIDENCE))
    rows.steer("{% endfor %}")
    rows.steer("{% endif %}")


def _decision(sheet: Any, rows: Rows) -> None:
    rows.steer("{# 改ページ可 #}")
    rows.gap(4)
    rows.line(14, ("B:M", "6 会議での判断(黄色の欄に記入します)", s.BAR_INPUT))
    first = rows.line(
        24, ("B:C", "判断", s.LABEL_INPUT), ("D:F", None, s.WRITE), ("G", "担当", s.LABEL_INPUT), ("H:J", None, s.WRITE),
        ("K", "期限", s.LABEL_INPUT), ("L:M", None, s.WRITE),
    )
    rows.steer("{# 余白まで伸ばす #}")
    reason = rows.line(38, ("B:C", "理由", s.LABEL_INPUT), ("D:M", None, s.WRITE_TOP))
    rows.steer("{# 余白まで伸ばす #}")
    memo = rows.line(46, ("B:C", "メモ", s.LABEL_INPUT), ("D:M", None, s.WRITE_TOP))
    rows.line(24, ("B:M", _NEVER_SAFE, s.NOTE))
    for name, cell in (
        ("入力_判断", f"$D${first}"), ("入力_担当", f"$H${first}"), ("入力_期限", f"$L${first}"),
        ("入力_理由", f"$D${reason}"), ("入力_メモ", f"$D${memo}"),
    ):
        input_name(sheet, name, cell)
    choose_from(sheet, f"D{first}", "判断")


def _data_sheet(sheet: Any) -> None:
    set_columns(sheet, [18, 9, 11, 8.3, 8.3, 8.3, 8.3])
    rows = Rows(sheet)
    rows.line(24, ("B:F", "データの状況", s.TITLE), ("G:H", "取扱注意", s.NOTICE))
    rows.line(13, ("B:H", "{{ book.city }} 会議 {{ book.meeting_on }} データ基準日 {{ book.as_of }} 作成番号 {{ book.run_id }}", s.SUBTITLE))
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
             "隔離した行は内容に誤りがあり使っていない行、未突合の行は誰の記録か確かめられていない行です。", s.NOTE),
    )
    colour(sheet, f"D{body}", f'$D{body}<>"届いています"', s.PALE_RED, s.RED)
    sheet.print_title_rows = f"{head}:{head}"
    print_setup(sheet, f"A1:H{rows.row}", landscape=False, pages=0)


def main() -> None:
    """Write the template beside this script."""
    build().save(TARGET)
    print(f"テンプレートを書き出しました: {TARGET}")


if __name__ == "__main__":
    main()
