"""Every message of intake, by code: what, why it matters, what to do.

Placeholders take column names, line numbers, counts and file names only, never a cell. The texts are public: the
golden file tests/golden/errors/intake.txt shows every change, docs/exit-status.md lists every code.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.kernel.errors import Place, Problem

_MAX_LISTED = 5


class Wording(NamedTuple):
    """The texts of one kind of message, with {placeholders}."""

    what: str
    why: str
    remedy: str


_ASK_AGAIN = "担当課に、同じ条件で出し直したファイルを求めてください。"
_ALIAS = "列名が変わっただけなら、sources/の取り込み定義の「別名」に書き足してください。列がなければ担当課に出し直しを求めてください。"

# Which files count (found before any row is read).
FILES: dict[str, Wording] = {
    "E-DELIV-01": Wording(
        "ファイル名の日付が、{limit}より後になっています。",
        "まだ来ていない日のデータを使うと、過去の判定を再現できなくなります。",
        "フォルダの日付とファイル名の日付を確かめ、正しい日付のフォルダに入れ直してください。",
    ),
    "E-DELIV-02": Wording(
        "ファイル名の日付が暦にない日です。",
        "いつのデータか決められません。",
        "ファイル名の末尾を「_年4桁月2桁日2桁.csv」に直してください。",
    ),
    "E-DELIV-03": Wording(
        "送付票にあるファイル「{name}」が届いていません。",
        "足りないまま進めると、記録がないことを「該当なし」と読み誤ります。",
        "媒体を確かめ、足りないファイルを入れてください。",
    ),
    "E-DELIV-04": Wording(
        "送付票のSHA-256と、ファイルの中身が合いません。",
        "途中で切れたか、書き換えられたおそれがあります。",
        "媒体から写し直してください。それでも合わなければ担当課に出し直しを求めてください。",
    ),
    "E-DELIV-05": Wording(
        "送付票の行数は{expected}行ですが、データは{actual}行でした。",
        "行が欠けたか、増えたおそれがあります。",
        "担当課に、送付票とファイルを一緒に出し直してもらってください。",
    ),
    "E-DELIV-06": Wording(
        "送付票に載っていないファイルです。",
        "正規の受け渡しで届いたものか確かめられません。",
        "担当課に確かめ、送付票に書き足してもらうか、フォルダから外してください。",
    ),
    "E-DELIV-07": Wording(
        "送付票(manifest.csv)を読めません({reason})。",
        "届いたファイルがそろっているか確かめられません。",
        "UTF-8(BOM付き)で、見出しを「ファイル名,行数,SHA-256」として作り直してもらってください。",
    ),
    "E-DELIV-08": Wording(
        "必須の「{label}」が、基準日までに一度も届いていません。",
        "対象者と世帯が決まらず、判定を始められません。",
        "担当課から受け取り、deliveries/の日付のフォルダに入れてください。",
    ),
    "E-DELIV-09": Wording(
        "全件で届く「{label}」のファイルが、同じ日のフォルダに{count}つあります。",
        "どれが正しい全件なのか決められません。",
        "使うファイルを1つだけ残してください。隔離した行の直しは、名前の末尾を「_訂正」にしてください。",
    ),
    "E-DELIV-10": Wording(
        "訂正ファイルがありますが、元になる「{label}」の全件のファイルが同じフォルダにありません。",
        "直した行だけを全件として扱うと、ほかの人の記録がすべて消えます。",
        "元のファイルと同じ日付のフォルダに入れてください。",
    ),
    "E-DELIV-11": Wording(
        "確認した後に、ファイルの中身が変わりました。",
        "何を読んだのかを後から示せなくなります。",
        "ほかの人がファイルを開いていないか確かめ、もう一度実行してください。",
    ),
    "E-DELIV-12": Wording(
        "ファイル名が{count}つの取り込み定義({sources})に当てはまります。",
        "どの定義で読むか決められません。",
        "sources/の「ファイル名」を、互いに重ならないように直してください。",
    ),
    "E-DELIV-13": Wording(
        "受領データのフォルダがありません。",
        "読み込むものがありません。",
        "作業フォルダの中にdeliveries/を作り、「年-月-日」のフォルダに分けてファイルを入れてください。",
    ),
    "E-PROT-01": Wording(
        "DV等支援措置のファイル(「{label}」)が、基準日までに一度も届いていません。",
        "支援措置を知らずに世帯をつなぐと、避難している人の住まいが分かってしまうおそれがあります。",
        "市民課から支援措置のファイルを受け取るまで、実行しないでください。対象者がいない場合も担当課に確かめてください。",
    ),
    "E-PROT-02": Wording(
        "いちばん新しい「{residents}」({day})と同じ日の、DV等支援措置のファイルがありません。",
        "古い支援措置で世帯をつなぐと、新しく避難した人の住まいが分かってしまうおそれがあります。",
        "同じ日の支援措置のファイルを受け取り、同じフォルダに入れてください。",
    ),
    "W-DELIV-01": Wording(
        "送付票(manifest.csv)がありません。",
        "ファイルが途中で切れていても気づけません。",
        "担当課に、送付票を付けて送ってもらってください。",
    ),
    "W-DELIV-02": Wording(
        "どの取り込み定義にも当てはまらないファイルです。読み込みませんでした。",
        "名前が変わっただけなら、大事なデータが抜けています。",
        "ファイル名をsources/の「ファイル名」と見比べてください。不要なら外してください。",
    ),
    "W-DELIV-03": Wording(
        "「{label}」が{days}日前({day})から届いていません(予定は{interval}日ごと)。",
        "記録がないことを「ない」と読めず、この源の条件は「不明」になります。",
        "担当課に、次のデータを求めてください。",
    ),
    "W-DELIV-04": Wording(
        "日付(年-月-日)の名前ではないフォルダか、日付のフォルダの外にあるファイルです。読み込みませんでした。",
        "いつのデータか決められません。",
        "「2026-11-20」のような名前のフォルダに入れてください。",
    ),
    "W-DELIV-05": Wording(
        "ファイル名に日付がありません。",
        "フォルダの日付と食い違っていても気づけません。",
        "ファイル名の末尾を「_年4桁月2桁日2桁.csv」にしてもらってください。",
    ),
    "W-DELIV-06": Wording(
        "ファイル名の日付が、フォルダの日付より{days}日前です。",
        "古いファイルが誤って入ったおそれがあります。",
        "正しいファイルかどうか、担当課に確かめてください。",
    ),
    "W-DELIV-07": Wording(
        "「{label}」は、まだ一度も届いていません。",
        "この源の条件はすべて「不明」になります。",
        "使う予定なら、担当課に求めてください。",
    ),
}

# The file as a whole is refused.
CONTENT: dict[str, Wording] = {
    "E-DELIV-21": Wording(
        "文字コードが、決めてある{encoding}として読めません({lines}){hint}。",
        "推測して読むと、名前や住所が別の文字に化けます。",
        "担当課に、{encoding}で出し直してもらってください。文字コードの取決めが変わったなら、sources/の「文字コード」を直してください。",
    ),
    "E-DELIV-22": Wording(
        "ファイルの先頭の印(BOM)が、決めてある{encoding}と違います({found})。",
        "文字コードを取り違えると、見出しや名前を正しく読めません。",
        "担当課に、{encoding}で出し直してもらってください。",
    ),
    "E-DELIV-23": Wording(
        "{encoding}のファイルの中に、別の文字コード(UTF-8)で書かれた行が混ざっています({lines})。",
        "そのまま読むと、文字が化けたまま取り込まれます。",
        "別々のファイルをつなぎ合わせていないか、担当課に確かめてください。",
    ),
    "E-DELIV-24": Wording(
        "文字ではない値(NUL)が入っています({lines})。",
        "ファイルが壊れているおそれがあり、後ろの列がずれます。",
        _ASK_AGAIN,
    ),
    "E-DELIV-25": Wording(
        "ファイルの終わりの印(0x1A)が入っています({lines})。",
        "古いソフトでは、そこから後ろの行が捨てられます。",
        "担当課に、0x1Aを付けない設定で出し直してもらってください。",
    ),
    "E-DELIV-26": Wording("ファイルが空です。", "出力に失敗したおそれがあります。", _ASK_AGAIN),
    "E-DELIV-27": Wording(
        "見出しだけで、データの行がありません。",
        "全件で届く必須のデータが0件になることは考えられず、このまま進めると全員の記録が消えます。",
        _ASK_AGAIN,
    ),
    "E-DELIV-28": Wording(
        "1行目が見出しになっていません{hint}。",
        "どの列が何か決められません。",
        "1行目を見出しにして出し直してもらってください。",
    ),
    "E-DELIV-29": Wording("列「{columns}」がありません{hint}。", "どの値をどこに読むか決められません。", _ALIAS),
    "E-DELIV-30": Wording(
        "列「{columns}」にあたる見出しが2つ以上あります。",
        "どちらの値が正しいか決められません。",
        "担当課に、列の重なりをなくして出し直してもらってください。",
    ),
    "E-DELIV-31": Wording(
        "見出しと同じ行が途中にもあります({lines})。",
        "別々のファイルをつなぎ合わせたおそれがあり、件数が信用できません。",
        _ASK_AGAIN,
    ),
    "E-DELIV-32": Wording(
        "引用符「\"」が閉じていないか、閉じた後に文字が続いています。",
        "そこから先の行がまとめて1つの欄として読まれ、黙って失われます。",
        "この行の付近の引用符を担当課に直してもらってください。",
    ),
    "E-DELIV-33": Wording(
        "最後の行が途中で終わっています(改行がなく、列も足りません)。",
        "ファイルが途中で切れ、後ろの行が失われています。",
        "媒体から写し直すか、担当課に出し直しを求めてください。",
    ),
    "E-DELIV-34": Wording(
        "合計行の数が、データの行数(または列の合計)と合いません(読み取った行は{actual}行)。",
        "行が欠けたか、重なったおそれがあります。",
        _ASK_AGAIN,
    ),
    "E-DELIV-35": Wording(
        "使えない行が{received}行のうち{quarantined}行あり、決めてある上限({limit})を超えました。主な理由: {reasons}。",
        "書き方や列の意味が変わったおそれがあり、残りの行も信用できません。",
        "理由に挙がった列の書き方を担当課に確かめ、直すか、sources/の取り込み定義を改めてください。",
    ),
    "E-DELIV-36": Wording(
        "1つの欄が長すぎます(上限{limit}KB、{lines})。",
        "引用符の閉じ忘れで、多くの行が1つの欄になったおそれがあります。",
        "この行の付近の引用符を担当課に直してもらってください。",
    ),
    "E-DELIV-37": Wording(
        "行の区切りを読めません。",
        "ここから後ろの行を正しく分けられません。",
        _ASK_AGAIN,
    ),
}

# One row is quarantined; `what` is the reason and `remedy` the advice that the quarantine file shows.
ROWS: dict[str, Wording] = {
    "E-DELIV-51": Wording("列の数が見出しと違います", "", "元のファイルのこの行を見て、区切りの「,」と引用符を直し、値を書き入れてください"),
    "E-DELIV-52": Wording("必ず入れる欄が空です", "", "元の台帳を確かめて書き入れてください"),
    "E-DELIV-53": Wording("日付として読めません", "", "「2026-04-01」か「令和8年4月1日」の形に直してください"),
    "E-DELIV-54": Wording("暦にない日付です", "", "元の台帳を確かめて直してください。分からないときは「不詳」と書けます"),
    "E-DELIV-55": Wording("元号の期間の外の日付です", "", "元の台帳を確かめ、元号か年を直してください"),
    "E-DELIV-56": Wording("整数として読めません", "", "単位や小数を付けず、数字だけにしてください"),
    "E-DELIV-57": Wording(
        "指数の形(1.23E+08など)になっています", "", "表計算ソフトで桁が失われています。元の台帳の数字を文字として書き入れてください"
    ),
    "E-DELIV-58": Wording("決めてある範囲({low}〜{high})の外の数です", "", "元の台帳を確かめて直してください"),
    "E-DELIV-59": Wording("取り込み定義の符号にない値です", "", "正しい符号に直すか、新しい符号なら取り込み定義に書き足してください"),
    "E-DELIV-60": Wording("{reason}", "", "元の台帳を確かめ、どちらの数が正しいか直してください"),
    "E-DELIV-61": Wording("受領データの基準日より後の日付です", "", "元の台帳を確かめて直してください"),
    "E-DELIV-62": Wording("番号が数字ではありません", "", "数字だけにしてください"),
    "E-DELIV-63": Wording("番号が{digits}桁より長くなっています", "", "元の台帳を確かめて直してください"),
    "E-DELIV-64": Wording("引用符「\"」の位置が正しくありません", "", "引用符を消すか、欄の全体を引用符で囲んでください"),
}

# The row or column is used or left out, and somebody should know.
NOTES: dict[str, Wording] = {
    "W-DELIV-21": Wording(
        "項目台帳にない列です。読み込まず、どこにも書き込みませんでした。",
        "台帳にないデータは使えません。",
        "必要な列なら、データ利用の決定を得てfields.yamlに登録してください。不要なら送らないよう担当課に伝えてください。",
    ),
    "W-DELIV-22": Wording(
        "使わないと決めた列です({state}、{decision})。読み込まず、どこにも書き込みませんでした。",
        "理由: {reason}。",
        "この列を送らないよう担当課に伝えてください。",
    ),
    "W-DELIV-23": Wording(
        "日付の一部が不詳のものが{count}件あります。", "日付に関わる条件は「不明」になります。", "分かるものは担当課で補ってもらってください。"
    ),
    "W-DELIV-24": Wording(
        "検査数字の合わない番号が{count}件あります(そのまま使いました)。",
        "打ち間違いの番号は、別の人につながるおそれがあります。",
        "担当課に確かめてもらってください。",
    ),
    "W-DELIV-25": Wording(
        "外字(〓などを含む)が{count}件あります(そのまま残しました)。",
        "文字の違いで名寄せできないことがあります。",
        "会議資料では元の台帳の文字を確かめてください。",
    ),
    "W-DELIV-26": Wording(
        "最後の行に改行がありません(列の数はそろっています)。",
        "最後の欄が途中で切れていても気づけません。",
        "最後の行を元のデータと見比べてください。",
    ),
    "W-DELIV-27": Wording("空の行が{count}行ありました。数に入れていません。", "行が消えたおそれがあります。", "件数を担当課に確かめてください。"),
    "W-DELIV-28": Wording(
        "始まりの日が受領データの基準日より後のものが{count}件あります(そのまま使いました)。",
        "その日が来るまで有効になりません。",
        "入力の誤りでないか確かめてください。",
    ),
    "W-DELIV-29": Wording(
        "見出しだけで、データの行がありません。", "対象がないのか、出力に失敗したのか分かりません。", "担当課に確かめてください。"
    ),
    "W-DELIV-30": Wording(
        "利用が許可されていない列です({state})。読み込まず、どこにも書き込みませんでした。",
        "項目台帳で「許可」でないデータは使えません。",
        "許可されたら、fields.yamlの「状態」を改めてください。",
    ),
    "W-DELIV-31": Wording(
        "{quarantined}行を隔離しました(受領{received}行)。",
        "この行の人については、記録がないように見えます。",
        "quarantine/のファイルを直し、「{stem}_訂正.csv」として元と同じ日付のフォルダに入れてください。",
    ),
}

CATALOGUE: dict[str, Wording] = {**FILES, **CONTENT, **ROWS, **NOTES}


def problem(code: str, place: Place, **values: object) -> Problem:
    """The message of one kind at a place. Values are names, counts and line numbers, never cells."""
    wording = CATALOGUE[code]
    return Problem(
        place, code, wording.what.format(**values), wording.why.format(**values), wording.remedy.format(**values)
    )


def list_lines(lines: Iterable[int]) -> str:
    """「3、8行目」, at most five, then how many more.

    >>> list_lines([3, 8])
    '3、8行目'
    """
    ordered = sorted(lines)
    text = "、".join(map(str, ordered[:_MAX_LISTED])) + "行目"
    return text if len(ordered) <= _MAX_LISTED else f"{text}ほか{len(ordered) - _MAX_LISTED}か所"


ENCODING_NAMES = {"cp932": "CP932(シフトJIS)", "utf-8": "UTF-8(BOMなし)", "utf-8-sig": "UTF-8(BOM付き)"}
