"""A trace as lines of text for a terminal: a tree from the tier down to file and line, then the tables with every hash in full."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from engine.kernel.dates import wareki
from reports.trace import words
from reports.trace.traced import RuleFile, Trace, TracedChild, TracedLine, TracedScenario, WhyNot

_DEEPER = "   "


def trace_text(trace: Trace) -> Iterator[str]:
    """The whole trace."""
    run = trace.run
    yield f"足取り  実行 {run.run_id}  基準日 {wareki(run.as_of)}  再現：{run.replay}"
    yield f"  目録(manifest.json) SHA-256 {run.manifest_sha256}"
    yield f"  プログラム kizuki {run.version}(コード SHA-256 {run.code_sha256 or words.NOT_KNOWN})"
    yield f"  {words.MARK_LEGEND}"
    for gap in run.gaps:
        yield f"  ※ {gap}"
    reasons = {each.child_key: each for each in trace.why_not}
    for child in trace.children:
        yield ""
        yield from _child(trace, child)
        if child.child_key in reasons:
            yield ""
            yield from _why_not(trace, reasons[child.child_key])
    yield ""
    yield from _appendix(trace)


def _child(trace: Trace, child: TracedChild) -> Iterator[str]:
    yield words.child_title(child)
    yield f"区分 {words.tier_words(child.tier)}"
    yield f"  {child.standing}"
    yield from (f"  再現: {line}" for line in child.replayed)
    for odd in child.contradictions:
        yield f"  ※※ 記録のなかの食い違い: {odd}"
    yield from _tier(trace, child)
    for scenario in trace.shown(child):
        yield from _scenario(trace, scenario)
    if named := trace.named_only(child):
        yield f"├─ 該当・打ち消しのシナリオ({words.SHORT_WITH_WHY.rstrip('。')})"
        yield from (f"│  {words.in_short(scenario)}" for scenario in named)
    if note := words.facts_note(child):
        yield f"│  ※ {note}"
    if trace.asked_scenario is None and not trace.why_not:
        yield f"├─ このほか非該当のシナリオ {child.not_met}件(--why-not で理由を示します)"
    yield from _listing("足りない情報", child.missing)
    yield from _listing("確認すべきこと", child.to_check)
    if child.turning_points:
        yield f"├─ {words.TURNING}"
        yield f"│  ({words.TURNING_MEANS})"
        yield from (f"│  ・{words.turning_point(point, child.tier)}" for point in child.turning_points)
    if child.supports:
        yield "├─ いま使えている支援"
        yield from (f"│  {fact}" for fact in _facts(trace, child.supports))
    yield f"└─ 同じ区分の中の順番を決める点 {child.points}(会議資料には出しません)"


def _tier(trace: Trace, child: TracedChild) -> Iterator[str]:
    policy = trace.policy
    if policy is not None:
        yield f"├─ 区分の決め方  {policy.file} 版{policy.version}  {words.approval(policy)}"
    width = max((_width(step.label) for step in child.types), default=4)
    for step in child.types:
        yield f"│  {padded(step.label, width)}  {words.type_step(step)}"
    if not child.types:
        yield "│  該当したシナリオはありません。"
    if child.overlap is not None:
        yield f"│  {padded('重なり', width)}  {words.overlap_step(child.overlap)}"
        yield f"│  {padded('必ず①', width)}  {words.always_step(child)}"
        yield f"│  {padded('モデル', width)}  {words.model_step(trace.run, child)}"
    yield from _scores(trace, child, width)


def _scores(trace: Trace, child: TracedChild, width: int) -> Iterator[str]:
    if trace.run.model is None:
        return
    yield f"├─ {words.SCORES}  {words.model_file(trace.run.model)}"
    yield f"│  ({words.SCORES_MEAN})"
    width = max((_width(score.label) for score in child.scores), default=width)
    for score in child.scores:
        yield f"│  {padded(score.label, width)}  {words.score(score)}"
        yield f"│  {padded('', width)}  {words.limits(score)}"
        yield from (f"│  {padded('', width)}  ・{words.reason(reason)}" for reason in score.reasons)
    yield f"│  ※ {words.NO_REASONS}"
    if child.similar:
        yield f"├─ {words.SIMILAR}"
        yield f"│  ({words.SIMILAR_MEAN})"
        yield from (f"│  ・{words.similar(each)}" for each in child.similar)


def _scenario(trace: Trace, scenario: TracedScenario) -> Iterator[str]:
    yield "│"
    yield f"├─ {words.in_short(scenario)}"
    yield f"│  {words.rule_place(scenario)}" + (f"  {words.approval(scenario.rule)}" if scenario.rule else "")
    if scenario.source:
        yield f"│  出典: {scenario.source}"
    part = ""
    lines = trace.lines_shown(scenario)
    for line in lines:
        if line.part != part:
            part = line.part
            yield f"│  {part}" + ("" if lines == scenario.lines else words.ONLY_UNKNOWN)
        yield from _line(trace, line)


def _line(trace: Trace, line: TracedLine) -> Iterator[str]:
    indent = "│  " + _DEEPER * (line.depth + 1)
    number = f"  〔{words.line_number(line)}〕" if line.number else ""
    yield f"{indent}{words.mark(line.truth)} {line.text}{number}"
    for fact in _facts(trace, line.facts):
        yield f"{indent}     {fact}"
    if line.note:
        yield f"{indent}     ({line.note})"


def _facts(trace: Trace, numbers: Sequence[int]) -> Iterator[str]:
    for no in numbers:
        fact = trace.fact(no)
        yield f"[{no}] {words.fact_words(fact)}  ← {words.fact_place(fact)}"


def _listing(title: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield f"├─ {title}"
        yield from (f"│  ・{text}" for text in texts)


def _why_not(trace: Trace, reason: WhyNot) -> Iterator[str]:
    """Why the tier is not higher: scenarios nearest first, the far ones in a line each."""
    yield words.why_title(reason)
    yield f"│  ({words.NEAR_MEANS})"
    for way in reason.nearest:
        yield f"├─ {words.in_short(way.scenario)}"
        yield f"│  {words.way(way, reason.tier)}"
        for line, wanted in zip(way.lines, way.wanted, strict=True):
            yield f"│    {words.mark(line.truth)} {line.text}  〔{words.line_number(line)}〕 が{words.mark(wanted)}なら"
            yield from (f"│         {fact}" for fact in _facts(trace, line.facts))
            if line.note:
                yield f"│         ({line.note})"
        for cancel in way.cancels:
            yield f"│    打ち消し: ○ {cancel.text}  〔{words.line_number(cancel)}〕"
    for distance, ids in words.only_named(reason):
        yield f"├─ {distance}: {ids}"
    yield f"└─ このこどもを対象としないシナリオ(年齢など) {len(reason.out_of_target)}件: {'・'.join(reason.out_of_target) or 'なし'}"


def _appendix(trace: Trace) -> Iterator[str]:
    if trace.facts:
        yield "根拠の事実"
        yield from table(words.FACT_HEADINGS, [words.fact_cells(fact, trace) for fact in trace.facts])
        yield ""
    if trace.files:
        yield f"受領データ(この足取りで使ったもの。実行では全{trace.run.deliveries}件、目録に全部あります)"
        yield from table(
            ("資料", "ファイル", "時点", "行数", "SHA-256"),
            [(f"資料{f.no}", f.file, words.day(f.as_of), words.file_rows(f), f.sha256) for f in trace.files],
        )
        yield ""
    rules = ([trace.policy] if trace.policy else []) + list(trace.rules)
    if rules:
        yield "決まりのファイル"
        yield from table(("ファイル", "版", "承認", "SHA-256"), [_rule(rule) for rule in rules])


def _rule(rule: RuleFile) -> tuple[str, ...]:
    return (rule.file, rule.version, words.approval(rule, with_reason=True).removeprefix("承認 "), rule.sha256)


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Aligned columns; full-width characters take two places."""
    widths = [max(_width(row[i]) for row in (titles, *rows)) for i in range(len(titles))]
    for row in (titles, *rows):
        yield ("  " + "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True))).rstrip()


def padded(text: str, width: int) -> str:
    """The text with spaces up to a width in places of a terminal."""
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)
