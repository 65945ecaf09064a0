"""開示用: the paper that a citizen takes home. Plain words, no percentage, no code that is not explained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from engine.kernel.dates import wareki, wareki_short
from reports.disclosure.contents import Handover, HeldKind, HeldRow, Told
from reports.paper.tables import Column, PaperSheet, PaperTable, TablePaper
from reports.wording import without_percentages

_ROW_COLUMNS = (Column("日・期間", 9), Column("内容", 28), Column("いつの受領にあるか", 13), Column("もとのファイルと行", 16))
_TOLD_COLUMNS = (Column("分野", 7), Column("見ていること", 34), Column("結果", 12), Column("いつの判定か", 13))
_OTHERS = "ほかの方の情報にもとづくため記載していません"


def handover_paper(contents: Handover) -> TablePaper:
    """The paper as sheets: 1 how to read it, 2 the records, 3 the judgements, 4 what to do."""
    request = contents.request
    return TablePaper(
        title="保有個人情報の開示",
        subtitle=f"{request.city}  {wareki(request.made_on)}作成  請求された方: {request.requester}",
        alarm=(),
        sheets=(_first(contents), _records(contents), _judgements(contents), _afterwards(contents)),
        handling="ご本人についての大切な情報です。ほかの方に見られないよう保管してください。",
        belongs_to=request.city,
        made_by="kizuki(気づき)が保管している情報",
    )


def _first(contents: Handover) -> PaperSheet:
    lines = (
        "この紙は、「こどもと家庭の困難に早く気づくためのしくみ(kizuki)」が、あなた(代理の方の請求のときは、ご本人)について保管している情報を書き出したものです。",
        "個人情報の保護に関する法律 第76条の請求によりお渡しします。ほかの方の情報と、法第78条で開示しないと決めたものは載せていません。",
    )
    held = PaperTable("どなたの情報か", _two("項目", "保管している内容"), contents.person)
    counts = PaperTable(
        "保管している記録の種類と数",
        _two("種類", "数ともとのデータ"),
        tuple((kind.label, f"{len(kind.rows):,}件(もとのデータ: {kind.source}、所管: {kind.owner})") for kind in contents.kinds),
        note="同じ内容が毎週届くものは1件と数えています。くわしい内容は「2 記録」にあります。",
    )
    numbered = tuple((f"お知らせ{number}", note) for number, note in enumerate(contents.notes, start=1))
    notes = PaperTable("あわせてお知らせすること", _two("", "内容"), numbered)
    return PaperSheet("1 はじめに", lines, (held, *((counts,) if contents.kinds else ()), *((notes,) if numbered else ())))


def _two(first: str, second: str) -> tuple[Column, Column]:
    return Column(first, 16), Column(second, 50)


def _records(contents: Handover) -> PaperSheet:
    lines = (
        "日付の「令和8年」などを R8 のように略して書いています。「不詳」は、もとのデータに書かれていても日や値が読み取れないものです。空欄だった項目は省いています。",
    )
    tables = tuple(_kind(kind) for kind in contents.kinds)
    return PaperSheet("2 記録", lines, tables) if tables else _words_alone("2 記録", "記録", ("お示しできる記録はありません。",))


def _words_alone(name: str, title: str, lines: Sequence[str]) -> PaperSheet:
    """A sheet that only says something: as a table, so that it is as wide as the others."""
    return PaperSheet(name, (), (PaperTable(title, _two("", "内容"), tuple((title, line) for line in lines)),))


def _kind(kind: HeldKind) -> PaperTable:
    left_out = f" 次の項目は記載していません: {'、'.join(kind.left_out)}。" if kind.left_out else ""
    note = (
        f"もとのデータ: {kind.source}  所管: {kind.owner}  利用目的: {kind.purpose}  根拠: {kind.legal_basis}"
        f"  保存: {kind.retention_years}年{left_out}"
    )
    return PaperTable(kind.label, _ROW_COLUMNS, tuple(_row(row) for row in kind.rows), note)


def _row(row: HeldRow) -> tuple[str, str, str, str]:
    return row.days, without_percentages(row.content), came_in_words(row), _place(row)


def _place(row: HeldRow) -> str:
    # The folder is the day in the file's own name; a copy that was made from many rows stands in no line.
    name = row.came.file.rsplit("/", 1)[-1]
    return f"{name}\n{row.came.line}行目" if row.came.line else name


def came_in_words(row: HeldRow) -> str:
    """4回の受領に含まれる(最初 R8.10.30、最後 R8.11.20)."""
    came = row.came
    if came.times == 1:
        return f"{wareki_short(came.last)}の受領"
    return f"{came.times}回の受領に含まれる(最初 {wareki_short(came.first)}、最後 {wareki_short(came.last)})"


def _judgements(contents: Handover) -> PaperSheet:
    weeks = PaperTable(
        "毎回の結果",
        (Column("判定の日", 7), Column("会議の資料", 34), Column("話し合う順番の区分", 12), Column("判定の番号", 13)),
        tuple((wareki_short(week.as_of), week.listed, week.tier, week.run_id) for week in contents.weeks),
        note="区分は、どのご家庭から先に声をかけて話し合うかの順番です。危険さや、よい・わるいを決めたものではありません。どうするかは、毎回、人が話し合って決めます。",
    )
    scenarios = PaperTable(
        "気づきの手がかり(シナリオ)ごとの結果",
        _TOLD_COLUMNS,
        _told(contents.scenarios),
        note="「当てはまる」は、困りごとがあるかもしれないので話をうかがう、という手がかりです。「打ち消し」は、当てはまっても、すでに支援があるなどの理由で数えないものです。",
    )
    sentences = PaperTable(
        "ご本人の記録だけで答えが決まる文",
        (Column("", 7), *_TOLD_COLUMNS[1:]),
        tuple((str(number), *row[1:]) for number, row in enumerate(_told(contents.sentences), start=1)),
        note="○ 当てはまる  × 当てはまらない  ？ 記録が足りず分からない",
    )
    decided = PaperTable(
        "会議で決めたこと",
        (Column("会議の日", 8), Column("決めたこと・見立て", 34), Column("読み取った人", 14), Column("読み取った日", 10)),
        tuple((wareki_short(d.on), without_percentages(d.what), d.read_by, wareki_short(d.read_on)) for d in contents.decided),
        note="会議で人が話し合って決めたことです。次の会議でまた話し合い、変わることがあります。",
    )
    tables = [weeks] if contents.weeks else []
    tables += [decided] if contents.decided else []
    tables += [table for table, rows in ((scenarios, contents.scenarios), (sentences, contents.sentences)) if rows]
    return PaperSheet("3 判定", contents.judged, tuple(tables)) if tables else _words_alone("3 判定", "判定について", contents.judged)


def _told(told: Iterable[Told]) -> tuple[tuple[str, str, str, str], ...]:
    return tuple((one.group, without_percentages(one.text), one.answer, days_in_words(one.days)) for one in told)


def days_in_words(days: Sequence[date]) -> str:
    """R8.10.30〜R8.11.20の4回; one day by itself."""
    ordered = sorted(days)
    if len(ordered) == 1:
        return wareki_short(ordered[0])
    assert all(a <= b for a, b in pairwise(ordered))
    return f"{wareki_short(ordered[0])}〜{wareki_short(ordered[-1])}の{len(ordered)}回"


def _afterwards(contents: Handover) -> PaperSheet:
    city = contents.request.city
    lines = (
        "■ 事実と違うとき(訂正の請求 法第90条): この開示を受けた日から90日以内に、訂正・追加・削除を求めることができます。"
        "もとのデータを持つ所管(「2 記録」の所管の欄)と一緒に確かめます。",
        "■ 使ってほしくないとき(利用停止の請求 法第98条): 目的の外での利用などがあると思われるときは、90日以内に、"
        "利用の停止・消去・提供の停止を求めることができます。",
        "■ この開示の決定に納得できないとき: 決定の通知に書かれた期間のうちに、審査請求ができます。通知は別にお渡しします(法第82条)。",
        f"■ お問い合わせ: {city} おやこ保健福祉課、または {city} の個人情報保護の窓口。この紙をお持ちいただくと、早くお話しできます。",
        "■ 取り込まないと決めている情報: 次のものは、判定に使う記録に取り込んでいません。受け取ったファイルにその列があっても読み込みません"
        "(もとのファイルは、届いたまま保管しています)。",
    )
    table = PaperTable(
        "取り込まないと決めている情報",
        (Column("情報", 18), Column("決めた人・日", 20), Column("理由", 28)),
        contents.not_held,
    )
    return PaperSheet("4 このあと", lines, (table,))


def withheld_outcome() -> str:
    """What stands in place of an outcome that would tell of somebody else."""
    return _OTHERS
