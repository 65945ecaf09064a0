"""Sentences that the book says in both its forms, HTML and Markdown."""

from __future__ import annotations

from datetime import date

from engine.kernel.dates import wareki
from engine.records.case import Tier
from reports.manual.book import SMALLEST_COUNT, Book, FileLine, RunLine, ScenarioEntry, people

MARKS = (
    ("○", "該当", "記録から、その文のとおりだと分かった"),
    ("×", "非該当", "記録から、その文のとおりではないと分かった"),
    ("?", "不明", "記録が届いていない、対象に入っていない、値が不詳などで、どちらとも言えない"),
)

OUTCOMES = (
    ("該当", "対象と条件がどちらも○。会議の一覧に載せる理由になります。"),
    (
        "非該当",
        "対象か条件が×。このシナリオでは気になる点がなかったというだけで、「心配ない」という意味ではありません。",
    ),
    ("不明", "足りない記録があって決められません。「いいえ」とは数えません。何が足りないかを会議資料に示します。"),
    ("打ち消し", "該当ですが、すでに支援につながっているなどの事情が○なので、このシナリオは区分に数えません。"),
)

PROMISES = (
    "不明は「いいえ」ではありません。記録がないことを「ない」と読むのは、その源がその人を対象にしていて、データが届いている"
    "ときだけです。",
    "打ち消しの行が不明のときは、打ち消しません。該当のまま残し、その点を「確認すべきこと」に挙げます。",
    "支援や手当を使っていることが、その家庭に不利に数えられることはありません。支援を使っていることだけで該当になる"
    "シナリオは、書いても読み込まれません。",
    "ひとり親であること、転入してきたこと、支援の有無など、世帯の姿だけで該当になるシナリオも読み込まれません。困りごとを表す条件と"
    "組み合わせたときだけ使えます。",
    "ここに書かれた決まりは、だれから話し合うかを決めるだけです。危険の度合いや支援の内容は、人が話し合って決めます。",
)

SOURCE_MARKS = (
    ("D", "法令・通知・調査・研究などに書かれている目安"),
    ("E", "当市の既定として決めた値。見直してよい値です"),
)

SMALL_NUMBERS = f"この冊子には個人の記録はありません。人数は、{SMALLEST_COUNT}人に満たないとき(0人のときも)「{people(0)}」と書いています。"

INTRODUCTION = "こどもと家庭の困難に早く気づくために、どんなときに声をかけるかを決めた冊子です。"

HOW_TO_READ = (
    "条件は上から順に読みます。字下げした行は、そのすぐ上の「次のすべてに当てはまる」「次のいずれかに当てはまる」などの中身です。"
    "「名前」(数)と書かれた数は、「閾値」の表の1か所だけで決めています。例ごとの○×?は、そのシナリオに付けた例で各行がどうなったかを"
    "示します(－は、まだ動かしていない例)。"
)

TIERS_ARE = "区分は「だれから話し合うか」を決めるものです。③は「安全」という意味ではありません。"

LEVELS_ARE = "該当したシナリオの強さと数から、上から順に見て最初に当てはまった段にします。余った強い該当は、弱い方の数を満たすのにも使います。"

MODEL_MAY = "統計モデルを使わないときは「なし」の列だけを使います。モデルは区分を下げません。"

NO_THRESHOLDS = "名前を付けた閾値はありません。数は各シナリオの条件に書いてあります。"

ITEMS_ARE = (
    "どのシナリオがどのデータを見るかを、データの所管・目的・法的根拠とともに示します。ここにないデータは、どのシナリオも使っていません。"
    "ほかのシナリオを参照するシナリオは、参照先の番号でも探してください。"
)

ENGLISH_IS = (
    "Each sentence as rendered from its syntax tree. Item names are the identifiers of the vocabulary; values stay as the city "
    "writes them."
)

CANCELS_ARE = "打ち消し(どれか1つでも○なら、区分に数えません)"

NO_DECISIONS = "会議の判断はまだありません"

TIER_LABELS = tuple((tier.mark, tier.label) for tier in Tier)


def validity(start: date | None, end: date | None) -> str:
    """有効期間 in 和暦."""
    if start is None:
        return "定めなし"
    return f"{wareki(start)}から{wareki(end)}まで" if end else f"{wareki(start)}から"


def approval(file: FileLine) -> str:
    """Who approved a file's content and when, or that nobody has."""
    if file.approval is None:
        return "この内容は、まだ承認されていません"
    return f"{file.approval.by}({wareki(file.approval.on)})"


def run_note(run: RunLine | None) -> str:
    """Where the counts come from."""
    if run is None:
        return "まだ一度も判定を実行していないため、該当した人数はありません。"
    return f"該当した人数は、{wareki(run.as_of)}を基準日とする実行 {run.run_id}(判定したこども {people(run.children)})のものです。"


def counts(scenario: ScenarioEntry, run: RunLine | None) -> str:
    """How many children the scenario met in the last run."""
    if run is None:
        return "まだ実行していません"
    if scenario.counts is None:
        return f"実行 {run.run_id} では使われていません"
    c = scenario.counts
    said = f"該当 {people(c.met)} / 打ち消し {people(c.cancelled)} / 不明 {people(c.unknown)}"
    note = "" if c.same_rules else "。いまの内容より前の版での人数です"
    return f"{said}(実行 {run.run_id}{note})"


def decisions(scenario: ScenarioEntry) -> str:
    """How often conferences found the scenario's hits to the point; never from fewer than eight children."""
    made = scenario.decisions
    if made is None or made.decided == 0:
        return NO_DECISIONS
    if made.decided < SMALLEST_COUNT:
        return f"会議で判断したこども {people(made.decided)}(割合を出すには少なすぎます)"
    percent = 100 * made.confirmed // made.decided
    few = min(made.confirmed, made.decided - made.confirmed) < SMALLEST_COUNT
    share = (
        "割合は、片方が7人以下のため出しません"
        if few
        else f"うち、的を射ていたとされたもの {people(made.confirmed)}({percent}%)"
    )
    return f"会議で判断したこども {people(made.decided)}。{share}"


def data_used(scenario: ScenarioEntry) -> str:
    """Labels of the items that the scenario's own sentences look at."""
    own = "、".join(scenario.items)
    return f"{own}(ほかに、参照しているシナリオのデータ)" if scenario.refers_to else own


def order(book: Book) -> str:
    """How cases of one tier are put into order."""
    return f"強さごとの点({book.tiers.points})の合計が大きい順です。点は会議資料には出しません。"


def subtitle(book: Book) -> str:
    """The day that the book shows."""
    return f"{wareki(book.as_of)}現在"
