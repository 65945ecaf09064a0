"""Made-up sentences for the free-text columns of 13 and 15, with made-up names in them.

They will serve to develop the masking of third parties' names and the matching of texts; today the register of data
use keeps both columns out.
"""

from __future__ import annotations

import numpy as np

from kizuki.demo_city import names
from kizuki.demo_city.randomness import Floats, Ints, Texts

_OPENING = (
    "",
    "",
    "母より電話。",
    "家庭訪問。",
    "来所相談。",
    "学校より連絡あり。",
    "電話にて状況確認。",
    "父より相談。",
    "関係機関からの情報提供。",
    "担当{worker}が面談。",
)
_CLOSING = (
    "",
    "次回は月末に連絡予定。",
    "様子を見ていく。",
    "学校と共有する。",
    "{worker}が引き続き担当。",
    "本人の同意を得て関係課につなぐ。",
    "折り返し連絡を待つ。",
    "支援メニューを案内,資料を渡した。",
    "近隣の{other}さん宅にも声をかけている。",
    "本児は「大丈夫」と話す。\n表情は硬い。",
)
_BY_TOPIC: dict[str, tuple[str, ...]] = {
    "01": (
        "夜間に大きな声と泣き声が続くとの話。{given}さんに目立つ傷はないが,おびえた様子。",
        "父母のけんかが絶えず,こどもの前で物を投げることがあると母が話す。",
        "きょうだいだけで夜遅くまで過ごす日があるとのこと。",
        "右腕にあざ。転んだと説明するが,日によって説明が変わる。",
        "季節に合わない服装が続き,入浴もできていない様子。",
        "「言うことを聞かないとたたいてしまう」と母が涙ながらに話す。",
        "同居の男性が来てから表情が暗くなったと祖母が心配している。",
    ),
    "02": (
        "{given}さんが朝になると腹痛を訴え,登校できない日が続いている。",
        "別室なら登校できるが,教室に入れない。",
        "夏休み明けから休みがちで,昼夜逆転している。",
        "友人との行き違いのあと登校をしぶるようになった。",
        "母の体調がすぐれず,朝起こしてくれる人がいないとのこと。",
        "週に1日ほど保健室で過ごしている。本人は勉強の遅れを気にしている。",
    ),
    "03": (
        "ことばが遅いように感じると母が心配している。視線は合う。",
        "集団の活動に入れず,落ち着いて座っていられないと園から話があった。",
        "こだわりが強く,予定が変わると泣いて動けなくなる。",
        "健診で経過をみましょうと言われ,今後の流れを知りたいとのこと。",
        "友だちへの手出しが多く,園での過ごし方に悩んでいる。",
        "療育の利用を勧められたが,父が必要ないと言っている。",
    ),
    "04": (
        "勤務時間が減り,家賃と光熱費の支払いが苦しい。",
        "学校の集金を滞納しており,修学旅行の費用が心配とのこと。",
        "離婚後,養育費の支払いが止まっている。",
        "水道を止めるとの通知が届き,分割で支払えないか相談。",
        "食料支援を案内した。米が足りないと話す。",
    ),
    "05": (
        "夜泣きがひどく眠れない。涙が出ると話す。",
        "頼れる人が近くにおらず,ひとりで育てている気がするとのこと。",
        "授乳がうまくいかず不安が強い。",
        "上の子の赤ちゃん返りに疲れている。{spouse}の帰りは遅い。",
        "こどもをかわいいと思えない日があると話す。",
        "転入したばかりで,話せる相手がいない。",
    ),
    "06": (
        "祖母の通院の付き添いのため,{given}さんが学校を早退することがある。",
        "母が寝込む日は,{given}さんが下のきょうだいの食事と送迎をしている。",
        "家事のほとんどを本人が担っており,部活動をやめたとのこと。",
        "弟の世話があり,宿題をする時間がないと話す。",
        "介護サービスの利用を勧めたが,家の中を見られたくないと断られた。",
    ),
    "07": (
        "就学に向けた相談。通級の利用について説明した。",
        "特別支援学級の見学を希望している。",
        "就学相談の案内をしたが,通常の学級で様子を見たいとのこと。",
        "園での様子を小学校に引き継ぐことに同意。",
    ),
    "99": (
        "児童クラブの利用方法について問い合わせ。",
        "転入の手続きについて案内した。",
        "習い事の費用の助成について質問があった。",
        "一時預かりの空き状況を知りたいとのこと。",
    ),
}
_BY_OBSERVATION: dict[str, tuple[str, ...]] = {
    "1": (
        "いつもどおり元気。学校の話をよくする。",
        "変わりなし。お弁当を受け取って帰る。",
        "母と一緒に来所。笑顔あり。",
        "{given}くん,友だちと遊んでいた。",
    ),
    "2": (
        "朝から何も食べていないと言う。おかわりを3回した。",
        "同じ服が続いている,袖が短い。",
        "冷蔵庫に何もないと{given}さんが話す。",
        "給食のない日は1食だけとのこと。",
    ),
    "3": (
        "下の子のお迎えがあるからと早く帰った。",
        "{given}さんが弟をおんぶして来た。母は仕事で夜まで不在。",
        "保育園の送迎を毎日している様子。",
    ),
    "4": (
        "祖母の食事の用意があるので長くいられないとのこと。",
        "買い物と洗濯は自分の役目と話す。",
        "夜中に家族のトイレの付き添いがあり,眠いと言う。",
    ),
    "5": (
        "ほおに赤みがある。聞くと黙ってしまう。",
        "大人が手を上げるとびくっとする。",
        "家に帰りたくないと泣いた。\n{worker}さんに電話で伝えた。",
    ),
    "6": (
        "玄関に出た母の顔色が悪く,会話が続かない。",
        "母は寝ているとのことで会えず。",
        "父が昼から飲酒している様子,話がかみ合わない。",
    ),
    "7": (
        "元気がなく,ひとりで座っていた。",
        "学校に行っていないようだ。話しかけると少し笑う。",
        "返事が小さい。前回より痩せたように見える。",
    ),
}


def consultation_texts(rng: np.random.Generator, topic: Texts, given: Ints) -> Texts:
    """記録: an opening, what was said, what comes next."""
    n = len(topic)
    opening, closing = rng.integers(0, len(_OPENING), n), rng.integers(0, len(_CLOSING), n)
    return _fill(
        rng, _BY_TOPIC, topic, given, [_OPENING[j] for j in opening.tolist()], [_CLOSING[j] for j in closing.tolist()]
    )


def watch_texts(rng: np.random.Generator, observation: Texts, given: Ints) -> Texts:
    """自由記述 of a visit; a few are blank."""
    n = len(observation)
    texts = _fill(rng, _BY_OBSERVATION, observation, given, [""] * n, [""] * n)
    return np.where(rng.random(n) < 0.06, "", texts).astype(object)


def _fill(
    rng: np.random.Generator,
    table: dict[str, tuple[str, ...]],
    key: Texts,
    given: Ints,
    before: list[str],
    after: list[str],
) -> Texts:
    book = names.name_book()
    n = len(key)
    choice: Floats = rng.random(n)
    surname = [book.surname_kanji[j] for j in book.draw_surnames(rng, 400).tolist()]
    worker, other = rng.integers(0, 400, n).tolist(), rng.integers(0, 400, n).tolist()
    out = np.empty(n, dtype=object)
    out[:] = [
        (b + table[k][int(c * len(table[k]))] + a)
        .replace("{given}", book.given_kanji[g])
        .replace("{worker}", surname[w])
        .replace("{other}", surname[o])
        .replace("{spouse}", "夫")
        for k, c, g, b, a, w, o in zip(
            key.tolist(), choice.tolist(), given.tolist(), before, after, worker, other, strict=True
        )
    ]
    return out
