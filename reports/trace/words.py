"""The phrases of a trace, the same on the screen, on paper and in the workbook."""

from __future__ import annotations

from datetime import date

from engine.kernel.dates import wareki_short
from engine.kernel.truth import Truth
from engine.records.case import HARDSHIP_LABELS, Tier, TurningPoint
from engine.records.score import ScoreReason
from engine.records.similar import SimilarCase
from reports.trace.traced import (
    FileUsed,
    ModelHead,
    OverlapStep,
    RuleFile,
    RunHead,
    Trace,
    TracedChild,
    TracedFact,
    TracedLine,
    TracedScenario,
    TracedScore,
    TypeStep,
    WayToHit,
    WhyNot,
)
from reports.wording import age_and_grade

SHORT_KEY = 8
HANDLING = "取扱注意"
NOT_KNOWN = "不明"
MARK_LEGEND = "○ 当てはまる  × 当てはまらない  ？ 記録からは分からない(○でも×でもない)"
NO_MODEL = "なし(機械学習のモデルは使っていません)"
SCORES = "モデルの点"
SCORES_MEAN = (
    "点は、似た状況のこどもに同じ困難が後で分かった割合の見込みで、百万分のいくつかで表します。診断でも、危険の度合いでもありません。"
    "理由は点を上げたもので、数はその大きさです(対数オッズの百万分のいくつか)。"
)
NO_REASONS = "点を上げたものは、一覧に載ったこどもの、帯に入った類型についてだけ記録しています。"
SIMILAR = "過去の似た世帯"
SIMILAR_MEAN = (
    "登録の前の基準日に、同じモデルで点を上げ下げしたものがどれだけ近いかで選んでいます(近い順)。距離は、その違いの大きさです(対数オッズの百万分のいくつか)。"
    "いま支援措置のある世帯と、同じ世帯は除いています。会議資料には、世帯ごとに3つまで、距離と整理番号なしで示します。"
)
ONLY_UNKNOWN = "(分からない文だけ。全文は --scenario で示します)"
UNLISTED_FACTS = "一覧に載っていないこどもの事実は、記録に残していません(--facts を付けると、保管庫から示します)。"
UNMET_FACTS = "非該当のシナリオの事実は、記録に残していません(--facts を付けると、保管庫から示します)。"
NEAR_MEANS = "「近い」は、答えの違う文の数が少ないことです。心配の大きさや、危険の近さではありません。"
TURNING = "1つで変わること"
TURNING_MEANS = (
    "1つの文の答えだけが違ったとして計算した、決まりの確かめです。確かめるのは「いま？」の文です。"
    "記録を変えることや、支援を始める・見送ることの理由にはなりません。"
)
SHORT_WITH_WHY = "全文と根拠は、--why-not を付けない足取りにあります。"
STORE_FACTS = "根拠の事実は、この実行が使った受領データを保管庫から開き、同じ決まりで判定し直して示しています(文の○×？は記録と一致しました)。"


def mark(truth: Truth) -> str:
    """○ × ？, all of full width."""
    return {Truth.MET: "○", Truth.NOT_MET: "×", Truth.UNKNOWN: "？"}[truth]


def day(value: date | None) -> str:
    """R8.11.20, or ― where no day is known."""
    return "―" if value is None else wareki_short(value)


def child_title(child: TracedChild) -> str:
    """案件03 整理番号 P… 10歳・小4."""
    case = f"案件{child.case_no:02d}  " if child.case_no is not None else ""
    known = child.facts_from != "なし"
    age = f"  {age_and_grade(child.age_years, child.school_grade)}" if known else ""
    return f"{case}整理番号 {child.child_key}{age}"


def approval(rule: RuleFile, *, with_reason: bool = False) -> str:
    """承認 家庭相談係長 2026-11-27「初版」, or that the record names none."""
    if not rule.approved_by:
        return "承認の記載は、この記録にありません"
    reason = f"「{rule.reason}」" if rule.reason and with_reason else ""
    return f"承認 {rule.approved_by} {rule.approved_on.isoformat() if rule.approved_on else ''}{reason}".strip()


def type_step(step: TypeStep) -> str:
    """強2件・弱2件 → 段「高」(1行目 強2件以上) → 帯「なし」→ ①."""
    if not step.level:
        return f"{step.tier.mark} {step.reason}"
    counts = "・".join(f"{strength}{count}件" for strength, count in step.counts) or "該当なし"
    words = (
        f"{counts} → 段「{step.level}」({step.level_line}行目: {step.level_asks}) → 帯「{step.band}」→ {step.tier.mark}"
    )
    if step.lifted_from is not None:
        words += f"(ルールだけなら{step.lifted_from.mark}。モデルの帯によって1段上げています)"
    if step.always:
        words += f"({'・'.join(step.always)}は1件でも①とする決まり)"
    return words


def model_step(run: RunHead, child: TracedChild) -> str:
    """Which model had a say, and what it did to this child's tier; or that none had."""
    model = run.model
    if model is None:
        return NO_MODEL + (f"。{run.model_note}" if run.model_note else "")
    lifted = "、".join(f"{s.label} {s.lifted_from.mark}→{s.tier.mark}" for s in child.lifted if s.lifted_from is not None)
    return (
        f"{model.model_id} → {f'1段上げた類型: {lifted}' if lifted else '区分は上げていません'}"
        f"(承認 {model.approved_by} {model.approved_on.isoformat()})"
    )


def model_file(model: ModelHead) -> str:
    """Where the model lies, and by what it is recognised."""
    carried = f"帯は {model.carried_from} から引き継いでいます" if model.carried_from else "帯の引き継ぎはありません"
    return f"models/{model.model_id}/contents.json SHA-256 {model.sha256}。{carried}"


def score(one: TracedScore) -> str:
    """116,001 → 千人中4番目の境目より上 → 帯「中」(外れる境目を下回った実行 0回、続けて4回で外れます)."""
    place = f"千人のうち{one.place}番目まで" if one.place is not None else f"千人のうち{one.places}番目より後"
    kept = f"、外れる境目を続けて下回った実行 {one.weeks_below}回({one.weeks}回で外れます)" if one.band != "なし" else ""
    return f"点 {one.millionths:,} → {place} → 帯「{one.band}」{kept}"


def limits(one: TracedScore) -> str:
    """What the score had to reach, band by band."""
    entered, kept = (
        "・".join(f"{band} {'使わない' if limit > 1_000_000 else f'{limit:,}'}" for band, limit in each)
        for each in (one.enter, one.leave)
    )
    return f"入る境目 {entered} / 外れる境目 {kept}"


def reason(one: ScoreReason) -> str:
    """家計: 水道料金の未納が直近90日に2回 (+3,273,438)."""
    return f"{one.text}(+{one.millionths:,})"


def similar(one: SimilarCase) -> str:
    """虐待 距離 14,142: こども P3XKE… 世帯 HAWB6… (2025-02-20のようす) 出席と家計の様子が近い."""
    label = HARDSHIP_LABELS.get(one.hardship_type, one.hardship_type)
    return (
        f"{label} 距離 {one.distance:,}: こども {one.child_key} 世帯 {one.household_key}"
        f"({one.looked_at.isoformat()}のようす) {one.likeness}"
    )


def overlap_step(step: OverlapStep) -> str:
    """3つで①。段が「中」以上の類型は1つ(…) → 当てはまらない."""
    of = f"({'・'.join(step.labels)})" if step.labels else ""
    result = f"当てはまるため全体が{step.tier.mark}" if step.applies else "当てはまらない"
    return f"{step.needed}類型で{step.tier.mark}の決まり。数える段に届いた類型は{len(step.labels)}つ{of} → {result}"


def always_step(child: TracedChild) -> str:
    """Which scenarios make ① by themselves, and which of them the child has."""
    hit = [each for step in child.types for each in step.always]
    named = "・".join(child.always_active) or "なし"
    return f"1件でも①とするシナリオは {named} → {'・'.join(hit) + 'が該当' if hit else '該当なし'}"


def tier_words(tier: Tier) -> str:
    """① 積極的なアプローチ."""
    return f"{tier.mark} {tier.label}"


def rule_place(scenario: TracedScenario) -> str:
    """rulebooks/young_carer.yaml 51行目 版2026.2; the line is left out where the record does not hold it."""
    line = f" {scenario.line}行目" if scenario.line else ""
    version = f" 版{scenario.rule.version}" if scenario.rule else ""
    return f"{scenario.file}{line}{version}"


def line_number(line: TracedLine) -> str:
    """文101; nothing for a group and for records that do not number."""
    return f"文{line.number}" if line.number else ""


def whose(fact: TracedFact, trace: Trace) -> str:
    """本人; where a trace is of several children, whose 本人 it is."""
    return fact.subject if len(trace.children) == 1 else f"{fact.subject}({fact.child_key[:SHORT_KEY]})"


def fact_words(fact: TracedFact) -> str:
    """母 要介護4."""
    return f"{fact.subject} {fact.text}"


def fact_place(fact: TracedFact) -> str:
    """10_attendance_20261106.csv 10110行目."""
    return f"{fact.file} {fact.line}行目"


def valid_days(fact: TracedFact) -> str:
    """R8.4.1, or R8.4.1～R8.9.30 for a state that has ended."""
    return f"{day(fact.on)}～{day(fact.until)}" if fact.until else day(fact.on)


def file_rows(file: FileUsed) -> str:
    """受領 162,478・使用 162,302・隔離 176."""
    return f"受領 {file.received:,}・使用 {file.used:,}・隔離 {file.quarantined:,}"


def turning_point(point: TurningPoint, now: Tier) -> str:
    """「…」(いま×)が○なら、区分は②から①(YC-02)."""
    parts = [point, *point.also]
    conditions = "、かつ".join(f"「{p.sentence}」(いま{mark(p.now)})が{mark(p.would_be)}" for p in parts)
    scenarios = "・".join(point.scenario_ids[:4]) + (
        f"ほか{len(point.scenario_ids) - 4}件" if len(point.scenario_ids) > 4 else ""
    )
    then = f"区分は{now.mark}から{point.tier.mark}に変わる" if point.tier != now else f"区分は{now.mark}のまま、該当が変わる"
    return f"{conditions}なら、{then}({scenarios})"


def facts_note(child: TracedChild) -> str:
    """Where the facts come from, or why some are not told; empty where all that is shown has its facts in the record."""
    if child.facts_from == "なし":
        return UNLISTED_FACTS
    if child.facts_from == "保管庫":
        return STORE_FACTS
    return UNMET_FACTS if any(scenario.outcome == "非該当" for scenario in child.scenarios) else ""


def why_title(reason: WhyNot) -> str:
    """Why not higher; for ①, which is the highest, only what did not count."""
    count = len(reason.ways)
    if reason.tier is Tier.ACTIVE:
        return f"該当していないシナリオ {count}件(区分はすでに①です。近いものから)"
    return f"なぜ{reason.tier.mark}より上ではないか(該当していないシナリオ {count}件、近いものから)"


def distance(reason: WayToHit) -> str:
    """2文の答えが違えば該当, and whether one of them is what nothing brings about."""
    return f"{len(reason.lines)}文の答えが違えば該当" + ("(年齢・学年など、変わらないことを含む)" if reason.fixed else "")


def in_short(scenario: TracedScenario) -> str:
    """PV-02 【強】 該当 名前."""
    return f"{scenario.id} 【{scenario.strength}】 {scenario.outcome}  {scenario.name}"


def only_named(reason: WhyNot) -> tuple[tuple[str, str], ...]:
    """The scenarios that are not told sentence by sentence, by how many sentences would have to be otherwise."""
    by_distance: dict[str, list[str]] = {}
    for each in reason.others:
        by_distance.setdefault(distance(each), []).append(each.scenario.id)
    return tuple((how_far, "・".join(ids)) for how_far, ids in by_distance.items())


def way(reason: WayToHit, now: Tier) -> str:
    """2文の答えが違えば該当。これだけが該当しても、区分は②のまま."""
    need = distance(reason)
    if reason.tier is None:
        return need
    then = f"これだけが該当すると、区分は{now.mark}から{reason.tier.mark}に変わります"
    return f"{need}。{then if reason.tier != now else f'これだけが該当しても、区分は{now.mark}のままです'}"


FACT_HEADINGS = ("番号", "だれ", "事実", "有効日", "把握日", "所管", "法的根拠", "資料", "行")


def fact_cells(fact: TracedFact, trace: Trace) -> tuple[str, ...]:
    """A fact under `FACT_HEADINGS`. A file that the manifest does not name has no number, and stands with its name."""
    return (
        f"[{fact.no}]",
        whose(fact, trace),
        fact.text,
        valid_days(fact),
        day(fact.known_on),
        fact.owner,
        fact.legal_basis,
        f"資料{fact.file_no}" if fact.file_no else fact.file,
        f"{fact.line}行目",
    )
