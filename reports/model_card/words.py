"""How the card says numbers: shares as percentages of groups (never of a family), intervals as 〜, and what they mean in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

MILLION = 1_000_000
HANDLING = "内部資料"
ORDERS = {"rules": "ルールだけ", "model": "モデルだけ", "blend": "ルールとモデル"}
NOT_MEASURED = "―"

FOR = (
    "週次の一覧をつくるとき、ルールの判定に添えて、区分を1段だけ上げる候補を示すこと。",
    "同じ区分の世帯を、会議で話し合う順に並べること。",
    "あとで困難が分かったこどもたちに共通する手がかりを示し、ルールを見直す材料にすること。",
)
NOT_FOR = (
    "支援や調査を「しない」と決めること。モデルは区分を下げません。点が低いことは、安全を意味しません。",
    "モデルだけで①(積極的なアプローチ)とすること。ルールの裏付けがない世帯は、高くても②までです。",
    "家庭を処分・制限・公表する根拠にすること、世帯に点や順位を伝えること。",
    "この市の外のデータや、説明書に書いた期間から大きく離れた時期に使うこと。",
)
IF_USED = (
    "承認すると次の実行から、類型ごとに点がとくに高いこども(人数の目安は tiers.yaml の「モデルの帯」の「上」)の区分が1段上がります。"
    "会議の一覧に載る世帯が増えるので、定員に収まるかを最初の数週で確かめてください。上げたこどもの数は毎週の一覧の表紙に出ます。",
    "会議資料に点や確率は出ません。「似た状況の世帯より注意が必要」という言葉と、記録にある事実を3つまで添えます。どうするかは会議で人が決めます。",
    "ルールで決まった区分はそのままで、下がるこどもはいません。使わないと決めても、ルールだけの一覧は今までどおりつくられます。",
    "使い始めたあとでも、kizuki model rollback --none で次の実行からルールだけに戻せます。",
)
BEFORE_DECIDING = (
    "「増えるといえます」と書かれた類型があるか。なければ、使っても会議の当たりがよくなるとはいえません。",
    "集団ごとの点検(6)で、モデルを添えると選ばれる割合が大きく変わる集団がないか。",
    "点を動かす主な手がかり(7)が、現場の実感とかけ離れていないか。",
)
SHOWN_ONLY = (
    "モデルを使うのは、先の期間で、同じ年齢(就学前は月齢)のこどもどうしをでたらめよりよく見分けられると示せた類型だけです。見分け(AUC)の95%の区間の下の端が0.50を"
    "超えないとき、あとで分かったこどもが20人に満たず確かめられないときは、示せないとみなします。"
)
LIMITS = (
    "正例は「困難のあったこども」ではなく「困難に気づかれたこども」です。気づかれにくい家庭の困難は、学ぶことも、確かめることもできていません。",
    "最初の受領日より前の時点は、いまの受領データから「その日までに起きていたこと」を組み立て直したものです。そのとき実際に知られていたことと、少し違うことがあります。",
    "過去の時点の住民は、いまも市に住むこどもだけです。転出したこどもは含まれません。",
    "手がかりは原因ではありません。欠席が点を上げても、欠席を減らせば困難がなくなるとは言えません。",
    "数字は、過去の時点で学び、その先の期間で確かめた値です。これからも同じとは限らないため、毎週データの動きを調べ、警報が出たら見直します。",
)


def percent(millionths: int | None, digits: int = 1) -> str:
    """A share of a group."""
    return NOT_MEASURED if millionths is None else f"{millionths / 10_000:.{digits}f}%"


def figure(value: Mapping[str, int] | None, digits: int = 1) -> str:
    """A share with its interval."""
    if value is None:
        return NOT_MEASURED
    return f"{percent(value['at'], digits)}({value['low'] / 10_000:.{digits}f}〜{value['high'] / 10_000:.{digits}f})"


def times(value: Mapping[str, int] | None) -> str:
    """A ratio with its interval."""
    if value is None:
        return NOT_MEASURED
    return f"{value['at'] / MILLION:.2f}倍({value['low'] / MILLION:.2f}〜{value['high'] / MILLION:.2f})"


def count(value: Mapping[str, int] | None) -> str:
    """An expected number with its interval."""
    if value is None:
        return NOT_MEASURED
    return f"{value['at'] / MILLION:.1f}({value['low'] / MILLION:.1f}〜{value['high'] / MILLION:.1f})"


def day(text: str | None) -> str:
    """A day as 2026年11月20日."""
    if not text:
        return NOT_MEASURED
    on = date.fromisoformat(text)
    return f"{on.year}年{on.month}月{on.day}日"


def gain_words(one: Mapping[str, Any]) -> str:
    """What the model adds to the rules, in a sentence; the interval decides how sure it is."""
    evaluation = one["evaluation"]
    if evaluation["without"] and evaluation["apart"]:
        return "どの日も正例が少なく、会議の定員で比べた数字は出せません。日を合わせた見分け(AUC)だけで確かめています。"
    if evaluation["without"]:
        return f"先の期間で確かめられていません。{evaluation['without']}"
    gains = [g for g in evaluation["gains"] if g["ratio"] is not None and g["unit"] == "世帯"]
    if not gains:
        return "こどもの数が少なく、会議の定員で比べることができません。"
    best = gains[-1]
    ratio = best["ratio"]
    room = f"先頭の{best['capacity']:,}世帯のうちに見つかる正例の世帯は、ルールだけの{times(ratio)}"
    if ratio["low"] > MILLION:
        return f"{room}で、モデルを添えると増えるといえます。"
    if ratio["high"] < MILLION:
        return f"{room}で、モデルを添えると減っています。使う前に理由を確かめてください。"
    return f"{room}で、増えるとも減るともいえません。"


def calibration_words(evaluation: Mapping[str, Any]) -> str:
    """Whether stated probabilities come true, in a sentence."""
    found = evaluation["calibration"]
    if found is None:
        return "確率の当たりは測れていません。"
    level = found["stated_over_observed"]
    chance = found["by_chance"]
    error = f"帯ごとのずれは基準率の{percent(found['error'], 0)}(正しくても偶然で{percent(chance['at'], 0)}程度、{percent(chance['high'], 0)}までは出る)"
    if level["low"] > MILLION:
        return f"確率は全体に高すぎます(実際の{times(level)})。{error}。"
    if level["high"] < MILLION:
        return f"確率は全体に低すぎます(実際の{times(level)})。{error}。"
    return f"確率の全体の高さは実際と合っています({times(level)})。{error}。"


def label_words(definition: Mapping[str, Any]) -> str:
    """What counts as having come out afterwards."""
    gap = f"{definition['gap_months']}か月おいて、" if definition["gap_months"] else ""
    return f"{age_words(definition['ages'])}基準日から{gap}そのあと{definition['window_months']}か月のうちに「{definition['sentence']}」に当てはまったこども"


def age_words(ages: Sequence[int] | None) -> str:
    """Which children a type is about, to begin a sentence with; empty for all."""
    from_, below = ages or (0, 18)
    if (from_, below) == (0, 18):
        return ""
    return f"基準日に{f'{from_}歳以上' if from_ else ''}{f'{below}歳未満' if below < 18 else ''}のこどもについて、"


MANY_GROUPS = 12
"""An attribute with more groups (districts) is told by those that differ; the others are in the card's data."""


def group_tables(groups: Mapping[str, Any]) -> Iterator[tuple[str, list[Mapping[str, Any]], str]]:
    """The audit's rows, attribute by attribute, and what to say of rows that are left out."""
    by_attribute: dict[str, list[Mapping[str, Any]]] = {}
    for row in groups["rows"]:
        by_attribute.setdefault(row["attribute"], []).append(row)
    for attribute, rows in by_attribute.items():
        if len(rows) <= MANY_GROUPS:
            yield attribute, rows, ""
            continue
        chosen = [row["selected"]["blend"] for row in rows]
        overall = MILLION * sum(each["count"] for each in chosen) // max(sum(each["of"] for each in chosen), 1)
        shown = [
            row for row in rows if not row["selected"]["blend"]["low"] <= overall <= row["selected"]["blend"]["high"]
        ]
        left = f"ほかの{len(rows) - len(shown)}群は、両方で選ぶ割合が全体({percent(overall)})と違うとはいえません(card.json にすべてあります)。"
        yield attribute, shown, left


def rate(value: Mapping[str, int] | None) -> str:
    """A counted share with its interval."""
    return figure(value, 1)
