"""内部確認用: what is not on the paper to hand over, on which ground, and room for the officer's decision."""

from __future__ import annotations

from engine.kernel.dates import wareki, wareki_short
from reports.disclosure.contents import Internal, Withheld
from reports.disclosure.handover import days_in_words
from reports.paper.tables import Column, PaperSheet, PaperTable, TablePaper

_DECIDED = "開示・不開示　　理由:"
_WITHHELD_COLUMNS = (
    Column("もの", 13),
    Column("どこにあるか", 13),
    Column("件数", 4, is_number=True),
    Column("法78条1項", 6),
    Column("わけ", 19),
    Column("判断(記入)", 11),
)


def internal_paper(contents: Internal) -> TablePaper:
    """The paper as sheets: what is withheld, the judgements in full, every line of the delivered files."""
    request = contents.request
    return TablePaper(
        title="開示の内部確認",
        subtitle=(
            f"{request.city}  {wareki(request.made_on)}作成  請求: {request.requester}  整理番号 {contents.person_key}"
            f"{f'  確認者 {request.officer}' if request.officer else ''}{f'  備考 {request.reason}' if request.reason else ''}"
        ),
        alarm=contents.alarm,
        sheets=(_decide(contents), _judgements(contents), _lines(contents), *_written(contents)),
        handling="部外秘・請求された方に渡さない(個人情報保護の担当者だけが見る)",
        belongs_to=request.city,
        made_by="kizuki 開示の内部確認",
    )


def _decide(contents: Internal) -> PaperSheet:
    lines = (
        "開示用の紙に載せなかったものの一覧です。載せるかどうかは、法第78条から第81条までに照らして担当者が決めます。ここに並ぶことは「不開示」の決定ではありません。",
        "存否を答えるだけで不開示情報が分かるものは、法第81条により、あるともないとも答えられません。開示用の紙は、支援措置の有無で書き方が変わらないようにつくってあります。",
    )
    withheld = PaperTable("載せなかったもの", _WITHHELD_COLUMNS, _rows(contents.withheld), _none(contents.withheld))
    look = PaperTable("載せたが、渡す前に読んで確かめるもの", _WITHHELD_COLUMNS, _rows(contents.to_look_at), _none(contents.to_look_at))
    sign = PaperTable(
        "決裁",
        tuple(Column(title, 4) for title in ("担当者(署名)", "所属長(署名)", "", "決定の日", "備考", "通知の日(法82条)")),
        (("\n\n\n", "", "", "", "", ""),),
    )
    return PaperSheet("1 決めること", lines, (withheld, look, sign))


def _rows(withheld: tuple[Withheld, ...]) -> tuple[tuple[str | int, ...], ...]:
    return tuple((one.what, one.where, one.count, one.item, one.why, _DECIDED) for one in withheld)


def _none(withheld: tuple[Withheld, ...]) -> str:
    return "" if withheld else "ありません。"


def _judgements(contents: Internal) -> PaperSheet:
    table = PaperTable(
        "開示用の紙に載せなかった判定の結果",
        (Column("番号・分野", 12), Column("シナリオ・区分", 32), Column("結果", 9), Column("いつの判定か", 13)),
        tuple((one.group, one.text, one.answer, days_in_words(one.days)) for one in contents.judgements),
        "" if contents.judgements else "ありません。",
    )
    return PaperSheet("2 載せなかった判定", (), (table,))


def _lines(contents: Internal) -> PaperSheet:
    table = PaperTable(
        "受領したファイルの行",
        (Column("ファイル", 24), Column("行", 12), Column("どんな行か", 16), Column("どう扱ったか", 14)),
        tuple((one.file, one.line, one.what, one.became) for one in contents.lines),
        "番号の書き方が違う行(けた落ち・全角の混在など)は見つけられないことがあります。",
    )
    return PaperSheet("3 もとの行", (), (table,))


def _written(contents: Internal) -> tuple[PaperSheet, ...]:
    """Every word that conferences wrote on sheets on which the person stands; no sheet where there is none."""
    if not contents.words:
        return ()
    lines = (
        "会議から戻ったシートに人が書いたことの全部です(後から書き直された前のものも含みます)。同じ世帯のほかの方や、支援する人のことが書かれています。"
        "開示用の紙には、会議の日・判断・読み取った人のほかは載せていません。",
    )
    table = PaperTable(
        "会議で書かれたこと",
        (Column("会議の日", 8), Column("どの紙か", 14), Column("書かれたこと", 40), Column("読み取り", 14)),
        tuple(
            (
                wareki_short(word.on),
                f"{word.sheet}({word.run_id})",
                "\n".join(f"{label}: {text}" for label, text in word.told),
                f"{wareki_short(word.read_on)} {word.read_by}".strip(),
            )
            for word in contents.words
        ),
    )
    return (PaperSheet("4 会議で書かれたこと", lines, (table,)),)
