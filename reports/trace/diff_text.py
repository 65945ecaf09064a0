"""The difference of two runs as lines of text: first what changed, then why, in the order in which it is to be looked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.kernel.truth import Truth
from engine.records.case import Tier
from reports.trace import words
from reports.trace.diff import ChildDifference, ListDifference, ScenarioChange, SentenceChange, type_label
from reports.trace.grounds import Grounds
from reports.trace.text import table

_NOT_THERE = "―"


def child_difference_text(change: ChildDifference) -> Iterator[str]:
    """What changed for one child."""
    then, now = change.then, change.now
    yield f"整理番号 {change.child_key}  {then.run_id} → {now.run_id}"
    yield from _key_warning(change.grounds)
    yield f"区分 {_tier(then.tier)} → {_tier(now.tier)}{'(変わりません)' if then.tier == now.tier else ''}"
    yield f"  {then.run_id}  {then.standing}"
    yield f"  {now.run_id}  {now.standing}"
    if then.household_key and now.household_key and then.household_key != now.household_key:
        yield f"  ※ 世帯が変わっています: {then.household_key} → {now.household_key}(転居・世帯分離などで、家族についての文の答えも変わります)"
    for kind in dict.fromkeys((*then.types, *now.types)):
        was, is_now = then.types.get(kind, Tier.NO_ACTION), now.types.get(kind, Tier.NO_ACTION)
        if was != is_now:
            yield f"├─ {type_label(kind)}  {was.mark} → {is_now.mark}"
    for kind in dict.fromkeys((*then.bands, *now.bands)):
        if then.bands.get(kind) != now.bands.get(kind):
            yield f"├─ モデルの帯 {type_label(kind)}  {then.bands.get(kind, 'なし')} → {now.bands.get(kind, 'なし')}"
    for scenario in change.scenarios:
        if scenario.then != scenario.now or scenario.rule_changed:
            yield from _scenario(scenario)
    yield from _elsewhere([each for each in change.scenarios if each.then == each.now and not each.rule_changed])
    if not change.scenarios and then.tier is not None and now.tier is not None:
        yield "├─ シナリオと文の答えは変わりません。"
    if change.facts_known:
        yield from _listed("加わった根拠の事実", change.facts_came)
        yield from _listed("なくなった根拠の事実", change.facts_went)
    else:
        yield "├─ 事実の比較  両方の実行で一覧に載ったこどもだけ、根拠の事実を比べられます。"
    if ruled := [each.id for each in change.scenarios if each.rule_changed]:
        yield f"├─ 条件の文そのものが変わったシナリオ: {'・'.join(ruled)}"
    yield ""


def _elsewhere(scenarios: Sequence[ScenarioChange]) -> Iterator[str]:
    """Sentences answered otherwise that changed no result, each once with the scenarios in which it stands."""
    where: dict[SentenceChange, list[str]] = {}
    for scenario in scenarios:
        for sentence in scenario.sentences:
            where.setdefault(sentence, []).append(scenario.id)
    if where:
        yield "├─ 答えは変わったが、シナリオの結果は変わらなかった文"
    for sentence, ids in where.items():
        yield f"│    {_mark(sentence.then)} → {_mark(sentence.now)}  {sentence.text}({'・'.join(ids)})"


def _scenario(change: ScenarioChange) -> Iterator[str]:
    same = change.then == change.now
    outcome = f"{change.now}のまま" if same else f"{change.then or '判定なし'} → {change.now or '判定なし'}"
    rule = "  ※条件の文が変わっています" if change.rule_changed else ""
    yield f"├─ {change.id}  {outcome}  {change.name}{rule}"
    for sentence in change.sentences:
        yield f"│    {_mark(sentence.then)} → {_mark(sentence.now)}  {sentence.text}({sentence.part}){_kind(sentence)}"


def _kind(change: SentenceChange) -> str:
    if change.then is None:
        return " 新しい文"
    return " なくなった文" if change.now is None else ""


def grounds_text(grounds: Grounds) -> Iterator[str]:
    """Why: deliveries, then rules, the program, the model, what conferences decided; what did not change is said as well."""
    yield "なぜ変わったか(この順に確かめます)"
    yield from _reason("1 受領データ", grounds.deliveries, "同じデータです。")
    yield from _reason("2 決まり", grounds.rules, "同じ決まりです(どのファイルの SHA-256 も同じ)。")
    yield from _reason("3 プログラムと設定", grounds.code, "同じプログラムと設定です。")
    yield from _reason("4 モデル", grounds.model, "同じモデルです(または、どちらも使っていません)。")
    yield from _reason("5 会議で決めたこと", grounds.conferences, "同じです(または、どちらの一覧にも効いていません)。")
    yield "  6 日付: 基準日が進むと、年齢と「直近…」の期間も動きます。データも決まりも同じ文の変化は、これによります。"


def _reason(title: str, lines: Sequence[str], nothing: str) -> Iterator[str]:
    if not lines:
        yield f"  {title}: {nothing}"
        return
    yield f"  {title}"
    yield from (f"    ・{line}" for line in lines)


def list_difference_text(change: ListDifference) -> Iterator[str]:
    """What changed for the whole list."""
    yield f"一覧の変化  {change.run_ids[0]} → {change.run_ids[1]}"
    yield from _key_warning(change.grounds)
    yield f"一覧の世帯 {change.listed[0]} → {change.listed[1]}(区分の変わらない世帯 {change.unchanged})"
    yield ""
    yield "こどもの区分(人)"
    rows = [(_tier_mark(then), _tier_mark(now), f"{count:,}") for (then, now), count in change.moves.items()]
    yield from table(("前", "後", "人数"), rows)
    for kind in ("加わった", "①に上がった", "②に下がった", "外れた"):
        moved = [each for each in change.households if each.kind == kind]
        if not moved:
            continue
        yield ""
        yield f"{kind}世帯 {len(moved)}"
        for each in moved:
            tiers = " → ".join(tier.mark if tier else "一覧外" for tier in (each.then, each.now))
            other = "前" if kind == "加わった" else "後"
            yield f"  {each.household_key}  {tiers}" + (f"  {other}の実行では、{each.why}" if each.why else "")
    yield ""
    yield from grounds_text(change.grounds)


def _key_warning(grounds: Grounds) -> Iterator[str]:
    if grounds.keys_differ:
        yield "※※ 2つの実行は、違う鍵で整理番号をつくっています。同じ人でも番号が違うため、人ごとの比較はできません。"


def _listed(title: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield f"├─ {title}"
        yield from (f"│    ・{text}" for text in texts)


def _tier(tier: Tier | None) -> str:
    return "判定なし" if tier is None else words.tier_words(tier)


def _tier_mark(tier: Tier | None) -> str:
    return "判定なし" if tier is None else tier.mark


def _mark(truth: Truth | None) -> str:
    return _NOT_THERE if truth is None else words.mark(truth)
